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
#include <net/ip.h>
#include <net/ipv6.h>
#include <net/sock.h>

#include "sock_packet.h"

#define PACKET_TTL	64

/* Room for targets that push a header or append a TCP option. */
#define PACKET_HEADROOM	128
#define PACKET_ROOM	256

DEFINE_PER_CPU(struct sock_packet_slot, sock_packet_slot);

/* What rules can change in a packet without leaving something to be given back. */
typedef typeof_member(struct sk_buff, headers) packet_headers;

static packet_headers headers_ipv4 __ro_after_init;
static packet_headers headers_ipv6 __ro_after_init;

static struct sk_buff *packet_alloc(gfp_t gfp)
{
	struct sk_buff *skb = alloc_skb(PACKET_HEADROOM + PACKET_ROOM, gfp);

	if (skb)
		refcount_set(&skb->users, SOCK_PACKET_USERS);
	return skb;
}

/**
 * sock_packet_free() - free an event packet that nobody else has
 * @skb: the packet, or NULL
 */
void sock_packet_free(struct sk_buff *skb)
{
	if (!skb)
		return;
	refcount_set(&skb->users, 1);
	consume_skb(skb);
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
		this_cpu_write(sock_packet_slot.skb, pkt->skb);
}

/**
 * sock_packet_destruct() - an event packet gives the socket back
 * @skb: the packet
 *
 * It also tells an event packet from others.
 */
void sock_packet_destruct(struct sk_buff *skb)
{
	sock_efree(skb);
}

/* Somebody keeps it, or a part of it: it is theirs now, longer than this module may
 * be here.
 */
static void packet_leave(struct sock_packet *pkt)
{
	struct sk_buff *skb = pkt->skb;

	if (skb->destructor == sock_packet_destruct)
		skb->destructor = sock_efree;
	kfree_skb(skb);
	pkt->skb = NULL;
	if (pkt->own)
		this_cpu_write(sock_packet_slot.skb, NULL);
}

/**
 * sock_packet_settle() - see who has an event packet now
 * @pkt: the packet; its skb is NULL then if somebody keeps it
 * @verdict: what the rules said
 *
 * Context: bottom halves off.
 */
void sock_packet_settle(struct sock_packet *pkt, unsigned int verdict)
{
	struct sk_buff *skb = pkt->skb;

	/* The last reference is ours, whatever a hook did that freed the packet and
	 * says that it did not.
	 */
	if ((verdict & NF_VERDICT_MASK) != NF_STOLEN &&
	    !WARN_ON_ONCE(refcount_read(&skb->users) == 1))
		refcount_dec(&skb->users);
	if (skb_shared(skb) || skb_cloned(skb)) {
		packet_leave(pkt);
		return;
	}
	/* Whoever gave it back has done with it. */
	smp_acquire__after_ctrl_dep();
	refcount_set(&skb->users, SOCK_PACKET_USERS);
	skb->cloned = 0;
}

/**
 * sock_packet_is_event() - tell an event packet from others
 * @skb: a packet; a rule may have taken the socket away from the CPU's own event packet
 */
bool sock_packet_is_event(const struct sk_buff *skb)
{
	return skb->destructor == sock_packet_destruct ||
	       (skb == this_cpu_read(sock_packet_slot.skb) &&
		this_cpu_read(sock_packet_slot.busy));
}
EXPORT_SYMBOL_GPL(sock_packet_is_event);

/**
 * sock_packet_reject() - keep a rule's answer to an event packet at home
 * @skb: a packet that is about to be answered with a reset or an ICMP error
 *
 * Return: 0 for a real packet. For an event packet -ECONNREFUSED: nothing may be
 * sent, and the call fails with that unless the rule chose another errno.
 */
int sock_packet_reject(struct sk_buff *skb)
{
	if (likely(!sock_packet_is_event(skb)))
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
	if (likely(!sock_packet_is_event(skb)))
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
	return sock_packet_is_event(skb) ? -EPERM : 0;
}
EXPORT_SYMBOL_GPL(sock_packet_dup);

/* Headers of the transport: each returns its length. */

static unsigned int build_tcp(struct tcphdr *th, const struct sock_event *ev)
{
	*th = (struct tcphdr) {
		.source = ev->sport,
		.dest = ev->dport,
		.doff = sizeof(*th) / 4,
		.syn = 1,
		.window = htons(U16_MAX),
	};
	return sizeof(*th);
}

static unsigned int build_udp(struct udphdr *uh, const struct sock_event *ev)
{
	*uh = (struct udphdr) {
		.source = ev->sport,
		.dest = ev->dport,
		.len = htons(sizeof(*uh)),
	};
	return sizeof(*uh);
}

struct sctp_init {
	struct sctphdr header;
	struct sctp_init_chunk chunk;
};

static unsigned int build_sctp(struct sctp_init *init,
			       const struct sock_event *ev)
{
	*init = (struct sctp_init) {
		.header.source = ev->sport,
		.header.dest = ev->dport,
		.chunk.chunk_hdr.type = SCTP_CID_INIT,
		.chunk.chunk_hdr.length = htons(sizeof(init->chunk)),
	};
	return sizeof(*init);
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

static unsigned int build_dccp(struct dccp_request *dh,
			       const struct sock_event *ev)
{
	*dh = (struct dccp_request) {
		.sport = ev->sport,
		.dport = ev->dport,
		.doff = sizeof(*dh) / 4,
		.type_x = DCCP_REQUEST_LONG_SEQ,
	};
	return sizeof(*dh);
}

static unsigned int build_icmp(struct icmphdr *ih, const struct sock_event *ev)
{
	*ih = (struct icmphdr) {
		.type = ICMP_ECHO,
		.un.echo.id = ev->sport,
	};
	return sizeof(*ih);
}

static unsigned int build_icmpv6(struct icmp6hdr *ih,
				 const struct sock_event *ev)
{
	*ih = (struct icmp6hdr) {
		.icmp6_type = ICMPV6_ECHO_REQUEST,
	};
	ih->icmp6_identifier = ev->sport;
	return sizeof(*ih);
}

/* Nothing a rule could ask for; enough not to look cut off, and port 0. */
static unsigned int build_other(u8 *header, const struct sock_event *ev)
{
	memset(header, 0, 16);
	/* A raw socket's protocol can be that of an IPv6 extension header, behind
	 * which whoever parses the packet wants to find a next one.
	 */
	if (ev->family != NFPROTO_IPV6 || ev->l4proto == NEXTHDR_NONE ||
	    !ipv6_ext_hdr(ev->l4proto))
		return 8;
	*header = NEXTHDR_NONE;
	return 16;
}

static noinline unsigned int build_l4(void *header, const struct sock_event *ev)
{
	switch (ev->l4proto) {
	case IPPROTO_SCTP:
		return build_sctp(header, ev);
	case IPPROTO_DCCP:
		return build_dccp(header, ev);
	case IPPROTO_ICMP:
		return build_icmp(header, ev);
	case IPPROTO_ICMPV6:
		return build_icmpv6(header, ev);
	default:
		return build_other(header, ev);
	}
}

static __always_inline unsigned int build_transport(void *header,
						    const struct sock_event *ev)
{
	if (likely(ev->l4proto == IPPROTO_TCP))
		return build_tcp(header, ev);
	if (likely(ev->l4proto == IPPROTO_UDP || ev->l4proto == IPPROTO_UDPLITE))
		return build_udp(header, ev);
	return build_l4(header, ev);
}

static __always_inline unsigned int build_ipv4(struct iphdr *iph,
					       const struct sock_event *ev)
{
	unsigned int len = sizeof(*iph) + build_transport(iph + 1, ev);

	iph->version = 4;
	iph->ihl = sizeof(*iph) / 4;
	iph->tos = 0;
	iph->tot_len = htons(len);
	iph->id = 0;
	iph->frag_off = htons(IP_DF);
	iph->ttl = PACKET_TTL;
	iph->protocol = ev->l4proto;
	iph->check = 0;
	iph->saddr = ev->saddr.ip;
	iph->daddr = ev->daddr.ip;
	iph->check = ip_fast_csum(iph, sizeof(*iph) / 4);
	return len;
}

static noinline unsigned int build_ipv6(struct ipv6hdr *ip6h,
					const struct sock_event *ev)
{
	unsigned int len = build_transport(ip6h + 1, ev);

	*ip6h = (struct ipv6hdr) {
		.version = 6,
		.payload_len = htons(len),
		.nexthdr = ev->l4proto,
		.hop_limit = PACKET_TTL,
		.saddr = ev->saddr.in6,
		.daddr = ev->daddr.in6,
	};
	return sizeof(*ip6h) + len;
}

/* Six words: less than it takes to begin a memset(). */
static void clear_cb(struct sk_buff *skb)
{
	u64 *cb = (u64 *)skb->cb;
	unsigned int i;

	BUILD_BUG_ON(sizeof(skb->cb) % sizeof(*cb));
#pragma GCC unroll 8
	for (i = 0; i < sizeof(skb->cb) / sizeof(*cb); i++)
		WRITE_ONCE(cb[i], 0);
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
	void *data = skb->head + PACKET_HEADROOM;
	unsigned int len;

	/* With a reference: a target may keep the packet or send it somewhere. */
	if (skb->destructor != sock_packet_destruct || skb->sk != ev->sk) {
		if (!skb_set_owner_sk_safe(skb, ev->sk))
			return false;
		skb->destructor = sock_packet_destruct;
	}
	skb->data = data;
	skb->mac_len = 0;
	skb->tstamp = 0;
	skb_set_queue_mapping(skb, 0);
	clear_cb(skb);
	if (likely(ev->family == NFPROTO_IPV4)) {
		skb->headers = headers_ipv4;
		len = build_ipv4(data, ev);
	} else {
		skb->headers = headers_ipv6;
		len = build_ipv6(data, ev);
	}
	skb->len = len;
	skb_set_tail_pointer(skb, len);
	return true;
}

/**
 * sock_packet_cover() - have nothing stale where a link header would be looked for
 * @skb: of sock_packet_build()
 * @dev: the device that rules see, not our own
 *
 * NFLOG shows as many bytes of a packet as the header of its device is long, whether it
 * has them: they are another event's, which may be another tenant's. How many that will
 * be can change until then.
 *
 * Return: false if the header would be longer than the packet's room.
 */
bool sock_packet_cover(struct sk_buff *skb, const struct net_device *dev)
{
	memset(skb_tail_pointer(skb), 0, PACKET_ROOM - skb->len);
	return READ_ONCE(dev->hard_header_len) <= PACKET_ROOM;
}

static void __init headers_init(struct sk_buff *skb)
{
	skb_reserve(skb, PACKET_HEADROOM);
	skb_reset_mac_header(skb);
	skb_reset_network_header(skb);
	skb->ip_summed = CHECKSUM_UNNECESSARY;
	skb->pkt_type = PACKET_HOST;

	skb->protocol = htons(ETH_P_IP);
	skb_set_transport_header(skb, sizeof(struct iphdr));
	headers_ipv4 = skb->headers;
	skb->protocol = htons(ETH_P_IPV6);
	skb_set_transport_header(skb, sizeof(struct ipv6hdr));
	headers_ipv6 = skb->headers;
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
		sock_packet_free(per_cpu(sock_packet_slot.skb, cpu));
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
		headers_init(skb);
		per_cpu(sock_packet_slot.skb, cpu) = skb;
	}
	return 0;
}
