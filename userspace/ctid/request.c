// SPDX-License-Identifier: GPL-2.0-only
/* The requests that change the registry, or ask who owns a cgroup. */
#include <libmnl/libmnl.h>

#include "request.h"

/**
 * request_add() - register a container
 * @reg: the registry
 * @id: its id
 * @name: its name, or NULL
 *
 * Return: 0 or a negative errno, as for all requests here.
 */
int request_add(struct registry *reg, uint32_t id, const char *name)
{
	struct nlmsghdr *nlh = registry_request(reg, CONTAINER_ID_CMD_ADD);

	mnl_attr_put_u32(nlh, CONTAINER_ID_A_ID, id);
	if (name)
		mnl_attr_put_strz(nlh, CONTAINER_ID_A_NAME, name);
	return registry_talk(reg, NULL, NULL);
}

/**
 * request_set() - give a container another name
 * @reg: the registry
 * @id: its id
 * @name: the name, or NULL to take it away
 */
int request_set(struct registry *reg, uint32_t id, const char *name)
{
	struct nlmsghdr *nlh = registry_request(reg, CONTAINER_ID_CMD_SET);

	mnl_attr_put_u32(nlh, CONTAINER_ID_A_ID, id);
	mnl_attr_put_strz(nlh, CONTAINER_ID_A_NAME, name ? name : "");
	return registry_talk(reg, NULL, NULL);
}

/**
 * request_flow() - change a container's flow ids
 * @reg: the registry
 * @id: its id
 * @change: what is to change; something must be
 */
int request_flow(struct registry *reg, uint32_t id,
		 const struct flow_change *change)
{
	struct nlmsghdr *nlh = registry_request(reg, CONTAINER_ID_CMD_SET);
	const struct flow *to = &change->to;

	mnl_attr_put_u32(nlh, CONTAINER_ID_A_ID, id);
	if (to->set & CONTAINER_ID_FLOW_MARK)
		mnl_attr_put_u32(nlh, CONTAINER_ID_A_MARK, to->mark);
	if (to->set & CONTAINER_ID_FLOW_PRIORITY)
		mnl_attr_put_u32(nlh, CONTAINER_ID_A_PRIORITY, to->priority);
	if (to->set & CONTAINER_ID_FLOW_CLASSID)
		mnl_attr_put_u32(nlh, CONTAINER_ID_A_CLASSID, to->classid);
	if (change->fix)
		mnl_attr_put_u8(nlh, CONTAINER_ID_A_FLOW_FIXED, to->fixed);
	if (change->unset)
		mnl_attr_put_u32(nlh, CONTAINER_ID_A_FLOW_UNSET, change->unset);
	return registry_talk(reg, NULL, NULL);
}

/**
 * request_del() - forget a container
 * @reg: the registry
 * @id: its id
 */
int request_del(struct registry *reg, uint32_t id)
{
	struct nlmsghdr *nlh = registry_request(reg, CONTAINER_ID_CMD_DEL);

	mnl_attr_put_u32(nlh, CONTAINER_ID_A_ID, id);
	return registry_talk(reg, NULL, NULL);
}

/* There is no mnl_attr_put_s32(). */
static void put_fd(struct nlmsghdr *nlh, int fd)
{
	int32_t value = fd;

	mnl_attr_put(nlh, CONTAINER_ID_A_CGROUP_FD, sizeof(value), &value);
}

/**
 * request_bind() - bind a cgroup to a container
 * @reg: the registry
 * @id: the container
 * @cgroup: open cgroup
 */
int request_bind(struct registry *reg, uint32_t id, int cgroup)
{
	struct nlmsghdr *nlh = registry_request(reg, CONTAINER_ID_CMD_BIND);

	mnl_attr_put_u32(nlh, CONTAINER_ID_A_ID, id);
	put_fd(nlh, cgroup);
	return registry_talk(reg, NULL, NULL);
}

/**
 * request_rebind() - take a cgroup from one container and give it to another
 * @reg: the registry
 * @id: the container that gets it
 * @from: only if it is bound to this container; 0: to any, or to none
 * @cgroup: open cgroup
 *
 * No event is judged in between, as with request_unbind() and request_bind().
 */
int request_rebind(struct registry *reg, uint32_t id, uint32_t from, int cgroup)
{
	struct nlmsghdr *nlh = registry_request(reg, CONTAINER_ID_CMD_BIND);

	mnl_attr_put_u32(nlh, CONTAINER_ID_A_ID, id);
	mnl_attr_put_u32(nlh, CONTAINER_ID_A_FROM, from);
	put_fd(nlh, cgroup);
	return registry_talk(reg, NULL, NULL);
}

/**
 * request_unbind() - end the binding of a cgroup
 * @reg: the registry
 * @id: only if it is bound to this container; 0: to any
 * @cgroup: open cgroup, or -1 to go by @cgroup_id
 * @cgroup_id: id of a cgroup
 */
int request_unbind(struct registry *reg, uint32_t id, int cgroup,
		   uint64_t cgroup_id)
{
	struct nlmsghdr *nlh = registry_request(reg, CONTAINER_ID_CMD_UNBIND);

	if (id)
		mnl_attr_put_u32(nlh, CONTAINER_ID_A_ID, id);
	if (cgroup >= 0)
		put_fd(nlh, cgroup);
	else
		mnl_attr_put_u64(nlh, CONTAINER_ID_A_CGROUP_ID, cgroup_id);
	return registry_talk(reg, NULL, NULL);
}

static int keep(const struct registry_msg *msg, void *data)
{
	*(struct registry_msg *)data = *msg;
	return 0;
}

/**
 * request_of() - find the container that owns the sockets made in a cgroup
 * @reg: the registry
 * @cgroup: open cgroup
 * @msg: filled with id (0: none), name and the bound cgroup
 */
int request_of(struct registry *reg, int cgroup, struct registry_msg *msg)
{
	struct nlmsghdr *nlh = registry_request(reg, CONTAINER_ID_CMD_OF);

	*msg = (struct registry_msg){ 0 };
	put_fd(nlh, cgroup);
	return registry_talk(reg, keep, msg);
}
