// SPDX-License-Identifier: GPL-2.0-only
/* Is what the table says in force? */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "device.h"
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

/**
 * table_awake() - is the table in force at all?
 * @nft: open
 * @err: what is wrong
 *
 * Some versions of nft read all elements for this.
 *
 * Return: 0, -ENOENT or another negative errno.
 */
int table_awake(struct nftables *nft, struct ctid_err *err)
{
	const char *text;
	int ret = nftables_text(nft, "list table " TABLE, &text, err);

	if (!ret && strstr(text, "flags dormant"))
		return err_set(err, ENOENT, "nft's table " TABLE " is dormant");
	return ret;
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

/**
 * table_check() - does an event come to the policies?
 * @nft: open
 * @event: the event
 * @err: what is wrong
 *
 * Some kernels take the chain away together with the device, some keep it, but
 * without a device. It is not looked at what is in the chain: whoever may delete
 * its rule may delete the table. All chains are listed, since for a single one some
 * versions of nft read all elements, too.
 *
 * Return: 0, -ENODEV if it is the device, -ENOENT or another negative errno.
 */
int table_check(struct nftables *nft, enum policy_event event,
		struct ctid_err *err)
{
	char name[TABLE_NAME], device[DEVICE_NAME];
	const char *text;
	char *chain;
	int ret;

	ret = nftables_text(nft, "list chains inet", &text, err);
	if (ret)
		return ret;
	snprintf(name, sizeof(name), "%s" TABLE_START, policy_event_name(event));
	device_name(device, event);
	chain = chain_text(text, name);
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

/**
 * table_find_detached() - note which chains are not on the device that they should be
 * @nft: open
 * @state: of table_state()
 */
void table_find_detached(struct nftables *nft, struct table_state *state)
{
	enum policy_event event;
	struct ctid_err ignored;

	for (event = 0; event < POLICY_EVENTS; event++)
		state->place[event].detached = state->exists &&
			table_check(nft, event, &ignored) == -ENODEV;
}
