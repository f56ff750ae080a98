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

static void list_line(struct ctid *ctx, const struct container *container,
		      int id_width, int name_width)
{
	size_t i;

	printf("%-*u  ", id_width, container->id);
	if (!container->nbindings)
		printf("%s", *container->name ? container->name : NO_NAME);
	else
		printf("%-*s", name_width,
		       *container->name ? container->name : NO_NAME);
	for (i = 0; i < container->nbindings; i++) {
		fputs(i ? " " : "  ", stdout);
		print_cgroup(ctx, container->bindings[i].cgroup,
			     container->bindings[i].gone);
	}
	putchar('\n');
}

static void list_table(struct ctid *ctx, const struct snapshot *snap)
{
	int id_width = (int)strlen("ID"), name_width = (int)strlen("NAME");
	int width;
	size_t i;

	for (i = 0; i < snap->ncontainers; i++) {
		width = snprintf(NULL, 0, "%u", snap->containers[i].id);
		if (width > id_width)
			id_width = width;
		width = (int)strlen(snap->containers[i].name);
		if (width > name_width)
			name_width = width;
	}
	printf("%-*s  %-*s  CGROUPS\n", id_width, "ID", name_width, "NAME");
	for (i = 0; i < snap->ncontainers; i++)
		list_line(ctx, &snap->containers[i], id_width, name_width);
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
	size_t i;

	printf("container %u\n", container->id);
	if (*container->name)
		printf("\tname %s\n", container->name);
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
