/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _SOCK_DECODE_H
#define _SOCK_DECODE_H

#include "sock_event.h"

/* What the readers of arguments share. */
static inline bool sock_is_inet(const struct sock *sk)
{
	unsigned short family = READ_ONCE(sk->sk_family);

	return family == AF_INET || family == AF_INET6;
}

bool sock_is_judged(const struct sock *sk);
const struct sockaddr *sock_transport_addr(const struct sock *sk,
					   const struct sockaddr *addr, int *len);
void sock_event_init(struct sock_event *ev, enum sock_event_type type,
		     struct sock *sk);
__be16 sock_event_port(const struct sock *sk, __be16 port);
__be16 sock_local_port(const struct sock *sk);
__be32 sock_any_peer(const struct sock *sk, __be32 saddr, int ifindex);
int sock_judge_ipv4(struct sock_event *ev, __be32 saddr, __be32 daddr);
int sock_judge_ipv6(struct sock_event *ev, const struct in6_addr *saddr,
		    const struct in6_addr *daddr);
int sock_judge_request(struct sock_event *ev, const struct sk_buff *skb);

#endif /* _SOCK_DECODE_H */
