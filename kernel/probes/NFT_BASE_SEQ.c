// SPDX-License-Identifier: GPL-2.0-only
/*
 * 6.17 keeps nft's count of transactions where others can read it. Stable kernels
 * may do so, too.
 * Absent: no member named .(base_seq|nft).
 */
#include <net/net_namespace.h>

void probe(const struct net *net, unsigned int *base_seq);
void probe(const struct net *net, unsigned int *base_seq)
{
	*base_seq = net->nft.base_seq;
}
