// SPDX-License-Identifier: GPL-2.0-only
/* What is a container id, a range of them, or a name. */
#include <errno.h>
#include <string.h>

#include <linux/container_id.h>

#include "names.h"

#define DIGITS		"0123456789"
#define NAME_CHARS	DIGITS "abcdefghijklmnopqrstuvwxyz" \
			"ABCDEFGHIJKLMNOPQRSTUVWXYZ" "._-"

/**
 * is_number() - is the word to be read as a number?
 * @word: the word
 *
 * Return: true for one or more digits, whatever their value.
 */
bool is_number(const char *word)
{
	return *word && !word[strspn(word, DIGITS)];
}

/**
 * is_range() - is the word to be read as a range of numbers, FROM-TO?
 * @word: the word
 *
 * Return: true for digits, one '-', digits.
 */
bool is_range(const char *word)
{
	size_t first = strspn(word, DIGITS);

	return first && word[first] == '-' && is_number(word + first + 1);
}

/**
 * number_parse() - read a decimal 32-bit number
 * @word: the word; it ends at a NUL or at the '-' of a range
 * @value: the number
 *
 * Return: 0, -EINVAL if it is no number, -ERANGE if it is more than 2^32-1.
 */
int number_parse(const char *word, uint32_t *value)
{
	uint64_t sum = 0;
	const char *c;

	for (c = word; *c >= '0' && *c <= '9'; c++) {
		sum = sum * 10 + (uint64_t)(*c - '0');
		if (sum > UINT32_MAX)
			return -ERANGE;
	}
	if (c == word || (*c && *c != '-'))
		return -EINVAL;
	*value = (uint32_t)sum;
	return 0;
}

/**
 * name_problem() - check a container's name
 * @name: the name
 *
 * The kernel's rules. Among them: a rule that is saved as "--id 7-9" must not
 * read a container called "7-9" when it is restored.
 *
 * Return: NULL if it is good, or what is wrong with it, as the end of the
 * sentence "the name ...".
 */
const char *name_problem(const char *name)
{
	if (!*name)
		return "is empty";
	if (strlen(name) >= CONTAINER_ID_NAMSIZ)
		return "is longer than 63 characters";
	if (name[strspn(name, NAME_CHARS)])
		return "may have letters, digits, '.', '_' and '-' only";
	if (*name == '-')
		return "begins with '-'";
	if (!strcmp(name, ".") || !strcmp(name, ".."))
		return "would be read as a directory";
	if (is_number(name))
		return "is all digits and would be read as an id";
	if (is_range(name))
		return "would be read as a range of ids";
	return NULL;
}
