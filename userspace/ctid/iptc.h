/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef CTID_IPTC_H
#define CTID_IPTC_H

#include <libiptc/libiptc.h>

#include "watching.h"

enum iptc_family {
	IPTC_IPV4,
	IPTC_IPV6,
	IPTC_FAMILIES,
};

/**
 * struct iptc - what libiptc has for a family, and what is in its rules
 * @ops: what is alike
 * @names: where the kernel lists the tables that there are
 * @first: the first rule of a chain
 * @next: the next one
 * @target: a rule's target
 * @len: a rule's length
 * @packets: how often it was used
 * @take: copies it, without what may differ when it is read again
 * @may_match: can an event's protocol, addresses and ports be those of the rule?
 */
struct iptc {
	const struct xtc_ops *ops;
	const char *names;
	const void *(*first)(const char *chain, struct xtc_handle *handle);
	const void *(*next)(const void *entry, struct xtc_handle *handle);
	const char *(*target)(const void *entry, struct xtc_handle *handle);
	size_t (*len)(const void *entry);
	uint64_t (*packets)(const void *entry);
	void (*take)(void *copy, const void *entry);
	bool (*may_match)(const void *entry, const struct watch_event *event);
};

extern const struct iptc iptc[IPTC_FAMILIES];

bool iptc_may_deny(const struct iptc *of, const void *entry,
		   struct xtc_handle *handle);

#endif /* CTID_IPTC_H */
