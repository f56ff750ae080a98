// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sending to an address: a connect for the length of one datagram. Called with
 * the arguments of the protocols' sendmsg functions, which are to be told apart:
 * what an address means depends on who reads it, not on the socket, whose
 * protocol another thread may change meanwhile (IPV6_ADDRFORM).
 */
#include <linux/export.h>
#include <linux/in6.h>
#include <net/inet_sock.h>
#include <net/ipv6.h>

#include "sock_decode.h"

/* Source address and device that a control message of the call asks for. */
struct send_source {
	__be32 addr;
	struct in6_addr addr6;
	int ifindex;
};

static void read_pktinfo(struct cmsghdr *cmsg, struct send_source *src)
{
	const struct in_pktinfo *info = CMSG_DATA(cmsg);

	if (cmsg->cmsg_len < CMSG_LEN(sizeof(*info)))
		return;
	if (info->ipi_ifindex)
		src->ifindex = info->ipi_ifindex;
	src->addr = info->ipi_spec_dst.s_addr;
}

static void read_pktinfo6(struct cmsghdr *cmsg, struct send_source *src)
{
	const struct in6_pktinfo *info = CMSG_DATA(cmsg);

	if (cmsg->cmsg_len < CMSG_LEN(sizeof(*info)))
		return;
	if (info->ipi6_ifindex)
		src->ifindex = info->ipi6_ifindex;
	src->addr6 = info->ipi6_addr;
	if (ipv6_addr_v4mapped(&info->ipi6_addr))
		src->addr = info->ipi6_addr.s6_addr32[3];
}

/* Later messages win, as they do for the kernel. */
static void read_control(struct msghdr *msg, struct send_source *src)
{
	struct cmsghdr *cmsg;

	if (!msg->msg_controllen)
		return;
	for_each_cmsghdr(cmsg, msg) {
		if (!CMSG_OK(msg, cmsg))
			return;
		if (cmsg->cmsg_level == SOL_IP && cmsg->cmsg_type == IP_PKTINFO)
			read_pktinfo(cmsg, src);
		if (cmsg->cmsg_level == SOL_IPV6 &&
		    (cmsg->cmsg_type == IPV6_PKTINFO ||
		     cmsg->cmsg_type == IPV6_2292PKTINFO))
			read_pktinfo6(cmsg, src);
	}
}

static void init_send(struct sock_event *ev, struct sock *sk, __be16 port)
{
	sock_event_init(ev, SOCK_EVENT_CONNECT, sk);
	ev->sport = sock_local_port(sk);
	ev->dport = sock_event_port(sk, port);
}

/**
 * sock_judge_send_ipv4() - a socket is about to send, by IPv4
 * @sk: the socket
 * @msg: message with or without an address
 *
 * For udp_sendmsg(), raw_sendmsg(), ping_v4_sendmsg() and l2tp_ip_sendmsg().
 * AF_UNSPEC is AF_INET to all of them but ping, which refuses it.
 *
 * Return: 0 or the negative errno to fail with.
 */
int sock_judge_send_ipv4(struct sock *sk, struct msghdr *msg)
{
	const struct sockaddr_in *in = msg->msg_name;
	struct send_source src = {
		.addr = READ_ONCE(inet_sk(sk)->inet_saddr),
		.ifindex = READ_ONCE(sk->sk_bound_dev_if),
	};
	struct sock_event ev;
	__be32 daddr;

	if (!in || msg->msg_namelen < (int)sizeof(*in) || !sock_is_judged(sk))
		return 0;
	if (in->sin_family != AF_INET && in->sin_family != AF_UNSPEC)
		return 0;
	read_control(msg, &src);
	init_send(&ev, sk, in->sin_port);
	daddr = in->sin_addr.s_addr ?: sock_any_peer(sk, src.addr, src.ifindex);
	return sock_judge_ipv4(&ev, src.addr, daddr);
}
EXPORT_SYMBOL_GPL(sock_judge_send_ipv4);

/**
 * sock_judge_send_ipv6() - a socket is about to send, by IPv6
 * @sk: the socket
 * @msg: message with or without an address
 * @unspec: the function reads AF_UNSPEC as AF_INET6
 *
 * For udpv6_sendmsg(), rawv6_sendmsg(), ping_v6_sendmsg() and
 * l2tp_ip6_sendmsg(). What udpv6_sendmsg() hands to udp_sendmsg() is judged
 * there.
 *
 * Return: 0 or the negative errno to fail with.
 */
int sock_judge_send_ipv6(struct sock *sk, struct msghdr *msg, bool unspec)
{
#if IS_ENABLED(CONFIG_IPV6)
	const struct sockaddr_in6 *in6 = msg->msg_name;
	struct send_source src = {};
	struct in6_addr daddr;
	struct sock_event ev;

	if (!in6 || msg->msg_namelen < SIN6_LEN_RFC2133 || !sock_is_judged(sk))
		return 0;
	if (in6->sin6_family != AF_INET6 &&
	    (in6->sin6_family != AF_UNSPEC || !unspec))
		return 0;
	daddr = in6->sin6_addr;
	src.addr6 = sk->sk_v6_rcv_saddr;
	if (sk->sk_protocol == IPPROTO_UDP || sk->sk_protocol == IPPROTO_UDPLITE) {
		if (ipv6_addr_v4mapped(&daddr) ||
		    (ipv6_addr_any(&daddr) && ipv6_addr_v4mapped(&src.addr6)))
			return 0;
	}
	if (ipv6_addr_any(&daddr))
		daddr = in6addr_loopback;
	read_control(msg, &src);
	init_send(&ev, sk, in6->sin6_port);
	return sock_judge_ipv6(&ev, &src.addr6, &daddr);
#else
	return 0;
#endif
}
EXPORT_SYMBOL_GPL(sock_judge_send_ipv6);
