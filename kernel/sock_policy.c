// SPDX-License-Identifier: GPL-2.0-only
/*
 * The policies of each network namespace, and what is there for them to look at. How
 * events are put before them is in sock_judge.c.
 */
#include <linux/in_route.h>
#include <linux/inetdevice.h>
#include <linux/ipv6.h>
#include <linux/module.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include <net/ip6_route.h>
#include <net/route.h>

#include "compat.h"
#include "sock_decode.h"
#include "sock_packet.h"
#include "sock_policy.h"
#include "sock_told.h"

unsigned int sock_event_net_id __read_mostly;
struct sock_event_net *sock_event_host __ro_after_init;

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

static struct dst_entry *discard_route(struct net *net, unsigned int family)
{
	struct dst_entry *dst = NULL;

	if (family == SOCK_FAMILY_IPV4) {
		struct rtable *rt = rt_dst_alloc(net->loopback_dev, 0, RTN_LOCAL,
						 true);

		dst = rt ? &rt->dst : NULL;
	}
#if IS_ENABLED(CONFIG_IPV6)
	if (family == SOCK_FAMILY_IPV6) {
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
	    (family == SOCK_FAMILY_IPV4 || ipv6_mod_enabled())) {
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
	unsigned int family = sock_family_index(policy->family);
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

static int __net_init sock_event_net_init(struct net *net)
{
	struct sock_event_net *sen = sock_event_net(net);

	mutex_init(&sen->lock);
	if (net_eq(net, &init_net))
		sock_event_host = sen;
	return 0;
}

static void __net_exit sock_event_net_pre_exit(struct net *net)
{
	struct sock_event_net *sen = sock_event_net(net);

	mutex_lock(&sen->lock);
	sen->closed = true;
	mutex_unlock(&sen->lock);
}

/* Sockets of other namespaces are judged here until the registry has left, in its
 * own pre_exit, and a grace period is over: now. Event devices may still be up, but
 * every socket that is judged holds its namespace, so none of this one is left.
 */
static void __net_exit sock_event_net_exit(struct net *net)
{
	struct sock_event_net *sen = sock_event_net(net);
	unsigned int family;

	for (family = 0; family < SOCK_FAMILIES; family++)
		dst_release(sen->dst[family]);
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

static int __init sock_event_module_init(void)
{
	int err;

	err = sock_packet_init();
	if (err)
		return err;
	/* Not a subsystem, because these leave after the loopback device, which
	 * waits for our routes.
	 */
	err = register_pernet_device(&sock_event_net_ops);
	if (err)
		sock_packet_exit();
	return err;
}

static void __exit sock_event_module_exit(void)
{
	sock_pick_exit();
	unregister_pernet_device(&sock_event_net_ops);
	sock_packet_exit();
	sock_told_exit();
}

module_init(sock_event_module_init);
module_exit(sock_event_module_exit);
MODULE_LICENSE("GPL");
MODULE_VERSION(XT_CONTAINER_VERSION);
MODULE_DESCRIPTION("Socket events: connect, bind and accept put before the rules");
