// SPDX-License-Identifier: GPL-2.0-only
/*
 * Boxes of tuples. The kernel's interval sets refuse elements that overlap, and
 * what is said later counts: a new box is cut out of those that are there, and
 * then joined with its neighbours.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "box.h"

enum side { FIRST, LAST };

/* The address after or before one; there is one. */
static void step(uint8_t *to, const uint8_t *from, size_t len, enum side way)
{
	size_t i = len;

	memcpy(to, from, BOX_ADDR_SIZE);
	while (i--) {
		if (way == LAST ? ++to[i] : to[i]--)
			return;
	}
}

static bool overlap(const struct box *a, const struct box *b)
{
	return a->proto[FIRST] <= b->proto[LAST] &&
	       b->proto[FIRST] <= a->proto[LAST] &&
	       a->port[FIRST] <= b->port[LAST] &&
	       b->port[FIRST] <= a->port[LAST] &&
	       memcmp(a->addr[FIRST], b->addr[LAST], BOX_ADDR_SIZE) <= 0 &&
	       memcmp(b->addr[FIRST], a->addr[LAST], BOX_ADDR_SIZE) <= 0;
}

static bool within(const struct box *a, const struct box *b)
{
	return a->proto[FIRST] >= b->proto[FIRST] &&
	       a->proto[LAST] <= b->proto[LAST] &&
	       a->port[FIRST] >= b->port[FIRST] &&
	       a->port[LAST] <= b->port[LAST] &&
	       memcmp(a->addr[FIRST], b->addr[FIRST], BOX_ADDR_SIZE) >= 0 &&
	       memcmp(a->addr[LAST], b->addr[LAST], BOX_ADDR_SIZE) <= 0;
}

/**
 * boxes_append() - add a box that is known not to overlap
 * @boxes: the list
 * @box: the box
 *
 * Return: 0, -ENOMEM, or -E2BIG if there would be more than BOXES_MAX.
 */
int boxes_append(struct boxes *boxes, const struct box *box)
{
	if (boxes->n == BOXES_MAX)
		return -E2BIG;
	if (boxes->n == boxes->room) {
		size_t room = boxes->room ? 2 * boxes->room : 8;
		struct box *more = realloc(boxes->box, room * sizeof(*more));

		if (!more)
			return -ENOMEM;
		boxes->box = more;
		boxes->room = room;
	}
	boxes->box[boxes->n++] = *box;
	return 0;
}

/* What is left of @old on all sides of @hole. They overlap. */
static int append_rest(struct boxes *boxes, struct box old,
		       const struct box *hole, size_t addr_len)
{
	struct box part;
	int ret = 0;

	if (old.proto[FIRST] < hole->proto[FIRST]) {
		part = old;
		part.proto[LAST] = hole->proto[FIRST] - 1;
		old.proto[FIRST] = hole->proto[FIRST];
		ret = boxes_append(boxes, &part);
	}
	if (!ret && old.proto[LAST] > hole->proto[LAST]) {
		part = old;
		part.proto[FIRST] = hole->proto[LAST] + 1;
		old.proto[LAST] = hole->proto[LAST];
		ret = boxes_append(boxes, &part);
	}
	if (!ret && memcmp(old.addr[FIRST], hole->addr[FIRST], BOX_ADDR_SIZE) < 0) {
		part = old;
		step(part.addr[LAST], hole->addr[FIRST], addr_len, FIRST);
		memcpy(old.addr[FIRST], hole->addr[FIRST], BOX_ADDR_SIZE);
		ret = boxes_append(boxes, &part);
	}
	if (!ret && memcmp(old.addr[LAST], hole->addr[LAST], BOX_ADDR_SIZE) > 0) {
		part = old;
		step(part.addr[FIRST], hole->addr[LAST], addr_len, LAST);
		memcpy(old.addr[LAST], hole->addr[LAST], BOX_ADDR_SIZE);
		ret = boxes_append(boxes, &part);
	}
	if (!ret && old.port[FIRST] < hole->port[FIRST]) {
		part = old;
		part.port[LAST] = hole->port[FIRST] - 1;
		ret = boxes_append(boxes, &part);
	}
	if (!ret && old.port[LAST] > hole->port[LAST]) {
		part = old;
		part.port[FIRST] = hole->port[LAST] + 1;
		ret = boxes_append(boxes, &part);
	}
	return ret;
}

static void drop(struct boxes *boxes, size_t i)
{
	boxes->box[i] = boxes->box[--boxes->n];
}

/* Has it been said already? */
static bool known(const struct boxes *boxes, const struct box *box)
{
	size_t i;

	for (i = 0; i < boxes->n; i++)
		if (boxes->box[i].permit == box->permit &&
		    within(box, &boxes->box[i]))
			return true;
	return false;
}

static int cut_out(struct boxes *boxes, const struct box *hole, size_t addr_len)
{
	size_t i = 0;
	int ret = 0;

	while (i < boxes->n && !ret) {
		struct box old = boxes->box[i];

		if (!overlap(&old, hole)) {
			i++;
			continue;
		}
		/* Its rest goes to the end and is looked at again, in vain. */
		drop(boxes, i);
		ret = append_rest(boxes, old, hole, addr_len);
	}
	return ret;
}

static bool addr_follows(const struct box *a, const struct box *b,
			 size_t addr_len)
{
	uint8_t next[BOX_ADDR_SIZE];

	step(next, a->addr[LAST], addr_len, LAST);
	/* After the last one comes the first one, and that is no neighbour. */
	return memcmp(a->addr[LAST], b->addr[FIRST], BOX_ADDR_SIZE) < 0 &&
	       !memcmp(next, b->addr[FIRST], BOX_ADDR_SIZE);
}

/* Is @b where @a ends, in one direction, and like it in the others? */
static bool follows(const struct box *a, const struct box *b, size_t addr_len)
{
	bool proto = !memcmp(a->proto, b->proto, sizeof(a->proto));
	bool addr = !memcmp(a->addr, b->addr, sizeof(a->addr));
	bool port = !memcmp(a->port, b->port, sizeof(a->port));

	if (a->permit != b->permit)
		return false;
	if (proto && addr)
		return a->port[LAST] + 1 == b->port[FIRST];
	if (addr && port)
		return a->proto[LAST] + 1 == b->proto[FIRST];
	return proto && port && addr_follows(a, b, addr_len);
}

static void extend(struct box *a, const struct box *b)
{
	a->proto[LAST] = b->proto[LAST];
	memcpy(a->addr[LAST], b->addr[LAST], BOX_ADDR_SIZE);
	a->port[LAST] = b->port[LAST];
}

/* Joins the box at @at with another one. Returns where the result is. */
static bool join_one(struct boxes *boxes, size_t *at, size_t addr_len)
{
	struct box *box = boxes->box;
	size_t i;

	for (i = 0; i < boxes->n; i++) {
		if (follows(&box[*at], &box[i], addr_len)) {
			extend(&box[*at], &box[i]);
		} else if (follows(&box[i], &box[*at], addr_len)) {
			extend(&box[i], &box[*at]);
			box[*at] = box[i];
		} else {
			continue;
		}
		drop(boxes, i);
		if (*at == boxes->n)
			*at = i;
		return true;
	}
	return false;
}

/* Only what is new can have found a neighbour. */
static void join(struct boxes *boxes, const struct box *new, size_t addr_len)
{
	size_t i = 0;

	while (i < boxes->n) {
		const struct box *box = &boxes->box[i];

		if (box->permit == new->permit && overlap(box, new)) {
			while (join_one(boxes, &i, addr_len))
				;
			return;
		}
		i++;
	}
}

/**
 * boxes_put() - have a box count for all that lies in it
 * @boxes: the list
 * @box: the box
 * @addr_len: bytes of an address of this family
 *
 * What other boxes said about the same tuples is forgotten.
 *
 * Return: 0, or -ENOMEM or -E2BIG, after which the list is good for nothing but
 * boxes_free().
 */
int boxes_put(struct boxes *boxes, const struct box *box, size_t addr_len)
{
	int ret;

	if (known(boxes, box))
		return 0;
	ret = cut_out(boxes, box, addr_len);
	if (!ret)
		ret = boxes_append(boxes, box);
	if (!ret)
		join(boxes, box, addr_len);
	return ret;
}

/**
 * boxes_copy() - make a second list
 * @to: filled in
 * @from: the first
 *
 * Return: 0 or -ENOMEM.
 */
int boxes_copy(struct boxes *to, const struct boxes *from)
{
	*to = (struct boxes){ 0 };
	if (!from->n)
		return 0;
	to->box = malloc(from->n * sizeof(*from->box));
	if (!to->box)
		return -ENOMEM;
	memcpy(to->box, from->box, from->n * sizeof(*from->box));
	to->n = to->room = from->n;
	return 0;
}

/**
 * box_compare() - order two boxes
 * @a: a box
 * @b: another one
 *
 * Return: as for qsort(); 0 if they are alike in everything.
 */
int box_compare(const void *a, const void *b)
{
	const struct box *x = a, *y = b;
	int ret;

	ret = memcmp(x->proto, y->proto, sizeof(x->proto));
	if (!ret)
		ret = memcmp(x->addr, y->addr, sizeof(x->addr));
	if (!ret)
		ret = x->port[FIRST] - y->port[FIRST];
	if (!ret)
		ret = x->port[LAST] - y->port[LAST];
	return ret ? ret : x->permit - y->permit;
}

/**
 * boxes_sort() - put a list into the order in which people read it
 * @boxes: the list
 */
void boxes_sort(struct boxes *boxes)
{
	if (boxes->n)
		qsort(boxes->box, boxes->n, sizeof(*boxes->box), box_compare);
}

/**
 * boxes_free() - free a list
 * @boxes: the list, which is empty then
 */
void boxes_free(struct boxes *boxes)
{
	free(boxes->box);
	*boxes = (struct boxes){ 0 };
}
