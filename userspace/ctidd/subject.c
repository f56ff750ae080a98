// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the path of a cgroup tells: systemd and the runtimes name theirs after
 * what is in them.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../text.h"
#include "subject.h"

#define CONTAINER_ID_LEN	64
#define POD_UID_MIN		32

static const char *const unit_types[] = {
	".service", ".scope", ".slice", ".socket", ".mount", ".swap",
};

static bool ends_with(const char *word, const char *end)
{
	size_t len = strlen(word), part = strlen(end);

	return len > part && !strcmp(word + len - part, end);
}

static bool is_unit(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(unit_types) / sizeof(*unit_types); i++)
		if (ends_with(name, unit_types[i]))
			return true;
	return false;
}

/*
 * No unit of the host's is below a service or a scope. What is there may have been
 * made by somebody that the unit was delegated to, and who may be root in a container.
 */
static bool is_below_unit(const char *path)
{
	const char *end;

	for (; (end = strchr(path + 1, '/')); path = end)
		if ((end - path > 8 && !memcmp(end - 8, ".service", 8)) ||
		    (end - path > 6 && !memcmp(end - 6, ".scope", 6)))
			return true;
	return false;
}

/* systemd's \x2d. */
static void unescape_hex(char *s)
{
	char *to = s, hex[3] = "", *end;
	char byte;

	while (*s) {
		byte = *s++;
		if (byte == '\\' && *s == 'x' && s[1] && s[2]) {
			hex[0] = s[1];
			hex[1] = s[2];
			*to = (char)strtoul(hex, &end, 16);
			if (!*end && *to) {
				to++;
				s += 3;
				continue;
			}
		}
		*to++ = byte;
	}
	*to = '\0';
}

/* What stands between @before and @after, or NULL. Both must be there. */
static char *between(const char *name, const char *before, const char *after)
{
	size_t skip = strlen(before);

	if (strncmp(name, before, skip) || strlen(name + skip) <= strlen(after))
		return NULL;
	if (*after && !ends_with(name + skip, after))
		return NULL;
	return strndup(name + skip, strlen(name + skip) - strlen(after));
}

static bool is_hex(const char *word, size_t len)
{
	return strlen(word) == len &&
	       strspn(word, "0123456789abcdef") == len;
}

/* A container's id between these, or NULL. */
static char *id_between(const char *name, const char *before, const char *after)
{
	char *id = between(name, before, after);

	if (id && !is_hex(id, CONTAINER_ID_LEN)) {
		free(id);
		return NULL;
	}
	return id;
}

static bool read_docker(struct subject *subject, const char *name)
{
	subject->id = id_between(name, "docker-", ".scope");
	if (!subject->id)
		subject->id = id_between(name, "", "");
	if (subject->id)
		subject->kind = SUBJECT_DOCKER;
	return subject->id;
}

static bool read_podman(struct subject *subject, const char *name)
{
	static const char *const forms[][2] = {
		{ "libpod-", ".scope" },
		{ "libpod-", "" },
		{ "libpod-payload-", "" },
	};
	size_t i;

	for (i = 0; !subject->id && i < sizeof(forms) / sizeof(*forms); i++)
		subject->id = id_between(name, forms[i][0], forms[i][1]);
	if (subject->id)
		subject->kind = SUBJECT_PODMAN;
	return subject->id;
}

static const char *pod_qos(const char *path)
{
	if (strstr(path, "burstable"))
		return "burstable";
	return strstr(path, "besteffort") ? "besteffort" : "guaranteed";
}

/*
 * /kubepods/burstable/podUID, or with systemd
 * /kubepods.slice/kubepods-burstable.slice/kubepods-burstable-podUID.slice,
 * whose UID has '_' for '-'; below another cgroup where the kubelet is told so.
 */
static bool read_pod(struct subject *subject, const char *name)
{
	const char *uid = strstr(name, "pod");
	char *c;

	if (!strstr(subject->path, "/kubepods"))
		return false;
	if (!strncmp(name, "kubepods", strlen("kubepods"))) {
		uid = strstr(name, "-pod");
		uid = uid ? uid + 1 : NULL;
	} else if (uid != name) {
		return false;
	}
	if (!uid)
		return false;
	subject->id = between(uid, "pod", ends_with(uid, ".slice") ? ".slice" : "");
	if (!subject->id)
		return false;
	if (strlen(subject->id) < POD_UID_MIN) {
		free(subject->id);
		subject->id = NULL;
		return false;
	}
	for (c = subject->id; *c; c++)
		if (*c == '_')
			*c = '-';
	subject->qos = pod_qos(subject->path);
	subject->kind = SUBJECT_POD;
	return true;
}

/*
 * machine-NAME.scope, which newer versions of systemd call NAME.scope, where only
 * Podman has scopes, too.
 */
static char *machine_scope(const char *path, const char *name)
{
	char *machine = between(name, "machine-", ".scope");
	size_t above = (size_t)(name - path);

	if (!machine && above == strlen("/machine.slice/") &&
	    !strncmp(path, "/machine.slice/", above) &&
	    strncmp(name, "libpod-", strlen("libpod-")) != 0)
		machine = between(name, "", ".scope");
	return machine;
}

/* Names that the path has as a whole: nobody has to be asked. */
static bool read_named(struct subject *subject, const char *name)
{
	subject->name = between(name, "lxc.payload.", "");
	if (subject->name) {
		subject->kind = SUBJECT_LXC;
	} else {
		subject->name = machine_scope(subject->path,
					      strrchr(subject->path, '/') + 1);
		if (!subject->name)
			subject->name = between(name, "systemd-nspawn@",
						".service");
		if (!subject->name)
			return false;
		unescape_hex(subject->name);
		subject->kind = SUBJECT_MACHINE;
	}
	subject->told = TOLD_ALL;
	return true;
}

/* lxc@NAME.service/lxc.payload.NAME: the unit is the host's, and says the same. */
static bool read_lxc_unit(struct subject *subject, const char *name)
{
	char *container = between(name, "lxc.payload.", "");
	char *above = strndup(subject->path, (size_t)(name - 1 - subject->path));
	char *unit = above ? strrchr(above, '/') : NULL, *instance = NULL;

	if (container && unit && !is_below_unit(above))
		instance = between(unit + 1, "lxc@", ".service");
	if (instance && !strcmp(instance, container)) {
		subject->name = container;
		subject->kind = SUBJECT_LXC;
		subject->told = TOLD_ALL;
		container = NULL;
	}
	free(instance);
	free(above);
	free(container);
	return subject->name;
}

/* Of what is below a unit only what cannot be elsewhere. */
static void read_below_unit(struct subject *subject, const char *name)
{
	if (read_lxc_unit(subject, name))
		return;
	subject->id = id_between(name, "libpod-payload-", "");
	if (!subject->id)
		return;
	subject->kind = SUBJECT_PODMAN;
	subject->unsure = true;
}

/**
 * subject_init() - take from the path of a cgroup what it tells
 * @subject: filled; to be cleaned with subject_clean(), also after a failure
 * @path: below the cgroup2 mount
 * @trusted: root alone can have named it, and no container is above it; if not,
 *	the path says nothing but itself
 *
 * Return: 0 or -ENOMEM.
 */
int subject_init(struct subject *subject, const char *path, bool trusted)
{
	bool below_unit = is_below_unit(path);
	const char *name;

	*subject = (struct subject){ .trusted = trusted };
	subject->path = strdup(path);
	if (!subject->path)
		return -ENOMEM;
	name = strrchr(subject->path, '/');
	name = name ? name + 1 : subject->path;
	if (!trusted || !*name)
		return 0;
	/* systemd puts '_' before what would look like a file of the kernel's. */
	if (is_unit(name) && !below_unit) {
		subject->unit = strdup(*name == '_' ? name + 1 : name);
		if (!subject->unit)
			return -ENOMEM;
	}
	if (below_unit)
		read_below_unit(subject, name);
	else if (!read_pod(subject, name) && !read_podman(subject, name) &&
		 !read_docker(subject, name))
		read_named(subject, name);
	return 0;
}

/**
 * subject_is_in_unit() - can it be one that others than root make cgroups in?
 * @path: of the cgroup, below the cgroup2 mount
 *
 * Return: true if it is a service or a scope, or below one.
 */
bool subject_is_in_unit(const char *path)
{
	return ends_with(path, ".service") || ends_with(path, ".scope") ||
	       is_below_unit(path);
}

/**
 * subject_forget() - forget what others told
 * @subject: the subject, of a kind that others are asked about
 */
void subject_forget(struct subject *subject)
{
	size_t i;

	for (i = 0; i < subject->nlabels; i++)
		free(subject->labels[i]);
	free(subject->labels);
	free(subject->image);
	free(subject->namespace);
	free(subject->name);
	free(subject->trouble);
	subject->labels = NULL;
	subject->nlabels = 0;
	subject->nothers = 0;
	subject->image = NULL;
	subject->namespace = NULL;
	subject->name = NULL;
	subject->trouble = NULL;
	subject->told = TOLD_NOTHING;
}

/**
 * subject_trouble() - say why something is not known
 * @subject: about what
 * @fmt: the reason
 */
void subject_trouble(struct subject *subject, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	text_replace(&subject->trouble, fmt, ap);
	va_end(ap);
}

/**
 * subject_add_label() - note a label
 * @subject: whose
 * @key: its key. One with '=' could pass for another one with a value, and is
 *	left out
 * @value: its value
 *
 * Return: 0 or -ENOMEM.
 */
int subject_add_label(struct subject *subject, const char *key,
		      const char *value)
{
	size_t n = subject->nlabels;
	char **more = subject->labels;

	if (strchr(key, '='))
		return 0;
	/* It is full when its length is a power of two, or 0. */
	if (!(n & (n - 1)))
		more = realloc(more, (n ? n * 2 : 1) * sizeof(*more));
	if (!more)
		return -ENOMEM;
	subject->labels = more;
	if (asprintf(&more[n], "%s=%s", key, value) < 0)
		return -ENOMEM;
	subject->nlabels++;
	return 0;
}

/**
 * subject_add_other() - note a label that no rule names, as long as these are few
 * @subject: whose
 * @key: its key, as with subject_add_label()
 * @value: its value
 *
 * Return: 0 or -ENOMEM.
 */
int subject_add_other(struct subject *subject, const char *key,
		      const char *value)
{
	size_t before = subject->nlabels;
	int ret;

	if (subject->nothers == SUBJECT_OTHERS ||
	    strlen(key) + strlen(value) > SUBJECT_OTHER_LEN)
		return 0;
	ret = subject_add_label(subject, key, value);
	subject->nothers += subject->nlabels - before;
	return ret;
}

/**
 * subject_clean() - forget all
 * @subject: filled or zeroed
 */
void subject_clean(struct subject *subject)
{
	subject_forget(subject);
	free(subject->path);
	free(subject->unit);
	free(subject->id);
	*subject = (struct subject){ 0 };
}

/**
 * subject_kind_name() - what a kind is called
 * @kind: the kind
 *
 * Return: the word, as after "a " in a sentence.
 */
const char *subject_kind_name(enum subject_kind kind)
{
	static const char *const names[] = {
		[SUBJECT_PLAIN] = "cgroup",
		[SUBJECT_DOCKER] = "Docker container",
		[SUBJECT_PODMAN] = "Podman container",
		[SUBJECT_POD] = "pod",
		[SUBJECT_LXC] = "LXC container",
		[SUBJECT_MACHINE] = "machine",
	};

	return names[kind];
}
