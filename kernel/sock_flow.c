// SPDX-License-Identifier: GPL-2.0-only
/*
 * Flow ids on sockets: put there when a socket is made, by a call or by a connection
 * that comes in, before it sends anything; and kept there where a container's are
 * fixed.
 */
#include <linux/export.h>
#include <linux/file.h>
#include <linux/in.h>
#include <linux/in6.h>
#include <linux/sctp.h>
#include <linux/socket.h>
#include <linux/tcp.h>
#include <net/cls_cgroup.h>
#include <net/inet_ecn.h>
#include <net/inet_sock.h>
#include <net/netprio_cgroup.h>

#include "compat.h"
#include "sock_flow.h"

/* What never leaves the host by a queue is spared the look-up. */
static bool may_send(const struct sock *sk)
{
	unsigned short family = sock_family(sk);

	return family != AF_UNIX && family != AF_NETLINK;
}

/* A listener is used by all CPUs: it is written to only if there is something new. Not
 * all of the kernel's own accesses are marked.
 */
#define put_one(_field, _value)						\
({									\
	bool _new = sock_peek(_field) != (_value);			\
									\
	if (unlikely(_new))						\
		data_race(({ WRITE_ONCE(_field, _value); 0; }));	\
	_new;								\
})

/* Returns true if another route may be the socket's now. */
static bool put(struct sock *sk, const struct container_flow *flow)
{
	bool reroute = false;

	if (flow->set & CONTAINER_ID_FLOW_MARK)
		reroute = put_one(sk->sk_mark, flow->mark);
	if (flow->set & CONTAINER_ID_FLOW_PRIORITY)
		put_one(sk->sk_priority, flow->priority);
	if (flow->set & CONTAINER_ID_FLOW_CLASSID)
		compat_set_classid(&sk->sk_cgrp_data, flow->classid);
	return reroute;
}

/* The traffic class has no id to give, but a default. What is not the class is ECN, which
 * the kernel changes with the lock that is not held here: a program that has it do so at the
 * very moment may keep the class that a socket had before its container fixed it.
 */
static bool clear_class(struct sock *sk)
{
	struct inet_sock *inet = inet_sk(sk);
	bool reroute;

	reroute = put_one(inet->tos, sock_peek(inet->tos) & INET_ECN_MASK);
#if IS_ENABLED(CONFIG_IPV6)
	if (sock_family(sk) == AF_INET6 && inet6_sk(sk)) {
		struct ipv6_pinfo *np = inet6_sk(sk);

		reroute |= put_one(np->tclass,
				   sock_peek(np->tclass) & INET_ECN_MASK);
	}
#endif
	return reroute;
}

static void put_ids(struct sock *sk)
{
	struct container_flow flow __uninitialized;

	container_flow_of_sock(sk, &flow);
	put(sk, &flow);
}

/* A container fixes them: it has its ids, whatever the program chose before. */
static void put_fixed(struct sock *sk, const struct container_flow *flow)
{
	bool reroute = put(sk, flow);

	if (sock_is_inet(sk))
		reroute |= clear_class(sk);
	/* A stream's connect finds its route afterwards, and has it for itself: TCP looks
	 * at it with the lock that is not held here.
	 */
	if (unlikely(reroute) &&
	    (sk->sk_type == SOCK_DGRAM || sk->sk_type == SOCK_RAW))
		sk_dst_reset(sk);
}

/**
 * __sock_flow_keep() - put the ids of a container that fixes them on a socket again
 * @sk: the socket; not necessarily locked
 *
 * It can be older than its cgroup's binding, or than the ids, and have what the program
 * chose then.
 */
void __sock_flow_keep(struct sock *sk)
{
	struct container_flow flow __uninitialized;

	if (!sock_is_judged(sk))
		return;
	container_flow_of_sock(sk, &flow);
	if (flow.fixed)
		put_fixed(sk, &flow);
}
EXPORT_SYMBOL_GPL(__sock_flow_keep);

/**
 * sock_flow_made() - a call has made a socket
 * @sock: the socket; of a kernel socket it cannot be told yet for whom it acts
 */
void sock_flow_made(struct socket *sock)
{
	struct sock *sk = sock->sk;

	if (sk && !sock_is_kernels(sk) && may_send(sk))
		put_ids(sk);
}
EXPORT_SYMBOL_GPL(sock_flow_made);

/**
 * sock_flow_cloned() - a socket was made for a connection or association
 * @sk: the new socket. The kernel gave it the listener's mark, but no priority; and
 *	the listener's may be those that the container had long ago. What is IPv6's is
 *	the listener's yet.
 * @req: what it is made of, or NULL; net.ipv4.tcp_reflect_tos takes the peer's traffic
 *	class from there, after this
 */
void sock_flow_cloned(struct sock *sk, struct request_sock *req)
{
	struct container_flow flow __uninitialized;

	if (!sock_is_judged(sk))
		return;
	container_flow_of_sock(sk, &flow);
	put(sk, &flow);
	if (flow.fixed && req && sk->sk_protocol == IPPROTO_TCP)
		put_one(tcp_rsk(req)->syn_tos,
			sock_peek(tcp_rsk(req)->syn_tos) & INET_ECN_MASK);
}
EXPORT_SYMBOL_GPL(sock_flow_cloned);

/**
 * sock_flow_request() - a peer asks for a connection
 * @sk: the listener, from which the connection will have its traffic class
 * @req: the request; its mark routes the answer, and becomes the connection's
 */
void sock_flow_request(struct sock *sk, struct request_sock *req)
{
	struct container_flow flow __uninitialized;

	if ((!container_flow_in_use(CONTAINER_FLOW_PUT) &&
	     !container_flow_in_use(CONTAINER_FLOW_FIX)) || !sock_is_judged(sk))
		return;
	container_flow_of_sock(sk, &flow);
	if (flow.fixed)
		put_fixed(sk, &flow);
	if (flow.set & CONTAINER_ID_FLOW_MARK)
		inet_rsk(req)->ir_mark = flow.mark;
}
EXPORT_SYMBOL_GPL(sock_flow_request);

/**
 * sock_flow_ulp() - a TCP socket is put below another protocol
 * @sk: the TCP socket, locked
 * @name: the protocol
 *
 * MPTCP gives its TCP sockets their owner just before, and what a program set on the
 * MPTCP socket just after.
 */
void sock_flow_ulp(struct sock *sk, const char *name)
{
	if (sock_is_kernels(sk) && !strcmp(name, "mptcp"))
		put_ids(sk);
}
EXPORT_SYMBOL_GPL(sock_flow_ulp);

/**
 * sock_flow_below() - a kernel socket is about to connect or listen
 * @sk: the socket
 *
 * SMC gives the TCP socket below it its own mark and priority, but no class id.
 */
void sock_flow_below(struct sock *sk)
{
	struct container_flow flow __uninitialized;

	if (!container_flow_in_use(CONTAINER_FLOW_PUT) || !sock_is_kernels(sk) ||
	    !sock_is_judged(sk))
		return;
	container_flow_of_sock(sk, &flow);
	if (flow.set & CONTAINER_ID_FLOW_CLASSID)
		compat_set_classid(&sk->sk_cgrp_data, flow.classid);
}
EXPORT_SYMBOL_GPL(sock_flow_below);

/**
 * sock_flow_received() - a process receives a file, which may be a socket
 * @file: the file
 *
 * The kernel would give it the class id of who receives it, so that a program could
 * shed its container's by passing a socket to itself.
 *
 * Return: true if all is done that was to be done.
 */
bool sock_flow_received(struct file *file)
{
	struct socket *sock = sock_from_file(file);
	struct container_flow flow __uninitialized;

	if (!sock || !sock->sk || !may_send(sock->sk))
		return false;
	container_flow_of_sock(sock->sk, &flow);
	if (!(flow.set & CONTAINER_ID_FLOW_CLASSID))
		return false;
	sock_update_netprioidx(&sock->sk->sk_cgrp_data);
	return true;
}
EXPORT_SYMBOL_GPL(sock_flow_received);

static bool is_flow_option(int level, int optname)
{
	switch (level) {
	case SOL_SOCKET:
		return optname == SO_MARK || optname == SO_PRIORITY;
	case SOL_IP:
		return optname == IP_TOS;
	case SOL_IPV6:
		return optname == IPV6_TCLASS;
	case SOL_SCTP:
		/* May have a DSCP, which is with the program yet. */
		return optname == SCTP_PEER_ADDR_PARAMS;
	default:
		return false;
	}
}

static int check_fixed(const struct sock *sk)
{
	struct container_flow flow __uninitialized;

	container_flow_of_sock(sk, &flow);
	return flow.fixed ? -EPERM : 0;
}

/**
 * sock_flow_option() - a program is about to set an option
 * @sk: the socket, or NULL
 * @level: SOL_*
 * @optname: the option
 *
 * Return: 0, or -EPERM if it would change what the container has fixed.
 */
int sock_flow_option(const struct sock *sk, int level, int optname)
{
	if (likely(!is_flow_option(level, optname)) || !sk)
		return 0;
	return check_fixed(sk);
}
EXPORT_SYMBOL_GPL(sock_flow_option);

/**
 * sock_flow_control() - the control messages of a send are about to be read
 * @sk: the socket
 * @msg: the message, its control messages in the kernel's memory
 *
 * Return: 0, or -EPERM if one would change, for this packet, what the container has
 * fixed.
 */
int sock_flow_control(const struct sock *sk, struct msghdr *msg)
{
	struct cmsghdr *cmsg;

	if (!container_flow_in_use(CONTAINER_FLOW_FIX) || !msg->msg_controllen ||
	    (sock_is_kernels(sk) && !sock_is_judged(sk)))
		return 0;
	for_each_cmsghdr(cmsg, msg) {
		if (!CMSG_OK(msg, cmsg))
			return 0;
		if (is_flow_option(cmsg->cmsg_level, cmsg->cmsg_type))
			return check_fixed(sk);
	}
	return 0;
}
EXPORT_SYMBOL_GPL(sock_flow_control);
