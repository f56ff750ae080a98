// SPDX-License-Identifier: GPL-2.0-only
/* What a set should have, by the registry and by where its cgroups are. */
#include <string.h>

#include "../names.h"
#include "nftset.h"

/**
 * nftset_container() - find the container that a set is for
 * @set: the set
 * @snap: the registry
 *
 * Return: the container, or NULL if it is not registered.
 */
const struct container *nftset_container(const struct nftset *set,
					 const struct snapshot *snap)
{
	const char *word = set->decl.container;
	uint32_t id;
	size_t i;

	if (is_number(word))
		return number_parse(word, &id) ? NULL : snapshot_find(snap, id);
	for (i = 0; i < snap->ncontainers; i++)
		if (!strcmp(snap->containers[i].name, word))
			return &snap->containers[i];
	return NULL;
}

static int plan_elem(struct nftset_plan *plan, const struct place *place,
		     enum nftset_kind kind)
{
	if (place->level >= 0 && place->level < NFTSET_LEVELS)
		plan->levels[place->level] = true;
	return nftset_elem_add(&plan->want, place->binding->cgroup, kind);
}

/* The nearest binding counts: what belongs to others below is to be let be. */
static int plan_others(struct nftset_plan *plan, const struct place *own,
		       const struct places *places)
{
	const struct place *place = NULL;
	int ret = 0;

	while (!ret && (place = places_below(places, own, place)))
		if (place->binding->id != own->binding->id)
			ret = plan_elem(plan, place, NFTSET_OTHER);
	return ret;
}

/* A cgroup can be below two of the container's. */
static void join_twins(struct nftset_elems *elems)
{
	size_t i, kept = 0;

	for (i = 0; i < elems->count; i++)
		if (!kept || elems->at[kept - 1].cgroup != elems->at[i].cgroup)
			elems->at[kept++] = elems->at[i];
	elems->count = kept;
}

/**
 * nftset_plan() - tell what a set should have
 * @plan: filled; its elements are to be freed
 * @set: the set
 * @id: its container's id, 0 if it is not registered
 * @places: all bound cgroups
 *
 * Return: 0 or -ENOMEM.
 */
int nftset_plan(struct nftset_plan *plan, const struct nftset *set,
		uint32_t id, const struct places *places)
{
	const struct place *place;
	int ret = 0;
	size_t i;

	*plan = (struct nftset_plan){ 0 };
	for (i = 0; !ret && i < places->count; i++) {
		place = &places->at[i];
		if (place->binding->id != id)
			continue;
		ret = plan_elem(plan, place, NFTSET_OWN);
		if (!ret && *set->decl.chain && place->path)
			ret = plan_others(plan, place, places);
	}
	nftset_elems_sort(&plan->want);
	join_twins(&plan->want);
	return ret;
}
