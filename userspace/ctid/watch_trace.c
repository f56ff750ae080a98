// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which rule of an event device's chains denied an event, by nft's trace.
 *
 * A table of our own has a chain on each event device, before all others, that has
 * what comes there traced, and the kernel removes the table when our socket is closed,
 * however we end. It sends what it traces before it tells of the event, so that what
 * denied an event is here when we are told of it: see watch_walk.c.
 */
#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <libmnl/libmnl.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>

#include "../../nft/device.h"
#include "../../nft/nfnl.h"
#include "../../nft/nftables.h"
#include "../netlink.h"
#include "../text.h"
#include "ctid.h"
#include "watch_rule.h"
#include "watch_walk.h"

/* What bursts may take; more than the system's limit needs root. */
#define BUFFER_SIZE	(8 << 20)

#define RECEIVE_SIZE	8192

/* So many messages are read for an event: who makes more at once is not waited for. */
#define READS_AT_ONCE	1024

/* When the traces are settled it may be about what was before some went missing. */
#define DOUBT		2

/* Denials of events that we have not been told of yet. */
#define DENIALS_MAX	4096

/**
 * struct denial - an event that was denied
 * @next: a later one
 * @old: it was there when the traces were last settled
 * @what: which, and by what
 */
struct denial {
	struct denial *next;
	bool old;
	struct walk_end what;
};

/**
 * struct watch_traces - what nft traces
 * @nfnl: where traces come
 * @nft: owner of the table
 * @table: its name
 * @device: the devices that have a chain in it
 * @index: their numbers in the kernel: another one may have the name later
 * @n: how many
 * @walks: events on their way through the devices' chains
 * @denials: what denied those that came to an end
 * @last: where the next one goes
 * @n_denials: how many
 * @doubt: some may be missing; how often the traces have to be settled until that is
 *	over
 */
struct watch_traces {
	struct nfnl nfnl;
	struct nftables nft;
	char table[32];
	char (*device)[DEVICE_NAME];
	unsigned int *index;
	unsigned int n;
	struct walks walks;
	struct denial *denials, **last;
	unsigned int n_denials;
	unsigned int doubt;
};

static void drop(struct watch_traces *traces, struct denial **at)
{
	struct denial *denial = *at;

	*at = denial->next;
	if (traces->last == &denial->next)
		traces->last = at;
	traces->n_denials--;
	free(denial);
}

static void forget_denials(struct watch_traces *traces)
{
	while (traces->denials)
		drop(traces, &traces->denials);
}

static void miss(struct watch_traces *traces)
{
	forget_denials(traces);
	traces->doubt = DOUBT;
}

static void add_denial(struct watch_traces *traces, const struct walk_end *what)
{
	struct denial *denial = calloc(1, sizeof(*denial));

	if (!denial || traces->n_denials == DENIALS_MAX) {
		free(denial);
		miss(traces);
		return;
	}
	denial->what = *what;
	*traces->last = denial;
	traces->last = &denial->next;
	traces->n_denials++;
}

static int take_trace(const struct nlmsghdr *nlh, void *data)
{
	struct watch_traces *traces = data;
	struct walk_end end;
	int ret;

	if (nlh->nlmsg_type != (NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_TRACE))
		return MNL_CB_OK;
	ret = walks_take(&traces->walks, nlh, traces->table, &end);
	if (ret < 0)
		miss(traces);
	else if (ret)
		add_denial(traces, &end);
	return MNL_CB_OK;
}

/**
 * watch_traces_read() - take what has come
 * @traces: open
 *
 * To be called for each event, as they fill the socket's buffer.
 */
void watch_traces_read(struct watch_traces *traces)
{
	char buf[RECEIVE_SIZE] __attribute__((aligned(NLMSG_ALIGNTO)));
	unsigned int n;
	ssize_t len;

	for (n = 0; n < READS_AT_ONCE && traces->nfnl.nl; n++) {
		len = netlink_receive(traces->nfnl.nl, buf, sizeof(buf),
				      MSG_DONTWAIT);
		if (len > 0)
			mnl_cb_run(buf, (size_t)len, 0, 0, take_trace, traces);
		else if (len == -ENOBUFS || len == -ENOSPC)
			miss(traces);
		else if (len < 0)
			return;
	}
	/* They come faster than they are read. The events are not to wait for that. */
	miss(traces);
}

static void find(struct watch_traces *traces, unsigned int device,
		 const struct watch_event *event, struct rules *rules)
{
	struct denial **at, **first = NULL, *denial;

	for (at = &traces->denials; (denial = *at); at = &denial->next) {
		if (!walk_end_is_of(&denial->what, device, event))
			continue;
		rules_add(rules, &denial->what.rule);
		if (!first)
			first = at;
	}
	/* Of several that are alike any may go; where they differ it is not known. */
	if (first && rules->n == 1)
		drop(traces, first);
}

static bool find_device(const struct watch_traces *traces, const char *name,
			unsigned int *device)
{
	for (*device = 0; *device < traces->n; (*device)++)
		if (traces->index[*device] &&
		    !strcmp(traces->device[*device], name))
			return true;
	return false;
}

static int open_nft(struct watch_traces *traces, struct ctid_err *err)
{
	const int size = BUFFER_SIZE;
	int fd, ret;

	if (traces->nfnl.nl)
		return 0;
	ret = nfnl_open(&traces->nfnl, NFNLGRP_NFTRACE);
	if (ret)
		return err_set(err, -ret, "nft's traces: %s", strerror(-ret));
	fd = mnl_socket_get_fd(traces->nfnl.nl);
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)))
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	snprintf(traces->table, sizeof(traces->table), "ctid_watch_%u",
		 mnl_socket_get_portid(traces->nfnl.nl));
	ret = nftables_open(&traces->nft, err);
	if (ret)
		nfnl_close(&traces->nfnl);
	return ret;
}

static int trace_device(struct watch_traces *traces, const char *name,
			struct ctid_err *err)
{
	char commands[512];
	int ret;

	if (strchr(name, '"'))
		return err_set(err, EINVAL, "nft cannot write its name");
	ret = open_nft(traces, err);
	if (ret)
		return ret;
	snprintf(commands, sizeof(commands),
		 "add table inet %s { flags owner; }\n"
		 "add chain inet %s " WALK_BEGIN " { type filter hook ingress device \"%s\" priority -2147483648; policy accept; }\n"
		 "add rule inet %s " WALK_BEGIN " meta nftrace set 1\n",
		 traces->table, traces->table, traces->n, name, traces->table,
		 traces->n);
	return nftables_run(&traces->nft, commands, err);
}

/* A device that cannot be traced is not tried again. */
static int add_device(const char *name, void *data)
{
	struct watch_traces *traces = data;
	char (*device)[DEVICE_NAME];
	unsigned int *index;
	struct ctid_err err;

	device = realloc(traces->device, (traces->n + 1) * sizeof(*device));
	if (!device)
		return -ENOMEM;
	traces->device = device;
	index = realloc(traces->index, (traces->n + 1) * sizeof(*index));
	if (!index)
		return -ENOMEM;
	traces->index = index;
	snprintf(device[traces->n], sizeof(*device), "%s", name);
	index[traces->n] = if_nametoindex(name);
	if (trace_device(traces, name, &err))
		warn("rules on the device %s will not be named: %s",
		     show(name).s, err.text);
	traces->n++;
	return 0;
}

/**
 * watch_traces_find() - which rules of a device's chains may have denied an event?
 * @traces: open; what has come is read
 * @event: the event, each that a device denied in its turn
 * @rules: these rules are added
 *
 * Of a device that is new it is known from the next event on.
 */
void watch_traces_find(struct watch_traces *traces,
		       const struct watch_event *event, struct rules *rules)
{
	unsigned int device;

	if (!find_device(traces, event->by, &device))
		add_device(event->by, traces);
	else if (traces->index[device] != if_nametoindex(event->by))
		traces->index[device] = 0;	/* It is gone, and so is our chain. */
	else if (!traces->doubt)
		find(traces, device, event, rules);
}

/**
 * watch_traces_settle() - forget what is old
 * @traces: open
 *
 * All events that had been traced when this was last called were told of.
 *
 * Return: true if something is left that will be old the next time.
 */
bool watch_traces_settle(struct watch_traces *traces)
{
	struct denial *denial;
	bool left = traces->doubt;

	while ((denial = traces->denials) && denial->old)
		drop(traces, &traces->denials);
	for (; denial; denial = denial->next)
		denial->old = true;
	traces->doubt -= !!traces->doubt;
	return left || traces->denials;
}

/**
 * watch_traces_start() - have what comes to the event devices traced
 * @traces: to be ended with watch_traces_end()
 * @err: why it failed
 *
 * Return: 0 or a negative errno.
 */
int watch_traces_start(struct watch_traces **traces, struct ctid_err *err)
{
	struct watch_traces *new = calloc(1, sizeof(*new));

	*traces = new;
	if (!new)
		return err_set(err, ENOMEM, "out of memory");
	new->last = &new->denials;
	return device_each(add_device, new, err);
}

/**
 * watch_traces_end() - have nothing traced any more
 * @traces: open, or NULL
 */
void watch_traces_end(struct watch_traces *traces)
{
	if (!traces)
		return;
	nftables_close(&traces->nft);
	nfnl_close(&traces->nfnl);
	forget_denials(traces);
	free(traces->device);
	free(traces->index);
	free(traces);
}
