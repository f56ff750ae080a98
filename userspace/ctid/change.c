// SPDX-License-Identifier: GPL-2.0-only
/* ctid add, del, rename, bind, unbind. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../names.h"
#include "../text.h"
#include "ctid.h"
#include "request.h"

/** How "unbind" names a cgroup that has no path (any more). */
#define BY_ID		"id:"

/**
 * cmd_add() - ctid add ID [NAME]
 * @ctx: the context
 * @argc: number of arguments
 * @argv: the arguments
 *
 * Return: the exit status, as for all subcommands.
 */
int cmd_add(struct ctid *ctx, int argc, char **argv)
{
	const char *name = argc > 1 ? argv[1] : NULL;
	uint32_t id;
	int ret;

	ret = which_id(argv[0], &id);
	if (!ret && name)
		ret = which_name(name);
	if (ret)
		return ret;
	ret = request_add(&ctx->reg, id, name);
	if (ret)
		return fail_kernel(ctx, ret,
				   ret == -EEXIST ? "see 'ctid list'" : NULL,
				   "cannot add container %u%s%s", id,
				   name ? " " : "", name ? name : "");
	nftset_refresh(ctx);
	return CTID_OK;
}

/**
 * cmd_del() - ctid del ID|NAME
 * @ctx: the context
 * @argc: number of arguments
 * @argv: the arguments
 */
int cmd_del(struct ctid *ctx, int argc, char **argv)
{
	struct registry_msg container;
	int ret;

	(void)argc;
	ret = which_container(ctx, argv[0], &container);
	if (ret)
		return ret;
	ret = request_del(&ctx->reg, container.id);
	if (ret)
		return fail_kernel(ctx, ret, NULL, "cannot delete container %s",
				   argv[0]);
	nftset_refresh(ctx);
	return CTID_OK;
}

/**
 * cmd_rename() - ctid rename ID|NAME NEWNAME
 * @ctx: the context
 * @argc: number of arguments
 * @argv: the arguments
 */
int cmd_rename(struct ctid *ctx, int argc, char **argv)
{
	const char *name = strcmp(argv[1], NO_NAME) ? argv[1] : NULL;
	struct registry_msg container;
	int ret;

	(void)argc;
	ret = name ? which_name(name) : 0;
	if (!ret)
		ret = which_container(ctx, argv[0], &container);
	if (ret)
		return ret;
	ret = request_set(&ctx->reg, container.id, name);
	if (ret)
		return fail_kernel(ctx, ret,
				   ret == -EEXIST ? "see 'ctid list'" : NULL,
				   "cannot rename container %s to %s", argv[0],
				   argv[1]);
	nftset_refresh(ctx);
	return CTID_OK;
}

static const char *bind_hint(int code)
{
	switch (code) {
	case -EBUSY:
		return "'ctid of' tells which, 'ctid rebind' takes it from there";
	case -EACCES:
		return "you need write permission on its directory";
	case -EROFS:
		return "bind it where they are mounted for writing";
	case -EXDEV:
		return "name one at or below its root";
	default:
		return NULL;
	}
}

static int bind_one(struct ctid *ctx, uint32_t id, const char *path, bool replace)
{
	struct ctid_err err;
	int fd, ret;

	fd = strcmp(path, "self") ? cgroup_open(&ctx->mount, path, &err) :
				    cgroup_of_pid(&ctx->mount, path, &err);
	if (fd < 0)
		return fail("%s", err.text);
	ret = replace ? request_rebind(&ctx->reg, id, 0, fd) :
			request_bind(&ctx->reg, id, fd);
	close(fd);
	if (ret && ret != -EEXIST)
		return fail_kernel(ctx, ret, bind_hint(ret),
				   "cannot bind %s to container %u",
				   show(path).s, id);
	return CTID_OK;
}

static int bind_all(struct ctid *ctx, int argc, char **argv, bool replace)
{
	struct registry_msg container;
	int i, ret;

	ret = which_container(ctx, argv[0], &container);
	if (ret)
		return ret;
	for (i = 1; i < argc; i++)
		ret |= bind_one(ctx, container.id, argv[i], replace);
	nftset_refresh(ctx);
	return ret;
}

/**
 * cmd_bind() - ctid bind ID|NAME CGROUP|self...
 * @ctx: the context
 * @argc: number of arguments
 * @argv: the arguments
 *
 * What is bound to this container already is no error: a service may bind its
 * cgroup each time it starts.
 */
int cmd_bind(struct ctid *ctx, int argc, char **argv)
{
	return bind_all(ctx, argc, argv, false);
}

/**
 * cmd_rebind() - ctid rebind ID|NAME CGROUP|self...
 * @ctx: the context
 * @argc: number of arguments
 * @argv: the arguments
 */
int cmd_rebind(struct ctid *ctx, int argc, char **argv)
{
	return bind_all(ctx, argc, argv, true);
}

/* @id is 0 for a cgroup that is named by its path. */
static int read_cgroup_id(const char *word, uint64_t *id)
{
	char *end;

	*id = 0;
	if (strncmp(word, BY_ID, strlen(BY_ID)))
		return 0;
	word += strlen(BY_ID);
	errno = 0;
	*id = strtoull(word, &end, 10);
	if (!is_number(word) || errno || *end || !*id)
		return usage_error("\"" BY_ID "%s\" is no cgroup id: use " BY_ID "NUMBER",
				   show(word).s);
	return 0;
}

static int unbind_one(struct ctid *ctx, uint32_t id, const char *path)
{
	uint64_t cgroup_id;
	struct ctid_err err;
	int fd = -1, ret;

	ret = read_cgroup_id(path, &cgroup_id);
	if (ret)
		return ret;
	if (!cgroup_id) {
		fd = cgroup_open(&ctx->mount, path, &err);
		if (fd < 0)
			return fail("%s", err.text);
	}
	ret = request_unbind(&ctx->reg, id, fd, cgroup_id);
	if (fd >= 0)
		close(fd);
	if (ret)
		return fail_kernel(ctx, ret,
				   ret == -ENOENT ? "see 'ctid list'" : NULL,
				   "cannot unbind %s", show(path).s);
	return CTID_OK;
}

static bool is_cgroup(const char *word)
{
	return *word == '/' || !strncmp(word, BY_ID, strlen(BY_ID));
}

/**
 * cmd_unbind() - ctid unbind [ID|NAME] CGROUP...
 * @ctx: the context
 * @argc: number of arguments
 * @argv: the arguments
 */
int cmd_unbind(struct ctid *ctx, int argc, char **argv)
{
	struct registry_msg container = { 0 };
	int i = 0, j, one, ret = 0;
	uint64_t cgroup_id;

	if (!is_cgroup(argv[0])) {
		ret = which_container(ctx, argv[0], &container);
		if (ret)
			return ret;
		i = 1;
	}
	if (i == argc)
		return usage_error("unbind which cgroup? 'ctid show %s' lists them",
				   show(argv[0]).s);
	/* Wrong use changes nothing. */
	for (j = i; j < argc && !ret; j++)
		ret = read_cgroup_id(argv[j], &cgroup_id);
	if (ret)
		return ret;
	for (; i < argc; i++) {
		one = unbind_one(ctx, container.id, argv[i]);
		if (one)
			ret = one;
	}
	nftset_refresh(ctx);
	return ret;
}
