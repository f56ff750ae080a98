/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef CTID_TEXT_H
#define CTID_TEXT_H

#include <stddef.h>

/**
 * struct shown - a word of unknown origin, made fit for a one-line message
 * @s: the word, escaped and cut to a length that leaves room for the message
 */
struct shown {
	char s[100];
};

size_t text_escape(char *dst, size_t size, const char *src);
char *text_escaped(const char *src);
void text_unescape(char *s);
struct shown show(const char *word);

#endif /* CTID_TEXT_H */
