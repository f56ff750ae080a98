// SPDX-License-Identifier: GPL-2.0-only
/* ctid exec: this process moves into the container, then becomes the command. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../text.h"
#include "ctid.h"
#include "put.h"

enum {
	CANNOT_RUN = 126,
	NOT_FOUND = 127,
};

/**
 * struct command_line - what is to be run
 * @argv: its arguments, from its name on
 * @path: the file, if it was looked for, or NULL
 */
struct command_line {
	char **argv;
	char *path;
};

static int move_in(struct ctid *ctx, uint32_t id, const char *path)
{
	struct ctid_err err;
	int fd, ret;

	fd = enter_prepare(&ctx->reg, &ctx->mount, id, path, &err);
	if (fd < 0)
		return fail("%s", err.text);
	/* Before there is anything whose packets could be missed. */
	nftset_refresh(ctx);
	ret = enter_move(fd, path, 0, &err);
	if (!ret)
		ret = enter_verify(&ctx->reg, &ctx->mount, id, fd, path, &err);
	close(fd);
	return ret ? fail("%s", err.text) : 0;
}

static int cannot_run(const char *name, int code)
{
	fail("cannot run \"%s\": %s", show(name).s, strerror(code));
	return code == ENOENT ? NOT_FOUND : CANNOT_RUN;
}

static int run(const struct command_line *command)
{
	const char *name = command->argv[0];

	execvp(command->path ? command->path : name, command->argv);
	return cannot_run(name, errno);
}

/* Would execvp() take it? */
static int look_at_file(const char *path)
{
	struct stat st;

	if (stat(path, &st) || faccessat(AT_FDCWD, path, X_OK, AT_EACCESS))
		return errno;
	return S_ISREG(st.st_mode) ? 0 : EACCES;
}

/* The file that execvp() would find; or else NULL, and why there is none. */
static char *find_file(const char *name, int *code)
{
	const char *dirs = getenv("PATH"), *end;
	char *path;
	int one;

	*code = ENOENT;
	if (!*name)
		return NULL;
	if (strchr(name, '/'))
		return strdup(name);
	for (dirs = dirs ? dirs : "/bin:/usr/bin";; dirs = end + 1) {
		end = strchrnul(dirs, ':');
		if (asprintf(&path, "%.*s%s%s", (int)(end - dirs), dirs,
			     end == dirs ? "./" : "/", name) < 0) {
			*code = ENOMEM;
			return NULL;
		}
		one = look_at_file(path);
		if (!one)
			return path;
		if (one == EACCES)
			*code = one;
		free(path);
		if (!*end)
			return NULL;
	}
}

/* Finds the rule for what this process becomes, and goes where it says. */
static int move_by_rule(struct ctid *ctx, const struct classify *rules,
			const char *path)
{
	const struct classify_rule *rule;
	struct classify_facts facts;
	struct registry_msg owner;
	struct ctid_err err;
	struct put put;
	int ret;

	ret = classify_process(&facts, "self", rules->asked);
	if (ret)
		ret = fail("cannot read /proc/self: %s", strerror(-ret));
	else if (classify_fact(&facts, CLASSIFY_EXE, path, &err) ||
		 put_owner(&ctx->reg, &ctx->mount, &facts, "self", &owner,
			   &err))
		ret = fail("%s", err.text);
	rule = ret ? NULL : classify_find(rules, &facts);
	classify_facts_clear(&facts);
	if (!rule)
		return ret;
	if (put_where(&put, &ctx->reg, rule, &err))
		return fail("%s", err.text);
	return move_in(ctx, put.container.id,
		       ctx->cgroup ? ctx->cgroup : put.path);
}

/* With no rule about it, the command runs where it is. */
static int exec_classified(struct ctid *ctx, struct command_line *command)
{
	struct classify rules;
	int code, ret;

	command->path = find_file(command->argv[0], &code);
	if (!command->path)
		return cannot_run(command->argv[0], code);
	ret = load_rules(&rules);
	if (!ret)
		ret = move_by_rule(ctx, &rules, command->path);
	classify_free(&rules);
	if (!ret)
		ret = run(command);
	free(command->path);
	return ret;
}

/**
 * cmd_exec() - ctid exec ID|NAME|--classify [--cgroup CGROUP] -- COMMAND...
 * @ctx: the context
 * @argc: number of arguments
 * @argv: the arguments
 *
 * Return: the exit status, if it returns; that of env(1) if COMMAND cannot be
 * run.
 */
int cmd_exec(struct ctid *ctx, int argc, char **argv)
{
	struct command_line command = { argv + !ctx->classify, NULL };
	struct registry_msg container;
	char path[ENTER_PATH_SIZE];
	int ret;

	(void)argc;
	if (ctx->classify)
		return exec_classified(ctx, &command);
	ret = which_container(ctx, argv[0], &container);
	if (ret)
		return ret;
	ret = move_in(ctx, container.id,
		      ctx->cgroup ? ctx->cgroup : enter_path(path, &container));
	return ret ? ret : run(&command);
}
