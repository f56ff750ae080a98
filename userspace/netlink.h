/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef NETLINK_H
#define NETLINK_H

#include <stddef.h>
#include <sys/types.h>

struct mnl_socket;

struct mnl_socket *netlink_open(int bus);
ssize_t netlink_receive(struct mnl_socket *nl, void *buf, size_t size, int flags);

#endif
