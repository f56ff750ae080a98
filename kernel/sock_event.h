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
struct sctp_endpoint;
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
 * @picked: of a bind: the kernel picked the port. Namespaces that would have picked
 *	it, too, are not asked.
 * @or_else: that it is denied is not the last word, and not told to who listens
 * @rejected: out: a rule denied it with an errno of its own choice
 * @denier: out: the policy that denied it, if one did; valid as long as RCU protects it
 * @denied_in: out: the namespace that denied it, if one did
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
	bool picked;
	bool or_else;
	bool rejected;
	const struct sock_policy *denier;
	const struct net *denied_in;
};

/**
 * struct sock_policy - something that judges events in a network namespace
 * @node: list of the namespace's policies
 * @type: which events it wants
 * @family: NFPROTO_IPV4 or NFPROTO_IPV6
 * @is_device: it is an event device, else an event table
 * @name: what that is called; stays as it is while the policy is linked
 * @judge: called under RCU with bottom halves off; returns a netfilter verdict,
 *	of which NF_ACCEPT alone lets the event pass, and NF_DROP_ERR() picks the
 *	errno. It may consume the packet only if it returns NF_STOLEN.
 */
struct sock_policy {
	struct hlist_node node;
	enum sock_event_type type;
	u8 family;
	bool is_device;
	const char *name;
	unsigned int (*judge)(const struct sock_policy *policy,
			      struct sk_buff *skb,
			      const struct container_event_state *state);
};

/**
 * enum sock_hooks_use - what hook points are attached for, besides the events: these
 *	go on after %SOCK_EVENT_TYPES
 * @SOCK_HOOKS_FLOW_PUT: to give sockets the flow ids of their container
 * @SOCK_HOOKS_FLOW_FIX: to keep programs from changing them
 * @SOCK_HOOKS_USES: how many there are, events included
 */
enum sock_hooks_use {
	SOCK_HOOKS_FLOW_PUT = SOCK_EVENT_TYPES,
	SOCK_HOOKS_FLOW_FIX,
	SOCK_HOOKS_USES,
};

/* sock_hooks.c */
int sock_hooks_get(unsigned int use);
void sock_hooks_put(unsigned int use);

/* sock_policy.c */
int sock_policy_link(struct net *net, struct sock_policy *policy);
void sock_policy_unlink(struct net *net, struct sock_policy *policy);

/* sock_judge.c */
int sock_event_judge(struct sock_event *ev);
bool sock_event_wanted(const struct net *own, struct cgroup *cgrp,
		       enum sock_event_type type);

/* Is told of an event that a namespace was asked about, under RCU. */
typedef void sock_watcher_fn(struct net *net, u32 id,
			     const struct sock_event *ev, int err);

/* sock_told.c */
void sock_watch_events(sock_watcher_fn *fn);
void sock_unwatch_events(void);

/* sock_decode.c: 0 lets the call go on, a negative errno is its result */
int sock_judge_connect(struct sock *sk, struct sockaddr *addr, int len);
int sock_judge_answers(struct sock *sk, const struct sk_buff *skb,
		       const struct request_sock *req);
int sock_judge_accept(const struct sock *sk, struct sk_buff *skb,
		      struct request_sock *req);

int __sock_called(struct sock *sk);
void sock_called_locked(struct sock *sk);

/**
 * sock_called() - a system call has come to a socket
 * @sk: the socket, not locked, or NULL
 *
 * So it is a user's, whatever it was made as: where SMC falls back to TCP, the user's
 * file has the kernel's socket from then on, and those that it accepts are made as it.
 *
 * Return: 0, or -EPERM while another thread has the lock of one that was not known as a
 * user's.
 */
static inline int sock_called(struct sock *sk)
{
	if (likely(!sk || !data_race(!!sk->sk_kern_sock)))
		return 0;
	return __sock_called(sk);
}

/* sock_bind.c */
int sock_judge_bind(struct sock *sk, struct sockaddr *addr, int len);
int sock_judge_listen(struct sock *sk);
int sock_judge_get_port(struct sock *sk, u16 port);

/* sock_pick.c */
bool sock_pick_is_running(const struct sock *sk);
bool sock_pick_is_steered(const struct sock *sk);
int sock_pick_port(struct sock *sk, unsigned short port);

/* sock_send.c */
int sock_judge_send_udp(struct sock *sk, struct msghdr *msg);
int sock_judge_send_ipv4(struct sock *sk, struct msghdr *msg);
int sock_judge_send_udp6(struct sock *sk, struct msghdr *msg);
int sock_judge_send_ipv6(struct sock *sk, struct msghdr *msg);
int sock_judge_send_ping6(struct sock *sk, struct msghdr *msg);
int sock_judge_mixed_connect(struct sock *sk, const struct sockaddr *addr);
int sock_judge_cork6(struct sock *sk);
int sock_judge_cork4(struct sock *sk);

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
int sock_judge_sctp_listen(struct sctp_endpoint *ep);

/* sock_symbol.c */
int sock_find_functions(const char *const names[], unsigned long addrs[],
			unsigned int n);

/* sock_packet.c */
int sock_packet_reject(struct sk_buff *skb);
int sock_packet_forward(struct sk_buff *skb);
int sock_packet_dup(struct sk_buff *skb);
bool sock_packet_is_event(const struct sk_buff *skb);

#endif /* _SOCK_EVENT_H */
