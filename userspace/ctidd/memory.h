/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef CTIDD_MEMORY_H
#define CTIDD_MEMORY_H

#include <stdbool.h>
#include <stdint.h>

#include "../error.h"
#include "../rulefile.h"

struct memory;

/**
 * typedef memory_in_use - may this id not be given to another?
 * @data: as given to memory_oldest()
 * @id: container id
 * @key: who has it
 */
typedef bool (*memory_in_use)(void *data, uint32_t id, const char *key);

struct memory *memory_open(const char *path, rulefile_complain complain,
			   void *data, struct ctid_err *err);
void memory_close(struct memory *memory);
uint32_t memory_id(struct memory *memory, const char *key, uint32_t first,
		   uint32_t last);
bool memory_has(const struct memory *memory, uint32_t id);
int memory_give(struct memory *memory, const char *key, uint32_t id);
uint32_t memory_oldest(struct memory *memory, uint32_t first, uint32_t last,
		       memory_in_use in_use, void *data);
int memory_save(struct memory *memory);
bool memory_is_changed(const struct memory *memory);
void memory_set_saved(struct memory *memory, bool saved);

#endif /* CTIDD_MEMORY_H */
