// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bindings: which cgroups belong to which container.
 *
 * All registries share one table, keyed by cgroup id, so that one walk from a
 * cgroup to the root finds what each of them says. No reference on a cgroup is
 * held. The cgroup_release tracepoint tells when the last reference to a cgroup
 * is gone, its sockets' references included: only then its bindings may go,
 * because a socket must not lose its owner when the directory is removed.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>
#include <linux/slab.h>
#include <linux/tracepoint.h>
#include <linux/workqueue.h>
#include <net/netlink.h>

#include "container_registry.h"

/* A tenant may fill its own registry, not the host's memory. */
#define MAX_BINDINGS_HOST	(1U << 24)
#define MAX_BINDINGS_TENANT	(1U << 14)

/* Registries with a binding above one cgroup, besides those further in: each event
 * there may have to look at all.
 */
#define MAX_CROWD		64

static const struct rhashtable_params binding_params = {
	.key_len = sizeof(u64),
	.key_offset = offsetof(struct container_binding, cgroup_id),
	.head_offset = offsetof(struct container_binding, node),
	.automatic_shrinking = true,
};

static struct rhltable binding_table;

/* Counts the changes of the table; what was cached before is stale. */
atomic64_t container_binding_gen = ATOMIC64_INIT(1);

static void reap_released(struct work_struct *work);
static DECLARE_WORK(reaper, reap_released);
static LLIST_HEAD(released_bindings);

static struct tracepoint *tp_cgroup_release, *tp_cgroup_rmdir;

/* Call it after the table was written, so that who sees the new value sees the
 * new table, too.
 */
static void bindings_changed(void)
{
	atomic64_inc_return(&container_binding_gen);
}

/**
 * container_bindings_of() - what all registries say of a cgroup itself
 * @cgroup_id: cgroup v2 id
 *
 * Context: RCU read-side section.
 * Return: bindings, by @node, or NULL.
 */
struct rhlist_head *container_bindings_of(u64 cgroup_id)
{
	return rhltable_lookup(&binding_table, &cgroup_id, binding_params);
}

/* What one registry says. */
static struct container_binding *binding_of(const struct net *net, u64 cgroup_id)
{
	struct rhlist_head *list, *pos;
	struct container_binding *b;

	list = container_bindings_of(cgroup_id);
	rhl_for_each_entry_rcu(b, pos, list, node)
		if (b->net == net)
			return b;
	return NULL;
}

/**
 * container_nearest_binding_rcu() - why a cgroup belongs to a container
 * @net: network namespace of the registry
 * @cgrp: a cgroup of the default hierarchy that the caller keeps alive
 *
 * Context: RCU read-side section.
 * Return: the binding of @cgrp or its nearest bound ancestor in that registry,
 * or NULL.
 */
struct container_binding *container_nearest_binding_rcu(const struct net *net,
							struct cgroup *cgrp)
{
	struct container_binding *b = NULL;

	for (; cgrp && !b; cgrp = cgroup_parent(cgrp))
		b = binding_of(net, cgroup_id(cgrp));
	return b;
}

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
	struct container_binding *b;

	lockdep_assert_held(&container_lock);
	rcu_read_lock();
	b = binding_of(reg->net, cgroup_id);
	rcu_read_unlock();
	return b;
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
	struct container_binding *b;

	lockdep_assert_held(&container_lock);
	rcu_read_lock();
	b = container_nearest_binding_rcu(net, cgrp);
	rcu_read_unlock();
	return b;
}

static void binding_take_off(struct container_registry *reg,
			     struct container_binding *b)
{
	rhltable_remove(&binding_table, &b->node, binding_params);
	list_del_init(&b->sibling);
	b->c->nbindings--;
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

/* Users' registries with a binding above a cgroup, but for those further in than @net:
 * these must not keep it out.
 */
static unsigned int crowd(const struct net *net, struct cgroup *cgrp)
{
	struct rhlist_head *list, *pos;
	struct container_binding *b;
	unsigned int n = 0;

	for (; cgrp; cgrp = cgroup_parent(cgrp)) {
		list = container_bindings_of(cgroup_id(cgrp));
		rhl_for_each_entry_rcu(b, pos, list, node)
			n += b->net != net &&
			     container_rank(b->net) == CONTAINER_RANK_USER &&
			     (!container_may_judge(net, b->net) ||
			      container_may_judge(b->net, net));
	}
	return n;
}

/* Room is taken by those that judge the sockets of @reg's own namespace. If one comes
 * that is further out, and those inside are too many then, it is their sockets that
 * are denied.
 */
static int check_room(const struct container_registry *reg, struct cgroup *cgrp,
		      struct netlink_ext_ack *extack)
{
	bool host = net_eq(reg->net, &init_net);
	struct container_chain chain;
	unsigned int others = 0;

	if (reg->nbindings >= (host ? MAX_BINDINGS_HOST : MAX_BINDINGS_TENANT)) {
		NL_SET_ERR_MSG(extack, "the registry of this network namespace has no room for another binding");
		return -ENOSPC;
	}
	if (host)
		return 0;
	rcu_read_lock();
	container_chain_of_judges(cgrp, reg->net, &chain);
	if (container_rank(reg->net) == CONTAINER_RANK_USER)
		others = crowd(reg->net, cgrp);
	rcu_read_unlock();
	if (chain.rank[container_rank(reg->net)].n == CONTAINER_ID_MAX_LEVELS &&
	    !container_chain_id(&chain, reg->net)) {
		NL_SET_ERR_MSG(extack, "as many registries as can judge one socket have a binding above this cgroup");
		return -E2BIG;
	}
	if (others >= MAX_CROWD) {
		NL_SET_ERR_MSG(extack, "too many registries have a binding above this cgroup");
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
 * @b: a zeroed binding, allocated before the lock was taken: a memory cgroup
 *	that is full reclaims for long. The registry's if this succeeds.
 * @old: the binding of @cgrp that this one takes the place of, or NULL. At no time
 *	the cgroup is nobody's, or its parent's: who looks it up finds the one or the
 *	other.
 * @extack: says why it was refused
 *
 * Context: process, under container_lock; may sleep.
 * Return: 0, -EEXIST (bound to @c already), -EBUSY (bound to another container, and
 * that is not @old), -E2BIG (more registries than fit would judge), -ENOSPC (no room), -ENODEV (the
 * network namespace is going), -ENOMEM.
 */
int container_bind(struct container_registry *reg, struct container *c,
		   struct cgroup *cgrp, struct container_binding *b,
		   struct container_binding *old, struct netlink_ext_ack *extack)
{
	const struct container_binding *other;
	int err;

	lockdep_assert_held(&container_lock);
	if (reg->closed)
		return -ENODEV;
	other = container_bound(reg, cgroup_id(cgrp));
	if (other && other->c == c) {
		NL_SET_ERR_MSG(extack, "the cgroup is bound to this container already");
		return -EEXIST;
	}
	if (other != old) {
		NL_SET_ERR_MSG(extack, "the cgroup is bound to another container");
		return -EBUSY;
	}
	err = old ? 0 : check_room(reg, cgrp, extack);
	if (err)
		return err;

	b->cgroup_id = cgroup_id(cgrp);
	b->net = reg->net;
	b->id = c->id;
	b->c = c;
	atomic_set(&b->state, BINDING_LIVE);
	err = rhltable_insert(&binding_table, &b->node, binding_params);
	if (err)
		return err;
	b->nr = ++reg->bound;
	list_add_tail(&b->sibling, &c->bindings);
	c->nbindings++;
	reg->nbindings++;
	container_registry_changed(reg);
	bindings_changed();
	if (old) {
		container_notify_binding(reg, old, CONTAINER_ID_CMD_UNBIND_NTF);
		container_unbind(reg, old);
	}
	container_notify_binding(reg, b, CONTAINER_ID_CMD_BIND_NTF);
	return 0;
}

static void reap_released(struct work_struct *work)
{
	struct llist_node *list = llist_del_all(&released_bindings);
	struct container_binding *b, *next;

	llist_for_each_entry_safe(b, next, list, released) {
		mutex_lock(&container_lock);
		if (!list_empty(&b->sibling)) {
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
	struct container_binding *b;
	struct rhlist_head *list, *pos;
	bool any = false;

	if (!is_cgroup2(cgrp))
		return;
	rcu_read_lock();
	list = container_bindings_of(cgroup_id(cgrp));
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
	struct container_binding *b;
	struct rhlist_head *list, *pos;

	if (!is_cgroup2(cgrp))
		return;
	rcu_read_lock();
	list = container_bindings_of(cgroup_id(cgrp));
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
	err = container_chain_init();
	if (err)
		return err;
	err = rhltable_init(&binding_table, &binding_params);
	if (err)
		goto err_chain;
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
err_chain:
	container_chain_exit();
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
	container_chain_exit();
}
