/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
#ifndef _UAPI_LINUX_CONTAINER_ID_H
#define _UAPI_LINUX_CONTAINER_ID_H

/**
 * DOC: generic netlink family "container_id"
 *
 * Manages the registry of the network namespace that the netlink socket
 * belongs to: which container ids exist, what they are called, and which
 * cgroup v2 directories are bound to them.
 *
 * Every command needs CAP_NET_ADMIN in the user namespace that owns the
 * network namespace (EPERM), and so does listening to the group. All integers are
 * in host byte order. Every refusal of the family's carries an extended-ack
 * message, as do most of the netlink core's: ERANGE for the id 0, EINVAL for an
 * attribute that is cut off or that the command does not take. A refused command
 * changes nothing.
 *
 * The words: a *container* is an id with an optional name; a *binding* says
 * that the sockets made in one cgroup, or below it, belong to a container. A
 * cgroup has at most one binding in a registry; of several bound ancestors the
 * nearest wins. A container's *flow ids* are put on its sockets when they are made.
 */
#define CONTAINER_ID_GENL_NAME		"container_id"
#define CONTAINER_ID_GENL_VERSION	1
/** Multicast group that tells of each change in the registry. */
#define CONTAINER_ID_GENL_MCGRP		"changes"

/** Longest name of a container with its terminating NUL. */
#define CONTAINER_ID_NAMSIZ		64

/**
 * enum container_id_cmd - commands of the family, and its notifications
 * @CONTAINER_ID_CMD_UNSPEC: refused
 * @CONTAINER_ID_CMD_ADD: register @CONTAINER_ID_A_ID, optionally named
 *	@CONTAINER_ID_A_NAME. EEXIST: the id or the name is taken; EINVAL: the
 *	name breaks the rules (see %CONTAINER_ID_A_NAME); ENOSPC: the registry is
 *	full.
 * @CONTAINER_ID_CMD_SET: give the container @CONTAINER_ID_A_ID the name
 *	@CONTAINER_ID_A_NAME; an empty one takes the name away. ENOENT, EEXIST,
 *	EINVAL. Or give it, or take from it, flow ids: @CONTAINER_ID_A_MARK,
 *	@CONTAINER_ID_A_PRIORITY, @CONTAINER_ID_A_CLASSID, @CONTAINER_ID_A_FLOW_FIXED
 *	and @CONTAINER_ID_A_FLOW_UNSET; what is not named stays. Sockets that are
 *	made from then on have them. EINVAL: one is both given and taken, or there is
 *	nothing to do; EOPNOTSUPP: the kernel has no class ids (net_cls), or the module
 *	that catches sockets (sock_hooks) cannot be loaded or cannot watch this kernel;
 *	EACCES: a class id, in another network namespace than the initial one;
 *	ftrace's errno.
 * @CONTAINER_ID_CMD_DEL: forget the container @CONTAINER_ID_A_ID and all its
 *	bindings. ENOENT.
 * @CONTAINER_ID_CMD_BIND: bind the cgroup @CONTAINER_ID_A_CGROUP_FD to
 *	@CONTAINER_ID_A_ID. ENOENT: no such container; EBADF: no cgroup v2
 *	directory; EXDEV: it is outside of the caller's cgroup namespace; EACCES: the
 *	caller, or who opened the netlink socket, may not create a cgroup in it; EROFS:
 *	nor by the mount that it was opened on, which is read-only; EEXIST: it is bound
 *	to this container already; EBUSY: it is bound to another one. With
 *	@CONTAINER_ID_A_FROM it is taken from that one (ENOENT: it is another one, or
 *	none, that has it), and every event is judged with the one or the other;
 *	E2BIG: as many registries of the same rank (see
 *	%CONTAINER_ID_MAX_LEVELS) have a binding on it or above it; ENOSPC: the
 *	registry has no room for another binding.
 * @CONTAINER_ID_CMD_UNBIND: end the binding of the cgroup
 *	@CONTAINER_ID_A_CGROUP_FD or @CONTAINER_ID_A_CGROUP_ID (one of them).
 *	With @CONTAINER_ID_A_ID only if it is bound to that container. ENOENT:
 *	no such binding.
 * @CONTAINER_ID_CMD_GET: do: the container @CONTAINER_ID_A_ID or
 *	@CONTAINER_ID_A_NAME (ENOENT); dump: all containers, in order of id, or
 *	with @CONTAINER_ID_A_ID that one (EINVAL with a name). The reply has
 *	@CONTAINER_ID_A_ID, @CONTAINER_ID_A_NAME if it has one,
 *	@CONTAINER_ID_A_NBINDINGS, and of @CONTAINER_ID_A_MARK,
 *	@CONTAINER_ID_A_PRIORITY, @CONTAINER_ID_A_CLASSID and
 *	@CONTAINER_ID_A_FLOW_FIXED (1) those that it has.
 * @CONTAINER_ID_CMD_GET_BINDING: dump: all bindings, or with
 *	@CONTAINER_ID_A_ID that container's, each with @CONTAINER_ID_A_ID,
 *	@CONTAINER_ID_A_CGROUP_ID and, once the cgroup directory has been
 *	removed but sockets made in it live on, @CONTAINER_ID_A_CGROUP_GONE.
 * @CONTAINER_ID_CMD_OF: do: the container that owns the sockets made in the
 *	cgroup @CONTAINER_ID_A_CGROUP_FD. The reply has @CONTAINER_ID_A_ID (0:
 *	none), @CONTAINER_ID_A_NAME and, if there is an owner, in
 *	%CONTAINER_ID_A_CGROUP_ID the bound ancestor (or itself) that made it so.
 * @CONTAINER_ID_CMD_ADD_NTF: id and name of a container that was added
 * @CONTAINER_ID_CMD_SET_NTF: id and new name (none: it lost it)
 * @CONTAINER_ID_CMD_DEL_NTF: id and name of a container that was deleted; its
 *	bindings are gone with it, without notifications of their own
 * @CONTAINER_ID_CMD_BIND_NTF: id and cgroup id of a new binding
 * @CONTAINER_ID_CMD_UNBIND_NTF: id and cgroup id of an ended binding, with
 *	@CONTAINER_ID_A_CGROUP_GONE when it ended because the cgroup is gone
 * @CONTAINER_ID_CMD_FLOW_NTF: id and name of a container whose flow ids were set, and
 *	all that it has now
 *
 * @__CONTAINER_ID_CMD_MAX: one more than the highest
 * @CONTAINER_ID_CMD_MAX: the highest
 *
 * A dump that others wrote into carries NLM_F_DUMP_INTR and is to be repeated. Where they do
 * not stop, it has once all that was there, and bound to the same container, from its begin
 * to its end.
 */
enum container_id_cmd {
	CONTAINER_ID_CMD_UNSPEC,
	CONTAINER_ID_CMD_ADD,
	CONTAINER_ID_CMD_SET,
	CONTAINER_ID_CMD_DEL,
	CONTAINER_ID_CMD_BIND,
	CONTAINER_ID_CMD_UNBIND,
	CONTAINER_ID_CMD_GET,
	CONTAINER_ID_CMD_GET_BINDING,
	CONTAINER_ID_CMD_OF,
	CONTAINER_ID_CMD_ADD_NTF,
	CONTAINER_ID_CMD_SET_NTF,
	CONTAINER_ID_CMD_DEL_NTF,
	CONTAINER_ID_CMD_BIND_NTF,
	CONTAINER_ID_CMD_UNBIND_NTF,
	CONTAINER_ID_CMD_FLOW_NTF,

	__CONTAINER_ID_CMD_MAX,
	CONTAINER_ID_CMD_MAX = __CONTAINER_ID_CMD_MAX - 1
};

/**
 * enum container_id_attr - attributes of the family's messages
 * @CONTAINER_ID_A_UNSPEC: refused
 * @CONTAINER_ID_A_PAD: alignment of 64-bit attributes, never read
 * @CONTAINER_ID_A_ID: u32, the container id, 1 to 2^32-1 (0 only in replies: no
 *	container)
 * @CONTAINER_ID_A_NAME: NUL-terminated string of 1 to 63 letters, digits,
 *	``.``, ``_`` and ``-`` (ASCII), unique in the registry; it does not begin
 *	with ``-`` and does not read as an id, a range of ids or a directory: ``7``,
 *	``7-9``, ``.``, ``..``
 * @CONTAINER_ID_A_CGROUP_FD: s32, a file descriptor of the caller, open (O_PATH
 *	does) on a cgroup v2 directory that is not outside of the caller's cgroup
 *	namespace (EXDEV)
 * @CONTAINER_ID_A_CGROUP_ID: u64, a cgroup v2 id: the inode number of its
 *	directory. It is never used again for another cgroup. A binding that was made
 *	from outside of the caller's cgroup namespace has one, too; it tells nothing
 *	of the cgroup's name or place.
 * @CONTAINER_ID_A_NBINDINGS: u32, how many cgroups are bound
 * @CONTAINER_ID_A_CGROUP_GONE: flag, the cgroup directory is removed
 * @CONTAINER_ID_A_MARK: u32, what SO_MARK would be
 * @CONTAINER_ID_A_PRIORITY: u32, what SO_PRIORITY would be
 * @CONTAINER_ID_A_CLASSID: u32, what net_cls.classid would be: for major:minor as
 *	tc(8) writes it, major << 16 | minor
 * @CONTAINER_ID_A_FLOW_FIXED: u8, 1: programs cannot change the ids of the
 *	container's sockets, nor their traffic class, and registries of namespaces
 *	inside give these sockets none; 0: they can
 * @CONTAINER_ID_A_FLOW_UNSET: u32, the ids that the container is to have no more:
 *	enum container_id_flow
 * @CONTAINER_ID_A_FROM: u32, the container that a cgroup is taken from; 0: any that
 *	it may be bound to
 * @__CONTAINER_ID_A_MAX: one more than the highest
 * @CONTAINER_ID_A_MAX: the highest
 */
enum container_id_attr {
	CONTAINER_ID_A_UNSPEC,
	CONTAINER_ID_A_PAD,
	CONTAINER_ID_A_ID,
	CONTAINER_ID_A_NAME,
	CONTAINER_ID_A_CGROUP_FD,
	CONTAINER_ID_A_CGROUP_ID,
	CONTAINER_ID_A_NBINDINGS,
	CONTAINER_ID_A_CGROUP_GONE,
	CONTAINER_ID_A_MARK,
	CONTAINER_ID_A_PRIORITY,
	CONTAINER_ID_A_CLASSID,
	CONTAINER_ID_A_FLOW_FIXED,
	CONTAINER_ID_A_FLOW_UNSET,
	CONTAINER_ID_A_FROM,

	__CONTAINER_ID_A_MAX,
	CONTAINER_ID_A_MAX = __CONTAINER_ID_A_MAX - 1
};

/**
 * enum container_id_flow - the flow ids, a bit for each
 * @CONTAINER_ID_FLOW_MARK: the mark
 * @CONTAINER_ID_FLOW_PRIORITY: the priority
 * @CONTAINER_ID_FLOW_CLASSID: the class id
 */
enum container_id_flow {
	CONTAINER_ID_FLOW_MARK		= 1 << 0,
	CONTAINER_ID_FLOW_PRIORITY	= 1 << 1,
	CONTAINER_ID_FLOW_CLASSID	= 1 << 2,
};

/**
 * How many registries at most have a say in one socket's events, beside that of
 * the initial network namespace: of those whose network namespace the initial user
 * namespace owns, and again of the others. Where more that have a say have a binding
 * above a socket's cgroup, which happens when the last one bound is further up, the
 * socket is denied.
 */
#define CONTAINER_ID_MAX_LEVELS		8

#endif /* _UAPI_LINUX_CONTAINER_ID_H */
