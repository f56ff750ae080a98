// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sending to an address: a connect for the length of one datagram. Called with
 * the arguments of the protocols' sendmsg functions, which are to be told apart:
 * what an address means depends on who reads it, not on the socket, whose
 * protocol another thread may change meanwhile (IPV6_ADDRFORM).
 */
#include <linux/export.h>
#include <linux/in6.h>
#include <linux/udp.h>
#include <net/inet_sock.h>
#include <net/ipv6.h>
#include <net/tcp_states.h>

#include "compat.h"
#include "sock_decode.h"

/* Source address and device that a control message of the call asks for. */
struct send_source {
	__be32 addr;
	int ifindex;
};

/* UDP takes those of IPv6, too, on an IPv6 socket that sends by IPv4. Later ones
 * win, as they do for the kernel.
 */
static void read_pktinfo(struct msghdr *msg, bool mapped, struct send_source *src)
{
	struct cmsghdr *cmsg;

	if (!msg->msg_controllen)
		return;
	for_each_cmsghdr(cmsg, msg) {
		const struct in_pktinfo *info = CMSG_DATA(cmsg);
		const struct in6_pktinfo *info6 = CMSG_DATA(cmsg);

		if (!CMSG_OK(msg, cmsg))
			return;
		if (cmsg->cmsg_level == SOL_IP && cmsg->cmsg_type == IP_PKTINFO &&
		    cmsg->cmsg_len >= CMSG_LEN(sizeof(*info))) {
			src->ifindex = info->ipi_ifindex ?: src->ifindex;
			src->addr = info->ipi_spec_dst.s_addr;
		}
		if (mapped && cmsg->cmsg_level == SOL_IPV6 &&
		    cmsg->cmsg_type == IPV6_PKTINFO &&
		    cmsg->cmsg_len >= CMSG_LEN(sizeof(*info6)) &&
		    ipv6_addr_v4mapped(&info6->ipi6_addr)) {
			src->ifindex = info6->ipi6_ifindex ?: src->ifindex;
			src->addr = info6->ipi6_addr.s6_addr32[3];
		}
	}
}

static void init_send(struct sock_event *ev, struct sock *sk, __be16 port)
{
	sock_event_init(ev, SOCK_EVENT_CONNECT, sk);
	ev->sport = sock_local_port(sk);
	ev->dport = sock_event_port(sk, port);
}

static int judge_send_ipv4(struct sock *sk, struct msghdr *msg, bool mapped)
{
	struct sockaddr_in *in = msg->msg_name;
	struct send_source src = {
		.addr = sock_peek(inet_sk(sk)->inet_saddr),
		.ifindex = sock_peek(sk->sk_bound_dev_if),
	};
	struct sock_event ev __uninitialized;

	if (!in || msg->msg_namelen < (int)sizeof(*in) || !sock_is_judged(sk))
		return 0;
	if (in->sin_family != AF_INET && in->sin_family != AF_UNSPEC)
		return 0;
	read_pktinfo(msg, mapped, &src);
	if (!in->sin_addr.s_addr) {
		if (!src.ifindex)
			src.ifindex = sock_peek(inet_sk(sk)->uc_index);
		in->sin_addr.s_addr = sock_any_peer(sk, src.addr, src.ifindex);
	}
	if (sock_judge_route(sk))
		return -EPERM;
	init_send(&ev, sk, in->sin_port);
	return sock_judge_ipv4(&ev, src.addr, in->sin_addr.s_addr);
}

/* An address that is too short for any. */
static struct sockaddr_in nobody;

/**
 * sock_judge_send_udp() - a socket is about to send, by udp_sendmsg()
 * @sk: the socket, of either family
 * @msg: message with or without an address; AF_UNSPEC is AF_INET. 0.0.0.0 is
 *	written over with the address that it means
 *
 * An IPv6 socket comes here without an address to go on with a datagram that it has begun by
 * IPv4. Should another thread have ended that, the kernel would begin another, to what stands
 * where the socket's addresses of IPv4 may be, and of IPv6 as well. It shall say
 * EINVAL then, as for what is too short; who goes on is not asked for an address.
 *
 * Return: 0 or the negative errno to fail with.
 */
int sock_judge_send_udp(struct sock *sk, struct msghdr *msg)
{
	bool is_ipv6 = sock_family(sk) == AF_INET6;

	if (unlikely(is_ipv6 && !msg->msg_name && sock_is_judged(sk))) {
		msg->msg_name = &nobody;
		msg->msg_namelen = 0;
	}
	return judge_send_ipv4(sk, msg, is_ipv6);
}
EXPORT_SYMBOL_GPL(sock_judge_send_udp);

/**
 * sock_judge_send_ipv4() - a socket is about to send, by IPv4
 * @sk: the socket
 * @msg: as for sock_judge_send_udp()
 *
 * For raw_sendmsg(), ping_v4_sendmsg(), which refuses AF_UNSPEC, and
 * l2tp_ip_sendmsg().
 *
 * Return: 0 or the negative errno to fail with.
 */
int sock_judge_send_ipv4(struct sock *sk, struct msghdr *msg)
{
	return judge_send_ipv4(sk, msg, false);
}
EXPORT_SYMBOL_GPL(sock_judge_send_ipv4);

#if IS_ENABLED(CONFIG_IPV6)
static void read_pktinfo6(struct msghdr *msg, struct in6_addr *saddr)
{
	struct cmsghdr *cmsg;

	if (!msg->msg_controllen)
		return;
	for_each_cmsghdr(cmsg, msg) {
		const struct in6_pktinfo *info = CMSG_DATA(cmsg);

		if (!CMSG_OK(msg, cmsg))
			return;
		if (cmsg->cmsg_level == SOL_IPV6 &&
		    (cmsg->cmsg_type == IPV6_PKTINFO ||
		     cmsg->cmsg_type == IPV6_2292PKTINFO) &&
		    cmsg->cmsg_len >= CMSG_LEN(sizeof(*info)))
			*saddr = info->ipi6_addr;
	}
}

static int judge_ipv6(struct sock *sk, struct msghdr *msg,
		      const struct sockaddr_in6 *in6)
{
	struct in6_addr saddr = data_race(sk->sk_v6_rcv_saddr);
	struct sock_event ev __uninitialized;

	if (sock_judge_route6(sk))
		return -EPERM;
	read_pktinfo6(msg, &saddr);
	init_send(&ev, sk, in6->sin6_port);
	return sock_judge_ipv6(&ev, &saddr, &in6->sin6_addr);
}

static struct sockaddr_in6 *ipv6_name(struct sock *sk, struct msghdr *msg)
{
	if (!msg->msg_name || msg->msg_namelen < SIN6_LEN_RFC2133 ||
	    !sock_is_judged(sk))
		return NULL;
	return msg->msg_name;
}

/**
 * sock_judge_send_udp6() - a socket is about to send, by udpv6_sendmsg()
 * @sk: the socket
 * @msg: message with or without an address; :: is written over with the address
 *	that it means
 *
 * What udpv6_sendmsg() hands to udp_sendmsg(), v4-mapped and AF_INET addresses,
 * is judged there.
 *
 * Return: 0 or the negative errno to fail with.
 */
int sock_judge_send_udp6(struct sock *sk, struct msghdr *msg)
{
	struct sockaddr_in6 *in6;
	struct in6_addr saddr;

	/* As without an address, but that to a peer by IPv4 it would be sent by IPv6. */
	if (msg->msg_name && msg->msg_namelen >= (int)sizeof(sa_family_t) &&
	    ((struct sockaddr *)msg->msg_name)->sa_family == AF_UNSPEC &&
	    sock_is_judged(sk)) {
		msg->msg_name = NULL;
		msg->msg_namelen = 0;
	}
	in6 = ipv6_name(sk, msg);
	if (!in6 || in6->sin6_family != AF_INET6)
		return 0;
	saddr = data_race(sk->sk_v6_rcv_saddr);
	sock_any_peer6(&in6->sin6_addr, &saddr);
	if (ipv6_addr_v4mapped(&in6->sin6_addr))
		return 0;
	return judge_ipv6(sk, msg, in6);
}
EXPORT_SYMBOL_GPL(sock_judge_send_udp6);

/* Its connect was judged as one by IPv4. */
static int judge_mapped_peer(struct sock *sk, struct msghdr *msg)
{
	struct sockaddr_in6 peer = {
		.sin6_family = AF_INET6,
		.sin6_addr = data_race(sk->sk_v6_daddr),
	};

	if (!ipv6_addr_v4mapped(&peer.sin6_addr) || !sock_is_judged(sk))
		return 0;
	return judge_ipv6(sk, msg, &peer);
}

/**
 * sock_judge_send_ipv6() - a socket is about to send, by IPv6
 * @sk: the socket
 * @msg: as for sock_judge_send_udp6(); AF_UNSPEC is AF_INET6
 *
 * For rawv6_sendmsg(), and for l2tp_ip6_sendmsg(), which refuses AF_UNSPEC. To
 * these a v4-mapped address is one of IPv6.
 *
 * Return: 0 or the negative errno to fail with.
 */
int sock_judge_send_ipv6(struct sock *sk, struct msghdr *msg)
{
	struct sockaddr_in6 *in6 = ipv6_name(sk, msg);

	if (!msg->msg_name)
		return judge_mapped_peer(sk, msg);
	if (!in6 ||
	    (in6->sin6_family != AF_INET6 && in6->sin6_family != AF_UNSPEC))
		return 0;
	sock_any_peer6(&in6->sin6_addr, &in6addr_any);
	return judge_ipv6(sk, msg, in6);
}
EXPORT_SYMBOL_GPL(sock_judge_send_ipv6);

/**
 * sock_judge_send_ping6() - a socket is about to send, by ping_v6_sendmsg()
 * @sk: the socket
 * @msg: message with or without an address; :: stands for nothing else
 *
 * Return: 0 or the negative errno to fail with.
 */
int sock_judge_send_ping6(struct sock *sk, struct msghdr *msg)
{
	struct sockaddr_in6 *in6 = ipv6_name(sk, msg);

	if (!in6 || in6->sin6_family != AF_INET6)
		return 0;
	return judge_ipv6(sk, msg, in6);
}
EXPORT_SYMBOL_GPL(sock_judge_send_ping6);

#define UNSEEN	", where what is sent may go to an address that no rule has seen: refused"

static int refuse(const struct sock *sk, const char *what)
{
	if (!sock_is_judged(sk))
		return 0;
	return sock_refuse(sock_net(sk), container_sock_cgroup(sk),
			   SOCK_EVENT_CONNECT, what);
}

/*
 * An IPv6 socket of UDP keeps the addresses of what it sends in one place: of the datagram
 * that it has begun, by either family, and, since Linux 7.0 also by IPv6, of the peer that
 * it was last connected to or not. What one family wrote is never read as the other's where
 * a datagram is not begun by one while the socket is connected by the other, and no connect
 * by IPv6 fails on one that stays connected by IPv4 (IPV6_ADDRFORM has it read).
 */
static bool is_udp(const struct sock *sk)
{
	return sk->sk_type == SOCK_DGRAM &&
	       (sk->sk_protocol == IPPROTO_UDP || sk->sk_protocol == IPPROTO_UDPLITE);
}

/* It was one of IPv6 when the call began, and is connected by IPv4. */
static bool became_ipv4(const struct sock *sk)
{
	return sk->sk_family != AF_INET6;
}

static bool is_connected_by_ipv4(const struct sock *sk)
{
	return sk->sk_state == TCP_ESTABLISHED && ipv6_addr_v4mapped(&sk->sk_v6_daddr);
}

/* As __ip6_datagram_connect() finds out; :: stands for the local host. */
static bool means_ipv4(const struct sock *sk, const struct sockaddr *addr)
{
	const struct in6_addr *in6 = &((const struct sockaddr_in6 *)addr)->sin6_addr;

	if (addr->sa_family != AF_INET6)
		return true;
	return ipv6_addr_v4mapped(ipv6_addr_any(in6) ? &sk->sk_v6_rcv_saddr : in6);
}

/**
 * sock_judge_mixed_connect() - __ip6_datagram_connect() begins
 * @sk: the socket, locked
 * @addr: the address, with room for one of IPv6
 *
 * Return: 0, or -EPERM if it would have addresses of the other family overwritten, and rules
 * would be asked.
 */
int sock_judge_mixed_connect(struct sock *sk, const struct sockaddr *addr)
{
	if (means_ipv4(sk, addr)) {
		if (likely(skb_queue_empty(&sk->sk_write_queue)))
			return 0;
		return refuse(sk, "connects a socket by IPv4 that has begun a datagram by IPv6" UNSEEN);
	}
	if (!is_udp(sk))
		return 0;
	if (udp_sk(sk)->pending == AF_INET)
		return refuse(sk, "connects a socket by IPv6 that has begun a datagram by IPv4" UNSEEN);
	if (became_ipv4(sk))
		return refuse(sk, "connects a socket by IPv6 that is one of IPv4 by now" UNSEEN);
	/* Where it has an address of IPv4 by then, it would fail with EAFNOSUPPORT. */
	if (is_connected_by_ipv4(sk))
		return refuse(sk, "connects a socket by IPv6 that is connected by IPv4" UNSEEN);
	return 0;
}
EXPORT_SYMBOL_GPL(sock_judge_mixed_connect);

/**
 * sock_judge_cork6() - ip6_append_data() begins
 * @sk: the socket, locked; also one of the kernel's own
 *
 * Return: 0, or -EPERM if it is connected by IPv4, and rules would be asked.
 */
int sock_judge_cork6(struct sock *sk)
{
	if (likely(!is_udp(sk) || (!became_ipv4(sk) && !is_connected_by_ipv4(sk))))
		return 0;
	return refuse(sk,
		      "begins a datagram by IPv6 on a socket that is connected by IPv4" UNSEEN);
}
EXPORT_SYMBOL_GPL(sock_judge_cork6);

/**
 * sock_judge_cork4() - ip_append_data() begins
 * @sk: the socket, locked; also one of the kernel's own, or of another protocol
 *
 * Where it was disconnected from a peer by IPv6, the kernel keeps that address, and may
 * use it yet if a thread that was about to send has given the socket a route.
 *
 * Return: 0, or -EPERM if it has a peer by IPv6, and rules would be asked.
 */
int sock_judge_cork4(struct sock *sk)
{
	if (likely(sk->sk_family != AF_INET6 || !is_udp(sk) ||
		   ipv6_addr_any(&sk->sk_v6_daddr) ||
		   ipv6_addr_v4mapped(&sk->sk_v6_daddr)))
		return 0;
	return refuse(sk,
		      "begins a datagram by IPv4 on a socket that is, or was, connected by IPv6" UNSEEN);
}
EXPORT_SYMBOL_GPL(sock_judge_cork4);
#endif
