// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which ids of ranges were given to whom: a file with a line each, ID KEY, that
 * outlives reboots. Who came last is at its end.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../file.h"
#include "../names.h"
#include "../text.h"
#include "memory.h"

#define MAX_SIZE	(1UL << 30)

/**
 * struct gift - an id that was given
 * @id: the id
 * @key: to whom
 * @next: who came after
 * @prev: who came before
 */
struct gift {
	uint32_t id;
	char *key;
	struct gift *next;
	struct gift *prev;
};

/**
 * struct memory - the ids that were given
 * @path: the file
 * @reader: who is told of its bad lines
 * @by_key: them
 * @by_id: the same
 * @oldest: who came first
 * @newest: who came last
 * @changed: the file does not have it all
 */
struct memory {
	char *path;
	struct rulefile reader;
	void *by_key;
	void *by_id;
	struct gift *oldest;
	struct gift *newest;
	bool changed;
};

static int compare_keys(const void *a, const void *b)
{
	return strcmp(((const struct gift *)a)->key, ((const struct gift *)b)->key);
}

static int compare_ids(const void *a, const void *b)
{
	const struct gift *x = a, *y = b;

	return x->id < y->id ? -1 : x->id > y->id;
}

static struct gift *find(const struct memory *memory, const char *key)
{
	struct gift like = { .key = (char *)key };
	struct gift **found = tfind(&like, &memory->by_key, compare_keys);

	return found ? *found : NULL;
}

static void unlink_gift(struct memory *memory, struct gift *gift)
{
	if (gift->prev)
		gift->prev->next = gift->next;
	else
		memory->oldest = gift->next;
	if (gift->next)
		gift->next->prev = gift->prev;
	else
		memory->newest = gift->prev;
	gift->next = NULL;
	gift->prev = NULL;
}

static void link_last(struct memory *memory, struct gift *gift)
{
	gift->prev = memory->newest;
	if (memory->newest)
		memory->newest->next = gift;
	else
		memory->oldest = gift;
	memory->newest = gift;
}

static void take_back(struct memory *memory, struct gift *gift)
{
	tdelete(gift, &memory->by_key, compare_keys);
	tdelete(gift, &memory->by_id, compare_ids);
	unlink_gift(memory, gift);
	free(gift->key);
	free(gift);
}

static struct gift *new_gift(const char *key, uint32_t id)
{
	struct gift *gift = calloc(1, sizeof(*gift));

	if (gift) {
		gift->id = id;
		gift->key = strdup(key);
	}
	if (gift && !gift->key) {
		free(gift);
		gift = NULL;
	}
	return gift;
}

/**
 * memory_give() - remember that an id was given
 * @memory: the memory
 * @key: to whom, who may have had another
 * @id: the id, which nobody has
 *
 * Return: 0 or -ENOMEM.
 */
int memory_give(struct memory *memory, const char *key, uint32_t id)
{
	struct gift *old = find(memory, key), *gift = new_gift(key, id);

	if (!gift)
		return -ENOMEM;
	if (old)
		take_back(memory, old);
	if (!tsearch(gift, &memory->by_key, compare_keys) ||
	    !tsearch(gift, &memory->by_id, compare_ids)) {
		tdelete(gift, &memory->by_key, compare_keys);
		free(gift->key);
		free(gift);
		return -ENOMEM;
	}
	link_last(memory, gift);
	memory->changed = true;
	return 0;
}

static int take_words(struct memory *memory, const char *word, char *key,
		      struct ctid_err *err)
{
	uint32_t id;

	if (!is_number(word) || number_parse(word, &id) || !id)
		return err_set(err, EINVAL, "\"%s\" is no container id: 1 to 4294967295",
			       show(word).s);
	if (!key)
		return err_set(err, EINVAL, "it is not said who has %u", id);
	if (memory_has(memory, id))
		return err_set(err, EINVAL, "%u is there twice", id);
	text_unescape(key);
	return memory_give(memory, key, id) ?
	       err_set(err, ENOMEM, "%s", strerror(ENOMEM)) : 0;
}

static void take_line(void *data, unsigned int line, char *text)
{
	struct memory *memory = data;
	struct ctid_err err = { "has a NUL byte" }, full;
	char *word = text ? text_word(&text) : NULL;

	if (text && (!word || !take_words(memory, word, text_word(&text), &err)))
		return;
	err_set(&full, EINVAL, "%.800s: the line is left out", err.text);
	rulefile_bad(&memory->reader, memory->path, line, full.text);
}

/**
 * memory_open() - read what was given
 * @path: the file; it may not be there yet
 * @complain: is told of each bad line, which is no failure, but is left out when the
 *	file is written next; or NULL
 * @data: for @complain
 * @err: why not
 *
 * Return: the memory, to be closed with memory_close(), or NULL.
 */
struct memory *memory_open(const char *path, rulefile_complain complain,
			   void *data, struct ctid_err *err)
{
	struct memory *memory = calloc(1, sizeof(*memory));
	char *text = NULL;
	size_t len;
	int ret;

	if (memory)
		memory->path = strdup(path);
	if (!memory || !memory->path) {
		err_set(err, ENOMEM, "%s", strerror(ENOMEM));
		free(memory);
		return NULL;
	}
	memory->reader.complain = complain;
	memory->reader.complain_data = data;
	ret = file_read(path, MAX_SIZE, &text, &len, err);
	if (!ret)
		text_lines(text, len, take_line, memory);
	free(text);
	memory->changed = false;
	if (!ret || ret == -ENOENT)
		return memory;
	memory_close(memory);
	return NULL;
}

/**
 * memory_close() - let go of it; the file stays
 * @memory: the memory
 */
void memory_close(struct memory *memory)
{
	while (memory->oldest)
		take_back(memory, memory->oldest);
	free(memory->path);
	free(memory);
}

/**
 * memory_id() - which id somebody was given
 * @memory: the memory; who asks is the last that came
 * @key: who
 * @first: the first id of the range
 * @last: the last one
 *
 * Return: the id, or 0 if there is none in the range.
 */
uint32_t memory_id(struct memory *memory, const char *key, uint32_t first,
		   uint32_t last)
{
	struct gift *gift = find(memory, key);

	if (!gift || gift->id < first || gift->id > last)
		return 0;
	if (gift->next) {
		unlink_gift(memory, gift);
		link_last(memory, gift);
		memory->changed = true;
	}
	return gift->id;
}

/**
 * memory_has() - was the id given to somebody?
 * @memory: the memory
 * @id: the id
 */
bool memory_has(const struct memory *memory, uint32_t id)
{
	struct gift like = { .id = id };

	return tfind(&like, &memory->by_id, compare_ids);
}

/**
 * memory_oldest() - take back the id of who has not come for longest
 * @memory: the memory
 * @first: the first id of the range
 * @last: the last one
 * @in_use: tells which may not be taken
 * @data: for @in_use
 *
 * Return: the id, which nobody has any more, or 0.
 */
uint32_t memory_oldest(struct memory *memory, uint32_t first, uint32_t last,
		       memory_in_use in_use, void *data)
{
	struct gift *gift;
	uint32_t id;

	for (gift = memory->oldest; gift; gift = gift->next) {
		if (gift->id < first || gift->id > last ||
		    in_use(data, gift->id, gift->key))
			continue;
		id = gift->id;
		take_back(memory, gift);
		memory->changed = true;
		return id;
	}
	return 0;
}

static void write_all(FILE *out, void *data)
{
	const struct memory *memory = data;
	const struct gift *gift;
	char *key;

	fputs("# Ids that ctidd chose from ranges: ID KEY, see ctid.conf(5).\n",
	      out);
	for (gift = memory->oldest; gift; gift = gift->next) {
		key = text_escaped(gift->key);
		if (key)
			fprintf(out, "%u %s\n", gift->id, key);
		free(key);
	}
}

/**
 * memory_save() - have the file be what is remembered
 * @memory: the memory
 *
 * Return: 0 or a negative errno.
 */
int memory_save(struct memory *memory)
{
	int ret = 0;

	if (memory->changed)
		ret = file_replace(memory->path, MAX_SIZE, write_all, memory);
	if (!ret)
		memory->changed = false;
	return ret;
}

/**
 * memory_is_changed() - does the file lack something?
 * @memory: the memory
 */
bool memory_is_changed(const struct memory *memory)
{
	return memory->changed;
}

/**
 * memory_set_saved() - note whether somebody else writes it, or did not
 * @memory: the memory
 * @saved: whether
 */
void memory_set_saved(struct memory *memory, bool saved)
{
	memory->changed = !saved;
}
