// SPDX-License-Identifier: GPL-2.0-only
/* Ids, ranges and names. */
#include <errno.h>
#include <stdint.h>

#include "names.h"
#include "tap.h"

static const char name63[] =
	"abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijk";
static const char name64[] =
	"abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijkl";

static void number(const char *word, int want, uint32_t value)
{
	uint32_t have = 0;

	ok(number_parse(word, &have) == want, word);
	ok(have == value, "value");
}

static void test_names(void)
{
	ok(!name_problem("web"), "web");
	ok(!name_problem("a"), "one letter");
	ok(!name_problem("7up"), "begins with a digit");
	ok(!name_problem("_.-Aa9"), "all the characters there are");
	ok(!name_problem("1-2-3"), "no range");
	ok(!name_problem(name63), "63 characters");
	ok(name_problem(name64), "64 characters");
	ok(name_problem(""), "empty");
	ok(name_problem("7"), "a number");
	ok(name_problem("99999999999999999999"), "a number out of range");
	ok(name_problem("7-9"), "a range");
	ok(name_problem("-"), "dash");
	ok(name_problem("-web"), "begins with a dash");
	ok(name_problem("we b"), "blank");
	ok(name_problem("we,b"), "comma");
	ok(name_problem("w\303\244b"), "not ASCII");
	ok(name_problem("web\n"), "newline");
}

int main(void)
{
	number("0", 0, 0);
	number("7", 0, 7);
	number("007", 0, 7);
	number("4294967295", 0, UINT32_MAX);
	number("4294967296", -ERANGE, 0);
	number("99999999999999999999999999", -ERANGE, 0);
	number("7-9", 0, 7);
	number("", -EINVAL, 0);
	number("-7", -EINVAL, 0);
	number("+7", -EINVAL, 0);
	number(" 7", -EINVAL, 0);
	number("0x7", -EINVAL, 0);
	number("7a", -EINVAL, 0);
	ok(is_number("0123"), "digits are a number");
	ok(!is_number(""), "nothing is no number");
	ok(!is_number("7-"), "a dash is no number");
	ok(is_range("7-9"), "a range");
	ok(is_range("9-7"), "a descending one is one, too");
	ok(!is_range("7-"), "no end");
	ok(!is_range("-7"), "no beginning");
	ok(!is_range("7-9-11"), "two dashes");
	ok(!is_range("a-b"), "letters");
	test_names();
	return tap_done();
}
