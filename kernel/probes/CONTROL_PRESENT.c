// SPDX-License-Identifier: GPL-2.0-only
/*
 * Compiles with every kernel: where it does not, the compiler or the headers
 * are broken, and no other probe's failure means a thing.
 * Absent: never
 */
#include <linux/module.h>
#include <linux/netfilter/x_tables.h>
#include <net/sock.h>
#include <net/tcp.h>

int probe(const struct sock *sk);
int probe(const struct sock *sk)
{
	return sk->sk_family;
}
