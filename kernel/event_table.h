/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _EVENT_TABLE_H
#define _EVENT_TABLE_H

#include <linux/netfilter_ipv4/ip_tables.h>
#include <linux/netfilter_ipv6/ip6_tables.h>
#include <linux/printk.h>
#include <linux/string.h>

/**
 * is_event_table() - is a table one of events?
 * @name: its name
 *
 * The names are free to choose for any table of nft.
 *
 * Return: true for the names of iptables' tables of events.
 */
static inline bool is_event_table(const char *name)
{
	return !strcmp(name, "connect") || !strcmp(name, "bind") ||
	       !strcmp(name, "accept");
}

/**
 * check_event_rule() - refuse a rule that asks for what its events have not
 * @table: the name of its table
 * @family: NFPROTO_IPV4 or NFPROTO_IPV6
 * @entry: what xtables tells extensions of the rule
 *
 * Where a packet will go is known when it goes: what a socket is bound to, it need not
 * send by. Only an accept has come by a device.
 *
 * Return: 0, or -EINVAL for -i or -o in the tables connect and bind; the log says so.
 */
static inline int check_event_rule(const char *table, u8 family,
				   const void *entry)
{
	const struct ipt_ip *ip = entry;
	const struct ip6t_ip6 *ip6 = entry;

	if (!is_event_table(table) || !strcmp(table, "accept"))
		return 0;
	if (family == NFPROTO_IPV4 ? !*ip->iniface && !*ip->outiface :
				     !*ip6->iniface && !*ip6->outiface)
		return 0;
	pr_info_ratelimited("events of the table %s have no device: -i or -o would match none of them, and with ! all\n",
			    table);
	return -EINVAL;
}

#endif /* _EVENT_TABLE_H */
