// SPDX-License-Identifier: GPL-2.0-only
/*
 * All network namespaces that a process is in or that ip-netns(8) has named. One
 * that only an open file or a mount elsewhere keeps is not found.
 */
#define _GNU_SOURCE
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "netns.h"

/** Where ip-netns(8) keeps names. */
#define NAMES	"/run/netns"

/* A name may be anything, a pipe, too, which is not to be waited for. */
#define OPEN_NS	(O_RDONLY | O_CLOEXEC | O_NONBLOCK)

/**
 * struct tour - visits on their way
 * @visit: what to call
 * @data: for @visit
 * @missed: what was left out
 * @home: where the caller came from
 * @own: its inode
 * @seen: the inodes of those that were visited
 * @nseen: how many
 */
struct tour {
	netns_visit visit;
	void *data;
	struct netns_missed *missed;
	int home;
	uint32_t own;
	uint32_t *seen;
	size_t nseen;
};

static bool seen_before(const struct tour *tour, uint32_t inode)
{
	size_t i;

	for (i = 0; i < tour->nseen; i++)
		if (tour->seen[i] == inode)
			return true;
	return false;
}

static int remember(struct tour *tour, uint32_t inode)
{
	uint32_t *more;

	more = realloc(tour->seen, (tour->nseen + 1) * sizeof(*more));
	if (!more)
		return -ENOMEM;
	tour->seen = more;
	tour->seen[tour->nseen++] = inode;
	return 0;
}

/* Who is left elsewhere must not go on: what it asks the kernel next would be
 * about others.
 */
static void go_home(const struct tour *tour)
{
	if (setns(tour->home, CLONE_NEWNET))
		abort();
}

static int visit_fd(struct tour *tour, int fd, const char *name,
		    struct ctid_err *err)
{
	struct netns netns = { .own = false };
	struct stat st;
	int ret;

	if (fstat(fd, &st))
		return 0;
	netns.inode = (uint32_t)st.st_ino;
	netns.own = netns.inode == tour->own;
	if (seen_before(tour, netns.inode))
		return 0;
	snprintf(netns.name, sizeof(netns.name), "%s", name);
	if (!netns.own && setns(fd, CLONE_NEWNET)) {
		/* A file that is none may lie where the names are. */
		if (errno == EINVAL)
			return 0;
		tour->missed->namespaces++;
		return remember(tour, netns.inode);
	}
	ret = remember(tour, netns.inode);
	if (!ret)
		ret = tour->visit(&netns, tour->data, err);
	if (!netns.own)
		go_home(tour);
	return ret == -ENOMEM ? err_set(err, ENOMEM, "out of memory") : ret;
}

static int visit_names(struct tour *tour, struct ctid_err *err)
{
	struct dirent *entry;
	DIR *dir = opendir(NAMES);
	int fd, ret = 0;

	while (dir && !ret && (entry = readdir(dir))) {
		if (*entry->d_name == '.')
			continue;
		fd = openat(dirfd(dir), entry->d_name, OPEN_NS);
		if (fd < 0)
			continue;
		ret = visit_fd(tour, fd, entry->d_name, err);
		close(fd);
	}
	if (dir)
		closedir(dir);
	return ret;
}

static int visit_processes(struct tour *tour, struct ctid_err *err)
{
	struct dirent *entry;
	DIR *dir = opendir("/proc");
	char path[300];
	int fd, ret = 0;

	if (!dir)
		return err_set(err, errno, "cannot read /proc: %s",
			       strerror(errno));
	while (!ret && (entry = readdir(dir))) {
		if (!isdigit((unsigned char)*entry->d_name))
			continue;
		snprintf(path, sizeof(path), "%s/ns/net", entry->d_name);
		fd = openat(dirfd(dir), path, OPEN_NS);
		if (fd < 0) {
			tour->missed->processes += errno == EACCES;
			continue;
		}
		ret = visit_fd(tour, fd, "", err);
		close(fd);
	}
	closedir(dir);
	return ret;
}

/**
 * netns_each() - visit all network namespaces that can be found
 * @visit: is called in each, the caller's first
 * @data: for @visit
 * @missed: what cannot be visited
 * @err: why it failed
 *
 * For processes with one thread: others would not be taken along.
 *
 * Return: 0, or a negative errno of @visit or of its own.
 */
int netns_each(netns_visit visit, void *data, struct netns_missed *missed,
	       struct ctid_err *err)
{
	struct tour tour = { .visit = visit, .data = data, .missed = missed };
	struct stat st;
	int ret;

	*missed = (struct netns_missed){ 0 };
	tour.home = open("/proc/self/ns/net", OPEN_NS);
	if (tour.home < 0 || fstat(tour.home, &st)) {
		ret = err_set(err, errno, "cannot open /proc/self/ns/net: %s",
			      strerror(errno));
		goto out;
	}
	tour.own = (uint32_t)st.st_ino;
	ret = visit_fd(&tour, tour.home, "", err);
	if (!ret)
		ret = visit_names(&tour, err);
	if (!ret)
		ret = visit_processes(&tour, err);
out:
	if (tour.home >= 0)
		close(tour.home);
	free(tour.seen);
	return ret;
}
