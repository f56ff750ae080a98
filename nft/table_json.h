/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef CTID_TABLE_JSON_H
#define CTID_TABLE_JSON_H

#include <jansson.h>

#include "table.h"

/** Room for the kind and the name of a set or map. */
#define TABLE_SET	80

/**
 * typedef table_element - is given each element of a set or map
 * @element: the element
 * @data: as given to table_each_element()
 * @err: for words of its own
 *
 * Return: 0 or a negative errno, which ends it; for -EPROTO the words are known.
 */
typedef int (*table_element)(json_t *element, void *data, struct ctid_err *err);

/* table_json.c */
int table_foreign(const char *what, struct ctid_err *err);
json_t *table_plain(json_t *key);
json_t *table_elements(json_t *objects);
int table_each_element(struct nftables *nft, const char *set, table_element each,
		       void *data, struct ctid_err *err);
int table_number(json_t *value, json_int_t max, json_int_t range[2]);

/* table_audit.c */
int table_read_audit(struct nftables *nft, struct policy *policy,
		     enum policy_event event, struct ctid_err *err);
int table_take_audits(struct policies *policies, json_t *objects,
		      struct ctid_err *err);

#endif /* CTID_TABLE_JSON_H */
