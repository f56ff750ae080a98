/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef CTID_DEVICE_H
#define CTID_DEVICE_H

#include "policy.h"

/** Room for a device's name. */
#define DEVICE_NAME	16

/**
 * typedef device_cb - is given an event device
 * @name: its name
 * @data: as given to device_each()
 *
 * Return: 0 or a negative errno, which ends it.
 */
typedef int (*device_cb)(const char *name, void *data);

void device_name(char name[DEVICE_NAME], enum policy_event event);
int device_check(enum policy_event event, struct ctid_err *err);
int device_make(enum policy_event event, struct ctid_err *err);
int device_remove(enum policy_event event, struct ctid_err *err);
int device_each(device_cb cb, void *data, struct ctid_err *err);

#endif /* CTID_DEVICE_H */
