// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tuples as people write them: a protocol, and ADDRESS, PORTS or ADDRESS:PORTS.
 * What is printed can be read again.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../userspace/names.h"
#include "../userspace/text.h"
#include "tuple.h"

#ifndef IPPROTO_DCCP
#define IPPROTO_DCCP	33
#endif

#define ANY		"any"

static const struct {
	const char *name;
	uint8_t number;
	bool ports;
} protocols[] = {
	{ "tcp", IPPROTO_TCP, true },
	{ "udp", IPPROTO_UDP, true },
	{ "udplite", IPPROTO_UDPLITE, true },
	{ "sctp", IPPROTO_SCTP, true },
	{ "dccp", IPPROTO_DCCP, true },
	{ "icmp", IPPROTO_ICMP, false },
	{ "icmpv6", IPPROTO_ICMPV6, false },
};

#define NPROTOCOLS	(sizeof(protocols) / sizeof(*protocols))

static bool is_any(const char *word)
{
	return !strcmp(word, ANY) || !strcmp(word, "*");
}

/* NUMBER or NUMBER-NUMBER, neither more than @max. */
static int parse_range(const char *word, uint32_t max, uint32_t range[2])
{
	if (!is_number(word) && !is_range(word))
		return -EINVAL;
	if (number_parse(word, &range[0]) ||
	    number_parse(is_range(word) ? strchr(word, '-') + 1 : word,
			 &range[1]) ||
	    range[0] > range[1] || range[1] > max)
		return -ERANGE;
	return 0;
}

/**
 * tuple_parse_proto() - read a protocol
 * @word: "any", a name, a number, or a range of numbers
 * @range: first and last number
 *
 * Return: 0, -EINVAL or -ERANGE.
 */
int tuple_parse_proto(const char *word, uint8_t range[2])
{
	uint32_t numbers[2] = { 0, UINT8_MAX };
	size_t i;
	int ret;

	for (i = 0; i < NPROTOCOLS; i++) {
		if (!strcmp(word, protocols[i].name)) {
			range[0] = range[1] = protocols[i].number;
			return 0;
		}
	}
	ret = is_any(word) ? 0 : parse_range(word, UINT8_MAX, numbers);
	if (ret)
		return ret;
	range[0] = (uint8_t)numbers[0];
	range[1] = (uint8_t)numbers[1];
	return 0;
}

/* By a number all can be said that is left when tuples are cut apart. */
static bool has_ports(const char *word)
{
	size_t i;

	for (i = 0; i < NPROTOCOLS; i++)
		if (!strcmp(word, protocols[i].name))
			return protocols[i].ports;
	return true;
}

static int parse_ports(const char *word, struct box *box, struct ctid_err *err)
{
	uint32_t range[2] = { 0, UINT16_MAX };
	struct servent *service;
	int ret;

	ret = is_any(word) ? 0 : parse_range(word, UINT16_MAX, range);
	if (ret == -ERANGE)
		return err_set(err, -ret,
			       "ports \"%s\" are out of range: use 0 to 65535, the lower one first",
			       show(word).s);
	if (ret) {
		service = getservbyname(word, NULL);
		if (!service)
			return err_set(err, EINVAL,
				       "\"%s\" is no address, port, range of ports or service: try 10.0.0.0/8:443 or 8000-8100",
				       show(word).s);
		range[0] = range[1] = ntohs((uint16_t)service->s_port);
	}
	box->port[0] = (uint16_t)range[0];
	box->port[1] = (uint16_t)range[1];
	return 0;
}

/**
 * tuple_addr_len() - how long an address is
 * @family: its family
 *
 * Return: the number of bytes.
 */
size_t tuple_addr_len(enum tuple_family family)
{
	return family == TUPLE_IPV4 ? sizeof(struct in_addr) :
				      sizeof(struct in6_addr);
}

static int to_af(enum tuple_family family)
{
	return family == TUPLE_IPV4 ? AF_INET : AF_INET6;
}

static void set_prefix(struct box *box, enum tuple_family family,
		       unsigned int len)
{
	size_t i, size = tuple_addr_len(family);

	for (i = 0; i < size; i++) {
		unsigned int bits = len > 8 ? 8 : len;
		uint8_t mask = (uint8_t)(0xff00 >> bits);

		box->addr[0][i] &= mask;
		box->addr[1][i] |= (uint8_t)~mask;
		len -= bits;
	}
}

static void any_addr(struct box *box, enum tuple_family family)
{
	memset(box->addr, 0, sizeof(box->addr));
	set_prefix(box, family, 0);
}

/* ADDRESS, ADDRESS/LENGTH, ADDRESS-ADDRESS. Takes @word apart. */
static int parse_range_of_addr(char *word, enum tuple_family family,
			       struct box *box)
{
	char *slash = strchr(word, '/');
	char *dash = strchr(word, '-');
	uint32_t len;

	if (slash && dash)
		return -EINVAL;
	if (slash)
		*slash = '\0';
	if (dash)
		*dash = '\0';
	memset(box->addr, 0, sizeof(box->addr));
	if (inet_pton(to_af(family), word, box->addr[0]) != 1 ||
	    inet_pton(to_af(family), dash ? dash + 1 : word, box->addr[1]) != 1)
		return -EINVAL;
	if (memcmp(box->addr[0], box->addr[1], BOX_ADDR_SIZE) > 0)
		return -ERANGE;
	if (!slash)
		return 0;
	if (!is_number(slash + 1) || number_parse(slash + 1, &len) ||
	    len > 8 * tuple_addr_len(family))
		return -EINVAL;
	set_prefix(box, family, len);
	return 0;
}

/* Is a box about IPv4 addresses in IPv6 alone, or about a part of them? The kernel
 * makes IPv4 of these, and no rule ever sees one. All of them and more is fine.
 */
static bool cuts_mapped(const struct box *box)
{
	struct box mapped = *box;

	memset(mapped.addr, 0, sizeof(mapped.addr));
	memset(mapped.addr[0] + 10, 0xff, 2);
	memset(mapped.addr[1] + 10, 0xff, 6);
	return memcmp(box->addr[0], mapped.addr[1], BOX_ADDR_SIZE) <= 0 &&
	       memcmp(mapped.addr[0], box->addr[1], BOX_ADDR_SIZE) <= 0 &&
	       (memcmp(box->addr[0], mapped.addr[0], BOX_ADDR_SIZE) > 0 ||
		memcmp(box->addr[1], mapped.addr[1], BOX_ADDR_SIZE) < 0 ||
		!memcmp(box->addr, mapped.addr, sizeof(box->addr)));
}

static int parse_addr(const char *word, enum tuple_family family,
		      struct box *box, struct ctid_err *err)
{
	char copy[2 * INET6_ADDRSTRLEN + 8];
	int ret = -EINVAL;

	if (strlen(word) < sizeof(copy)) {
		strcpy(copy, word);
		ret = parse_range_of_addr(copy, family, box);
	}
	if (ret == -ERANGE)
		return err_set(err, -ret,
			       "range \"%s\": the lower address comes first",
			       show(word).s);
	if (ret)
		return err_set(err, -ret,
			       "\"%s\" is no %s address: try %s", show(word).s,
			       family == TUPLE_IPV4 ? "IPv4" : "IPv6",
			       family == TUPLE_IPV4 ? "10.0.0.0/8:443" :
						      "[2001:db8::/32]:443");
	if (family == TUPLE_IPV6 && cuts_mapped(box))
		return err_set(err, EINVAL,
			       "\"%s\" has IPv4 addresses in IPv6 (::ffff:0:0/96): write these as IPv4",
			       show(word).s);
	return 0;
}

/* @addr and @ports are parts of a copy of @where, or NULL for any. */
static int parse_parts(struct tuple *tuple, struct box *box, const char *addr,
		       const char *ports, struct ctid_err *err)
{
	enum tuple_family family;
	int ret = 0;

	box->port[0] = 0;
	box->port[1] = UINT16_MAX;
	if (ports)
		ret = parse_ports(ports, box, err);
	for (family = 0; family < TUPLE_FAMILIES && !ret; family++) {
		bool meant = !addr || (family == TUPLE_IPV6) == !!strchr(addr, ':');

		tuple->has[family] = meant;
		tuple->box[family] = *box;
		if (!meant)
			continue;
		if (addr)
			ret = parse_addr(addr, family, &tuple->box[family], err);
		else
			any_addr(&tuple->box[family], family);
	}
	return ret;
}

static int no_ports(const char *where, struct ctid_err *err)
{
	return err_set(err, EINVAL, "\"%s\": there is no port after the ':'",
		       show(where).s);
}

/* Where the address ends: at "]", at the only ":"; without any there is none. */
static int split(char *where, char **addr, char **ports, struct ctid_err *err)
{
	char *end;

	*addr = *ports = NULL;
	if (*where == '[') {
		end = strchr(where, ']');
		if (!end || end == where + 1 || !strchr(where, ':') ||
		    (end[1] && end[1] != ':'))
			return err_set(err, EINVAL,
				       "\"%s\": write an IPv6 address with ports as [ADDRESS]:PORTS",
				       show(where).s);
		if (end[1] && !end[2])
			return no_ports(where, err);
		*addr = where + 1;
		*ports = end[1] ? end + 2 : NULL;
		*end = '\0';
		return 0;
	}
	end = strchr(where, ':');
	if (end && strchr(end + 1, ':')) {
		*addr = where;
	} else if (end == where) {
		return err_set(err, EINVAL,
			       "\"%s\": there is no address before the ':'",
			       show(where).s);
	} else if (end) {
		if (!end[1])
			return no_ports(where, err);
		*end = '\0';
		*addr = where;
		*ports = end + 1;
	} else if (strchr(where, '.') || strchr(where, '/')) {
		*addr = where;
	} else {
		*ports = where;
	}
	if (*addr && is_any(*addr))
		*addr = NULL;
	return 0;
}

/**
 * tuple_parse() - read a tuple
 * @tuple: filled in, but for the verdict
 * @proto: the protocol, as tuple_parse_proto() has it
 * @where: addresses and ports, or NULL for all
 * @err: what is wrong with it
 *
 * Host bits of a prefix are ignored, as iptables does.
 *
 * Return: 0 or a negative errno.
 */
int tuple_parse(struct tuple *tuple, const char *proto, const char *where,
		struct ctid_err *err)
{
	struct box box = { .permit = false };
	char *copy, *addr, *ports;
	int ret;

	ret = tuple_parse_proto(proto, box.proto);
	if (ret)
		return err_set(err, -ret,
			       "\"%s\" is no protocol: use tcp, udp, udplite, sctp, dccp, icmp, icmpv6, any, or a number to 255",
			       show(proto).s);
	if (!where || is_any(where))
		return parse_parts(tuple, &box, NULL, NULL, err);
	copy = strdup(where);
	if (!copy)
		return err_set(err, ENOMEM, "out of memory");
	ret = split(copy, &addr, &ports, err);
	if (!ret && ports && !is_any(ports) && !has_ports(proto))
		ret = err_set(err, EINVAL, "%s has no ports: leave \"%s\" out",
			      show(proto).s, show(ports).s);
	if (!ret)
		ret = parse_parts(tuple, &box, addr, ports, err);
	free(copy);
	return ret;
}

static bool all_ports(const struct box *box)
{
	return !box->port[0] && box->port[1] == UINT16_MAX;
}

/**
 * tuple_format_proto() - write a box's protocols
 * @text: where to
 * @box: the box
 */
void tuple_format_proto(char text[TUPLE_TEXT], const struct box *box)
{
	const uint8_t *proto = box->proto;
	size_t i;

	for (i = 0; i < NPROTOCOLS; i++) {
		if (proto[0] == protocols[i].number && proto[1] == proto[0] &&
		    (protocols[i].ports || all_ports(box))) {
			snprintf(text, TUPLE_TEXT, "%s", protocols[i].name);
			return;
		}
	}
	if (proto[0] == 0 && proto[1] == UINT8_MAX)
		snprintf(text, TUPLE_TEXT, ANY);
	else if (proto[0] == proto[1])
		snprintf(text, TUPLE_TEXT, "%u", proto[0]);
	else
		snprintf(text, TUPLE_TEXT, "%u-%u", proto[0], proto[1]);
}

/* The length of the prefix that the addresses are, or -1. */
static int prefix_len(const struct box *box, enum tuple_family family)
{
	unsigned int len, bits = (unsigned int)(8 * tuple_addr_len(family));
	struct box prefix;

	for (len = 0; len <= bits; len++) {
		prefix = *box;
		memcpy(prefix.addr[1], box->addr[0], BOX_ADDR_SIZE);
		set_prefix(&prefix, family, len);
		if (!memcmp(prefix.addr, box->addr, sizeof(box->addr)))
			return (int)len;
	}
	return -1;
}

/**
 * tuple_any_addr() - are all addresses of the family in a box?
 * @box: the box
 * @family: its family
 *
 * Return: true if so.
 */
bool tuple_any_addr(const struct box *box, enum tuple_family family)
{
	return !prefix_len(box, family);
}

/**
 * tuple_format_addr() - write a box's addresses
 * @text: where to
 * @box: the box
 * @family: its family
 *
 * Return: false if they are all there are.
 */
bool tuple_format_addr(char text[TUPLE_TEXT], const struct box *box,
		       enum tuple_family family)
{
	char first[INET6_ADDRSTRLEN], last[INET6_ADDRSTRLEN];
	int len = prefix_len(box, family);

	inet_ntop(to_af(family), box->addr[0], first, sizeof(first));
	inet_ntop(to_af(family), box->addr[1], last, sizeof(last));
	if (len == (int)(8 * tuple_addr_len(family)))
		snprintf(text, TUPLE_TEXT, "%s", first);
	else if (len >= 0)
		snprintf(text, TUPLE_TEXT, "%s/%d", first, len);
	else
		snprintf(text, TUPLE_TEXT, "%s-%s", first, last);
	return len != 0;
}

/**
 * tuple_format_ports() - write a box's ports
 * @text: where to
 * @box: the box
 *
 * Return: false if they are all there are.
 */
bool tuple_format_ports(char text[TUPLE_TEXT], const struct box *box)
{
	const uint16_t *port = box->port;

	if (port[0] == port[1])
		snprintf(text, TUPLE_TEXT, "%u", port[0]);
	else
		snprintf(text, TUPLE_TEXT, "%u-%u", port[0], port[1]);
	return !all_ports(box);
}

/**
 * tuple_format() - write a box as tuple_parse() reads it
 * @text: where to: "PROTO WHERE"
 * @box: the box
 * @family: its family
 * @both: the other family has the same, and both have any address
 */
void tuple_format(char text[TUPLE_TEXT], const struct box *box,
		  enum tuple_family family, bool both)
{
	char proto[TUPLE_TEXT], addr[TUPLE_TEXT], ports[TUPLE_TEXT];
	bool some_ports;

	tuple_format_proto(proto, box);
	tuple_format_addr(addr, box, family);
	some_ports = tuple_format_ports(ports, box);
	if (both)
		snprintf(text, TUPLE_TEXT, "%.15s %.15s", proto,
			 some_ports ? ports : ANY);
	else if (!some_ports)
		snprintf(text, TUPLE_TEXT, "%.15s %.100s", proto, addr);
	else
		snprintf(text, TUPLE_TEXT,
			 family == TUPLE_IPV4 ? "%.15s %.100s:%.15s" :
						"%.15s [%.100s]:%.15s",
			 proto, addr, ports);
}
