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
