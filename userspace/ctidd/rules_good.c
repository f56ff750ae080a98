// SPDX-License-Identifier: GPL-2.0-only
/*
 * A copy of the rules that were good last, for a daemon that begins when the files
 * are not: the line FILE, then LINE FILE TEXT for each rule and setting.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../file.h"
#include "../names.h"
#include "../text.h"
#include "rules.h"

/**
 * struct copy - a copy that is written or read
 * @rules: the rules, when it is written
 * @into: the same, when it is read
 * @path: the file that they were read from
 * @ret: 0 or a negative errno
 * @err: what went wrong
 */
struct copy {
	const struct rules *rules;
	struct rules *into;
	const char *path;
	int ret;
	struct ctid_err *err;
};

static void write_path(FILE *out, const char *path)
{
	char *escaped = text_escaped(path);

	fputs(escaped ? escaped : "?", out);
	free(escaped);
}

static void write_all(FILE *out, void *data)
{
	const struct copy *copy = data;
	const struct rules_line *line = copy->rules->lines;
	const struct rules_line *end = line + copy->rules->nlines;

	write_path(out, copy->path);
	fputc('\n', out);
	for (; line < end; line++) {
		fprintf(out, "%u ", line->line);
		write_path(out, line->file);
		fprintf(out, " %s\n", line->text);
	}
}

/**
 * rules_keep() - write a copy of the rules
 * @rules: the rules, without a bad line
 * @path: the file that they were read from
 * @copy: where to
 *
 * Return: 0 or a negative errno.
 */
int rules_keep(const struct rules *rules, const char *path, const char *copy)
{
	struct copy data = { .rules = rules, .path = path };

	return file_replace(copy, RULEFILE_MAX_SIZE, write_all, &data);
}

static void take_line(void *data, unsigned int number, char *text)
{
	struct copy *copy = data;
	uint32_t line;
	char *word = text ? text_word(&text) : NULL;

	if (copy->ret)
		return;
	copy->ret = -EINVAL;
	if (!word)
		return;
	if (number == 1) {
		text_unescape(word);
		if (!strcmp(word, copy->path))
			copy->ret = 0;
		return;
	}
	if (number_parse(word, &line))
		return;
	word = text_word(&text);
	if (!word)
		return;
	text_unescape(word);
	copy->ret = rulefile_line(rules_take, copy->into, word, line, text,
				  copy->err);
}

/**
 * rules_load_kept() - read a copy of the rules
 * @rules: filled; to be freed with rules_free(), also after a failure
 * @path: the file that they are to have been read from
 * @copy: where from
 * @missing: is told of users and groups that rules about processes name and that are
 *	not there any more: such a rule is about nobody
 * @missing_data: for @missing
 * @err: why not
 *
 * Return: 0 or a negative errno.
 */
int rules_load_kept(struct rules *rules, const char *path, const char *copy,
		    rulefile_complain missing, void *missing_data,
		    struct ctid_err *err)
{
	struct copy data = { .into = rules, .path = path, .err = err };
	char *text;
	size_t len;
	int ret;

	rules_init(rules);
	rules->processes.missing = missing;
	rules->processes.data = missing_data;
	ret = file_read(copy, RULEFILE_MAX_SIZE, &text, &len, err);
	if (ret || rules_own(rules, text)) {
		if (ret)
			free(text);
		return ret ? ret : -ENOMEM;
	}
	data.ret = len ? 0 : -EINVAL;
	err_set(err, EINVAL, "%s is no copy of %s", copy, path);
	text_lines(text, len, take_line, &data);
	return data.ret;
}
