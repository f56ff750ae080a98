// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who talked to whom while we watched. A connect has no port of its own yet, so that
 * the accept at its other end, if there is one, is the next one there.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <netinet/in.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "graph.h"

static int compare_calls(const void *a, const void *b)
{
	const struct seen_call *x = a, *y = b;

	if (x->is_bind != y->is_bind)
		return x->is_bind - y->is_bind;
	if (x->id != y->id)
		return x->id < y->id ? -1 : 1;
	if (x->netns != y->netns)
		return x->netns < y->netns ? -1 : 1;
	if (x->proto != y->proto)
		return x->proto - y->proto;
	return endpoint_compare(&x->at, &y->at);
}

/* One that is equal if there is one, else a copy. */
static void *find(void **tree, const void *key, size_t size,
		  int (*compare)(const void *a, const void *b))
{
	void **found = tfind(key, tree, compare);
	void *copy;

	if (found)
		return *found;
	copy = malloc(size);
	if (copy)
		memcpy(copy, key, size);
	if (copy && !tsearch(copy, tree, compare)) {
		free(copy);
		copy = NULL;
	}
	return copy;
}

/* What port scans and the like take of memory is to have an end. */
static bool is_full(struct seen *seen)
{
	seen->full |= seen->ncalls >= SEEN_MAX || seen->nedges >= SEEN_MAX;
	return seen->full;
}

static int add_edge(struct seen *seen, const struct edge *key, size_t count)
{
	struct edge *edge = find(&seen->edges, key, sizeof(*key), edge_compare);

	if (!edge)
		return -ENOMEM;
	seen->nedges += !edge->count;
	edge->count += count;
	return 0;
}

/* The last one that may be the other end of an accept. */
static struct seen_call *take_caller(struct seen *seen,
				     const struct watch_event *accept)
{
	struct seen_call *call, **at;
	size_t i;

	for (i = 1; i <= SEEN_PENDING && i <= seen->called; i++) {
		at = &seen->pending[(seen->called - i) % SEEN_PENDING];
		call = *at;
		if (!call || call->proto != accept->proto ||
		    endpoint_compare(&call->at, &accept->dest) ||
		    (call->netns != accept->netns &&
		     endpoint_is_loopback(&accept->dest)))
			continue;
		*at = NULL;
		call->count--;
		return call;
	}
	return NULL;
}

static int take_accept(struct seen *seen, const struct watch_event *event)
{
	const struct seen_call *caller = take_caller(seen, event);
	struct edge edge = {
		.to = { .is_container = true, .id = event->id },
		.proto = event->proto,
		.port = event->dest.port,
	};

	/* The call was accepted, and comes to nothing all the same. */
	if (event->code)
		return 0;
	if (caller) {
		edge.from.is_container = true;
		edge.from.id = caller->id;
	} else {
		edge.from.peer = event->source;
		edge.from.peer.port = 0;
	}
	return add_edge(seen, &edge, 1);
}

/**
 * seen_event() - note an event, as long as there is room
 * @event: the event
 * @data: what was seen
 *
 * Return: 0 or -ENOMEM.
 */
int seen_event(const struct watch_event *event, void *data)
{
	struct seen_call *call, key = {
		.is_bind = event->type == SOCK_WATCH_BIND,
		.id = event->id,
		.netns = event->netns,
		.proto = event->proto,
		.at = event->dest,
	};
	struct seen *seen = data;

	if (is_full(seen))
		return 0;
	if (event->type == SOCK_WATCH_ACCEPT)
		return take_accept(seen, event);
	if (event->code || event->type > SOCK_WATCH_ACCEPT)
		return 0;
	call = find(&seen->calls, &key, sizeof(key), compare_calls);
	if (!call)
		return -ENOMEM;
	if (!call->known) {
		call->known = true;
		call->next = seen->first;
		seen->first = call;
		seen->ncalls++;
	}
	call->count++;
	if (!key.is_bind)
		seen->pending[seen->called++ % SEEN_PENDING] = call;
	return 0;
}

static bool takes(const struct seen_call *bind, const struct seen_call *call)
{
	if (!bind->is_bind || bind->proto != call->proto ||
	    bind->netns != call->netns || bind->at.port != call->at.port)
		return false;
	if (endpoint_is_any(&bind->at))
		return bind->at.family == call->at.family;
	return !endpoint_compare(&bind->at, &call->at);
}

static struct node server_of(const struct seen *seen,
			     const struct seen_call *call,
			     const struct sockview *view)
{
	struct node node = { .peer = call->at };
	const struct seen_call *bind;

	if (graph_server(view, call->netns, call->proto, &call->at, &node))
		return node;
	for (bind = seen->first; bind; bind = bind->next)
		if (takes(bind, call))
			return (struct node){ .is_container = true, .id = bind->id };
	node.peer.port = 0;
	return node;
}

/**
 * seen_finish() - find out who was called
 * @seen: what was seen
 * @view: the sockets that there were already
 *
 * Return: 0 or -ENOMEM.
 */
int seen_finish(struct seen *seen, const struct sockview *view)
{
	const struct seen_call *call;
	int ret = 0;

	for (call = seen->first; call && !ret; call = call->next) {
		struct edge edge = {
			.from = { .is_container = true, .id = call->id },
			.proto = call->proto,
			.port = call->at.port,
		};

		if (call->is_bind || !call->count)
			continue;
		edge.to = server_of(seen, call, view);
		ret = add_edge(seen, &edge, call->count);
	}
	return ret;
}

/**
 * seen_free() - forget what was seen
 * @seen: what was seen, or zeroed
 */
void seen_free(struct seen *seen)
{
	tdestroy(seen->calls, free);
	tdestroy(seen->edges, free);
	*seen = (struct seen){ 0 };
}
