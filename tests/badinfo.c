// SPDX-License-Identifier: GPL-2.0-only
/*
 * badinfo container|SOCKERR: puts one rule with match or target info of its own
 * making into a table, past libxtables' checks, and prints what the kernel says:
 * a case and "ok" or the errno's name on each line.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <linux/netfilter_ipv4/ip_tables.h>
#include "../include/uapi/linux/netfilter/xt_SOCKERR.h"
#include "../include/uapi/linux/netfilter/xt_container.h"

/* The rule of a chain, its policy, and the error rule at a table's end. */
struct blob {
	struct ipt_replace replace;
	char rules[4096];
};

static struct blob blob;
static unsigned int used;

static void *append(size_t size)
{
	void *at = blob.rules + used;

	used += (unsigned int)size;
	return at;
}

static void add_standard(int verdict)
{
	struct ipt_entry *e = append(sizeof(*e) + sizeof(struct xt_standard_target));
	struct xt_standard_target *t = (void *)(e + 1);

	e->target_offset = sizeof(*e);
	e->next_offset = sizeof(*e) + sizeof(*t);
	t->target.u.target_size = sizeof(*t);
	t->verdict = verdict;
}

static void add_error(void)
{
	struct ipt_entry *e = append(sizeof(*e) + sizeof(struct xt_error_target));
	struct xt_error_target *t = (void *)(e + 1);

	e->target_offset = sizeof(*e);
	e->next_offset = sizeof(*e) + sizeof(*t);
	t->target.u.target_size = sizeof(*t);
	strcpy(t->target.u.user.name, XT_ERROR_TARGET);
	strcpy(t->errorname, XT_ERROR_TARGET);
}

static void add_rule(const char *name, const void *info, size_t size)
{
	size_t match = name ? XT_ALIGN(sizeof(struct xt_entry_match) + size) : 0;
	size_t target = name ? sizeof(struct xt_standard_target) :
			XT_ALIGN(sizeof(struct xt_entry_target) + size);
	struct ipt_entry *e = append(sizeof(*e) + match + target);
	struct xt_entry_target *t = (void *)((char *)(e + 1) + match);

	e->target_offset = (unsigned short)(sizeof(*e) + match);
	e->next_offset = (unsigned short)(sizeof(*e) + match + target);
	t->u.target_size = (unsigned short)target;
	if (name) {
		struct xt_entry_match *m = (void *)(e + 1);

		m->u.match_size = (unsigned short)match;
		strcpy(m->u.user.name, name);
		memcpy(m->data, info, size);
		((struct xt_standard_target *)t)->verdict = -NF_ACCEPT - 1;
	} else {
		strcpy(t->u.user.name, "SOCKERR");
		memcpy(t->data, info, size);
	}
}

/* Replaces table "connect" by one rule, and says what came of it. */
static void try(const char *label, const char *match, const void *info, size_t size)
{
	struct xt_counters counters[16];
	struct ipt_getinfo getinfo = { .name = "connect" };
	socklen_t len = sizeof(getinfo);
	int sock = socket(AF_INET, SOCK_RAW, IPPROTO_RAW);

	memset(&blob, 0, sizeof(blob));
	used = 0;
	if (sock < 0 || getsockopt(sock, IPPROTO_IP, IPT_SO_GET_INFO, &getinfo, &len)) {
		perror("badinfo: table connect");
		exit(1);
	}
	strcpy(blob.replace.name, "connect");
	blob.replace.valid_hooks = 1 << NF_INET_LOCAL_OUT;
	blob.replace.hook_entry[NF_INET_LOCAL_OUT] = 0;
	add_rule(match, info, size);
	blob.replace.underflow[NF_INET_LOCAL_OUT] = used;
	add_standard(-NF_ACCEPT - 1);
	add_error();
	blob.replace.num_entries = 3;
	blob.replace.size = used;
	blob.replace.num_counters = getinfo.num_entries;
	blob.replace.counters = counters;
	if (setsockopt(sock, IPPROTO_IP, IPT_SO_SET_REPLACE, &blob,
		       (socklen_t)(sizeof(blob.replace) + used)))
		printf("%s %s\n", label, strerrorname_np(errno));
	else
		printf("%s ok\n", label);
}

static void try_match(const char *label, struct xt_container_mtinfo info)
{
	try(label, "container", &info, sizeof(info));
}

static void matches(void)
{
	struct xt_container_mtinfo good = {
		.count = 2, .range = { { 5, 7 }, { 9, 9 } },
	}, info;
	int i;

	try_match("good", good);
	info = good;
	info.flags = XT_CONTAINER_INVERT;
	try_match("good-inverted", info);
	info.count = 16;
	for (i = 0; i < 16; i++)
		info.range[i].first = info.range[i].last = (unsigned int)i * 2 + 1;
	try_match("good-16", info);
	memset(info.range, 0, sizeof(info.range));
	info.count = 0;
	try_match("count-0", info);
	info = good;
	info.count = 17;
	try_match("count-17", info);
	info.count = 255;
	try_match("count-255", info);
	info = good;
	info.range[0] = good.range[1];
	info.range[1] = good.range[0];
	try_match("unsorted", info);
	info = good;
	info.range[1].first = 7;
	try_match("overlapping", info);
	info.range[1].first = 8;
	try_match("touching", info);
	info = good;
	info.range[0].last = 4;
	try_match("upside-down", info);
	info = good;
	info.range[0].last = ~0U;
	try_match("after-the-last", info);
	info = good;
	info.flags = 2;
	try_match("unknown-flag", info);
	info = good;
	info.pad[1] = 1;
	try_match("padding", info);
	info = good;
	info.range[15].last = 1;
	try_match("unused-ranges", info);
}

static void try_target(const char *label, unsigned char err, unsigned char pad)
{
	struct xt_sockerr_tginfo info = { .err = err, .pad = { 0, 0, pad } };

	try(label, NULL, &info, sizeof(info));
}

int main(int argc, char **argv)
{
	if (argc == 2 && !strcmp(argv[1], "container")) {
		matches();
	} else if (argc == 2 && !strcmp(argv[1], "SOCKERR")) {
		try_target("good", EPERM, 0);
		try_target("errno-0", 0, 0);
		try_target("errno-255", 255, 0);
		try_target("errno-2", ENOENT, 0);
		try_target("padding", EPERM, 1);
	} else {
		fputs("usage: badinfo container|SOCKERR\n", stderr);
		return 2;
	}
	return 0;
}
