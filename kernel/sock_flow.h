/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _SOCK_FLOW_H
#define _SOCK_FLOW_H

#include "sock_decode.h"

struct file;

/* What the hook points of flow ids call. */
void sock_flow_made(struct socket *sock);
void sock_flow_cloned(struct sock *sk, struct request_sock *req);
void sock_flow_request(struct sock *sk, struct request_sock *req);
void sock_flow_ulp(struct sock *sk, const char *name);
void sock_flow_below(struct sock *sk);
bool sock_flow_received(struct file *file);
int sock_flow_option(const struct sock *sk, int level, int optname);
int sock_flow_control(const struct sock *sk, struct msghdr *msg);
void __sock_flow_keep(struct sock *sk);

/**
 * sock_flow_keep() - a socket is about to connect, listen or send
 * @sk: the socket, or NULL
 *
 * For functions that are watched for events as well.
 */
static __always_inline void sock_flow_keep(struct sock *sk)
{
	if (container_flow_in_use(CONTAINER_FLOW_FIX))
		__sock_flow_keep(sk);
}

#endif /* _SOCK_FLOW_H */
