// SPDX-License-Identifier: GPL-2.0-only
/*
 * What nft traces, as ctid watch --rule reads it. libnftnl ends a program that is sent
 * what the kernel would not send; so this is made into messages of the kernel's: records
 * of flags, id, and the lengths of two headers, then the headers and a chain's name.
 */
#include "fuzz.h"

#include <arpa/inet.h>

#include <libmnl/libmnl.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>

#include "ctid/watch_walk.h"

#define OURS	"ctid_watch_1"

enum {
	IS_OURS = 1, HAS_NETWORK = 2, HAS_TRANSPORT = 4, IS_POLICY = 8, HAS_HANDLE = 16,
	DENIES = 32, IS_INET = 64, HAS_CHAIN = 128,
};

/* What is left of the input. */
struct input {
	const uint8_t *at;
	size_t left;
};

static const uint8_t *take(struct input *in, size_t n)
{
	const uint8_t *at = in->at;

	if (in->left < n)
		return NULL;
	in->at += n;
	in->left -= n;
	return at;
}

static void put_verdict(struct nlmsghdr *nlh, uint8_t flags)
{
	uint32_t verdict = htonl(flags & DENIES ? NF_DROP : NF_ACCEPT);
	struct nlattr *nest;

	if (flags & IS_POLICY) {
		mnl_attr_put_u32(nlh, NFTA_TRACE_POLICY, verdict);
		return;
	}
	nest = mnl_attr_nest_start(nlh, NFTA_TRACE_VERDICT);
	mnl_attr_put_u32(nlh, NFTA_VERDICT_CODE, verdict);
	mnl_attr_nest_end(nlh, nest);
}

/* Returns false at the end of the input. */
static bool make(struct nlmsghdr *nlh, struct input *in)
{
	const uint8_t *head = take(in, 5), *network, *transport, *chain;
	struct nfgenmsg *nfg;
	char name[17] = "";
	uint8_t flags;

	network = head ? take(in, head[2]) : NULL;
	transport = network ? take(in, head[3]) : NULL;
	chain = transport ? take(in, head[4] % sizeof(name)) : NULL;
	if (!chain)
		return false;
	flags = head[0];
	memcpy(name, chain, head[4] % sizeof(name));
	nlh->nlmsg_type = NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_TRACE;
	nfg = mnl_nlmsg_put_extra_header(nlh, sizeof(*nfg));
	nfg->nfgen_family = flags & IS_INET ? NFPROTO_INET : NFPROTO_NETDEV;
	mnl_attr_put_u32(nlh, NFTA_TRACE_ID, htonl(head[1]));
	mnl_attr_put_u32(nlh, NFTA_TRACE_TYPE,
			 htonl(flags & IS_POLICY ? NFT_TRACETYPE_POLICY :
						   NFT_TRACETYPE_RULE));
	mnl_attr_put_strz(nlh, NFTA_TRACE_TABLE, flags & IS_OURS ? OURS : "filter");
	if (flags & HAS_CHAIN)
		mnl_attr_put_strz(nlh, NFTA_TRACE_CHAIN, name);
	if (flags & HAS_HANDLE)
		mnl_attr_put_u64(nlh, NFTA_TRACE_RULE_HANDLE, 7);
	if (flags & HAS_NETWORK && head[2])
		mnl_attr_put(nlh, NFTA_TRACE_NETWORK_HEADER, head[2], network);
	if (flags & HAS_TRANSPORT && head[3])
		mnl_attr_put(nlh, NFTA_TRACE_TRANSPORT_HEADER, head[3], transport);
	put_verdict(nlh, flags);
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct watch_event event = { .type = SOCK_WATCH_CONNECT };
	char buf[1024] __attribute__((aligned(NLMSG_ALIGNTO)));
	struct walks walks = { .n = 0 };
	struct input in = { data, size };
	struct walk_end end;

	while (make(mnl_nlmsg_put_header(buf), &in)) {
		if (walks_take(&walks, (void *)buf, OURS, &end) <= 0)
			continue;
		MUST(memchr(end.rule.table, '\0', sizeof(end.rule.table)));
		MUST(memchr(end.rule.chain, '\0', sizeof(end.rule.chain)));
		walk_end_is_of(&end, 0, &event);
	}
	return 0;
}
