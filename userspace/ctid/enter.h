/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef CTID_ENTER_H
#define CTID_ENTER_H

#include <sys/types.h>

#include "../registry.h"
#include "cgroup.h"

/** Where cgroups are made if nothing else is said. */
#define ENTER_PARENT	"/ctid.slice"

/** Room for the path of such a cgroup. */
#define ENTER_PATH_SIZE	(sizeof(ENTER_PARENT) + CONTAINER_ID_NAMSIZ + 1)

const char *enter_path(char path[ENTER_PATH_SIZE],
		       const struct registry_msg *container);
int enter_prepare(struct registry *reg, struct cgroup_mount *mount, uint32_t id,
		  const char *path, struct ctid_err *err);
int enter_move(int cgroup, const char *path, pid_t pid, struct ctid_err *err);
int enter_verify(struct registry *reg, struct cgroup_mount *mount, uint32_t id,
		 int cgroup, const char *path, struct ctid_err *err);

#endif /* CTID_ENTER_H */
