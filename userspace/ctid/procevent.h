/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef CTID_PROCEVENT_H
#define CTID_PROCEVENT_H

#include <sys/types.h>

#include "../error.h"

struct mnl_socket;

/**
 * typedef procevent_cb - is told of a process that is not what it was
 * @pid: the process
 * @data: as given to procevent_next()
 */
typedef void (*procevent_cb)(pid_t pid, void *data);

int procevent_open(struct mnl_socket **nl, struct ctid_err *err);
void procevent_close(struct mnl_socket *nl);
int procevent_fd(const struct mnl_socket *nl);
int procevent_next(struct mnl_socket *nl, procevent_cb cb, void *data);

#endif /* CTID_PROCEVENT_H */
