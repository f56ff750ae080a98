// SPDX-License-Identifier: GPL-2.0-only
/*
 * The escapes of container.conf and /proc/self/mountinfo: a backslash and
 * three octal digits stand for one byte. A backslash followed by anything else
 * is itself, so that systemd's \x2d need not be escaped.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "text.h"

static bool is_octal(char c, char max)
{
	return c >= '0' && c <= max;
}

/* \000 is none: it would end the string. */
static bool is_escape(const char *s)
{
	return s[0] == '\\' && is_octal(s[1], '3') && is_octal(s[2], '7') &&
	       is_octal(s[3], '7') && memcmp(s + 1, "000", 3) != 0;
}

static bool needs_escape(const char *s)
{
	unsigned char c = *s;

	return c <= ' ' || c == 0x7f || is_escape(s);
}

/**
 * text_escape() - write a path as container.conf has it
 * @dst: where to; always terminated if @size is not 0, and never cut inside of
 *	an escape
 * @size: room in @dst
 * @src: the path
 *
 * Return: the length that the whole escaped path has.
 */
size_t text_escape(char *dst, size_t size, const char *src)
{
	size_t len = 0, end = 0;

	for (; *src; src++) {
		size_t step = needs_escape(src) ? 4 : 1;

		if (len == end && len + step < size) {
			if (step == 4)
				snprintf(dst + len, step + 1, "\\%03o",
					 (unsigned char)*src);
			else
				dst[len] = *src;
			end += step;
		}
		len += step;
	}
	if (size)
		dst[end] = '\0';
	return len;
}

/**
 * text_escaped() - as text_escape(), into memory of its own
 * @src: the path
 *
 * Return: the escaped path, to be freed, or NULL.
 */
char *text_escaped(const char *src)
{
	size_t size = text_escape(NULL, 0, src) + 1;
	char *copy = malloc(size);

	if (copy)
		text_escape(copy, size, src);
	return copy;
}

/**
 * text_unescape() - undo text_escape() in place
 * @s: the escaped string
 */
void text_unescape(char *s)
{
	char *to = s;

	while (*s) {
		if (is_escape(s)) {
			*to++ = (char)((s[1] - '0') << 6 | (s[2] - '0') << 3 |
				       (s[3] - '0'));
			s += 4;
		} else {
			*to++ = *s++;
		}
	}
	*to = '\0';
}

/**
 * show() - make a word fit for a message
 * @word: anything
 *
 * Return: the word without control characters, and cut short if it is long.
 */
struct shown show(const char *word)
{
	struct shown shown;

	if (text_escape(shown.s, sizeof(shown.s) - 3, word) >=
	    sizeof(shown.s) - 3)
		strcat(shown.s, "...");
	return shown;
}
