// SPDX-License-Identifier: GPL-2.0-only
/* Asking again: later each time, until there is an answer. */
#include "asks.h"

#define LAST_DELAY	32000000ULL

static void wake(struct retry *retry, uint64_t delay)
{
	sd_event_source_set_time_relative(retry->timer, delay);
	sd_event_source_set_enabled(retry->timer, SD_EVENT_ONESHOT);
}

/**
 * retry_open() - make ready
 * @retry: filled; to be closed with retry_close(), also after a failure
 * @event: the loop
 * @first: how long it takes the first time, in microseconds
 * @again: asks again
 * @data: for @again
 *
 * Return: 0 or a negative errno.
 */
int retry_open(struct retry *retry, sd_event *event, uint64_t first,
	       sd_event_time_handler_t again, void *data)
{
	int ret;

	*retry = (struct retry){ .first = first, .delay = first };
	/* To the microsecond: sd-event is a quarter of a second late by itself. */
	ret = sd_event_add_time_relative(event, &retry->timer, CLOCK_MONOTONIC,
					 0, 1, again, data);
	if (ret >= 0)
		sd_event_source_set_enabled(retry->timer, SD_EVENT_OFF);
	return ret < 0 ? ret : 0;
}

/**
 * retry_close() - end it
 * @retry: filled or zeroed
 */
void retry_close(struct retry *retry)
{
	retry->timer = sd_event_source_unref(retry->timer);
}

/**
 * retry_is_later() - is it to be asked again?
 * @retry: what was opened
 *
 * Return: true if so.
 */
bool retry_is_later(const struct retry *retry)
{
	return sd_event_source_get_enabled(retry->timer, NULL) > 0;
}

/**
 * retry_later() - ask again after a while, unless that is to happen already
 * @retry: what was opened
 */
void retry_later(struct retry *retry)
{
	if (retry_is_later(retry))
		return;
	wake(retry, retry->delay);
	if (retry->delay < LAST_DELAY)
		retry->delay *= 2;
}

/**
 * retry_now() - ask as soon as what is going on has ended
 * @retry: what was opened
 */
void retry_now(struct retry *retry)
{
	wake(retry, 0);
}

/**
 * retry_answered() - have the next time take as long as the first one
 * @retry: what was opened
 */
void retry_answered(struct retry *retry)
{
	retry->delay = retry->first;
}

/**
 * retry_stop() - do not ask again, and begin anew
 * @retry: what was opened
 */
void retry_stop(struct retry *retry)
{
	sd_event_source_set_enabled(retry->timer, SD_EVENT_OFF);
	retry->delay = retry->first;
}
