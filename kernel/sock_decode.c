// SPDX-License-Identifier: GPL-2.0-only
/*
 * From the arguments of a call to the events that it means; sock_bind.c has those
 * of bind and listen. An address is read as the kernel will read it, or a rule could
 * be got around by spelling it differently; a call that the kernel is going to
 * refuse is not an event.
 *
 * The address's own family decides, not the socket's: another thread may turn
 * an IPv6 socket into an IPv4 one (IPV6_ADDRFORM) while the call runs.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/export.h>
#include <linux/fs.h>
#include <linux/if_pppox.h>
#include <linux/in6.h>
#include <linux/inetdevice.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/rxrpc.h>
#include <net/inet_sock.h>
#include <net/ipv6.h>
#include <net/mptcp.h>
#include <net/request_sock.h>
#include <net/tcp.h>

#include "compat.h"
#include "sock_decode.h"

static bool is_tcp(const struct sock *sk)
{
	return sock_is_inet(sk) && sk->sk_type == SOCK_STREAM &&
	       sk->sk_protocol == IPPROTO_TCP;
}

/* A kernel's TCP socket that a user can have got, and not one of MPTCP's, which has it
 * of its own.
 */
static bool may_become_users(const struct sock *sk)
{
	return is_tcp(sk) && !sk_is_mptcp(sk);
}

#if IS_ENABLED(CONFIG_SMC)
/**
 * sock_is_below_smc() - is this the TCP socket below an SMC one?
 * @sk: the socket
 *
 * Where that fell back to TCP, they share the user's file; a file of other kernel
 * sockets (SUNRPC's) is their own.
 */
bool sock_is_below_smc(struct sock *sk)
{
	const struct socket *sock;
	const struct file *file;
	bool shares;

	if (!may_become_users(sk))
		return false;
	if (tcp_sk(sk)->syn_smc)
		return true;
	read_lock_bh(&sk->sk_callback_lock);
	sock = sk->sk_socket;
	/* One look: SMC gives it, and takes it, without this lock. */
	file = sock ? sock_peek(sock->file) : NULL;
	shares = file && file_inode(file) != SOCK_INODE((struct socket *)sock);
	read_unlock_bh(&sk->sk_callback_lock);
	return shares;
}
#else
bool sock_is_below_smc(struct sock *sk)
{
	return false;
}
#endif

/**
 * sock_other_is_judged() - sock_is_judged() of a socket that is not a user's AF_INET
 *	or AF_INET6 one
 * @sk: the socket, or NULL
 */
bool sock_other_is_judged(const struct sock *sk)
{
	if (!sk)
		return false;
	if (sock_is_smc(sk))
		return true;
	if (!sock_is_inet(sk) && sock_family(sk) != AF_RXRPC)
		return false;
	if (!sock_is_kernels(sk))
		return true;
	return (is_tcp(sk) && sk_is_mptcp(sk)) ||
	       sock_is_below_smc((struct sock *)sk);
}

/**
 * sock_refuse() - what no rule can judge is refused, where rules would be asked
 * @net: the socket's network namespace
 * @cgrp: the cgroup whose it is
 * @type: the event that they would be asked about
 * @what: what the program does and what comes of it, for the kernel's log
 *
 * Context: as sock_event_wanted().
 * Return: -EPERM, or 0 where nobody has rules about such events.
 */
int sock_refuse(const struct net *net, struct cgroup *cgrp,
		enum sock_event_type type, const char *what)
{
	if (!sock_event_wanted(net, cgrp, type))
		return 0;
	net_info_ratelimited("%s[%d] %s\n", current->comm,
			     task_pid_nr(current), what);
	return -EPERM;
}

/**
 * __sock_called() - sock_called() of a kernel socket
 * @sk: the socket
 *
 * Return: as sock_called().
 */
int __sock_called(struct sock *sk)
{
	int err = 0;

	if (!may_become_users(sk))
		return 0;
	local_bh_disable();
	bh_lock_sock(sk);
	/* Another call may have been first. */
	if (sk->sk_kern_sock) {
		if (sock_owned_by_user(sk))
			err = -EPERM;
		else
			sk->sk_kern_sock = 0;
	}
	bh_unlock_sock(sk);
	local_bh_enable();
	return err;
}
EXPORT_SYMBOL_GPL(__sock_called);

/**
 * sock_called_locked() - sock_called() with the socket's lock
 * @sk: the socket
 */
void sock_called_locked(struct sock *sk)
{
	if (sock_is_kernels(sk) && may_become_users(sk))
		sk->sk_kern_sock = 0;
}
EXPORT_SYMBOL_GPL(sock_called_locked);

/**
 * sock_transport_addr() - the IP address inside of a protocol's own address
 * @sk: the socket that it is for
 * @addr: the address, or NULL
 * @len: its length; then that of the result
 *
 * Return: @addr for all sockets but AF_RXRPC ones, which have an address of UDP
 * in theirs. A length of 0 stands for one that the kernel will refuse.
 */
struct sockaddr *sock_transport_addr(const struct sock *sk,
				     struct sockaddr *addr, int *len)
{
	struct sockaddr_rxrpc *srx = (struct sockaddr_rxrpc *)addr;

	if (sock_family(sk) != AF_RXRPC)
		return addr;
	if (!addr || *len < (int)sizeof(*srx) || srx->srx_family != AF_RXRPC ||
	    srx->transport_type != SOCK_DGRAM) {
		*len = 0;
		return addr;
	}
	*len = sizeof(srx->transport);
	return (struct sockaddr *)&srx->transport;
}

/**
 * sock_judge_ipv4() - judge an event between IPv4 addresses
 * @ev: the event
 * @saddr: source
 * @daddr: destination
 *
 * Return: as sock_event_judge().
 */
int sock_judge_ipv4(struct sock_event *ev, __be32 saddr, __be32 daddr)
{
	ev->family = NFPROTO_IPV4;
	ev->saddr.ip = saddr;
	ev->daddr.ip = daddr;
	return sock_event_judge(ev);
}

/**
 * sock_judge_ipv6() - judge an event between IPv6 addresses
 * @ev: the event
 * @saddr: source
 * @daddr: destination
 *
 * Return: as sock_event_judge().
 */
int sock_judge_ipv6(struct sock_event *ev, const struct in6_addr *saddr,
		    const struct in6_addr *daddr)
{
	ev->family = NFPROTO_IPV6;
	ev->saddr.in6 = *saddr;
	ev->daddr.in6 = *daddr;
	return sock_event_judge(ev);
}

/**
 * sock_any_peer() - whom 0.0.0.0 means as a peer
 * @sk: the socket
 * @saddr: its source address, 0 if it is not decided
 * @ifindex: the device that it sends by, 0 if it is not decided
 *
 * What decides it can change until the kernel looks at it. So the caller writes
 * the answer into the kernel's copy of the address: what is judged is what is
 * used.
 *
 * Return: the host's own address that the kernel puts there.
 */
__be32 sock_any_peer(const struct sock *sk, __be32 saddr, int ifindex)
{
	struct net_device *dev;
	__be32 addr = 0;

	if (saddr)
		return saddr;
	if (ifindex) {
		rcu_read_lock();
		dev = dev_get_by_index_rcu(sock_net(sk), ifindex);
		if (dev)
			addr = inet_select_addr(dev, 0, RT_SCOPE_HOST);
		rcu_read_unlock();
	}
	return addr ?: htonl(INADDR_LOOPBACK);
}

/**
 * sock_any_peer6() - whom :: means as a peer
 * @daddr: the kernel's copy of a peer's address; :: is written over as by
 *	sock_any_peer()
 * @saddr: the socket's source address
 */
void sock_any_peer6(struct in6_addr *daddr, const struct in6_addr *saddr)
{
	if (!ipv6_addr_any(daddr))
		return;
	if (ipv6_addr_v4mapped(saddr))
		ipv6_addr_set_v4mapped(htonl(INADDR_LOOPBACK), daddr);
	else
		*daddr = in6addr_loopback;
}

/* Whom 0.0.0.0 means as a peer; it is written over with that. */
static noinline __be32 connect_any(const struct sock *sk, __be32 saddr,
				   __be32 *daddr)
{
	int ifindex = sock_peek(sk->sk_bound_dev_if);
	__be32 peer;

	/* IP_UNICAST_IF is not for streams. */
	if (!ifindex && sock_is_inet(sk) && sk->sk_type != SOCK_STREAM)
		ifindex = sock_peek(inet_sk(sk)->uc_index);
	peer = sock_any_peer(sk, saddr, ifindex);
	/* SCTP refuses it, and shall go on to. */
	if (!sock_is_of(sk, IPPROTO_SCTP))
		*daddr = peer;
	return peer;
}

/* What SCTP has as a route in one family is for whichever address its peer names. */
static __always_inline int judge_routes(struct sock *sk, bool ipv6)
{
	bool both = unlikely(sock_is_of(sk, IPPROTO_SCTP));
	int err = 0;

	if (!ipv6 || both)
		err = sock_judge_route(sk);
#if IS_ENABLED(CONFIG_IPV6)
	if (!err && (ipv6 || both))
		err = sock_judge_route6(sk);
#endif
	return err;
}

static __always_inline int connect_ipv4(struct sock *sk, bool inet,
					__be32 *daddr, __be16 dport)
{
	struct sock_event ev __uninitialized;
	__be32 peer = *daddr;
	__be32 saddr = 0;

	__sock_event_init(&ev, SOCK_EVENT_CONNECT, sk, inet);
	if (likely(sock_has_ports(sk))) {
		ev.dport = dport;
		if (inet)
			ev.sport = sock_peek(inet_sk(sk)->inet_sport);
	}
	if (likely(inet)) {
		saddr = sock_peek(inet_sk(sk)->inet_saddr);
		if (judge_routes(sk, false))
			return -EPERM;
	}
	if (unlikely(!peer)) {
		/* The socket below has the source, and is judged when it connects. */
		if (!inet && sock_is_smc(sk))
			return 0;
		peer = connect_any(sk, saddr, daddr);
	}
	return sock_judge_ipv4(&ev, saddr, peer);
}

#if IS_ENABLED(CONFIG_IPV6)
static noinline int connect_ipv6(struct sock *sk, struct sockaddr_in6 *in6)
{
	struct sock_event ev __uninitialized;
	bool is_ipv6 = sock_family(sk) == AF_INET6;
	struct in6_addr saddr = {};

	/* An AF_INET socket refuses the family. */
	if (is_ipv6)
		saddr = data_race(sk->sk_v6_rcv_saddr);
	/* As above. */
	if (sock_is_smc(sk) && ipv6_addr_any(&in6->sin6_addr))
		return 0;
	if (!sock_is_of(sk, IPPROTO_SCTP))
		sock_any_peer6(&in6->sin6_addr, &saddr);
	if (ipv6_addr_v4mapped(&in6->sin6_addr))
		return connect_ipv4(sk, sock_is_inet(sk),
				    &in6->sin6_addr.s6_addr32[3],
				    in6->sin6_port);
	if (is_ipv6 && judge_routes(sk, true))
		return -EPERM;
	sock_event_init(&ev, SOCK_EVENT_CONNECT, sk);
	ev.sport = sock_local_port(sk);
	ev.dport = sock_event_port(sk, in6->sin6_port);
	return sock_judge_ipv6(&ev, &saddr, &in6->sin6_addr);
}
#else
static noinline int connect_ipv6(struct sock *sk, struct sockaddr_in6 *in6)
{
	return 0;
}
#endif

/* PPP over L2TP goes by a program's own UDP socket, but to where that last began a
 * datagram, at the port that it is connected to.
 */
static int refuse_pppol2tp(const struct sock *sk)
{
	if (!sk || sock_family(sk) != AF_PPPOX || sk->sk_protocol != PX_PROTO_OL2TP)
		return 0;
	return sock_refuse(sock_net(sk), container_sock_cgroup(sk), SOCK_EVENT_CONNECT,
			   "has PPP go by a UDP socket (PPPoL2TP), to a peer that no rule about connect can see: refused");
}

/**
 * sock_judge_connect() - a socket is about to get a peer
 * @sk: the socket
 * @addr: the address, copied from user space; an address that stands for the
 *	host itself is written over with the one that it means
 * @len: its length
 *
 * Return: 0 or the negative errno to fail with.
 */
int sock_judge_connect(struct sock *sk, struct sockaddr *addr, int len)
{
	bool inet = sk && sock_is_inet(sk);

	if (!addr)
		return 0;
	if (unlikely(!inet || sock_is_kernels(sk))) {
		if (!sock_other_is_judged(sk))
			return refuse_pppol2tp(sk);
		addr = sock_transport_addr(sk, addr, &len);
	}
	if (len < (int)offsetofend(struct sockaddr, sa_family))
		return 0;
	switch (addr->sa_family) {
	case AF_INET:
		if (len < (int)sizeof(struct sockaddr_in))
			return 0;
		return connect_ipv4(sk, inet,
				    &((struct sockaddr_in *)addr)->sin_addr.s_addr,
				    ((struct sockaddr_in *)addr)->sin_port);
	case AF_INET6:
		if (len < SIN6_LEN_RFC2133)
			return 0;
		return connect_ipv6(sk, (struct sockaddr_in6 *)addr);
	default:
		/* AF_UNSPEC takes a peer away; the rest is refused. */
		return 0;
	}
}
EXPORT_SYMBOL_GPL(sock_judge_connect);

/**
 * sock_judge_request() - judge a peer's request for a connection
 * @ev: the event; ports and socket are set
 * @skb: the packet that asks
 *
 * Return: as sock_event_judge().
 */
int sock_judge_request(struct sock_event *ev, const struct sk_buff *skb)
{
	int err;

	rcu_read_lock();
	/* The protocols have taken skb->dev away by now. */
	ev->in = dev_get_by_index_rcu(sock_net(ev->sk), skb->skb_iif);
	if (ip_hdr(skb)->version == 4)
		err = sock_judge_ipv4(ev, ip_hdr(skb)->saddr, ip_hdr(skb)->daddr);
	else
		err = sock_judge_ipv6(ev, &ipv6_hdr(skb)->saddr,
				      &ipv6_hdr(skb)->daddr);
	rcu_read_unlock();
	return err;
}

/**
 * sock_judge_accept() - a peer asks a listener for a connection
 * @sk: the listener
 * @skb: the segment that asks: a SYN, or the ACK that brings a SYN cookie back
 * @req: the request made of it
 *
 * A rule that picked an errno also gets the peer a reset; a plain DROP leaves it
 * without an answer.
 *
 * Context: softirq, or task context with bottom halves off.
 * Return: 0 or the negative errno to fail with.
 */
int sock_judge_accept(const struct sock *sk, struct sk_buff *skb,
		      struct request_sock *req)
{
	struct inet_request_sock *ireq = inet_rsk(req);
	struct sock_event ev;
	int err;

	if (!sock_is_judged(sk))
		return 0;
	sock_event_init(&ev, SOCK_EVENT_ACCEPT, (struct sock *)sk);
	ev.sport = ireq->ir_rmt_port;
	ev.dport = htons(ireq->ir_num);
	err = sock_judge_request(&ev, skb);
	if (ev.rejected)
		compat_send_reset(req, sk, skb);
	return err;
}
EXPORT_SYMBOL_GPL(sock_judge_accept);
