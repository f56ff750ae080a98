/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef FUZZ_STUBS_H
#define FUZZ_STUBS_H

/* For fuzzers of what is a part of ctid: what it calls that takes a kernel, or prints. */
#include "fuzz.h"

#include <errno.h>
#include <stdarg.h>

#include "ctid/ctid.h"
#include "names.h"
#include "text.h"

/* A message is made, and fits one line of a terminal that is wide. */
static inline void fuzz_message(const char *fmt, va_list ap)
{
	char text[4096];
	int len = vsnprintf(text, sizeof(text), fmt, ap);

	MUST(len > 0 && len < (int)sizeof(text) && !strchr(text, '\n'));
}

void warn(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fuzz_message(fmt, ap);
	va_end(ap);
}

int fail(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fuzz_message(fmt, ap);
	va_end(ap);
	return CTID_FAILED;
}

int usage_error(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fuzz_message(fmt, ap);
	va_end(ap);
	return CTID_USAGE;
}

/* Names that begin with "web" are containers'; their ids are their lengths. */
int which_id_or_name(struct ctid *ctx, const char *word, uint32_t *id)
{
	(void)ctx;
	if (is_number(word))
		return number_parse(word, id) || !*id ? CTID_USAGE : CTID_OK;
	*id = (uint32_t)strlen(word);
	return strncmp(word, "web", 3) ? CTID_FAILED : CTID_OK;
}

int which_find(struct ctid *ctx, const char *word, uint32_t *id,
	       struct ctid_err *err)
{
	int ret = which_id_or_name(ctx, word, id);

	if (ret)
		err_set(err, ENOENT, "no container \"%s\"", show(word).s);
	return ret;
}

#endif /* FUZZ_STUBS_H */
