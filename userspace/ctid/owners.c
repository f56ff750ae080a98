// SPDX-License-Identifier: GPL-2.0-only
/* From the id of the cgroup that a socket was made in to its container. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
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
	free(owners->at);
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

/* Where the answer about a cgroup is, or is to be. */
static size_t place_of(const struct owners *owners, uint64_t cgroup)
{
	size_t low = 0, high = owners->n, middle;

	while (low < high) {
		middle = low + (high - low) / 2;
		if (owners->at[middle].cgroup < cgroup)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static int make_room(struct owners *owners)
{
	size_t room = owners->room ? 2 * owners->room : 64;
	struct owner *more;

	if (owners->n < owners->room)
		return 0;
	more = realloc(owners->at, room * sizeof(*more));
	if (!more)
		return -ENOMEM;
	owners->at = more;
	owners->room = room;
	return 0;
}

/**
 * owners_find() - whose are the sockets made in a cgroup?
 * @owners: what was asked so far
 * @ctx: the context, with the registry and the mount
 * @cgroup: the cgroup's id, 0 if it is not known
 *
 * Return: the answer, valid until the next question; NULL without memory.
 */
const struct owner *owners_find(struct owners *owners, struct ctid *ctx,
				uint64_t cgroup)
{
	struct owner owner = { .cgroup = cgroup }, *at;
	size_t place = place_of(owners, cgroup);

	if (place < owners->n && owners->at[place].cgroup == cgroup)
		return &owners->at[place];
	if (make_room(owners))
		return NULL;
	owner.known = cgroup && (by_binding(&owners->snap, &owner) ||
				 by_kernel(ctx, &owner));
	at = &owners->at[place];
	memmove(at + 1, at, (owners->n++ - place) * sizeof(*at));
	*at = owner;
	return at;
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
