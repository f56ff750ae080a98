// SPDX-License-Identifier: GPL-2.0-only
/* Ancillary data, and the options that take the same: well-formed or of any bytes. */
#include "abi.h"

#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#define MIP6		2	/* types of routing headers */
#define SEGMENTS	4

/* Where rules deny to go, and where they do not (debug/abi.inc). */
const uint32_t v4_addresses[V4_ADDRESSES] = {
	0x7f000001, 0, 0x7f000002, 0x7f000003, 0xffffffff, 0x0a000001, 0xe0000001,
};

void v6_address(struct in6_addr *addr)
{
	static const struct in6_addr whole[] = {
		IN6ADDR_LOOPBACK_INIT, IN6ADDR_ANY_INIT,
		{ { { 0xfd, 0, [15] = 2 } } }, { { { 0xff, 2, [15] = 9 } } },
		/* What reads it as IPv4 finds: from 127.0.0.1, to 127.0.0.1, port 53. */
		{ { { 127, 0, 0, 1, 127, 0, 0, 1, 0, 53 } } },
	};

	*addr = chance(35) ? in6addr_loopback : pick(whole);
	if (chance(30)) {
		memset(addr, 0, sizeof(*addr));
		addr->s6_addr32[2] = htonl(0xffff);
		addr->s6_addr32[3] = htonl(pick(v4_addresses));
	}
}

static size_t routing_header(unsigned char *data)
{
	struct in6_addr to;
	bool mip6 = chance(30);

	v6_address(&to);
	memset(data, 0, 8);
	data[1] = 2;
	data[2] = mip6 ? MIP6 : SEGMENTS;
	data[3] = mip6;
	memcpy(data + 8, &to, sizeof(to));
	return 8 + sizeof(to);
}

static size_t pktinfo6(unsigned char *data)
{
	struct in6_pktinfo info = { .ipi6_ifindex = below(2) };

	v6_address(&info.ipi6_addr);
	memcpy(data, &info, sizeof(info));
	return sizeof(info);
}

static size_t pktinfo4(unsigned char *data)
{
	struct in_pktinfo info = { .ipi_ifindex = (int)below(2) };

	info.ipi_spec_dst.s_addr = htonl(pick(v4_addresses));
	memcpy(data, &info, sizeof(info));
	return sizeof(info);
}

static size_t address4(unsigned char *data)
{
	uint32_t addr = htonl(pick(v4_addresses));

	memcpy(data, &addr, sizeof(addr));
	return sizeof(addr);
}

static size_t address6(unsigned char *data)
{
	v6_address((void *)data);
	return sizeof(struct in6_addr);
}

/* A header of padding. */
static size_t padding(unsigned char *data)
{
	static const unsigned char header[8] = { 0, 0, 1, 4 };

	memcpy(data, header, sizeof(header));
	return sizeof(header);
}

static size_t small(unsigned char *data)
{
	uint32_t value = below(64);

	memcpy(data, &value, sizeof(value));
	return sizeof(value);
}

static size_t zeros(unsigned char *data, size_t size)
{
	memset(data, 0, size);
	return size;
}

static size_t two(unsigned char *data)
{
	return zeros(data, 2);
}

static size_t eight(unsigned char *data)
{
	return zeros(data, 8);
}

static size_t sixteen(unsigned char *data)
{
	return zeros(data, 16);
}

static size_t sndrcv(unsigned char *data)
{
	return zeros(data, 32);
}

static const struct {
	int level, type;
	size_t (*make)(unsigned char *data);
} controls[] = {
	{ SOL_SOCKET, SCM_RIGHTS, NULL }, { SOL_SOCKET, SO_MARK, small },
	{ SOL_SOCKET, 37 /* SO_TIMESTAMPING */, small }, { SOL_SOCKET, 61 /* SO_TXTIME */, eight },
	{ IPPROTO_IP, IP_PKTINFO, pktinfo4 }, { IPPROTO_IP, IP_TTL, small },
	{ IPPROTO_IP, IP_TOS, small }, { IPPROTO_IP, IP_RETOPTS, eight },
	{ IPPROTO_IPV6, IPV6_PKTINFO, pktinfo6 }, { IPPROTO_IPV6, IPV6_HOPLIMIT, small },
	{ IPPROTO_IPV6, IPV6_TCLASS, small }, { IPPROTO_IPV6, IPV6_RTHDR, routing_header },
	{ IPPROTO_IPV6, IPV6_DSTOPTS, padding }, { IPPROTO_IPV6, IPV6_HOPOPTS, padding },
	{ IPPROTO_IPV6, IPV6_RTHDRDSTOPTS, padding }, { IPPROTO_IPV6, IPV6_2292PKTINFO, pktinfo6 },
	{ IPPROTO_IPV6, IPV6_2292HOPOPTS, padding }, { IPPROTO_IPV6, IPV6_2292DSTOPTS, padding },
	{ IPPROTO_IPV6, IPV6_2292RTHDR, routing_header }, { IPPROTO_IPV6, IPV6_2292HOPLIMIT, small },
	{ IPPROTO_SCTP, 0 /* INIT */, eight }, { IPPROTO_SCTP, 1 /* SNDRCV */, sndrcv },
	{ IPPROTO_SCTP, 2 /* SNDINFO */, sixteen }, { IPPROTO_SCTP, 5 /* PRINFO */, eight },
	{ IPPROTO_SCTP, 6 /* AUTHINFO */, two }, { IPPROTO_SCTP, 7 /* DSTADDRV4 */, address4 },
	{ IPPROTO_SCTP, 8 /* DSTADDRV6 */, address6 }, { IPPROTO_UDP, 103 /* SEGMENT */, two },
	{ SOL_RXRPC_, 1 /* USER_CALL_ID */, eight }, { SOL_RXRPC_, 2 /* ABORT */, small },
	{ SOL_RXRPC_, 10 /* EXCLUSIVE_CALL */, two }, { SOL_RXRPC_, 13 /* TX_LENGTH */, eight },
};

/* In a sequence, what is of its socket's own protocol more often. */
static unsigned int any_of(int level)
{
	unsigned int i;

	for (int tries = 0; tries < 8; tries++) {
		i = below(sizeof(controls) / sizeof(*controls));
		if (controls[i].level == level)
			break;
	}
	return i;
}

size_t any_control(int of, int *level, int *type, unsigned char data[CONTROL_MAX])
{
	unsigned int i = of < 0 ? below(sizeof(controls) / sizeof(*controls)) : any_of(of);
	size_t len;

	*level = controls[i].level;
	*type = controls[i].type;
	if (controls[i].make && chance(65))
		return controls[i].make(data);
	len = chance(60) ? 4 * below(8) : below(CONTROL_MAX);
	if (*level == SOL_SOCKET && *type == SCM_RIGHTS)
		memset(data, 0, len);
	else
		bytes(data, len);
	if (len >= 4 && chance(50))
		memset(data, 0, 4);
	return len;
}
