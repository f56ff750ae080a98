/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _SOCK_TOLD_H
#define _SOCK_TOLD_H

#include <linux/jump_label_ratelimit.h>

#include "sock_event.h"

extern struct static_key_false_deferred sock_told;

void sock_tell(struct net *net, u32 id, const struct sock_event *ev, int err);
void sock_told_exit(void);

/**
 * sock_is_told() - does anybody want to be told of events?
 *
 * Who tells has given the event packet back, as listeners' filters run then.
 */
static __always_inline bool sock_is_told(void)
{
	return static_branch_unlikely(&sock_told.key);
}

#endif /* _SOCK_TOLD_H */
