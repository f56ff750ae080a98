/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef CTIDD_CRI_ANSWER_H
#define CTIDD_CRI_ANSWER_H

#include <stddef.h>

#include "labels.h"

/** What reading an answer may take of memory; one that needs more is refused. */
#define CRI_MAX_MEMORY	(64UL << 20)

struct cri_list;

int cri_list_read(struct cri_list **list, const void *body, size_t len);
void cri_list_free(struct cri_list *list);
int cri_list_tell(const struct cri_list *list, const struct labels *labels,
		  struct subject *subject);

#endif /* CTIDD_CRI_ANSWER_H */
