// SPDX-License-Identifier: GPL-2.0-only
/*
 * Options that send a packet elsewhere than to the address of the call: IPv6
 * routing headers and IPv4 source routes. No rule sees the addresses in them, so
 * they are refused where rules about connect would be asked. They are looked at
 * where the kernel has copied them and takes them, as socket options and as
 * control messages; and those that a socket has from before there were rules, when
 * it uses them.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/cgroup.h>
#include <linux/export.h>
#include <linux/in6.h>
#include <linux/ip.h>
#include <linux/kallsyms.h>
#include <linux/net.h>
#include <linux/skbuff.h>
#include <net/inet_sock.h>
#include <net/ip.h>

#include "sock_decode.h"

static int refuse_route(const struct net *net, struct cgroup *cgrp)
{
	return sock_refuse(net, cgrp, SOCK_EVENT_CONNECT,
			   "asks for a route of its own (routing header or source route), whose addresses no rule about connect can see: refused");
}

static int refuse_route_of(struct sock *sk)
{
	if (!sock_is_judged(sk))
		return 0;
	return refuse_route(sock_net(sk), container_sock_cgroup(sk));
}

/* Of a TCP socket, a user is setting it and has the lock. */
static int refuse_option_of(struct sock *sk)
{
	sock_called_locked(sk);
	return refuse_route_of(sk);
}

/**
 * sock_judge_ipv6_option() - a socket is about to get an extension header
 * @sk: the socket
 * @type: IPV6_RTHDR and the like
 * @header: the header, NULL to take one away
 *
 * Return: 0 or the negative errno to fail with.
 */
int sock_judge_ipv6_option(struct sock *sk, int type, const void *header)
{
	return type == IPV6_RTHDR && header ? refuse_option_of(sk) : 0;
}
EXPORT_SYMBOL_GPL(sock_judge_ipv6_option);

/**
 * sock_judge_ipv6_control() - control messages of IPv6 are about to be read
 * @sk: the socket
 * @msg: has them
 *
 * Those of a send, but also those that IPV6_2292PKTOPTIONS and a flow label have.
 *
 * Return: 0 or the negative errno to fail with.
 */
int sock_judge_ipv6_control(struct sock *sk, struct msghdr *msg)
{
	struct cmsghdr *cmsg;

	for_each_cmsghdr(cmsg, msg) {
		if (!CMSG_OK(msg, cmsg))
			return 0;
		if (cmsg->cmsg_level == SOL_IPV6 &&
		    (cmsg->cmsg_type == IPV6_RTHDR ||
		     cmsg->cmsg_type == IPV6_2292RTHDR))
			return refuse_option_of(sk);
	}
	return 0;
}
EXPORT_SYMBOL_GPL(sock_judge_ipv6_control);

static bool has_source_route(const struct ip_options *opt)
{
	unsigned int i, len;

	for (i = 0; i < opt->optlen; i += len) {
		u8 type = opt->__data[i];

		if (type == IPOPT_LSRR || type == IPOPT_SSRR)
			return true;
		if (type == IPOPT_END)
			return false;
		len = 1;
		if (type == IPOPT_NOOP)
			continue;
		/* The kernel refuses what it cannot take apart. */
		if (i + 1 >= opt->optlen || opt->__data[i + 1] < 2)
			return false;
		len = opt->__data[i + 1];
	}
	return false;
}

/* nft reads the options of packets by the same function. */
static bool is_socket_option(unsigned long caller)
{
	char name[KSYM_SYMBOL_LEN];

	sprint_symbol(name, caller);
	return !strncmp(name, "ip_options_", strlen("ip_options_"));
}

/**
 * sock_judge_ipv4_options() - IPv4 options are about to be read
 * @net: network namespace of the socket that gets them
 * @opt: the options, copied from user space, if there is no packet
 * @skb: the packet that they came in, or NULL
 * @caller: an address in the function that wants them read
 *
 * The socket is not known here; it is taken for one of the caller's cgroup. A
 * source route needs CAP_NET_RAW.
 *
 * Return: 0 or the negative errno to fail with.
 */
int sock_judge_ipv4_options(const struct net *net, const struct ip_options *opt,
			    const struct sk_buff *skb, unsigned long caller)
{
	int err;

	if (likely(skb) || !has_source_route(opt) || !is_socket_option(caller))
		return 0;
	rcu_read_lock();
	err = refuse_route(net, task_dfl_cgroup(current));
	rcu_read_unlock();
	return err;
}
EXPORT_SYMBOL_GPL(sock_judge_ipv4_options);

static bool has_route4(const struct ip_options_rcu *opt)
{
	return opt && opt->opt.srr;
}

static bool has_route6(const struct sock *sk)
{
#if IS_ENABLED(CONFIG_IPV6)
	const struct ipv6_pinfo *np = inet6_sk(sk);
	const struct ipv6_txoptions *opt = np ? rcu_dereference(np->opt) : NULL;

	return opt && opt->srcrt;
#else
	return false;
#endif
}

/* What sock_judge_route() has to look at. */
int __sock_judge_route(struct sock *sk)
{
	bool route;

	rcu_read_lock();
	route = has_route4(rcu_dereference(inet_sk(sk)->inet_opt));
	rcu_read_unlock();
	return route ? refuse_route_of(sk) : 0;
}

#if IS_ENABLED(CONFIG_IPV6)
int __sock_judge_route6(struct sock *sk)
{
	bool route;

	rcu_read_lock();
	route = has_route6(sk);
	rcu_read_unlock();
	return route ? refuse_route_of(sk) : 0;
}
#endif

/* By IPv4, TCP's answers and all that the connection sends later have the options of the
 * request, by IPv6 the listener's. SCTP's have the listener's by both, and it has addresses of
 * both.
 */
static bool answers_are_routed(const struct sock *sk, const struct sk_buff *skb,
			       const struct request_sock *req)
{
	if (!req)
		return has_route4(rcu_dereference(inet_sk(sk)->inet_opt)) || has_route6(sk);
	if (ip_hdr(skb)->version == 4)
		return has_route4(rcu_dereference(inet_rsk(req)->ireq_opt));
	return has_route6(sk);
}

/**
 * sock_judge_answers() - a peer asks a listener for a connection
 * @sk: the listener
 * @skb: the packet that asks
 * @req: the request that is made of it, NULL for SCTP
 *
 * What the connection sends would go elsewhere than to the peer that rules about accept
 * see: along a source route that the peer sent, or a routing header of the listener's.
 *
 * Context: softirq, or task context with bottom halves off.
 * Return: 0, or -EPERM if rules about connect would be asked.
 */
int sock_judge_answers(struct sock *sk, const struct sk_buff *skb,
		       const struct request_sock *req)
{
	int err = 0;

	if (!sock_is_judged(sk))
		return 0;
	rcu_read_lock();
	if (unlikely(answers_are_routed(sk, skb, req)) &&
	    sock_event_wanted(sock_net(sk), container_sock_cgroup(sk),
			      SOCK_EVENT_CONNECT)) {
		net_info_ratelimited("a connection whose packets would go by a route of their own (routing header or source route), whose addresses no rule about connect can see: refused\n");
		err = -EPERM;
	}
	rcu_read_unlock();
	return err;
}
EXPORT_SYMBOL_GPL(sock_judge_answers);
