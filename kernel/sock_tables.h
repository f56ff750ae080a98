/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _SOCK_TABLES_H
#define _SOCK_TABLES_H

#include <linux/mutex.h>
#include <linux/netfilter/x_tables.h>

#include "sock_event.h"

struct sock_tables;

/**
 * struct sock_tables_family - what differs between iptables and ip6tables
 * @table: the tables, by event
 * @init: makes a table in a network namespace where it is first named, by event
 * @register_table: register one of them in a network namespace, without rules
 * @unregister_table: free one of them with its rules
 * @do_table: judge a packet by one
 */
struct sock_tables_family {
	struct xt_table table[SOCK_EVENT_TYPES];
	int (*init[SOCK_EVENT_TYPES])(struct net *net);
	int (*register_table)(struct net *net, const struct xt_table *table);
	void (*unregister_table)(struct net *net, const char *name);
	unsigned int (*do_table)(void *table, struct sk_buff *skb,
				 const struct nf_hook_state *state);
};

/**
 * struct sock_table - an event table of one network namespace
 * @policy: how events reach it
 * @table: the table, NULL until somebody asks for it
 * @do_table: judges a packet by it
 */
struct sock_table {
	struct sock_policy policy;
	struct xt_table *table;
	unsigned int (*do_table)(void *table, struct sk_buff *skb,
				 const struct nf_hook_state *state);
};

/**
 * struct sock_tables - the event tables of a family in one network namespace
 * @lock: held by who adds one
 * @table: the tables, by event
 */
struct sock_tables {
	struct mutex lock;
	struct sock_table table[SOCK_EVENT_TYPES];
};

int sock_tables_add(struct net *net, struct sock_tables *tables,
		    const struct sock_tables_family *family,
		    enum sock_event_type type);
void sock_tables_unlink(struct net *net, struct sock_tables *tables);
void sock_tables_remove(struct net *net, struct sock_tables *tables,
			const struct sock_tables_family *family);
int sock_tables_register(const struct sock_tables_family *family);
void sock_tables_unregister(const struct sock_tables_family *family);

/* A table has the one chain that says where its events go. */
#define SOCK_TABLE(_type, _name, _hook, _family)	\
	[_type] = {					\
		.name = _name,				\
		.valid_hooks = 1 << (_hook),		\
		.me = THIS_MODULE,			\
		.af = _family,				\
		.priority = NF_IP_PRI_FILTER,		\
	}

#define SOCK_TABLES(_family)						\
{									\
	SOCK_TABLE(SOCK_EVENT_CONNECT, "connect", NF_INET_LOCAL_OUT, _family), \
	SOCK_TABLE(SOCK_EVENT_BIND, "bind", NF_INET_LOCAL_IN, _family),	\
	SOCK_TABLE(SOCK_EVENT_ACCEPT, "accept", NF_INET_LOCAL_IN, _family),	\
}

#endif /* _SOCK_TABLES_H */
