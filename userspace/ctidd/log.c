// SPDX-License-Identifier: GPL-2.0-only
/* What the daemon says, on standard error: the journal reads the level. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <systemd/sd-daemon.h>

#include "ctidd.h"

static void __attribute__((format(printf, 2, 0)))
say(const char *level, const char *fmt, va_list ap)
{
	/* Set where standard error is the journal's. */
	fprintf(stderr, "%sctidd: ", getenv("JOURNAL_STREAM") ? level : "");
	vfprintf(stderr, fmt, ap);
	fputc('\n', stderr);
}

/**
 * say_error() - say what is not done
 * @fmt: the words
 */
void say_error(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(SD_ERR, fmt, ap);
	va_end(ap);
}

/**
 * say_warning() - say what is not as it should be
 * @fmt: the words
 */
void say_warning(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(SD_WARNING, fmt, ap);
	va_end(ap);
}

/**
 * say_info() - say what was done
 * @fmt: the words
 */
void say_info(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(SD_INFO, fmt, ap);
	va_end(ap);
}
