/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _SOCK_ERRNO_H
#define _SOCK_ERRNO_H

#include <linux/errno.h>
#include <linux/types.h>

#include "../include/uapi/linux/netfilter/xt_SOCKERR.h"

/**
 * sock_errno_known() - is it an errno that a denied call can return?
 * @err: the errno, positive
 *
 * Return: true if there is a function that returns it, see deny_stub().
 */
static inline bool sock_errno_known(int err)
{
#define ERRNO_CASE(_err)	case _err:
	switch (err) {
	XT_SOCKERR_ERRNOS(ERRNO_CASE)
		return true;
	}
	return false;
#undef ERRNO_CASE
}

#endif /* _SOCK_ERRNO_H */
