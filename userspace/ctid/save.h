/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef CTID_CMD_SAVE_H
#define CTID_CMD_SAVE_H

#include "../file.h"

int save_check(const char *file);
int save_write(const char *file, size_t max, file_writer writer, void *data);

#endif /* CTID_CMD_SAVE_H */
