/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef CTIDD_SLICES_H
#define CTIDD_SLICES_H

#include "ctidd.h"

int slices_open(struct ctidd *d, struct ctid_err *err);
void slices_close(struct ctidd *d);
void slices_start(struct ctidd *d);
bool slices_gone(struct ctidd *d, const struct node *node);
void slices_ready(struct ctidd *d);

#endif /* CTIDD_SLICES_H */
