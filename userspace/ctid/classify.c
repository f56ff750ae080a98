// SPDX-License-Identifier: GPL-2.0-only
/* ctid classify: which rule decides about a process, and why. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../names.h"
#include "../text.h"
#include "print.h"
#include "put.h"

/**
 * struct question - a process, and what became of it
 * @rules: the rules
 * @facts: what is known of it
 * @owner: the container it is in, if that is known
 * @rule: the rule that decides, or NULL
 * @put: where it belongs, if there is a rule
 */
struct question {
	struct classify rules;
	struct classify_facts facts;
	struct registry_msg owner;
	const struct classify_rule *rule;
	struct put put;
};

static void say_bad(void *data, const char *text)
{
	(void)data;
	fail("%s", text);
}

/**
 * load_rules() - read the rules about processes
 * @rules: filled; to be freed with classify_free()
 *
 * Return: 0, or an exit status after saying which lines are bad.
 */
int load_rules(struct classify *rules)
{
	return classify_load(rules, CTID_CONF, say_bad, NULL) ? CTID_FAILED : 0;
}

static void print_path(const char *word)
{
	char *escaped = text_escaped(word);

	fputs(escaped ? escaped : "?", stdout);
	free(escaped);
}

static void print_rule(const struct classify_rule *rule)
{
	int i;

	for (i = 0; i < CLASSIFY_NCONDS; i++) {
		if (!rule->conds[i])
			continue;
		printf(" %s ", classify_cond_name(i));
		print_path(rule->conds[i]);
	}
	printf(" container %s", rule->container);
	if (rule->cgroup) {
		printf(" cgroup ");
		print_path(rule->cgroup);
	}
}

static json_t *place_json(const struct classify_rule *rule)
{
	json_t *json = json_object();

	json_object_set_new(json, "file", word_json(rule->file));
	json_object_set_new(json, "line", json_integer(rule->line));
	return json;
}

static json_t *rule_json(const struct classify_rule *rule)
{
	json_t *json = place_json(rule);
	int i;

	for (i = 0; i < CLASSIFY_NCONDS; i++)
		if (rule->conds[i])
			json_object_set_new(json, classify_cond_name(i),
					    word_json(rule->conds[i]));
	json_object_set_new(json, "container", json_string(rule->container));
	if (rule->cgroup)
		json_object_set_new(json, "cgroup", word_json(rule->cgroup));
	return json;
}

static void list_rules(const struct ctid *ctx, const struct classify *rules)
{
	json_t *json = json_array();
	size_t i;

	for (i = 0; i < rules->count; i++) {
		const struct classify_rule *rule = &rules->rules[i];

		if (ctx->json) {
			json_array_append_new(json, rule_json(rule));
			continue;
		}
		printf("%s:%u:", rule->file, rule->line);
		print_rule(rule);
		putchar('\n');
	}
	if (ctx->json) {
		print_json(json);
		putchar('\n');
	} else {
		json_decref(json);
	}
}

/* Each rule that was asked, with the first condition that does not hold. */
static void explain(const struct question *question)
{
	enum classify_cond misfit;
	size_t i;

	for (i = 0; i < question->rules.count; i++) {
		const struct classify_rule *rule = &question->rules.rules[i];
		bool fits = classify_fits(rule, &question->facts, &misfit);

		printf("%s:%u: %s:", rule->file, rule->line,
		       fits ? "decides" : "no");
		if (fits) {
			print_rule(rule);
		} else if (rule->conds[misfit]) {
			printf(" %s ", classify_cond_name(misfit));
			print_path(rule->conds[misfit]);
		} else {
			printf(" it is in container %u, and there is no from",
			       question->facts.owner);
		}
		putchar('\n');
		if (fits)
			break;
	}
}

static bool is_there(const struct question *question)
{
	return question->facts.known & 1U << CLASSIFY_FROM &&
	       question->facts.owner == question->put.container.id;
}

static void answer_text(const struct question *question)
{
	explain(question);
	if (!question->rule) {
		puts("none: no rule moves it");
		return;
	}
	printf("%u%s%s (", question->put.container.id,
	       *question->put.container.name ? " " : "",
	       question->put.container.name);
	if (is_there(question)) {
		puts("it is there)");
	} else {
		printf("to be put into ");
		print_path(question->put.path);
		puts(")");
	}
}

static void answer_json(const struct question *question)
{
	json_t *json;

	if (!question->rule) {
		json = json_object();
		json_object_set_new(json, "rule", json_null());
	} else {
		json = container_json(question->put.container.id,
				      question->put.container.name);
		json_object_set_new(json, "cgroup",
				    word_json(question->put.path));
		json_object_set_new(json, "rule", place_json(question->rule));
		json_object_set_new(json, "there",
				    json_boolean(is_there(question)));
	}
	print_json(json);
	putchar('\n');
}

/*
 * A service stays where systemd keeps track of it, and that is bound, before its
 * first process runs. A relative path to ctid would not be taken.
 */
static int print_drop_in(const struct question *question)
{
	if (!question->rule)
		return fail("no rule is about that: there is nothing to drop in");
	printf("# For /etc/systemd/system/UNIT.service.d/, by %s:%u:\n#",
	       question->rule->file, question->rule->line);
	print_rule(question->rule);
	printf("\n[Service]\nExecStartPre=+/usr/sbin/ctid bind %s self\n",
	       question->rule->container);
	return CTID_OK;
}

static int find_fact(const char *word)
{
	int i;

	for (i = 0; i < CLASSIFY_FROM; i++)
		if (!strcmp(classify_cond_name(i), word))
			return i;
	return -1;
}

static bool is_process(const char *word)
{
	return is_number(word) || !strcmp(word, "self");
}

static int take_fact(struct classify_facts *facts, const char *key,
		     const char *value)
{
	int cond = find_fact(key);
	struct ctid_err err;

	if (is_process(key))
		return usage_error("\"%s\" is a process: ask about one process, or say facts of one",
				   key);
	if (cond < 0)
		return usage_error("\"%s\" is no process id, not 'self' and nothing to know of a process: user, group, exe, session-leader or group-leader",
				   show(key).s);
	if (!value)
		return usage_error("%s needs a word after it", key);
	/* A process has one of each, but many groups. */
	if (cond != CLASSIFY_GROUP && facts->known & 1U << cond) {
		rulefile_twice(key, &err);
		return usage_error("%s", err.text);
	}
	return classify_fact(facts, cond, value, &err) ? fail("%s", err.text) : 0;
}

static int take_facts(struct classify_facts *facts, int argc, char **argv)
{
	int i, ret = 0;

	for (i = 0; !ret && i < argc; i += 2)
		ret = take_fact(facts, argv[i],
				i + 1 < argc ? argv[i + 1] : NULL);
	return ret;
}

static int take_process(struct ctid *ctx, struct question *question,
			const char *pid)
{
	struct ctid_err err;
	int ret;

	ret = classify_process(&question->facts, pid, question->rules.asked);
	if (ret == -ESRCH && classify_is_kernel(pid))
		return fail("process %s is a thread of the kernel, which no rule moves",
			    pid);
	if (ret)
		return fail("cannot read what process %s is: %s", pid,
			    strerror(-ret));
	ret = put_owner(&ctx->reg, &ctx->mount, &question->facts, pid,
			&question->owner, &err);
	return ret ? fail("%s", err.text) : 0;
}

static int ask(struct ctid *ctx, struct question *question, int argc,
	       char **argv)
{
	struct ctid_err err;
	int ret;

	if (argc == 1 && is_process(argv[0]))
		ret = take_process(ctx, question, argv[0]);
	else
		ret = take_facts(&question->facts, argc, argv);
	if (ret)
		return ret;
	question->rule = classify_find(&question->rules, &question->facts);
	if (question->rule && put_where(&question->put, &ctx->reg,
					question->rule, &err))
		return fail("%s", err.text);
	if (ctx->drop_in)
		return print_drop_in(question);
	if (ctx->json)
		answer_json(question);
	else
		answer_text(question);
	return CTID_OK;
}

/**
 * classify_explain() - tell what the rules about processes say of one, if there are any
 * @ctx: the context
 * @pid: the process, or "self"
 *
 * Return: the exit status.
 */
int classify_explain(struct ctid *ctx, char *pid)
{
	struct question question = { .facts.owner_name = "" };
	int ret = load_rules(&question.rules);

	if (!ret && question.rules.count) {
		printf("process %s\n", pid);
		ret = ask(ctx, &question, 1, &pid);
	}
	classify_facts_clear(&question.facts);
	classify_free(&question.rules);
	return ret;
}

/**
 * cmd_classify() - ctid classify
 * @ctx: the context
 * @argc: number of arguments
 * @argv: the arguments
 *
 * Return: the exit status; that no rule decides is no failure.
 */
int cmd_classify(struct ctid *ctx, int argc, char **argv)
{
	struct question question = { .facts.owner_name = "" };
	int ret;

	if (ctx->follow && argc)
		return usage_error("--follow is about all processes: 'ctid classify --follow'");
	if (ctx->drop_in && (!argc || ctx->follow || ctx->json))
		return usage_error("--drop-in needs what is known of the service: 'ctid classify user www-data --drop-in'");
	if (ctx->follow)
		return classify_follow(ctx);
	ret = load_rules(&question.rules);
	if (!ret && argc)
		ret = ask(ctx, &question, argc, argv);
	else if (!ret)
		list_rules(ctx, &question.rules);
	classify_facts_clear(&question.facts);
	classify_free(&question.rules);
	return ret;
}
