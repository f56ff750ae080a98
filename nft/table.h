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
 * The policies of containers whose ids are alike modulo this share maps. A map
 * of this kind is searched in time that grows with what is in it, so it must not
 * grow with the number of containers. A prime: ids are often given in round steps.
 */
#define TABLE_SHARDS	1021

/**
 * struct table_state - what a change of the table is based on
 * @exists: there is one
 * @version: what it holds to tell if somebody else changed it
 */
struct table_state {
	bool exists;
	uint32_t version;
};

/* table_read.c */
int table_state(struct nftables *nft, struct table_state *state,
		struct ctid_err *err);
int table_read_one(struct nftables *nft, struct policy *policy,
		   struct ctid_err *err);
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
