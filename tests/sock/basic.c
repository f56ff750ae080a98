// SPDX-License-Identifier: GPL-2.0-only
/* Operations: make, name, connect, listen, accept. */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "sockcall.h"

#ifndef TCP_FASTOPEN_CONNECT
#define TCP_FASTOPEN_CONNECT	30
#endif
#ifndef TCP_FASTOPEN_NO_COOKIE
#define TCP_FASTOPEN_NO_COOKIE	34
#endif
#ifndef IP_BIND_ADDRESS_NO_PORT
#define IP_BIND_ADDRESS_NO_PORT	24
#endif
#ifndef IPV6_HDRINCL
#define IPV6_HDRINCL	36
#endif
#ifndef IPV6_ADDRFORM
#define IPV6_ADDRFORM	1
#endif

static int set_timeout(int milliseconds)
{
	struct timeval tv = {
		.tv_sec = milliseconds / 1000,
		.tv_usec = milliseconds % 1000 * 1000,
	};
	int ret;

	ret = setsockopt(sock, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv));
	return ret ? ret : setsockopt(sock, SOL_SOCKET, SO_SNDTIMEO, &tv,
				      sizeof(tv));
}

static int op_socket(char **args)
{
	sock = new_socket(args[0]);
	if (sock < 0)
		return -1;
	/* Operations are short of time, not of patience. */
	set_timeout(CALL_TIMEOUT * 1000);
	return 0;
}

/* For those who expect no answer: a second SYN follows after 1000. */
static int op_patience(char **args)
{
	return set_timeout(number(args[0]));
}

static int op_use(char **args)
{
	sock = number(args[0]);
	return fcntl(sock, F_GETFD);
}

static int op_close(char **args)
{
	(void)args;
	return close(sock);
}

static int op_bind(char **args)
{
	struct addr a;

	set_addr(&a, args[0]);
	return bind(sock, (struct sockaddr *)&a.ss, a.len);
}

static int op_connect(char **args)
{
	struct addr a;
	int err;

	set_addr(&a, args[0]);
	err = connect(sock, (struct sockaddr *)&a.ss, a.len);
	/* SO_SNDTIMEO's way to say that nobody answered. */
	if (err && errno == EINPROGRESS && !(fcntl(sock, F_GETFL) & O_NONBLOCK))
		errno = ETIMEDOUT;
	return err;
}

/* What a non-blocking connect came to. */
static int op_finish(char **args)
{
	socklen_t len = sizeof(int);
	int err = 0;

	(void)args;
	if (wait_for(sock, POLLOUT) < 0 ||
	    getsockopt(sock, SOL_SOCKET, SO_ERROR, &err, &len) < 0)
		return -1;
	errno = err;
	return err ? -1 : 0;
}

static int op_disconnect(char **args)
{
	struct sockaddr sa = { .sa_family = AF_UNSPEC };

	(void)args;
	return connect(sock, &sa, sizeof(sa));
}

static int op_listen(char **args)
{
	(void)args;
	return listen(sock, 8);
}

static int op_shutdown(char **args)
{
	(void)args;
	return shutdown(sock, SHUT_RDWR);
}

/* The accepted socket is the one that operations are about, next. */
static int op_accept(char **args)
{
	int fd;

	(void)args;
	if (wait_for(sock, POLLIN) < 0)
		return -1;
	fd = accept(sock, NULL, NULL);
	if (fd < 0)
		return -1;
	sock = fd;
	return 0;
}

/* Accepts until somebody ends the process. A connection that is closed at once
 * would be reset under the peer's data, so some are kept.
 */
static int op_serve(char **args)
{
	int kept[64], n = 0, fd;

	(void)args;
	memset(kept, -1, sizeof(kept));
	alarm(0);
	while ((fd = accept(sock, NULL, NULL)) >= 0 || errno == EAGAIN) {
		if (fd < 0)
			continue;
		close(kept[n]);
		kept[n] = fd;
		n = (n + 1) % 64;
	}
	return -1;
}

static int op_pause(char **args)
{
	(void)args;
	alarm(0);
	return pause();
}

static int op_nonblock(char **args)
{
	(void)args;
	return fcntl(sock, F_SETFL, O_NONBLOCK);
}

static int set_int(int level, int option, int value)
{
	return setsockopt(sock, level, option, &value, sizeof(value));
}

static int op_v6only(char **args)
{
	return set_int(IPPROTO_IPV6, IPV6_V6ONLY, number(args[0]));
}

static int op_addrform(char **args)
{
	(void)args;
	return set_int(IPPROTO_IPV6, IPV6_ADDRFORM, AF_INET);
}

static int op_reuseaddr(char **args)
{
	(void)args;
	return set_int(SOL_SOCKET, SO_REUSEADDR, 1);
}

static int op_reuseport(char **args)
{
	(void)args;
	return set_int(SOL_SOCKET, SO_REUSEPORT, 1);
}

static int op_broadcast(char **args)
{
	(void)args;
	return set_int(SOL_SOCKET, SO_BROADCAST, 1);
}

static int op_freebind(char **args)
{
	(void)args;
	return set_int(IPPROTO_IP, IP_FREEBIND, 1);
}

static int op_transparent(char **args)
{
	(void)args;
	return set_int(IPPROTO_IP, IP_TRANSPARENT, 1);
}

static int op_bind_no_port(char **args)
{
	(void)args;
	return set_int(IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1);
}

static int op_hdrincl(char **args)
{
	(void)args;
	return set_int(IPPROTO_IP, IP_HDRINCL, 1);
}

static int op_hdrincl6(char **args)
{
	(void)args;
	return set_int(IPPROTO_IPV6, IPV6_HDRINCL, 1);
}

static int op_tfo_connect(char **args)
{
	(void)args;
	return set_int(IPPROTO_TCP, TCP_FASTOPEN_CONNECT, 1);
}

static int op_tfo_listen(char **args)
{
	(void)args;
	return set_int(IPPROTO_TCP, TCP_FASTOPEN, 8);
}

/* SMC falls back to TCP with it. */
static int op_tfo_nocookie(char **args)
{
	(void)args;
	return set_int(IPPROTO_TCP, TCP_FASTOPEN_NO_COOKIE, 1);
}

static int op_device(char **args)
{
	return setsockopt(sock, SOL_SOCKET, SO_BINDTODEVICE, args[0],
			  (socklen_t)strlen(args[0]) + 1);
}

/* The next address is of that length, or of that family. */
static int op_addrlen(char **args)
{
	lie.len = (socklen_t)number(args[0]) + 1;
	return 0;
}

static int op_family(char **args)
{
	lie.ss.ss_family = (sa_family_t)(number(args[0]) + 1);
	return 0;
}

/* Moves this process, not its sockets. */
static int op_cgroup(char **args)
{
	char path[4096];
	int fd, n;

	snprintf(path, sizeof(path), "/sys/fs/cgroup%s/cgroup.procs", args[0]);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		die("cannot enter %s: %s", path, strerror(errno));
	n = (int)write(fd, "0", 1);
	close(fd);
	return n < 0 ? -1 : 0;
}

/* A cgroup that this process just left. */
static int op_rmdir(char **args)
{
	return rmdir(args[0]);
}

/* Prints the port that the socket has, 0 for none. */
static int op_port(char **args)
{
	struct addr a = { .len = sizeof(a.ss) };

	(void)args;
	if (getsockname(sock, (struct sockaddr *)&a.ss, &a.len))
		return -1;
	/* At the same place in both families. */
	printf("port %d\n", ntohs(((struct sockaddr_in *)&a.ss)->sin_port));
	return 0;
}

/* N ADDRESS: connects a datagram socket N times and prints what one call takes, in
 * nanoseconds of the clock, which is instructions under "vm/run -i".
 */
static int op_cost(char **args)
{
	struct timespec begin, end;
	int i, n = number(args[0]);
	struct addr a;

	set_addr(&a, args[1]);
	for (i = -n / 10; i < n; i++) {
		if (i == 0)
			clock_gettime(CLOCK_MONOTONIC, &begin);
		if (connect(sock, (struct sockaddr *)&a.ss, a.len))
			return -1;
	}
	clock_gettime(CLOCK_MONOTONIC, &end);
	printf("%lld\n", ((end.tv_sec - begin.tv_sec) * 1000000000LL +
			  end.tv_nsec - begin.tv_nsec) / n);
	return 0;
}

const struct op basic_ops[] = {
	{ "socket", 1, true, op_socket },
	{ "use", 1, true, op_use },
	{ "close", 0, true, op_close },
	{ "bind", 1, false, op_bind },
	{ "connect", 1, false, op_connect },
	{ "finish", 0, false, op_finish },
	{ "disconnect", 0, false, op_disconnect },
	{ "listen", 0, false, op_listen },
	{ "shutdown", 0, false, op_shutdown },
	{ "accept", 0, false, op_accept },
	{ "serve", 0, false, op_serve },
	{ "pause", 0, true, op_pause },
	{ "nonblock", 0, true, op_nonblock },
	{ "patience", 1, true, op_patience },
	{ "v6only", 1, true, op_v6only },
	{ "addrform", 0, true, op_addrform },
	{ "reuseaddr", 0, true, op_reuseaddr },
	{ "reuseport", 0, true, op_reuseport },
	{ "broadcast", 0, true, op_broadcast },
	{ "freebind", 0, true, op_freebind },
	{ "transparent", 0, true, op_transparent },
	{ "bind_no_port", 0, true, op_bind_no_port },
	{ "hdrincl", 0, true, op_hdrincl },
	{ "hdrincl6", 0, true, op_hdrincl6 },
	{ "tfo_connect", 0, true, op_tfo_connect },
	{ "tfo_listen", 0, true, op_tfo_listen },
	{ "tfo_nocookie", 0, true, op_tfo_nocookie },
	{ "addrlen", 1, true, op_addrlen },
	{ "family", 1, true, op_family },
	{ "cgroup", 1, true, op_cgroup },
	{ "device", 1, true, op_device },
	{ "rmdir", 1, true, op_rmdir },
	{ "port", 0, true, op_port },
	{ "cost", 2, true, op_cost },
	{ 0 }
};
