// SPDX-License-Identifier: GPL-2.0-only
/*
 * What is in a directory of the cgroup tree: what is new is decided about, or noted to
 * be decided about in its turn, and what is gone is forgotten.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../text.h"
#include "bound.h"
#include "ctidd.h"
#include "slices.h"

/* So much of a tenant's directory is read at a time. */
#define LOOK_ENTRIES	64

/* Returns -ENOENT if it is not there, and -EAGAIN if that cannot be told. */
static int open_node(struct ctidd *d, const char *path)
{
	int fd = openat(d->mount.fd, path[1] ? path + 1 : ".",
			O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (fd >= 0)
		return fd;
	return shortage_is(d, path, errno) ? -EAGAIN : -ENOENT;
}

static char *path_in(const struct node *parent, const char *name)
{
	const char *above = parent->subject.path;
	char *path;

	return asprintf(&path, "%s/%s", above[1] ? above : "", name) < 0 ? NULL : path;
}

/* Nobody but root can make a cgroup in it. */
static bool is_roots(const struct stat *st)
{
	return !st->st_uid && !(st->st_mode & (S_IWGRP | S_IWOTH));
}

/* Does what is in it have names that root gave? */
static bool names_count(const struct node *node, const struct stat *st)
{
	return node->subject.trusted && node->subject.kind == SUBJECT_PLAIN &&
	       is_roots(st);
}

static void forget_bound(struct ctidd *d, const struct node *node)
{
	const struct node *child;

	for (child = node->children; child; child = child->next)
		forget_bound(d, child);
	bound_forget(d->bound, node->id);
}

static void gone(struct ctidd *d, struct node *node)
{
	forget_bound(d, node);
	node_drop(&d->tree, node);
}

static void watch(struct ctidd *d, struct node *node, int fd)
{
	int ret = watches_add(node->tenant ? &d->tree.others : &d->tree.own,
			      node, fd);

	/* All of root's may be a user namespace's, of which it was root that made it. */
	node->unwatched = ret == -ENOSPC;
	if (!ret || ret == -ENOENT)
		return;
	if (node->unwatched) {
		shortage_of_watches(d, node->subject.path);
	} else if (!d->tree.short_of) {
		d->tree.short_of = ret == -EDQUOT;
		say_error("cannot watch cgroup %s: %s", show(node->subject.path).s,
			  ret == -EDQUOT ?
			  "who makes cgroups there has his share of the watches: raise the sysctl fs.inotify.max_user_watches and restart ctidd" :
			  strerror(-ret));
	}
}

static DIR *open_directory(struct ctidd *d, const struct node *node, int fd)
{
	int readable = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *directory = readable >= 0 ? fdopendir(readable) : NULL;

	if (!directory)
		shortage_is(d, node->subject.path, errno);
	if (!directory && readable >= 0)
		close(readable);
	return directory;
}

static bool is_cgroup(const struct dirent *entry)
{
	return entry->d_type == DT_DIR && strcmp(entry->d_name, ".") &&
	       strcmp(entry->d_name, "..");
}

static void scan(struct ctidd *d, struct node *node, int fd)
{
	DIR *directory = open_directory(d, node, fd);
	struct dirent *entry;

	if (!directory)
		return;
	while ((entry = readdir(directory)))
		if (is_cgroup(entry))
			look_add(d, node, entry->d_name);
	closedir(directory);
}

static struct node *note(struct ctidd *d, struct node *parent, const char *path,
			 bool trusted, uint64_t id)
{
	struct node *node = node_new(parent, path, trusted, id);

	if (!node)
		shortage_is(d, path, ENOMEM);
	return node;
}

/* From here on, it is somebody's who does not keep others waiting. */
static void give(struct node *node)
{
	node->tenant = tenant_new(node);
	if (!node->tenant)
		say_error("cannot note who makes cgroups in %s: %s",
			  show(node->subject.path).s, strerror(ENOMEM));
}

/*
 * LXC that finds a cgroup left over appends a number to the name, as a container's root can
 * bring about, and web-1 looks as if it were the container that is called so. Of that one
 * the monitor's cgroup was there before; ids of cgroups grow.
 */
static void doubt_lxc(struct node *node, int fd, const struct stat *st)
{
	struct subject *subject = &node->subject;
	const char *dash = subject->name ? strrchr(subject->name, '-') : NULL;
	struct stat monitor;
	char *path;

	if (subject->kind != SUBJECT_LXC || !dash || !dash[1] ||
	    strspn(dash + 1, "0123456789") != strlen(dash + 1))
		return;
	if (asprintf(&path, "../lxc.monitor.%s", subject->name) < 0)
		path = NULL;
	if (!path || fstatat(fd, path, &monitor, AT_SYMLINK_NOFOLLOW) ||
	    monitor.st_ino > st->st_ino) {
		subject_forget(subject);
		subject->told = TOLD_BADLY;
		subject->unsure = true;
		subject_trouble(subject,
				"no lxc.monitor of that name was there before it: LXC may have appended a number to another container's (lxc.cgroup.dir.container names cgroups as they are)");
	}
	free(path);
}

/**
 * look_begin() - decide about a cgroup, and look at what is in it
 * @d: the daemon
 * @node: the cgroup
 * @fd: the same, open
 * @st: what fstat() says of it
 *
 * The watch comes before the look, and the decision before those about what is in it. In
 * a tenant's that look is due later.
 */
void look_begin(struct ctidd *d, struct node *node, int fd, const struct stat *st)
{
	const char *path = node->subject.path;
	bool roots = names_count(node, st);
	bool look = roots || rules_reach_below(&d->rules, path);

	tree_goes_on(&d->tree);
	if (look && !node->tenant && (!roots || subject_is_in_unit(path)))
		give(node);
	if (look)
		watch(d, node, fd);
	doubt_lxc(node, fd, st);
	decide(d, node);
	if (look && node->tenant)
		tenant_due(&d->tree, node, DUE_LOOK);
	else if (look)
		scan(d, node, fd);
}

/* It was root's, and others can make cgroups in it by now, as where root delegates. */
static void hand_over(struct ctidd *d, struct node *node, int fd)
{
	watches_end(node);
	give(node);
	watch(d, node, fd);
	if (node->tenant)
		tenant_due(&d->tree, node, DUE_LOOK);
}

/* Is what is in it the daemon's concern, and are the names in there root's? */
static bool may_matter(struct ctidd *d, struct node *parent, bool *trusted)
{
	struct stat st;
	int fd;

	fd = open_node(d, parent->subject.path);
	if (fd < 0)
		return false;
	/* Another one by now: the directory above tells of it. */
	if (fstat(fd, &st) || st.st_ino != parent->id) {
		close(fd);
		return false;
	}
	*trusted = names_count(parent, &st);
	if (!*trusted && !parent->tenant)
		hand_over(d, parent, fd);
	close(fd);
	return *trusted || rules_reach_below(&d->rules, parent->subject.path);
}

/**
 * look_add() - begin with a cgroup, if it matters and is there
 * @d: the daemon
 * @parent: the one that it is in
 * @name: how it is called there
 *
 * It may be known already, or another one of this name.
 */
void look_add(struct ctidd *d, struct node *parent, const char *name)
{
	struct node *node;
	struct stat st;
	bool trusted;
	char *path;
	int fd;

	if (!may_matter(d, parent, &trusted))
		return;
	path = path_in(parent, name);
	fd = path ? open_node(d, path) : -ENOMEM;
	node = node_child(parent, name);
	if (fd < 0 || fstat(fd, &st)) {
		free(path);
		return;
	}
	if (node && node->id != st.st_ino) {
		gone(d, node);
		node = NULL;
	}
	if (!node) {
		node = note(d, parent, path, trusted, st.st_ino);
		if (node)
			look_begin(d, node, fd, &st);
	}
	close(fd);
	free(path);
}

/**
 * look_for() - forget a cgroup, if it is not there
 * @d: the daemon
 * @node: the cgroup, which may be there again, as another one or as what is known
 */
void look_for(struct ctidd *d, struct node *node)
{
	struct stat st;
	bool slice;
	int fd;

	fd = open_node(d, node->subject.path);
	if (fd == -ENOENT || (fd >= 0 && (fstat(fd, &st) || st.st_ino != node->id))) {
		slice = slices_gone(d, node);
		gone(d, node);
		if (slice)
			slices_start(d);
	}
	if (fd >= 0)
		close(fd);
}

/* As far as it matters, what a tenant made is noted, to be begun with in his turn. */
static void note_entry(struct ctidd *d, struct node *node, const char *name,
		       uint64_t id)
{
	struct node *child = node_child(node, name);
	char *path;

	if (child && child->id != id) {
		gone(d, child);
		child = NULL;
	}
	path = child ? NULL : path_in(node, name);
	if (path && (node->trusts || rules_reach(&d->rules, path))) {
		child = note(d, node, path, node->trusts, id);
		if (child)
			tenant_due(&d->tree, child, DUE_BEGIN);
	}
	free(path);
	if (child)
		child->seen = true;
}

static void look_now(struct ctidd *d, struct node *node)
{
	struct node *child, *next;
	struct stat st;
	int fd;

	fd = open_node(d, node->subject.path);
	/* Gone: the one above notices, when it is looked at. */
	if (fd < 0)
		return;
	if (!fstat(fd, &st) && st.st_ino == node->id) {
		watch(d, node, fd);
		scan(d, node, fd);
		for (child = node->children; child; child = next) {
			next = child->next;
			look_for(d, child);
		}
	}
	close(fd);
}

/**
 * look_unwatched() - look at those that no watch was left for
 * @d: the daemon
 *
 * At a tenant's, that is in his turn. Watches that others have are not given back, or
 * they would be taken.
 *
 * Return: true if there are such yet.
 */
bool look_unwatched(struct ctidd *d)
{
	struct node *node;
	bool left = false;

	for (node = d->tree.root; node; node = tree_next(node)) {
		if (!node->unwatched)
			continue;
		if (node->tenant)
			tenant_due(&d->tree, node, DUE_LOOK);
		else
			look_now(d, node);
		left = left || node->unwatched;
	}
	return left;
}

static bool begin_look(struct ctidd *d, struct node *node, int fd,
		       const struct stat *st)
{
	struct node *child;

	node->again = false;
	node->trusts = names_count(node, st);
	/* Given away since it was watched, and no rule's concern now. */
	if (!node->trusts && !rules_reach_below(&d->rules, node->subject.path))
		watches_end(node);
	else if (node->unwatched)
		watch(d, node, fd);
	node->directory = open_directory(d, node, fd);
	for (child = node->children; child; child = child->next)
		child->seen = false;
	return node->directory;
}

static void close_look(struct node *node)
{
	if (node->directory)
		closedir(node->directory);
	node->directory = NULL;
	node->unseen = NULL;
}

static void read_on(struct ctidd *d, struct node *node)
{
	struct dirent *entry;
	unsigned int n;

	for (n = 0; n < LOOK_ENTRIES; n++) {
		entry = readdir(node->directory);
		if (!entry) {
			close_look(node);
			node->unseen = node->children;
			return;
		}
		if (is_cgroup(entry))
			note_entry(d, node, entry->d_name, entry->d_ino);
	}
}

/* Those that were not there are gone, as a rule. */
static void miss_on(struct ctidd *d, struct node *node)
{
	struct node *child;
	unsigned int n;

	for (n = 0; n < LOOK_ENTRIES && node->unseen; n++) {
		child = node->unseen;
		node->unseen = child->next;
		if (!child->seen)
			look_for(d, child);
	}
}

/*
 * However many are in it, or were, what is looked at is few. Returns false if there are
 * more.
 */
static bool look_on(struct ctidd *d, struct node *node, int fd,
		    const struct stat *st)
{
	if (node->unseen) {
		miss_on(d, node);
		return !node->unseen;
	}
	if (!node->directory && !begin_look(d, node, fd, st))
		return true;
	read_on(d, node);
	return !node->directory && !node->unseen;
}

/**
 * look_due() - do what is due with a tenant's cgroup
 * @d: the daemon
 * @node: the cgroup; if it is another one by now, inotify tells that of the one above
 */
void look_due(struct ctidd *d, struct node *node)
{
	bool look = node->due == DUE_LOOK, there, on = false;
	struct stat st;
	int fd;

	fd = open_node(d, node->subject.path);
	there = fd >= 0 && !fstat(fd, &st) && st.st_ino == node->id;
	if (there && look)
		on = !look_on(d, node, fd, &st);
	if (!on) {
		close_look(node);
		tenant_not_due(&d->tree, node);
	}
	if (there && !look) {
		node->trusts = names_count(node, &st);
		look_begin(d, node, fd, &st);
	} else if (there && !on && node->again) {
		tenant_due(&d->tree, node, DUE_LOOK);
	}
	if (fd >= 0)
		close(fd);
}
