// SPDX-License-Identifier: GPL-2.0-only
/* The cgroups that are known, each among those that are in the same one. */
#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "asks.h"
#include "ctidd.h"

static int compare_names(const void *a, const void *b)
{
	const struct node *x = a, *y = b;

	return strcmp(x->name, y->name);
}

/**
 * node_child() - find a cgroup in another one
 * @parent: the other one
 * @name: how it is called there
 *
 * Return: the cgroup, or NULL.
 */
struct node *node_child(const struct node *parent, const char *name)
{
	struct node like = { .name = name };
	struct node **found = tfind(&like, &parent->by_name, compare_names);

	return found ? *found : NULL;
}

/**
 * node_new() - note a cgroup
 * @parent: the one that it is in, which has none of this name; NULL: it is the top
 * @path: its own, below the cgroup2 mount
 * @trusted: as subject_init() has it
 * @id: cgroup id
 *
 * Return: the cgroup, or NULL without memory.
 */
struct node *node_new(struct node *parent, const char *path, bool trusted,
		      uint64_t id)
{
	struct node *node = calloc(1, sizeof(*node));

	if (!node)
		return NULL;
	if (subject_init(&node->subject, path, trusted))
		goto err_subject;
	node->name = strrchr(node->subject.path, '/') + 1;
	node->id = id;
	if (!parent)
		return node;
	if (!tsearch(node, &parent->by_name, compare_names))
		goto err_subject;
	node->tenant = parent->tenant;
	node->parent = parent;
	node->next = parent->children;
	if (node->next)
		node->next->prev = node;
	parent->children = node;
	return node;

err_subject:
	subject_clean(&node->subject);
	free(node);
	return NULL;
}

/**
 * node_drop() - forget a cgroup, and all that are in it
 * @tree: the cgroups
 * @node: the cgroup
 */
void node_drop(struct tree *tree, struct node *node)
{
	while (node->children)
		node_drop(tree, node->children);
	if (node->parent) {
		tdelete(node, &node->parent->by_name, compare_names);
		if (node->parent->unseen == node)
			node->parent->unseen = node->next;
	}
	if (node->prev)
		node->prev->next = node->next;
	else if (node->parent)
		node->parent->children = node->next;
	if (node->next)
		node->next->prev = node->prev;
	watches_forget(node);
	tenant_not_due(tree, node);
	if (node->directory)
		closedir(node->directory);
	if (node->tenant && node->tenant->top == node)
		free(node->tenant);
	ask_cancel(node);
	subject_clean(&node->subject);
	free(node->problem);
	free(node);
}

/**
 * tree_next() - go through all cgroups, parents first
 * @node: one of them; begin with the root
 *
 * Return: the next, or NULL.
 */
struct node *tree_next(struct node *node)
{
	if (node->children)
		return node->children;
	while (node && !node->next)
		node = node->parent;
	return node ? node->next : NULL;
}
