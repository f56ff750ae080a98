// SPDX-License-Identifier: GPL-2.0-only
/* The kernel's process connector, connector(7) by netlink. */
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <libmnl/libmnl.h>
#include <linux/cn_proc.h>
#include <linux/connector.h>
#include <linux/netlink.h>

#include "../clock.h"
#include "procevent.h"

/** Room for some thousand events, so that bursts are not lost. */
#define ROOM		(1 << 20)

/** How long the kernel may take to say that it sends, in microseconds. */
#define PATIENCE	1000000ULL

/** One message of either direction. */
union message {
	struct nlmsghdr nlh;
	char bytes[NLMSG_SPACE(sizeof(struct cn_msg) +
			       sizeof(struct proc_event))];
};

static int send_op(struct mnl_socket *nl, enum proc_cn_mcast_op op)
{
	union message message = { .bytes = { 0 } };
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(&message);
	struct cn_msg *cn;

	cn = mnl_nlmsg_put_extra_header(nlh, sizeof(*cn) + sizeof(op));
	nlh->nlmsg_type = NLMSG_DONE;
	cn->id.idx = CN_IDX_PROC;
	cn->id.val = CN_VAL_PROC;
	cn->ack = mnl_socket_get_portid(nl);
	cn->len = sizeof(op);
	memcpy(cn->data, &op, sizeof(op));
	return mnl_socket_sendto(nl, nlh, nlh->nlmsg_len) < 0 ? -errno : 0;
}

/*
 * Newer kernels' events are longer, and what is cut off is not needed. What is
 * not the kernel's is passed over, as is what is of another kind.
 */
static int receive(struct mnl_socket *nl, union message *message,
		   struct cn_msg **cn, struct proc_event *event)
{
	struct sockaddr_nl from = { 0 };
	socklen_t from_len = sizeof(from);
	size_t head = NLMSG_LENGTH(sizeof(**cn));
	ssize_t len;

	len = recvfrom(mnl_socket_get_fd(nl), message, sizeof(*message), 0,
		       (struct sockaddr *)&from, &from_len);
	if (len < 0)
		return -errno;
	*cn = NULL;
	if (from.nl_pid || (size_t)len < head)
		return 0;
	*cn = NLMSG_DATA(&message->nlh);
	if ((*cn)->id.idx != CN_IDX_PROC || (*cn)->id.val != CN_VAL_PROC) {
		*cn = NULL;
		return 0;
	}
	*event = (struct proc_event){ 0 };
	len -= (ssize_t)head;
	memcpy(event, (*cn)->data,
	       (size_t)len < sizeof(*event) ? (size_t)len : sizeof(*event));
	return 0;
}

/* Whose event it is, or 0. Threads go where their process is. */
static pid_t process_of(const struct proc_event *event)
{
	switch ((unsigned int)event->what) {
	case PROC_EVENT_FORK:
		/* Its parent may have been moved too late to take it along. */
		if (event->event_data.fork.child_pid !=
		    event->event_data.fork.child_tgid)
			return 0;
		return event->event_data.fork.child_tgid;
	case PROC_EVENT_EXEC:
		return event->event_data.exec.process_tgid;
	case PROC_EVENT_UID:
	case PROC_EVENT_GID:
		return event->event_data.id.process_tgid;
	case PROC_EVENT_SID:
		return event->event_data.sid.process_tgid;
	default:
		return 0;
	}
}

/**
 * procevent_next() - handle one event
 * @nl: open
 * @cb: is told of the process, if it is about one
 * @data: for @cb
 *
 * Return: 0, -EAGAIN if there is none, -ENOBUFS if some were lost, or another
 * negative errno.
 */
int procevent_next(struct mnl_socket *nl, procevent_cb cb, void *data)
{
	struct proc_event event;
	union message message;
	struct cn_msg *cn;
	pid_t pid;
	int ret;

	ret = receive(nl, &message, &cn, &event);
	if (ret == -EINTR)
		return 0;
	if (ret || !cn)
		return ret;
	pid = process_of(&event);
	if (pid)
		cb(pid, data);
	return 0;
}

/*
 * Events that came before the answer are covered by the first scan. There may be
 * some though the kernel does not listen to this process: of another's asking.
 */
static int await_answer(struct mnl_socket *nl)
{
	struct pollfd fd = { mnl_socket_get_fd(nl), POLLIN, 0 };
	uint64_t end = clock_now() + PATIENCE, now;
	struct proc_event event;
	union message message;
	struct cn_msg *cn;
	int ret;

	for (;;) {
		now = clock_now();
		ret = poll(&fd, 1, now < end ? (int)((end - now) / 1000) : 0);
		if (ret < 0 && errno == EINTR)
			continue;
		if (ret <= 0 || now >= end)
			return ret < 0 ? -errno : -ETIMEDOUT;
		ret = receive(nl, &message, &cn, &event);
		if (ret && ret != -EAGAIN && ret != -EINTR && ret != -ENOBUFS)
			return ret;
		if (!ret && cn && !event.what &&
		    cn->ack == mnl_socket_get_portid(nl) + 1)
			return -(int)event.event_data.ack.err;
	}
}

static int listen_on(struct mnl_socket *nl)
{
	int room = ROOM, ret;

	if (mnl_socket_bind(nl, CN_IDX_PROC, MNL_SOCKET_AUTOPID))
		return -errno;
	/* More room is not vital: what is lost is noticed. */
	if (setsockopt(mnl_socket_get_fd(nl), SOL_SOCKET, SO_RCVBUFFORCE, &room,
		       sizeof(room)))
		errno = 0;
	ret = send_op(nl, PROC_CN_MCAST_LISTEN);
	return ret ? ret : await_answer(nl);
}

static int cannot_listen(int code, struct ctid_err *err)
{
	switch (code) {
	case -EPERM:
		return err_set(err, EPERM,
			       "cannot receive process events: needs root (CAP_NET_ADMIN)");
	case -EPROTONOSUPPORT:
	case -ECONNREFUSED:
	case -ETIMEDOUT:
		return err_set(err, ENOTSUP,
			       "the kernel sends no process events here: it needs CONFIG_PROC_EVENTS, and the host's own network, process and user namespaces");
	default:
		return err_set(err, -code, "cannot receive process events: %s",
			       strerror(-code));
	}
}

/**
 * procevent_open() - begin to receive process events
 * @nl: filled
 * @err: why not
 *
 * Return: 0 or a negative errno.
 */
int procevent_open(struct mnl_socket **nl, struct ctid_err *err)
{
	int ret;

	*nl = mnl_socket_open2(NETLINK_CONNECTOR, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (!*nl)
		return cannot_listen(-errno, err);
	ret = listen_on(*nl);
	if (!ret)
		return 0;
	mnl_socket_close(*nl);
	*nl = NULL;
	return cannot_listen(ret, err);
}

/**
 * procevent_close() - receive no more
 * @nl: open, or NULL
 *
 * Older kernels count who listens, and do not see a socket go.
 */
void procevent_close(struct mnl_socket *nl)
{
	if (!nl)
		return;
	send_op(nl, PROC_CN_MCAST_IGNORE);
	mnl_socket_close(nl);
}

/**
 * procevent_fd() - what to poll for reading
 * @nl: open
 *
 * Return: the descriptor.
 */
int procevent_fd(const struct mnl_socket *nl)
{
	return mnl_socket_get_fd(nl);
}
