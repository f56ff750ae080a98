// SPDX-License-Identifier: GPL-2.0-only
/* What listeners are told: events, who made them, and what became of them. */
#include <linux/sched/task.h>
#include <linux/user_namespace.h>
#include <net/genetlink.h>

#include "sock_listener.h"

/**
 * sock_message_put_lost() - tell how many events were lost
 * @msg: the message
 * @lost: how many
 *
 * Return: 0 or -EMSGSIZE.
 */
int sock_message_put_lost(struct sk_buff *msg, u64 lost)
{
	return nla_put_u64_64bit(msg, SOCK_WATCH_A_LOST, lost, SOCK_WATCH_A_PAD);
}

/* Who makes the call? Accepts, and what comes of packets, happen to anybody. */
static bool has_caller(const struct sock_event *ev)
{
	return ev->type != SOCK_EVENT_ACCEPT && in_task() &&
	       !(current->flags & PF_KTHREAD);
}

static int put_caller(struct sk_buff *msg, const struct listener *l)
{
	pid_t pid = task_tgid_nr_ns(current, l->pid_ns);
	char comm[TASK_COMM_LEN];

	if (!pid)
		return 0;
	/* May change meanwhile; it ends in a NUL at any time. */
	strscpy(comm, current->group_leader->comm, sizeof(comm));
	if (nla_put_u32(msg, SOCK_WATCH_A_PID, pid))
		return -EMSGSIZE;
	return nla_put_string(msg, SOCK_WATCH_A_COMM, comm);
}

/* A socket may be used by somebody with more rights than the listener has, who is
 * none of its business.
 */
static int put_who(struct sk_buff *msg, const struct listener *l,
		   const struct sock_event *ev)
{
	kuid_t uid = data_race(READ_ONCE(ev->sk->sk_uid));

	if (has_caller(ev) && current_in_userns(l->user_ns)) {
		if (put_caller(msg, l))
			return -EMSGSIZE;
		uid = current_euid();
	}
	return nla_put_u32(msg, SOCK_WATCH_A_UID,
			   from_kuid_munged(l->user_ns, uid));
}

static int put_verdict(struct sk_buff *msg, const struct net *net,
		       const struct sock_event *ev, int err)
{
	const struct sock_policy *denier = ev->denier;

	if (!err)
		return 0;
	if (nla_put_u32(msg, SOCK_WATCH_A_ERRNO, -err))
		return -EMSGSIZE;
	/* Others' rules are not for everybody to see. */
	if (ev->denied_in != net)
		return nla_put_flag(msg, SOCK_WATCH_A_INSIDE);
	if (!denier)
		return 0;
	return nla_put_string(msg, denier->is_device ? SOCK_WATCH_A_DEVICE :
						       SOCK_WATCH_A_TABLE,
			      denier->name);
}

static int put_addresses(struct sk_buff *msg, const struct sock_event *ev)
{
	int len = ev->family == NFPROTO_IPV4 ? sizeof(ev->saddr.ip) :
					       sizeof(ev->saddr.ip6);

	if (nla_put(msg, SOCK_WATCH_A_SADDR, len, &ev->saddr) ||
	    nla_put(msg, SOCK_WATCH_A_DADDR, len, &ev->daddr) ||
	    nla_put_be16(msg, SOCK_WATCH_A_SPORT, ev->sport) ||
	    nla_put_be16(msg, SOCK_WATCH_A_DPORT, ev->dport))
		return -EMSGSIZE;
	return 0;
}

static int put_event(struct sk_buff *msg, const struct net *net,
		     const struct listener *l, u32 id,
		     const struct sock_event *ev, int err)
{
	if (nla_put_u8(msg, SOCK_WATCH_A_TYPE, ev->type) ||
	    nla_put_u32(msg, SOCK_WATCH_A_ID, id) ||
	    put_verdict(msg, net, ev, err) ||
	    nla_put_u8(msg, SOCK_WATCH_A_PROTO, ev->l4proto) ||
	    put_addresses(msg, ev) ||
	    nla_put_u32(msg, SOCK_WATCH_A_NETNS, sock_net(ev->sk)->ns.inum))
		return -EMSGSIZE;
	return put_who(msg, l, ev);
}

/**
 * sock_message_event() - tell a listener of an event
 * @net: its namespace, which was asked
 * @l: the listener
 * @id: the owning container there
 * @ev: the event
 * @err: 0 or the negative errno that it was denied with
 * @lost: how many were lost before it
 *
 * Context: any, in an RCU read-side section. Events wait for nobody.
 * Return: false if it is lost.
 */
bool sock_message_event(struct net *net, const struct listener *l, u32 id,
			const struct sock_event *ev, int err, u64 lost)
{
	struct sk_buff *msg;
	void *hdr;

	msg = genlmsg_new(SOCK_MESSAGE_SIZE, GFP_ATOMIC | __GFP_NOWARN);
	if (!msg)
		return false;
	hdr = genlmsg_put(msg, 0, 0, &sock_watch_family, 0,
			  SOCK_WATCH_CMD_EVENT);
	if (!hdr || (lost && sock_message_put_lost(msg, lost)) ||
	    WARN_ON_ONCE(put_event(msg, net, l, id, ev, err))) {
		nlmsg_free(msg);
		return false;
	}
	genlmsg_end(msg, hdr);
	return !genlmsg_unicast(net, msg, l->portid);
}

/**
 * sock_message_end() - tell a listener that the module goes
 * @net: its namespace
 * @l: the listener, which nobody tells of events any more
 *
 * Context: process; may sleep.
 */
void sock_message_end(struct net *net, const struct listener *l)
{
	struct sk_buff *msg = genlmsg_new(SOCK_MESSAGE_SIZE, GFP_KERNEL);
	void *hdr = msg ? genlmsg_put(msg, 0, 0, &sock_watch_family, 0,
				      SOCK_WATCH_CMD_END) : NULL;

	if (!hdr || sock_message_put_lost(msg, atomic64_read(&l->lost))) {
		nlmsg_free(msg);
		return;
	}
	genlmsg_end(msg, hdr);
	genlmsg_unicast(net, msg, l->portid);
}
