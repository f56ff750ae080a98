/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef CTIDD_CONTROL_H
#define CTIDD_CONTROL_H

/**
 * Where the daemon answers questions: a SOCK_SEQPACKET socket for root. A packet
 * with the path of a cgroup asks about it; the answer is text, in one packet.
 */
#define CONTROL_DIR	"/run/ctid"
#define CONTROL_PATH	CONTROL_DIR "/ctidd.sock"

/** A longer answer is cut off. */
#define CONTROL_MAX	(128U << 10)

#endif /* CTIDD_CONTROL_H */
