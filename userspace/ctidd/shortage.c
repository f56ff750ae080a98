// SPDX-License-Identifier: GPL-2.0-only
/*
 * Without a descriptor or memory left, a cgroup cannot be looked at. That is not to be
 * taken for its being gone: what is bound stays so, and all are looked at again later.
 * Without an inotify watch, nothing tells of what is new in one: it is looked at now and then.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../text.h"
#include "asks.h"

#define FIRST_DELAY	1000000ULL

/**
 * struct shortage - what could not be looked at
 * @again: when all are looked at again
 * @now: something could not, since that was last begun
 * @said: this was said, and has not ended
 * @unwatched: some are not watched; that was said
 */
struct shortage {
	struct retry again;
	bool now;
	bool said;
	bool unwatched;
};

static int on_again(sd_event_source *source, uint64_t usec, void *data)
{
	struct ctidd *d = data;
	struct shortage *shortage = d->shortage;

	(void)source;
	(void)usec;
	if (shortage->now) {
		look_again(d);
	} else if (shortage->unwatched && look_unwatched(d)) {
		retry_later(&shortage->again);
	} else if (shortage->unwatched) {
		shortage->unwatched = false;
		retry_stop(&shortage->again);
		say_info("all cgroups are watched again");
	}
	return 0;
}

/**
 * shortage_open() - make ready
 * @d: the daemon
 * @err: why not
 *
 * Return: 0 or a negative errno.
 */
int shortage_open(struct ctidd *d, struct ctid_err *err)
{
	int ret = -ENOMEM;

	d->shortage = calloc(1, sizeof(*d->shortage));
	if (d->shortage)
		ret = retry_open(&d->shortage->again, d->event, FIRST_DELAY,
				 on_again, d);
	return ret ? err_set(err, -ret, "%s", strerror(-ret)) : 0;
}

/**
 * shortage_close() - end it
 * @d: the daemon
 */
void shortage_close(struct ctidd *d)
{
	if (d->shortage)
		retry_close(&d->shortage->again);
	free(d->shortage);
	d->shortage = NULL;
}

/**
 * shortage_is() - note why a cgroup could not be looked at
 * @d: the daemon
 * @path: the cgroup
 * @code: errno
 *
 * All else than a shortage is as good as that it is not there: so is a path that a
 * tenant made too long to be opened.
 *
 * Return: true if it is a shortage.
 */
bool shortage_is(struct ctidd *d, const char *path, int code)
{
	struct shortage *shortage = d->shortage;

	if (code != EMFILE && code != ENFILE && code != ENOMEM)
		return false;
	shortage->now = true;
	retry_later(&shortage->again);
	if (!shortage->said)
		say_error("cannot look at cgroup %s: %s: what is bound stays bound, and what is new waits until it can be looked at",
			  show(path).s, strerror(code));
	shortage->said = true;
	return true;
}

/**
 * shortage_of_watches() - note that a cgroup is not watched
 * @d: the daemon
 * @path: the cgroup
 */
void shortage_of_watches(struct ctidd *d, const char *path)
{
	struct shortage *shortage = d->shortage;

	retry_later(&shortage->again);
	if (!shortage->unwatched)
		say_error("cannot watch cgroup %s: no inotify watch of root's is left: raise the sysctl fs.inotify.max_user_watches; until there is one, it is looked at every half minute",
			  show(path).s);
	shortage->unwatched = true;
}

/**
 * shortage_begin() - all are looked at from here on
 * @d: the daemon
 */
void shortage_begin(struct ctidd *d)
{
	d->shortage->now = false;
}

/**
 * shortage_end() - all were looked at
 * @d: the daemon
 *
 * Return: true if some could not be.
 */
bool shortage_end(struct ctidd *d)
{
	struct shortage *shortage = d->shortage;

	if (shortage->now)
		return true;
	if (!shortage->unwatched)
		retry_stop(&shortage->again);
	if (shortage->said)
		say_info("all cgroups can be looked at again");
	shortage->said = false;
	return false;
}
