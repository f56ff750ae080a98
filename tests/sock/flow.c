// SPDX-License-Identifier: GPL-2.0-only
/* Operations: flow ids, as options and as control messages of a send. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/sctp.h>	/* leans on those above */

#include "sockcall.h"

static const struct option {
	const char *name;
	int level, option;
} options[] = {
	{ "mark", SOL_SOCKET, SO_MARK },
	{ "priority", SOL_SOCKET, SO_PRIORITY },
	{ "tos", IPPROTO_IP, IP_TOS },
	{ "tclass", IPPROTO_IPV6, IPV6_TCLASS },
	{ "ttl", IPPROTO_IP, IP_TTL },
	{ "hoplimit", IPPROTO_IPV6, IPV6_HOPLIMIT },
	{ "keepalive", SOL_SOCKET, SO_KEEPALIVE },
};

static const struct option *find_option(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(options) / sizeof(options[0]); i++)
		if (!strcmp(options[i].name, name))
			return &options[i];
	die("no option is called '%s'", name);
}

/* Prints them itself, in place of "ok". */
static int op_ids(char **args)
{
	uint32_t mark = 0, priority = 0;
	socklen_t len = sizeof(mark);

	(void)args;
	if (getsockopt(sock, SOL_SOCKET, SO_MARK, &mark, &len) < 0)
		return -1;
	len = sizeof(priority);
	if (getsockopt(sock, SOL_SOCKET, SO_PRIORITY, &priority, &len) < 0)
		return -1;
	printf("ids 0x%x %u\n", mark, priority);
	fflush(stdout);
	return 0;
}

/* The traffic class, likewise. */
static int op_class(char **args)
{
	int tos = 0, domain = 0;
	socklen_t len = sizeof(domain);

	(void)args;
	if (getsockopt(sock, SOL_SOCKET, SO_DOMAIN, &domain, &len) < 0)
		return -1;
	len = sizeof(tos);
	if (domain == AF_INET6 ?
	    getsockopt(sock, IPPROTO_IPV6, IPV6_TCLASS, &tos, &len) < 0 :
	    getsockopt(sock, IPPROTO_IP, IP_TOS, &tos, &len) < 0)
		return -1;
	printf("class %d\n", tos);
	fflush(stdout);
	return 0;
}

/* A command in between, by the shell. */
static int op_run(char **args)
{
	return system(args[0]) ? -1 : 0;
}

static int op_setopt(char **args)
{
	const struct option *o = find_option(args[0]);
	int value = number(args[1]);

	return setsockopt(sock, o->level, o->option, &value, sizeof(value));
}

/* By io_uring; 6.1's headers know neither the command nor its arguments. */
static int op_uring_setopt(char **args)
{
	const struct option *o = find_option(args[0]);
	int value = number(args[1]);

	return uring_setsockopt(o->level, o->option, &value, sizeof(value));
}

/* An SCTP peer's parameters: a DSCP, which is the upper part of a traffic class. */
static int op_sctp_dscp(char **args)
{
	struct sctp_paddrparams params = {
		.spp_flags = SPP_DSCP, .spp_dscp = (uint8_t)number(args[0]),
	};

	return setsockopt(sock, IPPROTO_SCTP, SCTP_PEER_ADDR_PARAMS, &params,
			  sizeof(params));
}

static int send_with(const struct option *o, int value, const void *to,
		     socklen_t len)
{
	union {
		char space[CMSG_SPACE(sizeof(int))];
		struct cmsghdr cmsg;
	} control = { .cmsg = {
		.cmsg_len = CMSG_LEN(sizeof(int)),
		.cmsg_level = o->level, .cmsg_type = o->option,
	} };
	char data[64] = { 8 };
	struct iovec iov = { .iov_base = data, .iov_len = sizeof(data) };
	struct msghdr msg = {
		.msg_name = (void *)(uintptr_t)to, .msg_namelen = len,
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = &control, .msg_controllen = sizeof(control),
	};
	int domain = 0;

	/* An echo request, which is what ping sockets insist on. */
	len = sizeof(domain);
	getsockopt(sock, SOL_SOCKET, SO_DOMAIN, &domain, &len);
	if (domain == AF_INET6)
		data[0] = (char)128;
	memcpy(CMSG_DATA(&control.cmsg), &value, sizeof(value));
	return (int)sendmsg(sock, &msg, 0);
}

static int op_sendopt(char **args)
{
	struct addr a;

	set_addr(&a, args[2]);
	return send_with(find_option(args[0]), number(args[1]), &a.ss, a.len);
}

/* On a socket that has a peer. */
static int op_writeopt(char **args)
{
	return send_with(find_option(args[0]), number(args[1]), NULL, 0);
}

static int op_packet(char **args)
{
	(void)args;
	sock = socket(AF_PACKET, SOCK_DGRAM, 0);
	return sock;
}

/* Of an AF_PACKET socket, to lo. */
static int op_packet_sendopt(char **args)
{
	struct sockaddr_ll to = {
		.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_LOOPBACK),
		.sll_ifindex = (int)if_nametoindex("lo"), .sll_halen = 6,
	};

	return send_with(find_option(args[0]), number(args[1]), &to, sizeof(to));
}

const struct op flow_ops[] = {
	{ "ids", 0, true, op_ids },
	{ "class", 0, true, op_class },
	{ "run", 1, true, op_run },
	{ "setopt", 2, false, op_setopt },
	{ "uring_setopt", 2, false, op_uring_setopt },
	{ "sctp_dscp", 1, false, op_sctp_dscp },
	{ "sendopt", 3, false, op_sendopt },
	{ "writeopt", 2, false, op_writeopt },
	{ "packet", 0, true, op_packet },
	{ "packet_sendopt", 2, false, op_packet_sendopt },
	{ 0 }
};
