// SPDX-License-Identifier: GPL-2.0-only
/* Flow ids as words: mark 0x10 priority 5 classid 1:10 flow fixed. */
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linux/container_id.h>

#include "flow.h"
#include "text.h"

/* A number up to @max that ends at @end, without sign, blanks or another 0x. */
static bool parse_number(const char *word, int base, unsigned long max, char end,
			 uint32_t *value, const char **rest)
{
	const char *digits = base == 16 ? "0123456789abcdefABCDEF" : "0123456789";
	size_t len = strspn(word, digits);
	unsigned long number;

	if (!len || word[len] != end)
		return false;
	errno = 0;
	number = strtoul(word, NULL, base);
	if (errno || number > max)
		return false;
	*value = (uint32_t)number;
	if (rest)
		*rest = word + len + 1;
	return true;
}

static bool parse_u32(const char *word, uint32_t *value)
{
	if (!strncmp(word, "0x", 2))
		return parse_number(word + 2, 16, UINT32_MAX, '\0', value, NULL);
	return parse_number(word, 10, UINT32_MAX, '\0', value, NULL);
}

/* As tc writes it: hexadecimal, without 0x. */
static bool parse_classid(const char *word, uint32_t *value)
{
	const char *rest;
	uint32_t minor;

	if (!parse_number(word, 16, UINT16_MAX, ':', value, &rest) ||
	    !parse_number(rest, 16, UINT16_MAX, '\0', &minor, NULL))
		return false;
	*value = *value << 16 | minor;
	return true;
}

/**
 * struct word - a word that a value follows
 * @name: the word
 * @id: what it is about
 * @offset: where its value goes in &struct flow
 * @parse: reads the value
 * @values: what that takes
 */
static const struct word {
	const char *name;
	uint8_t id;
	size_t offset;
	bool (*parse)(const char *word, uint32_t *value);
	const char *values;
} words_of_ids[] = {
	{ "mark", CONTAINER_ID_FLOW_MARK, offsetof(struct flow, mark),
	  parse_u32, "a number from 0 to 0xffffffff" },
	{ "priority", CONTAINER_ID_FLOW_PRIORITY, offsetof(struct flow, priority),
	  parse_u32, "a number from 0 to 0xffffffff" },
	{ "classid", CONTAINER_ID_FLOW_CLASSID, offsetof(struct flow, classid),
	  parse_classid, "MAJOR:MINOR as tc writes it, such as 1:10" },
};

static const struct word *find_word(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(words_of_ids) / sizeof(*words_of_ids); i++)
		if (!strcmp(words_of_ids[i].name, name))
			return &words_of_ids[i];
	return NULL;
}

/**
 * flow_is_word() - does a word begin something about flow ids?
 * @name: the word
 */
bool flow_is_word(const char *name)
{
	return find_word(name) || !strcmp(name, "flow");
}

static int parse_fixed(struct flow_change *change, const char *value,
		       struct ctid_err *err)
{
	if (change->fix)
		return err_set(err, EINVAL, "flow is said twice");
	change->fix = true;
	change->to.fixed = !strcmp(value, "fixed");
	if (!change->to.fixed && strcmp(value, "free") != 0)
		return err_set(err, EINVAL, "flow is \"fixed\" or \"free\", not \"%s\"",
			       show(value).s);
	return 0;
}

/**
 * flow_parse() - read one word and its value
 * @change: what was read so far, all zero at first
 * @word: mark, priority, classid or flow
 * @value: the next word, or NULL
 * @err: what is wrong
 *
 * Return: 0 or -EINVAL.
 */
int flow_parse(struct flow_change *change, const char *word, const char *value,
	       struct ctid_err *err)
{
	const struct word *id = find_word(word);
	uint32_t number;

	if (!flow_is_word(word))
		return err_set(err, EINVAL, "\"%s\" is none of mark, priority, classid, flow",
			       show(word).s);
	if (!value)
		return err_set(err, EINVAL, "%s which? A value is missing", word);
	if (!id)
		return parse_fixed(change, value, err);
	if ((change->to.set | change->unset) & id->id)
		return err_set(err, EINVAL, "%s is said twice", word);
	if (!strcmp(value, "none")) {
		change->unset |= id->id;
		return 0;
	}
	if (!id->parse(value, &number))
		return err_set(err, EINVAL, "%s \"%s\" is neither %s nor \"none\"",
			       word, show(value).s, id->values);
	change->to.set |= id->id;
	memcpy((char *)&change->to + id->offset, &number, sizeof(number));
	return 0;
}

/**
 * flow_is_asked() - is anything to change?
 * @change: what was read
 */
bool flow_is_asked(const struct flow_change *change)
{
	return change->to.set || change->unset || change->fix;
}

/**
 * flow_is_set() - has a container any?
 * @flow: its flow ids
 */
bool flow_is_set(const struct flow *flow)
{
	return flow->set || flow->fixed;
}

/**
 * flow_classid() - write a class id as tc does
 * @words: where to
 * @classid: the class id
 */
void flow_classid(char words[FLOW_CLASSID_SIZE], uint32_t classid)
{
	snprintf(words, FLOW_CLASSID_SIZE, "%x:%x", classid >> 16,
		 classid & 0xffff);
}

/**
 * flow_words() - write flow ids as flow_parse() reads them
 * @words: where to, "" if there are none
 * @flow: the flow ids
 */
void flow_words(char words[FLOW_SIZE], const struct flow *flow)
{
	char classid[FLOW_CLASSID_SIZE];
	int len = 0;

	words[0] = '\0';
	if (flow->set & CONTAINER_ID_FLOW_MARK)
		len = snprintf(words, FLOW_SIZE, " mark 0x%x", flow->mark);
	if (flow->set & CONTAINER_ID_FLOW_PRIORITY)
		len += snprintf(words + len, FLOW_SIZE - (size_t)len,
				" priority %u", flow->priority);
	if (flow->set & CONTAINER_ID_FLOW_CLASSID) {
		flow_classid(classid, flow->classid);
		len += snprintf(words + len, FLOW_SIZE - (size_t)len,
				" classid %s", classid);
	}
	if (flow->fixed)
		len += snprintf(words + len, FLOW_SIZE - (size_t)len,
				" flow fixed");
	if (len)
		memmove(words, words + 1, (size_t)len);
}
