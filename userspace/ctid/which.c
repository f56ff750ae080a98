// SPDX-License-Identifier: GPL-2.0-only
/* Which container the user means. */
#include <errno.h>
#include <stdlib.h>

#include "../conf.h"
#include "../names.h"
#include "../text.h"
#include "ctid.h"

/* Returns an exit status, after setting @err, as all that finds. */
static int find_id(const char *word, uint32_t *id, struct ctid_err *err)
{
	if (is_number(word) && !number_parse(word, id) && *id)
		return 0;
	err_set(err, EINVAL, is_number(word) ?
		"container id %s is out of range: use 1 to 4294967295" :
		"\"%s\" is no container id: use a number from 1 to 4294967295",
		show(word).s);
	return CTID_USAGE;
}

static int say(int status, const struct ctid_err *err)
{
	if (status)
		warn("%s", err->text);
	return status;
}

/**
 * which_id() - read a container id
 * @word: what the user wrote
 * @id: the id
 *
 * Return: 0, or an exit status after saying what is wrong.
 */
int which_id(const char *word, uint32_t *id)
{
	struct ctid_err err;

	return say(find_id(word, id, &err), &err);
}

static int check_name(const char *word, struct ctid_err *err)
{
	const char *problem = name_problem(word);

	if (!problem)
		return 0;
	err_set(err, EINVAL, "the name \"%s\" %s", show(word).s, problem);
	return CTID_USAGE;
}

/**
 * which_name() - check a name for a container
 * @word: what the user wrote
 *
 * Return: 0, or an exit status after saying what is wrong.
 */
int which_name(const char *word)
{
	struct ctid_err err;

	return say(check_name(word, &err), &err);
}

/* Is it only that the file was not loaded? */
static bool in_file(const char *name, uint32_t id)
{
	struct conf conf;
	bool found = false;

	if (!conf_load(&conf, CONF_PATH, NULL, NULL, NULL))
		found = name ? conf_by_name(&conf, name) : conf_by_id(&conf, id);
	conf_free(&conf);
	return found;
}

static int unknown(const char *word, const char *name, uint32_t id,
		   struct ctid_err *err)
{
	const char *quote = name ? "\"" : "";

	if (in_file(name, id))
		err_set(err, ENOENT,
			"no container %s%s%s is loaded, but " CONF_PATH " has it: run 'ctid load'",
			quote, word, quote);
	else
		err_set(err, ENOENT,
			"no container %s%s%s: add it first with 'ctid add %s %s'",
			quote, word, quote, name ? "ID" : word,
			name ? name : "[NAME]");
	return CTID_FAILED;
}

static int find_container(struct ctid *ctx, const char *word,
			  struct registry_msg *msg, struct ctid_err *err)
{
	const char *name = is_number(word) ? NULL : word;
	uint32_t id = 0;
	int ret;

	ret = name ? check_name(word, err) : find_id(word, &id, err);
	if (ret)
		return ret;
	ret = registry_get(&ctx->reg, name, id, msg);
	if (ret == -ENOENT)
		return unknown(word, name, id, err);
	if (!ret)
		return 0;
	err_set(err, -ret, "cannot look up container %s: %s", word,
		registry_why(&ctx->reg, ret));
	return CTID_FAILED;
}

/**
 * which_container() - find a container in the running registry
 * @ctx: the context, with the registry
 * @word: id or name
 * @msg: filled with id and name
 *
 * Return: 0, or an exit status after saying what is wrong.
 */
int which_container(struct ctid *ctx, const char *word,
		    struct registry_msg *msg)
{
	struct ctid_err err;

	return say(find_container(ctx, word, msg, &err), &err);
}

/**
 * which_find() - as which_id_or_name(), but have the caller say what is wrong
 * @ctx: the context, with the registry
 * @word: id or name; only a name has to be registered
 * @id: the id
 * @err: what is wrong
 *
 * Return: 0 or an exit status.
 */
int which_find(struct ctid *ctx, const char *word, uint32_t *id,
	       struct ctid_err *err)
{
	struct registry_msg container = { 0 };
	int ret;

	if (is_number(word))
		return find_id(word, id, err);
	ret = find_container(ctx, word, &container, err);
	*id = container.id;
	return ret;
}

/**
 * which_id_or_name() - the id of a container that may be gone, or not there yet
 * @ctx: the context, with the registry
 * @word: id or name; only a name has to be registered
 * @id: the id
 *
 * Return: 0, or an exit status after saying what is wrong.
 */
int which_id_or_name(struct ctid *ctx, const char *word, uint32_t *id)
{
	struct ctid_err err;

	return say(which_find(ctx, word, id, &err), &err);
}

/**
 * which_ids() - the ids of containers
 * @ctx: the context, with the registry
 * @n: how many
 * @words: ids or names
 * @ids: their ids, to be freed
 *
 * Return: 0, or an exit status after saying what is wrong.
 */
int which_ids(struct ctid *ctx, int n, char *const *words, uint32_t **ids)
{
	int i, ret = 0;

	*ids = calloc((size_t)n + 1, sizeof(**ids));
	if (!*ids)
		return fail("out of memory");
	for (i = 0; i < n && !ret; i++)
		ret = which_id_or_name(ctx, words[i], &(*ids)[i]);
	return ret;
}
