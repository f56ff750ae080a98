/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef CTID_FOLLOW_H
#define CTID_FOLLOW_H

#include <dirent.h>
#include <stdbool.h>
#include <sys/types.h>

#include "put.h"

/**
 * struct follow_told - what was done about a process, or could not be
 * @pid: the process, or 0 if it is about all
 * @put: where it was put, or NULL
 * @trouble: what went wrong, or NULL
 */
struct follow_told {
	pid_t pid;
	const struct put *put;
	const char *trouble;
};

/**
 * typedef follow_tell - is told what was done
 * @data: as in struct follow
 * @told: about what
 */
typedef void (*follow_tell)(void *data, const struct follow_told *told);

/**
 * typedef follow_may_take - says whether a process may be taken
 * @data: as in struct follow
 * @pid: the process, in digits
 *
 * Return: true if it may.
 */
typedef bool (*follow_may_take)(void *data, const char *pid);

/**
 * struct follow - puts running processes where rules say
 * @rules: the rules; whoever changes them calls follow_scan() next
 * @reg: the registry
 * @mount: the mount
 * @may_take: may a process be taken that a rule fits? Asked before its container
 *	is looked up; NULL if all may be
 * @tell: is told what was done
 * @data: for both
 * @nl: the kernel's process events
 * @lost: some were lost, and not all was read yet that there was
 * @proc: how far all processes were looked at, or NULL
 * @wanted: they are to be looked at from the beginning, next
 */
struct follow {
	struct classify *rules;
	struct registry *reg;
	struct cgroup_mount *mount;
	follow_may_take may_take;
	follow_tell tell;
	void *data;
	struct mnl_socket *nl;
	bool lost;
	DIR *proc;
	bool wanted;
};

int follow_open(struct follow *follow, struct ctid_err *err);
void follow_close(struct follow *follow);
int follow_fd(const struct follow *follow);
int follow_handle(struct follow *follow);
void follow_scan(struct follow *follow);
bool follow_is_scanning(const struct follow *follow);
void follow_go_on(struct follow *follow);

#endif /* CTID_FOLLOW_H */
