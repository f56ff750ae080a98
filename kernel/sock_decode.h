/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _SOCK_DECODE_H
#define _SOCK_DECODE_H

#include <linux/ipv6.h>
#include <net/inet_sock.h>

#include "sock_event.h"

/* What the readers of arguments share. */
/* Since Linux 6.11 SMC has a protocol number of AF_INET, too. */
#ifndef IPPROTO_SMC
#define IPPROTO_SMC	256
#endif

/* One look at what the kernel writes without a mark, with the socket's lock that a reader
 * does not hold. A call is judged by what it finds; what changes meanwhile is judged where
 * the lock is held, if it matters (sock_judge_get_port()).
 */
#define sock_peek(_field)	data_race(READ_ONCE(_field))

/* IPV6_ADDRFORM changes it. */
static inline unsigned short sock_family(const struct sock *sk)
{
	return sock_peek(sk->sk_family);
}

/* A bit that changes at most once, beside others that do. */
static inline bool sock_is_kernels(const struct sock *sk)
{
	return data_race(!!sk->sk_kern_sock);
}

/* Is it of a protocol? A raw socket can have the number of any. */
static inline bool sock_is_of(const struct sock *sk, unsigned int protocol)
{
	return READ_ONCE(sk->sk_protocol) == protocol && sk->sk_type != SOCK_RAW;
}

/* Has it addresses and ports of its own? SMC's and RxRPC's are those of a socket
 * below.
 */
static inline bool sock_is_inet(const struct sock *sk)
{
	unsigned short family = sock_family(sk);

	return (family == AF_INET || family == AF_INET6) &&
	       !sock_is_of(sk, IPPROTO_SMC);
}

static inline bool sock_is_smc(const struct sock *sk)
{
	unsigned short family = sock_family(sk);

	return family == AF_SMC ||
	       ((family == AF_INET || family == AF_INET6) &&
		sock_is_of(sk, IPPROTO_SMC));
}

bool sock_is_below_smc(struct sock *sk);
bool sock_other_is_judged(const struct sock *sk);

/**
 * sock_is_judged() - may a container be behind what a socket does?
 * @sk: the socket, or NULL
 *
 * Kernel sockets act for the kernel (NFS, tunnels), but for the TCP sockets
 * under MPTCP and SMC ones: these act for a user, and have its cgroup.
 */
static inline bool sock_is_judged(const struct sock *sk)
{
	if (likely(sk && sock_is_inet(sk) && !sock_is_kernels(sk)))
		return true;
	return sock_other_is_judged(sk);
}

/* What protocol rules see. MPTCP and SMC begin as TCP, RxRPC goes by UDP. Of a raw
 * socket's number packets have the low byte.
 */
static inline u8 sock_event_l4proto(const struct sock *sk, bool inet)
{
	u16 protocol = READ_ONCE(sk->sk_protocol);

	if (unlikely(!inet && sock_family(sk) == AF_RXRPC))
		return IPPROTO_UDP;
	if (unlikely((!inet && sock_is_smc(sk)) ||
		     (protocol > U8_MAX && sk->sk_type != SOCK_RAW)))
		return IPPROTO_TCP;
	return protocol;
}

/* With what sock_is_inet() said of the socket. */
static inline void __sock_event_init(struct sock_event *ev,
				     enum sock_event_type type,
				     struct sock *sk, bool inet)
{
	ev->type = type;
	ev->l4proto = sock_event_l4proto(sk, inet);
	ev->sport = 0;
	ev->dport = 0;
	ev->sk = sk;
	ev->in = NULL;
	ev->picked = false;
	ev->or_else = false;
	ev->rejected = false;
	ev->denier = NULL;
	ev->denied_in = NULL;
}

/**
 * sock_event_init() - begin to describe an event
 * @ev: the event; its addresses are left as they are
 * @type: its type
 * @sk: the socket that it happens to
 */
static inline void sock_event_init(struct sock_event *ev,
				   enum sock_event_type type, struct sock *sk)
{
	__sock_event_init(ev, type, sk, sock_is_inet(sk));
}

int __sock_judge_route(struct sock *sk);
int __sock_judge_route6(struct sock *sk);

/**
 * sock_judge_route() - a socket is about to connect or send by IPv4
 * @sk: a socket of AF_INET or AF_INET6; few have IPv4 options at all
 *
 * Return: 0, or -EPERM if it has a source route, from before there were rules, and
 * rules would be asked.
 */
static inline int sock_judge_route(struct sock *sk)
{
	if (likely(!rcu_access_pointer(inet_sk(sk)->inet_opt)))
		return 0;
	return __sock_judge_route(sk);
}

#if IS_ENABLED(CONFIG_IPV6)
/* The same by IPv6, and of a routing header. */
static inline int sock_judge_route6(struct sock *sk)
{
	const struct ipv6_pinfo *np = inet6_sk(sk);

	if (likely(!np || !rcu_access_pointer(np->opt)))
		return 0;
	return __sock_judge_route6(sk);
}
#endif

/* A raw socket has its protocol where others have a port, an L2TP one nothing. */
static inline bool sock_has_ports(const struct sock *sk)
{
	return sk->sk_type != SOCK_RAW && sk->sk_protocol != IPPROTO_L2TP;
}

/**
 * sock_event_port() - what a port of an address means
 * @sk: the socket that the address is for
 * @port: the port, network byte order
 *
 * Return: @port, or 0 where the protocol has none.
 */
static inline __be16 sock_event_port(const struct sock *sk, __be16 port)
{
	return sock_has_ports(sk) ? port : 0;
}

/**
 * sock_local_port() - the port that a socket is bound to
 * @sk: the socket
 *
 * Return: the port in network byte order, 0 if it has none, or if only the
 * socket below knows it.
 */
static inline __be16 sock_local_port(const struct sock *sk)
{
	if (!sock_is_inet(sk))
		return 0;
	return sock_event_port(sk, sock_peek(inet_sk(sk)->inet_sport));
}

struct sockaddr *sock_transport_addr(const struct sock *sk,
				     struct sockaddr *addr, int *len);
__be32 sock_any_peer(const struct sock *sk, __be32 saddr, int ifindex);
void sock_any_peer6(struct in6_addr *daddr, const struct in6_addr *saddr);
int sock_judge_ipv4(struct sock_event *ev, __be32 saddr, __be32 daddr);
int sock_judge_ipv6(struct sock_event *ev, const struct in6_addr *saddr,
		    const struct in6_addr *daddr);
int sock_judge_picked(struct sock *sk);
bool sock_is_picked_by(struct net *net, __be16 port);
void sock_pick_exit(void);
int sock_judge_request(struct sock_event *ev, const struct sk_buff *skb);
int sock_refuse(const struct net *net, struct cgroup *cgrp,
		enum sock_event_type type, const char *what);

#endif /* _SOCK_DECODE_H */
