/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SOCKCALL_H
#define SOCKCALL_H

#include <stdbool.h>
#include <sys/socket.h>

/** How long a call that waits may take, in seconds. */
#define CALL_TIMEOUT	3

/**
 * struct addr - an address as a call takes it
 * @ss: the address
 * @len: its length, for the call; may be a lie
 */
struct addr {
	struct sockaddr_storage ss;
	socklen_t len;
};

/**
 * struct op - an operation that the command line can name
 * @name: its name
 * @nargs: how many words follow it
 * @stage: sets the stage for others: says something only if it fails
 * @run: does it; returns 0 or a result of at least 0, or -1 with errno set
 */
struct op {
	const char *name;
	int nargs;
	bool stage;
	int (*run)(char **args);
};

extern const struct op basic_ops[], send_ops[], uring_ops[], pass_ops[], race_ops[],
	route_ops[], flow_ops[];

/* The socket that operations are about. */
extern int sock;
extern struct addr lie;

void die(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));
void set_addr(struct addr *a, const char *text);
int number(const char *text);
int wait_for(int fd, short events);
int new_socket(const char *kind);
bool is_rxrpc(void);

/* uring.c */
int uring_setsockopt(int level, int option, const void *value, int len);

#endif /* SOCKCALL_H */
