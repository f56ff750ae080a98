/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef CTID_IDLIST_H
#define CTID_IDLIST_H

#include <stdbool.h>
#include <stdint.h>

#include <linux/netfilter/xt_container.h>

#include "error.h"

/**
 * typedef idlist_lookup - find the container that a name stands for
 * @data: as given to idlist_parse()
 * @name: the name
 * @id: its id
 * @err: why there is none
 *
 * Return: 0 or a negative errno.
 */
typedef int (*idlist_lookup)(void *data, const char *name, uint32_t *id,
			     struct ctid_err *err);

int idlist_parse(const char *list, bool invert, idlist_lookup lookup,
		 void *data, struct xt_container_mtinfo *info,
		 struct ctid_err *err);

#endif /* CTID_IDLIST_H */
