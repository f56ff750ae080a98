// SPDX-License-Identifier: GPL-2.0-only
/*
 * From what was seen of a container to what it is to be permitted: all of that, and
 * no more than was asked for. Addresses of one network, as wide as it may be, become
 * the smallest prefix that has them all, with the ports that were seen of any of
 * them; ports that are close become a range from the first to the last of them.
 */
#include <errno.h>
#include <netinet/in.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "learned.h"

static int compare_numbers(unsigned int a, unsigned int b)
{
	return a < b ? -1 : a > b;
}

static int compare(const void *a, const void *b)
{
	const struct sighting *x = a, *y = b;
	int ret;

	ret = compare_numbers(x->event, y->event);
	if (!ret)
		ret = compare_numbers(x->proto, y->proto);
	if (!ret)
		ret = compare_numbers(x->family, y->family);
	if (!ret)
		ret = memcmp(x->addr, y->addr, sizeof(x->addr));
	return ret ? ret : compare_numbers(x->port, y->port);
}

static int compare_entries(const void *a, const void *b)
{
	return compare(*(struct sighting *const *)a,
		       *(struct sighting *const *)b);
}

/**
 * sightings_add() - note what was seen
 * @sightings: what was seen so far
 * @sighting: what was seen now; not kept
 *
 * Return: 0, -ENOMEM, or -E2BIG if there are too many of its event.
 */
int sightings_add(struct sightings *sightings, const struct sighting *sighting)
{
	struct sighting *copy, **more;
	size_t room;

	if (tfind(sighting, &sightings->tree, compare))
		return 0;
	if (sightings->of[sighting->event] == SIGHTINGS_MAX) {
		sightings->full[sighting->event] = true;
		return -E2BIG;
	}
	if (sightings->n == sightings->room) {
		room = sightings->room ? 2 * sightings->room : 64;
		more = realloc(sightings->at, room * sizeof(*more));
		if (!more)
			return -ENOMEM;
		sightings->at = more;
		sightings->room = room;
	}
	copy = malloc(sizeof(*copy));
	if (!copy)
		return -ENOMEM;
	*copy = *sighting;
	if (!tsearch(copy, &sightings->tree, compare)) {
		free(copy);
		return -ENOMEM;
	}
	sightings->at[sightings->n++] = copy;
	sightings->of[sighting->event]++;
	return 0;
}

/**
 * sightings_free() - forget what was seen
 * @sightings: empty then
 */
void sightings_free(struct sightings *sightings)
{
	size_t i;

	for (i = 0; i < sightings->n; i++) {
		tdelete(sightings->at[i], &sightings->tree, compare);
		free(sightings->at[i]);
	}
	free(sightings->at);
	*sightings = (struct sightings){ 0 };
}

/* How many bits two addresses have in common. */
static unsigned int common_bits(const uint8_t *a, const uint8_t *b, size_t size)
{
	unsigned int bits = 0;
	size_t i;

	for (i = 0; i < size && a[i] == b[i]; i++)
		bits += 8;
	if (i < size)
		bits += (unsigned int)__builtin_clz((unsigned int)(a[i] ^ b[i])) - 24;
	return bits;
}

/* All addresses that have the first @bits of @addr. */
static void set_addrs(struct box *box, const uint8_t *addr, unsigned int bits,
		      size_t size)
{
	size_t i;

	memset(box->addr, 0, sizeof(box->addr));
	for (i = 0; i < size; i++) {
		unsigned int here = bits > 8 * i ? bits - 8 * (unsigned int)i : 0;
		uint8_t rest = here >= 8 ? 0 : (uint8_t)(0xff >> here);

		box->addr[0][i] = addr[i] & (uint8_t)~rest;
		box->addr[1][i] = addr[i] | rest;
	}
}

/* Do these belong to one network, of the size that was asked for? */
static bool are_close(const struct sighting *a, const struct sighting *b,
		      const struct learn_limits *limits)
{
	return a->event == b->event && a->proto == b->proto &&
	       a->family == b->family &&
	       common_bits(a->addr, b->addr, tuple_addr_len(a->family)) >=
	       limits->prefix[a->family];
}

static int compare_ports(const void *a, const void *b)
{
	return compare_numbers(*(const uint16_t *)a, *(const uint16_t *)b);
}

/*
 * Where the range that begins with the first port ends, as an index. What was seen
 * without a gap is no wider than what was seen. Port 0 is none: it stands for one
 * that the kernel picks.
 */
static size_t range_end(const uint16_t *port, size_t n, uint32_t widest)
{
	bool dense = true;
	size_t i;

	for (i = 1; i < n && port[0]; i++) {
		dense = dense && port[i] <= port[i - 1] + 1;
		if (!dense && (uint32_t)port[i] - port[0] + 1 > widest)
			break;
	}
	return port[0] ? i : 1;
}

static int permit(struct policy *policy, const struct sighting *of,
		  const struct box *box)
{
	struct tuple tuple = { .has = { false } };

	tuple.has[of->family] = true;
	tuple.box[of->family] = *box;
	return policy_put(&policy->event[of->event], &tuple, true);
}

static bool has_ports(uint8_t proto)
{
	return proto != IPPROTO_ICMP && proto != IPPROTO_ICMPV6;
}

/* What was seen of one network. */
static int permit_network(struct policy *policy, struct sighting *const *at,
			  size_t n, const struct learn_limits *limits)
{
	size_t size = tuple_addr_len(at[0]->family), i, len, nports = 0;
	struct box box = { .proto = { at[0]->proto, at[0]->proto } };
	uint16_t *ports = calloc(n, sizeof(*ports));
	int ret = 0;

	if (!ports)
		return -ENOMEM;
	set_addrs(&box, at[0]->addr,
		  common_bits(at[0]->addr, at[n - 1]->addr, size), size);
	for (i = 0; i < n; i++)
		ports[i] = at[i]->port;
	qsort(ports, n, sizeof(*ports), compare_ports);
	for (i = 0; i < n; i++)
		if (!nports || ports[nports - 1] != ports[i])
			ports[nports++] = ports[i];
	for (i = 0; i < nports && !ret; i += len) {
		len = range_end(ports + i, nports - i, limits->ports);
		box.port[0] = ports[i];
		box.port[1] = ports[i + len - 1];
		if (!has_ports(at[0]->proto))
			box.port[1] = UINT16_MAX;
		ret = permit(policy, at[0], &box);
	}
	free(ports);
	return ret;
}

/**
 * learn() - permit what was seen
 * @policy: has nothing but the id; filled in and sorted: what was not seen is
 *	denied. An event that takes too much has no policy
 * @sightings: what was seen; put into order
 * @limits: how much more may be permitted
 *
 * Return: 0, -ENOMEM, or -E2BIG if there are events that take too many tuples.
 */
int learn(struct policy *policy, struct sightings *sightings,
	  const struct learn_limits *limits)
{
	enum policy_event event;
	enum tuple_family family;
	size_t i, n;
	int ret = 0, one;

	if (sightings->n)
		qsort(sightings->at, sightings->n, sizeof(*sightings->at),
		      compare_entries);
	for (event = 0; event < POLICY_EVENTS; event++)
		policy->event[event].rest = sightings->full[event] ? REST_NONE :
								     REST_DENY;
	for (i = 0; i < sightings->n && ret != -ENOMEM; i += n) {
		for (n = 1; i + n < sightings->n; n++)
			if (!are_close(sightings->at[i], sightings->at[i + n],
				       limits))
				break;
		event = sightings->at[i]->event;
		if (policy->event[event].rest == REST_NONE)
			continue;
		one = permit_network(policy, sightings->at + i, n, limits);
		/* A part of it would deny the rest. */
		if (one == -E2BIG)
			policy_clear_event(&policy->event[event]);
		if (one)
			ret = one;
	}
	for (event = 0; event < POLICY_EVENTS; event++) {
		if (sightings->full[event] && !ret)
			ret = -E2BIG;
		for (family = 0; family < TUPLE_FAMILIES; family++)
			boxes_sort(&policy->event[event].boxes[family]);
	}
	return ret;
}

static void put_range(FILE *to, unsigned int first, unsigned int last)
{
	if (first == last)
		fprintf(to, "%u", first);
	else
		fprintf(to, "%u-%u", first, last);
}

static void put_set(FILE *to, const char *event, enum tuple_family family,
		    const struct boxes *boxes)
{
	char addr[TUPLE_TEXT];
	size_t i;

	fprintf(to,
		"\tset %s_%s {\n"
		"\t\ttype inet_proto . %s . inet_service\n"
		"\t\tflags interval\n"
		"\t\telements = {", event, family == TUPLE_IPV4 ? "ip" : "ip6",
		family == TUPLE_IPV4 ? "ipv4_addr" : "ipv6_addr");
	for (i = 0; i < boxes->n; i++) {
		const struct box *box = &boxes->box[i];

		tuple_format_addr(addr, box, family);
		fputs(i ? ",\n\t\t\t" : "\n\t\t\t", to);
		put_range(to, box->proto[0], box->proto[1]);
		fprintf(to, " . %s . ", addr);
		put_range(to, box->port[0], box->port[1]);
	}
	fputs("\n\t\t}\n\t}\n", to);
}

static void put_event(FILE *to, uint32_t id, enum policy_event event,
		      const struct event_policy *of)
{
	const char *name = policy_event_name(event);
	enum tuple_family family;

	for (family = 0; family < TUPLE_FAMILIES; family++)
		if (of->boxes[family].n)
			put_set(to, name, family, &of->boxes[family]);
	fprintf(to, "\tchain %s_permitted {\n", name);
	for (family = 0; family < TUPLE_FAMILIES; family++) {
		const char *ip = family == TUPLE_IPV4 ? "ip" : "ip6";

		if (of->boxes[family].n)
			fprintf(to, "\t\tmeta l4proto . %s %s . th dport @%s_%s accept\n",
				ip, event == POLICY_ACCEPT ? "saddr" : "daddr",
				name, ip);
	}
	fprintf(to,
		"\t\tdrop\n"
		"\t}\n"
		"\tchain on_%s {\n"
		"\t\ttype filter hook ingress device \"%s\" priority filter; policy accept;\n"
		"\t\tmeta mark %u goto %s_permitted\n"
		"\t}\n", name, name, id, name);
}

/**
 * learned_put_nft() - write a policy that was learned as a rule set of nft
 * @to: where to
 * @policy: as learn() made it
 */
void learned_put_nft(FILE *to, const struct policy *policy)
{
	enum policy_event event;

	for (event = 0; event < POLICY_EVENTS; event++)
		if (policy->event[event].rest != REST_NONE)
			fprintf(to, "# needs: ip link add %s type sock%s && ip link set %s up\n",
				policy_event_name(event), policy_event_name(event),
				policy_event_name(event));
	fprintf(to, "table inet learned_%u {\n", policy->id);
	for (event = 0; event < POLICY_EVENTS; event++)
		if (policy->event[event].rest != REST_NONE)
			put_event(to, policy->id, event, &policy->event[event]);
	fputs("}\n", to);
}
