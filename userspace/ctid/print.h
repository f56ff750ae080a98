/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef CTID_PRINT_H
#define CTID_PRINT_H

#include <jansson.h>

#include "ctid.h"
#include "endpoint.h"
#include "snapshot.h"

char *cgroup_label(struct ctid *ctx, uint64_t id, bool gone);
void print_cgroup(struct ctid *ctx, uint64_t id, bool gone);
json_t *cgroup_json(struct ctid *ctx, uint64_t id, bool gone);
json_t *word_json(const char *word);
json_t *container_json(uint32_t id, const char *name);
void flow_json(json_t *json, const struct flow *flow);
json_t *endpoint_json(const struct endpoint *end);
void print_json(json_t *json);

#endif /* CTID_PRINT_H */
