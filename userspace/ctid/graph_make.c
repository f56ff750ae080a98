// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who talks to whom, from all sockets: each connection has two ends, which may be in
 * different network namespaces. The end whose port somebody listens on is the server.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "graph.h"

/* An MPTCP connection is to be one, with the TCP ones below it. */
static uint16_t plain_proto(const struct socket *sock)
{
	return sock->diag.proto == PROTO_MPTCP ? IPPROTO_TCP : sock->diag.proto;
}

static bool is_connected(const struct socket *sock)
{
	return sock->known && sock->diag.peer.port &&
	       sock->diag.state != TCP_LISTEN && sock->diag.state != TCP_TIME_WAIT;
}

/* Does a socket take what comes to an address and port of its namespace? */
static bool takes(const struct socket *sock, uint16_t proto,
		  const struct endpoint *at)
{
	const struct endpoint *local = &sock->diag.local;

	if (!sock->known || plain_proto(sock) != proto ||
	    local->port != at->port || sock->diag.peer.port)
		return false;
	if (sock->diag.state != TCP_LISTEN && proto == IPPROTO_TCP)
		return false;
	if (endpoint_is_any(local))
		return local->family == AF_INET6 || at->family == AF_INET;
	return local->family == at->family &&
	       !memcmp(local->addr, at->addr, sizeof(at->addr));
}

/* Who takes it in a namespace; the first one, as the kernel would choose by more. */
static const struct socket *server_in(const struct sockview *view, size_t netns,
				      uint16_t proto, const struct endpoint *at)
{
	size_t i;

	for (i = 0; i < view->n; i++)
		if (view->at[i].netns == netns && takes(&view->at[i], proto, at))
			return &view->at[i];
	return NULL;
}

/* By protocol and addresses, for the other end to be found. */
static int compare_ends(const void *a, const void *b)
{
	const struct socket *x = *(const struct socket *const *)a;
	const struct socket *y = *(const struct socket *const *)b;
	int ret = plain_proto(x) - plain_proto(y);

	if (!ret)
		ret = endpoint_compare(&x->diag.local, &y->diag.local);
	return ret ? ret : endpoint_compare(&x->diag.peer, &y->diag.peer);
}

/**
 * struct ends - all connected sockets
 * @at: by protocol, local and peer address
 * @n: how many
 */
struct ends {
	const struct socket **at;
	size_t n;
};

/* In its own namespace rather than in another one, where 127.0.0.1 is another. */
static const struct socket *other_end(const struct ends *ends,
				      const struct socket *sock)
{
	struct socket mirror = *sock;
	const struct socket *key = &mirror, *found = NULL;
	size_t low = 0, high = ends->n, middle;

	mirror.diag.local = sock->diag.peer;
	mirror.diag.peer = sock->diag.local;
	while (low < high) {
		middle = low + (high - low) / 2;
		if (compare_ends(&ends->at[middle], &key) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < ends->n && !compare_ends(&ends->at[low], &key); low++) {
		if (ends->at[low]->netns == sock->netns)
			return ends->at[low];
		if (!endpoint_is_loopback(&sock->diag.peer))
			found = ends->at[low];
	}
	return found;
}

static struct node node_of(const struct socket *sock)
{
	return (struct node){ .is_container = true, .id = sock->id };
}

static struct node node_at(const struct endpoint *peer)
{
	struct node node = { .peer = *peer };

	node.peer.port = 0;
	return node;
}

static int compare_nodes(const void *a, const void *b)
{
	const struct node *x = a, *y = b;

	if (x->is_container != y->is_container)
		return x->is_container ? -1 : 1;
	if (x->id != y->id)
		return x->id < y->id ? -1 : 1;
	return endpoint_compare(&x->peer, &y->peer);
}

/**
 * edge_compare() - put edges into an order
 * @a: one
 * @b: another
 *
 * Return: less than 0, 0 if they differ in nothing but their count, or more.
 */
int edge_compare(const void *a, const void *b)
{
	const struct edge *x = a, *y = b;
	int ret = compare_nodes(&x->from, &y->from);

	if (!ret)
		ret = compare_nodes(&x->to, &y->to);
	if (!ret)
		ret = x->proto - y->proto;
	return ret ? ret : x->port - y->port;
}

/**
 * graph_server() - who takes what comes to an address and port?
 * @view: all sockets
 * @netns: inode number of the network namespace
 * @proto: the protocol
 * @at: the address and port
 * @server: filled in
 *
 * Return: false if nobody is known to.
 */
bool graph_server(const struct sockview *view, uint32_t netns, uint16_t proto,
		  const struct endpoint *at, struct node *server)
{
	const struct socket *found = NULL;
	size_t i;

	for (i = 0; i < view->nnetns && !found; i++)
		if (view->netns[i].inode == netns)
			found = server_in(view, i, proto, at);
	if (found)
		*server = node_of(found);
	return found;
}

/* Returns false if the connection is told by its other end. */
static bool find_edge(const struct sockview *view, const struct ends *ends,
		      const struct socket *sock, struct edge *edge)
{
	const struct socket *other = other_end(ends, sock);
	uint16_t proto = plain_proto(sock);

	*edge = (struct edge){ .proto = proto, .count = 1 };
	if (server_in(view, sock->netns, proto, &sock->diag.local)) {
		/* Of two ends with a server, the higher port is the client's. */
		if (other && (!server_in(view, other->netns, proto,
					 &other->diag.local) ||
			      other->diag.local.port > sock->diag.local.port))
			return false;
		if (!other) {
			edge->from = node_at(&sock->diag.peer);
			edge->to = node_of(sock);
			edge->port = sock->diag.local.port;
			return true;
		}
	}
	if (!other)
		other = server_in(view, sock->netns, proto, &sock->diag.peer);
	edge->from = node_of(sock);
	edge->to = other ? node_of(other) : node_at(&sock->diag.peer);
	edge->port = sock->diag.peer.port;
	return true;
}

/* Equal ones become one. */
static void join_edges(struct graph *graph)
{
	size_t i, n = 0;

	if (graph->nedges)
		qsort(graph->edges, graph->nedges, sizeof(*graph->edges),
		      edge_compare);
	for (i = 0; i < graph->nedges; i++) {
		if (n && !edge_compare(&graph->edges[n - 1], &graph->edges[i]))
			graph->edges[n - 1].count += graph->edges[i].count;
		else
			graph->edges[n++] = graph->edges[i];
	}
	graph->nedges = n;
}

static void find_nodes(struct graph *graph, const struct sockview *view)
{
	size_t i, n = 0, all = 0;

	for (i = 0; i < view->n; i++)
		if (view->at[i].known && view->at[i].id)
			graph->nodes[all++] = node_of(&view->at[i]);
	for (i = 0; i < graph->nedges; i++) {
		graph->nodes[all++] = graph->edges[i].from;
		graph->nodes[all++] = graph->edges[i].to;
	}
	if (all)
		qsort(graph->nodes, all, sizeof(*graph->nodes), compare_nodes);
	for (i = 0; i < all; i++)
		if (!n || compare_nodes(&graph->nodes[n - 1], &graph->nodes[i]))
			graph->nodes[n++] = graph->nodes[i];
	graph->nnodes = n;
}

static void add_seen(const void *node, VISIT visit, void *data)
{
	const struct edge *const *edge = node;
	struct graph *graph = data;

	if (visit == preorder || visit == leaf)
		graph->edges[graph->nedges++] = **edge;
}

/**
 * graph_make() - find out who talks to whom
 * @graph: filled; to be freed with graph_free(), also after a failure
 * @view: all sockets
 * @seen: who talked to whom besides
 *
 * Return: 0 or -ENOMEM.
 */
int graph_make(struct graph *graph, const struct sockview *view,
	       const struct seen *seen)
{
	size_t i, most = view->n + seen->nedges;
	struct ends ends = { .n = 0 };

	*graph = (struct graph){ 0 };
	ends.at = calloc(view->n + 1, sizeof(const struct socket *));
	graph->edges = calloc(most + 1, sizeof(*graph->edges));
	graph->nodes = calloc(view->n + 2 * most + 1, sizeof(*graph->nodes));
	if (!ends.at || !graph->edges || !graph->nodes) {
		free(ends.at);
		return -ENOMEM;
	}
	for (i = 0; i < view->n; i++)
		if (is_connected(&view->at[i]))
			ends.at[ends.n++] = &view->at[i];
	if (ends.n)
		qsort(ends.at, ends.n, sizeof(*ends.at), compare_ends);
	for (i = 0; i < ends.n; i++)
		graph->nedges += find_edge(view, &ends, ends.at[i],
					   &graph->edges[graph->nedges]);
	free(ends.at);
	twalk_r(seen->edges, add_seen, graph);
	join_edges(graph);
	find_nodes(graph, view);
	return 0;
}

/**
 * graph_free() - forget who talks to whom
 * @graph: filled or zeroed
 */
void graph_free(struct graph *graph)
{
	free(graph->nodes);
	free(graph->edges);
	*graph = (struct graph){ 0 };
}

/**
 * graph_index() - the number of a node
 * @graph: the graph
 * @node: one of an edge of its
 *
 * Return: the index in the graph's nodes.
 */
size_t graph_index(const struct graph *graph, const struct node *node)
{
	const struct node *found = bsearch(node, graph->nodes, graph->nnodes,
					   sizeof(*node), compare_nodes);

	return (size_t)(found - graph->nodes);
}
