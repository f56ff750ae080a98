// SPDX-License-Identifier: GPL-2.0-only
/* Where the bound cgroups are, and which are below which. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "places.h"

/* "/a/b" is 2 below "/", "/.." is 1 above. */
static int depth(const char *path)
{
	int levels = 0;
	size_t len;

	for (; *path; path += len) {
		path += strspn(path, "/");
		len = strcspn(path, "/");
		if (len == 2 && !strncmp(path, "..", len))
			levels--;
		else if (len)
			levels++;
	}
	return levels;
}

static int by_path(const void *a, const void *b)
{
	const struct place *x = a, *y = b;

	if (!x->path || !y->path)
		return !!x->path - !!y->path;
	return strcmp(x->path, y->path);
}

/**
 * places_take() - find out where the bound cgroups are
 * @places: filled; to be freed with places_free()
 * @mount: the cgroup2 mount; may be closed, if there is none
 * @snap: the registry, which is to live as long
 *
 * A cgroup that was removed is left out: nft can print it as a number only, and
 * not read that again.
 *
 * Return: 0 or -ENOMEM.
 */
int places_take(struct places *places, struct cgroup_mount *mount,
		const struct snapshot *snap)
{
	struct place *place;
	size_t i;

	*places = (struct places){ 0 };
	places->at = calloc(snap->nbindings + 1, sizeof(*place));
	if (!places->at)
		return -ENOMEM;
	/* What an earlier walk saw is old by now. */
	cgroup_walk_free(mount->walk);
	mount->walk = NULL;
	for (i = 0; i < snap->nbindings; i++) {
		place = &places->at[places->count];
		place->binding = &snap->bindings[i];
		if (place->binding->gone ||
		    cgroup_path(mount, place->binding->cgroup,
				&place->path) == CGROUP_REMOVED)
			continue;
		place->level = place->path ?
			depth(mount->root) + depth(place->path) : -1;
		places->count++;
	}
	qsort(places->at, places->count, sizeof(*place), by_path);
	return 0;
}

/**
 * places_free() - forget where they are
 * @places: filled or zeroed
 */
void places_free(struct places *places)
{
	size_t i;

	for (i = 0; i < places->count; i++)
		free(places->at[i].path);
	free(places->at);
	*places = (struct places){ 0 };
}

static bool is_below(const char *path, const char *top)
{
	size_t len = strlen(top);

	if (!strcmp(top, "/"))
		return path[1];
	return !strncmp(path, top, len) && path[len] == '/';
}

/* The first place that may be below @top. */
static size_t first_below(const struct places *places, const char *top)
{
	size_t low = 0, high = places->count, middle;

	while (low < high) {
		middle = low + (high - low) / 2;
		if (!places->at[middle].path ||
		    strcmp(places->at[middle].path, top) <= 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/**
 * places_below() - go through the bound cgroups below one of them
 * @places: all of them
 * @top: the one, which has a path
 * @previous: what the last call returned, or NULL to begin
 *
 * Return: the next one, or NULL.
 */
const struct place *places_below(const struct places *places,
				 const struct place *top,
				 const struct place *previous)
{
	const struct place *place, *end = places->at + places->count;

	place = previous ? previous + 1 : places->at + first_below(places, top->path);
	for (; place < end; place++) {
		/* Between "/a" and "/a/b" may be "/a!", which is not below. */
		if (is_below(place->path, top->path))
			return place;
		if (strncmp(place->path, top->path, strlen(top->path)) != 0)
			break;
	}
	return NULL;
}
