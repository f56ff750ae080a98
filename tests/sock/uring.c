// SPDX-License-Identifier: GPL-2.0-only
/*
 * Operations by io_uring, with the bare system calls: the library knows fewer
 * than the newest kernel. One ring, one request at a time.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/io_uring.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "sockcall.h"

/* Newer than the oldest headers. */
#define OP_BIND		56
#define OP_LISTEN	57
#define CMD_SETSOCKOPT	3

struct ring {
	int fd;
	struct io_uring_params p;
	char *sq, *cq;
	struct io_uring_sqe *sqes;
};

static struct ring ring;

static int open_ring(void)
{
	size_t sq_size, cq_size;

	if (ring.sq)
		return 0;
	ring.fd = (int)syscall(SYS_io_uring_setup, 4, &ring.p);
	if (ring.fd < 0)
		return -1;
	sq_size = ring.p.sq_off.array + ring.p.sq_entries * sizeof(uint32_t);
	cq_size = ring.p.cq_off.cqes +
		  ring.p.cq_entries * sizeof(struct io_uring_cqe);
	ring.sqes = mmap(NULL, ring.p.sq_entries * sizeof(struct io_uring_sqe),
			 PROT_READ | PROT_WRITE, MAP_SHARED, ring.fd,
			 IORING_OFF_SQES);
	ring.cq = mmap(NULL, cq_size, PROT_READ | PROT_WRITE, MAP_SHARED,
		       ring.fd, IORING_OFF_CQ_RING);
	ring.sq = mmap(NULL, sq_size, PROT_READ | PROT_WRITE, MAP_SHARED,
		       ring.fd, IORING_OFF_SQ_RING);
	if (ring.sqes == MAP_FAILED || ring.cq == MAP_FAILED ||
	    ring.sq == MAP_FAILED)
		die("io_uring: mmap: %s", strerror(errno));
	return 0;
}

static uint32_t *sq_word(uint32_t offset)
{
	return (uint32_t *)(void *)(ring.sq + offset);
}

static uint32_t *cq_word(uint32_t offset)
{
	return (uint32_t *)(void *)(ring.cq + offset);
}

/* Sends one request and waits for its result. */
static int submit(const struct io_uring_sqe *request)
{
	uint32_t tail, head, index;
	struct io_uring_cqe *cqe;
	int n, result;

	if (open_ring() < 0)
		return -1;
	tail = *sq_word(ring.p.sq_off.tail);
	index = tail & *sq_word(ring.p.sq_off.ring_mask);
	ring.sqes[index] = *request;
	sq_word(ring.p.sq_off.array)[index] = index;
	__atomic_store_n(sq_word(ring.p.sq_off.tail), tail + 1, __ATOMIC_RELEASE);

	/* A request that takes too long is left to the end of the process. */
	n = (int)syscall(SYS_io_uring_enter, ring.fd, 1, 0, 0, NULL, 0);
	if (n < 0 || wait_for(ring.fd, POLLIN) < 0)
		return -1;
	head = *cq_word(ring.p.cq_off.head);
	cqe = (struct io_uring_cqe *)(void *)(ring.cq + ring.p.cq_off.cqes) +
	      (head & *cq_word(ring.p.cq_off.ring_mask));
	result = cqe->res;
	__atomic_store_n(cq_word(ring.p.cq_off.head), head + 1, __ATOMIC_RELEASE);
	if (result < 0) {
		errno = -result;
		return -1;
	}
	return result;
}

static int op_connect(char **args)
{
	struct addr a;
	struct io_uring_sqe sqe = { .opcode = IORING_OP_CONNECT, .fd = sock };

	set_addr(&a, args[0]);
	sqe.addr = (uintptr_t)&a.ss;
	sqe.off = a.len;
	return submit(&sqe);
}

static int op_bind(char **args)
{
	struct addr a;
	struct io_uring_sqe sqe = { .opcode = OP_BIND, .fd = sock };

	set_addr(&a, args[0]);
	sqe.addr = (uintptr_t)&a.ss;
	sqe.off = a.len;
	return submit(&sqe);
}

static int op_listen(char **args)
{
	struct io_uring_sqe sqe = { .opcode = OP_LISTEN, .fd = sock, .len = 8 };

	(void)args;
	return submit(&sqe);
}

/* Multishot: the request stays and would accept again. */
static int op_accept(char **args)
{
	struct io_uring_sqe sqe = {
		.opcode = IORING_OP_ACCEPT, .fd = sock,
		.ioprio = IORING_ACCEPT_MULTISHOT,
	};
	int fd;

	(void)args;
	fd = submit(&sqe);
	if (fd >= 0)
		sock = fd;
	return fd;
}

/* As servers do: accepts until somebody ends the process. */
static int op_serve(char **args)
{
	int listener = sock;

	alarm(0);
	while (op_accept(args) >= 0 || errno == ETIMEDOUT)
		sock = listener;
	return -1;
}

static int op_sendmsg(char **args)
{
	struct addr a;
	struct iovec iov = { .iov_base = "x", .iov_len = 1 };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
	struct io_uring_sqe sqe = { .opcode = IORING_OP_SENDMSG, .fd = sock };

	set_addr(&a, args[0]);
	msg.msg_name = &a.ss;
	msg.msg_namelen = a.len;
	sqe.addr = (uintptr_t)&msg;
	sqe.len = 1;
	return submit(&sqe);
}

/* 6.0: a plain send with an address beside it. */
static int op_send(char **args)
{
	struct addr a;
	struct io_uring_sqe sqe = { .opcode = IORING_OP_SEND, .fd = sock };

	set_addr(&a, args[0]);
	sqe.addr = (uintptr_t)"x";
	sqe.len = 1;
	sqe.addr2 = (uintptr_t)&a.ss;
	sqe.addr_len = (uint16_t)a.len;
	return submit(&sqe);
}

int uring_setsockopt(int level, int option, const void *value, int len)
{
	struct io_uring_sqe sqe = {
		.opcode = IORING_OP_URING_CMD, .fd = sock,
		.off = CMD_SETSOCKOPT,
		.addr = (uint32_t)level | (uint64_t)(uint32_t)option << 32,
		.splice_fd_in = len,
		.addr3 = (uintptr_t)value,
	};

	return submit(&sqe);
}

const struct op uring_ops[] = {
	{ "uring_connect", 1, false, op_connect },
	{ "uring_bind", 1, false, op_bind },
	{ "uring_listen", 0, false, op_listen },
	{ "uring_accept", 0, false, op_accept },
	{ "uring_serve", 0, false, op_serve },
	{ "uring_sendmsg", 1, false, op_sendmsg },
	{ "uring_send", 1, false, op_send },
	{ 0 }
};
