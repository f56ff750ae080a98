// SPDX-License-Identifier: GPL-2.0-only
/* Flow ids as words. */
#include <linux/container_id.h>

#include "flow.h"
#include "tap.h"

/* What is wrong with a pair of words, or "". */
static const char *problem(const char *word, const char *value)
{
	static struct ctid_err err;
	struct flow_change change = { 0 };

	err.text[0] = '\0';
	flow_parse(&change, word, value, &err);
	return err.text;
}

static void take(struct flow_change *change, const char *word, const char *value)
{
	struct ctid_err err = { "" };

	flow_parse(change, word, value, &err);
	is(err.text, "", word);
}

static void test_good(void)
{
	struct flow_change change = { 0 };
	char words[FLOW_SIZE];

	ok(!flow_is_asked(&change), "nothing yet");
	take(&change, "mark", "0x10");
	take(&change, "priority", "5");
	take(&change, "classid", "1:1f");
	take(&change, "flow", "fixed");
	ok(flow_is_asked(&change), "something now");
	ok(change.to.mark == 16 && change.to.priority == 5 &&
	   change.to.classid == 0x1001f && change.to.fixed, "their values");
	flow_words(words, &change.to);
	is(words, "mark 0x10 priority 5 classid 1:1f flow fixed", "as words");

	change = (struct flow_change){ 0 };
	flow_words(words, &change.to);
	is(words, "", "no words");
	take(&change, "mark", "none");
	take(&change, "classid", "none");
	take(&change, "flow", "free");
	ok(change.unset == (CONTAINER_ID_FLOW_MARK | CONTAINER_ID_FLOW_CLASSID) &&
	   !change.to.set && change.fix && !change.to.fixed, "taken away");

	change = (struct flow_change){ 0 };
	take(&change, "mark", "4294967295");
	take(&change, "priority", "0xffffffff");
	take(&change, "classid", "ffff:ffff");
	take(&change, "flow", "fixed");
	flow_words(words, &change.to);
	is(words, "mark 0xffffffff priority 4294967295 classid ffff:ffff flow fixed",
	   "the longest words");
}

static void test_bad(void)
{
	static const char *const marks[] = {
		"", "x", "-1", "+1", " 1", "1 ", "0x", "0x 1", "0x0x1", "0x-1",
		"1:1", "4294967296", "0x100000000", "99999999999999999999",
	};
	static const char *const classids[] = {
		"", "1", "1:", ":1", "1:2:3", "10000:1", "1:10000", "0x1:1",
		"1:0x1", "-1:1", "1:-1", "1: 1", "g:1",
	};
	struct flow_change change = { 0 };
	struct ctid_err err;
	size_t i;

	for (i = 0; i < sizeof(marks) / sizeof(*marks); i++)
		ok(strstr(problem("mark", marks[i]), "neither a number"),
		   marks[i]);
	for (i = 0; i < sizeof(classids) / sizeof(*classids); i++)
		ok(strstr(problem("classid", classids[i]), "MAJOR:MINOR"),
		   classids[i]);
	is(problem("priority", "high"),
	   "priority \"high\" is neither a number from 0 to 0xffffffff nor \"none\"",
	   "priority high");
	is(problem("flow", "none"), "flow is \"fixed\" or \"free\", not \"none\"",
	   "flow none");
	is(problem("mark", NULL), "mark which? A value is missing", "no value");
	is(problem("flow", NULL), "flow which? A value is missing", "no value");
	is(problem("marc", "1"), "\"marc\" is none of mark, priority, classid, flow",
	   "another word");

	flow_parse(&change, "mark", "1", &err);
	ok(flow_parse(&change, "mark", "none", &err) < 0, "mark twice");
	is(err.text, "mark is said twice", "why");
	flow_parse(&change, "flow", "free", &err);
	ok(flow_parse(&change, "flow", "fixed", &err) < 0, "flow twice");
}

int main(void)
{
	test_good();
	test_bad();
	return tap_done();
}
