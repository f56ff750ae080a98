// SPDX-License-Identifier: GPL-2.0-only
/* Whether a rule is about a subject, and in words why not. */
#define _GNU_SOURCE
#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linux/container_id.h>

#include "../names.h"
#include "../text.h"
#include "rules.h"

static bool is_any(const char *glob)
{
	return !strcmp(glob, "*");
}

/**
 * rule_fits() - does a word match a pattern?
 * @glob: the pattern; a backslash is itself: systemd's names have it
 * @word: the word
 * @flags: those of fnmatch()
 *
 * Return: true if so.
 */
bool rule_fits(const char *glob, const char *word, int flags)
{
	return !fnmatch(glob, word, FNM_NOESCAPE | flags);
}

static enum rule_match no(struct ctid_err *why, const char *what,
			  const char *have, const char *glob)
{
	if (have)
		err_set(why, ENOENT, "%s \"%s\" does not match %s", what,
			show(have).s, show(glob).s);
	else
		err_set(why, ENOENT, "it has no %s", what);
	return RULE_NO;
}

/* What only others can tell. */
static enum rule_match not_told(const struct subject *subject,
				const char *what, struct ctid_err *why)
{
	if (subject->told == TOLD_NONE) {
		err_set(why, ENOENT, "%s", subject->trouble ? subject->trouble :
			"nobody knows its name");
		return RULE_NO;
	}
	err_set(why, EAGAIN, "waits for its %s: %s", what, subject->trouble ?
		subject->trouble : "it was not told yet");
	return RULE_WAIT;
}

static bool has_names(const struct subject *subject)
{
	return subject->told == TOLD_ALL || subject->told == TOLD_NAMES;
}

static enum rule_match match_told(const struct subject *subject,
				  const char *what, const char *have,
				  const char *glob, struct ctid_err *why)
{
	if (is_any(glob))
		return RULE_YES;
	if (!has_names(subject))
		return not_told(subject, "name", why);
	return have && rule_fits(glob, have, 0) ? RULE_YES : no(why, what, have, glob);
}

static enum rule_match match_label(const struct subject *subject,
				   const struct rule_condition *condition,
				   struct ctid_err *why)
{
	size_t len = strlen(condition->key), i;
	const char *value = NULL;
	char what[160];

	if (subject->told != TOLD_ALL)
		return not_told(subject, "labels", why);
	for (i = 0; i < subject->nlabels; i++)
		if (!strncmp(subject->labels[i], condition->key, len) &&
		    subject->labels[i][len] == '=')
			value = subject->labels[i] + len + 1;
	if (value && rule_fits(condition->glob, value, 0))
		return RULE_YES;
	snprintf(what, sizeof(what), "label %s", show(condition->key).s);
	return no(why, what, value, condition->glob);
}

static enum rule_match match_condition(const struct subject *subject,
				       const struct rule_condition *condition,
				       struct ctid_err *why)
{
	const char *glob = condition->glob;

	switch (condition->field) {
	case FIELD_IMAGE:
		return match_told(subject, "image", subject->image, glob, why);
	case FIELD_LABEL:
		return match_label(subject, condition, why);
	case FIELD_NAMESPACE:
		return match_told(subject, "namespace", subject->namespace, glob,
				  why);
	case FIELD_QOS:
		return rule_fits(glob, subject->qos, 0) ? RULE_YES :
		       no(why, "qos", subject->qos, glob);
	case FIELD_UID:
		return rule_fits(glob, subject->id, 0) ? RULE_YES :
		       no(why, "uid", subject->id, glob);
	}
	return RULE_NO;
}

static enum rule_match match_name(const struct rule *rule,
				  const struct subject *subject,
				  struct ctid_err *why)
{
	if (rule->kind != SUBJECT_PLAIN) {
		if (rule->kind == subject->kind && subject->unsure &&
		    subject->told != TOLD_ALL)
			return not_told(subject, "name", why);
		if (rule->kind == subject->kind)
			return match_told(subject, "name", subject->name,
					  rule->glob, why);
		err_set(why, ENOENT, subject->trusted ? "it is no %s" :
			"it is no %s: it is inside of a container, or not root's",
			subject_kind_name(rule->kind));
		return RULE_NO;
	}
	if (!rule->unit)
		return rule_fits(rule->glob, subject->path, FNM_PATHNAME) ? RULE_YES :
		       no(why, "path", subject->path, rule->glob);
	if (subject->unit && rule_fits(rule->glob, subject->unit, 0))
		return RULE_YES;
	if (subject->unit)
		return no(why, "unit", subject->unit, rule->glob);
	err_set(why, ENOENT, subject->trusted ? "it is no unit" :
		"it is no unit: it is inside of a container, or not root's");
	return RULE_NO;
}

/* A range remembers its choice by name, which containers keep. */
static bool needs_name(const struct rule *rule)
{
	if (rule->first == rule->last)
		return false;
	return rule->kind == SUBJECT_DOCKER || rule->kind == SUBJECT_PODMAN ||
	       rule->name;
}

/**
 * rule_match() - is the rule about the subject?
 * @rule: the rule
 * @subject: the subject
 * @why: if not, or not yet, why; or NULL
 *
 * Return: a definite no comes before what is not known yet.
 */
enum rule_match rule_match(const struct rule *rule,
			   const struct subject *subject, struct ctid_err *why)
{
	enum rule_match result = match_name(rule, subject, why), one;
	struct ctid_err other;
	size_t i;

	for (i = 0; result != RULE_NO && i < rule->nconditions; i++) {
		one = match_condition(subject, &rule->conditions[i], &other);
		if (one == RULE_YES)
			continue;
		if (why && (one == RULE_NO || result == RULE_YES))
			*why = other;
		result = one;
	}
	if (result == RULE_YES && rule->kind != SUBJECT_PLAIN &&
	    needs_name(rule) && !has_names(subject))
		return not_told(subject, "name", why);
	return result;
}

/**
 * rule_reaches_below() - can the rule be about a path below this one?
 * @rule: the rule
 * @path: below the cgroup2 mount
 * @depth: how many names it has
 *
 * What is below may have names that root did not give, so only rules about paths
 * are asked.
 *
 * Return: true if so.
 */
bool rule_reaches_below(const struct rule *rule, const char *path, size_t depth)
{
	const char *end = rule->glob;
	char *top;
	bool yes;

	if (rule->kind != SUBJECT_PLAIN || rule->unit)
		return false;
	if (!depth)
		return rule->glob[1];
	while (depth-- && end)
		end = strchr(end + 1, '/');
	if (!end || !end[1])
		return false;
	top = strndup(rule->glob, (size_t)(end - rule->glob));
	yes = !top || rule_fits(top, path, FNM_PATHNAME);
	free(top);
	return yes;
}

static size_t depth_of(const char *path)
{
	size_t depth = 0;

	for (; *path; path++)
		depth += *path == '/' && path[1];
	return depth;
}

/**
 * rules_reach_below() - can a rule be about a path below this one?
 * @rules: the rules
 * @path: below the cgroup2 mount
 *
 * Return: true if so.
 */
bool rules_reach_below(const struct rules *rules, const char *path)
{
	size_t depth = depth_of(path), i;

	for (i = 0; i < rules->nrules; i++)
		if (rule_reaches_below(&rules->rules[i], path, depth))
			return true;
	return false;
}

/**
 * rules_reach() - is a rule about this path, or can one be about a path below it?
 * @rules: the rules
 * @path: below the cgroup2 mount
 *
 * Return: true if so.
 */
bool rules_reach(const struct rules *rules, const char *path)
{
	const struct rule *rule;
	size_t i;

	for (i = 0; i < rules->nrules; i++) {
		rule = &rules->rules[i];
		if (rule->kind == SUBJECT_PLAIN && !rule->unit &&
		    rule_fits(rule->glob, path, FNM_PATHNAME))
			return true;
	}
	return rules_reach_below(rules, path);
}

/* What the rule calls its subject. */
static const char *own_name(const struct rule *rule,
			    const struct subject *subject)
{
	const char *slash;

	if (rule->kind != SUBJECT_PLAIN)
		return subject->name ? subject->name : subject->id;
	if (rule->unit)
		return subject->unit;
	slash = strrchr(subject->path, '/');
	return slash ? slash + 1 : subject->path;
}

/**
 * rule_key() - by what a range remembers the id that it gave
 * @rule: the rule, which matches
 * @subject: the subject
 *
 * Return: the key, to be freed, or NULL without memory.
 */
char *rule_key(const struct rule *rule, const struct subject *subject)
{
	static const char *const kinds[] = {
		[SUBJECT_PLAIN] = "cgroup",
		[SUBJECT_DOCKER] = "docker",
		[SUBJECT_PODMAN] = "podman",
		[SUBJECT_POD] = "pod",
		[SUBJECT_LXC] = "lxc",
		[SUBJECT_MACHINE] = "machine",
	};
	const char *kind = kinds[rule->kind], *name = own_name(rule, subject);
	char *key;

	if (rule->unit)
		kind = "unit";
	else if (rule->kind == SUBJECT_PLAIN)
		name = subject->path;
	else if (rule->kind == SUBJECT_POD)
		name = subject->id;
	return asprintf(&key, "%s:%s", kind, name) < 0 ? NULL : key;
}

/**
 * rule_container_name() - what the container is to be called
 * @rule: the rule, which matches
 * @subject: the subject
 *
 * Return: the name, to be freed, or NULL if it is to have none.
 */
char *rule_container_name(const struct rule *rule,
			  const struct subject *subject)
{
	const char *part, *own;
	char *name, *c;

	if (!rule->name)
		return NULL;
	part = strstr(rule->name, "%n");
	if (!part)
		return strdup(rule->name);
	own = own_name(rule, subject);
	if (asprintf(&name, "%.*s%s%s", (int)(part - rule->name), rule->name,
		     own ? own : "", part + 2) < 0)
		return NULL;
	/* Names have fewer characters than those of units and containers. */
	for (c = name; *c; c++)
		if (!strchr("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ._-",
			    *c))
			*c = '_';
	if (strlen(name) >= CONTAINER_ID_NAMSIZ)
		name[CONTAINER_ID_NAMSIZ - 1] = '\0';
	if (name_problem(name)) {
		free(name);
		return NULL;
	}
	return name;
}
