// SPDX-License-Identifier: GPL-2.0-only
/*
 * The hook points: kernel functions that every socket call goes through after
 * it copied its arguments from user space, and functions that make sockets. Each
 * is watched on entry only, and only while some policy wants its events, or some
 * container has flow ids. A denied call continues in a stub that returns the errno;
 * others continue where they were, so nothing of this module is ever on a stack that
 * sleeps. Where the kernel picks a port they may continue in sock_pick_port(), for
 * which sock_event waits.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/delay.h>
#include <linux/ftrace.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/net.h>
#include <linux/ratelimit.h>
#include <linux/workqueue.h>
#include <net/protocol.h>

#include "sock_callbacks.h"

/*
 * IPMODIFY: the callback may end the call, and no other user of ftrace may.
 * PERMANENT: the sysctl kernel.ftrace_enabled must not switch a policy off.
 * Not RECURSION: that asks for ftrace's guard against recursion, which skips a
 * callback that it finds running, and a skipped callback lets the call pass.
 */
#define HOOK_FLAGS	(FTRACE_OPS_FL_IPMODIFY | FTRACE_OPS_FL_PERMANENT)

/**
 * struct hook_point - a watched function
 * @function: its name
 * @uses: what it is watched for, a bit for each: events that are about to happen
 *	where it is called, and enum sock_hooks_use
 * @module: the module that has it, NULL for the kernel itself
 * @present: does it have to be there? NULL: always
 * @find: finds it where the name alone is not unique, else NULL
 * @callback: what is run on its entry
 * @ops: how ftrace knows us, made anew each time: ftrace frees what it hangs
 *	there, and does not forget it
 * @address: where it is, 0 if it was not found
 * @attached: it is watched now
 * @there: it is there, whether it can be watched or not
 * @going: its module is on its way out, or never came in: nothing can call it
 */
struct hook_point {
	const char *function;
	unsigned int uses;
	const char *module;
	bool (*present)(void);
	unsigned long (*find)(void);
	ftrace_func_t callback;
	struct ftrace_ops ops;
	unsigned long address;
	bool attached;
	bool there;
	bool going;
};

/* CAN and IEEE 802.15.4 have a raw_sendmsg(), too, with other arguments. */
static unsigned long raw_sendmsg_address(void)
{
	struct socket *sock;
	unsigned long addr;

	if (sock_create_kern(&init_net, AF_INET, SOCK_RAW, IPPROTO_RAW, &sock))
		return 0;
	addr = (unsigned long)sock->sk->sk_prot->sendmsg;
	sock_release(sock);
	return addr;
}

static bool l2tp_ip_present(void)
{
	return rcu_access_pointer(inet_protos[IPPROTO_L2TP]);
}

static bool sctp_present(void)
{
	return rcu_access_pointer(inet_protos[IPPROTO_SCTP]);
}

#if IS_ENABLED(CONFIG_IPV6)
static bool l2tp_ip6_present(void)
{
	return rcu_access_pointer(inet6_protos[IPPROTO_L2TP]);
}
#endif

/* Where the module is not loaded, no rule can do what it is watched for. */
static bool never_present(void)
{
	return false;
}

#define CONNECT		BIT(SOCK_EVENT_CONNECT)
#define BIND		BIT(SOCK_EVENT_BIND)
#define ACCEPT		BIT(SOCK_EVENT_ACCEPT)

#define ALL		(CONNECT | BIND | ACCEPT)

#define FLOW_PUT	BIT(SOCK_HOOKS_FLOW_PUT)
#define FLOW_FIX	BIT(SOCK_HOOKS_FLOW_FIX)

#define HOOK_POINT(_function, _uses, _callback, ...) {			\
	.function = _function,						\
	.uses = _uses,							\
	.callback = _callback,						\
	__VA_ARGS__							\
}

static struct hook_point hook_points[] = {
	HOOK_POINT("security_socket_connect", CONNECT | FLOW_FIX, on_connect),
	HOOK_POINT("security_socket_bind", BIND, on_bind),
	HOOK_POINT("security_socket_listen", BIND | ACCEPT | FLOW_FIX, on_listen),
	HOOK_POINT("security_socket_accept", ACCEPT, on_accept),
	HOOK_POINT("inet_csk_get_port", BIND, on_get_port),
	HOOK_POINT("udp_v4_get_port", BIND, on_get_port),
#if IS_ENABLED(CONFIG_IPV6)
	HOOK_POINT("udp_v6_get_port", BIND, on_get_port),
#endif
	HOOK_POINT("security_inet_conn_request", ACCEPT | FLOW_PUT | FLOW_FIX,
		   on_conn_request),

	/* MPTCP's further subflows, and what is below an SMC socket. */
	HOOK_POINT("kernel_connect", CONNECT | FLOW_PUT, on_kernel_connect),
	HOOK_POINT("kernel_bind", BIND, on_kernel_bind),
	HOOK_POINT("kernel_listen", BIND | FLOW_PUT, on_kernel_listen),

	HOOK_POINT("tcp_sendmsg_fastopen", CONNECT | FLOW_FIX, on_fastopen),
	HOOK_POINT("udp_sendmsg", CONNECT | FLOW_FIX, on_send_udp),
	HOOK_POINT("raw_sendmsg", CONNECT | FLOW_FIX, on_send_ipv4,
		   .find = raw_sendmsg_address),
	HOOK_POINT("ping_v4_sendmsg", CONNECT | FLOW_FIX, on_send_ipv4),
	HOOK_POINT("l2tp_ip_sendmsg", CONNECT | FLOW_FIX, on_send_ipv4,
		   .module = "l2tp_ip", .present = l2tp_ip_present),
#if IS_ENABLED(CONFIG_IPV6)
	HOOK_POINT("udpv6_sendmsg", CONNECT | FLOW_FIX, on_send_udp6),
	HOOK_POINT("rawv6_sendmsg", CONNECT | FLOW_FIX, on_send_ipv6),
	HOOK_POINT("ping_v6_sendmsg", CONNECT | FLOW_FIX, on_send_ping6),
	HOOK_POINT("l2tp_ip6_sendmsg", CONNECT | FLOW_FIX, on_send_ipv6,
		   .module = "l2tp_ip6", .present = l2tp_ip6_present),

	/* Where an IPv6 socket that is corked meets IPv4. */
	HOOK_POINT("__ip6_datagram_connect", CONNECT, on_mapped_connect),
	HOOK_POINT("ip6_append_data", CONNECT, on_cork6),
#endif

	HOOK_POINT("rxrpc_sendmsg", CONNECT, on_send_rxrpc,
		   .module = "rxrpc", .present = never_present),

	HOOK_POINT("security_sctp_bind_connect", BIND | CONNECT,
		   on_sctp_address),
	HOOK_POINT("security_sctp_assoc_request", ACCEPT, on_sctp_request),
	HOOK_POINT("sctp_hash_endpoint", BIND, on_sctp_listen,
		   .module = "sctp", .present = sctp_present),
	HOOK_POINT("sctp_assoc_add_peer", CONNECT | ACCEPT, on_sctp_peer,
		   .module = "sctp", .present = sctp_present),

	/* What sends a packet elsewhere than to the address of the call. */
	HOOK_POINT("__ip_options_compile", CONNECT, on_ipv4_options),
#if IS_ENABLED(CONFIG_IPV6)
	HOOK_POINT("ipv6_renew_options", CONNECT, on_ipv6_option),
	HOOK_POINT("ip6_datagram_send_ctl", CONNECT | FLOW_FIX, on_ipv6_control),
#endif

	/* Where sockets are made, and would lose their class id. */
	HOOK_POINT("security_socket_post_create", FLOW_PUT, on_made),
	HOOK_POINT("security_inet_csk_clone", FLOW_PUT | FLOW_FIX, on_cloned),
	HOOK_POINT("security_sctp_sk_clone", FLOW_PUT, on_sctp_cloned),
	HOOK_POINT("tcp_set_ulp", FLOW_PUT, on_ulp),
	HOOK_POINT("__receive_sock", FLOW_PUT, on_received),

	/* Where programs change their flow ids. */
	HOOK_POINT("security_socket_setsockopt", FLOW_FIX, on_option),
	HOOK_POINT("sock_cmsg_send", FLOW_FIX, on_control),
	HOOK_POINT("ip_cmsg_send", FLOW_FIX, on_control),

	/* The answers of nft's "reject" to event packets. */
	HOOK_POINT("nf_send_reset", ALL, on_reset,
		   .module = "nf_reject_ipv4", .present = never_present),
	HOOK_POINT("nf_send_unreach", ALL, on_unreach,
		   .module = "nf_reject_ipv4", .present = never_present),
	HOOK_POINT("nf_send_reset6", ALL, on_reset,
		   .module = "nf_reject_ipv6", .present = never_present),
	HOOK_POINT("nf_send_unreach6", ALL, on_unreach6,
		   .module = "nf_reject_ipv6", .present = never_present),

	/* Its "fwd" and "dup", of event packets. */
	HOOK_POINT("nf_fwd_netdev_egress", ALL, on_fwd,
		   .module = "nf_dup_netdev", .present = never_present),
	HOOK_POINT("nf_dup_netdev_egress", ALL, on_dup,
		   .module = "nf_dup_netdev", .present = never_present),
	HOOK_POINT("neigh_xmit", ALL, on_neigh_xmit),

	/* Flowtables, to which one may look like a flow's packet. */
	HOOK_POINT("nf_flow_offload_ip_hook", ALL, on_flow,
		   .module = "nf_flow_table", .present = never_present),
	HOOK_POINT("nf_flow_offload_ipv6_hook", ALL, on_flow,
		   .module = "nf_flow_table", .present = never_present),

	/* Xtables' TEE of them. */
	HOOK_POINT("nf_dup_ipv4", ALL, on_tee,
		   .module = "nf_dup_ipv4", .present = never_present),
	HOOK_POINT("nf_dup_ipv6", ALL, on_tee,
		   .module = "nf_dup_ipv6", .present = never_present),
};

static bool is_of(const struct hook_point *hp, const char *module)
{
	return hp->module && !strcmp(hp->module, module);
}

static DEFINE_MUTEX(hooks_lock);

/* How long hook points stay attached without a user, in seconds. */
#define IDLE_DELAY	5

static void hooks_idle(struct work_struct *work);
static DECLARE_DELAYED_WORK(hooks_idle_work, hooks_idle);

/* Any namespace's root can cause these lines. */
#define complain(_format, ...)						\
do {									\
	static DEFINE_RATELIMIT_STATE(_limit, 5 * HZ, 50);		\
									\
	if (__ratelimit(&_limit))					\
		pr_err(_format, ##__VA_ARGS__);				\
} while (0)

/* A BPF trampoline on the same function may be busy for a moment. */
static int register_patiently(struct ftrace_ops *ops)
{
	unsigned int tries = 100;
	int err;

	while ((err = register_ftrace_function(ops)) == -EAGAIN && --tries)
		msleep(1);
	return err;
}

/* Where are they? Of one module, or of all that is there now. */
static int find_hook_points(const char *module)
{
	const char *names[ARRAY_SIZE(hook_points)];
	unsigned long addrs[ARRAY_SIZE(hook_points)];
	struct hook_point *found[ARRAY_SIZE(hook_points)];
	unsigned int i, n = 0;
	int err;

	for (i = 0; i < ARRAY_SIZE(hook_points); i++) {
		struct hook_point *hp = &hook_points[i];

		if (hp->find || (module && !is_of(hp, module)))
			continue;
		names[n] = hp->function;
		found[n++] = hp;
	}
	if (!n)
		return 0;
	err = sock_find_functions(names, addrs, n);
	if (err)
		return err;
	for (i = 0; i < n; i++) {
		if (IS_ERR_VALUE(addrs[i]))
			found[i]->there = true;
		else
			found[i]->address = addrs[i];
	}
	return 0;
}

/* May the kernel do without this function? */
static bool may_lack(const struct hook_point *hp)
{
	return hp->present && !hp->there && !hp->present();
}

static int attach(struct hook_point *hp)
{
	int err = -ENOENT;

	if (hp->attached || hp->going)
		return 0;
	if (!hp->address && hp->find)
		hp->address = hp->find();
	if (!hp->address && may_lack(hp))
		return 0;
	hp->ops = (struct ftrace_ops) {
		.func = hp->callback,
		.flags = HOOK_FLAGS,
	};
	if (hp->address)
		err = ftrace_set_filter_ip(&hp->ops, hp->address, 0, 1);
	if (err) {
		ftrace_free_filter(&hp->ops);
		complain("sockets cannot be policed: this kernel has no function %s that ftrace can watch (error %d)\n",
		       hp->function, err);
		return -EOPNOTSUPP;
	}
	err = register_patiently(&hp->ops);
	if (err) {
		ftrace_free_filter(&hp->ops);
		complain("sockets cannot be policed: ftrace does not attach to %s (error %d%s)\n",
		       hp->function, err,
		       err == -EBUSY ? ": is kernel.ftrace_enabled 0, or does a live patch or another module change that function?" : "");
		return err;
	}
	hp->attached = true;
	return 0;
}

/* Waits until no task runs in the callback or in a stub. */
static void detach(struct hook_point *hp)
{
	int err;

	if (!hp->attached)
		return;
	err = unregister_ftrace_function(&hp->ops);
	if (WARN_ON_ONCE(err))
		return;
	ftrace_free_filter(&hp->ops);
	hp->attached = false;
}

static bool wanted(const struct hook_point *hp)
{
	unsigned int use;

	for (use = 0; use < SOCK_HOOKS_USES; use++)
		if (hp->uses & BIT(use) && hooks_users[use])
			return true;
	return false;
}

/* Detaching takes long. Namespaces that go away shall not wait for it, nor who
 * attaches while holding the RTNL: hence the delay, and the lock for one at a
 * time.
 */
static void hooks_idle(struct work_struct *work)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(hook_points); i++) {
		mutex_lock(&hooks_lock);
		if (!wanted(&hook_points[i]))
			detach(&hook_points[i]);
		mutex_unlock(&hooks_lock);
	}
}

/**
 * sock_hooks_get() - have the events of a type caught, or what flow ids need
 * @use: the type, or enum sock_hooks_use
 *
 * All its hook points are attached or none: half a policy is none. The kernel's
 * log names the one that could not be attached.
 *
 * Context: process; may sleep.
 * Return: 0, -EOPNOTSUPP when the kernel lacks a hook point, or ftrace's errno.
 */
int sock_hooks_get(unsigned int use)
{
	unsigned int i;
	int err = 0;

	mutex_lock(&hooks_lock);
	for (i = 0; i < ARRAY_SIZE(hook_points) && !err; i++)
		if (hook_points[i].uses & BIT(use))
			err = attach(&hook_points[i]);
	if (!err)
		WRITE_ONCE(hooks_users[use], hooks_users[use] + 1);
	else
		schedule_delayed_work(&hooks_idle_work,
				      IDLE_DELAY * HZ);
	mutex_unlock(&hooks_lock);
	return err;
}
EXPORT_SYMBOL_GPL(sock_hooks_get);

/**
 * sock_hooks_put() - end what sock_hooks_get() began
 * @use: the same
 *
 * Context: process; may sleep.
 */
void sock_hooks_put(unsigned int use)
{
	mutex_lock(&hooks_lock);
	WRITE_ONCE(hooks_users[use], hooks_users[use] - 1);
	if (!hooks_users[use])
		schedule_delayed_work(&hooks_idle_work,
				      IDLE_DELAY * HZ);
	mutex_unlock(&hooks_lock);
}
EXPORT_SYMBOL_GPL(sock_hooks_put);

/* A module with functions to watch comes. It may not come if one of them cannot be
 * watched while a policy is there: nobody would tell us then that it is gone.
 */
static int module_comes(const char *name)
{
	unsigned int i;
	int err;

	err = find_hook_points(name);
	for (i = 0; i < ARRAY_SIZE(hook_points) && !err; i++) {
		struct hook_point *hp = &hook_points[i];

		if (!is_of(hp, name))
			continue;
		/* What was attached was another one's. */
		detach(hp);
		hp->going = false;
		hp->there = true;
		if (wanted(hp))
			err = attach(hp);
	}
	return err;
}

static void module_goes(const char *name)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(hook_points); i++) {
		struct hook_point *hp = &hook_points[i];

		if (!is_of(hp, name))
			continue;
		detach(hp);
		hp->address = 0;
		hp->there = false;
		hp->going = true;
	}
}

static int on_module(struct notifier_block *nb, unsigned long state, void *data)
{
	const struct module *mod = data;
	int err = 0;

	if (state != MODULE_STATE_COMING && state != MODULE_STATE_GOING)
		return NOTIFY_DONE;
	mutex_lock(&hooks_lock);
	if (state == MODULE_STATE_COMING)
		err = module_comes(mod->name);
	if (state == MODULE_STATE_GOING || err)
		module_goes(mod->name);
	mutex_unlock(&hooks_lock);
	return notifier_from_errno(err);
}

static struct notifier_block module_notifier = {
	.notifier_call = on_module,
};

static int flow_get(enum container_flow_use use)
{
	return sock_hooks_get(SOCK_HOOKS_FLOW_PUT + use);
}

static void flow_put(enum container_flow_use use)
{
	sock_hooks_put(SOCK_HOOKS_FLOW_PUT + use);
}

static const struct container_flow_catcher flow_catcher = {
	.owner = THIS_MODULE,
	.get = flow_get,
	.put = flow_put,
};

static int __init sock_hooks_init(void)
{
	int err;

	/* First: of a module that comes meanwhile it is told, or it finds it. */
	err = register_module_notifier(&module_notifier);
	if (err)
		return err;
	mutex_lock(&hooks_lock);
	err = find_hook_points(NULL);
	mutex_unlock(&hooks_lock);
	if (err)
		unregister_module_notifier(&module_notifier);
	else
		container_flow_register(&flow_catcher);
	return err;
}

static void __exit sock_hooks_exit(void)
{
	container_flow_unregister();
	unregister_module_notifier(&module_notifier);
	cancel_delayed_work_sync(&hooks_idle_work);
	hooks_idle(NULL);
}

module_init(sock_hooks_init);
module_exit(sock_hooks_exit);
MODULE_LICENSE("GPL");
MODULE_VERSION(XT_CONTAINER_VERSION);
MODULE_DESCRIPTION("Socket events: where the kernel is asked before a connect, bind or accept");
