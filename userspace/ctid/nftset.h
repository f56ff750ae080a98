/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef CTID_CTID_NFTSET_H
#define CTID_CTID_NFTSET_H

#include "../../nft/nftset.h"
#include "ctid.h"
#include "places.h"
#include "snapshot.h"

/**
 * struct nftset_state - the sets and the registry, as they were at one moment
 * @generation: that of the rule set
 * @list: the declared sets, with their content
 * @snap: the registry
 * @places: the bound cgroups of @snap
 * @plans: what each set should have
 */
struct nftset_state {
	uint32_t generation;
	struct nftset_list list;
	struct snapshot snap;
	struct places places;
	struct nftset_plan *plans;
};

/* nftset_plan.c */
const struct container *nftset_container(const struct nftset *set,
					 const struct snapshot *snap);
int nftset_plan(struct nftset_plan *plan, const struct nftset *set,
		uint32_t id, const struct places *places);

/* nftset_sync.c */
int nftset_state_take(struct ctid *ctx, struct nfnl *nfnl,
		      struct nftset_state *state);
void nftset_state_free(struct nftset_state *state);
int nftset_fill(struct ctid *ctx, struct nfnl *nfnl);
int nftset_say(int ret);
int nftset_sync(struct ctid *ctx, struct nfnl *nfnl);

/* nftset_list.c */
int nftset_print(struct ctid *ctx, struct nfnl *nfnl, int argc, char **argv);

/* nftset_follow.c */
int nftset_follow(struct ctid *ctx, struct nfnl *nfnl);

#endif /* CTID_CTID_NFTSET_H */
