// SPDX-License-Identifier: GPL-2.0-only
/* Which cgroups inotify watches, and which one it tells of. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "ctidd.h"

/* Of all that tenants may have, so much one may. */
#define TENANTS_PART	8

#define WATCHED		(IN_CREATE | IN_DELETE | IN_ONLYDIR | IN_EXCL_UNLINK)

static struct node **bucket(struct watches *watches, int wd)
{
	return &watches->hash[(unsigned int)wd % WATCH_BUCKETS];
}

/**
 * watches_there_are() - how many inotify has for a user
 *
 * Return: the number, or a low one if it cannot be read.
 */
unsigned int watches_there_are(void)
{
	FILE *file = fopen("/proc/sys/fs/inotify/max_user_watches", "re");
	unsigned int n = 0;

	if (file) {
		if (fscanf(file, "%u", &n) != 1)
			n = 0;
		fclose(file);
	}
	return n ? n : 8192;
}

/**
 * watches_open() - begin with none
 * @watches: filled; to be closed with watches_close()
 * @most: how many there may be, 0 for as many as inotify has
 *
 * Return: 0 or a negative errno.
 */
int watches_open(struct watches *watches, unsigned int most)
{
	*watches = (struct watches){
		.fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK), .most = most,
	};
	return watches->fd < 0 ? -errno : 0;
}

static void keep(struct watches *watches, int wd)
{
	size_t n = watches->nkept;
	int *more = watches->kept;

	/* Room for the next power of two. */
	if (!(n & (n - 1)))
		more = reallocarray(more, n ? 2 * n : 1, sizeof(*more));
	if (!more) {
		inotify_rm_watch(watches->fd, wd);
		return;
	}
	watches->kept = more;
	watches->kept[watches->nkept++] = wd;
}

/* What comes while it is read is left: it is told of cgroups that are looked at next. */
static void lose(struct watches *watches)
{
	char lost[4096] __attribute__((aligned(__alignof__(struct inotify_event))));
	ssize_t got = 0;
	int left;

	if (watches->fd <= 0 || ioctl(watches->fd, FIONREAD, &left))
		return;
	for (; left > 0 && got >= 0; left -= (int)got)
		got = read(watches->fd, lost, sizeof(lost));
}

/**
 * watches_reset() - forget who is watched, and lose what was to be told of them
 * @watches: the watches, or zeroed
 *
 * Nothing is given back, neither the instance nor the watches: others, who have the same
 * user's, could take it. Who is watched next gets the watch that it had. To be followed by
 * watches_sweep().
 */
void watches_reset(struct watches *watches)
{
	struct node *node;
	unsigned int i;

	for (i = 0; i < WATCH_BUCKETS; i++)
		while ((node = watches->hash[i])) {
			keep(watches, node->wd);
			watches_forget(node);
		}
	lose(watches);
}

/**
 * watches_sweep() - give back the watches of those who are not watched any more
 * @watches: the watches; all that are to be watched are, after watches_reset()
 */
void watches_sweep(struct watches *watches)
{
	size_t i;

	for (i = 0; i < watches->nkept; i++)
		if (!watches_node(watches, watches->kept[i]))
			inotify_rm_watch(watches->fd, watches->kept[i]);
	free(watches->kept);
	watches->kept = NULL;
	watches->nkept = 0;
}

/**
 * watches_close() - end all of them
 * @watches: the watches, whose cgroups are forgotten already, or zeroed
 */
void watches_close(struct watches *watches)
{
	sd_event_source_unref(watches->source);
	if (watches->fd > 0)
		close(watches->fd);
	free(watches->kept);
	*watches = (struct watches){ 0 };
}

/* What all instances of a user have is one number: who uses it up shall be short of them
 * himself, and not others, nor root.
 */
static bool has_room(const struct watches *watches, const struct node *node)
{
	if (!watches->most)
		return true;
	return watches->n < watches->most &&
	       (!node->tenant ||
		node->tenant->nwatches < watches->most / TENANTS_PART);
}

static void count(struct node *node, int more)
{
	node->watches->n += (unsigned int)more;
	if (node->tenant)
		node->tenant->nwatches += (unsigned int)more;
}

/**
 * watches_add() - watch a cgroup
 * @watches: where to
 * @node: the cgroup, which is not watched
 * @fd: the same, open
 *
 * Return: 0 or a negative errno: -EDQUOT if a tenant, or all of them, have their share,
 * -ENOSPC if the kernel has none left.
 */
int watches_add(struct watches *watches, struct node *node, int fd)
{
	char link[64];
	int wd;

	if (!has_room(watches, node))
		return -EDQUOT;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	wd = inotify_add_watch(watches->fd, link, WATCHED);
	if (wd < 0)
		return -errno;
	node->wd = wd;
	node->watches = watches;
	node->hash = *bucket(watches, wd);
	*bucket(watches, wd) = node;
	count(node, 1);
	return 0;
}

/**
 * watches_forget() - note that a cgroup is not watched any more
 * @node: the cgroup
 */
void watches_forget(struct node *node)
{
	struct node **at;

	if (!node->watches)
		return;
	at = bucket(node->watches, node->wd);
	while (*at && *at != node)
		at = &(*at)->hash;
	if (*at)
		*at = node->hash;
	count(node, -1);
	node->watches = NULL;
}

/**
 * watches_end() - watch a cgroup no more
 * @node: the cgroup
 *
 * What inotify has to tell of it already is lost.
 */
void watches_end(struct node *node)
{
	if (node->watches)
		inotify_rm_watch(node->watches->fd, node->wd);
	watches_forget(node);
	node->unwatched = false;
}

/**
 * watches_node() - find the cgroup that inotify tells of
 * @watches: where it is watched
 * @wd: inotify's number of it
 *
 * Return: the cgroup, or NULL.
 */
struct node *watches_node(struct watches *watches, int wd)
{
	struct node *node = *bucket(watches, wd);

	while (node && node->wd != wd)
		node = node->hash;
	return node;
}
