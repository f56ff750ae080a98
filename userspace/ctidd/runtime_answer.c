// SPDX-License-Identifier: GPL-2.0-only
/* What Docker's API, which is Podman's too, says of a container. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "asks.h"
#include "labels.h"

/*
 * NULL also for a string with a NUL byte, of which only the part before it would be
 * seen. Images can have such labels.
 */
static const char *text_of(const json_t *string)
{
	const char *text = json_string_value(string);

	return text && strlen(text) == json_string_length(string) ? text : NULL;
}

static int take_labels(struct subject *subject, const struct labels *named,
		       json_t *labels)
{
	const char *key, *text;
	json_t *value;
	int ret = 0;

	json_object_foreach(labels, key, value) {
		text = text_of(value);
		if (text && !ret)
			ret = labels_add(named, subject, key, text);
	}
	return ret;
}

/* Podman says where the container is, or, deeper, where its first process is. */
static bool is_elsewhere(const struct subject *subject, json_t *json)
{
	json_t *state = json_object_get(json, "State");
	const char *place = text_of(json_object_get(state, "CgroupPath"));
	size_t len = strlen(subject->path);

	if (!place || !*place)
		return subject->unsure;
	return strncmp(place, subject->path, len) ||
	       (place[len] && place[len] != '/');
}

static int take_all(struct subject *subject, const struct labels *named,
		    json_t *json)
{
	const char *name = text_of(json_object_get(json, "Name"));
	json_t *config = json_object_get(json, "Config");
	const char *image = text_of(json_object_get(config, "Image"));

	if (!name)
		return -EPROTO;
	if (subject->kind == SUBJECT_PODMAN && is_elsewhere(subject, json))
		return -ENOENT;
	if (*name == '/')
		name++;
	subject->name = strdup(name);
	subject->image = image ? strdup(image) : NULL;
	if (!subject->name || (image && !subject->image))
		return -ENOMEM;
	return take_labels(subject, named,
			   json_object_get(config, "Labels"));
}

/**
 * runtime_answer() - take what a runtime says of a container
 * @subject: the container; it is told, if this succeeds
 * @labels: those that rules name
 * @body: the answer
 * @len: its length
 *
 * Return: 0 or a negative errno: -ENOENT if this is said of another cgroup.
 */
int runtime_answer(struct subject *subject, const struct labels *labels,
		   const char *body, size_t len)
{
	json_t *json = json_loadb(body, len,
				  JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, NULL);
	int ret;

	if (!json)
		return -EPROTO;
	ret = take_all(subject, labels, json);
	json_decref(json);
	if (ret)
		subject_forget(subject);
	else
		subject->told = TOLD_ALL;
	return ret;
}
