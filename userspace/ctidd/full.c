// SPDX-License-Identifier: GPL-2.0-only
/*
 * Ranges that have no id left, though ids are used again. Those that are in use can be
 * many, and so can those who want one: the kernel is asked about all at once, and that is
 * taken for true for a while. Who did not get one is decided about again a second later.
 */
#include <errno.h>
#include <stdlib.h>

#include "../clock.h"
#include "ctidd.h"

/** When who did not get an id is decided about again, in microseconds. */
#define LATER		1000000ULL
/** Asking takes one part in so many of the time, however much there is to be told. */
#define PARTS		20

/**
 * struct full - what is known of ids
 * @again: when ranges are looked at again
 * @used: ids that are bound, in order
 * @nused: how many
 * @until: so long that is taken for true
 * @unknown: it could not be learned
 * @left: not all that have none were decided about yet
 */
struct full {
	sd_event_source *again;
	uint32_t *used;
	size_t nused;
	uint64_t until;
	bool unknown;
	bool left;
};

static void wake(struct full *full, uint64_t delay)
{
	sd_event_source_set_time_relative(full->again, delay);
	sd_event_source_set_enabled(full->again, SD_EVENT_ONESHOT);
}

/* The next one that did not get an id, and may get one now, or NULL. */
static struct node *next_without(struct node *node)
{
	while (node && (node->state != NODE_FULL || !node->rule->reuse ||
			node->rule->none_left))
		node = tree_next(node);
	return node;
}

static int on_again(sd_event_source *source, uint64_t usec, void *data)
{
	uint64_t end = clock_now() + CLOCK_TURN;
	struct ctidd *d = data;
	struct full *full = d->full;
	bool left = full->left;
	struct node *node;
	size_t i;

	(void)source;
	(void)usec;
	for (i = 0; i < d->rules.nrules && !left; i++)
		d->rules.rules[i].none_left = false;
	node = next_without(d->tree.root);
	while (node && clock_now() < end) {
		decide(d, node);
		node = next_without(tree_next(node));
	}
	full->left = node;
	if (node)
		wake(full, 0);
	else if (left)
		wake(full, LATER);
	return 0;
}

static struct full *full_open(struct ctidd *d)
{
	struct full *full;

	if (d->full)
		return d->full;
	full = calloc(1, sizeof(*full));
	if (!full)
		return NULL;
	if (sd_event_add_time_relative(d->event, &full->again, CLOCK_MONOTONIC, 0,
				       0, on_again, d) < 0 ||
	    sd_event_source_set_enabled(full->again, SD_EVENT_OFF) < 0) {
		sd_event_source_unref(full->again);
		free(full);
		return NULL;
	}
	d->full = full;
	return full;
}

/**
 * full_close() - forget it
 * @d: the daemon
 */
void full_close(struct ctidd *d)
{
	if (!d->full)
		return;
	sd_event_source_disable_unref(d->full->again);
	free(d->full->used);
	free(d->full);
	d->full = NULL;
}

static int keep_used(const struct registry_msg *msg, void *data)
{
	struct full *full = data;
	uint32_t *more = full->used;
	size_t n = full->nused;

	if (!msg->nbindings)
		return 0;
	/* Room for the next power of two. */
	if (!(n & (n - 1)))
		more = reallocarray(more, n ? 2 * n : 1, sizeof(*more));
	if (!more)
		return -ENOMEM;
	full->used = more;
	full->used[full->nused++] = msg->id;
	return 0;
}

/* One that others wrote into will do: an id that seems free is asked about. */
static void learn(struct ctidd *d, struct full *full)
{
	uint64_t begun = clock_now();
	int ret;

	free(full->used);
	full->used = NULL;
	full->nused = 0;
	registry_dump_request(&d->reg, CONTAINER_ID_CMD_GET);
	ret = registry_talk(&d->reg, keep_used, full);
	full->unknown = ret && ret != -EINTR;
	full->until = clock_now();
	full->until += PARTS * (full->until - begun);
}

static int compare(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

/**
 * full_uses() - may an id not be given to another?
 * @d: the daemon
 * @id: container id
 *
 * Sockets of who had it may live on, and rules that were written for it do.
 *
 * Return: true if a cgroup is bound to it, or if that cannot be told.
 */
bool full_uses(struct ctidd *d, uint32_t id)
{
	struct full *full = full_open(d);
	struct registry_msg msg;
	int ret;

	if (full && clock_now() >= full->until)
		learn(d, full);
	if (!full || full->unknown ||
	    (full->nused && bsearch(&id, full->used, full->nused, sizeof(id), compare)))
		return true;
	ret = registry_get(&d->reg, NULL, id, &msg);
	return ret ? ret != -ENOENT : msg.nbindings;
}

/**
 * full_is() - note that a range has no id left
 * @d: the daemon
 * @rule: the rule, which uses ids again; none is looked for until a while has passed
 */
void full_is(struct ctidd *d, struct rule *rule)
{
	struct full *full = full_open(d);

	if (!full || rule->none_left)
		return;
	rule->none_left = true;
	if (sd_event_source_get_enabled(full->again, NULL))
		return;
	wake(full, LATER);
}
