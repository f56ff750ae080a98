/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef CTID_WATCHING_H
#define CTID_WATCHING_H

#include <stdbool.h>
#include <stdint.h>

#include <linux/sock_watch.h>

#include "../registry.h"
#include "endpoint.h"

/**
 * struct watch_event - a connect, bind or accept, and what became of it
 * @type: which of them
 * @id: the owning container, 0 for none
 * @code: the errno that it was denied with, 0 if it was not
 * @by: the table or device that denied it, or ""
 * @is_device: it is a device
 * @inside: it was denied by a registry further inside
 * @proto: its protocol
 * @source: where it comes from
 * @dest: where it goes
 * @netns: inode number of the socket's network namespace
 * @uid: whose it is
 * @pid: the process that makes the call, or 0
 * @comm: its name, or ""
 */
struct watch_event {
	enum sock_watch_type type;
	uint32_t id;
	uint32_t code;
	char by[32];
	bool is_device, inside;
	uint8_t proto;
	struct endpoint source, dest;
	uint32_t netns;
	uint32_t uid;
	uint32_t pid;
	char comm[16];
};

/**
 * struct watching - a stream of events
 * @reg: connection to the family "sock_watch"
 * @lost: how many events did not come, so far
 * @ended: there will be no more
 */
struct watching {
	struct registry reg;
	uint64_t lost;
	bool ended;
};

/**
 * typedef watching_cb - is given each event
 * @event: the event
 * @data: as given to watching_next()
 *
 * Return: 0 or a negative errno, which ends the stream.
 */
typedef int (*watching_cb)(const struct watch_event *event, void *data);

int watching_start(struct watching *watching, const uint32_t *ids, int n,
		   watching_cb cb, void *data, struct ctid_err *err);
int watching_next(struct watching *watching, int timeout, watching_cb cb,
		  void *data);
int watching_stop(struct watching *watching, watching_cb cb, void *data);
void watching_end(struct watching *watching);
const char *watching_type(enum sock_watch_type type);
const struct endpoint *watching_remote(const struct watch_event *event);
const struct endpoint *watching_local(const struct watch_event *event);

/* watch_for.c */
int watch_for_parse(const char *word, uint32_t *seconds);
int watch_for(struct watching *watching, uint32_t seconds, watching_cb cb,
	      void *data);

#endif /* CTID_WATCHING_H */
