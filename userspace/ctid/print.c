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
 * word_json() - a word that others chose, as JSON
 * @word: the word
 *
 * JSON holds UTF-8 only, but names of programs, chains and the like need not be.
 *
 * Return: a string, escaped as in messages if need be.
 */
json_t *word_json(const char *word)
{
	json_t *json = json_string(word);

	return json ? json : json_string(show(word).s);
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
 * flow_json() - describe flow ids as JSON
 * @json: the container's object; gets those that it has
 * @flow: its flow ids
 */
void flow_json(json_t *json, const struct flow *flow)
{
	char classid[FLOW_CLASSID_SIZE];

	if (flow->set & CONTAINER_ID_FLOW_MARK)
		json_object_set_new(json, "mark", json_integer(flow->mark));
	if (flow->set & CONTAINER_ID_FLOW_PRIORITY)
		json_object_set_new(json, "priority",
				    json_integer(flow->priority));
	if (flow->set & CONTAINER_ID_FLOW_CLASSID) {
		flow_classid(classid, flow->classid);
		json_object_set_new(json, "classid", json_string(classid));
	}
	if (flow->fixed)
		json_object_set_new(json, "flow", json_string("fixed"));
}

/**
 * endpoint_json() - describe an endpoint as JSON
 * @end: the endpoint
 *
 * Return: an object with "address" and, if there is one, "port".
 */
json_t *endpoint_json(const struct endpoint *end)
{
	char addr[ENDPOINT_TEXT];
	json_t *json = json_object();

	endpoint_format_addr(addr, end);
	json_object_set_new(json, "address", json_string(addr));
	if (end->port)
		json_object_set_new(json, "port", json_integer(end->port));
	return json;
}

/**
 * print_json() - print a JSON value and forget it
 * @json: the value
 *
 * Tenants choose names of cgroups and programs, and a terminal may be what reads them:
 * there are control characters beyond ASCII, too.
 */
void print_json(json_t *json)
{
	json_dumpf(json, stdout, JSON_COMPACT | JSON_ENSURE_ASCII);
	json_decref(json);
}
