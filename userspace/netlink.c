// SPDX-License-Identifier: GPL-2.0-only
/* Connections to the kernel by netlink. */
#include <errno.h>
#include <linux/netlink.h>
#include <sys/socket.h>

#include <libmnl/libmnl.h>

#include "netlink.h"

/**
 * netlink_open() - connect to the kernel, and to nobody else
 * @bus: NETLINK_GENERIC or the like
 *
 * In a network namespace that a user owns he may send to any netlink socket. One that
 * is connected takes from no other process what looks like the kernel's answer.
 *
 * Return: the connection, to be closed with mnl_socket_close(), or NULL and errno.
 */
struct mnl_socket *netlink_open(int bus)
{
	static const struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	struct mnl_socket *nl = mnl_socket_open2(bus, SOCK_CLOEXEC);
	int code;

	if (!nl)
		return NULL;
	if (!mnl_socket_bind(nl, 0, MNL_SOCKET_AUTOPID) &&
	    !connect(mnl_socket_get_fd(nl), (const struct sockaddr *)&kernel,
		     sizeof(kernel)))
		return nl;
	code = errno;
	mnl_socket_close(nl);
	errno = code;
	return NULL;
}

/**
 * netlink_receive() - take what the kernel has sent
 * @nl: the connection
 * @buf: where to
 * @size: room there
 * @flags: MSG_DONTWAIT, or 0
 *
 * To a group, root of a network namespace may send as the kernel does, and a socket that
 * is connected receives that. Who waits for several things is to go on waiting then, so
 * it is not waited here for what comes next.
 *
 * Return: the length; 0 for what is not the kernel's, which is dropped; or a negative
 * errno: -ENOBUFS if messages were lost, -ENOSPC if this one is longer than @size.
 */
ssize_t netlink_receive(struct mnl_socket *nl, void *buf, size_t size, int flags)
{
	struct iovec iov = { .iov_base = buf, .iov_len = size };
	struct sockaddr_nl from = { 0 };
	struct msghdr msg = {
		.msg_name = &from, .msg_namelen = sizeof(from),
		.msg_iov = &iov, .msg_iovlen = 1,
	};
	ssize_t len;

	do {
		len = recvmsg(mnl_socket_get_fd(nl), &msg, flags);
	} while (len < 0 && errno == EINTR);
	if (len < 0)
		return -errno;
	if (msg.msg_namelen != sizeof(from) || from.nl_pid)
		return 0;
	return msg.msg_flags & MSG_TRUNC ? -ENOSPC : len;
}
