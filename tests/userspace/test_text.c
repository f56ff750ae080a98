// SPDX-License-Identifier: GPL-2.0-only
/* Escapes: they round-trip, and keep a message on its line. */
#include <stdlib.h>

#include "tap.h"
#include "text.h"

static void round_trip(const char *plain, const char *want)
{
	char *escaped = text_escaped(plain);

	is(escaped, want, "escape");
	text_unescape(escaped);
	is(escaped, plain, "and back");
	free(escaped);
}

static void literal(const char *text)
{
	char copy[64];

	strcpy(copy, text);
	text_unescape(copy);
	is(copy, text, "no escape, no change");
}

static void test_cut(void)
{
	char small[6];

	ok(text_escape(small, sizeof(small), "ab cd") == 8, "length of it all");
	is(small, "ab", "never cut inside of an escape");
	ok(text_escape(small, sizeof(small), "a bcd") == 8, "again");
	is(small, "a\\040", "an escape that just fits");
	ok(text_escape(small, sizeof(small), "abcd\303\244") == 6, "and again");
	is(small, "abcd", "nor inside of a character");
	ok(text_escape(NULL, 0, "a b") == 6, "no room is fine");
}

static void test_show(void)
{
	char word[4096];

	is(show("web").s, "web", "a plain word is shown as it is");
	is(show("a\302\2332J\342\200\256b").s, "a\\302\\2332J\\342\\200\\256b",
	   "none beyond ASCII either");
	is(show("\357\273\277permit").s, "\\357\\273\\277permit",
	   "a word is not as it looks");
	is(show("a\nb\033[31m").s, "a\\012b\\033[31m", "no control characters");
	memset(word, 'x', sizeof(word) - 1);
	word[sizeof(word) - 1] = '\0';
	ok(strlen(show(word).s) < 100, "a long word is cut");
	has(show(word).s, "x...", "and this is seen");
	memset(word, '\n', sizeof(word) - 1);
	ok(strlen(show(word).s) < 100, "a long word of control characters, too");
}

int main(void)
{
	round_trip("/system.slice/web.service", "/system.slice/web.service");
	round_trip("/a b", "/a\\040b");
	round_trip("/a\tb\nc", "/a\\011b\\012c");
	round_trip("/a\\x2db", "/a\\x2db");
	round_trip("/a\\040b", "/a\\134040b");
	round_trip("/\\", "/\\");
	round_trip("/\303\244\342\202\254\360\237\220\247",
		   "/\303\244\342\202\254\360\237\220\247");
	round_trip("/\302\240\342\200\220", "/\302\240\342\200\220");
	round_trip("/\302\233m", "/\\302\\233m");	/* CSI */
	round_trip("/\233m\200\237", "/\\233m\\200\\237");
	round_trip("/\330\234", "/\\330\\234");		/* U+061C */
	round_trip("/\342\200\213\342\200\214", "/\\342\\200\\213\\342\\200\\214");
	round_trip("/\342\200\215x", "/\\342\\200\\215x");
	round_trip("/\342\200\216\342\200\217", "/\\342\\200\\216\\342\\200\\217");
	round_trip("/\342\200\212\342\200\220", "/\342\200\212\342\200\220");
	round_trip("/\342\200\252", "/\\342\\200\\252");
	round_trip("/\342\200\256x", "/\\342\\200\\256x");
	round_trip("/\342\201\246\342\201\251", "/\\342\\201\\246\\342\\201\\251");
	round_trip("/\342\201\245\342\201\252", "/\342\201\245\342\201\252");
	round_trip("\357\273\277/", "\\357\\273\\277/");	/* a byte order mark */
	round_trip("/\357\273\276\357\274\200", "/\357\273\276\357\274\200");
	round_trip("/\303", "/\\303");
	round_trip("/\303a\244", "/\\303a\\244");
	round_trip("/\342\202", "/\\342\\202");
	round_trip("/\300\257", "/\\300\\257");		/* overlong */
	round_trip("/\340\202\233", "/\\340\\202\\233");
	round_trip("/\355\240\200", "/\\355\\240\\200");	/* a surrogate */
	round_trip("/\364\220\200\200", "/\\364\\220\\200\\200");
	round_trip("/\370\377", "/\\370\\377");
	round_trip("", "");
	literal("\\000");
	literal("\\400");
	literal("\\12");
	literal("\\089");
	literal("\\x20");
	test_cut();
	test_show();
	return tap_done();
}
