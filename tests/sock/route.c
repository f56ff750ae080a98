// SPDX-License-Identifier: GPL-2.0-only
/*
 * Operations that lead a packet elsewhere than its address says, or try to have
 * the address misread: routing headers, source routes, odd control messages.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdint.h>
#include <string.h>
#include <sys/uio.h>

#include <linux/sctp.h>	/* leans on those above */

#include "sockcall.h"

/* A segment routing header with one segment, which is the packet's destination. */
struct routing_header {
	uint8_t next, length, type, left, last, flags;
	uint16_t tag;
	struct in6_addr segment;
};

static struct routing_header routing_header(const char *text)
{
	struct routing_header header = { .length = 2, .type = 4 };
	struct addr a;

	set_addr(&a, text);
	header.segment = ((struct sockaddr_in6 *)&a.ss)->sin6_addr;
	return header;
}

static int op_rthdr(char **args)
{
	struct routing_header header = routing_header(args[0]);

	return setsockopt(sock, IPPROTO_IPV6, IPV6_RTHDR, &header, sizeof(header));
}

static int op_no_rthdr(char **args)
{
	(void)args;
	return setsockopt(sock, IPPROTO_IPV6, IPV6_RTHDR, NULL, 0);
}

static int op_lsrr(char **args)
{
	uint8_t option[8] = { 1, 131, 7, 4 };
	struct addr a;

	set_addr(&a, args[0]);
	memcpy(option + 4, &((struct sockaddr_in *)&a.ss)->sin_addr, 4);
	return setsockopt(sock, IPPROTO_IP, IP_OPTIONS, option, sizeof(option));
}

static int op_router_alert(char **args)
{
	uint8_t option[4] = { 148, 4 };

	(void)args;
	return setsockopt(sock, IPPROTO_IP, IP_OPTIONS, option, sizeof(option));
}

static int op_unicast_if(char **args)
{
	uint32_t index = htonl(if_nametoindex(args[0]));

	return setsockopt(sock, IPPROTO_IP, IP_UNICAST_IF, &index, sizeof(index));
}

/* Sends to an address, with one control message. */
static int send_control(const char *to, int level, int type, const void *data,
			size_t len)
{
	union {
		char space[CMSG_SPACE(64)];
		struct cmsghdr align;
	} control = { .space = { 0 } };
	struct iovec iov = { .iov_base = "x", .iov_len = 1 };
	struct addr a;
	struct msghdr msg = {
		.msg_name = &a.ss, .msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = &control, .msg_controllen = CMSG_SPACE(len),
	};
	struct cmsghdr *cmsg = CMSG_FIRSTHDR(&msg);

	set_addr(&a, to);
	msg.msg_namelen = a.len;
	cmsg->cmsg_level = level;
	cmsg->cmsg_type = type;
	cmsg->cmsg_len = CMSG_LEN(len);
	memcpy(CMSG_DATA(cmsg), data, len);
	return sendmsg(sock, &msg, 0) < 0 ? -1 : 0;
}

/* TO VIA */
static int op_send_rthdr(char **args)
{
	struct routing_header header = routing_header(args[1]);

	return send_control(args[0], IPPROTO_IPV6, IPV6_RTHDR, &header, sizeof(header));
}

/* TO SOURCE: as IPv6 has it, v4-mapped. */
static int op_send_mapped(char **args)
{
	struct in6_pktinfo info = { .ipi6_ifindex = 0 };
	struct addr a;

	set_addr(&a, args[1]);
	info.ipi6_addr.s6_addr[10] = 0xff;
	info.ipi6_addr.s6_addr[11] = 0xff;
	memcpy(&info.ipi6_addr.s6_addr[12],
	       &((struct sockaddr_in *)&a.ss)->sin_addr, 4);
	return send_control(args[0], IPPROTO_IPV6, IPV6_PKTINFO, &info, sizeof(info));
}

/* TO OTHER: one more address for the association. */
static int op_send_dst(char **args)
{
	struct addr a;

	set_addr(&a, args[1]);
	return send_control(args[0], IPPROTO_SCTP, SCTP_DSTADDRV4,
			    &((struct sockaddr_in *)&a.ss)->sin_addr, 4);
}

const struct op route_ops[] = {
	{ "rthdr", 1, false, op_rthdr },
	{ "no_rthdr", 0, false, op_no_rthdr },
	{ "lsrr", 1, false, op_lsrr },
	{ "router_alert", 0, false, op_router_alert },
	{ "unicast_if", 1, true, op_unicast_if },
	{ "send_rthdr", 2, false, op_send_rthdr },
	{ "send_mapped", 2, false, op_send_mapped },
	{ "send_dst", 2, false, op_send_dst },
	{ 0 }
};
