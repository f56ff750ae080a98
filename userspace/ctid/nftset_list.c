// SPDX-License-Identifier: GPL-2.0-only
/* ctid nftset list. */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../names.h"
#include "../text.h"
#include "nftset.h"
#include "print.h"

enum {
	CONTAINER,
	FAMILY,
	TABLE,
	SET,
	GOTO,
	STATE,
	LEVELS,
	NCOLUMNS,
};

static const char *state_of(const struct nftset *set,
			    const struct nftset_plan *plan)
{
	if (set->problem)
		return "unfit";
	return nftset_current(set, plan) ? "current" : "outdated";
}

/* At which levels the container's cgroups are: a plain set's rules name them. */
static json_t *levels_of(const struct nftset *set,
			 const struct nftset_state *state)
{
	const struct container *container = nftset_container(set, &state->snap);
	bool seen[NFTSET_LEVELS] = { false };
	json_t *levels = json_array();
	const struct place *place;
	size_t i;

	for (i = 0; container && i < state->places.count; i++) {
		place = &state->places.at[i];
		if (place->binding->id == container->id && place->level >= 0 &&
		    place->level < NFTSET_LEVELS)
			seen[place->level] = true;
	}
	for (i = 0; i < NFTSET_LEVELS; i++)
		if (seen[i])
			json_array_append_new(levels,
					      json_integer((json_int_t)i));
	return levels;
}

static void print_one_json(const struct nftset_state *state, size_t index)
{
	const struct nftset *set = &state->list.sets[index];
	const struct container *container = nftset_container(set, &state->snap);
	const char *family = nftset_family_name(set->family);
	json_t *json;

	json = container ? container_json(container->id, container->name) :
			   json_object();
	json_object_set_new(json, "container", json_string(set->decl.container));
	if (family)
		json_object_set_new(json, "family", json_string(family));
	json_object_set_new(json, "table", json_string(set->table));
	json_object_set_new(json, "set", json_string(set->name));
	if (*set->decl.chain)
		json_object_set_new(json, "goto", json_string(set->decl.chain));
	json_object_set_new(json, "state",
			    json_string(state_of(set, &state->plans[index])));
	json_object_set_new(json, "levels", levels_of(set, state));
	print_json(json);
}

static void print_all_json(const struct nftset_state *state)
{
	size_t i;

	putchar('[');
	for (i = 0; i < state->list.count; i++) {
		if (i)
			printf(",\n ");
		print_one_json(state, i);
	}
	puts("]");
}

/* "1,3", or "-" for none. */
static struct shown levels_text(const struct nftset *set,
				const struct nftset_state *state)
{
	json_t *levels = levels_of(set, state);
	char text[NFTSET_LEVELS * 4] = "";
	char *end = text;
	size_t i;

	for (i = 0; i < json_array_size(levels); i++)
		end += sprintf(end, "%s%d", i ? "," : "", (int)
			       json_integer_value(json_array_get(levels, i)));
	json_decref(levels);
	return show(*text ? text : NO_NAME);
}

static void fill_row(struct shown row[NCOLUMNS],
		     const struct nftset_state *state, size_t index)
{
	const struct nftset *set = &state->list.sets[index];
	const char *family = nftset_family_name(set->family);

	row[CONTAINER] = show(*set->decl.container ? set->decl.container : "?");
	row[FAMILY] = show(family ? family : "?");
	row[TABLE] = show(set->table);
	row[SET] = show(set->name);
	row[GOTO] = show(*set->decl.chain ? set->decl.chain : NO_NAME);
	row[STATE] = show(state_of(set, &state->plans[index]));
	row[LEVELS] = levels_text(set, state);
}

static void print_table(struct shown (*rows)[NCOLUMNS], size_t count)
{
	int width[NCOLUMNS] = { 0 };
	int len, column;
	size_t i;

	for (i = 0; i < count; i++) {
		for (column = 0; column < NCOLUMNS; column++) {
			len = (int)strlen(rows[i][column].s);
			if (len > width[column])
				width[column] = len;
		}
	}
	for (i = 0; i < count; i++) {
		for (column = 0; column < LEVELS; column++)
			printf("%-*s  ", width[column], rows[i][column].s);
		puts(rows[i][LEVELS].s);
	}
}

static int print_all(const struct nftset_state *state)
{
	static const char *const head[NCOLUMNS] = {
		"CONTAINER", "FAMILY", "TABLE", "SET", "GOTO", "STATE", "LEVELS",
	};
	struct shown (*rows)[NCOLUMNS];
	size_t i;

	rows = calloc(state->list.count + 1, sizeof(*rows));
	if (!rows)
		return -ENOMEM;
	for (i = 0; i < NCOLUMNS; i++)
		rows[0][i] = show(head[i]);
	for (i = 0; i < state->list.count; i++)
		fill_row(rows[i + 1], state, i);
	print_table(rows, state->list.count + 1);
	free(rows);
	return 0;
}

/**
 * nftset_print() - ctid nftset list
 * @ctx: the context
 * @nfnl: open
 * @argc: number of arguments
 * @argv: the arguments
 *
 * Return: the exit status.
 */
int nftset_print(struct ctid *ctx, struct nfnl *nfnl, int argc, char **argv)
{
	struct nftset_state state;
	int ret;

	(void)argc;
	(void)argv;
	do {
		ret = nftset_state_take(ctx, nfnl, &state);
		if (!ret && ctx->json)
			print_all_json(&state);
		else if (!ret)
			ret = print_all(&state);
		nftset_state_free(&state);
	} while (ret == -EINTR);
	if (ret)
		return fail("cannot list nft sets: %s", ret == -EPERM ?
			    "needs root (CAP_NET_ADMIN)" : strerror(-ret));
	return CTID_OK;
}
