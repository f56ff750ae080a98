// SPDX-License-Identifier: GPL-2.0-only
/*
 * The process outside of the container: its servers are what sequences reach, and it
 * connects to theirs when it is asked to.
 */
#include "abi.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#ifndef IPPROTO_MPTCP
#define IPPROTO_MPTCP	262
#endif
#define SOCK_DCCP_	6
#define SCTP_BINDX_ADD_	100
#define AF_SMC_		43
#define CONNECT_TIME	20	/* milliseconds */
#define MOST_SERVERS	16
#define GUESTS		64

struct request {
	int type, proto;
	char from[40];
	struct sockaddr_storage to;
	socklen_t len;
};

static struct pollfd fds[1 + MOST_SERVERS];
static nfds_t n_fds;

/* A server of both families; of SCTP, which tells its peers all its addresses, at two. */
static void serve(int type, int proto, uint16_t port)
{
	struct sockaddr_in6 addr = { .sin6_family = AF_INET6, .sin6_port = htons(port) };
	struct sockaddr_in second = { .sin_family = AF_INET, .sin_port = htons(port) };
	int fd = socket(AF_INET6, type | SOCK_NONBLOCK | SOCK_CLOEXEC, proto);

	if (fd < 0)
		return;
	second.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (proto == IPPROTO_SCTP)
		addr.sin6_addr = in6addr_loopback;
	if (bind(fd, (void *)&addr, sizeof(addr)) ||
	    (proto == IPPROTO_SCTP &&
	     setsockopt(fd, IPPROTO_SCTP, SCTP_BINDX_ADD_, &second, sizeof(second))) ||
	    (type != SOCK_DGRAM && listen(fd, 4096)) || n_fds == 1 + MOST_SERVERS) {
		close(fd);
		return;
	}
	/* Nobody reads datagrams: once there is no room they are dropped. */
	if (type != SOCK_DGRAM)
		fds[n_fds++] = (struct pollfd){ .fd = fd, .events = POLLIN };
}

/* It tells of 127.0.0.2, where none may go. */
static void serve_sctp_two(uint16_t port)
{
	struct sockaddr_in addr = { .sin_family = AF_INET, .sin_port = htons(port) };

	serve(SOCK_SEQPACKET, IPPROTO_SCTP, port);
	addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK + 1);
	setsockopt(fds[n_fds - 1].fd, IPPROTO_SCTP, SCTP_BINDX_ADD_, &addr, sizeof(addr));
}

/* Each in a permitted place and in one that is not. */
static void serve_all(void)
{
	serve(SOCK_STREAM, 0, 1000);
	serve(SOCK_STREAM, 0, 80);
	serve(SOCK_STREAM, IPPROTO_MPTCP, 1001);
	serve(SOCK_DGRAM, 0, 1000);
	serve(SOCK_DGRAM, 0, 53);
	serve(SOCK_SEQPACKET, IPPROTO_SCTP, 1000);
	serve(SOCK_SEQPACKET, IPPROTO_SCTP, 80);
	serve_sctp_two(1003);
	serve(SOCK_DCCP_, IPPROTO_DCCP, 1000);
	serve(SOCK_DCCP_, IPPROTO_DCCP, 80);
}

static bool bind_source(int fd, const char *from, int family)
{
	static unsigned int turn;
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6 };
	struct sockaddr_in in = { .sin_family = AF_INET };
	uint16_t port = htons((uint16_t)(OUTSIDE_PORT + turn++ % 1000));
	int one = 1;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	setsockopt(fd, IPPROTO_IP, IP_FREEBIND, &one, sizeof(one));
	setsockopt(fd, IPPROTO_IPV6, IPV6_FREEBIND, &one, sizeof(one));
	in.sin_port = port;
	in6.sin6_port = port;
	if (family == AF_INET6)
		return inet_pton(AF_INET6, from, &in6.sin6_addr) == 1 &&
		       !bind(fd, (void *)&in6, sizeof(in6));
	return inet_pton(AF_INET, from, &in.sin_addr) == 1 && !bind(fd, (void *)&in, sizeof(in));
}

/* Keeps the connection until the next one: whoever accepted it shall have it. */
static bool go(const struct request *request)
{
	static int last = -1;
	struct pollfd wait = { .events = POLLOUT };
	socklen_t len = sizeof(int);
	int err = 0;

	if (last >= 0)
		close(last);
	last = socket(request->to.ss_family, request->type | SOCK_NONBLOCK | SOCK_CLOEXEC,
		      request->proto);
	if (last < 0 || !bind_source(last, request->from, request->to.ss_family))
		return false;
	if (!connect(last, (const void *)&request->to, request->len))
		return true;
	wait.fd = last;
	return errno == EINPROGRESS && poll(&wait, 1, CONNECT_TIME) == 1 &&
	       !getsockopt(last, SOL_SOCKET, SO_ERROR, &err, &len) && !err;
}

/* Whoever came is let in, and leaves when others came: a sequence shall not see it close. */
static void attend(int fd)
{
	static int guests[GUESTS];
	static unsigned int turn;
	char message[64];
	int guest;

	while ((guest = accept4(fd, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
		if (guests[turn % GUESTS])
			close(guests[turn % GUESTS]);
		guests[turn++ % GUESTS] = guest;
	}
	while (errno != EAGAIN && recv(fd, message, sizeof(message), MSG_DONTWAIT) > 0)
		;
}

static __attribute__((noreturn)) void outside(int orders)
{
	struct request request;
	char answer = 1;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	fds[n_fds++] = (struct pollfd){ .fd = orders, .events = POLLIN };
	serve_all();
	if (send(orders, &answer, 1, 0) != 1)
		_exit(1);
	while (poll(fds, n_fds, -1) > 0) {
		for (nfds_t i = 1; i < n_fds; i++)
			if (fds[i].revents)
				attend(fds[i].fd);
		if (!fds[0].revents)
			continue;
		if (recv(orders, &request, sizeof(request), 0) != sizeof(request))
			break;
		answer = go(&request);
		if (send(orders, &answer, 1, MSG_NOSIGNAL) != 1)
			break;
	}
	_exit(0);
}

/* In the caller's cgroup and network namespace. */
int outside_start(void)
{
	char ready;
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair))
		die("socketpair");
	switch (fork()) {
	case -1:
		die("fork");
	case 0:
		close(pair[0]);
		outside(pair[1]);
	}
	close(pair[1]);
	if (recv(pair[0], &ready, 1, 0) != 1)
		die("no process outside");
	return pair[0];
}

/* SMC's and MPTCP's guests come by TCP, so the listener falls back to it. */
bool outside_connects(int fd, const struct socket_kind *kind, const char *from,
		      const struct sockaddr_storage *to, socklen_t len)
{
	struct request request = {
		.type = kind->type == SOCK_SEQPACKET ? SOCK_STREAM : kind->type,
		.proto = kind->domain == AF_SMC_ || kind->proto == IPPROTO_MPTCP ? 0 : kind->proto,
		.to = *to, .len = len,
	};
	char answer;

	strncpy(request.from, from, sizeof(request.from) - 1);
	if (send(fd, &request, sizeof(request), 0) != sizeof(request) ||
	    recv(fd, &answer, 1, 0) != 1)
		die("no process outside");
	return answer;
}
