/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef CTID_FLOW_H
#define CTID_FLOW_H

#include <stdbool.h>
#include <stdint.h>

#include "error.h"

/** Room for all flow ids as words. */
#define FLOW_SIZE	80
/** And for a class id. */
#define FLOW_CLASSID_SIZE	16

/**
 * struct flow - flow ids of a container
 * @set: which it has: CONTAINER_ID_FLOW_*
 * @fixed: programs cannot change them
 * @mark: for SO_MARK
 * @priority: for SO_PRIORITY
 * @classid: of net_cls
 */
struct flow {
	uint8_t set;
	bool fixed;
	uint32_t mark;
	uint32_t priority;
	uint32_t classid;
};

/**
 * struct flow_change - what becomes of them
 * @to: those that it gets; @to.fixed counts if @fix is true
 * @unset: those that it loses
 * @fix: it is said whether they are fixed
 */
struct flow_change {
	struct flow to;
	uint8_t unset;
	bool fix;
};

int flow_parse(struct flow_change *change, const char *word, const char *value,
	       struct ctid_err *err);
bool flow_is_word(const char *name);
bool flow_is_asked(const struct flow_change *change);
bool flow_is_set(const struct flow *flow);
void flow_words(char words[FLOW_SIZE], const struct flow *flow);
void flow_classid(char words[FLOW_CLASSID_SIZE], uint32_t classid);

#endif /* CTID_FLOW_H */
