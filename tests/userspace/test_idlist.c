// SPDX-License-Identifier: GPL-2.0-only
/* The argument of --id, and the bytes that the kernel gets for it. */
#include <errno.h>
#include <stdlib.h>

#include "idlist.h"
#include "tap.h"

static int lookup(void *data, const char *name, uint32_t *id,
		  struct ctid_err *err)
{
	(void)data;
	if (!strcmp(name, "web"))
		*id = 7;
	else if (!strcmp(name, "db-1"))
		*id = 9;
	else
		return err_set(err, ENOENT, "no container \"%s\"", name);
	return 0;
}

static int parse(const char *list, struct xt_container_mtinfo *info,
		 struct ctid_err *err)
{
	memset(info, 0xff, sizeof(*info));
	err->text[0] = '\0';
	return idlist_parse(list, false, lookup, NULL, info, err);
}

static void good(const char *list, const char *want)
{
	struct xt_container_mtinfo info, zeroed = { 0 };
	char have[1024] = "";
	struct ctid_err err;
	size_t used = 0;
	unsigned int i;

	ok(!parse(list, &info, &err), list);
	for (i = 0; i < info.count && i < XT_CONTAINER_MAX_RANGES; i++)
		used += (size_t)snprintf(have + used, sizeof(have) - used,
					 "%s%u-%u", i ? "," : "",
					 info.range[i].first,
					 info.range[i].last);
	is(have, want, "ranges");
	zeroed.count = info.count;
	memcpy(zeroed.range, info.range, i * sizeof(*info.range));
	ok(!memcmp(&zeroed, &info, sizeof(info)), "all else is zero");
}

static void bad(const char *list, const char *complaint)
{
	struct xt_container_mtinfo info;
	struct ctid_err err;

	ok(parse(list, &info, &err) < 0, list);
	has(err.text, complaint, "complaint");
}

static void test_good(void)
{
	good("7", "7-7");
	good("0", "0-0");
	good("1-4294967295", "1-4294967295");
	good("0-4294967295", "0-4294967295");
	good("4294967295", "4294967295-4294967295");
	good("web", "7-7");
	good("db-1,web", "7-7,9-9");
	good("9,7", "7-7,9-9");
	good("7,7,web", "7-7");
	good("7,8", "7-8");
	good("8,7,6", "6-8");
	good("1-5,3-9", "1-9");
	good("1-9,3-5", "1-9");
	good("1-3,5-7,4", "1-7");
	good("1-3,5-7", "1-3,5-7");
	good("0,1", "0-1");
	good("4294967294,4294967295,1", "1-1,4294967294-4294967295");
	good("5-4294967295,4294967295,7", "5-4294967295");
	good("7-7", "7-7");
	good("1,3,5,7,9,11,13,15,17,19,21,23,25,27,29,31",
	     "1-1,3-3,5-5,7-7,9-9,11-11,13-13,15-15,17-17,19-19,21-21,23-23,"
	     "25-25,27-27,29-29,31-31");
	good("1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20", "1-20");
}

static void test_bad(void)
{
	bad("", "an id is missing");
	bad(",", "an id is missing");
	bad("7,", "an id is missing");
	bad(",7", "an id is missing");
	bad("7,,8", "an id is missing");
	bad("9-7", "the range 9-7 descends: write 7-9");
	bad("4294967296", "\"4294967296\" is out of range");
	bad("1-4294967296", "is out of range");
	bad("99999999999999999999-1", "is out of range");
	bad("nobody", "no container \"nobody\"");
	bad("7-", "no container \"7-\"");
	bad("-7", "begins with '-'");
	bad("7 8", "is no id, no range FROM-TO and no name");
	bad("1,3,5,7,9,11,13,15,17,19,21,23,25,27,29,31,33",
	    "17 ids and ranges, but 16 fit");
}

static void test_invert(void)
{
	struct xt_container_mtinfo info;
	struct ctid_err err;

	ok(!idlist_parse("7", true, lookup, NULL, &info, &err), "inverted");
	ok(info.flags == XT_CONTAINER_INVERT, "flag");
	ok(idlist_parse("1,3,5,7,9,11,13,15,17,19,21,23,25,27,29,31,33", true,
			lookup, NULL, &info, &err) == -E2BIG, "too many");
	has(err.text, "in the same rule", "a second rule would not do");
}

int main(void)
{
	test_good();
	test_bad();
	test_invert();
	return tap_done();
}
