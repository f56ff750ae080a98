/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef CTID_DEVICE_H
#define CTID_DEVICE_H

#include "policy.h"

/** Room for a device's name. */
#define DEVICE_NAME	16

void device_name(char name[DEVICE_NAME], enum policy_event event);
int device_check(enum policy_event event, struct ctid_err *err);
int device_make(enum policy_event event, struct ctid_err *err);
int device_remove(enum policy_event event, struct ctid_err *err);

#endif /* CTID_DEVICE_H */
