// SPDX-License-Identifier: GPL-2.0-only
/* How long something takes. */
#include <time.h>

#include "clock.h"

/**
 * clock_now() - the time, as a number that only grows
 *
 * Return: microseconds.
 */
uint64_t clock_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}
