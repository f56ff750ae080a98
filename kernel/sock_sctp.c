// SPDX-License-Identifier: GPL-2.0-only
/*
 * SCTP's own ways to bind, connect and accept. One call can have many addresses:
 * all must be allowed.
 */
#include <linux/export.h>
#include <linux/sctp.h>
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

static int judge_each(struct sock *sk, const void *addrs, int len,
		      int (*judge)(struct sock *sk, const struct sockaddr *addr,
				   int len))
{
	int err = 0;

	while (!err && len >= (int)sizeof(sa_family_t)) {
		const struct sockaddr *addr = addrs;
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

/**
 * sock_judge_sctp_address() - SCTP is about to take addresses
 * @sk: the socket
 * @optname: what for
 * @addrs: the addresses, packed
 * @len: their length
 *
 * Context: task or softirq.
 * Return: 0 or the negative errno to fail with.
 */
int sock_judge_sctp_address(struct sock *sk, int optname,
			    const struct sockaddr *addrs, int len)
{
	switch (optname) {
	case SCTP_SOCKOPT_BINDX_ADD:
		return judge_each(sk, addrs, len, sock_judge_bind);
	case SCTP_PRIMARY_ADDR:
	case SCTP_SET_PEER_PRIMARY_ADDR:
	case (__force int)SCTP_PARAM_SET_PRIMARY:
		/* They choose among addresses that were judged. */
		return 0;
	default:
		return judge_each(sk, addrs, len, sock_judge_connect);
	}
}
EXPORT_SYMBOL_GPL(sock_judge_sctp_address);

/**
 * sock_judge_sctp_accept() - a peer asks an SCTP socket for an association
 * @asoc: the association that would come of it
 * @skb: the packet that asks
 *
 * A denied request gets no answer, whatever errno a rule picks.
 *
 * Context: softirq, or task with the socket's lock.
 * Return: 0 or the negative errno to fail with.
 */
int sock_judge_sctp_accept(struct sctp_association *asoc, struct sk_buff *skb)
{
	struct sock *sk = asoc->base.sk;
	struct sock_event ev;

	if (!sock_is_judged(sk))
		return 0;
	sock_event_init(&ev, SOCK_EVENT_ACCEPT, sk);
	ev.sport = htons(asoc->peer.port);
	ev.dport = htons(asoc->base.bind_addr.port);
	return sock_judge_request(&ev, skb);
}
EXPORT_SYMBOL_GPL(sock_judge_sctp_accept);
