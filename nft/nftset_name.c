// SPDX-License-Identifier: GPL-2.0-only
/* Names in nft, and the comment by which a set says that ctid is to fill it. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <linux/netfilter.h>

#include "../userspace/names.h"
#include "nftset.h"

#define LETTERS		"abcdefghijklmnopqrstuvwxyz" \
			"ABCDEFGHIJKLMNOPQRSTUVWXYZ" "_."
#define BLANKS		" \t"
#define MARK		"ctid"

/* Of the families with sets, those with the expression "socket". */
static const struct {
	const char *name;
	uint32_t number;
} families[] = {
	{ "inet", NFPROTO_INET },
	{ "ip", NFPROTO_IPV4 },
	{ "ip6", NFPROTO_IPV6 },
};

#define NFAMILIES	(sizeof(families) / sizeof(*families))

/**
 * nftset_identifier() - can nft read this as the name of something?
 * @word: the word
 *
 * Return: true if it needs no quotes, and no nft command can hide in it.
 */
bool nftset_identifier(const char *word)
{
	return *word && strchr(LETTERS, *word) &&
	       !word[strspn(word, LETTERS "0123456789/-")] &&
	       strlen(word) < NFTSET_COMMENT_SIZE;
}

/**
 * nftset_family() - read the name of a family
 * @word: the name
 * @family: NFPROTO_*
 *
 * Return: 0, or -EINVAL for one that has no "socket cgroupv2".
 */
int nftset_family(const char *word, uint32_t *family)
{
	size_t i;

	for (i = 0; i < NFAMILIES; i++) {
		if (strcmp(word, families[i].name) != 0)
			continue;
		*family = families[i].number;
		return 0;
	}
	return -EINVAL;
}

/**
 * nftset_family_name() - name a family
 * @family: NFPROTO_*
 *
 * Return: the name, or NULL for one that has no "socket cgroupv2".
 */
const char *nftset_family_name(uint32_t family)
{
	size_t i;

	for (i = 0; i < NFAMILIES; i++)
		if (families[i].number == family)
			return families[i].name;
	return NULL;
}

/* The next word, cut off; "" at the end. */
static char *next_word(char **rest)
{
	char *word = *rest + strspn(*rest, BLANKS);

	*rest = word + strcspn(word, BLANKS);
	if (**rest)
		*(*rest)++ = '\0';
	return word;
}

static bool is_container(const char *word)
{
	uint32_t id;

	if (is_number(word))
		return !number_parse(word, &id) && id;
	return !name_problem(word);
}

/**
 * nftset_parse() - read "ctid ID|NAME [goto CHAIN]"
 * @comment: the comment of a set
 * @decl: filled in; zeroed if it is not that
 *
 * Return: 0, -ENOENT if the comment is not for ctid, -EINVAL if it begins as if
 * it were.
 */
int nftset_parse(const char *comment, struct nftset_decl *decl)
{
	char copy[NFTSET_COMMENT_SIZE], *rest = copy;
	const char *container, *chain = "";

	*decl = (struct nftset_decl){ 0 };
	if (snprintf(copy, sizeof(copy), "%s", comment) >= (int)sizeof(copy) ||
	    strcmp(next_word(&rest), MARK) != 0)
		return -ENOENT;
	container = next_word(&rest);
	if (!is_container(container))
		return -EINVAL;
	rest += strspn(rest, BLANKS);
	if (*rest) {
		if (strcmp(next_word(&rest), "goto") != 0)
			return -EINVAL;
		chain = next_word(&rest);
		if (!nftset_identifier(chain) || *next_word(&rest))
			return -EINVAL;
	}
	/* A number may have zeros in front. */
	if (strlen(container) >= sizeof(decl->container))
		return -EINVAL;
	strcpy(decl->container, container);
	strcpy(decl->chain, chain);
	return 0;
}
