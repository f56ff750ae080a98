/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef CTID_WATCH_RULE_H
#define CTID_WATCH_RULE_H

#include <jansson.h>

#include "watching.h"

/** Room for a name of nft, which is longer than one of iptables can be. */
#define RULE_NAME	256

/** If more than that may have denied an event, naming them helps nobody. */
#define RULES_MAX	4

/**
 * enum rule_kind - what a chain denies by
 * @RULE_LINE: a rule
 * @RULE_POLICY: its policy, as no rule decided
 * @RULE_DEFAULT: what was said of a container by 'ctid permit' does not cover it
 * @RULE_DENY: what was said by 'ctid deny' does
 */
enum rule_kind {
	RULE_LINE,
	RULE_POLICY,
	RULE_DEFAULT,
	RULE_DENY,
};

/**
 * struct rule - what denied an event, as iptables or nft lists it
 * @kind: see there
 * @family: of nft's table; "" for iptables
 * @table: nft's table; "" for iptables, where the event says it
 * @chain: the chain
 * @number: the rule's line there, from 1; of nft its handle
 */
struct rule {
	enum rule_kind kind;
	char family[8];
	char table[RULE_NAME];
	char chain[RULE_NAME];
	uint64_t number;
};

/**
 * struct rules - which of them may have denied an event
 * @rule: they, as far as there is room
 * @n: how many they are: 0 if nothing is known, 1 if it was that one
 */
struct rules {
	struct rule rule[RULES_MAX];
	unsigned int n;
};

/* watch_rule.c */
void rules_add(struct rules *rules, const struct rule *rule);
void rules_text(const struct rules *rules, const struct watch_event *event,
		const char *owner);
void rules_json(const struct rules *rules, json_t *json);

struct watch_counts;

/* watch_count.c */
struct watch_counts *watch_counts_start(void);
void watch_counts_find(struct watch_counts *counts,
		       const struct watch_event *event, struct rules *rules);
bool watch_counts_settle(struct watch_counts *counts);
void watch_counts_end(struct watch_counts *counts);

struct watch_traces;

/* watch_trace.c */
int watch_traces_start(struct watch_traces **traces, struct ctid_err *err);
void watch_traces_read(struct watch_traces *traces);
void watch_traces_find(struct watch_traces *traces,
		       const struct watch_event *event, struct rules *rules);
bool watch_traces_settle(struct watch_traces *traces);
void watch_traces_end(struct watch_traces *traces);

#endif /* CTID_WATCH_RULE_H */
