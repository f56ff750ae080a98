// SPDX-License-Identifier: GPL-2.0-only
/* Which container a cgroup is to belong to: the first rule that is about it. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../text.h"
#include "asks.h"
#include "bound.h"
#include "ctidd.h"
#include "memory.h"
#include "processes.h"

static bool is_used(void *data, uint32_t id, const char *key)
{
	(void)key;
	return full_uses(data, id);
}

/* An id of the range that nobody was given, here or with "ctid add". */
static uint32_t free_id(struct ctidd *d, struct rule *rule)
{
	struct registry_msg msg;
	uint32_t id;

	while (rule->next && rule->next <= rule->last) {
		id = rule->next;
		rule->next = id < UINT32_MAX ? id + 1 : 0;
		if (!memory_has(d->memory, id) &&
		    registry_get(&d->reg, NULL, id, &msg) == -ENOENT)
			return id;
	}
	return 0;
}

static uint32_t new_id(struct ctidd *d, struct rule *rule,
		       const struct node *node)
{
	uint32_t id = bound_to(d->bound, node->id);

	/* What the file lost when the machine went down hard. */
	if (id >= rule->first && id <= rule->last && !memory_has(d->memory, id))
		return id;
	id = free_id(d, rule);
	if (!id && rule->reuse && !rule->none_left)
		id = memory_oldest(d->memory, rule->first, rule->last, is_used,
				   d);
	return id;
}

/* Said once, until one was given again: those who have none may be many. */
static void none_left(struct ctidd *d, struct rule *rule, const struct node *node)
{
	if (!rule->said)
		say_error("%s:%u: no id is left in the range %u-%u for cgroup %s: widen it, or say \"reuse\"",
			  rule->file, rule->line, rule->first, rule->last,
			  show(node->subject.path).s);
	rule->said = true;
	if (rule->reuse)
		full_is(d, rule);
}

static uint32_t choose(struct ctidd *d, struct rule *rule,
		       const struct node *node)
{
	char *key = rule_key(rule, &node->subject);
	uint32_t id = 0;

	if (key)
		id = memory_id(d->memory, key, rule->first, rule->last);
	if (key && !id) {
		id = new_id(d, rule, node);
		if (id && memory_give(d->memory, key, id))
			id = 0;
		if (id)
			rule->said = false;
		else
			none_left(d, rule, node);
	}
	free(key);
	return id;
}

static void ask(struct ctidd *d, struct node *node)
{
	if (node->subject.kind == SUBJECT_POD)
		cri_ask(d, node);
	else
		runtime_ask(d, node);
}

/* The first rule that is about it, or that may be. */
static enum rule_match first_rule(struct ctidd *d, struct node *node)
{
	enum rule_match match;
	size_t i;

	node->rule = NULL;
	for (i = 0; i < d->rules.nrules; i++) {
		match = rule_match(&d->rules.rules[i], &node->subject, NULL);
		if (match == RULE_NO)
			continue;
		node->rule = &d->rules.rules[i];
		return match;
	}
	return RULE_NO;
}

/**
 * decide() - find out which container a cgroup belongs to, and bind it
 * @d: the daemon
 * @node: the cgroup
 *
 * While what a rule needs is not known, the binding stays as it is: a new cgroup
 * belongs to what its parent belongs to, and one that an earlier daemon bound to
 * what that one said.
 */
void decide(struct ctidd *d, struct node *node)
{
	bool waited = node->state == NODE_WAITING;
	struct rule *rule;

	if (first_rule(d, node) == RULE_WAIT && node->subject.told == TOLD_NOTHING) {
		ask(d, node);
		/* Some answers are there at once. */
		first_rule(d, node);
	}
	rule = node->rule;
	node->want = 0;
	node->state = NODE_NONE;
	if (rule && rule_match(rule, &node->subject, NULL) == RULE_WAIT) {
		node->state = NODE_WAITING;
		return;
	}
	if (rule && rule->first) {
		node->want = rule->first == rule->last ? rule->first :
			     choose(d, rule, node);
		node->state = node->want ? NODE_DECIDED : NODE_FULL;
	}
	apply(d, node);
	/* Its processes were not anybody's to take. */
	if (waited)
		processes_again(d);
}

/**
 * decide_all() - decide again about all that wait for an answer
 * @d: the daemon
 * @kind: of which kind they are
 */
void decide_all(struct ctidd *d, enum subject_kind kind)
{
	struct node *node;

	for (node = d->tree.root; node; node = tree_next(node)) {
		if (node->subject.kind != kind || node->state != NODE_WAITING ||
		    node->subject.told == TOLD_BADLY || node->ask)
			continue;
		subject_forget(&node->subject);
		decide(d, node);
	}
}
