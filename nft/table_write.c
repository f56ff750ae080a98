// SPDX-License-Identifier: GPL-2.0-only
/*
 * Writes policies into the nft table, each change in one transaction. What a
 * change needs of maps and chains is written along with it, so that a table in
 * which something was missing is whole again.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "device.h"
#include "table.h"

static const char *const family_names[TUPLE_FAMILIES] = {
	[TUPLE_IPV4] = "ip",
	[TUPLE_IPV6] = "ip6",
};

/* Whose address, and which port, a tuple is about. The address of an accept is
 * the peer's, the port is ours, as the peer's means nothing.
 */
static const char *addr_field(enum policy_event event)
{
	return event == POLICY_ACCEPT ? "saddr" : "daddr";
}

static void put_event(FILE *to, enum policy_event event)
{
	const char *name = policy_event_name(event);
	char device[DEVICE_NAME];

	device_name(device, event);
	fprintf(to, "add map " TABLE " %s" TABLE_START " { type mark : verdict; }\n",
		name);
	fprintf(to,
		"add chain " TABLE " %s" TABLE_START " { type filter hook ingress device \"%s\" priority filter; policy accept; }\n"
		"flush chain " TABLE " %s" TABLE_START "\n"
		"add rule " TABLE " %s" TABLE_START " meta mark vmap @%s" TABLE_START "\n",
		name, device, name, name, name);
}

/* With the maps that there are and those that are needed. */
static void put_shard(FILE *to, enum policy_event event, uint32_t shard,
		      const bool has[TUPLE_FAMILIES])
{
	const char *name = policy_event_name(event);
	enum tuple_family family;

	fprintf(to,
		"add chain " TABLE " %s_%u\n"
		"add chain " TABLE " %s_%u_deny\n"
		"flush chain " TABLE " %s_%u\n"
		"flush chain " TABLE " %s_%u_deny\n",
		name, shard, name, shard, name, shard, name, shard);
	for (family = 0; family < TUPLE_FAMILIES; family++) {
		if (!has[family])
			continue;
		fprintf(to,
			"add map " TABLE " %s_%u_%s { type mark . inet_proto . %s . inet_service : verdict; flags interval; }\n"
			"add rule " TABLE " %s_%u meta mark . meta l4proto . %s %s . th dport vmap @%s_%u_%s\n",
			name, shard, family_names[family],
			family == TUPLE_IPV4 ? "ipv4_addr" : "ipv6_addr",
			name, shard, family_names[family], addr_field(event),
			name, shard, family_names[family]);
	}
	fprintf(to,
		"add rule " TABLE " %s_%u_deny jump %s_%u\n"
		"add rule " TABLE " %s_%u_deny drop\n",
		name, shard, name, shard, name, shard);
}

/* The ports are always a range: nft 1.0.6 does not find an element again, to
 * delete it, if nothing in it is one.
 */
static void put_key(FILE *to, uint32_t id, const struct box *box,
		    enum tuple_family family)
{
	char addr[TUPLE_TEXT];

	tuple_format_addr(addr, box, family);
	fprintf(to, "%u . ", id);
	if (box->proto[0] == box->proto[1])
		fprintf(to, "%u", box->proto[0]);
	else
		fprintf(to, "%u-%u", box->proto[0], box->proto[1]);
	fprintf(to, " . %s . %u-%u", addr, box->port[0], box->port[1]);
}

/* Those of @boxes that @others does not have. Both are sorted. */
static void put_boxes(FILE *to, const char *verb, uint32_t id,
		      enum policy_event event, enum tuple_family family,
		      const struct boxes *boxes, const struct boxes *others)
{
	const char *separator = NULL;
	size_t i, j = 0;

	for (i = 0; i < boxes->n; i++) {
		const struct box *box = &boxes->box[i];

		while (j < others->n && box_compare(&others->box[j], box) < 0)
			j++;
		if (j < others->n && !box_compare(&others->box[j], box))
			continue;
		if (!separator) {
			fprintf(to, "%s element " TABLE " %s_%u_%s { ", verb,
				policy_event_name(event), table_shard(id),
				family_names[family]);
			separator = "";
		}
		fputs(separator, to);
		put_key(to, id, box, family);
		fprintf(to, " : %s", box->permit ? "accept" : "drop");
		separator = ", ";
	}
	if (separator)
		fputs(" }\n", to);
}

static void put_rest(FILE *to, const char *verb, uint32_t id,
		     enum policy_event event, enum policy_rest rest)
{
	const char *name = policy_event_name(event);

	if (rest != REST_NONE)
		fprintf(to, "%s element " TABLE " %s" TABLE_START " { %u : goto %s_%u%s }\n",
			verb, name, id, name, table_shard(id),
			rest == REST_DENY ? "_deny" : "");
}

/* First all that goes, then all that comes: for an interval map, an element is
 * what lies where it begins, and it must not find the new one there.
 */
static void put_difference(FILE *to, uint32_t id, enum policy_event event,
			   const struct event_policy *before,
			   const struct event_policy *after)
{
	enum tuple_family family;

	for (family = 0; family < TUPLE_FAMILIES; family++)
		put_boxes(to, "delete", id, event, family,
			  &before->boxes[family], &after->boxes[family]);
	for (family = 0; family < TUPLE_FAMILIES; family++)
		put_boxes(to, "add", id, event, family, &after->boxes[family],
			  &before->boxes[family]);
	if (before->rest == after->rest)
		return;
	put_rest(to, "delete", id, event, before->rest);
	put_rest(to, "add", id, event, after->rest);
}

/*
 * The one element of the set "version" is another one after each change. A
 * change deletes the one that it has read, and fails as a whole if somebody else
 * was faster.
 */
static int put_version(FILE *to, const struct table_state *state)
{
	uint32_t version;

	if (getrandom(&version, sizeof(version), 0) != sizeof(version))
		return -EIO;
	version += state->exists && version == state->version;
	if (state->exists)
		fprintf(to, "delete element " TABLE " version { %u }\n",
			state->version);
	else
		fputs("create table " TABLE " { comment \"kept by ctid(8)\"; }\n"
		      "add set " TABLE " version { type mark; }\n", to);
	fprintf(to, "add element " TABLE " version { %u }\n", version);
	return 0;
}

static int run(struct nftables *nft, FILE *to, char **text, int ret,
	       struct ctid_err *err)
{
	/* Only then it is all in *text. */
	if (fclose(to))
		ret = -ENOMEM;
	if (ret)
		err_set(err, -ret, "cannot put the change together: %s",
			strerror(-ret));
	else
		ret = nftables_run(nft, *text, err);
	free(*text);
	return ret;
}

static void add_needed(bool has[TUPLE_FAMILIES],
		       const struct event_policy *policy)
{
	enum tuple_family family;

	for (family = 0; family < TUPLE_FAMILIES; family++)
		has[family] |= policy->boxes[family].n > 0;
}

/**
 * table_change() - change the policy of a container
 * @nft: open
 * @state: what table_state() said before @before was read
 * @before: as it was, sorted
 * @after: as it is to be, sorted
 * @err: why it failed
 *
 * Return: 0 or a negative errno, after which nothing has changed. It fails if
 * the table was changed since, which table_state() tells.
 */
int table_change(struct nftables *nft, const struct table_state *state,
		 const struct policy *before, const struct policy *after,
		 struct ctid_err *err)
{
	enum policy_event event;
	bool has[TUPLE_FAMILIES];
	size_t size;
	char *text;
	FILE *to;
	int ret;

	to = open_memstream(&text, &size);
	if (!to)
		return err_set(err, ENOMEM, "out of memory");
	ret = put_version(to, state);
	for (event = 0; event < POLICY_EVENTS; event++) {
		if (after->event[event].rest != REST_NONE) {
			memcpy(has, state->has[event], sizeof(has));
			add_needed(has, &after->event[event]);
			put_event(to, event);
			put_shard(to, event, table_shard(after->id), has);
		}
		put_difference(to, after->id, event, &before->event[event],
			       &after->event[event]);
	}
	return run(nft, to, &text, ret, err);
}

static int by_shard(const void *a, const void *b)
{
	const struct policy *x = *(struct policy *const *)a;
	const struct policy *y = *(struct policy *const *)b;
	uint32_t xs = table_shard(x->id), ys = table_shard(y->id);

	if (xs != ys)
		return xs < ys ? -1 : 1;
	return x->id < y->id ? -1 : x->id > y->id;
}

/* A command for each map is what takes libnftables its time, so they are few. */
static void put_shard_of(FILE *to, struct policy *const *policy, size_t n,
			 enum policy_event event)
{
	static const struct event_policy nothing;
	bool has[TUPLE_FAMILIES] = { false }, found = false;
	size_t i;

	for (i = 0; i < n; i++) {
		found |= policy[i]->event[event].rest != REST_NONE;
		add_needed(has, &policy[i]->event[event]);
	}
	if (!found)
		return;
	put_shard(to, event, table_shard(policy[0]->id), has);
	for (i = 0; i < n; i++)
		put_difference(to, policy[i]->id, event, &nothing,
			       &policy[i]->event[event]);
}

static bool wanted(const struct policies *policies, enum policy_event event)
{
	size_t i;

	for (i = 0; i < policies->n; i++)
		if (policies->policy[i]->event[event].rest != REST_NONE)
			return true;
	return false;
}

/**
 * table_replace() - have these policies and no others
 * @nft: open
 * @policies: the policies, each sorted; they are put into another order
 * @err: why it failed
 *
 * Return: 0 or a negative errno, after which nothing has changed.
 */
int table_replace(struct nftables *nft, struct policies *policies,
		  struct ctid_err *err)
{
	const struct table_state none = { .exists = false };
	struct policy **policy = policies->policy;
	enum policy_event event;
	size_t i, n, size;
	char *text;
	FILE *to;
	int ret;

	to = open_memstream(&text, &size);
	if (!to)
		return err_set(err, ENOMEM, "out of memory");
	fputs("add table " TABLE "\ndelete table " TABLE "\n", to);
	ret = put_version(to, &none);
	for (event = 0; event < POLICY_EVENTS; event++)
		if (wanted(policies, event))
			put_event(to, event);
	if (policies->n)
		qsort(policy, policies->n, sizeof(*policy), by_shard);
	for (i = 0; i < policies->n; i += n) {
		for (n = 1; i + n < policies->n; n++)
			if (table_shard(policy[i + n]->id) !=
			    table_shard(policy[i]->id))
				break;
		for (event = 0; event < POLICY_EVENTS; event++)
			put_shard_of(to, policy + i, n, event);
	}
	return run(nft, to, &text, ret, err);
}

/**
 * table_delete() - have no policies
 * @nft: open
 * @err: why it failed
 *
 * Return: 0, also if there was no table, or a negative errno.
 */
int table_delete(struct nftables *nft, struct ctid_err *err)
{
	return nftables_run(nft, "add table " TABLE "\ndelete table " TABLE "\n",
			    err);
}
