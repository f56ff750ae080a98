/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef CTIDD_BOUND_H
#define CTIDD_BOUND_H

#include <stdbool.h>
#include <stdint.h>

#include "../error.h"

struct bound;

/**
 * typedef bound_cb - is given a binding
 * @data: as given to bound_each()
 * @cgroup: cgroup id
 * @id: container id
 *
 * Return: true if it is to be forgotten.
 */
typedef bool (*bound_cb)(void *data, uint64_t cgroup, uint32_t id);

struct bound *bound_open(const char *path, struct ctid_err *err);
void bound_close(struct bound *bound);
int bound_note(struct bound *bound, uint64_t cgroup, uint32_t id);
void bound_forget(struct bound *bound, uint64_t cgroup);
uint32_t bound_to(const struct bound *bound, uint64_t cgroup);
uint32_t bound_before(const struct bound *bound, uint64_t cgroup);
void bound_mark(struct bound *bound, uint64_t cgroup);
void bound_each(struct bound *bound, bound_cb each, void *data);
void bound_sweep(struct bound *bound, bound_cb each, void *data);

#endif /* CTIDD_BOUND_H */
