// SPDX-License-Identifier: GPL-2.0-only
/*
 * Match "container": the container that owns the socket of a packet or event.
 *
 * A rule holds numbers. A name is looked up once, when the rule is written, and
 * iptables-save prints the number: a rule set that is loaded stays what it was
 * when the name is given to another container.
 *
 * nft's language has no expression for the container of a packet, though
 * iptables-nft has the match, through nft_compat. What comes nearest is "socket
 * cgroupv2" with a set that ctid keeps filled. It is what one id is translated
 * to, if the running registry says that one level and one set will do. That no
 * such set is there, nft says when the rule is loaded. Everything else stays a
 * comment: to match less than the rule did, and not to say so, would be worse
 * than no translation.
 */
#include <stdint.h>
#include <stdio.h>

#include <xtables.h>
#include <linux/netfilter/xt_container.h>

#include "conf.h"
#include "idlist.h"
#include "resolve.h"
#include "xlate.h"

enum {
	O_ID,
};

/* Names are looked up in one process only so often as they are needed. */
static struct resolver resolver;

static const struct xt_option_entry container_opts[] = {
	{
		.name = "id",
		.type = XTTYPE_STRING,
		.id = O_ID,
		.flags = XTOPT_MAND | XTOPT_INVERT,
	},
	XTOPT_TABLEEND,
};

static void container_help(void)
{
	printf(
"container match options:\n"
"[!] --id LIST    container that owns the socket (or not): ids, names and\n"
"                 ranges FROM-TO, with commas between; at most %u after\n"
"                 neighbours are joined. 0: no container, 1-4294967295: any.\n"
"                 Names are those of " CONF_PATH "\n"
"                 and of 'ctid list'.\n",
	       XT_CONTAINER_MAX_RANGES);
}

static int container_lookup(void *data, const char *name, uint32_t *id,
			    struct ctid_err *err)
{
	return resolve_name(data, name, id, err);
}

static void container_parse(struct xt_option_call *cb)
{
	struct ctid_err err;

	xtables_option_parse(cb);
	if (idlist_parse(cb->arg, cb->invert, container_lookup, &resolver,
			 cb->data, &err))
		xtables_error(PARAMETER_PROBLEM, "container: --id: %s",
			      err.text);
}

static void print_range(const struct xt_container_range *range, bool names)
{
	char name[CONTAINER_ID_NAMSIZ];

	if (range->first != range->last)
		printf("%u-%u", range->first, range->last);
	else if (names && resolve_id(&resolver, range->first, name))
		printf("%s", name);
	else
		printf("%u", range->first);
}

static void print_ranges(const struct xt_container_mtinfo *info, bool names)
{
	unsigned int i;

	for (i = 0; i < info->count && i < XT_CONTAINER_MAX_RANGES; i++) {
		if (i)
			putchar(',');
		print_range(&info->range[i], names);
	}
}

static void container_print(const void *ip, const struct xt_entry_match *match,
			    int numeric)
{
	const struct xt_container_mtinfo *info = (const void *)match->data;

	(void)ip;
	printf(" container%s id ",
	       info->flags & XT_CONTAINER_INVERT ? " !" : "");
	print_ranges(info, !numeric);
}

static void container_save(const void *ip, const struct xt_entry_match *match)
{
	const struct xt_container_mtinfo *info = (const void *)match->data;

	(void)ip;
	printf("%s --id ", info->flags & XT_CONTAINER_INVERT ? " !" : "");
	print_ranges(info, false);
}

static int container_xlate(struct xt_xlate *xl,
			   const struct xt_xlate_mt_params *params)
{
	const struct xt_container_mtinfo *info = (const void *)params->match->data;
	uint32_t id = info->range[0].first;
	int level;

	if (info->flags || info->count != 1 || info->range[0].last != id || !id)
		return 0;
	level = xlate_level(id);
	if (level < 0)
		return 0;
	xt_xlate_add(xl, "socket cgroupv2 level %d @container_%u", level, id);
	return 1;
}

static struct xtables_match container_match = {
	.name		= "container",
	.version	= XTABLES_VERSION,
	.revision	= 0,
	.family		= NFPROTO_UNSPEC,
	.size		= XT_ALIGN(sizeof(struct xt_container_mtinfo)),
	.userspacesize	= XT_ALIGN(sizeof(struct xt_container_mtinfo)),
	.help		= container_help,
	.print		= container_print,
	.save		= container_save,
	.x6_parse	= container_parse,
	.x6_options	= container_opts,
	.xlate		= container_xlate,
};

static void __attribute__((constructor)) container_init(void)
{
	xtables_register_match(&container_match);
}

static void __attribute__((destructor)) container_exit(void)
{
	resolver_close(&resolver);
}
