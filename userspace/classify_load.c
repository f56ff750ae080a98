// SPDX-License-Identifier: GPL-2.0-only
/* Reads the process rules of ctid.conf(5), and passes over its other lines. */
#include <errno.h>

#include "classify.h"

static int take_line(void *data, const struct rulefile_line *line,
		     struct ctid_err *err)
{
	if (line->keyword != RULEFILE_PROCESS)
		return 0;
	return classify_line(data, line, err);
}

static int load(struct classify *rules, const char *path, bool must,
		rulefile_complain complain, void *data)
{
	struct rulefile reader = {
		.take = take_line, .data = rules,
		.complain = complain, .complain_data = data,
	};
	struct ctid_err err;
	int ret;

	*rules = (struct classify){ 0 };
	ret = rulefile_read(&reader, path, must, &err);
	if (ret && complain)
		complain(data, err.text);
	if (!ret && reader.nbad)
		ret = -EINVAL;
	if (ret)
		classify_free(rules);
	return ret;
}

/**
 * classify_load() - read the rules of a file, and of those in PATH.d by name
 * @rules: filled
 * @path: the file; there may be none
 * @complain: is told of each bad line, or NULL
 * @data: for @complain
 *
 * Return: 0, or a negative errno if anything is bad; then there are no rules,
 * since without the bad line another one would decide. An empty file is
 * bad.
 */
int classify_load(struct classify *rules, const char *path,
		  rulefile_complain complain, void *data)
{
	return load(rules, path, false, complain, data);
}

/**
 * classify_load_named() - as classify_load(), of a file that somebody named
 * @rules: filled
 * @path: the file, which has to be there
 * @complain: is told of each bad line, and if there is no file, or NULL
 * @data: for @complain
 *
 * Return: as classify_load().
 */
int classify_load_named(struct classify *rules, const char *path,
			rulefile_complain complain, void *data)
{
	return load(rules, path, true, complain, data);
}
