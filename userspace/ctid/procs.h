/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef CTID_PROCS_H
#define CTID_PROCS_H

#include <stddef.h>
#include <stdint.h>

/** Room for the name of a process. */
#define PROC_NAME	16

/**
 * struct holder - a process that has a socket open
 * @inode: of the socket
 * @pid: its process id
 * @comm: its name
 */
struct holder {
	uint32_t inode;
	uint32_t pid;
	char comm[PROC_NAME];
};

/**
 * struct procs - who has which socket open
 * @at: ordered by inode, then by process
 * @n: how many
 * @room: how many there is memory for
 * @hidden: processes whose descriptors may not be read
 */
struct procs {
	struct holder *at;
	size_t n, room;
	size_t hidden;
};

int procs_take(struct procs *procs);
void procs_free(struct procs *procs);
const struct holder *procs_find(const struct procs *procs, uint32_t inode,
				size_t *n);

#endif /* CTID_PROCS_H */
