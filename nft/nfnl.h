/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef CTID_NFNL_H
#define CTID_NFNL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <libmnl/libmnl.h>

/**
 * struct nfnl - a connection to nf_tables of this network namespace
 * @nl: netlink socket, or NULL
 * @group: multicast group that it is a member of, or 0
 * @seq: sequence number of the last message
 */
struct nfnl {
	struct mnl_socket *nl;
	int group;
	uint32_t seq;
};

/**
 * struct nfnl_batch - a transaction that is being put together
 * @buf: its messages
 * @size: room in @buf
 * @len: length of all messages but the last
 * @last: the last message, which may still grow, or NULL
 * @begin: sequence number of the first message
 * @seq: sequence number of the last one
 */
struct nfnl_batch {
	char *buf;
	size_t size;
	size_t len;
	struct nlmsghdr *last;
	uint32_t begin;
	uint32_t seq;
};

/** What one message of a batch may have, with its header. */
#define NFNL_MESSAGE_MAX	32768

bool nfnl_loaded(void);
int nfnl_open(struct nfnl *nfnl, int group);
void nfnl_close(struct nfnl *nfnl);
int nfnl_request(struct nfnl *nfnl, struct nlmsghdr *nlh, mnl_cb_t cb,
		 void *data);
struct nlmsghdr *nfnl_header(struct nfnl *nfnl, char *buf, uint16_t type,
			     uint32_t family, uint16_t flags);
int nfnl_generation(struct nfnl *nfnl, uint32_t *generation);
int nfnl_drain(struct nfnl *nfnl);

int nfnl_batch_begin(struct nfnl_batch *batch, struct nfnl *nfnl,
		     uint32_t generation);
struct nlmsghdr *nfnl_batch_add(struct nfnl_batch *batch, uint16_t type,
				uint32_t family, uint16_t flags);
int nfnl_batch_send(struct nfnl_batch *batch, struct nfnl *nfnl,
		    uint32_t *failed);
void nfnl_batch_free(struct nfnl_batch *batch);

#endif /* CTID_NFNL_H */
