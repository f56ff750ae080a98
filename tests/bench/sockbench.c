// SPDX-License-Identifier: GPL-2.0-only
/*
 * sockbench [-g CGROUP] [-b BATCHES] [-n CALLS] ROW...: what socket calls cost.
 *
 * A row is one kind of call, made CALLS times in each of BATCHES batches; sockets
 * are made and closed outside of the measured time. Prints a line for each row: its
 * name, and the median, the least and the most of the batches, in nanoseconds a
 * call, which are instructions under "vm/run -i". With -g it enters the cgroup
 * first. Without a row it lists them.
 *
 * Ports are those that the policies of tuples.inc permit: TCP 8000-8100 to bind, 80
 * to listen and connect, UDP 5353.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define MAX_CALLS	100
#define MAX_BATCHES	999
#define PORT_TCP	80
#define PORT_UDP	5353
#define PORT_BIND	8000

#define LOOPBACK_2	(INADDR_LOOPBACK + 1)

/**
 * struct row - a kind of call
 * @name: its name
 * @set_up: makes what all batches need, or NULL
 * @prepare: makes what one batch needs, or NULL
 * @call: the call, of which the cost is measured; @i counts within a batch
 * @clean: takes away what @prepare and @call made, or NULL
 */
struct row {
	const char *name;
	void (*set_up)(void);
	void (*prepare)(int calls);
	void (*call)(int i);
	void (*clean)(int calls);
};

/* What rows have in common: two ends, and sockets that each batch makes anew. */
static int near = -1, far = -1;
static int fds[MAX_CALLS];
static char payload[32];
static struct sockaddr_in peer;

static void fail(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));

static void fail(const char *format, ...)
{
	int err = errno;
	va_list args;

	va_start(args, format);
	fputs("sockbench: ", stderr);
	vfprintf(stderr, format, args);
	va_end(args);
	fprintf(stderr, ": %s\n", strerror(err));
	exit(1);
}

/* Success costs a comparison, which is the same in all columns. */
static inline void must(long result, const char *what)
{
	if (__builtin_expect(result < 0, 0))
		fail("%s", what);
}

static struct sockaddr_in address(in_addr_t host, int port)
{
	return (struct sockaddr_in){
		.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(host),
		.sin_port = htons((uint16_t)port),
	};
}

static int new_socket(int type)
{
	int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);

	must(fd, "socket");
	return fd;
}

static void set_option(int fd, int level, int option, int value)
{
	must(setsockopt(fd, level, option, &value, sizeof(value)), "setsockopt");
}

static void bind_to(int fd, in_addr_t host, int port)
{
	struct sockaddr_in a = address(host, port);

	must(bind(fd, (struct sockaddr *)&a, sizeof(a)), "bind");
}

static void connect_to(int fd, const struct sockaddr_in *a)
{
	must(connect(fd, (const struct sockaddr *)a, sizeof(*a)), "connect");
}

static void close_all(int calls)
{
	int i;

	for (i = 0; i < calls; i++)
		close(fds[i]);
}

/* A port can be had again at once. */
static int new_tcp(void)
{
	struct linger linger = { .l_onoff = 1 };
	int fd = new_socket(SOCK_STREAM);

	set_option(fd, SOL_SOCKET, SO_REUSEADDR, 1);
	must(setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger)),
	     "SO_LINGER");
	return fd;
}

static void make_tcp(int calls)
{
	int i;

	for (i = 0; i < calls; i++)
		fds[i] = new_tcp();
}

static void make_bound(int calls)
{
	int i;

	make_tcp(calls);
	for (i = 0; i < calls; i++)
		bind_to(fds[i], INADDR_ANY, PORT_BIND + i);
}

static void set_up_listener(void)
{
	far = new_tcp();
	bind_to(far, INADDR_ANY, PORT_TCP);
	must(listen(far, 8), "listen");
	peer = address(INADDR_LOOPBACK, PORT_TCP);
}

/* --- connect: a datagram socket can do it again and again */
static void set_up_udp_connect(void)
{
	near = new_socket(SOCK_DGRAM);
	peer = address(INADDR_LOOPBACK, PORT_UDP);
}

static void call_udp_connect(int i)
{
	(void)i;
	connect_to(near, &peer);
}

/* A connection from its SYN to its end, by a reset. Clients have ports already: to
 * look for one costs something else each time.
 */
static void call_tcp_connect(int i)
{
	int fd;

	connect_to(fds[i], &peer);
	fd = accept4(far, NULL, NULL, SOCK_CLOEXEC);
	must(fd, "accept");
	close(fds[i]);
	close(fd);
}

/* --- bind, listen */
static void call_bind(int i)
{
	bind_to(fds[i], INADDR_ANY, PORT_BIND + i);
}

static void call_listen(int i)
{
	must(listen(fds[i], 8), "listen");
}

/* --- data: each call sends and receives, so that no queue grows */
static void receive(int fd)
{
	must(recv(fd, payload, sizeof(payload), 0), "recv");
}

static void set_up_udp_sendto(void)
{
	far = new_socket(SOCK_DGRAM);
	bind_to(far, INADDR_LOOPBACK, PORT_UDP);
	near = new_socket(SOCK_DGRAM);
	bind_to(near, LOOPBACK_2, PORT_UDP);
	peer = address(INADDR_LOOPBACK, PORT_UDP);
}

static void call_udp_sendto(int i)
{
	(void)i;
	must(sendto(near, payload, sizeof(payload), 0, (struct sockaddr *)&peer,
		    sizeof(peer)), "sendto");
	receive(far);
}

/* Both ends are connected, so the kernel finds the receiver early. */
static void set_up_udp_send(void)
{
	struct sockaddr_in back = address(LOOPBACK_2, PORT_UDP);

	set_up_udp_sendto();
	connect_to(near, &peer);
	connect_to(far, &back);
}

static void call_send(int i)
{
	(void)i;
	must(send(near, payload, sizeof(payload), 0), "send");
	receive(far);
}

static void set_up_tcp_send(void)
{
	int listener;

	set_up_listener();
	listener = far;
	near = new_tcp();
	connect_to(near, &peer);
	far = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	must(far, "accept");
	close(listener);
	set_option(near, IPPROTO_TCP, TCP_NODELAY, 1);
}

static void set_up_unix_send(void)
{
	int pair[2];

	must(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), "socketpair");
	near = pair[0];
	far = pair[1];
}

static const struct row rows[] = {
	{ "udp_connect", set_up_udp_connect, NULL, call_udp_connect, NULL },
	{ "tcp_connect", set_up_listener, make_bound, call_tcp_connect, NULL },
	{ "bind", NULL, make_tcp, call_bind, close_all },
	{ "listen", NULL, make_bound, call_listen, close_all },
	{ "udp_sendto", set_up_udp_sendto, NULL, call_udp_sendto, NULL },
	{ "udp_send", set_up_udp_send, NULL, call_send, NULL },
	{ "tcp_send", set_up_tcp_send, NULL, call_send, NULL },
	{ "unix_send", set_up_unix_send, NULL, call_send, NULL },
};

#define NROWS	(sizeof(rows) / sizeof(rows[0]))

static long long now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000LL + ts.tv_nsec;
}

static int compare(const void *a, const void *b)
{
	long long x = *(const long long *)a, y = *(const long long *)b;

	return (x > y) - (x < y);
}

static long long batch(const struct row *row, int calls)
{
	/* No multiple of a tick, or all batches could be interrupted. */
	const struct timespec pause = { .tv_nsec = 21300000 };
	long long begin, end;
	int i;

	if (row->prepare)
		row->prepare(calls);
	/* What earlier calls left for later is done by then. */
	nanosleep(&pause, NULL);
	begin = now();
	for (i = 0; i < calls; i++)
		row->call(i);
	end = now();
	if (row->clean)
		row->clean(calls);
	return (end - begin + calls / 2) / calls;
}

static void measure(const struct row *row, int batches, int calls)
{
	long long costs[MAX_BATCHES];
	int i;

	if (row->set_up)
		row->set_up();
	/* Caches of the kernel fill; what is done for the first time is done. */
	batch(row, calls);
	for (i = 0; i < batches; i++)
		costs[i] = batch(row, calls);
	qsort(costs, (size_t)batches, sizeof(costs[0]), compare);
	printf("%s %lld %lld %lld\n", row->name, costs[batches / 2], costs[0],
	       costs[batches - 1]);
	fflush(stdout);
	close(near);
	close(far);
	near = far = -1;
}

static void enter_cgroup(const char *path)
{
	char file[4096];
	int fd;

	snprintf(file, sizeof(file), "/sys/fs/cgroup%s/cgroup.procs", path);
	fd = open(file, O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, "0", 1) < 0)
		fail("%s", file);
	close(fd);
}

static const struct row *find_row(const char *name)
{
	size_t i;

	for (i = 0; i < NROWS; i++)
		if (!strcmp(rows[i].name, name))
			return &rows[i];
	fprintf(stderr, "sockbench: no row is called '%s'\n", name);
	exit(2);
}

static int number(const char *text, int max)
{
	char *end;
	long n = strtol(text, &end, 10);

	if (end == text || *end || n < 1 || n > max) {
		fprintf(stderr, "sockbench: '%s' is not a number from 1 to %d\n",
			text, max);
		exit(2);
	}
	return (int)n;
}

int main(int argc, char **argv)
{
	int batches = 31, calls = 20, option;
	size_t i;

	while ((option = getopt(argc, argv, "g:b:n:")) != -1) {
		switch (option) {
		case 'g':
			enter_cgroup(optarg);
			break;
		case 'b':
			batches = number(optarg, MAX_BATCHES);
			break;
		case 'n':
			calls = number(optarg, MAX_CALLS);
			break;
		default:
			return 2;
		}
	}
	if (optind == argc)
		for (i = 0; i < NROWS; i++)
			puts(rows[i].name);
	for (; optind < argc; optind++)
		measure(find_row(argv[optind]), batches, calls);
	return 0;
}
