// SPDX-License-Identifier: GPL-2.0-only
/* ctid list, show. */
#include <stdio.h>
#include <string.h>

#include "../names.h"
#include "print.h"

static json_t *with_cgroups(struct ctid *ctx, const struct container *container)
{
	json_t *json = container_json(container->id, container->name);
	json_t *cgroups = json_array();
	size_t i;

	flow_json(json, &container->flow);
	for (i = 0; i < container->nbindings; i++)
		json_array_append_new(cgroups, cgroup_json(ctx,
					container->bindings[i].cgroup,
					container->bindings[i].gone));
	json_object_set_new(json, "cgroups", cgroups);
	return json;
}

/* One object a line, none of them longer in memory than it takes to print. */
static void list_json(struct ctid *ctx, const struct snapshot *snap)
{
	size_t i;

	putchar('[');
	for (i = 0; i < snap->ncontainers; i++) {
		fputs(i ? ",\n" : "\n", stdout);
		print_json(with_cgroups(ctx, &snap->containers[i]));
	}
	puts(i ? "\n]" : "]");
}

/**
 * struct widths - of the columns
 * @id: ids
 * @name: names
 * @flow: flow ids; 0 if there are none at all, and so no column
 */
struct widths {
	int id;
	int name;
	int flow;
};

static void widen(int *width, int needed)
{
	if (*width < needed)
		*width = needed;
}

static struct widths measure(const struct snapshot *snap)
{
	struct widths width = { .id = strlen("ID"), .name = strlen("NAME") };
	char flow[FLOW_SIZE];
	size_t i;

	for (i = 0; i < snap->ncontainers; i++) {
		const struct container *container = &snap->containers[i];

		widen(&width.id, snprintf(NULL, 0, "%u", container->id));
		widen(&width.name, (int)strlen(container->name));
		if (!flow_is_set(&container->flow))
			continue;
		flow_words(flow, &container->flow);
		widen(&width.flow, (int)strlen(flow));
	}
	return width;
}

static void list_line(struct ctid *ctx, const struct container *container,
		      const struct widths *width)
{
	const char *name = *container->name ? container->name : NO_NAME;
	bool more = container->nbindings;
	char flow[FLOW_SIZE];
	size_t i;

	printf("%-*u  ", width->id, container->id);
	printf("%-*s", more || width->flow ? width->name : 0, name);
	if (width->flow) {
		flow_words(flow, &container->flow);
		printf("  %-*s", more ? width->flow : 0, *flow ? flow : "-");
	}
	for (i = 0; i < container->nbindings; i++) {
		fputs(i ? " " : "  ", stdout);
		print_cgroup(ctx, container->bindings[i].cgroup,
			     container->bindings[i].gone);
	}
	putchar('\n');
}

static void list_table(struct ctid *ctx, const struct snapshot *snap)
{
	struct widths width = measure(snap);
	size_t i;

	printf("%-*s  %-*s  ", width.id, "ID", width.name, "NAME");
	if (width.flow)
		printf("%-*s  ", width.flow, "FLOW");
	puts("CGROUPS");
	for (i = 0; i < snap->ncontainers; i++)
		list_line(ctx, &snap->containers[i], &width);
}

/**
 * cmd_list() - ctid list
 * @ctx: the context
 * @argc: number of arguments
 * @argv: the arguments
 *
 * Return: the exit status, as for all subcommands.
 */
int cmd_list(struct ctid *ctx, int argc, char **argv)
{
	struct snapshot snap;
	int ret;

	(void)argc;
	(void)argv;
	ret = snapshot_take(&snap, &ctx->reg);
	if (ret)
		return fail_kernel(ctx, ret, NULL, "cannot list containers");
	if (ctx->json)
		list_json(ctx, &snap);
	else
		list_table(ctx, &snap);
	snapshot_free(&snap);
	return CTID_OK;
}

static void show_text(struct ctid *ctx, const struct container *container)
{
	char flow[FLOW_SIZE];
	size_t i;

	printf("container %u\n", container->id);
	if (*container->name)
		printf("\tname %s\n", container->name);
	flow_words(flow, &container->flow);
	if (*flow)
		printf("\t%s\n", flow);
	for (i = 0; i < container->nbindings; i++) {
		printf("\tcgroup ");
		print_cgroup(ctx, container->bindings[i].cgroup,
			     container->bindings[i].gone);
		putchar('\n');
	}
}

/**
 * cmd_show() - ctid show ID|NAME
 * @ctx: the context
 * @argc: number of arguments
 * @argv: the arguments
 */
int cmd_show(struct ctid *ctx, int argc, char **argv)
{
	struct registry_msg container;
	struct snapshot snap;
	int ret;

	(void)argc;
	ret = which_container(ctx, argv[0], &container);
	if (ret)
		return ret;
	ret = snapshot_take_one(&snap, &ctx->reg, &container);
	if (ret)
		return fail_kernel(ctx, ret, NULL, "cannot show container %s",
				   argv[0]);
	if (ctx->json) {
		print_json(with_cgroups(ctx, &snap.containers[0]));
		putchar('\n');
	} else {
		show_text(ctx, &snap.containers[0]);
	}
	snapshot_free(&snap);
	return CTID_OK;
}
