/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef CTID_POLICY_H
#define CTID_POLICY_H

#include <stdint.h>

#include "tuple.h"

/** Events, in the order of all arrays by event. */
enum policy_event {
	POLICY_CONNECT,
	POLICY_BIND,
	POLICY_ACCEPT,
	POLICY_EVENTS,
};

/**
 * enum policy_rest - what becomes of tuples that no statement is about
 * @REST_NONE: there is no policy for the event, it is not looked at
 * @REST_ACCEPT: they are accepted
 * @REST_DENY: they are denied
 */
enum policy_rest {
	REST_NONE,
	REST_ACCEPT,
	REST_DENY,
};

/**
 * struct event_policy - what a container may do, of one event
 * @rest: see there
 * @audit: what would be denied is counted and logged, and accepted
 * @audited: how often that was so, as far as the table tells
 * @side: where the table has the tuples; only for who reads them
 * @boxes: what was said about tuples, by family
 */
struct event_policy {
	enum policy_rest rest;
	bool audit;
	uint64_t audited;
	uint32_t side;
	struct boxes boxes[TUPLE_FAMILIES];
};

/**
 * struct policy - what a container may do
 * @id: its id
 * @event: by event
 */
struct policy {
	uint32_t id;
	struct event_policy event[POLICY_EVENTS];
};

/**
 * struct policies - those of many containers
 * @policy: the policies
 * @n: how many
 * @room: how many there is memory for
 * @tree: by id, of <search.h>
 */
struct policies {
	struct policy **policy;
	size_t n, room;
	void *tree;
};

const char *policy_event_name(enum policy_event event);
int policy_event_parse(const char *word, enum policy_event *event);
int policy_put(struct event_policy *policy, const struct tuple *tuple,
	       bool permit);
int policy_copy(struct policy *to, const struct policy *from);
void policy_clear_event(struct event_policy *policy);
void policy_clear(struct policy *policy);
bool policy_is_about(const struct policy *policy, enum policy_event event);
bool policy_is_empty(const struct policy *policy);
bool policies_want(const struct policies *policies, enum policy_event event);
struct policy *policies_get(struct policies *policies, uint32_t id);
void policies_sort(struct policies *policies);
void policies_free(struct policies *policies);

#endif /* CTID_POLICY_H */
