// SPDX-License-Identifier: GPL-2.0-only
/*
 * 7.1 takes a table away in two steps: first out of the list in which it can be
 * found. Without that, the second step does not find it. Stable kernels may have
 * it, too.
 * Absent: (implicit declaration of|call to undeclared) function .xt_unregister_table_pre_exit.
 */
#include <linux/netfilter/x_tables.h>

void probe(struct net *net);
void probe(struct net *net)
{
	xt_unregister_table_pre_exit(net, NFPROTO_IPV4, "filter");
}
