// SPDX-License-Identifier: GPL-2.0-only
/* The sockets of this network namespace, by sock_diag. */
#include <arpa/inet.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <libmnl/libmnl.h>
#include <linux/inet_diag.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

#include "../netlink.h"
#include "sockdiag.h"

/* The kernel fills up to 32 KiB at once in a dump. */
#define RECEIVE_SIZE	32768

/**
 * struct kind - a protocol that has sock_diag
 * @proto: its number
 * @module: it is asked only if this is loaded; NULL: always. To look must not
 *	load a protocol.
 */
static const struct kind {
	uint16_t proto;
	const char *module;
} kinds[] = {
	{ IPPROTO_TCP, NULL },
	{ IPPROTO_UDP, NULL },
	{ IPPROTO_UDPLITE, NULL },
	{ IPPROTO_RAW, NULL },
	{ PROTO_MPTCP, NULL },
	{ IPPROTO_SCTP, "/sys/module/sctp" },
	{ IPPROTO_DCCP, "/sys/module/dccp" },
};

/**
 * struct dump - a list on its way
 * @proto: which protocol was asked for
 * @cb: is given each socket
 * @data: for @cb
 * @result: what @cb returned
 */
struct dump {
	uint16_t proto;
	sockdiag_cb cb;
	void *data;
	int result;
};

/**
 * sockdiag_state() - name a state
 * @state: the state
 *
 * Return: its name, as ss(8) has it.
 */
const char *sockdiag_state(uint8_t state)
{
	static const char *const names[] = {
		[TCP_ESTABLISHED] = "established",
		[TCP_SYN_SENT] = "syn-sent",
		[TCP_SYN_RECV] = "syn-recv",
		[TCP_FIN_WAIT1] = "fin-wait-1",
		[TCP_FIN_WAIT2] = "fin-wait-2",
		[TCP_TIME_WAIT] = "time-wait",
		[TCP_CLOSE] = "unconnected",
		[TCP_CLOSE_WAIT] = "close-wait",
		[TCP_LAST_ACK] = "last-ack",
		[TCP_LISTEN] = "listen",
		[TCP_CLOSING] = "closing",
	};

	if (state >= sizeof(names) / sizeof(*names) || !names[state])
		return "unknown";
	return names[state];
}

static int take_attr(const struct nlattr *attr, void *data)
{
	struct sockdiag *sock = data;

	if (mnl_attr_get_type(attr) == INET_DIAG_CGROUP_ID &&
	    mnl_attr_validate(attr, MNL_TYPE_U64) >= 0)
		sock->cgroup = mnl_attr_get_u64(attr);
	if (mnl_attr_get_type(attr) == INET_DIAG_PROTOCOL &&
	    mnl_attr_validate(attr, MNL_TYPE_U8) >= 0)
		sock->proto = mnl_attr_get_u8(attr);
	return MNL_CB_OK;
}

static int take_socket(const struct nlmsghdr *nlh, void *data)
{
	const struct inet_diag_msg *msg = mnl_nlmsg_get_payload(nlh);
	struct dump *dump = data;
	struct sockdiag sock = { .proto = dump->proto };

	if (mnl_nlmsg_get_payload_len(nlh) < sizeof(*msg) ||
	    (msg->idiag_family != AF_INET && msg->idiag_family != AF_INET6))
		return MNL_CB_OK;
	sock.state = msg->idiag_state;
	sock.inode = msg->idiag_inode;
	sock.uid = msg->idiag_uid;
	mnl_attr_parse(nlh, sizeof(*msg), take_attr, &sock);
	/* The port of a raw socket is its protocol. */
	endpoint_set(&sock.local, msg->idiag_family, msg->id.idiag_src,
		     dump->proto == IPPROTO_RAW ? 0 : ntohs(msg->id.idiag_sport));
	endpoint_set(&sock.peer, msg->idiag_family, msg->id.idiag_dst,
		     ntohs(msg->id.idiag_dport));
	dump->result = dump->cb(&sock, dump->data);
	return dump->result ? MNL_CB_ERROR : MNL_CB_OK;
}

static int ask(struct mnl_socket *nl, uint8_t family, uint16_t proto,
	       uint32_t seq)
{
	char buf[256] __attribute__((aligned(NLMSG_ALIGNTO)));
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct inet_diag_req_v2 *req;

	nlh->nlmsg_type = SOCK_DIAG_BY_FAMILY;
	nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	nlh->nlmsg_seq = seq;
	req = mnl_nlmsg_put_extra_header(nlh, sizeof(*req));
	req->sdiag_family = family;
	req->sdiag_protocol = (uint8_t)proto;
	req->idiag_states = UINT32_MAX;
	if (proto > UINT8_MAX)
		mnl_attr_put_u32(nlh, INET_DIAG_REQ_PROTOCOL, proto);
	return mnl_socket_sendto(nl, nlh, nlh->nlmsg_len) < 0 ? -errno : 0;
}

/* A protocol that the kernel does not have, or cannot list, has no sockets. */
static int list(struct mnl_socket *nl, uint8_t family, uint32_t seq,
		struct dump *dump)
{
	char buf[RECEIVE_SIZE] __attribute__((aligned(NLMSG_ALIGNTO)));
	ssize_t len;
	int ret;

	ret = ask(nl, family, dump->proto, seq);
	if (ret)
		return ret;
	do {
		len = netlink_receive(nl, buf, sizeof(buf), 0);
		if (len < 0)
			return (int)len;
		ret = mnl_cb_run(buf, (size_t)len, seq, mnl_socket_get_portid(nl),
				 take_socket, dump);
	} while (ret > MNL_CB_STOP);
	if (ret == MNL_CB_STOP || dump->result)
		return dump->result;
	return errno == ENOENT || errno == EOPNOTSUPP || errno == EINVAL ?
	       0 : -errno;
}

/**
 * sockdiag_each() - list the sockets of this network namespace
 * @cb: is given each, in no order
 * @data: for @cb
 * @err: why it failed
 *
 * Return: 0 or a negative errno, of @cb or the kernel.
 */
int sockdiag_each(sockdiag_cb cb, void *data, struct ctid_err *err)
{
	static const uint8_t families[] = { AF_INET, AF_INET6 };
	struct dump dump = { .cb = cb, .data = data };
	struct mnl_socket *nl;
	uint32_t seq = 0;
	size_t i, j;
	int ret = 0;

	nl = netlink_open(NETLINK_SOCK_DIAG);
	if (!nl)
		ret = -errno;
	for (i = 0; i < sizeof(kinds) / sizeof(*kinds) && !ret; i++) {
		if (kinds[i].module && access(kinds[i].module, F_OK))
			continue;
		dump.proto = kinds[i].proto;
		for (j = 0; j < sizeof(families) && !ret; j++)
			ret = list(nl, families[j], ++seq, &dump);
	}
	if (nl)
		mnl_socket_close(nl);
	return ret ? err_set(err, -ret, "cannot list sockets: %s",
			     strerror(-ret)) : 0;
}
