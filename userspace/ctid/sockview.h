/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef CTID_SOCKVIEW_H
#define CTID_SOCKVIEW_H

#include <jansson.h>

#include "netns.h"
#include "owners.h"
#include "procs.h"
#include "sockdiag.h"

/** Room for what sockview_netns_label() writes. */
#define NETNS_LABEL	100

/**
 * struct socket - a socket, where it is, and whose
 * @diag: what the kernel tells of it
 * @netns: index of its network namespace
 * @known: it could be found out whose it is
 * @id: its owning container, 0 for none
 */
struct socket {
	struct sockdiag diag;
	size_t netns;
	bool known;
	uint32_t id;
};

/**
 * struct sockview - all sockets that the caller may see
 * @at: the sockets, ordered by container, namespace, protocol and address
 * @n: how many
 * @room: how many there is memory for
 * @netns: their network namespaces
 * @nnetns: how many
 * @owners: whose they are
 * @procs: who has them open
 * @missed: what could not be looked into
 * @unknown: how many sockets were made in a cgroup that cannot be asked about
 */
struct sockview {
	struct socket *at;
	size_t n, room;
	struct netns *netns;
	size_t nnetns;
	struct owners owners;
	struct procs procs;
	struct netns_missed missed;
	size_t unknown;
};

int sockview_take(struct sockview *view, struct ctid *ctx);
void sockview_free(struct sockview *view);
void sockview_warn(const struct sockview *view, bool left_out);
void sockview_netns_label(char text[NETNS_LABEL], const struct netns *netns);

#endif /* CTID_SOCKVIEW_H */
