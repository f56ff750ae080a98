// SPDX-License-Identifier: GPL-2.0-only
/* Has the kernel's registry be what was decided. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../ctid/request.h"
#include "../ctid/snapshot.h"
#include "../text.h"
#include "bound.h"
#include "ctidd.h"
#include "slices.h"

#define BY_HAND	"was bound to another container by hand, and stays so"

/**
 * open_cgroup() - open what was decided about
 * @d: the daemon
 * @node: the cgroup
 *
 * Return: a descriptor, or -1 with errno; ENOENT if there is another one by that name.
 */
int open_cgroup(struct ctidd *d, const struct node *node)
{
	const char *path = node->subject.path;
	struct stat st;
	int fd;

	fd = openat(d->mount.fd, path[1] ? path + 1 : ".",
		    O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd >= 0 && (fstat(fd, &st) || st.st_ino != node->id)) {
		close(fd);
		errno = ENOENT;
		fd = -1;
	}
	return fd;
}

static int set_name(struct ctidd *d, uint32_t id, const char *name)
{
	struct registry_msg msg;
	int ret = registry_get(&d->reg, NULL, id, &msg);

	if (ret || !name || !strcmp(msg.name, name))
		return ret;
	ret = request_set(&d->reg, id, name);
	if (ret)
		say_warning("cannot call container %u \"%s\": %s", id, name,
			    registry_strerror(&d->reg, ret));
	return 0;
}

/* The container is there, and called as the rule has it if that can be. */
static int provide(struct ctidd *d, const struct node *node)
{
	char *name = rule_container_name(node->rule, &node->subject);
	int ret = request_add(&d->reg, node->want, name);

	if (ret == -EEXIST) {
		ret = set_name(d, node->want, name);
		if (ret == -ENOENT) {
			say_warning("%s:%u: container %u cannot be called \"%s\", which another one is",
				    node->rule->file, node->rule->line,
				    node->want, name ? name : "");
			ret = request_add(&d->reg, node->want, NULL);
		}
	}
	free(name);
	return ret;
}

static void __attribute__((format(printf, 2, 3)))
set_problem(struct node *node, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	text_replace(&node->problem, fmt, ap);
	va_end(ap);
	say_warning("cgroup %s: %s", show(node->subject.path).s,
		    node->problem ? node->problem : strerror(ENOMEM));
}

static void unbind(struct ctidd *d, const struct node *node, uint32_t id)
{
	if (!id)
		return;
	request_unbind(&d->reg, id, -1, node->id);
	bound_forget(d->bound, node->id);
}

/* From the container that has it, if the daemon gave it to that one, in one step: no
 * call of it is judged as nobody's.
 */
static int take(struct ctidd *d, const struct node *node, uint32_t have, int fd)
{
	int ret = have ? request_rebind(&d->reg, node->want, have, fd) : -ENOENT;

	return ret == -ENOENT ? request_bind(&d->reg, node->want, fd) : ret;
}

static int bind_to(struct ctidd *d, const struct node *node, uint32_t have, int fd)
{
	int ret = bound_note(d->bound, node->id, node->want);

	if (!ret)
		ret = take(d, node, have, fd);
	if (!ret)
		return 0;
	/* Bound by hand, to this container or another: not the daemon's to end. */
	if (!have || ret == -EEXIST || ret == -EBUSY)
		bound_forget(d->bound, node->id);
	else
		bound_note(d->bound, node->id, have);
	return ret;
}

static int bind_anew(struct ctidd *d, struct node *node, uint32_t have, int fd)
{
	int ret = provide(d, node);

	if (!ret)
		ret = bind_to(d, node, have, fd);
	if (!ret || ret == -EEXIST)
		return 0;
	if (ret == -EBUSY)
		set_problem(node, BY_HAND);
	else if (ret != -ENOENT && ret != -EBADF)	/* else it was removed */
		set_problem(node, "cannot be bound to container %u: %s",
			    node->want, registry_strerror(&d->reg, ret));
	return ret;
}

/* It is bound as was noted, unless others changed that: the registry did not stand still
 * when it was read.
 */
static void make_sure(struct ctidd *d, struct node *node)
{
	int fd = open_cgroup(d, node);
	int ret;

	if (fd < 0)
		return;
	ret = take(d, node, bound_before(d->bound, node->id), fd);
	if (ret == -EBUSY) {
		bound_forget(d->bound, node->id);
		set_problem(node, BY_HAND);
	}
	close(fd);
}

/**
 * apply() - bind a cgroup to what it is to belong to
 * @d: the daemon
 * @node: the cgroup, decided
 *
 * What somebody bound by hand stays as it is, and so does what cannot have what it
 * is to have: without a binding it would be nobody's, or its parent's.
 */
void apply(struct ctidd *d, struct node *node)
{
	uint32_t have = bound_to(d->bound, node->id);
	int fd;

	free(node->problem);
	node->problem = NULL;
	if (have == node->want) {
		if (have)
			provide(d, node);	/* its name may be a new one */
		if (have && d->unsure)
			make_sure(d, node);
		return;
	}
	if (!node->want) {
		if (node->state != NODE_FULL)
			unbind(d, node, have);
		return;
	}
	fd = open_cgroup(d, node);
	if (fd < 0) {
		/* Else it was removed, which is to be told next. */
		shortage_is(d, node->subject.path, errno);
		return;
	}
	if (!bind_anew(d, node, have, fd))
		say_info("cgroup %s: container %u, by %s:%u",
			 show(node->subject.path).s, node->want,
			 node->rule->file, node->rule->line);
	close(fd);
}

static int compare_bindings(const void *a, const void *b)
{
	const struct binding *x = a, *y = b;

	return x->cgroup < y->cgroup ? -1 : x->cgroup > y->cgroup;
}

struct kept {
	struct bound *bound;
	struct snapshot snap;
};

/* Not the daemon's any more: ended, or of a cgroup that only sockets are left of. */
static bool is_over(void *data, uint64_t cgroup, uint32_t id)
{
	const struct kept *kept = data;
	const struct snapshot *snap = &kept->snap;
	struct binding like = { .cgroup = cgroup };
	const struct binding *found = NULL;

	if (snap->nbindings)
		found = bsearch(&like, snap->bindings, snap->nbindings,
				sizeof(like), compare_bindings);
	if (!found)
		return snap->exact;
	if (found->gone)
		return true;
	if (found->id == id)
		return false;
	/* One that was killed noted what it did not come to do. */
	return found->id != bound_before(kept->bound, cgroup) ||
	       bound_note(kept->bound, cgroup, found->id);
}

static bool end(void *data, uint64_t cgroup, uint32_t id)
{
	struct ctidd *d = data;

	request_unbind(&d->reg, id, -1, cgroup);
	return true;
}

/* Where not all could be looked at, what was not may still be there. */
static bool leave(void *data, uint64_t cgroup, uint32_t id)
{
	(void)data;
	(void)cgroup;
	(void)id;
	return false;
}

/**
 * reconcile() - look at all cgroups, and end what is stale
 * @d: the daemon
 * @err: why not
 *
 * Return: 0 or a negative errno.
 */
int reconcile(struct ctidd *d, struct ctid_err *err)
{
	struct kept kept = { .bound = d->bound };
	struct snapshot *snap = &kept.snap;
	struct node *node;
	int ret;

	ret = snapshot_take(snap, &d->reg);
	if (ret)
		return err_set(err, -ret, "cannot list containers: %s",
			       registry_strerror(&d->reg, ret));
	if (snap->nbindings)
		qsort(snap->bindings, snap->nbindings, sizeof(*snap->bindings),
		      compare_bindings);
	bound_each(d->bound, is_over, &kept);
	d->unsure = !snap->exact;
	snapshot_free(snap);
	tree_forget(d);
	shortage_begin(d);
	ret = tree_open(d, err);
	if (ret)
		return ret;
	for (node = d->tree.root; node; node = tree_next(node))
		bound_mark(d->bound, node->id);
	bound_sweep(d->bound, shortage_end(d) ? leave : end, d);
	slices_start(d);
	return 0;
}

/**
 * look_again() - as reconcile(), in the middle of things
 * @d: the daemon
 *
 * A daemon that cannot see the cgroups is of no use: it ends, to be started anew.
 *
 * Return: 0 or a negative errno.
 */
int look_again(struct ctidd *d)
{
	struct ctid_err err;
	int ret = reconcile(d, &err);

	if (ret) {
		say_error("%s", err.text);
		sd_event_exit(d->event, 1);
	}
	return ret;
}
