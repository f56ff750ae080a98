// SPDX-License-Identifier: GPL-2.0-only
/*
 * Generic netlink family "container_id": how user space reads and writes the
 * registry of its network namespace. The ABI is documented in
 * include/uapi/linux/container_id.h.
 */
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/kernfs.h>
#include <linux/magic.h>
#include <linux/module.h>
#include <net/genetlink.h>

#include "compat.h"
#include "container_registry.h"

enum {
	GROUP_CHANGES,
};

static const struct genl_multicast_group groups[] = {
	[GROUP_CHANGES] = {
		.name = CONTAINER_ID_GENL_MCGRP,
		.flags = GENL_MCAST_CAP_NET_ADMIN,
	},
};

static int check_admin(struct sk_buff *skb, struct netlink_ext_ack *extack)
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

static struct genl_family container_id_family;

/* A container's id and name; @name may be empty. */
static int put_container(struct sk_buff *msg, u32 id, const char *name)
{
	if (nla_put_u32(msg, CONTAINER_ID_A_ID, id))
		return -EMSGSIZE;
	if (name && name[0] && nla_put_string(msg, CONTAINER_ID_A_NAME, name))
		return -EMSGSIZE;
	return 0;
}

static int put_cgroup_id(struct sk_buff *msg, u64 cgroup_id)
{
	return nla_put_u64_64bit(msg, CONTAINER_ID_A_CGROUP_ID, cgroup_id,
				 CONTAINER_ID_A_PAD);
}

static int put_binding(struct sk_buff *msg, const struct container_binding *b)
{
	if (put_container(msg, b->id, NULL) || put_cgroup_id(msg, b->cgroup_id))
		return -EMSGSIZE;
	if (READ_ONCE(b->gone) && nla_put_flag(msg, CONTAINER_ID_A_CGROUP_GONE))
		return -EMSGSIZE;
	return 0;
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

	if (!genl_has_listeners(&container_id_family, reg->net, GROUP_CHANGES))
		return;
	msg = genlmsg_new(NLMSG_GOODSIZE, GFP_KERNEL);
	if (!msg)
		goto lost;
	hdr = genlmsg_put(msg, 0, 0, &container_id_family, 0, cmd);
	if (!hdr)
		goto lost;
	err = b ? put_binding(msg, b) : put_container(msg, c->id, c->name);
	if (err)
		goto lost;
	genlmsg_end(msg, hdr);
	genlmsg_multicast_netns(&container_id_family, reg->net, msg, 0,
				GROUP_CHANGES, GFP_KERNEL);
	return;

lost:
	nlmsg_free(msg);
	genl_set_err(&container_id_family, reg->net, 0, GROUP_CHANGES, -ENOBUFS);
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

static struct container *find_by_attr(struct container_registry *reg,
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

static const char *attr_name(struct genl_info *info)
{
	struct nlattr *attr = info->attrs[CONTAINER_ID_A_NAME];

	return attr ? nla_data(attr) : NULL;
}

static int cmd_add(struct sk_buff *skb, struct genl_info *info)
{
	struct container_registry *reg = container_registry(genl_info_net(info));
	struct container *c;

	if (!has_id(info))
		return -EINVAL;
	mutex_lock(&container_lock);
	c = container_add(reg, nla_get_u32(info->attrs[CONTAINER_ID_A_ID]),
			  attr_name(info), info->extack);
	if (!IS_ERR(c))
		notify(reg, CONTAINER_ID_CMD_ADD_NTF, c, NULL);
	mutex_unlock(&container_lock);
	return PTR_ERR_OR_ZERO(c);
}

static int cmd_set(struct sk_buff *skb, struct genl_info *info)
{
	struct container_registry *reg = container_registry(genl_info_net(info));
	struct container *c;
	int err;

	if (GENL_REQ_ATTR_CHECK(info, CONTAINER_ID_A_NAME)) {
		GENL_SET_ERR_MSG(info, "the request has no name");
		return -EINVAL;
	}
	mutex_lock(&container_lock);
	c = find_by_attr(reg, info);
	err = PTR_ERR_OR_ZERO(c);
	if (!err)
		err = container_rename(reg, c, attr_name(info), info->extack);
	if (!err)
		notify(reg, CONTAINER_ID_CMD_SET_NTF, c, NULL);
	mutex_unlock(&container_lock);
	return err;
}

static int cmd_del(struct sk_buff *skb, struct genl_info *info)
{
	struct container_registry *reg = container_registry(genl_info_net(info));
	struct container *c;

	mutex_lock(&container_lock);
	c = find_by_attr(reg, info);
	if (!IS_ERR(c)) {
		notify(reg, CONTAINER_ID_CMD_DEL_NTF, c, NULL);
		container_del(reg, c);
	}
	mutex_unlock(&container_lock);
	return PTR_ERR_OR_ZERO(c);
}

/* The cgroup that the caller's file descriptor is open on, with a reference.
 * With @manage only if the caller could make a cgroup in it, the kernel's own
 * measure of who manages a part of the tree.
 */
static struct cgroup *get_cgroup(struct genl_info *info, bool manage)
{
	struct nlattr *attr = info->attrs[CONTAINER_ID_A_CGROUP_FD];
	struct cgroup *cgrp;
	struct file *file;
	int fd, err;

	if (GENL_REQ_ATTR_CHECK(info, CONTAINER_ID_A_CGROUP_FD)) {
		GENL_SET_ERR_MSG(info, "the request has no file descriptor of a cgroup");
		return ERR_PTR(-EINVAL);
	}
	fd = nla_get_s32(attr);
	file = fget_raw(fd);
	if (!file)
		goto bad_fd;
	if (file->f_path.dentry->d_sb->s_magic != CGROUP2_SUPER_MAGIC ||
	    !d_is_dir(file->f_path.dentry))
		goto bad_file;
	if (manage) {
		err = file_permission(file, MAY_WRITE | MAY_EXEC);
		if (err) {
			NL_SET_ERR_MSG_ATTR(info->extack, attr, "only who may create cgroups in this one may bind it");
			fput(file);
			return ERR_PTR(-EACCES);
		}
	}
	cgrp = cgroup_get_from_fd(fd);
	if (IS_ERR(cgrp))
		goto bad_file;
	/* Another thread may have put another file there meanwhile. */
	if (cgroup_id(cgrp) != file_inode(file)->i_ino) {
		cgroup_put(cgrp);
		goto bad_file;
	}
	fput(file);
	return cgrp;

bad_file:
	fput(file);
bad_fd:
	NL_SET_ERR_MSG_ATTR(info->extack, attr, "not open on a cgroup v2 directory that exists");
	return ERR_PTR(-EBADF);
}

static int cmd_bind(struct sk_buff *skb, struct genl_info *info)
{
	struct container_registry *reg = container_registry(genl_info_net(info));
	struct container_binding *b;
	struct container *c;
	struct cgroup *cgrp;
	int err;

	cgrp = get_cgroup(info, true);
	if (IS_ERR(cgrp))
		return PTR_ERR(cgrp);
	mutex_lock(&container_lock);
	c = find_by_attr(reg, info);
	err = PTR_ERR_OR_ZERO(c);
	if (!err) {
		b = container_bind(reg, c, cgrp, info->extack);
		err = PTR_ERR_OR_ZERO(b);
	}
	if (!err)
		container_notify_binding(reg, b, CONTAINER_ID_CMD_BIND_NTF);
	mutex_unlock(&container_lock);
	cgroup_put(cgrp);
	return err;
}

static int attr_cgroup_id(struct genl_info *info, u64 *id)
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
	cgrp = get_cgroup(info, false);
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

	err = attr_cgroup_id(info, &cgroup_id);
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

static int fill_container(struct sk_buff *msg, const struct container *c)
{
	if (put_container(msg, c->id, c->name))
		return -EMSGSIZE;
	return nla_put_u32(msg, CONTAINER_ID_A_NBINDINGS, c->nbindings);
}

static int cmd_get(struct sk_buff *skb, struct genl_info *info)
{
	struct container_registry *reg = container_registry(genl_info_net(info));
	const char *name = attr_name(info);
	struct container *c;
	struct sk_buff *msg;
	void *hdr;
	int err;

	if (!name == !info->attrs[CONTAINER_ID_A_ID]) {
		GENL_SET_ERR_MSG(info, "name the container by id or by name, not both");
		return -EINVAL;
	}
	msg = genlmsg_new(NLMSG_GOODSIZE, GFP_KERNEL);
	if (!msg)
		return -ENOMEM;
	err = -EMSGSIZE;
	hdr = genlmsg_put_reply(msg, info, &container_id_family, 0,
				CONTAINER_ID_CMD_GET);
	if (!hdr)
		goto err_free;

	mutex_lock(&container_lock);
	if (name) {
		c = container_find_name(reg, name);
		if (!c) {
			NL_SET_ERR_MSG_ATTR(info->extack,
					    info->attrs[CONTAINER_ID_A_NAME],
					    "no container has this name");
			c = ERR_PTR(-ENOENT);
		}
	} else {
		c = find_by_attr(reg, info);
	}
	err = IS_ERR(c) ? PTR_ERR(c) : fill_container(msg, c);
	mutex_unlock(&container_lock);
	if (err)
		goto err_free;
	genlmsg_end(msg, hdr);
	return genlmsg_reply(msg, info);

err_free:
	nlmsg_free(msg);
	return err;
}

static int cmd_of(struct sk_buff *skb, struct genl_info *info)
{
	struct container_registry *reg = container_registry(genl_info_net(info));
	struct container_binding *b;
	struct cgroup *cgrp;
	struct sk_buff *msg;
	void *hdr;
	int err;

	cgrp = get_cgroup(info, false);
	if (IS_ERR(cgrp))
		return PTR_ERR(cgrp);
	err = -ENOMEM;
	msg = genlmsg_new(NLMSG_GOODSIZE, GFP_KERNEL);
	if (!msg)
		goto out_put;
	err = -EMSGSIZE;
	hdr = genlmsg_put_reply(msg, info, &container_id_family, 0,
				CONTAINER_ID_CMD_OF);
	if (!hdr)
		goto out_free;

	mutex_lock(&container_lock);
	b = container_nearest_binding(reg->net, cgrp);
	if (!b)
		err = put_container(msg, 0, NULL);
	else
		err = put_container(msg, b->id, b->c->name) ?:
		      put_cgroup_id(msg, b->cgroup_id);
	mutex_unlock(&container_lock);
	if (err)
		goto out_free;
	genlmsg_end(msg, hdr);
	cgroup_put(cgrp);
	return genlmsg_reply(msg, info);

out_free:
	nlmsg_free(msg);
out_put:
	cgroup_put(cgrp);
	return err;
}

/* Where a dump goes on: in struct netlink_callback.ctx. */
struct dump_ctx {
	u32 next_id;	/* 0: nothing left */
	u32 skip;	/* bindings of that container that were sent */
	bool one;	/* only that container */
};

static struct dump_ctx *dump_ctx(struct netlink_callback *cb)
{
	BUILD_BUG_ON(sizeof(struct dump_ctx) > sizeof(cb->ctx));
	return (struct dump_ctx *)cb->ctx;
}

static int dump_start(struct netlink_callback *cb)
{
	struct nlattr **attrs = genl_info_dump(cb)->attrs;
	struct nlattr *id = attrs ? attrs[CONTAINER_ID_A_ID] : NULL;
	struct dump_ctx *ctx = dump_ctx(cb);
	int err;

	err = check_admin(cb->skb, cb->extack);
	if (err)
		return err;
	if (attrs && attrs[CONTAINER_ID_A_NAME]) {
		NL_SET_ERR_MSG_ATTR(cb->extack, attrs[CONTAINER_ID_A_NAME],
				    "a dump is of all containers, or of one by its id");
		return -EINVAL;
	}
	ctx->next_id = id ? nla_get_u32(id) : 1;
	ctx->one = id;
	return 0;
}

static void *dump_put(struct sk_buff *skb, struct netlink_callback *cb, u8 cmd)
{
	void *hdr = genlmsg_put(skb, NETLINK_CB(cb->skb).portid,
				cb->nlh->nlmsg_seq, &container_id_family,
				NLM_F_MULTI, cmd);

	if (hdr)
		genl_dump_check_consistent(cb, hdr);
	return hdr;
}

static int dump_container(struct sk_buff *skb, struct netlink_callback *cb,
			  const struct container *c)
{
	void *hdr = dump_put(skb, cb, CONTAINER_ID_CMD_GET);

	if (!hdr)
		return -EMSGSIZE;
	if (fill_container(skb, c)) {
		genlmsg_cancel(skb, hdr);
		return -EMSGSIZE;
	}
	genlmsg_end(skb, hdr);
	return 0;
}

static int dump_bindings_of(struct sk_buff *skb, struct netlink_callback *cb,
			    const struct container *c)
{
	struct dump_ctx *ctx = dump_ctx(cb);
	const struct container_binding *b;
	u32 n = 0;

	list_for_each_entry(b, &c->bindings, sibling) {
		void *hdr;

		if (n++ < ctx->skip)
			continue;
		hdr = dump_put(skb, cb, CONTAINER_ID_CMD_GET_BINDING);
		if (!hdr)
			return -EMSGSIZE;
		if (put_binding(skb, b)) {
			genlmsg_cancel(skb, hdr);
			return -EMSGSIZE;
		}
		genlmsg_end(skb, hdr);
		ctx->skip++;
	}
	ctx->skip = 0;
	return 0;
}

static int dump_each(struct sk_buff *skb, struct netlink_callback *cb,
		     int (*put)(struct sk_buff *skb, struct netlink_callback *cb,
				const struct container *c))
{
	struct container_registry *reg = container_registry(sock_net(skb->sk));
	struct dump_ctx *ctx = dump_ctx(cb);
	struct container *c;

	mutex_lock(&container_lock);
	cb->seq = reg->seq;
	while (ctx->next_id) {
		c = container_first_from(reg, ctx->next_id);
		if (!c || (ctx->one && c->id != ctx->next_id)) {
			ctx->next_id = 0;
			break;
		}
		if (c->id != ctx->next_id)
			ctx->skip = 0;
		ctx->next_id = c->id;
		if (put(skb, cb, c))
			break;
		ctx->next_id = ctx->one ? 0 : c->id + 1;
	}
	mutex_unlock(&container_lock);
	return skb->len;
}

static int dump_get(struct sk_buff *skb, struct netlink_callback *cb)
{
	return dump_each(skb, cb, dump_container);
}

static int dump_get_binding(struct sk_buff *skb, struct netlink_callback *cb)
{
	return dump_each(skb, cb, dump_bindings_of);
}

/* The family's GENL_UNS_ADMIN_PERM would refuse without a word. */
#define ADMIN(_cmd)							\
static int admin_ ## _cmd(struct sk_buff *skb, struct genl_info *info)	\
{									\
	int err = check_admin(skb, info->extack);			\
									\
	return err ? err : cmd_ ## _cmd(skb, info);			\
}

ADMIN(add)
ADMIN(set)
ADMIN(del)
ADMIN(bind)
ADMIN(unbind)
ADMIN(get)
ADMIN(of)

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

static const struct nla_policy id_policy[POLICY_SIZE] = {
	POLICY_ID,
};

static const struct nla_policy bind_policy[POLICY_SIZE] = {
	POLICY_ID, POLICY_CGROUP_FD,
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
	{ CMD(SET, id_name_policy), .doit = admin_set },
	{ CMD(DEL, id_policy), .doit = admin_del },
	{ CMD(BIND, bind_policy), .doit = admin_bind },
	{ CMD(UNBIND, unbind_policy), .doit = admin_unbind },
	{ CMD(GET, id_name_policy), .doit = admin_get, .start = dump_start,
	  .dumpit = dump_get },
	{ CMD(GET_BINDING, id_policy), .start = dump_start,
	  .dumpit = dump_get_binding },
	{ CMD(OF, of_policy), .doit = admin_of },
};

static struct genl_family container_id_family = {
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
	return genl_register_family(&container_id_family);
}

/**
 * container_netlink_exit() - unregister the family
 *
 * Context: process; waits for handlers that run.
 */
void container_netlink_exit(void)
{
	genl_unregister_family(&container_id_family);
}

MODULE_ALIAS_GENL_FAMILY(CONTAINER_ID_GENL_NAME);
