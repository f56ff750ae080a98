// SPDX-License-Identifier: GPL-2.0-only
/*
 * 6.6 gave dumps the struct genl_info that the other commands have.
 * Absent: (implicit declaration of|call to undeclared) function .genl_info_dump.
 */
#include <net/genetlink.h>

const struct genl_info *probe(struct netlink_callback *cb);
const struct genl_info *probe(struct netlink_callback *cb)
{
	return genl_info_dump(cb);
}
