// SPDX-License-Identifier: GPL-2.0-only
/* Operations: send with an address, in all the ways there are. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/udp.h>
#include <poll.h>
#include <stdint.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "sockcall.h"

/* Source address that "pktinfo" chose for the next sendmsg. */
static struct addr source;

/* An echo request, which is what ping sockets insist on; data to the others. */
static char data[64];

static struct iovec payload(void)
{
	socklen_t len = sizeof(int);
	int protocol = 0, type = 0;

	memset(data, 0, sizeof(data));
	getsockopt(sock, SOL_SOCKET, SO_PROTOCOL, &protocol, &len);
	len = sizeof(int);
	getsockopt(sock, SOL_SOCKET, SO_TYPE, &type, &len);
	data[0] = protocol == IPPROTO_ICMPV6 ? (char)128 : 8;
	if (type == SOCK_RAW && protocol == IPPROTO_RAW)
		data[0] = 0x45;
	return (struct iovec){ .iov_base = data, .iov_len = sizeof(data) };
}

static int result(ssize_t n)
{
	/* Fast open without a cookie is a connect that goes on by itself. */
	if (n < 0 && errno == EINPROGRESS)
		return 0;
	return n < 0 ? -1 : 0;
}

static int send_flags(const char *to, int flags)
{
	struct iovec iov = payload();
	struct addr a;

	set_addr(&a, to);
	return result(sendto(sock, iov.iov_base, iov.iov_len, flags,
			     (struct sockaddr *)&a.ss, a.len));
}

static int op_send(char **args)
{
	struct iovec iov = payload();

	(void)args;
	return result(send(sock, iov.iov_base, iov.iov_len, 0));
}

static int op_sendto(char **args)
{
	return send_flags(args[0], 0);
}

static int op_sendmore(char **args)
{
	return send_flags(args[0], MSG_MORE);
}

static int op_fastopen(char **args)
{
	return send_flags(args[0], MSG_FASTOPEN);
}

static void add_source(struct msghdr *msg, char *control)
{
	struct cmsghdr *cmsg = (struct cmsghdr *)control;

	if (!source.len)
		return;
	msg->msg_control = control;
	if (source.ss.ss_family == AF_INET) {
		struct in_pktinfo *info = (struct in_pktinfo *)CMSG_DATA(cmsg);

		cmsg->cmsg_level = IPPROTO_IP;
		cmsg->cmsg_type = IP_PKTINFO;
		cmsg->cmsg_len = CMSG_LEN(sizeof(*info));
		info->ipi_spec_dst = ((struct sockaddr_in *)&source.ss)->sin_addr;
	} else {
		struct in6_pktinfo *info = (struct in6_pktinfo *)CMSG_DATA(cmsg);

		cmsg->cmsg_level = IPPROTO_IPV6;
		cmsg->cmsg_type = IPV6_PKTINFO;
		cmsg->cmsg_len = CMSG_LEN(sizeof(*info));
		info->ipi6_addr = ((struct sockaddr_in6 *)&source.ss)->sin6_addr;
	}
	msg->msg_controllen = CMSG_SPACE(cmsg->cmsg_len - CMSG_LEN(0));
	source.len = 0;
}

/* A call of RxRPC's needs a number. */
static void add_call(struct msghdr *msg, char *control)
{
	struct cmsghdr *cmsg = (struct cmsghdr *)control;

	cmsg->cmsg_level = 272;	/* SOL_RXRPC */
	cmsg->cmsg_type = 1;	/* RXRPC_USER_CALL_ID */
	cmsg->cmsg_len = CMSG_LEN(sizeof(unsigned long));
	*CMSG_DATA(cmsg) = 1;
	msg->msg_control = control;
	msg->msg_controllen = CMSG_SPACE(sizeof(unsigned long));
}

static int send_msg(const char *to, int flags, bool many)
{
	union {
		char space[128];
		struct cmsghdr align;
	} control = { .space = { 0 } };
	struct iovec iov = payload();
	struct mmsghdr mmsg[2];
	struct addr a;
	int n;

	set_addr(&a, to);
	memset(mmsg, 0, sizeof(mmsg));
	mmsg[0].msg_hdr.msg_name = &a.ss;
	mmsg[0].msg_hdr.msg_namelen = a.len;
	mmsg[0].msg_hdr.msg_iov = &iov;
	mmsg[0].msg_hdr.msg_iovlen = 1;
	add_source(&mmsg[0].msg_hdr, control.space);
	if (is_rxrpc())
		add_call(&mmsg[0].msg_hdr, control.space);
	if (!many)
		return result(sendmsg(sock, &mmsg[0].msg_hdr, flags));
	mmsg[1] = mmsg[0];
	n = sendmmsg(sock, mmsg, 2, flags);
	return result(n);
}

static int op_sendmsg(char **args)
{
	return send_msg(args[0], 0, false);
}

static int op_sendmmsg(char **args)
{
	return send_msg(args[0], 0, true);
}

static int op_fastopen_msg(char **args)
{
	return send_msg(args[0], MSG_FASTOPEN, false);
}

static int op_fastopen_mmsg(char **args)
{
	return send_msg(args[0], MSG_FASTOPEN, true);
}

static int op_pktinfo(char **args)
{
	set_addr(&source, args[0]);
	return 0;
}

static int op_cork(char **args)
{
	int value = number(args[0]);

	return setsockopt(sock, IPPROTO_UDP, UDP_CORK, &value, sizeof(value));
}

static int op_recv(char **args)
{
	char buffer[256];

	(void)args;
	if (wait_for(sock, POLLIN) < 0)
		return -1;
	return result(recv(sock, buffer, sizeof(buffer), 0));
}

const struct op send_ops[] = {
	{ "send", 0, false, op_send },
	{ "sendto", 1, false, op_sendto },
	{ "sendmore", 1, false, op_sendmore },
	{ "sendmsg", 1, false, op_sendmsg },
	{ "sendmmsg", 1, false, op_sendmmsg },
	{ "fastopen", 1, false, op_fastopen },
	{ "fastopen_msg", 1, false, op_fastopen_msg },
	{ "fastopen_mmsg", 1, false, op_fastopen_mmsg },
	{ "pktinfo", 1, true, op_pktinfo },
	{ "cork", 1, true, op_cork },
	{ "recv", 0, false, op_recv },
	{ 0 }
};
