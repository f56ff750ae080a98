// SPDX-License-Identifier: GPL-2.0-only
/* Event devices, and among them those that the policies' chains are attached to. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <libmnl/libmnl.h>
#include <linux/if.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>

#include "../userspace/netlink.h"
#include "device.h"

/**
 * struct link - what the kernel says of a link
 * @name: its name
 * @kind: its kind, or ""
 * @up: it is up
 */
struct link {
	char name[DEVICE_NAME];
	char kind[DEVICE_NAME];
	bool up;
};

/**
 * device_name() - what the device for an event is called
 * @name: where to
 * @event: the event
 */
void device_name(char name[DEVICE_NAME], enum policy_event event)
{
	snprintf(name, DEVICE_NAME, "ctid-%s", policy_event_name(event));
}

static void device_kind(char kind[DEVICE_NAME], enum policy_event event)
{
	snprintf(kind, DEVICE_NAME, "sock%s", policy_event_name(event));
}

static int take_kind(const struct nlattr *attr, void *data)
{
	struct link *link = data;

	if (mnl_attr_get_type(attr) == IFLA_INFO_KIND &&
	    mnl_attr_validate(attr, MNL_TYPE_NUL_STRING) >= 0)
		snprintf(link->kind, sizeof(link->kind), "%.15s",
			 mnl_attr_get_str(attr));
	return MNL_CB_OK;
}

static int take_attr(const struct nlattr *attr, void *data)
{
	struct link *link = data;

	if (mnl_attr_get_type(attr) == IFLA_IFNAME &&
	    mnl_attr_validate(attr, MNL_TYPE_NUL_STRING) >= 0)
		snprintf(link->name, sizeof(link->name), "%.15s",
			 mnl_attr_get_str(attr));
	if (mnl_attr_get_type(attr) == IFLA_LINKINFO)
		mnl_attr_parse_nested(attr, take_kind, link);
	return MNL_CB_OK;
}

static int take_link(const struct nlmsghdr *nlh, void *data)
{
	const struct ifinfomsg *ifi = mnl_nlmsg_get_payload(nlh);
	struct link *link = data;

	if (nlh->nlmsg_type != RTM_NEWLINK || !link)
		return MNL_CB_OK;
	link->up = ifi->ifi_flags & IFF_UP;
	mnl_attr_parse(nlh, sizeof(*ifi), take_attr, link);
	return MNL_CB_OK;
}

/* Sends a request, and has the answer read. */
static int talk_to(struct nlmsghdr *nlh, mnl_cb_t cb, void *data)
{
	/* A link with all its attributes fits. */
	static char answer[32768];
	struct mnl_socket *nl;
	unsigned int port;
	int ret = -1;
	ssize_t len;

	nl = netlink_open(NETLINK_ROUTE);
	if (!nl)
		return -errno;
	nlh->nlmsg_seq = (uint32_t)time(NULL);
	if (mnl_socket_sendto(nl, nlh, nlh->nlmsg_len) < 0)
		goto out;
	port = mnl_socket_get_portid(nl);
	do {
		len = mnl_socket_recvfrom(nl, answer, sizeof(answer));
		ret = len < 0 ? -1 :
			mnl_cb_run(answer, (size_t)len, nlh->nlmsg_seq, port,
				   cb, data);
	} while (ret > 0);
out:
	ret = ret < 0 ? -errno : 0;
	mnl_socket_close(nl);
	return ret;
}

/* About one link. */
static int talk(struct nlmsghdr *nlh, struct link *link)
{
	return talk_to(nlh, take_link, link);
}

static struct nlmsghdr *request(void *buf, enum policy_event event,
				uint16_t type, uint16_t flags)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	char name[DEVICE_NAME];

	nlh->nlmsg_type = type;
	nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | flags;
	mnl_nlmsg_put_extra_header(nlh, sizeof(struct ifinfomsg));
	device_name(name, event);
	mnl_attr_put_strz(nlh, IFLA_IFNAME, name);
	return nlh;
}

static int get(enum policy_event event, struct link *link)
{
	char buf[256];

	*link = (struct link){ .up = false };
	return talk(request(buf, event, RTM_GETLINK, 0), link);
}

static int set_up(enum policy_event event)
{
	char buf[256];
	struct nlmsghdr *nlh = request(buf, event, RTM_NEWLINK, 0);
	struct ifinfomsg *ifi = mnl_nlmsg_get_payload(nlh);

	ifi->ifi_flags = ifi->ifi_change = IFF_UP;
	return talk(nlh, NULL);
}

static int create(enum policy_event event)
{
	char buf[256], kind[DEVICE_NAME];
	struct nlmsghdr *nlh;
	struct nlattr *info;

	nlh = request(buf, event, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL);
	info = mnl_attr_nest_start(nlh, IFLA_LINKINFO);
	device_kind(kind, event);
	mnl_attr_put_strz(nlh, IFLA_INFO_KIND, kind);
	mnl_attr_nest_end(nlh, info);
	return talk(nlh, NULL);
}

/* @hint: what to do about it, or NULL */
static int explain(enum policy_event event, int code, const char *what,
		   const char *hint, struct ctid_err *err)
{
	char name[DEVICE_NAME], kind[DEVICE_NAME];
	const char *why = strerror(-code);

	device_name(name, event);
	device_kind(kind, event);
	if (code == -EPERM) {
		why = "needs root (CAP_NET_ADMIN)";
		hint = NULL;
	}
	return err_set(err, -code, "cannot %s the %s device %s: %s%s%s", what,
		       kind, name, why, hint ? ": " : "", hint ? hint : "");
}

static int explain_make(enum policy_event event, int code, struct ctid_err *err)
{
	return explain(event, code, "make", code == -EOPNOTSUPP ?
		       "load the module with 'modprobe sock_dev'" : NULL, err);
}

/* It is there, and so is the module: what is missing is a function to attach to. */
static int explain_up(enum policy_event event, int code, struct ctid_err *err)
{
	return explain(event, code, "set up", code == -ENOSPC ?
		       "as many of its kind as may be are up: set one down first" :
		       "the kernel's log says why, see 'journalctl -k' or 'dmesg'",
		       err);
}

/**
 * device_check() - is an event's device there and up?
 * @event: the event
 * @err: what is wrong
 *
 * Return: 0; -ENODEV if there is none, -ENETDOWN if it is down, -EEXIST if
 * something else has its name, or another negative errno.
 */
int device_check(enum policy_event event, struct ctid_err *err)
{
	char name[DEVICE_NAME], kind[DEVICE_NAME];
	struct link link;
	int ret;

	device_name(name, event);
	device_kind(kind, event);
	ret = get(event, &link);
	if (ret == -ENODEV)
		return err_set(err, -ret, "there is no device %s", name);
	if (ret)
		return explain(event, ret, "look at", NULL, err);
	if (strcmp(link.kind, kind))
		return err_set(err, EEXIST,
			       "the device %s is not of kind %s: give it another name, with 'ip link set %s name NAME'",
			       name, kind, name);
	if (!link.up)
		return err_set(err, ENETDOWN, "the device %s is down", name);
	return 0;
}

/**
 * device_make() - have an event's device be there and up
 * @event: the event
 * @err: why it failed
 *
 * Return: 0 or a negative errno.
 */
int device_make(enum policy_event event, struct ctid_err *err)
{
	int ret = device_check(event, err);

	if (ret == -ENODEV) {
		ret = create(event);
		if (ret && ret != -EEXIST)
			return explain_make(event, ret, err);
		ret = device_check(event, err);
	}
	if (ret != -ENETDOWN)
		return ret;
	ret = set_up(event);
	return ret ? explain_up(event, ret, err) : 0;
}

/**
 * device_remove() - do without an event's device
 * @event: the event
 * @err: why it failed
 *
 * What has its name but is something else is left alone.
 *
 * Return: 0 or a negative errno.
 */
int device_remove(enum policy_event event, struct ctid_err *err)
{
	int ret = device_check(event, err);
	char buf[256];

	if (ret == -ENODEV || ret == -EEXIST)
		return 0;
	if (ret && ret != -ENETDOWN)
		return ret;
	ret = talk(request(buf, event, RTM_DELLINK, 0), NULL);
	return ret && ret != -ENODEV ?
		explain(event, ret, "remove", NULL, err) : 0;
}

/* A list that devices come into or go from while it is told is told again. */
#define LIST_TRIES	10

struct names {
	char (*name)[IFNAMSIZ];
	size_t n;
};

static int note_name(struct names *names, const char *name)
{
	void *more = realloc(names->name, (names->n + 1) * sizeof(*names->name));

	if (!more)
		return -ENOMEM;
	names->name = more;
	snprintf(names->name[names->n++], IFNAMSIZ, "%s", name);
	return 0;
}

static int take_each(const struct nlmsghdr *nlh, void *data)
{
	struct link link = { .up = false };
	struct names *names = data;
	char kind[DEVICE_NAME];
	enum policy_event event;
	int ret = 0;

	take_link(nlh, &link);
	for (event = 0; event < POLICY_EVENTS; event++) {
		device_kind(kind, event);
		if (!strcmp(link.kind, kind))
			ret = note_name(names, link.name);
	}
	if (!ret)
		return MNL_CB_OK;
	errno = -ret;
	return MNL_CB_ERROR;
}

static int list(struct names *names)
{
	char buf[256];
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);

	nlh->nlmsg_type = RTM_GETLINK;
	nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	mnl_nlmsg_put_extra_header(nlh, sizeof(struct ifinfomsg));
	return talk_to(nlh, take_each, names);
}

/**
 * device_each() - go through the event devices
 * @cb: is given each
 * @data: for @cb
 * @err: why it failed
 *
 * Return: 0 or a negative errno.
 */
int device_each(device_cb cb, void *data, struct ctid_err *err)
{
	struct names names = { .n = 0 };
	int ret, tries = LIST_TRIES;
	size_t i;

	do {
		names.n = 0;
		ret = list(&names);
	} while (ret == -EINTR && --tries);
	if (ret)
		err_set(err, -ret, "cannot list the event devices: %s",
			strerror(-ret));
	for (i = 0; !ret && i < names.n; i++)
		ret = cb(names.name[i], data);
	free(names.name);
	return ret;
}
