// SPDX-License-Identifier: GPL-2.0-only
/*
 * Target "SOCKERR": deny an event with an errno of the rule's choice.
 *
 * There is no translation to nft: the target is valid in the tables connect,
 * bind and accept alone, which iptables-translate does not know. In the chain
 * of an event device, the words for it are "meta priority set ERRNO drop".
 */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include <xtables.h>
#include <linux/netfilter/xt_SOCKERR.h>

#include "names.h"
#include "text.h"

enum {
	O_ERRNO,
};

struct errno_name {
	const char *name;
	__u8 number;
};

#define ERRNO_NAME(err)	{ #err, err },
#define ERRNO_WORD(err)	" " #err

static const struct errno_name errnos[] = {
	XT_SOCKERR_ERRNOS(ERRNO_NAME)
};

static const struct xt_option_entry sockerr_opts[] = {
	{
		.name = "errno",
		.type = XTTYPE_STRING,
		.id = O_ERRNO,
		.flags = XTOPT_MAND,
	},
	XTOPT_TABLEEND,
};

static void sockerr_help(void)
{
	size_t i;

	printf(
"SOCKERR target options (tables connect, bind and accept):\n"
" --errno ERRNO    deny, and have the call fail with this errno, one of:\n");
	for (i = 0; i < sizeof(errnos) / sizeof(*errnos); i++)
		printf("                  %s (%u)\n", errnos[i].name,
		       errnos[i].number);
	printf(
"                  In table accept, the peer gets a TCP reset.\n");
}

static const struct errno_name *find_number(uint32_t number)
{
	size_t i;

	for (i = 0; i < sizeof(errnos) / sizeof(*errnos); i++)
		if (errnos[i].number == number)
			return &errnos[i];
	return NULL;
}

static const struct errno_name *find_word(const char *word)
{
	uint32_t number;
	size_t i;

	if (is_number(word))
		return number_parse(word, &number) ? NULL : find_number(number);
	for (i = 0; i < sizeof(errnos) / sizeof(*errnos); i++)
		if (!strcasecmp(errnos[i].name, word))
			return &errnos[i];
	return NULL;
}

static void sockerr_parse(struct xt_option_call *cb)
{
	struct xt_sockerr_tginfo *info = cb->data;
	const struct errno_name *found;

	xtables_option_parse(cb);
	found = find_word(cb->arg);
	if (!found)
		xtables_error(PARAMETER_PROBLEM,
			      "SOCKERR: --errno: \"%s\" is none of"
			      XT_SOCKERR_ERRNOS(ERRNO_WORD),
			      show(cb->arg).s);
	info->err = found->number;
}

static void print_errno(const char *before,
			const struct xt_entry_target *target)
{
	const struct xt_sockerr_tginfo *info = (const void *)target->data;
	const struct errno_name *known = find_number(info->err);

	if (known)
		printf(" %s %s", before, known->name);
	else
		printf(" %s %u", before, info->err);
}

static void sockerr_print(const void *ip, const struct xt_entry_target *target,
			  int numeric)
{
	(void)ip;
	(void)numeric;
	print_errno("errno", target);
}

static void sockerr_save(const void *ip, const struct xt_entry_target *target)
{
	(void)ip;
	print_errno("--errno", target);
}

static struct xtables_target sockerr_target = {
	.name		= "SOCKERR",
	.version	= XTABLES_VERSION,
	.revision	= 0,
	.family		= NFPROTO_UNSPEC,
	.size		= XT_ALIGN(sizeof(struct xt_sockerr_tginfo)),
	.userspacesize	= XT_ALIGN(sizeof(struct xt_sockerr_tginfo)),
	.help		= sockerr_help,
	.print		= sockerr_print,
	.save		= sockerr_save,
	.x6_parse	= sockerr_parse,
	.x6_options	= sockerr_opts,
};

static void __attribute__((constructor)) sockerr_init(void)
{
	xtables_register_target(&sockerr_target);
}
