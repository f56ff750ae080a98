// SPDX-License-Identifier: GPL-2.0-only
/* Event tables connect, bind and accept of iptables. */
#include <linux/netfilter_ipv4/ip_tables.h>

#define FAMILY		NFPROTO_IPV4
#define XT(_name)	ipt_ ## _name
#include "sock_tables_family.h"

MODULE_DESCRIPTION("iptables: event tables connect, bind and accept");
/* What naming a table that is not there yet loads. */
MODULE_ALIAS("iptable_connect");
MODULE_ALIAS("iptable_bind");
MODULE_ALIAS("iptable_accept");
