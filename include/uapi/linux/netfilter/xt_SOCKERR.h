/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
#ifndef _UAPI_XT_SOCKERR_H
#define _UAPI_XT_SOCKERR_H

#include <linux/types.h>

/**
 * struct xt_sockerr_tginfo - options of target "SOCKERR", revision 0
 * @err: the errno that the denied call returns, a positive number out of
 *	%XT_SOCKERR_ERRNOS
 * @pad: zero
 *
 * The target is valid in the event tables only: connect, bind and accept. In
 * accept the peer gets a TCP reset, whatever the errno; of SCTP, no answer.
 */
struct xt_sockerr_tginfo {
	__u8 err;
	__u8 pad[3];
};

/**
 * XT_SOCKERR_ERRNOS() - the errnos a denied call can return
 * @X: macro, called as X(NAME) for each
 *
 * Those that connect(2), bind(2), sendto(2) and ip(7) document for a network
 * or an administrator that says no.
 */
#define XT_SOCKERR_ERRNOS(X)	\
	X(EPERM)		\
	X(EACCES)		\
	X(EADDRINUSE)		\
	X(EADDRNOTAVAIL)	\
	X(ENETDOWN)		\
	X(ENETUNREACH)		\
	X(ECONNRESET)		\
	X(ETIMEDOUT)		\
	X(ECONNREFUSED)		\
	X(EHOSTUNREACH)

#endif /* _UAPI_XT_SOCKERR_H */
