// SPDX-License-Identifier: GPL-2.0-only
/*
 * Generic netlink family "sock_watch": who is told of events and of what became of
 * them. What they are told is in sock_message.c. The ABI is documented in
 * include/uapi/linux/sock_watch.h.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>
#include <linux/netlink.h>
#include <linux/pid_namespace.h>
#include <linux/slab.h>
#include <linux/workqueue.h>
#include <net/genetlink.h>
#include <net/netns/generic.h>

#include "compat.h"
#include "sock_listener.h"

/**
 * struct watch_net - the listeners of a network namespace
 * @listeners: list of &struct listener; read under RCU
 * @n: its length
 */
struct watch_net {
	struct hlist_head listeners;
	unsigned int n;
};

static unsigned int watch_net_id __read_mostly;

/* Held by who adds or removes a listener. There is one for all namespaces, so no request
 * waits for readers under it.
 */
static DEFINE_MUTEX(watch_lock);
static unsigned int nlisteners;
static bool closing;

/* Events are caught, and still for a while after the last listener has gone: who comes
 * and goes in a loop shall not have the kernel's code patched each time.
 */
static bool catching;
static void release_idle(struct work_struct *work);
static DECLARE_DELAYED_WORK(release_work, release_idle);
#define IDLE_DELAY	(2 * HZ)

/* Its address is free, or somebody else's: of one that is being closed, maybe a moment
 * before this shows.
 */
static bool is_closed(const struct listener *l)
{
	return data_race(sock_flag(l->sk, SOCK_DEAD));
}

static bool wants(const struct listener *l, u32 id)
{
	unsigned int i;

	for (i = 0; i < l->n; i++)
		if (l->ids[i] == id)
			return true;
	return !l->n;
}

static void tell(struct net *net, u32 id, const struct sock_event *ev, int err)
{
	const struct watch_net *wn = net_generic(net, watch_net_id);
	struct listener *l;
	u64 lost;

	hlist_for_each_entry_rcu(l, &wn->listeners, node) {
		if (is_closed(l) || !wants(l, id))
			continue;
		lost = atomic64_xchg(&l->lost, 0);
		if (!sock_message_event(net, l, id, ev, err, lost))
			atomic64_add(lost + 1, &l->lost);
	}
}

static int catch_events(void)
{
	unsigned int type;
	int err;

	for (type = 0; type < SOCK_EVENT_TYPES; type++) {
		err = sock_hooks_get(type);
		if (err)
			goto undo;
	}
	sock_watch_events(tell);
	catching = true;
	return 0;

undo:
	while (type--)
		sock_hooks_put(type);
	return err;
}

static void release_events(void)
{
	unsigned int type;

	sock_unwatch_events();
	for (type = 0; type < SOCK_EVENT_TYPES; type++)
		sock_hooks_put(type);
	catching = false;
}

static void release_idle(struct work_struct *work)
{
	mutex_lock(&watch_lock);
	if (catching && !nlisteners)
		release_events();
	mutex_unlock(&watch_lock);
}

static struct listener *find(const struct watch_net *wn, const struct sock *sk)
{
	struct listener *l;

	hlist_for_each_entry(l, &wn->listeners, node)
		if (l->sk == sk)
			return l;
	return NULL;
}

/* Which of two that had the same address one after the other is all the same: for each
 * somebody asks, after it is closed.
 */
static struct listener *find_closed(const struct watch_net *wn, u32 portid)
{
	struct listener *l;

	hlist_for_each_entry_rcu(l, &wn->listeners, node,
				 lockdep_is_held(&watch_lock))
		if (l->portid == portid && is_closed(l))
			return l;
	return NULL;
}

static void free_listener(struct listener *l)
{
	put_pid_ns(l->pid_ns);
	put_user_ns(l->user_ns);
	sock_put(l->sk);
	kfree(l);
}

/* After a grace period nobody tells it of anything any more. Under watch_lock. */
static void take_off(struct watch_net *wn, struct listener *l)
{
	hlist_del_rcu(&l->node);
	wn->n--;
	if (!--nlisteners)
		schedule_delayed_work(&release_work, IDLE_DELAY);
}

static int add(struct net *net, struct listener *l, struct genl_info *info)
{
	struct watch_net *wn;
	int err = 0;

	if (closing)
		return -ENODEV;
	wn = net_generic(net, watch_net_id);
	if (find(wn, l->sk)) {
		GENL_SET_ERR_MSG(info, "this socket is told of events already");
		return -EEXIST;
	}
	if (wn->n == SOCK_WATCH_MAX_LISTENERS) {
		GENL_SET_ERR_MSG(info, "as many listeners as may be watch this network namespace");
		return -ENOSPC;
	}
	if (!catching)
		err = catch_events();
	if (err) {
		GENL_SET_ERR_MSG(info, "events cannot be caught: the kernel's log says why");
		return err;
	}
	nlisteners++;
	wn->n++;
	hlist_add_head_rcu(&l->node, &wn->listeners);
	return 0;
}

static int cmd_start(struct sk_buff *skb, struct genl_info *info)
{
	const struct nlattr *ids = info->attrs[SOCK_WATCH_A_IDS];
	struct listener *l;
	int err;

	if (ids && (!nla_len(ids) || nla_len(ids) % sizeof(u32))) {
		NL_SET_ERR_MSG_ATTR(info->extack, ids,
				    "this is no list of container ids");
		return -EINVAL;
	}
	l = kzalloc(sizeof(*l), GFP_KERNEL_ACCOUNT);
	if (!l)
		return -ENOMEM;
	l->sk = NETLINK_CB(skb).sk;
	sock_hold(l->sk);
	l->portid = info->snd_portid;
	l->pid_ns = get_pid_ns(task_active_pid_ns(current));
	l->user_ns = get_user_ns(sk_user_ns(l->sk));
	if (ids) {
		l->n = nla_len(ids) / sizeof(u32);
		memcpy(l->ids, nla_data(ids), nla_len(ids));
	}
	mutex_lock(&watch_lock);
	err = add(genl_info_net(info), l, info);
	mutex_unlock(&watch_lock);
	if (err)
		free_listener(l);
	return err;
}

static int cmd_stop(struct sk_buff *skb, struct genl_info *info)
{
	struct watch_net *wn;
	struct listener *l = NULL;
	struct sk_buff *msg;
	void *hdr;
	int err;

	msg = genlmsg_new(SOCK_MESSAGE_SIZE, GFP_KERNEL);
	if (!msg)
		return -ENOMEM;
	mutex_lock(&watch_lock);
	if (!closing) {
		wn = net_generic(genl_info_net(info), watch_net_id);
		l = find(wn, NETLINK_CB(skb).sk);
	}
	if (l)
		take_off(wn, l);
	mutex_unlock(&watch_lock);
	if (!l) {
		nlmsg_free(msg);
		GENL_SET_ERR_MSG(info, "this socket is not told of events");
		return -ENOENT;
	}
	synchronize_rcu();	/* What is lost is counted to the end. */
	hdr = genlmsg_put_reply(msg, info, &sock_watch_family, 0,
				SOCK_WATCH_CMD_STOP);
	err = hdr ? sock_message_put_lost(msg, atomic64_read(&l->lost)) : -EMSGSIZE;
	free_listener(l);
	if (WARN_ON_ONCE(err)) {
		nlmsg_free(msg);
		return err;
	}
	genlmsg_end(msg, hdr);
	return genlmsg_reply(msg, info);
}

/* Only its owner could make a listener of a socket meanwhile. */
static bool is_listeners(struct net *net, u32 portid)
{
	bool found = false;

	rcu_read_lock();
	if (!READ_ONCE(closing))
		found = find_closed(net_generic(net, watch_net_id), portid);
	rcu_read_unlock();
	return found;
}

/* A netlink socket is closed. Most do not listen, and do not wait for those who do. */
static int on_netlink(struct notifier_block *nb, unsigned long what, void *data)
{
	const struct netlink_notify *n = data;
	struct watch_net *wn;
	struct listener *l = NULL;

	if (what != NETLINK_URELEASE || n->protocol != NETLINK_GENERIC ||
	    !is_listeners(n->net, n->portid))
		return NOTIFY_DONE;
	mutex_lock(&watch_lock);
	if (!closing) {
		wn = net_generic(n->net, watch_net_id);
		l = find_closed(wn, n->portid);
	}
	if (l)
		take_off(wn, l);
	mutex_unlock(&watch_lock);
	if (l) {
		synchronize_rcu();
		free_listener(l);
	}
	return NOTIFY_DONE;
}

static struct notifier_block netlink_notifier = {
	.notifier_call = on_netlink,
};

static struct listener *take_first(struct watch_net *wn)
{
	struct listener *l;

	mutex_lock(&watch_lock);
	l = hlist_entry_safe(wn->listeners.first, struct listener, node);
	if (l)
		take_off(wn, l);
	mutex_unlock(&watch_lock);
	return l;
}

static void __net_exit watch_net_exit(struct net *net)
{
	struct watch_net *wn = net_generic(net, watch_net_id);
	struct listener *l;

	/* Only when the module goes there are any, whom nobody tells of events then. */
	while ((l = take_first(wn))) {
		if (!is_closed(l))
			sock_message_end(net, l);
		free_listener(l);
	}
}

static struct pernet_operations watch_net_ops = {
	.exit = watch_net_exit,
	.id = &watch_net_id,
	.size = sizeof(struct watch_net),
};

static const struct nla_policy start_policy[] = {
	[SOCK_WATCH_A_IDS] = { .type = NLA_BINARY,
			       .len = SOCK_WATCH_MAX_IDS * sizeof(u32) },
};

static const struct nla_policy stop_policy[] = {
	[SOCK_WATCH_A_UNSPEC] = { .type = NLA_REJECT },
	[SOCK_WATCH_A_PAD] = { .type = NLA_REJECT },
};

static const struct genl_ops sock_watch_ops[] = {
	{
		.cmd = SOCK_WATCH_CMD_START,
		.flags = GENL_UNS_ADMIN_PERM,
		.policy = start_policy,
		.maxattr = ARRAY_SIZE(start_policy) - 1,
		.doit = cmd_start,
	},
	{
		.cmd = SOCK_WATCH_CMD_STOP,
		.flags = GENL_UNS_ADMIN_PERM,
		.policy = stop_policy,
		.maxattr = ARRAY_SIZE(stop_policy) - 1,
		.doit = cmd_stop,
	},
};

struct genl_family sock_watch_family = {
	.name = SOCK_WATCH_GENL_NAME,
	.version = SOCK_WATCH_GENL_VERSION,
	.module = THIS_MODULE,
	.netnsok = true,
	.parallel_ops = true,
	.ops = sock_watch_ops,
	.n_ops = ARRAY_SIZE(sock_watch_ops),
	.resv_start_op = SOCK_WATCH_CMD_UNSPEC + 1,
};

static int __init sock_watch_init(void)
{
	int err;

	BUILD_BUG_ON((int)SOCK_WATCH_CONNECT != (int)SOCK_EVENT_CONNECT);
	BUILD_BUG_ON((int)SOCK_WATCH_BIND != (int)SOCK_EVENT_BIND);
	BUILD_BUG_ON((int)SOCK_WATCH_ACCEPT != (int)SOCK_EVENT_ACCEPT);

	err = register_pernet_subsys(&watch_net_ops);
	if (err)
		return err;
	err = netlink_register_notifier(&netlink_notifier);
	if (err)
		goto err_pernet;
	err = genl_register_family(&sock_watch_family);
	if (!err)
		return 0;
	netlink_unregister_notifier(&netlink_notifier);
err_pernet:
	unregister_pernet_subsys(&watch_net_ops);
	return err;
}

static void __exit sock_watch_exit(void)
{
	/* Requests and closed sockets find nothing from here on, and events nobody: the
	 * lists go with the namespaces' data.
	 */
	mutex_lock(&watch_lock);
	WRITE_ONCE(closing, true);
	if (catching)
		release_events();
	mutex_unlock(&watch_lock);
	synchronize_rcu();
	unregister_pernet_subsys(&watch_net_ops);
	genl_unregister_family(&sock_watch_family);
	netlink_unregister_notifier(&netlink_notifier);
	cancel_delayed_work_sync(&release_work);
}

module_init(sock_watch_init);
module_exit(sock_watch_exit);
MODULE_LICENSE("GPL");
MODULE_VERSION(XT_CONTAINER_VERSION);
MODULE_DESCRIPTION("Socket events: what became of them, for who watches");
MODULE_ALIAS_GENL_FAMILY(SOCK_WATCH_GENL_NAME);
