/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef CTID_OWNERS_H
#define CTID_OWNERS_H

#include "ctid.h"
#include "snapshot.h"

/**
 * struct owner - whose the sockets of a cgroup are
 * @cgroup: the cgroup's id
 * @known: it could be found out
 * @id: the container, 0 for none
 */
struct owner {
	uint64_t cgroup;
	bool known;
	uint32_t id;
};

/**
 * struct owners - whose the sockets of cgroups are, as far as it was asked
 * @snap: the registry
 * @asked: each &struct owner, by <search.h>
 */
struct owners {
	struct snapshot snap;
	void *asked;
};

int owners_take(struct owners *owners, struct ctid *ctx);
void owners_free(struct owners *owners);
const struct owner *owners_find(struct owners *owners, struct ctid *ctx,
				uint64_t cgroup);
const char *owners_name(const struct owners *owners, uint32_t id);

#endif /* CTID_OWNERS_H */
