// SPDX-License-Identifier: GPL-2.0-only
/* A client of the generic netlink family "container_id". */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include <libmnl/libmnl.h>
#include <linux/genetlink.h>

#include "netlink.h"
#include "registry.h"

/* The kernel fills up to 32 KiB at once in a dump. */
#define RECEIVE_SIZE	32768

typedef int (*raw_cb)(struct registry *reg, const struct nlmsghdr *nlh,
		      void *data);

/**
 * struct answer - how far the answer to a request has come
 * @cb: is given each message
 * @data: for @cb
 * @result: 0 or the first error
 * @interrupted: a dump that is not consistent
 * @done: it is complete
 */
struct answer {
	raw_cb cb;
	void *data;
	int result;
	bool interrupted;
	bool done;
};

static const enum mnl_attr_data_type attr_types[CONTAINER_ID_A_MAX + 1] = {
	[CONTAINER_ID_A_ID]		= MNL_TYPE_U32,
	[CONTAINER_ID_A_NAME]		= MNL_TYPE_NUL_STRING,
	[CONTAINER_ID_A_CGROUP_ID]	= MNL_TYPE_U64,
	[CONTAINER_ID_A_CGROUP_GONE]	= MNL_TYPE_FLAG,
	[CONTAINER_ID_A_NBINDINGS]	= MNL_TYPE_U32,
	[CONTAINER_ID_A_MARK]		= MNL_TYPE_U32,
	[CONTAINER_ID_A_PRIORITY]	= MNL_TYPE_U32,
	[CONTAINER_ID_A_CLASSID]	= MNL_TYPE_U32,
	[CONTAINER_ID_A_FLOW_FIXED]	= MNL_TYPE_U8,
};

static void decode_flow(const struct nlattr *attr, struct flow *flow)
{
	switch (mnl_attr_get_type(attr)) {
	case CONTAINER_ID_A_MARK:
		flow->set |= CONTAINER_ID_FLOW_MARK;
		flow->mark = mnl_attr_get_u32(attr);
		break;
	case CONTAINER_ID_A_PRIORITY:
		flow->set |= CONTAINER_ID_FLOW_PRIORITY;
		flow->priority = mnl_attr_get_u32(attr);
		break;
	case CONTAINER_ID_A_CLASSID:
		flow->set |= CONTAINER_ID_FLOW_CLASSID;
		flow->classid = mnl_attr_get_u32(attr);
		break;
	case CONTAINER_ID_A_FLOW_FIXED:
		flow->fixed = mnl_attr_get_u8(attr);
		break;
	}
}

static int decode_attr(const struct nlattr *attr, struct registry_msg *msg)
{
	uint16_t type = mnl_attr_get_type(attr);

	if (type > CONTAINER_ID_A_MAX || !attr_types[type])
		return 0;
	if (mnl_attr_validate(attr, attr_types[type]) < 0)
		return -EPROTO;

	switch (type) {
	case CONTAINER_ID_A_ID:
		msg->id = mnl_attr_get_u32(attr);
		break;
	case CONTAINER_ID_A_NAME:
		if (mnl_attr_get_payload_len(attr) > sizeof(msg->name))
			return -EPROTO;
		strcpy(msg->name, mnl_attr_get_str(attr));
		break;
	case CONTAINER_ID_A_CGROUP_ID:
		msg->cgroup = mnl_attr_get_u64(attr);
		break;
	case CONTAINER_ID_A_CGROUP_GONE:
		msg->gone = true;
		break;
	case CONTAINER_ID_A_NBINDINGS:
		msg->nbindings = mnl_attr_get_u32(attr);
		break;
	default:
		decode_flow(attr, &msg->flow);
	}
	return 0;
}

static int decode(const struct nlmsghdr *nlh, struct registry_msg *msg)
{
	const struct genlmsghdr *genl = mnl_nlmsg_get_payload(nlh);
	const struct nlattr *attr;
	int ret = 0;

	if (mnl_nlmsg_get_payload_len(nlh) < sizeof(*genl))
		return -EPROTO;
	*msg = (struct registry_msg){ .cmd = genl->cmd };
	mnl_attr_for_each(attr, nlh, sizeof(*genl)) {
		ret = decode_attr(attr, msg);
		if (ret)
			break;
	}
	return ret;
}

static int keep_extack(const struct nlattr *attr, void *data)
{
	struct registry *reg = data;

	if (mnl_attr_get_type(attr) == NLMSGERR_ATTR_MSG &&
	    mnl_attr_validate(attr, MNL_TYPE_NUL_STRING) >= 0) {
		strncpy(reg->extack, mnl_attr_get_str(attr),
			sizeof(reg->extack) - 1);
	}
	return MNL_CB_OK;
}

/* The result in NLMSG_ERROR or at the end of a dump, and the kernel's words. */
static int take_result(struct registry *reg, const struct nlmsghdr *nlh)
{
	const struct nlmsgerr *error = mnl_nlmsg_get_payload(nlh);
	size_t offset = sizeof(int);

	if (mnl_nlmsg_get_payload_len(nlh) < sizeof(int))
		return nlh->nlmsg_type == NLMSG_DONE ? 0 : -EPROTO;
	if (nlh->nlmsg_type == NLMSG_ERROR) {
		offset = sizeof(*error);
		if (mnl_nlmsg_get_payload_len(nlh) < offset)
			return -EPROTO;
		if (!(nlh->nlmsg_flags & NLM_F_CAPPED))
			offset += mnl_nlmsg_get_payload_len(&error->msg);
	}
	if (nlh->nlmsg_flags & NLM_F_ACK_TLVS &&
	    mnl_nlmsg_get_payload_len(nlh) > offset)
		mnl_attr_parse(nlh, (unsigned int)offset, keep_extack, reg);
	return error->error;
}

static void take_message(struct registry *reg, const struct nlmsghdr *nlh,
			 struct answer *answer)
{
	int ret = 0;

	if (nlh->nlmsg_seq != reg->seq)
		return;
	if (nlh->nlmsg_flags & NLM_F_DUMP_INTR)
		answer->interrupted = true;
	if (nlh->nlmsg_type == NLMSG_DONE || nlh->nlmsg_type == NLMSG_ERROR) {
		answer->done = true;
		ret = take_result(reg, nlh);
	} else if (nlh->nlmsg_type >= NLMSG_MIN_TYPE && answer->cb) {
		ret = answer->cb(reg, nlh, answer->data);
	}
	if (!answer->result)
		answer->result = ret;
}

static int talk(struct registry *reg, raw_cb cb, void *data)
{
	char buf[RECEIVE_SIZE] __attribute__((aligned(NLMSG_ALIGNTO)));
	struct answer answer = { .cb = cb, .data = data };
	const struct nlmsghdr *nlh;
	ssize_t got;
	int len;

	reg->extack[0] = '\0';
	if (mnl_socket_sendto(reg->nl, &reg->request.nlh,
			      reg->request.nlh.nlmsg_len) < 0)
		return -errno;
	while (!answer.done) {
		got = netlink_receive(reg->nl, buf, sizeof(buf), 0);
		if (got < 0)
			return (int)got;
		len = (int)got;
		for (nlh = (void *)buf; mnl_nlmsg_ok(nlh, len);
		     nlh = mnl_nlmsg_next(nlh, &len))
			take_message(reg, nlh, &answer);
	}
	if (!answer.result && answer.interrupted)
		return -EINTR;
	return answer.result;
}

static struct nlmsghdr *new_request(struct registry *reg, uint16_t type,
				    uint8_t cmd, uint8_t version,
				    uint16_t flags)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(&reg->request);
	struct genlmsghdr *genl;

	nlh->nlmsg_type = type;
	nlh->nlmsg_flags = NLM_F_REQUEST | flags;
	nlh->nlmsg_seq = ++reg->seq;
	genl = mnl_nlmsg_put_extra_header(nlh, sizeof(*genl));
	genl->cmd = cmd;
	genl->version = version;
	return nlh;
}

/**
 * registry_request() - begin a request
 * @reg: open connection
 * @cmd: CONTAINER_ID_CMD_*
 *
 * Return: the message; attributes can be put into it.
 */
struct nlmsghdr *registry_request(struct registry *reg, uint8_t cmd)
{
	return new_request(reg, reg->family, cmd, CONTAINER_ID_GENL_VERSION,
			   NLM_F_ACK);
}

/**
 * registry_dump_request() - begin a request for all of something
 * @reg: open connection
 * @cmd: CONTAINER_ID_CMD_GET or CONTAINER_ID_CMD_GET_BINDING
 *
 * Return: the message; attributes can be put into it.
 */
struct nlmsghdr *registry_dump_request(struct registry *reg, uint8_t cmd)
{
	return new_request(reg, reg->family, cmd, CONTAINER_ID_GENL_VERSION,
			   NLM_F_DUMP);
}

struct decoded_cb {
	registry_cb cb;
	void *data;
};

static int decode_and_call(struct registry *reg, const struct nlmsghdr *nlh,
			   void *data)
{
	const struct decoded_cb *to = data;
	struct registry_msg msg;
	int ret;

	if (nlh->nlmsg_type != reg->family || !to->cb)
		return 0;
	ret = decode(nlh, &msg);
	return ret ? ret : to->cb(&msg, to->data);
}

/**
 * registry_talk() - send the request and take the answer
 * @reg: open connection with a request
 * @cb: is given each message of the answer, or NULL
 * @data: for @cb
 *
 * Return: 0 or a negative errno: the kernel's, @cb's, or -EINTR for a dump that
 * is not consistent and has to be repeated.
 */
int registry_talk(struct registry *reg, registry_cb cb, void *data)
{
	struct decoded_cb to = { cb, data };

	return talk(reg, decode_and_call, &to);
}

static int keep_msg(const struct registry_msg *msg, void *data)
{
	*(struct registry_msg *)data = *msg;
	return 0;
}

/**
 * registry_get() - look up one container
 * @reg: open connection
 * @name: its name, or NULL
 * @id: its id if @name is NULL
 * @msg: filled with its id, name, flow ids and how many cgroups are bound to it
 *
 * Return: 0 or a negative errno, -ENOENT if there is none.
 */
int registry_get(struct registry *reg, const char *name, uint32_t id,
		 struct registry_msg *msg)
{
	struct nlmsghdr *nlh = registry_request(reg, CONTAINER_ID_CMD_GET);

	*msg = (struct registry_msg){ 0 };
	if (name)
		mnl_attr_put_strz(nlh, CONTAINER_ID_A_NAME, name);
	else
		mnl_attr_put_u32(nlh, CONTAINER_ID_A_ID, id);
	return registry_talk(reg, keep_msg, msg);
}

/**
 * registry_strerror() - why the last request failed
 * @reg: the connection
 * @code: what registry_talk() returned
 *
 * Return: the kernel's words if it had any, or those for the errno.
 */
const char *registry_strerror(const struct registry *reg, int code)
{
	return reg->extack[0] ? reg->extack : strerror(code < 0 ? -code : code);
}

/**
 * registry_why() - the same, and what to do about it if that is clear
 * @reg: the connection
 * @code: what registry_talk() returned
 *
 * Return: the end of a message.
 */
const char *registry_why(const struct registry *reg, int code)
{
	return code == -EPERM ? "needs root (CAP_NET_ADMIN)" :
				registry_strerror(reg, code);
}

/**
 * registry_subscribe() - from now on, receive notifications
 * @reg: open connection; it is of no use for requests any more
 *
 * Return: 0 or a negative errno.
 */
int registry_subscribe(struct registry *reg)
{
	int group = (int)reg->changes;

	if (!group)
		return -EOPNOTSUPP;
	if (mnl_socket_setsockopt(reg->nl, NETLINK_ADD_MEMBERSHIP, &group,
				  sizeof(group)) < 0)
		return -errno;
	return 0;
}

/**
 * registry_next() - wait for notifications
 * @reg: connection that has subscribed
 * @cb: is given each
 * @data: for @cb
 *
 * What another than the kernel sends ends the wait, too, but @cb is not given it.
 *
 * Return: 0 or a negative errno, -ENOBUFS if some were lost.
 */
int registry_next(struct registry *reg, registry_cb cb, void *data)
{
	char buf[RECEIVE_SIZE] __attribute__((aligned(NLMSG_ALIGNTO)));
	ssize_t got = netlink_receive(reg->nl, buf, sizeof(buf), 0);
	struct decoded_cb to = { cb, data };
	const struct nlmsghdr *nlh;
	int len = (int)got;
	int ret = 0;

	if (got < 0)
		return (int)got;
	for (nlh = (void *)buf; !ret && mnl_nlmsg_ok(nlh, len);
	     nlh = mnl_nlmsg_next(nlh, &len))
		ret = decode_and_call(reg, nlh, &to);
	return ret;
}

/* The only group that the family has. */
static void find_group(struct registry *reg, const struct nlattr *groups)
{
	const struct nlattr *group, *attr;

	mnl_attr_for_each_nested(group, groups)
		mnl_attr_for_each_nested(attr, group)
			if (mnl_attr_get_type(attr) == CTRL_ATTR_MCAST_GRP_ID &&
			    mnl_attr_validate(attr, MNL_TYPE_U32) >= 0)
				reg->changes = mnl_attr_get_u32(attr);
}

static int take_family(struct registry *reg, const struct nlmsghdr *nlh,
		       void *data)
{
	const struct nlattr *attr;

	(void)data;
	mnl_attr_for_each(attr, nlh, sizeof(struct genlmsghdr)) {
		switch (mnl_attr_get_type(attr)) {
		case CTRL_ATTR_FAMILY_ID:
			if (mnl_attr_validate(attr, MNL_TYPE_U16) < 0)
				return -EPROTO;
			reg->family = mnl_attr_get_u16(attr);
			break;
		case CTRL_ATTR_MCAST_GROUPS:
			find_group(reg, attr);
			break;
		}
	}
	return reg->family ? 0 : -EPROTO;
}

/**
 * registry_connect() - connect to a generic netlink family
 * @reg: the connection, to be closed with registry_close(), also after a
 *	failure
 * @family: the family's name
 *
 * Return: 0 or a negative errno, -ENOENT if the kernel does not have it.
 */
int registry_connect(struct registry *reg, const char *family)
{
	struct nlmsghdr *nlh;
	int on = 1;

	*reg = (struct registry){ .seq = (uint32_t)time(NULL) };
	reg->nl = netlink_open(NETLINK_GENERIC);
	if (!reg->nl)
		return -errno;
	/* Without them the errors are terser, but no less errors. */
	mnl_socket_setsockopt(reg->nl, NETLINK_EXT_ACK, &on, sizeof(on));
	mnl_socket_setsockopt(reg->nl, NETLINK_CAP_ACK, &on, sizeof(on));

	/* The kernel loads the module for this, if there is one. */
	nlh = new_request(reg, GENL_ID_CTRL, CTRL_CMD_GETFAMILY, 1, NLM_F_ACK);
	mnl_attr_put_strz(nlh, CTRL_ATTR_FAMILY_NAME, family);
	return talk(reg, take_family, NULL);
}

/**
 * registry_open() - connect to the registry of this network namespace
 * @reg: the connection, to be closed with registry_close(), also after a
 *	failure
 * @err: why it failed and what to do
 *
 * Return: 0 or a negative errno, -ENOENT if the kernel has no container ids.
 */
int registry_open(struct registry *reg, struct ctid_err *err)
{
	int ret;

	ret = registry_connect(reg, CONTAINER_ID_GENL_NAME);
	if (ret == -ENOENT)
		return err_set(err, ENOENT,
			       "the kernel has no container ids: 'modprobe container_id' says why not");
	if (ret)
		return err_set(err, -ret, "cannot reach the kernel by netlink: %s",
			       registry_strerror(reg, ret));
	return 0;
}

/**
 * registry_close() - end the connection
 * @reg: the connection
 */
void registry_close(struct registry *reg)
{
	if (reg->nl)
		mnl_socket_close(reg->nl);
	reg->nl = NULL;
}
