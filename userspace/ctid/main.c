// SPDX-License-Identifier: GPL-2.0-only
/* ctid: names containers and binds cgroups to them. */
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "../../nft/statement.h"
#include "../text.h"
#include "ctid.h"

#ifndef VERSION
#define VERSION	"unknown"
#endif

enum {
	OPT_CGROUP = 256,
	OPT_FOLLOW,
};

static int cmd_help(struct ctid *ctx, int argc, char **argv);

static const struct command commands[] = {
	{ "add", "ID [NAME]",
	  "Register a container, optionally with a name.",
	  CMD_REGISTRY, 1, 2, cmd_add },
	{ "del", "ID|NAME",
	  "Forget a container and all its bindings. Rules that name its id stay.",
	  CMD_REGISTRY, 1, 1, cmd_del },
	{ "rename", "ID|NAME NEWNAME",
	  "Give a container another name; - takes its name away.",
	  CMD_REGISTRY, 2, 2, cmd_rename },
	{ "bind", "ID|NAME CGROUP...",
	  "Have sockets made in these cgroups, or below, belong to a container.",
	  CMD_REGISTRY | CMD_MOUNT, 2, -1, cmd_bind },
	{ "unbind", "[ID|NAME] CGROUP...",
	  "End bindings; with ID or NAME, only those to that container.",
	  CMD_REGISTRY | CMD_MOUNT, 1, -1, cmd_unbind },
	{ "list", "[--json]",
	  "List all containers and their cgroups.",
	  CMD_REGISTRY | CMD_JSON, 0, 0, cmd_list },
	{ "show", "ID|NAME [--json]",
	  "Show one container.",
	  CMD_REGISTRY | CMD_JSON, 1, 1, cmd_show },
	{ "of", "PID|CGROUP|self [--json]",
	  "Tell which container owns the sockets that a process makes from now on, or\n"
	  "those made in a cgroup.",
	  CMD_REGISTRY | CMD_MOUNT | CMD_JSON, 1, 1, cmd_of },
	{ "exec", "ID|NAME [--cgroup CGROUP] -- COMMAND...",
	  "Run a command in a container, from its first instruction on. CGROUP is made\n"
	  "and bound if need be; without it, /ctid.slice/NAME is used.",
	  CMD_REGISTRY | CMD_MOUNT | CMD_CGROUP, 2, -1, cmd_exec },
	{ "monitor", "[--json]",
	  "Print each change as it happens.",
	  CMD_REGISTRY | CMD_JSON, 0, 0, cmd_monitor },
	{ "load", "[FILE]",
	  "Add, name and bind what FILE lists (default: /etc/xtables/container.conf,\n"
	  "-: standard input).",
	  CMD_REGISTRY | CMD_MOUNT, 0, 1, cmd_load },
	{ "save", "[FILE]",
	  "Write all containers to FILE (default: /etc/xtables/container.conf,\n"
	  "-: standard output).",
	  CMD_REGISTRY | CMD_MOUNT, 0, 1, cmd_save },
	{ "permit", STATEMENT_TUPLE,
	  "Permit a container tuples of an event. TUPLE is ADDRESS, PORTS or ADDRESS:PORTS,\n"
	  "for an accept the peer's address and the own port. What was not permitted or\n"
	  "denied is denied from the first permit on; 'ctid policy' can change that.",
	  CMD_REGISTRY, 3, -1, cmd_permit },
	{ "deny", STATEMENT_TUPLE,
	  "Deny a container tuples of an event. Of permit and deny, the later one counts.\n"
	  "Where the first one is a deny, the rest is accepted.",
	  CMD_REGISTRY, 3, -1, cmd_deny },
	{ "policy", "[ID|NAME] [--json] | " STATEMENT_POLICY,
	  "Show what containers are permitted and denied, say what becomes of the rest,\n"
	  "or forget what was said.",
	  CMD_REGISTRY | CMD_JSON, 0, -1, cmd_policy },
	{ "policy-save", "",
	  "Print all policies as 'ctid policy-load' reads them.",
	  0, 0, 0, cmd_policy_save },
	{ "policy-load", "FILE",
	  "Have the policies that FILE (-: standard input) lists and no others, at once or\n"
	  "not at all.",
	  CMD_REGISTRY, 1, 1, cmd_policy_load },
	{ "policy-flush", "",
	  "Forget all policies, and remove the devices that caught events for them.",
	  0, 0, 0, cmd_policy_flush },
	{ "nftset", "add|del|list|sync [ARGUMENT...]",
	  "Keep sets and maps of nft filled with the cgroups of a container, for\n"
	  "socket cgroupv2:\n"
	  "  ctid nftset add ID|NAME FAMILY TABLE SET [goto CHAIN]\n"
	  "  ctid nftset del ID|NAME FAMILY TABLE SET\n"
	  "  ctid nftset list [--json]\n"
	  "  ctid nftset sync [--follow]",
	  CMD_REGISTRY | CMD_JSON | CMD_FOLLOW, 1, 7, cmd_nftset },
	{ "help", "[COMMAND]",
	  "Tell about ctid, or about one command.",
	  0, 0, 1, cmd_help },
};

#define NCOMMANDS	(sizeof(commands) / sizeof(*commands))

static const struct option options[] = {
	{ "json", no_argument, NULL, 'j' },
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, 'V' },
	{ "cgroup", required_argument, NULL, OPT_CGROUP },
	{ "follow", no_argument, NULL, OPT_FOLLOW },
	{ NULL, 0, NULL, 0 }
};

static const struct command *find_command(const char *name)
{
	size_t i;

	for (i = 0; i < NCOMMANDS; i++)
		if (!strcmp(commands[i].name, name))
			return &commands[i];
	usage_error("no command \"%s\": 'ctid help' lists them", show(name).s);
	return NULL;
}

static int help_one(const struct command *cmd)
{
	printf("Usage: ctid %s %s\n\n%s\n", cmd->name, cmd->args, cmd->help);
	return CTID_OK;
}

static int help_all(FILE *to)
{
	size_t i;

	fputs("Usage: ctid [-j|--json] COMMAND ...\n"
	      "       ctid [-h|--help] [-V|--version]\n\n"
	      "Names containers, binds cgroups to them, and tells which owns what.\n\n",
	      to);
	for (i = 0; i < NCOMMANDS; i++)
		fprintf(to, "  ctid %s%s%s\n", commands[i].name,
			*commands[i].args ? " " : "", commands[i].args);
	fputs("\nCGROUP is a path below the cgroup2 mount, such as /system.slice/web.service,\n"
	      "or any directory on it. 'ctid help COMMAND' tells more, ctid(8) tells all.\n",
	      to);
	return CTID_OK;
}

static int cmd_help(struct ctid *ctx, int argc, char **argv)
{
	const struct command *cmd;

	(void)ctx;
	if (!argc)
		return help_all(stdout);
	cmd = find_command(argv[0]);
	return cmd ? help_one(cmd) : CTID_USAGE;
}

static int wrong_use(const struct command *cmd)
{
	return usage_error("usage: ctid %s %s", cmd->name, cmd->args);
}

static int take_option(struct ctid *ctx, const struct command *cmd, int opt)
{
	switch (opt) {
	case 'j':
		ctx->json = true;
		return 0;
	case OPT_CGROUP:
		ctx->cgroup = optarg;
		if (cmd->flags & CMD_CGROUP)
			return 0;
		break;
	case OPT_FOLLOW:
		ctx->follow = true;
		if (cmd->flags & CMD_FOLLOW)
			return 0;
		break;
	case ':':
		return usage_error("--cgroup needs a cgroup: usage: ctid %s %s",
				   cmd->name, cmd->args);
	}
	return wrong_use(cmd);
}

/* Opens what the command needs, and runs it. */
static int run(struct ctid *ctx, const struct command *cmd, int argc,
	       char **argv)
{
	struct ctid_err err;
	int ret = 0;

	ctx->mount.fd = -1;
	if (cmd->flags & CMD_REGISTRY)
		ret = registry_open(&ctx->reg, &err);
	/* Commands that only print can do without paths. */
	if (!ret && cmd->flags & (CMD_MOUNT | CMD_JSON)) {
		ret = cgroup_mount_open(&ctx->mount, &err);
		if (!(cmd->flags & CMD_MOUNT))
			ret = 0;
	}
	ret = ret ? fail("%s", err.text) : cmd->run(ctx, argc, argv);
	cgroup_mount_close(&ctx->mount);
	registry_close(&ctx->reg);
	if (!ret)
		ret = flush_output();
	return ret;
}

/* @argv[0] is the command. */
static int parse_command(struct ctid *ctx, int argc, char **argv)
{
	const struct command *cmd = find_command(argv[0]);
	int opt, ret;

	if (!cmd)
		return CTID_USAGE;
	optind = 0;
	while ((opt = getopt_long(argc, argv, ":jh", options, NULL)) != -1) {
		if (opt == 'h')
			return help_one(cmd) || flush_output();
		ret = take_option(ctx, cmd, opt);
		if (ret)
			return ret;
	}
	argc -= optind;
	argv += optind;
	if (ctx->json && !(cmd->flags & CMD_JSON))
		return wrong_use(cmd);
	if (argc < cmd->min || (cmd->max >= 0 && argc > cmd->max))
		return wrong_use(cmd);
	return run(ctx, cmd, argc, argv);
}

/**
 * main() - the options before the command, then the command
 * @argc: number of arguments
 * @argv: the arguments
 *
 * Return: the exit status: 0 for success, 1 for failure, 2 for wrong usage.
 */
int main(int argc, char **argv)
{
	struct ctid ctx = { .json = false };
	int opt;

	while ((opt = getopt_long(argc, argv, "+:jhV", options, NULL)) != -1) {
		switch (opt) {
		case 'j':
			ctx.json = true;
			break;
		case 'h':
			return help_all(stdout) || flush_output();
		case 'V':
			puts("ctid " VERSION);
			return flush_output();
		default:
			return usage_error("no option \"%s\" here: 'ctid help' lists the commands",
					   show(argv[optind - 1]).s);
		}
	}
	if (optind == argc) {
		help_all(stderr);
		return CTID_USAGE;
	}
	return parse_command(&ctx, argc - optind, argv + optind);
}
