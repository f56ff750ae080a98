// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bindings: which cgroups belong to which container, and the look-up that every
 * event and packet makes.
 *
 * All registries share one table, keyed by cgroup id, so that one walk from a
 * cgroup to the root finds what each of them says. No reference on a cgroup is
 * held. The cgroup_release tracepoint tells when the last reference to a cgroup
 * is gone, its sockets' references included: only then its bindings may go,
 * because a socket must not lose its owner when the directory is removed.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>
#include <linux/seqlock.h>
#include <linux/slab.h>
#include <linux/tracepoint.h>
#include <linux/workqueue.h>
#include <net/netlink.h>

#include "container_registry.h"

/* A tenant may fill its own registry, not the host's memory. */
#define MAX_BINDINGS_HOST	(1U << 24)
#define MAX_BINDINGS_TENANT	(1U << 14)

#define CACHE_BITS		5

static const struct rhashtable_params binding_params = {
	.key_len = sizeof(u64),
	.key_offset = offsetof(struct container_binding, cgroup_id),
	.head_offset = offsetof(struct container_binding, node),
	.automatic_shrinking = true,
};

static struct rhltable binding_table;

/* Counts the changes of the table; what was cached before is stale. */
static atomic64_t binding_gen = ATOMIC64_INIT(1);

/**
 * struct chain_cache_slot - a chain that was looked up on this CPU
 * @seq: odd while it is written. Look-ups run in task and softirq context and,
 *	on PREEMPT_RT, preempt each other, so a reader checks and a writer that
 *	finds another one at work leaves the slot alone.
 * @cgroup_id: key
 * @gen: value of binding_gen before the look-up
 * @chain: what was found
 */
struct chain_cache_slot {
	atomic_t seq;
	u64 cgroup_id;
	s64 gen;
	struct container_chain chain;
};

struct chain_cache {
	struct chain_cache_slot slot[1 << CACHE_BITS];
};

/* Not a static one: what all modules have of these together is 8 KiB. */
static struct chain_cache __percpu *chain_cache;

static void reap_released(struct work_struct *work);
static DECLARE_WORK(reaper, reap_released);
static LLIST_HEAD(released_bindings);

static struct tracepoint *tp_cgroup_release, *tp_cgroup_rmdir;

/* Call it after the table was written, so that who sees the new value sees the
 * new table, too.
 */
static void bindings_changed(void)
{
	atomic64_inc_return(&binding_gen);
}

static void chain_add(struct container_chain *chain,
		      const struct container_binding *b)
{
	struct container_level found = { .net = b->net, .id = b->id };
	struct container_levels *levels;
	u8 i;

	if (net_eq(b->net, &init_net)) {
		/* Its nearest binding comes first. */
		if (!chain->host)
			chain->host = b->id;
		return;
	}
	levels = &chain->rank[container_rank(b->net)];
	for (i = 0; i < levels->n; i++) {
		if (levels->level[i].net != b->net)
			continue;
		/* Its nearest binding names the owner, its outermost one ranks
		 * the registry: move it to the end.
		 */
		found.id = levels->level[i].id;
		for (; i + 1 < levels->n; i++)
			levels->level[i] = levels->level[i + 1];
		levels->level[i] = found;
		return;
	}
	if (levels->n == CONTAINER_ID_MAX_LEVELS)
		levels->overflow = true;
	else
		levels->level[levels->n++] = found;
}

static void chain_walk(struct cgroup *cgrp, struct container_chain *chain)
{
	unsigned int rank;
	u8 i, j;

	chain->host = 0;
	for (rank = 0; rank < CONTAINER_RANKS; rank++) {
		chain->rank[rank].n = 0;
		chain->rank[rank].overflow = false;
	}
	for (; cgrp; cgrp = cgroup_parent(cgrp)) {
		struct rhlist_head *list, *pos;
		struct container_binding *b;
		u64 id = cgroup_id(cgrp);

		list = rhltable_lookup(&binding_table, &id, binding_params);
		rhl_for_each_entry_rcu(b, pos, list, node)
			chain_add(chain, b);
	}
	/* They were built from the inside out. */
	for (rank = 0; rank < CONTAINER_RANKS; rank++) {
		struct container_levels *levels = &chain->rank[rank];

		for (i = 0, j = levels->n; i + 1 < j; i++)
			swap(levels->level[i], levels->level[--j]);
	}
}

static struct chain_cache_slot *chain_slot(u64 cgroup_id)
{
	struct chain_cache *cache = raw_cpu_ptr(chain_cache);

	return &cache->slot[hash_64(cgroup_id, CACHE_BITS)];
}

static void chain_copy(struct container_chain *to,
		       const struct container_chain *from)
{
	unsigned int rank;

	to->host = from->host;
	for (rank = 0; rank < CONTAINER_RANKS; rank++) {
		const struct container_levels *src = &from->rank[rank];
		struct container_levels *dst = &to->rank[rank];
		u8 i, n = min_t(u8, src->n, CONTAINER_ID_MAX_LEVELS);

		dst->n = n;
		dst->overflow = src->overflow;
		for (i = 0; i < n; i++)
			dst->level[i] = src->level[i];
	}
}

static bool chain_cached(u64 cgroup_id, s64 gen, struct container_chain *chain)
{
	struct chain_cache_slot *slot = chain_slot(cgroup_id);
	int seq = atomic_read_acquire(&slot->seq);

	if (seq & 1 || slot->cgroup_id != cgroup_id || slot->gen != gen)
		return false;
	chain_copy(chain, &slot->chain);
	smp_rmb();	/* the copy before the second look at the number */
	return atomic_read(&slot->seq) == seq;
}

static void chain_remember(u64 cgroup_id, s64 gen,
			   const struct container_chain *chain)
{
	struct chain_cache_slot *slot = chain_slot(cgroup_id);
	int seq = atomic_read(&slot->seq);

	if (seq & 1 || atomic_cmpxchg(&slot->seq, seq, seq + 1) != seq)
		return;
	slot->cgroup_id = cgroup_id;
	slot->gen = gen;
	chain_copy(&slot->chain, chain);
	atomic_set_release(&slot->seq, seq + 2);
}

/**
 * container_chain_of_cgroup() - what every registry says about a cgroup
 * @cgrp: a cgroup of the default hierarchy that the caller keeps alive
 * @chain: filled with the registries that have a binding on it or on an
 *	ancestor, outermost first, each with the id that its nearest binding gives
 *
 * Context: RCU read-side section, task or softirq.
 */
void container_chain_of_cgroup(struct cgroup *cgrp,
			       struct container_chain *chain)
{
	u64 id = cgroup_id(cgrp);
	s64 gen = atomic64_read_acquire(&binding_gen);

	if (likely(chain_cached(id, gen, chain)))
		return;
	chain_walk(cgrp, chain);
	chain_remember(id, gen, chain);
}
EXPORT_SYMBOL_GPL(container_chain_of_cgroup);

/**
 * container_chain_id() - what one registry says
 * @chain: chain of a cgroup
 * @net: the registry's network namespace
 *
 * Return: the owning container's id in that registry, 0 for none.
 */
u32 container_chain_id(const struct container_chain *chain,
		       const struct net *net)
{
	const struct container_levels *levels;
	u8 i;

	if (net_eq(net, &init_net))
		return chain->host;
	levels = &chain->rank[container_rank(net)];
	for (i = 0; i < levels->n; i++)
		if (levels->level[i].net == net)
			return levels->level[i].id;
	return 0;
}
EXPORT_SYMBOL_GPL(container_chain_id);

/**
 * container_id_of_cgroup() - the container that owns what a cgroup makes
 * @net: network namespace of the registry to ask
 * @cgrp: a cgroup of the default hierarchy that the caller keeps alive
 *
 * Context: RCU read-side section, task or softirq.
 * Return: the id that the nearest bound ancestor (or @cgrp itself) has in the
 * registry of @net, 0 for none.
 */
u32 container_id_of_cgroup(const struct net *net, struct cgroup *cgrp)
{
	struct container_chain chain;

	container_chain_of_cgroup(cgrp, &chain);
	return container_chain_id(&chain, net);
}
EXPORT_SYMBOL_GPL(container_id_of_cgroup);

/**
 * container_id_of_sock() - the container that owns a socket
 * @net: network namespace of the registry to ask, not necessarily the socket's
 * @sk: a full socket
 *
 * The owner is decided by the cgroup that made the socket, wherever the socket
 * was passed to and whoever uses it now.
 *
 * Context: RCU read-side section, task or softirq.
 * Return: the owning container's id, 0 for none.
 */
u32 container_id_of_sock(const struct net *net, const struct sock *sk)
{
	struct cgroup *cgrp = container_sock_cgroup(sk);

	return cgrp ? container_id_of_cgroup(net, cgrp) : 0;
}
EXPORT_SYMBOL_GPL(container_id_of_sock);

/**
 * container_bound() - the binding of a cgroup in a registry
 * @reg: the registry
 * @cgroup_id: cgroup v2 id
 *
 * Context: process, under container_lock.
 * Return: the binding, or NULL when that cgroup itself is not bound in @reg.
 */
struct container_binding *container_bound(struct container_registry *reg,
					  u64 cgroup_id)
{
	struct container_binding *b, *found = NULL;
	struct rhlist_head *list, *pos;

	lockdep_assert_held(&container_lock);
	rcu_read_lock();
	list = rhltable_lookup(&binding_table, &cgroup_id, binding_params);
	rhl_for_each_entry_rcu(b, pos, list, node) {
		if (b->net == reg->net) {
			found = b;
			break;
		}
	}
	rcu_read_unlock();
	return found;
}

/**
 * container_nearest_binding() - why a cgroup belongs to a container
 * @net: network namespace of the registry
 * @cgrp: a cgroup of the default hierarchy that the caller keeps alive
 *
 * Context: process, under container_lock.
 * Return: the binding of @cgrp or its nearest bound ancestor in that registry,
 * or NULL.
 */
struct container_binding *container_nearest_binding(const struct net *net,
						    struct cgroup *cgrp)
{
	struct container_registry *reg = container_registry(net);

	for (; cgrp; cgrp = cgroup_parent(cgrp)) {
		struct container_binding *b = container_bound(reg, cgroup_id(cgrp));

		if (b)
			return b;
	}
	return NULL;
}

static int check_room(const struct container_registry *reg, struct cgroup *cgrp,
		      struct netlink_ext_ack *extack)
{
	bool host = net_eq(reg->net, &init_net);
	struct container_chain chain;

	if (reg->nbindings >= (host ? MAX_BINDINGS_HOST : MAX_BINDINGS_TENANT)) {
		NL_SET_ERR_MSG(extack, "the registry of this network namespace has no room for another binding");
		return -ENOSPC;
	}
	rcu_read_lock();
	container_chain_of_cgroup(cgrp, &chain);
	rcu_read_unlock();
	if (!host &&
	    chain.rank[container_rank(reg->net)].n == CONTAINER_ID_MAX_LEVELS &&
	    !container_chain_id(&chain, reg->net)) {
		NL_SET_ERR_MSG(extack, "as many registries as can judge one socket have a binding above this cgroup");
		return -E2BIG;
	}
	return 0;
}

/**
 * container_bind() - let a cgroup belong to a container
 * @reg: the registry
 * @c: a container of @reg
 * @cgrp: a cgroup of the default hierarchy; the caller holds a reference and
 *	has checked that its user may bind it
 * @extack: says why it was refused
 *
 * Context: process, under container_lock; may sleep.
 * Return: the binding, valid under container_lock, or an error pointer:
 * -EEXIST (bound to @c already), -EBUSY (bound to another container), -E2BIG
 * (more registries than fit would judge), -ENOSPC (no room), -ENOMEM.
 */
struct container_binding *
container_bind(struct container_registry *reg, struct container *c,
	       struct cgroup *cgrp, struct netlink_ext_ack *extack)
{
	struct container_binding *b;
	int err;

	lockdep_assert_held(&container_lock);
	if (reg->closed)
		return ERR_PTR(-ENODEV);
	b = container_bound(reg, cgroup_id(cgrp));
	if (b && b->c == c) {
		NL_SET_ERR_MSG(extack, "the cgroup is bound to this container already");
		return ERR_PTR(-EEXIST);
	}
	if (b) {
		NL_SET_ERR_MSG(extack, "the cgroup is bound to another container: unbind it first");
		return ERR_PTR(-EBUSY);
	}
	err = check_room(reg, cgrp, extack);
	if (err)
		return ERR_PTR(err);

	b = kzalloc(sizeof(*b), GFP_KERNEL_ACCOUNT);
	if (!b)
		return ERR_PTR(-ENOMEM);
	b->cgroup_id = cgroup_id(cgrp);
	b->net = reg->net;
	b->id = c->id;
	b->c = c;
	atomic_set(&b->state, BINDING_LIVE);
	err = rhltable_insert(&binding_table, &b->node, binding_params);
	if (err) {
		kfree(b);
		return ERR_PTR(err);
	}
	list_add_tail(&b->sibling, &c->bindings);
	c->nbindings++;
	reg->nbindings++;
	container_registry_changed(reg);
	bindings_changed();
	return b;
}

static void binding_take_off(struct container_registry *reg,
			     struct container_binding *b)
{
	rhltable_remove(&binding_table, &b->node, binding_params);
	list_del(&b->sibling);
	b->c->nbindings--;
	b->c = NULL;
	reg->nbindings--;
	container_registry_changed(reg);
	bindings_changed();
}

/**
 * container_unbind() - end a binding
 * @reg: the registry
 * @b: a binding of @reg; freed
 *
 * Context: process, under container_lock.
 */
void container_unbind(struct container_registry *reg,
		      struct container_binding *b)
{
	lockdep_assert_held(&container_lock);
	binding_take_off(reg, b);
	if (atomic_cmpxchg(&b->state, BINDING_LIVE, BINDING_UNBOUND) == BINDING_LIVE)
		kfree_rcu(b, rcu);
}

static void reap_released(struct work_struct *work)
{
	struct llist_node *list = llist_del_all(&released_bindings);
	struct container_binding *b, *next;

	llist_for_each_entry_safe(b, next, list, released) {
		mutex_lock(&container_lock);
		if (b->c) {
			struct container_registry *reg = container_registry(b->net);

			container_notify_binding(reg, b, CONTAINER_ID_CMD_UNBIND_NTF);
			binding_take_off(reg, b);
		}
		mutex_unlock(&container_lock);
		kfree_rcu(b, rcu);
	}
}

/* Cgroup ids are unique within one hierarchy only. */
static bool is_cgroup2(const struct cgroup *cgrp)
{
	return cgrp->root == &cgrp_dfl_root;
}

/* Runs with preemption off and under a lock of the cgroup core: leave the work
 * to a worker.
 */
static void on_cgroup_release(void *data, struct cgroup *cgrp, const char *path)
{
	u64 id = cgroup_id(cgrp);
	struct container_binding *b;
	struct rhlist_head *list, *pos;
	bool any = false;

	if (!is_cgroup2(cgrp))
		return;
	rcu_read_lock();
	list = rhltable_lookup(&binding_table, &id, binding_params);
	rhl_for_each_entry_rcu(b, pos, list, node) {
		if (atomic_cmpxchg(&b->state, BINDING_LIVE, BINDING_RELEASED) !=
		    BINDING_LIVE)
			continue;
		WRITE_ONCE(b->gone, true);
		llist_add(&b->released, &released_bindings);
		any = true;
	}
	rcu_read_unlock();
	if (any)
		schedule_work(&reaper);
}

static void on_cgroup_rmdir(void *data, struct cgroup *cgrp, const char *path)
{
	u64 id = cgroup_id(cgrp);
	struct container_binding *b;
	struct rhlist_head *list, *pos;

	if (!is_cgroup2(cgrp))
		return;
	rcu_read_lock();
	list = rhltable_lookup(&binding_table, &id, binding_params);
	rhl_for_each_entry_rcu(b, pos, list, node)
		WRITE_ONCE(b->gone, true);
	rcu_read_unlock();
}

static void find_tracepoint(struct tracepoint *tp, void *data)
{
	if (!strcmp(tp->name, "cgroup_release"))
		tp_cgroup_release = tp;
	else if (!strcmp(tp->name, "cgroup_rmdir"))
		tp_cgroup_rmdir = tp;
}

/**
 * container_binding_init() - set up the table and watch cgroups go
 *
 * Return: 0 or a negative errno; -ENOENT on a kernel without the tracepoints.
 */
int container_binding_init(void)
{
	int err;

	for_each_kernel_tracepoint(find_tracepoint, NULL);
	if (!tp_cgroup_release || !tp_cgroup_rmdir) {
		pr_err("this kernel has no cgroup_release or no cgroup_rmdir tracepoint; without them bindings of removed cgroups would pile up\n");
		return -ENOENT;
	}
	chain_cache = alloc_percpu(struct chain_cache);
	if (!chain_cache)
		return -ENOMEM;
	err = rhltable_init(&binding_table, &binding_params);
	if (err)
		goto err_cache;
	err = tracepoint_probe_register(tp_cgroup_release, on_cgroup_release, NULL);
	if (err)
		goto err_table;
	err = tracepoint_probe_register(tp_cgroup_rmdir, on_cgroup_rmdir, NULL);
	if (err)
		goto err_release;
	return 0;

err_release:
	tracepoint_probe_unregister(tp_cgroup_release, on_cgroup_release, NULL);
	tracepoint_synchronize_unregister();
err_table:
	rhltable_destroy(&binding_table);
err_cache:
	free_percpu(chain_cache);
	return err;
}

/**
 * container_binding_exit() - undo container_binding_init()
 *
 * Context: process; every registry is closed, so the table is empty but for
 * bindings that wait for the reaper.
 */
void container_binding_exit(void)
{
	tracepoint_probe_unregister(tp_cgroup_rmdir, on_cgroup_rmdir, NULL);
	tracepoint_probe_unregister(tp_cgroup_release, on_cgroup_release, NULL);
	tracepoint_synchronize_unregister();
	flush_work(&reaper);
	rhltable_destroy(&binding_table);
	free_percpu(chain_cache);
}
