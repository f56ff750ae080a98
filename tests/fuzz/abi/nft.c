// SPDX-License-Identifier: GPL-2.0-only
/* Rules of nft's on event devices, and events for them to judge. */
#include "abi.h"

#include <errno.h>
#include <netinet/in.h>
#include <nftables/libnftables.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static struct nft_ctx *nft;
static char text[8192];
static size_t used;

__attribute__((format(printf, 1, 2)))
static void say(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	used += (size_t)vsnprintf(text + used, sizeof(text) - used, fmt, args);
	va_end(args);
	if (used >= sizeof(text))
		used = sizeof(text) - 1;
}

static void nft_start(void)
{
	nft = nft_ctx_new(NFT_CTX_DEFAULT);
	if (!nft)
		die("nft");
	nft_ctx_buffer_output(nft);
	nft_ctx_buffer_error(nft);
}

static void condition(void)
{
	static const char * const fields[] = {
		"meta mark", "meta priority", "meta length", "meta skuid", "meta cgroup",
		"meta iif", "meta l4proto", "tcp dport", "tcp sport", "udp dport", "th dport",
		"sctp dport", "icmp type", "icmp id", "ip ttl", "ip length", "ip protocol",
		"ip6 hoplimit", "ip6 nexthdr", "tcp flags", "tcp option maxseg size",
		"meta random mod 4", "meta cpu", "@nh,0,8", "@nh,64,32", "@th,0,16", "@th,96,32",
		"@ih,0,8", "ip dscp", "ip id", "tcp window", "udp length", "@nh,1024,8",
		"@th,320,64", "ct mark", "socket mark", "socket wildcard", "rt classid",
		"numgen inc mod 3", "meta protocol",
	};
	static const char * const whole[] = {
		"ip daddr 127.0.0.0/8", "ip saddr 0.0.0.0", "ip6 daddr ::1",
		"fib daddr type local", "fib daddr . iif oif exists", "meta iifname \"connect\"",
		"exthdr frag exists", "tcp option timestamp exists", "ct state new",
		"socket transparent 1", "socket cgroupv2 level 1 \"fuzz-a\"",
		"meta nfproto ipv4", "meta pkttype host", "ipsec in reqid 1", "osf name \"Linux\"",
		"meta ibrname \"x\"", "vlan id 3", "ether type ip", "arp operation 1",
		"jhash ip daddr mod 5 == 1", "@tuples", "tcp dport @ports",
	};
	static const char * const relations[] = { "", "!= ", "< ", ">= " };

	if (chance(40))
		say(" %s", pick(whole));
	else
		say(" %s %s%u", pick(fields), pick(relations), number());
}

static void statement(void)
{
	static const char * const statements[] = {
		"counter", "accept", "drop", "reject", "reject with tcp reset",
		"reject with icmp port-unreachable", "reject with icmpx admin-prohibited",
		"return", "continue", "jump other", "goto other", "log prefix \"x\"", "log group 3",
		"limit rate 5/second", "limit rate over 1 mbytes/second", "quota 300 bytes",
		"meta priority set 111", "meta priority set 13 drop", "meta mark set 5",
		"meta nftrace set 1", "ip ttl set 3", "ip dscp set 1", "tcp dport set 99",
		"tcp option maxseg size set 100", "ip daddr set 1.2.3.4", "@nh,0,32 set 7",
		"@th,0,32 set 9", "ct mark set 3", "notrack", "queue num 3", "queue num 4 bypass",
		"dup to \"lo\"", "fwd to \"lo\"", "fwd to \"connect\"", "dup to \"bind\"",
		"add @ports { tcp dport }", "update @ports { tcp dport timeout 1s }",
		"meta mark vmap { 7 : accept, 8 : drop }", "masquerade", "dnat to 1.2.3.4",
		"tproxy to :80", "synproxy mss 1460", "reset tcp option 8", "meta mark set meta priority",
		"ct count over 3 drop", "meta secmark set 3", "meta broute set 1",
		"connlimit 3", "ip daddr . tcp dport vmap { 127.0.0.1 . 9 : drop }", "set ip ecn 1",
	};

	/* What event packets are kept from by hook points. */
	static const char * const caught[] = {
		"reject", "reject with tcp reset", "reject with icmp port-unreachable",
		"reject with icmpv6 admin-prohibited", "fwd to \"lo\"", "dup to \"lo\"",
		"fwd ip to 127.0.0.1 device \"lo\"", "fwd ip6 to ::1 device \"lo\"",
	};

	say(" %s", chance(35) ? pick(caught) : pick(statements));
}

static void events(void)
{
	static const int kinds[][3] = {
		{ AF_INET, SOCK_STREAM, 0 }, { AF_INET, SOCK_DGRAM, 0 },
		{ AF_INET6, SOCK_STREAM, 0 }, { AF_INET6, SOCK_DGRAM, 0 },
		{ AF_INET, SOCK_STREAM, 132 }, { AF_INET, SOCK_DGRAM, IPPROTO_ICMP },
	};
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6, .sin6_port = htons(9) };
	struct sockaddr_in v4 = { .sin_family = AF_INET, .sin_port = htons(9) };
	const int *kind = pick(kinds);
	int fd = socket(kind[0], kind[1] | SOCK_NONBLOCK, kind[2]);
	void *addr = kind[0] == AF_INET ? (void *)&v4 : (void *)&v6;
	socklen_t len = kind[0] == AF_INET ? sizeof(v4) : sizeof(v6);

	if (fd < 0)
		return;
	v6.sin6_addr = in6addr_loopback;
	v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	bind(fd, addr, len);
	listen(fd, 1);
	sendto(fd, "x", 1, MSG_DONTWAIT | MSG_NOSIGNAL, addr, len);
	connect(fd, addr, len);
	close(fd);
}

static void rule(void)
{
	while (chance(35))
		condition();
	do {
		statement();
	} while (chance(30));
	say("\n");
}

static int load(void)
{
	int ret = nft_run_cmd_from_buffer(nft, text);

	nft_ctx_get_output_buffer(nft);
	nft_ctx_get_error_buffer(nft);
	used = 0;
	return ret;
}

/*
 * One device's chain, with up to four rules, instead of the last one: all in one
 * transaction, of which one bad rule makes none, or each rule in its own.
 */
static int nft_one(void)
{
	static const char * const devices[] = { "connect", "bind", "accept" };
	static const char * const families[] = { "inet", "netdev" };
	const char *family = pick(families), *device = pick(devices);
	unsigned int rules = 1 + below(4), loaded = 0;
	bool at_once = chance(25);

	used = 0;
	say("table %s f {}\ndelete table %s f\n", family, family);
	say("table %s f {\nset ports { type inet_service; %s }\n", family,
	    chance(50) ? "flags dynamic,timeout; timeout 1s;" : "");
	if (chance(20))
		say("flowtable ft { hook ingress priority %d; devices = { \"%s\" }; }\n",
		    (int)below(30) - 15, device);
	say("set tuples { typeof meta mark . ip protocol; }\nchain other { counter\n}\n");
	say("chain c { type filter hook %s device \"%s\" priority %d; policy %s;\n",
	    chance(95) ? "ingress" : "egress", device, (int)below(30) - 15,
	    chance(60) ? "accept" : "drop");
	for (unsigned int i = 0; at_once && i < rules; i++)
		rule();
	say("}\n}\n");
	if (load())
		return EINVAL;
	for (unsigned int i = 0; !at_once && i < rules; i++) {
		say("add rule %s f c", family);
		rule();
		loaded += !load();
	}
	events();
	events();
	return at_once || loaded ? 0 : EINVAL;
}

static void nft_stop(void)
{
	nft_run_cmd_from_buffer(nft, "flush ruleset");
	nft_ctx_free(nft);
}

const struct target nft_target = {
	.name = "nft", .what = "chains on event devices",
	.start = nft_start, .one = nft_one, .stop = nft_stop,
};
