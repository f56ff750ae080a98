/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef CTID_ENDPOINT_H
#define CTID_ENDPOINT_H

#include <stdbool.h>
#include <stdint.h>

/** IPPROTO_MPTCP, which older headers lack. */
#define PROTO_MPTCP	262

/**
 * struct endpoint - an address and a port
 * @family: AF_INET or AF_INET6
 * @addr: the address, in network byte order; IPv4 has the first four bytes
 * @port: the port, in host byte order, 0 for none
 */
struct endpoint {
	uint8_t family;
	uint8_t addr[16];
	uint16_t port;
};

/** Room for what endpoint_format() writes. */
#define ENDPOINT_TEXT	64

/** Room for what protocol_format() writes. */
#define PROTOCOL_TEXT	12

void endpoint_set(struct endpoint *end, uint8_t family, const void *addr,
		  uint16_t port);
bool endpoint_is_any(const struct endpoint *end);
bool endpoint_is_loopback(const struct endpoint *end);
int endpoint_compare(const struct endpoint *a, const struct endpoint *b);
void endpoint_format(char text[ENDPOINT_TEXT], const struct endpoint *end);
void endpoint_format_addr(char text[ENDPOINT_TEXT], const struct endpoint *end);
void protocol_format(char text[PROTOCOL_TEXT], uint16_t proto);

#endif /* CTID_ENDPOINT_H */
