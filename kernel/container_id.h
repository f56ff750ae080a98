/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _CONTAINER_ID_H
#define _CONTAINER_ID_H

#include <linux/cgroup.h>
#include <linux/netfilter.h>
#include <linux/user_namespace.h>
#include <net/sock.h>

#include "../include/uapi/linux/container_id.h"

struct container;
struct module;

/**
 * struct container_level - one registry's say about a socket
 * @net: network namespace of the registry; valid until the end of the RCU
 *	read-side section in which the chain was looked up
 * @owner: the container that owns the socket there, valid as long, or NULL if it is
 *	going
 * @id: its id, never 0
 * @depth: level of the outermost cgroup that the registry has a binding on
 */
struct container_level {
	struct net *net;
	const struct container *owner;
	u32 id;
	u32 depth;
};

/**
 * struct container_levels - registries that know a cgroup or one above it
 * @n: levels in use
 * @overflow: more registries than fit have a binding; the caller must deny
 * @level: outermost registry first; of those whose outermost binding is on the same
 *	cgroup, that of the outer user namespace
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
 * container_may_judge() - has a registry a say about a namespace's sockets?
 * @net: the registry's network namespace
 * @own: the sockets'
 *
 * A registry judges the sockets of its own user namespace and those below it. Its
 * owner may bind the cgroup of a program with more rights than his own (of another
 * user namespace, say a set-user-id one), but must not make its calls fail.
 *
 * Return: true if it has.
 */
static inline bool container_may_judge(const struct net *net,
				       const struct net *own)
{
	const struct user_namespace *ns = own->user_ns;

	while (ns->level > net->user_ns->level)
		ns = ns->parent;
	return ns == net->user_ns;
}

/**
 * struct container_chain - every registry that knows a cgroup or one above it
 * @host_owner: the container in the registry of the initial network namespace, as
 *	in &struct container_level, or NULL
 * @host: its id, 0 for none
 * @rank: the other registries
 */
struct container_chain {
	const struct container *host_owner;
	u32 host;
	struct container_levels rank[CONTAINER_RANKS];
};

/**
 * struct container_owner - what most want of a chain
 * @host: id in the registry of the initial network namespace, 0 for none
 * @others: another registry knows the cgroup, or one above it, too
 */
struct container_owner {
	u32 host;
	bool others;
};

void container_owner_of_cgroup(struct cgroup *cgrp, struct container_owner *owner);
void container_chain_of_cgroup(struct cgroup *cgrp,
			       struct container_chain *chain);
void container_chain_of_judges(struct cgroup *cgrp, const struct net *own,
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

/**
 * struct container_flow - flow ids: what tells queues, routes and rules whose a packet
 *	is
 * @set: which of them there are: CONTAINER_ID_FLOW_*
 * @fixed: programs cannot change them
 * @mark: for sk_mark
 * @priority: for sk_priority
 * @classid: for the net_cls id
 */
struct container_flow {
	u8 set;
	bool fixed;
	u32 mark;
	u32 priority;
	u32 classid;
};

/**
 * enum container_flow_use - what has to be caught for flow ids
 * @CONTAINER_FLOW_PUT: sockets that are made
 * @CONTAINER_FLOW_FIX: programs that would change theirs
 * @CONTAINER_FLOW_USES: how many there are
 */
enum container_flow_use {
	CONTAINER_FLOW_PUT,
	CONTAINER_FLOW_FIX,
	CONTAINER_FLOW_USES,
};

/**
 * struct container_flow_catcher - who catches it
 * @owner: its module
 * @get: begin; returns 0 or a negative errno, may sleep
 * @put: end it, as often as it was begun
 */
struct container_flow_catcher {
	struct module *owner;
	int (*get)(enum container_flow_use use);
	void (*put)(enum container_flow_use use);
};

/* Containers that need it. */
extern atomic_t container_flow_users[CONTAINER_FLOW_USES];

/**
 * container_flow_in_use() - does any container anywhere need it?
 * @use: what
 *
 * For functions that are watched for other reasons, too.
 */
static inline bool container_flow_in_use(enum container_flow_use use)
{
	return unlikely(atomic_read(&container_flow_users[use]));
}

void container_flow_of_sock(const struct sock *sk, struct container_flow *flow);
void container_flow_register(const struct container_flow_catcher *catcher);
void container_flow_unregister(void);

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
