// SPDX-License-Identifier: GPL-2.0-only
/*
 * xt_SOCKERR: deny a socket event with an errno that the rule picks.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>
#include <linux/netfilter/x_tables.h>

#include "container_id.h"
#include "event_table.h"
#include "sock_errno.h"

static unsigned int sockerr_tg(struct sk_buff *skb,
			       const struct xt_action_param *par)
{
	const struct xt_sockerr_tginfo *info = par->targinfo;

	return NF_DROP_ERR(-info->err);
}

static int sockerr_tg_check(const struct xt_tgchk_param *par)
{
	const struct xt_sockerr_tginfo *info = par->targinfo;
	int err;

	/* In a table of nft that has such a name, the hook of a real packet would get
	 * this target's verdict: harmless, it drops.
	 */
	if (!is_event_table(par->table)) {
		pr_info_ratelimited("valid in the tables connect, bind and accept only, not in %s\n",
				    par->table);
		return -EINVAL;
	}
	err = check_event_rule(par->table, par->family, par->entryinfo);
	if (err)
		return err;
	if (info->pad[0] || info->pad[1] || info->pad[2]) {
		pr_info_ratelimited("padding must be zero\n");
		return -EINVAL;
	}
	if (!sock_errno_known(info->err)) {
		pr_info_ratelimited("errno %u is none that a denied call can return\n",
				    info->err);
		return -EINVAL;
	}
	return 0;
}

#define SOCKERR_TG(_family)				\
{							\
	.name = "SOCKERR",				\
	.revision = 0,					\
	.family = _family,				\
	.target = sockerr_tg,				\
	.checkentry = sockerr_tg_check,			\
	.targetsize = sizeof(struct xt_sockerr_tginfo),	\
	.usersize = sizeof(struct xt_sockerr_tginfo),	\
	.me = THIS_MODULE,				\
}

static struct xt_target sockerr_tg_reg[] __read_mostly = {
	SOCKERR_TG(NFPROTO_IPV4),
	SOCKERR_TG(NFPROTO_IPV6),
};

static int __init sockerr_tg_init(void)
{
	BUILD_BUG_ON(sizeof(struct xt_sockerr_tginfo) != 4);
	return xt_register_targets(sockerr_tg_reg, ARRAY_SIZE(sockerr_tg_reg));
}

static void __exit sockerr_tg_exit(void)
{
	xt_unregister_targets(sockerr_tg_reg, ARRAY_SIZE(sockerr_tg_reg));
}

module_init(sockerr_tg_init);
module_exit(sockerr_tg_exit);
MODULE_LICENSE("GPL");
MODULE_VERSION(XT_CONTAINER_VERSION);
MODULE_DESCRIPTION("Xtables: choose the errno of a denied connect, bind or accept");
MODULE_ALIAS("ipt_SOCKERR");
MODULE_ALIAS("ip6t_SOCKERR");
