// SPDX-License-Identifier: GPL-2.0-only
/* Makes a socket do what a sequence says, and looks what it reached after each word. */
#include "abi.h"

#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MOST_ARGS		12
#define SCTP_BINDX_ADD_		100
#define SCTP_PEELOFF_		102
#define CONNECT_TIME		100	/* milliseconds */
#define ACCEPT_TIME		200
#define SEND_TIME		10
#define SEND_TIMES		10

/**
 * struct player - who plays a sequence
 * @kind: of its socket
 * @fd: the socket
 * @outside: asks for guests
 * @binds: the word asks for an address of its own
 * @reached: what the word itself shows to have been reached
 * @guest: the peer of an accepted socket, who has been looked at
 */
struct player {
	const struct socket_kind *kind;
	int fd;
	int outside;
	bool binds;
	uint8_t reached;
	struct sockaddr_storage guest;
};

static int address(struct player *p, const char *text, struct sockaddr_storage *addr,
		   socklen_t *len)
{
	if (text && parse_address(p->kind, text, addr, len))
		return 0;
	fprintf(stderr, "abifuzz: %s is no address\n", text ? text : "nothing");
	exit(1);
}

static int do_connect(struct player *p, char **args)
{
	struct pollfd wait = { .fd = p->fd, .events = POLLOUT };
	struct sockaddr_storage addr;
	socklen_t len;

	address(p, args[0], &addr, &len);
	if (!connect(p->fd, (void *)&addr, len))
		return 0;
	if (errno != EINPROGRESS)
		return -1;
	/* Whatever follows shall find it the same each time. */
	poll(&wait, 1, CONNECT_TIME);
	return 0;
}

static int do_bind(struct player *p, char **args)
{
	struct sockaddr_storage addr;
	socklen_t len;

	address(p, args[0], &addr, &len);
	p->binds = true;
	return bind(p->fd, (void *)&addr, len);
}

static int do_listen(struct player *p, char **args)
{
	(void)args;
	p->binds = true;
	return listen(p->fd, 8);
}

/* Where those outside find it. */
static bool server_address(int fd, struct sockaddr_storage *addr, socklen_t *len)
{
	struct sockaddr_in6 *in6 = (void *)addr;
	struct sockaddr_in *in = (void *)addr;

	*len = sizeof(*addr);
	if (getsockname(fd, (void *)addr, len) || !in->sin_port)
		return false;
	if (addr->ss_family == AF_INET && !in->sin_addr.s_addr)
		in->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (addr->ss_family == AF_INET6 && IN6_IS_ADDR_UNSPECIFIED(&in6->sin6_addr))
		in6->sin6_addr = in6addr_loopback;
	return addr->ss_family == AF_INET || addr->ss_family == AF_INET6;
}

/* One from outside comes; the socket is the one accepted then. */
static int do_accept(struct player *p, char **args)
{
	struct pollfd wait = { .fd = p->fd, .events = POLLIN };
	struct sockaddr_storage addr;
	socklen_t len = sizeof(addr);
	bool came;
	int fd;

	if (p->kind->type == SOCK_DGRAM || p->kind->type == SOCK_RAW)
		return -1;
	if (!args[0] || !server_address(p->fd, &addr, &len))
		return -1;
	came = outside_connects(p->outside, p->kind, args[0], &addr, len);
	if (came && args[0][strlen(args[0]) - 1] != '1')
		p->reached |= REACHED_GUEST;
	poll(&wait, 1, came ? ACCEPT_TIME : 0);
	len = sizeof(addr);
	memset(&addr, 0, sizeof(addr));
	fd = accept4(p->fd, (void *)&addr, &len, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (fd < 0)
		return -1;
	if (!guest_is_permitted((void *)&addr))
		p->reached |= REACHED_GUEST;
	close(p->fd);
	p->fd = fd;
	p->guest = addr;
	return 0;
}

/* fN, a control message LEVEL.TYPE.HEX, or nothing more. */
static int flags_and_controls(char **args, struct msghdr *msg)
{
	struct cmsghdr *cmsg;
	int flags = 0, level, type, at;
	size_t len, room = msg->msg_controllen;

	msg->msg_controllen = 0;
	for (; *args; args++) {
		if (**args == 'f') {
			flags |= atoi(*args + 1);
		} else if (sscanf(*args, "%d.%d.%n", &level, &type, &at) == 2 &&
			   msg->msg_controllen + CMSG_SPACE(CONTROL_MAX) <= room) {
			cmsg = (void *)((char *)msg->msg_control + msg->msg_controllen);
			len = parse_hex(*args + at, CMSG_DATA(cmsg), CONTROL_MAX);
			cmsg->cmsg_level = level;
			cmsg->cmsg_type = type;
			cmsg->cmsg_len = CMSG_LEN(len);
			msg->msg_controllen += CMSG_SPACE(len);
		}
	}
	return flags;
}

static int send_words(struct player *p, char **args, unsigned int messages)
{
	static _Alignas(struct cmsghdr) char control[512];
	char payload[12] = { (char)(p->kind->family == AF_INET6 ? 128 : 8) };
	struct iovec iov = { .iov_base = payload, .iov_len = sizeof(payload) };
	struct sockaddr_storage addr;
	struct mmsghdr msgs[2] = { { .msg_hdr = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = control, .msg_controllen = sizeof(control),
	} } };
	struct msghdr *msg = &msgs[0].msg_hdr;
	int flags = MSG_DONTWAIT | MSG_NOSIGNAL;

	memset(control, 0, sizeof(control));
	if (args[0] && strcmp(args[0], "-")) {
		address(p, args[0], &addr, &msg->msg_namelen);
		msg->msg_name = &addr;
	}
	flags |= flags_and_controls(args + !!args[0], msg);
	if (messages == 1)
		return (int)sendmsg(p->fd, msg, flags);
	msgs[1] = msgs[0];
	return sendmmsg(p->fd, msgs, messages, (unsigned int)flags);
}

static int do_sendmsg(struct player *p, char **args)
{
	return send_words(p, args, 1);
}

static int do_sendmmsg(struct player *p, char **args)
{
	return send_words(p, args, 2);
}

static int do_send(struct player *p, char **args)
{
	int flags = MSG_DONTWAIT | MSG_NOSIGNAL | (args[0] ? atoi(args[0] + 1) : 0);

	return (int)send(p->fd, "secret message", 14, flags);
}

static int do_flush(struct player *p, char **args)
{
	(void)args;
	return (int)send(p->fd, "", 0, MSG_DONTWAIT | MSG_NOSIGNAL);
}

static int do_opt(struct player *p, char **args)
{
	unsigned char data[128];
	int level, name, at;
	size_t len;

	if (!args[0] || sscanf(args[0], "%d.%d.%n", &level, &name, &at) != 2)
		return address(p, NULL, NULL, NULL);
	len = parse_hex(args[0] + at, data, sizeof(data));
	p->binds = level == IPPROTO_SCTP && name == SCTP_BINDX_ADD_;
	return setsockopt(p->fd, level, name, data, (socklen_t)len);
}

static int become(struct player *p, int fd)
{
	if (fd < 0)
		return -1;
	close(p->fd);
	p->fd = fd;
	return 0;
}

static int do_dup(struct player *p, char **args)
{
	(void)args;
	return become(p, dup(p->fd));
}

static int do_peeloff(struct player *p, char **args)
{
	struct { int32_t assoc; int fd; } arg = { 0 };
	socklen_t len = sizeof(arg);

	(void)args;
	if (getsockopt(p->fd, IPPROTO_SCTP, SCTP_PEELOFF_, &arg, &len) < 0)
		return -1;
	return become(p, arg.fd);
}

/* The socket comes back in a message. */
static int do_pass(struct player *p, char **args)
{
	union {
		char space[CMSG_SPACE(sizeof(int))];
		struct cmsghdr head;
	} control = { .head = {
		.cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS,
		.cmsg_len = CMSG_LEN(sizeof(int)),
	} };
	char byte = 0;
	struct iovec iov = { .iov_base = &byte, .iov_len = 1 };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = &control, .msg_controllen = sizeof(control),
	};
	int pair[2], fd = -1;

	(void)args;
	if (socketpair(AF_UNIX, SOCK_DGRAM, 0, pair))
		return -1;
	memcpy(CMSG_DATA(&control.head), &p->fd, sizeof(int));
	if (sendmsg(pair[0], &msg, 0) == 1 && recvmsg(pair[1], &msg, 0) == 1)
		memcpy(&fd, CMSG_DATA(&control.head), sizeof(int));
	close(pair[0]);
	close(pair[1]);
	return become(p, fd);
}

static const struct {
	const char *name;
	int (*run)(struct player *p, char **args);
} words[] = {
	{ "connect", do_connect }, { "bind", do_bind }, { "listen", do_listen },
	{ "accept", do_accept }, { "sendto", do_sendmsg }, { "sendmsg", do_sendmsg },
	{ "sendmmsg", do_sendmmsg }, { "send", do_send }, { "flush", do_flush },
	{ "opt", do_opt }, { "dup", do_dup }, { "pass", do_pass }, { "peeloff", do_peeloff },
};

static int run(struct player *p, char *word)
{
	char *args[MOST_ARGS + 2] = { NULL }, *save;
	size_t n = 0;

	for (char *arg = strtok_r(word, ",", &save); arg && n <= MOST_ARGS;
	     arg = strtok_r(NULL, ",", &save))
		args[n++] = arg;
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (!strcmp(words[i].name, args[0]))
			return words[i].run(p, args + 1);
	fprintf(stderr, "abifuzz: %s is no word of a sequence\n", args[0]);
	exit(1);
}

/* What RxRPC sends is sent by a thread of its own since Linux 6.2. */
static bool saw_sent(const struct player *p, int sniffer)
{
	bool saw = saw_packet(sniffer, p->kind->ports);

	for (int i = 0; !saw && p->kind->level == SOL_RXRPC_ && i < SEND_TIMES; i++) {
		poll(&(struct pollfd){ .fd = sniffer, .events = POLLIN }, 1, SEND_TIME);
		saw = saw_packet(sniffer, p->kind->ports);
	}
	return saw;
}

static uint8_t look(const struct player *p, int sniffer, bool succeeded)
{
	uint8_t reached = p->reached;

	if (saw_sent(p, sniffer))
		reached |= REACHED_PACKET;
	if (has_denied_peer(p->fd, p->kind, &p->guest))
		reached |= REACHED_PEER;
	if (p->binds && succeeded && has_denied_local(p->fd, p->kind))
		reached |= REACHED_LOCAL;
	return reached;
}

void play(const char *text, int sniffer, int outside, struct played *played)
{
	char copy[SEQUENCE_MAX], *save, *word;
	struct player p = { .outside = outside };
	uint8_t at = 0;
	bool succeeded;

	strcpy(copy, text);
	word = strtok_r(copy, " ", &save);
	p.kind = word ? socket_kind(word) : NULL;
	if (!p.kind) {
		fprintf(stderr, "abifuzz: %s begins with no kind of sockets\n", text);
		exit(1);
	}
	p.fd = socket(p.kind->domain, p.kind->type | SOCK_NONBLOCK | SOCK_CLOEXEC, p.kind->proto);
	if (p.fd < 0) {
		played->no_socket = 1;
		return;
	}
	/* Servers before it may have had its port. */
	if (p.kind->type != SOCK_DGRAM)
		setsockopt(p.fd, SOL_SOCKET, SO_REUSEADDR, &(int){ 1 }, sizeof(int));
	while ((word = strtok_r(NULL, " ", &save))) {
		p.binds = false;
		p.reached = 0;
		at++;
		succeeded = run(&p, word) >= 0 || errno == EINPROGRESS;
		played->went += succeeded;
		played->reached |= look(&p, sniffer, succeeded);
		if (played->reached && !played->at)
			played->at = at;
	}
	close(p.fd);
}
