/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _CONTAINER_ID_H
#define _CONTAINER_ID_H

#include <linux/cgroup.h>
#include <linux/netfilter.h>
#include <linux/user_namespace.h>
#include <net/sock.h>

#include "../include/uapi/linux/container_id.h"

/**
 * struct container_level - one registry's say about a socket
 * @net: network namespace of the registry; valid until the end of the RCU
 *	read-side section in which the chain was looked up
 * @id: the container that owns the socket there, never 0
 */
struct container_level {
	struct net *net;
	u32 id;
};

/**
 * struct container_levels - registries that know a cgroup or one above it
 * @n: levels in use
 * @overflow: more registries than fit have a binding; the caller must deny
 * @level: outermost registry first
 */
struct container_levels {
	u8 n;
	bool overflow;
	struct container_level level[CONTAINER_ID_MAX_LEVELS];
};

/**
 * enum container_rank - whose registries
 * @CONTAINER_RANK_ROOT: of network namespaces that the initial user namespace owns
 * @CONTAINER_RANK_USER: of those that another one owns
 * @CONTAINER_RANKS: how many there are
 *
 * Each has room of its own, so that no number of users' registries can keep one of
 * root's out, or have a socket of root's denied for want of room.
 */
enum container_rank {
	CONTAINER_RANK_ROOT,
	CONTAINER_RANK_USER,
	CONTAINER_RANKS,
};

static inline enum container_rank container_rank(const struct net *net)
{
	return net->user_ns == &init_user_ns ? CONTAINER_RANK_ROOT :
					       CONTAINER_RANK_USER;
}

/**
 * struct container_chain - every registry that knows a cgroup or one above it
 * @host: id in the registry of the initial network namespace, 0 for none
 * @rank: the other registries
 */
struct container_chain {
	u32 host;
	struct container_levels rank[CONTAINER_RANKS];
};

void container_chain_of_cgroup(struct cgroup *cgrp,
			       struct container_chain *chain);
u32 container_chain_id(const struct container_chain *chain,
		       const struct net *net);
u32 container_id_of_cgroup(const struct net *net, struct cgroup *cgrp);
u32 container_id_of_sock(const struct net *net, const struct sock *sk);

/**
 * container_sock_cgroup() - the cgroup v2 that a socket was made in
 * @sk: a full socket
 *
 * Return: a cgroup that lives as long as @sk, or NULL for a socket without one.
 */
static inline struct cgroup *container_sock_cgroup(const struct sock *sk)
{
	return sock_cgroup_ptr((struct sock_cgroup_data *)&sk->sk_cgrp_data);
}

/**
 * struct container_event_state - netfilter hook state of an event packet
 * @state: what rule engines get; @state.okfn is container_event_okfn(), which
 *	is how a match tells an event packet from a real one
 * @id: owning container in the registry of @state.net, 0 for none
 */
struct container_event_state {
	struct nf_hook_state state;
	u32 id;
};

int container_event_okfn(struct net *net, struct sock *sk, struct sk_buff *skb);

/**
 * container_event() - is this the hook state of an event packet?
 * @state: hook state as a match or target sees it
 *
 * Return: the event's state, or NULL when a real packet is being judged.
 */
static inline const struct container_event_state *
container_event(const struct nf_hook_state *state)
{
	if (state->okfn != container_event_okfn)
		return NULL;
	return container_of(state, struct container_event_state, state);
}

#endif /* _CONTAINER_ID_H */
