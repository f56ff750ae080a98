// SPDX-License-Identifier: GPL-2.0-only
/* ctid nftset sync --follow: sets stay filled, whoever changes the registry. */
#include <errno.h>
#include <poll.h>
#include <string.h>

#include <linux/netfilter/nfnetlink.h>

#include "nftset.h"

/** Milliseconds until what failed is tried again, though nothing has changed. */
#define RETRY	1000

enum {
	REGISTRY,
	RULES,
	NSOURCES,
};

/* One message, or that some were lost: in both cases all is looked at again. */
static int take_change(struct registry *reg)
{
	int ret = registry_next(reg, NULL, NULL);

	return ret == -ENOBUFS ? 0 : ret;
}

/*
 * Waits for one change, but no longer than @timeout, in milliseconds or -1, and
 * takes all that are there by then.
 */
static int wait_for_change(struct registry *reg, struct nfnl *rules,
			   int timeout)
{
	struct pollfd fds[NSOURCES] = {
		[REGISTRY] = { mnl_socket_get_fd(reg->nl), POLLIN, 0 },
		[RULES] = { mnl_socket_get_fd(rules->nl), POLLIN, 0 },
	};
	int ret = 0;

	while (!ret) {
		if (poll(fds, NSOURCES, timeout) < 0) {
			if (errno == EINTR)
				continue;
			return -errno;
		}
		if (!fds[REGISTRY].revents && !fds[RULES].revents)
			break;
		if (fds[REGISTRY].revents)
			ret = take_change(reg);
		if (!ret && fds[RULES].revents)
			ret = nfnl_drain(rules);
		timeout = 0;
	}
	return ret;
}

static int cannot_follow(int code)
{
	return fail("cannot follow the changes of containers and nft rules: %s",
		    code == -EPERM ? "needs root (CAP_NET_ADMIN)" :
		    strerror(-code));
}

static int follow(struct ctid *ctx, struct nfnl *nfnl, struct registry *reg,
		  struct nfnl *rules)
{
	int said = 0;
	int ret, filled;

	do {
		/*
		 * A set that cannot be filled has to be changed. All else may
		 * pass without a change; it is said once, not at each try.
		 */
		filled = nftset_fill(ctx, nfnl);
		if (filled < 0 && filled != said)
			nftset_say(filled);
		said = filled;
		ret = wait_for_change(reg, rules, filled < 0 ? RETRY : -1);
	} while (!ret);
	return cannot_follow(ret);
}

/**
 * nftset_follow() - fill all declared sets, now and whenever that is called for
 * @ctx: the context
 * @nfnl: open
 *
 * That is if containers change, or the rule set does: who loads one anew, loads
 * empty sets.
 *
 * Return: the exit status, if it has to give up.
 */
int nftset_follow(struct ctid *ctx, struct nfnl *nfnl)
{
	struct registry reg;
	struct ctid_err err;
	struct nfnl rules;
	int ret;

	ret = registry_open(&reg, &err);
	if (ret) {
		ret = fail("%s", err.text);
		goto out;
	}
	ret = registry_subscribe(&reg);
	if (!ret)
		ret = nfnl_open(&rules, NFNLGRP_NFTABLES);
	if (ret) {
		ret = cannot_follow(ret);
		goto out;
	}
	ret = follow(ctx, nfnl, &reg, &rules);
	nfnl_close(&rules);
out:
	registry_close(&reg);
	return ret;
}
