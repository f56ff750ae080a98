// SPDX-License-Identifier: GPL-2.0-only
/* ctid classify --follow: running processes are moved as the rules say. */
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <libmnl/libmnl.h>

#include "follow.h"
#include "print.h"

enum {
	PROCESSES,
	REGISTRY,
	SIGNALS,
	NSOURCES,
};

static void moved_text(const struct follow_told *told)
{
	const struct put *put = told->put;

	printf("moved %d to %u%s%s (%s) by %s:%u\n", told->pid,
	       put->container.id, *put->container.name ? " " : "",
	       put->container.name, put->path, put->rule->file,
	       put->rule->line);
}

static void moved_json(const struct follow_told *told)
{
	const struct put *put = told->put;
	json_t *json = container_json(put->container.id, put->container.name);

	json_object_set_new(json, "event", json_string("moved"));
	json_object_set_new(json, "pid", json_integer(told->pid));
	json_object_set_new(json, "cgroup", word_json(put->path));
	json_object_set_new(json, "file", word_json(put->rule->file));
	json_object_set_new(json, "line", json_integer(put->rule->line));
	print_json(json);
	putchar('\n');
}

static void tell(void *data, const struct follow_told *told)
{
	const struct ctid *ctx = data;

	if (told->trouble && told->pid)
		warn("process %d: %s", told->pid, told->trouble);
	else if (told->trouble)
		warn("%s", told->trouble);
	else if (ctx->json)
		moved_json(told);
	else
		moved_text(told);
	/* Who reads along may go; the processes are to be moved all the same. */
	fflush(stdout);
}

/*
 * A rule that could not be followed may be one now. A runtime that makes many
 * containers makes many changes: take all that are there.
 */
static int on_change(struct follow *follow, struct registry *changes)
{
	struct pollfd fd = { mnl_socket_get_fd(changes->nl), POLLIN, 0 };
	int ret;

	do {
		ret = registry_next(changes, NULL, NULL);
		if (ret && ret != -ENOBUFS)
			return ret;
	} while (poll(&fd, 1, 0) > 0);
	follow_scan(follow);
	return 0;
}

/* The last good rules stay until there are better ones. */
static void on_hangup(struct follow *follow, int signals)
{
	struct signalfd_siginfo info;
	struct classify rules;

	if (read(signals, &info, sizeof(info)) != (ssize_t)sizeof(info))
		return;
	if (load_rules(&rules)) {
		warn("the rules stay as they were");
		return;
	}
	classify_free(follow->rules);
	*follow->rules = rules;
	follow_scan(follow);
}

static int loop(struct follow *follow, struct registry *changes, int signals)
{
	struct pollfd fds[NSOURCES] = {
		[PROCESSES] = { follow_fd(follow), POLLIN, 0 },
		[REGISTRY] = { mnl_socket_get_fd(changes->nl), POLLIN, 0 },
		[SIGNALS] = { signals, POLLIN, 0 },
	};
	int ret = 0;

	follow_scan(follow);
	while (!ret) {
		if (poll(fds, NSOURCES, follow_is_scanning(follow) ? 0 : -1) < 0) {
			ret = errno == EINTR ? 0 : -errno;
			continue;
		}
		if (fds[PROCESSES].revents)
			ret = follow_handle(follow);
		if (!ret && fds[REGISTRY].revents)
			ret = on_change(follow, changes);
		if (fds[SIGNALS].revents)
			on_hangup(follow, signals);
		if (!ret && follow_is_scanning(follow))
			follow_go_on(follow);
	}
	return fail("cannot follow processes any more: %s", strerror(-ret));
}

static int take_hangups(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGHUP);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	return signalfd(-1, &set, SFD_CLOEXEC);
}

static int follow_all(struct ctid *ctx, struct classify *rules,
		      struct registry *changes)
{
	struct follow follow = {
		.rules = rules, .reg = &ctx->reg, .mount = &ctx->mount,
		.tell = tell, .data = ctx,
	};
	int signals, ret;
	struct ctid_err err;

	signals = take_hangups();
	if (signals < 0)
		return fail("cannot wait for signals: %s", strerror(errno));
	ret = follow_open(&follow, &err);
	ret = ret ? fail("%s", err.text) : loop(&follow, changes, signals);
	follow_close(&follow);
	close(signals);
	return ret;
}

/**
 * classify_follow() - move running processes, now and as they change
 * @ctx: the context
 *
 * Return: the exit status, if it has to give up.
 */
int classify_follow(struct ctid *ctx)
{
	struct registry changes;
	struct classify rules;
	struct ctid_err err;
	int ret;

	ret = load_rules(&rules);
	if (ret)
		return ret;
	ret = registry_open(&changes, &err);
	if (ret) {
		ret = fail("%s", err.text);
	} else {
		ret = registry_subscribe(&changes);
		ret = ret ? fail_kernel(ctx, ret, NULL,
					"cannot follow the changes of containers") :
			    follow_all(ctx, &rules, &changes);
	}
	registry_close(&changes);
	classify_free(&rules);
	return ret;
}
