// SPDX-License-Identifier: GPL-2.0-only
/*
 * Options that send a packet elsewhere than to the address of the call: IPv6
 * routing headers and IPv4 source routes. No rule sees the addresses in them, so
 * they are refused where rules about connect would be asked. They are looked at
 * where the kernel has copied them and takes them, as socket options and as
 * control messages.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/export.h>
#include <linux/in6.h>
#include <linux/ip.h>
#include <linux/net.h>
#include <linux/skbuff.h>
#include <net/inet_sock.h>
#include <net/ip.h>

#include "sock_decode.h"

static int refuse_route(struct sock *sk)
{
	if (!sock_is_judged(sk) || !sock_event_wanted(sk, SOCK_EVENT_CONNECT))
		return 0;
	net_info_ratelimited("%s: a socket of %s[%d] asks for a routing header, whose addresses no rule about connect can see: refused\n",
			     KBUILD_MODNAME, current->comm,
			     task_pid_nr(current));
	return -EPERM;
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
	return type == IPV6_RTHDR && header ? refuse_route(sk) : 0;
}
EXPORT_SYMBOL_GPL(sock_judge_ipv6_option);

/**
 * sock_judge_ipv6_control() - control messages of IPv6 are about to be read
 * @sk: the socket, or NULL
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
			return refuse_route(sk);
	}
	return 0;
}
EXPORT_SYMBOL_GPL(sock_judge_ipv6_control);

/**
 * sock_judge_ipv4_options() - IPv4 options are about to be read
 * @opt: the options, copied from user space, if there is no packet
 * @skb: the packet that they came in, or NULL
 *
 * The socket is not known here, so a source route, for which CAP_NET_RAW is
 * needed, is refused to all while some namespace has rules about connect.
 *
 * Return: 0 or the negative errno to fail with.
 */
int sock_judge_ipv4_options(const struct ip_options *opt,
			    const struct sk_buff *skb)
{
	unsigned int i, len;

	if (likely(skb))
		return 0;
	for (i = 0; i < opt->optlen; i += len) {
		u8 type = opt->__data[i];

		if (type == IPOPT_END)
			return 0;
		len = 1;
		if (type == IPOPT_NOOP)
			continue;
		/* The kernel refuses what it cannot take apart. */
		if (i + 1 >= opt->optlen)
			return 0;
		len = opt->__data[i + 1];
		if (len < 2)
			return 0;
		if (type == IPOPT_LSRR || type == IPOPT_SSRR) {
			net_info_ratelimited("%s: %s[%d] asks for an IPv4 source route, whose addresses no rule about connect can see: refused\n",
					     KBUILD_MODNAME, current->comm,
					     task_pid_nr(current));
			return -EPERM;
		}
	}
	return 0;
}
EXPORT_SYMBOL_GPL(sock_judge_ipv4_options);
