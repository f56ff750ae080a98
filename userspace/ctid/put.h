/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef CTID_PUT_H
#define CTID_PUT_H

#include <sys/types.h>

#include "../classify.h"
#include "../registry.h"
#include "cgroup.h"
#include "enter.h"

/**
 * struct put - where a rule puts processes
 * @rule: the rule
 * @container: its container
 * @path: the cgroup
 * @usual: room for it
 */
struct put {
	const struct classify_rule *rule;
	struct registry_msg container;
	const char *path;
	char usual[ENTER_PATH_SIZE];
};

int put_owner(struct registry *reg, struct cgroup_mount *mount,
	      struct classify_facts *facts, const char *pid,
	      struct registry_msg *owner, struct ctid_err *err);
int put_where(struct put *put, struct registry *reg,
	      const struct classify_rule *rule, struct ctid_err *err);
int put_prepare(const struct put *put, struct registry *reg,
		struct cgroup_mount *mount, struct ctid_err *err);

#endif /* CTID_PUT_H */
