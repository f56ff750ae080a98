/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _CONTAINER_NETLINK_H
#define _CONTAINER_NETLINK_H

#include "container_registry.h"

struct genl_info;
struct netlink_callback;
struct netlink_ext_ack;

/* container_netlink.c */
extern struct genl_family container_netlink_family;

int container_check_admin(struct sk_buff *skb, struct netlink_ext_ack *extack);
const char *container_attr_name(struct genl_info *info);
struct container *container_by_attr(struct container_registry *reg,
				    struct genl_info *info);

/* container_read.c */
int container_put(struct sk_buff *msg, u32 id, const char *name);
int container_put_binding(struct sk_buff *msg, const struct container_binding *b);
int container_cmd_get(struct sk_buff *skb, struct genl_info *info);
int container_cmd_of(struct sk_buff *skb, struct genl_info *info);
int container_dump_start(struct netlink_callback *cb);
int container_dump_get(struct sk_buff *skb, struct netlink_callback *cb);
int container_dump_get_binding(struct sk_buff *skb, struct netlink_callback *cb);

#endif /* _CONTAINER_NETLINK_H */
