/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef CTID_TABLE_H
#define CTID_TABLE_H

#include "nftables.h"
#include "policy.h"

/** Family and name of the table. */
#define TABLE		"inet ctid"

/** EVENT and this name the map that all begins at, and the chain that asks it. */
#define TABLE_START	"_events"

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
 * struct table_state - what a change of the table is based on
 * @exists: there is one
 * @version: what it holds to tell if somebody else changed it
 * @has: which maps the container's shard has
 */
struct table_state {
	bool exists;
	uint32_t version;
	bool has[POLICY_EVENTS][TUPLE_FAMILIES];
};

/* table_read.c */
int table_state(struct nftables *nft, struct table_state *state,
		struct ctid_err *err);
int table_read_one(struct nftables *nft, struct table_state *state,
		   struct policy *policy, struct ctid_err *err);
int table_read_all(struct nftables *nft, struct policies *policies,
		   struct ctid_err *err);
int table_check(struct nftables *nft, enum policy_event event,
		struct ctid_err *err);

/* table_write.c */
int table_change(struct nftables *nft, const struct table_state *state,
		 const struct policy *before, const struct policy *after,
		 struct ctid_err *err);
int table_replace(struct nftables *nft, struct policies *policies,
		  struct ctid_err *err);
int table_delete(struct nftables *nft, struct ctid_err *err);

#endif /* CTID_TABLE_H */
