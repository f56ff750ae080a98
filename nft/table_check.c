// SPDX-License-Identifier: GPL-2.0-only
/* Is what the table says in force? */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <arpa/inet.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>

#include "device.h"
#include "nfnl.h"
#include "table.h"

/* In some versions names are in quotes, in some they are not. */
static bool has_name(const char *text, const char *name)
{
	static const char chars[] = "abcdefghijklmnopqrstuvwxyz"
		"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
	size_t len = strlen(name);
	const char *at;

	for (at = strstr(text, name); at; at = strstr(at + len, name))
		if (at > text && !strchr(chars, at[-1]) &&
		    !(at[len] && strchr(chars, at[len])))
			return true;
	return false;
}

static int take_flags(const struct nlmsghdr *nlh, void *data)
{
	const struct nlattr *attr;

	mnl_attr_for_each(attr, nlh, sizeof(struct nfgenmsg))
		if (mnl_attr_get_type(attr) == NFTA_TABLE_FLAGS &&
		    mnl_attr_validate(attr, MNL_TYPE_U32) >= 0)
			*(uint32_t *)data = ntohl(mnl_attr_get_u32(attr));
	return MNL_CB_OK;
}

/**
 * table_awake() - is the table in force at all?
 * @err: what is wrong
 *
 * By netlink: nft reads all that is in a table to tell its flags.
 *
 * Return: 0, -ENOENT or another negative errno.
 */
int table_awake(struct ctid_err *err)
{
	char buf[256] __attribute__((aligned(NLMSG_ALIGNTO)));
	struct nlmsghdr *nlh;
	struct nfnl nfnl;
	uint32_t flags = 0;
	int ret;

	ret = nfnl_open(&nfnl, 0);
	if (!ret) {
		nlh = nfnl_header(&nfnl, buf, NFT_MSG_GETTABLE, NFPROTO_INET,
				  NLM_F_ACK);
		mnl_attr_put_strz(nlh, NFTA_TABLE_NAME, strchr(TABLE, ' ') + 1);
		ret = nfnl_request(&nfnl, nlh, take_flags, &flags);
		nfnl_close(&nfnl);
	}
	if (ret)
		return err_set(err, -ret, "cannot look at nft's table " TABLE ": %s",
			       strerror(-ret));
	if (flags & NFT_TABLE_F_DORMANT)
		return err_set(err, ENOENT, "nft's table " TABLE " is dormant");
	return 0;
}

/* What nft prints of a chain, to be freed, or NULL. */
static char *chain_text(const char *text, const char *chain)
{
	const char *table = strstr(text, "table " TABLE " {");
	const char *table_end = table ? strstr(table, "\n}") : NULL;
	char start[TABLE_NAME + 16];
	const char *at, *end;

	snprintf(start, sizeof(start), "\tchain %s {", chain);
	at = table_end ? strstr(table, start) : NULL;
	end = at ? strstr(at, "\n\t}") : NULL;
	return at && at < table_end && end ? strndup(at, (size_t)(end - at)) :
					     NULL;
}

/* @chains is the text of all chains. */
static int check_chain(const char *chains, enum policy_event event,
		       struct ctid_err *err)
{
	char name[TABLE_NAME], device[DEVICE_NAME];
	char *chain;
	int ret = 0;

	snprintf(name, sizeof(name), "%s" TABLE_START, policy_event_name(event));
	device_name(device, event);
	chain = chain_text(chains, name);
	if (!chain)
		ret = err_set(err, ENOENT, "nft's table " TABLE " has no chain %s",
			      name);
	else if (!has_name(chain, device))
		ret = err_set(err, ENODEV,
			      "the chain %s of nft's table " TABLE " has lost its device",
			      name);
	free(chain);
	return ret;
}

/* All of them, since for a single one some versions of nft read all elements. */
static int list_chains(struct nftables *nft, const char **chains,
		       struct ctid_err *err)
{
	return nftables_text(nft, "list chains inet", chains, err);
}

/**
 * table_check() - does an event come to the policies?
 * @nft: open
 * @event: the event
 * @err: what is wrong
 *
 * Some kernels take the chain away together with the device, some keep it, but
 * without a device. It is not looked at what is in the chain: whoever may delete
 * its rule may delete the table.
 *
 * Return: 0, -ENODEV if it is the device, -ENOENT or another negative errno.
 */
int table_check(struct nftables *nft, enum policy_event event,
		struct ctid_err *err)
{
	const char *chains;
	int ret = list_chains(nft, &chains, err);

	return ret ? ret : check_chain(chains, event, err);
}

/**
 * table_find_detached() - note which chains are not on the device that they should be
 * @nft: open
 * @state: of table_state()
 */
void table_find_detached(struct nftables *nft, struct table_state *state)
{
	enum policy_event event;
	struct ctid_err ignored;
	const char *chains;

	if (!state->exists || list_chains(nft, &chains, &ignored))
		return;
	for (event = 0; event < POLICY_EVENTS; event++)
		state->place[event].detached =
			check_chain(chains, event, &ignored) == -ENODEV;
}
