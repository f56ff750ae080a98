// SPDX-License-Identifier: GPL-2.0-only
/* Watching for a time, as the option --for says. */
#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <time.h>

#include "../names.h"
#include "../text.h"
#include "ctid.h"
#include "watching.h"

/* About a month. */
#define MAX_SECONDS	(31U * 86400)

/**
 * watch_for_parse() - read a time
 * @word: 90, 90s, 10m or 2h
 * @seconds: the time
 *
 * Return: 0, or an exit status after saying what is wrong.
 */
int watch_for_parse(const char *word, uint32_t *seconds)
{
	static const char units[] = "smh";
	static const uint32_t factor[] = { 1, 60, 3600 };
	size_t len = strlen(word);
	const char *unit = len ? strchr(units, word[len - 1]) : NULL;
	char digits[16] = "";

	if (unit)
		len--;
	if (len < sizeof(digits))
		memcpy(digits, word, len);
	if (!is_number(digits) || number_parse(digits, seconds) || !*seconds ||
	    *seconds > MAX_SECONDS / factor[unit ? unit - units : 0])
		return usage_error("\"%s\" is no time to watch for: use 90s, 10m or 2h",
				   show(word).s);
	*seconds *= factor[unit ? unit - units : 0];
	return CTID_OK;
}

static time_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec;
}

/**
 * watch_for() - take events for a time, or until the user has seen enough
 * @watching: started; stopped then
 * @seconds: for how long, 0 for ever
 * @cb: is given the events
 * @data: for @cb
 *
 * Return: 0 or a negative errno.
 */
int watch_for(struct watching *watching, uint32_t seconds, watching_cb cb,
	      void *data)
{
	const time_t end = now() + (time_t)seconds;
	int ret = 0;

	while (!ret && !watching->ended) {
		time_t left = end - now();

		if (seconds && left <= 0)
			break;
		/* Longer than an int of milliseconds can be. */
		if (left > 86400)
			left = 86400;
		ret = watching_next(watching, seconds ? (int)left * 1000 : -1, cb,
				    data);
		if (ret == -ETIMEDOUT)
			ret = 0;
	}
	if (!ret || ret == -EINTR)
		ret = watching_stop(watching, cb, data);
	return ret;
}
