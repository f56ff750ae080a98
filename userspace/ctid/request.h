/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef CTID_REQUEST_H
#define CTID_REQUEST_H

#include "../flow.h"
#include "../registry.h"

int request_add(struct registry *reg, uint32_t id, const char *name);
int request_set(struct registry *reg, uint32_t id, const char *name);
int request_flow(struct registry *reg, uint32_t id,
		 const struct flow_change *change);
int request_del(struct registry *reg, uint32_t id);
int request_bind(struct registry *reg, uint32_t id, int cgroup);
int request_rebind(struct registry *reg, uint32_t id, uint32_t from, int cgroup);
int request_unbind(struct registry *reg, uint32_t id, int cgroup,
		   uint64_t cgroup_id);
int request_of(struct registry *reg, int cgroup, struct registry_msg *msg);

#endif /* CTID_REQUEST_H */
