// SPDX-License-Identifier: GPL-2.0-only
/*
 * Ports that the kernel picks: for bind() or listen() without a port, or for a
 * socket that sends before it was bound. It picks from a range, which in its own
 * network namespace a tenant sets as it likes, a range of one port included: that
 * is another way to say which port. So what it picked there is judged as a bind of
 * that port, by every namespace whose own kernel would not have picked it.
 *
 * What was picked shows when the kernel's function returns. Instead of that
 * function sock_pick_port() is run, which calls it: for a moment code of this
 * module is below it on the stack. The last of these is waited for at unload.
 */
#include <linux/atomic.h>
#include <linux/delay.h>
#include <linux/export.h>
#include <linux/hash.h>
#include <linux/list.h>
#include <linux/rcupdate.h>
#include <linux/spinlock.h>
#include <net/inet_hashtables.h>
#include <net/ip.h>

#include "sock_decode.h"

/* A socket, locked, that sock_pick_port() has picked a port for. */
struct pick {
	struct hlist_node node;
	const struct sock *sk;
};

/* By socket, so that nobody's many threads make another's pick wait. */
struct pick_bucket {
	spinlock_t lock;
	struct hlist_head list;
};

#define PICK_BITS	6

static struct pick_bucket picks[1 << PICK_BITS] = {
	[0 ... (1 << PICK_BITS) - 1] = {
		.lock = __SPIN_LOCK_UNLOCKED(picks.lock),
	},
};

/* Of a range with some ports that are denied another one may do. */
#define PICK_TRIES	16

/* How often sock_pick_port() is on a stack. */
static atomic_t picks_running = ATOMIC_INIT(0);

static struct pick_bucket *pick_bucket(const struct sock *sk)
{
	return &picks[hash_ptr(sk, PICK_BITS)];
}

/**
 * sock_pick_is_steered() - may a tenant say which port the kernel picks?
 * @sk: the socket
 *
 * In the initial namespace the ports are those that the host's admin set.
 *
 * Return: true in other namespaces, for sockets that are judged.
 */
bool sock_pick_is_steered(const struct sock *sk)
{
	return sock_is_judged(sk) && sock_is_inet(sk) &&
	       !net_eq(sock_net(sk), &init_net);
}
EXPORT_SYMBOL_GPL(sock_pick_is_steered);

/**
 * sock_pick_is_running() - is it sock_pick_port() that calls a get_port()?
 * @sk: the socket, locked
 *
 * Return: true if it is: what comes of the call will be judged.
 */
bool sock_pick_is_running(const struct sock *sk)
{
	struct pick_bucket *bucket = pick_bucket(sk);
	const struct pick *pick;
	bool found = false;

	if (!atomic_read(&picks_running))
		return false;
	spin_lock_bh(&bucket->lock);
	hlist_for_each_entry(pick, &bucket->list, node) {
		found = pick->sk == sk;
		if (found)
			break;
	}
	spin_unlock_bh(&bucket->lock);
	return found;
}
EXPORT_SYMBOL_GPL(sock_pick_is_running);

/* A datagram socket is found by packets as soon as it has a port. Nothing is queued
 * for it while it has no room, nor handed to who waits. Who sets the buffer's size
 * needs the socket's lock.
 */
static int close_buffer(struct sock *sk)
{
	int size = sk->sk_rcvbuf;

	if (sk->sk_type == SOCK_DGRAM) {
		atomic_inc(&sk->sk_rmem_alloc);
		WRITE_ONCE(sk->sk_rcvbuf, 0);
	}
	return size;
}

static void open_buffer(struct sock *sk, int size)
{
	if (sk->sk_type == SOCK_DGRAM) {
		/* With its port it is found by packets, which look at this unmarked. */
		data_race(({ WRITE_ONCE(sk->sk_rcvbuf, size); 0; }));
		atomic_dec(&sk->sk_rmem_alloc);
	}
}

static void give_port_back(struct sock *sk)
{
	/* A sockmap puts another one there, which has the same of these. */
	const struct proto *prot = READ_ONCE(sk->sk_prot);

	if (prot->put_port)
		prot->put_port(sk);
	else if (sk->sk_type == SOCK_DGRAM)
		prot->unhash(sk);	/* UDP-Lite: what UDP's does */
	else if (IS_ENABLED(CONFIG_IP_DCCP))
		inet_put_port(sk);
	/* Who found it by that port has looked at its buffer then. */
	if (sk->sk_type == SOCK_DGRAM)
		synchronize_rcu();
}

/* Again, if another port may come of it. Without its port a socket loses the program
 * of its SO_REUSEPORT group.
 */
static unsigned int pick_tries(const struct sock *sk)
{
	int low, high;

	inet_get_local_port_range(sock_net(sk), &low, &high);
	return sk->sk_reuseport || low == high ? 1 : PICK_TRIES;
}

/**
 * sock_pick_port() - the get_port() of a protocol, and then the judgement
 * @sk: the socket, locked
 * @port: 0
 *
 * Return: as get_port(): not 0 is a failure, from which the kernel makes EAGAIN
 * where it is for a send or connect; bind() and listen() return it.
 */
int sock_pick_port(struct sock *sk, unsigned short port)
{
	struct pick_bucket *bucket = pick_bucket(sk);
	struct pick pick = { .sk = sk };
	int buffer, err, denied = 0;
	unsigned int tries;

	/* Before anything that may block on PREEMPT_RT. */
	atomic_inc(&picks_running);
	tries = pick_tries(sk);
	buffer = close_buffer(sk);
	spin_lock_bh(&bucket->lock);
	hlist_add_head(&pick.node, &bucket->list);
	spin_unlock_bh(&bucket->lock);

	do {
		err = READ_ONCE(sk->sk_prot)->get_port(sk, port);
		if (err)
			break;
		err = sock_judge_picked(sk);
		if (!err)
			break;
		denied = err;
		give_port_back(sk);
	} while (--tries);

	spin_lock_bh(&bucket->lock);
	hlist_del(&pick.node);
	spin_unlock_bh(&bucket->lock);

	open_buffer(sk, buffer);
	if (err && denied)
		err = denied;
	atomic_dec(&picks_running);
	return err;
}
EXPORT_SYMBOL_GPL(sock_pick_port);

/**
 * sock_pick_exit() - wait until sock_pick_port() is on no stack
 *
 * Context: process; nothing runs it any more.
 */
void sock_pick_exit(void)
{
	while (atomic_read(&picks_running))
		msleep(1);
	/* Those that were last have yet to return. */
	synchronize_rcu_tasks();
}

/**
 * sock_is_picked_by() - would the kernel have picked that port in a namespace?
 * @net: the namespace
 * @port: the port, network byte order
 *
 * Return: true if the port is of the range for that and not taken out of it.
 */
bool sock_is_picked_by(struct net *net, __be16 port)
{
	int low, high;

	inet_get_local_port_range(net, &low, &high);
	return ntohs(port) >= low && ntohs(port) <= high &&
	       !inet_is_local_reserved_port(net, ntohs(port));
}
