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

/**
 * typedef policy_tuple_cb - is given a tuple
 * @who: as given to policy_each_tuple()
 * @event: the event
 * @box: the tuple
 * @text: as the words of a statement
 */
typedef void (*policy_tuple_cb)(const char *who, enum policy_event event,
				const struct box *box, const char *text);

/* policy_show.c */
void policy_each_tuple(const struct policy *policy, enum policy_event event,
		       policy_tuple_cb print, const char *who);
int policy_show(struct ctid *ctx, const char *who);

#endif /* CTID_CMD_POLICY_H */
