// SPDX-License-Identifier: GPL-2.0-only
/* Requests to the generic netlink families, with attributes good and bad. */
#include "abi.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../../../include/uapi/linux/container_id.h"
#include "../../../include/uapi/linux/sock_watch.h"

#define MAX_SIZE	4096

static union {
	struct nlmsghdr head;
	char bytes[MAX_SIZE];
} message;

static int sock = -1;
static uint16_t families[2];
static int cgroup_fds[4];

static void begin(uint16_t type, uint8_t cmd, uint16_t flags)
{
	struct genlmsghdr *genl = NLMSG_DATA(&message.head);

	memset(&message, 0, NLMSG_LENGTH(GENL_HDRLEN));
	message.head = (struct nlmsghdr){
		.nlmsg_len = NLMSG_LENGTH(GENL_HDRLEN), .nlmsg_type = type,
		.nlmsg_flags = (uint16_t)(NLM_F_REQUEST | flags),
	};
	genl->cmd = cmd;
	genl->version = 1;
}

static void put(uint16_t type, const void *data, size_t len)
{
	struct nlattr *attr = (void *)(message.bytes + NLMSG_ALIGN(message.head.nlmsg_len));
	size_t room = MAX_SIZE - NLMSG_ALIGN(message.head.nlmsg_len);

	if (room < NLA_HDRLEN + NLA_ALIGN(len))
		return;
	attr->nla_type = type;
	attr->nla_len = (uint16_t)(NLA_HDRLEN + len);
	memset(attr + 1, 0, NLA_ALIGN(len));
	memcpy(attr + 1, data, len);
	message.head.nlmsg_len = NLMSG_ALIGN(message.head.nlmsg_len) +
				 NLA_HDRLEN + (uint32_t)NLA_ALIGN(len);
}

/* Sends it, and reads what there is to read: the errno of the last answer. */
static int ask(bool dump)
{
	struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	static char answer[32768];
	const struct nlmsghdr *head = (void *)answer;
	const struct nlmsgerr *err;
	ssize_t len;
	int ret = 0;

	if (sendto(sock, &message, message.head.nlmsg_len, 0, (void *)&kernel,
		   sizeof(kernel)) < 0)
		return errno;
	while ((len = recv(sock, answer, sizeof(answer), dump ? 0 : MSG_DONTWAIT)) > 0) {
		if (head->nlmsg_type == NLMSG_ERROR) {
			err = NLMSG_DATA(head);
			ret = -err->error;
		}
		if (head->nlmsg_type == NLMSG_ERROR || head->nlmsg_type == NLMSG_DONE ||
		    !(head->nlmsg_flags & NLM_F_MULTI))
			dump = false;
	}
	return ret < 0 ? EPROTO : ret;
}

static uint16_t family_id(const char *name)
{
	struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	static char answer[8192];
	const struct nlattr *attr;
	ssize_t len;
	char *at;

	begin(GENL_ID_CTRL, CTRL_CMD_GETFAMILY, 0);
	put(CTRL_ATTR_FAMILY_NAME, name, strlen(name) + 1);
	if (sendto(sock, &message, message.head.nlmsg_len, 0, (void *)&kernel,
		   sizeof(kernel)) < 0)
		die(name);
	len = recv(sock, answer, sizeof(answer), 0);
	for (at = answer + NLMSG_LENGTH(GENL_HDRLEN); at + NLA_HDRLEN < answer + len;
	     at += NLA_ALIGN(attr->nla_len)) {
		attr = (void *)at;
		if (attr->nla_type == CTRL_ATTR_FAMILY_ID)
			return *(const uint16_t *)(attr + 1);
		if (attr->nla_len < NLA_HDRLEN)
			break;
	}
	errno = ENOENT;
	die(name);
}

static void genl_start(void)
{
	static const char * const cgroups[] = {
		"/sys/fs/cgroup", "/sys/fs/cgroup/fuzz-a", "/sys/fs/cgroup/fuzz-a/b", "/proc",
	};
	struct timeval second = { .tv_sec = 1 };

	sock = socket(AF_NETLINK, SOCK_RAW, NETLINK_GENERIC);
	if (sock < 0 || setsockopt(sock, SOL_SOCKET, SO_RCVTIMEO, &second, sizeof(second)))
		die("netlink");
	families[0] = family_id(CONTAINER_ID_GENL_NAME);
	families[1] = family_id(SOCK_WATCH_GENL_NAME);
	for (size_t i = 0; i < 4; i++)
		cgroup_fds[i] = open(cgroups[i], O_RDONLY | O_DIRECTORY);
}

/* An attribute as the family means it. */
static void good_attribute(bool watch, uint16_t type)
{
	static const char * const names[] = { "web", "db", "-", "7", "a b", "", "\xff\xfe" };
	char text[80];
	uint64_t wide;
	uint32_t value;

	if (!watch && type == CONTAINER_ID_A_NAME) {
		size_t len = chance(80) ? 0 : below(sizeof(text));

		memset(text, 'x', sizeof(text));
		text[len] = '\0';
		if (!len)
			strcpy(text, pick(names));
		put(type, text, strlen(text) + 1);
	} else if (!watch && type == CONTAINER_ID_A_CGROUP_FD) {
		value = (uint32_t)(chance(90) ? pick(cgroup_fds) : (int)number());
		put(type, &value, sizeof(value));
	} else if (!watch && type == CONTAINER_ID_A_CGROUP_ID) {
		wide = chance(50) ? below(200) : any();
		put(type, &wide, sizeof(wide));
	} else if (!watch && type == CONTAINER_ID_A_FLOW_FIXED) {
		text[0] = (char)(chance(90) ? below(2) : below(256));
		put(type, text, 1);
	} else if (watch && type == SOCK_WATCH_A_IDS) {
		uint32_t ids[40];

		for (value = 0; value < 40; value++)
			ids[value] = number();
		put(type, ids, 4 * below(40));
	} else {
		value = chance(70) ? 1 + below(12) : number();
		put(type, &value, sizeof(value));
	}
}

static void bad_attribute(void)
{
	char data[256];

	bytes(data, sizeof(data));
	put((uint16_t)(chance(80) ? below(32) | (chance(10) ? NLA_F_NESTED : 0) : any()),
	    data, chance(80) ? below(24) : below(sizeof(data)));
}

/* What a command takes, a bit for each attribute, and whether it is asked for a dump. */
#define A(_attr)	(1U << CONTAINER_ID_A_ ## _attr)
static const struct {
	uint32_t attrs;
	uint8_t cmd;
	bool dump;
} commands[] = {
	{ A(ID) | A(NAME), CONTAINER_ID_CMD_ADD, false },
	{ A(ID) | A(NAME) | A(MARK) | A(PRIORITY) | A(CLASSID) | A(FLOW_FIXED) | A(FLOW_UNSET),
	  CONTAINER_ID_CMD_SET, false },
	{ A(ID), CONTAINER_ID_CMD_DEL, false },
	{ A(ID) | A(CGROUP_FD) | A(FROM), CONTAINER_ID_CMD_BIND, false },
	{ A(ID) | A(CGROUP_FD) | A(CGROUP_ID), CONTAINER_ID_CMD_UNBIND, false },
	{ A(ID) | A(NAME), CONTAINER_ID_CMD_GET, false },
	{ A(ID), CONTAINER_ID_CMD_GET, true },
	{ A(ID), CONTAINER_ID_CMD_GET_BINDING, true },
	{ A(CGROUP_FD), CONTAINER_ID_CMD_OF, false },
};

/* One of a command's kind: nothing but what it takes, each attribute or not. */
static bool good_request(void)
{
	unsigned int i = below(sizeof(commands) / sizeof(*commands));
	uint16_t type;

	begin(families[0], commands[i].cmd,
	      (uint16_t)(NLM_F_ACK | (commands[i].dump ? NLM_F_DUMP : 0)));
	for (type = 0; type <= CONTAINER_ID_A_MAX; type++)
		if (commands[i].attrs & 1U << type &&
		    chance(type == CONTAINER_ID_A_ID && !commands[i].dump ? 95 : 60))
			good_attribute(false, type);
	return commands[i].dump;
}

static bool any_request(void)
{
	bool watch = chance(30), dump = chance(15);
	unsigned int n = below(5);
	uint16_t type;

	begin(families[watch], (uint8_t)(chance(95) ? below(watch ? 4 : 10) : any()),
	      (uint16_t)(dump ? NLM_F_DUMP | NLM_F_ACK : NLM_F_ACK |
			 (chance(10) ? (uint16_t)any() & 0xf00 : 0)));
	while (n--) {
		type = (uint16_t)below(watch ? SOCK_WATCH_A_MAX + 2 : CONTAINER_ID_A_MAX + 2);
		if (watch && chance(60))
			type = SOCK_WATCH_A_IDS;
		if (chance(85))
			good_attribute(watch, type);
		else
			bad_attribute();
	}
	return dump;
}

static int genl_one(void)
{
	bool dump = chance(70) ? good_request() : any_request();

	/* Not the head: that is netlink's. */
	if (chance(10))
		mutate(message.bytes + NLMSG_HDRLEN, message.head.nlmsg_len - NLMSG_HDRLEN,
		       1 + below(3));
	return ask(dump);
}

const struct target genl_target = {
	.name = "genl", .what = "requests to container_id and sock_watch",
	.start = genl_start, .one = genl_one,
};
