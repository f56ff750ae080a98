// SPDX-License-Identifier: GPL-2.0-only
/* What ctid says when something goes wrong: one line that says what to do. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "ctid.h"

static void __attribute__((format(printf, 1, 0)))
say(const char *fmt, va_list ap)
{
	fflush(stdout);
	fputs("ctid: ", stderr);
	vfprintf(stderr, fmt, ap);
}

/**
 * warn() - say that something is not as it should be, and go on
 * @fmt: the words
 */
void warn(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
}

/**
 * fail() - say why the command failed
 * @fmt: the words
 *
 * Return: the exit status for it.
 */
int fail(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	return CTID_FAILED;
}

/**
 * usage_error() - say that the command line makes no sense
 * @fmt: the words
 *
 * Return: the exit status for it.
 */
int usage_error(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	return CTID_USAGE;
}

/**
 * fail_kernel() - say that the kernel refused a request
 * @ctx: the context
 * @code: the negative errno
 * @hint: what to do about it, or NULL
 * @fmt: what was refused
 *
 * Return: the exit status for it.
 */
int fail_kernel(struct ctid *ctx, int code, const char *hint,
		const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(fmt, ap);
	va_end(ap);
	fprintf(stderr, ": %s", registry_why(&ctx->reg, code));
	if (hint && code != -EPERM)
		fprintf(stderr, ": %s", hint);
	fputc('\n', stderr);
	return CTID_FAILED;
}

/**
 * flush_output() - make sure that what was printed has arrived
 *
 * Return: the exit status: a full disk or a closed pipe is a failure.
 */
int flush_output(void)
{
	if (fflush(stdout) || ferror(stdout))
		return fail("cannot write the output: %s", strerror(errno));
	return CTID_OK;
}
