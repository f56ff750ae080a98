// SPDX-License-Identifier: GPL-2.0-only
/* ctid watch. */
#define _GNU_SOURCE
#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "../text.h"
#include "print.h"
#include "watch_rule.h"
#include "watching.h"

/* A name is looked up again after so many seconds. */
#define NAMES_AGE	2

/* No event takes longer, in milliseconds, from its verdict to our being told of it. */
#define SETTLE_TIME	1000

/** Room for an address with its port, also if both are 0. */
#define WHERE_TEXT	(ENDPOINT_TEXT + 8)

/**
 * struct watch - what events are printed with
 * @ctx: the context
 * @ids: containers that were asked for
 * @n: how many, 0 for all
 * @counts: what names rules of event tables, if that was asked for
 * @traces: what names rules on event devices, likewise
 * @unsettled: these know more than what we have been told of
 * @settled: when that was last looked after, in milliseconds
 * @watching: the stream
 * @names: the registry as it was
 * @taken: when that was
 * @said: of how many lost events it was said
 */
struct watch {
	struct ctid *ctx;
	uint32_t *ids;
	int n;
	struct watch_counts *counts;
	struct watch_traces *traces;
	bool unsettled;
	int64_t settled;
	struct watching watching;
	struct snapshot names;
	time_t taken;
	uint64_t said;
};

/* A container without a name, or that is not registered any more, has "". */
static const char *name_of(struct watch *watch, uint32_t id)
{
	const struct container *container;
	time_t now = time(NULL);

	if (id && (now < watch->taken || now - watch->taken > NAMES_AGE)) {
		snapshot_free(&watch->names);
		snapshot_take(&watch->names, &watch->ctx->reg);
		watch->taken = now;
	}
	container = snapshot_find(&watch->names, id);
	return container ? container->name : "";
}

static void where(char text[WHERE_TEXT], const struct endpoint *end)
{
	char addr[ENDPOINT_TEXT];

	endpoint_format_addr(addr, end);
	snprintf(text, WHERE_TEXT, end->family == AF_INET6 ? "[%s]:%u" : "%s:%u",
		 addr, end->port);
}

static const char *errno_name(uint32_t code)
{
	const char *name = strerrorname_np((int)code);

	return name ? name : "an errno";
}

/** Room for a container's name or id. */
#define OWNER_TEXT	(sizeof(struct shown))

static void owner_format(char text[OWNER_TEXT], struct watch *watch, uint32_t id)
{
	const char *name = name_of(watch, id);

	if (!id)
		snprintf(text, OWNER_TEXT, "-");
	else if (*name)
		snprintf(text, OWNER_TEXT, "%s", name);
	else
		snprintf(text, OWNER_TEXT, "%u", id);
}

static void print_verdict(const struct watch_event *event,
			  const struct rules *rules, const char *owner)
{
	if (!event->code) {
		fputs(" accepted", stdout);
		return;
	}
	printf(" denied %s", errno_name(event->code));
	if (event->inside)
		fputs(" by another registry", stdout);
	else if (*event->by)
		printf(" by %s %s", event->is_device ? "device" : "table",
		       show(event->by).s);
	rules_text(rules, event, owner);
}

static void print_who(const struct watch_event *event)
{
	const struct passwd *user = getpwuid(event->uid);

	if (event->pid)
		printf(" program %s[%u]", show(event->comm).s, event->pid);
	if (user)
		printf(" user %s\n", show(user->pw_name).s);
	else
		printf(" user %u\n", event->uid);
}

static void event_text(struct watch *watch, const struct watch_event *event,
		       const struct rules *rules)
{
	char proto[PROTOCOL_TEXT], text[WHERE_TEXT], owner[OWNER_TEXT];

	owner_format(owner, watch, event->id);
	protocol_format(proto, event->proto);
	printf("%s %s %s", owner, watching_type(event->type), proto);
	if (event->type != SOCK_WATCH_BIND) {
		where(text, watching_remote(event));
		printf(" %s %s", event->type == SOCK_WATCH_CONNECT ? "to" : "from",
		       text);
	}
	where(text, watching_local(event));
	if (event->type != SOCK_WATCH_CONNECT)
		printf(" at %s", text);
	print_verdict(event, rules, owner);
	print_who(event);
}

static json_t *verdict_json(const struct watch_event *event,
			    const struct rules *rules)
{
	json_t *json = json_pack("{s:s}", "errno", errno_name(event->code));

	if (event->inside)
		json_object_set_new(json, "inside", json_true());
	else if (*event->by)
		json_object_set_new(json, event->is_device ? "device" : "table",
				    word_json(event->by));
	rules_json(rules, json);
	return json;
}

static void event_json(struct watch *watch, const struct watch_event *event,
		       const struct rules *rules)
{
	json_t *json = json_pack("{s:s}", "event", watching_type(event->type));
	char proto[PROTOCOL_TEXT];

	protocol_format(proto, event->proto);
	json_object_set_new(json, "container",
			    container_json(event->id, name_of(watch, event->id)));
	json_object_set_new(json, "verdict",
			    json_string(event->code ? "denied" : "accepted"));
	if (event->code)
		json_object_set_new(json, "denied", verdict_json(event, rules));
	json_object_set_new(json, "protocol", json_string(proto));
	json_object_set_new(json, "local", endpoint_json(watching_local(event)));
	if (event->type != SOCK_WATCH_BIND)
		json_object_set_new(json, "peer",
				    endpoint_json(watching_remote(event)));
	json_object_set_new(json, "netns", json_integer(event->netns));
	json_object_set_new(json, "uid", json_integer(event->uid));
	if (event->pid) {
		json_object_set_new(json, "pid", json_integer(event->pid));
		json_object_set_new(json, "program", word_json(event->comm));
	}
	print_json(json);
	putchar('\n');
}

static void say_lost(struct watch *watch)
{
	uint64_t now = watch->watching.lost;

	if (now != watch->said)
		warn("%llu events came too fast and were lost",
		     (unsigned long long)(now - watch->said));
	watch->said = now;
}

static bool is_wanted(const struct watch *watch, uint32_t id)
{
	int i;

	for (i = 0; i < watch->n; i++)
		if (watch->ids[i] == id)
			return true;
	return !watch->n;
}

static int64_t milliseconds(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

/* All that was denied is to be accounted for, whoever asked for it. */
static void find_rules(struct watch *watch, const struct watch_event *event,
		       struct rules *rules)
{
	rules->n = 0;
	if (!watch->counts)
		return;
	if (!watch->unsettled)
		watch->settled = milliseconds();
	watch->unsettled = true;
	watch_traces_read(watch->traces);
	if (!event->code || event->inside || !*event->by)
		return;
	if (event->is_device)
		watch_traces_find(watch->traces, event, rules);
	else
		watch_counts_find(watch->counts, event, rules);
}

static int on_event(const struct watch_event *event, void *data)
{
	struct watch *watch = data;
	struct rules rules;

	say_lost(watch);
	find_rules(watch, event, &rules);
	if (!is_wanted(watch, event->id))
		return 0;
	if (watch->ctx->json)
		event_json(watch, event, &rules);
	else
		event_text(watch, event, &rules);
	return fflush(stdout) || ferror(stdout) ? -EIO : 0;
}

/* How long events may be waited for until there is something to settle. */
static int patience(const struct watch *watch)
{
	int64_t left = watch->settled + SETTLE_TIME - milliseconds();

	if (!watch->unsettled)
		return -1;
	return left > 0 ? (int)left : 0;
}

/* There is nothing more to read: all events of a while ago have been told of. */
static void settle(struct watch *watch)
{
	bool left;

	watch_traces_read(watch->traces);
	left = watch_traces_settle(watch->traces);
	watch->unsettled = watch_counts_settle(watch->counts) || left;
	watch->settled = milliseconds();
}

static int watch_on(struct watch *watch)
{
	int ret = 0;

	while (!ret && !watch->watching.ended) {
		ret = watching_next(&watch->watching, patience(watch), on_event,
				    watch);
		if (ret == -ETIMEDOUT) {
			settle(watch);
			ret = 0;
		}
	}
	if (ret == -EINTR)
		ret = watching_stop(&watch->watching, on_event, watch);
	say_lost(watch);
	if (watch->watching.ended)
		return fail("the module sock_watch is being removed: there is nothing more to watch");
	if (ret == -EIO)
		return flush_output();
	return ret ? fail("cannot watch sockets: %s", strerror(-ret)) : CTID_OK;
}

/* Counters are read before anything is told of, and so are traces begun. Both tell of
 * all containers, so that all events are asked for.
 */
static int start(struct watch *watch, struct ctid_err *err)
{
	int ret;

	if (!watch->ctx->rule)
		return watching_start(&watch->watching, watch->ids, watch->n,
				      on_event, watch, err);
	watch->counts = watch_counts_start();
	if (!watch->counts)
		return err_set(err, ENOMEM, "out of memory");
	ret = watch_traces_start(&watch->traces, err);
	return ret ? ret : watching_start(&watch->watching, NULL, 0, on_event,
					  watch, err);
}

/**
 * cmd_watch() - ctid watch [ID|NAME]...
 * @ctx: the context
 * @argc: number of arguments
 * @argv: the arguments
 *
 * Return: the exit status, when it is interrupted or the reader ends.
 */
int cmd_watch(struct ctid *ctx, int argc, char **argv)
{
	struct watch watch = { .ctx = ctx, .n = argc };
	struct ctid_err err;
	int ret;

	ret = which_ids(ctx, argc, argv, &watch.ids);
	if (!ret && start(&watch, &err))
		ret = fail("%s", err.text);
	else if (!ret)
		ret = watch_on(&watch);
	watching_end(&watch.watching);
	watch_traces_end(watch.traces);
	watch_counts_end(watch.counts);
	snapshot_free(&watch.names);
	free(watch.ids);
	return ret;
}
