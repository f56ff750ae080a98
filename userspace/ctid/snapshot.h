/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef CTID_SNAPSHOT_H
#define CTID_SNAPSHOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../registry.h"

/**
 * struct binding - a bound cgroup
 * @id: container id
 * @cgroup: cgroup id
 * @gone: the cgroup directory is removed
 */
struct binding {
	uint32_t id;
	uint64_t cgroup;
	bool gone;
};

/**
 * struct container - a container
 * @id: container id
 * @name: its name, or ""
 * @flow: its flow ids
 * @bindings: its cgroups, ordered by id
 * @nbindings: how many
 */
struct container {
	uint32_t id;
	char name[CONTAINER_ID_NAMSIZ];
	struct flow flow;
	const struct binding *bindings;
	size_t nbindings;
};

/**
 * struct snapshot - the registry, at one moment if it can be had
 * @containers: all containers, ordered by id
 * @ncontainers: how many
 * @bindings: all their bindings, ordered by container
 * @nbindings: how many
 * @exact: of one moment; else what others bound elsewhere meanwhile may be there twice,
 *	or not at all
 */
struct snapshot {
	struct container *containers;
	size_t ncontainers;
	struct binding *bindings;
	size_t nbindings;
	bool exact;
};

int snapshot_take(struct snapshot *snap, struct registry *reg);
int snapshot_take_one(struct snapshot *snap, struct registry *reg,
		      const struct registry_msg *container);
void snapshot_free(struct snapshot *snap);
const struct container *snapshot_find(const struct snapshot *snap,
				      uint32_t id);

#endif /* CTID_SNAPSHOT_H */
