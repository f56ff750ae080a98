// SPDX-License-Identifier: GPL-2.0-only
/*
 * Operations: hand a socket on, bind and connect with many addresses (SCTP), and
 * race the kernel for an address.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
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

struct race {
	struct sockaddr_in shared, good, bad;
	atomic_bool end;
};

static void *rewrite(void *data)
{
	struct race *race = data;
	volatile in_addr_t *address = &race->shared.sin_addr.s_addr;
	bool bad = false;

	/* One store a round: an emulator that runs the CPUs by turns changes over
	 * at a jump, and would never see the first of two.
	 */
	while (!atomic_load(&race->end)) {
		bad = !bad;
		*address = bad ? race->bad.sin_addr.s_addr : race->good.sin_addr.s_addr;
	}
	return NULL;
}

static bool has_peer(const struct sockaddr_in *in)
{
	struct sockaddr_in peer = { 0 };
	socklen_t len = sizeof(peer);

	return !getpeername(sock, (struct sockaddr *)&peer, &len) &&
	       peer.sin_addr.s_addr == in->sin_addr.s_addr;
}

/* GOOD BAD: connects a datagram socket again and again, while a thread changes
 * the address between two IPv4 ones. Fails with EFAULT if the peer was ever BAD.
 */
static int op_race_connect(char **args)
{
	struct sockaddr none = { .sa_family = AF_UNSPEC };
	static struct race race;
	pthread_t thread;
	struct addr a;
	int i, result = 0;

	set_addr(&a, args[1]);
	memcpy(&race.bad, &a.ss, sizeof(race.bad));
	set_addr(&a, args[0]);
	memcpy(&race.good, &a.ss, sizeof(race.good));
	race.shared = race.good;
	if (pthread_create(&thread, NULL, rewrite, &race))
		die("cannot make a thread");
	for (i = 0; i < 20000 && !result; i++) {
		connect(sock, &none, sizeof(none));
		if (!connect(sock, (struct sockaddr *)&race.shared, sizeof(race.shared)) &&
		    has_peer(&race.bad))
			result = -1;
	}
	atomic_store(&race.end, true);
	pthread_join(thread, NULL);
	errno = EFAULT;
	return result;
}

static void *toggle(void *data)
{
	struct race *race = data;
	int on = 0;

	while (!atomic_load(&race->end)) {
		on = !on;
		setsockopt(sock, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
	}
	return NULL;
}

/* KIND ADDRESS: binds sockets again and again, while a thread sets and clears
 * IPV6_V6ONLY. Fails with EFAULT if one was bound without it.
 */
static int op_race_v6only(char **args)
{
	static struct race race;
	socklen_t len = sizeof(int);
	pthread_t thread;
	struct addr a;
	int i, v6only, result = 0;

	set_addr(&a, args[1]);
	sock = new_socket(args[0]);
	if (pthread_create(&thread, NULL, toggle, &race))
		die("cannot make a thread");
	for (i = 0; i < 5000 && !result; i++) {
		int old = sock, new = new_socket(args[0]);

		sock = new;
		close(old);
		if (!bind(new, (struct sockaddr *)&a.ss, a.len) &&
		    !getsockopt(new, IPPROTO_IPV6, IPV6_V6ONLY, &v6only, &len) &&
		    !v6only)
			result = -1;
	}
	atomic_store(&race.end, true);
	pthread_join(thread, NULL);
	errno = EFAULT;
	return result;
}

const struct op pass_ops[] = {
	{ "scm", 0, true, op_scm },
	{ "pidfd", 0, true, op_pidfd },
	{ "fork", 0, true, op_fork },
	{ "bindx", 1, false, op_bindx },
	{ "connectx", 1, false, op_connectx },
	{ "race_v6only", 2, false, op_race_v6only },
	{ "race_connect", 2, false, op_race_connect },
	{ 0 }
};
