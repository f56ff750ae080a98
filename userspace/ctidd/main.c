// SPDX-License-Identifier: GPL-2.0-only
/* ctidd: containers get their ids by themselves. */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <systemd/sd-daemon.h>

#include "asks.h"
#include "bound.h"
#include "control.h"
#include "ctidd.h"
#include "memory.h"
#include "processes.h"
#include "slices.h"

#ifndef VERSION
#define VERSION	"unknown"
#endif

#define BOUND_PATH	CONTROL_DIR "/bound"

enum {
	EXIT_OK = 0,
	EXIT_BAD = 1,
	EXIT_USAGE = 2,
};

static const char usage[] =
	"Usage: ctidd [FILE]\n"
	"       ctidd --check [FILE]\n"
	"       ctidd [-h|--help] [-V|--version]\n\n"
	"Binds cgroups to containers, and moves processes into them, as FILE\n"
	"(default: " RULES_PATH ") says, as they come. --check only looks whether FILE\n"
	"(-: standard input) is good. See ctidd(8).\n";

/* A full disk or a closed pipe is a failure, as with ctid. */
static int print(const char *text)
{
	if (fputs(text, stdout) != EOF && !fflush(stdout))
		return EXIT_OK;
	say_error("cannot write the output: %s", strerror(errno));
	return EXIT_BAD;
}

static void complain(void *data, const char *text)
{
	(void)data;
	say_error("%s", text);
}

static void warn(void *data, const char *text)
{
	(void)data;
	say_warning("%s", text);
}

static int check(const char *path)
{
	struct rules rules;
	struct ctid_err err;
	int ret;

	ret = rules_load(&rules, path, complain, NULL, &err);
	if (ret)
		say_error("%s", err.text);
	ret = ret || rules.nbad ? EXIT_BAD : EXIT_OK;
	rules_free(&rules);
	return ret;
}

static int on_hangup(sd_event_source *source, const struct signalfd_siginfo *info,
		     void *data)
{
	(void)source;
	(void)info;
	sd_notify(0, "RELOADING=1");
	reload(data);
	sd_notify(0, "READY=1");
	return 0;
}

/* After each round of events: what was chosen from ranges reaches the disk, and
 * who waits for the daemon is told if it is ready.
 */
static int on_round(sd_event_source *source, void *data)
{
	struct ctidd *d = data;

	(void)source;
	remember(d);
	slices_ready(d);
	return 0;
}

static int add_signals(struct ctidd *d)
{
	sigset_t set;
	int ret;

	sigemptyset(&set);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	/* Who writes the memory. */
	sigaddset(&set, SIGCHLD);
	if (sigprocmask(SIG_BLOCK, &set, NULL))
		return -errno;
	ret = sd_event_add_signal(d->event, NULL, SIGTERM, NULL, NULL);
	if (ret >= 0)
		ret = sd_event_add_signal(d->event, NULL, SIGINT, NULL, NULL);
	if (ret >= 0)
		ret = sd_event_add_signal(d->event, NULL, SIGHUP, on_hangup, d);
	if (ret >= 0)
		ret = sd_event_add_post(d->event, NULL, on_round, d);
	return ret;
}

static int open_loop(struct ctidd *d, struct ctid_err *err)
{
	int ret = sd_event_new(&d->event);

	if (ret >= 0)
		ret = add_signals(d);
	if (ret >= 0)
		ret = reload_watch(d);
	return ret < 0 ? err_set(err, -ret, "cannot wait for events: %s",
				 strerror(-ret)) : 0;
}

static int open_rules(struct ctidd *d, struct ctid_err *err)
{
	int ret = rules_load(&d->rules, d->path, complain, NULL, err);

	if (!ret && d->rules.nbad)
		ret = err_set(err, EINVAL, "%s has bad lines: correct them first",
			      d->path);
	if (!ret)
		return 0;
	rules_free(&d->rules);
	if (rules_load_kept(&d->rules, d->path, GOOD_PATH, warn, NULL, NULL))
		return ret;
	say_error("%s", err->text);
	say_error("the rules that were good last stay in force");
	return 0;
}

/* What it knows of the rules is for root, as they may be; older ones let all read it. */
static void make_private(const char *directory)
{
	if (mkdir(directory, 0700) && errno == EEXIST)
		chmod(directory, 0700);
}

static int open_files(struct ctidd *d, struct ctid_err *err)
{
	make_private(CONTROL_DIR);
	make_private(MEMORY_DIR);
	reload_keep(d);
	d->bound = bound_open(BOUND_PATH, err);
	if (d->bound)
		d->memory = memory_open(MEMORY_PATH, warn, NULL, err);
	return d->memory ? 0 : -EIO;
}

static int open_all(struct ctidd *d, struct ctid_err *err)
{
	int ret;

	d->mount.fd = -1;
	ret = open_rules(d, err);
	if (!ret)
		ret = registry_open(&d->reg, err);
	if (!ret)
		ret = cgroup_mount_open(&d->mount, err);
	if (!ret)
		ret = privileges_drop(err);
	if (!ret)
		ret = open_files(d, err);
	if (!ret)
		ret = open_loop(d, err);
	if (!ret)
		ret = remember_open(d, err);
	if (!ret) {
		d->http = http_open(d->event, err);
		ret = d->http ? runtimes_open(d, err) : -ENOMEM;
	}
	if (!ret)
		ret = cri_open(d, err);
	if (!ret)
		ret = pods_open(d, err);
	if (!ret)
		ret = slices_open(d, err);
	if (!ret)
		ret = shortage_open(d, err);
	if (!ret)
		ret = family_open(d, err);
	if (!ret)
		ret = control_open(d, CONTROL_PATH, err);
	/* Cgroups first: who is in a container's is not taken out. */
	if (ret >= 0)
		ret = reconcile(d, err);
	return ret < 0 ? ret : processes_open(d, &d->rules, err);
}

/* Bindings stay: a daemon that is restarted leaves no gap. */
static void close_all(struct ctidd *d)
{
	processes_close(d);
	tree_close(d);
	shortage_close(d);
	slices_close(d);
	family_close(d);
	runtimes_close(d);
	cri_close(d);
	pods_close(d);
	if (d->http)
		http_close(d->http);
	remember_close(d);
	if (d->memory)
		memory_close(d->memory);
	if (d->bound)
		bound_close(d->bound);
	sd_event_unref(d->event);
	cgroup_mount_close(&d->mount);
	registry_close(&d->reg);
	rules_free(&d->rules);
}

static int serve(const char *path)
{
	struct ctidd *d = calloc(1, sizeof(*d));
	struct ctid_err err;
	int ret;

	if (!d)
		return EXIT_BAD;
	d->path = path;
	ret = open_all(d, &err);
	if (ret) {
		say_error("%s", err.text);
	} else {
		say_info("has %zu rules", rules_count(&d->rules));
		processes_scan(d);
		if (!d->slices)
			sd_notify(0, "READY=1");
		on_round(NULL, d);
		ret = sd_event_loop(d->event);
		if (ret)
			say_error("cannot wait for events: %s", strerror(-ret));
		sd_notify(0, "STOPPING=1");
	}
	close_all(d);
	free(d);
	return ret ? EXIT_BAD : EXIT_OK;
}

/**
 * main() - the options, then the daemon
 * @argc: number of arguments
 * @argv: the arguments
 *
 * Return: the exit status: 0 for success, 1 for failure, 2 for wrong usage.
 */
int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "check", no_argument, NULL, 'c' },
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'V' },
		{ NULL, 0, NULL, 0 }
	};
	bool only_check = false;
	const char *path;
	int opt;

	while ((opt = getopt_long(argc, argv, "hV", options, NULL)) != -1) {
		switch (opt) {
		case 'c':
			only_check = true;
			break;
		case 'h':
			return print(usage);
		case 'V':
			return print("ctidd " VERSION "\n");
		default:
			return EXIT_USAGE;
		}
	}
	if (argc - optind > 1) {
		fputs(usage, stderr);
		return EXIT_USAGE;
	}
	path = optind < argc ? argv[optind] : RULES_PATH;
	if (!only_check && !strcmp(path, "-")) {
		say_error("- is for --check only: FILE is read again when it changes");
		return EXIT_USAGE;
	}
	return only_check ? check(path) : serve(path);
}
