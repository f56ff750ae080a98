/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef CTID_CLOCK_H
#define CTID_CLOCK_H

#include <stdint.h>

/** So long is one turn of what others do not wait for, in microseconds. */
#define CLOCK_TURN	5000ULL

uint64_t clock_now(void);

#endif /* CTID_CLOCK_H */
