/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef CTID_FILE_H
#define CTID_FILE_H

#include <stddef.h>
#include <stdio.h>

#include "error.h"

/**
 * typedef file_writer - writes what a file is to have
 * @out: the file
 * @data: as given to file_replace()
 */
typedef void (*file_writer)(FILE *out, void *data);

const char *file_name(const char *path);
int file_read(const char *path, size_t max, char **text, size_t *len,
	      struct ctid_err *err);
int file_replace(const char *path, size_t max, file_writer writer, void *data);

#endif /* CTID_FILE_H */
