// SPDX-License-Identifier: GPL-2.0-only
/*
 * landlocked COMMAND...: runs a command that may only bind to and connect to the TCP
 * ports that sockbench uses, as Landlock has it. Exits with 77, saying why, where the
 * kernel cannot do that: it is in Linux 6.7.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define NO_LANDLOCK	77
#define ABI_WITH_NET	4

/* As in <linux/landlock.h>, which older systems have without the network. */
#define CREATE_RULESET_VERSION	1
#define RULE_NET_PORT		2
#define ACCESS_NET_BIND_TCP	1
#define ACCESS_NET_CONNECT_TCP	2

struct ruleset {
	uint64_t handled_access_fs;
	uint64_t handled_access_net;
};

struct net_port {
	uint64_t allowed_access;
	uint64_t port;
};

static void fail(const char *what)
{
	fprintf(stderr, "landlocked: %s: %s\n", what, strerror(errno));
	exit(2);
}

static void allow(int ruleset, unsigned int port)
{
	struct net_port rule = {
		.allowed_access = ACCESS_NET_BIND_TCP | ACCESS_NET_CONNECT_TCP,
		.port = port,
	};

	if (syscall(SYS_landlock_add_rule, ruleset, RULE_NET_PORT, &rule, 0))
		fail("rule");
}

int main(int argc, char **argv)
{
	struct ruleset handled = {
		.handled_access_net = ACCESS_NET_BIND_TCP | ACCESS_NET_CONNECT_TCP,
	};
	unsigned int port;
	int abi, ruleset;

	if (argc < 2) {
		fputs("usage: landlocked COMMAND...\n", stderr);
		return 2;
	}
	abi = (int)syscall(SYS_landlock_create_ruleset, NULL, 0, CREATE_RULESET_VERSION);
	if (abi < ABI_WITH_NET) {
		printf("Landlock of this kernel knows no network (ABI %d)\n",
		       abi < 0 ? 0 : abi);
		return NO_LANDLOCK;
	}
	ruleset = (int)syscall(SYS_landlock_create_ruleset, &handled, sizeof(handled), 0);
	if (ruleset < 0)
		fail("rule set");
	allow(ruleset, 80);
	for (port = 8000; port <= 8100; port++)
		allow(ruleset, port);
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	    syscall(SYS_landlock_restrict_self, ruleset, 0))
		fail("restriction");
	execvp(argv[1], argv + 1);
	fail(argv[1]);
	return 2;
}
