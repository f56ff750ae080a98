// SPDX-License-Identifier: GPL-2.0-only
/*
 * The lines of ctid.conf(5) and of the files in its .d directory, for all who read
 * it: what is a line, a word or a file is the same to each.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "file.h"
#include "rulefile.h"
#include "text.h"

static const char *const keywords[RULEFILE_NKEYWORDS] = {
	[RULEFILE_CGROUP]	 = "cgroup",
	[RULEFILE_UNIT]		 = "unit",
	[RULEFILE_MACHINE]	 = "machine",
	[RULEFILE_DOCKER]	 = "docker",
	[RULEFILE_PODMAN]	 = "podman",
	[RULEFILE_LXC]		 = "lxc",
	[RULEFILE_POD]		 = "pod",
	[RULEFILE_DOCKER_SOCKET] = "docker-socket",
	[RULEFILE_PODMAN_SOCKET] = "podman-socket",
	[RULEFILE_CRI_SOCKET]	 = "cri-socket",
	[RULEFILE_PROCESS]	 = "process",
};

/**
 * struct current - the file that is being read
 * @reader: who reads
 * @path: its name
 */
struct current {
	struct rulefile *reader;
	const char *path;
};

/**
 * rulefile_bad() - complain about a line
 * @reader: who reads
 * @file: the file that it is in
 * @line: its number
 * @reason: what is wrong with it
 */
void rulefile_bad(struct rulefile *reader, const char *file, unsigned int line,
		  const char *reason)
{
	struct ctid_err full;

	reader->nbad++;
	if (!reader->complain)
		return;
	err_set(&full, EINVAL, "%.500s:%u: %.800s", file, line, reason);
	reader->complain(reader->complain_data, full.text);
}

/**
 * rulefile_twice() - complain about what can be said once
 * @word: what is said a second time
 * @err: gets the complaint
 *
 * Return: -EINVAL.
 */
int rulefile_twice(const char *word, struct ctid_err *err)
{
	return err_set(err, EINVAL, "%s is there twice", word);
}

/* Who takes some kinds of lines only shall not pass over one that is misspelt. */
static int find_keyword(struct rulefile_line *line, struct ctid_err *err)
{
	int i;

	for (i = 0; i < RULEFILE_NKEYWORDS; i++) {
		if (!strcmp(keywords[i], line->words[0])) {
			line->keyword = (enum rulefile_keyword)i;
			return 0;
		}
	}
	return err_set(err, EINVAL,
		       "\"%s\" is nothing that a line can begin with: see ctid.conf(5)",
		       show(line->words[0]).s);
}

/**
 * rulefile_line() - have a line be taken
 * @take: takes it, unless it says nothing
 * @data: for @take
 * @file: the file that it is in
 * @line: its number
 * @text: the line
 * @err: what is wrong with it
 *
 * Return: 0 or a negative errno.
 */
int rulefile_line(rulefile_take take, void *data, const char *file,
		  unsigned int line, const char *text, struct ctid_err *err)
{
	char *words[RULEFILE_MAX_WORDS + 1];
	char *copy = strdup(text), *rest = copy;
	struct rulefile_line full = { file, line, text, words, 0, 0 };
	int ret = 0;

	if (!copy)
		return err_set(err, ENOMEM, "%s", strerror(ENOMEM));
	while (full.nwords <= RULEFILE_MAX_WORDS &&
	       (words[full.nwords] = text_word(&rest)))
		text_unescape(words[full.nwords++]);
	if (full.nwords > RULEFILE_MAX_WORDS)
		ret = err_set(err, E2BIG, "has too many words");
	else if (full.nwords)
		ret = find_keyword(&full, err);
	if (!ret && full.nwords)
		ret = take(data, &full, err);
	free(copy);
	return ret;
}

static void on_line(void *data, unsigned int line, char *text)
{
	const struct current *now = data;
	struct rulefile *reader = now->reader;
	struct ctid_err err;

	if (!text)
		rulefile_bad(reader, now->path, line,
			     "has a NUL byte: is it a text file?");
	else if (rulefile_line(reader->take, reader->data, now->path, line, text,
			       &err))
		rulefile_bad(reader, now->path, line, err.text);
}

static int read_one(struct rulefile *reader, const char *path, size_t *len,
		    struct ctid_err *err)
{
	struct current now = { reader, path };
	char *text;
	int ret;

	ret = file_read(path, RULEFILE_MAX_SIZE, &text, len, err);
	if (!ret)
		text_lines(text, *len, on_line, &now);
	free(text);
	return ret;
}

static int is_conf(const struct dirent *entry)
{
	size_t len = strlen(entry->d_name);

	return *entry->d_name != '.' && len > 5 &&
	       !strcmp(entry->d_name + len - 5, ".conf");
}

/* Not alphasort(): whoever loads the PAM module may speak another language. */
static int by_bytes(const struct dirent **one, const struct dirent **other)
{
	return strcmp((*one)->d_name, (*other)->d_name);
}

static int read_directory(struct rulefile *reader, const char *path,
			  struct ctid_err *err)
{
	struct dirent **entries;
	int count, i, ret = 0;
	size_t len;
	char *file;

	count = scandir(path, &entries, is_conf, by_bytes);
	if (count < 0 && errno == ENOENT)
		return 0;
	/* Who cannot read a directory does not know what it says. */
	if (count < 0)
		return err_set(err, errno, "cannot read %s: %s", path,
			       strerror(errno));
	for (i = 0; i < count; i++) {
		if (asprintf(&file, "%s/%s", path, entries[i]->d_name) < 0)
			file = NULL;
		if (!ret)
			ret = file ? read_one(reader, file, &len, err) :
			      err_set(err, ENOMEM, "%s", strerror(ENOMEM));
		free(file);
		free(entries[i]);
	}
	free(entries);
	return ret;
}

static int read_directory_of(struct rulefile *reader, const char *path,
			     struct ctid_err *err)
{
	char *directory;
	int ret;

	if (!strcmp(path, "-"))
		return 0;
	if (asprintf(&directory, "%s.d", path) < 0)
		return err_set(err, ENOMEM, "%s", strerror(ENOMEM));
	ret = read_directory(reader, directory, err);
	free(directory);
	return ret;
}

/**
 * rulefile_read() - read a file, then those of PATH.d by name
 * @reader: who reads
 * @path: the file, or "-" for the standard input, which has no directory
 * @must: it is a failure if there is none
 * @err: why they could not be read at all
 *
 * Bad lines are no failure: @reader->nbad counts them. An empty file is one: a full disk
 * may have left it, or a program that failed.
 *
 * Return: 0 or a negative errno, -ENOENT if there is no such file.
 */
int rulefile_read(struct rulefile *reader, const char *path, bool must,
		  struct ctid_err *err)
{
	bool empty;
	size_t len;
	int ret;

	ret = read_one(reader, path, &len, err);
	if (ret && (must || ret != -ENOENT))
		return ret;
	empty = !ret && !len;
	ret = read_directory_of(reader, path, err);
	if (!ret && empty && !reader->nbad)
		ret = err_set(err, EINVAL,
			      "%s is empty: write a comment into it if it is to have no rules",
			      file_name(path));
	return ret;
}
