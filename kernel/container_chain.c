// SPDX-License-Identifier: GPL-2.0-only
/*
 * Chains: what all registries say about a cgroup. One walk from it to the root finds
 * it, and what was found is kept for each CPU until a binding changes. Every event
 * and packet looks here.
 */
#include <linux/export.h>
#include <linux/hash.h>
#include <linux/kcsan-checks.h>
#include <linux/percpu.h>
#include <linux/seqlock.h>

#include "compat.h"
#include "container_registry.h"

#define CACHE_BITS		5

/**
 * struct chain_cache_slot - a chain that was looked up on this CPU
 * @seq: odd while it is written. Look-ups run in task and softirq context and,
 *	on PREEMPT_RT, preempt each other, so a reader checks and a writer that
 *	finds another one at work leaves the slot alone.
 * @cgroup_id: key
 * @gen: value of container_binding_gen before the look-up
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

static void chain_add(struct container_chain *chain,
		      const struct container_binding *b, u32 depth)
{
	struct container_levels *levels;
	u8 i;

	if (net_eq(b->net, &init_net)) {
		/* Its nearest binding comes first. */
		if (!chain->host) {
			chain->host = b->id;
			chain->host_owner = b->c;
		}
		return;
	}
	levels = &chain->rank[container_rank(b->net)];
	for (i = 0; i < levels->n; i++) {
		if (levels->level[i].net != b->net)
			continue;
		/* Its nearest binding names the owner, its outermost one ranks
		 * the registry.
		 */
		levels->level[i].depth = depth;
		return;
	}
	if (levels->n == CONTAINER_ID_MAX_LEVELS)
		levels->overflow = true;
	else
		levels->level[levels->n++] = (struct container_level){
			.net = b->net, .owner = b->c, .id = b->id,
			.depth = depth,
		};
}

/* Is @a to judge before @b? */
static bool is_outer(const struct container_level *a,
		     const struct container_level *b)
{
	if (a->depth != b->depth)
		return a->depth < b->depth;
	/* On the same cgroup: who gave it away before whom he gave it to. */
	return a->net->user_ns->level < b->net->user_ns->level;
}

static void order(struct container_levels *levels)
{
	u8 i, j;

	/* They were found from the inside out, those on the same cgroup in any order. */
	for (i = 1; i < levels->n; i++)
		for (j = i; j && is_outer(&levels->level[j],
					  &levels->level[j - 1]); j--)
			swap(levels->level[j], levels->level[j - 1]);
}

/* With @own only the registries that may judge its sockets. */
static void chain_walk(struct cgroup *cgrp, const struct net *own,
		       struct container_chain *chain)
{
	unsigned int rank;

	chain->host = 0;
	chain->host_owner = NULL;
	for (rank = 0; rank < CONTAINER_RANKS; rank++) {
		chain->rank[rank].n = 0;
		chain->rank[rank].overflow = false;
	}
	for (; cgrp; cgrp = cgroup_parent(cgrp)) {
		struct rhlist_head *list = container_bindings_of(cgroup_id(cgrp));
		struct container_binding *b;
		struct rhlist_head *pos;

		rhl_for_each_entry_rcu(b, pos, list, node)
			if (!own || container_may_judge(b->net, own))
				chain_add(chain, b, cgrp->level);
	}
	for (rank = 0; rank < CONTAINER_RANKS; rank++)
		order(&chain->rank[rank]);
}

static struct chain_cache_slot *chain_slot(u64 cgroup_id)
{
	struct chain_cache *cache = raw_cpu_ptr(chain_cache);

	return &cache->slot[hash_64(cgroup_id, CACHE_BITS)];
}

static __always_inline void chain_copy(struct container_chain *to,
				       const struct container_chain *from)
{
	unsigned int rank;

	to->host = from->host;
	to->host_owner = from->host_owner;
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

/* Begins to read a slot. Return: false if it has something else. */
static __always_inline bool slot_begin(const struct chain_cache_slot *slot,
				       u64 cgroup_id, s64 gen, int *seq)
{
	*seq = atomic_read_acquire(&slot->seq);
	/* KCSAN is told as it is of a seqlock. */
	kcsan_atomic_next(KCSAN_SEQLOCK_REGION_MAX);
	if (!(*seq & 1) && slot->cgroup_id == cgroup_id && slot->gen == gen)
		return true;
	kcsan_atomic_next(0);
	return false;
}

/* Return: false if what was read may be of two chains. */
static __always_inline bool slot_end(const struct chain_cache_slot *slot, int seq)
{
	smp_rmb();	/* what was read before the second look at the number */
	kcsan_atomic_next(0);
	return atomic_read(&slot->seq) == seq;
}

static bool chain_cached(u64 cgroup_id, s64 gen, struct container_chain *chain)
{
	const struct chain_cache_slot *slot = chain_slot(cgroup_id);
	int seq;

	if (!slot_begin(slot, cgroup_id, gen, &seq))
		return false;
	chain_copy(chain, &slot->chain);
	return slot_end(slot, seq);
}

/* What of the chain most want. */
static __always_inline void chain_owner(const struct container_chain *chain,
					struct container_owner *owner)
{
	owner->host = chain->host;
	owner->others = chain->rank[CONTAINER_RANK_ROOT].n |
			chain->rank[CONTAINER_RANK_USER].n;
}

static __always_inline bool owner_cached(u64 cgroup_id, s64 gen,
					 struct container_owner *owner)
{
	const struct chain_cache_slot *slot = chain_slot(cgroup_id);
	int seq;

	if (!slot_begin(slot, cgroup_id, gen, &seq))
		return false;
	chain_owner(&slot->chain, owner);
	return slot_end(slot, seq);
}

static void chain_remember(u64 cgroup_id, s64 gen,
			   const struct container_chain *chain)
{
	struct chain_cache_slot *slot = chain_slot(cgroup_id);
	int seq = atomic_read(&slot->seq);

	if (seq & 1 || atomic_cmpxchg(&slot->seq, seq, seq + 1) != seq)
		return;
	kcsan_nestable_atomic_begin();
	slot->cgroup_id = cgroup_id;
	slot->gen = gen;
	chain_copy(&slot->chain, chain);
	kcsan_nestable_atomic_end();
	atomic_set_release(&slot->seq, seq + 2);
}

static noinline void chain_look_up(struct cgroup *cgrp, s64 gen,
				   struct container_chain *chain)
{
	chain_walk(cgrp, NULL, chain);
	chain_remember(cgroup_id(cgrp), gen, chain);
}

static noinline void owner_look_up(struct cgroup *cgrp, s64 gen,
				   struct container_owner *owner)
{
	struct container_chain chain __uninitialized;

	chain_look_up(cgrp, gen, &chain);
	chain_owner(&chain, owner);
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
	s64 gen = atomic64_read_acquire(&container_binding_gen);

	if (unlikely(!chain_cached(cgroup_id(cgrp), gen, chain)))
		chain_look_up(cgrp, gen, chain);
}
EXPORT_SYMBOL_GPL(container_chain_of_cgroup);

/**
 * container_owner_of_cgroup() - what the host's registry says about a cgroup
 * @cgrp: a cgroup of the default hierarchy that the caller keeps alive
 * @owner: filled in; container_chain_of_cgroup() is for the others
 *
 * Context: RCU read-side section, task or softirq.
 */
void container_owner_of_cgroup(struct cgroup *cgrp, struct container_owner *owner)
{
	s64 gen = atomic64_read_acquire(&container_binding_gen);

	if (unlikely(!owner_cached(cgroup_id(cgrp), gen, owner)))
		owner_look_up(cgrp, gen, owner);
}
EXPORT_SYMBOL_GPL(container_owner_of_cgroup);

/**
 * container_chain_of_judges() - what the registries say that judge a socket
 * @cgrp: the socket's cgroup
 * @own: network namespace of the socket
 * @chain: filled as by container_chain_of_cgroup(), without the registries that
 *	may not judge sockets of @own
 *
 * For a cgroup with more registries than fit: those that have no say must not
 * take the place of those that have. It is not cached.
 *
 * Context: RCU read-side section, task or softirq.
 */
void container_chain_of_judges(struct cgroup *cgrp, const struct net *own,
			       struct container_chain *chain)
{
	chain_walk(cgrp, own, chain);
}
EXPORT_SYMBOL_GPL(container_chain_of_judges);

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

static noinline u32 id_in_tenant(const struct net *net, struct cgroup *cgrp)
{
	struct container_chain chain __uninitialized;
	const struct container_binding *b;
	u32 id;

	container_chain_of_cgroup(cgrp, &chain);
	id = container_chain_id(&chain, net);
	if (likely(id || !chain.rank[container_rank(net)].overflow))
		return id;
	/* More registries have a say than a chain has room for. */
	b = container_nearest_binding_rcu(net, cgrp);
	return b ? b->id : 0;
}

/* Not inline: whose address is taken, that the stack protector guards. */
static noinline u32 id_in_host(struct cgroup *cgrp, s64 gen)
{
	struct container_owner owner __uninitialized;

	owner_look_up(cgrp, gen, &owner);
	return owner.host;
}

/* Inline: each rule of a packets' table comes here. */
static __always_inline u32 id_of_cgroup(const struct net *net,
					struct cgroup *cgrp)
{
	s64 gen = atomic64_read_acquire(&container_binding_gen);
	struct container_owner owner __uninitialized;

	if (unlikely(!net_eq(net, &init_net)))
		return id_in_tenant(net, cgrp);
	if (likely(owner_cached(cgroup_id(cgrp), gen, &owner)))
		return owner.host;
	return id_in_host(cgrp, gen);
}

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
	return id_of_cgroup(net, cgrp);
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

	return cgrp ? id_of_cgroup(net, cgrp) : 0;
}
EXPORT_SYMBOL_GPL(container_id_of_sock);

/**
 * container_chain_init() - make the caches
 *
 * Return: 0 or -ENOMEM.
 */
int container_chain_init(void)
{
	chain_cache = alloc_percpu(struct chain_cache);
	return chain_cache ? 0 : -ENOMEM;
}

/**
 * container_chain_exit() - undo container_chain_init()
 *
 * Context: process; nobody looks anything up.
 */
void container_chain_exit(void)
{
	free_percpu(chain_cache);
}
