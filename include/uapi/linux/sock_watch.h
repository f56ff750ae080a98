/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
#ifndef _UAPI_LINUX_SOCK_WATCH_H
#define _UAPI_LINUX_SOCK_WATCH_H

/**
 * DOC: generic netlink family "sock_watch"
 *
 * Tells who asks for it of each connect, bind and accept that the network namespace
 * of the netlink socket has a say in, with what became of it: those of its own
 * sockets, and those of sockets that are owned by a container of its registry. It
 * changes nothing: an event that nobody has rules about passes.
 *
 * Every command needs CAP_NET_ADMIN in the user namespace that owns the network
 * namespace (EPERM). All integers are in host byte order, but for ports and
 * addresses. Messages go to the socket that asked, and end when it is closed.
 *
 * An event waits for nobody. One that the socket's buffer has no room for, or that
 * there is no memory for, is lost; a read says ENOBUFS then, and the next message
 * says how many were lost.
 */
#define SOCK_WATCH_GENL_NAME		"sock_watch"
#define SOCK_WATCH_GENL_VERSION		1

/** So many ids one listener can ask for. */
#define SOCK_WATCH_MAX_IDS		16

/** So many listeners one network namespace can have. */
#define SOCK_WATCH_MAX_LISTENERS	16

/**
 * enum sock_watch_cmd - commands of the family, and its notifications
 * @SOCK_WATCH_CMD_UNSPEC: refused
 * @SOCK_WATCH_CMD_START: send %SOCK_WATCH_CMD_EVENT from now on, with
 *	@SOCK_WATCH_A_IDS only of these containers. EEXIST: it does already;
 *	ENOSPC: the namespace has %SOCK_WATCH_MAX_LISTENERS; EOPNOTSUPP and others: the
 *	kernel's events cannot be caught, of which its log says more.
 * @SOCK_WATCH_CMD_STOP: send no more. The reply has in @SOCK_WATCH_A_LOST how many
 *	were lost since a message said so. ENOENT: there was no start.
 * @SOCK_WATCH_CMD_EVENT: an event
 * @SOCK_WATCH_CMD_END: there will be no more, as the module is being removed
 * @__SOCK_WATCH_CMD_MAX: one more than the highest
 * @SOCK_WATCH_CMD_MAX: the highest
 */
enum sock_watch_cmd {
	SOCK_WATCH_CMD_UNSPEC,
	SOCK_WATCH_CMD_START,
	SOCK_WATCH_CMD_STOP,
	SOCK_WATCH_CMD_EVENT,
	SOCK_WATCH_CMD_END,

	__SOCK_WATCH_CMD_MAX,
	SOCK_WATCH_CMD_MAX = __SOCK_WATCH_CMD_MAX - 1
};

/**
 * enum sock_watch_type - what is about to happen to a socket
 * @SOCK_WATCH_CONNECT: it gets a peer, or sends to an address
 * @SOCK_WATCH_BIND: it gets a local address
 * @SOCK_WATCH_ACCEPT: a peer asks it for a connection
 */
enum sock_watch_type {
	SOCK_WATCH_CONNECT,
	SOCK_WATCH_BIND,
	SOCK_WATCH_ACCEPT,
};

/**
 * enum sock_watch_attr - attributes of the family's messages
 * @SOCK_WATCH_A_UNSPEC: refused
 * @SOCK_WATCH_A_PAD: alignment of 64-bit attributes, never read
 * @SOCK_WATCH_A_IDS: array of 1 to %SOCK_WATCH_MAX_IDS u32: container ids, 0 for none
 * @SOCK_WATCH_A_LOST: u64, how many events were lost since a message said so
 * @SOCK_WATCH_A_TYPE: u8, &enum sock_watch_type
 * @SOCK_WATCH_A_ID: u32, the owning container in the registry of the listener's
 *	network namespace, 0 for none
 * @SOCK_WATCH_A_ERRNO: u32, what the call was denied with; missing if it was not. For
 *	the initial network namespace that is what came of the event in the end, for
 *	others what they made of it.
 * @SOCK_WATCH_A_TABLE: string, the event table that denied it
 * @SOCK_WATCH_A_DEVICE: string, the event device that denied it
 * @SOCK_WATCH_A_INSIDE: flag, it was denied, but by a registry further inside
 * @SOCK_WATCH_A_PROTO: u8, the IP protocol that rules see
 * @SOCK_WATCH_A_SADDR: source address, 4 or 16 bytes in network byte order
 * @SOCK_WATCH_A_DADDR: destination address, likewise
 * @SOCK_WATCH_A_SPORT: u16, source port, in network byte order
 * @SOCK_WATCH_A_DPORT: u16, destination port, likewise
 * @SOCK_WATCH_A_NETNS: u32, inode number of the socket's network namespace
 * @SOCK_WATCH_A_UID: u32, effective user of who makes the call; of an accept, and
 *	where that is not known, the socket's; as the user namespace of who opened
 *	the netlink socket has it
 * @SOCK_WATCH_A_PID: u32, process that makes the call, as the PID namespace of who
 *	sent the start has it; missing where it has not, of an accept, and if it is
 *	of a user namespace that is not the listener's or below it
 * @SOCK_WATCH_A_COMM: string, its name, missing like the number
 * @__SOCK_WATCH_A_MAX: one more than the highest
 * @SOCK_WATCH_A_MAX: the highest
 */
enum sock_watch_attr {
	SOCK_WATCH_A_UNSPEC,
	SOCK_WATCH_A_PAD,
	SOCK_WATCH_A_IDS,
	SOCK_WATCH_A_LOST,
	SOCK_WATCH_A_TYPE,
	SOCK_WATCH_A_ID,
	SOCK_WATCH_A_ERRNO,
	SOCK_WATCH_A_TABLE,
	SOCK_WATCH_A_DEVICE,
	SOCK_WATCH_A_INSIDE,
	SOCK_WATCH_A_PROTO,
	SOCK_WATCH_A_SADDR,
	SOCK_WATCH_A_DADDR,
	SOCK_WATCH_A_SPORT,
	SOCK_WATCH_A_DPORT,
	SOCK_WATCH_A_NETNS,
	SOCK_WATCH_A_UID,
	SOCK_WATCH_A_PID,
	SOCK_WATCH_A_COMM,

	__SOCK_WATCH_A_MAX,
	SOCK_WATCH_A_MAX = __SOCK_WATCH_A_MAX - 1
};

#endif /* _UAPI_LINUX_SOCK_WATCH_H */
