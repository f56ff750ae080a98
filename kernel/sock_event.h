/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _SOCK_EVENT_H
#define _SOCK_EVENT_H

#include <linux/netfilter.h>
#include <net/sock.h>

#include "container_id.h"

struct ip_options;
struct msghdr;
struct request_sock;
struct sctp_association;
union sctp_addr;

/**
 * enum sock_event_type - what is about to happen to a socket
 * @SOCK_EVENT_CONNECT: it gets a peer, or sends to an address
 * @SOCK_EVENT_BIND: it gets a local address
 * @SOCK_EVENT_ACCEPT: a peer asks it for a connection
 * @SOCK_EVENT_TYPES: how many there are
 */
enum sock_event_type {
	SOCK_EVENT_CONNECT,
	SOCK_EVENT_BIND,
	SOCK_EVENT_ACCEPT,
	SOCK_EVENT_TYPES,
};

/* No errno that user space knows is higher. */
#define SOCK_EVENT_MAX_ERRNO	133

const char *sock_event_name(enum sock_event_type type);

/**
 * struct sock_event - one connect, bind or accept that is about to happen
 * @type: which of them
 * @family: NFPROTO_IPV4 or NFPROTO_IPV6, after v4-mapped addresses became IPv4
 * @l4proto: IPPROTO_* that rules see
 * @sport: source port, network byte order, 0 where there is none
 * @dport: destination port, likewise
 * @saddr: source address, any where it is not decided yet
 * @daddr: destination address
 * @sk: the socket whose owner is judged; not necessarily locked
 * @in: device that an accept's request came in by, else NULL
 * @rejected: out: a rule denied it with an errno of its own choice
 */
struct sock_event {
	enum sock_event_type type;
	u8 family;
	u8 l4proto;
	__be16 sport;
	__be16 dport;
	union nf_inet_addr saddr;
	union nf_inet_addr daddr;
	struct sock *sk;
	struct net_device *in;
	bool rejected;
};

/**
 * struct sock_policy - something that judges events in a network namespace
 * @node: list of the namespace's policies
 * @type: which events it wants
 * @family: NFPROTO_IPV4 or NFPROTO_IPV6
 * @judge: called under RCU with bottom halves off; returns a netfilter verdict,
 *	of which NF_ACCEPT alone lets the event pass, and NF_DROP_ERR() picks the
 *	errno. It may consume the packet only if it returns NF_STOLEN.
 */
struct sock_policy {
	struct hlist_node node;
	enum sock_event_type type;
	u8 family;
	unsigned int (*judge)(const struct sock_policy *policy,
			      struct sk_buff *skb,
			      const struct container_event_state *state);
};

/* sock_hooks.c */
int sock_hooks_get(enum sock_event_type type);
void sock_hooks_put(enum sock_event_type type);

/* sock_policy.c */
int sock_policy_link(struct net *net, struct sock_policy *policy);
void sock_policy_unlink(struct net *net, struct sock_policy *policy);
int sock_event_judge(struct sock_event *ev);
bool sock_event_wanted(const struct net *own, struct cgroup *cgrp,
		       enum sock_event_type type);

/* sock_decode.c: 0 lets the call go on, a negative errno is its result */
int sock_judge_connect(struct sock *sk, struct sockaddr *addr, int len);
int sock_judge_accept(const struct sock *sk, struct sk_buff *skb,
		      struct request_sock *req);

/* sock_bind.c */
int sock_judge_bind(struct sock *sk, struct sockaddr *addr, int len);
int sock_judge_listen(struct sock *sk);
int sock_judge_get_port(struct sock *sk, u16 port);

/* sock_send.c */
int sock_judge_send_udp(struct sock *sk, struct msghdr *msg);
int sock_judge_send_ipv4(struct sock *sk, struct msghdr *msg);
int sock_judge_send_udp6(struct sock *sk, struct msghdr *msg);
int sock_judge_send_ipv6(struct sock *sk, struct msghdr *msg);
int sock_judge_send_ping6(struct sock *sk, struct msghdr *msg);

/* sock_route.c */
int sock_judge_ipv6_option(struct sock *sk, int type, const void *header);
int sock_judge_ipv6_control(struct sock *sk, struct msghdr *msg);
int sock_judge_ipv4_options(const struct net *net, const struct ip_options *opt,
			    const struct sk_buff *skb, unsigned long caller);

/* sock_sctp.c */
int sock_judge_sctp_address(struct sock *sk, int optname,
			    struct sockaddr *addrs, int len);
int sock_judge_sctp_peer(struct sctp_association *asoc,
			 const union sctp_addr *addr);
int sock_judge_sctp_accept(struct sctp_association *asoc, struct sk_buff *skb);

/**
 * struct sock_packet - an event packet in use
 * @skb: the packet
 * @own: it is the CPU's own, to be used again
 */
struct sock_packet {
	struct sk_buff *skb;
	bool own;
};

/* sock_packet.c */
int sock_packet_init(void);
void sock_packet_exit(void);
void sock_packet_get(struct sock_packet *pkt);
void sock_packet_refill(struct sock_packet *pkt);
void sock_packet_put(struct sock_packet *pkt);
void sock_packet_lend(struct sock_packet *pkt);
void sock_packet_take_back(struct sock_packet *pkt, unsigned int verdict);
int sock_packet_reject(struct sk_buff *skb);
int sock_packet_forward(struct sk_buff *skb);
int sock_packet_dup(struct sk_buff *skb);
bool sock_packet_build(struct sk_buff *skb, const struct sock_event *ev);

#endif /* _SOCK_EVENT_H */
