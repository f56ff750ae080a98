// SPDX-License-Identifier: GPL-2.0-only
/*
 * Messages of protobuf, field by field, where they lie: nothing is copied, and what is
 * passed over costs nothing but its length.
 */
#include <errno.h>

#include "wire.h"

/** The longest numbers: of 64 bits, and of the 32 that a field's number and length have. */
#define LONGEST		10
#define LONGEST_SMALL	5

static int take_number(struct wire *rest, size_t longest, uint64_t *value)
{
	size_t i;

	*value = 0;
	for (i = 0; i < rest->len && i < longest; i++) {
		*value |= (uint64_t)(rest->at[i] & 0x7f) << (7 * i);
		if (rest->at[i] & 0x80)
			continue;
		rest->at += i + 1;
		rest->len -= i + 1;
		return 0;
	}
	return -EPROTO;
}

static int take_bytes(struct wire *rest, uint64_t len, struct wire *bytes)
{
	if (len > rest->len)
		return -EPROTO;
	*bytes = (struct wire){ .at = rest->at, .len = (size_t)len };
	rest->at += len;
	rest->len -= (size_t)len;
	return 0;
}

/**
 * wire_next() - take the next field of a message
 * @rest: the message, or what is left of it
 * @field: filled in
 *
 * Groups, which only old messages have, are none.
 *
 * Return: 1, 0 if there is none left, or -EPROTO if what is there is none.
 */
int wire_next(struct wire *rest, struct wire_field *field)
{
	uint64_t head, len;
	int ret;

	*field = (struct wire_field){ 0 };
	if (!rest->len)
		return 0;
	ret = take_number(rest, LONGEST_SMALL, &head);
	if (ret || head > UINT32_MAX || !(head >> 3))
		return -EPROTO;
	field->number = (uint32_t)head >> 3;
	field->type = head & 7;
	switch (field->type) {
	case WIRE_NUMBER:
		ret = take_number(rest, LONGEST, &field->value);
		break;
	case WIRE_8:
		ret = take_bytes(rest, 8, &field->bytes);
		break;
	case WIRE_BYTES:
		ret = take_number(rest, LONGEST_SMALL, &len);
		if (!ret)
			ret = take_bytes(rest, len, &field->bytes);
		break;
	case WIRE_4:
		ret = take_bytes(rest, 4, &field->bytes);
		break;
	default:
		ret = -EPROTO;
	}
	return ret ? ret : 1;
}

/**
 * wire_number() - take what has to be a number
 * @field: the field
 * @value: filled in with its low 32 bits
 *
 * Return: 0, or -EPROTO if it is none.
 */
int wire_number(const struct wire_field *field, uint32_t *value)
{
	if (field->type != WIRE_NUMBER)
		return -EPROTO;
	*value = (uint32_t)field->value;
	return 0;
}

/**
 * wire_bytes() - take what has to be text, or a message
 * @field: the field
 * @bytes: filled in
 *
 * Return: 0, or -EPROTO if it is none.
 */
int wire_bytes(const struct wire_field *field, struct wire *bytes)
{
	if (field->type != WIRE_BYTES)
		return -EPROTO;
	*bytes = field->bytes;
	return 0;
}
