// SPDX-License-Identifier: GPL-2.0-only
/* The comment by which a set says that ctid is to fill it, and names in nft. */
#include <errno.h>

#include "../../nft/nftset.h"
#include "tap.h"

static void good(const char *comment, const char *container, const char *chain)
{
	struct nftset_decl decl;

	ok(!nftset_parse(comment, &decl), comment);
	is(decl.container, container, "container");
	is(decl.chain, chain, "chain");
}

static void bad(const char *comment, int want)
{
	struct nftset_decl decl;

	ok(nftset_parse(comment, &decl) == want, comment);
	is(decl.container, "", "no container");
	is(decl.chain, "", "no chain");
}

static void test_comments(void)
{
	static const char zeros[] =
		"ctid 0000000000000000000000000000000000000000000000000000000000000007";

	good("ctid 7", "7", "");
	good("ctid web", "web", "");
	good("ctid 4294967295", "4294967295", "");
	good(" ctid\tweb ", "web", "");
	good("ctid 7 goto web", "7", "web");
	good("ctid web goto goto", "web", "goto");
	bad("", -ENOENT);
	bad("for the web", -ENOENT);
	bad("ctidal waves", -ENOENT);
	bad("ctid", -EINVAL);
	bad("ctid 0", -EINVAL);
	bad("ctid 4294967296", -EINVAL);
	bad("ctid 7-9", -EINVAL);
	bad("ctid -web", -EINVAL);
	bad("ctid w;b", -EINVAL);
	bad(zeros, -EINVAL);
	bad("ctid 7 8", -EINVAL);
	bad("ctid 7 jump web", -EINVAL);
	bad("ctid 7 goto", -EINVAL);
	bad("ctid 7 goto 7", -EINVAL);
	bad("ctid 7 goto web now", -EINVAL);
	bad("ctid 7 goto web;flush", -EINVAL);
}

static void test_identifiers(void)
{
	char name[NFTSET_COMMENT_SIZE + 1] = "";

	ok(nftset_identifier("web_cgroups"), "letters");
	ok(nftset_identifier("_a.b/c-9"), "all kinds of characters");
	ok(!nftset_identifier(""), "nothing");
	ok(!nftset_identifier("9a"), "a digit first");
	ok(!nftset_identifier("-a"), "a dash first");
	ok(!nftset_identifier("a b"), "blank");
	ok(!nftset_identifier("a;"), "semicolon");
	ok(!nftset_identifier("a\n"), "newline");
	ok(!nftset_identifier("a\""), "quotation mark");
	ok(!nftset_identifier("\303\244"), "not ASCII");
	memset(name, 'x', NFTSET_COMMENT_SIZE - 1);
	ok(nftset_identifier(name), "127 characters");
	memset(name, 'x', NFTSET_COMMENT_SIZE);
	ok(!nftset_identifier(name), "128 characters");
}

static void test_families(void)
{
	uint32_t family;

	ok(!nftset_family("ip6", &family), "ip6");
	is(nftset_family_name(family), "ip6", "and back");
	ok(nftset_family("bridge", &family) == -EINVAL, "bridge");
	ok(nftset_family("", &family) == -EINVAL, "none");
	ok(!nftset_family_name(7), "bridge by number");
}

int main(void)
{
	test_comments();
	test_identifiers();
	test_families();
	return tap_done();
}
