/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef CTID_NETNS_H
#define CTID_NETNS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../error.h"

/**
 * struct netns - a network namespace, while it is visited
 * @inode: what tells it from others
 * @name: what ip-netns(8) calls it, or ""
 * @own: it is the caller's
 */
struct netns {
	uint32_t inode;
	char name[64];
	bool own;
};

/**
 * struct netns_missed - what a visit left out
 * @namespaces: network namespaces that may not be entered
 * @processes: processes whose network namespace may not be asked for
 */
struct netns_missed {
	size_t namespaces;
	size_t processes;
};

/**
 * typedef netns_visit - is called inside of each network namespace
 * @netns: the namespace
 * @data: as given to netns_each()
 * @err: why it failed
 *
 * Return: 0 or a negative errno, which ends the visits.
 */
typedef int (*netns_visit)(const struct netns *netns, void *data,
			   struct ctid_err *err);

int netns_each(netns_visit visit, void *data, struct netns_missed *missed,
	       struct ctid_err *err);

#endif /* CTID_NETNS_H */
