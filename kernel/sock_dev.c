// SPDX-License-Identifier: GPL-2.0-only
/*
 * Event devices: links of kind sockconnect, sockbind and sockaccept. While one is
 * up, each event of its kind runs through its ingress chains and is shown to
 * who sniffs on it. Nothing is ever sent or received by it.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/if_arp.h>
#include <linux/ipv6.h>
#include <linux/module.h>
#include <linux/netdevice.h>
#include <linux/netfilter_netdev.h>
#include <net/rtnetlink.h>

#include "compat.h"
#include "sock_event.h"

/* Below what IPv6 asks of a link, so that it never gets an address there. */
#define SOCK_DEV_MTU	(IPV6_MIN_MTU - 1)

/* Each event goes through all of them, with bottom halves off. */
#define MAX_DEVICES_UP	64

enum {
	POLICY_IPV4,
	POLICY_IPV6,
	POLICIES,
};

/**
 * struct sock_dev - what is behind an event device
 * @dev: the device
 * @name: its name for as long as it is up
 * @policy: how events reach it, by family
 */
struct sock_dev {
	struct net_device *dev;
	char name[IFNAMSIZ];
	struct sock_policy policy[POLICIES];
};

static struct sock_dev *policy_dev(const struct sock_policy *policy)
{
	unsigned int i = policy->family == NFPROTO_IPV4 ? POLICY_IPV4 : POLICY_IPV6;

	return container_of(policy - i, struct sock_dev, policy[0]);
}

/* A chain picks an errno by "meta priority set $ECONNREFUSED drop". The one that
 * nft itself may put into its verdict only says that it was a drop.
 */
static unsigned int denial(unsigned int verdict, const struct sk_buff *skb)
{
	u32 err = skb->priority <= SOCK_EVENT_MAX_ERRNO ? skb->priority : 0;

	return (verdict & NF_VERDICT_MASK) | err << NF_VERDICT_QBITS;
}

/* Shows the event to who sniffs on the device. They get a copy: the event packet
 * must not become a clone of theirs.
 */
static void show(const struct sk_buff *skb, struct net_device *dev)
{
	struct sk_buff *copy = skb_copy(skb, GFP_ATOMIC | __GFP_NOWARN);

	if (!copy)
		return;
	copy->dev = dev;
	dev_queue_xmit_nit(copy, dev);
	consume_skb(copy);
}

static unsigned int judge(const struct sock_policy *policy, struct sk_buff *skb,
			  const struct container_event_state *event)
{
	struct net_device *dev = policy_dev(policy)->dev;
	const struct nf_hook_entries *hooks;
	struct net_device *in = dev;
	struct nf_hook_state state;
	unsigned int i, verdict;

#if !IS_ENABLED(CONFIG_NFT_REJECT_NETDEV)
	/* That one would send its answer by it. */
	if (policy->type == SOCK_EVENT_ACCEPT)
		in = event->state.in;
#endif
	skb->dev = dev;
	if (dev_nit_active(dev))
		show(skb, dev);

	hooks = rcu_dereference(dev->nf_hooks_ingress);
	if (!hooks)
		return NF_ACCEPT;
	nf_hook_state_init(&state, NF_NETDEV_INGRESS, NFPROTO_NETDEV, in, NULL,
			   event->state.sk, event->state.net, NULL);
	for (i = 0; i < hooks->num_hook_entries; i++) {
		const struct nf_hook_entry *entry = &hooks->hooks[i];

		/* One that goes away becomes another that accepts. */
		verdict = READ_ONCE(entry->hook)(entry->priv, skb, &state);
		if (verdict != NF_ACCEPT)
			return denial(verdict, skb);
	}
	return NF_ACCEPT;
}

static void unlink_policies(struct sock_dev *sd, unsigned int n)
{
	while (n--)
		sock_policy_unlink(dev_net(sd->dev), &sd->policy[n]);
}

static enum sock_event_type dev_type(const struct net_device *dev);

static int link_policies(struct sock_dev *sd, enum sock_event_type type)
{
	unsigned int i;
	int err;

	for (i = 0; i < POLICIES; i++) {
		sd->policy[i].type = type;
		sd->policy[i].family = i == POLICY_IPV4 ? NFPROTO_IPV4 :
							  NFPROTO_IPV6;
		sd->policy[i].is_device = true;
		sd->policy[i].name = sd->name;
		sd->policy[i].judge = judge;
		err = sock_policy_link(dev_net(sd->dev), &sd->policy[i]);
		if (err) {
			unlink_policies(sd, i);
			synchronize_net();
			return err;
		}
	}
	return 0;
}

/* While it is up, it holds its module, whose removal would let all calls pass. */
static int sock_dev_open(struct net_device *dev)
{
	struct sock_dev *sd = netdev_priv(dev);
	enum sock_event_type type = dev_type(dev);
	int err;

	if (!try_module_get(THIS_MODULE))
		return -ENODEV;
	err = sock_hooks_get(type);
	if (err)
		goto err_module;
	sd->dev = dev;
	strscpy(sd->name, dev->name, sizeof(sd->name));
	err = link_policies(sd, type);
	if (err)
		goto err_hooks;
	return 0;

err_hooks:
	sock_hooks_put(type);
err_module:
	module_put(THIS_MODULE);
	return err;
}

/* A device that is up again must find its policies unused. */
static int sock_dev_stop(struct net_device *dev)
{
	unlink_policies(netdev_priv(dev), POLICIES);
	synchronize_net();
	sock_hooks_put(dev_type(dev));
	module_put(THIS_MODULE);
	return 0;
}

static netdev_tx_t sock_dev_xmit(struct sk_buff *skb, struct net_device *dev)
{
	dev_core_stats_tx_dropped_inc(dev);
	kfree_skb(skb);
	return NETDEV_TX_OK;
}

/* What tc redirects here, and the chains have let pass. */
static rx_handler_result_t sock_dev_receive(struct sk_buff **pskb)
{
	dev_core_stats_rx_dropped_inc((*pskb)->dev);
	kfree_skb(*pskb);
	return RX_HANDLER_CONSUMED;
}

static int sock_dev_ndo_init(struct net_device *dev)
{
	return netdev_rx_handler_register(dev, sock_dev_receive, NULL);
}

static void sock_dev_ndo_uninit(struct net_device *dev)
{
	netdev_rx_handler_unregister(dev);
}

static const struct net_device_ops sock_dev_ops = {
	.ndo_init = sock_dev_ndo_init,
	.ndo_uninit = sock_dev_ndo_uninit,
	.ndo_open = sock_dev_open,
	.ndo_stop = sock_dev_stop,
	.ndo_start_xmit = sock_dev_xmit,
};

static void sock_dev_setup(struct net_device *dev)
{
	dev->netdev_ops = &sock_dev_ops;
	dev->needs_free_netdev = true;
	/* tcpdump reads packets of this type as IP. */
	dev->type = ARPHRD_NONE;
	dev->flags = IFF_NOARP;
	dev->mtu = SOCK_DEV_MTU;
	dev->min_mtu = SOCK_DEV_MTU;
	dev->max_mtu = SOCK_DEV_MTU;
	/* The namespace is whose events it shows. */
	compat_netns_immutable(dev);
}

#define LINK_KIND(_type, _kind)				\
	[_type] = {					\
		.kind = _kind,				\
		.priv_size = sizeof(struct sock_dev),	\
		.setup = sock_dev_setup,		\
	}

static struct rtnl_link_ops link_ops[SOCK_EVENT_TYPES] = {
	LINK_KIND(SOCK_EVENT_CONNECT, "sockconnect"),
	LINK_KIND(SOCK_EVENT_BIND, "sockbind"),
	LINK_KIND(SOCK_EVENT_ACCEPT, "sockaccept"),
};

static enum sock_event_type dev_type(const struct net_device *dev)
{
	return dev->rtnl_link_ops - link_ops;
}

static bool is_sock_dev(const struct net_device *dev)
{
	return dev->netdev_ops == &sock_dev_ops;
}

/* No bridge, bond or the like has use for a device that carries nothing. */
static int on_enslaving(const struct net_device *dev, void *info)
{
	const struct netdev_notifier_changeupper_info *upper = info;

	if (!upper->linking ||
	    (!is_sock_dev(dev) && !is_sock_dev(upper->upper_dev)))
		return NOTIFY_DONE;
	NL_SET_ERR_MSG(netdev_notifier_info_to_extack(info),
		       "An event device carries no packets and cannot be enslaved");
	return notifier_from_errno(-EOPNOTSUPP);
}

static int on_going_up(const struct net_device *dev, void *info)
{
	const struct net_device *other;
	unsigned int n = 0;

	if (!is_sock_dev(dev))
		return NOTIFY_DONE;
	for_each_netdev(dev_net(dev), other)
		if (is_sock_dev(other) && other->flags & IFF_UP &&
		    dev_type(other) == dev_type(dev) && ++n >= MAX_DEVICES_UP)
			break;
	if (n < MAX_DEVICES_UP)
		return NOTIFY_DONE;
	NL_SET_ERR_MSG(netdev_notifier_info_to_extack(info),
		       "As many event devices of this kind as may be are up in this network namespace: set one down first");
	return notifier_from_errno(-ENOSPC);
}

/* Chains go by the name: newer kernels would detach them from a device that gets
 * another one, and calls that they deny would pass. Kernels before 6.2 let no
 * device that is up be renamed.
 */
static int on_new_name(const struct net_device *dev)
{
	const struct sock_dev *sd;

	if (!is_sock_dev(dev) || !(dev->flags & IFF_UP))
		return NOTIFY_DONE;
	sd = netdev_priv(dev);
	/* The same name: the kernel takes back what was refused. */
	if (!strcmp(dev->name, sd->name))
		return NOTIFY_DONE;
	return notifier_from_errno(-EBUSY);
}

static int on_netdev(struct notifier_block *nb, unsigned long event, void *info)
{
	const struct net_device *dev = netdev_notifier_info_to_dev(info);

	switch (event) {
	case NETDEV_PRE_UP:
		return on_going_up(dev, info);
	case NETDEV_PRECHANGEUPPER:
		return on_enslaving(dev, info);
	case NETDEV_CHANGENAME:
		return on_new_name(dev);
	default:
		return NOTIFY_DONE;
	}
}

/* Before nft hears of it. */
static struct notifier_block netdev_notifier = {
	.notifier_call = on_netdev,
	.priority = INT_MAX,
};

static void unregister_kinds(unsigned int n)
{
	while (n--)
		rtnl_link_unregister(&link_ops[n]);
}

static int __init sock_dev_init(void)
{
	unsigned int i;
	int err;

	err = register_netdevice_notifier(&netdev_notifier);
	if (err)
		return err;
	for (i = 0; i < SOCK_EVENT_TYPES; i++) {
		err = rtnl_link_register(&link_ops[i]);
		if (err) {
			unregister_kinds(i);
			unregister_netdevice_notifier(&netdev_notifier);
			return err;
		}
	}
	return 0;
}

static void __exit sock_dev_exit(void)
{
	unregister_kinds(SOCK_EVENT_TYPES);
	unregister_netdevice_notifier(&netdev_notifier);
}

module_init(sock_dev_init);
module_exit(sock_dev_exit);
MODULE_LICENSE("GPL");
MODULE_VERSION(XT_CONTAINER_VERSION);
MODULE_DESCRIPTION("Event devices: connect, bind and accept put before nft");
MODULE_ALIAS_RTNL_LINK("sockconnect");
MODULE_ALIAS_RTNL_LINK("sockbind");
MODULE_ALIAS_RTNL_LINK("sockaccept");
