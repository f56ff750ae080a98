// SPDX-License-Identifier: GPL-2.0-only
/*
 * Slices that the rules name are there before anything is in them: systemd makes
 * one with its first member, which would be nobody's until the slice was seen. So
 * systemd is asked, by the system bus, to start them.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <systemd/sd-bus.h>
#include <systemd/sd-daemon.h>

#include "ctidd.h"
#include "slices.h"

/** Whoever waits for the daemon does not wait longer for slices. */
#define PATIENCE	5000000ULL
/** The bus may come up later than the daemon. */
#define CALL_PATIENCE	90000000ULL

/**
 * struct slices - how systemd is asked
 * @bus: the system bus, or NULL
 * @patience: when the daemon is ready in any case
 * @ready: it is, and said so
 */
struct slices {
	sd_bus *bus;
	sd_event_source *patience;
	bool ready;
};

/* It names one slice, for one container. */
static bool names_slice(const struct rule *rule)
{
	const char *end = rule->unit ? strrchr(rule->glob, '.') : NULL;

	return end && !strcmp(end, ".slice") && rule->first &&
	       rule->first == rule->last && *rule->glob != '-' &&
	       !strpbrk(rule->glob, "*?[");
}

static bool is_there(struct ctidd *d, const char *unit)
{
	struct node *node;

	for (node = d->tree.root; node; node = tree_next(node))
		if (node->subject.unit && !strcmp(node->subject.unit, unit))
			return true;
	return false;
}

/* The first rule from this one on whose slice is not there, or NULL. */
static const struct rule *missing(struct ctidd *d, size_t from)
{
	size_t i;

	for (i = from; i < d->rules.nrules; i++)
		if (names_slice(&d->rules.rules[i]) &&
		    !is_there(d, d->rules.rules[i].glob))
			return &d->rules.rules[i];
	return NULL;
}

static int on_started(sd_bus_message *reply, void *data, sd_bus_error *error)
{
	const sd_bus_error *failure = sd_bus_message_get_error(reply);

	(void)data;
	(void)error;
	if (failure)
		say_warning("systemd does not start a slice that the rules name: %s",
			    failure->message ? failure->message : failure->name);
	return 0;
}

/* Waits for the bus by inotify, if it is not there yet. */
static int open_bus(struct ctidd *d)
{
	sd_bus *bus;
	int ret;

	if (d->slices->bus && sd_bus_is_open(d->slices->bus) > 0)
		return 0;
	d->slices->bus = sd_bus_unref(d->slices->bus);
	ret = sd_bus_new(&bus);
	if (ret < 0)
		return ret;
	ret = sd_bus_set_address(bus, "unix:path=/run/dbus/system_bus_socket");
	if (ret >= 0)
		ret = sd_bus_set_bus_client(bus, 1);
	if (ret >= 0)
		ret = sd_bus_set_watch_bind(bus, 1);
	if (ret >= 0)
		ret = sd_bus_set_method_call_timeout(bus, CALL_PATIENCE);
	if (ret >= 0)
		ret = sd_bus_start(bus);
	if (ret >= 0)
		ret = sd_bus_attach_event(bus, d->event, SD_EVENT_PRIORITY_NORMAL);
	if (ret < 0)
		sd_bus_unref(bus);
	else
		d->slices->bus = bus;
	return ret;
}

/**
 * slices_start() - have the slices that the rules name be there
 * @d: the daemon
 */
void slices_start(struct ctidd *d)
{
	const struct rule *rule = missing(d, 0);
	int ret;

	if (!rule || !d->slices)
		return;
	ret = open_bus(d);
	while (ret >= 0 && rule) {
		ret = sd_bus_call_method_async(d->slices->bus, NULL,
					       "org.freedesktop.systemd1",
					       "/org/freedesktop/systemd1",
					       "org.freedesktop.systemd1.Manager",
					       "StartUnit", on_started, d, "ss",
					       rule->glob, "fail");
		rule = missing(d, (size_t)(rule - d->rules.rules) + 1);
	}
	if (ret < 0)
		say_warning("cannot ask systemd to start slices: %s",
			    strerror(-ret));
}

/**
 * slices_gone() - a cgroup is removed; was it a slice that the rules name?
 * @d: the daemon
 * @node: the cgroup
 *
 * Return: true if so: then slices_start() is due.
 */
bool slices_gone(struct ctidd *d, const struct node *node)
{
	return d->slices && node->rule && names_slice(node->rule);
}

/**
 * slices_ready() - say that the daemon is ready, once it is
 * @d: the daemon, after each round of events
 */
void slices_ready(struct ctidd *d)
{
	if (!d->slices || d->slices->ready || missing(d, 0))
		return;
	d->slices->ready = true;
	sd_event_source_set_enabled(d->slices->patience, SD_EVENT_OFF);
	sd_notify(0, "READY=1");
}

static int on_impatience(sd_event_source *source, uint64_t usec, void *data)
{
	struct ctidd *d = data;
	const struct rule *rule = missing(d, 0);

	(void)source;
	(void)usec;
	if (rule && !d->slices->ready)
		say_warning("%s:%u: the slice is not there: until it is, what is in it is in no container",
			    rule->file, rule->line);
	d->slices->ready = true;
	sd_notify(0, "READY=1");
	return 0;
}

/**
 * slices_open() - make ready to ask; without systemd, there is nobody to ask
 * @d: the daemon
 * @err: why not
 *
 * Return: 0 or a negative errno.
 */
int slices_open(struct ctidd *d, struct ctid_err *err)
{
	if (sd_booted() <= 0)
		return 0;
	d->slices = calloc(1, sizeof(*d->slices));
	if (!d->slices ||
	    sd_event_add_time_relative(d->event, &d->slices->patience,
				       CLOCK_MONOTONIC, PATIENCE, 0,
				       on_impatience, d) < 0)
		return err_set(err, ENOMEM, "%s", strerror(ENOMEM));
	return 0;
}

/**
 * slices_close() - end it
 * @d: the daemon
 */
void slices_close(struct ctidd *d)
{
	if (!d->slices)
		return;
	sd_event_source_unref(d->slices->patience);
	sd_bus_flush_close_unref(d->slices->bus);
	free(d->slices);
	d->slices = NULL;
}
