// SPDX-License-Identifier: GPL-2.0-only
/* The rules of ctid.conf and ctid.conf.d: all lines, together or not at all. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../text.h"
#include "rules.h"

/* An array that is full when its length is a power of two, or 0. */
static void *grow(void *array, size_t count, size_t size)
{
	if (count & (count - 1))
		return array;
	return realloc(array, (count ? count * 2 : 1) * size);
}

/**
 * rules_own() - have the rules free a string with them
 * @rules: the rules
 * @text: the string, which is freed at once if this fails
 *
 * Return: 0 or -ENOMEM.
 */
int rules_own(struct rules *rules, char *text)
{
	char **more;

	if (!text)
		return -ENOMEM;
	more = grow(rules->texts, rules->ntexts, sizeof(*more));
	if (!more) {
		free(text);
		return -ENOMEM;
	}
	rules->texts = more;
	more[rules->ntexts++] = text;
	return 0;
}

static int add_rule(struct rules *rules, const struct rule *rule)
{
	struct rule *more = grow(rules->rules, rules->nrules, sizeof(*more));

	if (!more)
		return -ENOMEM;
	rules->rules = more;
	more[rules->nrules++] = *rule;
	return 0;
}

static int add_line(struct rules *rules, const struct rules_line *line)
{
	struct rules_line *more = grow(rules->lines, rules->nlines, sizeof(*more));

	if (!more)
		return -ENOMEM;
	rules->lines = more;
	more[rules->nlines++] = *line;
	return 0;
}

/* The name of a file, which its lines share. */
static const char *own_file(struct rules *rules, const char *file)
{
	char *copy;

	if (rules->nlines && !strcmp(rules->lines[rules->nlines - 1].file, file))
		return rules->lines[rules->nlines - 1].file;
	copy = strdup(file);
	return rules_own(rules, copy) ? NULL : copy;
}

/* As @from, but of strings that live as long as the rules. */
static int own_line(struct rules *rules, struct rulefile_line *line,
		    const struct rulefile_line *from)
{
	char *text = strdup(from->text + strspn(from->text, " \t"));

	line->text = text;
	line->line = from->line;
	line->keyword = from->keyword;
	if (rules_own(rules, text))
		return -ENOMEM;
	line->file = own_file(rules, from->file);
	if (!line->file)
		return -ENOMEM;
	for (; line->nwords < from->nwords; line->nwords++) {
		char *word = strdup(from->words[line->nwords]);

		if (rules_own(rules, word))
			return -ENOMEM;
		line->words[line->nwords] = word;
	}
	return 0;
}

/**
 * rules_take() - add a line to the rules
 * @data: the rules
 * @from: the line
 * @err: what is wrong with it
 *
 * Return: 0 or a negative errno.
 */
int rules_take(void *data, const struct rulefile_line *from,
	       struct ctid_err *err)
{
	char *words[RULEFILE_MAX_WORDS];
	struct rulefile_line line = { .words = words };
	struct rules *rules = data;
	struct rule rule = { 0 };
	int ret;

	if (own_line(rules, &line, from))
		return err_set(err, ENOMEM, "%s", strerror(ENOMEM));
	rule.file = line.file;
	rule.line = line.line;
	rule.text = line.text;
	ret = rule_parse(rules, &rule, &line, err);
	if (ret < 0)
		return ret;
	ret = ret ? add_rule(rules, &rule) : 0;
	if (!ret)
		ret = add_line(rules, &(struct rules_line){ line.file, line.line,
							    line.text });
	return ret ? err_set(err, ENOMEM, "%s", strerror(ENOMEM)) : 0;
}

/* A fixed id is nobody else's: else a range would give it to another. */
static void check_ids(const struct rules *rules, struct rulefile *reader)
{
	const struct rule *one, *range, *end = rules->rules + rules->nrules;
	struct ctid_err err;

	for (one = rules->rules; one < end; one++) {
		if (!one->first || one->first != one->last)
			continue;
		for (range = rules->rules; range < end; range++) {
			if (range->first == range->last ||
			    one->first < range->first || one->first > range->last)
				continue;
			err_set(&err, EINVAL,
				"id %u is in the range of %s:%u: choose one outside of it",
				one->first, range->file, range->line);
			rulefile_bad(reader, one->file, one->line, err.text);
			break;
		}
	}
}

/* One id has one name, and a name one id. */
static void check_names(const struct rules *rules, struct rulefile *reader)
{
	const struct rule *one, *other, *end = rules->rules + rules->nrules;
	struct ctid_err err;

	for (one = rules->rules; one < end; one++) {
		if (!one->name || one->first != one->last)
			continue;
		for (other = rules->rules; other < one; other++) {
			if (!other->name || other->first != other->last ||
			    (one->first == other->first) ==
			    !strcmp(one->name, other->name))
				continue;
			err_set(&err, EINVAL,
				"container %u is \"%s\", but %s:%u has container %u \"%s\"",
				one->first, one->name, other->file, other->line,
				other->first, other->name);
			rulefile_bad(reader, one->file, one->line, err.text);
			break;
		}
	}
}

/**
 * rules_init() - begin with no rules
 * @rules: filled; to be freed with rules_free()
 */
void rules_init(struct rules *rules)
{
	*rules = (struct rules){
		.sockets[SUBJECT_DOCKER] = "/run/docker.sock",
		.sockets[SUBJECT_PODMAN] = "/run/podman/podman.sock",
	};
}

/**
 * rules_load() - read a file of rules, and those of its directory
 * @rules: filled with the good lines; to be freed with rules_free(), also after
 *	a failure
 * @path: the file; the files *.conf of the directory PATH.d follow it
 * @complain: is told of each bad line, or NULL
 * @data: for @complain
 * @err: why they could not be read at all
 *
 * Files with bad lines are no failure: @rules->nbad counts them. An empty file is one.
 *
 * Return: 0 or a negative errno, -ENOENT if there is no such file.
 */
int rules_load(struct rules *rules, const char *path,
	       rulefile_complain complain, void *data, struct ctid_err *err)
{
	struct rulefile reader = {
		.take = rules_take, .data = rules,
		.complain = complain, .complain_data = data,
	};
	int ret;

	rules_init(rules);
	ret = rulefile_read(&reader, path, true, err);
	if (!ret && rules->nrules) {
		check_ids(rules, &reader);
		check_names(rules, &reader);
	}
	rules->nbad = reader.nbad;
	return ret;
}

/**
 * rules_count() - count the rules
 * @rules: the rules
 *
 * Return: how many there are, about cgroups and about processes.
 */
size_t rules_count(const struct rules *rules)
{
	return rules->nrules + rules->processes.count;
}

/**
 * rules_free() - forget the rules
 * @rules: what rules_load() was given
 */
void rules_free(struct rules *rules)
{
	size_t i;

	for (i = 0; i < rules->ntexts; i++)
		free(rules->texts[i]);
	free(rules->texts);
	free(rules->lines);
	free(rules->rules);
	classify_free(&rules->processes);
	*rules = (struct rules){ 0 };
}
