// SPDX-License-Identifier: GPL-2.0-only
/*
 * Running processes: the kernel's process connector tells of each that begins,
 * executes a file, or changes its user, group or session; then the rules are
 * asked. Between that and the move the process runs on where it was.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../clock.h"
#include "../names.h"
#include "ctid.h"
#include "follow.h"
#include "procevent.h"

static void tell_trouble(struct follow *follow, pid_t pid, const char *trouble)
{
	const struct follow_told told = { pid, NULL, trouble };

	follow->tell(follow->data, &told);
}

/* What stands in the way of one process will of the next: say it once. */
static void failed(struct follow *follow, pid_t pid, struct classify_rule *rule,
		   int ret, const char *trouble)
{
	if (rule->failed != ret)
		tell_trouble(follow, pid, trouble);
	rule->failed = ret;
}

static bool has_ended(int pidfd)
{
	struct pollfd poll_fd = { pidfd, POLLIN, 0 };

	return poll(&poll_fd, 1, 0) != 0;
}

/*
 * cgroup.procs takes numbers. If the process ended just now, its number may
 * have become another one's, which then was moved in its place.
 */
static void check_number(struct follow *follow, pid_t pid, const char *name,
			 const struct classify_rule *rule)
{
	struct classify_facts facts;
	enum classify_cond misfit;

	if (!classify_process(&facts, name, follow->rules->asked) &&
	    !classify_fits(rule, &facts, &misfit))
		tell_trouble(follow, pid,
			     "it took the number of a process that ended while that was moved, and was moved instead: move it back");
	classify_facts_clear(&facts);
}

static void move(struct follow *follow, pid_t pid, const char *name, int pidfd,
		 struct put *put, struct classify_rule *rule)
{
	const struct follow_told told = { pid, put, NULL };
	struct ctid_err err;
	int fd, ret;

	fd = put_prepare(put, follow->reg, follow->mount, &err);
	if (fd < 0) {
		failed(follow, pid, rule, fd, err.text);
		return;
	}
	ret = has_ended(pidfd) ? -ESRCH :
				 enter_move(fd, put->path, pid, &err);
	close(fd);
	if (ret == -ESRCH)
		return;
	if (ret) {
		failed(follow, pid, rule, ret, err.text);
		return;
	}
	rule->failed = 0;
	if (has_ended(pidfd))
		check_number(follow, pid, name, rule);
	follow->tell(follow->data, &told);
}

/*
 * The rule for a process that is not where it says, or NULL. Most processes are
 * nobody's, so that who has it is asked of the kernel only if a rule fits.
 */
static struct classify_rule *decide(struct follow *follow, const char *name,
				    int pidfd)
{
	struct classify_rule *rule = NULL;
	struct registry_msg owner;
	struct classify_facts facts;
	struct ctid_err err;
	int ret;

	ret = classify_process(&facts, name, follow->rules->asked);
	if (!ret)
		rule = classify_find(follow->rules, &facts);
	if (rule && follow->may_take && !follow->may_take(follow->data, name))
		rule = NULL;
	if (rule) {
		ret = put_owner(follow->reg, follow->mount, &facts, name,
				&owner, &err);
		if (ret && !has_ended(pidfd))
			failed(follow, atoi(name), rule, ret, err.text);
		rule = ret ? NULL : classify_find(follow->rules, &facts);
	}
	if (rule && classify_is_owner(&facts, rule->container))
		rule = NULL;
	classify_facts_clear(&facts);
	return rule;
}

/*
 * Not the first process: nobody could clean up after it. Not this one: it would
 * judge itself.
 */
static void consider(struct follow *follow, pid_t pid)
{
	struct classify_rule *rule;
	struct ctid_err err;
	struct put put;
	char name[16];
	int pidfd, ret;

	if (pid <= 1 || pid == getpid())
		return;
	pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	if (pidfd < 0)
		return;
	snprintf(name, sizeof(name), "%d", pid);
	rule = decide(follow, name, pidfd);
	if (rule) {
		ret = put_where(&put, follow->reg, rule, &err);
		if (ret)
			failed(follow, pid, rule, ret, err.text);
		else
			move(follow, pid, name, pidfd, &put, rule);
	}
	close(pidfd);
}

/**
 * follow_scan() - have the rules be asked about all processes
 * @follow: open
 *
 * That is what follow_go_on() does then. While it is being done, all are asked about once
 * more after that. A process that begins meanwhile makes an event.
 */
void follow_scan(struct follow *follow)
{
	follow->wanted = true;
}

/**
 * follow_is_scanning() - is follow_go_on() to be called?
 * @follow: open
 *
 * Return: true if so.
 */
bool follow_is_scanning(const struct follow *follow)
{
	return follow->proc || follow->wanted;
}

static void end_scan(struct follow *follow)
{
	if (follow->proc)
		closedir(follow->proc);
	follow->proc = NULL;
}

static bool begin_scan(struct follow *follow)
{
	follow->wanted = false;
	follow->proc = opendir("/proc");
	if (!follow->proc)
		tell_trouble(follow, 0,
			     "cannot read /proc: no process was looked at");
	return follow->proc;
}

/**
 * follow_go_on() - ask the rules about some more processes
 * @follow: open, and scanning
 *
 * Not many at a time: to learn the groups of one takes up to 8 ms, if it has 65536.
 * There may be more: see follow_is_scanning().
 */
void follow_go_on(struct follow *follow)
{
	uint64_t end = clock_now() + CLOCK_TURN;
	const struct dirent *entry;

	if (!follow->proc && !begin_scan(follow))
		return;
	do {
		entry = readdir(follow->proc);
		if (!entry)
			end_scan(follow);
		else if (is_number(entry->d_name))
			consider(follow, atoi(entry->d_name));
	} while (entry && clock_now() < end);
}

static void on_process(pid_t pid, void *data)
{
	consider(data, pid);
}

/**
 * follow_handle() - handle events that are there
 * @follow: open
 *
 * When it returns, each process whose event was handled makes new sockets as
 * its container's. Some events may be left: poll follow_fd() again. If some were lost,
 * follow_is_scanning().
 *
 * Return: 0, or a negative errno if there will be no more events.
 */
int follow_handle(struct follow *follow)
{
	uint64_t end = clock_now() + CLOCK_TURN;
	int ret = 0;

	while (!ret && clock_now() < end) {
		ret = procevent_next(follow->nl, on_process, follow);
		if (ret == -ENOBUFS) {
			tell_trouble(follow, 0,
				     "process events were lost: looking at all processes again");
			follow_scan(follow);
			follow->lost = true;
			ret = 0;
		}
	}
	if (ret != -EAGAIN)
		return ret;
	/* Until all was read that there was, the kernel dropped what came, and said so once. */
	if (follow->lost) {
		follow->lost = false;
		follow_scan(follow);
	}
	return 0;
}

/**
 * follow_fd() - what to poll for reading
 * @follow: open
 *
 * Return: the descriptor.
 */
int follow_fd(const struct follow *follow)
{
	return procevent_fd(follow->nl);
}

/**
 * follow_open() - begin to receive process events
 * @follow: with all but @nl filled; to be closed with follow_close()
 * @err: why not
 *
 * Nothing is looked at yet: call follow_scan() next.
 *
 * Return: 0 or a negative errno.
 */
int follow_open(struct follow *follow, struct ctid_err *err)
{
	return procevent_open(&follow->nl, err);
}

/**
 * follow_close() - receive no more
 * @follow: open, or not
 */
void follow_close(struct follow *follow)
{
	end_scan(follow);
	procevent_close(follow->nl);
	follow->nl = NULL;
}
