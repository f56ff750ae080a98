// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which rule of an event table denied an event, by the rules' counters.
 *
 * The kernel counts a rule before it tells of the event, and counters are read here
 * before the first event is told, and again for each that was denied. What a rule
 * has grown by is its credit. So the rule that denied an event has credit when we are
 * told of it, and if no other one has, it is that one, which pays. If several have,
 * events were denied by more than one of them at once, and the one that pays is not
 * known: all remain, until as many events were told as there is credit, or until
 * all that was counted then must have been told of.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "iptc.h"
#include "watch_rule.h"

#define TYPES	(SOCK_WATCH_ACCEPT + 1)

/**
 * struct count - how often a rule that can deny was used
 * @chain: its chain
 * @line: its line there, from 1; 0 for the chain's policy
 * @denies: false for a policy that accepts
 * @entry: the rule without its counters, or NULL for a policy
 * @len: its length
 * @packets: how often it was used when the table was last read
 * @credit: events that it may have denied and that we have not been told of
 * @old: so much of the credit was there when the counters were last settled
 */
struct count {
	xt_chainlabel chain;
	unsigned int line;
	bool denies;
	void *entry;
	size_t len;
	uint64_t packets;
	uint64_t credit, old;
};

/**
 * struct counts - the rules of a table that can deny
 * @rule: in the order of the table
 * @n: how many
 * @lines: how many rules there are, with those that cannot
 * @unpaid: events that were told of, and which of several rules denied is not known
 * @doubt: the rules were changed: what was denied by those before is not known; how
 *	often the counters have to be settled until that is over
 */
struct counts {
	struct count *rule;
	size_t n, lines;
	uint64_t unpaid;
	unsigned int doubt;
};

struct watch_counts {
	struct counts table[IPTC_FAMILIES][TYPES];
};

/* When the counters are settled it may be about what was before the change. */
#define DOUBT		2

static int take(struct count *rule, const void *entry, const struct iptc *of)
{
	rule->packets = of->packets(entry);
	rule->len = of->len(entry);
	rule->entry = malloc(rule->len);
	if (!rule->entry)
		return -ENOMEM;
	of->take(rule->entry, entry);
	return 0;
}

static void counts_clear(struct counts *counts)
{
	size_t i;

	for (i = 0; i < counts->n; i++)
		free(counts->rule[i].entry);
	free(counts->rule);
	counts->rule = NULL;
	counts->n = 0;
}

static struct count *add(struct counts *counts, const char *chain,
			 unsigned int line)
{
	struct count *more, *rule;

	more = realloc(counts->rule, (counts->n + 1) * sizeof(*more));
	if (!more)
		return NULL;
	counts->rule = more;
	rule = &more[counts->n++];
	*rule = (struct count){ .line = line };
	snprintf(rule->chain, sizeof(rule->chain), "%s", chain);
	return rule;
}

static int read_policy(struct counts *counts, const char *chain,
		       const struct iptc *of, struct xtc_handle *handle)
{
	struct xt_counters counters = { .pcnt = 0 };
	struct count *rule;
	const char *policy;

	if (!of->ops->builtin(chain, handle))
		return 0;
	policy = of->ops->get_policy(chain, &counters, handle);
	rule = add(counts, chain, 0);
	if (!rule)
		return -ENOMEM;
	rule->packets = counters.pcnt;
	rule->denies = policy && !strcmp(policy, IPTC_LABEL_DROP);
	return 0;
}

static int read_chain(struct counts *counts, const char *chain,
		      const struct iptc *of, struct xtc_handle *handle)
{
	unsigned int line = 0;
	struct count *rule;
	const void *entry;

	for (entry = of->first(chain, handle); entry;
	     entry = of->next(entry, handle)) {
		line++;
		counts->lines++;
		if (!iptc_may_deny(of, entry, handle))
			continue;
		rule = add(counts, chain, line);
		if (!rule || take(rule, entry, of))
			return -ENOMEM;
		rule->denies = true;
	}
	return read_policy(counts, chain, of, handle);
}

static int read_table(struct counts *counts, const char *name,
		      const struct iptc *of)
{
	struct xtc_handle *handle;
	const char *chain;
	int ret = 0;

	*counts = (struct counts){ .n = 0 };
	handle = of->ops->init(name);
	if (!handle)
		return -errno;
	for (chain = of->ops->first_chain(handle); chain && !ret;
	     chain = of->ops->next_chain(handle))
		ret = read_chain(counts, chain, of, handle);
	of->ops->free(handle);
	return ret;
}

static bool same_rule(const struct count *a, const struct count *b)
{
	return !strcmp(a->chain, b->chain) && !a->line == !b->line &&
	       a->len == b->len && (!a->len || !memcmp(a->entry, b->entry, a->len));
}

/* iptables sets a policy's counter back whenever it changes the table. */
static bool was_set_back(const struct count *rule, const struct count *old,
			 bool changed)
{
	if (!rule->line && !rule->denies && !old->denies)
		return false;
	return rule->packets < old->packets || (!rule->line && changed);
}

/*
 * Rules keep their counters when others are added, and who adds one has it begin at
 * 0. Returns false if one was removed, or its counter was set back, or so it looks.
 */
static bool take_over(struct counts *now, const struct counts *before)
{
	bool changed = now->n != before->n || now->lines != before->lines;
	size_t i, j = 0;

	for (i = 0; i < now->n; i++) {
		struct count *rule = &now->rule[i];
		const struct count *old = j < before->n ? &before->rule[j] : NULL;
		uint64_t grown = rule->packets;

		if (old && same_rule(rule, old)) {
			if (was_set_back(rule, old, changed))
				return false;
			grown -= old->packets;
			rule->credit = old->credit;
			rule->old = old->old;
			if (rule->denies || old->denies)
				rule->credit += grown;
			j++;
		} else if (rule->denies) {
			rule->credit = grown;
		}
	}
	now->unpaid = before->unpaid;
	return j == before->n;
}

static void forget_credit(struct counts *counts)
{
	size_t i;

	for (i = 0; i < counts->n; i++)
		counts->rule[i].credit = counts->rule[i].old = 0;
	counts->unpaid = 0;
}

/* What is not read, or was changed, is in doubt until events that were denied before
 * it was read again have all been told of.
 */
static void read_again(struct counts *counts, const char *name,
		       const struct iptc *of)
{
	struct counts now;
	bool ok;

	ok = !read_table(&now, name, of) && take_over(&now, counts);
	now.doubt = ok ? counts->doubt : DOUBT;
	if (!ok)
		forget_credit(&now);
	counts_clear(counts);
	*counts = now;
}

/* Whoever paid, all have now. */
static void settle_if_even(struct counts *counts)
{
	uint64_t credit = 0;
	size_t i;

	for (i = 0; i < counts->n; i++)
		credit += counts->rule[i].credit;
	if (credit <= counts->unpaid)
		forget_credit(counts);
}

static void pay(struct counts *counts, const struct iptc *of,
		const struct watch_event *event, struct rules *rules)
{
	struct count *payer = NULL;
	size_t i;

	for (i = 0; i < counts->n; i++) {
		struct count *rule = &counts->rule[i];
		struct rule named = {
			.kind = rule->line ? RULE_LINE : RULE_POLICY,
			.number = rule->line,
		};

		if (!rule->credit ||
		    (rule->entry && !of->may_match(rule->entry, event)))
			continue;
		snprintf(named.chain, sizeof(named.chain), "%s", rule->chain);
		rules_add(rules, &named);
		payer = rule;
	}
	if (rules->n == 1) {
		payer->credit--;
		payer->old -= !!payer->old;
	} else if (rules->n) {
		counts->unpaid++;
	}
	settle_if_even(counts);
}

/**
 * watch_counts_find() - which rules of an event table may have denied an event?
 * @counts: the counters
 * @event: the event, each that a table denied in its turn
 * @rules: these rules are added
 */
void watch_counts_find(struct watch_counts *counts,
		       const struct watch_event *event, struct rules *rules)
{
	unsigned int family = event->dest.family == AF_INET6 ? IPTC_IPV6 : IPTC_IPV4;
	struct counts *table;

	if (event->type >= TYPES)
		return;
	table = &counts->table[family][event->type];
	read_again(table, watching_type(event->type), &iptc[family]);
	if (!table->doubt)
		pay(table, &iptc[family], event, rules);
}

/* Who paid may have paid for an old one or not: no more go than must be old. */
static bool settle(struct counts *counts)
{
	bool left = counts->doubt;
	size_t i;

	for (i = 0; i < counts->n; i++) {
		struct count *rule = &counts->rule[i];

		rule->credit -= rule->old;
		rule->old = rule->credit;
		left |= rule->credit;
	}
	counts->unpaid = 0;
	counts->doubt -= !!counts->doubt;
	return left;
}

/**
 * watch_counts_settle() - forget what is old
 * @counts: the counters
 *
 * All events that had been counted when this was last called were told of.
 *
 * Return: true if something is left that will be old the next time.
 */
bool watch_counts_settle(struct watch_counts *counts)
{
	unsigned int family, type;
	bool left = false;

	for (family = 0; family < IPTC_FAMILIES; family++)
		for (type = 0; type < TYPES; type++)
			left |= settle(&counts->table[family][type]);
	return left;
}

/* To name a table makes it, so only those are that are there already. */
static void read_tables(struct counts table[TYPES], const struct iptc *of)
{
	FILE *names = fopen(of->names, "re");
	unsigned int type;
	char line[64];

	while (names && fgets(line, sizeof(line), names)) {
		line[strcspn(line, "\n")] = '\0';
		for (type = 0; type < TYPES; type++)
			if (!strcmp(line, watching_type(type)))
				read_again(&table[type], line, of);
	}
	if (names)
		fclose(names);
	for (type = 0; type < TYPES; type++)
		forget_credit(&table[type]);
}

/**
 * watch_counts_start() - read the counters, before any event is told of
 *
 * Return: the counters, or NULL without memory.
 */
struct watch_counts *watch_counts_start(void)
{
	struct watch_counts *counts = calloc(1, sizeof(*counts));
	unsigned int family;

	for (family = 0; counts && family < IPTC_FAMILIES; family++)
		read_tables(counts->table[family], &iptc[family]);
	return counts;
}

/**
 * watch_counts_end() - free the counters
 * @counts: the counters, or NULL
 */
void watch_counts_end(struct watch_counts *counts)
{
	unsigned int family, type;

	for (family = 0; counts && family < IPTC_FAMILIES; family++)
		for (type = 0; type < TYPES; type++)
			counts_clear(&counts->table[family][type]);
	free(counts);
}
