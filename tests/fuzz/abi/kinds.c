// SPDX-License-Identifier: GPL-2.0-only
/* The sockets and addresses of sequences, as they are written down. */
#include "abi.h"

#include <arpa/inet.h>
#include <linux/rxrpc.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SOL_DCCP_	269
#define L2TP		115
#define EXPERIMENT	253

static const struct socket_kind kinds[] = {
	{ "tcp4", AF_INET, SOCK_STREAM, 0, AF_INET, IPPROTO_TCP, true },
	{ "tcp6", AF_INET6, SOCK_STREAM, 0, AF_INET6, IPPROTO_TCP, true },
	{ "udp4", AF_INET, SOCK_DGRAM, 0, AF_INET, IPPROTO_UDP, true },
	{ "udp6", AF_INET6, SOCK_DGRAM, 0, AF_INET6, IPPROTO_UDP, true },
	{ "mptcp4", AF_INET, SOCK_STREAM, IPPROTO_MPTCP, AF_INET, IPPROTO_TCP, true },
	{ "mptcp6", AF_INET6, SOCK_STREAM, IPPROTO_MPTCP, AF_INET6, IPPROTO_TCP, true },
	{ "sctp4", AF_INET, SOCK_STREAM, IPPROTO_SCTP, AF_INET, IPPROTO_SCTP, true },
	{ "sctp6", AF_INET6, SOCK_STREAM, IPPROTO_SCTP, AF_INET6, IPPROTO_SCTP, true },
	{ "sctpm4", AF_INET, SOCK_SEQPACKET, IPPROTO_SCTP, AF_INET, IPPROTO_SCTP, true },
	{ "sctpm6", AF_INET6, SOCK_SEQPACKET, IPPROTO_SCTP, AF_INET6, IPPROTO_SCTP, true },
	{ "udplite4", AF_INET, SOCK_DGRAM, IPPROTO_UDPLITE, AF_INET, IPPROTO_UDP, true },
	{ "udplite6", AF_INET6, SOCK_DGRAM, IPPROTO_UDPLITE, AF_INET6, IPPROTO_UDP, true },
	{ "dccp4", AF_INET, SOCK_DCCP_, IPPROTO_DCCP, AF_INET, SOL_DCCP_, true },
	{ "dccp6", AF_INET6, SOCK_DCCP_, IPPROTO_DCCP, AF_INET6, SOL_DCCP_, true },
	{ "ping4", AF_INET, SOCK_DGRAM, IPPROTO_ICMP, AF_INET, IPPROTO_IP, false },
	{ "ping6", AF_INET6, SOCK_DGRAM, IPPROTO_ICMPV6, AF_INET6, IPPROTO_IP, false },
	{ "raw4", AF_INET, SOCK_RAW, EXPERIMENT, AF_INET, IPPROTO_IP, false },
	{ "raw6", AF_INET6, SOCK_RAW, EXPERIMENT, AF_INET6, IPPROTO_IP, false },
	{ "rawicmp4", AF_INET, SOCK_RAW, IPPROTO_ICMP, AF_INET, IPPROTO_IP, false },
	{ "rawicmp6", AF_INET6, SOCK_RAW, IPPROTO_ICMPV6, AF_INET6, IPPROTO_IP, false },
	{ "l2tp4", AF_INET, SOCK_DGRAM, L2TP, AF_INET, IPPROTO_IP, false },
	{ "l2tp6", AF_INET6, SOCK_DGRAM, L2TP, AF_INET6, IPPROTO_IP, false },
	{ "smc4", AF_SMC_, SOCK_STREAM, 0, AF_INET, IPPROTO_TCP, true },
	{ "smc6", AF_SMC_, SOCK_STREAM, 1, AF_INET6, IPPROTO_TCP, true },
	{ "rxrpc4", AF_RXRPC_, SOCK_DGRAM, AF_INET, AF_INET, SOL_RXRPC_, true },
	{ "rxrpc6", AF_RXRPC_, SOCK_DGRAM, AF_INET6, AF_INET6, SOL_RXRPC_, true },
};

const struct socket_kind *socket_kind(const char *name)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		if (!strcmp(kinds[i].name, name))
			return &kinds[i];
	return NULL;
}

const struct socket_kind *any_kind(void)
{
	return &pick(kinds);
}

size_t parse_hex(const char *text, void *data, size_t size)
{
	unsigned char *to = data;
	unsigned int byte;
	size_t len;

	for (len = 0; len < size && sscanf(text + 2 * len, "%2x", &byte) == 1; len++)
		to[len] = (unsigned char)byte;
	return len;
}

/* RxRPC has an address of UDP inside of its own. One that is too long for that is cut. */
void wrap_address(struct sockaddr_storage *addr, socklen_t *len)
{
	struct sockaddr_rxrpc srx = {
		.srx_family = AF_RXRPC_, .srx_service = 1, .transport_type = SOCK_DGRAM,
		.transport_len = (uint16_t)*len,
	};

	memcpy(&srx.transport, addr,
	       *len < sizeof(srx.transport) ? *len : sizeof(srx.transport));
	memset(addr, 0, sizeof(*addr));
	memcpy(addr, &srx, sizeof(srx));
	*len = sizeof(srx);
}

/* unspec, x and the bytes of a sockaddr in hexadecimal, or ADDRESS/PORT. */
bool parse_address(const struct socket_kind *kind, const char *text,
		   struct sockaddr_storage *addr, socklen_t *len)
{
	struct sockaddr_in6 *in6 = (void *)addr;
	struct sockaddr_in *in = (void *)addr;
	const char *slash = strchr(text, '/');
	char host[64];

	memset(addr, 0, sizeof(*addr));
	*len = sizeof(*in);
	if (!strcmp(text, "unspec"))
		return true;
	if (*text == 'x') {
		*len = (socklen_t)parse_hex(text + 1, addr, sizeof(*addr));
		return true;
	}
	if (!slash || slash - text >= (int)sizeof(host))
		return false;
	memcpy(host, text, (size_t)(slash - text));
	host[slash - text] = '\0';
	in->sin_family = strchr(host, ':') ? AF_INET6 : AF_INET;
	in->sin_port = htons((uint16_t)atoi(slash + 1));
	if (in->sin_family == AF_INET6)
		*len = sizeof(*in6);
	if (inet_pton(in->sin_family, host, in->sin_family == AF_INET6 ?
		      (void *)&in6->sin6_addr : (void *)&in->sin_addr) != 1)
		return false;
	if (kind->domain == AF_RXRPC_)
		wrap_address(addr, len);
	return true;
}
