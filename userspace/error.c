// SPDX-License-Identifier: GPL-2.0-only
#include <stdarg.h>
#include <stdio.h>

#include "error.h"

/**
 * err_set() - record why something failed
 * @err: where to, or NULL
 * @code: a positive errno
 * @fmt: the words
 *
 * Return: -@code, so that a caller can return what this returns.
 */
int err_set(struct ctid_err *err, int code, const char *fmt, ...)
{
	va_list ap;

	if (err) {
		va_start(ap, fmt);
		vsnprintf(err->text, sizeof(err->text), fmt, ap);
		va_end(ap);
	}
	return -code;
}
