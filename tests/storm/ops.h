/* SPDX-License-Identifier: GPL-2.0-only */
/* The calls that stormcall makes, and the requests that its listeners get. */
#ifndef STORM_OPS_H
#define STORM_OPS_H

#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>

#ifndef IPPROTO_MPTCP
#define IPPROTO_MPTCP	262
#endif
#ifndef IPPROTO_UDPLITE
#define IPPROTO_UDPLITE	136
#endif
#ifndef IPPROTO_DCCP
#define IPPROTO_DCCP	33
#endif
#ifndef IPPROTO_L2TP
#define IPPROTO_L2TP	115
#endif
#ifndef AF_SMC
#define AF_SMC		43
#endif
/* The protocol of an AF_SMC socket is the family below it. */
#define SMC_IPV4	0
#define SMC_IPV6	1
/* For experiments: no one else has it. */
#define IPPROTO_NONE_	253

#define DISCARD		9
#define SERVED		80

#define V4	"127.0.0.1"
#define V6	"::1"
#define MAPPED	"::ffff:127.0.0.1"

enum call {
	CONNECT, BIND, LISTEN, SENDTO, SENDMMSG, FASTOPEN,
	RING_CONNECT, RING_BIND, RING_LISTEN, RING_SENDMSG,
};

/**
 * struct sort - a sort of sockets
 * @domain: as of socket()
 * @type: likewise
 * @protocol: likewise
 * @listed: what /proc/net/protocols calls it where the kernel has it
 */
struct sort {
	int domain, type, protocol;
	const char *listed;
};

/**
 * struct op - a call on a socket of its own
 * @name: what to call it
 * @call: the call
 * @sort: what it is made on
 * @host: its address; an IPv4 one of an IPv6 socket is a mapped one
 * @port: its port
 * @pass: what it may return without rules, by errno, up to the first 0; success
 *	may be always
 */
struct op {
	const char *name;
	enum call call;
	struct sort sort;
	const char *host;
	unsigned short port;
	int pass[4];
};

/**
 * struct request - a way to ask a listener
 * @name: what to call its accept
 * @listener: what is asked
 * @asker: who asks
 * @host: where
 */
struct request {
	const char *name;
	struct sort listener, asker;
	const char *host;
};

#define UDP4		{ AF_INET, SOCK_DGRAM, 0, "UDP" }
#define UDP6		{ AF_INET6, SOCK_DGRAM, 0, "UDPv6" }
#define TCP4		{ AF_INET, SOCK_STREAM, 0, "TCP" }
#define TCP6		{ AF_INET6, SOCK_STREAM, 0, "TCPv6" }
#define MPTCP4		{ AF_INET, SOCK_STREAM, IPPROTO_MPTCP, "MPTCP" }
#define MPTCP6		{ AF_INET6, SOCK_STREAM, IPPROTO_MPTCP, "MPTCPv6" }
#define SCTP4		{ AF_INET, SOCK_STREAM, IPPROTO_SCTP, "SCTP" }
#define SCTP6		{ AF_INET6, SOCK_STREAM, IPPROTO_SCTP, "SCTPv6" }
#define SCTP_MANY4	{ AF_INET, SOCK_SEQPACKET, IPPROTO_SCTP, "SCTP" }
#define SMC4		{ AF_SMC, SOCK_STREAM, SMC_IPV4, "SMC" }
#define SMC6		{ AF_SMC, SOCK_STREAM, SMC_IPV6, "SMC6" }
#define DCCP4		{ AF_INET, SOCK_DCCP, IPPROTO_DCCP, "DCCP" }
#define DCCP6		{ AF_INET6, SOCK_DCCP, IPPROTO_DCCP, "DCCPv6" }
#define UDPLITE4	{ AF_INET, SOCK_DGRAM, IPPROTO_UDPLITE, "UDP-Lite" }
#define UDPLITE6	{ AF_INET6, SOCK_DGRAM, IPPROTO_UDPLITE, "UDPLITEv6" }
#define PING4		{ AF_INET, SOCK_DGRAM, IPPROTO_ICMP, "PING" }
#define PING6		{ AF_INET6, SOCK_DGRAM, IPPROTO_ICMPV6, "PINGv6" }
#define RAW4		{ AF_INET, SOCK_RAW, IPPROTO_NONE_, "RAW" }
#define RAW6		{ AF_INET6, SOCK_RAW, IPPROTO_NONE_, "RAWv6" }
#define L2TP4		{ AF_INET, SOCK_DGRAM, IPPROTO_L2TP, "L2TP/IP" }
#define L2TP6		{ AF_INET6, SOCK_DGRAM, IPPROTO_L2TP, "L2TP/IPv6" }

#define ASKS	{ EINPROGRESS, ECONNREFUSED, EADDRNOTAVAIL }
#define SENDS	{ ECONNREFUSED, EAGAIN }
#define TAKES	{ EADDRINUSE }

static const struct op ops[] = {
	{ "udp4 connect", CONNECT, UDP4, V4, DISCARD, {} },
	{ "udp6 connect", CONNECT, UDP6, V6, DISCARD, {} },
	{ "mapped udp connect", CONNECT, UDP6, MAPPED, DISCARD, {} },
	{ "udp4 sendto", SENDTO, UDP4, V4, DISCARD, SENDS },
	{ "udp6 sendto", SENDTO, UDP6, V6, DISCARD, SENDS },
	{ "udp4 sendmmsg", SENDMMSG, UDP4, V4, DISCARD, SENDS },
	{ "udp4 sendmsg by io_uring", RING_SENDMSG, UDP4, V4, DISCARD, SENDS },
	{ "udplite4 connect", CONNECT, UDPLITE4, V4, DISCARD, {} },
	{ "udplite4 sendto", SENDTO, UDPLITE4, V4, DISCARD, SENDS },
	{ "udplite6 sendto", SENDTO, UDPLITE6, V6, DISCARD, SENDS },
	{ "tcp4 connect", CONNECT, TCP4, V4, SERVED, ASKS },
	{ "mapped tcp connect", CONNECT, TCP6, MAPPED, SERVED, ASKS },
	{ "tcp6 connect", CONNECT, TCP6, V6, SERVED, ASKS },
	{ "tcp4 fastopen", FASTOPEN, TCP4, V4, SERVED, ASKS },
	{ "tcp4 connect by io_uring", RING_CONNECT, TCP4, V4, DISCARD, ASKS },
	{ "mptcp4 connect", CONNECT, MPTCP4, V4, SERVED, ASKS },
	{ "mptcp6 connect", CONNECT, MPTCP6, V6, SERVED, ASKS },
	{ "smc4 connect", CONNECT, SMC4, V4, SERVED, ASKS },
	{ "smc6 connect", CONNECT, SMC6, V6, SERVED, ASKS },
	{ "sctp4 connect", CONNECT, SCTP4, V4, DISCARD, ASKS },
	{ "sctp4 sendto, one-to-many", SENDTO, SCTP_MANY4, V4, DISCARD, SENDS },
	{ "dccp4 connect", CONNECT, DCCP4, V4, DISCARD, ASKS },
	{ "dccp6 connect", CONNECT, DCCP6, V6, DISCARD, ASKS },
	{ "ping4 connect", CONNECT, PING4, V4, 0, {} },
	{ "ping4 sendto", SENDTO, PING4, V4, 0, { EAGAIN } },
	{ "ping6 sendto", SENDTO, PING6, V6, 0, { EAGAIN } },
	{ "raw4 connect", CONNECT, RAW4, V4, 0, {} },
	{ "raw4 sendto", SENDTO, RAW4, V4, 0, { EAGAIN } },
	{ "raw6 sendto", SENDTO, RAW6, V6, 0, { EAGAIN } },
	{ "l2tp4 sendto", SENDTO, L2TP4, V4, 0, { EAGAIN } },
	{ "l2tp6 sendto", SENDTO, L2TP6, V6, 0, { EAGAIN } },
	{ "udp4 bind", BIND, UDP4, V4, 0, TAKES },
	{ "mapped udp bind", BIND, UDP6, MAPPED, 0, TAKES },
	{ "udplite4 bind", BIND, UDPLITE4, V4, 0, TAKES },
	{ "tcp4 bind", BIND, TCP4, "0.0.0.0", 0, TAKES },
	{ "tcp6 bind", BIND, TCP6, "::", 0, TAKES },
	{ "tcp4 bind by io_uring", RING_BIND, TCP4, V4, 0, TAKES },
	{ "smc4 bind", BIND, SMC4, V4, 0, TAKES },
	{ "sctp4 bind", BIND, SCTP4, V4, 0, TAKES },
	{ "sctp6 bind", BIND, SCTP6, "::", 0, TAKES },
	{ "dccp4 bind", BIND, DCCP4, V4, 0, TAKES },
	{ "ping4 bind", BIND, PING4, V4, 0, TAKES },
	{ "raw4 bind", BIND, RAW4, V4, 0, {} },
	{ "l2tp4 bind", BIND, L2TP4, V4, 0, TAKES },
	{ "tcp4 listen", LISTEN, TCP4, V4, 0, TAKES },
	{ "tcp6 listen", LISTEN, TCP6, V6, 0, TAKES },
	{ "tcp4 listen by io_uring", RING_LISTEN, TCP4, V4, 0, TAKES },
	{ "mptcp4 listen", LISTEN, MPTCP4, V4, 0, TAKES },
	{ "smc4 listen", LISTEN, SMC4, V4, 0, TAKES },
	{ "dccp4 listen", LISTEN, DCCP4, V4, 0, TAKES },
};

static const struct request requests[] = {
	{ "tcp4 accept", TCP4, TCP4, V4 },
	{ "tcp6 accept", TCP6, TCP6, V6 },
	{ "mapped tcp accept", TCP6, TCP6, MAPPED },
	{ "mptcp4 accept", MPTCP4, MPTCP4, V4 },
	{ "mptcp6 accept", MPTCP6, MPTCP6, V6 },
	{ "mptcp4 accept from tcp", MPTCP4, TCP4, V4 },
	{ "smc4 accept", SMC4, SMC4, V4 },
	{ "smc6 accept from tcp", SMC6, TCP6, V6 },
	{ "sctp4 accept", SCTP4, SCTP4, V4 },
	{ "sctp6 accept", SCTP6, SCTP6, V6 },
	{ "dccp4 accept", DCCP4, DCCP4, V4 },
	{ "dccp6 accept", DCCP6, DCCP6, V6 },
};

#define N_OPS		(sizeof(ops) / sizeof(ops[0]))
#define N_REQUESTS	(sizeof(requests) / sizeof(requests[0]))

#endif /* STORM_OPS_H */
