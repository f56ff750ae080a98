// SPDX-License-Identifier: GPL-2.0-only
/*
 * What bind and listen mean: which local addresses and ports a socket is about
 * to take, in which families.
 */
#include <linux/export.h>
#include <linux/in6.h>
#include <linux/sched.h>
#include <net/inet_connection_sock.h>
#include <net/inet_sock.h>
#include <net/ipv6.h>

#include "sock_decode.h"

static int bind_ipv4(struct sock *sk, __be32 addr, __be16 port)
{
	struct sock_event ev;

	sock_event_init(&ev, SOCK_EVENT_BIND, sk);
	ev.dport = sock_event_port(sk, port);
	return sock_judge_ipv4(&ev, 0, addr);
}

#if IS_ENABLED(CONFIG_IPV6)
/*
 * Another thread may clear IPV6_V6ONLY between our look at it and the kernel's.
 * So the IPv4 half of a bind of :: is judged again where the port is taken, under
 * the socket's lock, unless this task just had it judged: then its mark is here.
 * Tasks that share a place may cost each other a second judgement, no more.
 */
#define BIND_NOTES	64

static atomic64_t bind_notes[BIND_NOTES];

static atomic64_t *bind_note(void)
{
	return &bind_notes[task_pid_nr(current) % BIND_NOTES];
}

/* Never 0, and not the same for two tasks or two ports. */
static s64 bind_mark(__be16 port)
{
	return (s64)task_pid_nr(current) << 16 | ntohs(port);
}

static void note_bind(__be16 port, bool judged)
{
	atomic64_set(bind_note(), judged ? bind_mark(port) : 0);
}

/* Does a bind of :: take the port in IPv4, too? */
static bool is_dual_stack(const struct sock *sk)
{
	if (!sock_is_inet(sk))
		return true;	/* the socket below may be: ask both */
	return !ipv6_only_sock(sk) && sk->sk_type != SOCK_RAW;
}

static int bind_ipv6(struct sock *sk, const struct in6_addr *addr, __be16 port)
{
	struct sock_event ev;
	int err;

	if (ipv6_addr_v4mapped(addr))
		return bind_ipv4(sk, addr->s6_addr32[3], port);
	sock_event_init(&ev, SOCK_EVENT_BIND, sk);
	ev.dport = sock_event_port(sk, port);
	err = sock_judge_ipv6(&ev, &in6addr_any, addr);
	if (err || !ipv6_addr_any(addr))
		return err;
	if (!is_dual_stack(sk)) {
		note_bind(port, false);
		return 0;
	}
	err = bind_ipv4(sk, 0, port);
	note_bind(port, !err);
	return err;
}
#else
static int bind_ipv6(struct sock *sk, const struct in6_addr *addr, __be16 port)
{
	return 0;
}
#endif

static int bind_sockaddr_in(struct sock *sk, const struct sockaddr *addr, int len)
{
	const struct sockaddr_in *in = (const struct sockaddr_in *)addr;

	if (len < (int)sizeof(*in))
		return 0;
	/* Of this family only 0.0.0.0 is taken, for the sake of old programs. */
	if (in->sin_family == AF_UNSPEC && in->sin_addr.s_addr &&
	    sk->sk_type != SOCK_RAW)
		return 0;
	return bind_ipv4(sk, in->sin_addr.s_addr, in->sin_port);
}

/**
 * sock_judge_bind() - a socket is about to get a local address
 * @sk: the socket
 * @addr: the address, copied from user space
 * @len: its length
 *
 * Return: 0 or the negative errno to fail with.
 */
int sock_judge_bind(struct sock *sk, const struct sockaddr *addr, int len)
{
	const struct sockaddr_in6 *in6;

	if (!sock_is_judged(sk))
		return 0;
	addr = sock_transport_addr(sk, addr, &len);
	if (len < (int)offsetofend(struct sockaddr, sa_family))
		return 0;
	/* Raw IPv4 sockets do not look at the family. */
	if (sk->sk_type == SOCK_RAW && sk->sk_family == AF_INET)
		return bind_sockaddr_in(sk, addr, len);
	switch (addr->sa_family) {
	case AF_UNSPEC:
	case AF_INET:
		return bind_sockaddr_in(sk, addr, len);
	case AF_INET6:
		if (len < SIN6_LEN_RFC2133)
			return 0;
		in6 = (const struct sockaddr_in6 *)addr;
		return bind_ipv6(sk, &in6->sin6_addr, in6->sin6_port);
	default:
		return 0;
	}
}
EXPORT_SYMBOL_GPL(sock_judge_bind);

/**
 * sock_judge_get_port() - a socket is about to take a port
 * @sk: the socket, locked, its local address set
 * @port: the port, host byte order; 0 for any
 *
 * Return: 0, or the negative errno to fail with if the socket takes the port in
 * IPv4, too, and that has not been judged.
 */
int sock_judge_get_port(struct sock *sk, u16 port)
{
#if IS_ENABLED(CONFIG_IPV6)
	if (sk->sk_family != AF_INET6 || !sock_is_judged(sk) ||
	    !ipv6_addr_any(&sk->sk_v6_rcv_saddr) || !is_dual_stack(sk))
		return 0;
	/* A datagram socket comes here for its first send, too, without a bind. */
	if (!port && sk->sk_type == SOCK_DGRAM)
		return 0;
	/* listen() comes here again with the port that the socket has. */
	if (sk->sk_type != SOCK_DGRAM && inet_csk(sk)->icsk_bind_hash)
		return 0;
	if (atomic64_xchg(bind_note(), 0) == bind_mark(htons(port)))
		return 0;
	return bind_ipv4(sk, 0, htons(port));
#else
	return 0;
#endif
}
EXPORT_SYMBOL_GPL(sock_judge_get_port);

/**
 * sock_judge_listen() - a socket is about to listen
 * @sk: the socket
 *
 * Without a port of its own it would get one now: that is a bind of port 0.
 *
 * Return: 0 or the negative errno to fail with.
 */
int sock_judge_listen(struct sock *sk)
{
	/* Whether an SMC socket is bound shows when the one below listens;
	 * RxRPC listens only where it is bound.
	 */
	if (!sock_is_judged(sk) || !sock_is_inet(sk) ||
	    READ_ONCE(inet_sk(sk)->inet_num))
		return 0;
#if IS_ENABLED(CONFIG_IPV6)
	if (sk->sk_family == AF_INET6)
		return bind_ipv6(sk, &sk->sk_v6_rcv_saddr, 0);
#endif
	return bind_ipv4(sk, READ_ONCE(inet_sk(sk)->inet_rcv_saddr), 0);
}
EXPORT_SYMBOL_GPL(sock_judge_listen);
