// SPDX-License-Identifier: GPL-2.0-only
/*
 * Events on their way through nft's chains on an event device, as nft traces them.
 * The first chain is ours, and its trace has the event's headers, which those of others
 * may lack. What comes with the same id is about that event, until the next one.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include <libmnl/libmnl.h>
#include <libnftnl/trace.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>

#include "../../nft/table.h"
#include "watch_walk.h"

static bool has_ports(uint8_t proto)
{
	return proto == IPPROTO_TCP || proto == IPPROTO_UDP ||
	       proto == IPPROTO_UDPLITE || proto == IPPROTO_SCTP ||
	       proto == IPPROTO_DCCP;
}

static void take_ports(struct walk_headers *to, const struct nftnl_trace *trace)
{
	const uint16_t *port;
	uint32_t len;

	port = nftnl_trace_get_data(trace, NFTNL_TRACE_TRANSPORT_HEADER, &len);
	if (!port || len < 2 * sizeof(*port) || !has_ports(to->proto))
		return;
	to->source.port = ntohs(port[0]);
	to->dest.port = ntohs(port[1]);
}

static void take_headers(struct walk_headers *to, const struct nftnl_trace *trace)
{
	const struct ip6_hdr *ip6;
	const struct iphdr *ip;
	uint32_t len;

	ip = nftnl_trace_get_data(trace, NFTNL_TRACE_NETWORK_HEADER, &len);
	if (!ip)
		return;
	ip6 = (const void *)ip;
	if (len >= sizeof(*ip6) && ip->version == 6) {
		to->proto = ip6->ip6_nxt;
		endpoint_set(&to->source, AF_INET6, &ip6->ip6_src, 0);
		endpoint_set(&to->dest, AF_INET6, &ip6->ip6_dst, 0);
	} else if (len >= sizeof(*ip) && ip->version == 4) {
		to->proto = ip->protocol;
		endpoint_set(&to->source, AF_INET, &ip->saddr, 0);
		endpoint_set(&to->dest, AF_INET, &ip->daddr, 0);
	}
	take_ports(to, trace);
}

/* Newer kernels trace the end of a chain, too, as a rule without a handle. */
static bool is_rule(const struct nftnl_trace *trace)
{
	return nftnl_trace_get_u32(trace, NFTNL_TRACE_TYPE) == NFT_TRACETYPE_RULE &&
	       nftnl_trace_is_set(trace, NFTNL_TRACE_RULE_HANDLE);
}

/* Our own rule is the first that an event comes to. */
static void begin_walk(struct walks *walks,
		       const struct nftnl_trace *trace, const char *chain)
{
	unsigned int device = 0;
	struct walk *walk;

	if (!is_rule(trace))
		return;
	sscanf(chain, WALK_BEGIN, &device);
	walk = &walks->walk[walks->n++ % WALKS];
	*walk = (struct walk){
		.id = nftnl_trace_get_u32(trace, NFTNL_TRACE_ID),
		.headers = { .device = device },
	};
	take_headers(&walk->headers, trace);
}

/* A CPU has one packet, and an id stands for a packet and what is in it. Others'
 * rules may have packets of real devices traced, too, which have no walk.
 */
static struct walk *find_walk(struct walks *walks, uint32_t id)
{
	struct walk *walk;
	unsigned int i;

	for (i = 1; i <= WALKS && i <= walks->n; i++) {
		walk = &walks->walk[(walks->n - i) % WALKS];
		if (walk->id == id)
			return walk->done ? NULL : walk;
	}
	return NULL;
}

static const char *family_name(uint32_t family)
{
	return family == NFPROTO_NETDEV ? "netdev" :
	       family == NFPROTO_INET ? "inet" : "unknown";
}

static void end_walk(const struct walk *walk, const struct nftnl_trace *trace,
		     bool is_policy, bool is_ours, struct walk_end *end)
{
	struct rule *rule = &end->rule;

	*end = (struct walk_end){ .headers = walk->headers };
	rule->kind = is_policy ? RULE_POLICY : !is_ours ? RULE_LINE :
		     walk->rest ? RULE_DEFAULT : RULE_DENY;
	snprintf(rule->family, sizeof(rule->family), "%s",
		 family_name(nftnl_trace_get_u32(trace, NFTNL_TRACE_FAMILY)));
	snprintf(rule->table, sizeof(rule->table), "%s",
		 nftnl_trace_get_str(trace, NFTNL_TRACE_TABLE));
	snprintf(rule->chain, sizeof(rule->chain), "%s",
		 nftnl_trace_get_str(trace, NFTNL_TRACE_CHAIN));
	if (!is_policy)
		rule->number = nftnl_trace_get_u64(trace, NFTNL_TRACE_RULE_HANDLE);
}

static bool ends_with(const char *word, const char *end)
{
	size_t len = strlen(word), n = strlen(end);

	return len > n && !strcmp(word + len - n, end);
}

/* Verdicts that are none yet, as jump, are negative. */
static bool verdict_denies(uint32_t verdict)
{
	return (int32_t)verdict >= 0 && (verdict & NF_VERDICT_MASK) != NF_ACCEPT;
}

/* Returns true if the walk came to its end. */
static bool follow_walk(struct walks *walks, const struct nftnl_trace *trace,
			const char *table, const char *chain,
			struct walk_end *end)
{
	struct walk *walk;
	bool is_ours, is_policy;

	is_policy = nftnl_trace_get_u32(trace, NFTNL_TRACE_TYPE) ==
		    NFT_TRACETYPE_POLICY;
	walk = find_walk(walks, nftnl_trace_get_u32(trace, NFTNL_TRACE_ID));
	if (!walk || (!is_rule(trace) && !is_policy))
		return false;
	is_ours = !strcmp(table, &TABLE[strlen("inet ")]) &&
		  nftnl_trace_get_u32(trace, NFTNL_TRACE_FAMILY) == NFPROTO_INET;
	walk->done = verdict_denies(nftnl_trace_get_u32(trace, is_policy ?
							NFTNL_TRACE_POLICY :
							NFTNL_TRACE_VERDICT));
	if (walk->done)
		end_walk(walk, trace, is_policy, is_ours, end);
	else if (is_ours)
		walk->rest = ends_with(chain, TABLE_DENY);
	return walk->done;
}

/**
 * walks_take() - read what nft traced
 * @walks: the events so far
 * @nlh: the trace
 * @table: the table with the chains WALK_BEGIN
 * @end: filled in if this denied an event
 *
 * Return: 1 if it did, 0 if not, or a negative errno.
 */
int walks_take(struct walks *walks, const struct nlmsghdr *nlh,
	       const char *table, struct walk_end *end)
{
	struct nftnl_trace *trace = nftnl_trace_alloc();
	const char *in, *chain;
	int ret = 0;

	if (!trace)
		return -ENOMEM;
	if (nftnl_trace_nlmsg_parse(nlh, trace) < 0)
		ret = -EPROTO;
	in = nftnl_trace_get_str(trace, NFTNL_TRACE_TABLE);
	chain = nftnl_trace_get_str(trace, NFTNL_TRACE_CHAIN);
	if (in && chain && !strcmp(in, table))
		begin_walk(walks, trace, chain);
	else if (in && chain && !ret)
		ret = follow_walk(walks, trace, in, chain, end);
	nftnl_trace_free(trace);
	return ret;
}

/**
 * walk_end_is_of() - is it an event that we are told of?
 * @end: one that was denied
 * @device: the number of the device that denied the other one
 * @event: the other one
 *
 * Return: true if they look alike.
 */
bool walk_end_is_of(const struct walk_end *end, unsigned int device,
		    const struct watch_event *event)
{
	const struct walk_headers *of = &end->headers;
	struct endpoint source = event->source, dest = event->dest;

	if (!has_ports(of->proto))
		source.port = dest.port = 0;
	return of->device == device && of->proto == event->proto &&
	       !endpoint_compare(&of->source, &source) &&
	       !endpoint_compare(&of->dest, &dest);
}
