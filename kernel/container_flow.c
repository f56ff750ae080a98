// SPDX-License-Identifier: GPL-2.0-only
/*
 * Flow ids: the mark, priority and class id that a container's sockets have. What
 * puts them there is sock_event's; it is loaded and asked for when the first
 * container gets one, and let go with the last.
 */
#include <linux/export.h>
#include <linux/kmod.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/workqueue.h>
#include <net/genetlink.h>

#include "compat.h"
#include "container_registry.h"

#define CATCHER_MODULE	"sock_hooks"

atomic_t container_flow_users[CONTAINER_FLOW_USES];
EXPORT_SYMBOL_GPL(container_flow_users);

/* Each use holds the catcher's module, so it stays while there are any. */
static DEFINE_MUTEX(catcher_lock);
static const struct container_flow_catcher *catcher;

/* What ended under container_lock, where nobody shall wait for hook points. */
static void let_go(struct work_struct *work);
static DECLARE_WORK(let_go_work, let_go);
static atomic_t ended[CONTAINER_FLOW_USES];

/**
 * container_flow_register() - offer to catch what flow ids need
 * @new: by whom; there is one at a time
 */
void container_flow_register(const struct container_flow_catcher *new)
{
	mutex_lock(&catcher_lock);
	catcher = new;
	mutex_unlock(&catcher_lock);
}
EXPORT_SYMBOL_GPL(container_flow_register);

/**
 * container_flow_unregister() - take the offer back
 *
 * For the exit of its module, which nothing uses any more.
 */
void container_flow_unregister(void)
{
	mutex_lock(&catcher_lock);
	catcher = NULL;
	mutex_unlock(&catcher_lock);
}
EXPORT_SYMBOL_GPL(container_flow_unregister);

static bool catcher_hold(void)
{
	bool held;

	mutex_lock(&catcher_lock);
	held = catcher && try_module_get(catcher->owner);
	mutex_unlock(&catcher_lock);
	return held;
}

static int use_begin(enum container_flow_use use, struct netlink_ext_ack *extack)
{
	int err;

	if (!catcher_hold()) {
		request_module(CATCHER_MODULE);
		if (!catcher_hold()) {
			NL_SET_ERR_MSG(extack, "flow ids need the module " CATCHER_MODULE ": load it with modprobe");
			return -EOPNOTSUPP;
		}
	}
	err = catcher->get(use);
	if (err) {
		NL_SET_ERR_MSG(extack, "flow ids need functions of the kernel watched: its log says which one cannot be");
		module_put(catcher->owner);
		return err;
	}
	atomic_inc(&container_flow_users[use]);
	return 0;
}

static void use_end(enum container_flow_use use)
{
	struct module *owner = catcher->owner;

	atomic_dec(&container_flow_users[use]);
	catcher->put(use);
	module_put(owner);
}

static void let_go(struct work_struct *work)
{
	unsigned int use;
	int n;

	for (use = 0; use < CONTAINER_FLOW_USES; use++)
		for (n = atomic_xchg(&ended[use], 0); n; n--)
			use_end(use);
}

static void use_end_later(enum container_flow_use use)
{
	atomic_inc(&ended[use]);
	schedule_work(&let_go_work);
}

/**
 * container_flow_exit() - wait for what is still being let go
 *
 * Context: process; there is no registry any more.
 */
void container_flow_exit(void)
{
	flush_work(&let_go_work);
}

/* What several registries say adds up. Of one id the first one's counts; who fixes them
 * closes the list, or a tenant would give himself what the host does not let him set.
 */
static void add_container(struct container_flow *flow, const struct container *c)
{
	const struct container_flow_kept *kept;
	u8 more;

	kept = c ? rcu_dereference(c->flow) : NULL;
	if (!kept || flow->fixed)
		return;
	more = kept->ids.set & ~flow->set;
	if (more & CONTAINER_ID_FLOW_MARK)
		flow->mark = kept->ids.mark;
	if (more & CONTAINER_ID_FLOW_PRIORITY)
		flow->priority = kept->ids.priority;
	if (more & CONTAINER_ID_FLOW_CLASSID)
		flow->classid = kept->ids.classid;
	flow->set |= more;
	flow->fixed = kept->ids.fixed;
}

static bool overflows(const struct container_chain *chain)
{
	return chain->rank[CONTAINER_RANK_ROOT].overflow ||
	       chain->rank[CONTAINER_RANK_USER].overflow;
}

/* Those with a say in the socket's events have one here: their owners have
 * CAP_NET_ADMIN over its network namespace.
 */
static noinline void add_chain(struct container_flow *flow, struct cgroup *cgrp,
			       const struct net *own)
{
	struct container_chain chain __uninitialized;
	unsigned int rank;
	u8 i;

	container_chain_of_cgroup(cgrp, &chain);
	if (unlikely(overflows(&chain)))
		container_chain_of_judges(cgrp, own, &chain);
	add_container(flow, chain.host_owner);
	for (rank = 0; rank < CONTAINER_RANKS; rank++) {
		const struct container_levels *levels = &chain.rank[rank];

		for (i = 0; i < levels->n; i++)
			if (container_may_judge(levels->level[i].net, own))
				add_container(flow, levels->level[i].owner);
	}
	/* Who was left out may have said so. */
	flow->fixed |= overflows(&chain);
}

/**
 * container_flow_of_sock() - the flow ids that a socket is to have
 * @sk: a full socket
 * @flow: filled in: those of the containers that own it, of the initial namespace's
 *	registry first, then of the others that may judge it, from the outside in
 *
 * Context: any that the socket lives through.
 */
void container_flow_of_sock(const struct sock *sk, struct container_flow *flow)
{
	struct cgroup *cgrp = container_sock_cgroup(sk);
	struct container_owner owner;

	*flow = (struct container_flow){};
	if (!cgrp)
		return;
	rcu_read_lock();
	container_owner_of_cgroup(cgrp, &owner);
	if (owner.host || owner.others)
		add_chain(flow, cgrp, sock_net(sk));
	rcu_read_unlock();
}
EXPORT_SYMBOL_GPL(container_flow_of_sock);

/**
 * container_flow_asked() - is a request about flow ids?
 * @info: the request
 *
 * Return: true if it has one of their attributes.
 */
bool container_flow_asked(const struct genl_info *info)
{
	return info->attrs[CONTAINER_ID_A_MARK] ||
	       info->attrs[CONTAINER_ID_A_PRIORITY] ||
	       info->attrs[CONTAINER_ID_A_CLASSID] ||
	       info->attrs[CONTAINER_ID_A_FLOW_FIXED] ||
	       info->attrs[CONTAINER_ID_A_FLOW_UNSET];
}

static void read_id(struct container_flow *flow, u8 id, u32 *value,
		    const struct nlattr *attr)
{
	if (!attr)
		return;
	flow->set |= id;
	*value = nla_get_u32(attr);
}

static int read_attrs(struct container_flow_change *change,
		      struct genl_info *info)
{
	struct nlattr *classid = info->attrs[CONTAINER_ID_A_CLASSID];
	struct nlattr *fixed = info->attrs[CONTAINER_ID_A_FLOW_FIXED];
	struct nlattr *unset = info->attrs[CONTAINER_ID_A_FLOW_UNSET];
	struct container_flow *to = &change->to;

	read_id(to, CONTAINER_ID_FLOW_MARK, &to->mark,
		info->attrs[CONTAINER_ID_A_MARK]);
	read_id(to, CONTAINER_ID_FLOW_PRIORITY, &to->priority,
		info->attrs[CONTAINER_ID_A_PRIORITY]);
	read_id(to, CONTAINER_ID_FLOW_CLASSID, &to->classid, classid);
	change->fix = fixed;
	to->fixed = fixed && nla_get_u8(fixed);
	change->unset = unset ? nla_get_u32(unset) : 0;

	if (to->set & change->unset) {
		NL_SET_ERR_MSG_ATTR(info->extack, unset, "a flow id cannot be both set and unset");
		return -EINVAL;
	}
	if (!classid)
		return 0;
	if (!IS_ENABLED(CONFIG_CGROUP_NET_CLASSID)) {
		NL_SET_ERR_MSG_ATTR(info->extack, classid, "this kernel has no class ids (CONFIG_CGROUP_NET_CLASSID)");
		return -EOPNOTSUPP;
	}
	/* The classifier looks at sockets of all namespaces alike. */
	if (!net_eq(genl_info_net(info), &init_net)) {
		NL_SET_ERR_MSG_ATTR(info->extack, classid, "class ids are seen by the host's queues: only the registry of the initial network namespace gives them");
		return -EACCES;
	}
	return 0;
}

/**
 * container_flow_prepare() - read what is asked, and get what it may take
 * @change: filled in; to be given to container_flow_finish(), also after a failure
 * @info: the request
 *
 * Context: process, not under container_lock; may sleep.
 * Return: 0, -EINVAL, -EACCES, -EOPNOTSUPP, -ENOMEM or ftrace's errno.
 */
int container_flow_prepare(struct container_flow_change *change,
			   struct genl_info *info)
{
	int err;

	*change = (struct container_flow_change){};
	err = read_attrs(change, info);
	if (err)
		return err;
	change->kept = kzalloc(sizeof(*change->kept), GFP_KERNEL_ACCOUNT);
	if (!change->kept)
		return -ENOMEM;
	if (change->to.set) {
		err = use_begin(CONTAINER_FLOW_PUT, info->extack);
		change->held[CONTAINER_FLOW_PUT] = !err;
	}
	if (!err && change->to.fixed) {
		err = use_begin(CONTAINER_FLOW_FIX, info->extack);
		change->held[CONTAINER_FLOW_FIX] = !err;
	}
	return err;
}

/* Each container holds what it needs once. */
static void settle(struct container_flow_change *change,
		   enum container_flow_use use, bool before, bool after)
{
	if (after && !before)
		change->held[use] = false;
	else if (before && !after)
		use_end_later(use);
}

static void merge(struct container_flow *ids,
		  const struct container_flow_change *change)
{
	const struct container_flow *to = &change->to;

	if (to->set & CONTAINER_ID_FLOW_MARK)
		ids->mark = to->mark;
	if (to->set & CONTAINER_ID_FLOW_PRIORITY)
		ids->priority = to->priority;
	if (to->set & CONTAINER_ID_FLOW_CLASSID)
		ids->classid = to->classid;
	ids->set = (ids->set | to->set) & ~change->unset;
	if (change->fix)
		ids->fixed = to->fixed;
}

static struct container_flow_kept *kept_of(const struct container *c)
{
	return rcu_dereference_protected(c->flow,
					 lockdep_is_held(&container_lock));
}

/**
 * container_flow_apply() - give a container other flow ids
 * @reg: the registry
 * @c: a container of @reg
 * @change: what container_flow_prepare() made
 *
 * Context: process, under container_lock.
 */
void container_flow_apply(struct container_registry *reg, struct container *c,
			  struct container_flow_change *change)
{
	struct container_flow_kept *old = kept_of(c), *new = change->kept;
	struct container_flow before = {};

	if (old)
		before = old->ids;
	new->ids = before;
	merge(&new->ids, change);
	settle(change, CONTAINER_FLOW_PUT, before.set, new->ids.set);
	settle(change, CONTAINER_FLOW_FIX, before.fixed, new->ids.fixed);
	if (new->ids.set || new->ids.fixed)
		change->kept = NULL;
	else
		new = NULL;
	rcu_assign_pointer(c->flow, new);
	if (old)
		kfree_rcu(old, rcu);
	container_registry_changed(reg);
}

/**
 * container_flow_finish() - give back what a change did not take
 * @change: the change, made or not
 *
 * Context: process, not under container_lock; may sleep.
 */
void container_flow_finish(struct container_flow_change *change)
{
	unsigned int use;

	for (use = 0; use < CONTAINER_FLOW_USES; use++)
		if (change->held[use])
			use_end(use);
	kfree(change->kept);
}

/**
 * container_flow_forget() - a container is about to be freed
 * @c: the container; no binding leads to it
 *
 * Context: process, under container_lock.
 */
void container_flow_forget(struct container *c)
{
	struct container_flow_kept *old = kept_of(c);

	if (!old)
		return;
	if (old->ids.set)
		use_end_later(CONTAINER_FLOW_PUT);
	if (old->ids.fixed)
		use_end_later(CONTAINER_FLOW_FIX);
	RCU_INIT_POINTER(c->flow, NULL);
	kfree_rcu(old, rcu);
}

static int put_id(struct sk_buff *msg, const struct container_flow *ids, u8 id,
		  int attr, u32 value)
{
	return ids->set & id ? nla_put_u32(msg, attr, value) : 0;
}

/**
 * container_flow_put_attrs() - tell a container's flow ids
 * @msg: the message
 * @c: the container
 *
 * Context: process, under container_lock.
 * Return: 0 or -EMSGSIZE.
 */
int container_flow_put_attrs(struct sk_buff *msg, const struct container *c)
{
	const struct container_flow_kept *kept = kept_of(c);
	const struct container_flow *ids;

	if (!kept)
		return 0;
	ids = &kept->ids;
	if (put_id(msg, ids, CONTAINER_ID_FLOW_MARK, CONTAINER_ID_A_MARK,
		   ids->mark) ||
	    put_id(msg, ids, CONTAINER_ID_FLOW_PRIORITY, CONTAINER_ID_A_PRIORITY,
		   ids->priority) ||
	    put_id(msg, ids, CONTAINER_ID_FLOW_CLASSID, CONTAINER_ID_A_CLASSID,
		   ids->classid))
		return -EMSGSIZE;
	return ids->fixed ? nla_put_u8(msg, CONTAINER_ID_A_FLOW_FIXED, 1) : 0;
}
