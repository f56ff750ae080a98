// SPDX-License-Identifier: GPL-2.0-only
/* What was seen is permitted, and nothing that is further away than asked. */
#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../../nft/learned.h"
#include "tap.h"

static void see(struct sightings *seen, enum policy_event event, uint8_t proto,
		const char *addr, uint16_t port)
{
	struct sighting sighting = {
		.event = event, .proto = proto, .port = port,
		.family = strchr(addr, ':') ? TUPLE_IPV6 : TUPLE_IPV4,
	};

	inet_pton(sighting.family == TUPLE_IPV6 ? AF_INET6 : AF_INET, addr,
		  sighting.addr);
	sightings_add(seen, &sighting);
}

/* "tcp 10.0.0.1:443; ..." of an event. */
static const char *text(const struct policy *policy, enum policy_event event)
{
	static char all[4096];
	char one[TUPLE_TEXT];
	enum tuple_family family;
	size_t i;

	*all = '\0';
	for (family = 0; family < TUPLE_FAMILIES; family++) {
		const struct boxes *boxes = &policy->event[event].boxes[family];

		for (i = 0; i < boxes->n; i++) {
			tuple_format(one, &boxes->box[i], family, false);
			snprintf(all + strlen(all), sizeof(all) - strlen(all),
				 "%s%s", *all ? "; " : "", one);
		}
	}
	return all;
}

static void check(struct sightings *seen, struct learn_limits limits,
		  const char *want, const char *what)
{
	struct policy policy = { .id = 7 };

	ok(!learn(&policy, seen, &limits), "it can be learned");
	is(text(&policy, POLICY_CONNECT), want, what);
	ok(policy.event[POLICY_BIND].rest == REST_DENY,
	   "what was not seen is denied");
	policy_clear(&policy);
}

static void examples(void)
{
	struct sightings seen = { 0 };

	check(&seen, LEARN_EXACTLY, "", "nothing was seen");
	see(&seen, POLICY_CONNECT, IPPROTO_TCP, "10.0.0.1", 443);
	see(&seen, POLICY_CONNECT, IPPROTO_TCP, "10.0.0.1", 443);
	see(&seen, POLICY_CONNECT, IPPROTO_TCP, "10.0.0.9", 80);
	check(&seen, LEARN_EXACTLY, "tcp 10.0.0.1:443; tcp 10.0.0.9:80",
	      "exactly what was seen, once");
	check(&seen, (struct learn_limits){ { 24, 128 }, 1 },
	      "tcp 10.0.0.0/28:80; tcp 10.0.0.0/28:443",
	      "the smallest prefix within the one that was asked for");
	see(&seen, POLICY_CONNECT, IPPROTO_TCP, "10.0.1.1", 443);
	check(&seen, (struct learn_limits){ { 24, 128 }, 1 },
	      "tcp 10.0.0.0/28:80; tcp 10.0.0.0/28:443; tcp 10.0.1.1:443",
	      "another network is by itself");
	see(&seen, POLICY_CONNECT, IPPROTO_TCP, "10.0.1.1", 0);
	see(&seen, POLICY_CONNECT, IPPROTO_TCP, "10.0.1.1", 2);
	see(&seen, POLICY_CONNECT, IPPROTO_TCP, "10.0.1.1", 445);
	check(&seen, (struct learn_limits){ { 32, 128 }, 3 },
	      "tcp 10.0.0.1:443; tcp 10.0.0.9:80; tcp 10.0.1.1:0; tcp 10.0.1.1:2; tcp 10.0.1.1:443-445",
	      "ports that are close are a range, but port 0 is none");
	sightings_free(&seen);

	see(&seen, POLICY_CONNECT, IPPROTO_UDP, "2001:db8::1", 53);
	see(&seen, POLICY_CONNECT, IPPROTO_UDP, "2001:db8::2", 53);
	see(&seen, POLICY_CONNECT, IPPROTO_ICMPV6, "2001:db8::2", 0);
	check(&seen, (struct learn_limits){ { 8, 128 }, 1 },
	      "udp [2001:db8::1-2001:db8::2]:53; icmpv6 2001:db8::2",
	      "IPv6 has a prefix of its own; neighbours are written as one");
	check(&seen, (struct learn_limits){ { 32, 64 }, 1 },
	      "udp [2001:db8::/126]:53; icmpv6 2001:db8::2",
	      "which may be shorter");
	sightings_free(&seen);
}

static bool in_box(const struct box *box, const struct sighting *s)
{
	return box->proto[0] <= s->proto && s->proto <= box->proto[1] &&
	       memcmp(box->addr[0], s->addr, BOX_ADDR_SIZE) <= 0 &&
	       memcmp(s->addr, box->addr[1], BOX_ADDR_SIZE) <= 0 &&
	       box->port[0] <= s->port && s->port <= box->port[1];
}

static bool is_covered(const struct policy *policy, const struct sighting *s)
{
	const struct boxes *boxes = &policy->event[s->event].boxes[s->family];
	size_t i;

	for (i = 0; i < boxes->n; i++)
		if (in_box(&boxes->box[i], s))
			return true;
	return false;
}

static uint32_t ipv4(const uint8_t *addr)
{
	return (uint32_t)addr[0] << 24 | (uint32_t)addr[1] << 16 |
	       (uint32_t)addr[2] << 8 | addr[3];
}

/* Was anything seen in its network, of its port or on both sides of it? */
static bool was_asked_for(const struct sightings *seen,
			  const struct learn_limits *limits,
			  const struct sighting *point)
{
	unsigned int shift = 32 - limits->prefix[TUPLE_IPV4];
	const struct sighting *a, *b;
	size_t i, j;

	for (i = 0; i < seen->n; i++) {
		a = seen->at[i];
		if (a->event != point->event || a->proto != point->proto ||
		    (uint64_t)ipv4(a->addr) >> shift !=
		    (uint64_t)ipv4(point->addr) >> shift)
			continue;
		if (a->port == point->port)
			return true;
		for (j = 0; j < seen->n; j++) {
			b = seen->at[j];
			if (b->event == a->event && b->proto == a->proto &&
			    (uint64_t)ipv4(a->addr) >> shift ==
			    (uint64_t)ipv4(b->addr) >> shift && a->port &&
			    a->port < point->port && point->port < b->port &&
			    (uint32_t)b->port - a->port < limits->ports)
				return true;
		}
	}
	return false;
}

/* Random points in what is permitted, with its corners. */
static bool goes_too_far(const struct policy *policy,
			 const struct sightings *seen,
			 const struct learn_limits *limits)
{
	const struct boxes *boxes = policy->event[POLICY_CONNECT].boxes;
	size_t i, j;

	for (i = 0; i < boxes->n; i++) {
		const struct box *box = &boxes->box[i];
		uint32_t first = ipv4(box->addr[0]), last = ipv4(box->addr[1]);

		for (j = 0; j < 20; j++) {
			uint32_t addr = j ? first + (uint32_t)random() %
					    (last - first + 1) : last;
			struct sighting point = {
				.proto = box->proto[0],
				.port = (uint16_t)(box->port[0] + random() %
					(box->port[1] - box->port[0] + 1)),
			};

			addr = htonl(addr);
			memcpy(point.addr, &addr, sizeof(addr));
			if (!was_asked_for(seen, limits, &point))
				return true;
		}
	}
	return false;
}

/* Each tuple of what is permitted, if there is no more than was seen. */
static size_t volume(const struct policy *policy)
{
	const struct boxes *boxes = policy->event[POLICY_CONNECT].boxes;
	size_t i, n = 0;

	for (i = 0; i < boxes->n; i++) {
		const struct box *box = &boxes->box[i];

		n += (size_t)(ipv4(box->addr[1]) - ipv4(box->addr[0]) + 1) *
		     (size_t)(box->port[1] - box->port[0] + 1) *
		     (size_t)(box->proto[1] - box->proto[0] + 1);
	}
	return n;
}

static void properties(void)
{
	unsigned int round, missed = 0, far = 0, more = 0;
	size_t i;

	srandom(7);
	for (round = 0; round < 300; round++) {
		struct learn_limits limits = LEARN_EXACTLY;
		struct sightings seen = { 0 };
		struct policy policy = { .id = 7 };
		unsigned int n = 1 + (unsigned int)random() % 40;

		if (round % 3) {
			limits.prefix[TUPLE_IPV4] = 20 + (unsigned int)random() % 13;
			limits.ports = 1 + (uint32_t)random() % 30;
		}
		while (n--) {
			char addr[INET_ADDRSTRLEN];

			snprintf(addr, sizeof(addr), "10.0.%ld.%ld",
				 random() % 4, random() % 64);
			see(&seen, POLICY_CONNECT,
			    random() % 4 ? IPPROTO_TCP : IPPROTO_UDP, addr,
			    (uint16_t)(random() % 60));
		}
		if (learn(&policy, &seen, &limits))
			missed++;
		for (i = 0; i < seen.n; i++)
			missed += !is_covered(&policy, seen.at[i]);
		far += goes_too_far(&policy, &seen, &limits);
		if (!(round % 3))
			more += volume(&policy) != seen.n;
		policy_clear(&policy);
		sightings_free(&seen);
	}
	ok(!missed, "all that was seen is permitted");
	ok(!far, "nothing is permitted that is outside of what was asked for");
	ok(!more, "exactly is exactly");
}

/* One event that takes too much is left out, and the others are learned. */
static void too_many(void)
{
	struct learn_limits wide = { .prefix = { 0, 128 }, .ports = 1 };
	struct sighting one = { .event = POLICY_CONNECT, .proto = IPPROTO_TCP };
	struct sightings seen = { 0 };
	struct policy policy = { .id = 7 };
	char *out = NULL;
	size_t size;
	FILE *file;
	uint32_t i;
	int ret = 0;

	see(&seen, POLICY_BIND, IPPROTO_TCP, "10.0.0.1", 80);
	see(&seen, POLICY_ACCEPT, IPPROTO_TCP, "10.0.0.2", 80);
	for (i = 0; i <= BOXES_MAX; i++) {
		memcpy(one.addr, &(uint32_t){ htonl(2 * i) }, sizeof(i));
		ret |= sightings_add(&seen, &one);
	}
	ok(!ret && learn(&policy, &seen, &LEARN_EXACTLY) == -E2BIG, "too many tuples");
	is(text(&policy, POLICY_CONNECT), "", "none of them");
	ok(policy.event[POLICY_CONNECT].rest == REST_NONE, "so that nothing is denied");
	is(text(&policy, POLICY_BIND), "tcp 10.0.0.1:80", "what was bound is learned");
	is(text(&policy, POLICY_ACCEPT), "tcp 10.0.0.2:80", "and what was accepted");
	file = open_memstream(&out, &size);
	learned_put_nft(file, &policy);
	fclose(file);
	ok(!strstr(out, "connect") && strstr(out, "on_bind"), "for nft, too");
	free(out);
	policy_clear(&policy);
	check(&seen, wide, "tcp 0.0.0.0/17:0", "they fit if they may be wider");

	for (; i < SIGHTINGS_MAX; i++) {
		memcpy(one.addr, &(uint32_t){ htonl(2 * i) }, sizeof(i));
		ret |= sightings_add(&seen, &one);
	}
	ok(!ret && !seen.full[POLICY_CONNECT], "so many are kept");
	memcpy(one.addr, &(uint32_t){ htonl(2 * i) }, sizeof(i));
	ok(sightings_add(&seen, &one) == -E2BIG && seen.full[POLICY_CONNECT], "and no more");
	see(&seen, POLICY_BIND, IPPROTO_TCP, "10.0.0.1", 81);
	policy.id = 7;
	ok(learn(&policy, &seen, &wide) == -E2BIG, "then it is left out even if it would fit");
	is(text(&policy, POLICY_CONNECT), "", "as it is not all");
	is(text(&policy, POLICY_BIND), "tcp 10.0.0.1:80-81", "another event is not");
	policy_clear(&policy);
	sightings_free(&seen);
}

int main(void)
{
	examples();
	too_many();
	properties();
	return tap_done();
}
