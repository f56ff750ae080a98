/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TAP_H
#define TAP_H

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static int tap_count, tap_failed;

/** Print one line of the Test Anything Protocol. */
static inline bool tap_ok(bool good, const char *file, int line,
			  const char *what)
{
	printf("%sok %d - %s\n", good ? "" : "not ", ++tap_count, what);
	if (!good) {
		tap_failed++;
		printf("# at %s:%d\n", file, line);
	}
	return good;
}

/** The exit status, after the plan. */
static inline int tap_done(void)
{
	printf("1..%d\n", tap_count);
	return tap_failed != 0;
}

static inline bool tap_is(const char *have, const char *want, const char *file,
			  int line, const char *what)
{
	bool good = have && want ? !strcmp(have, want) : have == want;

	tap_ok(good, file, line, what);
	if (!good)
		printf("# have: %s\n# want: %s\n", have ? have : "NULL",
		       want ? want : "NULL");
	return good;
}

static inline bool tap_has(const char *have, const char *part, const char *file,
			   int line, const char *what)
{
	bool good = strstr(have, part);

	tap_ok(good, file, line, what);
	if (!good)
		printf("# have: %s\n# want a part: %s\n", have, part);
	return good;
}

#define ok(good, what)		tap_ok(good, __FILE__, __LINE__, what)
#define is(have, want, what)	tap_is(have, want, __FILE__, __LINE__, what)
#define has(have, part, what)	tap_has(have, part, __FILE__, __LINE__, what)

#endif /* TAP_H */
