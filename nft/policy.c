// SPDX-License-Identifier: GPL-2.0-only
/* Policies: what containers may do, as lists of tuples and a default. */
#include <errno.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "policy.h"

static const char *const event_names[POLICY_EVENTS] = {
	[POLICY_CONNECT] = "connect",
	[POLICY_BIND] = "bind",
	[POLICY_ACCEPT] = "accept",
};

/**
 * policy_event_name() - what an event is called
 * @event: the event
 *
 * Return: the name, which the objects of the nft table have, too.
 */
const char *policy_event_name(enum policy_event event)
{
	return event_names[event];
}

/**
 * policy_event_parse() - which event a word means
 * @word: the word
 * @event: the event
 *
 * Return: 0 or -EINVAL.
 */
int policy_event_parse(const char *word, enum policy_event *event)
{
	for (*event = 0; *event < POLICY_EVENTS; (*event)++)
		if (!strcmp(word, event_names[*event]))
			return 0;
	return -EINVAL;
}

/**
 * policy_put() - permit or deny a tuple
 * @policy: what the container may do
 * @tuple: the tuple
 * @permit: permit it
 *
 * The first statement about an event decides what becomes of all others: who
 * says what is permitted means that the rest is not, and the other way round.
 *
 * Return: 0, or -ENOMEM or -E2BIG, after which @policy is only fit to be cleared.
 */
int policy_put(struct event_policy *policy, const struct tuple *tuple,
	       bool permit)
{
	enum tuple_family family;
	int ret = 0;

	if (policy->rest == REST_NONE)
		policy->rest = permit ? REST_DENY : REST_ACCEPT;
	for (family = 0; family < TUPLE_FAMILIES && !ret; family++) {
		struct box box = tuple->box[family];

		box.permit = permit;
		if (tuple->has[family])
			ret = boxes_put(&policy->boxes[family], &box,
					tuple_addr_len(family));
	}
	return ret;
}

/**
 * policy_copy() - make a second one
 * @to: filled in
 * @from: the first
 *
 * Return: 0 or -ENOMEM.
 */
int policy_copy(struct policy *to, const struct policy *from)
{
	enum policy_event event;
	enum tuple_family family;
	int ret = 0;

	*to = (struct policy){ .id = from->id };
	for (event = 0; event < POLICY_EVENTS; event++) {
		to->event[event].rest = from->event[event].rest;
		to->event[event].audit = from->event[event].audit;
		to->event[event].audited = from->event[event].audited;
		for (family = 0; family < TUPLE_FAMILIES && !ret; family++)
			ret = boxes_copy(&to->event[event].boxes[family],
					 &from->event[event].boxes[family]);
	}
	if (ret)
		policy_clear(to);
	return ret;
}

/**
 * policy_clear_event() - forget what was said about an event
 * @policy: it looks at nothing then
 */
void policy_clear_event(struct event_policy *policy)
{
	enum tuple_family family;

	for (family = 0; family < TUPLE_FAMILIES; family++)
		boxes_free(&policy->boxes[family]);
	policy->rest = REST_NONE;
	policy->audit = false;
}

/**
 * policy_clear() - forget all that was said about a container
 * @policy: it looks at nothing then
 */
void policy_clear(struct policy *policy)
{
	enum policy_event event;

	for (event = 0; event < POLICY_EVENTS; event++)
		policy_clear_event(&policy->event[event]);
}

/**
 * policy_is_about() - has anything been said about an event?
 * @policy: the policy
 * @event: the event
 *
 * Return: true if so, also if it was only that the event is to be audited.
 */
bool policy_is_about(const struct policy *policy, enum policy_event event)
{
	return policy->event[event].rest != REST_NONE ||
	       policy->event[event].audit;
}

/**
 * policy_is_empty() - has nothing been said about a container?
 * @policy: its policy
 *
 * Return: true if so.
 */
bool policy_is_empty(const struct policy *policy)
{
	enum policy_event event;

	for (event = 0; event < POLICY_EVENTS; event++)
		if (policy_is_about(policy, event))
			return false;
	return true;
}

static int compare_ids(const void *a, const void *b)
{
	const struct policy *x = a, *y = b;

	return x->id < y->id ? -1 : x->id > y->id;
}

static int compare_entries(const void *a, const void *b)
{
	return compare_ids(*(struct policy *const *)a,
			   *(struct policy *const *)b);
}

static struct policy *add(struct policies *policies, uint32_t id)
{
	struct policy *policy = calloc(1, sizeof(*policy));
	struct policy **more;

	if (!policy)
		return NULL;
	policy->id = id;
	if (policies->n == policies->room) {
		size_t room = policies->room ? 2 * policies->room : 16;

		more = realloc(policies->policy, room * sizeof(*more));
		if (!more)
			goto fail;
		policies->policy = more;
		policies->room = room;
	}
	if (!tsearch(policy, &policies->tree, compare_ids))
		goto fail;
	policies->policy[policies->n++] = policy;
	return policy;
fail:
	free(policy);
	return NULL;
}

/**
 * policies_get() - the policy of a container
 * @policies: all of them
 * @id: the container
 *
 * Return: the policy, an empty one if there was none; NULL without memory.
 */
struct policy *policies_get(struct policies *policies, uint32_t id)
{
	struct policy key = { .id = id };
	struct policy **found;

	found = tfind(&key, &policies->tree, compare_ids);
	return found ? *found : add(policies, id);
}

/**
 * policies_want() - is there a policy for an event?
 * @policies: all of them
 * @event: the event
 *
 * Return: true if one of them says something about it.
 */
bool policies_want(const struct policies *policies, enum policy_event event)
{
	size_t i;

	for (i = 0; i < policies->n; i++)
		if (policy_is_about(policies->policy[i], event))
			return true;
	return false;
}

/**
 * policies_sort() - order them by id
 * @policies: all of them
 */
void policies_sort(struct policies *policies)
{
	if (policies->n)
		qsort(policies->policy, policies->n, sizeof(*policies->policy),
		      compare_entries);
}

/**
 * policies_free() - free all of them
 * @policies: empty then
 */
void policies_free(struct policies *policies)
{
	size_t i;

	for (i = 0; i < policies->n; i++) {
		tdelete(policies->policy[i], &policies->tree, compare_ids);
		policy_clear(policies->policy[i]);
		free(policies->policy[i]);
	}
	free(policies->policy);
	*policies = (struct policies){ 0 };
}
