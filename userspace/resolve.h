/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef CTID_RESOLVE_H
#define CTID_RESOLVE_H

#include <stdbool.h>
#include <stdint.h>

#include "conf.h"
#include "error.h"
#include "registry.h"

/**
 * struct resolver - what names stand for, in the file and in the kernel
 * @conf: the file
 * @reg: the running registry
 * @conf_ret: how reading the file went: 0 or a negative errno
 * @reg_ret: how reaching the registry went: 0 or a negative errno
 * @conf_err: the first complaint about the file
 * @opened: both were tried
 */
struct resolver {
	struct conf conf;
	struct registry reg;
	int conf_ret;
	int reg_ret;
	struct ctid_err conf_err;
	bool opened;
};

int resolve_name(struct resolver *res, const char *name, uint32_t *id,
		 struct ctid_err *err);
bool resolve_id(struct resolver *res, uint32_t id,
		char name[CONTAINER_ID_NAMSIZ]);
void resolver_close(struct resolver *res);

#endif /* CTID_RESOLVE_H */
