// SPDX-License-Identifier: GPL-2.0-only
/* From the id of the cgroup that a socket was made in to its container. */
#define _GNU_SOURCE
#include <search.h>
#include <stdlib.h>
#include <unistd.h>

#include "owners.h"

/**
 * owners_take() - begin to ask
 * @owners: filled; to be freed with owners_free()
 * @ctx: the context, with the registry
 *
 * Return: 0 or a negative errno.
 */
int owners_take(struct owners *owners, struct ctid *ctx)
{
	*owners = (struct owners){ 0 };
	return snapshot_take(&owners->snap, &ctx->reg);
}

/**
 * owners_free() - forget what was asked
 * @owners: filled or zeroed
 */
void owners_free(struct owners *owners)
{
	snapshot_free(&owners->snap);
	tdestroy(owners->asked, free);
	*owners = (struct owners){ 0 };
}

/* A removed cgroup cannot be opened, but it may be bound itself. */
static bool by_binding(const struct snapshot *snap, struct owner *owner)
{
	size_t i;

	for (i = 0; i < snap->nbindings; i++) {
		if (snap->bindings[i].cgroup == owner->cgroup) {
			owner->id = snap->bindings[i].id;
			return true;
		}
	}
	return false;
}

/* The kernel knows the nearest binding. */
static bool by_kernel(struct ctid *ctx, struct owner *owner)
{
	struct registry_msg msg;
	struct ctid_err ignored;
	char *path;
	int fd = -1, ret = -1;

	if (cgroup_path(&ctx->mount, owner->cgroup, &path) == CGROUP_FOUND)
		fd = cgroup_open(&ctx->mount, path, &ignored);
	free(path);
	if (fd >= 0) {
		ret = request_of(&ctx->reg, fd, &msg);
		close(fd);
	}
	if (!ret)
		owner->id = msg.id;
	return !ret;
}

static int compare(const void *a, const void *b)
{
	const struct owner *one = a, *other = b;

	return (one->cgroup > other->cgroup) - (one->cgroup < other->cgroup);
}

/**
 * owners_find() - whose are the sockets made in a cgroup?
 * @owners: what was asked so far
 * @ctx: the context, with the registry and the mount
 * @cgroup: the cgroup's id, 0 if it is not known
 *
 * Return: the answer, valid until owners_free(); NULL without memory.
 */
const struct owner *owners_find(struct owners *owners, struct ctid *ctx,
				uint64_t cgroup)
{
	const struct owner asked = { .cgroup = cgroup };
	struct owner **found = tfind(&asked, &owners->asked, compare);
	struct owner *owner;

	if (found)
		return *found;
	owner = malloc(sizeof(*owner));
	if (!owner)
		return NULL;
	*owner = asked;
	owner->known = cgroup && (by_binding(&owners->snap, owner) ||
				  by_kernel(ctx, owner));
	if (tsearch(owner, &owners->asked, compare))
		return owner;
	free(owner);
	return NULL;
}

/**
 * owners_name() - the name of a container
 * @owners: has the registry
 * @id: its id
 *
 * Return: its name, or "".
 */
const char *owners_name(const struct owners *owners, uint32_t id)
{
	const struct container *container = snapshot_find(&owners->snap, id);

	return container ? container->name : "";
}
