/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef CTIDD_LABELS_H
#define CTIDD_LABELS_H

#include "rules.h"

/**
 * struct labels - the labels that rules name
 * @keys: their keys, ordered; they are the rules'
 * @n: how many
 */
struct labels {
	const char **keys;
	size_t n;
};

int labels_named(struct labels *labels, const struct rules *rules);
void labels_free(struct labels *labels);
int labels_add(const struct labels *labels, struct subject *subject,
	       const char *key, const char *value);

#endif /* CTIDD_LABELS_H */
