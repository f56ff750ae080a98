// SPDX-License-Identifier: GPL-2.0-only
/*
 * One line of ctid.conf(5): WHAT GLOB [CONDITION]... ACTION [OPTION]..., a
 * setting, or a rule about processes, whose parser is in ../classify.c.
 */
#include <errno.h>
#include <string.h>

#include <linux/container_id.h>

#include "../names.h"
#include "../text.h"
#include "rules.h"

/* Stands for the name of what a rule of a range is about. */
#define PLACEHOLDER	"%n"

/**
 * struct line - a line that is being parsed
 * @rules: where settings go
 * @rule: the rule that it may become
 * @whole: all of it
 * @word: the words that are left
 * @n: how many
 * @err: what is wrong with it
 */
struct line {
	struct rules *rules;
	struct rule *rule;
	const struct rulefile_line *whole;
	char **word;
	size_t n;
	struct ctid_err *err;
};

/**
 * struct keyword - what a line that begins with a word is
 * @parse: reads the rest. Returns 1 for a rule, 0 for a setting, or a negative
 *	errno
 * @kind: for @parse
 * @unit: for @parse
 */
struct keyword {
	int (*parse)(struct line *line, const struct keyword *keyword);
	enum subject_kind kind;
	bool unit;
};

/* What the line begins with. */
static const char *first_word(const struct line *line)
{
	return line->whole->words[0];
}

/* The next word, or NULL. */
static char *take(struct line *line)
{
	if (!line->n)
		return NULL;
	line->n--;
	return *line->word++;
}

/* Whom a condition is for, if it is not for the rule; else NULL. */
static const char *unfit(const struct rule *rule, enum rule_field field)
{
	bool container = rule->kind == SUBJECT_DOCKER ||
			 rule->kind == SUBJECT_PODMAN;
	bool pod = rule->kind == SUBJECT_POD;

	if (field == FIELD_IMAGE)
		return container ? NULL : "docker and podman";
	if (field == FIELD_LABEL)
		return container || pod ? NULL : "docker, podman and pod";
	return pod ? NULL : "pod";
}

/* A class that there is not would be no pod's. */
static int check_qos(struct line *line, const char *glob)
{
	static const char *const classes[] = {
		"guaranteed", "burstable", "besteffort",
	};
	size_t i;

	for (i = 0; i < sizeof(classes) / sizeof(*classes); i++)
		if (rule_fits(glob, classes[i], 0))
			return 0;
	return err_set(line->err, EINVAL,
		       "no pod has qos \"%s\": guaranteed, burstable and besteffort are all there are",
		       show(glob).s);
}

static int take_condition(struct line *line, enum rule_field field,
			  const char *word)
{
	struct rule *rule = line->rule;
	struct rule_condition *condition;
	const char *others = unfit(rule, field);
	char *value = take(line);
	char *equals;

	if (others)
		return err_set(line->err, EINVAL, "\"%s\" is for %s only", word,
			       others);
	if (!value)
		return err_set(line->err, EINVAL, "\"%s\" needs a pattern", word);
	if (rule->nconditions == RULE_MAX_CONDITIONS)
		return err_set(line->err, E2BIG, "more than %d conditions",
			       RULE_MAX_CONDITIONS);
	condition = &rule->conditions[rule->nconditions++];
	*condition = (struct rule_condition){ .field = field, .glob = value };
	if (field == FIELD_QOS)
		return check_qos(line, value);
	if (field != FIELD_LABEL)
		return 0;
	equals = strchr(value, '=');
	condition->key = value;
	condition->glob = "*";
	if (equals) {
		*equals = '\0';
		condition->glob = equals + 1;
	}
	return 0;
}

static int take_number(struct line *line, const char *word, uint32_t *id)
{
	int ret = number_parse(word, id);

	if (ret || !*id)
		return err_set(line->err, ERANGE,
			       "container id \"%s\" is out of range: 1 to 4294967295",
			       show(word).s);
	return 0;
}

static int take_id(struct line *line)
{
	char *word = take(line);
	int ret;

	if (!word || !is_number(word))
		return err_set(line->err, EINVAL,
			       "\"id\" needs a container id, a number from 1 to 4294967295");
	ret = take_number(line, word, &line->rule->first);
	line->rule->last = line->rule->first;
	return ret;
}

static int take_range(struct line *line)
{
	char *word = take(line);
	int ret;

	if (!word || !is_range(word))
		return err_set(line->err, EINVAL,
			       "\"range\" needs ids, FROM-TO");
	ret = take_number(line, word, &line->rule->first);
	if (!ret)
		ret = take_number(line, strchr(word, '-') + 1, &line->rule->last);
	if (!ret && line->rule->first >= line->rule->last)
		return err_set(line->err, EINVAL, "range %s has no ids: use FROM-TO",
			       show(word).s);
	line->rule->next = line->rule->first;
	return ret;
}

static bool is_range_rule(const struct rule *rule)
{
	return rule->first != rule->last;
}

/*
 * In a range the name is made of that of a container, which is a tenant's to
 * choose. So part of it is the admin's, or a tenant could take any name.
 */
static int check_name(struct line *line, const char *name)
{
	const char *part = strstr(name, PLACEHOLDER);
	char plain[CONTAINER_ID_NAMSIZ];
	const char *problem;
	size_t len = strlen(name);

	if (is_range_rule(line->rule) && !part)
		return err_set(line->err, EINVAL,
			       "all of the range would be called \"%s\": put %s into it, the name of what the rule is about",
			       show(name).s, PLACEHOLDER);
	if (!is_range_rule(line->rule) && part)
		return err_set(line->err, EINVAL,
			       "%s in a name needs a range of ids", PLACEHOLDER);
	if (len >= sizeof(plain))
		return err_set(line->err, EINVAL, "the name \"%s\" %s",
			       show(name).s, name_problem(name));
	strcpy(plain, name);
	if (part) {
		if (len == strlen(PLACEHOLDER))
			return err_set(line->err, EINVAL,
				       "put something beside %s: whoever starts a container could take any name",
				       PLACEHOLDER);
		memcpy(plain + (part - name), "x1", strlen(PLACEHOLDER));
	}
	problem = name_problem(plain);
	if (problem)
		return err_set(line->err, EINVAL, "the name \"%s\" %s",
			       show(name).s, problem);
	line->rule->name = name;
	return 0;
}

static int take_option(struct line *line, const char *word)
{
	char *name;

	if (!strcmp(word, "reuse")) {
		if (line->rule->reuse)
			return rulefile_twice(word, line->err);
		line->rule->reuse = true;
		return is_range_rule(line->rule) ? 0 :
		       err_set(line->err, EINVAL, "\"reuse\" is for a range");
	}
	if (!strcmp(word, "name")) {
		if (line->rule->name)
			return rulefile_twice(word, line->err);
		name = take(line);
		if (!name)
			return err_set(line->err, EINVAL, "\"name\" needs a name");
		return check_name(line, name);
	}
	return err_set(line->err, EINVAL,
		       "\"%s\" after the id: only name NAME, or for a range reuse, can follow",
		       show(word).s);
}

/* "id", "range" or "none", and what follows. */
static int take_action(struct line *line, const char *word)
{
	int ret = 0;

	if (!strcmp(word, "id"))
		ret = take_id(line);
	else if (!strcmp(word, "range"))
		ret = take_range(line);
	else if (line->n)
		return err_set(line->err, EINVAL, "\"%s\" after \"none\"",
			       show(*line->word).s);
	while (!ret && line->n)
		ret = take_option(line, take(line));
	return ret ? ret : 1;
}

static bool is_action(const char *word)
{
	return !strcmp(word, "id") || !strcmp(word, "range") ||
	       !strcmp(word, "none");
}

/* The length of the name that begins here, or 0 if no directory can have it. */
static size_t name_length(const char *name)
{
	size_t len = strcspn(name, "/");

	return len <= 2 && strspn(name, ".") >= len ? 0 : len;
}

/* Cgroups are told by one spelling of their paths. */
static int check_path(struct line *line, const char *glob)
{
	const char *name = glob;
	size_t len;

	if (*glob != '/')
		return err_set(line->err, EINVAL,
			       "cgroup \"%s\" must begin with '/', the cgroup2 mount",
			       show(glob).s);
	if (!strcmp(glob, "/"))
		return 0;
	for (; *name; name += len) {
		name++;
		len = name_length(name);
		if (!len)
			return err_set(line->err, EINVAL,
				       "no cgroup has the path \"%s\": write it without \".\", \"..\", \"//\" and a slash at the end",
				       show(glob).s);
	}
	return 0;
}

static int check_unit(struct line *line, const char *glob)
{
	if (strpbrk(glob, ".*?["))
		return 0;
	return err_set(line->err, EINVAL,
		       "no unit is called \"%s\": write \"%s.service\", or whatever it is",
		       show(glob).s, show(glob).s);
}

/* What could never match is a mistake. */
static int check_glob(struct line *line)
{
	const struct rule *rule = line->rule;

	if (rule->kind != SUBJECT_PLAIN)
		return 0;
	return rule->unit ? check_unit(line, rule->glob) :
			    check_path(line, rule->glob);
}

static int parse_rule(struct line *line, const struct keyword *keyword)
{
	static const char *const fields[] = {
		[FIELD_IMAGE] = "image",
		[FIELD_LABEL] = "label",
		[FIELD_NAMESPACE] = "namespace",
		[FIELD_QOS] = "qos",
		[FIELD_UID] = "uid",
	};
	struct rule *rule = line->rule;
	const char *word;
	size_t i;
	int ret;

	rule->kind = keyword->kind;
	rule->unit = keyword->unit;
	rule->glob = take(line);
	if (!rule->glob)
		return err_set(line->err, EINVAL, "\"%s\" needs a pattern, such as *",
			       first_word(line));
	ret = check_glob(line);
	if (ret)
		return ret;
	while ((word = take(line))) {
		if (is_action(word))
			return take_action(line, word);
		for (i = 0; i < sizeof(fields) / sizeof(*fields); i++)
			if (!strcmp(word, fields[i]))
				break;
		if (i == sizeof(fields) / sizeof(*fields))
			return err_set(line->err, EINVAL,
				       "\"%s\" is no condition and no action: say id ID, range FROM-TO or none",
				       show(word).s);
		ret = take_condition(line, (enum rule_field)i, word);
		if (ret)
			return ret;
	}
	return err_set(line->err, EINVAL,
		       "no container is said: end the line with id ID, range FROM-TO or none");
}

static int parse_socket(struct line *line, const struct keyword *keyword)
{
	const char *path = take(line);

	if (!path || *path != '/' || line->n)
		return err_set(line->err, EINVAL,
			       "\"%s\" needs the absolute path of a socket",
			       first_word(line));
	if (line->rules->told[keyword->kind])
		return rulefile_twice(first_word(line), line->err);
	line->rules->sockets[keyword->kind] = path;
	line->rules->told[keyword->kind] = true;
	return 0;
}

static int parse_process(struct line *line, const struct keyword *keyword)
{
	(void)keyword;
	return classify_line(&line->rules->processes, line->whole, line->err);
}

static const struct keyword keywords[RULEFILE_NKEYWORDS] = {
	[RULEFILE_CGROUP]	 = { parse_rule, SUBJECT_PLAIN, false },
	[RULEFILE_UNIT]		 = { parse_rule, SUBJECT_PLAIN, true },
	[RULEFILE_MACHINE]	 = { parse_rule, SUBJECT_MACHINE, false },
	[RULEFILE_DOCKER]	 = { parse_rule, SUBJECT_DOCKER, false },
	[RULEFILE_PODMAN]	 = { parse_rule, SUBJECT_PODMAN, false },
	[RULEFILE_LXC]		 = { parse_rule, SUBJECT_LXC, false },
	[RULEFILE_POD]		 = { parse_rule, SUBJECT_POD, false },
	[RULEFILE_DOCKER_SOCKET] = { parse_socket, SUBJECT_DOCKER, false },
	[RULEFILE_PODMAN_SOCKET] = { parse_socket, SUBJECT_PODMAN, false },
	[RULEFILE_CRI_SOCKET]	 = { parse_socket, SUBJECT_POD, false },
	[RULEFILE_PROCESS]	 = { parse_process, SUBJECT_PLAIN, false },
};

/**
 * rule_parse() - read one line
 * @rules: where settings go, and rules about processes
 * @rule: filled, but for its place, if it is one about cgroups
 * @whole: the line, whose words the rule keeps
 * @err: what is wrong with it
 *
 * Return: 1 for a rule about cgroups, 0 for another line, or a negative errno.
 */
int rule_parse(struct rules *rules, struct rule *rule,
	       const struct rulefile_line *whole, struct ctid_err *err)
{
	struct line line = {
		.rules = rules,
		.rule = rule,
		.whole = whole,
		.word = whole->words + 1,
		.n = whole->nwords - 1,
		.err = err,
	};
	const struct keyword *keyword = &keywords[whole->keyword];

	return keyword->parse(&line, keyword);
}
