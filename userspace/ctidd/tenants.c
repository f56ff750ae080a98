// SPDX-License-Identifier: GPL-2.0-only
/*
 * Those who make cgroups besides root, and what is to be done with theirs: one thing
 * for one of them, then one for the next. However much one has made in a directory, it
 * is one thing: the directory is to be looked at.
 */
#include <stdlib.h>

#include "ctidd.h"

/**
 * tenant_new() - note that somebody makes cgroups
 * @top: in this one, and below it
 *
 * Return: who, or NULL without memory.
 */
struct tenant *tenant_new(struct node *top)
{
	struct tenant *tenant = calloc(1, sizeof(*tenant));

	if (!tenant)
		return NULL;
	tenant->top = top;
	TAILQ_INIT(&tenant->due);
	return tenant;
}

/**
 * tenants_turn() - have it be the turn of those with whose cgroups something is due
 * @tree: the cgroups
 *
 * By a timer, since what is deferred would always come before what came later.
 */
void tenants_turn(struct tree *tree)
{
	if (TAILQ_EMPTY(&tree->turns))
		return;
	sd_event_source_set_time_relative(tree->turn, 0);
	sd_event_source_set_enabled(tree->turn, SD_EVENT_ONESHOT);
}

/**
 * tenant_due() - have something be done with a cgroup in its turn
 * @tree: the cgroups
 * @node: the cgroup, a tenant's
 * @due: what
 */
void tenant_due(struct tree *tree, struct node *node, enum node_due due)
{
	struct tenant *tenant = node->tenant;
	bool first = TAILQ_EMPTY(&tree->turns);

	/* To begin with it is to look at it, too. */
	if (node->due != DUE_NOTHING) {
		node->again = true;
		return;
	}
	node->due = due;
	if (TAILQ_EMPTY(&tenant->due))
		TAILQ_INSERT_TAIL(&tree->turns, tenant, turn);
	TAILQ_INSERT_TAIL(&tenant->due, node, queue);
	if (first)
		tenants_turn(tree);
}

/**
 * tenant_not_due() - have nothing be done with a cgroup
 * @tree: the cgroups
 * @node: the cgroup, anybody's
 */
void tenant_not_due(struct tree *tree, struct node *node)
{
	struct tenant *tenant = node->tenant;

	if (node->due == DUE_NOTHING)
		return;
	node->due = DUE_NOTHING;
	TAILQ_REMOVE(&tenant->due, node, queue);
	if (TAILQ_EMPTY(&tenant->due))
		TAILQ_REMOVE(&tree->turns, tenant, turn);
}

/**
 * tenants_next() - whose turn is it, and with what?
 * @tree: the cgroups
 *
 * Return: the cgroup, or NULL if nothing is due.
 */
struct node *tenants_next(struct tree *tree)
{
	struct tenant *tenant = TAILQ_FIRST(&tree->turns);

	if (!tenant)
		return NULL;
	TAILQ_REMOVE(&tree->turns, tenant, turn);
	TAILQ_INSERT_TAIL(&tree->turns, tenant, turn);
	return TAILQ_FIRST(&tenant->due);
}
