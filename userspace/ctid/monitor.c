// SPDX-License-Identifier: GPL-2.0-only
/* ctid monitor. */
#include <errno.h>
#include <stdio.h>

#include "print.h"

static const char *const events[CONTAINER_ID_CMD_MAX + 1] = {
	[CONTAINER_ID_CMD_ADD_NTF]	= "added",
	[CONTAINER_ID_CMD_SET_NTF]	= "renamed",
	[CONTAINER_ID_CMD_DEL_NTF]	= "deleted",
	[CONTAINER_ID_CMD_BIND_NTF]	= "bound",
	[CONTAINER_ID_CMD_UNBIND_NTF]	= "unbound",
	[CONTAINER_ID_CMD_FLOW_NTF]	= "set",
};

static void event_text(struct ctid *ctx, const char *event,
		       const struct registry_msg *msg)
{
	char flow[FLOW_SIZE];

	printf("%s %u", event, msg->id);
	if (*msg->name)
		printf(" %s", msg->name);
	else if (msg->cmd == CONTAINER_ID_CMD_SET_NTF)
		printf(" -");
	flow_words(flow, &msg->flow);
	if (*flow)
		printf(" %s", flow);
	if (msg->cgroup) {
		putchar(' ');
		print_cgroup(ctx, msg->cgroup, msg->gone);
	}
}

static void event_json(struct ctid *ctx, const char *event,
		       const struct registry_msg *msg)
{
	json_t *json = json_object();

	json_object_set_new(json, "event", json_string(event));
	json_object_update_new(json, container_json(msg->id, msg->name));
	flow_json(json, &msg->flow);
	if (msg->cgroup)
		json_object_set_new(json, "cgroup",
				    cgroup_json(ctx, msg->cgroup, msg->gone));
	print_json(json);
}

static int on_event(const struct registry_msg *msg, void *data)
{
	struct ctid *ctx = data;
	const char *event;

	event = msg->cmd <= CONTAINER_ID_CMD_MAX ? events[msg->cmd] : NULL;
	if (!event)
		return 0;	/* of a newer kernel */
	if (ctx->json)
		event_json(ctx, event, msg);
	else
		event_text(ctx, event, msg);
	putchar('\n');
	/* What an earlier walk saw is old by now. */
	cgroup_walk_free(ctx->mount.walk);
	ctx->mount.walk = NULL;
	return fflush(stdout) || ferror(stdout) ? -EIO : 0;
}

/**
 * cmd_monitor() - ctid monitor
 * @ctx: the context
 * @argc: number of arguments
 * @argv: the arguments
 *
 * Return: the exit status, if the changes or the reader end.
 */
int cmd_monitor(struct ctid *ctx, int argc, char **argv)
{
	int ret;

	(void)argc;
	(void)argv;
	ret = registry_subscribe(&ctx->reg);
	if (ret)
		return fail_kernel(ctx, ret, NULL, "cannot monitor containers");
	for (;;) {
		ret = registry_next(&ctx->reg, on_event, ctx);
		if (ret == -ENOBUFS)
			warn("changes came too fast and some were lost: see 'ctid list'");
		else if (ret == -EIO)
			return flush_output();
		else if (ret)
			return fail_kernel(ctx, ret, NULL,
					   "cannot monitor containers");
	}
}
