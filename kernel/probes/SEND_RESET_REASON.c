// SPDX-License-Identifier: GPL-2.0-only
/*
 * 6.10 lets the sender of a TCP reset say why it is sent.
 * Absent: net/rstreason.h(: No such file|. file not found)
 */
#include <net/request_sock.h>
#include <net/rstreason.h>

void probe(const struct request_sock_ops *ops, const struct sock *sk,
	   struct sk_buff *skb);
void probe(const struct request_sock_ops *ops, const struct sock *sk,
	   struct sk_buff *skb)
{
	ops->send_reset(sk, skb, SK_RST_REASON_NOT_SPECIFIED);
}
