// SPDX-License-Identifier: GPL-2.0-only
/*
 * Compiles with no kernel: where it does, failures go unnoticed.
 * Absent: (implicit declaration of|call to undeclared) function .no_kernel_has_this.
 */
#include <net/sock.h>

int probe(const struct sock *sk);
int probe(const struct sock *sk)
{
	return no_kernel_has_this(sk);
}
