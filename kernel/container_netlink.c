// SPDX-License-Identifier: GPL-2.0-only
/*
 * Generic netlink family "container_id": how user space writes the registry of its
 * network namespace, and is told of what others write. How it reads it is in
 * container_read.c. The ABI is documented in include/uapi/linux/container_id.h.
 */
#include <linux/module.h>
#include <linux/slab.h>
#include <net/genetlink.h>

#include "compat.h"
#include "container_netlink.h"

enum {
	GROUP_CHANGES,
};

static const struct genl_multicast_group groups[] = {
	[GROUP_CHANGES] = {
		.name = CONTAINER_ID_GENL_MCGRP,
		.flags = GENL_MCAST_CAP_NET_ADMIN,
	},
};

/**
 * container_check_admin() - may the sender write the registry, or read it?
 * @skb: its message
 * @extack: says why not
 *
 * Return: 0 or -EPERM.
 */
int container_check_admin(struct sk_buff *skb, struct netlink_ext_ack *extack)
{
	if (netlink_ns_capable(skb, sock_net(skb->sk)->user_ns, CAP_NET_ADMIN))
		return 0;
	NL_SET_ERR_MSG(extack, "only with CAP_NET_ADMIN in the user namespace that owns this network namespace");
	return -EPERM;
}

static bool has_id(struct genl_info *info)
{
	if (!GENL_REQ_ATTR_CHECK(info, CONTAINER_ID_A_ID))
		return true;
	GENL_SET_ERR_MSG(info, "the request names no container id");
	return false;
}

/* Tell the listeners, if there are any, of what was just done. A message that
 * cannot be made is a change they missed: tell them that, as the socket layer
 * does when their buffer is full.
 */
static void notify(struct container_registry *reg, u8 cmd,
		   const struct container *c, const struct container_binding *b)
{
	struct sk_buff *msg;
	void *hdr;
	int err;

	if (!genl_has_listeners(&container_netlink_family, reg->net, GROUP_CHANGES))
		return;
	msg = genlmsg_new(NLMSG_GOODSIZE, GFP_NOWAIT | __GFP_NOWARN);
	if (!msg)
		goto lost;
	hdr = genlmsg_put(msg, 0, 0, &container_netlink_family, 0, cmd);
	if (!hdr)
		goto lost;
	err = b ? container_put_binding(msg, b) : container_put(msg, c->id, c->name);
	if (!err && cmd == CONTAINER_ID_CMD_FLOW_NTF)
		err = container_flow_put_attrs(msg, c);
	if (err)
		goto lost;
	genlmsg_end(msg, hdr);
	/* With direct reclaim it would yield to listeners that do not read, with the lock
	 * of all registries held.
	 */
	genlmsg_multicast_netns(&container_netlink_family, reg->net, msg, 0,
				GROUP_CHANGES, GFP_NOWAIT | __GFP_NOWARN);
	return;

lost:
	nlmsg_free(msg);
	genl_set_err(&container_netlink_family, reg->net, 0, GROUP_CHANGES, -ENOBUFS);
}

/**
 * container_notify_binding() - tell listeners that a binding began or ended
 * @reg: its registry
 * @b: the binding, not yet freed
 * @cmd: CONTAINER_ID_CMD_BIND_NTF or CONTAINER_ID_CMD_UNBIND_NTF
 *
 * Context: process, under container_lock.
 */
void container_notify_binding(struct container_registry *reg,
			      const struct container_binding *b, u8 cmd)
{
	notify(reg, cmd, NULL, b);
}

/**
 * container_by_attr() - the container whose id a request names
 * @reg: the registry
 * @info: the request, which is told why not
 *
 * Context: process, under container_lock.
 * Return: the container, or an ERR_PTR: -EINVAL (no id), -ENOENT.
 */
struct container *container_by_attr(struct container_registry *reg,
				    struct genl_info *info)
{
	struct nlattr *attr = info->attrs[CONTAINER_ID_A_ID];
	struct container *c;

	if (!has_id(info))
		return ERR_PTR(-EINVAL);
	c = container_find(reg, nla_get_u32(attr));
	if (!c) {
		NL_SET_ERR_MSG_ATTR(info->extack, attr, "no container has this id");
		return ERR_PTR(-ENOENT);
	}
	return c;
}

/**
 * container_attr_name() - the name in a request
 * @info: the request
 *
 * Return: the name, which may be empty, or NULL without one.
 */
const char *container_attr_name(struct genl_info *info)
{
	struct nlattr *attr = info->attrs[CONTAINER_ID_A_NAME];

	return attr ? nla_data(attr) : NULL;
}

static int cmd_add(struct sk_buff *skb, struct genl_info *info)
{
	struct container_registry *reg = container_registry(genl_info_net(info));
	struct container *c;
	int err;

	if (!has_id(info))
		return -EINVAL;
	c = kzalloc(sizeof(*c), GFP_KERNEL_ACCOUNT);
	if (!c)
		return -ENOMEM;
	mutex_lock(&container_lock);
	err = container_add(reg, c, nla_get_u32(info->attrs[CONTAINER_ID_A_ID]),
			    container_attr_name(info), info->extack);
	if (!err)
		notify(reg, CONTAINER_ID_CMD_ADD_NTF, c, NULL);
	mutex_unlock(&container_lock);
	if (err)
		kfree(c);
	return err;
}

static int cmd_set(struct sk_buff *skb, struct genl_info *info)
{
	struct container_registry *reg = container_registry(genl_info_net(info));
	const char *name = container_attr_name(info);
	bool flow = container_flow_asked(info);
	struct container_flow_change change;
	struct container *c;
	int err = 0;

	if (!name && !flow) {
		GENL_SET_ERR_MSG(info, "the request has no name, nor any flow id");
		return -EINVAL;
	}
	if (flow) {
		/* Before a module is loaded for a container that is not there. */
		mutex_lock(&container_lock);
		err = PTR_ERR_OR_ZERO(container_by_attr(reg, info));
		mutex_unlock(&container_lock);
		if (err)
			return err;
		err = container_flow_prepare(&change, info);
		if (err)
			goto out_finish;
	}
	mutex_lock(&container_lock);
	c = container_by_attr(reg, info);
	err = PTR_ERR_OR_ZERO(c);
	if (!err && name) {
		err = container_rename(reg, c, name, info->extack);
		if (!err)
			notify(reg, CONTAINER_ID_CMD_SET_NTF, c, NULL);
	}
	if (!err && flow) {
		container_flow_apply(reg, c, &change);
		notify(reg, CONTAINER_ID_CMD_FLOW_NTF, c, NULL);
	}
	mutex_unlock(&container_lock);
out_finish:
	if (flow)
		container_flow_finish(&change);
	return err;
}

static int cmd_del(struct sk_buff *skb, struct genl_info *info)
{
	struct container_registry *reg = container_registry(genl_info_net(info));
	struct container *c;

	mutex_lock(&container_lock);
	c = container_by_attr(reg, info);
	if (!IS_ERR(c)) {
		notify(reg, CONTAINER_ID_CMD_DEL_NTF, c, NULL);
		container_del(reg, c);
	}
	mutex_unlock(&container_lock);
	return PTR_ERR_OR_ZERO(c);
}

/* The binding that a request wants replaced; NULL if there is none, or if it is not to
 * be replaced.
 */
static int find_replaced(struct container_registry *reg, struct cgroup *cgrp,
			 struct genl_info *info, struct container_binding **old)
{
	struct nlattr *from = info->attrs[CONTAINER_ID_A_FROM];
	struct container_binding *b;
	u32 id;

	*old = NULL;
	if (!from)
		return 0;
	b = container_bound(reg, cgroup_id(cgrp));
	id = nla_get_u32(from);
	if (id && (!b || b->id != id)) {
		NL_SET_ERR_MSG_ATTR(info->extack, from, "the cgroup is not bound to the container that it is to be taken from");
		return -ENOENT;
	}
	*old = b;
	return 0;
}

static int cmd_bind(struct sk_buff *skb, struct genl_info *info)
{
	struct container_registry *reg = container_registry(genl_info_net(info));
	struct container_binding *b, *old;
	struct container *c;
	struct cgroup *cgrp;
	int err;

	cgrp = container_cgroup_get(skb, info, true);
	if (IS_ERR(cgrp))
		return PTR_ERR(cgrp);
	err = -ENOMEM;
	b = kzalloc(sizeof(*b), GFP_KERNEL_ACCOUNT);
	if (!b)
		goto out_put;
	mutex_lock(&container_lock);
	c = container_by_attr(reg, info);
	err = PTR_ERR_OR_ZERO(c);
	if (!err)
		err = find_replaced(reg, cgrp, info, &old);
	if (!err)
		err = container_bind(reg, c, cgrp, b, old, info->extack);
	mutex_unlock(&container_lock);
	if (err)
		kfree(b);
out_put:
	cgroup_put(cgrp);
	return err;
}

static int attr_cgroup_id(const struct sk_buff *skb, struct genl_info *info,
			  u64 *id)
{
	struct nlattr *attr = info->attrs[CONTAINER_ID_A_CGROUP_ID];
	struct cgroup *cgrp;

	if (!attr == !info->attrs[CONTAINER_ID_A_CGROUP_FD]) {
		GENL_SET_ERR_MSG(info, "name the cgroup by file descriptor or by id, not both");
		return -EINVAL;
	}
	if (attr) {
		*id = nla_get_u64(attr);
		return 0;
	}
	cgrp = container_cgroup_get(skb, info, false);
	if (IS_ERR(cgrp))
		return PTR_ERR(cgrp);
	*id = cgroup_id(cgrp);
	cgroup_put(cgrp);
	return 0;
}

static int cmd_unbind(struct sk_buff *skb, struct genl_info *info)
{
	struct container_registry *reg = container_registry(genl_info_net(info));
	struct nlattr *id = info->attrs[CONTAINER_ID_A_ID];
	struct container_binding *b;
	u64 cgroup_id;
	int err;

	err = attr_cgroup_id(skb, info, &cgroup_id);
	if (err)
		return err;
	mutex_lock(&container_lock);
	b = container_bound(reg, cgroup_id);
	if (!b) {
		GENL_SET_ERR_MSG(info, "the cgroup is not bound");
		err = -ENOENT;
	} else if (id && nla_get_u32(id) != b->id) {
		GENL_SET_ERR_MSG(info, "the cgroup is bound to another container");
		err = -ENOENT;
	} else {
		container_notify_binding(reg, b, CONTAINER_ID_CMD_UNBIND_NTF);
		container_unbind(reg, b);
	}
	mutex_unlock(&container_lock);
	return err;
}

/* The family's GENL_UNS_ADMIN_PERM would refuse without a word. */
#define ADMIN(_cmd, _doit)						\
static int admin_ ## _cmd(struct sk_buff *skb, struct genl_info *info)	\
{									\
	int err = container_check_admin(skb, info->extack);		\
									\
	return err ? err : _doit(skb, info);				\
}

ADMIN(add, cmd_add)
ADMIN(set, cmd_set)
ADMIN(del, cmd_del)
ADMIN(bind, cmd_bind)
ADMIN(unbind, cmd_unbind)
ADMIN(get, container_cmd_get)
ADMIN(of, container_cmd_of)

/* One policy a shape of command: an attribute that a command does not take is
 * refused, not ignored.
 */
#define POLICY_ID	[CONTAINER_ID_A_ID] = NLA_POLICY_MIN(NLA_U32, 1)
#define POLICY_NAME	[CONTAINER_ID_A_NAME] = {			\
	.type = NLA_NUL_STRING, .len = CONTAINER_ID_NAMSIZ - 1 }
#define POLICY_CGROUP_FD [CONTAINER_ID_A_CGROUP_FD] = { .type = NLA_S32 }
#define POLICY_CGROUP_ID [CONTAINER_ID_A_CGROUP_ID] = { .type = NLA_U64 }
#define POLICY_SIZE	(CONTAINER_ID_A_CGROUP_ID + 1)

static const struct nla_policy id_name_policy[POLICY_SIZE] = {
	POLICY_ID, POLICY_NAME,
};

static const struct nla_policy set_policy[CONTAINER_ID_A_FLOW_UNSET + 1] = {
	POLICY_ID, POLICY_NAME,
	[CONTAINER_ID_A_MARK] = { .type = NLA_U32 },
	[CONTAINER_ID_A_PRIORITY] = { .type = NLA_U32 },
	[CONTAINER_ID_A_CLASSID] = { .type = NLA_U32 },
	[CONTAINER_ID_A_FLOW_FIXED] = NLA_POLICY_MAX(NLA_U8, 1),
	[CONTAINER_ID_A_FLOW_UNSET] = NLA_POLICY_MASK(NLA_U32,
						      CONTAINER_ID_FLOW_MARK |
						      CONTAINER_ID_FLOW_PRIORITY |
						      CONTAINER_ID_FLOW_CLASSID),
};

static const struct nla_policy id_policy[POLICY_SIZE] = {
	POLICY_ID,
};

static const struct nla_policy bind_policy[CONTAINER_ID_A_FROM + 1] = {
	POLICY_ID, POLICY_CGROUP_FD,
	[CONTAINER_ID_A_FROM] = { .type = NLA_U32 },
};

static const struct nla_policy unbind_policy[POLICY_SIZE] = {
	POLICY_ID, POLICY_CGROUP_FD, POLICY_CGROUP_ID,
};

static const struct nla_policy of_policy[POLICY_SIZE] = {
	POLICY_CGROUP_FD,
};

#define CMD(_cmd, _policy)				\
	.cmd = CONTAINER_ID_CMD_ ## _cmd,		\
	.policy = _policy,				\
	.maxattr = ARRAY_SIZE(_policy) - 1

static const struct genl_ops container_id_ops[] = {
	{ CMD(ADD, id_name_policy), .doit = admin_add },
	{ CMD(SET, set_policy), .doit = admin_set },
	{ CMD(DEL, id_policy), .doit = admin_del },
	{ CMD(BIND, bind_policy), .doit = admin_bind },
	{ CMD(UNBIND, unbind_policy), .doit = admin_unbind },
	{ CMD(GET, id_name_policy), .doit = admin_get,
	  .start = container_dump_start, .dumpit = container_dump_get },
	{ CMD(GET_BINDING, id_policy), .start = container_dump_start,
	  .dumpit = container_dump_get_binding },
	{ CMD(OF, of_policy), .doit = admin_of },
};

struct genl_family container_netlink_family = {
	.name = CONTAINER_ID_GENL_NAME,
	.version = CONTAINER_ID_GENL_VERSION,
	.module = THIS_MODULE,
	.netnsok = true,
	.parallel_ops = true,
	.ops = container_id_ops,
	.n_ops = ARRAY_SIZE(container_id_ops),
	.resv_start_op = CONTAINER_ID_CMD_UNSPEC + 1,
	.mcgrps = groups,
	.n_mcgrps = ARRAY_SIZE(groups),
};

/**
 * container_netlink_init() - register the family
 *
 * Return: 0 or a negative errno.
 */
int __init container_netlink_init(void)
{
	return genl_register_family(&container_netlink_family);
}

/**
 * container_netlink_exit() - unregister the family
 *
 * Context: process; waits for handlers that run.
 */
void container_netlink_exit(void)
{
	genl_unregister_family(&container_netlink_family);
}

MODULE_ALIAS_GENL_FAMILY(CONTAINER_ID_GENL_NAME);
