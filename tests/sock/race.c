// SPDX-License-Identifier: GPL-2.0-only
/*
 * Operations that race the kernel: a thread changes what a call was judged by,
 * between the judgement and the use, if there is a between.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "sockcall.h"

#ifndef IPV6_ADDRFORM
#define IPV6_ADDRFORM	1
#endif

struct race {
	struct sockaddr_in shared, good, bad;
	atomic_bool end;
};

static void *rewrite(void *data)
{
	struct race *race = data;
	volatile in_addr_t *address = &race->shared.sin_addr.s_addr;
	bool bad = false;

	/* One store a round: an emulator that runs the CPUs by turns changes over
	 * at a jump, and would never see the first of two.
	 */
	while (!atomic_load(&race->end)) {
		bad = !bad;
		*address = bad ? race->bad.sin_addr.s_addr : race->good.sin_addr.s_addr;
	}
	return NULL;
}

static bool has_peer(const struct sockaddr_in *in)
{
	struct sockaddr_in peer = { 0 };
	socklen_t len = sizeof(peer);

	return !getpeername(sock, (struct sockaddr *)&peer, &len) &&
	       peer.sin_addr.s_addr == in->sin_addr.s_addr;
}

/* GOOD BAD: connects a datagram socket again and again, while a thread changes
 * the address between two IPv4 ones. Fails with EFAULT if the peer was ever BAD.
 */
static int op_race_connect(char **args)
{
	struct sockaddr none = { .sa_family = AF_UNSPEC };
	static struct race race;
	pthread_t thread;
	struct addr a;
	int i, result = 0;

	set_addr(&a, args[1]);
	memcpy(&race.bad, &a.ss, sizeof(race.bad));
	set_addr(&a, args[0]);
	memcpy(&race.good, &a.ss, sizeof(race.good));
	race.shared = race.good;
	if (pthread_create(&thread, NULL, rewrite, &race))
		die("cannot make a thread");
	for (i = 0; i < 20000 && !result; i++) {
		connect(sock, &none, sizeof(none));
		if (!connect(sock, (struct sockaddr *)&race.shared, sizeof(race.shared)) &&
		    has_peer(&race.bad))
			result = -1;
	}
	atomic_store(&race.end, true);
	pthread_join(thread, NULL);
	errno = EFAULT;
	return result;
}

static void *toggle(void *data)
{
	struct race *race = data;
	int on = 0;

	while (!atomic_load(&race->end)) {
		on = !on;
		setsockopt(sock, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
	}
	return NULL;
}

/* KIND ADDRESS: binds sockets again and again, while a thread sets and clears
 * IPV6_V6ONLY. Fails with EFAULT if one was bound without it.
 */
static int op_race_v6only(char **args)
{
	static struct race race;
	socklen_t len = sizeof(int);
	pthread_t thread;
	struct addr a;
	int i, v6only, result = 0;

	set_addr(&a, args[1]);
	sock = new_socket(args[0]);
	if (pthread_create(&thread, NULL, toggle, &race))
		die("cannot make a thread");
	for (i = 0; i < 5000 && !result; i++) {
		int old = sock, new = new_socket(args[0]);

		sock = new;
		close(old);
		if (!bind(new, (struct sockaddr *)&a.ss, a.len) &&
		    !getsockopt(new, IPPROTO_IPV6, IPV6_V6ONLY, &v6only, &len) &&
		    !v6only)
			result = -1;
	}
	atomic_store(&race.end, true);
	pthread_join(thread, NULL);
	errno = EFAULT;
	return result;
}

static void *make_ipv4(void *data)
{
	struct race *race = data;
	int family = AF_INET;

	while (!atomic_load(&race->end))
		setsockopt(sock, IPPROTO_IPV6, IPV6_ADDRFORM, &family, sizeof(family));
	return NULL;
}

/* An IPv6 socket with an IPv4 peer, which may become an IPv4 one. */
static int mapped_socket(const struct sockaddr_in *peer)
{
	struct sockaddr_in6 mapped = {
		.sin6_family = AF_INET6, .sin6_port = peer->sin_port,
		.sin6_addr = { .s6_addr = { [10] = 0xff, [11] = 0xff } },
	};
	int fd = socket(AF_INET6, SOCK_DGRAM, 0);

	memcpy(&mapped.sin6_addr.s6_addr[12], &peer->sin_addr, 4);
	if (fd < 0 || connect(fd, (struct sockaddr *)&mapped, sizeof(mapped)))
		die("cannot connect to a v4-mapped address");
	return fd;
}

/* GOOD BAD: sends AF_UNSPEC datagrams, which an IPv6 socket sends to its peer GOOD
 * and an IPv4 one to BAD, while a thread turns the one into the other. Fails with
 * EFAULT if BAD ever got one.
 */
static int op_race_addrform(char **args)
{
	struct sockaddr_in bad, good;
	static struct race race;
	int catcher, i, result = 0;
	pthread_t thread;
	struct addr a;
	char c;

	set_addr(&a, args[0]);
	memcpy(&good, &a.ss, sizeof(good));
	set_addr(&a, args[1]);
	memcpy(&bad, &a.ss, sizeof(bad));
	catcher = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	if (bind(catcher, (struct sockaddr *)&bad, sizeof(bad)))
		die("cannot catch datagrams");
	bad.sin_family = AF_UNSPEC;
	sock = mapped_socket(&good);
	if (pthread_create(&thread, NULL, make_ipv4, &race))
		die("cannot make a thread");
	for (i = 0; i < 5000 && !result; i++) {
		int old = sock;

		sock = mapped_socket(&good);
		close(old);
		sendto(sock, "x", 1, 0, (struct sockaddr *)&bad, sizeof(bad));
		sendto(sock, "x", 1, 0, (struct sockaddr *)&bad, sizeof(bad));
		if (recv(catcher, &c, 1, 0) == 1)
			result = -1;
	}
	atomic_store(&race.end, true);
	pthread_join(thread, NULL);
	close(catcher);
	errno = EFAULT;
	return result;
}

/* The thread's part of a round, and when it is to do it. */
struct rounds {
	void (*part)(const struct rounds *r);
	atomic_int begun, done;
	atomic_bool end;
};

static void *do_parts(void *data)
{
	struct rounds *r = data;
	volatile unsigned int wait;
	int n = 0;

	while (!atomic_load(&r->end)) {
		if (atomic_load(&r->begun) == n)
			continue;
		/* Now a little earlier, now a little later. */
		for (wait = (unsigned int)n * 37 % 2000; wait; wait--)
			;
		r->part(r);
		atomic_store(&r->done, ++n);
	}
	return NULL;
}

static void bind_mapped(const struct rounds *r)
{
	struct sockaddr_in6 mapped = {
		.sin6_family = AF_INET6,
		.sin6_addr.s6_addr = { [10] = 0xff, [11] = 0xff, [12] = 127, [15] = 1 },
	};

	(void)r;
	bind(sock, (struct sockaddr *)&mapped, sizeof(mapped));
}

static void take_peer_away(const struct rounds *r)
{
	struct sockaddr none = { .sa_family = AF_UNSPEC };

	(void)r;
	connect(sock, &none, sizeof(none));
}

/* Rounds of CALL on the socket that SETUP made, against the thread's part, until
 * one fails with EFAULT, which says that it should not have been possible.
 */
static int race_rounds(void (*part)(const struct rounds *r),
		       int (*setup)(struct rounds *r),
		       int (*call)(struct rounds *r))
{
	static struct rounds r;
	volatile unsigned int wait;
	int i, result = 0;
	pthread_t thread;

	r.part = part;
	if (pthread_create(&thread, NULL, do_parts, &r))
		die("cannot make a thread");
	for (i = 1; i <= 3000 && !result; i++) {
		sock = setup(&r);
		atomic_store(&r.begun, i);
		for (wait = (unsigned int)i * 101 % 2000; wait; wait--)
			;
		/* Where CPUs take turns there may be no race at all. Let the
		 * thread win some, which a rule has to deny, too.
		 */
		while (i % 16 == 0 && atomic_load(&r.done) < i)
			;
		result = call(&r);
		while (atomic_load(&r.done) < i)
			;
		close(sock);
	}
	atomic_store(&r.end, true);
	pthread_join(thread, NULL);
	errno = EFAULT;
	return result;
}

static int tcp6_socket(struct rounds *r)
{
	(void)r;
	return socket(AF_INET6, SOCK_STREAM, 0);
}

/* Has a connect to :: come to 127.0.0.1? */
static int connect_any(struct rounds *r)
{
	struct sockaddr_in6 any = { .sin6_family = AF_INET6, .sin6_port = htons(80) }, peer;
	socklen_t len = sizeof(peer);

	(void)r;
	if (connect(sock, (struct sockaddr *)&any, sizeof(any)) ||
	    getpeername(sock, (struct sockaddr *)&peer, &len))
		return 0;
	return IN6_IS_ADDR_V4MAPPED(&peer.sin6_addr) ? -1 : 0;
}

/* A connect to ::, port 80, while a thread binds the socket to 127.0.0.1. */
static int op_race_any(char **args)
{
	(void)args;
	return race_rounds(bind_mapped, tcp6_socket, connect_any);
}

static int connected_socket(struct rounds *r)
{
	struct sockaddr_in to = {
		.sin_family = AF_INET, .sin_port = htons(80),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	(void)r;
	if (connect(fd, (struct sockaddr *)&to, sizeof(to)))
		die("nobody listens on port 80");
	return fd;
}

static int try_listen(struct rounds *r)
{
	(void)r;
	return listen(sock, 1) ? 0 : -1;
}

/* A listen() while a thread takes the peer, and with it the port, away. */
static int op_race_listen(char **args)
{
	(void)args;
	return race_rounds(take_peer_away, connected_socket, try_listen);
}

static int v6only_socket(struct rounds *r)
{
	int one = 1, fd = socket(AF_INET6, SOCK_DGRAM, 0);

	(void)r;
	if (setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof(one)))
		die("IPV6_V6ONLY cannot be set");
	return fd;
}

static void become_ipv4(const struct rounds *r)
{
	struct sockaddr none = { .sa_family = AF_UNSPEC };
	struct sockaddr_in6 mapped = {
		.sin6_family = AF_INET6, .sin6_port = htons(9),
		.sin6_addr.s6_addr = { [10] = 0xff, [11] = 0xff, [12] = 127, [15] = 1 },
	};
	int zero = 0, family = AF_INET;

	(void)r;
	setsockopt(sock, IPPROTO_IPV6, IPV6_V6ONLY, &zero, sizeof(zero));
	connect(sock, (struct sockaddr *)&mapped, sizeof(mapped));
	setsockopt(sock, IPPROTO_IPV6, IPV6_ADDRFORM, &family, sizeof(family));
	connect(sock, &none, sizeof(none));
}

static int bind_ipv6(struct rounds *r)
{
	struct sockaddr_in6 any = { .sin6_family = AF_INET6, .sin6_port = htons(53) };
	struct sockaddr_storage name;
	socklen_t len = sizeof(name);

	(void)r;
	if (bind(sock, (struct sockaddr *)&any, sizeof(any)) ||
	    getsockname(sock, (struct sockaddr *)&name, &len))
		return 0;
	return name.ss_family == AF_INET ? -1 : 0;
}

/* A bind to [::]:53, of IPv6 only, while a thread makes the socket an IPv4 one. */
static int op_race_bindform(char **args)
{
	(void)args;
	return race_rounds(become_ipv4, v6only_socket, bind_ipv6);
}

const struct op race_ops[] = {
	{ "race_any", 0, false, op_race_any },
	{ "race_listen", 0, false, op_race_listen },
	{ "race_connect", 2, false, op_race_connect },
	{ "race_v6only", 2, false, op_race_v6only },
	{ "race_bindform", 0, false, op_race_bindform },
	{ "race_addrform", 2, false, op_race_addrform },
	{ 0 }
};
