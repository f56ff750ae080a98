/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
#ifndef _UAPI_XT_CONTAINER_H
#define _UAPI_XT_CONTAINER_H

#include <linux/types.h>

/** How many ids and ranges fit into one rule. */
#define XT_CONTAINER_MAX_RANGES	16

/** The match is true for every id that is in none of the ranges. */
#define XT_CONTAINER_INVERT	(1U << 0)

/**
 * struct xt_container_range - container ids from @first to @last, both included
 * @first: lowest id, host byte order; 0 is "no container"
 * @last: highest id, not below @first
 */
struct xt_container_range {
	__u32 first;
	__u32 last;
};

/**
 * struct xt_container_mtinfo - options of match "container", revision 0
 * @flags: XT_CONTAINER_INVERT or 0; any other bit is refused
 * @count: ranges in use, 1 to XT_CONTAINER_MAX_RANGES
 * @pad: zero
 * @range: @count ranges in ascending order that neither overlap nor touch, then
 *	zeroes
 *
 * The kernel refuses everything else, so that two rules that mean the same are
 * the same bytes. A new layout is a new revision.
 */
struct xt_container_mtinfo {
	__u8 flags;
	__u8 count;
	__u8 pad[2];
	struct xt_container_range range[XT_CONTAINER_MAX_RANGES];
};

#endif /* _UAPI_XT_CONTAINER_H */
