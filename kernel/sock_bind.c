// SPDX-License-Identifier: GPL-2.0-only
/*
 * What bind and listen mean: which local addresses and ports a socket is about
 * to take, in which families.
 *
 * The hook points are passed without the socket's lock. Another thread may clear
 * IPV6_V6ONLY before the kernel looks at it, or disconnect a socket under a
 * listen(), which then takes a new port. So what a TCP socket takes is looked at
 * once more where the kernel takes it, under the lock (sock_judge_get_port()),
 * and judged there unless it was just judged for this task.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/export.h>
#include <linux/in6.h>
#include <linux/jiffies.h>
#include <linux/net.h>
#include <linux/rxrpc.h>
#include <linux/sched.h>
#include <linux/spinlock.h>
#include <net/inet_connection_sock.h>
#include <net/inet_sock.h>
#include <net/ipv6.h>
#include <net/transp_v6.h>

#include "sock_decode.h"

/* Families in which a bind was judged, or has to be. */
#define IN_IPV4		BIT(0)
#define IN_IPV6		BIT(1)

/**
 * struct bind_note - the bind that a task had judged last
 * @lock: held by who looks at it or changes it; never for long
 * @pid: the task, 0 for nobody
 * @l4proto: protocol as rules see it, so that the socket below an MPTCP or SMC one
 *	is meant, too
 * @families: families in which it was allowed
 * @cgroup: of the socket; only compared
 * @net: of the socket; only compared
 * @when: jiffies; rules change, and so do a task's plans
 * @port: local port, network byte order
 * @addr: local address; one of IPv4 is v4-mapped
 *
 * Tasks may share a note, and take it from each other: then something is judged
 * twice.
 */
struct bind_note {
	spinlock_t lock;
	pid_t pid;
	u8 l4proto;
	u8 families;
	__be16 port;
	struct in6_addr addr;
	const struct cgroup *cgroup;
	const struct net *net;
	unsigned long when;
};

#define BIND_NOTES	64

static struct bind_note bind_notes[BIND_NOTES] = {
	[0 ... BIND_NOTES - 1] = {
		.lock = __SPIN_LOCK_UNLOCKED(bind_notes.lock),
	},
};

static struct bind_note *my_note(void)
{
	return &bind_notes[task_pid_nr(current) % BIND_NOTES];
}

static void note_bind(const struct sock_event *ev, const struct in6_addr *addr,
		      u8 families)
{
	struct bind_note *note = my_note();

	spin_lock(&note->lock);
	note->pid = task_pid_nr(current);
	note->l4proto = ev->l4proto;
	note->families = families;
	note->port = ev->dport;
	note->addr = *addr;
	note->cgroup = container_sock_cgroup(ev->sk);
	note->net = sock_net(ev->sk);
	note->when = jiffies;
	spin_unlock(&note->lock);
}

/* In which families did this task just have that bind judged? */
static u8 take_note(const struct sock_event *ev, const struct in6_addr *addr)
{
	struct bind_note *note = my_note();
	u8 families = 0;

	spin_lock(&note->lock);
	if (note->pid == task_pid_nr(current) && note->l4proto == ev->l4proto &&
	    note->port == ev->dport && ipv6_addr_equal(&note->addr, addr) &&
	    note->cgroup == container_sock_cgroup(ev->sk) &&
	    note->net == sock_net(ev->sk) &&
	    time_before_eq(jiffies, note->when + HZ))
		families = note->families;
	note->pid = 0;
	spin_unlock(&note->lock);
	return families;
}

static void forget_bind(void)
{
	struct bind_note *note = my_note();

	spin_lock(&note->lock);
	if (note->pid == task_pid_nr(current))
		note->pid = 0;
	spin_unlock(&note->lock);
}

static void init_bind(struct sock_event *ev, struct sock *sk, __be16 port)
{
	sock_event_init(ev, SOCK_EVENT_BIND, sk);
	ev->dport = sock_event_port(sk, port);
}

/* What an address of IPv6 is in IPv4: of :: that is 0.0.0.0, and of one that has no
 * other what the kernel puts there.
 */
static __be32 in_ipv4(const struct in6_addr *addr)
{
	if (ipv6_addr_any(addr) || ipv6_addr_v4mapped(addr))
		return addr->s6_addr32[3];
	return LOOPBACK4_IPV6;
}

/* Judge a bind in some families. */
static int judge_bind(struct sock_event *ev, const struct in6_addr *addr,
		      u8 families)
{
	int err = 0;

	if (families & IN_IPV6)
		err = sock_judge_ipv6(ev, &in6addr_any, addr);
	if (!err && families & IN_IPV4)
		err = sock_judge_ipv4(ev, 0, in_ipv4(addr));
	return err;
}

/* Does a bind of :: take the port in IPv4, too? Of SCTP this is asked with each
 * packet, and of what is below another socket not of this one: ask both then.
 */
static bool is_dual_stack(const struct sock *sk)
{
	if (!sock_is_inet(sk) || sock_is_of(sk, IPPROTO_SCTP))
		return true;
	return data_race(!ipv6_only_sock(sk)) && sk->sk_type != SOCK_RAW;
}

/* 0.0.0.0 is :: for an IPv6 socket of SCTP, however it is spelt: where it looks for whom a
 * packet is, any address is that of any family.
 */
static const struct in6_addr *as_bound(const struct sock *sk, const struct in6_addr *addr)
{
	if (sock_is_of(sk, IPPROTO_SCTP) && sock_is_inet(sk) &&
	    sock_family(sk) == AF_INET6 && ipv6_addr_v4mapped(addr) &&
	    !addr->s6_addr32[3])
		return &in6addr_any;
	return addr;
}

static u8 families_of(const struct sock *sk, const struct in6_addr *addr)
{
	if (ipv6_addr_v4mapped(addr))
		return IN_IPV4;
	if (ipv6_addr_any(addr) && is_dual_stack(sk))
		return IN_IPV4 | IN_IPV6;
	return IN_IPV6;
}

/* @addr is the caller's own: what is judged is what is noted. */
static int judge_in_families(struct sock *sk, const struct in6_addr *addr, u8 families,
			     __be16 port)
{
	struct sock_event ev;
	int err;

	init_bind(&ev, sk, port);
	err = judge_bind(&ev, addr, families);
	if (!err)
		note_bind(&ev, addr, families);
	return err;
}

static int judge_and_note(struct sock *sk, const struct in6_addr *addr, __be16 port)
{
	addr = as_bound(sk, addr);
	return judge_in_families(sk, addr, families_of(sk, addr), port);
}

static int bind_ipv4(struct sock *sk, __be32 addr, __be16 port)
{
	struct in6_addr mapped;

	ipv6_addr_set_v4mapped(addr, &mapped);
	return judge_and_note(sk, &mapped, port);
}

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

/* The port of the UDP socket below cannot be looked at. */
static int refuse_rxrpc(const struct sock *sk, __be16 port)
{
	if (port || net_eq(sock_net(sk), &init_net))
		return 0;
	return sock_refuse(sock_net(sk), container_sock_cgroup(sk), SOCK_EVENT_BIND,
			   "has the kernel pick an RxRPC socket's port in a network namespace with a range of its own, where no rule about bind can see it: refused, it has to name one");
}

static int bind_rxrpc(const struct sock *sk, const struct sockaddr *addr, int len)
{
	/* In both families. */
	const struct sockaddr_in *in = (const struct sockaddr_in *)addr;
	const struct sockaddr_rxrpc *srx;

	BUILD_BUG_ON(offsetof(struct sockaddr_in, sin_port) !=
		     offsetof(struct sockaddr_in6, sin6_port));
	if (len < (int)sizeof(*in))
		return 0;
	/* Without a service it is a client, whom nobody calls. */
	srx = container_of(in, struct sockaddr_rxrpc, transport.sin);
	return srx->srx_service ? refuse_rxrpc(sk, in->sin_port) : 0;
}

/**
 * sock_judge_bind() - a socket is about to get a local address
 * @sk: the socket
 * @addr: the address, copied from user space
 * @len: its length
 *
 * Return: 0 or the negative errno to fail with.
 */
int sock_judge_bind(struct sock *sk, struct sockaddr *addr, int len)
{
	const struct sockaddr_in6 *in6;
	int err;

	forget_bind();
	if (!sock_is_judged(sk))
		return 0;
	addr = sock_transport_addr(sk, addr, &len);
	if (unlikely(sock_family(sk) == AF_RXRPC)) {
		err = bind_rxrpc(sk, addr, len);
		if (err)
			return err;
	}
	if (len < (int)offsetofend(struct sockaddr, sa_family))
		return 0;
	/* Raw IPv4 sockets do not look at the family. */
	if (sk->sk_type == SOCK_RAW && sock_family(sk) == AF_INET)
		return bind_sockaddr_in(sk, addr, len);
	switch (addr->sa_family) {
	case AF_UNSPEC:
	case AF_INET:
		return bind_sockaddr_in(sk, addr, len);
	case AF_INET6:
		if (len < SIN6_LEN_RFC2133)
			return 0;
		in6 = (const struct sockaddr_in6 *)addr;
		return judge_and_note(sk, &in6->sin6_addr, in6->sin6_port);
	default:
		return 0;
	}
}
EXPORT_SYMBOL_GPL(sock_judge_bind);

#if IS_ENABLED(CONFIG_IPV6)
/* A bind of one IPv6 address is of IPv6 only, and has IPV6_V6ONLY set. A socket that
 * has no port yet can take that back: then packets of IPv4 find it, too. Of
 * MPTCP the one below is asked about.
 */
static bool is_in_ipv4_besides(const struct sock *sk, const struct in6_addr *addr)
{
	if (sock_is_of(sk, IPPROTO_SCTP) || sock_is_of(sk, IPPROTO_MPTCP))
		return false;
	return !ipv6_addr_any(addr) && is_dual_stack(sk) &&
	       sock_peek(inet_sk(sk)->inet_rcv_saddr) == LOOPBACK4_IPV6;
}
#endif

/* The local address of a socket, and the families in which it takes a port. Without its
 * lock that may be neither the old one nor the new, and then is not what is noted.
 */
static u8 local_address(const struct sock *sk, struct in6_addr *addr)
{
#if IS_ENABLED(CONFIG_IPV6)
	if (sock_family(sk) == AF_INET6) {
		*addr = data_race(sk->sk_v6_rcv_saddr);
		return families_of(sk, addr) |
		       (is_in_ipv4_besides(sk, addr) ? IN_IPV4 : 0);
	}
#endif
	ipv6_addr_set_v4mapped(sock_peek(inet_sk(sk)->inet_rcv_saddr), addr);
	return IN_IPV4;
}

/**
 * sock_judge_picked() - the kernel has picked a port for a socket
 * @sk: the socket, which keeps it meanwhile
 *
 * Return: 0, or the negative errno to fail with if a namespace that would not have
 * picked this one denies to bind it.
 */
int sock_judge_picked(struct sock *sk)
{
	struct in6_addr addr;
	struct sock_event ev;
	u8 families;

	init_bind(&ev, sk, htons(sock_peek(inet_sk(sk)->inet_num)));
	ev.picked = true;
	families = local_address(sk, &addr);
	return judge_bind(&ev, &addr, families);
}

/* Did SMC have the one below bind to a port that nobody named? Then it was not judged: the
 * one below could not be told from the kernel's own sockets. A bind that has a port notes
 * it.
 */
static bool is_smcs_pick(struct sock *sk)
{
	return sock_is_below_smc(sk) && !(sk->sk_userlocks & SOCK_BINDPORT_LOCK);
}

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
	struct in6_addr addr;
	u8 families;

	forget_bind();
	/* Whether an SMC socket is bound shows when the one below listens;
	 * RxRPC listens only where it is bound.
	 */
	if (!sock_is_judged(sk) || !sock_is_inet(sk))
		return 0;
	if (sock_peek(inet_sk(sk)->inet_num))
		return is_smcs_pick(sk) && sock_pick_is_steered(sk) ?
		       sock_judge_picked(sk) : 0;
	families = local_address(sk, &addr);
	return judge_in_families(sk, &addr, families, 0);
}
EXPORT_SYMBOL_GPL(sock_judge_listen);

/**
 * sock_judge_get_port() - a socket is about to take a port
 * @sk: the socket, locked, its local address set
 * @port: the port, host byte order; 0 for any
 *
 * For inet_csk_get_port(), which bind() and listen() come to, and
 * udp_v4_get_port() and udp_v6_get_port(), which bind() and a first send come to.
 * Which port it will be for 0 shows later, see sock_pick_port().
 *
 * Return: 0, or the negative errno to fail with if the socket takes the port in a
 * family in which that was not judged yet.
 */
int sock_judge_get_port(struct sock *sk, u16 port)
{
	struct in6_addr addr;
	struct sock_event ev;
	u8 families;

	if (!sock_is_judged(sk) || !sock_is_inet(sk))
		return 0;
	if (sk->sk_type == SOCK_DGRAM) {
		/* Port 0: may be a first send, which is no bind. */
		if (!port)
			return 0;
	} else if (inet_csk(sk)->icsk_bind_hash) {
		return 0;	/* listen() with the port that it has */
	}
	init_bind(&ev, sk, htons(port));
	families = local_address(sk, &addr);
	return judge_bind(&ev, &addr, families & ~take_note(&ev, &addr));
}
EXPORT_SYMBOL_GPL(sock_judge_get_port);
