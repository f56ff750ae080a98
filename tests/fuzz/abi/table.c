// SPDX-License-Identifier: GPL-2.0-only
/*
 * Event tables, and the one of packets, as iptables would put them into the kernel, and as it
 * never would: rules with the match, the target and others, and then a few bytes changed.
 */
#include "abi.h"

#include <errno.h>
#include <limits.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/netfilter_ipv4/ip_tables.h>
#include <linux/netfilter_ipv6/ip6_tables.h>

#include "../../../include/uapi/linux/netfilter/xt_SOCKERR.h"
#include "../../../include/uapi/linux/netfilter/xt_container.h"

_Static_assert(sizeof(struct ipt_replace) == sizeof(struct ip6t_replace),
	       "one structure serves both families");

/* What differs between the families. */
static const struct layout {
	int domain;
	int level;
	size_t entry;
	size_t target_offset;
	size_t next_offset;
	size_t proto_offset;
	int revision;
} layouts[] = {
	{ AF_INET, IPPROTO_IP, sizeof(struct ipt_entry),
	  offsetof(struct ipt_entry, target_offset),
	  offsetof(struct ipt_entry, next_offset),
	  offsetof(struct ipt_entry, ip.proto), IPT_SO_GET_REVISION_MATCH },
	{ AF_INET6, IPPROTO_IPV6, sizeof(struct ip6t_entry),
	  offsetof(struct ip6t_entry, target_offset),
	  offsetof(struct ip6t_entry, next_offset),
	  offsetof(struct ip6t_entry, ipv6.proto), IP6T_SO_GET_REVISION_MATCH },
};

static const struct {
	const char *name;
	unsigned int hooks;
} tables[] = {
	{ "connect", 1 << NF_INET_LOCAL_OUT }, { "bind", 1 << NF_INET_LOCAL_IN },
	{ "accept", 1 << NF_INET_LOCAL_IN },
	{ "filter", 1 << NF_INET_LOCAL_IN | 1 << NF_INET_FORWARD | 1 << NF_INET_LOCAL_OUT },
};

static const struct layout *layout;
static int sock;
static struct {
	struct ipt_replace replace;
	char rules[16384];
} blob;
static unsigned int used, entries;

static void *append(size_t size)
{
	void *at = blob.rules + used;

	used += (unsigned int)size;
	return at;
}

/* Room for an entry whose matches and target are @matches and @target long. */
static char *entry(size_t matches, size_t target)
{
	char *e = append(layout->entry + matches + target);
	uint16_t offset = (uint16_t)(layout->entry + matches);

	memcpy(e + layout->target_offset, &offset, sizeof(offset));
	offset = (uint16_t)(offset + target);
	memcpy(e + layout->next_offset, &offset, sizeof(offset));
	entries++;
	return e + layout->entry;
}

static void standard(char *at, int verdict)
{
	struct xt_standard_target *t = (void *)at;

	t->target.u.target_size = sizeof(*t);
	t->verdict = verdict;
}

static void end_of_table(void)
{
	struct xt_error_target *t = (void *)entry(0, sizeof(*t));

	t->target.u.target_size = sizeof(*t);
	strcpy(t->target.u.user.name, XT_ERROR_TARGET);
	strcpy(t->errorname, XT_ERROR_TARGET);
}

static void container_info(struct xt_container_mtinfo *info)
{
	uint32_t at = number() % 1000;

	info->flags = (uint8_t)(chance(90) ? below(2) : any());
	info->count = (uint8_t)(chance(90) ? 1 + below(XT_CONTAINER_MAX_RANGES) : any());
	for (int i = 0; i < XT_CONTAINER_MAX_RANGES && i < info->count; i++) {
		info->range[i].first = at;
		info->range[i].last = at + below(9);
		at = chance(95) ? info->range[i].last + 2 + below(99) : number();
	}
}

static const struct extension {
	const char *name;
	size_t size;
	uint8_t revision;
} matches[] = {
	{ "container", sizeof(struct xt_container_mtinfo), 0 }, { "tcp", 12, 0 },
	{ "udp", 10, 0 }, { "icmp", 4, 0 }, { "mark", 12, 1 }, { "limit", 40, 0 },
	{ "statistic", 24, 0 }, { "owner", 24, 1 }, { "conntrack", 144, 1 }, { "socket", 1, 1 },
	{ "set", 16, 0 },
}, targets[] = {
	{ "SOCKERR", sizeof(struct xt_sockerr_tginfo), 0 }, { "TEE", 40, 1 },
	{ "SYNPROXY", 4, 0 }, { "MARK", 8, 2 }, { "LOG", 32, 0 }, { "REJECT", 4, 0 }, { "NFQUEUE", 8, 0 },
	{ "TPROXY", 12, 0 }, { "CT", 64, 0 },
};

enum { SOCKERR, TEE, SYNPROXY };

/* One in ten is TEE, one in ten SYNPROXY: they send, and are hooked for that. */
static unsigned int any_target(void)
{
	if (chance(20))
		return chance(50) ? TEE : SYNPROXY;
	return chance(90) ? SOCKERR : below(sizeof(targets) / sizeof(*targets));
}

/* SYNPROXY is for rules about TCP. */
static void about_tcp(char *entry)
{
	struct ip6t_entry *entry6 = (void *)entry;

	entry[layout->proto_offset] = IPPROTO_TCP;
	if (layout->domain == AF_INET6)
		entry6->ipv6.flags |= IP6T_F_PROTO;
}

/* One in two of the matches is ours, and of the targets that do not send nine in ten. */
static void rule(void)
{
	unsigned int m = chance(50) ? 0 : below(sizeof(matches) / sizeof(*matches));
	unsigned int t = any_target();
	bool sends = t == TEE || t == SYNPROXY;
	size_t match = chance(sends ? 20 : 85) ?
		       XT_ALIGN(sizeof(struct xt_entry_match) + matches[m].size) : 0;
	bool to = sends || chance(50);
	size_t target = to ? XT_ALIGN(sizeof(struct xt_entry_target) + targets[t].size) :
			     sizeof(struct xt_standard_target);
	char *at = entry(match, target);

	if (t == SYNPROXY)
		about_tcp(at - layout->entry);
	if (match) {
		struct xt_entry_match *em = (void *)at;

		em->u.match_size = (uint16_t)match;
		strcpy(em->u.user.name, matches[m].name);
		em->u.user.revision = matches[m].revision;
		if (m)
			bytes(em->data, matches[m].size);
		else
			container_info((void *)em->data);
	}
	at += match;
	if (to) {
		static const uint8_t errnos[] = { EPERM, EACCES, ECONNREFUSED, ETIMEDOUT };
		struct xt_entry_target *et = (void *)at;

		et->u.target_size = (uint16_t)target;
		strcpy(et->u.user.name, targets[t].name);
		et->u.user.revision = targets[t].revision;
		if (t || chance(20))
			bytes(et->data, targets[t].size);
		else
			et->data[0] = pick(errnos);
		/* A gateway, and no device. */
		if (t == TEE && chance(80))
			memset(et->data + 16, 0, targets[t].size - 16);
	} else {
		/* A verdict, or a jump to where a rule may or may not begin. */
		standard(at, chance(70) ? -(int)below(6) :
			     (int)(chance(80) ? below(used + 1) / 8 * 8 : number()));
	}
}

/* Up to five rules, and the policy. */
static void chain(unsigned int hook)
{
	unsigned int rules = below(6);

	blob.replace.hook_entry[hook] = used;
	while (rules--)
		rule();
	blob.replace.underflow[hook] = used;
	standard(entry(0, sizeof(struct xt_standard_target)),
		 -(chance(50) ? NF_ACCEPT : NF_DROP) - 1);
}

static int replace_table(unsigned int table)
{
	static struct xt_counters counters[65536];
	struct ipt_getinfo info = { 0 };
	socklen_t len = sizeof(info);

	memset(&blob, 0, sizeof(blob));
	used = 0;
	entries = 0;
	strcpy(info.name, tables[table].name);
	if (getsockopt(sock, layout->level, IPT_SO_GET_INFO, &info, &len))
		return errno;
	strcpy(blob.replace.name, tables[table].name);
	blob.replace.valid_hooks = tables[table].hooks;
	for (unsigned int hook = 0; hook < NF_INET_NUMHOOKS; hook++)
		if (tables[table].hooks & 1U << hook)
			chain(hook);
	end_of_table();
	blob.replace.num_entries = entries;
	blob.replace.size = used;
	blob.replace.num_counters = info.num_entries;
	blob.replace.counters = counters;
	if (chance(40))
		mutate(blob.rules, used, 1 + below(3));
	if (chance(10))
		mutate(&blob.replace, offsetof(struct ipt_replace, counters), 1 + below(2));
	len = (socklen_t)(sizeof(blob.replace) + used);
	if (chance(3))
		len = below(len + 8);
	return setsockopt(sock, layout->level, IPT_SO_SET_REPLACE, &blob, len) ? errno : 0;
}

/* What is in a table now, told whole or not. */
static void get_entries(const char *table)
{
	static union {
		struct ipt_get_entries get;
		char bytes[16384];
	} answer;
	socklen_t len = (socklen_t)(chance(70) ? sizeof(answer) : below(sizeof(answer)));
	struct ipt_getinfo info = { 0 };
	socklen_t info_len = sizeof(info);

	strcpy(info.name, table);
	if (getsockopt(sock, layout->level, IPT_SO_GET_INFO, &info, &info_len))
		return;
	strcpy(answer.get.name, info.name);
	answer.get.size = chance(90) ? info.size : number();
	if (chance(90))
		len = (socklen_t)(sizeof(answer.get) + answer.get.size);
	if (len <= sizeof(answer))
		getsockopt(sock, layout->level, IPT_SO_GET_ENTRIES, &answer, &len);
}

/* What iptables adds to counters, and asks about extensions. */
static void add_and_ask(const char *table)
{
	struct {
		struct xt_counters_info info;
		struct xt_counters counters[16];
	} add = { .info.num_counters = chance(90) ? entries : number() };
	struct xt_get_revision ask = { .revision = (uint8_t)below(4) };
	socklen_t len = sizeof(ask);

	strcpy(ask.name, chance(50) ? matches[0].name : targets[0].name);
	getsockopt(sock, layout->level, layout->revision + (int)below(2), &ask, &len);
	strcpy(add.info.name, table);
	len = (socklen_t)(sizeof(add.info) + (entries > 16 ? 16 : entries) * sizeof(*add.counters));
	if (chance(10))
		len = below(sizeof(add) + 1);
	bytes(add.counters, sizeof(add.counters));
	setsockopt(sock, layout->level, IPT_SO_SET_ADD_COUNTERS, &add, len);
}

/* Events and packets, for what was put in to judge. */
static void events(void)
{
	struct sockaddr_in6 to = { .sin6_family = AF_INET6, .sin6_port = htons(9) };
	struct sockaddr_in to4 = { .sin_family = AF_INET, .sin_port = htons(9) };
	bool v4 = layout->domain == AF_INET;
	int fd = socket(layout->domain, (chance(50) ? SOCK_DGRAM : SOCK_STREAM) | SOCK_NONBLOCK, 0);

	to.sin6_addr = in6addr_loopback;
	to4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd < 0)
		return;
	bind(fd, v4 ? (void *)&to4 : (void *)&to, v4 ? sizeof(to4) : sizeof(to));
	connect(fd, v4 ? (void *)&to4 : (void *)&to, v4 ? sizeof(to4) : sizeof(to));
	send(fd, "", 1, MSG_DONTWAIT | MSG_NOSIGNAL);
	close(fd);
}

static int table_one(void)
{
	unsigned int table = below(sizeof(tables) / sizeof(*tables));
	int ret = replace_table(table);

	if (!ret)
		events();
	if (chance(20))
		get_entries(tables[table].name);
	if (chance(20))
		add_and_ask(tables[table].name);
	return ret;
}

static void start(int family)
{
	layout = &layouts[family];
	sock = socket(layout->domain, SOCK_RAW, IPPROTO_RAW);
	if (sock < 0)
		die("a raw socket");
}

static void start4(void)
{
	start(0);
}

static void start6(void)
{
	start(1);
}

/* What the last input left must not judge who comes next. */
static void stop(void)
{
	close(sock);
	if (system(layout->domain == AF_INET ?
		   "for t in connect bind accept; do iptables-legacy -w -t $t -F; done" :
		   "for t in connect bind accept; do ip6tables-legacy -w -t $t -F; done"))
		errno = 0;
}

const struct target table4_target = {
	.name = "table4", .what = "tables of iptables",
	.start = start4, .one = table_one, .stop = stop,
};

const struct target table6_target = {
	.name = "table6", .what = "tables of ip6tables",
	.start = start6, .one = table_one, .stop = stop,
};
