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
	/* A word that is no option is returned as this one's value. */
	WORD = 1,
	OPT_CGROUP = 256,
	OPT_FOLLOW,
	OPT_CLASSIFY,
	OPT_DROP_IN,
	OPT_FOR,
	OPT_NET_PREFIX,
	OPT_PORT_RANGE,
	OPT_NFT,
	OPT_SVG,
	OPT_RULE,
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
	{ "set", "ID|NAME [mark N|none] [priority N|none] [classid MAJOR:MINOR|none] [flow fixed|free]",
	  "Have the sockets that the container makes from now on carry a mark (SO_MARK), a\n"
	  "priority (SO_PRIORITY) and a class id (net_cls); with flow fixed, programs\n"
	  "cannot change them, nor the traffic class.",
	  CMD_REGISTRY, 3, -1, cmd_set },
	{ "bind", "ID|NAME CGROUP|self...",
	  "Have sockets made in these cgroups, or below, belong to a container. 'self' is\n"
	  "the cgroup of this process.",
	  CMD_REGISTRY | CMD_MOUNT, 2, -1, cmd_bind },
	{ "rebind", "ID|NAME CGROUP|self...",
	  "Bind cgroups, and take them from the containers that they are bound to, without\n"
	  "a moment in which they are nobody's.",
	  CMD_REGISTRY | CMD_MOUNT, 2, -1, cmd_rebind },
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
	{ "explain", "CGROUP|PID|self",
	  "Tell which rule of ctidd decided whose a cgroup, or that of a process, is, and\n"
	  "why those before it did not; of a process also which one moves it.",
	  CMD_REGISTRY | CMD_MOUNT, 1, 1, cmd_explain },
	{ "exec", "ID|NAME|--classify [--cgroup CGROUP] -- COMMAND...",
	  "Run a command in a container, from its first instruction on. CGROUP is made\n"
	  "and bound if need be; without it, /ctid.slice/NAME is used. With --classify\n"
	  "the rules of 'ctid classify' say which container, or none.",
	  CMD_REGISTRY | CMD_MOUNT | CMD_CGROUP | CMD_CLASSIFY, 2, -1, cmd_exec },
	{ "classify", "[PID|self|FACT VALUE...] [--json] | FACT VALUE... --drop-in | --follow [--json]",
	  "Tell which rule of /etc/ctid/ctid.conf decides about a process, or would about\n"
	  "one of which this is known (FACT: user, group, exe, session-leader or\n"
	  "group-leader); with --drop-in, print that as a drop-in of a systemd service.\n"
	  "--follow moves running processes as the rules say, until it is stopped. With no\n"
	  "arguments, list the rules.",
	  CMD_REGISTRY | CMD_MOUNT | CMD_JSON | CMD_FOLLOW | CMD_DROP_IN, 0, -1,
	  cmd_classify },
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
	  "forget what was said, or have what would be denied counted and logged only.",
	  CMD_REGISTRY | CMD_JSON, 0, -1, cmd_policy },
	{ "policy-save", "[FILE]",
	  "Write all policies to FILE, or print them, as 'ctid policy-load' reads them.",
	  0, 0, 1, cmd_policy_save },
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
	{ "sockets", "[ID|NAME...] [--json]",
	  "List all sockets, of all network namespaces, with the containers that own them.",
	  CMD_REGISTRY | CMD_MOUNT | CMD_JSON, 0, -1, cmd_sockets },
	{ "watch", "[ID|NAME...] [--rule] [--json]",
	  "Print each connect, bind and accept as it happens: whose it is, what became of it,\n"
	  "and which table or device denied it, with --rule also which of its rules.",
	  CMD_REGISTRY | CMD_JSON | CMD_RULE, 0, -1, cmd_watch },
	{ "learn", "ID|NAME [--for TIME] [--net-prefix N[,N6]] [--port-range N] [--nft]",
	  "Watch a container, for 90s, 10m or 2h or until it is interrupted, and print the\n"
	  "permits that cover what it did, as commands or for nft. Addresses that share the\n"
	  "first N bits (IPv6: N6) may be put together, and N ports in a row.",
	  CMD_REGISTRY | CMD_LEARN | CMD_FOR, 1, 1, cmd_learn },
	{ "graph", "[--for TIME] [--svg FILE | --json]",
	  "Print who talks to whom, from all sockets, for Graphviz; with --svg, have its dot\n"
	  "draw that (-: to the standard output). With --for, watch for 90s, 10m or 2h, so\n"
	  "that short connections are in it.",
	  CMD_REGISTRY | CMD_MOUNT | CMD_JSON | CMD_SVG | CMD_FOR, 0, 0, cmd_graph },
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
	{ "classify", no_argument, NULL, OPT_CLASSIFY },
	{ "drop-in", no_argument, NULL, OPT_DROP_IN },
	{ "for", required_argument, NULL, OPT_FOR },
	{ "net-prefix", required_argument, NULL, OPT_NET_PREFIX },
	{ "port-range", required_argument, NULL, OPT_PORT_RANGE },
	{ "nft", no_argument, NULL, OPT_NFT },
	{ "svg", required_argument, NULL, OPT_SVG },
	{ "rule", no_argument, NULL, OPT_RULE },
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

/* Is @word a long option with a value that it does not take? */
static bool has_value(const char *word, const struct option *option)
{
	size_t len = strlen(option->name);

	return !strncmp(word, "--", 2) &&
	       !strncmp(word + 2, option->name, len) && word[2 + len] == '=';
}

/*
 * The option that getopt_long() has just returned, as it was meant: several letters may
 * be in one word, of which @word is the one before, and a word may be the value of the
 * option before it.
 */
static struct shown show_option(int opt, const char *word)
{
	const struct option *option;
	char text[64];

	for (option = options; option->name; option++) {
		if (opt >= OPT_CGROUP && option->val == opt) {
			snprintf(text, sizeof(text), "--%s", option->name);
			return show(text);
		}
		if (opt == '?' && option->val == optopt &&
		    has_value(word, option))
			return show(word);
	}
	/* Of a long one that is not known, optopt is 0. */
	if (opt != '?' || !optopt || optopt >= OPT_CGROUP)
		return show(word);
	snprintf(text, sizeof(text), "-%c", optopt);
	return show(text);
}

static int take_option(struct ctid *ctx, const struct command *cmd, int opt,
		       const char *word)
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
	case OPT_CLASSIFY:
		ctx->classify = true;
		if (cmd->flags & CMD_CLASSIFY)
			return 0;
		break;
	case OPT_DROP_IN:
		ctx->drop_in = true;
		if (cmd->flags & CMD_DROP_IN)
			return 0;
		break;
	case OPT_FOR:
		ctx->duration = optarg;
		if (cmd->flags & CMD_FOR)
			return 0;
		break;
	case OPT_NET_PREFIX:
		ctx->net_prefix = optarg;
		if (cmd->flags & CMD_LEARN)
			return 0;
		break;
	case OPT_PORT_RANGE:
		ctx->port_range = optarg;
		if (cmd->flags & CMD_LEARN)
			return 0;
		break;
	case OPT_NFT:
		ctx->nft = true;
		if (cmd->flags & CMD_LEARN)
			return 0;
		break;
	case OPT_SVG:
		ctx->svg = optarg;
		if (cmd->flags & CMD_SVG)
			return 0;
		break;
	case OPT_RULE:
		ctx->rule = true;
		if (cmd->flags & CMD_RULE)
			return 0;
		break;
	case ':':
		return usage_error("%s needs %s: usage: ctid %s %s",
				   show_option(optopt, word).s,
				   optopt == OPT_CGROUP ? "a cgroup" : "a value",
				   cmd->name, cmd->args);
	}
	return usage_error("no option \"%s\" here: usage: ctid %s %s",
			   show_option(opt, word).s, cmd->name, cmd->args);
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

/*
 * Options may stand anywhere, whatever POSIXLY_CORRECT says, but that from the first
 * word of a command to be run on, all words are its own.
 */
static bool begins_program(const struct ctid *ctx, const struct command *cmd,
			   int nwords)
{
	return cmd->flags & CMD_CLASSIFY && nwords == !ctx->classify;
}

/* @argv[0] is the command. */
static int parse_command(struct ctid *ctx, int argc, char **argv)
{
	const struct command *cmd = find_command(argv[0]);
	int opt, ret, nwords = 0;

	if (!cmd)
		return CTID_USAGE;
	optind = 0;
	while ((opt = getopt_long(argc, argv, "-:jh", options, NULL)) != -1) {
		if (opt == 'h')
			return help_one(cmd) || flush_output();
		if (opt == WORD && begins_program(ctx, cmd, nwords)) {
			optind--;
			break;
		}
		if (opt == WORD) {
			argv[nwords++] = optarg;
			continue;
		}
		/* Not after what would have been the container. */
		if (opt == OPT_CLASSIFY && nwords)
			return wrong_use(cmd);
		ret = take_option(ctx, cmd, opt, argv[optind - 1]);
		if (ret)
			return ret;
	}
	/* With the NULL behind them. */
	memmove(argv + nwords, argv + optind, (argc - optind + 1) * sizeof(*argv));
	argc -= optind - nwords;
	/* "exec -- ID -- COMMAND": it was the first one that ended the options. */
	if (!nwords && begins_program(ctx, cmd, 1) && argc > 1 &&
	    !strcmp(argv[1], "--"))
		memmove(argv + 1, argv + 2, --argc * sizeof(*argv));
	if (ctx->json && !(cmd->flags & CMD_JSON))
		return wrong_use(cmd);
	/* --classify stands for the first argument. */
	if (argc + ctx->classify < cmd->min || (cmd->max >= 0 && argc > cmd->max))
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
					   show_option(opt, argv[optind - 1]).s);
		}
	}
	if (optind == argc) {
		help_all(stderr);
		return CTID_USAGE;
	}
	return parse_command(&ctx, argc - optind, argv + optind);
}
