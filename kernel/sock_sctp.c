// SPDX-License-Identifier: GPL-2.0-only
/*
 * SCTP's own ways to bind, connect and accept. One call can have many addresses:
 * all must be allowed.
 */
#include <linux/export.h>
#include <linux/sctp.h>
#include <net/ipv6.h>
#include <net/sctp/structs.h>

#include "sock_decode.h"

static int sockaddr_len(const struct sockaddr *addr)
{
	switch (addr->sa_family) {
	case AF_INET:
		return sizeof(struct sockaddr_in);
	case AF_INET6:
		return sizeof(struct sockaddr_in6);
	default:
		return 0;
	}
}

static int judge_each(struct sock *sk, void *addrs, int len,
		      int (*judge)(struct sock *sk, struct sockaddr *addr,
				   int len))
{
	int err = 0;

	while (!err && len >= (int)sizeof(sa_family_t)) {
		struct sockaddr *addr = addrs;
		int one = sockaddr_len(addr);

		/* The kernel refuses what it cannot take apart. */
		if (!one || one > len)
			break;
		err = judge(sk, addr, one);
		addrs += one;
		len -= one;
	}
	return err;
}

/* A further address has the socket's port, whether its own is that or 0. It is
 * written down for the kernel, which may find another port when it looks.
 */
static int judge_bindx(struct sock *sk, struct sockaddr *addr, int len)
{
	__be16 *port = addr->sa_family == AF_INET ?
			       &((struct sockaddr_in *)addr)->sin_port :
			       &((struct sockaddr_in6 *)addr)->sin6_port;

	if (!*port)
		*port = htons(sock_peek(inet_sk(sk)->inet_num));
	return sock_judge_bind(sk, addr, len);
}

/**
 * sock_judge_sctp_address() - SCTP is about to take addresses
 * @sk: the socket
 * @optname: what for
 * @addrs: the addresses, packed, in the kernel's copy
 * @len: their length
 *
 * Context: task or softirq.
 * Return: 0 or the negative errno to fail with.
 */
int sock_judge_sctp_address(struct sock *sk, int optname,
			    struct sockaddr *addrs, int len)
{
	switch (optname) {
	case SCTP_SOCKOPT_BINDX_ADD:
		return judge_each(sk, addrs, len, judge_bindx);
	case SCTP_PRIMARY_ADDR:
	case SCTP_SET_PEER_PRIMARY_ADDR:
	case (__force int)SCTP_PARAM_SET_PRIMARY:
		/* They choose among addresses that were judged, see
		 * sock_judge_sctp_peer().
		 */
		return 0;
	default:
		return judge_each(sk, addrs, len, sock_judge_connect);
	}
}
EXPORT_SYMBOL_GPL(sock_judge_sctp_address);

static bool same_address(const union sctp_addr *a, const union sctp_addr *b)
{
	if (a->sa.sa_family != b->sa.sa_family)
		return false;
	if (a->sa.sa_family == AF_INET)
		return a->v4.sin_addr.s_addr == b->v4.sin_addr.s_addr;
	return ipv6_addr_equal(&a->v6.sin6_addr, &b->v6.sin6_addr);
}

/* Its first address was judged as the call's or as the request's. */
static bool was_judged(const struct sctp_association *asoc,
		       const union sctp_addr *addr)
{
	const struct sctp_transport *t;

	if (list_empty(&asoc->peer.transport_addr_list))
		return true;
	list_for_each_entry(t, &asoc->peer.transport_addr_list, transports)
		if (same_address(&t->ipaddr, addr))
			return true;
	return false;
}

/* Is it made for a peer's request? Of an INIT it is temporary; of a cookie that
 * came back it has the cookie's address, but is not in its endpoint's list yet.
 */
static bool is_request(const struct sctp_association *asoc)
{
	return asoc->temp ||
	       (asoc->c.peer_addr.sa.sa_family && list_empty(&asoc->asocs));
}

/* By an address of its own, at the one that the packet came to, if it is known. */
static int judge_asker(struct sock_event *ev, const union sctp_addr *addr,
		       const struct sk_buff *skb)
{
	bool skb4 = skb && ip_hdr(skb)->version == 4;

	if (addr->sa.sa_family == AF_INET)
		return sock_judge_ipv4(ev, addr->v4.sin_addr.s_addr,
				       skb4 ? ip_hdr(skb)->daddr : 0);
	return sock_judge_ipv6(ev, &addr->v6.sin6_addr,
			       skb && !skb4 ? &ipv6_hdr(skb)->daddr : &in6addr_any);
}

/**
 * sock_judge_sctp_peer() - an association is about to get an address of its peer
 * @asoc: the association
 * @addr: the address, port in network byte order
 *
 * These come besides the one that the call or the request was judged by: a control
 * message of a send names them, or the peer lists them. The kernel will send there,
 * too.
 *
 * Context: task with the socket's lock, or softirq.
 * Return: 0 or the negative errno of the denial.
 */
int sock_judge_sctp_peer(struct sctp_association *asoc,
			 const union sctp_addr *addr)
{
	struct sock *sk = asoc->base.sk;
	__be16 own = htons(asoc->base.bind_addr.port);
	__be16 peer = addr->v4.sin_port;
	struct sock_event ev;

	if (!sock_is_judged(sk) || was_judged(asoc, addr))
		return 0;
	if (is_request(asoc)) {
		sock_event_init(&ev, SOCK_EVENT_ACCEPT, sk);
		ev.sport = peer;
		ev.dport = own;
		return judge_asker(&ev, addr, NULL);
	}
	sock_event_init(&ev, SOCK_EVENT_CONNECT, sk);
	ev.sport = own;
	ev.dport = peer;
	if (addr->sa.sa_family == AF_INET)
		return sock_judge_ipv4(&ev, 0, addr->v4.sin_addr.s_addr);
	return sock_judge_ipv6(&ev, &in6addr_any, &addr->v6.sin6_addr);
}
EXPORT_SYMBOL_GPL(sock_judge_sctp_peer);

static bool is_sender(const union sctp_addr *addr, const struct sk_buff *skb)
{
	if (ip_hdr(skb)->version == 4)
		return addr->sa.sa_family == AF_INET &&
		       addr->v4.sin_addr.s_addr == ip_hdr(skb)->saddr;
	return addr->sa.sa_family == AF_INET6 &&
	       ipv6_addr_equal(&addr->v6.sin6_addr, &ipv6_hdr(skb)->saddr);
}

/**
 * sock_judge_sctp_accept() - a peer asks an SCTP socket for an association
 * @asoc: the association that would come of it
 * @skb: the packet that asks
 *
 * A denied request gets no answer, whatever errno a rule picks. The association's first
 * address is that of the cookie, which need not be the packet's; and where cookies are not
 * signed (net.sctp.cookie_hmac_alg), it is whatever the sender writes there.
 *
 * Context: softirq, or task with the socket's lock.
 * Return: 0 or the negative errno to fail with.
 */
int sock_judge_sctp_accept(struct sctp_association *asoc, struct sk_buff *skb)
{
	struct sock *sk = asoc->base.sk;
	struct sock_event ev;
	int err;

	if (!sock_is_judged(sk))
		return 0;
	sock_event_init(&ev, SOCK_EVENT_ACCEPT, sk);
	ev.sport = htons(asoc->peer.port);
	ev.dport = htons(asoc->base.bind_addr.port);
	rcu_read_lock();	/* For the device, which the event keeps. */
	err = sock_judge_request(&ev, skb);
	if (!err && is_request(asoc) && !is_sender(&asoc->c.peer_addr, skb))
		err = judge_asker(&ev, &asoc->c.peer_addr, skb);
	rcu_read_unlock();
	return err;
}
EXPORT_SYMBOL_GPL(sock_judge_sctp_accept);

/* An IPv6 socket that is bound to any address, of whichever family, serves both. */
static int judge_local(struct sock_event *ev, const union sctp_addr *addr)
{
	bool v4 = addr->sa.sa_family == AF_INET;
	__be32 local = v4 ? addr->v4.sin_addr.s_addr : 0;
	const struct in6_addr *local6 = v4 ? &in6addr_any : &addr->v6.sin6_addr;
	bool any = v4 ? !local : ipv6_addr_any(local6);
	int err = 0;

	if (!v4 || (any && sock_family(ev->sk) == AF_INET6))
		err = sock_judge_ipv6(ev, &in6addr_any, local6);
	if (!err && (v4 || any))
		err = sock_judge_ipv4(ev, 0, local);
	return err;
}

static int judge_endpoint(const struct sctp_endpoint *ep, struct sock_event *ev)
{
	const struct sctp_sockaddr_entry *entry;
	int err = 0;

	list_for_each_entry(entry, &ep->base.bind_addr.address_list, list) {
		err = judge_local(ev, &entry->a);
		if (err)
			break;
	}
	return err;
}

/**
 * sock_judge_sctp_listen() - an SCTP endpoint is about to be found by its peers
 * @ep: the endpoint, its socket locked; it has a port by now
 *
 * Of SCTP only who listens serves, so this is early enough to judge a port that
 * was picked. SCTP keeps no note whether it was, nor whether by a bind, which was judged,
 * or by a connect. So what is allowed is the port that it is, or any.
 *
 * Return: 0 or the negative errno that listen() fails with.
 */
int sock_judge_sctp_listen(struct sctp_endpoint *ep)
{
	struct sock *sk = ep->base.sk;
	struct sock_event ev;
	int err;

	if (!sock_is_judged(sk))
		return 0;
	sock_event_init(&ev, SOCK_EVENT_BIND, sk);
	ev.dport = htons(ep->base.bind_addr.port);
	if (sock_pick_is_steered(sk)) {
		ev.picked = true;
		err = judge_endpoint(ep, &ev);
		if (err)
			return err;
		ev.picked = false;
	}
	ev.or_else = true;
	if (!judge_endpoint(ep, &ev))
		return 0;
	sock_event_init(&ev, SOCK_EVENT_BIND, sk);
	return judge_endpoint(ep, &ev);
}
EXPORT_SYMBOL_GPL(sock_judge_sctp_listen);
