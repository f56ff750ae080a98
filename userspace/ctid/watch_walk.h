/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef CTID_WATCH_WALK_H
#define CTID_WATCH_WALK_H

#include <libmnl/libmnl.h>

#include "watch_rule.h"

/** As many events as may be under way at once, one on each CPU. */
#define WALKS		1024

/** The chain that comes first on a device, with the device's number. */
#define WALK_BEGIN	"device%u"

/**
 * struct walk_headers - what a packet says of the event that it is
 * @device: number of the device that it came to
 * @proto: protocol
 * @source: where it comes from
 * @dest: where it goes
 */
struct walk_headers {
	unsigned int device;
	uint8_t proto;
	struct endpoint source, dest;
};

/**
 * struct walk - an event on its way through a device's chains
 * @id: what the kernel calls it for as long as it is
 * @done: it came to its end
 * @rest: a policy's chain for what its tuples do not have was the last one
 * @headers: the event
 */
struct walk {
	uint32_t id;
	bool done, rest;
	struct walk_headers headers;
};

/**
 * struct walks - the last events
 * @walk: they, some of which are still under way
 * @n: how many there were so far
 */
struct walks {
	struct walk walk[WALKS];
	unsigned int n;
};

/**
 * struct walk_end - an event that was denied
 * @headers: the event
 * @rule: by which rule
 */
struct walk_end {
	struct walk_headers headers;
	struct rule rule;
};

int walks_take(struct walks *walks, const struct nlmsghdr *nlh,
	       const char *table, struct walk_end *end);
bool walk_end_is_of(const struct walk_end *end, unsigned int device,
		    const struct watch_event *event);

#endif /* CTID_WATCH_WALK_H */
