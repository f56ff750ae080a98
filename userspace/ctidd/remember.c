// SPDX-License-Identifier: GPL-2.0-only
/*
 * What was chosen from ranges reaches the disk. A process of its own writes it: where a
 * tenant keeps the disk busy that takes seconds, in which nobody would be bound. It does so
 * once a second at most, as who comes again changes the order, and some come without end.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "asks.h"
#include "memory.h"

#define PAUSE		1000000ULL

/**
 * struct remember - how the memory is written
 * @writer: the process that does, or NULL
 * @again: when it may be written again, or is tried again after a failure
 * @said: it failed, which was said
 */
struct remember {
	sd_event_source *writer;
	struct retry again;
	bool said;
};

static void written(struct ctidd *d, int code)
{
	struct remember *remember = d->remember;

	if (!code) {
		retry_stop(&remember->again);
		retry_later(&remember->again);
		remember->said = false;
		return;
	}
	memory_set_saved(d->memory, false);
	retry_later(&remember->again);
	if (!remember->said)
		say_error("cannot write " MEMORY_PATH ": %s: ids from ranges are not remembered",
			  strerror(code));
	remember->said = true;
}

static int exit_code(int how, int status)
{
	return how == CLD_EXITED ? status : EINTR;
}

static int on_written(sd_event_source *source, const siginfo_t *info, void *data)
{
	struct ctidd *d = data;

	(void)source;
	d->remember->writer = sd_event_source_unref(d->remember->writer);
	written(d, exit_code(info->si_code, info->si_status));
	return 0;
}

static int on_again(sd_event_source *source, uint64_t usec, void *data)
{
	(void)source;
	(void)usec;
	(void)data;
	return 0;	/* The round ends with remember(). */
}

/**
 * remember_open() - make ready
 * @d: the daemon, with its memory and loop; SIGCHLD is blocked
 * @err: why not
 *
 * Return: 0 or a negative errno.
 */
int remember_open(struct ctidd *d, struct ctid_err *err)
{
	int ret = -ENOMEM;

	d->remember = calloc(1, sizeof(*d->remember));
	if (d->remember)
		ret = retry_open(&d->remember->again, d->event, PAUSE, on_again, d);
	return ret ? err_set(err, -ret, "%s", strerror(-ret)) : 0;
}

/**
 * remember() - have what changed be written, unless that goes on, or is done later
 * @d: the daemon
 */
void remember(struct ctidd *d)
{
	struct remember *remember = d->remember;
	pid_t pid;

	if (!memory_is_changed(d->memory) || remember->writer ||
	    retry_is_later(&remember->again))
		return;
	pid = fork();
	if (!pid)
		_exit(-memory_save(d->memory));
	if (pid < 0 || sd_event_add_child(d->event, &remember->writer, pid, WEXITED,
					  on_written, d) < 0) {
		/* Late, but not never. */
		if (pid > 0)
			waitpid(pid, NULL, 0);
		written(d, -memory_save(d->memory));
		return;
	}
	memory_set_saved(d->memory, true);
}

/**
 * remember_close() - write what there is yet, and end
 * @d: the daemon
 */
void remember_close(struct ctidd *d)
{
	struct remember *remember = d->remember;
	siginfo_t info;
	pid_t pid;

	if (remember && remember->writer &&
	    sd_event_source_get_child_pid(remember->writer, &pid) >= 0) {
		/* Or it would replace what is written now. */
		if (waitid(P_PID, (id_t)pid, &info, WEXITED) ||
		    exit_code(info.si_code, info.si_status))
			memory_set_saved(d->memory, false);
		sd_event_source_unref(remember->writer);
	}
	if (d->memory)
		memory_save(d->memory);
	if (remember)
		retry_close(&remember->again);
	free(remember);
	d->remember = NULL;
}
