// SPDX-License-Identifier: GPL-2.0-only
/*
 * container.conf(5): one container a line, ID NAME [FLOW...] [CGROUP...].
 *
 * The file is read at once and cut into words in place. Each bad line is
 * complained about; the caller decides whether the good ones are of use.
 */
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf.h"
#include "file.h"
#include "names.h"
#include "text.h"

/**
 * struct parser - a file that is being read
 * @conf: what was read so far
 * @path: file name, for complaints
 * @complain: is told of bad lines
 * @data: for @complain
 * @nwords: used pointers in @conf->words
 */
struct parser {
	struct conf *conf;
	const char *path;
	conf_complain complain;
	void *data;
	size_t nwords;
};

static void __attribute__((format(printf, 3, 4)))
bad_line(struct parser *p, unsigned int line, const char *fmt, ...)
{
	struct ctid_err reason, full;
	va_list ap;

	p->conf->nbad++;
	if (!p->complain)
		return;
	va_start(ap, fmt);
	vsnprintf(reason.text, sizeof(reason.text), fmt, ap);
	va_end(ap);
	err_set(&full, EINVAL, "%s:%u: %.800s", p->path, line, reason.text);
	p->complain(p->data, full.text);
}

static bool parse_id(struct parser *p, struct conf_entry *entry, char *word)
{
	int ret = number_parse(word, &entry->id);

	if (!is_number(word))
		bad_line(p, entry->line,
			 "\"%s\" is no container id: a line is ID NAME [FLOW...] [CGROUP...]",
			 show(word).s);
	else if (ret || !entry->id)
		bad_line(p, entry->line,
			 "container id %s is out of range: 1 to 4294967295",
			 show(word).s);
	else
		return true;
	return false;
}

static bool parse_name(struct parser *p, struct conf_entry *entry, char *word)
{
	const char *problem;

	if (!word) {
		bad_line(p, entry->line,
			 "container %u has no name: write " NO_NAME
			 " if it is to have none", entry->id);
		return false;
	}
	if (!strcmp(word, NO_NAME))
		return true;
	problem = name_problem(word);
	if (problem) {
		bad_line(p, entry->line, "the name \"%s\" %s", show(word).s,
			 problem);
		return false;
	}
	entry->name = word;
	return true;
}

static bool parse_flow(struct parser *p, struct conf_entry *entry,
		       const char *word, const char *value)
{
	struct ctid_err err;

	if (!flow_parse(&entry->flow, word, value, &err))
		return true;
	bad_line(p, entry->line, "%s", err.text);
	return false;
}

static bool goes_up(const char *path)
{
	for (; (path = strstr(path, "/..")); path += strlen("/.."))
		if (!path[3] || path[3] == '/')
			return true;
	return false;
}

/* One cgroup has one path, in which no "//", "/./" and last "/" are. */
static void tidy_path(char *path)
{
	char *to = path, *from = path;
	size_t len;

	while (*(from += strspn(from, "/"))) {
		len = strcspn(from, "/");
		if (len != 1 || *from != '.') {
			*to++ = '/';
			memmove(to, from, len);
			to += len;
		}
		from += len;
	}
	if (to == path)
		*to++ = '/';
	*to = '\0';
}

static bool parse_cgroup(struct parser *p, struct conf_entry *entry,
			 char *word)
{
	if (*word != '/') {
		bad_line(p, entry->line,
			 "cgroup \"%s\" must begin with '/', the cgroup2 mount",
			 show(word).s);
		return false;
	}
	text_unescape(word);
	if (strlen(word) >= PATH_MAX) {
		bad_line(p, entry->line, "cgroup \"%s\" is too long",
			 show(word).s);
		return false;
	}
	if (goes_up(word)) {
		bad_line(p, entry->line,
			 "cgroup \"%s\" must not have \"..\" in it: write where that leads",
			 show(word).s);
		return false;
	}
	tidy_path(word);
	p->conf->words[p->nwords + entry->ncgroups++] = word;
	return true;
}

static void parse_line(void *data, unsigned int line, char *text)
{
	struct parser *p = data;
	struct conf_entry *entry = &p->conf->entries[p->conf->nentries];
	char *word;

	if (!text) {
		bad_line(p, line, "has a NUL byte: is it a text file?");
		return;
	}
	word = text_word(&text);
	if (!word)
		return;
	*entry = (struct conf_entry){ .line = line };
	entry->cgroups = p->conf->words + p->nwords;
	if (!parse_id(p, entry, word) ||
	    !parse_name(p, entry, text_word(&text)))
		return;
	while ((word = text_word(&text)))
		if (flow_is_word(word) ?
		    !parse_flow(p, entry, word, text_word(&text)) :
		    !parse_cgroup(p, entry, word))
			return;
	p->nwords += entry->ncgroups;
	p->conf->nentries++;
}

static int by_id(const void *a, const void *b)
{
	const struct conf_entry *x = *(struct conf_entry *const *)a;
	const struct conf_entry *y = *(struct conf_entry *const *)b;

	if (x->id != y->id)
		return x->id < y->id ? -1 : 1;
	return x->line < y->line ? -1 : x->line > y->line;
}

static int by_name(const void *a, const void *b)
{
	const struct conf_entry *x = *(struct conf_entry *const *)a;
	const struct conf_entry *y = *(struct conf_entry *const *)b;
	int order = strcmp(x->name, y->name);

	return order ? order : (x->line < y->line ? -1 : x->line > y->line);
}

static void index_entries(struct parser *p)
{
	struct conf *conf = p->conf;
	size_t i;

	for (i = 0; i < conf->nentries; i++) {
		conf->by_id[i] = &conf->entries[i];
		if (conf->entries[i].name)
			conf->by_name[conf->nnamed++] = &conf->entries[i];
	}
	qsort(conf->by_id, conf->nentries, sizeof(*conf->by_id), by_id);
	qsort(conf->by_name, conf->nnamed, sizeof(*conf->by_name), by_name);

	for (i = 1; i < conf->nentries; i++)
		if (conf->by_id[i]->id == conf->by_id[i - 1]->id)
			bad_line(p, conf->by_id[i]->line,
				 "container %u is on line %u already",
				 conf->by_id[i]->id, conf->by_id[i - 1]->line);
	for (i = 1; i < conf->nnamed; i++)
		if (!strcmp(conf->by_name[i]->name, conf->by_name[i - 1]->name))
			bad_line(p, conf->by_name[i]->line,
				 "the name \"%s\" is on line %u already",
				 conf->by_name[i]->name,
				 conf->by_name[i - 1]->line);
}

/* A cgroup and the line that has it. */
struct cgroup_use {
	const char *path;
	unsigned int line;
};

static int by_path(const void *a, const void *b)
{
	const struct cgroup_use *x = a, *y = b;
	int order = strcmp(x->path, y->path);

	return order ? order : (x->line < y->line ? -1 : x->line > y->line);
}

/* A cgroup has one container. Twice on one line is needless, but harmless. */
static int check_cgroups(struct parser *p)
{
	struct conf *conf = p->conf;
	struct cgroup_use *uses;
	size_t i, j, n = 0;

	uses = calloc(p->nwords + 1, sizeof(*uses));
	if (!uses)
		return -ENOMEM;
	for (i = 0; i < conf->nentries; i++)
		for (j = 0; j < conf->entries[i].ncgroups; j++)
			uses[n++] = (struct cgroup_use){
				conf->entries[i].cgroups[j],
				conf->entries[i].line,
			};
	qsort(uses, n, sizeof(*uses), by_path);
	for (i = 1; i < n; i++)
		if (!strcmp(uses[i].path, uses[i - 1].path) &&
		    uses[i].line != uses[i - 1].line)
			bad_line(p, uses[i].line,
				 "cgroup \"%s\" is on line %u already",
				 show(uses[i].path).s, uses[i - 1].line);
	free(uses);
	return 0;
}

/* Room for as many lines and words as there can be. */
static int allocate(struct conf *conf, size_t len)
{
	size_t lines = 1, words = 1, i;

	for (i = 0; i < len; i++) {
		lines += conf->text[i] == '\n';
		words += conf->text[i] == '/';
	}
	conf->entries = calloc(lines, sizeof(*conf->entries));
	conf->by_id = calloc(lines, sizeof(struct conf_entry *));
	conf->by_name = calloc(lines, sizeof(struct conf_entry *));
	conf->words = calloc(words, sizeof(char *));
	if (!conf->entries || !conf->by_id || !conf->by_name || !conf->words)
		return -ENOMEM;
	return 0;
}

/**
 * conf_load() - read a file of containers
 * @conf: filled with the good lines; to be freed with conf_free(), also after
 *	a failure
 * @path: the file, or "-" for the standard input
 * @complain: is told of each bad line, or NULL
 * @data: for @complain
 * @err: why it could not be read at all
 *
 * A file with bad lines is no failure: @conf->nbad counts them.
 *
 * Return: 0 or a negative errno, -ENOENT if there is no such file.
 */
int conf_load(struct conf *conf, const char *path, conf_complain complain,
	      void *data, struct ctid_err *err)
{
	struct parser p = {
		.conf = conf,
		.path = file_name(path),
		.complain = complain,
		.data = data,
	};
	size_t len = 0;
	int ret;

	*conf = (struct conf){ 0 };
	ret = file_read(path, CONF_MAX_SIZE, &conf->text, &len, err);
	if (ret)
		return ret;
	ret = allocate(conf, len);
	if (!ret) {
		text_lines(conf->text, len, parse_line, &p);
		index_entries(&p);
		ret = check_cgroups(&p);
	}
	if (ret)
		return err_set(err, -ret, "cannot read %s: %s", p.path,
			       strerror(-ret));
	return 0;
}

/**
 * conf_free() - forget a file
 * @conf: what conf_load() was given
 */
void conf_free(struct conf *conf)
{
	free(conf->entries);
	free(conf->by_id);
	free(conf->by_name);
	free(conf->words);
	free(conf->text);
	*conf = (struct conf){ 0 };
}

static int cmp_id(const void *key, const void *entry)
{
	uint32_t id = *(const uint32_t *)key;
	const struct conf_entry *e = *(struct conf_entry *const *)entry;

	return id < e->id ? -1 : id > e->id;
}

static int cmp_name(const void *key, const void *entry)
{
	const struct conf_entry *e = *(struct conf_entry *const *)entry;

	return strcmp(key, e->name);
}

/**
 * conf_by_id() - find a container by its id
 * @conf: the file
 * @id: container id
 *
 * Return: its line, or NULL.
 */
const struct conf_entry *conf_by_id(const struct conf *conf, uint32_t id)
{
	struct conf_entry **hit;

	if (!conf->nentries)
		return NULL;
	hit = bsearch(&id, conf->by_id, conf->nentries, sizeof(*hit), cmp_id);
	return hit ? *hit : NULL;
}

/**
 * conf_by_name() - find a container by its name
 * @conf: the file
 * @name: its name
 *
 * Return: its line, or NULL.
 */
const struct conf_entry *conf_by_name(const struct conf *conf,
				      const char *name)
{
	struct conf_entry **hit;

	if (!conf->nnamed)
		return NULL;
	hit = bsearch(name, conf->by_name, conf->nnamed, sizeof(*hit),
		      cmp_name);
	return hit ? *hit : NULL;
}
