// SPDX-License-Identifier: GPL-2.0-only
/* ctid graph. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "graph.h"
#include "print.h"

static void print_label(FILE *to, const struct sockview *view,
			const struct node *node)
{
	char addr[ENDPOINT_TEXT];
	const char *name = owners_name(&view->owners, node->id);

	endpoint_format_addr(addr, &node->peer);
	if (!node->is_container)
		fputs(addr, to);
	else if (!node->id)
		fputs("no container", to);
	else if (*name)
		fprintf(to, "%s (%u)", name, node->id);
	else
		fprintf(to, "%u", node->id);
}

/* In what is written are only names of containers, addresses and numbers. */
static void put_dot(FILE *to, const struct sockview *view,
		    const struct graph *graph)
{
	char proto[PROTOCOL_TEXT];
	size_t i;

	fputs("digraph ctid {\n"
	      "\trankdir=LR;\n"
	      "\tnode [shape=box, fontname=\"sans-serif\"];\n"
	      "\tedge [fontname=\"sans-serif\"];\n", to);
	for (i = 0; i < graph->nnodes; i++) {
		fprintf(to, "\tn%zu [label=\"", i);
		print_label(to, view, &graph->nodes[i]);
		fprintf(to, "\"%s];\n",
			graph->nodes[i].is_container ? "" : ", shape=ellipse");
	}
	for (i = 0; i < graph->nedges; i++) {
		const struct edge *edge = &graph->edges[i];

		protocol_format(proto, edge->proto);
		fprintf(to, "\tn%zu -> n%zu [label=\"%s %u\"];\n",
			graph_index(graph, &edge->from),
			graph_index(graph, &edge->to), proto, edge->port);
	}
	fputs("}\n", to);
}

static json_t *node_json(const struct sockview *view, const struct node *node)
{
	char addr[ENDPOINT_TEXT];

	if (node->is_container)
		return json_pack("{s:o}", "container",
				 container_json(node->id,
						owners_name(&view->owners,
							    node->id)));
	endpoint_format_addr(addr, &node->peer);
	return json_pack("{s:s}", "address", addr);
}

static void put_json(const struct sockview *view, const struct graph *graph)
{
	json_t *nodes = json_array(), *edges = json_array();
	char proto[PROTOCOL_TEXT];
	size_t i;

	for (i = 0; i < graph->nnodes; i++)
		json_array_append_new(nodes, node_json(view, &graph->nodes[i]));
	for (i = 0; i < graph->nedges; i++) {
		const struct edge *edge = &graph->edges[i];

		protocol_format(proto, edge->proto);
		json_array_append_new(edges, json_pack(
			"{s:I, s:I, s:s, s:i, s:I}",
			"from", (json_int_t)graph_index(graph, &edge->from),
			"to", (json_int_t)graph_index(graph, &edge->to),
			"protocol", proto, "port", (int)edge->port,
			"connections", (json_int_t)edge->count));
	}
	print_json(json_pack("{s:o, s:o, s:I}", "nodes", nodes, "edges", edges,
			     "unknown", (json_int_t)view->unknown));
	putchar('\n');
}

static int put_svg(const char *path, const struct sockview *view,
		   const struct graph *graph)
{
	FILE *text = tmpfile();
	int ret;

	if (!text)
		return fail("cannot make a temporary file: %s", strerror(errno));
	put_dot(text, view, graph);
	ret = fflush(text) || lseek(fileno(text), 0, SEEK_SET) ?
	      fail("cannot write to a temporary file: %s", strerror(errno)) :
	      graph_svg(path, fileno(text));
	fclose(text);
	return ret;
}

static int say_missed(const struct watching *watching, const struct seen *seen)
{
	if (watching->ended)
		return fail("the module sock_watch is being removed: what came later was not seen");
	if (watching->lost)
		warn("%llu events came too fast and were lost, and who talked then may be missing",
		     (unsigned long long)watching->lost);
	if (seen->full)
		warn("more than %d different ones were seen: the later ones are missing",
		     SEEN_MAX);
	return CTID_OK;
}

/* What was there before is looked at while the first events wait to be read: so a
 * connection is either among the sockets or among the events.
 */
static int look_and_watch(struct seen *seen, struct sockview *view,
			  struct ctid *ctx, uint32_t seconds)
{
	struct watching watching;
	struct ctid_err err;
	int code, ret;

	if (watching_start(&watching, NULL, 0, seen_event, seen, &err)) {
		ret = fail("%s", err.text);
	} else {
		ret = sockview_take(view, ctx);
		if (!ret) {
			warn("watching for %s: an interrupt (Ctrl-C) ends it",
			     ctx->duration);
			code = watch_for(&watching, seconds, seen_event, seen);
			if (!code)
				code = seen_finish(seen, view);
			ret = code ? fail("cannot watch sockets: %s",
					  strerror(-code)) :
				     say_missed(&watching, seen);
		}
	}
	watching_end(&watching);
	return ret;
}

static int print(struct ctid *ctx, const struct sockview *view,
		 const struct graph *graph)
{
	sockview_warn(view, true);
	if (ctx->svg)
		return put_svg(ctx->svg, view, graph);
	if (ctx->json)
		put_json(view, graph);
	else
		put_dot(stdout, view, graph);
	return CTID_OK;
}

/**
 * cmd_graph() - ctid graph
 * @ctx: the context
 * @argc: number of arguments
 * @argv: the arguments
 *
 * Return: the exit status; not to see all is no failure.
 */
int cmd_graph(struct ctid *ctx, int argc, char **argv)
{
	struct sockview view = { 0 };
	struct graph graph = { 0 };
	struct seen seen = { 0 };
	uint32_t seconds;
	int ret = CTID_OK;

	(void)argc;
	(void)argv;
	if (ctx->svg && ctx->json)
		return usage_error("--svg and --json are two ways to print one graph: choose one");
	if (ctx->duration)
		ret = watch_for_parse(ctx->duration, &seconds);
	if (ret)
		return ret;
	ret = ctx->duration ? look_and_watch(&seen, &view, ctx, seconds) :
			      sockview_take(&view, ctx);
	if (!ret && graph_make(&graph, &view, &seen))
		ret = fail("out of memory");
	if (!ret)
		ret = print(ctx, &view, &graph);
	graph_free(&graph);
	seen_free(&seen);
	sockview_free(&view);
	return ret;
}
