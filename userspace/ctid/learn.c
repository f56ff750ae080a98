// SPDX-License-Identifier: GPL-2.0-only
/* ctid learn. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "../../nft/learned.h"
#include "../names.h"
#include "../text.h"
#include "policy.h"
#include "watching.h"

/**
 * struct lesson - what is being learned
 * @who: the container, as the user wrote it
 * @id: its id
 * @limits: how far beyond what was seen
 * @seconds: for how long, 0 for ever
 * @watching: the stream of events
 * @seen: what was seen
 * @events: how many events that were
 * @denied: how many more were denied
 */
struct lesson {
	const char *who;
	uint32_t id;
	struct learn_limits limits;
	uint32_t seconds;
	struct watching watching;
	struct sightings seen;
	uint64_t events, denied;
};

static int parse_prefixes(const char *word, unsigned int prefix[TUPLE_FAMILIES])
{
	const char *comma = strchr(word, ',');
	size_t len = comma ? (size_t)(comma - word) : strlen(word);
	char first[16] = "";

	if (len < sizeof(first))
		memcpy(first, word, len);
	if (!is_number(first) || number_parse(first, &prefix[TUPLE_IPV4]) ||
	    prefix[TUPLE_IPV4] > 32)
		return usage_error("\"%s\" is no length of a prefix: use 0 to 32, and after a comma 0 to 128 for IPv6",
				   show(word).s);
	if (comma && (!is_number(comma + 1) ||
		      number_parse(comma + 1, &prefix[TUPLE_IPV6]) ||
		      prefix[TUPLE_IPV6] > 128))
		return usage_error("\"%s\" has no length of an IPv6 prefix after the comma: use 0 to 128",
				   show(word).s);
	return CTID_OK;
}

static int parse_ports(const char *word, uint32_t *ports)
{
	if (!is_number(word) || number_parse(word, ports) || !*ports ||
	    *ports > UINT16_MAX + 1)
		return usage_error("\"%s\" is no number of ports: use 1 to 65536",
				   show(word).s);
	return CTID_OK;
}

static int parse_options(struct lesson *lesson, const struct ctid *ctx)
{
	int ret = CTID_OK;

	lesson->limits = LEARN_EXACTLY;
	if (ctx->duration)
		ret = watch_for_parse(ctx->duration, &lesson->seconds);
	if (!ret && ctx->net_prefix)
		ret = parse_prefixes(ctx->net_prefix, lesson->limits.prefix);
	if (!ret && ctx->port_range)
		ret = parse_ports(ctx->port_range, &lesson->limits.ports);
	return ret;
}

static int on_event(const struct watch_event *event, void *data)
{
	static const enum policy_event types[] = {
		[SOCK_WATCH_CONNECT] = POLICY_CONNECT,
		[SOCK_WATCH_BIND] = POLICY_BIND,
		[SOCK_WATCH_ACCEPT] = POLICY_ACCEPT,
	};
	const struct endpoint *end;
	struct lesson *lesson = data;
	struct sighting seen = { .proto = event->proto };
	bool full;
	int ret;

	if (event->code) {
		lesson->denied++;
		return 0;
	}
	if (event->type > SOCK_WATCH_ACCEPT)
		return 0;
	end = event->type == SOCK_WATCH_BIND ? watching_local(event) :
					       watching_remote(event);
	seen.event = types[event->type];
	seen.family = end->family == AF_INET ? TUPLE_IPV4 : TUPLE_IPV6;
	memcpy(seen.addr, end->addr, sizeof(seen.addr));
	seen.port = event->dest.port;
	lesson->events++;
	full = lesson->seen.full[seen.event];
	ret = sightings_add(&lesson->seen, &seen);
	if (ret == -E2BIG && !full)
		warn("more than %u different ones to %s were seen: no more are kept, and none of them will be permitted",
		     SIGHTINGS_MAX, policy_event_name(seen.event));
	return ret == -E2BIG ? 0 : ret;
}

static void print_permit(const void *who, enum policy_event event,
			 const struct box *box, const char *text)
{
	(void)box;
	printf("ctid permit %s %s %s\n", (const char *)who,
	       policy_event_name(event), text);
}

/* The first permit of an event has the rest denied; without one it is to be said. */
static void print_commands(const struct lesson *lesson,
			   const struct policy *policy)
{
	enum policy_event event;

	for (event = 0; event < POLICY_EVENTS; event++) {
		const struct event_policy *of = &policy->event[event];

		if (of->rest == REST_NONE)
			continue;
		if (!of->boxes[TUPLE_IPV4].n && !of->boxes[TUPLE_IPV6].n)
			printf("ctid policy %s default deny %s\n", lesson->who,
			       policy_event_name(event));
		policy_each_tuple(policy, event, print_permit, lesson->who);
	}
}

static int print_too_many(const struct policy *policy)
{
	enum policy_event event;
	int ret = CTID_OK;

	for (event = 0; event < POLICY_EVENTS; event++)
		if (policy->event[event].rest == REST_NONE)
			ret = fail("it takes more than %d tuples to permit each %s that was seen, so it is left out: allow more with --net-prefix or --port-range",
				   BOXES_MAX, policy_event_name(event));
	return ret;
}

static int print_learned(const struct ctid *ctx, struct lesson *lesson)
{
	struct policy policy = { .id = lesson->id };
	int ret;

	ret = learn(&policy, &lesson->seen, &lesson->limits);
	if (ret && ret != -E2BIG)
		ret = fail("out of memory");
	else if (ctx->nft)
		learned_put_nft(stdout, &policy);
	else
		print_commands(lesson, &policy);
	if (ret == -E2BIG)
		ret = print_too_many(&policy);
	policy_clear(&policy);
	return ret;
}

static int report(const struct lesson *lesson)
{
	warn("saw %llu event%s of %s", (unsigned long long)lesson->events,
	     lesson->events == 1 ? "" : "s", lesson->who);
	if (lesson->denied)
		warn("%llu more %s denied, and %s not permitted by this",
		     (unsigned long long)lesson->denied,
		     lesson->denied == 1 ? "was" : "were",
		     lesson->denied == 1 ? "is" : "are");
	if (lesson->watching.ended)
		return fail("the module sock_watch is being removed: what came later was not seen");
	if (lesson->watching.lost)
		return fail("%llu event%s came too fast and %s lost: what %s about may not be permitted: learn again",
			    (unsigned long long)lesson->watching.lost,
			    lesson->watching.lost == 1 ? "" : "s",
			    lesson->watching.lost == 1 ? "was" : "were",
			    lesson->watching.lost == 1 ? "it was" : "they were");
	return CTID_OK;
}

/**
 * cmd_learn() - ctid learn ID|NAME
 * @ctx: the context
 * @argc: number of arguments
 * @argv: the arguments
 *
 * Return: the exit status; CTID_FAILED also if not all was seen.
 */
int cmd_learn(struct ctid *ctx, int argc, char **argv)
{
	struct lesson lesson = { .who = argv[0] };
	struct ctid_err err;
	int ret, code;

	(void)argc;
	ret = parse_options(&lesson, ctx);
	if (!ret)
		ret = which_id_or_name(ctx, argv[0], &lesson.id);
	if (ret)
		return ret;
	if (watching_start(&lesson.watching, &lesson.id, 1, on_event, &lesson,
			   &err)) {
		ret = fail("%s", err.text);
	} else {
		warn("watching %s%s%s: an interrupt (Ctrl-C) ends it", argv[0],
		     ctx->duration ? " for " : "",
		     ctx->duration ? ctx->duration : "");
		code = watch_for(&lesson.watching, lesson.seconds, on_event,
				 &lesson);
		if (code) {
			ret = fail("cannot watch sockets: %s", strerror(-code));
		} else {
			ret = print_learned(ctx, &lesson);
			code = report(&lesson);
			ret = ret ? ret : code;
		}
	}
	watching_end(&lesson.watching);
	sightings_free(&lesson.seen);
	return ret;
}
