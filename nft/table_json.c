// SPDX-License-Identifier: GPL-2.0-only
/* What libnftables lists of the table's sets and maps. */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "table_json.h"

/**
 * table_foreign() - say that somebody else wrote into the table
 * @what: into which object
 * @err: the words
 *
 * Return: -EPROTO.
 */
int table_foreign(const char *what, struct ctid_err *err)
{
	return err_set(err, EPROTO,
		       "nft's table " TABLE " has something in \"%.60s\" that ctid did not write: see 'nft list table " TABLE "'",
		       what);
}

/**
 * table_plain() - the key of an element
 * @key: as it is listed: with a comment or a counter it is one level deeper
 *
 * Return: the key.
 */
json_t *table_plain(json_t *key)
{
	json_t *elem = json_object_get(key, "elem");

	return elem ? json_object_get(elem, "val") : key;
}

/**
 * table_elements() - the elements of the set or map that is the list's only one
 * @objects: the list
 *
 * Return: an array, or NULL if there are none.
 */
json_t *table_elements(json_t *objects)
{
	json_t *object, *set;
	size_t i;

	json_array_foreach(objects, i, object) {
		set = json_object_get(object, "map");
		if (!set)
			set = json_object_get(object, "set");
		if (set)
			return json_object_get(set, "elem");
	}
	return NULL;
}

/**
 * table_each_element() - go through a set or map of the table
 * @nft: open
 * @set: its kind and name, as "set connect_audit"
 * @each: is given each element
 * @data: for @each
 * @err: why it failed
 *
 * Return: 0, -ENOENT if there is none, or another negative errno.
 */
int table_each_element(struct nftables *nft, const char *set, table_element each,
		       void *data, struct ctid_err *err)
{
	char command[sizeof("list  " TABLE) + TABLE_SET];
	const char *name = strchr(set, ' ') + 1;
	json_t *objects, *element;
	size_t i;
	int ret;

	snprintf(command, sizeof(command), "list %.*s " TABLE " %s",
		 (int)(name - 1 - set), set, name);
	ret = nftables_list(nft, command, &objects, err);
	if (ret)
		return ret;
	json_array_foreach(table_elements(objects), i, element) {
		ret = each(element, data, err);
		if (ret)
			break;
	}
	json_decref(objects);
	return ret == -EPROTO ? table_foreign(name, err) : ret;
}

/**
 * table_number() - read a number or a range
 * @value: as it is listed
 * @max: the highest that it can be
 * @range: first and last
 *
 * Return: 0 or -EPROTO.
 */
int table_number(json_t *value, json_int_t max, json_int_t range[2])
{
	json_t *list = json_object_get(value, "range");
	json_t *first = list ? json_array_get(list, 0) : value;
	json_t *last = list ? json_array_get(list, 1) : value;

	if (!json_is_integer(first) || !json_is_integer(last))
		return -EPROTO;
	range[0] = json_integer_value(first);
	range[1] = json_integer_value(last);
	return range[0] < 0 || range[0] > range[1] || range[1] > max ? -EPROTO : 0;
}
