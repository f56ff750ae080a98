// SPDX-License-Identifier: GPL-2.0-only
/*
 * The rules about processes: while there are any, running processes are followed
 * and moved. Cgroups come first: nobody is taken out of one that is a container's,
 * or may turn out to be.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <libmnl/libmnl.h>

#include "../ctid/follow.h"
#include "../text.h"
#include "bound.h"
#include "ctidd.h"
#include "processes.h"

/** Containers that come and go do so in numbers: then all processes are looked at once. */
#define SETTLE		200000ULL

/**
 * struct processes - what it takes to follow them
 * @follow: the kernel's process events, and the rules
 * @changes: the registry's: a rule that could not be followed may be one now
 * @on_process: what waits for the one
 * @on_change: what waits for the other
 * @again: when it is time to look at all processes
 * @scan: looks at some of them, then lets others be heard
 */
struct processes {
	struct follow follow;
	struct registry changes;
	sd_event_source *on_process;
	sd_event_source *on_change;
	sd_event_source *again;
	sd_event_source *scan;
};

static void tell(void *data, const struct follow_told *told)
{
	const struct put *put = told->put;

	(void)data;
	if (put)
		say_info("process %d: container %u%s%s, cgroup %s, by %s:%u",
			 told->pid, put->container.id,
			 *put->container.name ? " " : "", put->container.name,
			 show(put->path).s, put->rule->file, put->rule->line);
	else if (told->pid)
		say_warning("process %d: %s", told->pid, told->trouble);
	else
		say_warning("%s", told->trouble);
}

/* Is, or may it be, a container's, though nothing is bound yet? */
static bool is_unsettled(const struct node *node)
{
	return node->state == NODE_WAITING || node->state == NODE_FULL ||
	       (node->want && node->problem);
}

/*
 * A cgroup is there before a process can be in it, so whoever has caught up with
 * the cgroups knows it. One that a rule gives to a container is that container's
 * even while it cannot be bound.
 */
static bool may_take(void *data, const char *pid)
{
	struct ctidd *d = data;
	const struct node *node;
	char *path;

	tree_catch_up(d);
	path = cgroup_path_of_pid(&d->mount, pid);
	node = path ? tree_nearest(d, path) : NULL;
	free(path);
	for (; node && !bound_to(d->bound, node->id); node = node->parent)
		if (is_unsettled(node))
			return false;
	return true;
}

static int give_up(struct ctidd *d, const char *what, int ret)
{
	say_error("cannot follow %s any more: %s", what, strerror(-ret));
	return sd_event_exit(d->event, 1);
}

/* By a timer, as for tenants' turns; not anew if it waits already, or it might for ever. */
static void go_on(struct processes *p)
{
	if (!follow_is_scanning(&p->follow) ||
	    sd_event_source_get_enabled(p->scan, NULL))
		return;
	sd_event_source_set_time_relative(p->scan, 0);
	sd_event_source_set_enabled(p->scan, SD_EVENT_ONESHOT);
}

static int on_scan(sd_event_source *source, uint64_t usec, void *data)
{
	struct ctidd *d = data;

	(void)source;
	(void)usec;
	follow_go_on(&d->processes->follow);
	go_on(d->processes);
	return 0;
}

static void begin_scan(struct processes *p)
{
	follow_scan(&p->follow);
	go_on(p);
}

static int on_process(sd_event_source *source, int fd, uint32_t revents,
		      void *data)
{
	struct ctidd *d = data;
	int ret = follow_handle(&d->processes->follow);

	(void)source;
	(void)fd;
	(void)revents;
	/* Some may have been lost. */
	go_on(d->processes);
	return ret ? give_up(d, "processes", ret) : 0;
}

static int on_change(sd_event_source *source, int fd, uint32_t revents,
		     void *data)
{
	struct ctidd *d = data;
	int ret = registry_next(&d->processes->changes, NULL, NULL);

	(void)source;
	(void)fd;
	(void)revents;
	if (ret && ret != -ENOBUFS)
		return give_up(d, "the changes of containers", ret);
	processes_again(d);
	return 0;
}

static int on_again(sd_event_source *source, uint64_t usec, void *data)
{
	struct ctidd *d = data;

	(void)source;
	(void)usec;
	begin_scan(d->processes);
	return 0;
}

static int wait_for_all(struct ctidd *d)
{
	struct processes *p = d->processes;
	int ret;

	ret = sd_event_add_io(d->event, &p->on_process, follow_fd(&p->follow),
			      EPOLLIN, on_process, d);
	if (ret >= 0)
		ret = sd_event_add_io(d->event, &p->on_change,
				      mnl_socket_get_fd(p->changes.nl), EPOLLIN,
				      on_change, d);
	if (ret >= 0)
		ret = sd_event_add_time_relative(d->event, &p->again,
						 CLOCK_MONOTONIC, 0, 0,
						 on_again, d);
	if (ret >= 0)
		ret = sd_event_source_set_enabled(p->again, SD_EVENT_OFF);
	if (ret >= 0)
		ret = sd_event_add_time_relative(d->event, &p->scan,
						 CLOCK_MONOTONIC, 0, 1, on_scan,
						 d);
	if (ret >= 0)
		ret = sd_event_source_set_enabled(p->scan, SD_EVENT_OFF);
	return ret < 0 ? ret : 0;
}

static int open_all(struct ctidd *d, struct ctid_err *err)
{
	struct processes *p = d->processes;
	int ret;

	ret = privileges_processes(true, err);
	if (!ret)
		ret = follow_open(&p->follow, err);
	if (!ret)
		ret = registry_open(&p->changes, err);
	if (ret)
		return ret;
	ret = registry_subscribe(&p->changes);
	if (!ret)
		ret = wait_for_all(d);
	return ret ? err_set(err, -ret, "cannot follow processes: %s",
			     strerror(-ret)) : 0;
}

/**
 * processes_open() - be able to follow rules about processes, if there are any
 * @d: the daemon
 * @rules: the rules, which need not be in force yet
 * @err: why not
 *
 * Nothing is moved before processes_scan().
 *
 * Return: 0 or a negative errno.
 */
int processes_open(struct ctidd *d, const struct rules *rules,
		   struct ctid_err *err)
{
	struct processes *p;
	int ret;

	if (!rules->processes.count || d->processes)
		return 0;
	p = calloc(1, sizeof(*p));
	if (!p)
		return err_set(err, ENOMEM, "%s", strerror(ENOMEM));
	p->follow = (struct follow){
		.rules = &d->rules.processes, .reg = &d->reg,
		.mount = &d->mount, .may_take = may_take, .tell = tell,
		.data = d,
	};
	d->processes = p;
	ret = open_all(d, err);
	if (ret)
		processes_close(d);
	return ret;
}

/**
 * processes_close() - follow none any more; those that were moved stay
 * @d: the daemon
 */
void processes_close(struct ctidd *d)
{
	struct processes *p = d->processes;
	struct ctid_err err;

	if (!p)
		return;
	sd_event_source_unref(p->on_process);
	sd_event_source_unref(p->on_change);
	sd_event_source_unref(p->again);
	sd_event_source_unref(p->scan);
	follow_close(&p->follow);
	registry_close(&p->changes);
	free(p);
	d->processes = NULL;
	privileges_processes(false, &err);
}

/**
 * processes_scan() - have all processes be where the rules in force say
 * @d: the daemon
 *
 * Some at a time: others do not wait for that.
 */
void processes_scan(struct ctidd *d)
{
	if (!d->rules.processes.count)
		processes_close(d);
	else
		begin_scan(d->processes);
}

/**
 * processes_again() - look at all processes again, soon
 * @d: the daemon
 */
void processes_again(struct ctidd *d)
{
	sd_event_source *again = d->processes ? d->processes->again : NULL;

	/* Not later than was said the last time. */
	if (!again || sd_event_source_get_enabled(again, NULL))
		return;
	sd_event_source_set_time_relative(again, SETTLE);
	sd_event_source_set_enabled(again, SD_EVENT_ONESHOT);
}
