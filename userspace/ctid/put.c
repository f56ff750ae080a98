// SPDX-License-Identifier: GPL-2.0-only
/* From a rule about processes to the cgroup that they are put into. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../names.h"
#include "../text.h"
#include "ctid.h"
#include "request.h"
#include "put.h"

/**
 * put_owner() - learn which container a process is in
 * @reg: the registry
 * @mount: the mount
 * @facts: get it
 * @pid: process id in digits, or "self"
 * @owner: the container, which @facts refer to
 * @err: why not
 *
 * Return: 0 or a negative errno.
 */
int put_owner(struct registry *reg, struct cgroup_mount *mount,
	      struct classify_facts *facts, const char *pid,
	      struct registry_msg *owner, struct ctid_err *err)
{
	int fd, ret;

	fd = cgroup_of_pid(mount, pid, err);
	if (fd < 0)
		return fd;
	ret = request_of(reg, fd, owner);
	close(fd);
	if (ret)
		return err_set(err, -ret,
			       "cannot tell the owner of process %s: %s", pid,
			       registry_why(reg, ret));
	facts->owner = owner->id;
	facts->owner_name = owner->name;
	facts->known |= 1U << CLASSIFY_FROM;
	return 0;
}

/**
 * put_where() - find a rule's container and cgroup
 * @put: filled; refers to @rule
 * @reg: the registry
 * @rule: the rule
 * @err: why not
 *
 * Return: 0 or a negative errno.
 */
int put_where(struct put *put, struct registry *reg,
	      const struct classify_rule *rule, struct ctid_err *err)
{
	const char *word = rule->container;
	uint32_t id = 0;
	int ret;

	put->rule = rule;
	if (is_number(word))
		number_parse(word, &id);
	ret = registry_get(reg, id ? NULL : word, id, &put->container);
	if (ret == -ENOENT)
		return err_set(err, ENOENT,
			       "%.200s:%u: no container %s is registered: add it with 'ctid add' or 'ctid load'",
			       rule->file, rule->line, word);
	if (ret)
		return err_set(err, -ret,
			       "%.200s:%u: cannot look up container %s: %s",
			       rule->file, rule->line, word,
			       registry_why(reg, ret));
	put->path = rule->cgroup ? rule->cgroup :
				   enter_path(put->usual, &put->container);
	return 0;
}

/**
 * put_prepare() - have the cgroup there, and bound
 * @put: filled by put_where(); @path may have been changed since
 * @reg: the registry
 * @mount: the mount
 * @err: why not
 *
 * Return: an O_PATH descriptor or a negative errno.
 */
int put_prepare(const struct put *put, struct registry *reg,
		struct cgroup_mount *mount, struct ctid_err *err)
{
	struct ctid_err reason;
	int fd;

	fd = enter_prepare(reg, mount, put->container.id, put->path, &reason);
	if (fd < 0)
		return err_set(err, -fd, "%.200s:%u: %.700s", put->rule->file,
			       put->rule->line, reason.text);
	return fd;
}
