// SPDX-License-Identifier: GPL-2.0-only
/* ctid policy-load: all policies from a file, in place of those that are there. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../nft/statement.h"
#include "../../nft/table.h"
#include "../file.h"
#include "policy.h"

/* What can be loaded in about two seconds without a word. */
#define QUIET_LINES	20000

/* How often it is tried to keep up with who flushes policies at the same time. */
#define MAX_TRIES	5

/* So many bad lines are named. */
#define MAX_COMPLAINTS	20

/* More words than this make no statement. */
#define MAX_WORDS	1024

/**
 * struct reader - a file on its way into the table
 * @ctx: the context
 * @name: the file's name, for messages
 * @line: the line's number
 * @nbad: how many lines were bad
 * @nstatements: how many others were not empty
 * @saved: the line from which on it is policy-save's, until its end; or 0
 * @cut: the first such line that another one came after, instead of the end; or 0
 * @whole: it has what policy-save wrote, to the end
 * @who: the container of the line before, as it was written there, and its id:
 *	most lines are about the same one
 * @id: see @who
 * @policies: what came of the lines so far
 */
struct reader {
	struct ctid *ctx;
	const char *name;
	size_t line, nbad, nstatements;
	size_t saved, cut;
	bool whole;
	char *who;
	uint32_t id;
	struct policies policies;
};

static void complain(struct reader *reader, const char *text)
{
	if (reader->nbad++ < MAX_COMPLAINTS)
		warn("%s:%zu: %s", reader->name, reader->line, text);
}

static bool is_end(const char *line)
{
	size_t len = strlen(POLICY_END);

	return !strncmp(line, POLICY_END, len) &&
	       !line[len + strspn(line + len, " \t\r\n")];
}

/* Looks for what tells whether all is there that was saved. */
static void take_mark(struct reader *reader, const char *line)
{
	if (!strncmp(line, POLICY_SAVED, strlen(POLICY_SAVED))) {
		if (!reader->cut)
			reader->cut = reader->saved;
		reader->saved = reader->line;
	} else if (is_end(line)) {
		reader->whole = reader->whole || reader->saved;
		reader->saved = 0;
	}
}

/* Splits a line into words, in place. Returns how many, or -1 for too many. */
static int split(char *line, char **words)
{
	char *word, *rest = NULL;
	int n = 0;

	line[strcspn(line, "#\n")] = '\0';
	for (word = strtok_r(line, " \t\r", &rest); word;
	     word = strtok_r(NULL, " \t\r", &rest)) {
		if (n == MAX_WORDS)
			return -1;
		words[n++] = word;
	}
	return n;
}

static int find_who(struct reader *reader, const char *word,
		    struct ctid_err *err)
{
	if (reader->who && !strcmp(reader->who, word))
		return 0;
	free(reader->who);
	reader->who = NULL;
	if (which_find(reader->ctx, word, &reader->id, err))
		return -ENOENT;
	reader->who = strdup(word);
	return 0;
}

/* Returns an error only if it makes no sense to go on. */
static int take_line(struct reader *reader, char *line)
{
	char *words[MAX_WORDS];
	struct statement statement;
	struct policy *policy;
	struct ctid_err err;
	char **word = words;
	int n;

	take_mark(reader, line);
	n = split(line, words);
	if (!n)
		return 0;
	reader->nstatements++;
	/* As a command, which is how "ctid learn" has it. */
	if (n > 0 && !strcmp(*word, "ctid")) {
		word++;
		n--;
	}
	if (n < 2) {
		complain(reader, n < 0 ? "too many words: use more lines" :
			 "a statement has a container: try 'permit ID connect tcp 10.0.0.0/8:443'");
		return 0;
	}
	if (statement_parse(&statement, word[0], n - 2, word + 2, &err)) {
		complain(reader, err.text);
		return 0;
	}
	if (find_who(reader, word[1], &err)) {
		complain(reader, err.text);
		return 0;
	}
	policy = policies_get(&reader->policies, reader->id);
	if (policy && !statement_apply(&statement, policy, &err))
		return 0;
	return fail("%s:%zu: %s", reader->name, reader->line,
		    policy ? err.text : "out of memory");
}

static int read_lines(struct reader *reader, FILE *file)
{
	char *line = NULL;
	size_t size = 0;
	ssize_t len;
	int ret = CTID_OK;

	while (!ret && (len = getline(&line, &size, file)) >= 0) {
		reader->line++;
		if (strlen(line) != (size_t)len)
			complain(reader, "has a NUL character");
		else
			ret = take_line(reader, line);
	}
	if (!ret && ferror(file))
		ret = fail("cannot read %s: %s", reader->name, strerror(errno));
	free(line);
	return ret;
}

/* Is it good, and all that there was to be? An empty file may be what a full disk left. */
static int check_file(const struct reader *reader)
{
	size_t cut = reader->cut ? reader->cut : reader->saved;

	if (cut)
		return fail("%s is not whole: by line %zu, 'ctid policy-save' wrote it, but no \"" POLICY_END "\" follows: nothing was changed",
			    reader->name, cut);
	if (reader->nbad)
		return fail("%s has %zu bad line%s: nothing was changed",
			    reader->name, reader->nbad,
			    reader->nbad == 1 ? "" : "s");
	if (!reader->nstatements && !reader->whole)
		return fail("%s says nothing of any container: nothing was changed: 'ctid policy-flush' forgets all policies",
			    reader->name);
	return CTID_OK;
}

static int read_file(struct reader *reader, const char *path)
{
	FILE *file = strcmp(path, "-") ? fopen(path, "re") : stdin;
	int ret;

	if (!file)
		return fail("cannot open %s: %s", reader->name, strerror(errno));
	ret = read_lines(reader, file);
	if (file != stdin)
		fclose(file);
	return ret ? ret : check_file(reader);
}

static int replace(struct reader *reader)
{
	struct policies *policies = &reader->policies;
	struct nftables nft = { 0 };
	struct ctid_err err;
	size_t i;
	int ret;

	for (i = 0; i < policies->n; i++)
		policy_sort(policies->policy[i]);
	if (reader->line > QUIET_LINES && isatty(STDERR_FILENO))
		warn("loading %zu lines about %zu containers ...", reader->line,
		     policies->n);
	ret = nftables_open(&nft, &err);
	for (i = 0; i < MAX_TRIES && !ret; i++) {
		ret = policy_devices(policies, &err);
		if (!ret)
			ret = table_replace(&nft, policies, &err);
		if (ret || !policy_enforced(&nft, policies))
			break;
	}
	nftables_close(&nft);
	if (ret == -EAGAIN || i == MAX_TRIES)
		return fail("others change the policies all the time: try again when they are done");
	return ret ? fail("%s", err.text) : CTID_OK;
}

/**
 * cmd_policy_load() - ctid policy-load FILE
 * @ctx: the context
 * @argc: number of arguments
 * @argv: the arguments
 *
 * Return: the exit status; unless it is CTID_OK, nothing has changed.
 */
int cmd_policy_load(struct ctid *ctx, int argc, char **argv)
{
	struct reader reader = {
		.ctx = ctx,
		.name = file_name(argv[0]),
	};
	int ret;

	(void)argc;
	ret = read_file(&reader, argv[0]);
	if (!ret)
		ret = replace(&reader);
	free(reader.who);
	policies_free(&reader.policies);
	return ret;
}
