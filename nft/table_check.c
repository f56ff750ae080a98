// SPDX-License-Identifier: GPL-2.0-only
/* Is what the table says in force? */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "device.h"
#include "table.h"

/* Room for a list command. */
#define COMMAND		96

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
	const char *name = policy_event_name(event);
	char command[COMMAND], device[DEVICE_NAME];
	const char *text;
	int ret;

	ret = nftables_text(nft, "list table " TABLE, &text, err);
	if (!ret && strstr(text, "flags dormant"))
		return err_set(err, ENOENT, "nft's table " TABLE " is dormant");
	snprintf(command, sizeof(command), "list chain " TABLE " %s" TABLE_START,
		 name);
	if (!ret)
		ret = nftables_text(nft, command, &text, err);
	if (ret == -ENOENT)
		return err_set(err, ENOENT, "nft's table " TABLE " has no chain %s"
			       TABLE_START, name);
	device_name(device, event);
	if (!ret && !has_name(text, device))
		return err_set(err, ENODEV, "the chain %s" TABLE_START
			       " of nft's table " TABLE " has lost its device",
			       name);
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
