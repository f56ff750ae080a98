// SPDX-License-Identifier: GPL-2.0-only
/* ctid of. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../names.h"
#include "../text.h"
#include "print.h"

static void of_text(struct ctid *ctx, const struct registry_msg *owner)
{
	if (!owner->id) {
		puts("none");
		return;
	}
	printf("%u%s%s", owner->id, *owner->name ? " " : "", owner->name);
	if (owner->cgroup) {
		printf(" (bound at ");
		print_cgroup(ctx, owner->cgroup, owner->gone);
		putchar(')');
	}
	putchar('\n');
}

static void of_json(struct ctid *ctx, const struct registry_msg *owner)
{
	json_t *json = container_json(owner->id, owner->name);

	if (owner->cgroup)
		json_object_set_new(json, "bound",
				    cgroup_json(ctx, owner->cgroup,
						owner->gone));
	print_json(json);
	putchar('\n');
}

/**
 * cmd_of() - ctid of PID|CGROUP|self
 * @ctx: the context
 * @argc: number of arguments
 * @argv: the arguments
 *
 * "None" is as good an answer as any.
 *
 * Return: the exit status.
 */
int cmd_of(struct ctid *ctx, int argc, char **argv)
{
	struct registry_msg owner;
	struct ctid_err err;
	int fd, ret;

	(void)argc;
	if (is_number(argv[0]) || !strcmp(argv[0], "self"))
		fd = cgroup_of_pid(&ctx->mount, argv[0], &err);
	else if (*argv[0] == '/')
		fd = cgroup_open(&ctx->mount, argv[0], &err);
	else
		return usage_error("\"%s\" is no process id, no cgroup (they begin with '/') and not 'self'",
				   show(argv[0]).s);
	if (fd < 0)
		return fail("%s", err.text);
	ret = request_of(&ctx->reg, fd, &owner);
	close(fd);
	if (ret)
		return fail_kernel(ctx, ret, NULL, "cannot tell the owner of %s",
				   show(argv[0]).s);
	if (ctx->json)
		of_json(ctx, &owner);
	else
		of_text(ctx, &owner);
	return CTID_OK;
}
