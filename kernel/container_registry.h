/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _CONTAINER_REGISTRY_H
#define _CONTAINER_REGISTRY_H

#include <linux/llist.h>
#include <linux/mutex.h>
#include <linux/rbtree.h>
#include <linux/rhashtable.h>
#include <net/net_namespace.h>

#include "container_id.h"

struct netlink_ext_ack;

/**
 * struct container - an id that the admin gave, and its name
 * @by_id: node in the registry's tree of ids
 * @by_name: node in the registry's tree of names, while @name is not empty
 * @bindings: list of &struct container_binding.sibling
 * @nbindings: length of that list
 * @id: the container id
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
	char name[CONTAINER_ID_NAMSIZ];
};

/**
 * struct container_registry - the containers of one network namespace
 * @net: that namespace
 * @by_id: all containers
 * @by_name: those with a name
 * @ncontainers: how many there are
 * @nbindings: how many cgroups they are bound to
 * @seq: changes with every write, never 0; tells a dump that it was interrupted
 * @closed: the namespace is going away, no binding may be added
 */
struct container_registry {
	struct net *net;
	struct rb_root by_id;
	struct rb_root by_name;
	u32 ncontainers;
	u32 nbindings;
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
 * @c: the container; under container_lock; NULL once it is taken off
 * @sibling: in @c->bindings
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
	struct list_head sibling;
	struct llist_node released;
	struct rcu_head rcu;
};

/*
 * Held by all who read or write registries and bindings, look-ups by packet or
 * event excepted: these walk the bindings under RCU.
 */
extern struct mutex container_lock;

/* container_registry.c */
struct container_registry *container_registry(const struct net *net);
struct container *container_find(struct container_registry *reg, u32 id);
struct container *container_find_name(struct container_registry *reg,
				      const char *name);
struct container *container_first_from(struct container_registry *reg, u32 id);
struct container *container_add(struct container_registry *reg, u32 id,
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
struct container_binding *
container_bind(struct container_registry *reg, struct container *c,
	       struct cgroup *cgrp, struct netlink_ext_ack *extack);
void container_unbind(struct container_registry *reg,
		      struct container_binding *b);
struct container_binding *container_nearest_binding(const struct net *net,
						    struct cgroup *cgrp);

/* container_netlink.c */
int container_netlink_init(void);
void container_netlink_exit(void);
void container_notify_binding(struct container_registry *reg,
			      const struct container_binding *b, u8 cmd);

#endif /* _CONTAINER_REGISTRY_H */
