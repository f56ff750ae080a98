// SPDX-License-Identifier: GPL-2.0-only
/* What Docker or Podman tells by itself, in pieces as long as the first byte says. */
#include "fuzz.h"

#include "ctidd/asks.h"

static struct {
	sd_event_time_handler_t heard;
	void *data;
	http_part part;
	bool due;
} now;

int retry_open(struct retry *retry, sd_event *event, uint64_t first,
	       sd_event_time_handler_t again, void *data)
{
	(void)retry;
	(void)event;
	(void)first;
	/* The one that is opened last is for what was told. */
	now.heard = again;
	now.data = data;
	return 0;
}

void retry_close(struct retry *retry)
{
	(void)retry;
}

void retry_later(struct retry *retry)
{
	(void)retry;
}

void retry_now(struct retry *retry)
{
	(void)retry;
	now.due = true;
}

void retry_answered(struct retry *retry)
{
	(void)retry;
}

void retry_stop(struct retry *retry)
{
	(void)retry;
}

bool retry_is_later(const struct retry *retry)
{
	(void)retry;
	return false;
}

int http_socket(const char *path, struct ctid_err *err)
{
	(void)path;
	(void)err;
	return 0;
}

struct http_request *http_ask(struct http *http,
			      const struct http_question *question,
			      http_done done, void *data)
{
	(void)http;
	(void)done;
	now.part = question->part;
	MUST(data == now.data);
	return data;
}

void http_cancel(struct http_request *request)
{
	(void)request;
}

static void renamed(void *data, const char *id)
{
	if (id)
		*(size_t *)data += strlen(id);
}

static void again(void *data)
{
	(void)data;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct events_calls calls = { renamed, again };
	size_t told = 0, piece = size ? *data + 1 : 0, n;
	struct events *events = events_open(NULL, NULL, &calls, &told);

	MUST(events);
	events_follow(events, "/socket", "/events");
	MUST(now.part(events, NULL, 0));
	for (size_t at = 1; at < size; at += n) {
		n = size - at < piece ? size - at : piece;
		MUST(now.part(events, (const char *)data + at, n) && now.due);
		/* Sometimes more comes before it is looked at. */
		if (at & 1)
			now.heard(NULL, 0, now.data);
	}
	now.heard(NULL, 0, now.data);
	MUST(told <= size);
	events_close(events);
	return 0;
}
