// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the denied cgroup may do in sequences, as rules in debug/abi.inc say it: be
 * connected to ports 1000 to 1009 of 127.0.0.1 and ::1, and to all of 7f00::/16; be bound
 * to ports 2000 to 2009 of 127.0.0.1 and ::1, or to one that the kernel picks; be
 * connected to from 127.0.0.1 and ::1.
 */
#include "abi.h"

#include <netinet/in.h>
#include <string.h>

#define FIRST_PICKED	32768
#define UDPLITE		136

/* The address and the port of either family; false if it has neither. */
static bool take_apart(const struct sockaddr *addr, struct in6_addr *ip, uint16_t *port)
{
	struct sockaddr_in6 in6;
	struct sockaddr_in in;

	memset(ip, 0, sizeof(*ip));
	if (addr->sa_family == AF_INET6) {
		memcpy(&in6, addr, sizeof(in6));
		*ip = in6.sin6_addr;
		*port = ntohs(in6.sin6_port);
		return true;
	}
	if (addr->sa_family != AF_INET)
		return false;
	memcpy(&in, addr, sizeof(in));
	ip->s6_addr32[2] = htonl(0xffff);
	ip->s6_addr32[3] = in.sin_addr.s_addr;
	*port = ntohs(in.sin_port);
	return true;
}

static bool is_loopback(const struct in6_addr *ip)
{
	if (IN6_IS_ADDR_V4MAPPED(ip))
		return ip->s6_addr32[3] == htonl(INADDR_LOOPBACK);
	return IN6_IS_ADDR_LOOPBACK(ip);
}

static bool ip_is_permitted(const struct in6_addr *ip, uint16_t port, bool ports)
{
	if (ip->s6_addr[0] == 0x7f && !ip->s6_addr[1])
		return true;
	return is_loopback(ip) && (!ports || (port >= 1000 && port <= 1009));
}

bool peer_is_permitted(const struct sockaddr *addr, bool ports)
{
	struct in6_addr ip;
	uint16_t port;

	return !take_apart(addr, &ip, &port) || ip_is_permitted(&ip, port, ports);
}

bool local_is_permitted(const struct sockaddr *addr, bool ports)
{
	struct in6_addr ip;
	uint16_t port;

	if (!take_apart(addr, &ip, &port))
		return true;
	return is_loopback(&ip) &&
	       (!ports || !port || (port >= 2000 && port <= 2009) || port >= FIRST_PICKED);
}

bool guest_is_permitted(const struct sockaddr *addr)
{
	struct in6_addr ip;
	uint16_t port;

	return !take_apart(addr, &ip, &port) || is_loopback(&ip);
}

/* Skips extension headers. */
static uint8_t transport6(const unsigned char *packet, size_t len, size_t *at)
{
	uint8_t proto = packet[6];

	*at = 40;
	while (*at + 8 <= len && (proto == IPPROTO_HOPOPTS || proto == IPPROTO_ROUTING ||
				  proto == IPPROTO_DSTOPTS)) {
		proto = packet[*at];
		*at += 8 * (packet[*at + 1] + 1U);
	}
	return proto;
}

/* Is a packet the sender's own wish, not an answer to one that came? */
static bool is_asked_for(uint8_t proto, const unsigned char *head, size_t len)
{
	switch (proto) {
	case IPPROTO_TCP:	/* SYN alone */
		return len >= 14 && (head[13] & 0x12) == 0x02;
	case IPPROTO_DCCP:	/* a request */
		return len >= 9 && !(head[8] >> 1 & 0xf);
	case IPPROTO_SCTP:	/* INIT, HEARTBEAT */
		return len >= 13 && (head[12] == 1 || head[12] == 4);
	case IPPROTO_ICMP:
		return len >= 1 && head[0] == 8;
	case IPPROTO_ICMPV6:
		return len >= 1 && head[0] == 128;
	default:
		return true;
	}
}

static bool has_ports(uint8_t proto)
{
	return proto == IPPROTO_TCP || proto == IPPROTO_UDP || proto == UDPLITE ||
	       proto == IPPROTO_DCCP || proto == IPPROTO_SCTP;
}

/* Where the process outside sends from: its servers do SCTP's HEARTBEATs. */
static bool is_outside(uint16_t port)
{
	return (port >= OUTSIDE_PORT && port < OUTSIDE_PORT + 1000) || port == 80 ||
	       (port >= 1000 && port <= 1009);
}

/* @packet begins with its IP header; @ports: those of its sender count. */
bool packet_is_permitted(const unsigned char *packet, size_t len, bool ports)
{
	bool v6 = len && packet[0] >> 4 == 6;
	struct in6_addr to = { 0 };
	uint16_t source, port = 0;
	uint8_t proto;
	size_t at;

	if (len < (v6 ? 40U : 20U))
		return true;
	if (v6) {
		memcpy(&to, packet + 24, sizeof(to));
		/* To rules of IPv6 that is none of IPv4. */
		if (IN6_IS_ADDR_V4MAPPED(&to))
			return false;
		proto = transport6(packet, len, &at);
	} else {
		to.s6_addr32[2] = htonl(0xffff);
		memcpy(&to.s6_addr32[3], packet + 16, 4);
		proto = packet[9];
		at = 4 * (packet[0] & 0xfU);
	}
	if (at > len)
		at = len;
	if (!is_asked_for(proto, packet + at, len - at))
		return true;
	ports = ports && has_ports(proto) && at + 4 <= len;
	if (ports) {
		source = (uint16_t)(packet[at] << 8 | packet[at + 1]);
		port = (uint16_t)(packet[at + 2] << 8 | packet[at + 3]);
		if (is_outside(source))
			return true;
	}
	return ip_is_permitted(&to, port, ports);
}
