// SPDX-License-Identifier: GPL-2.0-only
/* How ctid watch names the rules that denied an event, or may have. */
#include <stdio.h>
#include <string.h>

#include "../text.h"
#include "print.h"
#include "watch_rule.h"

static bool same(const struct rule *a, const struct rule *b)
{
	return a->kind == b->kind && a->number == b->number &&
	       !strcmp(a->family, b->family) && !strcmp(a->table, b->table) &&
	       !strcmp(a->chain, b->chain);
}

/**
 * rules_add() - note one more rule that may have denied an event
 * @rules: those so far
 * @rule: the rule
 */
void rules_add(struct rules *rules, const struct rule *rule)
{
	unsigned int i;

	for (i = 0; i < rules->n && i < RULES_MAX; i++)
		if (same(&rules->rule[i], rule))
			return;
	if (rules->n < RULES_MAX)
		rules->rule[rules->n] = *rule;
	rules->n++;
}

static void where(const struct rule *rule)
{
	if (*rule->family)
		printf(" %s %s", rule->family, show(rule->table).s);
	printf(" %s", show(rule->chain).s);
}

static void rule_text(const struct rule *rule, const struct watch_event *event,
		      const char *owner)
{
	switch (rule->kind) {
	case RULE_LINE:
		where(rule);
		printf(" %s%llu", *rule->family ? "handle " : "",
		       (unsigned long long)rule->number);
		break;
	case RULE_POLICY:
		fputs(" policy", stdout);
		where(rule);
		break;
	case RULE_DEFAULT:
		printf(" policy %s default deny %s", owner,
		       watching_type(event->type));
		break;
	case RULE_DENY:
		printf(" deny %s %s", owner, watching_type(event->type));
		break;
	}
}

/**
 * rules_text() - print which rule it was, or which ones it may have been
 * @rules: these rules
 * @event: what was denied
 * @owner: name or id of whose it is, fit to be printed
 */
void rules_text(const struct rules *rules, const struct watch_event *event,
		const char *owner)
{
	unsigned int i;

	if (rules->n > 1)
		fputs(" one of", stdout);
	for (i = 0; i < rules->n && i < RULES_MAX; i++) {
		if (i)
			putchar(',');
		if (rules->n == 1 && rules->rule[i].kind == RULE_LINE)
			fputs(" rule", stdout);
		rule_text(&rules->rule[i], event, owner);
	}
	if (rules->n > RULES_MAX)
		printf(" and %u more", rules->n - RULES_MAX);
}

static json_t *rule_json(const struct rule *rule)
{
	json_t *json = json_object();

	if (*rule->family) {
		json_object_set_new(json, "family", json_string(rule->family));
		json_object_set_new(json, "table", word_json(rule->table));
	}
	json_object_set_new(json, "chain", word_json(rule->chain));
	if (rule->kind == RULE_POLICY)
		json_object_set_new(json, "policy", json_true());
	else
		json_object_set_new(json, *rule->family ? "handle" : "number",
				    json_integer((json_int_t)rule->number));
	if (rule->kind == RULE_DEFAULT || rule->kind == RULE_DENY)
		json_object_set_new(json, "ctid",
				    json_string(rule->kind == RULE_DENY ?
						"deny" : "default deny"));
	return json;
}

/**
 * rules_json() - add which rule it was, or which ones it may have been
 * @rules: these rules
 * @json: what is said of a denial
 */
void rules_json(const struct rules *rules, json_t *json)
{
	json_t *list;
	unsigned int i;

	if (rules->n == 1)
		json_object_set_new(json, "rule", rule_json(&rules->rule[0]));
	if (rules->n < 2)
		return;
	list = json_array();
	for (i = 0; i < rules->n && i < RULES_MAX; i++)
		json_array_append_new(list, rule_json(&rules->rule[i]));
	json_object_set_new(json, "one_of", list);
	if (rules->n > RULES_MAX)
		json_object_set_new(json, "more",
				    json_integer(rules->n - RULES_MAX));
}
