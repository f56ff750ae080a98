/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef NETLINK_H
#define NETLINK_H

struct mnl_socket *netlink_open(int bus);

#endif
