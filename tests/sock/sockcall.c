// SPDX-License-Identifier: GPL-2.0-only
/*
 * sockcall OP [ARG...]...: makes the socket calls that its arguments name,
 * in one process, and prints a line for each: the name and "ok", or the name of
 * the errno. So a test can compare what calls return with what they should.
 * Its status is 0 if it could try them all, whatever they returned.
 *
 *   sockcall socket tcp4 connect 127.0.0.1:80
 *
 * A kind of socket is a name of kinds[], or a number, which is a raw socket's
 * protocol, with 4 or 6 behind: "44:6".
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <linux/rxrpc.h>

#include "sockcall.h"

#ifndef IPPROTO_MPTCP
#define IPPROTO_MPTCP	262
#endif
#ifndef IPPROTO_UDPLITE
#define IPPROTO_UDPLITE	136
#endif
#define AF_SMC_		43
#define AF_RXRPC_	33

int sock = -1;

/* What "addrlen" and "family" make of the next address. */
struct addr lie;

static const struct {
	const char *name;
	int type, protocol;
} kinds[] = {
	{ "tcp", SOCK_STREAM, IPPROTO_TCP },
	{ "mptcp", SOCK_STREAM, IPPROTO_MPTCP },
	{ "udp", SOCK_DGRAM, IPPROTO_UDP },
	{ "udplite", SOCK_DGRAM, IPPROTO_UDPLITE },
	{ "sctp", SOCK_STREAM, IPPROTO_SCTP },
	{ "sctpm", SOCK_SEQPACKET, IPPROTO_SCTP },
	{ "ping", SOCK_DGRAM, IPPROTO_ICMP },
	{ "raw", SOCK_RAW, 253 },
	{ "rawudp", SOCK_RAW, IPPROTO_UDP },
	{ "ipsmc", SOCK_STREAM, 256 },
	{ "l2tp", SOCK_DGRAM, 115 },
	{ "dccp", 6, 33 },
};

void die(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fputs("sockcall: ", stderr);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
	va_end(args);
	exit(2);
}

int number(const char *text)
{
	char *end;
	long n = strtol(text, &end, 0);

	if (end == text || *end)
		die("'%s' is no number", text);
	return (int)n;
}

int new_socket(const char *kind)
{
	size_t len = strlen(kind), i;
	int family, protocol, end = 0;

	if (!strcmp(kind, "smc4") || !strcmp(kind, "smc6"))
		return socket(AF_SMC_, SOCK_STREAM, kind[3] == '6');
	if (!len || (kind[len - 1] != '4' && kind[len - 1] != '6'))
		die("a kind of socket ends with 4 or 6, not '%s'", kind);
	family = kind[--len] == '4' ? AF_INET : AF_INET6;
	if (len == 5 && !strncmp(kind, "rxrpc", len))
		return socket(AF_RXRPC_, SOCK_DGRAM, family);
	if (sscanf(kind, "%d:%*[46]%n", &protocol, &end) == 1 && end == (int)len + 1)
		return socket(family, SOCK_RAW, protocol);
	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (strlen(kinds[i].name) != len ||
		    strncmp(kinds[i].name, kind, len))
			continue;
		protocol = kinds[i].protocol;
		if (protocol == IPPROTO_ICMP && family == AF_INET6)
			protocol = IPPROTO_ICMPV6;
		return socket(family, kinds[i].type, protocol);
	}
	die("no kind of socket is called '%s'", kind);
}

static void parse_host(struct addr *a, char *host, int port)
{
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)&a->ss;
	struct sockaddr_in *in = (struct sockaddr_in *)&a->ss;
	char *scope;

	if (host[0] != '[') {
		in->sin_family = AF_INET;
		in->sin_port = htons((unsigned short)port);
		a->len = sizeof(*in);
		if (inet_pton(AF_INET, host, &in->sin_addr) != 1)
			die("'%s' is no IPv4 address", host);
		return;
	}
	host[strlen(host) - 1] = '\0';
	scope = strchr(++host, '%');
	if (scope) {
		*scope++ = '\0';
		in6->sin6_scope_id = if_nametoindex(scope);
		if (!in6->sin6_scope_id)
			die("no device '%s'", scope);
	}
	in6->sin6_family = AF_INET6;
	in6->sin6_port = htons((unsigned short)port);
	a->len = sizeof(*in6);
	if (inet_pton(AF_INET6, host, &in6->sin6_addr) != 1)
		die("'%s' is no IPv6 address", host);
}

bool is_rxrpc(void)
{
	socklen_t len = sizeof(int);
	int domain = 0;

	getsockopt(sock, SOL_SOCKET, SO_DOMAIN, &domain, &len);
	return domain == AF_RXRPC_;
}

/* RxRPC has an address of UDP inside of its own. */
static void wrap_rxrpc(struct addr *a)
{
	struct sockaddr_rxrpc srx = {
		.srx_family = AF_RXRPC_, .srx_service = 1,
		.transport_type = SOCK_DGRAM,
		.transport_len = (uint16_t)a->len,
	};

	memcpy(&srx.transport, &a->ss, a->len);
	memcpy(&a->ss, &srx, sizeof(srx));
	a->len = sizeof(srx);
}

/* 1.2.3.4:80, [::1]:80, [fe80::1%lo]:80, or "unspec". */
void set_addr(struct addr *a, const char *text)
{
	char host[128], *colon;

	memset(a, 0, sizeof(*a));
	if (!strcmp(text, "unspec")) {
		a->ss.ss_family = AF_UNSPEC;
		a->len = sizeof(struct sockaddr);
	} else {
		snprintf(host, sizeof(host), "%s", text);
		colon = strrchr(host, ':');
		if (!colon || strchr(colon, ']'))
			die("'%s' has no port", text);
		*colon = '\0';
		parse_host(a, host, number(colon + 1));
	}
	if (is_rxrpc())
		wrap_rxrpc(a);
	if (lie.len) {
		a->len = lie.len - 1;
		lie.len = 0;
	}
	if (lie.ss.ss_family) {
		a->ss.ss_family = lie.ss.ss_family - 1;
		lie.ss.ss_family = 0;
	}
}

int wait_for(int fd, short events)
{
	struct pollfd pfd = { .fd = fd, .events = events };

	if (poll(&pfd, 1, CALL_TIMEOUT * 1000) == 0) {
		errno = ETIMEDOUT;
		return -1;
	}
	return 0;
}

static const struct op *find_op(const char *name)
{
	static const struct op *const lists[] = {
		basic_ops, send_ops, uring_ops, pass_ops, race_ops,
		route_ops, flow_ops,
	};
	const struct op *op;
	size_t i;

	for (i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
		for (op = lists[i]; op->name; op++)
			if (!strcmp(op->name, name))
				return op;
	die("no operation is called '%s'", name);
}

static void say(const char *name, int result)
{
	if (result < 0)
		printf("%s %s\n", name, strerrorname_np(errno));
	else
		printf("%s ok\n", name);
	fflush(stdout);
}

int main(int argc, char **argv)
{
	char **arg = argv + 1;

	(void)argc;
	/* Nothing here waits for ever, but if it did: */
	alarm(120);
	signal(SIGPIPE, SIG_IGN);
	if (!*arg)
		die("usage: sockcall OP [ARG...]...");
	while (*arg) {
		const struct op *op = find_op(*arg++);
		char **args = arg;
		int n;

		for (n = 0; n < op->nargs; n++)
			if (!*arg++)
				die("%s takes %d words", op->name, op->nargs);
		n = op->run(args);
		if (n < 0 || !op->stage)
			say(op->name, n);
	}
	return 0;
}
