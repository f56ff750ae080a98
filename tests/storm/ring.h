/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Calls by io_uring, with the bare system calls: the library of the oldest kernel knows
 * fewer. One request at a time, and its answer is waited for.
 */
#ifndef STORM_RING_H
#define STORM_RING_H

#include <errno.h>
#include <linux/io_uring.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Newer than the oldest headers. */
#define RING_OP_BIND	56
#define RING_OP_LISTEN	57
#define RING_OPS	64

static struct {
	int fd;
	struct io_uring_params p;
	char *sq, *cq;
	struct io_uring_sqe *sqes;
} ring = { .fd = -1 };

static void *ring_map(size_t size, off_t what)
{
	void *map = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, ring.fd, what);

	return map == MAP_FAILED ? NULL : map;
}

static bool ring_open(void)
{
	if (ring.fd >= 0)
		return true;
	ring.fd = (int)syscall(SYS_io_uring_setup, 4, &ring.p);
	if (ring.fd < 0)
		return false;
	ring.sqes = ring_map(ring.p.sq_entries * sizeof(*ring.sqes), IORING_OFF_SQES);
	ring.sq = ring_map(ring.p.sq_off.array + ring.p.sq_entries * sizeof(uint32_t),
			   IORING_OFF_SQ_RING);
	ring.cq = ring_map(ring.p.cq_off.cqes +
			   ring.p.cq_entries * sizeof(struct io_uring_cqe),
			   IORING_OFF_CQ_RING);
	return ring.sqes && ring.sq && ring.cq;
}

/* Does this kernel know the request? It says so itself. */
static bool ring_knows(int opcode)
{
	struct io_uring_probe *probe;
	bool known;

	if (!ring_open())
		return false;
	probe = calloc(1, sizeof(*probe) + RING_OPS * sizeof(probe->ops[0]));
	known = probe &&
		!syscall(SYS_io_uring_register, ring.fd, IORING_REGISTER_PROBE, probe,
			 RING_OPS) &&
		opcode <= probe->last_op &&
		probe->ops[opcode].flags & IO_URING_OP_SUPPORTED;
	free(probe);
	return known;
}

static uint32_t *sq_word(uint32_t offset)
{
	return (uint32_t *)(void *)(ring.sq + offset);
}

static uint32_t *cq_word(uint32_t offset)
{
	return (uint32_t *)(void *)(ring.cq + offset);
}

static int ring_submit(const struct io_uring_sqe *request)
{
	struct io_uring_cqe *cqe;
	uint32_t tail, head, index;
	int result;

	tail = *sq_word(ring.p.sq_off.tail);
	index = tail & *sq_word(ring.p.sq_off.ring_mask);
	ring.sqes[index] = *request;
	sq_word(ring.p.sq_off.array)[index] = index;
	__atomic_store_n(sq_word(ring.p.sq_off.tail), tail + 1, __ATOMIC_RELEASE);
	if (syscall(SYS_io_uring_enter, ring.fd, 1, 1, IORING_ENTER_GETEVENTS, NULL, 0) < 0)
		return -1;
	head = *cq_word(ring.p.cq_off.head);
	cqe = (struct io_uring_cqe *)(void *)(ring.cq + ring.p.cq_off.cqes) +
	      (head & *cq_word(ring.p.cq_off.ring_mask));
	result = cqe->res;
	__atomic_store_n(cq_word(ring.p.cq_off.head), head + 1, __ATOMIC_RELEASE);
	if (result >= 0)
		return result;
	errno = -result;
	return -1;
}

static int ring_connect(int fd, const struct sockaddr *addr, socklen_t len)
{
	const struct io_uring_sqe sqe = {
		.opcode = IORING_OP_CONNECT, .fd = fd, .addr = (uintptr_t)addr, .off = len,
	};

	return ring_submit(&sqe);
}

static int ring_bind(int fd, const struct sockaddr *addr, socklen_t len)
{
	const struct io_uring_sqe sqe = {
		.opcode = RING_OP_BIND, .fd = fd, .addr = (uintptr_t)addr, .off = len,
	};

	return ring_submit(&sqe);
}

static int ring_listen(int fd)
{
	const struct io_uring_sqe sqe = { .opcode = RING_OP_LISTEN, .fd = fd, .len = 1 };

	return ring_submit(&sqe);
}

static int ring_sendmsg(int fd, const struct msghdr *msg)
{
	const struct io_uring_sqe sqe = {
		.opcode = IORING_OP_SENDMSG, .fd = fd, .addr = (uintptr_t)msg, .len = 1,
	};

	return ring_submit(&sqe);
}

#endif /* STORM_RING_H */
