// SPDX-License-Identifier: GPL-2.0-only
/* At which level nft can look for the sockets of a container. */
#include <errno.h>

#include "ctid/places.h"
#include "registry.h"
#include "xlate.h"

/* Is another container bound below, whose sockets would be taken for its? */
static bool is_mixed(const struct places *places, const struct place *top)
{
	const struct place *place = NULL;

	while ((place = places_below(places, top, place)))
		if (place->binding->id != top->binding->id)
			return true;
	return false;
}

static int common_level(uint32_t id, const struct places *places)
{
	const struct place *place;
	int level = -ENOENT;
	size_t i;

	for (i = 0; i < places->count; i++) {
		place = &places->at[i];
		if (place->binding->id != id)
			continue;
		if (!place->path || place->level < 0 || is_mixed(places, place))
			return -EINVAL;
		if (level >= 0 && place->level != level)
			return -EINVAL;
		level = place->level;
	}
	return level;
}

static int level_in(struct registry *reg, struct cgroup_mount *mount,
		    uint32_t id)
{
	struct snapshot snap;
	struct places places;
	int ret;

	ret = snapshot_take(&snap, reg);
	if (ret)
		return ret;
	ret = places_take(&places, mount, &snap);
	if (!ret)
		ret = common_level(id, &places);
	places_free(&places);
	snapshot_free(&snap);
	return ret;
}

/**
 * xlate_level() - find the level at which all cgroups of a container are
 * @id: its id
 *
 * Return: the level, or a negative errno if the running registry does not tell,
 * or if there is no level at which a rule would match these sockets and no
 * others.
 */
int xlate_level(uint32_t id)
{
	struct cgroup_mount mount;
	struct registry reg;
	int ret;

	ret = registry_open(&reg, NULL);
	if (!ret) {
		ret = cgroup_mount_open(&mount, NULL);
		if (!ret)
			ret = level_in(&reg, &mount, id);
		cgroup_mount_close(&mount);
	}
	registry_close(&reg);
	return ret;
}
