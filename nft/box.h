/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef CTID_BOX_H
#define CTID_BOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** How much one list holds. What needs more is refused. */
#define BOXES_MAX	8192

/** Room for an address of either family; IPv4 has the first four bytes. */
#define BOX_ADDR_SIZE	16

/**
 * struct box - a range of protocols, one of addresses, one of ports
 * @proto: first and last IP protocol number
 * @addr: first and last address, in network byte order
 * @port: first and last port, in host byte order
 * @permit: what lies in it is permitted, else denied
 *
 * The order of the members is the order in which a box is cut, and in which
 * boxes are sorted.
 */
struct box {
	uint8_t proto[2];
	uint8_t addr[2][BOX_ADDR_SIZE];
	uint16_t port[2];
	bool permit;
};

/**
 * struct boxes - boxes of one family that do not overlap
 * @box: the boxes
 * @n: how many
 * @room: how many there is memory for
 */
struct boxes {
	struct box *box;
	size_t n, room;
};

int boxes_put(struct boxes *boxes, const struct box *box, size_t addr_len);
int boxes_append(struct boxes *boxes, const struct box *box);
int boxes_copy(struct boxes *to, const struct boxes *from);
void boxes_sort(struct boxes *boxes);
void boxes_free(struct boxes *boxes);
int box_compare(const void *a, const void *b);

#endif /* CTID_BOX_H */
