// SPDX-License-Identifier: GPL-2.0-only
/*
 * stormcall CGROUP ROLE FILE [HOLDS]: makes socket calls of all kinds in a cgroup while
 * FILE is there, once at least, and knows which answers there may be.
 *
 *   denied   rules deny each of these calls, whatever else changes: EPERM
 *   free     no rule is about them: whatever they return without rules
 *   either   rules come and go: EPERM, or whatever they return without rules
 *   mute     it listens, and rules deny each request: accept() has nothing
 *   served   it listens, and no rule is about it: each request is accepted
 *
 * HOLDS has a number, which grows: while it is odd, rules deny what 'denied' does. A call
 * that it changed beside may pass, too.
 *
 * Prints how often each call ended how; "skip: CALL: why" for one that this kernel does
 * not have; how often at least each other one was made; with HOLDS, how many had to be
 * denied; of 'served' how many requests had to be sent again; and in the last line "N
 * calls, N wrong". A wrong answer is printed when it comes.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "ops.h"
#include "ring.h"

#define MAX_ERRNO	256
#define MAX_TALLIES	64

/* The first ports that those who listen take, one for each request. */
#define MUTE_PORT	8080
#define SERVED_PORT	8180

/* In milliseconds: how long what must not come is waited for, what must come, and that in
 * a single round.
 */
#define MUTE_TIME	2
#define SERVED_TIME	20000
#define ONCE_TIME	3000

/**
 * struct tally - what became of a call
 * @name: of the call
 * @absent: why this kernel does not have it, "" if it has
 * @count: how often it ended so, by errno
 */
struct tally {
	const char *name;
	char absent[80];
	unsigned long count[MAX_ERRNO];
};

static struct tally tallies[MAX_TALLIES];
static unsigned int n_tallies;
static unsigned long calls, wrong, held, again;
static int holds = -1;

_Static_assert(N_OPS <= MAX_TALLIES && N_REQUESTS <= MAX_TALLIES, "there are more calls");

static void fail(const char *what)
{
	fprintf(stderr, "stormcall: %s: %s\n", what, strerror(errno));
	exit(1);
}

static bool goes_on(const char *file)
{
	return !access(file, F_OK);
}

/* --- what this kernel has */

static int new_socket(const struct sort *sort, int flags)
{
	return socket(sort->domain, sort->type | flags | SOCK_CLOEXEC, sort->protocol);
}

/* The second opinion: what socket() refuses may be there all the same. */
static bool is_listed(const char *protocol)
{
	char line[512], name[64];
	bool listed = false;
	FILE *file = fopen("/proc/net/protocols", "r");

	if (!file)
		fail("/proc/net/protocols");
	while (!listed && fgets(line, sizeof(line), file))
		listed = sscanf(line, "%63s", name) == 1 && !strcmp(name, protocol);
	fclose(file);
	return listed;
}

static void look_for_sort(struct tally *tally, const struct sort *sort)
{
	int fd = new_socket(sort, 0);

	if (fd >= 0)
		close(fd);
	else if (is_listed(sort->listed))
		fail(tally->name);
	else
		snprintf(tally->absent, sizeof(tally->absent),
			 "this kernel has no protocol %s", sort->listed);
}

static bool is_ring(enum call call)
{
	return call >= RING_CONNECT;
}

static void look_for_call(struct tally *tally, enum call call)
{
	static const int opcodes[] = {
		[RING_CONNECT] = IORING_OP_CONNECT, [RING_BIND] = RING_OP_BIND,
		[RING_LISTEN] = RING_OP_LISTEN, [RING_SENDMSG] = IORING_OP_SENDMSG,
	};

	if (is_ring(call) && !ring_knows(opcodes[call]))
		snprintf(tally->absent, sizeof(tally->absent),
			 "this kernel's io_uring does not know operation %d",
			 opcodes[call]);
}

/* Closing an SMC listener that has a connection waits for work that takes the lock it
 * holds, without any module of ours, too. Lockdep says so, and looks at nothing after.
 */
static void look_for_lockdep(struct tally *tally, const struct sort *sort)
{
	if (sort->domain == AF_SMC && !access("/proc/lockdep", F_OK))
		snprintf(tally->absent, sizeof(tally->absent),
			 "lockdep ends here for a circle of SMC's own locks");
}

static void look_at_ops(void)
{
	unsigned int i;

	for (i = 0; i < N_OPS; i++) {
		tallies[i].name = ops[i].name;
		look_for_sort(&tallies[i], &ops[i].sort);
		look_for_call(&tallies[i], ops[i].call);
	}
	n_tallies = N_OPS;
}

static void look_at_requests(void)
{
	unsigned int i;

	for (i = 0; i < N_REQUESTS; i++) {
		tallies[i].name = requests[i].name;
		look_for_sort(&tallies[i], &requests[i].listener);
		look_for_lockdep(&tallies[i], &requests[i].listener);
	}
	n_tallies = N_REQUESTS;
}

/* --- what is told */

static void note(struct tally *tally, int err, bool right)
{
	calls++;
	tally->count[err]++;
	if (right)
		return;
	wrong++;
	printf("wrong: %s: %s\n", tally->name, err ? strerrorname_np(err) : "ok");
	fflush(stdout);
}

static unsigned long report_one(const struct tally *tally)
{
	unsigned long sum = 0;
	unsigned int err;

	for (err = 0; err < MAX_ERRNO; err++) {
		sum += tally->count[err];
		if (tally->count[err])
			printf("%s: %s %lu\n", tally->name,
			       err ? strerrorname_np(err) : "ok", tally->count[err]);
	}
	return sum;
}

static void report(void)
{
	unsigned long least = calls, sum;
	unsigned int i;

	for (i = 0; i < n_tallies; i++) {
		if (*tallies[i].absent) {
			printf("skip: %s: %s\n", tallies[i].name, tallies[i].absent);
			continue;
		}
		sum = report_one(&tallies[i]);
		if (sum < least)
			least = sum;
	}
	printf("each at least %lu\nmust be denied %lu\nasked again %lu\n%lu calls, %lu wrong\n",
	       least, held, again, calls, wrong);
}

/* --- the calls */

static socklen_t address_of(const struct sort *sort, const char *host, unsigned short port,
			    struct sockaddr_storage *addr)
{
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)addr;
	struct sockaddr_in *in = (struct sockaddr_in *)addr;

	memset(addr, 0, sizeof(*addr));
	addr->ss_family = sort->domain;
	if (sort->domain == AF_SMC)
		addr->ss_family = sort->protocol == SMC_IPV6 ? AF_INET6 : AF_INET;
	if (addr->ss_family == AF_INET) {
		in->sin_port = htons(port);
		inet_pton(AF_INET, host, &in->sin_addr);
		return sizeof(*in);
	}
	in6->sin6_port = htons(port);
	inet_pton(AF_INET6, host, &in6->sin6_addr);
	return sizeof(*in6);
}

/* What is sent: to a ping socket, an echo request. */
static char first_byte(const struct sort *sort)
{
	switch (sort->protocol) {
	case IPPROTO_ICMP:
		return 8;
	case IPPROTO_ICMPV6:
		return (char)128;
	}
	return 'x';
}

static int make_call(const struct op *op, int fd)
{
	struct sockaddr_storage ss;
	socklen_t len = address_of(&op->sort, op->host, op->port, &ss);
	struct sockaddr *addr = (struct sockaddr *)&ss;
	char data[8] = { first_byte(&op->sort) };
	struct iovec iov = { .iov_base = data, .iov_len = sizeof(data) };
	struct mmsghdr msg = { .msg_hdr = {
		.msg_name = addr, .msg_namelen = len, .msg_iov = &iov, .msg_iovlen = 1,
	} };

	switch (op->call) {
	case CONNECT:
		return connect(fd, addr, len);
	case BIND:
		return bind(fd, addr, len);
	case LISTEN:
		return listen(fd, 1);
	case SENDTO:
		return (int)sendto(fd, data, sizeof(data), 0, addr, len);
	case SENDMMSG:
		return sendmmsg(fd, &msg, 1, 0);
	case FASTOPEN:
		return (int)sendto(fd, data, 1, MSG_FASTOPEN, addr, len);
	case RING_CONNECT:
		return ring_connect(fd, addr, len);
	case RING_BIND:
		return ring_bind(fd, addr, len);
	case RING_LISTEN:
		return ring_listen(fd);
	case RING_SENDMSG:
		return ring_sendmsg(fd, &msg.msg_hdr);
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

/* The number in HOLDS, which may be just being written. */
static unsigned long held_number(void)
{
	char text[24] = "";

	if (holds < 0)
		return 1;
	if (pread(holds, text, sizeof(text) - 1, 0) < 0)
		fail("HOLDS");
	return strchr(text, '\n') ? strtoul(text, NULL, 10) : 0;
}

static void try_op(unsigned int i, bool denied, bool may_deny)
{
	unsigned long before = held_number();
	const struct op *op = &ops[i];
	bool must;
	int fd, err;

	fd = new_socket(&op->sort, is_ring(op->call) ? 0 : SOCK_NONBLOCK);
	if (fd < 0)
		fail(op->name);
	err = make_call(op, fd) < 0 ? errno : 0;
	must = denied && before % 2 && before == held_number();
	held += must;
	close(fd);
	note(&tallies[i], err, err == EPERM ? may_deny : !must && passes(op, err));
}

static void call_all(bool denied, bool may_deny)
{
	unsigned int i;

	for (i = 0; i < N_OPS; i++)
		if (!*tallies[i].absent)
			try_op(i, denied, may_deny);
}

/* --- the accepts. Their requests are their own: who asks has no part in the verdict. */

/* Nothing is left behind when it is closed, nor a port taken for a minute. */
static int end_at_once(int fd)
{
	const struct linger linger = { .l_onoff = 1 };

	return setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
}

static int new_listener(const struct request *request, unsigned short port)
{
	struct sockaddr_storage addr;
	socklen_t len = address_of(&request->listener, request->host, port, &addr);
	int fd = new_socket(&request->listener, SOCK_NONBLOCK), on = 1;

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) ||
	    bind(fd, (struct sockaddr *)&addr, len) || listen(fd, 100))
		fail(request->name);
	return fd;
}

/* Return: the asking socket, or -1 if there is no port for one at the moment. */
static int ask(const struct request *request, unsigned short port)
{
	struct sockaddr_storage addr;
	socklen_t len = address_of(&request->asker, request->host, port, &addr);
	int fd = new_socket(&request->asker, SOCK_NONBLOCK);

	if (fd < 0)
		fail("socket");
	end_at_once(fd);
	if (!connect(fd, (struct sockaddr *)&addr, len) || errno == EINPROGRESS ||
	    errno == ECONNREFUSED)
		return fd;
	if (errno != EADDRNOTAVAIL)
		fail("connect to the listener");
	close(fd);
	return -1;
}

static int milliseconds_to(const struct timespec *end)
{
	struct timespec now;
	long left;

	clock_gettime(CLOCK_MONOTONIC, &now);
	left = (end->tv_sec - now.tv_sec) * 1000 + (end->tv_nsec - now.tv_nsec) / 1000000;
	return left > 0 ? (int)left : 0;
}

static int accept_until(int listener, const struct timespec *end)
{
	struct pollfd poll_for = { .fd = listener, .events = POLLIN };
	int fd, left;

	for (;;) {
		left = milliseconds_to(end);
		fd = accept(listener, NULL, NULL);
		if (fd >= 0 || errno != EAGAIN || !left)
			return fd;
		poll(&poll_for, 1, left);
	}
}

/* A request that is denied and sent again is accepted, if late. */
static bool was_sent_again(const struct request *request, int fd)
{
	struct tcp_info info;
	socklen_t len = sizeof(info);

	return request->asker.domain != AF_SMC && !request->asker.protocol &&
	       !getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len) &&
	       info.tcpi_total_retrans;
}

static void end_socket(int fd)
{
	if (fd < 0)
		return;
	end_at_once(fd);
	close(fd);
}

/* All are asked, and then each has to accept, or must not. */
static void serve_once(const int *listeners, unsigned short port, bool must, long wait)
{
	int askers[N_REQUESTS], fd;
	struct timespec end;
	unsigned int i;

	for (i = 0; i < N_REQUESTS; i++)
		askers[i] = listeners[i] < 0 ? -1 : ask(&requests[i], port + i);
	clock_gettime(CLOCK_MONOTONIC, &end);
	end.tv_sec += wait / 1000;
	end.tv_nsec += wait % 1000 * 1000000;
	for (i = 0; i < N_REQUESTS; i++) {
		if (askers[i] < 0)
			continue;
		fd = accept_until(listeners[i], &end);
		note(&tallies[i], fd < 0 ? errno : 0,
		     must ? fd >= 0 : fd < 0 && errno == EAGAIN);
		again += must && was_sent_again(&requests[i], askers[i]);
		end_socket(fd);
		end_socket(askers[i]);
	}
}

static void serve(const char *file, bool must)
{
	unsigned short port = must ? SERVED_PORT : MUTE_PORT;
	const char *slow = getenv("SLOW");
	long wait = must ? SERVED_TIME * (slow ? atoi(slow) : 1) : MUTE_TIME;
	int listeners[N_REQUESTS];
	unsigned int i;

	for (i = 0; i < N_REQUESTS; i++)
		listeners[i] = *tallies[i].absent ? -1 : new_listener(&requests[i], port + i);
	if (!goes_on(file))
		wait = ONCE_TIME;
	do {
		serve_once(listeners, port, must, wait);
	} while (goes_on(file));
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
	const char *role = argc > 2 ? argv[2] : "";
	bool mute = !strcmp(role, "mute"), served = !strcmp(role, "served");
	bool denied = !strcmp(role, "denied"), none = !strcmp(role, "free");

	if (argc < 4 || argc > 5 ||
	    (!mute && !served && !denied && !none && strcmp(role, "either"))) {
		fprintf(stderr, "usage: stormcall CGROUP denied|free|either|mute|served FILE [HOLDS]\n");
		return 2;
	}
	if (argc == 5) {
		holds = open(argv[4], O_RDONLY);
		if (holds < 0)
			fail(argv[4]);
	}
	enter(argv[1]);
	if (mute || served) {
		look_at_requests();
		serve(argv[3], served);
	} else {
		look_at_ops();
		do {
			call_all(denied, !none);
		} while (goes_on(argv[3]));
	}
	report();
	return wrong != 0;
}
