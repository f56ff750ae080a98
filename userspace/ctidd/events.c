// SPDX-License-Identifier: GPL-2.0-only
/*
 * What Docker and Podman tell by themselves: that a container is called otherwise. It
 * comes as lines of JSON in an answer that does not end.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "asks.h"

#define FIRST_DELAY	1000000ULL
/** Who tells more at a time is asked about all containers instead. */
#define MAX_TOLD	(1UL << 20)

/**
 * struct events - what one of them tells
 * @http: how
 * @calls: who is told
 * @data: for @calls
 * @request: the answer that does not end, or NULL
 * @again: when it is asked for again
 * @heard: when what was told is looked at: not while curl brings it
 * @begun: the answer begins
 * @told: lines, the last one perhaps not whole
 * @len: their length
 */
struct events {
	struct http *http;
	const struct events_calls *calls;
	void *data;
	struct http_request *request;
	struct retry again;
	struct retry heard;
	bool begun;
	char *told;
	size_t len;
};

static bool take_part(void *data, const char *bytes, size_t len)
{
	struct events *events = data;
	char *bigger;

	if (len > MAX_TOLD - events->len)
		return false;
	events->begun |= !len;
	if (len) {
		bigger = realloc(events->told, events->len + len);
		if (!bigger)
			return false;
		memcpy(bigger + events->len, bytes, len);
		events->told = bigger;
		events->len += len;
	}
	retry_now(&events->heard);
	return true;
}

static void take_line(struct events *events, const char *line, size_t len)
{
	/* Labels of an image are in there, too. */
	json_t *json = json_loadb(line, len, JSON_ALLOW_NUL, NULL);
	json_t *actor = json_object_get(json, "Actor");
	const char *id = json_string_value(json_object_get(actor, "ID"));

	/* Of what cannot be read anybody may be meant. */
	if (id || (!json && len))
		events->calls->renamed(events->data, id);
	json_decref(json);
}

static int on_heard(sd_event_source *source, uint64_t usec, void *data)
{
	struct events *events = data;
	const char *line = events->told, *end;
	size_t left = events->len;

	(void)source;
	(void)usec;
	/* Nobody told of those that were renamed before. */
	if (events->begun)
		events->calls->renamed(events->data, NULL);
	events->begun = false;
	while (left && (end = memchr(line, '\n', left))) {
		/* Some begin to answer before they know that they cannot. */
		retry_answered(&events->again);
		take_line(events, line, (size_t)(end - line));
		left -= (size_t)(end - line) + 1;
		line = end + 1;
	}
	if (left)
		memmove(events->told, line, left);
	events->len = left;
	return 0;
}

/* Also when too much was told: when it begins again, all are asked about. */
static void on_end(void *data, const struct http_answer *answer)
{
	struct events *events = data;

	(void)answer;
	events->request = NULL;
	events->begun = false;
	events->len = 0;
	retry_later(&events->again);
}

static int on_again(sd_event_source *source, uint64_t usec, void *data)
{
	struct events *events = data;

	(void)source;
	(void)usec;
	events->calls->again(events->data);
	return 0;
}

/**
 * events_open() - make ready to be told
 * @event: the loop
 * @http: how
 * @calls: who is told
 * @data: for @calls
 *
 * Return: what is to be closed with events_close(), or NULL without memory.
 */
struct events *events_open(sd_event *event, struct http *http,
			   const struct events_calls *calls, void *data)
{
	struct events *events = calloc(1, sizeof(*events));

	if (!events)
		return NULL;
	events->http = http;
	events->calls = calls;
	events->data = data;
	if (retry_open(&events->again, event, FIRST_DELAY, on_again, events) ||
	    retry_open(&events->heard, event, FIRST_DELAY, on_heard, events)) {
		events_close(events);
		return NULL;
	}
	return events;
}

/**
 * events_close() - end it
 * @events: what was opened, or NULL
 */
void events_close(struct events *events)
{
	if (!events)
		return;
	http_cancel(events->request);
	retry_close(&events->again);
	retry_close(&events->heard);
	free(events->told);
	free(events);
}

/**
 * events_stop() - be told no more, for now
 * @events: what was opened
 */
void events_stop(struct events *events)
{
	http_cancel(events->request);
	events->request = NULL;
	events->begun = false;
	events->len = 0;
	retry_stop(&events->again);
	retry_stop(&events->heard);
}

/**
 * events_follow() - be told from now on, unless that is so, or is tried later
 * @events: what was opened
 * @socket: who tells
 * @url: what
 */
void events_follow(struct events *events, const char *socket, const char *url)
{
	struct http_question question = {
		.socket = socket, .url = url, .part = take_part,
	};

	if (events->request || retry_is_later(&events->again))
		return;
	if (!http_socket(socket, NULL))
		events->request = http_ask(events->http, &question, on_end, events);
	if (!events->request)
		retry_later(&events->again);
}
