/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _CONTAINER_REGISTRY_H
#define _CONTAINER_REGISTRY_H

#include <linux/llist.h>
#include <linux/mutex.h>
#include <linux/rbtree.h>
#include <linux/rhashtable.h>
#include <net/net_namespace.h>

#include "container_id.h"

struct genl_info;
struct netlink_ext_ack;

/**
 * struct container_flow_kept - flow ids of a container; never changed, but replaced
 * @ids: the ids
 * @rcu: readers look at them without lock
 */
struct container_flow_kept {
	struct container_flow ids;
	struct rcu_head rcu;
};

/**
 * struct container - an id that the admin gave, its name and its flow ids
 * @by_id: node in the registry's tree of ids
 * @by_name: node in the registry's tree of names, while @name is not empty
 * @bindings: list of &struct container_binding.sibling
 * @nbindings: length of that list
 * @id: the container id
 * @flow: its flow ids, NULL without any; read under RCU, too
 * @rcu: look-ups by event come to @flow without lock
 * @name: its name, or ""
 *
 * All of it is under container_lock.
 */
struct container {
	struct rb_node by_id;
	struct rb_node by_name;
	struct list_head bindings;
	u32 nbindings;
	u32 id;
	struct container_flow_kept __rcu *flow;
	struct rcu_head rcu;
	char name[CONTAINER_ID_NAMSIZ];
};

/**
 * struct container_registry - the containers of one network namespace
 * @net: that namespace
 * @by_id: all containers
 * @by_name: those with a name
 * @ncontainers: how many there are
 * @nbindings: how many cgroups they are bound to
 * @bound: how many bindings there ever were
 * @seq: changes with every write, never 0; tells a dump that it was interrupted
 * @closed: the namespace is going away, no binding may be added
 */
struct container_registry {
	struct net *net;
	struct rb_root by_id;
	struct rb_root by_name;
	u32 ncontainers;
	u32 nbindings;
	u64 bound;
	u32 seq;
	bool closed;
};

/* Who frees a binding: whoever moves it out of BINDING_LIVE. */
enum {
	BINDING_LIVE,
	BINDING_UNBOUND,	/* its owner took it off and frees it */
	BINDING_RELEASED,	/* its cgroup is gone, the reaper frees it */
};

/**
 * struct container_binding - one cgroup that belongs to a container
 * @node: in the table of all bindings of all registries, by @cgroup_id
 * @cgroup_id: cgroup v2 id, never used again for another cgroup
 * @net: the registry's namespace
 * @id: the container's id
 * @state: BINDING_*, decides who frees
 * @gone: the cgroup's directory was removed
 * @c: the container, which lives as long as readers may find the binding
 * @nr: rises with each binding of the registry, and along @c->bindings
 * @sibling: in @c->bindings, or empty once it is taken off
 * @released: in the list for the reaper
 * @rcu: readers walk @node without lock
 */
struct container_binding {
	struct rhlist_head node;
	u64 cgroup_id;
	struct net *net;
	u32 id;
	atomic_t state;
	bool gone;
	struct container *c;
	u64 nr;
	struct list_head sibling;
	struct llist_node released;
	struct rcu_head rcu;
};

/*
 * Held by all who read or write registries and bindings, look-ups by packet or
 * event excepted: these walk the bindings under RCU. All registries have this one,
 * so nothing that is charged to a tenant's memory cgroup is allocated under it.
 */
extern struct mutex container_lock;

/* container_registry.c */
struct container_registry *container_registry(const struct net *net);
struct container *container_find(struct container_registry *reg, u32 id);
struct container *container_find_name(struct container_registry *reg,
				      const char *name);
struct container *container_first_from(struct container_registry *reg, u32 id);
int container_add(struct container_registry *reg, struct container *c, u32 id,
		  const char *name, struct netlink_ext_ack *extack);
int container_rename(struct container_registry *reg, struct container *c,
		     const char *name, struct netlink_ext_ack *extack);
void container_del(struct container_registry *reg, struct container *c);
void container_registry_changed(struct container_registry *reg);

/* container_binding.c */
int container_binding_init(void);
void container_binding_exit(void);
struct container_binding *container_bound(struct container_registry *reg,
					  u64 cgroup_id);
int container_bind(struct container_registry *reg, struct container *c,
		   struct cgroup *cgrp, struct container_binding *b,
		   struct container_binding *old, struct netlink_ext_ack *extack);
void container_unbind(struct container_registry *reg,
		      struct container_binding *b);
struct container_binding *container_nearest_binding(const struct net *net,
						    struct cgroup *cgrp);

struct rhlist_head *container_bindings_of(u64 cgroup_id);
struct container_binding *container_nearest_binding_rcu(const struct net *net,
							struct cgroup *cgrp);
extern atomic64_t container_binding_gen;

/* container_chain.c, besides what container_id.h has */
int container_chain_init(void);
void container_chain_exit(void);

/* container_flow.c, besides what container_id.h has */
/**
 * struct container_flow_change - what becomes of a container's flow ids
 * @to: the ids that it gets; @to.fixed counts if @fix is true
 * @unset: those that it loses
 * @fix: it is said whether they are fixed
 * @held: what is caught for it
 * @kept: room for the result
 */
struct container_flow_change {
	struct container_flow to;
	u32 unset;
	bool fix;
	bool held[CONTAINER_FLOW_USES];
	struct container_flow_kept *kept;
};

bool container_flow_asked(const struct genl_info *info);
int container_flow_prepare(struct container_flow_change *change,
			   struct genl_info *info);
void container_flow_apply(struct container_registry *reg, struct container *c,
			  struct container_flow_change *change);
void container_flow_finish(struct container_flow_change *change);
void container_flow_forget(struct container *c);
int container_flow_put_attrs(struct sk_buff *msg, const struct container *c);
void container_flow_exit(void);

/* container_cgroup.c */
struct cgroup *container_cgroup_get(const struct sk_buff *skb,
				    struct genl_info *info, bool manage);

/* container_netlink.c */
int container_netlink_init(void);
void container_netlink_exit(void);
void container_notify_binding(struct container_registry *reg,
			      const struct container_binding *b, u8 cmd);

#endif /* _CONTAINER_REGISTRY_H */
