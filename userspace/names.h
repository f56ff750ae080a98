/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef CTID_NAMES_H
#define CTID_NAMES_H

#include <stdbool.h>
#include <stdint.h>

/** Stands for "no name" where a name is expected: in the file, in rename. */
#define NO_NAME		"-"

bool is_number(const char *word);
bool is_range(const char *word);
int number_parse(const char *word, uint32_t *value);
const char *name_problem(const char *name);

#endif /* CTID_NAMES_H */
