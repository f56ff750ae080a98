/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _SOCK_DECODE_H
#define _SOCK_DECODE_H

#include "sock_event.h"

/* What the readers of arguments share. */
/* Since Linux 6.11 SMC has a protocol number of AF_INET, too. */
#ifndef IPPROTO_SMC
#define IPPROTO_SMC	256
#endif

/* Has it addresses and ports of its own? SMC's and RxRPC's are those of a socket
 * below.
 */
static inline bool sock_is_inet(const struct sock *sk)
{
	unsigned short family = READ_ONCE(sk->sk_family);

	return (family == AF_INET || family == AF_INET6) &&
	       READ_ONCE(sk->sk_protocol) != IPPROTO_SMC;
}

static inline bool sock_is_smc(const struct sock *sk)
{
	return sk->sk_family == AF_SMC ||
	       ((sk->sk_family == AF_INET || sk->sk_family == AF_INET6) &&
		sk->sk_protocol == IPPROTO_SMC);
}

bool sock_is_judged(const struct sock *sk);
struct sockaddr *sock_transport_addr(const struct sock *sk,
				     struct sockaddr *addr, int *len);
void sock_event_init(struct sock_event *ev, enum sock_event_type type,
		     struct sock *sk);
__be16 sock_event_port(const struct sock *sk, __be16 port);
__be16 sock_local_port(const struct sock *sk);
__be32 sock_any_peer(const struct sock *sk, __be32 saddr, int ifindex);
void sock_any_peer6(struct in6_addr *daddr, const struct in6_addr *saddr);
int sock_judge_ipv4(struct sock_event *ev, __be32 saddr, __be32 daddr);
int sock_judge_ipv6(struct sock_event *ev, const struct in6_addr *saddr,
		    const struct in6_addr *daddr);
int sock_judge_request(struct sock_event *ev, const struct sk_buff *skb);

#endif /* _SOCK_DECODE_H */
