// SPDX-License-Identifier: GPL-2.0-only
/* The rules anew: when their files change, or SIGHUP asks for it. */
#define _GNU_SOURCE
#include <errno.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>

#include <systemd/sd-daemon.h>

#include "asks.h"
#include "ctidd.h"
#include "processes.h"

/** An editor writes, renames and removes: that is one change. */
#define SETTLE		100000ULL

#define CHANGES		(IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | \
			 IN_DELETE | IN_CREATE | IN_ONLYDIR)

static sd_event_source *settle, *main_source, *more_source;

static void complain(void *data, const char *text)
{
	(void)data;
	say_error("%s", text);
}

/**
 * reload_keep() - have a daemon that begins with bad files have these rules
 * @d: the daemon
 */
void reload_keep(struct ctidd *d)
{
	int ret = rules_keep(&d->rules, d->path, GOOD_PATH);

	if (ret)
		say_warning("cannot write " GOOD_PATH ": %s: a daemon that begins with bad files will have no rules",
			    strerror(-ret));
}

static int watch_files(struct ctidd *d);

/**
 * reload() - take the rules from their files
 * @d: the daemon
 *
 * If there is a bad line, or processes cannot be followed, all is left as it is.
 */
void reload(struct ctidd *d)
{
	struct rules old = d->rules, new;
	struct ctid_err err;
	int ret;

	watch_files(d);
	ret = rules_load(&new, d->path, complain, NULL, &err);
	if (!ret && !new.nbad)
		ret = processes_open(d, &new, &err);
	if (ret)
		say_error("%s", err.text);
	if (ret || new.nbad) {
		say_error("the rules that were read before stay in force: correct the files, 'ctidd --check' looks at them");
		rules_free(&new);
		return;
	}
	/* The cgroups point into the rules. */
	tree_forget(d);
	cri_forget(d);
	runtimes_forget(d);
	d->rules = new;
	rules_free(&old);
	reload_keep(d);
	if (look_again(d))
		return;
	say_info("has new rules: %zu", rules_count(&d->rules));
	processes_scan(d);
}

static int on_settled(sd_event_source *source, uint64_t usec, void *data)
{
	struct ctidd *d = data;

	(void)source;
	(void)usec;
	sd_notify(0, "RELOADING=1");
	reload(d);
	sd_notify(0, "READY=1");
	return 0;
}

static bool is_ours(const struct ctidd *d, const char *name)
{
	const char *base = strrchr(d->path, '/');
	size_t len;

	base = base ? base + 1 : d->path;
	len = strlen(base);
	return !strncmp(name, base, len) &&
	       (!name[len] || !strcmp(name + len, ".d"));
}

static void begin_to_settle(void)
{
	sd_event_source_set_time_relative(settle, SETTLE);
	sd_event_source_set_enabled(settle, SD_EVENT_ONESHOT);
}

static int on_main(sd_event_source *source, const struct inotify_event *event,
		   void *data)
{
	(void)source;
	if (event->len && is_ours(data, event->name))
		begin_to_settle();
	return 0;
}

static int on_more(sd_event_source *source, const struct inotify_event *event,
		   void *data)
{
	(void)source;
	(void)event;
	(void)data;
	begin_to_settle();
	return 0;
}

/* All of root's watches may be others'. SIGHUP is left then, which tries this again. */
static int watched(const char *path, int ret)
{
	if (ret != -ENOSPC)
		return ret;
	say_warning("cannot watch %s: no inotify watch of root's is left: send SIGHUP when a file of it has changed",
		    path);
	return 0;
}

static int watch_directory(struct ctidd *d)
{
	char *copy = strdup(d->path), *directory;
	int ret;

	if (main_source || !copy) {
		free(copy);
		return main_source ? 0 : -ENOMEM;
	}
	directory = dirname(copy);
	ret = sd_event_add_inotify(d->event, &main_source, directory, CHANGES,
				   on_main, d);
	ret = watched(directory, ret);
	free(copy);
	return ret;
}

/* It may be another one, or none, by now. The old watch is given back last, or others
 * could take it.
 */
static void watch_more(struct ctidd *d)
{
	sd_event_source *source = NULL;
	char *path;

	if (asprintf(&path, "%s.d", d->path) < 0)
		return;
	watched(path, sd_event_add_inotify(d->event, &source, path, CHANGES,
					   on_more, d));
	sd_event_source_disable_unref(more_source);
	more_source = source;
	free(path);
}

static int watch_files(struct ctidd *d)
{
	int ret = watch_directory(d);

	watch_more(d);
	return ret;
}

/**
 * reload_watch() - have changes of the files be seen
 * @d: the daemon
 *
 * Return: 0 or a negative errno.
 */
int reload_watch(struct ctidd *d)
{
	int ret;

	ret = sd_event_add_time_relative(d->event, &settle, CLOCK_MONOTONIC, 0, 0,
					 on_settled, d);
	if (ret < 0)
		return ret;
	sd_event_source_set_enabled(settle, SD_EVENT_OFF);
	ret = watch_files(d);
	return ret < 0 ? ret : 0;
}
