// SPDX-License-Identifier: GPL-2.0-only
/* How cgroups and containers look, for people and as JSON. */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>

#include "../text.h"
#include "print.h"

/**
 * cgroup_label() - name a cgroup for people
 * @ctx: the context
 * @id: cgroup id
 * @gone: its directory is removed
 *
 * Return: its path, with the escapes of container.conf, or what became of it,
 * to be freed; NULL without memory.
 */
char *cgroup_label(struct ctid *ctx, uint64_t id, bool gone)
{
	enum cgroup_where where = CGROUP_REMOVED;
	char *path = NULL, *label = NULL;

	if (!gone)
		where = cgroup_path(&ctx->mount, id, &path);
	if (where == CGROUP_FOUND)
		label = text_escaped(path);
	else if (asprintf(&label, "id:%llu%s", (unsigned long long)id,
			  where == CGROUP_REMOVED ? "(removed)" : "") < 0)
		label = NULL;
	free(path);
	return label;
}

/**
 * print_cgroup() - print the name of a cgroup
 * @ctx: the context
 * @id: cgroup id
 * @gone: its directory is removed
 */
void print_cgroup(struct ctid *ctx, uint64_t id, bool gone)
{
	char *label = cgroup_label(ctx, id, gone);

	fputs(label ? label : "?", stdout);
	free(label);
}

/**
 * cgroup_json() - describe a cgroup as JSON
 * @ctx: the context
 * @id: cgroup id
 * @gone: its directory is removed
 *
 * A path that is not UTF-8, which JSON cannot hold, is left out.
 *
 * Return: an object with "id", and "path" or "removed".
 */
json_t *cgroup_json(struct ctid *ctx, uint64_t id, bool gone)
{
	enum cgroup_where where = CGROUP_REMOVED;
	json_t *json = json_object();
	char *path = NULL;

	if (!gone)
		where = cgroup_path(&ctx->mount, id, &path);
	json_object_set_new(json, "id", json_integer((json_int_t)id));
	if (where == CGROUP_FOUND)
		json_object_set_new(json, "path", json_string(path));
	else if (where == CGROUP_REMOVED)
		json_object_set_new(json, "removed", json_true());
	free(path);
	return json;
}

/**
 * container_json() - describe a container as JSON
 * @id: container id
 * @name: its name, or ""
 *
 * Return: an object with "id" and, if it has one, "name".
 */
json_t *container_json(uint32_t id, const char *name)
{
	json_t *json = json_object();

	json_object_set_new(json, "id", json_integer(id));
	if (*name)
		json_object_set_new(json, "name", json_string(name));
	return json;
}

/**
 * print_json() - print a JSON value and forget it
 * @json: the value
 */
void print_json(json_t *json)
{
	json_dumpf(json, stdout, JSON_COMPACT);
	json_decref(json);
}
