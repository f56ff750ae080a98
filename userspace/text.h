/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef CTID_TEXT_H
#define CTID_TEXT_H

#include <stdarg.h>
#include <stddef.h>

/**
 * struct shown - a word of unknown origin, made fit for a one-line message
 * @s: the word, escaped and cut to a length that leaves room for the message
 */
struct shown {
	char s[100];
};

/**
 * typedef text_line - is given each line of a text
 * @data: as given to text_lines()
 * @line: its number, from 1
 * @text: the line without its newline, or NULL if it has a NUL byte
 */
typedef void (*text_line)(void *data, unsigned int line, char *text);

size_t text_escape(char *dst, size_t size, const char *src);
char *text_escaped(const char *src);
void text_unescape(char *s);
char *text_word(char **rest);
void text_lines(char *text, size_t len, text_line each, void *data);
struct shown show(const char *word);
void text_replace(char **text, const char *fmt, va_list ap)
	__attribute__((format(printf, 2, 0)));

#endif /* CTID_TEXT_H */
