// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which container a name in a rule stands for.
 *
 * container.conf is asked first: rules are often loaded before containers are.
 * The running registry is asked too, since a name that was only ever given
 * with "ctid add" is as good, and since the two may disagree. Then no answer is
 * safe, and there is none.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "resolve.h"

static void keep_first(void *data, const char *text)
{
	struct resolver *res = data;

	if (!res->conf_err.text[0])
		err_set(&res->conf_err, EINVAL, "%s", text);
}

/* Both are opened when the first name is met, not for rules without names. */
static void open_both(struct resolver *res)
{
	if (res->opened)
		return;
	res->opened = true;
	res->conf_ret = conf_load(&res->conf, CONF_PATH, keep_first, res,
				  &res->conf_err);
	res->reg_ret = registry_open(&res->reg, NULL);
}

static const struct conf_entry *conf_name(struct resolver *res,
					  const char *name)
{
	return res->conf_ret ? NULL : conf_by_name(&res->conf, name);
}

static bool running_name(struct resolver *res, const char *name, uint32_t *id)
{
	struct registry_msg msg;

	if (res->reg_ret || registry_get(&res->reg, name, 0, &msg))
		return false;
	*id = msg.id;
	return true;
}

/**
 * resolve_name() - find the container that a name stands for
 * @res: zeroed, or used before
 * @name: a name that breaks no rule
 * @id: its id
 * @err: why there is none, and what to do
 *
 * A file with bad lines gives no names: the line that would have been the
 * right one may be among them.
 *
 * Return: 0 or a negative errno.
 */
int resolve_name(struct resolver *res, const char *name, uint32_t *id,
		 struct ctid_err *err)
{
	const struct conf_entry *entry;
	uint32_t running = 0;
	bool runs;

	open_both(res);
	if ((res->conf_ret && res->conf_ret != -ENOENT) || res->conf.nbad)
		return err_set(err, EINVAL, "cannot look up \"%s\": %.900s",
			       name, res->conf_err.text);

	entry = conf_name(res, name);
	runs = running_name(res, name, &running);
	if (entry && runs && entry->id != running)
		return err_set(err, ENOTUNIQ,
			       "\"%s\" is %u in " CONF_PATH " but %u in the running registry: run 'ctid save' or 'ctid load'",
			       name, entry->id, running);
	if (!entry && !runs)
		return err_set(err, ENOENT,
			       "no container \"%s\": add it first with 'ctid add ID %s' or a line \"ID %s\" in " CONF_PATH,
			       name, name, name);
	*id = entry ? entry->id : running;
	return 0;
}

/**
 * resolve_id() - find the name of a container, for people to read
 * @res: zeroed, or used before
 * @id: container id
 * @name: its name, if one is known that stands for this id and no other
 *
 * Return: true if there is one.
 */
bool resolve_id(struct resolver *res, uint32_t id,
		char name[CONTAINER_ID_NAMSIZ])
{
	const struct conf_entry *entry = NULL;
	struct registry_msg msg;
	uint32_t back;

	if (!id)
		return false;
	open_both(res);
	if (!res->conf_ret)
		entry = conf_by_id(&res->conf, id);
	if (entry && entry->name)
		strcpy(name, entry->name);
	else if (!res->reg_ret && !registry_get(&res->reg, NULL, id, &msg))
		strcpy(name, msg.name);
	else
		return false;
	return *name && !resolve_name(res, name, &back, NULL) && back == id;
}

/**
 * resolver_close() - let go of the file and the kernel
 * @res: the resolver
 */
void resolver_close(struct resolver *res)
{
	if (!res->opened)
		return;
	conf_free(&res->conf);
	registry_close(&res->reg);
	res->opened = false;
}
