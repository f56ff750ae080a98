// SPDX-License-Identifier: GPL-2.0-only
/*
 * All declared sets are given what they should have, in one transaction.
 *
 * The registry is read after the number of the rule set's generation, and the
 * kernel takes the transaction only if that is still the number. Of two that do
 * this at a time, the one with the older copy of the registry has to read it
 * again.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../text.h"
#include "nftset.h"

/** A rule set that changes so many times in a row will not calm down. */
#define TRIES	50

/* Commands that do not need paths themselves have not opened it. */
static void open_mount(struct ctid *ctx)
{
	if (ctx->mount.fd >= 0)
		return;
	cgroup_mount_close(&ctx->mount);
	cgroup_mount_open(&ctx->mount, NULL);
}

static int make_plans(struct nftset_state *state)
{
	const struct container *container;
	const struct nftset *set;
	int ret = 0;
	size_t i;

	state->plans = calloc(state->list.count, sizeof(*state->plans));
	if (!state->plans)
		return -ENOMEM;
	for (i = 0; !ret && i < state->list.count; i++) {
		set = &state->list.sets[i];
		container = nftset_container(set, &state->snap);
		ret = nftset_plan(&state->plans[i], set,
				  container ? container->id : 0,
				  &state->places);
	}
	return ret;
}

/**
 * nftset_state_take() - read the declared sets and the registry
 * @ctx: the context
 * @nfnl: open
 * @state: filled; to be freed with nftset_state_free()
 *
 * Return: 0 or a negative errno, -EINTR if the rule set changed meanwhile.
 */
int nftset_state_take(struct ctid *ctx, struct nfnl *nfnl,
		      struct nftset_state *state)
{
	int ret;
	size_t i;

	*state = (struct nftset_state){ 0 };
	ret = nfnl_generation(nfnl, &state->generation);
	if (!ret)
		ret = nftset_read(nfnl, &state->list);
	if (ret || !state->list.count)
		return ret;
	for (i = 0; !ret && i < state->list.count; i++)
		if (!state->list.sets[i].problem)
			ret = nftset_read_content(nfnl, &state->list.sets[i]);
	if (ret)
		/* It was there a moment ago. */
		return ret == -ENOENT ? -EINTR : ret;
	ret = snapshot_take(&state->snap, &ctx->reg);
	if (ret)
		return ret;
	open_mount(ctx);
	ret = places_take(&state->places, &ctx->mount, &state->snap);
	return ret ? ret : make_plans(state);
}

/**
 * nftset_state_free() - forget a state
 * @state: filled, perhaps in part
 */
void nftset_state_free(struct nftset_state *state)
{
	size_t i;

	for (i = 0; state->plans && i < state->list.count; i++)
		free(state->plans[i].want.at);
	free(state->plans);
	places_free(&state->places);
	snapshot_free(&state->snap);
	nftset_list_free(&state->list);
}

static void complain(const struct nftset *set, const char *why)
{
	const char *family = nftset_family_name(set->family);

	warn("cannot fill the set %s %s %s: %s", family ? family : "?",
	     show(set->table).s, show(set->name).s, why);
}

static void complain_errno(const struct nftset *set, int code)
{
	const char *family = nftset_family_name(set->family);

	if (code == -ENOENT && *set->decl.chain)
		warn("cannot fill the set %s %s %s: is the chain \"%s\" there? 'nft add chain %s %s %s'",
		     family, set->table, set->name, set->decl.chain, family,
		     set->table, set->decl.chain);
	else if (code == -ENFILE)
		complain(set, "it is full: declare it with a larger size, or with none");
	else if (code == -EPERM)
		complain(set, "the table belongs to another program, or you are not root (CAP_NET_ADMIN)");
	else if (code == -EMLINK || code == -ELOOP)
		complain(set, "its chain calls itself, or too many others: see 'nft list ruleset'");
	else
		complain(set, strerror(-code));
}

/* Sockets in a cgroup at an unknown level cannot be found by a map's rules. */
static int check_levels(const struct nftset_state *state,
			const struct nftset *set)
{
	const struct container *container;
	const struct place *place;
	int ret = CTID_OK;
	size_t i;

	container = nftset_container(set, &state->snap);
	for (i = 0; container && i < state->places.count; i++) {
		place = &state->places.at[i];
		if (place->binding->id != container->id ||
		    (place->level >= 0 && place->level < NFTSET_LEVELS))
			continue;
		warn("cgroup id:%llu of container %u is not below the root of this cgroup namespace: the chain %s %s %s has no rule for it; run 'ctid nftset sync' where it is",
		     (unsigned long long)place->binding->cgroup, container->id,
		     nftset_family_name(set->family), set->table, set->name);
		ret = CTID_FAILED;
	}
	return ret;
}

/* Sets that cannot be filled do not keep the others from it. */
static int check_sets(const struct nftset_state *state)
{
	const struct nftset *set;
	int ret = CTID_OK;
	size_t i;

	for (i = 0; i < state->list.count; i++) {
		set = &state->list.sets[i];
		if (set->problem && !*set->problem) {
			ret = CTID_FAILED;	/* was said when it failed */
		} else if (set->problem) {
			complain(set, set->problem);
			ret = CTID_FAILED;
		} else if (*set->decl.chain) {
			ret |= check_levels(state, set);
		}
	}
	return ret;
}

/**
 * struct attempt - a transaction and whose its messages are
 * @batch: the transaction
 * @ends: for each set, the sequence number of its last message
 * @empty: there is nothing to do
 */
struct attempt {
	struct nfnl_batch batch;
	uint32_t *ends;
	bool empty;
};

static int fill_batch(struct attempt *attempt, struct nfnl *nfnl,
		      const struct nftset_state *state)
{
	const struct nftset *set;
	int ret;
	size_t i;

	attempt->empty = true;
	attempt->ends = calloc(state->list.count, sizeof(*attempt->ends));
	if (!attempt->ends)
		return -ENOMEM;
	ret = nfnl_batch_begin(&attempt->batch, nfnl, state->generation);
	for (i = 0; !ret && i < state->list.count; i++) {
		set = &state->list.sets[i];
		if (!set->problem && !nftset_current(set, &state->plans[i])) {
			ret = nftset_write(&attempt->batch, set,
					   &state->plans[i]);
			attempt->empty = false;
		}
		attempt->ends[i] = attempt->batch.seq;
	}
	return ret;
}

/* Has nothing changed since it was read, so that "nothing to do" is true? */
static int check_generation(struct nfnl *nfnl, const struct nftset_state *state)
{
	uint32_t generation = 0;
	int ret = nfnl_generation(nfnl, &generation);

	if (!ret && generation != state->generation)
		ret = -ERESTART;
	return ret;
}

/* Return: 0, -ERESTART to read all again, -EAGAIN to leave out a set that is
 * marked now, or another negative errno.
 */
static int try_once(struct nfnl *nfnl, struct nftset_state *state)
{
	struct attempt attempt = { 0 };
	uint32_t failed = 0;
	size_t i = 0;
	int ret;

	ret = fill_batch(&attempt, nfnl, state);
	if (ret)
		goto out;
	if (attempt.empty) {
		ret = check_generation(nfnl, state);
		goto out;
	}
	ret = nfnl_batch_send(&attempt.batch, nfnl, &failed);
	if (!ret || ret == -ERESTART || failed == attempt.batch.begin)
		goto out;
	while (i < state->list.count - 1 &&
	       (int32_t)(attempt.ends[i] - failed) < 0)
		i++;
	complain_errno(&state->list.sets[i], ret);
	state->list.sets[i].problem = "";
	ret = -EAGAIN;
out:
	free(attempt.ends);
	nfnl_batch_free(&attempt.batch);
	return ret;
}

/* Return: an exit status, or a negative errno: -ERESTART to do it again. */
static int sync_once(struct ctid *ctx, struct nfnl *nfnl)
{
	struct nftset_state state;
	int status = CTID_OK;
	int ret;

	ret = nftset_state_take(ctx, nfnl, &state);
	if (ret || !state.list.count)
		goto out;
	do {
		ret = try_once(nfnl, &state);
		if (ret == -EAGAIN)
			status = CTID_FAILED;
	} while (ret == -EAGAIN);
	/* Only now: what is done again would be said again. */
	if (!ret)
		ret = check_sets(&state) | status;
out:
	nftset_state_free(&state);
	return ret == -EINTR ? -ERESTART : ret;
}

/**
 * nftset_fill() - fill all declared sets of this network namespace
 * @ctx: the context
 * @nfnl: open
 *
 * Return: an exit status, for what was said if it is not CTID_OK, or a negative
 * errno that nftset_say() is for: the sets are as they were, and another try may
 * succeed.
 */
int nftset_fill(struct ctid *ctx, struct nfnl *nfnl)
{
	int tries, ret = -ERESTART;

	for (tries = 0; ret == -ERESTART && tries < TRIES; tries++) {
		if (tries > 1)
			usleep((useconds_t)tries * 1000);
		ret = sync_once(ctx, nfnl);
	}
	return ret;
}

/**
 * nftset_say() - say why the sets could not be filled
 * @ret: what nftset_fill() returned
 *
 * Return: the exit status.
 */
int nftset_say(int ret)
{
	if (ret >= 0)
		return ret;
	if (ret == -ERESTART || ret == -EAGAIN)
		return fail("cannot fill nft sets: others change the rules all the time: run 'ctid nftset sync' when they are done");
	if (ret == -EMSGSIZE)
		return fail("cannot fill nft sets: too much for one transaction: raise the sysctl net.core.wmem_max");
	return fail("cannot fill nft sets: %s", ret == -EPERM ?
		    "needs root (CAP_NET_ADMIN)" : strerror(-ret));
}

/**
 * nftset_sync() - fill all declared sets, or say why not
 * @ctx: the context
 * @nfnl: open
 *
 * Return: the exit status.
 */
int nftset_sync(struct ctid *ctx, struct nfnl *nfnl)
{
	return nftset_say(nftset_fill(ctx, nfnl));
}

/**
 * nftset_refresh() - fill the declared sets after a change of the registry
 * @ctx: the context
 *
 * What a command is to do does not fail for it: it is said, and that is all.
 */
void nftset_refresh(struct ctid *ctx)
{
	struct nfnl nfnl;

	if (!nfnl_loaded() || nfnl_open(&nfnl, 0))
		return;
	nftset_sync(ctx, &nfnl);
	nfnl_close(&nfnl);
}
