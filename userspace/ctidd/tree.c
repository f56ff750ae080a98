// SPDX-License-Identifier: GPL-2.0-only
/*
 * The cgroup tree, followed by inotify.
 *
 * A directory is watched first and read then, so that what is made meanwhile is
 * seen by one of both, or by both. Only directories in which a rule can be about
 * something are watched: what tenants make in others costs the daemon nothing.
 *
 * What root makes is looked at when inotify tells of it. Where others make cgroups,
 * inotify tells only that there is something to look at, which is done in their turn.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <systemd/sd-daemon.h>

#include "../clock.h"
#include "../text.h"
#include "ctidd.h"

/**
 * So often, in this time, their inotify is read: it holds what they do meanwhile, and
 * what they do in one directory is one look then.
 */
#define READS		10
#define READS_TIME	100000ULL
/** So often systemd is told that the daemon has not come to an end of what there is... */
#define NEWS		1000000ULL
/** ...and so long it waits from then on, in microseconds. */
#define PATIENCE	"60000000"

static int on_turn(sd_event_source *source, uint64_t usec, void *data)
{
	uint64_t end = clock_now() + CLOCK_TURN;
	struct ctidd *d = data;
	struct node *node;

	(void)source;
	(void)usec;
	do {
		node = tenants_next(&d->tree);
		if (!node)
			return 0;
		look_due(d, node);
	} while (clock_now() < end);
	tenants_turn(&d->tree);
	return 0;
}

static void look_at_tenants(struct ctidd *d)
{
	struct node *node;

	for (node = d->tree.root; node; node = tree_next(node))
		if (node->watches == &d->tree.others)
			tenant_due(&d->tree, node, DUE_LOOK);
}

static void take_event(struct ctidd *d, struct watches *watches,
		       const struct inotify_event *event)
{
	struct node *node = watches_node(watches, event->wd), *child;

	if (!node)
		return;
	if (event->mask & IN_IGNORED) {
		watches_forget(node);
	} else if (!(event->mask & IN_ISDIR) || !event->len) {
		return;
	} else if (node->tenant) {
		tenant_due(&d->tree, node, DUE_LOOK);
	} else if (event->mask & IN_CREATE) {
		look_add(d, node, event->name);
	} else if (event->mask & IN_DELETE) {
		child = node_child(node, event->name);
		if (child)
			look_for(d, child);
	}
}

/* Returns how much was read. */
static ssize_t read_events(struct ctidd *d, struct watches *watches)
{
	char buf[65536] __attribute__((aligned(__alignof__(struct inotify_event))));
	const struct inotify_event *event;
	ssize_t len, at;

	len = read(watches->fd, buf, sizeof(buf));
	for (at = 0; at < len; at += (ssize_t)(sizeof(*event) + event->len)) {
		event = (const void *)(buf + at);
		if (!(event->mask & IN_Q_OVERFLOW)) {
			take_event(d, watches, event);
		} else if (watches == &d->tree.others) {
			look_at_tenants(d);
		} else {
			say_info("cgroups came faster than they could be read: looking at all of them");
			look_again(d);
			return 0;	/* what is left was before that */
		}
	}
	return len;
}

static int on_events(sd_event_source *source, int fd, uint32_t revents, void *data)
{
	struct ctidd *d = data;

	(void)source;
	(void)revents;
	read_events(d, fd == d->tree.own.fd ? &d->tree.own : &d->tree.others);
	return 0;
}

/**
 * tree_catch_up() - handle all events of root's cgroups that are there
 * @d: the daemon
 *
 * Then each cgroup that root made before the call is known, and decided about. Those
 * of tenants can be any number: tree_nearest() looks at those on its way.
 */
void tree_catch_up(struct ctidd *d)
{
	ssize_t got;
	int left;

	if (ioctl(d->tree.own.fd, FIONREAD, &left))
		return;
	for (; left > 0; left -= (int)got) {
		got = read_events(d, &d->tree.own);
		if (got <= 0)
			return;
	}
}

static int open_watches(struct ctidd *d)
{
	struct tree *tree = &d->tree;
	int ret;

	/* From before tree_forget(). */
	if (tree->turn) {
		tree->others.most = watches_there_are() / 2;
		return 0;
	}
	ret = watches_open(&tree->own, 0);
	if (!ret)
		ret = watches_open(&tree->others, watches_there_are() / 2);
	if (!ret)
		ret = sd_event_add_io(d->event, &tree->own.source, tree->own.fd,
				      EPOLLIN, on_events, d);
	if (ret >= 0)
		ret = sd_event_add_io(d->event, &tree->others.source,
				      tree->others.fd, EPOLLIN, on_events, d);
	if (ret >= 0)
		ret = sd_event_source_set_ratelimit(tree->others.source,
						    READS_TIME, READS);
	if (ret >= 0)
		ret = sd_event_add_time_relative(d->event, &tree->turn,
						 CLOCK_MONOTONIC, 0, 1, on_turn,
						 d);
	if (ret >= 0)
		ret = sd_event_source_set_enabled(tree->turn, SD_EVENT_OFF);
	return ret;
}

/**
 * tree_goes_on() - tell systemd that it is still being looked at all cgroups, if it is
 * @tree: the cgroups
 *
 * A daemon that begins takes as long as there are cgroups, which others make.
 */
void tree_goes_on(struct tree *tree)
{
	uint64_t now;

	if (!tree->opening)
		return;
	now = clock_now();
	if (now < tree->news)
		return;
	tree->news = now + NEWS;
	sd_notify(0, "EXTEND_TIMEOUT_USEC=" PATIENCE);
}

/**
 * tree_open() - find all cgroups, and decide about each that comes
 * @d: the daemon
 * @err: why not
 *
 * Return: 0 or a negative errno.
 */
int tree_open(struct ctidd *d, struct ctid_err *err)
{
	struct tree *tree = &d->tree;
	struct node *node;
	struct stat st;
	int ret;

	TAILQ_INIT(&tree->turns);
	ret = open_watches(d);
	if (ret >= 0 && fstat(d->mount.fd, &st))
		ret = -errno;
	if (ret < 0)
		return err_set(err, -ret, "cannot watch cgroups: %s%s",
			       strerror(-ret), ret == -EMFILE ?
			       ": raise the sysctl fs.inotify.max_user_instances" :
			       "");
	tree->root = node_new(NULL, "/", true, st.st_ino);
	if (!tree->root)
		return err_set(err, ENOMEM, "%s", strerror(ENOMEM));
	tree->opening = true;
	tree->news = 0;
	look_begin(d, tree->root, d->mount.fd, &st);
	while ((node = tenants_next(tree))) {
		tree_goes_on(tree);
		look_due(d, node);
	}
	tree->opening = false;
	watches_sweep(&tree->own);
	watches_sweep(&tree->others);
	return 0;
}

/**
 * tree_forget() - forget all cgroups, to look anew; their bindings stay
 * @d: the daemon
 */
void tree_forget(struct ctidd *d)
{
	struct tree *tree = &d->tree;

	watches_reset(&tree->own);
	watches_reset(&tree->others);
	if (tree->root)
		node_drop(tree, tree->root);
	tree->root = NULL;
	tree->short_of = false;
	if (tree->turn)
		sd_event_source_set_enabled(tree->turn, SD_EVENT_OFF);
}

/**
 * tree_close() - forget all cgroups; their bindings stay
 * @d: the daemon
 */
void tree_close(struct ctidd *d)
{
	struct tree *tree = &d->tree;

	tree_forget(d);
	full_close(d);
	sd_event_source_disable_unref(tree->turn);
	watches_close(&tree->own);
	watches_close(&tree->others);
	*tree = (struct tree){ 0 };
}

/*
 * A tenant's may be another one by now, or one with which nothing was done yet. Where
 * there is no watch, nothing told of any.
 */
static struct node *child_now(struct ctidd *d, struct node *node, const char *name)
{
	struct node *child;

	if (!node->tenant && !node->unwatched)
		return node_child(node, name);
	look_add(d, node, name);
	child = node_child(node, name);
	if (child && child->due == DUE_BEGIN)
		look_due(d, child);
	return child;
}

/**
 * tree_nearest() - find a cgroup by its path, or the lowest above it that is known
 * @d: the daemon
 * @path: below the cgroup2 mount
 *
 * Return: the cgroup, or NULL for want of memory.
 */
struct node *tree_nearest(struct ctidd *d, const char *path)
{
	struct node *node = d->tree.root, *child = node;
	char *copy = strdup(path), *rest = copy, *name;

	while (child && (name = strsep(&rest, "/"))) {
		if (*name)
			child = child_now(d, node, name);
		if (child)
			node = child;
	}
	free(copy);
	return copy ? node : NULL;
}

/**
 * tree_at() - find a cgroup by its path
 * @d: the daemon
 * @path: below the cgroup2 mount
 *
 * Return: the cgroup, or NULL if it is not known.
 */
struct node *tree_at(struct ctidd *d, const char *path)
{
	struct node *node = tree_nearest(d, path);

	return node && !strcmp(node->subject.path, path) ? node : NULL;
}
