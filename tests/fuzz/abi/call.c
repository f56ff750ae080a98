// SPDX-License-Identifier: GPL-2.0-only
/*
 * Socket calls with addresses of all families and lengths, and ancillary data, each made
 * twice: where nothing is forbidden, and in a container whose every connect and bind is
 * denied. There, none may succeed that did anything.
 */
#include "abi.h"

#include <errno.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <fcntl.h>
#include <unistd.h>

#ifndef IPPROTO_L2TP
#define IPPROTO_L2TP	115
#endif
#define BATCH	4096

enum op { CONNECT, BIND, SENDTO, SENDMSG, SENDMMSG, LISTEN, OPS };

static const char * const op_names[OPS] = {
	"connect", "bind", "sendto", "sendmsg", "sendmmsg", "listen",
};

/**
 * struct outcome - what came of an input
 * @op: which call was made
 * @ip: its socket is one of IPv4 or IPv6
 * @no_socket: there is none of its kind here
 * @err: its errno, 0 if it succeeded; EINPROGRESS counts as that
 * @bound: it has a port, which it had not before
 * @peer: it has a peer
 * @ends: the address is what takes the peer away again
 */
struct outcome {
	uint8_t op;
	uint8_t ip;
	uint8_t no_socket;
	uint16_t err;
	uint8_t bound;
	uint8_t peer;
	uint8_t ends;
};

/* What a call is given. */
struct input {
	struct sockaddr_storage addr;
	socklen_t len;
	_Alignas(struct cmsghdr) char control[512];
	size_t control_len;
	char first;	/* of what is sent: a ping, to sockets of these */
	int flags;
};

static const struct { int domain, type, proto; } kinds[] = {
	{ AF_INET, SOCK_STREAM, 0 }, { AF_INET6, SOCK_STREAM, 0 },
	{ AF_INET, SOCK_DGRAM, 0 }, { AF_INET6, SOCK_DGRAM, 0 },
	{ AF_INET, SOCK_STREAM, IPPROTO_MPTCP }, { AF_INET6, SOCK_STREAM, IPPROTO_MPTCP },
	{ AF_INET, SOCK_STREAM, IPPROTO_SCTP }, { AF_INET6, SOCK_SEQPACKET, IPPROTO_SCTP },
	{ AF_INET, SOCK_SEQPACKET, IPPROTO_SCTP }, { AF_INET, SOCK_DGRAM, IPPROTO_UDPLITE },
	{ AF_INET6, SOCK_DGRAM, IPPROTO_UDPLITE }, { AF_INET, SOCK_DGRAM, IPPROTO_ICMP },
	{ AF_INET6, SOCK_DGRAM, IPPROTO_ICMPV6 }, { AF_INET, SOCK_RAW, IPPROTO_UDP },
	{ AF_INET, SOCK_RAW, IPPROTO_RAW }, { AF_INET6, SOCK_RAW, IPPROTO_ICMPV6 },
	{ AF_INET6, SOCK_RAW, IPPROTO_RAW }, { AF_INET, SOCK_DGRAM, IPPROTO_L2TP },
	{ AF_INET6, SOCK_DGRAM, IPPROTO_L2TP },
	{ AF_INET, SOCK_DCCP_, IPPROTO_DCCP }, { AF_INET6, SOCK_DCCP_, IPPROTO_DCCP },
	{ AF_SMC_, SOCK_STREAM, 0 }, { AF_SMC_, SOCK_STREAM, 1 },
	{ AF_RXRPC_, SOCK_DGRAM, AF_INET }, { AF_RXRPC_, SOCK_DGRAM, AF_INET6 },
	/* Not IP: these pass by what hooks the calls. */
	{ AF_UNIX, SOCK_STREAM, 0 }, { AF_UNIX, SOCK_DGRAM, 0 }, { AF_NETLINK, SOCK_RAW, 0 },
	{ AF_PACKET, SOCK_DGRAM, 0 }, { 40 /* vsock */, SOCK_STREAM, 0 },
};

/* Of their addresses. Those of SMC and RxRPC have it in their protocol. */
static int family_of(unsigned int kind)
{
	switch (kinds[kind].domain) {
	case AF_SMC_:
		return kinds[kind].proto ? AF_INET6 : AF_INET;
	case AF_RXRPC_:
		return kinds[kind].proto;
	default:
		return kinds[kind].domain;
	}
}

static void any_address(struct input *in, int family)
{
	static const uint16_t families[] = { AF_UNSPEC, AF_INET, AF_INET6, AF_UNIX, AF_PACKET };
	static const uint32_t v4[] = { 0, 0x7f000001, 0x7f000002, 0xffffffff, 0x0a000001,
				       0xe0000001 };
	struct sockaddr_in *sin = (void *)&in->addr;
	struct sockaddr_in6 *sin6 = (void *)&in->addr;
	uint16_t port = (uint16_t)(chance(80) ? below(20) : number());

	memset(&in->addr, 0, sizeof(in->addr));
	in->addr.ss_family = (sa_family_t)family;
	if (chance(25))
		in->addr.ss_family = (sa_family_t)(chance(90) ? pick(families) : below(50));
	in->len = in->addr.ss_family == AF_INET6 ? sizeof(*sin6) : sizeof(*sin);
	if (in->addr.ss_family == AF_INET6) {
		sin6->sin6_port = htons(port);
		if (chance(30))
			sin6->sin6_addr = in6addr_loopback;
		else if (chance(50)) {
			sin6->sin6_addr.s6_addr32[2] = htonl(0xffff);
			sin6->sin6_addr.s6_addr32[3] = htonl(pick(v4));
		} else if (chance(50))
			bytes(&sin6->sin6_addr, sizeof(sin6->sin6_addr));
		sin6->sin6_scope_id = chance(20) ? number() : 0;
		sin6->sin6_flowinfo = chance(20) ? number() : 0;
	} else if (in->addr.ss_family == AF_INET || in->addr.ss_family == AF_UNSPEC) {
		sin->sin_port = htons(port);
		sin->sin_addr.s_addr = htonl(pick(v4));
	} else {
		bytes((char *)&in->addr + 2, sizeof(in->addr) - 2);
		in->len = below(sizeof(in->addr));
	}
	if (chance(15))
		in->len = below(sizeof(in->addr) + 1);
	if (chance(5))
		mutate(&in->addr, sizeof(in->addr), 1 + below(2));
}

/* RxRPC's, whose inner one can be of any length, too. */
static void any_rxrpc_address(struct input *in, int family)
{
	any_address(in, family);
	if (chance(5))
		return;
	wrap_address(&in->addr, &in->len);
	if (chance(15))
		in->len = below(sizeof(in->addr) + 1);
	if (chance(15))
		mutate(&in->addr, in->len, 1 + below(2));
}

static void any_controls(struct input *in)
{
	struct cmsghdr *cmsg;
	unsigned int n = below(4);
	size_t len;

	in->control_len = 0;
	while (n-- && in->control_len + 200 < sizeof(in->control)) {
		cmsg = (void *)(in->control + in->control_len);
		len = any_control(-1, &cmsg->cmsg_level, &cmsg->cmsg_type, CMSG_DATA(cmsg));
		cmsg->cmsg_len = chance(95) ? CMSG_LEN(len) : number();
		if (chance(5))
			cmsg->cmsg_level = (int)number();
		if (chance(5))
			cmsg->cmsg_type = (int)number();
		in->control_len += CMSG_SPACE(len);
	}
	if (chance(3))
		in->control_len = below((uint32_t)in->control_len + 1);
}

static bool has_port(int fd)
{
	struct sockaddr_storage addr = { 0 };
	socklen_t len = sizeof(addr);

	return !getsockname(fd, (void *)&addr, &len) &&
	       (addr.ss_family == AF_INET || addr.ss_family == AF_INET6) &&
	       ((struct sockaddr_in *)&addr)->sin_port;
}

static bool has_peer(int fd)
{
	struct sockaddr_storage addr = { 0 };
	socklen_t len = sizeof(addr);
	struct tcp_info info = { 0 };

	if (!getpeername(fd, (void *)&addr, &len))
		return true;
	len = sizeof(info);
	return !getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len) &&
	       info.tcpi_state == TCP_SYN_SENT;
}

static int make_call(int fd, enum op op, struct input *in)
{
	static char payload[64];
	struct iovec iov = { .iov_base = payload, .iov_len = below(sizeof(payload)) };
	struct mmsghdr msgs[2] = {
		{ .msg_hdr = {
			.msg_name = chance(95) ? &in->addr : NULL,
			.msg_namelen = in->len, .msg_iov = &iov, .msg_iovlen = 1,
			.msg_control = in->control, .msg_controllen = in->control_len,
		} },
	};

	msgs[1] = msgs[0];
	payload[0] = in->first;
	switch (op) {
	case CONNECT:
		return connect(fd, (void *)&in->addr, in->len);
	case BIND:
		return bind(fd, (void *)&in->addr, in->len);
	case LISTEN:
		return listen(fd, 1);
	case SENDTO:
		return (int)sendto(fd, payload, iov.iov_len, in->flags, (void *)&in->addr,
				   in->len);
	case SENDMSG:
		return (int)sendmsg(fd, &msgs[0].msg_hdr, in->flags);
	default:
		return sendmmsg(fd, msgs, 2, (unsigned int)in->flags);
	}
}

static void one(struct outcome *outcome)
{
	static const int flags[] = { MSG_FASTOPEN, MSG_MORE, MSG_OOB,
				     0x10 /* MSG_PROBE */, MSG_CONFIRM, MSG_ZEROCOPY, MSG_EOR,
				     MSG_DONTROUTE };
	unsigned int kind = below(sizeof(kinds) / sizeof(*kinds));
	int family = family_of(kind);
	int fd, ret, zero = 0;
	bool had_port;
	struct input in = {
		.flags = MSG_DONTWAIT | MSG_NOSIGNAL,
		.first = (char)(family == AF_INET6 ? 128 : 8),
	};

	outcome->op = (uint8_t)below(OPS);
	outcome->ip = family == AF_INET || family == AF_INET6;
	fd = socket(kinds[kind].domain, kinds[kind].type | SOCK_NONBLOCK | SOCK_CLOEXEC,
		    kinds[kind].proto);
	if (fd < 0) {
		outcome->no_socket = 1;
		return;
	}
	if (chance(20))
		family = AF_INET;
	if (kinds[kind].domain == AF_RXRPC_)
		any_rxrpc_address(&in, family);
	else
		any_address(&in, family);
	if (outcome->op == SENDMSG || outcome->op == SENDMMSG)
		any_controls(&in);
	while (chance(40))
		in.flags |= pick(flags);
	if (family_of(kind) == AF_INET6 && chance(50))
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &zero, sizeof(zero));
	/* Some get their port late, some raw sockets are given headers. */
	if (chance(5))
		setsockopt(fd, IPPROTO_IP, 24 /* IP_BIND_ADDRESS_NO_PORT */, &(int){ 1 }, sizeof(int));
	if (kinds[kind].type == SOCK_RAW && chance(30))
		setsockopt(fd, IPPROTO_IP, IP_HDRINCL, &(int){ 1 }, sizeof(int));
	/* A raw socket is bound to its protocol from the first. */
	had_port = has_port(fd);
	errno = 0;
	ret = make_call(fd, (enum op)outcome->op, &in);
	outcome->err = ret >= 0 ? 0 : (uint16_t)errno;
	outcome->bound = !had_port && has_port(fd);
	outcome->peer = has_peer(fd);
	outcome->ends = outcome->op == CONNECT && in.addr.ss_family == AF_UNSPEC;
	close(fd);
}

/* A process in a cgroup that makes the calls of a batch. */
static pid_t start(const char *cgroup, uint64_t seed, uint64_t first, uint64_t count,
		   struct outcome *outcomes)
{
	char path[256];
	pid_t pid = fork();
	int fd;

	if (pid < 0)
		die("fork");
	if (pid)
		return pid;
	snprintf(path, sizeof(path), "%s/cgroup.procs", cgroup);
	fd = open(path, O_WRONLY);
	if (fd < 0 || write(fd, "0", 1) != 1)
		die(path);
	close(fd);
	for (uint64_t i = 0; i < count; i++) {
		seed_input(seed, first + i);
		one(&outcomes[i]);
	}
	_exit(0);
}

/*
 * What it did is to be seen, or a message went out. A send or connect of a datagram
 * socket may pick a port before it is denied, or fails (docs/coverage.md).
 */
static bool did_something(const struct outcome *o)
{
	if (o->peer)
		return true;
	if (o->op == BIND || o->op == LISTEN)
		return o->bound || (!o->err && o->op == BIND);
	return (!o->err || o->err == EINPROGRESS) && !o->ends;
}

/* What the calls of IP came to. */
enum { DENIED, SAME, OTHER, NO_SOCKET, SUMS };

static uint64_t compare(uint64_t first, uint64_t count, const struct outcome *free,
			const struct outcome *denied, uint64_t sums[SUMS])
{
	uint64_t wrong = 0;

	for (uint64_t i = 0; i < count; i++) {
		if (!free[i].ip)
			continue;
		if (!denied[i].no_socket && did_something(&denied[i])) {
			printf("# input %llu: %s was not denied: errno %d, port %d, peer %d\n",
			       (unsigned long long)(first + i), op_names[denied[i].op],
			       denied[i].err, denied[i].bound, denied[i].peer);
			wrong++;
		}
		if (free[i].no_socket)
			sums[NO_SOCKET]++;
		else if (did_something(&free[i]))
			sums[DENIED]++;
		else if (denied[i].err == free[i].err)
			sums[SAME]++;
		else
			sums[OTHER]++;
	}
	return wrong;
}

int calls(uint64_t seed, uint64_t count, uint64_t first, const char *free_cgroup,
	  const char *denied_cgroup)
{
	struct outcome *out = mmap(NULL, 2 * BATCH * sizeof(*out), PROT_READ | PROT_WRITE,
				   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	uint64_t at, n, wrong = 0, sums[SUMS] = { 0 };
	time_t begin = time(NULL);
	int status;

	if (out == MAP_FAILED)
		die("memory");
	for (at = first; at < first + count; at += n) {
		n = first + count - at < BATCH ? first + count - at : BATCH;
		memset(out, 0, 2 * BATCH * sizeof(*out));
		start(free_cgroup, seed, at, n, out);
		start(denied_cgroup, seed, at, n, out + BATCH);
		for (int i = 0; i < 2; i++)
			if (wait(&status) < 0 || status) {
				printf("# a process ended with status %d\n", status);
				wrong++;
			}
		wrong += compare(at, n, out, out + BATCH, sums);
	}
	printf("calls: %llu inputs (socket calls, each free and denied), %ld s: of IP %llu did something and were denied, %llu failed the same way in both, %llu in another, %llu had no socket; %llu wrong; again: abifuzz calls %llu %llu %llu %s %s\n",
	       (unsigned long long)count, (long)(time(NULL) - begin),
	       (unsigned long long)sums[DENIED], (unsigned long long)sums[SAME],
	       (unsigned long long)sums[OTHER], (unsigned long long)sums[NO_SOCKET],
	       (unsigned long long)wrong, (unsigned long long)seed,
	       (unsigned long long)count, (unsigned long long)first, free_cgroup,
	       denied_cgroup);
	/* Where next to nothing can be done, nothing that is done is denied. */
	if (sums[DENIED] * 100 < count) {
		printf("calls: only %llu did something\n", (unsigned long long)sums[DENIED]);
		return 1;
	}
	return wrong > 0;
}
