// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which labels of a container are kept. It, or its image, may have millions, and they
 * would be kept for as long as it lives: so those that a rule names, and for people,
 * who look for the one that they misspelt, a few others.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "labels.h"

static int compare(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static size_t count(const struct rule *rule, const char **keys)
{
	size_t i, n = 0;

	for (i = 0; i < rule->nconditions; i++)
		if (rule->conditions[i].field == FIELD_LABEL)
			keys[n++] = rule->conditions[i].key;
	return n;
}

/**
 * labels_named() - find out which labels rules name
 * @labels: filled; to be freed with labels_free(), before the rules
 * @rules: the rules
 *
 * Return: 0 or -ENOMEM.
 */
int labels_named(struct labels *labels, const struct rules *rules)
{
	const char **more, *keys[RULE_MAX_CONDITIONS];
	size_t i, n;

	*labels = (struct labels){ 0 };
	for (i = 0; i < rules->nrules; i++) {
		n = count(&rules->rules[i], keys);
		if (!n)
			continue;
		more = realloc(labels->keys, (labels->n + n) * sizeof(*more));
		if (!more) {
			labels_free(labels);
			return -ENOMEM;
		}
		labels->keys = more;
		memcpy(&more[labels->n], keys, n * sizeof(*more));
		labels->n += n;
	}
	if (labels->n)
		qsort(labels->keys, labels->n, sizeof(*labels->keys), compare);
	return 0;
}

/**
 * labels_free() - forget them
 * @labels: filled or zeroed
 */
void labels_free(struct labels *labels)
{
	free(labels->keys);
	*labels = (struct labels){ 0 };
}

/**
 * labels_add() - note a label, if it is one that is kept
 * @labels: those that rules name
 * @subject: whose it is
 * @key: its key
 * @value: its value
 *
 * Return: 0 or -ENOMEM.
 */
int labels_add(const struct labels *labels, struct subject *subject,
	       const char *key, const char *value)
{
	if (labels->n && bsearch(&key, labels->keys, labels->n,
				 sizeof(*labels->keys), compare))
		return subject_add_label(subject, key, value);
	return subject_add_other(subject, key, value);
}
