/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _SOCK_LISTENER_H
#define _SOCK_LISTENER_H

#include "sock_event.h"
#include "../include/uapi/linux/sock_watch.h"

/**
 * struct listener - a netlink socket that is told of events
 * @node: in its namespace's list
 * @sk: the socket, with a reference
 * @portid: its address, which may be somebody else's as soon as it is closed; the
 *	namespace is the list's, which it holds
 * @pid_ns: how it knows processes
 * @user_ns: how it knows users
 * @lost: events since it was last told how many
 * @n: how many containers it asked for, 0 for all
 * @ids: these
 *
 * Events walk @node under RCU.
 */
struct listener {
	struct hlist_node node;
	struct sock *sk;
	u32 portid;
	struct pid_namespace *pid_ns;
	struct user_namespace *user_ns;
	atomic64_t lost;
	unsigned int n;
	u32 ids[SOCK_WATCH_MAX_IDS];
};

/* What a message may need: addresses, names, and some numbers. */
#define SOCK_MESSAGE_SIZE	(256 + IFNAMSIZ + TASK_COMM_LEN)

/* sock_listener.c */
extern struct genl_family sock_watch_family;

/* sock_message.c */
int sock_message_put_lost(struct sk_buff *msg, u64 lost);
bool sock_message_event(struct net *net, const struct listener *l, u32 id,
			const struct sock_event *ev, int err, u64 lost);
void sock_message_end(struct net *net, const struct listener *l);

#endif /* _SOCK_LISTENER_H */
