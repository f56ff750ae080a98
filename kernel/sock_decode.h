/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _SOCK_DECODE_H
#define _SOCK_DECODE_H

#include "sock_event.h"

/* What the readers of arguments share. */
bool sock_is_judged(const struct sock *sk);
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
