// SPDX-License-Identifier: GPL-2.0-only
/* A client of the generic netlink family "sock_watch". */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>

#include <libmnl/libmnl.h>
#include <linux/genetlink.h>

#include "../netlink.h"
#include "watching.h"

/* What bursts of events may take; more than the system's limit needs root. */
#define BUFFER_SIZE	(4 << 20)

/* How often a request is sent, and how long an answer is waited for, in
 * milliseconds.
 */
#define TRIES		5
#define PATIENCE	1000

/* An event takes about 200 bytes, and they come one at a time. */
#define RECEIVE_SIZE	8192

static volatile sig_atomic_t interrupted;

static void on_signal(int signal)
{
	(void)signal;
	interrupted = 1;
}

/**
 * watching_type() - what a type of event is called
 * @type: the type
 *
 * Return: its name.
 */
const char *watching_type(enum sock_watch_type type)
{
	static const char *const names[] = {
		[SOCK_WATCH_CONNECT] = "connect",
		[SOCK_WATCH_BIND] = "bind",
		[SOCK_WATCH_ACCEPT] = "accept",
	};

	return type <= SOCK_WATCH_ACCEPT ? names[type] : "unknown";
}

/**
 * watching_remote() - the other end of an event
 * @event: a connect or an accept
 *
 * Return: its address and port.
 */
const struct endpoint *watching_remote(const struct watch_event *event)
{
	return event->type == SOCK_WATCH_ACCEPT ? &event->source : &event->dest;
}

/**
 * watching_local() - the own end of an event
 * @event: the event
 *
 * Return: its address and port, neither if it is not known yet.
 */
const struct endpoint *watching_local(const struct watch_event *event)
{
	return event->type == SOCK_WATCH_CONNECT ? &event->source : &event->dest;
}

static void take_string(const struct nlattr *attr, char *to, size_t size)
{
	if (mnl_attr_validate(attr, MNL_TYPE_NUL_STRING) < 0)
		return;
	strncpy(to, mnl_attr_get_str(attr), size - 1);
}

static void take_addr(const struct nlattr *attr, struct endpoint *end)
{
	uint16_t len = mnl_attr_get_payload_len(attr);

	if (len == 4 || len == 16)
		endpoint_set(end, len == 4 ? AF_INET : AF_INET6,
			     mnl_attr_get_payload(attr), end->port);
}

static void take_number(const struct nlattr *attr, uint32_t *to)
{
	if (mnl_attr_validate(attr, MNL_TYPE_U32) >= 0)
		*to = mnl_attr_get_u32(attr);
}

static void take_port(const struct nlattr *attr, struct endpoint *end)
{
	if (mnl_attr_validate(attr, MNL_TYPE_U16) >= 0)
		end->port = ntohs(mnl_attr_get_u16(attr));
}

static void take_attr(const struct nlattr *attr, struct watching *watching,
		      struct watch_event *event)
{
	switch (mnl_attr_get_type(attr)) {
	case SOCK_WATCH_A_LOST:
		if (mnl_attr_validate(attr, MNL_TYPE_U64) >= 0)
			watching->lost += mnl_attr_get_u64(attr);
		break;
	case SOCK_WATCH_A_TYPE:
		if (mnl_attr_validate(attr, MNL_TYPE_U8) >= 0)
			event->type = mnl_attr_get_u8(attr);
		break;
	case SOCK_WATCH_A_PROTO:
		if (mnl_attr_validate(attr, MNL_TYPE_U8) >= 0)
			event->proto = mnl_attr_get_u8(attr);
		break;
	case SOCK_WATCH_A_ID:
		take_number(attr, &event->id);
		break;
	case SOCK_WATCH_A_ERRNO:
		take_number(attr, &event->code);
		break;
	case SOCK_WATCH_A_NETNS:
		take_number(attr, &event->netns);
		break;
	case SOCK_WATCH_A_UID:
		take_number(attr, &event->uid);
		break;
	case SOCK_WATCH_A_PID:
		take_number(attr, &event->pid);
		break;
	case SOCK_WATCH_A_DEVICE:
		event->is_device = true;
		/* fallthrough */
	case SOCK_WATCH_A_TABLE:
		take_string(attr, event->by, sizeof(event->by));
		break;
	case SOCK_WATCH_A_INSIDE:
		event->inside = true;
		break;
	case SOCK_WATCH_A_COMM:
		take_string(attr, event->comm, sizeof(event->comm));
		break;
	case SOCK_WATCH_A_SADDR:
		take_addr(attr, &event->source);
		break;
	case SOCK_WATCH_A_DADDR:
		take_addr(attr, &event->dest);
		break;
	case SOCK_WATCH_A_SPORT:
		take_port(attr, &event->source);
		break;
	case SOCK_WATCH_A_DPORT:
		take_port(attr, &event->dest);
		break;
	}
}

/**
 * struct reading - what is done with messages as they come
 * @watching: the stream
 * @cb: is given events
 * @data: for @cb
 * @done: the last request has been answered
 * @broken: the socket is of no use any more
 * @result: what the answer was, or what @cb returned
 */
struct reading {
	struct watching *watching;
	watching_cb cb;
	void *data;
	bool done, broken;
	int result;
};

static void take_answer(struct reading *reading, const struct nlmsghdr *nlh)
{
	const struct nlmsgerr *error = mnl_nlmsg_get_payload(nlh);

	reading->done = true;
	if (mnl_nlmsg_get_payload_len(nlh) < sizeof(*error))
		reading->result = -EPROTO;
	else if (!reading->result)
		reading->result = error->error;
}

static void take_message(struct reading *reading, const struct nlmsghdr *nlh)
{
	const struct genlmsghdr *genl = mnl_nlmsg_get_payload(nlh);
	struct watch_event event = { .id = 0 };
	const struct nlattr *attr;

	if (nlh->nlmsg_type == NLMSG_ERROR) {
		take_answer(reading, nlh);
		return;
	}
	if (nlh->nlmsg_type != reading->watching->reg.family ||
	    mnl_nlmsg_get_payload_len(nlh) < sizeof(*genl))
		return;
	mnl_attr_for_each(attr, nlh, sizeof(*genl))
		take_attr(attr, reading->watching, &event);
	if (genl->cmd == SOCK_WATCH_CMD_END)
		reading->watching->ended = true;
	if (genl->cmd == SOCK_WATCH_CMD_EVENT && !reading->result && reading->cb)
		reading->result = reading->cb(&event, reading->data);
}

/* One datagram. That some were lost, the next one says with their number. */
static void read_some(struct reading *reading)
{
	char buf[RECEIVE_SIZE] __attribute__((aligned(NLMSG_ALIGNTO)));
	const struct nlmsghdr *nlh;
	ssize_t got;
	int len;

	got = netlink_receive(reading->watching->reg.nl, buf, sizeof(buf), 0);
	if (got < 0 && got != -ENOBUFS) {
		reading->result = (int)got;
		reading->broken = true;
	}
	len = (int)got;
	for (nlh = (void *)buf; got > 0 && mnl_nlmsg_ok(nlh, len);
	     nlh = mnl_nlmsg_next(nlh, &len))
		take_message(reading, nlh);
}

static int send_request(struct registry *reg)
{
	return mnl_socket_sendto(reg->nl, &reg->request.nlh,
				 reg->request.nlh.nlmsg_len) < 0 ? -errno : 0;
}

/* The answer may be lost like an event, if these fill the buffer. */
static int request(struct reading *reading)
{
	struct registry *reg = &reading->watching->reg;
	struct pollfd fd = {
		.fd = mnl_socket_get_fd(reg->nl),
		.events = POLLIN,
	};
	int tries, ret = 0;

	for (tries = 0; tries < TRIES && !ret && !reading->done; tries++) {
		ret = send_request(reg);
		while (!ret && !reading->done && !reading->broken &&
		       poll(&fd, 1, PATIENCE) > 0)
			read_some(reading);
		if (reading->broken)
			break;
	}
	if (!ret && !reading->done && !reading->result)
		ret = -ETIMEDOUT;
	return ret ? ret : reading->result;
}

static void enlarge_buffer(struct registry *reg)
{
	const int size = BUFFER_SIZE;
	int fd = mnl_socket_get_fd(reg->nl);

	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)))
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
}

/* SIGINT and SIGTERM come while there is nothing else to do. */
static void catch_signals(void)
{
	const struct sigaction action = { .sa_handler = on_signal };
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
}

/**
 * watching_start() - have events come
 * @watching: the stream, to be ended with watching_end(), also after a failure
 * @ids: of these containers only
 * @n: how many; 0 for all
 * @cb: is given events that come at once
 * @data: for @cb
 * @err: why it failed
 *
 * Return: 0 or a negative errno.
 */
int watching_start(struct watching *watching, const uint32_t *ids, int n,
		   watching_cb cb, void *data, struct ctid_err *err)
{
	struct reading reading = { .watching = watching, .cb = cb, .data = data };
	struct nlmsghdr *nlh;
	int ret;

	*watching = (struct watching){ .lost = 0 };
	if (n > SOCK_WATCH_MAX_IDS)
		return err_set(err, E2BIG, "these are more than %d containers: name fewer, or none to watch all",
			       SOCK_WATCH_MAX_IDS);
	ret = registry_connect(&watching->reg, SOCK_WATCH_GENL_NAME);
	if (ret == -ENOENT)
		return err_set(err, ENOENT,
			       "the kernel cannot watch sockets: load the module with 'modprobe sock_watch'");
	if (ret)
		return err_set(err, -ret, "cannot reach the kernel by netlink: %s",
			       registry_strerror(&watching->reg, ret));
	enlarge_buffer(&watching->reg);
	catch_signals();
	nlh = registry_request(&watching->reg, SOCK_WATCH_CMD_START);
	if (n)
		mnl_attr_put(nlh, SOCK_WATCH_A_IDS, (size_t)n * sizeof(*ids), ids);
	ret = request(&reading);
	if (ret == -EPERM)
		return err_set(err, EPERM, "cannot watch sockets: needs root (CAP_NET_ADMIN)");
	if (ret == -ENOSPC)
		return err_set(err, ENOSPC, "cannot watch sockets: %d others do already",
			       SOCK_WATCH_MAX_LISTENERS);
	if (ret)
		return err_set(err, -ret, "cannot watch sockets: %s: the kernel's log may say why",
			       strerror(-ret));
	return 0;
}

/**
 * watching_next() - wait for events
 * @watching: the stream
 * @timeout: for how many milliseconds, -1 for ever
 * @cb: is given those that come first
 * @data: for @cb
 *
 * Return: 0 or a negative errno: -EINTR after a SIGINT or SIGTERM, -ETIMEDOUT, that
 * of @cb or the socket's.
 */
int watching_next(struct watching *watching, int timeout, watching_cb cb,
		  void *data)
{
	const struct timespec time = {
		.tv_sec = timeout / 1000,
		.tv_nsec = timeout % 1000 * 1000000L,
	};
	struct reading reading = { .watching = watching, .cb = cb, .data = data };
	struct pollfd fd = {
		.fd = mnl_socket_get_fd(watching->reg.nl),
		.events = POLLIN,
	};
	sigset_t none;
	int ret;

	sigemptyset(&none);
	ret = ppoll(&fd, 1, timeout < 0 ? NULL : &time, &none);
	if (interrupted)
		return -EINTR;
	if (ret < 0 && errno != EINTR)
		return -errno;
	if (!ret)
		return -ETIMEDOUT;
	if (ret > 0)
		read_some(&reading);
	return reading.result;
}

/**
 * watching_stop() - have no more events come
 * @watching: the stream, which knows then how many were lost
 * @cb: is given those that came meanwhile
 * @data: for @cb
 *
 * Return: 0 or a negative errno.
 */
int watching_stop(struct watching *watching, watching_cb cb, void *data)
{
	struct reading reading = { .watching = watching, .cb = cb, .data = data };
	int ret;

	registry_request(&watching->reg, SOCK_WATCH_CMD_STOP);
	ret = request(&reading);
	return ret == -ENOENT ? 0 : ret;
}

/**
 * watching_end() - close the stream
 * @watching: the stream
 */
void watching_end(struct watching *watching)
{
	registry_close(&watching->reg);
}
