/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef CTID_CMD_POLICY_H
#define CTID_CMD_POLICY_H

#include "../../nft/nftables.h"
#include "../../nft/policy.h"
#include "ctid.h"

/* policy.c */
void policy_sort(struct policy *policy);
int policy_devices(const struct policies *policies, struct ctid_err *err);
int policy_enforced(struct nftables *nft, const struct policies *policies);

/* policy_show.c */
int policy_show(struct ctid *ctx, const char *who);

#endif /* CTID_CMD_POLICY_H */
