// SPDX-License-Identifier: GPL-2.0-only
/* ctid nftset: nft sets that hold the cgroups of a container. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "../../nft/nftables.h"
#include "../names.h"
#include "../text.h"
#include "nftset.h"

/**
 * struct target - a set as the command line names it
 * @id: container id
 * @family: NFPROTO_*
 * @family_name: the family
 * @table: the table
 * @set: the set
 * @chain: the chain, or ""
 */
struct target {
	uint32_t id;
	uint32_t family;
	const char *family_name;
	const char *table;
	const char *set;
	const char *chain;
};

static int bad_name(const char *what, const char *word)
{
	return usage_error("\"%s\" cannot be the name of %s in nft: use letters, digits, '_', '.', '/' and '-', a letter first",
			   show(word).s, what);
}

static int parse_target(char **argv, struct target *to)
{
	to->family_name = argv[0];
	to->table = argv[1];
	to->set = argv[2];
	if (nftset_family(argv[0], &to->family))
		return usage_error("no family \"%s\" with socket cgroupv2: use inet, ip or ip6",
				   show(argv[0]).s);
	if (!nftset_identifier(to->table))
		return bad_name("a table", to->table);
	if (!nftset_identifier(to->set))
		return bad_name("a set", to->set);
	if (*to->chain && !nftset_identifier(to->chain))
		return bad_name("a chain", to->chain);
	return 0;
}

static void comment_of(const struct target *to, char *comment, size_t size)
{
	snprintf(comment, size, "ctid %u%s%s", to->id,
		 *to->chain ? " goto " : "", to->chain);
}

static int check_place(const struct target *to, struct nfnl *nfnl)
{
	int ret = nftset_find_table(nfnl, to->family, to->table);

	if (ret == -ENOENT)
		return fail("no table %s %s: create it with 'nft add table %s %s'",
			    to->family_name, to->table, to->family_name,
			    to->table);
	if (!ret && *to->chain)
		ret = nftset_find_chain(nfnl, to->family, to->table, to->chain);
	if (ret == -ENOENT)
		return fail("no chain %s in the table: create it with 'nft add chain %s %s %s'",
			    to->chain, to->family_name, to->table, to->chain);
	if (ret)
		return fail("cannot look at the table %s %s: %s",
			    to->family_name, to->table, ret == -EPERM ?
			    "needs root (CAP_NET_ADMIN)" : strerror(-ret));
	return 0;
}

static const struct nftset *find_set(const struct nftset_list *list,
				     const struct target *to)
{
	size_t i;

	for (i = 0; i < list->count; i++)
		if (list->sets[i].family == to->family &&
		    !strcmp(list->sets[i].table, to->table) &&
		    !strcmp(list->sets[i].name, to->set))
			return &list->sets[i];
	return NULL;
}

/* @word is an id, or the name that the container has at the moment. */
static bool is_for(struct ctid *ctx, const struct nftset *set, uint32_t id)
{
	struct registry_msg msg;
	uint32_t number;

	if (is_number(set->decl.container))
		return !number_parse(set->decl.container, &number) &&
		       number == id;
	return !registry_get(&ctx->reg, set->decl.container, 0, &msg) &&
	       msg.id == id;
}

static int read_sets(struct nfnl *nfnl, struct nftset_list *list)
{
	int ret;

	do {
		ret = nftset_read(nfnl, list);
		if (ret)
			nftset_list_free(list);
	} while (ret == -EINTR);
	if (ret)
		return fail("cannot list nft sets: %s", ret == -EPERM ?
			    "needs root (CAP_NET_ADMIN)" : strerror(-ret));
	return 0;
}

/* To add what is there is no error: a service may do it each time it starts. */
static int check_existing(struct ctid *ctx, const struct target *to,
			  struct nfnl *nfnl, const char *comment)
{
	const struct nftset *set;
	struct nftset_list list;
	int ret;

	ret = read_sets(nfnl, &list);
	if (ret)
		return ret;
	set = find_set(&list, to);
	if (!set || !is_for(ctx, set, to->id) ||
	    strcmp(set->decl.chain, to->chain) != 0)
		ret = fail("the set %s %s %s exists, and is not for this: write comment \"%s\" into its definition, or choose another name",
			   to->family_name, to->table, to->set, comment);
	nftset_list_free(&list);
	return ret;
}

static int run_nft(const char *commands, struct ctid_err *err)
{
	struct nftables nft;
	int ret;

	ret = nftables_open(&nft, err);
	if (!ret)
		ret = nftables_run(&nft, commands, err);
	nftables_close(&nft);
	return ret;
}

static int create_set(struct ctid *ctx, const struct target *to,
		      struct nfnl *nfnl)
{
	char commands[1024], comment[2 * NFTSET_COMMENT_SIZE];
	struct ctid_err err;
	int ret;

	comment_of(to, comment, sizeof(comment));
	if (strlen(comment) >= NFTSET_COMMENT_SIZE)
		return usage_error("the name of the chain is too long for the set's comment: give it a shorter one");
	if (*to->chain)
		snprintf(commands, sizeof(commands),
			 "create map %s %s %s { type cgroupsv2 : verdict; comment \"%s\"; }\n"
			 "add chain %s %s %s\n",
			 to->family_name, to->table, to->set, comment,
			 to->family_name, to->table, to->set);
	else
		snprintf(commands, sizeof(commands),
			 "create set %s %s %s { type cgroupsv2; comment \"%s\"; }\n",
			 to->family_name, to->table, to->set, comment);
	ret = run_nft(commands, &err);
	if (ret == -EEXIST)
		return check_existing(ctx, to, nfnl, comment);
	if (ret)
		return fail("cannot create the set %s %s %s: %s",
			    to->family_name, to->table, to->set, err.text);
	return 0;
}

static int sub_add(struct ctid *ctx, struct nfnl *nfnl, int argc, char **argv)
{
	struct target to = { .chain = argc > 4 ? argv[5] : "" };
	struct registry_msg container;
	int ret;

	ret = parse_target(argv + 1, &to);
	if (!ret)
		ret = which_container(ctx, argv[0], &container);
	if (ret)
		return ret;
	to.id = container.id;
	ret = check_place(&to, nfnl);
	if (!ret)
		ret = create_set(ctx, &to, nfnl);
	return ret ? ret : nftset_sync(ctx, nfnl);
}

static int drop_set(const struct target *to, const struct nftset *set,
		    struct nfnl *nfnl)
{
	bool chain = *set->decl.chain &&
		     !nftset_find_chain(nfnl, to->family, to->table, to->set);
	char commands[1024];
	struct ctid_err err;
	int ret, len = 0;

	if (chain)
		len = snprintf(commands, sizeof(commands),
			       "delete chain %s %s %s\n", to->family_name,
			       to->table, to->set);
	snprintf(commands + len, sizeof(commands) - (size_t)len,
		 "delete %s %s %s %s\n", *set->decl.chain ? "map" : "set",
		 to->family_name, to->table, to->set);
	ret = run_nft(commands, &err);
	if (ret == -EBUSY)
		return fail("rules use %s in the table %s %s: delete these first, see 'nft -a list table %s %s'",
			    to->set, to->family_name, to->table,
			    to->family_name, to->table);
	if (ret)
		return fail("cannot delete the set %s %s %s: %s",
			    to->family_name, to->table, to->set, err.text);
	return CTID_OK;
}

static int sub_del(struct ctid *ctx, struct nfnl *nfnl, int argc, char **argv)
{
	struct target to = { .chain = "" };
	const struct nftset *set;
	struct nftset_list list;
	int ret;

	(void)argc;
	ret = parse_target(argv + 1, &to);
	if (!ret)
		/* It may be that only the set is left of it. */
		ret = which_id_or_name(ctx, argv[0], &to.id);
	if (!ret)
		ret = read_sets(nfnl, &list);
	if (ret)
		return ret;
	set = find_set(&list, &to);
	if (!set || !is_for(ctx, set, to.id))
		ret = fail("no set %s %s %s of container %s: see 'ctid nftset list'",
			   to.family_name, to.table, to.set, argv[0]);
	else
		ret = drop_set(&to, set, nfnl);
	nftset_list_free(&list);
	return ret;
}

static int sub_sync(struct ctid *ctx, struct nfnl *nfnl, int argc, char **argv)
{
	(void)argc;
	(void)argv;
	return ctx->follow ? nftset_follow(ctx, nfnl) : nftset_sync(ctx, nfnl);
}

static const struct {
	const char *name;
	const char *args;
	int min, max;
	bool json, follow;
	int (*run)(struct ctid *ctx, struct nfnl *nfnl, int argc, char **argv);
} subs[] = {
	{ "add", "ID|NAME FAMILY TABLE SET [goto CHAIN]", 4, 6, false, false,
	  sub_add },
	{ "del", "ID|NAME FAMILY TABLE SET", 4, 4, false, false, sub_del },
	{ "list", "[--json]", 0, 0, true, false, nftset_print },
	{ "sync", "[--follow]", 0, 0, false, true, sub_sync },
};

#define NSUBS	(sizeof(subs) / sizeof(*subs))

static bool fits(const struct ctid *ctx, size_t sub, int argc, char **argv)
{
	if (argc < subs[sub].min || argc > subs[sub].max)
		return false;
	if ((ctx->json && !subs[sub].json) ||
	    (ctx->follow && !subs[sub].follow))
		return false;
	/* The only optional words are "goto CHAIN". */
	return argc <= 4 || (argc == 6 && !strcmp(argv[4], "goto"));
}

/**
 * cmd_nftset() - ctid nftset add|del|list|sync
 * @ctx: the context
 * @argc: number of arguments
 * @argv: the arguments
 *
 * Return: the exit status.
 */
int cmd_nftset(struct ctid *ctx, int argc, char **argv)
{
	struct nfnl nfnl;
	size_t i = 0;
	int ret;

	while (i < NSUBS && strcmp(argv[0], subs[i].name) != 0)
		i++;
	if (i == NSUBS)
		return usage_error("no command \"nftset %s\": use add, del, list or sync",
				   show(argv[0]).s);
	if (!fits(ctx, i, argc - 1, argv + 1))
		return usage_error("usage: ctid nftset %s %s", subs[i].name,
				   subs[i].args);
	ret = nfnl_open(&nfnl, 0);
	if (ret)
		return fail("cannot reach nf_tables: %s", strerror(-ret));
	ret = subs[i].run(ctx, &nfnl, argc - 1, argv + 1);
	nfnl_close(&nfnl);
	return ret;
}
