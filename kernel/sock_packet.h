/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _SOCK_PACKET_H
#define _SOCK_PACKET_H

#include <linux/percpu.h>
#include <linux/skbuff.h>
#include <net/dst.h>
#include <net/sock.h>

#include "sock_event.h"

/*
 * References on an event packet while it is lent to rules: ours and theirs. nft frees
 * a packet before it returns a verdict to drop it, but what it says about the errno is
 * in the packet. It has both all the time, so that an event has nothing to count.
 */
#define SOCK_PACKET_USERS	2

/**
 * struct sock_packet_slot - the event packet that a CPU uses again and again
 * @skb: the packet, NULL if none could be allocated
 * @busy: an event has it
 */
struct sock_packet_slot {
	struct sk_buff *skb;
	bool busy;
};

DECLARE_PER_CPU(struct sock_packet_slot, sock_packet_slot);

/**
 * struct sock_packet - an event packet in use
 * @skb: the packet
 * @taken: there is one: by sock_packet_get()
 * @own: it is the CPU's own, to be used again
 */
struct sock_packet {
	struct sk_buff *skb;
	bool taken;
	bool own;
};

int sock_packet_init(void);
void sock_packet_exit(void);
void sock_packet_refill(struct sock_packet *pkt);
void sock_packet_free(struct sk_buff *skb);
void sock_packet_destruct(struct sk_buff *skb);
void sock_packet_settle(struct sock_packet *pkt, unsigned int verdict);
bool sock_packet_build(struct sk_buff *skb, const struct sock_event *ev);
bool sock_packet_cover(struct sk_buff *skb, const struct net_device *dev);

/**
 * sock_packet_get() - a packet to put events into
 * @pkt: filled in; its skb is NULL without memory
 *
 * Takes this CPU's own. Only where an event interrupts another one on the same
 * CPU (PREEMPT_RT, or a rule whose target makes an event) a new one is made.
 *
 * Context: bottom halves off.
 */
static inline void sock_packet_get(struct sock_packet *pkt)
{
	pkt->taken = true;
	pkt->own = !this_cpu_xchg(sock_packet_slot.busy, true);
	pkt->skb = pkt->own ? this_cpu_read(sock_packet_slot.skb) : NULL;
	if (unlikely(!pkt->skb))
		sock_packet_refill(pkt);
}

/**
 * sock_packet_put() - give an event packet back
 * @pkt: from sock_packet_get()
 *
 * Context: bottom halves off.
 */
static inline void sock_packet_put(struct sock_packet *pkt)
{
	struct sk_buff *skb = pkt->skb;

	if (likely(skb && skb->destructor == sock_packet_destruct)) {
		sock_put(skb->sk);
		skb->destructor = NULL;
		skb->sk = NULL;
	} else if (skb) {
		skb_orphan(skb);
	}
	if (likely(skb))
		skb->dev = NULL;
	if (likely(pkt->own))
		this_cpu_write(sock_packet_slot.busy, false);
	else
		sock_packet_free(skb);
}

/**
 * sock_packet_take_back() - the rules have spoken
 * @pkt: the packet; its skb is NULL then if they keep it
 * @verdict: what they said
 *
 * Context: bottom halves off.
 */
static inline void sock_packet_take_back(struct sock_packet *pkt,
					 unsigned int verdict)
{
	struct sk_buff *skb = pkt->skb;

	if (unlikely((verdict & NF_VERDICT_MASK) == NF_STOLEN ||
		     refcount_read(&skb->users) != SOCK_PACKET_USERS ||
		     skb->cloned)) {
		sock_packet_settle(pkt, verdict);
		skb = pkt->skb;
		if (!skb)
			return;
	}
	/* What the next event does not write over. */
	skb_dst_drop(skb);
	nf_reset_ct(skb);
	skb_ext_reset(skb);
}

#endif /* _SOCK_PACKET_H */
