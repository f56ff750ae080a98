// SPDX-License-Identifier: GPL-2.0-only
/* ctid permit, deny, policy, policy-flush: the tuples that a container may use. */
#include <errno.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "../../nft/device.h"
#include "../../nft/statement.h"
#include "../../nft/table.h"
#include "../clock.h"
#include "../names.h"
#include "policy.h"

/* How long a change is tried when others change the table, too; and how long they are left to
 * it at a time: microseconds.
 */
#define MAX_TIME	60000000ULL
#define MAX_WAIT	10000000ULL

/**
 * policy_sort() - put a policy's tuples into order
 * @policy: the policy
 */
void policy_sort(struct policy *policy)
{
	enum policy_event event;
	enum tuple_family family;

	for (event = 0; event < POLICY_EVENTS; event++)
		for (family = 0; family < TUPLE_FAMILIES; family++)
			boxes_sort(&policy->event[event].boxes[family]);
}

/**
 * policy_devices() - have the events of these policies caught
 * @policies: the policies
 * @err: why it failed
 *
 * Before the table is written: a device without a chain accepts all, as was the
 * case before, but a chain without a device cannot be.
 *
 * Return: 0 or a negative errno.
 */
int policy_devices(const struct policies *policies, struct ctid_err *err)
{
	enum policy_event event;
	int ret = 0;

	for (event = 0; event < POLICY_EVENTS && !ret; event++)
		if (policies_want(policies, event))
			ret = device_make(event, err);
	return ret;
}

/**
 * struct change - a statement on its way into the table
 * @statement: the statement
 * @state: the table before
 * @before: the container's policy before
 * @after: and after
 */
struct change {
	const struct statement *statement;
	struct table_state state;
	struct policy before, after;
};

static int prepare(struct nftables *nft, struct change *change,
		   struct ctid_err *err)
{
	struct policy *after = &change->after;
	struct policies one = { .policy = &after, .n = 1 };
	int ret;

	ret = table_state(nft, &change->state, err);
	if (!ret)
		table_find_detached(nft, &change->state);
	if (!ret)
		ret = table_read_one(nft, &change->state, &change->before, err);
	if (ret)
		return ret;
	if (policy_copy(&change->after, &change->before))
		return err_set(err, ENOMEM, "out of memory");
	ret = statement_apply(change->statement, &change->after, err);
	if (ret)
		return ret;
	policy_sort(&change->after);
	return policy_devices(&one, err);
}

/**
 * policy_enforced() - are the events of these policies caught and judged?
 * @nft: open
 * @policies: the policies
 *
 * A policy-flush at the same time may have removed what was there.
 *
 * Return: 0, or -EAGAIN to do it again.
 */
int policy_enforced(struct nftables *nft, const struct policies *policies)
{
	enum policy_event event;
	struct ctid_err ignored;

	for (event = 0; event < POLICY_EVENTS; event++)
		if (policies_want(policies, event) &&
		    (device_check(event, &ignored) ||
		     table_check(nft, event, &ignored)))
			return -EAGAIN;
	return 0;
}

/* Returns 0, an errno, or -EAGAIN if somebody else was faster. */
static int try_change(struct nftables *nft, struct change *change,
		      struct ctid_err *err)
{
	struct policy *after = &change->after;
	struct policies one = { .policy = &after, .n = 1 };
	int ret;

	ret = prepare(nft, change, err);
	/* What is not there is not made in order to be flushed. */
	if (ret || (!change->state.exists && policy_is_empty(&change->after)))
		return ret;
	ret = table_change(nft, &change->state, &change->before,
			   &change->after, err);
	if (!ret)
		return policy_enforced(nft, &one);
	if (table_changed(nft, &change->state))
		return -EAGAIN;
	if (ret == -EEXIST && !change->state.exists)
		return err_set(err, EEXIST, TABLE_FOREIGN);
	return ret;
}

/*
 * Those who wait do not come back at the same time: after so many tries there seem to be as
 * many others, each of whom takes as long.
 */
static void let_others_work(uint64_t took, unsigned int tries)
{
	uint64_t most = took * tries + 1, wait = 0;

	if (most > MAX_WAIT)
		most = MAX_WAIT;
	if (getrandom(&wait, sizeof(wait), 0) != sizeof(wait))
		wait = most - 1;
	usleep((useconds_t)(wait % most));
}

static int make_change(uint32_t id, const struct statement *statement)
{
	const uint64_t end = clock_now() + MAX_TIME;
	struct change change = { .statement = statement };
	struct nftables nft;
	struct ctid_err err;
	unsigned int tries = 0;
	uint64_t begun;
	int ret;

	ret = nftables_open(&nft, &err);
	while (!ret) {
		begun = clock_now();
		change.before.id = change.after.id = id;
		ret = try_change(&nft, &change, &err);
		table_state_clear(&change.state);
		policy_clear(&change.before);
		policy_clear(&change.after);
		if (ret != -EAGAIN || clock_now() > end)
			break;
		let_others_work(clock_now() - begun, ++tries);
		ret = 0;
	}
	nftables_close(&nft);
	if (ret == -EAGAIN)
		return fail("others change the policies all the time: try again when they are done");
	return ret ? fail("%s", err.text) : CTID_OK;
}

static int say(struct ctid *ctx, const char *command, int argc, char **argv)
{
	struct statement statement;
	struct ctid_err err;
	uint32_t id;
	int ret;

	ret = which_id_or_name(ctx, argv[0], &id);
	if (ret)
		return ret;
	if (statement_parse(&statement, command, argc - 1, argv + 1, &err))
		return usage_error("%s", err.text);
	return make_change(id, &statement);
}

/**
 * cmd_permit() - ctid permit ID|NAME EVENT PROTOCOL [TUPLE]...
 * @ctx: the context
 * @argc: number of arguments
 * @argv: the arguments
 *
 * Return: the exit status, as for all subcommands.
 */
int cmd_permit(struct ctid *ctx, int argc, char **argv)
{
	return say(ctx, "permit", argc, argv);
}

/**
 * cmd_deny() - ctid deny ID|NAME EVENT PROTOCOL [TUPLE]...
 * @ctx: the context
 * @argc: number of arguments
 * @argv: the arguments
 */
int cmd_deny(struct ctid *ctx, int argc, char **argv)
{
	return say(ctx, "deny", argc, argv);
}

/**
 * cmd_policy() - ctid policy [ID|NAME [default ...|flush ...]]
 * @ctx: the context
 * @argc: number of arguments
 * @argv: the arguments
 */
int cmd_policy(struct ctid *ctx, int argc, char **argv)
{
	if (argc < 2)
		return policy_show(ctx, argc ? argv[0] : NULL);
	if (ctx->json)
		return usage_error("--json is for showing policies: usage: ctid policy [ID|NAME] [--json]");
	return say(ctx, "policy", argc, argv);
}

/**
 * cmd_policy_flush() - ctid policy-flush
 * @ctx: the context
 * @argc: number of arguments
 * @argv: the arguments
 *
 * The devices go, too, so that calls cost what they did before.
 */
int cmd_policy_flush(struct ctid *ctx, int argc, char **argv)
{
	enum policy_event event;
	struct nftables nft;
	struct ctid_err err;
	int ret;

	(void)ctx;
	(void)argc;
	(void)argv;
	ret = nftables_open(&nft, &err);
	if (!ret)
		ret = table_delete(&nft, &err);
	for (event = 0; event < POLICY_EVENTS && !ret; event++)
		ret = device_remove(event, &err);
	/* What was said meanwhile is not to look as if it were in force. */
	if (!ret)
		ret = table_delete(&nft, &err);
	nftables_close(&nft);
	return ret ? fail("%s", err.text) : CTID_OK;
}
