/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef CTID_PRINT_H
#define CTID_PRINT_H

#include <jansson.h>

#include "ctid.h"
#include "snapshot.h"

char *cgroup_label(struct ctid *ctx, uint64_t id, bool gone);
void print_cgroup(struct ctid *ctx, uint64_t id, bool gone);
json_t *cgroup_json(struct ctid *ctx, uint64_t id, bool gone);
json_t *container_json(uint32_t id, const char *name);
void print_json(json_t *json);

#endif /* CTID_PRINT_H */
