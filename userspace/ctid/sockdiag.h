/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef CTID_SOCKDIAG_H
#define CTID_SOCKDIAG_H

#include "../error.h"
#include "endpoint.h"

/**
 * struct sockdiag - a socket, as the kernel tells of it
 * @proto: its protocol, or PROTO_MPTCP
 * @state: TCP_ESTABLISHED and so on, also of other protocols
 * @local: where it is bound
 * @peer: where it is connected
 * @inode: of its file, 0 if it has none
 * @uid: who owns it
 * @cgroup: id of the cgroup that it was made in, 0 if that is not known
 */
struct sockdiag {
	uint16_t proto;
	uint8_t state;
	struct endpoint local, peer;
	uint32_t inode;
	uint32_t uid;
	uint64_t cgroup;
};

/**
 * typedef sockdiag_cb - is given each socket
 * @sock: the socket
 * @data: as given to sockdiag_each()
 *
 * Return: 0 or a negative errno, which ends the list.
 */
typedef int (*sockdiag_cb)(const struct sockdiag *sock, void *data);

int sockdiag_each(sockdiag_cb cb, void *data, struct ctid_err *err);
const char *sockdiag_state(uint8_t state);

#endif /* CTID_SOCKDIAG_H */
