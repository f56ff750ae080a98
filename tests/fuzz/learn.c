// SPDX-License-Identifier: GPL-2.0-only
/*
 * The options of ctid learn, --for, --net-prefix and --port-range: a line each, and then
 * the container.
 */
#include "stubs.h"

#include <netinet/in.h>

#include "ctid/policy.h"
#include "ctid/watching.h"

/* They are good: some events are seen, which are learned by them. */
int watching_start(struct watching *watching, const uint32_t *ids, int n,
		   watching_cb cb, void *data, struct ctid_err *err)
{
	(void)watching;
	(void)ids;
	(void)err;
	MUST(n == 1);
	for (uint16_t i = 0; i < 64; i++) {
		struct watch_event event = {
			.type = (enum sock_watch_type)(SOCK_WATCH_CONNECT + i % 3),
			.proto = i & 4 ? IPPROTO_TCP : IPPROTO_UDP,
		};
		struct endpoint *end = event.type == SOCK_WATCH_BIND ?
				       &event.source : &event.dest;

		end->family = i & 8 ? AF_INET : AF_INET6;
		end->addr[i % 4] = (uint8_t)(i * i);
		event.dest.port = (uint16_t)(i * 37);
		MUST(!cb(&event, data));
	}
	return 0;
}

int watching_next(struct watching *watching, int timeout, watching_cb cb,
		  void *data)
{
	(void)cb;
	(void)data;
	MUST(timeout == -1 || (timeout >= 0 && timeout <= 86400 * 1000));
	watching->ended = true;
	return 0;
}

int watching_stop(struct watching *watching, watching_cb cb, void *data)
{
	(void)watching;
	(void)cb;
	(void)data;
	return 0;
}

void watching_end(struct watching *watching)
{
	(void)watching;
}

const struct endpoint *watching_remote(const struct watch_event *event)
{
	return &event->dest;
}

const struct endpoint *watching_local(const struct watch_event *event)
{
	return &event->source;
}

void policy_each_tuple(const struct policy *policy, enum policy_event event,
		       policy_tuple_cb print, const void *data)
{
	(void)policy;
	(void)event;
	(void)print;
	(void)data;
}

int flush_output(void)
{
	return CTID_OK;
}

static char *next(char **rest)
{
	char *line = *rest ? strsep(rest, "\n") : NULL;

	return line && *line ? line : NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_string(data, size), *rest = text, *who;
	struct ctid ctx = { .json = false };

	ctx.duration = next(&rest);
	ctx.net_prefix = next(&rest);
	ctx.port_range = next(&rest);
	ctx.nft = true;
	who = rest ? rest : text;
	cmd_learn(&ctx, 1, &who);
	free(text);
	return 0;
}
