// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who judges an event: the policies of the initial network namespace, then those
 * of each registry that knows the socket's cgroup, from the outside in, then
 * those of the socket's own namespace. Each must accept.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/in_route.h>
#include <linux/inetdevice.h>
#include <linux/ipv6.h>
#include <linux/module.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include <linux/user_namespace.h>
#include <net/ip6_route.h>
#include <net/netns/generic.h>
#include <net/route.h>

#include "compat.h"
#include "sock_event.h"

enum {
	FAMILY_IPV4,
	FAMILY_IPV6,
	FAMILIES,
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
	struct hlist_head policy[SOCK_EVENT_TYPES][FAMILIES];
	struct net_device *dev;
	struct dst_entry *dst[FAMILIES];
	bool closed;
};

static unsigned int sock_event_net_id __read_mostly;

static const char *const event_names[] = {
	[SOCK_EVENT_CONNECT] = "connect",
	[SOCK_EVENT_BIND] = "bind",
	[SOCK_EVENT_ACCEPT] = "accept",
};

/**
 * sock_event_name() - what admins call a type of event
 * @type: the type
 *
 * Return: the name that its table has, too.
 */
const char *sock_event_name(enum sock_event_type type)
{
	return event_names[type];
}
EXPORT_SYMBOL_GPL(sock_event_name);

static struct sock_event_net *sock_event_net(const struct net *net)
{
	return net_generic(net, sock_event_net_id);
}

static unsigned int family_index(u8 nfproto)
{
	return nfproto == NFPROTO_IPV4 ? FAMILY_IPV4 : FAMILY_IPV6;
}

static struct dst_entry *discard_route(struct net *net, unsigned int family)
{
	struct dst_entry *dst = NULL;

	if (family == FAMILY_IPV4) {
		struct rtable *rt = rt_dst_alloc(net->loopback_dev, 0, RTN_LOCAL,
						 true);

		dst = rt ? &rt->dst : NULL;
	}
#if IS_ENABLED(CONFIG_IPV6)
	if (family == FAMILY_IPV6) {
		struct rt6_info *rt6 = ip6_dst_alloc(net, net->loopback_dev, 0);

		dst = rt6 ? &rt6->dst : NULL;
	}
#endif
	if (dst) {
		dst->input = dst_discard;
		dst->output = dst_discard_out;
	}
	return dst;
}

static void nodev_setup(struct net_device *dev)
{
	dev->type = ARPHRD_NONE;
	dev->mtu = 65535;
	dev->flags = IFF_NOARP;
}

/* Made with the first policy, so that a namespace without any pays nothing. */
static int prepare_ground(struct net *net, struct sock_event_net *sen, u8 family)
{
	struct dst_entry *dst;

	if (!sen->dev) {
		struct net_device *dev;

		dev = alloc_netdev(0, "", NET_NAME_PREDICTABLE, nodev_setup);
		if (!dev)
			return -ENOMEM;
		dev_net_set(dev, net);
		WRITE_ONCE(sen->dev, dev);
	}
	/* Without IPv6 there are no routes of it, nor sockets. */
	if (!sen->dst[family] &&
	    (family == FAMILY_IPV4 || ipv6_mod_enabled())) {
		dst = discard_route(net, family);
		if (!dst)
			return -ENOMEM;
		WRITE_ONCE(sen->dst[family], dst);
	}
	return 0;
}

/**
 * sock_policy_link() - let a policy judge the events of a namespace
 * @net: the namespace
 * @policy: filled in by the caller, stays where it is until it is unlinked
 *
 * That its events are caught at all is the caller's to see to: sock_hooks_get().
 *
 * Context: process; may sleep.
 * Return: 0, -ENOMEM, or -ENODEV in a namespace that is going away.
 */
int sock_policy_link(struct net *net, struct sock_policy *policy)
{
	unsigned int family = family_index(policy->family);
	struct sock_event_net *sen = sock_event_net(net);
	int err;

	mutex_lock(&sen->lock);
	err = sen->closed ? -ENODEV : prepare_ground(net, sen, family);
	if (!err)
		hlist_add_tail_rcu(&policy->node,
				   &sen->policy[policy->type][family]);
	mutex_unlock(&sen->lock);
	return err;
}
EXPORT_SYMBOL_GPL(sock_policy_link);

/**
 * sock_policy_unlink() - end a policy
 * @net: the namespace
 * @policy: a linked policy; may be freed after an RCU grace period
 *
 * Context: process; may sleep.
 */
void sock_policy_unlink(struct net *net, struct sock_policy *policy)
{
	struct sock_event_net *sen = sock_event_net(net);

	mutex_lock(&sen->lock);
	hlist_del_rcu(&policy->node);
	mutex_unlock(&sen->lock);
}
EXPORT_SYMBOL_GPL(sock_policy_unlink);

static struct net_device *bound_device(const struct sock *sk)
{
	int ifindex = READ_ONCE(sk->sk_bound_dev_if);

	return ifindex ? dev_get_by_index_rcu(sock_net(sk), ifindex) : NULL;
}

static void init_state(struct container_event_state *state, struct net *net,
		       u32 id, const struct sock_event *ev,
		       struct net_device *dev)
{
	bool out = ev->type == SOCK_EVENT_CONNECT;

	nf_hook_state_init(&state->state,
			   out ? NF_INET_LOCAL_OUT : NF_INET_LOCAL_IN,
			   ev->family, out ? NULL : dev, out ? dev : NULL,
			   ev->sk, net, container_event_okfn);
	state->id = id;
}

/* What the call returns: a verdict that is not a plain accept denies. */
static int verdict_errno(unsigned int verdict, struct sock_event *ev)
{
	unsigned int kind = verdict & NF_VERDICT_MASK;
	int err = verdict >> NF_VERDICT_QBITS;

	if (kind == NF_ACCEPT)
		return 0;
	if ((kind != NF_DROP && kind != NF_STOLEN) || !err)
		return -EPERM;
	ev->rejected = true;
	return -err;
}

static int judge_once(const struct sock_policy *policy, struct sock_packet *pkt,
		      struct sock_event *ev, struct net *net, u32 id)
{
	struct sock_event_net *sen = sock_event_net(net);
	struct container_event_state state;
	struct net_device *dev = ev->in;
	struct sk_buff *skb = pkt->skb;
	unsigned int verdict;

	if (!dev)
		dev = bound_device(ev->sk);
	if (!dev)
		dev = READ_ONCE(sen->dev);
	init_state(&state, net, id, ev, dev);

	if (!sock_packet_build(skb, ev))
		return -EPERM;
	skb->dev = dev;
	skb->mark = id;
	skb_dst_set_noref(skb, READ_ONCE(sen->dst[family_index(ev->family)]));

	sock_packet_lend(pkt);
	verdict = policy->judge(policy, skb, &state);
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
	       READ_ONCE(net->nft.gencursor);
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
static int judge_by(const struct sock_policy *policy, struct sock_packet *pkt,
		    struct sock_event *ev, struct net *net, u32 id)
{
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
		err = judge_once(policy, pkt, ev, net, id);
		smp_rmb();	/* and this one is younger. */
		if (likely(generation == rules_generation(net)))
			return err;
	} while (--tries);
	return err ?: -EPERM;
}

static int judge_in(struct net *net, u32 id, struct sock_event *ev)
{
	const struct hlist_head *list;
	struct sock_policy *policy;
	struct sock_packet pkt;
	int err = 0;

	list = &sock_event_net(net)->policy[ev->type][family_index(ev->family)];
	if (hlist_empty(list))
		return 0;
	local_bh_disable();
	sock_packet_get(&pkt);
	hlist_for_each_entry_rcu(policy, list, node) {
		err = judge_by(policy, &pkt, ev, net, id);
		if (err)
			break;
	}
	sock_packet_put(&pkt);
	local_bh_enable();
	return err;
}

/*
 * A registry judges the sockets of its own user namespace and those below it. Its
 * owner may bind the cgroup of a program with more rights than his own (of another
 * user namespace, say a set-user-id one), but must not make its calls fail.
 */
static bool may_judge(const struct net *net, const struct net *own)
{
	const struct user_namespace *ns = own->user_ns;

	while (ns->level > net->user_ns->level)
		ns = ns->parent;
	return ns == net->user_ns;
}

/* Of users' registries none may judge a socket of root's. */
static unsigned int ranks_for(const struct net *own)
{
	return container_rank(own) == CONTAINER_RANK_ROOT ? CONTAINER_RANK_USER :
							    CONTAINER_RANKS;
}

static int judge_by_levels(const struct container_levels *levels,
			   struct sock_event *ev, bool *own_done)
{
	struct net *own = sock_net(ev->sk);
	int err = 0;
	u8 i;

	if (unlikely(levels->overflow)) {
		net_warn_ratelimited("more than %d registries have a binding above one cgroup: its sockets are denied\n",
				     CONTAINER_ID_MAX_LEVELS);
		return -EPERM;
	}
	for (i = 0; i < levels->n && !err; i++) {
		struct net *net = levels->level[i].net;

		if (!may_judge(net, own))
			continue;
		if (net_eq(net, own))
			*own_done = true;
		err = judge_in(net, levels->level[i].id, ev);
	}
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
	struct net *own = sock_net(ev->sk);
	bool own_done = net_eq(own, &init_net);
	struct container_chain chain = {};
	struct cgroup *cgrp;
	unsigned int rank;
	int err;

	rcu_read_lock();
	cgrp = container_sock_cgroup(ev->sk);
	if (cgrp)
		container_chain_of_cgroup(cgrp, &chain);
	err = judge_in(&init_net, chain.host, ev);
	for (rank = 0; rank < ranks_for(own) && !err; rank++)
		err = judge_by_levels(&chain.rank[rank], ev, &own_done);
	if (!err && !own_done)
		err = judge_in(own, 0, ev);
	rcu_read_unlock();
	return err;
}
EXPORT_SYMBOL_GPL(sock_event_judge);

static bool has_policy(const struct net *net, enum sock_event_type type)
{
	const struct sock_event_net *sen = sock_event_net(net);

	return !hlist_empty(&sen->policy[type][FAMILY_IPV4]) ||
	       !hlist_empty(&sen->policy[type][FAMILY_IPV6]);
}

/**
 * sock_event_wanted() - would anybody be asked about an event?
 * @own: network namespace of the socket
 * @cgrp: cgroup of the socket, or NULL
 * @type: type of event
 *
 * Context: RCU read-side section.
 * Return: true if sock_event_judge() would ask a policy, or deny.
 */
bool sock_event_wanted(const struct net *own, struct cgroup *cgrp,
		       enum sock_event_type type)
{
	struct container_chain chain = {};
	unsigned int rank;
	u8 i;

	if (has_policy(&init_net, type) || has_policy(own, type))
		return true;
	if (cgrp)
		container_chain_of_cgroup(cgrp, &chain);
	for (rank = 0; rank < ranks_for(own); rank++) {
		const struct container_levels *levels = &chain.rank[rank];

		if (levels->overflow)
			return true;
		for (i = 0; i < levels->n; i++)
			if (may_judge(levels->level[i].net, own) &&
			    has_policy(levels->level[i].net, type))
				return true;
	}
	return false;
}

static int __net_init sock_event_net_init(struct net *net)
{
	mutex_init(&sock_event_net(net)->lock);
	return 0;
}

/* The routes hold the loopback device, which leaves before our exit. */
static void __net_exit sock_event_net_pre_exit(struct net *net)
{
	struct sock_event_net *sen = sock_event_net(net);
	unsigned int family;

	mutex_lock(&sen->lock);
	sen->closed = true;
	for (family = 0; family < FAMILIES; family++)
		dst_release(sen->dst[family]);
	mutex_unlock(&sen->lock);
}

static void __net_exit sock_event_net_exit(struct net *net)
{
	struct sock_event_net *sen = sock_event_net(net);

	if (sen->dev)
		free_netdev(sen->dev);
}

static struct pernet_operations sock_event_net_ops = {
	.init = sock_event_net_init,
	.pre_exit = sock_event_net_pre_exit,
	.exit = sock_event_net_exit,
	.id = &sock_event_net_id,
	.size = sizeof(struct sock_event_net),
};

static int __init sock_event_init(void)
{
	int err;

	err = sock_packet_init();
	if (err)
		return err;
	err = register_pernet_subsys(&sock_event_net_ops);
	if (err)
		sock_packet_exit();
	return err;
}

static void __exit sock_event_exit(void)
{
	unregister_pernet_subsys(&sock_event_net_ops);
	sock_packet_exit();
}

module_init(sock_event_init);
module_exit(sock_event_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Socket events: connect, bind and accept put before the rules");
