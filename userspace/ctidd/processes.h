/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef CTIDD_PROCESSES_H
#define CTIDD_PROCESSES_H

#include "ctidd.h"

int processes_open(struct ctidd *d, const struct rules *rules,
		   struct ctid_err *err);
void processes_close(struct ctidd *d);
void processes_scan(struct ctidd *d);
void processes_again(struct ctidd *d);

#endif /* CTIDD_PROCESSES_H */
