// SPDX-License-Identifier: GPL-2.0-only
/* ctid set: a container's flow ids. */
#include <errno.h>

#include "ctid.h"
#include "request.h"

/* The words come in pairs. */
static int read_words(struct flow_change *change, int argc, char **argv)
{
	struct ctid_err err;
	int i;

	for (i = 0; i < argc; i += 2)
		if (flow_parse(change, argv[i], i + 1 < argc ? argv[i + 1] : NULL,
			       &err))
			return usage_error("%s", err.text);
	return 0;
}

/**
 * cmd_set() - ctid set ID|NAME WORD VALUE...
 * @ctx: the context
 * @argc: number of arguments
 * @argv: the arguments
 *
 * Return: the exit status.
 */
int cmd_set(struct ctid *ctx, int argc, char **argv)
{
	struct flow_change change = { 0 };
	struct registry_msg container;
	int ret;

	ret = read_words(&change, argc - 1, argv + 1);
	if (!ret)
		ret = which_container(ctx, argv[0], &container);
	if (ret)
		return ret;
	ret = request_flow(&ctx->reg, container.id, &change);
	if (ret)
		return fail_kernel(ctx, ret, NULL,
				   "cannot set flow ids of container %s", argv[0]);
	return CTID_OK;
}
