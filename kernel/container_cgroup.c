// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which cgroup a descriptor stands for, and whether who sends it may bind it.
 */
#include <linux/cgroup.h>
#include <linux/cred.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/kernfs.h>
#include <linux/magic.h>
#include <linux/mount.h>
#include <linux/nsproxy.h>
#include <net/genetlink.h>

#include "compat.h"
#include "container_registry.h"

/* Could who asks make a cgroup in this one, by this way to it? That is the kernel's
 * own measure of who manages a part of the tree. Both who sends and who opened the
 * netlink socket have to: a tenant can have a program with more rights than his
 * write to a socket of his, say as its standard error. And a mount that is read-only
 * may be all that keeps a container's root, who is root of the host, from managing
 * the host's cgroups.
 */
static int may_manage(const struct sk_buff *skb, struct file *dir,
		      struct nlattr *attr, struct netlink_ext_ack *extack)
{
	const struct socket *sock = NETLINK_CB(skb).sk->sk_socket;
	const struct cred *sender;
	int err;

	if (mnt_want_write(dir->f_path.mnt)) {
		NL_SET_ERR_MSG_ATTR(extack, attr, "cgroups are mounted read-only here: only who may create cgroups in this one may bind it");
		return -EROFS;
	}
	err = file_permission(dir, MAY_WRITE | MAY_EXEC);
	if (!err && sock && sock->file) {
		sender = override_creds(sock->file->f_cred);
		err = file_permission(dir, MAY_WRITE | MAY_EXEC);
		revert_creds(sender);
	}
	mnt_drop_write(dir->f_path.mnt);
	if (!err)
		return 0;
	NL_SET_ERR_MSG_ATTR(extack, attr, "only who may create cgroups in this one may bind it");
	return -EACCES;
}

/* A descriptor can be older than the cgroup namespace of who uses it, and a mount
 * can be another one's. The root of the caller's own cannot change under it.
 */
static bool in_cgroup_ns(struct cgroup *cgrp)
{
	const struct css_set *root = current->nsproxy->cgroup_ns->root_cset;

	return cgroup_is_descendant(cgrp, root->dfl_cgrp);
}

/**
 * container_cgroup_get() - the cgroup that a request names by a descriptor
 * @skb: the request
 * @info: the same, taken apart; its CONTAINER_ID_A_CGROUP_FD is a descriptor of
 *	the caller's
 * @manage: it has to be one that the caller manages now; who opened the descriptor,
 *	and what was permitted then, says nothing
 *
 * Context: process, the caller's own; may sleep.
 * Return: the cgroup, with a reference, or an error pointer, and the extack says
 * why: -EINVAL (no descriptor), -EBADF (not open on a cgroup v2 directory that
 * exists), -EXDEV (outside of the caller's cgroup namespace), -EROFS, -EACCES (not
 * managed).
 */
struct cgroup *container_cgroup_get(const struct sk_buff *skb,
				    struct genl_info *info, bool manage)
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
	cgrp = cgroup_get_from_fd(fd);
	if (IS_ERR(cgrp))
		goto bad_file;
	/* Another thread may have put another file there meanwhile. An inode's number has
	 * no more bits than a long.
	 */
	if ((ino_t)cgroup_id(cgrp) != file_inode(file)->i_ino)
		goto bad_cgroup;
	if (!in_cgroup_ns(cgrp)) {
		NL_SET_ERR_MSG_ATTR(info->extack, attr, "this cgroup is outside of the caller's cgroup namespace");
		err = -EXDEV;
		goto refuse;
	}
	err = manage ? may_manage(skb, file, attr, info->extack) : 0;
	if (err)
		goto refuse;
	fput(file);
	return cgrp;

refuse:
	cgroup_put(cgrp);
	fput(file);
	return ERR_PTR(err);
bad_cgroup:
	cgroup_put(cgrp);
bad_file:
	fput(file);
bad_fd:
	NL_SET_ERR_MSG_ATTR(info->extack, attr, "not open on a cgroup v2 directory that exists");
	return ERR_PTR(-EBADF);
}
