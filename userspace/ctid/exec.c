// SPDX-License-Identifier: GPL-2.0-only
/* ctid exec: this process moves into the container, then becomes the command. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../text.h"
#include "ctid.h"

/** Where cgroups are made when --cgroup does not say. */
#define DEFAULT_PARENT	"/ctid.slice"

enum {
	CANNOT_RUN = 126,
	NOT_FOUND = 127,
};

static int say_busy(struct ctid *ctx, int fd, const char *path)
{
	struct registry_msg owner;

	if (request_of(&ctx->reg, fd, &owner) || !owner.id)
		return fail("cgroup %s is bound to another container: choose one with --cgroup",
			    show(path).s);
	return fail("cgroup %s is bound to container %u %s: choose another with --cgroup, or 'ctid unbind' it",
		    show(path).s, owner.id, owner.name);
}

static int bind_it(struct ctid *ctx, uint32_t id, int fd, const char *path)
{
	int ret = request_bind(&ctx->reg, id, fd);

	if (!ret || ret == -EEXIST)
		return 0;
	if (ret == -EBUSY)
		return say_busy(ctx, fd, path);
	return fail_kernel(ctx, ret, NULL, "cannot bind %s to container %u",
			   show(path).s, id);
}

static const char *enter_hint(int code)
{
	switch (code) {
	case EBUSY:
		return ": it has cgroups with controllers below it, and cgroup v2 lets processes into the lowest ones only: name one with --cgroup";
	case EACCES:
	case EPERM:
		return ": you need write permission on its cgroup.procs, and on that of a common ancestor";
	default:
		return "";
	}
}

static int enter(int fd, const char *path)
{
	int procs = openat(fd, "cgroup.procs", O_WRONLY | O_CLOEXEC);
	int code = 0;

	if (procs < 0 || write(procs, "0", 1) != 1)
		code = errno;
	if (procs >= 0)
		close(procs);
	if (code)
		return fail("cannot enter cgroup %s: %s%s", show(path).s,
			    strerror(code), enter_hint(code));
	return 0;
}

/* Trust nothing: are we where we think, and is it whose we think? */
static int verify(struct ctid *ctx, uint32_t id, int fd, const char *path)
{
	struct registry_msg owner;
	struct stat want, have;
	struct ctid_err err;
	int self, ret;

	self = cgroup_of_pid(&ctx->mount, "self", &err);
	if (self < 0)
		return fail("%s", err.text);
	ret = fstat(self, &have) || fstat(fd, &want) ||
	      have.st_ino != want.st_ino;
	close(self);
	if (ret)
		return fail("another process took this one out of cgroup %s: try again",
			    show(path).s);
	ret = request_of(&ctx->reg, fd, &owner);
	if (ret)
		return fail_kernel(ctx, ret, NULL, "cannot tell the owner of %s",
				   show(path).s);
	if (owner.id != id)
		return fail("another process took cgroup %s from container %u: try again",
			    show(path).s, id);
	return 0;
}

static int move_in(struct ctid *ctx, uint32_t id, const char *path)
{
	struct ctid_err err;
	int fd, ret;

	fd = cgroup_make(&ctx->mount, path, &err);
	if (fd < 0)
		return fail("%s", err.text);
	ret = bind_it(ctx, id, fd, path);
	if (!ret) {
		/* Before there is anything whose packets could be missed. */
		nftset_refresh(ctx);
		ret = enter(fd, path);
	}
	if (!ret)
		ret = verify(ctx, id, fd, path);
	close(fd);
	return ret;
}

static int run(char **argv)
{
	int code;

	execvp(argv[0], argv);
	code = errno;
	fail("cannot run \"%s\": %s", show(argv[0]).s, strerror(code));
	return code == ENOENT ? NOT_FOUND : CANNOT_RUN;
}

/**
 * cmd_exec() - ctid exec ID|NAME [--cgroup CGROUP] -- COMMAND...
 * @ctx: the context
 * @argc: number of arguments
 * @argv: the arguments
 *
 * Return: the exit status, if it returns; that of env(1) if COMMAND cannot be
 * run.
 */
int cmd_exec(struct ctid *ctx, int argc, char **argv)
{
	char path[sizeof(DEFAULT_PARENT) + CONTAINER_ID_NAMSIZ + 1];
	struct registry_msg container;
	char **command = argv + 1;
	int ret;

	/* With POSIXLY_CORRECT set, getopt leaves it where it is. */
	if (argc > 2 && !strcmp(*command, "--"))
		command++;
	ret = which_container(ctx, argv[0], &container);
	if (ret)
		return ret;
	if (*container.name)
		snprintf(path, sizeof(path), DEFAULT_PARENT "/%s",
			 container.name);
	else
		snprintf(path, sizeof(path), DEFAULT_PARENT "/%u",
			 container.id);
	ret = move_in(ctx, container.id, ctx->cgroup ? ctx->cgroup : path);
	return ret ? ret : run(command);
}
