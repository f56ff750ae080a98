/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef CTIDD_WIRE_H
#define CTIDD_WIRE_H

#include <stddef.h>
#include <stdint.h>

/**
 * struct wire - a part of a message of protobuf, where somebody else keeps it
 * @at: where it begins
 * @len: how long it is
 */
struct wire {
	const uint8_t *at;
	size_t len;
};

/**
 * enum wire_type - how a field is written
 * @WIRE_NUMBER: a number of any length
 * @WIRE_8: eight bytes
 * @WIRE_BYTES: a length, and so many bytes: text, or a message in this one
 * @WIRE_4: four bytes
 */
enum wire_type {
	WIRE_NUMBER = 0,
	WIRE_8 = 1,
	WIRE_BYTES = 2,
	WIRE_4 = 5,
};

/**
 * struct wire_field - a field of a message
 * @number: which
 * @type: how it was written
 * @value: what it is, if it is a %WIRE_NUMBER
 * @bytes: what it is, if it is anything else
 */
struct wire_field {
	uint32_t number;
	enum wire_type type;
	uint64_t value;
	struct wire bytes;
};

int wire_next(struct wire *rest, struct wire_field *field);
int wire_number(const struct wire_field *field, uint32_t *value);
int wire_bytes(const struct wire_field *field, struct wire *bytes);

#endif /* CTIDD_WIRE_H */
