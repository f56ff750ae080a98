// SPDX-License-Identifier: GPL-2.0-only
/*
 * Netlink to nf_tables: requests, and transactions that the kernel refuses if
 * the rule set is not the one any more that they were made for.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include <arpa/inet.h>
#include <libnftnl/common.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>

#include "../userspace/netlink.h"
#include "nfnl.h"

/** The kernel fills up to 32 KiB at once in a dump. */
#define RECEIVE_SIZE	32768

static bool is_builtin(void)
{
	char line[512], path[sizeof(struct utsname) + 64];
	struct utsname host;
	bool found = false;
	FILE *file;

	if (uname(&host))
		return false;
	snprintf(path, sizeof(path), "/lib/modules/%s/modules.builtin",
		 host.release);
	file = fopen(path, "re");
	if (!file)
		return false;
	while (!found && fgets(line, sizeof(line), file))
		found = strstr(line, "/nf_tables.ko") != NULL;
	fclose(file);
	return found;
}

/**
 * nfnl_loaded() - can there be any set at all?
 *
 * To ask the kernel would have it load nf_tables on a host that does without.
 *
 * Return: true if nf_tables is in the kernel.
 */
bool nfnl_loaded(void)
{
	return !access("/sys/module/nf_tables", F_OK) || is_builtin();
}

/**
 * nfnl_open() - connect to nf_tables
 * @nfnl: the connection
 * @group: multicast group whose messages it is to receive, or 0
 *
 * Return: 0 or a negative errno.
 */
int nfnl_open(struct nfnl *nfnl, int group)
{
	int code, on = 1;

	*nfnl = (struct nfnl){ .group = group, .seq = (uint32_t)time(NULL) };
	nfnl->nl = netlink_open(NETLINK_NETFILTER);
	if (!nfnl->nl)
		return -errno;
	/* Errors need not come with the message that they are about. */
	mnl_socket_setsockopt(nfnl->nl, NETLINK_CAP_ACK, &on, sizeof(on));
	if (!group || !mnl_socket_setsockopt(nfnl->nl, NETLINK_ADD_MEMBERSHIP,
					     &group, sizeof(group)))
		return 0;
	code = errno;
	nfnl_close(nfnl);
	return -code;
}

/**
 * nfnl_close() - end the connection
 * @nfnl: open or zeroed
 */
void nfnl_close(struct nfnl *nfnl)
{
	if (nfnl->nl)
		mnl_socket_close(nfnl->nl);
	nfnl->nl = NULL;
}

/*
 * What failed may have left the rest of an answer in the socket, or a dump going
 * on, and the next request would take that for its own answer. If there can be no
 * other socket, it fails, and comes here again.
 */
static void renew(struct nfnl *nfnl)
{
	struct nfnl fresh;

	if (nfnl_open(&fresh, nfnl->group))
		return;
	fresh.seq = nfnl->seq;
	nfnl_close(nfnl);
	*nfnl = fresh;
}

/**
 * nfnl_header() - begin a request
 * @nfnl: open
 * @buf: where to
 * @type: NFT_MSG_*
 * @family: NFPROTO_*
 * @flags: NLM_F_DUMP, or NLM_F_ACK for the answer to end
 *
 * Return: the message; attributes can be put into it.
 */
struct nlmsghdr *nfnl_header(struct nfnl *nfnl, char *buf, uint16_t type,
			     uint32_t family, uint16_t flags)
{
	return nftnl_nlmsg_build_hdr(buf, type, (uint16_t)family, flags,
				     ++nfnl->seq);
}

static int take_answer(struct nfnl *nfnl, uint32_t seq, mnl_cb_t cb, void *data)
{
	unsigned int port = mnl_socket_get_portid(nfnl->nl);
	char buf[RECEIVE_SIZE] __attribute__((aligned(NLMSG_ALIGNTO)));
	ssize_t len;
	int ret;

	do {
		len = netlink_receive(nfnl->nl, buf, sizeof(buf), 0);
		if (len < 0)
			return (int)len;
		ret = mnl_cb_run(buf, (size_t)len, seq, port, cb, data);
	} while (ret > MNL_CB_STOP);
	return ret < 0 ? -errno : 0;
}

/**
 * nfnl_request() - send a request and take the answer
 * @nfnl: open
 * @nlh: the request
 * @cb: is given each message of the answer, or NULL; MNL_CB_ERROR ends it, with
 *	errno
 * @data: for @cb
 *
 * Return: 0 or a negative errno, -EINTR for a dump during which the rule set
 * changed. The connection can be used again either way.
 */
int nfnl_request(struct nfnl *nfnl, struct nlmsghdr *nlh, mnl_cb_t cb,
		 void *data)
{
	int ret;

	if (mnl_socket_sendto(nfnl->nl, nlh, nlh->nlmsg_len) < 0)
		return -errno;
	ret = take_answer(nfnl, nlh->nlmsg_seq, cb, data);
	if (ret)
		renew(nfnl);
	return ret;
}

static int take_generation(const struct nlmsghdr *nlh, void *data)
{
	const struct nlattr *attr;

	mnl_attr_for_each(attr, nlh, sizeof(struct nfgenmsg))
		if (mnl_attr_get_type(attr) == NFTA_GEN_ID &&
		    mnl_attr_validate(attr, MNL_TYPE_U32) >= 0)
			*(uint32_t *)data = ntohl(mnl_attr_get_u32(attr));
	return MNL_CB_OK;
}

/**
 * nfnl_generation() - number the state of the rule set
 * @nfnl: open
 * @generation: a number that each change of the rule set increases
 *
 * Return: 0 or a negative errno.
 */
int nfnl_generation(struct nfnl *nfnl, uint32_t *generation)
{
	char buf[256] __attribute__((aligned(NLMSG_ALIGNTO)));
	struct nlmsghdr *nlh;

	nlh = nfnl_header(nfnl, buf, NFT_MSG_GETGEN, AF_UNSPEC, NLM_F_ACK);
	return nfnl_request(nfnl, nlh, take_generation, generation);
}

/* Errors of a batch are there when it is sent: the kernel works in the call. */
static int take_errors(struct nfnl *nfnl, uint32_t *failed)
{
	char buf[RECEIVE_SIZE] __attribute__((aligned(NLMSG_ALIGNTO)));
	const struct nlmsgerr *error;
	const struct nlmsghdr *nlh;
	int ret = 0, len;

	for (;;) {
		len = (int)netlink_receive(nfnl->nl, buf, sizeof(buf),
					   MSG_DONTWAIT);
		if (len < 0)
			return ret || len == -EAGAIN ? ret : len;
		for (nlh = (void *)buf; mnl_nlmsg_ok(nlh, len);
		     nlh = mnl_nlmsg_next(nlh, &len)) {
			error = mnl_nlmsg_get_payload(nlh);
			if (ret || nlh->nlmsg_type != NLMSG_ERROR ||
			    mnl_nlmsg_get_payload_len(nlh) < sizeof(*error))
				continue;
			*failed = nlh->nlmsg_seq;
			ret = error->error;
		}
	}
}

/**
 * nfnl_drain() - take what has come without looking at it
 * @nfnl: open, with a group
 *
 * Return: 0 or a negative errno; that some was lost is none.
 */
int nfnl_drain(struct nfnl *nfnl)
{
	uint32_t failed;
	int ret = take_errors(nfnl, &failed);

	return ret == -ENOBUFS ? 0 : ret;
}

/* The last message has its length; make room for another. */
static int next_message(struct nfnl_batch *batch)
{
	char *bigger;

	if (batch->last)
		batch->len += MNL_ALIGN(batch->last->nlmsg_len);
	batch->last = NULL;
	if (batch->size - batch->len >= NFNL_MESSAGE_MAX)
		return 0;
	bigger = realloc(batch->buf, batch->size * 2 + NFNL_MESSAGE_MAX);
	if (!bigger)
		return -ENOMEM;
	batch->buf = bigger;
	batch->size = batch->size * 2 + NFNL_MESSAGE_MAX;
	return 0;
}

/**
 * nfnl_batch_begin() - begin a transaction
 * @batch: to be freed with nfnl_batch_free()
 * @nfnl: open
 * @generation: it is to be refused with -ERESTART if this is not the rule set's
 *	any more
 *
 * Return: 0 or -ENOMEM.
 */
int nfnl_batch_begin(struct nfnl_batch *batch, struct nfnl *nfnl,
		     uint32_t generation)
{
	*batch = (struct nfnl_batch){ .seq = ++nfnl->seq };
	batch->begin = batch->seq;
	if (next_message(batch))
		return -ENOMEM;
	batch->last = nftnl_batch_begin(batch->buf, batch->seq);
	mnl_attr_put_u32(batch->last, NFNL_BATCH_GENID, htonl(generation));
	return 0;
}

/**
 * nfnl_batch_add() - begin another message of a transaction
 * @batch: begun
 * @type: NFT_MSG_*
 * @family: NFPROTO_*
 * @flags: NLM_F_CREATE and the like
 *
 * Return: the message, to which up to NFNL_MESSAGE_MAX bytes can be added before
 * the next call, or NULL without memory.
 */
struct nlmsghdr *nfnl_batch_add(struct nfnl_batch *batch, uint16_t type,
				uint32_t family, uint16_t flags)
{
	if (next_message(batch))
		return NULL;
	batch->last = nftnl_nlmsg_build_hdr(batch->buf + batch->len, type,
					    (uint16_t)family, flags,
					    ++batch->seq);
	return batch->last;
}

/* Up to what the administrator allows, if we may not have more. */
static void make_room(int fd, size_t len)
{
	int size = (int)len;

	if (setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size)))
		setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
}

/**
 * nfnl_batch_send() - end the transaction and have it done
 * @batch: begun
 * @nfnl: open
 * @failed: sequence number of the first message that failed
 *
 * Return: 0, or a negative errno after which nothing has changed, -ERESTART if
 * the rule set is another one by now. The connection can be used again either
 * way.
 */
int nfnl_batch_send(struct nfnl_batch *batch, struct nfnl *nfnl,
		    uint32_t *failed)
{
	int ret;

	*failed = batch->begin;
	if (next_message(batch))
		return -ENOMEM;
	batch->last = nftnl_batch_end(batch->buf + batch->len, ++batch->seq);
	batch->len += MNL_ALIGN(batch->last->nlmsg_len);
	batch->last = NULL;
	nfnl->seq = batch->seq;
	make_room(mnl_socket_get_fd(nfnl->nl), batch->len);
	if (mnl_socket_sendto(nfnl->nl, batch->buf, batch->len) < 0)
		return -errno;
	ret = take_errors(nfnl, failed);
	if (ret)
		renew(nfnl);
	return ret;
}

/**
 * nfnl_batch_free() - forget a transaction
 * @batch: begun, or zeroed
 */
void nfnl_batch_free(struct nfnl_batch *batch)
{
	free(batch->buf);
	*batch = (struct nfnl_batch){ 0 };
}
