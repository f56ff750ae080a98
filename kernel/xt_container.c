// SPDX-License-Identifier: GPL-2.0-only
/*
 * xt_container: match a packet or a socket event by the container that owns
 * its socket.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>
#include <linux/netfilter/x_tables.h>
#include <linux/netfilter_ipv4.h>
#include <linux/netfilter_ipv6.h>
#include <net/inet_sock.h>
#include <net/netfilter/nf_socket.h>

#include "compat.h"
#include "container_id.h"
#include "event_table.h"
#include "../include/uapi/linux/netfilter/xt_container.h"

#define OUTPUT_HOOKS	((1 << NF_INET_LOCAL_OUT) | (1 << NF_INET_POST_ROUTING))
#define INPUT_HOOKS	((1 << NF_INET_PRE_ROUTING) | (1 << NF_INET_LOCAL_IN))

static bool id_in_ranges(const struct xt_container_mtinfo *info, u32 id)
{
	u8 i;

	for (i = 0; i < info->count && id >= info->range[i].first; i++)
		if (id <= info->range[i].last)
			return true;
	return false;
}

static struct sock *lookup(struct net *net, const struct sk_buff *skb,
			   const struct net_device *in, u8 family)
{
	switch (family) {
	case NFPROTO_IPV4:
		return nf_sk_lookup_slow_v4(net, skb, in);
#if IS_ENABLED(CONFIG_NF_SOCKET_IPV6)
	case NFPROTO_IPV6:
		return nf_sk_lookup_slow_v6(net, skb, in);
#endif
	}
	return NULL;
}

/* The container of a packet's socket; of a listener, while the connection has
 * none of its own yet.
 */
static noinline u32 packet_owner(const struct sk_buff *skb, struct sock *sk,
				 const struct xt_action_param *par)
{
	struct net *net = xt_net(par);
	struct sock *found = NULL;
	u32 id = 0;

	if (!sk && (1 << xt_hooknum(par)) & INPUT_HOOKS)
		sk = found = lookup(net, skb, xt_in(par), xt_family(par));
	if (sk)
		sk = sk_to_full_sk(sk);
	if (sk && sk_fullsock(sk))
		id = container_id_of_sock(net, sk);
	if (found)
		sock_gen_put(found);
	return id;
}

static __always_inline u32 owner_of(const struct sk_buff *skb,
				    const struct xt_action_param *par)
{
	const struct container_event_state *event = container_event(par->state);
	struct net *net = xt_net(par);
	struct sock *sk = skb->sk;

	if (event)
		return event->id;
	/* A tunnel may carry a packet into another namespace: its socket is
	 * none of this one's.
	 */
	if (sk && unlikely(!net_eq(sock_net(sk), net)))
		sk = NULL;
	if (likely(sk && sk_fullsock(sk)))
		return container_id_of_sock(net, sk);
	return packet_owner(skb, sk, par);
}

static bool container_mt(const struct sk_buff *skb, struct xt_action_param *par)
{
	const struct xt_container_mtinfo *info = par->matchinfo;

	return id_in_ranges(info, owner_of(skb, par)) ^
	       !!(info->flags & XT_CONTAINER_INVERT);
}

static int check_ranges(const struct xt_container_mtinfo *info)
{
	const struct xt_container_range *r = info->range;
	u8 i;

	if (!info->count || info->count > XT_CONTAINER_MAX_RANGES) {
		pr_info_ratelimited("a rule has 1 to %d ids or ranges, not %u\n",
				    XT_CONTAINER_MAX_RANGES, info->count);
		return -EINVAL;
	}
	for (i = 0; i < info->count; i++) {
		if (r[i].first <= r[i].last &&
		    (!i || (r[i - 1].last != U32_MAX &&
			    r[i].first > r[i - 1].last + 1)))
			continue;
		pr_info_ratelimited("range %u-%u is empty or not above the one before it\n",
				    r[i].first, r[i].last);
		return -EINVAL;
	}
	if (memchr_inv(&r[info->count], 0,
		       (XT_CONTAINER_MAX_RANGES - info->count) * sizeof(*r))) {
		pr_info_ratelimited("unused ranges must be zero\n");
		return -EINVAL;
	}
	return 0;
}

static int container_mt_check(const struct xt_mtchk_param *par)
{
	const struct xt_container_mtinfo *info = par->matchinfo;
	int err;

	if (info->flags & ~XT_CONTAINER_INVERT) {
		pr_info_ratelimited("unknown flags 0x%x\n",
				    info->flags & ~XT_CONTAINER_INVERT);
		return -EINVAL;
	}
	if (info->pad[0] || info->pad[1]) {
		pr_info_ratelimited("padding must be zero\n");
		return -EINVAL;
	}
	err = check_event_rule(par->table, par->family, par->entryinfo);
	if (err)
		return err;
	return check_ranges(info);
}

#define CONTAINER_MT(_family)					\
{								\
	.name = "container",					\
	.revision = 0,						\
	.family = _family,					\
	.hooks = OUTPUT_HOOKS | INPUT_HOOKS,			\
	.match = container_mt,					\
	.checkentry = container_mt_check,			\
	.matchsize = sizeof(struct xt_container_mtinfo),	\
	.usersize = sizeof(struct xt_container_mtinfo),		\
	.me = THIS_MODULE,					\
}

static struct xt_match container_mt_reg[] __read_mostly = {
	CONTAINER_MT(NFPROTO_IPV4),
#if IS_ENABLED(CONFIG_NF_SOCKET_IPV6)
	CONTAINER_MT(NFPROTO_IPV6),
#endif
};

static int __init container_mt_init(void)
{
	BUILD_BUG_ON(sizeof(struct xt_container_mtinfo) != 132);
	BUILD_BUG_ON(offsetof(struct xt_container_mtinfo, range) != 4);
	return xt_register_matches(container_mt_reg,
				   ARRAY_SIZE(container_mt_reg));
}

static void __exit container_mt_exit(void)
{
	xt_unregister_matches(container_mt_reg, ARRAY_SIZE(container_mt_reg));
}

module_init(container_mt_init);
module_exit(container_mt_exit);
MODULE_LICENSE("GPL");
MODULE_VERSION(XT_CONTAINER_VERSION);
MODULE_DESCRIPTION("Xtables: match the container that owns a packet's or an event's socket");
MODULE_ALIAS("ipt_container");
MODULE_ALIAS("ip6t_container");
