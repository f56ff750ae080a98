// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the family "container_id" tells of a registry: replies and dumps.
 */
#include <net/genetlink.h>

#include "compat.h"
#include "container_netlink.h"

/**
 * container_put() - tell a container's id and name
 * @msg: the message
 * @id: the id
 * @name: the name; NULL or empty without one
 *
 * Return: 0 or -EMSGSIZE.
 */
int container_put(struct sk_buff *msg, u32 id, const char *name)
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

/**
 * container_put_binding() - tell of a binding
 * @msg: the message
 * @b: the binding
 *
 * Return: 0 or -EMSGSIZE.
 */
int container_put_binding(struct sk_buff *msg, const struct container_binding *b)
{
	if (container_put(msg, b->id, NULL) || put_cgroup_id(msg, b->cgroup_id))
		return -EMSGSIZE;
	if (READ_ONCE(b->gone) && nla_put_flag(msg, CONTAINER_ID_A_CGROUP_GONE))
		return -EMSGSIZE;
	return 0;
}

static int fill_container(struct sk_buff *msg, const struct container *c)
{
	if (container_put(msg, c->id, c->name) ||
	    nla_put_u32(msg, CONTAINER_ID_A_NBINDINGS, c->nbindings))
		return -EMSGSIZE;
	return container_flow_put_attrs(msg, c);
}

/**
 * container_cmd_get() - answer CONTAINER_ID_CMD_GET for one container
 * @skb: the request, of somebody who may ask
 * @info: it, parsed
 *
 * Return: 0, -EINVAL, -ENOENT, -ENOMEM or -EMSGSIZE.
 */
int container_cmd_get(struct sk_buff *skb, struct genl_info *info)
{
	struct container_registry *reg = container_registry(genl_info_net(info));
	const char *name = container_attr_name(info);
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
	hdr = genlmsg_put_reply(msg, info, &container_netlink_family, 0,
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
		c = container_by_attr(reg, info);
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

/**
 * container_cmd_of() - answer CONTAINER_ID_CMD_OF
 * @skb: the request, of somebody who may ask
 * @info: it, parsed
 *
 * Return: 0, what container_cgroup_get() fails with, -ENOMEM or -EMSGSIZE.
 */
int container_cmd_of(struct sk_buff *skb, struct genl_info *info)
{
	struct container_registry *reg = container_registry(genl_info_net(info));
	struct container_binding *b;
	struct cgroup *cgrp;
	struct sk_buff *msg;
	void *hdr;
	int err;

	cgrp = container_cgroup_get(skb, info, false);
	if (IS_ERR(cgrp))
		return PTR_ERR(cgrp);
	err = -ENOMEM;
	msg = genlmsg_new(NLMSG_GOODSIZE, GFP_KERNEL);
	if (!msg)
		goto out_put;
	err = -EMSGSIZE;
	hdr = genlmsg_put_reply(msg, info, &container_netlink_family, 0,
				CONTAINER_ID_CMD_OF);
	if (!hdr)
		goto out_free;

	mutex_lock(&container_lock);
	b = container_nearest_binding(reg->net, cgrp);
	if (!b)
		err = container_put(msg, 0, NULL);
	else
		err = container_put(msg, b->id, b->c->name) ?:
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
	u64 sent;	/* the last binding of that container that was */
	bool one;	/* only that container */
};

static struct dump_ctx *dump_ctx(struct netlink_callback *cb)
{
	BUILD_BUG_ON(sizeof(struct dump_ctx) > sizeof(cb->ctx));
	return (struct dump_ctx *)cb->ctx;
}

/**
 * container_dump_start() - begin to dump a registry
 * @cb: the dump; nobody but its container_dump_get() or container_dump_get_binding()
 *	reads what is noted in it
 *
 * Return: 0, -EPERM or -EINVAL.
 */
int container_dump_start(struct netlink_callback *cb)
{
	struct nlattr **attrs = genl_info_dump(cb)->attrs;
	struct nlattr *id = attrs ? attrs[CONTAINER_ID_A_ID] : NULL;
	struct dump_ctx *ctx = dump_ctx(cb);
	int err;

	err = container_check_admin(cb->skb, cb->extack);
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
				cb->nlh->nlmsg_seq, &container_netlink_family,
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

	list_for_each_entry(b, &c->bindings, sibling) {
		void *hdr;

		if (b->nr <= ctx->sent)
			continue;
		hdr = dump_put(skb, cb, CONTAINER_ID_CMD_GET_BINDING);
		if (!hdr)
			return -EMSGSIZE;
		if (container_put_binding(skb, b)) {
			genlmsg_cancel(skb, hdr);
			return -EMSGSIZE;
		}
		genlmsg_end(skb, hdr);
		ctx->sent = b->nr;
	}
	ctx->sent = 0;
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
			ctx->sent = 0;
		ctx->next_id = c->id;
		if (put(skb, cb, c))
			break;
		ctx->next_id = ctx->one ? 0 : c->id + 1;
	}
	mutex_unlock(&container_lock);
	return skb->len;
}

/**
 * container_dump_get() - put as many containers as fit
 * @skb: the message
 * @cb: the dump
 *
 * Return: bytes in @skb; 0 at the end.
 */
int container_dump_get(struct sk_buff *skb, struct netlink_callback *cb)
{
	return dump_each(skb, cb, dump_container);
}

/**
 * container_dump_get_binding() - put as many bindings as fit
 * @skb: the message
 * @cb: the dump
 *
 * What was bound to the same container from its begin to its end is in it once, even if
 * it was interrupted by others.
 *
 * Return: bytes in @skb; 0 at the end.
 */
int container_dump_get_binding(struct sk_buff *skb, struct netlink_callback *cb)
{
	return dump_each(skb, cb, dump_bindings_of);
}

