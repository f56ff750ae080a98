// SPDX-License-Identifier: GPL-2.0-only
/*
 * The hook points: kernel functions that every socket call goes through after
 * it copied its arguments from user space. Each is watched on entry only, and
 * only while some policy wants its events. A denied call continues in a stub
 * that returns the errno; all others continue where they were, so nothing of
 * this module is ever on a stack that sleeps.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/delay.h>
#include <linux/ftrace.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/net.h>
#include <linux/ratelimit.h>
#include <linux/workqueue.h>
#include <net/netfilter/nf_tables.h>
#include <net/protocol.h>

#include "compat.h"
#include "sock_event.h"
#include "../include/uapi/linux/netfilter/xt_SOCKERR.h"

/* What a denied call runs instead, one an errno. Wide enough for an ERR_PTR(). */
#define DENY_STUB(_err)						\
static noinline notrace long deny_ ## _err(void)		\
{								\
	return -_err;						\
}

XT_SOCKERR_ERRNOS(DENY_STUB)
DENY_STUB(ENOMEM)

/* The same for a function whose NULL is its failure. */
static noinline notrace void *deny_with_null(void)
{
	return NULL;
}

#define DENY_CASE(_err)						\
	case -_err:						\
		return (unsigned long)deny_ ## _err;

static unsigned long deny_stub(int err)
{
	switch (err) {
	XT_SOCKERR_ERRNOS(DENY_CASE)
	DENY_CASE(ENOMEM)
	default:
		return (unsigned long)deny_EPERM;
	}
}

static void end_call(struct ftrace_regs *fregs, int err)
{
	if (unlikely(err))
		ftrace_regs_set_instruction_pointer(fregs, deny_stub(err));
}

static void end_call_with_null(struct ftrace_regs *fregs, int err)
{
	if (unlikely(err))
		ftrace_regs_set_instruction_pointer(fregs,
						    (unsigned long)deny_with_null);
}

#define ARG(_fregs, _n, _type)	((_type)ftrace_regs_get_argument(_fregs, _n))

/* A callback: what judges, made of the arguments of the watched function. */
#define CALLBACK_ENDS(_name, _end, _judge)				\
static void notrace _name(unsigned long ip, unsigned long parent_ip,	\
			  struct ftrace_ops *ops, struct ftrace_regs *fregs) \
{									\
	_end(fregs, _judge);						\
}

#define CALLBACK(_name, _judge)	CALLBACK_ENDS(_name, end_call, _judge)

CALLBACK(on_connect,
	 sock_judge_connect(ARG(fregs, 0, struct socket *)->sk,
			    ARG(fregs, 1, struct sockaddr *),
			    ARG(fregs, 2, long)))
CALLBACK(on_bind,
	 sock_judge_bind(ARG(fregs, 0, struct socket *)->sk,
			 ARG(fregs, 1, struct sockaddr *),
			 ARG(fregs, 2, long)))
CALLBACK(on_listen,
	 sock_judge_listen(ARG(fregs, 0, struct socket *)->sk))
CALLBACK(on_get_port,
	 sock_judge_get_port(ARG(fregs, 0, struct sock *),
			     ARG(fregs, 1, unsigned long)))
CALLBACK(on_conn_request,
	 sock_judge_accept(ARG(fregs, 0, const struct sock *),
			   ARG(fregs, 1, struct sk_buff *),
			   ARG(fregs, 2, struct request_sock *)))
CALLBACK(on_fastopen,
	 sock_judge_connect(ARG(fregs, 0, struct sock *),
			    ARG(fregs, 1, struct msghdr *)->msg_name,
			    ARG(fregs, 1, struct msghdr *)->msg_namelen))
CALLBACK(on_send_udp,
	 sock_judge_send_udp(ARG(fregs, 0, struct sock *),
			     ARG(fregs, 1, struct msghdr *)))
CALLBACK(on_send_ipv4,
	 sock_judge_send_ipv4(ARG(fregs, 0, struct sock *),
			      ARG(fregs, 1, struct msghdr *)))
#if IS_ENABLED(CONFIG_IPV6)
CALLBACK(on_send_udp6,
	 sock_judge_send_udp6(ARG(fregs, 0, struct sock *),
			      ARG(fregs, 1, struct msghdr *)))
CALLBACK(on_send_ipv6,
	 sock_judge_send_ipv6(ARG(fregs, 0, struct sock *),
			      ARG(fregs, 1, struct msghdr *)))
CALLBACK(on_send_ping6,
	 sock_judge_send_ping6(ARG(fregs, 0, struct sock *),
			       ARG(fregs, 1, struct msghdr *)))
#endif
CALLBACK(on_ipv6_option,
	 sock_judge_ipv6_option(ARG(fregs, 0, struct sock *),
				ARG(fregs, 2, long),
				ARG(fregs, 3, const void *)))
CALLBACK(on_ipv6_control,
	 sock_judge_ipv6_control(ARG(fregs, 1, struct sock *),
				 ARG(fregs, 2, struct msghdr *)))
CALLBACK(on_ipv4_options,
	 sock_judge_ipv4_options(ARG(fregs, 0, const struct net *),
				 ARG(fregs, 1, const struct ip_options *),
				 ARG(fregs, 2, const struct sk_buff *),
				 parent_ip))
CALLBACK(on_send_rxrpc,
	 sock_judge_connect(ARG(fregs, 0, struct socket *)->sk,
			    ARG(fregs, 1, struct msghdr *)->msg_name,
			    ARG(fregs, 1, struct msghdr *)->msg_namelen))
CALLBACK(on_sctp_address,
	 sock_judge_sctp_address(ARG(fregs, 0, struct sock *),
				 ARG(fregs, 1, long),
				 ARG(fregs, 2, struct sockaddr *),
				 ARG(fregs, 3, long)))
CALLBACK_ENDS(on_sctp_peer, end_call_with_null,
	      sock_judge_sctp_peer(ARG(fregs, 0, struct sctp_association *),
				   ARG(fregs, 1, const union sctp_addr *)))
CALLBACK(on_sctp_request,
	 sock_judge_sctp_accept(ARG(fregs, 0, struct sctp_association *),
				ARG(fregs, 1, struct sk_buff *)))

/* Of a void function: what its stub returns is nobody's. */
CALLBACK(on_reset, sock_packet_reject(ARG(fregs, 2, struct sk_buff *)))
CALLBACK(on_unreach, sock_packet_reject(ARG(fregs, 0, struct sk_buff *)))
CALLBACK(on_unreach6, sock_packet_reject(ARG(fregs, 1, struct sk_buff *)))
CALLBACK(on_fwd, sock_packet_forward(ARG(fregs, 0, struct nft_pktinfo *)->skb))
CALLBACK(on_dup, sock_packet_dup(ARG(fregs, 0, struct nft_pktinfo *)->skb))
CALLBACK(on_neigh_xmit, sock_packet_forward(ARG(fregs, 3, struct sk_buff *)))

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
 * @types: events that are about to happen where it is called, a bit for each
 * @module: the module that has it, NULL for the kernel itself
 * @present: does it have to be there? NULL: always
 * @address: finds it where the name alone is not unique, else NULL
 * @callback: what is run on its entry
 * @ops: how ftrace knows us, made anew each time: ftrace frees what it hangs
 *	there, and does not forget it
 * @attached: it is watched now
 * @going: its module is on its way out, or never came in: nothing can call it
 */
struct hook_point {
	const char *function;
	unsigned int types;
	const char *module;
	bool (*present)(void);
	unsigned long (*address)(void);
	ftrace_func_t callback;
	struct ftrace_ops ops;
	bool attached;
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

#define HOOK_POINT(_function, _types, _callback, ...) {			\
	.function = _function,						\
	.types = _types,						\
	.callback = _callback,						\
	__VA_ARGS__							\
}

static struct hook_point hook_points[] = {
	HOOK_POINT("security_socket_connect", CONNECT, on_connect),
	HOOK_POINT("security_socket_bind", BIND, on_bind),
	HOOK_POINT("security_socket_listen", BIND, on_listen),
	HOOK_POINT("inet_csk_get_port", BIND, on_get_port),
#if IS_ENABLED(CONFIG_IPV6)
	HOOK_POINT("udp_v6_get_port", BIND, on_get_port),
#endif
	HOOK_POINT("security_inet_conn_request", ACCEPT, on_conn_request),

	/* MPTCP's further subflows, and what is below an SMC socket. */
	HOOK_POINT("kernel_connect", CONNECT, on_connect),
	HOOK_POINT("kernel_bind", BIND, on_bind),
	HOOK_POINT("kernel_listen", BIND, on_listen),

	HOOK_POINT("tcp_sendmsg_fastopen", CONNECT, on_fastopen),
	HOOK_POINT("udp_sendmsg", CONNECT, on_send_udp),
	HOOK_POINT("raw_sendmsg", CONNECT, on_send_ipv4,
		   .address = raw_sendmsg_address),
	HOOK_POINT("ping_v4_sendmsg", CONNECT, on_send_ipv4),
	HOOK_POINT("l2tp_ip_sendmsg", CONNECT, on_send_ipv4,
		   .module = "l2tp_ip", .present = l2tp_ip_present),
#if IS_ENABLED(CONFIG_IPV6)
	HOOK_POINT("udpv6_sendmsg", CONNECT, on_send_udp6),
	HOOK_POINT("rawv6_sendmsg", CONNECT, on_send_ipv6),
	HOOK_POINT("ping_v6_sendmsg", CONNECT, on_send_ping6),
	HOOK_POINT("l2tp_ip6_sendmsg", CONNECT, on_send_ipv6,
		   .module = "l2tp_ip6", .present = l2tp_ip6_present),
#endif

	HOOK_POINT("rxrpc_sendmsg", CONNECT, on_send_rxrpc,
		   .module = "rxrpc", .present = never_present),

	HOOK_POINT("security_sctp_bind_connect", BIND | CONNECT,
		   on_sctp_address),
	HOOK_POINT("security_sctp_assoc_request", ACCEPT, on_sctp_request),
	HOOK_POINT("sctp_assoc_add_peer", CONNECT | ACCEPT, on_sctp_peer,
		   .module = "sctp", .present = sctp_present),

	/* What sends a packet elsewhere than to the address of the call. */
	HOOK_POINT("__ip_options_compile", CONNECT, on_ipv4_options),
#if IS_ENABLED(CONFIG_IPV6)
	HOOK_POINT("ipv6_renew_options", CONNECT, on_ipv6_option),
	HOOK_POINT("ip6_datagram_send_ctl", CONNECT, on_ipv6_control),
#endif

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
};

static DEFINE_MUTEX(hooks_lock);
static unsigned int hooks_users[SOCK_EVENT_TYPES];

/* How long hook points stay attached without a user, in seconds. */
#define IDLE_DELAY	5

static void hooks_idle(struct work_struct *work);
static DECLARE_DELAYED_WORK(hooks_idle_work, hooks_idle);

static int set_filter(struct hook_point *hp)
{
	if (hp->address)
		return ftrace_set_filter_ip(&hp->ops, hp->address(), 0, 1);
	return ftrace_set_filter(&hp->ops, (unsigned char *)hp->function,
				 strlen(hp->function), 1);
}

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

static int attach(struct hook_point *hp, bool must)
{
	int err;

	if (hp->attached || hp->going)
		return 0;
	hp->ops = (struct ftrace_ops) {
		.func = hp->callback,
		.flags = HOOK_FLAGS,
	};
	err = set_filter(hp);
	if (err) {
		ftrace_free_filter(&hp->ops);
		if (!must && hp->present && !hp->present())
			return 0;
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
	unsigned int type;

	for (type = 0; type < SOCK_EVENT_TYPES; type++)
		if (hp->types & BIT(type) && hooks_users[type])
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
 * sock_hooks_get() - have the events of a type caught
 * @type: the type
 *
 * All its hook points are attached or none: half a policy is none. The kernel's
 * log names the one that could not be attached.
 *
 * Context: process; may sleep.
 * Return: 0, -EOPNOTSUPP when the kernel lacks a hook point, or ftrace's errno.
 */
int sock_hooks_get(enum sock_event_type type)
{
	unsigned int i;
	int err = 0;

	mutex_lock(&hooks_lock);
	for (i = 0; i < ARRAY_SIZE(hook_points) && !err; i++)
		if (hook_points[i].types & BIT(type))
			err = attach(&hook_points[i], false);
	if (!err)
		hooks_users[type]++;
	else
		schedule_delayed_work(&hooks_idle_work,
				      IDLE_DELAY * HZ);
	mutex_unlock(&hooks_lock);
	return err;
}
EXPORT_SYMBOL_GPL(sock_hooks_get);

/**
 * sock_hooks_put() - end what sock_hooks_get() began
 * @type: the same type
 *
 * Context: process; may sleep.
 */
void sock_hooks_put(enum sock_event_type type)
{
	mutex_lock(&hooks_lock);
	if (!--hooks_users[type])
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
	int err = 0;

	for (i = 0; i < ARRAY_SIZE(hook_points) && !err; i++) {
		struct hook_point *hp = &hook_points[i];

		if (!hp->module || strcmp(hp->module, name))
			continue;
		/* What was attached was another one's. */
		detach(hp);
		hp->going = false;
		if (wanted(hp))
			err = attach(hp, true);
	}
	return err;
}

static void module_goes(const char *name)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(hook_points); i++) {
		struct hook_point *hp = &hook_points[i];

		if (!hp->module || strcmp(hp->module, name))
			continue;
		detach(hp);
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

static int __init sock_hooks_init(void)
{
	return register_module_notifier(&module_notifier);
}

static void __exit sock_hooks_exit(void)
{
	unregister_module_notifier(&module_notifier);
	cancel_delayed_work_sync(&hooks_idle_work);
	hooks_idle(NULL);
}

module_init(sock_hooks_init);
module_exit(sock_hooks_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Socket events: where the kernel is asked before a connect, bind or accept");
