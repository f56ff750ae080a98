// SPDX-License-Identifier: GPL-2.0-only
/* Tuples: their text, and that what was said last is what counts. */
#include <errno.h>
#include <stdlib.h>

#include "../nft/policy.h"
#include "tap.h"

/* The model: what was said about each point of a small part of the space. */
#define PROTOS	6
#define ADDRS	12
#define PORTS	12

enum { UNSAID, PERMITTED, DENIED };

static unsigned char model[PROTOS][ADDRS][PORTS];

static unsigned int upto(unsigned int n)
{
	return (unsigned int)rand() % n;
}

/* Both ends, the lower one first. */
static void some_range(unsigned int n, unsigned int range[2])
{
	unsigned int a = upto(n), b = upto(n);

	range[0] = a < b ? a : b;
	range[1] = a < b ? b : a;
}

/* The last byte of an address, at the end of the space if @top. */
static uint8_t last_byte(unsigned int i, bool top)
{
	return (uint8_t)(top ? 256 - ADDRS + i : i);
}

static struct box random_box(size_t len, bool top)
{
	unsigned int proto[2], addr[2], port[2];
	struct box box;
	int i;

	some_range(PROTOS, proto);
	some_range(ADDRS, addr);
	some_range(PORTS, port);
	box = (struct box){ .permit = upto(2) };
	for (i = 0; i < 2; i++) {
		memset(box.addr[i], top ? 0xff : 0, len);
		box.addr[i][len - 1] = last_byte(addr[i], top);
		box.proto[i] = (uint8_t)(proto[i] + (top ? 256 - PROTOS : 0));
		box.port[i] = (uint16_t)(port[i] + (top ? 65536 - PORTS : 0));
	}
	for (; proto[0] <= proto[1]; proto[0]++) {
		for (unsigned int a = addr[0]; a <= addr[1]; a++)
			for (unsigned int p = port[0]; p <= port[1]; p++)
				model[proto[0]][a][p] = box.permit ? PERMITTED :
								     DENIED;
	}
	return box;
}

/* What the boxes say of a point: -1 if two of them do. */
static int said(const struct boxes *boxes, size_t len, bool top,
		unsigned int proto, unsigned int addr, unsigned int port)
{
	int found = UNSAID;
	size_t i;

	if (top) {
		proto += 256 - PROTOS;
		port += 65536 - PORTS;
	}
	for (i = 0; i < boxes->n; i++) {
		const struct box *box = &boxes->box[i];

		if (proto < box->proto[0] || proto > box->proto[1] ||
		    port < box->port[0] || port > box->port[1] ||
		    last_byte(addr, top) < box->addr[0][len - 1] ||
		    last_byte(addr, top) > box->addr[1][len - 1])
			continue;
		if (found != UNSAID)
			return -1;
		found = box->permit ? PERMITTED : DENIED;
	}
	return found;
}

static bool like_model(const struct boxes *boxes, size_t len, bool top)
{
	unsigned int proto, addr, port;

	for (proto = 0; proto < PROTOS; proto++)
		for (addr = 0; addr < ADDRS; addr++)
			for (port = 0; port < PORTS; port++)
				if (said(boxes, len, top, proto, addr, port) !=
				    model[proto][addr][port])
					return false;
	return true;
}

static bool read_again(const struct boxes *boxes, enum tuple_family family)
{
	char text[TUPLE_TEXT], *where;
	struct tuple tuple;
	struct ctid_err err;
	size_t i;

	for (i = 0; i < boxes->n; i++) {
		tuple_format(text, &boxes->box[i], family, false);
		where = strchr(text, ' ');
		*where++ = '\0';
		if (tuple_parse(&tuple, text, where, &err) ||
		    !tuple.has[family] || tuple.has[!family])
			return false;
		tuple.box[family].permit = boxes->box[i].permit;
		if (box_compare(&tuple.box[family], &boxes->box[i]))
			return false;
	}
	return true;
}

static void puts_like_the_model(enum tuple_family family, bool top,
				const char *what)
{
	size_t len = tuple_addr_len(family);
	bool good = true, readable = true;
	int round, i;

	for (round = 0; round < 200 && good && readable; round++) {
		struct boxes boxes = { 0 };

		memset(model, UNSAID, sizeof(model));
		for (i = 0; i < 12 && good; i++) {
			struct box box = random_box(len, top);

			good = !boxes_put(&boxes, &box, len) &&
			       like_model(&boxes, len, top);
			readable &= read_again(&boxes, family);
		}
		boxes_free(&boxes);
	}
	ok(good, what);
	ok(readable, "and what is printed is read again");
}

static void reads(const char *proto, const char *where, const char *want,
		  enum tuple_family family)
{
	char text[TUPLE_TEXT];
	struct tuple tuple;
	struct ctid_err err;

	if (tuple_parse(&tuple, proto, where, &err))
		is(err.text, want, where ? where : proto);
	else if (!tuple.has[family])
		is("of the other family", want, where ? where : proto);
	else {
		tuple_format(text, &tuple.box[family], family,
			     tuple.has[!family]);
		is(text, want, where ? where : proto);
	}
}

static void join_whole(void)
{
	struct boxes boxes = { 0 };
	struct tuple tuple;
	int i, ret = 0;
	char where[16];

	/* Backwards, so that each is joined with the one before. */
	for (i = 65535; i >= 0 && !ret; i--) {
		snprintf(where, sizeof(where), "10.0.0.1:%d", i);
		ret = tuple_parse(&tuple, "tcp", where, NULL) ||
		      boxes_put(&boxes, &tuple.box[TUPLE_IPV4], 4);
	}
	ok(!ret && boxes.n == 1, "65536 ports are one range");
	boxes_free(&boxes);
}

static void too_many(void)
{
	struct boxes boxes = { 0 };
	struct tuple tuple;
	int i, ret = 0;
	char where[16];

	for (i = 0; i < 65536 && !ret; i += 2) {
		snprintf(where, sizeof(where), "10.0.0.1:%d", i);
		if (!tuple_parse(&tuple, "tcp", where, NULL))
			ret = boxes_put(&boxes, &tuple.box[TUPLE_IPV4], 4);
	}
	ok(ret == -E2BIG && boxes.n == BOXES_MAX, "too many are refused");
	boxes_free(&boxes);
}

int main(void)
{
	srand(20261125);
	puts_like_the_model(TUPLE_IPV4, false, "random tuples, IPv4");
	puts_like_the_model(TUPLE_IPV4, true, "at the end of the space, IPv4");
	puts_like_the_model(TUPLE_IPV6, false, "random tuples, IPv6");
	puts_like_the_model(TUPLE_IPV6, true, "at the end of the space, IPv6");
	join_whole();
	too_many();
	reads("tcp", NULL, "tcp any", TUPLE_IPV4);
	reads("tcp", "443", "tcp 443", TUPLE_IPV6);
	reads("any", "10.1.2.3/8", "any 10.0.0.0/8", TUPLE_IPV4);
	reads("udp", "10.0.0.0-11.255.255.255:53", "udp 10.0.0.0/7:53", TUPLE_IPV4);
	reads("udp", "10.0.0.0-12.255.255.255", "udp 10.0.0.0-12.255.255.255", TUPLE_IPV4);
	reads("udp", "10.0.0.0/8", "of the other family", TUPLE_IPV6);
	reads("6", "0.0.0.0/0:0-65535", "tcp 0.0.0.0/0", TUPLE_IPV4);
	reads("tcp", "[::1]:22", "tcp [::1]:22", TUPLE_IPV6);
	reads("tcp", "2001:db8::/32", "tcp 2001:db8::/32", TUPLE_IPV6);
	reads("tcp", "::", "tcp ::", TUPLE_IPV6);
	reads("tcp", "*:80", "tcp 80", TUPLE_IPV4);
	reads("tcp", "[::]/0:80", "\"[::]/0:80\": write an IPv6 address with ports as [ADDRESS]:PORTS",
	      TUPLE_IPV6);
	reads("256", "80", "\"256\" is no protocol: use tcp, udp, udplite, sctp, dccp, icmp, icmpv6, any, or a number to 255",
	      TUPLE_IPV4);
	reads("tcp", "10.0.0.1/", "\"10.0.0.1/\" is no IPv4 address: try 10.0.0.0/8:443",
	      TUPLE_IPV4);
	reads("tcp", "", "\"\" is no address, port, range of ports or service: try 10.0.0.0/8:443 or 8000-8100",
	      TUPLE_IPV4);
	reads("tcp", "10.0.0.1:", "\"10.0.0.1:\": there is no port after the ':'", TUPLE_IPV4);
	reads("tcp", "[::1]:", "\"[::1]:\": there is no port after the ':'", TUPLE_IPV6);
	reads("tcp", ":80", "\":80\": there is no address before the ':'", TUPLE_IPV4);
	reads("tcp", "[]:80", "\"[]:80\": write an IPv6 address with ports as [ADDRESS]:PORTS",
	      TUPLE_IPV6);
	return tap_done();
}
