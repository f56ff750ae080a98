// SPDX-License-Identifier: GPL-2.0-only
/* Rules of iptables and ip6tables, by libiptc: the same for both. */
#include <stdint.h>
#include <string.h>

#include <libiptc/libip6tc.h>
#include <libiptc/libiptc.h>
#include <linux/netfilter/xt_tcpudp.h>

#include "iptc.h"

static bool addr_matches(const void *addr, const void *of, const void *mask,
			 size_t len)
{
	const uint8_t *a = addr, *b = of, *m = mask;
	size_t i;

	for (i = 0; i < len; i++)
		if ((a[i] ^ b[i]) & m[i])
			return false;
	return true;
}

static bool port_matches(const uint16_t range[2], uint16_t port)
{
	return port >= range[0] && port <= range[1];
}

static bool tcp_matches(const struct xt_tcp *tcp, const struct watch_event *event)
{
	return port_matches(tcp->dpts, event->dest.port) !=
			!!(tcp->invflags & XT_TCP_INV_DSTPT) &&
	       port_matches(tcp->spts, event->source.port) !=
			!!(tcp->invflags & XT_TCP_INV_SRCPT);
}

static bool udp_matches(const struct xt_udp *udp, const struct watch_event *event)
{
	return port_matches(udp->dpts, event->dest.port) !=
			!!(udp->invflags & XT_UDP_INV_DSTPT) &&
	       port_matches(udp->spts, event->source.port) !=
			!!(udp->invflags & XT_UDP_INV_SRCPT);
}

/* What other matches look at is theirs to know. */
static bool ports_match(const void *matches, size_t len,
			const struct watch_event *event)
{
	const char *at = matches, *end = at + len;

	while (at < end) {
		const struct xt_entry_match *match = (const void *)at;
		const char *name = match->u.user.name;

		if (match->u.user.revision == 0 && !strcmp(name, "tcp") &&
		    !tcp_matches((const void *)match->data, event))
			return false;
		if (match->u.user.revision == 0 && !strcmp(name, "udp") &&
		    !udp_matches((const void *)match->data, event))
			return false;
		at += match->u.match_size;
	}
	return true;
}

/* The kernel writes names without what is behind their ends. Targets begin as matches
 * do, and come after them.
 */
static void clear_names(void *matches, void *target)
{
	char *at = matches, *name;
	size_t len;

	while (at <= (char *)target) {
		struct xt_entry_match *match = (void *)at;

		name = match->u.user.name;
		len = strnlen(name, sizeof(match->u.user.name));
		memset(name + len, 0, sizeof(match->u.user.name) - len);
		at += match->u.match_size;
	}
}

static const void *first4(const char *chain, struct xtc_handle *handle)
{
	return iptc_first_rule(chain, handle);
}

static const void *next4(const void *entry, struct xtc_handle *handle)
{
	return iptc_next_rule(entry, handle);
}

static const char *target4(const void *entry, struct xtc_handle *handle)
{
	return iptc_get_target(entry, handle);
}

static size_t len4(const void *of)
{
	const struct ipt_entry *entry = of;

	return entry->next_offset;
}

static uint64_t packets4(const void *of)
{
	const struct ipt_entry *entry = of;

	return entry->counters.pcnt;
}

static void take4(void *copy, const void *of)
{
	struct ipt_entry *entry = copy;

	memcpy(entry, of, len4(of));
	entry->nfcache = 0;
	entry->comefrom = 0;
	entry->counters = (struct xt_counters){ .pcnt = 0 };
	clear_names(entry->elems, (char *)entry + entry->target_offset);
}

static bool may_match4(const void *of, const struct watch_event *event)
{
	const struct ipt_entry *entry = of;
	const struct ipt_ip *ip = &entry->ip;

	return addr_matches(event->source.addr, &ip->src, &ip->smsk, 4) !=
			!!(ip->invflags & IPT_INV_SRCIP) &&
	       addr_matches(event->dest.addr, &ip->dst, &ip->dmsk, 4) !=
			!!(ip->invflags & IPT_INV_DSTIP) &&
	       (!ip->proto || (ip->proto == event->proto) !=
			!!(ip->invflags & XT_INV_PROTO)) &&
	       ports_match(entry->elems,
			   entry->target_offset - sizeof(*entry), event);
}

static const void *first6(const char *chain, struct xtc_handle *handle)
{
	return ip6tc_first_rule(chain, handle);
}

static const void *next6(const void *entry, struct xtc_handle *handle)
{
	return ip6tc_next_rule(entry, handle);
}

static const char *target6(const void *entry, struct xtc_handle *handle)
{
	return ip6tc_get_target(entry, handle);
}

static size_t len6(const void *of)
{
	const struct ip6t_entry *entry = of;

	return entry->next_offset;
}

static uint64_t packets6(const void *of)
{
	const struct ip6t_entry *entry = of;

	return entry->counters.pcnt;
}

static void take6(void *copy, const void *of)
{
	struct ip6t_entry *entry = copy;

	memcpy(entry, of, len6(of));
	entry->nfcache = 0;
	entry->comefrom = 0;
	entry->counters = (struct xt_counters){ .pcnt = 0 };
	clear_names(entry->elems, (char *)entry + entry->target_offset);
}

static bool may_match6(const void *of, const struct watch_event *event)
{
	const struct ip6t_entry *entry = of;
	const struct ip6t_ip6 *ip = &entry->ipv6;

	return addr_matches(event->source.addr, &ip->src, &ip->smsk, 16) !=
			!!(ip->invflags & IP6T_INV_SRCIP) &&
	       addr_matches(event->dest.addr, &ip->dst, &ip->dmsk, 16) !=
			!!(ip->invflags & IP6T_INV_DSTIP) &&
	       (!(ip->flags & IP6T_F_PROTO) || !ip->proto ||
		(ip->proto == event->proto) != !!(ip->invflags & XT_INV_PROTO)) &&
	       ports_match(entry->elems,
			   entry->target_offset - sizeof(*entry), event);
}

const struct iptc iptc[IPTC_FAMILIES] = {
	[IPTC_IPV4] = {
		.ops = &iptc_ops,
		.names = "/proc/self/net/ip_tables_names",
		.first = first4,
		.next = next4,
		.target = target4,
		.len = len4,
		.packets = packets4,
		.take = take4,
		.may_match = may_match4,
	},
	[IPTC_IPV6] = {
		.ops = &ip6tc_ops,
		.names = "/proc/self/net/ip6_tables_names",
		.first = first6,
		.next = next6,
		.target = target6,
		.len = len6,
		.packets = packets6,
		.take = take6,
		.may_match = may_match6,
	},
};

/**
 * iptc_may_deny() - is it a rule that can deny?
 * @of: the family
 * @entry: the rule
 * @handle: its table
 *
 * Targets that are known leave the verdict to the rules behind; of one that is not it
 * is assumed that it denies.
 *
 * Return: true if so.
 */
bool iptc_may_deny(const struct iptc *of, const void *entry,
		   struct xtc_handle *handle)
{
	static const char *const others[] = {
		"", IPTC_LABEL_ACCEPT, IPTC_LABEL_RETURN, "AUDIT", "CLASSIFY",
		"CONNMARK", "CONNSECMARK", "IDLETIMER", "LED", "LOG", "MARK",
		"NFLOG", "RATEEST", "SECMARK", "SET", "TEE",
	};
	const char *target = of->target(entry, handle);
	size_t i;

	for (i = 0; i < sizeof(others) / sizeof(*others); i++)
		if (!strcmp(target, others[i]))
			return false;
	return !of->ops->is_chain(target, handle);
}
