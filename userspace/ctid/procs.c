// SPDX-License-Identifier: GPL-2.0-only
/* Which process has which socket open, by the links in /proc/PID/fd. */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "procs.h"

static int add(struct procs *procs, const struct holder *holder)
{
	struct holder *more;
	size_t room;

	if (procs->n == procs->room) {
		room = procs->room ? 2 * procs->room : 256;
		more = realloc(procs->at, room * sizeof(*more));
		if (!more)
			return -ENOMEM;
		procs->at = more;
		procs->room = room;
	}
	procs->at[procs->n++] = *holder;
	return 0;
}

static void read_comm(int proc, const char *pid, char comm[PROC_NAME])
{
	char path[300];
	ssize_t len = -1;
	int fd;

	snprintf(path, sizeof(path), "%s/comm", pid);
	fd = openat(proc, path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0) {
		len = read(fd, comm, PROC_NAME - 1);
		close(fd);
	}
	comm[len > 0 ? len : 0] = '\0';
	comm[strcspn(comm, "\n")] = '\0';
}

static int take_links(struct procs *procs, int proc, const char *pid, DIR *dir)
{
	struct holder holder = { .pid = (uint32_t)strtoul(pid, NULL, 10) };
	struct dirent *entry;
	unsigned int inode;
	char target[64];
	int ret = 0;

	while (!ret && (entry = readdir(dir))) {
		ssize_t len = readlinkat(dirfd(dir), entry->d_name, target,
					 sizeof(target) - 1);

		if (len < 0)
			continue;
		target[len] = '\0';
		if (sscanf(target, "socket:[%u]", &inode) != 1)
			continue;
		if (!*holder.comm)
			read_comm(proc, pid, holder.comm);
		holder.inode = inode;
		ret = add(procs, &holder);
	}
	return ret;
}

static int by_inode(const void *a, const void *b)
{
	const struct holder *x = a, *y = b;

	if (x->inode != y->inode)
		return x->inode < y->inode ? -1 : 1;
	return x->pid < y->pid ? -1 : x->pid > y->pid;
}

/*
 * Orders what came since. A process that has a socket open twice has it open: a million
 * descriptors may be one socket, in each of many processes, so that is asked of each.
 */
static void drop_doubles(struct procs *procs, size_t from)
{
	size_t i, n = from;

	if (from < procs->n)
		qsort(&procs->at[from], procs->n - from, sizeof(*procs->at),
		      by_inode);
	for (i = from; i < procs->n; i++)
		if (n == from || by_inode(&procs->at[n - 1], &procs->at[i]))
			procs->at[n++] = procs->at[i];
	procs->n = n;
}

static int take_process(struct procs *procs, int proc, const char *pid)
{
	size_t before = procs->n;
	char path[300];
	int fd, ret;
	DIR *dir;

	snprintf(path, sizeof(path), "%s/fd", pid);
	fd = openat(proc, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0) {
		procs->hidden += errno == EACCES;
		return 0;
	}
	dir = fdopendir(fd);
	if (!dir) {
		close(fd);
		return -ENOMEM;
	}
	ret = take_links(procs, proc, pid, dir);
	drop_doubles(procs, before);
	closedir(dir);
	return ret;
}

/**
 * procs_take() - look at what all processes have open
 * @procs: filled; to be freed with procs_free()
 *
 * Return: 0 or -ENOMEM. Without /proc there are no processes.
 */
int procs_take(struct procs *procs)
{
	DIR *dir = opendir("/proc");
	struct dirent *entry;
	int ret = 0;

	*procs = (struct procs){ 0 };
	while (dir && !ret && (entry = readdir(dir)))
		if (isdigit((unsigned char)*entry->d_name))
			ret = take_process(procs, dirfd(dir), entry->d_name);
	if (dir)
		closedir(dir);
	drop_doubles(procs, 0);
	return ret;
}

/**
 * procs_free() - forget them
 * @procs: filled or zeroed
 */
void procs_free(struct procs *procs)
{
	free(procs->at);
	*procs = (struct procs){ 0 };
}

/**
 * procs_find() - who has a socket open?
 * @procs: all of them
 * @inode: of the socket
 * @n: how many processes have
 *
 * Return: the first of them, or NULL.
 */
const struct holder *procs_find(const struct procs *procs, uint32_t inode,
				size_t *n)
{
	size_t low = 0, high = procs->n, middle;

	while (low < high) {
		middle = low + (high - low) / 2;
		if (procs->at[middle].inode < inode)
			low = middle + 1;
		else
			high = middle;
	}
	for (*n = 0; low + *n < procs->n; (*n)++)
		if (procs->at[low + *n].inode != inode)
			break;
	return *n && inode ? &procs->at[low] : NULL;
}
