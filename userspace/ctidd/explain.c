// SPDX-License-Identifier: GPL-2.0-only
/* Which rule decided about a cgroup and why, and why each before it did not. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../ctid/request.h"
#include "../text.h"
#include "bound.h"
#include "ctidd.h"

static void print_word(FILE *out, const char *before, const char *word)
{
	if (word)
		fprintf(out, "%s%s", before, show(word).s);
}

static void print_subject(const struct subject *subject, FILE *out)
{
	size_t i;

	fprintf(out, "cgroup %s", show(subject->path).s);
	print_word(out, ", unit ", subject->unit);
	if (subject->kind != SUBJECT_PLAIN) {
		fprintf(out, ", %s", subject_kind_name(subject->kind));
		print_word(out, " ", subject->name);
		print_word(out, " in namespace ", subject->namespace);
		print_word(out, ", id ", subject->id);
		print_word(out, ", image ", subject->image);
	}
	for (i = 0; i < subject->nlabels; i++)
		print_word(out, ", label ", subject->labels[i]);
	fputc('\n', out);
}

static const char *verdict(const struct node *node)
{
	if (node->state == NODE_WAITING)
		return "waits";
	if (node->state == NODE_FULL)
		return "decides, but its range has no id left";
	return node->want ? "decides" : "decides: no container";
}

/* Returns the rule that decides, or may. */
static const struct rule *print_rules(struct ctidd *d,
				      const struct subject *subject,
				      const struct node *node, FILE *out)
{
	enum rule_match match;
	const struct rule *rule;
	struct ctid_err why;
	size_t i;

	for (i = 0; i < d->rules.nrules; i++) {
		rule = &d->rules.rules[i];
		match = rule_match(rule, subject, &why);
		fprintf(out, "  %s:%u: %s\n    ", rule->file, rule->line,
			rule->text);
		if (match == RULE_NO) {
			fprintf(out, "passed over: %s\n", why.text);
			continue;
		}
		if (match == RULE_WAIT)
			fprintf(out, "%s\n", why.text);
		else
			fprintf(out, "%s\n", node ? verdict(node) : "decides");
		return rule;
	}
	return NULL;
}

/* What the registry has, which others may have changed. */
static int ask_state(struct ctidd *d, const struct node *node, uint32_t *bound)
{
	struct registry_msg msg;
	int fd = open_cgroup(d, node);
	int ret;

	if (fd < 0)
		return -errno;
	ret = request_of(&d->reg, fd, &msg);
	close(fd);
	if (!ret && msg.cgroup == node->id)
		*bound = msg.id;
	return ret;
}

/* Returns the container that it is bound to, or 0. */
static uint32_t print_state(struct ctidd *d, const struct node *node, FILE *out)
{
	uint32_t noted = bound_to(d->bound, node->id);
	uint32_t bound = 0;
	int ret;

	if (!noted && !node->want)
		return 0;
	ret = ask_state(d, node, &bound);
	if (node->problem)
		fprintf(out, "  %s\n", node->problem);
	if (ret)
		return 0;
	if (!bound)
		fprintf(out, "  not bound to container %u%s\n",
			node->want ? node->want : noted,
			noted ? ": that was ended by hand; 'systemctl reload ctidd' has it bound again" : "");
	else if (node->problem)
		return bound;
	else if (bound == noted)
		fprintf(out, "  bound to container %u\n", bound);
	else
		fprintf(out, "  was bound to container %u by hand%s\n", bound,
			bound == node->want ? " already" : "");
	return bound;
}

static void print_unknown(struct ctidd *d, const char *path, FILE *out)
{
	struct subject subject;

	if (!subject_init(&subject, path, false)) {
		print_subject(&subject, out);
		print_rules(d, &subject, NULL, out);
	}
	subject_clean(&subject);
}

/* The path of what it is in; false at the top. */
static bool go_up(char *path)
{
	char *slash = strrchr(path, '/');

	if (!slash || !path[1])
		return false;
	slash[slash == path] = '\0';
	return true;
}

/**
 * explain() - say which rule decided about a cgroup, and about those above it
 *	as far as they count
 * @d: the daemon
 * @path: the cgroup, below the cgroup2 mount
 * @out: where to
 */
void explain(struct ctidd *d, const char *path, FILE *out)
{
	char *at = strdup(path);
	struct node *node;

	while (at) {
		node = tree_at(d, at);
		if (node) {
			print_subject(&node->subject, out);
			print_rules(d, &node->subject, node, out);
			if (print_state(d, node, out))
				break;
		} else {
			print_unknown(d, at, out);
		}
		if (!go_up(at)) {
			fputs("so no rule gives it a container\n", out);
			break;
		}
		fputs("so it belongs to what the cgroup above it does:\n", out);
	}
	free(at);
}
