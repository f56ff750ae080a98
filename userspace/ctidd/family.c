// SPDX-License-Identifier: GPL-2.0-only
/*
 * The kernel's module may be unloaded and loaded again, as for an update. Then the
 * registry is another one, and empty: all is bound anew.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <libmnl/libmnl.h>
#include <linux/genetlink.h>

#include "../netlink.h"
#include "ctidd.h"
#include "processes.h"

#define RECEIVE_SIZE	8192

/**
 * struct family - how that is noticed
 * @ctrl: what tells of families that come and go
 * @source: what waits for it
 */
struct family {
	struct registry ctrl;
	sd_event_source *source;
};

static bool is_ours(const struct nlmsghdr *nlh)
{
	const struct nlattr *attr;

	mnl_attr_for_each(attr, nlh, sizeof(struct genlmsghdr))
		if (mnl_attr_get_type(attr) == CTRL_ATTR_FAMILY_NAME &&
		    mnl_attr_validate(attr, MNL_TYPE_NUL_STRING) >= 0 &&
		    !strcmp(mnl_attr_get_str(attr), CONTAINER_ID_GENL_NAME))
			return true;
	return false;
}

static int take_message(const struct nlmsghdr *nlh, void *data)
{
	const struct genlmsghdr *genl = mnl_nlmsg_get_payload(nlh);
	uint8_t *cmd = data;

	if (mnl_nlmsg_get_payload_len(nlh) >= sizeof(*genl) &&
	    (genl->cmd == CTRL_CMD_NEWFAMILY || genl->cmd == CTRL_CMD_DELFAMILY) &&
	    is_ours(nlh))
		*cmd = genl->cmd;
	return MNL_CB_OK;
}

/* If that fails, one that begins anew may do better. */
static int begin_anew(struct ctidd *d)
{
	struct ctid_err err;
	int ret;

	processes_close(d);
	registry_close(&d->reg);
	ret = registry_open(&d->reg, &err);
	if (!ret)
		ret = reconcile(d, &err);
	if (!ret)
		ret = processes_open(d, &d->rules, &err);
	if (ret) {
		say_error("%s", err.text);
		return sd_event_exit(d->event, 1);
	}
	processes_scan(d);
	say_info("the kernel has a new registry: all is bound anew");
	return 0;
}

static int on_family(sd_event_source *source, int fd, uint32_t revents,
		     void *data)
{
	char buf[RECEIVE_SIZE] __attribute__((aligned(NLMSG_ALIGNTO)));
	struct ctidd *d = data;
	uint8_t cmd = CTRL_CMD_UNSPEC;
	ssize_t len;

	(void)source;
	(void)fd;
	(void)revents;
	len = netlink_receive(d->family->ctrl.nl, buf, sizeof(buf), MSG_DONTWAIT);
	if (len <= 0)
		/* Some were lost: it may have been any of them. */
		return len == -ENOBUFS || len == -ENOSPC ? begin_anew(d) : 0;
	mnl_cb_run(buf, (size_t)len, 0, 0, take_message, &cmd);
	if (cmd == CTRL_CMD_NEWFAMILY)
		return begin_anew(d);
	if (cmd == CTRL_CMD_DELFAMILY)
		say_warning("the kernel's module container_id is gone: nothing is bound until it is loaded again");
	return 0;
}

/**
 * family_open() - notice when the kernel's registry is another one
 * @d: the daemon
 * @err: why not
 *
 * Return: 0 or a negative errno.
 */
int family_open(struct ctidd *d, struct ctid_err *err)
{
	struct family *family = calloc(1, sizeof(*family));
	int ret;

	if (!family)
		return err_set(err, ENOMEM, "%s", strerror(ENOMEM));
	d->family = family;
	ret = registry_connect(&family->ctrl, "nlctrl");
	if (!ret)
		ret = registry_subscribe(&family->ctrl);
	if (!ret)
		ret = sd_event_add_io(d->event, &family->source,
				      mnl_socket_get_fd(family->ctrl.nl), EPOLLIN,
				      on_family, d);
	return ret < 0 ? err_set(err, -ret, "cannot be told of the kernel's modules: %s",
				 strerror(-ret)) : 0;
}

/**
 * family_close() - end it
 * @d: the daemon
 */
void family_close(struct ctidd *d)
{
	if (!d->family)
		return;
	sd_event_source_unref(d->family->source);
	registry_close(&d->family->ctrl);
	free(d->family);
	d->family = NULL;
}
