/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef CTID_GRAPH_H
#define CTID_GRAPH_H

#include <stdio.h>

#include "sockview.h"
#include "watching.h"

/** How many connects may wait for the accept at their other end. */
#define SEEN_PENDING	256

/** How many different ones are kept. */
#define SEEN_MAX	65536

/**
 * struct node - one who talks: a container, all without one, or a peer elsewhere
 * @is_container: it has @id, 0 for those without a container; else an address
 * @id: container id
 * @peer: the address; its port means nothing
 */
struct node {
	bool is_container;
	uint32_t id;
	struct endpoint peer;
};

/**
 * struct edge - somebody uses a service of somebody
 * @from: who connects
 * @to: to whom
 * @proto: by which protocol
 * @port: the port of the service
 * @count: how many connections there are
 */
struct edge {
	struct node from, to;
	uint16_t proto;
	uint16_t port;
	size_t count;
};

/**
 * struct graph - who talks to whom
 * @nodes: all who talk, or could, ordered
 * @nnodes: how many
 * @edges: the connections, ordered
 * @nedges: how many
 */
struct graph {
	struct node *nodes;
	size_t nnodes;
	struct edge *edges;
	size_t nedges;
};

/**
 * struct seen_call - connects or binds that were seen, all alike
 * @next: others, an older one
 * @is_bind: they were binds
 * @known: it is among the others
 * @id: whose they were
 * @netns: inode number of the network namespace
 * @proto: by which protocol
 * @at: to where
 * @count: how many, but for those whose other end is known
 */
struct seen_call {
	struct seen_call *next;
	bool is_bind, known;
	uint32_t id;
	uint32_t netns;
	uint8_t proto;
	struct endpoint at;
	size_t count;
};

/**
 * struct seen - who talked to whom while we watched
 * @calls: connects and binds, by <search.h>
 * @first: the same as a list
 * @ncalls: how many
 * @pending: the last connects, those without their other end
 * @called: how many these were so far
 * @edges: connections whose both ends are known, by <search.h>
 * @nedges: how many
 * @full: there were more than are kept
 */
struct seen {
	void *calls;
	struct seen_call *first;
	size_t ncalls;
	struct seen_call *pending[SEEN_PENDING];
	size_t called;
	void *edges;
	size_t nedges;
	bool full;
};

/* graph_make.c */
int graph_make(struct graph *graph, const struct sockview *view,
	       const struct seen *seen);
void graph_free(struct graph *graph);
size_t graph_index(const struct graph *graph, const struct node *node);
int edge_compare(const void *a, const void *b);
bool graph_server(const struct sockview *view, uint32_t netns, uint16_t proto,
		  const struct endpoint *at, struct node *server);

/* graph_seen.c */
int seen_event(const struct watch_event *event, void *data);
int seen_finish(struct seen *seen, const struct sockview *view);
void seen_free(struct seen *seen);

/* graph_svg.c */
int graph_svg(const char *path, int text);

#endif /* CTID_GRAPH_H */
