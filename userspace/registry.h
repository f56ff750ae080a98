/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef CTID_REGISTRY_H
#define CTID_REGISTRY_H

#include <stdbool.h>
#include <stdint.h>

#include <linux/container_id.h>
#include <linux/netlink.h>

#include "error.h"
#include "flow.h"

struct mnl_socket;

/** Room for a request: the longest has an id, and a name or all flow ids. */
#define REGISTRY_REQUEST_SIZE	256

/**
 * struct registry - a connection to the running registry of this network
 *	namespace
 * @nl: generic netlink socket, or NULL
 * @family: id of the family "container_id"
 * @changes: id of its multicast group
 * @seq: sequence number of the last request
 * @extack: what the kernel had to say about the last request, or ""
 * @request: the next request, as it is being put together
 */
struct registry {
	struct mnl_socket *nl;
	uint16_t family;
	uint32_t changes;
	uint32_t seq;
	char extack[160];
	union {
		struct nlmsghdr nlh;
		char bytes[REGISTRY_REQUEST_SIZE];
	} request;
};

/**
 * struct registry_msg - one decoded message of the family
 * @cmd: CONTAINER_ID_CMD_*
 * @id: container id, 0 for none
 * @name: its name, or ""
 * @cgroup: cgroup id, or 0 if the message has none
 * @gone: the cgroup directory is removed
 * @nbindings: how many cgroups are bound to it, if the message says that
 * @flow: the container's flow ids
 */
struct registry_msg {
	uint8_t cmd;
	uint32_t id;
	char name[CONTAINER_ID_NAMSIZ];
	uint64_t cgroup;
	bool gone;
	uint32_t nbindings;
	struct flow flow;
};

/**
 * typedef registry_cb - is given each message that answers a request
 * @msg: the message
 * @data: as given to registry_talk()
 *
 * Return: 0 or a negative errno, which the request will return.
 */
typedef int (*registry_cb)(const struct registry_msg *msg, void *data);

int registry_open(struct registry *reg, struct ctid_err *err);
int registry_connect(struct registry *reg, const char *family);
void registry_close(struct registry *reg);
struct nlmsghdr *registry_request(struct registry *reg, uint8_t cmd);
struct nlmsghdr *registry_dump_request(struct registry *reg, uint8_t cmd);
int registry_talk(struct registry *reg, registry_cb cb, void *data);
int registry_get(struct registry *reg, const char *name, uint32_t id,
		 struct registry_msg *msg);
const char *registry_strerror(const struct registry *reg, int code);
const char *registry_why(const struct registry *reg, int code);
int registry_subscribe(struct registry *reg);
int registry_next(struct registry *reg, registry_cb cb, void *data);

#endif /* CTID_REGISTRY_H */
