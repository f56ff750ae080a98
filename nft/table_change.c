// SPDX-License-Identifier: GPL-2.0-only
/*
 * Changes the policy of a container. An interval map is, for a moment of each
 * transaction, without what that changes in it: the kernel shows the new copy of
 * the map later than it flips the generation. So a map that a container uses is
 * never changed in what is the container's:
 *
 *   1. the new tuples are put into maps of another side;
 *   2. the container's element of EVENT_events, a plain map, leads there;
 *   3. the old tuples are deleted.
 *
 * Each is one transaction. What is cut short before the second has no effect, and
 * what is left over is removed when the side is used next.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "table.h"

/**
 * struct change - what is to be done
 * @state: the table before
 * @before: the policy before
 * @after: the policy after
 * @moved: whose tuples change, by event
 */
struct change {
	struct table_state *state;
	const struct policy *before, *after;
	bool moved[POLICY_EVENTS];
};

static bool same_boxes(const struct boxes *a, const struct boxes *b)
{
	size_t i;

	if (a->n != b->n)
		return false;
	for (i = 0; i < a->n; i++)
		if (box_compare(&a->box[i], &b->box[i]))
			return false;
	return true;
}

static bool is_moved(const struct event_policy *before,
		     const struct event_policy *after)
{
	return after->rest != REST_NONE &&
	       (before->rest == REST_NONE ||
		!same_boxes(&before->boxes[TUPLE_IPV4], &after->boxes[TUPLE_IPV4]) ||
		!same_boxes(&before->boxes[TUPLE_IPV6], &after->boxes[TUPLE_IPV6]));
}

static void prepare(FILE *to, const struct change *change,
		    enum policy_event event)
{
	const struct event_policy *after = &change->after->event[event];
	struct table_place *place = &change->state->place[event];
	uint32_t id = change->after->id;

	if (!change->moved[event])
		return;
	table_need(place->has_next, after->boxes);
	table_put_event(to, event, place->detached);
	table_put_shard(to, event, table_shard(id), place->next,
			place->has_next);
	table_put_boxes(to, "delete", id, event, place->next, place->left,
			after->boxes);
	table_put_boxes(to, "add", id, event, place->next, after->boxes,
			place->left);
}

static void put_rest(FILE *to, const char *verb, uint32_t id,
		     enum policy_event event, uint32_t side,
		     enum policy_rest rest)
{
	if (rest == REST_NONE)
		return;
	fprintf(to, "%s element " TABLE " %s" TABLE_START " { ", verb,
		policy_event_name(event));
	table_put_goto(to, id, event, side, rest);
	fputs(" }\n", to);
}

/* Chains that are there are written again, in case somebody took rules away. */
static void turn(FILE *to, const struct change *change,
		 enum policy_event event)
{
	const struct event_policy *before = &change->before->event[event];
	const struct event_policy *after = &change->after->event[event];
	const struct table_place *place = &change->state->place[event];
	bool moved = change->moved[event];
	uint32_t id = change->after->id;

	if (policy_is_about(change->after, event))
		table_put_event(to, event, place->detached);
	if (before->audit != after->audit)
		table_put_audit(to, after->audit ? "add" : "delete", id, event);
	if (after->rest != REST_NONE)
		table_put_shard(to, event, table_shard(id),
				moved ? place->next : place->now,
				moved ? place->has_next : place->has_now);
	if (!moved && before->rest == after->rest)
		return;
	put_rest(to, "delete", id, event, place->now, before->rest);
	put_rest(to, "add", id, event, moved ? place->next : place->now,
		 after->rest);
}

static void clean_up(FILE *to, const struct change *change,
		     enum policy_event event)
{
	const struct event_policy *before = &change->before->event[event];
	const struct event_policy *after = &change->after->event[event];

	if (before->rest != REST_NONE &&
	    (change->moved[event] || after->rest == REST_NONE))
		table_put_boxes(to, "delete", change->after->id, event,
				change->state->place[event].now, before->boxes,
				NULL);
}

/**
 * struct step - one of the three transactions
 * @change: the change
 * @put: writes what it does about one event
 */
struct step {
	const struct change *change;
	void (*put)(FILE *to, const struct change *change,
		    enum policy_event event);
};

static void put_step(FILE *to, const void *what)
{
	const struct step *step = what;
	enum policy_event event;

	for (event = 0; event < POLICY_EVENTS; event++)
		step->put(to, step->change, event);
}

static int take_step(struct nftables *nft, const struct step *step,
		     struct ctid_err *err)
{
	const struct change *change = step->change;
	enum policy_event event;
	int ret;

	ret = table_transaction(nft, change->state, put_step, step, err);
	for (event = 0; event < POLICY_EVENTS && !ret; event++)
		if (step->put != prepare || change->moved[event])
			change->state->place[event].detached = false;
	return ret;
}

/**
 * table_change() - change the policy of a container
 * @nft: open
 * @state: what table_state() and table_read_one() said; kept up to date
 * @before: what table_read_one() read, sorted
 * @after: as it is to be, sorted
 * @err: why it failed
 *
 * Return: 0 or a negative errno, after which the policy is what it was. It fails
 * if the table was changed since, which table_state() tells.
 */
int table_change(struct nftables *nft, struct table_state *state,
		 const struct policy *before, const struct policy *after,
		 struct ctid_err *err)
{
	struct change change = {
		.state = state,
		.before = before,
		.after = after,
	};
	bool any_moved = false, any_old = false;
	enum policy_event event;
	struct ctid_err ignored;
	int ret = 0;

	for (event = 0; event < POLICY_EVENTS; event++) {
		change.moved[event] = is_moved(&before->event[event],
					       &after->event[event]);
		any_moved |= change.moved[event];
		any_old |= before->event[event].rest != REST_NONE &&
			   (change.moved[event] ||
			    after->event[event].rest == REST_NONE);
	}
	if (any_moved)
		ret = take_step(nft, &(struct step){ &change, prepare }, err);
	if (!ret)
		ret = take_step(nft, &(struct step){ &change, turn }, err);
	if (!ret && any_old) {
		table_wait();
		/* If this fails, who uses the side next cleans up. */
		take_step(nft, &(struct step){ &change, clean_up }, &ignored);
	}
	return ret;
}
