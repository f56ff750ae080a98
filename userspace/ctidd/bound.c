// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which cgroups the daemon bound, so that one that is restarted can tell them
 * from those that the admin bound.
 *
 * Each is noted in a file in /run before it is bound, and so outlives a daemon
 * that is killed; like cgroup ids, the file does not outlive the kernel. It is
 * appended to, and written anew when most of it is old.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../file.h"
#include "../text.h"
#include "bound.h"

#define BUCKETS		4096
#define MAX_SIZE	(1UL << 30)
/** The file is written anew when it has so many lines more than twice those in use. */
#define SLACK		4096

struct entry {
	struct entry *next;
	uint64_t cgroup;
	uint32_t id;
	uint32_t before;	/* what it was bound to until then, or 0 */
	bool marked;
};

/**
 * struct bound - what was bound
 * @path: the file
 * @fd: the same, to append to
 * @hash: the bindings
 * @count: how many
 * @lines: how many the file has
 */
struct bound {
	char *path;
	int fd;
	struct entry *hash[BUCKETS];
	size_t count;
	size_t lines;
};

static struct entry **place(struct bound *bound, uint64_t cgroup)
{
	struct entry **at = &bound->hash[cgroup % BUCKETS];

	while (*at && (*at)->cgroup != cgroup)
		at = &(*at)->next;
	return at;
}

static const struct entry *find(const struct bound *bound, uint64_t cgroup)
{
	const struct entry *entry = bound->hash[cgroup % BUCKETS];

	while (entry && entry->cgroup != cgroup)
		entry = entry->next;
	return entry;
}

static void forget(struct bound *bound, uint64_t cgroup)
{
	struct entry **at = place(bound, cgroup), *entry = *at;

	if (!entry)
		return;
	*at = entry->next;
	free(entry);
	bound->count--;
}

static int note(struct bound *bound, uint64_t cgroup, uint32_t id)
{
	struct entry **at = place(bound, cgroup);

	if (!*at) {
		*at = calloc(1, sizeof(**at));
		if (!*at)
			return -ENOMEM;
		(*at)->cgroup = cgroup;
		bound->count++;
	}
	if ((*at)->id != id)
		(*at)->before = (*at)->id;
	(*at)->id = id;
	return 0;
}

static void take_line(void *data, unsigned int line, char *text)
{
	struct bound *bound = data;
	uint64_t cgroup;
	uint32_t id;

	(void)line;
	bound->lines++;
	/* A daemon that was killed may have left half a line. */
	if (!text || sscanf(text, "%" SCNu64 " %" SCNu32 ".", &cgroup, &id) != 2 ||
	    text[strlen(text) - 1] != '.')
		return;
	if (id)
		note(bound, cgroup, id);
	else
		forget(bound, cgroup);
}

static void write_all(FILE *out, void *data)
{
	const struct bound *bound = data;
	const struct entry *entry;
	size_t i;

	for (i = 0; i < BUCKETS; i++)
		for (entry = bound->hash[i]; entry; entry = entry->next) {
			if (entry->before)
				fprintf(out, "%" PRIu64 " %" PRIu32 ".\n",
					entry->cgroup, entry->before);
			fprintf(out, "%" PRIu64 " %" PRIu32 ".\n", entry->cgroup,
				entry->id);
		}
}

static int rewrite(struct bound *bound)
{
	int ret = file_replace(bound->path, MAX_SIZE, write_all, bound);

	if (ret)
		return ret;
	if (bound->fd >= 0)
		close(bound->fd);
	bound->fd = open(bound->path, O_WRONLY | O_APPEND | O_CLOEXEC);
	bound->lines = bound->count;
	return bound->fd < 0 ? -errno : 0;
}

static int append(struct bound *bound, uint64_t cgroup, uint32_t id)
{
	char line[48];
	int len;

	if (bound->lines > 2 * bound->count + SLACK)
		return rewrite(bound);
	len = snprintf(line, sizeof(line), "%" PRIu64 " %" PRIu32 ".\n", cgroup,
		       id);
	bound->lines++;
	if (write(bound->fd, line, (size_t)len) != len)
		return errno ? -errno : -EIO;
	return 0;
}

/**
 * bound_open() - read what an earlier daemon noted
 * @path: the file
 * @err: why not
 *
 * Return: the bindings, to be closed with bound_close(), or NULL.
 */
struct bound *bound_open(const char *path, struct ctid_err *err)
{
	struct bound *bound = calloc(1, sizeof(*bound));
	char *text = NULL;
	size_t len;
	int ret;

	if (bound)
		bound->path = strdup(path);
	if (!bound || !bound->path) {
		err_set(err, ENOMEM, "%s", strerror(ENOMEM));
		free(bound);
		return NULL;
	}
	bound->fd = -1;
	ret = file_read(path, MAX_SIZE, &text, &len, err);
	if (!ret)
		text_lines(text, len, take_line, bound);
	free(text);
	if (!ret || ret == -ENOENT) {
		ret = rewrite(bound);
		if (!ret)
			return bound;
		err_set(err, -ret, "cannot write %s: %s", path, strerror(-ret));
	}
	bound_close(bound);
	return NULL;
}

/**
 * bound_close() - let go of what was noted; the file stays
 * @bound: the bindings
 */
void bound_close(struct bound *bound)
{
	size_t i;

	for (i = 0; i < BUCKETS; i++)
		while (bound->hash[i])
			forget(bound, bound->hash[i]->cgroup);
	if (bound->fd >= 0)
		close(bound->fd);
	free(bound->path);
	free(bound);
}

/**
 * bound_note() - note a binding that is about to be made
 * @bound: the bindings
 * @cgroup: cgroup id
 * @id: container id
 *
 * Return: 0 or a negative errno.
 */
int bound_note(struct bound *bound, uint64_t cgroup, uint32_t id)
{
	int ret = note(bound, cgroup, id);

	return ret ? ret : append(bound, cgroup, id);
}

/**
 * bound_forget() - forget a binding that has ended
 * @bound: the bindings
 * @cgroup: cgroup id
 */
void bound_forget(struct bound *bound, uint64_t cgroup)
{
	if (!bound_to(bound, cgroup))
		return;
	forget(bound, cgroup);
	/* What stays in the file is about a cgroup that never comes back. */
	append(bound, cgroup, 0);
}

/**
 * bound_to() - to which container the daemon bound a cgroup
 * @bound: the bindings
 * @cgroup: cgroup id
 *
 * Return: container id, or 0.
 */
uint32_t bound_to(const struct bound *bound, uint64_t cgroup)
{
	const struct entry *entry = find(bound, cgroup);

	return entry ? entry->id : 0;
}

/**
 * bound_before() - to which container the daemon bound a cgroup before that
 * @bound: the bindings
 * @cgroup: cgroup id
 *
 * If it was killed before it had taken the cgroup from that one, it is bound so.
 *
 * Return: the container's id, or 0.
 */
uint32_t bound_before(const struct bound *bound, uint64_t cgroup)
{
	const struct entry *entry = find(bound, cgroup);

	return entry ? entry->before : 0;
}

/**
 * bound_mark() - have the next bound_sweep() pass over a binding
 * @bound: the bindings
 * @cgroup: cgroup id
 */
void bound_mark(struct bound *bound, uint64_t cgroup)
{
	struct entry *entry = *place(bound, cgroup);

	if (entry)
		entry->marked = true;
}

/**
 * bound_each() - go through all bindings
 * @bound: the bindings
 * @each: is given each
 * @data: for @each
 */
void bound_each(struct bound *bound, bound_cb each, void *data)
{
	struct entry *entry, *next;
	size_t i;

	for (i = 0; i < BUCKETS; i++)
		for (entry = bound->hash[i]; entry; entry = next) {
			next = entry->next;
			if (each(data, entry->cgroup, entry->id))
				bound_forget(bound, entry->cgroup);
		}
}

/**
 * bound_sweep() - go through the bindings that are not marked, and clear the marks
 * @bound: the bindings
 * @each: is given each
 * @data: for @each
 */
void bound_sweep(struct bound *bound, bound_cb each, void *data)
{
	struct entry *entry, *next;
	size_t i;

	for (i = 0; i < BUCKETS; i++)
		for (entry = bound->hash[i]; entry; entry = next) {
			next = entry->next;
			if (!entry->marked && each(data, entry->cgroup, entry->id))
				bound_forget(bound, entry->cgroup);
			else
				entry->marked = false;
		}
}
