/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef CTID_CGROUP_H
#define CTID_CGROUP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "../error.h"

struct cgroup_walk;

/**
 * struct cgroup_mount - where the caller sees the cgroup v2 hierarchy
 * @fd: its top directory, open for reading
 * @point: where that is
 * @root: which cgroup is mounted there, as the caller's cgroup namespace has it
 * @walk: all cgroups by id, once there was need for it
 */
struct cgroup_mount {
	int fd;
	char *point;
	char *root;
	struct cgroup_walk *walk;
};

/**
 * enum cgroup_where - what became of a cgroup id
 * @CGROUP_FOUND: it has a path below the mount
 * @CGROUP_REMOVED: there is no such cgroup any more
 * @CGROUP_HIDDEN: there may be one, but not where the caller can see it
 */
enum cgroup_where {
	CGROUP_FOUND,
	CGROUP_REMOVED,
	CGROUP_HIDDEN,
};

/* cgroup.c */
int cgroup_mount_open(struct cgroup_mount *mount, struct ctid_err *err);
void cgroup_mount_close(struct cgroup_mount *mount);
int cgroup_mount_parse(struct cgroup_mount *mount, char *line);
int cgroup_open(struct cgroup_mount *mount, const char *path,
		struct ctid_err *err);
int cgroup_make(struct cgroup_mount *mount, const char *path,
		struct ctid_err *err);
int cgroup_of_pid(struct cgroup_mount *mount, const char *pid,
		  struct ctid_err *err);
char *cgroup_path_of_pid(const struct cgroup_mount *mount, const char *pid);

/* cgroup_path.c */
enum cgroup_where cgroup_path(struct cgroup_mount *mount, uint64_t id,
			      char **path);
void cgroup_walk_free(struct cgroup_walk *walk);

#endif /* CTID_CGROUP_H */
