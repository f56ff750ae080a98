/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef CTID_TUPLE_H
#define CTID_TUPLE_H

#include "../userspace/error.h"
#include "box.h"

/** Families of addresses, in the order of all arrays by family. */
enum tuple_family {
	TUPLE_IPV4,
	TUPLE_IPV6,
	TUPLE_FAMILIES,
};

/**
 * struct tuple - what one statement is about
 * @has: the families in which it means something
 * @box: what it is there
 */
struct tuple {
	bool has[TUPLE_FAMILIES];
	struct box box[TUPLE_FAMILIES];
};

/** Room for what box_format() writes: two IPv6 addresses, ports, protocol. */
#define TUPLE_TEXT	160

int tuple_parse(struct tuple *tuple, const char *proto, const char *where,
		struct ctid_err *err);
size_t tuple_addr_len(enum tuple_family family);
void tuple_format_proto(char text[TUPLE_TEXT], const struct box *box);
bool tuple_format_addr(char text[TUPLE_TEXT], const struct box *box,
		       enum tuple_family family);
bool tuple_format_ports(char text[TUPLE_TEXT], const struct box *box);
void tuple_format(char text[TUPLE_TEXT], const struct box *box,
		  enum tuple_family family, bool both);
int tuple_parse_proto(const char *word, uint8_t range[2]);
bool tuple_any_addr(const struct box *box, enum tuple_family family);

#endif /* CTID_TUPLE_H */
