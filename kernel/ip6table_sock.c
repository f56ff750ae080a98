// SPDX-License-Identifier: GPL-2.0-only
/* Event tables connect, bind and accept of ip6tables. */
#include <linux/netfilter_ipv6/ip6_tables.h>

#define FAMILY		NFPROTO_IPV6
#define XT(_name)	ip6t_ ## _name
#include "sock_tables_family.h"

MODULE_DESCRIPTION("ip6tables: event tables connect, bind and accept");
/* What naming a table that is not there yet loads. */
MODULE_ALIAS("ip6table_connect");
MODULE_ALIAS("ip6table_bind");
MODULE_ALIAS("ip6table_accept");
