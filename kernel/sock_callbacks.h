/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _SOCK_CALLBACKS_H
#define _SOCK_CALLBACKS_H

/*
 * What is run on the entry of each watched function: it takes the arguments that
 * concern us out of the registers, has sock_event look at them, and ends the call if
 * that says so. Included by sock_hooks.c only, whose object is the whole module.
 */
#include <linux/ftrace.h>
#include <linux/net.h>
#include <linux/srcu.h>
#include <net/netfilter/nf_tables.h>
#include <net/sctp/structs.h>

#include "compat.h"
#include "sock_event.h"
#include "sock_flow.h"
#include "../include/uapi/linux/netfilter/xt_SOCKERR.h"

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
 * @off: it is about to be detached, and its callback does nothing any more
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
	bool off;
	bool going;
};

#ifdef CONFIG_PREEMPT_RT
/*
 * A task that blocks at a spinlock has left the processor of its own will, as far as
 * unregister_ftrace_function() can see, which then would not wait for it. So that is waited
 * for before, and nobody begins anew.
 */
DEFINE_STATIC_SRCU(callbacks_srcu);

static __always_inline bool callback_enter(struct ftrace_ops *ops, int *idx)
{
	*idx = srcu_read_lock_notrace(&callbacks_srcu);
	return !READ_ONCE(container_of(ops, struct hook_point, ops)->off);
}

static __always_inline void callback_leave(int idx)
{
	srcu_read_unlock_notrace(&callbacks_srcu, idx);
}

static void callbacks_quiesce(struct hook_point *hp)
{
	WRITE_ONCE(hp->off, true);
	synchronize_srcu(&callbacks_srcu);
}
#else
static __always_inline bool callback_enter(struct ftrace_ops *ops, int *idx)
{
	return true;
}

static __always_inline void callback_leave(int idx)
{
}

static void callbacks_quiesce(struct hook_point *hp)
{
}
#endif

/* Who needs hook points, by use; under hooks_lock. It is counted before the first policy
 * is linked, and until after the last one is not any more.
 */
static unsigned int hooks_users[SOCK_HOOKS_USES];

/* Is a function that is watched for flow ids, too, watched for events of this type? */
static __always_inline bool is_event(enum sock_event_type type)
{
	return READ_ONCE(hooks_users[type]);
}

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

/* The same for a netfilter hook that is to take no notice. */
static noinline notrace unsigned int accept_stub(void)
{
	return NF_ACCEPT;
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

static void end_call_with_accept(struct ftrace_regs *fregs, bool ends)
{
	if (unlikely(ends))
		ftrace_regs_set_instruction_pointer(fregs,
						    (unsigned long)accept_stub);
}

#define ARG(_fregs, _n, _type)	((_type)ftrace_regs_get_argument(_fregs, _n))

/* A callback: what judges, made of the arguments of the watched function. */
#define CALLBACK_ENDS(_name, _end, _judge)				\
static void notrace _name(unsigned long ip, unsigned long parent_ip,	\
			  struct ftrace_ops *ops, struct ftrace_regs *fregs) \
{									\
	int idx = 0;							\
									\
	if (callback_enter(ops, &idx))					\
		_end(fregs, _judge);					\
	callback_leave(idx);						\
}

#define CALLBACK(_name, _judge)	CALLBACK_ENDS(_name, end_call, _judge)

/* The same where a socket is about to connect, listen or send, which is watched for
 * fixed flow ids, too.
 */
#define CALLBACK_USE(_name, _sk, _type, _judge)				\
	CALLBACK(_name, (sock_flow_keep(_sk), is_event(_type) ? (_judge) : 0))

/* The same at a system call's own function, where none but users' sockets come. */
#define CALLBACK_CALL(_name, _sk, _type, _judge)			\
	CALLBACK(_name, sock_called(_sk) ?:				\
		 (sock_flow_keep(_sk), is_event(_type) ? (_judge) : 0))

CALLBACK_CALL(on_connect, ARG(fregs, 0, struct socket *)->sk, SOCK_EVENT_CONNECT,
	 sock_judge_connect(ARG(fregs, 0, struct socket *)->sk,
			    ARG(fregs, 1, struct sockaddr *),
			    ARG(fregs, 2, long)))
CALLBACK(on_bind,
	 sock_called(ARG(fregs, 0, struct socket *)->sk) ?:
	 sock_judge_bind(ARG(fregs, 0, struct socket *)->sk,
			 ARG(fregs, 1, struct sockaddr *),
			 ARG(fregs, 2, long)))
CALLBACK(on_kernel_bind,
	 sock_judge_bind(ARG(fregs, 0, struct socket *)->sk,
			 ARG(fregs, 1, struct sockaddr *),
			 ARG(fregs, 2, long)))
CALLBACK_CALL(on_listen, ARG(fregs, 0, struct socket *)->sk, SOCK_EVENT_BIND,
	 sock_judge_listen(ARG(fregs, 0, struct socket *)->sk))
CALLBACK(on_accept, sock_called(ARG(fregs, 0, struct socket *)->sk))
CALLBACK(on_kernel_connect,
	 (sock_flow_below(ARG(fregs, 0, struct socket *)->sk),
	  is_event(SOCK_EVENT_CONNECT) ?
	  sock_judge_connect(ARG(fregs, 0, struct socket *)->sk,
			     ARG(fregs, 1, struct sockaddr *),
			     ARG(fregs, 2, long)) : 0))
CALLBACK(on_kernel_listen,
	 (sock_flow_below(ARG(fregs, 0, struct socket *)->sk),
	  is_event(SOCK_EVENT_BIND) ?
	  sock_judge_listen(ARG(fregs, 0, struct socket *)->sk) : 0))
CALLBACK(on_conn_request,
	 (sock_flow_request(ARG(fregs, 0, struct sock *),
			    ARG(fregs, 2, struct request_sock *)),
	  is_event(SOCK_EVENT_ACCEPT) ?
	  sock_judge_accept(ARG(fregs, 0, const struct sock *),
			    ARG(fregs, 1, struct sk_buff *),
			    ARG(fregs, 2, struct request_sock *)) : 0) ?:
	 (is_event(SOCK_EVENT_CONNECT) ?
	  sock_judge_answers(ARG(fregs, 0, struct sock *),
			     ARG(fregs, 1, const struct sk_buff *),
			     ARG(fregs, 2, const struct request_sock *)) : 0))
CALLBACK(on_fastopen,
	 (sock_called_locked(ARG(fregs, 0, struct sock *)),
	  sock_flow_keep(ARG(fregs, 0, struct sock *)),
	  is_event(SOCK_EVENT_CONNECT) ?
	  sock_judge_connect(ARG(fregs, 0, struct sock *),
			     ARG(fregs, 1, struct msghdr *)->msg_name,
			     ARG(fregs, 1, struct msghdr *)->msg_namelen) : 0))
CALLBACK_USE(on_send_udp, ARG(fregs, 0, struct sock *), SOCK_EVENT_CONNECT,
	 sock_judge_send_udp(ARG(fregs, 0, struct sock *),
			     ARG(fregs, 1, struct msghdr *)))
CALLBACK_USE(on_send_ipv4, ARG(fregs, 0, struct sock *), SOCK_EVENT_CONNECT,
	 sock_judge_send_ipv4(ARG(fregs, 0, struct sock *),
			      ARG(fregs, 1, struct msghdr *)))
#if IS_ENABLED(CONFIG_IPV6)
CALLBACK_USE(on_send_udp6, ARG(fregs, 0, struct sock *), SOCK_EVENT_CONNECT,
	 sock_judge_send_udp6(ARG(fregs, 0, struct sock *),
			      ARG(fregs, 1, struct msghdr *)))
CALLBACK_USE(on_send_ipv6, ARG(fregs, 0, struct sock *), SOCK_EVENT_CONNECT,
	 sock_judge_send_ipv6(ARG(fregs, 0, struct sock *),
			      ARG(fregs, 1, struct msghdr *)))
CALLBACK_USE(on_send_ping6, ARG(fregs, 0, struct sock *), SOCK_EVENT_CONNECT,
	 sock_judge_send_ping6(ARG(fregs, 0, struct sock *),
			       ARG(fregs, 1, struct msghdr *)))
CALLBACK(on_mixed_connect,
	 sock_judge_mixed_connect(ARG(fregs, 0, struct sock *),
				  ARG(fregs, 1, const struct sockaddr *)))
CALLBACK(on_cork6, sock_judge_cork6(ARG(fregs, 0, struct sock *)))
CALLBACK(on_cork4, sock_judge_cork4(ARG(fregs, 0, struct sock *)))
#endif
CALLBACK(on_ipv6_option,
	 sock_judge_ipv6_option(ARG(fregs, 0, struct sock *),
				ARG(fregs, 2, long),
				ARG(fregs, 3, const void *)))
CALLBACK(on_ipv6_control,
	 sock_judge_ipv6_control(ARG(fregs, 1, struct sock *),
				 ARG(fregs, 2, struct msghdr *)) ?:
	 sock_flow_control(ARG(fregs, 1, struct sock *),
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
CALLBACK(on_sctp_listen,
	 sock_judge_sctp_listen(ARG(fregs, 0, struct sctp_endpoint *)))
CALLBACK(on_sctp_request,
	 (is_event(SOCK_EVENT_ACCEPT) ?
	  sock_judge_sctp_accept(ARG(fregs, 0, struct sctp_association *),
				 ARG(fregs, 1, struct sk_buff *)) : 0) ?:
	 (is_event(SOCK_EVENT_CONNECT) ?
	  sock_judge_answers(ARG(fregs, 0, struct sctp_association *)->base.sk,
			     ARG(fregs, 1, const struct sk_buff *), NULL) : 0))

/* A port that the kernel is to pick is picked, and judged, by sock_pick_port(), which
 * comes here again.
 */
static __always_inline void judge_get_port(struct ftrace_regs *fregs)
{
	struct sock *sk = ARG(fregs, 0, struct sock *);
	u16 port = ARG(fregs, 1, unsigned long);
	int err;

	if (!port && sock_pick_is_running(sk))
		return;
	err = sock_judge_get_port(sk, port);
	if (err)
		end_call(fregs, err);
	else if (!port && sock_pick_is_steered(sk))
		ftrace_regs_set_instruction_pointer(fregs,
						    (unsigned long)sock_pick_port);
}

static void notrace on_get_port(unsigned long ip, unsigned long parent_ip,
				struct ftrace_ops *ops, struct ftrace_regs *fregs)
{
	int idx = 0;

	if (callback_enter(ops, &idx))
		judge_get_port(fregs);
	callback_leave(idx);
}

/* Flow ids: of these functions the entry is the place, nothing is denied. */
CALLBACK(on_made, (sock_flow_made(ARG(fregs, 0, struct socket *)), 0))
CALLBACK(on_cloned, (sock_flow_cloned(ARG(fregs, 0, struct sock *),
				      ARG(fregs, 1, struct request_sock *)), 0))
CALLBACK(on_sctp_cloned,
	 (sock_flow_cloned(ARG(fregs, 2, struct sock *), NULL), 0))
CALLBACK(on_ulp, (sock_flow_ulp(ARG(fregs, 0, struct sock *),
				ARG(fregs, 1, const char *)), 0))
CALLBACK(on_option,
	 sock_flow_option(ARG(fregs, 0, struct socket *)->sk,
			  ARG(fregs, 1, long), ARG(fregs, 2, long)))
CALLBACK(on_control,
	 sock_flow_control(ARG(fregs, 0, struct sock *),
			   ARG(fregs, 1, struct msghdr *)))

/* Of void functions: what their stub returns is nobody's. */
CALLBACK(on_received,
	 sock_flow_received(ARG(fregs, 0, struct file *)) ? -EPERM : 0)
CALLBACK(on_reset, sock_packet_reject(ARG(fregs, 2, struct sk_buff *)))
CALLBACK(on_unreach, sock_packet_reject(ARG(fregs, 0, struct sk_buff *)))
CALLBACK(on_unreach6, sock_packet_reject(ARG(fregs, 1, struct sk_buff *)))
CALLBACK(on_fwd, sock_packet_forward(ARG(fregs, 0, struct nft_pktinfo *)->skb))
CALLBACK(on_dup, sock_packet_dup(ARG(fregs, 0, struct nft_pktinfo *)->skb))
CALLBACK(on_tee, sock_packet_dup(ARG(fregs, 1, struct sk_buff *)))
CALLBACK_ENDS(on_flow, end_call_with_accept,
	      sock_packet_is_event(ARG(fregs, 1, struct sk_buff *)))
CALLBACK(on_neigh_xmit, sock_packet_forward(ARG(fregs, 3, struct sk_buff *)))
/* Before that: of a packet that two have it makes a copy, which nobody would know. */
CALLBACK_ENDS(on_expand, end_call_with_null,
	      sock_packet_forward(ARG(fregs, 0, struct sk_buff *)))

#endif /* _SOCK_CALLBACKS_H */
