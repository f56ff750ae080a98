// SPDX-License-Identifier: GPL-2.0-only
/*
 * Replaces all policies: the new ones are put on a side that none of the old ones
 * is on, then the plain maps EVENT_events lead there, then the old ones go. See
 * table_change.c for why that takes three transactions.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "table.h"

/* How often what is left over is tried to be removed while others change things. */
#define MAX_TRIES	20

/**
 * struct load - a set of policies on its way into the table
 * @policies: the policies
 * @state: the table
 * @old: what there was: libnftables' list of the table, without elements
 * @side: where the new ones go
 */
struct load {
	struct policies *policies;
	struct table_state state;
	json_t *old;
	uint32_t side;
};

/* EVENT_SHARD_SIDE, and perhaps more. Returns false for other names. */
static bool name_side(const char *name, uint32_t *side)
{
	unsigned int shard, number;
	char event[16];

	if (sscanf(name, "%15[a-z]_%u_%u", event, &shard, &number) != 3)
		return false;
	*side = number;
	return true;
}

static const char *object_name(json_t *object, const char *kind)
{
	json_t *of = json_object_get(object, kind);

	return json_string_value(json_object_get(of, "name"));
}

static bool side_used(json_t *old, uint32_t side)
{
	const char *name;
	json_t *object;
	uint32_t its;
	size_t i;

	json_array_foreach(old, i, object) {
		name = object_name(object, "map") ?: object_name(object, "chain");
		if (name && name_side(name, &its) && its / 2 == side / 2)
			return true;
	}
	return false;
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

/* The containers of one shard. */
static void put_neighbours(FILE *to, const struct load *load, size_t first,
			   size_t n, enum policy_event event)
{
	struct policy *const *policy = load->policies->policy + first;
	bool has[TUPLE_FAMILIES] = { false }, found = false;
	size_t i;

	for (i = 0; i < n; i++) {
		found |= policy[i]->event[event].rest != REST_NONE;
		table_need(has, policy[i]->event[event].boxes);
	}
	if (!found)
		return;
	table_put_shard(to, event, table_shard(policy[0]->id), load->side, has);
	for (i = 0; i < n; i++)
		table_put_boxes(to, "add", policy[i]->id, event, load->side,
				policy[i]->event[event].boxes, NULL);
}

static void prepare(FILE *to, const void *what)
{
	const struct load *load = what;
	const struct policies *policies = load->policies;
	enum policy_event event;
	size_t i, n;

	for (event = 0; event < POLICY_EVENTS; event++)
		if (policies_want(policies, event))
			table_put_event(to, event,
					load->state.place[event].detached);
	for (i = 0; i < policies->n; i += n) {
		for (n = 1; i + n < policies->n; n++)
			if (table_shard(policies->policy[i + n]->id) !=
			    table_shard(policies->policy[i]->id))
				break;
		for (event = 0; event < POLICY_EVENTS; event++)
			put_neighbours(to, load, i, n, event);
	}
}

/* In one command: with many, nft takes its time. */
static void put_starts(FILE *to, const struct load *load,
		       enum policy_event event)
{
	const char *separator = NULL;
	size_t i;

	for (i = 0; i < load->policies->n; i++) {
		const struct policy *policy = load->policies->policy[i];

		if (policy->event[event].rest == REST_NONE)
			continue;
		if (!separator)
			fprintf(to, "add element " TABLE " %s" TABLE_START " { ",
				policy_event_name(event));
		else
			fputs(separator, to);
		table_put_goto(to, policy->id, event, load->side,
			       policy->event[event].rest);
		separator = ", ";
	}
	if (separator)
		fputs(" }\n", to);
}

/* The counters begin anew. */
static void put_audits(FILE *to, const struct load *load,
		       enum policy_event event)
{
	const char *name = policy_event_name(event);
	size_t i;

	fprintf(to,
		"add set " TABLE " %s" TABLE_AUDIT " { type mark; counter; }\n"
		"flush set " TABLE " %s" TABLE_AUDIT "\n", name, name);
	for (i = 0; i < load->policies->n; i++)
		if (load->policies->policy[i]->event[event].audit)
			table_put_audit(to, "add", load->policies->policy[i]->id,
					event);
}

static void turn(FILE *to, const void *what)
{
	const struct load *load = what;
	enum policy_event event;

	for (event = 0; event < POLICY_EVENTS; event++) {
		const char *name = policy_event_name(event);

		fprintf(to,
			"add map " TABLE " %s" TABLE_START " { type mark : verdict; }\n"
			"flush map " TABLE " %s" TABLE_START "\n", name, name);
		put_starts(to, load, event);
		put_audits(to, load, event);
	}
}

/* Chains before what they use, but all of their rules first. */
static void clean_up(FILE *to, const void *what)
{
	const struct load *load = what;
	static const struct {
		const char *verb, *kind;
	} steps[] = {
		{ "flush", "chain" }, { "delete", "chain" }, { "delete", "map" },
	};
	const char *name;
	json_t *object;
	uint32_t side;
	size_t i, step;

	for (step = 0; step < sizeof(steps) / sizeof(*steps); step++) {
		json_array_foreach(load->old, i, object) {
			name = object_name(object, steps[step].kind);
			if (name && name_side(name, &side))
				fprintf(to, "%s %s " TABLE " %s\n",
					steps[step].verb, steps[step].kind,
					name);
		}
	}
}

/* Others go to the side that they find others on, which is the new one. A side
 * that is in use could not be removed.
 */
static void remove_old(struct nftables *nft, struct load *load)
{
	struct ctid_err ignored;
	int tries;

	for (tries = 0; tries < MAX_TRIES; tries++) {
		if (!table_transaction(nft, &load->state, clean_up, load,
				       &ignored) ||
		    table_state(nft, &load->state, &ignored))
			break;
	}
}

/* What others say while the new side is made counts as said before. But another
 * load may take the new side away, since nothing leads there yet.
 */
static int turn_round(struct nftables *nft, struct load *load,
		      struct ctid_err *err)
{
	struct ctid_err ignored;
	int tries, ret = 0;

	for (tries = 0; tries < MAX_TRIES; tries++) {
		ret = table_transaction(nft, &load->state, turn, load, err);
		if (!ret || !table_changed(nft, &load->state) ||
		    table_state(nft, &load->state, &ignored))
			break;
	}
	return ret;
}

/* Returns 0, an errno, or -EAGAIN if others were faster. */
static int try_replace(struct nftables *nft, struct load *load,
		       struct ctid_err *err)
{
	int ret;

	ret = table_state(nft, &load->state, err);
	if (ret)
		return ret;
	table_find_detached(nft, &load->state);
	if (load->state.exists)
		ret = nftables_list_terse(nft, "list table " TABLE, &load->old,
					  err);
	if (ret)
		return ret == -ENOENT ? -EAGAIN : ret;
	for (load->side = 0; side_used(load->old, load->side); load->side += 2)
		;
	ret = table_transaction(nft, &load->state, prepare, load, err);
	if (ret && table_changed(nft, &load->state))
		return -EAGAIN;
	if (ret == -EEXIST && !load->state.exists)
		return err_set(err, EEXIST, TABLE_FOREIGN);
	if (ret)
		return ret;
	ret = turn_round(nft, load, err);
	if (ret == -ENOENT || ret == -EEXIST)
		return -EAGAIN;
	if (!ret && load->old) {
		table_wait();
		remove_old(nft, load);
	}
	return ret;
}

/**
 * table_replace() - have these policies and no others
 * @nft: open
 * @policies: the policies, each sorted; they are put into another order
 * @err: why it failed
 *
 * Return: 0 or a negative errno, after which the policies are what they were.
 */
int table_replace(struct nftables *nft, struct policies *policies,
		  struct ctid_err *err)
{
	struct load load = { .policies = policies };
	int tries, ret = -EAGAIN;

	if (policies->n)
		qsort(policies->policy, policies->n, sizeof(*policies->policy),
		      by_shard);
	for (tries = 0; ret == -EAGAIN && tries < MAX_TRIES; tries++) {
		ret = try_replace(nft, &load, err);
		json_decref(load.old);
		load.old = NULL;
	}
	return ret;
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
