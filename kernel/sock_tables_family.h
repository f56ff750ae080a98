/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The module that has the event tables of one family. Who includes this defines
 * FAMILY, the family, and XT(name), the family's name for what ip_tables and
 * ip6_tables both have.
 */
#include <linux/module.h>
#include <net/netns/generic.h>

#include "sock_tables.h"

static unsigned int tables_net_id __read_mostly;

static int register_table(struct net *net, const struct xt_table *table)
{
	struct XT(replace) *repl = XT(alloc_initial_table)(table);
	int err;

	if (!repl)
		return -ENOMEM;
	/* Without hooks: events come by way of a policy. */
	err = XT(register_table)(net, table, repl, NULL);
	kfree(repl);
	return err;
}

static const struct sock_tables_family family;

static int add(struct net *net, enum sock_event_type type)
{
	return sock_tables_add(net, net_generic(net, tables_net_id), &family,
			       type);
}

static int add_connect(struct net *net)
{
	return add(net, SOCK_EVENT_CONNECT);
}

static int add_bind(struct net *net)
{
	return add(net, SOCK_EVENT_BIND);
}

static int add_accept(struct net *net)
{
	return add(net, SOCK_EVENT_ACCEPT);
}

static const struct sock_tables_family family = {
	.table = SOCK_TABLES(FAMILY),
	.init = {
		[SOCK_EVENT_CONNECT] = add_connect,
		[SOCK_EVENT_BIND] = add_bind,
		[SOCK_EVENT_ACCEPT] = add_accept,
	},
	.register_table = register_table,
	.unregister_table = XT(unregister_table_exit),
	.do_table = XT(do_table),
};

static int __net_init tables_init(struct net *net)
{
	struct sock_tables *tables = net_generic(net, tables_net_id);

	mutex_init(&tables->lock);
	return 0;
}

static void __net_exit tables_pre_exit(struct net *net)
{
	sock_tables_unlink(net, net_generic(net, tables_net_id));
}

static void __net_exit tables_exit(struct net *net)
{
	sock_tables_remove(net, net_generic(net, tables_net_id), &family);
}

static struct pernet_operations tables_net_ops = {
	.init = tables_init,
	.pre_exit = tables_pre_exit,
	.exit = tables_exit,
	.id = &tables_net_id,
	.size = sizeof(struct sock_tables),
};

static int __init family_tables_init(void)
{
	int err;

	err = register_pernet_subsys(&tables_net_ops);
	if (err)
		return err;
	err = sock_tables_register(&family);
	if (err)
		unregister_pernet_subsys(&tables_net_ops);
	return err;
}

static void __exit family_tables_exit(void)
{
	sock_tables_unregister(&family);
	unregister_pernet_subsys(&tables_net_ops);
}

module_init(family_tables_init);
module_exit(family_tables_exit);
MODULE_LICENSE("GPL");
MODULE_VERSION(XT_CONTAINER_VERSION);
