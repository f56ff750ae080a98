/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef CTID_TABLE_H
#define CTID_TABLE_H

#include <stdio.h>

#include "nftables.h"
#include "policy.h"

/** Family and name of the table. */
#define TABLE		"inet ctid"

/** What to say if there is a table of that name without what ctid puts into it. */
#define TABLE_FOREIGN	"nft's table " TABLE " is not as ctid made it: 'ctid policy-flush' removes it"

/** EVENT and this name the map that all begins at, and the chain that asks it. */
#define TABLE_START	"_events"

/** What follows the name of a chain that denies what its maps do not have. */
#define TABLE_DENY	"_deny"

/**
 * EVENT and these names: the chain that all which is denied comes to; the set of
 * containers whose denials it counts; and the chain that logs and accepts these. So a
 * container is audited, and is not any more, by one element of a plain set, which
 * follows the generation: its tuples stay where they are.
 */
#define TABLE_DENIED	"_denied"
#define TABLE_AUDIT	"_audit"
#define TABLE_AUDITED	"_audited"

/** Longer names are not ours. */
#define TABLE_NAME	64

/**
 * Containers whose ids are neighbours share maps, and so do those whose ids are
 * alike modulo TABLE_SHARDS of these neighbourhoods. A map of this kind is
 * searched in time that grows with what is in it, in steps of 256, so it must not
 * hold all containers; and it takes 90 KB (IPv6: 190 KB) for the first 256, so it
 * should not hold one. A prime: ids are often given in round steps.
 */
#define TABLE_NEIGHBOURS	16
#define TABLE_SHARDS		1021

static inline uint32_t table_shard(uint32_t id)
{
	return id / TABLE_NEIGHBOURS % TABLE_SHARDS;
}

/**
 * struct table_place - where the table has the tuples of a container, of one event
 *
 * A shard has its maps on several sides. While a container's tuples are changed,
 * it uses those of one side, and the new ones are put into those of another one.
 *
 * @detached: the event's chain is on another device than its own, or on none
 * @now: the side that it uses, if it has a policy
 * @next: the side that its next tuples go to
 * @has_now: which maps there are on the one
 * @has_next: and on the other
 * @left: what a change that was cut short left on the other, sorted
 */
struct table_place {
	bool detached;
	uint32_t now, next;
	bool has_now[TUPLE_FAMILIES], has_next[TUPLE_FAMILIES];
	struct boxes left[TUPLE_FAMILIES];
};

/**
 * struct table_state - what a change of the table is based on
 * @exists: there is one
 * @version: what it holds to tell if somebody else changed it
 * @place: by event
 */
struct table_state {
	bool exists;
	uint32_t version;
	struct table_place place[POLICY_EVENTS];
};

/** Is the table the same in both? */
static inline bool table_same(const struct table_state *a,
			      const struct table_state *b)
{
	return a->exists == b->exists && a->version == b->version;
}

/* table_read.c */
int table_state(struct nftables *nft, struct table_state *state,
		struct ctid_err *err);
bool table_changed(struct nftables *nft, const struct table_state *state);
void table_state_clear(struct table_state *state);
int table_read_one(struct nftables *nft, struct table_state *state,
		   struct policy *policy, struct ctid_err *err);
int table_read_all(struct nftables *nft, struct policies *policies,
		   struct ctid_err *err);

/* table_check.c */
int table_awake(struct ctid_err *err);
int table_check(struct nftables *nft, enum policy_event event,
		struct ctid_err *err);
void table_find_detached(struct nftables *nft, struct table_state *state);

/**
 * typedef table_put - writes the commands of a transaction
 * @to: where to
 * @what: what they are about
 */
typedef void (*table_put)(FILE *to, const void *what);

/* table_text.c */
const char *table_family(enum tuple_family family);
void table_put_event(FILE *to, enum policy_event event, bool again);
void table_put_shard(FILE *to, enum policy_event event, uint32_t shard,
		     uint32_t side, const bool has[TUPLE_FAMILIES]);
void table_put_boxes(FILE *to, const char *verb, uint32_t id,
		     enum policy_event event, uint32_t side,
		     const struct boxes boxes[TUPLE_FAMILIES],
		     const struct boxes others[TUPLE_FAMILIES]);
void table_put_goto(FILE *to, uint32_t id, enum policy_event event,
		    uint32_t side, enum policy_rest rest);
void table_put_audit(FILE *to, const char *verb, uint32_t id,
		     enum policy_event event);
void table_need(bool has[TUPLE_FAMILIES], const struct boxes *boxes);
int table_transaction(struct nftables *nft, struct table_state *state,
		      table_put put, const void *what, struct ctid_err *err);
void table_wait(void);

/* table_change.c */
int table_change(struct nftables *nft, struct table_state *state,
		 const struct policy *before, const struct policy *after,
		 struct ctid_err *err);

/* table_load.c */
int table_replace(struct nftables *nft, struct policies *policies,
		  struct ctid_err *err);
int table_delete(struct nftables *nft, struct ctid_err *err);

#endif /* CTID_TABLE_H */
