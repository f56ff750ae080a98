// SPDX-License-Identifier: GPL-2.0-only
/*
 * Event packets: a socket event in the only form that rule engines read, the
 * headers of the packet that would come of it. It never leaves this machine.
 */
#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/module.h>
#include <linux/sctp.h>
#include <linux/skbuff.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <net/dst.h>
#include <net/ip.h>
#include <net/ipv6.h>
#include <net/sock.h>

#include "sock_event.h"

#define PACKET_TTL	64

/* Room for targets that push a header or append a TCP option. */
#define PACKET_HEADROOM	128
#define PACKET_ROOM	256

/**
 * struct packet_slot - the event packet that a CPU uses again and again
 * @skb: the packet, NULL if none could be allocated
 * @busy: an event has it
 */
struct packet_slot {
	struct sk_buff *skb;
	bool busy;
};

static DEFINE_PER_CPU(struct packet_slot, packet_slot);

static struct sk_buff *packet_alloc(gfp_t gfp)
{
	return alloc_skb(PACKET_HEADROOM + PACKET_ROOM, gfp);
}

/**
 * sock_packet_refill() - a packet in place of one that was kept
 * @pkt: from sock_packet_get(); its skb is NULL, and stays so without memory
 *
 * Context: bottom halves off.
 */
void sock_packet_refill(struct sock_packet *pkt)
{
	pkt->skb = packet_alloc(GFP_ATOMIC | __GFP_NOWARN);
	if (pkt->own)
		this_cpu_write(packet_slot.skb, pkt->skb);
}

/**
 * sock_packet_get() - a packet to put events into
 * @pkt: filled in; its skb is NULL without memory
 *
 * Takes this CPU's own. Only where an event interrupts another one on the same
 * CPU (PREEMPT_RT, or a rule whose target makes an event) a new one is made.
 *
 * Context: bottom halves off.
 */
void sock_packet_get(struct sock_packet *pkt)
{
	pkt->own = !this_cpu_xchg(packet_slot.busy, true);
	pkt->skb = pkt->own ? this_cpu_read(packet_slot.skb) : NULL;
	if (unlikely(!pkt->skb))
		sock_packet_refill(pkt);
}

/* Undo what rules can do to a packet, and what an event put into it. */
static void packet_clean(struct sk_buff *skb)
{
	skb_orphan(skb);
	skb_dst_drop(skb);
	nf_reset_ct(skb);
	nf_reset_trace(skb);
	skb_ext_reset(skb);
	skb_clear_hash(skb);
	skb_init_secmark(skb);
	skb_set_queue_mapping(skb, 0);
#ifdef CONFIG_NET_SCHED
	skb->tc_index = 0;
#endif
	skb->dev = NULL;
}

/**
 * sock_packet_put() - give an event packet back
 * @pkt: from sock_packet_get()
 *
 * Context: bottom halves off.
 */
void sock_packet_put(struct sock_packet *pkt)
{
	if (likely(pkt->skb))
		packet_clean(pkt->skb);
	if (likely(pkt->own))
		this_cpu_write(packet_slot.busy, false);
	else
		kfree_skb(pkt->skb);
}

/**
 * sock_packet_lend() - let rules do what they want to an event packet
 * @pkt: the packet
 *
 * nft frees a packet before it returns a verdict to drop it, but what it says
 * about the errno is in the packet. Hence the second reference.
 */
void sock_packet_lend(struct sock_packet *pkt)
{
	skb_get(pkt->skb);
}

/* Gives the socket back, and tells an event packet from others. */
static void packet_destruct(struct sk_buff *skb)
{
	sock_efree(skb);
}

/**
 * sock_packet_take_back() - the rules have spoken
 * @pkt: the packet
 * @verdict: what they said
 *
 * Context: bottom halves off.
 */
void sock_packet_take_back(struct sock_packet *pkt, unsigned int verdict)
{
	struct sk_buff *skb = pkt->skb;

	if ((verdict & NF_VERDICT_MASK) != NF_STOLEN)
		refcount_dec(&skb->users);
	/* Somebody keeps it, or a part of it: it is theirs now, longer than this
	 * module may be here.
	 */
	if (unlikely(skb_shared(skb) || skb_cloned(skb))) {
		if (skb->destructor == packet_destruct)
			skb->destructor = sock_efree;
		kfree_skb(skb);
		pkt->skb = NULL;
		if (pkt->own)
			this_cpu_write(packet_slot.skb, NULL);
	}
}

/* A rule may have taken the socket away from the CPU's own packet. */
static bool is_event_packet(const struct sk_buff *skb)
{
	return skb->destructor == packet_destruct ||
	       (skb == this_cpu_read(packet_slot.skb) &&
		this_cpu_read(packet_slot.busy));
}

/**
 * sock_packet_reject() - keep a rule's answer to an event packet at home
 * @skb: a packet that is about to be answered with a reset or an ICMP error
 *
 * Return: 0 for a real packet. For an event packet -ECONNREFUSED: nothing may be
 * sent, and the call fails with that unless the rule chose another errno.
 */
int sock_packet_reject(struct sk_buff *skb)
{
	if (likely(!is_event_packet(skb)))
		return 0;
	if (!skb->priority)
		skb->priority = ECONNREFUSED;
	return -ECONNREFUSED;
}
EXPORT_SYMBOL_GPL(sock_packet_reject);

/**
 * sock_packet_forward() - keep an event packet itself at home
 * @skb: a packet that a rule is about to send, and give away
 *
 * Return: 0 for a real packet, -EPERM for an event packet, which is freed.
 */
int sock_packet_forward(struct sk_buff *skb)
{
	if (likely(!is_event_packet(skb)))
		return 0;
	kfree_skb(skb);
	return -EPERM;
}
EXPORT_SYMBOL_GPL(sock_packet_forward);

/**
 * sock_packet_dup() - keep copies of an event packet at home
 * @skb: a packet that a rule is about to send a copy of
 *
 * Return: 0 for a real packet, -EPERM for an event packet.
 */
int sock_packet_dup(struct sk_buff *skb)
{
	return is_event_packet(skb) ? -EPERM : 0;
}
EXPORT_SYMBOL_GPL(sock_packet_dup);

static void *packet_append(struct sk_buff *skb, unsigned int len)
{
	return skb_put_zero(skb, len);
}

static void build_tcp(struct sk_buff *skb, const struct sock_event *ev)
{
	struct tcphdr *th = packet_append(skb, sizeof(*th));

	th->source = ev->sport;
	th->dest = ev->dport;
	th->doff = sizeof(*th) / 4;
	th->syn = 1;
	th->window = htons(U16_MAX);
}

static void build_udp(struct sk_buff *skb, const struct sock_event *ev)
{
	struct udphdr *uh = packet_append(skb, sizeof(*uh));

	uh->source = ev->sport;
	uh->dest = ev->dport;
	uh->len = htons(sizeof(*uh));
}

static void build_sctp(struct sk_buff *skb, const struct sock_event *ev)
{
	struct sctp_init_chunk *init;
	struct sctphdr *sh;

	sh = packet_append(skb, sizeof(*sh));
	sh->source = ev->sport;
	sh->dest = ev->dport;
	init = packet_append(skb, sizeof(*init));
	init->chunk_hdr.type = SCTP_CID_INIT;
	init->chunk_hdr.length = htons(sizeof(*init));
}

/* The kernel's own header for DCCP is gone where the protocol is. */
struct dccp_request {
	__be16 sport;
	__be16 dport;
	u8 doff;
	u8 ccval_cscov;
	__sum16 checksum;
	u8 type_x;
	u8 seq_high;
	__be16 seq_mid;
	__be32 seq_low;
	__be32 service;
};

#define DCCP_REQUEST_LONG_SEQ	1	/* type 0, X set */

static void build_dccp(struct sk_buff *skb, const struct sock_event *ev)
{
	struct dccp_request *dh = packet_append(skb, sizeof(*dh));

	dh->sport = ev->sport;
	dh->dport = ev->dport;
	dh->doff = sizeof(*dh) / 4;
	dh->type_x = DCCP_REQUEST_LONG_SEQ;
}

static void build_icmp(struct sk_buff *skb, const struct sock_event *ev)
{
	struct icmphdr *ih = packet_append(skb, sizeof(*ih));

	ih->type = ICMP_ECHO;
	ih->un.echo.id = ev->sport;
}

static void build_icmpv6(struct sk_buff *skb, const struct sock_event *ev)
{
	struct icmp6hdr *ih = packet_append(skb, sizeof(*ih));

	ih->icmp6_type = ICMPV6_ECHO_REQUEST;
	ih->icmp6_identifier = ev->sport;
}

/* Nothing a rule could ask for; enough not to look cut off, and port 0. */
static void build_other(struct sk_buff *skb, const struct sock_event *ev)
{
	u8 *header;

	/* A raw socket's protocol can be that of an IPv6 extension header, behind
	 * which whoever parses the packet wants to find a next one.
	 */
	if (ev->family == NFPROTO_IPV6 && ev->l4proto != NEXTHDR_NONE &&
	    ipv6_ext_hdr(ev->l4proto)) {
		header = packet_append(skb, 8);
		*header = NEXTHDR_NONE;
	}
	packet_append(skb, 8);
}

static void build_l4(struct sk_buff *skb, const struct sock_event *ev)
{
	skb_set_transport_header(skb, skb->len);
	switch (ev->l4proto) {
	case IPPROTO_TCP:
		build_tcp(skb, ev);
		break;
	case IPPROTO_UDP:
	case IPPROTO_UDPLITE:
		build_udp(skb, ev);
		break;
	case IPPROTO_SCTP:
		build_sctp(skb, ev);
		break;
	case IPPROTO_DCCP:
		build_dccp(skb, ev);
		break;
	case IPPROTO_ICMP:
		build_icmp(skb, ev);
		break;
	case IPPROTO_ICMPV6:
		build_icmpv6(skb, ev);
		break;
	default:
		build_other(skb, ev);
		break;
	}
}

static void build_ipv4(struct sk_buff *skb, const struct sock_event *ev)
{
	struct iphdr *iph = packet_append(skb, sizeof(*iph));

	skb->protocol = htons(ETH_P_IP);
	iph->version = 4;
	iph->ihl = sizeof(*iph) / 4;
	iph->frag_off = htons(IP_DF);
	iph->ttl = PACKET_TTL;
	iph->protocol = ev->l4proto;
	iph->saddr = ev->saddr.ip;
	iph->daddr = ev->daddr.ip;
	build_l4(skb, ev);
	iph->tot_len = htons(skb->len);
	ip_send_check(iph);
}

static void build_ipv6(struct sk_buff *skb, const struct sock_event *ev)
{
	struct ipv6hdr *ip6h = packet_append(skb, sizeof(*ip6h));

	skb->protocol = htons(ETH_P_IPV6);
	ip6h->version = 6;
	ip6h->nexthdr = ev->l4proto;
	ip6h->hop_limit = PACKET_TTL;
	ip6h->saddr = ev->saddr.in6;
	ip6h->daddr = ev->daddr.in6;
	build_l4(skb, ev);
	ip6h->payload_len = htons(skb->len - sizeof(*ip6h));
}

/**
 * sock_packet_build() - write an event's headers into a packet
 * @skb: of sock_packet_get(), used or not
 * @ev: the event
 *
 * Rules may have written into the packet, so it is built anew for each policy.
 * Device, route and mark are the caller's to set.
 *
 * Return: false if the socket is being freed, and nobody waits for the verdict.
 */
bool sock_packet_build(struct sk_buff *skb, const struct sock_event *ev)
{
	packet_clean(skb);
	/* With a reference: a target may keep the packet or send it somewhere. */
	if (!skb_set_owner_sk_safe(skb, ev->sk))
		return false;
	skb->destructor = packet_destruct;
	skb->data = skb->head + PACKET_HEADROOM;
	skb->len = 0;
	skb_reset_tail_pointer(skb);
	skb_reset_mac_header(skb);
	skb_reset_network_header(skb);
	skb_reset_mac_len(skb);
	skb->ip_summed = CHECKSUM_UNNECESSARY;
	skb->pkt_type = PACKET_HOST;
	skb->priority = 0;
	skb->tstamp = 0;
	memset(skb->cb, 0, sizeof(skb->cb));
	if (ev->family == NFPROTO_IPV4)
		build_ipv4(skb, ev);
	else
		build_ipv6(skb, ev);
	return true;
}

/**
 * sock_packet_exit() - free the packets
 *
 * Context: process; no event is being judged.
 */
void sock_packet_exit(void)
{
	int cpu;

	for_each_possible_cpu(cpu)
		kfree_skb(per_cpu(packet_slot.skb, cpu));
}

/**
 * sock_packet_init() - make a packet for each CPU
 *
 * Return: 0 or -ENOMEM.
 */
int __init sock_packet_init(void)
{
	int cpu;

	for_each_possible_cpu(cpu) {
		struct sk_buff *skb = packet_alloc(GFP_KERNEL);

		if (!skb) {
			sock_packet_exit();
			return -ENOMEM;
		}
		per_cpu(packet_slot.skb, cpu) = skb;
	}
	return 0;
}
