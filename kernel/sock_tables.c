// SPDX-License-Identifier: GPL-2.0-only
/*
 * Event tables: what iptable_sock and ip6table_sock have in common. A table is
 * made in a network namespace when somebody first names it there.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>
#include <linux/netfilter_ipv4.h>

#include "compat.h"
#include "sock_tables.h"

static unsigned int judge(const struct sock_policy *policy, struct sk_buff *skb,
			  const struct container_event_state *event)
{
	const struct sock_table *t = container_of(policy, struct sock_table,
						  policy);

	return t->do_table(t->table, skb, &event->state);
}

static int add(struct net *net, struct sock_table *t,
	       const struct sock_tables_family *family,
	       enum sock_event_type type)
{
	const struct xt_table *table = &family->table[type];
	int err;

	err = family->register_table(net, table);
	if (err)
		return err;
	t->do_table = family->do_table;
	t->table = xt_find_table(net, table->af, table->name);
	t->policy.type = type;
	t->policy.family = table->af;
	t->policy.name = table->name;
	t->policy.judge = judge;
	err = WARN_ON_ONCE(!t->table) ? -ENOENT :
					sock_policy_link(net, &t->policy);
	if (err) {
		t->table = NULL;
		xt_unregister_table_pre_exit(net, table->af, table->name);
		synchronize_rcu();
		family->unregister_table(net, table->name);
	}
	return err;
}

/**
 * sock_tables_add() - make an event table in a network namespace
 * @net: the namespace
 * @tables: its tables of the family
 * @family: the family
 * @type: which table; it may be there already
 *
 * Events are judged by it from now on.
 *
 * Context: process; may sleep.
 * Return: 0 or a negative errno, of sock_hooks_get(), sock_policy_link() or the
 * registration. Nothing is left of a table that failed.
 */
int sock_tables_add(struct net *net, struct sock_tables *tables,
		    const struct sock_tables_family *family,
		    enum sock_event_type type)
{
	struct sock_table *t = &tables->table[type];
	int err = 0;

	mutex_lock(&tables->lock);
	if (t->table)
		goto out;
	err = sock_hooks_get(type);
	if (err)
		goto out;
	err = add(net, t, family, type);
	if (err)
		sock_hooks_put(type);
out:
	mutex_unlock(&tables->lock);
	return err;
}
EXPORT_SYMBOL_GPL(sock_tables_add);

/**
 * sock_tables_unlink() - judge no event by a namespace's tables any more
 * @net: the namespace
 * @tables: its tables of a family
 *
 * Context: pre_exit of a pernet subsystem: a grace period follows.
 */
void sock_tables_unlink(struct net *net, struct sock_tables *tables)
{
	unsigned int i;

	for (i = 0; i < SOCK_EVENT_TYPES; i++) {
		const struct xt_table *table = tables->table[i].table;

		if (!table)
			continue;
		sock_policy_unlink(net, &tables->table[i].policy);
		sock_hooks_put(i);
		xt_unregister_table_pre_exit(net, table->af, table->name);
	}
}
EXPORT_SYMBOL_GPL(sock_tables_unlink);

/**
 * sock_tables_remove() - free a namespace's tables
 * @net: the namespace
 * @tables: its tables of @family, unlinked
 * @family: the family
 *
 * Context: exit of a pernet subsystem.
 */
void sock_tables_remove(struct net *net, struct sock_tables *tables,
			const struct sock_tables_family *family)
{
	unsigned int i;

	for (i = 0; i < SOCK_EVENT_TYPES; i++)
		if (tables->table[i].table)
			family->unregister_table(net, family->table[i].name);
}
EXPORT_SYMBOL_GPL(sock_tables_remove);

/**
 * sock_tables_register() - let iptables find a family's tables
 * @family: the family
 *
 * Return: 0 or a negative errno.
 */
int sock_tables_register(const struct sock_tables_family *family)
{
	unsigned int i;
	int err;

	for (i = 0; i < SOCK_EVENT_TYPES; i++) {
		err = xt_register_template(&family->table[i],
					   family->init[i]);
		if (err)
			goto err_unregister;
	}
	return 0;

err_unregister:
	while (i--)
		xt_unregister_template(&family->table[i]);
	return err;
}
EXPORT_SYMBOL_GPL(sock_tables_register);

/**
 * sock_tables_unregister() - undo sock_tables_register()
 * @family: the family
 */
void sock_tables_unregister(const struct sock_tables_family *family)
{
	unsigned int i;

	for (i = 0; i < SOCK_EVENT_TYPES; i++)
		xt_unregister_template(&family->table[i]);
}
EXPORT_SYMBOL_GPL(sock_tables_unregister);

MODULE_LICENSE("GPL");
MODULE_VERSION(XT_CONTAINER_VERSION);
MODULE_DESCRIPTION("Event tables connect, bind and accept, for all families");
