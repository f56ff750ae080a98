// SPDX-License-Identifier: GPL-2.0-only
/*
 * The escapes of container.conf and /proc/self/mountinfo: a backslash and
 * three octal digits stand for one byte. A backslash followed by anything else
 * is itself, so that systemd's \x2d need not be escaped.
 */
#define _GNU_SOURCE
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "text.h"

/* What is between words. */
#define BLANK	" \t\r\v\f"

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

/* The length of the UTF-8 character at @s, or 0 if there is none. */
static size_t utf8_read(const char *s, uint32_t *c)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	unsigned char first = *s;
	size_t len, i;

	len = first < 0x80 ? 1 : first < 0xc0 ? 0 : first < 0xe0 ? 2 :
	      first < 0xf0 ? 3 : first < 0xf8 ? 4 : 0;
	*c = len > 1 ? first & (0x7fU >> len) : first;
	for (i = 1; i < len; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		*c = *c << 6 | (s[i] & 0x3f);
	}
	if (!len || *c < least[len] || *c > 0x10ffff ||
	    (*c >= 0xd800 && *c <= 0xdfff))
		return 0;
	return len;
}

/*
 * What terminals obey, or what makes a line look like another one: what has no width,
 * as the byte order mark that some editors begin a file with, ends of lines, directions.
 */
static bool is_control(uint32_t c)
{
	return c < ' ' || (c >= 0x7f && c <= 0x9f) || c == 0x61c ||
	       (c >= 0x200b && c <= 0x200f) || (c >= 0x2028 && c <= 0x202e) ||
	       (c >= 0x2066 && c <= 0x2069) || c == 0xfeff;
}

/*
 * How many bytes at @s can be written as they are, or 0: the first one cannot. The
 * others of its character cannot either: they begin none.
 */
static size_t plain_length(const char *s)
{
	size_t len;
	uint32_t c;

	len = utf8_read(s, &c);
	return c == ' ' || is_control(c) || is_escape(s) ? 0 : len;
}

/**
 * text_escape() - write a path as container.conf has it
 * @dst: where to; always terminated if @size is not 0, and never cut inside of
 *	an escape or a character
 * @size: room in @dst
 * @src: the path
 *
 * Return: the length that the whole escaped path has.
 */
size_t text_escape(char *dst, size_t size, const char *src)
{
	size_t len = 0, end = 0;

	while (*src) {
		size_t plain = plain_length(src);
		size_t step = plain ? plain : strlen("\\000");

		if (len == end && len + step < size) {
			if (plain)
				memcpy(dst + len, src, plain);
			else
				snprintf(dst + len, step + 1, "\\%03o",
					 (unsigned char)*src);
			end += step;
		}
		len += step;
		src += plain ? plain : 1;
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
 * text_word() - take the next word off a line
 * @rest: what is left of the line; it is changed
 *
 * Return: the word, or NULL at the end of the line or at a comment.
 */
char *text_word(char **rest)
{
	char *word = *rest + strspn(*rest, BLANK);

	if (!*word || *word == '#')
		return NULL;
	*rest = word + strcspn(word, BLANK);
	if (**rest)
		*(*rest)++ = '\0';
	return word;
}

/**
 * text_lines() - go through the lines of a text
 * @text: the text, with a NUL after it; it is changed
 * @len: its length
 * @each: is given each line
 * @data: for @each
 */
void text_lines(char *text, size_t len, text_line each, void *data)
{
	char *end = text + len;
	unsigned int line = 0;
	char *next;

	for (; text < end; text = next) {
		line++;
		next = memchr(text, '\n', (size_t)(end - text));
		next = next ? next + 1 : end + 1;
		next[-1] = '\0';
		each(data, line,
		     strlen(text) == (size_t)(next - 1 - text) ? text : NULL);
	}
}

/**
 * show() - make a word fit for a message
 * @word: anything
 *
 * Return: the word as UTF-8 without control characters, and cut short if it is long.
 */
struct shown show(const char *word)
{
	struct shown shown;

	if (text_escape(shown.s, sizeof(shown.s) - 3, word) >=
	    sizeof(shown.s) - 3)
		strcat(shown.s, "...");
	return shown;
}

/**
 * text_replace() - write a text anew
 * @text: the one before, or NULL; it is freed. Without memory it is NULL then
 * @fmt: the new one
 * @ap: what is in it; not the text before
 */
void text_replace(char **text, const char *fmt, va_list ap)
{
	free(*text);
	if (vasprintf(text, fmt, ap) < 0)
		*text = NULL;
}
