/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _SOCK_POLICY_H
#define _SOCK_POLICY_H

#include <net/netns/generic.h>

#include "sock_event.h"

enum {
	SOCK_FAMILY_IPV4,
	SOCK_FAMILY_IPV6,
	SOCK_FAMILIES,
};

/**
 * struct sock_event_net - what judges events in one network namespace
 * @lock: held by who changes it
 * @policy: the policies, by event and family; read under RCU
 * @dev: stands for "no device decided yet": a device without name and index
 *	that belongs to this namespace, because matches follow the pointers of a
 *	hook state without asking
 * @dst: a route that discards, for matches that look at a packet's route
 * @closed: the namespace is going away
 */
struct sock_event_net {
	struct mutex lock;
	struct hlist_head policy[SOCK_EVENT_TYPES][SOCK_FAMILIES];
	struct net_device *dev;
	struct dst_entry *dst[SOCK_FAMILIES];
	bool closed;
};

extern unsigned int sock_event_net_id;

/* That of the initial namespace, which each event asks. */
extern struct sock_event_net *sock_event_host;

static inline struct sock_event_net *sock_event_net(const struct net *net)
{
	return net_generic(net, sock_event_net_id);
}

static inline unsigned int sock_family_index(u8 nfproto)
{
	return nfproto == NFPROTO_IPV4 ? SOCK_FAMILY_IPV4 : SOCK_FAMILY_IPV6;
}

#endif /* _SOCK_POLICY_H */
