/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef CTID_PLACES_H
#define CTID_PLACES_H

#include <stddef.h>

#include "cgroup.h"
#include "snapshot.h"

/**
 * struct place - a bound cgroup, and where it is
 * @binding: the binding
 * @path: its path below the mount, or NULL if the caller cannot see it
 * @level: how far it is below the root of the caller's cgroup namespace, from
 *	which nft counts; less than 0 if it is not below
 */
struct place {
	const struct binding *binding;
	char *path;
	int level;
};

/**
 * struct places - the bound cgroups that exist
 * @at: them, ordered by path
 * @count: how many
 */
struct places {
	struct place *at;
	size_t count;
};

int places_take(struct places *places, struct cgroup_mount *mount,
		const struct snapshot *snap);
void places_free(struct places *places);
const struct place *places_below(const struct places *places,
				 const struct place *top,
				 const struct place *previous);

#endif /* CTID_PLACES_H */
