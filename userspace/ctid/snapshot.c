// SPDX-License-Identifier: GPL-2.0-only
/* A copy of the registry: of one moment, unless others do not leave it alone. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libmnl/libmnl.h>

#include "snapshot.h"

/** A registry that changes during so many dumps in a row will not calm down. */
#define TRIES	5

/* Room for one more in an array that grows by doubling. */
static void *with_room(void *array, size_t count, size_t size)
{
	if (count & (count - 1) || count == 1)
		return array;
	return realloc(array, (count ? count * 2 : 2) * size);
}

static int add_container(const struct registry_msg *msg, void *data)
{
	struct snapshot *snap = data;
	struct container *new;

	new = with_room(snap->containers, snap->ncontainers, sizeof(*new));
	if (!new)
		return -ENOMEM;
	snap->containers = new;
	new += snap->ncontainers++;
	*new = (struct container){ .id = msg->id, .flow = msg->flow };
	strcpy(new->name, msg->name);
	return 0;
}

static int add_binding(const struct registry_msg *msg, void *data)
{
	struct snapshot *snap = data;
	struct binding *new;

	new = with_room(snap->bindings, snap->nbindings, sizeof(*new));
	if (!new)
		return -ENOMEM;
	snap->bindings = new;
	new[snap->nbindings++] = (struct binding){
		.id = msg->id,
		.cgroup = msg->cgroup,
		.gone = msg->gone,
	};
	return 0;
}

static int by_container(const void *a, const void *b)
{
	const struct binding *x = a, *y = b;

	if (x->id != y->id)
		return x->id < y->id ? -1 : 1;
	return x->cgroup < y->cgroup ? -1 : x->cgroup > y->cgroup;
}

static int by_id(const void *a, const void *b)
{
	const struct container *x = a, *y = b;

	return x->id < y->id ? -1 : x->id > y->id;
}

/* Both sorted, one pass joins them. A binding without its container means that
 * the registry changed between the two dumps; it is left out.
 */
static int join(struct snapshot *snap)
{
	struct container *container = snap->containers;
	struct container *end = container + snap->ncontainers;
	size_t count = snap->nbindings;
	size_t i;

	if (snap->ncontainers)
		qsort(snap->containers, snap->ncontainers, sizeof(*container),
		      by_id);
	if (snap->nbindings)
		qsort(snap->bindings, snap->nbindings, sizeof(*snap->bindings),
		      by_container);
	snap->nbindings = 0;
	for (i = 0; i < count; i++) {
		while (container < end && container->id < snap->bindings[i].id)
			container++;
		if (container == end || container->id != snap->bindings[i].id)
			continue;
		if (!container->nbindings++)
			container->bindings = &snap->bindings[snap->nbindings];
		snap->bindings[snap->nbindings++] = snap->bindings[i];
	}
	return snap->nbindings < count ? -EINTR : 0;
}

static int take_bindings(struct snapshot *snap, struct registry *reg,
			 uint32_t id)
{
	struct nlmsghdr *nlh;

	nlh = registry_dump_request(reg, CONTAINER_ID_CMD_GET_BINDING);
	if (id)
		mnl_attr_put_u32(nlh, CONTAINER_ID_A_ID, id);
	return registry_talk(reg, add_binding, snap);
}

static int take_containers(struct snapshot *snap, struct registry *reg,
			   const struct registry_msg *only)
{
	if (only)
		return add_container(only, snap);
	registry_dump_request(reg, CONTAINER_ID_CMD_GET);
	return registry_talk(reg, add_container, snap);
}

/* Is this good enough? */
static bool take_it(int ret, bool exact, bool *changed)
{
	*changed |= ret == -EINTR;
	return !ret || (ret == -EINTR && !exact);
}

/* -EINTR if it was not of one moment; then @snap is empty if it had to be. */
static int try_once(struct snapshot *snap, struct registry *reg,
		    const struct registry_msg *only, bool exact)
{
	bool changed = false;
	int ret;

	*snap = (struct snapshot){ 0 };
	ret = take_containers(snap, reg, only);
	if (take_it(ret, exact, &changed))
		ret = take_bindings(snap, reg, only ? only->id : 0);
	if (take_it(ret, exact, &changed))
		ret = join(snap);
	if (take_it(ret, exact, &changed)) {
		snap->exact = !changed;
		return changed ? -EINTR : 0;
	}
	snapshot_free(snap);
	return ret;
}

static int keep_trying(struct snapshot *snap, struct registry *reg,
		       const struct registry_msg *only)
{
	int tries = TRIES;
	int ret;

	do {
		ret = try_once(snap, reg, only, --tries);
	} while (ret == -EINTR && tries);
	return ret == -EINTR ? 0 : ret;
}

/**
 * snapshot_take() - read the whole registry
 * @snap: filled, to be freed with snapshot_free()
 * @reg: the registry
 *
 * Where others change it all the time, as who makes and removes cgroups that are bound
 * can, the copy is not of one moment: it has each container that was there all the time,
 * and what was bound to it all the time, and of the others some: @snap->exact.
 *
 * Return: 0 or a negative errno, which registry_strerror() explains.
 */
int snapshot_take(struct snapshot *snap, struct registry *reg)
{
	return keep_trying(snap, reg, NULL);
}

/**
 * snapshot_take_one() - read the bindings of one container
 * @snap: filled, to be freed with snapshot_free()
 * @reg: the registry
 * @container: what registry_get() returned
 *
 * Return: as snapshot_take().
 */
int snapshot_take_one(struct snapshot *snap, struct registry *reg,
		      const struct registry_msg *container)
{
	return keep_trying(snap, reg, container);
}

/**
 * snapshot_free() - forget a copy
 * @snap: the copy
 */
void snapshot_free(struct snapshot *snap)
{
	free(snap->containers);
	free(snap->bindings);
	*snap = (struct snapshot){ 0 };
}

/**
 * snapshot_find() - find a container
 * @snap: the copy
 * @id: container id
 *
 * Return: the container, or NULL.
 */
const struct container *snapshot_find(const struct snapshot *snap, uint32_t id)
{
	struct container key = { .id = id };

	if (!snap->ncontainers)
		return NULL;
	return bsearch(&key, snap->containers, snap->ncontainers, sizeof(key),
		       by_id);
}
