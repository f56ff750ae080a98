// SPDX-License-Identifier: GPL-2.0-only
/*
 * Operations: hand a socket on; SCTP's own: many addresses in a bind or connect,
 * one association of many.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/sctp.h>	/* leans on those above */

#include "sockcall.h"

/* From now on, what came through SCM_RIGHTS. */
static int op_scm(char **args)
{
	union {
		char space[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control;
	struct iovec iov = { .iov_base = &control, .iov_len = 1 };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = &control, .msg_controllen = sizeof(control),
	};
	struct cmsghdr *cmsg = CMSG_FIRSTHDR(&msg);
	int pair[2];

	(void)args;
	if (socketpair(AF_UNIX, SOCK_DGRAM, 0, pair) < 0)
		return -1;
	cmsg->cmsg_level = SOL_SOCKET;
	cmsg->cmsg_type = SCM_RIGHTS;
	cmsg->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(cmsg), &sock, sizeof(int));
	if (sendmsg(pair[0], &msg, 0) < 0)
		return -1;
	close(sock);
	if (recvmsg(pair[1], &msg, 0) < 0)
		return -1;
	cmsg = CMSG_FIRSTHDR(&msg);
	if (!cmsg)
		die("no descriptor came through SCM_RIGHTS");
	memcpy(&sock, CMSG_DATA(cmsg), sizeof(int));
	close(pair[0]);
	close(pair[1]);
	return 0;
}

/* From now on, a copy of the same number in another process. */
static int op_pidfd(char **args)
{
	int pidfd, fd;
	pid_t child;

	(void)args;
	child = fork();
	if (child < 0)
		return -1;
	if (child == 0) {
		pause();
		_exit(0);
	}
	close(sock);
	pidfd = (int)syscall(SYS_pidfd_open, child, 0);
	fd = pidfd < 0 ? -1 : (int)syscall(SYS_pidfd_getfd, pidfd, sock, 0);
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	if (fd < 0)
		return -1;
	close(pidfd);
	sock = fd;
	return 0;
}

/* A child does the rest: inherited sockets. */
static int op_fork(char **args)
{
	pid_t child = fork();

	(void)args;
	if (child > 0) {
		waitpid(child, NULL, 0);
		_exit(0);
	}
	return child;
}

/* The rest is done by another program: sockets inherited over exec. */
static int op_exec(char **args)
{
	char number[16], *words[64] = { "sockcall", "use", number };
	size_t n = 3;

	snprintf(number, sizeof(number), "%d", sock);
	while (*args && n + 1 < sizeof(words) / sizeof(words[0]))
		words[n++] = *args++;
	execv("/proc/self/exe", words);
	return -1;
}

/* Somebody connects to the listener; who it is does not matter. */
static int op_peer(char **args)
{
	struct sockaddr_storage own;
	socklen_t len = sizeof(own);
	int fd;

	(void)args;
	if (getsockname(sock, (struct sockaddr *)&own, &len))
		return -1;
	fd = socket(own.ss_family, SOCK_STREAM, 0);
	return connect(fd, (struct sockaddr *)&own, len);
}

/* "A,B": packed, as SCTP takes them. */
static int pack(const char *list, char *packed)
{
	char words[512], *word, *rest = words;
	struct addr a;
	int size = 0;

	snprintf(words, sizeof(words), "%s", list);
	while ((word = strsep(&rest, ","))) {
		set_addr(&a, word);
		memcpy(packed + size, &a.ss, a.len);
		size += (int)a.len;
	}
	return size;
}

static int op_bindx(char **args)
{
	char packed[1024];

	return setsockopt(sock, IPPROTO_SCTP, SCTP_SOCKOPT_BINDX_ADD, packed,
			  (socklen_t)pack(args[0], packed));
}

static int op_connectx(char **args)
{
	char packed[1024];

	return setsockopt(sock, IPPROTO_SCTP, SCTP_SOCKOPT_CONNECTX, packed,
			  (socklen_t)pack(args[0], packed));
}

/* From now on, the one association of a one-to-many socket, by itself. */
static int op_peeloff(char **args)
{
	struct sctp_assoc_ids {
		uint32_t n;
		sctp_assoc_t id[8];
	} ids;
	socklen_t len = sizeof(ids);
	sctp_peeloff_arg_t arg = { 0 };

	(void)args;
	if (getsockopt(sock, IPPROTO_SCTP, SCTP_GET_ASSOC_ID_LIST, &ids, &len))
		return -1;
	arg.associd = ids.id[0];
	len = sizeof(arg);
	/* It returns the new one, too. */
	if (getsockopt(sock, IPPROTO_SCTP, SCTP_SOCKOPT_PEELOFF, &arg, &len) < 0)
		return -1;
	sock = arg.sd;
	return 0;
}

const struct op pass_ops[] = {
	{ "scm", 0, true, op_scm },
	{ "pidfd", 0, true, op_pidfd },
	{ "fork", 0, true, op_fork },
	{ "bindx", 1, false, op_bindx },
	{ "connectx", 1, false, op_connectx },
	{ "exec", 0, true, op_exec },
	{ "peer", 0, true, op_peer },
	{ "peeloff", 0, true, op_peeloff },
	{ 0 }
};
