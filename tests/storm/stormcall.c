// SPDX-License-Identifier: GPL-2.0-only
/*
 * stormcall CGROUP ROLE FILE: makes socket calls of all kinds in a cgroup while FILE
 * is there, and knows which answers there may be.
 *
 *   denied   rules deny each of these calls, whatever else changes: EPERM
 *   free     no rule is about them: whatever they return without rules
 *   either   rules come and go: EPERM, or whatever they return without rules
 *   mute     it listens, and rules deny each request: accept() has nothing
 *
 * Prints how often each call ended how, and then in a line "N calls, N wrong". A
 * wrong answer is printed when it comes.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#ifndef IPPROTO_MPTCP
#define IPPROTO_MPTCP	262
#endif

#define MAX_ERRNO	256
#define DISCARD		9
#define SERVED		80
#define MUTE		8080

enum call { CONNECT, BIND, LISTEN, SENDTO, SENDMMSG, FASTOPEN };

/**
 * struct op - a call on a socket of its own
 * @name: what to call it
 * @call: the call
 * @domain: as of socket()
 * @type: likewise
 * @protocol: likewise
 * @host: its address; an IPv4 one of an IPv6 socket is a mapped one
 * @port: its port
 * @pass: what it may return without rules, by errno, up to the first 0; success
 *	may be always
 */
struct op {
	const char *name;
	enum call call;
	int domain, type, protocol;
	const char *host;
	unsigned short port;
	int pass[4];
};

#define V4	"127.0.0.1"
#define V6	"::1"
#define MAPPED	"::ffff:127.0.0.1"

static const struct op ops[] = {
	{ "udp4 connect", CONNECT, AF_INET, SOCK_DGRAM, 0, V4, DISCARD, {} },
	{ "udp6 connect", CONNECT, AF_INET6, SOCK_DGRAM, 0, V6, DISCARD, {} },
	{ "mapped udp connect", CONNECT, AF_INET6, SOCK_DGRAM, 0, MAPPED, DISCARD, {} },
	{ "udp4 sendto", SENDTO, AF_INET, SOCK_DGRAM, 0, V4, DISCARD,
	  { ECONNREFUSED, EAGAIN } },
	{ "udp6 sendto", SENDTO, AF_INET6, SOCK_DGRAM, 0, V6, DISCARD,
	  { ECONNREFUSED, EAGAIN } },
	{ "udp4 sendmmsg", SENDMMSG, AF_INET, SOCK_DGRAM, 0, V4, DISCARD,
	  { ECONNREFUSED, EAGAIN } },
	{ "tcp4 connect", CONNECT, AF_INET, SOCK_STREAM, 0, V4, SERVED,
	  { EINPROGRESS, ECONNREFUSED, EADDRNOTAVAIL } },
	{ "mapped tcp connect", CONNECT, AF_INET6, SOCK_STREAM, 0, MAPPED, SERVED,
	  { EINPROGRESS, ECONNREFUSED, EADDRNOTAVAIL } },
	{ "tcp6 connect", CONNECT, AF_INET6, SOCK_STREAM, 0, V6, SERVED,
	  { EINPROGRESS, ECONNREFUSED, EADDRNOTAVAIL } },
	{ "tcp4 fastopen", FASTOPEN, AF_INET, SOCK_STREAM, 0, V4, SERVED,
	  { EINPROGRESS, ECONNREFUSED, EADDRNOTAVAIL } },
	{ "mptcp4 connect", CONNECT, AF_INET, SOCK_STREAM, IPPROTO_MPTCP, V4, SERVED,
	  { EINPROGRESS, ECONNREFUSED, EADDRNOTAVAIL } },
	{ "sctp4 connect", CONNECT, AF_INET, SOCK_STREAM, IPPROTO_SCTP, V4, DISCARD,
	  { EINPROGRESS, ECONNREFUSED, EADDRNOTAVAIL } },
	{ "raw4 sendto", SENDTO, AF_INET, SOCK_RAW, IPPROTO_UDPLITE, V4, 0, { EAGAIN } },
	{ "raw6 sendto", SENDTO, AF_INET6, SOCK_RAW, IPPROTO_UDPLITE, V6, 0, { EAGAIN } },
	{ "udp4 bind", BIND, AF_INET, SOCK_DGRAM, 0, V4, 0, { EADDRINUSE } },
	{ "tcp4 bind", BIND, AF_INET, SOCK_STREAM, 0, "0.0.0.0", 0, { EADDRINUSE } },
	{ "tcp6 bind", BIND, AF_INET6, SOCK_STREAM, 0, "::", 0, { EADDRINUSE } },
	{ "mapped udp bind", BIND, AF_INET6, SOCK_DGRAM, 0, MAPPED, 0, { EADDRINUSE } },
	{ "sctp4 bind", BIND, AF_INET, SOCK_STREAM, IPPROTO_SCTP, V4, 0, { EADDRINUSE } },
	{ "tcp4 listen", LISTEN, AF_INET, SOCK_STREAM, 0, V4, 0, { EADDRINUSE } },
	{ "tcp6 listen", LISTEN, AF_INET6, SOCK_STREAM, 0, V6, 0, { EADDRINUSE } },
};

#define N_OPS	(sizeof(ops) / sizeof(ops[0]))

static unsigned long count[N_OPS][MAX_ERRNO];
static unsigned long calls, wrong;

static void fail(const char *what)
{
	fprintf(stderr, "stormcall: %s: %s\n", what, strerror(errno));
	exit(1);
}

static socklen_t address_of(const struct op *op, struct sockaddr_storage *addr)
{
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)addr;
	struct sockaddr_in *in = (struct sockaddr_in *)addr;

	memset(addr, 0, sizeof(*addr));
	addr->ss_family = op->domain;
	if (op->domain == AF_INET) {
		in->sin_port = htons(op->port);
		inet_pton(AF_INET, op->host, &in->sin_addr);
		return sizeof(*in);
	}
	in6->sin6_port = htons(op->port);
	inet_pton(AF_INET6, op->host, &in6->sin6_addr);
	return sizeof(*in6);
}

static int make_call(const struct op *op, int fd)
{
	struct sockaddr_storage addr;
	socklen_t len = address_of(op, &addr);
	struct iovec word = { .iov_base = "x", .iov_len = 1 };
	struct mmsghdr msg = { .msg_hdr = {
		.msg_name = &addr, .msg_namelen = len, .msg_iov = &word,
		.msg_iovlen = 1,
	} };

	switch (op->call) {
	case CONNECT:
		return connect(fd, (struct sockaddr *)&addr, len);
	case BIND:
		return bind(fd, (struct sockaddr *)&addr, len);
	case LISTEN:
		return listen(fd, 1);
	case SENDTO:
		return sendto(fd, "12345678", 8, 0, (struct sockaddr *)&addr, len);
	case SENDMMSG:
		return sendmmsg(fd, &msg, 1, 0);
	case FASTOPEN:
		return sendto(fd, "x", 1, MSG_FASTOPEN, (struct sockaddr *)&addr, len);
	}
	return -1;
}

static bool passes(const struct op *op, int err)
{
	unsigned int i;

	if (!err)
		return true;
	for (i = 0; i < sizeof(op->pass) / sizeof(op->pass[0]) && op->pass[i]; i++)
		if (op->pass[i] == err)
			return true;
	return false;
}

static void note(const char *name, int err, bool right)
{
	calls++;
	if (right)
		return;
	wrong++;
	printf("wrong: %s: %s\n", name, err ? strerrorname_np(err) : "ok");
	fflush(stdout);
}

static void try_op(unsigned int i, bool may_pass, bool may_deny)
{
	const struct op *op = &ops[i];
	int fd, err;

	fd = socket(op->domain, op->type | SOCK_NONBLOCK | SOCK_CLOEXEC, op->protocol);
	if (fd < 0)
		return;	/* not in this kernel */
	err = make_call(op, fd) < 0 ? errno : 0;
	close(fd);
	count[i][err]++;
	note(op->name, err, err == EPERM ? may_deny : may_pass && passes(op, err));
}

static bool goes_on(const char *file)
{
	return !access(file, F_OK);
}

static void report(void)
{
	unsigned int i, err;

	for (i = 0; i < N_OPS; i++)
		for (err = 0; err < MAX_ERRNO; err++)
			if (count[i][err])
				printf("%s: %s %lu\n", ops[i].name,
				       err ? strerrorname_np(err) : "ok",
				       count[i][err]);
}

static int listener(int domain, const char *host)
{
	const struct op op = { .domain = domain, .host = host, .port = MUTE };
	struct sockaddr_storage addr;
	socklen_t len = address_of(&op, &addr);
	int fd = socket(domain, SOCK_STREAM | SOCK_NONBLOCK, 0), on = 1;

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) ||
	    bind(fd, (struct sockaddr *)&addr, len) || listen(fd, 100))
		fail("listen");
	return fd;
}

/* Its requests are its own: who asks has no part in the verdict. */
static void ask(int domain, const char *host)
{
	const struct op op = { .domain = domain, .host = host, .port = MUTE };
	struct sockaddr_storage addr;
	socklen_t len = address_of(&op, &addr);
	int fd = socket(domain, SOCK_STREAM | SOCK_NONBLOCK, 0);

	if (fd < 0)
		fail("socket");
	if (connect(fd, (struct sockaddr *)&addr, len) && errno != EINPROGRESS &&
	    errno != ECONNREFUSED)
		fail("connect to the listener");
	close(fd);
}

static void be_mute(const char *file)
{
	static const char *const names[] = { "tcp4 accept", "tcp6 accept" };
	int fds[2] = { listener(AF_INET, V4), listener(AF_INET6, V6) };
	unsigned int i;
	int fd;

	while (goes_on(file)) {
		ask(AF_INET, V4);
		ask(AF_INET6, V6);
		for (i = 0; i < 2; i++) {
			fd = accept(fds[i], NULL, NULL);
			note(names[i], fd < 0 ? errno : 0, fd < 0 && errno == EAGAIN);
			if (fd >= 0)
				close(fd);
		}
	}
}

static void enter(const char *cgroup)
{
	char path[4096];
	int fd;

	snprintf(path, sizeof(path), "%s/cgroup.procs", cgroup);
	fd = open(path, O_WRONLY);
	if (fd < 0 || write(fd, "0", 1) != 1)
		fail(path);
	close(fd);
}

int main(int argc, char **argv)
{
	bool denied, free_;
	unsigned int i;

	if (argc != 4) {
		fprintf(stderr, "usage: stormcall CGROUP denied|free|either|mute FILE\n");
		return 2;
	}
	enter(argv[1]);
	denied = !strcmp(argv[2], "denied");
	free_ = !strcmp(argv[2], "free");
	if (!strcmp(argv[2], "mute"))
		be_mute(argv[3]);
	else
		while (goes_on(argv[3]))
			for (i = 0; i < N_OPS; i++)
				try_op(i, !denied, !free_);
	report();
	printf("%lu calls, %lu wrong\n", calls, wrong);
	return wrong != 0;
}
