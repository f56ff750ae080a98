// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who judges an event: the policies of the initial network namespace, then those
 * of each registry that knows the socket's cgroup, from the outside in, then
 * those of the socket's own namespace. Each must accept.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/netdevice.h>
#include <linux/netfilter.h>

#include "compat.h"
#include "sock_decode.h"
#include "sock_errno.h"
#include "sock_packet.h"
#include "sock_policy.h"
#include "sock_told.h"

static const struct sock_policy *first_policy(const struct hlist_head *list)
{
	return hlist_entry_safe(rcu_dereference(hlist_first_rcu(list)),
				struct sock_policy, node);
}

static const struct sock_policy *next_policy(const struct sock_policy *policy)
{
	return hlist_entry_safe(rcu_dereference(hlist_next_rcu(&policy->node)),
				struct sock_policy, node);
}

/* What the call returns: a verdict that is not a plain accept denies. */
static int verdict_errno(unsigned int verdict, struct sock_event *ev)
{
	unsigned int kind = verdict & NF_VERDICT_MASK;
	int err = verdict >> NF_VERDICT_QBITS;

	if (likely(kind == NF_ACCEPT))
		return 0;
	if ((kind != NF_DROP && kind != NF_STOLEN) || !err)
		return -EPERM;
	ev->rejected = true;
	/* Nobody is to be told of another one than the call returns. */
	return sock_errno_known(err) ? -err : -EPERM;
}

/* How the policies of one namespace see an event. */
struct sock_view {
	struct net_device *dev;
	struct dst_entry *dst;
	bool foreign;	/* the device is not our own */
};

static __always_inline int judge_once(const struct sock_policy *policy,
				      struct sock_packet *pkt,
				      struct sock_event *ev,
				      const struct sock_view *view,
				      const struct container_event_state *state)
{
	struct sk_buff *skb = pkt->skb;
	unsigned int verdict;

	if (unlikely(!sock_packet_build(skb, ev)))
		return -EPERM;
	if (view->foreign && unlikely(!sock_packet_cover(skb, view->dev)))
		return -EPERM;
	skb->dev = view->dev;
	skb->mark = state->id;
	skb->_skb_refdst = (unsigned long)view->dst | SKB_DST_NOREF;

	verdict = policy->judge(policy, skb, state);
	sock_packet_take_back(pkt, verdict);
	return verdict_errno(verdict, ev);
}

/* Changes when a transaction of nft begins to hold. The cursor is one bit, which
 * says nothing of two transactions; but the count, where there is one, may change
 * a moment before the rules do.
 */
static u64 rules_generation(const struct net *net)
{
#if IS_ENABLED(CONFIG_NF_TABLES)
	return (u64)compat_nft_transactions(net) << 8 |
	       data_race(READ_ONCE(net->nft.gencursor));
#else
	return 0;
#endif
}

/* Nobody replaces rules that fast. */
#define RULES_TRIES	16

/*
 * nft looks at the generation once for each chain and set. So where a transaction
 * replaces a chain by another, an event might find the new one still empty, and
 * then the old one already empty: a denied call would pass. What was judged while
 * the generation changed is judged again.
 *
 * That is true of chains, rules and sets without intervals. Those with intervals
 * nft publishes later in the same commit: after the change of generation, for a
 * moment, what leaves such a set is gone and what comes is not there yet, all of it
 * if the set is a new one. The same goes for a chain's policy. No generation tells.
 * Nor, in kernels that have the cursor only, of two transactions within one
 * judgement.
 */
static __always_inline int judge_by(const struct sock_policy *policy,
				    struct sock_packet *pkt,
				    struct sock_event *ev,
				    const struct sock_view *view,
				    const struct container_event_state *state)
{
	const struct net *net = state->state.net;
	unsigned int tries = RULES_TRIES;
	u64 generation;
	int err;

	do {
		/* Who judged before may have kept it. */
		if (unlikely(!pkt->skb))
			sock_packet_refill(pkt);
		if (unlikely(!pkt->skb))
			return -ENOMEM;
		ev->rejected = false;
		generation = rules_generation(net);
		smp_rmb();	/* The generation is older than what was found, */
		err = judge_once(policy, pkt, ev, view, state);
		smp_rmb();	/* and this one is younger. */
		if (likely(generation == rules_generation(net)))
			return err;
	} while (--tries);
	return err ?: -EPERM;
}

/* The packet is taken for the first policy and given back by sock_event_judge().
 * Inline there for the namespace that all events ask.
 */
static __always_inline int __judge_in(struct net *net,
				      const struct sock_event_net *sen, u32 id,
				      struct sock_event *ev,
				      struct sock_packet *pkt)
{
	struct container_event_state state __uninitialized;
	bool out = ev->type == SOCK_EVENT_CONNECT;
	unsigned int family = sock_family_index(ev->family);
	const struct sock_policy *policy;
	struct net_device *dev;
	struct sock_view view;
	int err = 0;

	policy = first_policy(&sen->policy[ev->type][family]);
	if (!policy)
		return 0;
	if (unlikely(ev->picked) && sock_is_picked_by(net, ev->dport))
		return 0;
	smp_rmb();	/* The device and the routes were there before it. */
	if (!pkt->taken) {
		local_bh_disable();
		sock_packet_get(pkt);
	}
	dev = READ_ONCE(sen->dev);
	/* Of another namespace's devices whoever is root there chooses names, groups and,
	 * in part, numbers. And what a socket is bound to is not what it sends by.
	 */
	view.dev = ev->in && net_eq(sock_net(ev->sk), net) ? ev->in : dev;
	view.foreign = view.dev != dev;
	view.dst = READ_ONCE(sen->dst[family]);
	nf_hook_state_init(&state.state,
			   out ? NF_INET_LOCAL_OUT : NF_INET_LOCAL_IN,
			   ev->family, out ? NULL : view.dev,
			   out ? view.dev : NULL, ev->sk, net,
			   container_event_okfn);
	state.id = id;
	do {
		err = judge_by(policy, pkt, ev, &view, &state);
	} while (!err && (policy = next_policy(policy)));
	if (unlikely(err)) {
		/* Without memory it was nobody. */
		ev->denier = err == -ENOMEM ? NULL : policy;
		ev->denied_in = net;
	}
	return err;
}

static __always_inline void give_back(struct sock_packet *pkt)
{
	if (!pkt->taken)
		return;
	sock_packet_put(pkt);
	pkt->taken = false;
	local_bh_enable();
}

/* Softirqs wait for the rules of one namespace, not for those of all. */
static noinline int judge_in(struct net *net, u32 id, struct sock_event *ev,
			     struct sock_packet *pkt)
{
	int err;

	give_back(pkt);
	err = __judge_in(net, sock_event_net(net), id, ev, pkt);
	if (sock_is_told()) {
		give_back(pkt);
		sock_tell(net, id, ev, err);
	}
	return err;
}

/* Of users' registries none may judge a socket of root's. */
static unsigned int ranks_for(const struct net *own)
{
	return container_rank(own) == CONTAINER_RANK_ROOT ? CONTAINER_RANK_USER :
							    CONTAINER_RANKS;
}

static bool overflows(const struct container_chain *chain, const struct net *own)
{
	unsigned int rank;

	for (rank = 0; rank < ranks_for(own); rank++)
		if (chain->rank[rank].overflow)
			return true;
	return false;
}

/* Where more registries are above a cgroup than fit, those without a say leave. */
static void make_room(struct cgroup *cgrp, const struct net *own,
		      struct container_chain *chain)
{
	if (unlikely(overflows(chain, own)))
		container_chain_of_judges(cgrp, own, chain);
}

static int judge_by_levels(const struct container_levels *levels,
			   struct sock_event *ev, struct sock_packet *pkt,
			   bool *own_done)
{
	struct net *own = sock_net(ev->sk);
	int err = 0;
	u8 i;

	if (unlikely(levels->overflow)) {
		net_warn_ratelimited("more than %d registries would judge the sockets of one cgroup: they are denied\n",
				     CONTAINER_ID_MAX_LEVELS);
		return -EPERM;
	}
	for (i = 0; i < levels->n && !err; i++) {
		struct net *net = levels->level[i].net;

		if (!container_may_judge(net, own))
			continue;
		if (net_eq(net, own))
			*own_done = true;
		err = judge_in(net, levels->level[i].id, ev, pkt);
	}
	return err;
}

/* By the registries above @cgrp, if there are any, and the socket's own namespace. */
static noinline int judge_inside(struct cgroup *cgrp, struct sock_event *ev,
				 struct sock_packet *pkt)
{
	struct container_chain chain __uninitialized;
	struct net *own = sock_net(ev->sk);
	bool own_done = net_eq(own, &init_net);
	unsigned int rank;
	int err = 0;

	if (cgrp) {
		container_chain_of_cgroup(cgrp, &chain);
		make_room(cgrp, own, &chain);
		for (rank = 0; rank < ranks_for(own) && !err; rank++)
			err = judge_by_levels(&chain.rank[rank], ev, pkt,
					      &own_done);
	}
	if (!err && !own_done)
		err = judge_in(own, 0, ev, pkt);
	return err;
}

/**
 * sock_event_judge() - ask every namespace that has a say about an event
 * @ev: the event
 *
 * Context: task with or without the socket's lock, or softirq.
 * Return: 0 if all accept, else the negative errno that the call shall fail
 * with: -EPERM unless a rule chose another one, -ENOMEM if the event could not
 * be put before the rules.
 */
int sock_event_judge(struct sock_event *ev)
{
	struct container_owner owner = {};
	struct sock_packet pkt __uninitialized;
	struct cgroup *cgrp;
	int err;

	pkt.taken = false;
	rcu_read_lock();
	cgrp = container_sock_cgroup(ev->sk);
	if (likely(cgrp))
		container_owner_of_cgroup(cgrp, &owner);
	err = __judge_in(&init_net, sock_event_host, owner.host, ev, &pkt);
	if (!err && (owner.others || !net_eq(sock_net(ev->sk), &init_net)))
		err = judge_inside(owner.others ? cgrp : NULL, ev, &pkt);
	give_back(&pkt);
	/* Last: the host is told what came of it in the end. */
	if (sock_is_told())
		sock_tell(&init_net, owner.host, ev, err);
	rcu_read_unlock();
	return err;
}
EXPORT_SYMBOL_GPL(sock_event_judge);

static bool has_policy(const struct net *net, enum sock_event_type type)
{
	const struct sock_event_net *sen = sock_event_net(net);

	return !hlist_empty(&sen->policy[type][SOCK_FAMILY_IPV4]) ||
	       !hlist_empty(&sen->policy[type][SOCK_FAMILY_IPV6]);
}

/* By a registry above the cgroup. */
static bool wanted_above(struct cgroup *cgrp, const struct net *own,
			 enum sock_event_type type)
{
	struct container_chain chain __uninitialized;
	unsigned int rank;
	u8 i;

	container_chain_of_cgroup(cgrp, &chain);
	make_room(cgrp, own, &chain);
	for (rank = 0; rank < ranks_for(own); rank++) {
		const struct container_levels *levels = &chain.rank[rank];

		if (levels->overflow)
			return true;
		for (i = 0; i < levels->n; i++)
			if (container_may_judge(levels->level[i].net, own) &&
			    has_policy(levels->level[i].net, type))
				return true;
	}
	return false;
}

/**
 * sock_event_wanted() - would anybody be asked about an event?
 * @own: network namespace of the socket
 * @cgrp: cgroup of the socket, or NULL
 * @type: type of event
 *
 * Context: any; the caller keeps @cgrp alive.
 * Return: true if sock_event_judge() would ask a policy, or deny.
 */
bool sock_event_wanted(const struct net *own, struct cgroup *cgrp,
		       enum sock_event_type type)
{
	bool wanted;

	if (has_policy(&init_net, type) || has_policy(own, type))
		return true;
	if (!cgrp)
		return false;
	rcu_read_lock();
	wanted = wanted_above(cgrp, own, type);
	rcu_read_unlock();
	return wanted;
}
