// SPDX-License-Identifier: GPL-2.0-only
/*
 * Rules that say which container a process belongs into:
 *
 *	process user alice exe /usr/bin/rsync container backup
 *
 * All conditions of a line must hold; the first line whose do decides.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "classify.h"
#include "names.h"
#include "text.h"

#define BIT(n)		(1U << (n))

/** In "from": the processes that are in no container. */
#define NOWHERE		"none"

static const char *const cond_names[CLASSIFY_NCONDS] = {
	[CLASSIFY_USER]		= "user",
	[CLASSIFY_GROUP]	= "group",
	[CLASSIFY_EXE]		= "exe",
	[CLASSIFY_SESSION]	= "session-leader",
	[CLASSIFY_PGROUP]	= "group-leader",
	[CLASSIFY_FROM]		= "from",
};

/**
 * classify_cond_name() - what a condition is called in a line
 * @cond: the condition
 *
 * Return: its word.
 */
const char *classify_cond_name(enum classify_cond cond)
{
	return cond_names[cond];
}

static void rule_clear(struct classify_rule *rule)
{
	int i;

	for (i = 0; i < CLASSIFY_NCONDS; i++)
		free(rule->conds[i]);
	free(rule->container);
	free(rule->cgroup);
	free(rule->file);
}

/**
 * classify_free() - forget rules
 * @rules: the rules; there are none afterwards
 */
void classify_free(struct classify *rules)
{
	size_t i;

	for (i = 0; i < rules->count; i++)
		rule_clear(&rules->rules[i]);
	free(rules->rules);
	*rules = (struct classify){ 0 };
}

static int container_problem(const char *word, struct ctid_err *err)
{
	const char *problem;
	uint32_t id;

	if (is_number(word)) {
		if (number_parse(word, &id) || !id)
			return err_set(err, EINVAL,
				       "container id %s is out of range: 1 to 4294967295",
				       show(word).s);
		return 0;
	}
	problem = name_problem(word);
	if (problem)
		return err_set(err, EINVAL, "the name \"%s\" %s",
			       show(word).s, problem);
	return 0;
}

static int path_problem(const char *what, const char *word,
			struct ctid_err *err)
{
	if (*word == '/')
		return 0;
	return err_set(err, EINVAL, "%s \"%s\" must begin with '/'", what,
		       show(word).s);
}

static int from_problem(const char *word, struct ctid_err *err)
{
	char *copy = strdup(word), *rest = copy, *one;
	int ret = copy ? 0 : err_set(err, ENOMEM, "%s", strerror(ENOMEM));

	while (!ret && (one = strsep(&rest, ",")))
		if (strcmp(one, NOWHERE) != 0)
			ret = container_problem(one, err);
	free(copy);
	return ret;
}

/* Nobody has the number that stands for one who is not there. */
static int not_there(const struct classify *rules, const struct classify_rule *rule,
		     int ret, const char *what, const char *word,
		     struct ctid_err *err)
{
	char *text;

	if (ret != -ENOENT || !rules->missing)
		return err_set(err, EINVAL, "no %s \"%s\"", what, show(word).s);
	if (asprintf(&text, "%s:%u: no %s \"%s\" any more: the rule is about nobody",
		     rule->file, rule->line, what, show(word).s) < 0)
		return -ENOMEM;
	rules->missing(rules->data, text);
	free(text);
	return 0;
}

/* What is wrong with the value of a condition; also reads user and group. */
static int take_cond(const struct classify *rules, struct classify_rule *rule,
		     enum classify_cond cond, const char *word,
		     struct ctid_err *err)
{
	int ret;

	switch (cond) {
	case CLASSIFY_USER:
		rule->uid = (uid_t)-1;
		ret = classify_user_id(word, &rule->uid);
		return ret ? not_there(rules, rule, ret, "user", word, err) : 0;
	case CLASSIFY_GROUP:
		rule->gid = (gid_t)-1;
		ret = classify_group_id(word, &rule->gid);
		return ret ? not_there(rules, rule, ret, "group", word, err) : 0;
	case CLASSIFY_FROM:
		return from_problem(word, err);
	default:
		return path_problem(cond_names[cond], word, err);
	}
}

static int find_cond(const char *word)
{
	int i;

	for (i = 0; i < CLASSIFY_NCONDS; i++)
		if (!strcmp(cond_names[i], word))
			return i;
	return -1;
}

/* Where a word of the line is to be kept, or NULL if it is none. */
static char **slot_of(struct classify_rule *rule, const char *word, int *cond)
{
	*cond = find_cond(word);
	if (*cond >= 0)
		return &rule->conds[*cond];
	if (!strcmp(word, "container"))
		return &rule->container;
	if (!strcmp(word, "cgroup"))
		return &rule->cgroup;
	return NULL;
}

static int take_pair(const struct classify *rules, struct classify_rule *rule,
		     const char *key, const char *value, struct ctid_err *err)
{
	char **slot;
	int cond, ret;

	slot = slot_of(rule, key, &cond);
	if (!slot)
		return err_set(err, EINVAL,
			       "\"%s\" is no word of a process rule: user, group, exe, session-leader, group-leader, from, container or cgroup",
			       show(key).s);
	if (*slot)
		return rulefile_twice(key, err);
	if (!value)
		return err_set(err, EINVAL, "%s needs a word after it", key);
	if (cond >= 0)
		ret = take_cond(rules, rule, cond, value, err);
	else if (slot == &rule->container)
		ret = container_problem(value, err);
	else
		ret = path_problem(key, value, err);
	if (ret)
		return ret;
	*slot = strdup(value);
	return *slot ? 0 : err_set(err, ENOMEM, "%s", strerror(ENOMEM));
}

/* "from" says whom a rule may take a process from, not which process. */
static bool asks_something(const struct classify_rule *rule)
{
	int i;

	for (i = 0; i < CLASSIFY_FROM; i++)
		if (rule->conds[i])
			return true;
	return false;
}

static int take_words(const struct classify *rules, struct classify_rule *rule,
		      const struct rulefile_line *line, struct ctid_err *err)
{
	size_t i;
	int ret;

	for (i = 1; i < line->nwords; i += 2) {
		ret = take_pair(rules, rule, line->words[i],
				i + 1 < line->nwords ? line->words[i + 1] : NULL,
				err);
		if (ret)
			return ret;
	}
	if (!rule->container)
		return err_set(err, EINVAL,
			       "has no container: process CONDITION... container ID|NAME [cgroup CGROUP]");
	if (!asks_something(rule))
		return err_set(err, EINVAL,
			       "asks nothing and would move every process: name a user, group, exe, session-leader or group-leader");
	return 0;
}

static int append(struct classify *rules, const struct classify_rule *rule)
{
	struct classify_rule *bigger;
	int i;

	bigger = reallocarray(rules->rules, rules->count + 1, sizeof(*bigger));
	if (!bigger)
		return -ENOMEM;
	rules->rules = bigger;
	rules->rules[rules->count++] = *rule;
	for (i = 0; i < CLASSIFY_NCONDS; i++)
		if (rule->conds[i])
			rules->asked |= BIT(i);
	return 0;
}

/**
 * classify_line() - read a line that begins with "process"
 * @rules: gets the rule
 * @line: the line
 * @err: what is wrong with it
 *
 * Users and groups are looked up now: a rule keeps their numbers.
 *
 * Return: 0 or a negative errno; then @rules are what they were.
 */
int classify_line(struct classify *rules, const struct rulefile_line *line,
		  struct ctid_err *err)
{
	struct classify_rule rule = { .line = line->line };
	int ret;

	rule.file = strdup(line->file);
	ret = rule.file ? take_words(rules, &rule, line, err) : -ENOMEM;
	if (!ret)
		ret = append(rules, &rule);
	if (ret)
		rule_clear(&rule);
	return ret == -ENOMEM ? err_set(err, ENOMEM, "%s", strerror(ENOMEM)) : ret;
}

static bool has_group(const struct classify_facts *facts, gid_t gid)
{
	size_t i;

	if (facts->gid == gid)
		return true;
	for (i = 0; i < facts->ngroups; i++)
		if (facts->groups[i] == gid)
			return true;
	return false;
}

/* The path is looked up each time: a program that is upgraded is a new file. */
static bool is_file(const struct classify_file *file, const char *path)
{
	struct classify_file named;

	return !classify_file(AT_FDCWD, path, &named) &&
	       named.dev == file->dev && named.ino == file->ino;
}

/* @word is an id or a name, and ends after @len characters. */
static bool is_owner(const struct classify_facts *facts, const char *word,
		     size_t len)
{
	if (strspn(word, "0123456789") == len)
		return strtoull(word, NULL, 10) == facts->owner;
	return facts->owner && strlen(facts->owner_name) == len &&
	       !memcmp(facts->owner_name, word, len);
}

/**
 * classify_is_owner() - is a process in a container?
 * @facts: what is known of it
 * @container: id or name of the container
 *
 * Return: true if it is.
 */
bool classify_is_owner(const struct classify_facts *facts,
		       const char *container)
{
	return is_owner(facts, container, strlen(container));
}

/*
 * A rule takes only those that are in no container, so that it pulls nobody out
 * of one that a runtime or an admin has chosen; or those that it says. What it
 * has taken stays its own.
 */
static bool may_take(const struct classify_rule *rule,
		     const struct classify_facts *facts)
{
	const char *from = rule->conds[CLASSIFY_FROM];
	size_t len;

	if (classify_is_owner(facts, rule->container))
		return true;
	if (!from)
		return !facts->owner;
	for (;; from += len + 1) {
		len = strcspn(from, ",");
		if (len == strlen(NOWHERE) && !memcmp(from, NOWHERE, len)) {
			if (!facts->owner)
				return true;
		} else if (is_owner(facts, from, len)) {
			return true;
		}
		if (!from[len])
			return false;
	}
}

static bool holds(const struct classify_rule *rule, enum classify_cond cond,
		  const struct classify_facts *facts)
{
	if (cond == CLASSIFY_FROM)
		return !(facts->known & BIT(cond)) || may_take(rule, facts);
	if (!rule->conds[cond])
		return true;
	if (!(facts->known & BIT(cond)))
		return false;
	switch (cond) {
	case CLASSIFY_USER:
		return facts->uid == rule->uid;
	case CLASSIFY_GROUP:
		return has_group(facts, rule->gid);
	default:
		return is_file(&facts->files[cond], rule->conds[cond]);
	}
}

/**
 * classify_fits() - do all conditions of a rule hold?
 * @rule: the rule
 * @facts: what is known of the process; what is not does not hold, but for the
 *	container that it is in, which is then not asked
 * @misfit: the first condition that does not
 *
 * Return: true if they do.
 */
bool classify_fits(const struct classify_rule *rule,
		   const struct classify_facts *facts,
		   enum classify_cond *misfit)
{
	int i;

	for (i = 0; i < CLASSIFY_NCONDS; i++) {
		*misfit = i;
		if (!holds(rule, i, facts))
			return false;
	}
	return true;
}

/**
 * classify_find() - find the rule that decides
 * @rules: the rules
 * @facts: what is known of the process
 *
 * Return: the first one whose conditions hold, or NULL.
 */
struct classify_rule *classify_find(const struct classify *rules,
				    const struct classify_facts *facts)
{
	enum classify_cond misfit;
	size_t i;

	for (i = 0; i < rules->count; i++)
		if (classify_fits(&rules->rules[i], facts, &misfit))
			return &rules->rules[i];
	return NULL;
}
