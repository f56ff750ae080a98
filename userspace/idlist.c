// SPDX-License-Identifier: GPL-2.0-only
/* The argument of "-m container --id": ids, names and ranges of ids. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "idlist.h"
#include "names.h"
#include "text.h"

static int parse_number(const char *word, uint32_t *value,
			struct ctid_err *err)
{
	if (number_parse(word, value))
		return err_set(err, ERANGE,
			       "\"%s\" is out of range: container ids are 0 (none) to 4294967295",
			       show(word).s);
	return 0;
}

static int parse_range(const char *word, struct xt_container_range *range,
		       struct ctid_err *err)
{
	int ret;

	ret = parse_number(word, &range->first, err);
	if (!ret)
		ret = parse_number(strchr(word, '-') + 1, &range->last, err);
	if (!ret && range->first > range->last)
		ret = err_set(err, EINVAL,
			      "the range %s descends: write %u-%u", word,
			      range->last, range->first);
	return ret;
}

static int parse_name(const char *word, idlist_lookup lookup, void *data,
		      uint32_t *id, struct ctid_err *err)
{
	const char *problem = name_problem(word);

	if (problem)
		return err_set(err, EINVAL,
			       "\"%s\" is no id, no range FROM-TO and no name: a name %s",
			       show(word).s, problem);
	return lookup(data, word, id, err);
}

static int parse_word(const char *word, idlist_lookup lookup, void *data,
		      struct xt_container_range *range, struct ctid_err *err)
{
	int ret;

	if (is_range(word))
		return parse_range(word, range, err);
	if (is_number(word))
		ret = parse_number(word, &range->first, err);
	else
		ret = parse_name(word, lookup, data, &range->first, err);
	range->last = range->first;
	return ret;
}

static int parse_words(char *list, idlist_lookup lookup, void *data,
		       struct xt_container_range *range, size_t *count,
		       struct ctid_err *err)
{
	char *word;
	int ret;

	while ((word = strsep(&list, ","))) {
		if (!*word)
			return err_set(err, EINVAL,
				       "an id is missing: write ids, names and ranges with one comma between two");
		ret = parse_word(word, lookup, data, &range[*count], err);
		if (ret)
			return ret;
		++*count;
	}
	return 0;
}

static int by_first(const void *a, const void *b)
{
	const struct xt_container_range *x = a, *y = b;

	return x->first < y->first ? -1 : x->first > y->first;
}

/* Join what overlaps or touches, as the kernel wants it. */
static size_t merge(struct xt_container_range *range, size_t count)
{
	size_t i, last = 0;

	qsort(range, count, sizeof(*range), by_first);
	for (i = 1; i < count; i++) {
		if (range[last].last == UINT32_MAX ||
		    range[i].first <= range[last].last + 1) {
			if (range[i].last > range[last].last)
				range[last].last = range[i].last;
		} else {
			range[++last] = range[i];
		}
	}
	return last + 1;
}

static int store(const struct xt_container_range *range, size_t count,
		 bool invert, struct xt_container_mtinfo *info,
		 struct ctid_err *err)
{
	if (count > XT_CONTAINER_MAX_RANGES)
		return err_set(err, E2BIG,
			       "%zu ids and ranges, but %u fit: use ranges FROM-TO or %s",
			       count, XT_CONTAINER_MAX_RANGES,
			       invert ? "a second '-m container ! --id' in the same rule"
				      : "a second rule");
	*info = (struct xt_container_mtinfo){
		.flags = invert ? XT_CONTAINER_INVERT : 0,
		.count = (__u8)count,
	};
	memcpy(info->range, range, count * sizeof(*range));
	return 0;
}

/* One more than there are commas. */
static size_t count_words(const char *list)
{
	size_t count = 1;

	for (; *list; list++)
		count += *list == ',';
	return count;
}

/**
 * idlist_parse() - turn a list of containers into the match's options
 * @list: ids, names and ranges FROM-TO, with commas between
 * @invert: the match is to be true for all others
 * @lookup: finds the id of a name
 * @data: for @lookup
 * @info: filled with the ranges in the canonical form
 * @err: what is wrong with the list
 *
 * Return: 0 or a negative errno.
 */
int idlist_parse(const char *list, bool invert, idlist_lookup lookup,
		 void *data, struct xt_container_mtinfo *info,
		 struct ctid_err *err)
{
	struct xt_container_range *range;
	size_t count = 0;
	char *words;
	int ret;

	words = strdup(list);
	range = calloc(count_words(list), sizeof(*range));
	if (words && range) {
		ret = parse_words(words, lookup, data, range, &count, err);
		if (!ret)
			ret = store(range, merge(range, count), invert, info,
				    err);
	} else {
		ret = err_set(err, ENOMEM, "%s", strerror(ENOMEM));
	}
	free(range);
	free(words);
	return ret;
}
