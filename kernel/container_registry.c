// SPDX-License-Identifier: GPL-2.0-only
/*
 * The registries: which container ids exist in a network namespace, and what
 * they are called. What belongs to them is container_binding.c's job.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>
#include <linux/slab.h>
#include <net/netlink.h>
#include <net/netns/generic.h>

#include "container_registry.h"

/* A tenant may fill its own registry, not the host's memory. */
#define MAX_CONTAINERS_HOST	(1U << 24)
#define MAX_CONTAINERS_TENANT	(1U << 14)

DEFINE_MUTEX(container_lock);
static unsigned int registry_net_id __read_mostly;

/**
 * container_registry() - the registry of a network namespace
 * @net: the namespace, alive
 *
 * Return: its registry, never NULL.
 */
struct container_registry *container_registry(const struct net *net)
{
	return net_generic(net, registry_net_id);
}

/**
 * container_registry_changed() - note that a registry was written
 * @reg: the registry
 *
 * Dumps that started before and go on after it are marked as interrupted.
 */
void container_registry_changed(struct container_registry *reg)
{
	lockdep_assert_held(&container_lock);
	if (++reg->seq == 0)
		reg->seq = 1;
}

/**
 * container_first_from() - the container with the lowest id from a start on
 * @reg: the registry
 * @id: where to start, included
 *
 * Return: the container, or NULL when no id from @id on is registered.
 */
struct container *container_first_from(struct container_registry *reg, u32 id)
{
	struct rb_node *n = reg->by_id.rb_node;
	struct container *best = NULL;

	lockdep_assert_held(&container_lock);
	while (n) {
		struct container *c = rb_entry(n, struct container, by_id);

		if (c->id >= id) {
			best = c;
			n = n->rb_left;
		} else {
			n = n->rb_right;
		}
	}
	return best;
}

/**
 * container_find() - the container with an id
 * @reg: the registry
 * @id: container id
 *
 * Return: the container, or NULL when the id is not registered.
 */
struct container *container_find(struct container_registry *reg, u32 id)
{
	struct container *c = container_first_from(reg, id);

	return c && c->id == id ? c : NULL;
}

static int cmp_name(const void *name, const struct rb_node *n)
{
	return strcmp(name, rb_entry(n, struct container, by_name)->name);
}

static bool less_id(struct rb_node *a, const struct rb_node *b)
{
	return rb_entry(a, struct container, by_id)->id <
	       rb_entry(b, struct container, by_id)->id;
}

static bool less_name(struct rb_node *a, const struct rb_node *b)
{
	return strcmp(rb_entry(a, struct container, by_name)->name,
		      rb_entry(b, struct container, by_name)->name) < 0;
}

/**
 * container_find_name() - the container with a name
 * @reg: the registry
 * @name: NUL-terminated name
 *
 * Return: the container, or NULL when there is none so called.
 */
struct container *container_find_name(struct container_registry *reg,
				      const char *name)
{
	struct rb_node *n;

	lockdep_assert_held(&container_lock);
	n = rb_find(name, &reg->by_name, cmp_name);
	return n ? rb_entry(n, struct container, by_name) : NULL;
}

#define DIGITS		"0123456789"
#define NAME_CHARS	DIGITS "abcdefghijklmnopqrstuvwxyz" \
			"ABCDEFGHIJKLMNOPQRSTUVWXYZ" "._-"

static bool is_number(const char *word)
{
	return word[0] && !word[strspn(word, DIGITS)];
}

static bool is_range(const char *word)
{
	size_t first = strspn(word, DIGITS);

	return first && word[first] == '-' && is_number(word + first + 1);
}

static int check_name(const char *name, struct netlink_ext_ack *extack)
{
	size_t len = strlen(name);

	if (len == 0 || len >= CONTAINER_ID_NAMSIZ) {
		NL_SET_ERR_MSG(extack, "a container name has 1 to 63 characters");
		return -EINVAL;
	}
	if (name[0] == '-') {
		NL_SET_ERR_MSG(extack, "a container name must not begin with '-'");
		return -EINVAL;
	}
	if (name[strspn(name, NAME_CHARS)]) {
		NL_SET_ERR_MSG(extack, "a container name is made of letters, digits, '.', '_' and '-'");
		return -EINVAL;
	}
	if (!strcmp(name, ".") || !strcmp(name, "..")) {
		NL_SET_ERR_MSG(extack, "this container name would read as a directory");
		return -EINVAL;
	}
	if (is_number(name)) {
		NL_SET_ERR_MSG(extack, "a container name of digits only would read as an id");
		return -EINVAL;
	}
	if (is_range(name)) {
		NL_SET_ERR_MSG(extack, "this container name would read as a range of ids");
		return -EINVAL;
	}
	return 0;
}

static int check_new_name(struct container_registry *reg, const char *name,
			  struct netlink_ext_ack *extack)
{
	int err = check_name(name, extack);

	if (err)
		return err;
	if (container_find_name(reg, name)) {
		NL_SET_ERR_MSG(extack, "another container has this name");
		return -EEXIST;
	}
	return 0;
}

static void set_name(struct container_registry *reg, struct container *c,
		     const char *name)
{
	if (c->name[0])
		rb_erase(&c->by_name, &reg->by_name);
	strscpy(c->name, name, sizeof(c->name));
	if (c->name[0])
		rb_add(&c->by_name, &reg->by_name, less_name);
}

static u32 max_containers(const struct container_registry *reg)
{
	return net_eq(reg->net, &init_net) ? MAX_CONTAINERS_HOST :
					     MAX_CONTAINERS_TENANT;
}

/**
 * container_add() - register a container
 * @reg: the registry
 * @c: a zeroed container, allocated before the lock was taken: a memory cgroup
 *	that is full reclaims for long. The registry's if this succeeds.
 * @id: its id, not 0
 * @name: its name, or NULL
 * @extack: says why it was refused
 *
 * Context: process, under container_lock.
 * Return: 0, -EEXIST (id or name taken), -EINVAL (bad name) or -ENOSPC (registry
 * full).
 */
int container_add(struct container_registry *reg, struct container *c, u32 id,
		  const char *name, struct netlink_ext_ack *extack)
{
	int err;

	lockdep_assert_held(&container_lock);
	if (container_find(reg, id)) {
		NL_SET_ERR_MSG(extack, "a container with this id exists");
		return -EEXIST;
	}
	if (name) {
		err = check_new_name(reg, name, extack);
		if (err)
			return err;
	}
	if (reg->ncontainers >= max_containers(reg)) {
		NL_SET_ERR_MSG(extack, "the registry of this network namespace is full");
		return -ENOSPC;
	}
	c->id = id;
	INIT_LIST_HEAD(&c->bindings);
	rb_add(&c->by_id, &reg->by_id, less_id);
	if (name)
		set_name(reg, c, name);
	reg->ncontainers++;
	container_registry_changed(reg);
	return 0;
}

/**
 * container_rename() - change or take away a container's name
 * @reg: the registry
 * @c: a container of @reg
 * @name: the new name, "" for none; its present one is fine
 * @extack: says why it was refused
 *
 * Return: 0, -EEXIST (name taken) or -EINVAL (bad name).
 */
int container_rename(struct container_registry *reg, struct container *c,
		     const char *name, struct netlink_ext_ack *extack)
{
	int err;

	lockdep_assert_held(&container_lock);
	if (!strcmp(c->name, name))
		return 0;
	if (name[0]) {
		err = check_new_name(reg, name, extack);
		if (err)
			return err;
	}
	set_name(reg, c, name);
	container_registry_changed(reg);
	return 0;
}

/**
 * container_del() - forget a container and its bindings
 * @reg: the registry
 * @c: a container of @reg; freed
 *
 * Sockets of its cgroups belong to the next bound ancestor from now on.
 */
void container_del(struct container_registry *reg, struct container *c)
{
	struct container_binding *b, *next;

	lockdep_assert_held(&container_lock);
	list_for_each_entry_safe(b, next, &c->bindings, sibling)
		container_unbind(reg, b);
	rb_erase(&c->by_id, &reg->by_id);
	set_name(reg, c, "");
	reg->ncontainers--;
	container_registry_changed(reg);
	container_flow_forget(c);
	kfree_rcu(c, rcu);
}

static int __net_init registry_net_init(struct net *net)
{
	struct container_registry *reg = container_registry(net);

	reg->net = net;
	reg->by_id = RB_ROOT;
	reg->by_name = RB_ROOT;
	reg->seq = 1;
	return 0;
}

/*
 * In pre_exit, because an RCU grace period follows: after it no reader holds a
 * chain that names this namespace any more.
 */
static void __net_exit registry_net_pre_exit(struct net *net)
{
	struct container_registry *reg = container_registry(net);
	struct container *c;

	mutex_lock(&container_lock);
	reg->closed = true;
	while ((c = container_first_from(reg, 0))) {
		container_del(reg, c);
		cond_resched();
	}
	mutex_unlock(&container_lock);
}

static struct pernet_operations registry_net_ops = {
	.init = registry_net_init,
	.pre_exit = registry_net_pre_exit,
	.id = &registry_net_id,
	.size = sizeof(struct container_registry),
};

/**
 * container_event_okfn() - marks the hook state of an event packet
 * @net: unused
 * @sk: unused
 * @skb: an event packet
 *
 * Only its address matters. An event packet goes nowhere, so there is nothing
 * to do for whoever would call it.
 *
 * Return: 0.
 */
int container_event_okfn(struct net *net, struct sock *sk, struct sk_buff *skb)
{
	kfree_skb(skb);
	return 0;
}
EXPORT_SYMBOL_GPL(container_event_okfn);

static int __init container_id_init(void)
{
	int err;

	err = container_binding_init();
	if (err)
		return err;
	err = register_pernet_subsys(&registry_net_ops);
	if (err)
		goto err_binding;
	err = container_netlink_init();
	if (err)
		goto err_pernet;
	return 0;

err_pernet:
	unregister_pernet_subsys(&registry_net_ops);
err_binding:
	container_binding_exit();
	return err;
}

static void __exit container_id_exit(void)
{
	container_netlink_exit();
	unregister_pernet_subsys(&registry_net_ops);
	container_flow_exit();
	container_binding_exit();
}

module_init(container_id_init);
module_exit(container_id_exit);
MODULE_LICENSE("GPL");
MODULE_VERSION(XT_CONTAINER_VERSION);
MODULE_DESCRIPTION("Container ids: which sockets belong to which container");
