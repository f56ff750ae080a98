// SPDX-License-Identifier: GPL-2.0-only
/* Addresses, ports and protocols of sockets, as permitted tuples write them. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "../../nft/tuple.h"
#include "endpoint.h"

/**
 * endpoint_set() - fill in an endpoint
 * @end: filled in; a v4-mapped address becomes IPv4, as the judge has it
 * @family: AF_INET or AF_INET6
 * @addr: the address
 * @port: the port, in host byte order
 */
void endpoint_set(struct endpoint *end, uint8_t family, const void *addr,
		  uint16_t port)
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };

	*end = (struct endpoint){ .family = family, .port = port };
	memcpy(end->addr, addr, family == AF_INET ? 4 : 16);
	if (family == AF_INET6 && !memcmp(end->addr, mapped, sizeof(mapped))) {
		end->family = AF_INET;
		memmove(end->addr, end->addr + 12, 4);
		memset(end->addr + 4, 0, 12);
	}
}

/**
 * endpoint_is_any() - is the address 0.0.0.0 or ::?
 * @end: the endpoint
 *
 * Return: true if so.
 */
bool endpoint_is_any(const struct endpoint *end)
{
	static const uint8_t any[sizeof(end->addr)];

	return !memcmp(end->addr, any, sizeof(any));
}

/**
 * endpoint_is_loopback() - does the address mean the same host, whoever says it?
 * @end: the endpoint
 *
 * Return: true if so.
 */
bool endpoint_is_loopback(const struct endpoint *end)
{
	if (end->family == AF_INET)
		return end->addr[0] == 127;
	return !memcmp(end->addr, &in6addr_loopback, sizeof(end->addr));
}

/**
 * endpoint_compare() - put endpoints into an order
 * @a: one
 * @b: another
 *
 * Return: less than 0, 0 or more, as memcmp() does.
 */
int endpoint_compare(const struct endpoint *a, const struct endpoint *b)
{
	int ret = a->family - b->family;

	if (!ret)
		ret = memcmp(a->addr, b->addr, sizeof(a->addr));
	return ret ? ret : a->port - b->port;
}

/**
 * endpoint_format_addr() - write the address
 * @text: where to
 * @end: the endpoint
 */
void endpoint_format_addr(char text[ENDPOINT_TEXT], const struct endpoint *end)
{
	inet_ntop(end->family, end->addr, text, ENDPOINT_TEXT);
}

/**
 * endpoint_format() - write address and port
 * @text: where to; "-" for neither
 * @end: the endpoint
 */
void endpoint_format(char text[ENDPOINT_TEXT], const struct endpoint *end)
{
	char addr[ENDPOINT_TEXT];

	if (endpoint_is_any(end) && !end->port) {
		snprintf(text, ENDPOINT_TEXT, "-");
		return;
	}
	endpoint_format_addr(addr, end);
	if (!end->port)
		snprintf(text, ENDPOINT_TEXT, "%.45s", addr);
	else
		snprintf(text, ENDPOINT_TEXT,
			 end->family == AF_INET ? "%.45s:%u" : "[%.45s]:%u",
			 addr, end->port);
}

/**
 * protocol_format() - name a protocol
 * @text: where to
 * @proto: its number, or PROTO_MPTCP
 */
void protocol_format(char text[PROTOCOL_TEXT], uint16_t proto)
{
	struct box box = {
		.proto = { (uint8_t)proto, (uint8_t)proto },
		.port = { 0, UINT16_MAX },
	};
	char name[TUPLE_TEXT];

	if (proto == PROTO_MPTCP) {
		snprintf(text, PROTOCOL_TEXT, "mptcp");
		return;
	}
	tuple_format_proto(name, &box);
	snprintf(text, PROTOCOL_TEXT, "%.11s", name);
}
