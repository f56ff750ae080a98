/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef CTID_XLATE_H
#define CTID_XLATE_H

#include <stdint.h>

int xlate_level(uint32_t id);

#endif /* CTID_XLATE_H */
