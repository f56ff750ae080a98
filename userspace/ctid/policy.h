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
 * What policy-save writes first, and last. A part of it would be loaded as all: without
 * the denials that were to come, or without any policy.
 */
#define POLICY_SAVED	"# Saved by 'ctid policy-save'"
#define POLICY_END	"# end"

/** No file of policies is as big. */
#define POLICY_MAX_SIZE	(1UL << 30)

/**
 * typedef policy_tuple_cb - is given a tuple
 * @data: as given to policy_each_tuple()
 * @event: the event
 * @box: the tuple
 * @text: as the words of a statement
 */
typedef void (*policy_tuple_cb)(const void *data, enum policy_event event,
				const struct box *box, const char *text);

/* policy_show.c */
void policy_each_tuple(const struct policy *policy, enum policy_event event,
		       policy_tuple_cb print, const void *data);
int policy_show(struct ctid *ctx, const char *who);

#endif /* CTID_CMD_POLICY_H */
