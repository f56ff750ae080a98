// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sequences of a seed's: a socket, and up to six things that it is made to do. More often
 * than not these are permitted, or the socket would never come to be anything.
 */
#include "abi.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define MOST_WORDS	6

static const struct socket_kind *kind;
static char *text;
static size_t used;

__attribute__((format(printf, 1, 2)))
static void say(const char *fmt, ...)
{
	va_list args;
	int n;

	va_start(args, fmt);
	n = vsnprintf(text + used, SEQUENCE_MAX - used, fmt, args);
	va_end(args);
	if (n > 0 && (size_t)n < SEQUENCE_MAX - used)
		used += (size_t)n;
}

static void say_hex(const void *data, size_t len)
{
	for (const unsigned char *at = data; len--; at++)
		say("%02x", *at);
}

static unsigned int peer_port(void)
{
	static const uint16_t others[] = { 53, 80, 0, 999, 1010, 2000, 65535 };

	return chance(65) ? 1000 + below(4) : pick(others);
}

static unsigned int local_port(void)
{
	static const uint16_t others[] = { 0, 0, 53, 80, 1999, 2010 };

	return chance(65) ? 2000 + below(10) : pick(others);
}

static void say_v4(void)
{
	char name[INET_ADDRSTRLEN];
	uint32_t addr = htonl(chance(50) ? INADDR_LOOPBACK : pick(v4_addresses));

	say("%s", inet_ntop(AF_INET, &addr, name, sizeof(name)));
}

static void say_v6(void)
{
	char name[INET6_ADDRSTRLEN];
	struct in6_addr addr;

	v6_address(&addr);
	say("%s", inet_ntop(AF_INET6, &addr, name, sizeof(name)));
}

/* One whose bytes are not quite an address, or not quite as many. */
static void odd_address(unsigned int port)
{
	struct sockaddr_storage addr = {
		.ss_family = (sa_family_t)(chance(50) ? kind->family : (int)below(48)),
	};
	struct sockaddr_in6 *in6 = (void *)&addr;
	struct sockaddr_in *in = (void *)&addr;
	socklen_t len = sizeof(*in6);

	in->sin_port = htons((uint16_t)port);
	if (addr.ss_family == AF_INET6)
		v6_address(&in6->sin6_addr);
	else
		in->sin_addr.s_addr = htonl(pick(v4_addresses));
	if (kind->domain == AF_RXRPC_ && chance(80))
		wrap_address(&addr, &len);
	if (chance(30))
		mutate(&addr, len, 1);
	if (chance(50))
		len = below(chance(80) ? len : sizeof(addr) + 1);
	say("x");
	say_hex(&addr, len);
}

static void say_address(unsigned int port)
{
	if (chance(7)) {
		odd_address(port);
		return;
	}
	if (chance(kind->family == AF_INET6 ? 90 : 5))
		say_v6();
	else
		say_v4();
	say("/%u", port);
}

static void say_flags(void)
{
	static const int flags[] = {
		MSG_MORE, MSG_MORE, MSG_FASTOPEN, MSG_OOB, MSG_CONFIRM, MSG_EOR, MSG_DONTROUTE,
		0x10 /* MSG_PROBE */, MSG_ZEROCOPY,
	};
	int all = 0;

	while (chance(30))
		all |= pick(flags);
	if (all)
		say(",f%d", all);
}

static void say_control(void)
{
	unsigned char data[CONTROL_MAX];
	int level, type;
	size_t len;
	int of = chance(60) ? kind->level : kind->family == AF_INET6 ? IPPROTO_IPV6 : IPPROTO_IP;

	len = any_control(of, &level, &type, data);
	say(",%d.%d.", level, type);
	say_hex(data, len);
}

static void send_words(const char *name)
{
	say(" %s,", name);
	if (chance(90))
		say_address(peer_port());
	else
		say(chance(30) ? "unspec" : "-");
	say_flags();
	for (unsigned int n = below(3); n--;)
		say_control();
	/* No call of RxRPC without a number. */
	if (kind->level == 272)
		say(",272.1.0100000000000000");
}

static void connect_word(void)
{
	say(" connect,");
	if (chance(15))
		say("unspec");
	else
		say_address(peer_port());
}

static void bind_word(void)
{
	say(" bind,");
	say_address(local_port());
}

/* A server, and one who comes to it. */
static void serve_words(void)
{
	static const char * const from[] = { "127.0.0.1", "127.0.0.2", "127.0.0.3" };
	static const char * const from6[] = { "::1", "fd00::2" };

	if (chance(60)) {
		say(" bind,%s/%u", kind->family == AF_INET6 ? "::1" : "127.0.0.1",
		    2000 + below(10));
	}
	say(" listen");
	if (chance(80))
		say(" accept,%s", kind->family == AF_INET6 ? pick(from6) : pick(from));
}

/* Packed addresses, as SCTP takes them. */
static void sctp_addresses(unsigned int port)
{
	for (unsigned int n = 1 + below(3); n--;) {
		struct sockaddr_in6 in6 = { .sin6_family = AF_INET6,
					    .sin6_port = htons((uint16_t)port) };
		struct sockaddr_in in = { .sin_family = AF_INET,
					  .sin_port = htons((uint16_t)port) };

		v6_address(&in6.sin6_addr);
		in.sin_addr.s_addr = htonl(chance(50) ? INADDR_LOOPBACK : pick(v4_addresses));
		if (kind->family == AF_INET6 && chance(60))
			say_hex(&in6, sizeof(in6));
		else
			say_hex(&in, sizeof(in));
	}
}

/* Two options have lists of addresses in them, and some what control messages have. */
static void made_option(void)
{
	unsigned char data[CONTROL_MAX];
	uint32_t addr = htonl(pick(v4_addresses));
	int level, type;
	size_t len;

	switch (kind->level == IPPROTO_SCTP ? below(3) : 2) {
	case 0:
		say(" opt,132.100.");	/* SCTP_SOCKOPT_BINDX_ADD */
		sctp_addresses(local_port());
		return;
	case 1:
		say(" opt,132.110.");	/* SCTP_SOCKOPT_CONNECTX */
		sctp_addresses(peer_port());
		return;
	}
	if (kind->family == AF_INET && chance(60)) {
		/* A source route. */
		say(" opt,0.4.0183%02x04", chance(90) ? 7 : below(12));
		say_hex(&addr, sizeof(addr));
		return;
	}
	len = any_control(IPPROTO_IPV6, &level, &type, data);
	say(" opt,%d.%d.", level, type);
	say_hex(data, len);
}

static void option_word(void)
{
	static const char * const options[] = {
		"17.1.01000000",	/* UDP_CORK */
		"17.1.00000000", "6.3.01000000",	/* TCP_CORK */
		"41.1.02000000", "41.1.02000000",	/* IPV6_ADDRFORM */
		"41.26.00000000", "41.26.01000000",	/* IPV6_V6ONLY */
		"0.15.01000000", "0.19.01000000",	/* IP_FREEBIND, IP_TRANSPARENT */
		"0.24.01000000",	/* IP_BIND_ADDRESS_NO_PORT */
		"0.50.00000001",	/* IP_UNICAST_IF */
		"1.2.01000000", "1.15.01000000",	/* SO_REUSEADDR, SO_REUSEPORT */
		"1.25.6c6f00", "1.36.05000000", "1.12.03000000",	/* a device, mark, priority */
		"6.30.01000000",	/* TCP_FASTOPEN_CONNECT */
		"6.23.05000000",	/* TCP_FASTOPEN */
		"6.31.746c7300",	/* TCP_ULP */
		"6.19.01000000",	/* TCP_REPAIR */
		"132.12.01000000",	/* SCTP_I_WANT_MAPPED_V4_ADDR */
	};

	if (chance(60))
		made_option();
	else
		say(" opt,%s", pick(options));
}

static void word(void)
{
	static const char * const others[] = { " dup", " pass", " peeloff" };
	unsigned int n = below(100);

	if (n < 25)
		connect_word();
	else if (n < 37)
		send_words("sendto");
	else if (n < 53)
		send_words("sendmsg");
	else if (n < 56)
		send_words("sendmmsg");
	else if (n < 64) {
		say(" send");
		say_flags();
	} else if (n < 67)
		say(" flush");
	else if (n < 78)
		bind_word();
	else if (n < 84)
		serve_words();
	else if (n < 97)
		option_word();
	else
		say("%s", pick(others));
}

void make_sequence(char to[SEQUENCE_MAX])
{
	text = to;
	used = 0;
	kind = any_kind();
	say("%s", kind->name);
	for (unsigned int n = 1 + below(MOST_WORDS); n--;)
		word();
}
