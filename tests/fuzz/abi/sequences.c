// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sequences, each played twice: free, and in a container of which rules permit some
 * things. It must not reach what the free one may. What either does is seen in a network
 * namespace of its own.
 */
#include "abi.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define BATCH		2048
#define LO		1
#define LAST_PACKETS	100000	/* microseconds until late ones are there */

/* Those of a file, or NULL: they are made. */
static char **lines;

static const char *sequence(uint64_t seed, uint64_t i, char text[SEQUENCE_MAX])
{
	if (lines)
		return lines[i];
	seed_input(seed, i);
	make_sequence(text);
	return text;
}

static void write_to(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY);

	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		die(path);
	close(fd);
}

/*
 * Two addresses that only who is bound to all has. fd00::/16 is where nothing is permitted,
 * 7f00::/16 where all is; the last is where those send by IPv6 who should by IPv4.
 */
static void namespace_of_its_own(void)
{
	static const char * const commands[] = {
		"ip link set lo up",
		"ip addr add 127.0.0.9/32 dev lo",
		"ip addr add fd00::9/128 dev lo nodad",
		"ip -6 route add local fd00::/16 dev lo",
		"ip -6 route add local 7f00::/16 dev lo",
		"ip -6 route add local ::ffff:0:0/96 dev lo",
	};

	if (unshare(CLONE_NEWNET))
		die("a network namespace");
	for (size_t i = 0; i < sizeof(commands) / sizeof(*commands); i++)
		if (system(commands[i]))
			die(commands[i]);
	write_to("/proc/sys/net/ipv4/ping_group_range", "0 0");
	write_to("/proc/sys/net/ipv4/tcp_fastopen", "3");
}

static int sniffer_start(void)
{
	struct sockaddr_ll lo = {
		.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL), .sll_ifindex = LO,
	};
	int fd = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || bind(fd, (void *)&lo, sizeof(lo)))
		die("a packet socket");
	return fd;
}

static void start(const char *cgroup, uint64_t seed, uint64_t first, uint64_t count,
		  struct played *played)
{
	char path[256], text[SEQUENCE_MAX];
	pid_t pid = fork();
	int sniffer, outside;

	if (pid < 0)
		die("fork");
	if (pid)
		return;
	namespace_of_its_own();
	outside = outside_start();
	sniffer = sniffer_start();
	snprintf(path, sizeof(path), "%s/cgroup.procs", cgroup);
	write_to(path, "0");
	for (uint64_t i = 0; i < count; i++)
		play(sequence(seed, first + i, text), sniffer, outside, &played[i]);
	/* Those that kernel threads send: they are the last one's, or one's before it. */
	usleep(LAST_PACKETS);
	if (saw_packet(sniffer, true))
		played[count - 1].reached |= REACHED_PACKET;
	_exit(0);
}

/* What they came to. */
enum { REACHED, WENT, NOTHING, NO_SOCKET, WRONG, SUMS };

static void compare(uint64_t seed, uint64_t first, uint64_t count,
		    const struct played *free, const struct played *denied,
		    uint64_t sums[SUMS])
{
	char text[SEQUENCE_MAX];

	for (uint64_t i = 0; i < count; i++) {
		if (denied[i].reached) {
			sums[WRONG]++;
			printf("# sequence %llu, word %d, was not denied (%#x): %s\n",
			       (unsigned long long)(first + i), denied[i].at,
			       denied[i].reached, sequence(seed, first + i, text));
		}
		if (free[i].no_socket)
			sums[NO_SOCKET]++;
		else if (free[i].reached)
			sums[REACHED]++;
		else
			sums[NOTHING]++;
		sums[WENT] += !!denied[i].went;
	}
}

/* What the processes write into, all zeros. */
static struct played *memory(size_t n)
{
	void *all = mmap(NULL, n * sizeof(struct played), PROT_READ | PROT_WRITE,
			 MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (all == MAP_FAILED)
		die("memory");
	return all;
}

static void batch(uint64_t seed, uint64_t at, uint64_t n, const char *free_cgroup,
		  const char *denied_cgroup, uint64_t sums[SUMS])
{
	struct played *out = memory(2 * BATCH);
	int status;

	start(free_cgroup, seed, at, n, out);
	start(denied_cgroup, seed, at, n, out + BATCH);
	for (int i = 0; i < 2; i++)
		if (wait(&status) < 0 || status) {
			printf("# a process ended with status %d\n", status);
			sums[WRONG]++;
		}
	compare(seed, at, n, out, out + BATCH, sums);
	munmap(out, 2 * BATCH * sizeof(*out));
}

static void run(uint64_t seed, uint64_t count, uint64_t first, const char *free_cgroup,
		const char *denied_cgroup, uint64_t sums[SUMS])
{
	time_t begin = time(NULL);
	uint64_t at, n;

	for (at = first; at < first + count; at += n) {
		n = first + count - at < BATCH ? first + count - at : BATCH;
		batch(seed, at, n, free_cgroup, denied_cgroup, sums);
	}
	printf("sequences: %llu inputs (socket calls one after the other, free and denied), %ld s: %llu reached what is denied, %llu did not, %llu had no socket; denied, %llu went on; %llu wrong",
	       (unsigned long long)count, (long)(time(NULL) - begin),
	       (unsigned long long)sums[REACHED], (unsigned long long)sums[NOTHING],
	       (unsigned long long)sums[NO_SOCKET], (unsigned long long)sums[WENT],
	       (unsigned long long)sums[WRONG]);
}

int sequences(uint64_t seed, uint64_t count, uint64_t first, const char *free_cgroup,
	      const char *denied_cgroup)
{
	uint64_t sums[SUMS] = { 0 };

	run(seed, count, first, free_cgroup, denied_cgroup, sums);
	printf("; again: abifuzz sequences %llu %llu %llu %s %s\n", (unsigned long long)seed,
	       (unsigned long long)count, (unsigned long long)first, free_cgroup,
	       denied_cgroup);
	/* Where next to nothing is reached, or permitted, nothing is shown. */
	if (sums[REACHED] * 20 < count || sums[WENT] * 10 < count) {
		printf("sequences: too few did something\n");
		return 1;
	}
	return sums[WRONG] > 0;
}

/* A sequence a line; those that begin with # say what follows. */
static uint64_t read_lines(const char *file)
{
	static char *all[BATCH];
	FILE *in = fopen(file, "r");
	uint64_t count = 0;
	size_t room = 0;

	if (!in)
		die(file);
	while (count < BATCH && getline(&all[count], &room, in) > 0) {
		all[count][strcspn(all[count], "\n")] = '\0';
		if (all[count][0] != '#' && all[count][0] && strlen(all[count]) < SEQUENCE_MAX) {
			count++;
			room = 0;
		}
	}
	fclose(in);
	lines = all;
	return count;
}

int replay(const char *file, const char *free_cgroup, const char *denied_cgroup)
{
	uint64_t sums[SUMS] = { 0 }, count = read_lines(file);

	run(0, count, 0, free_cgroup, denied_cgroup, sums);
	printf("; again: abifuzz replay %s %s %s\n", file, free_cgroup, denied_cgroup);
	return sums[WRONG] || !count;
}

/* One that is kept is kept for what it reaches where there are no rules. */
int reach(const char *file, const char *cgroup)
{
	uint64_t count = read_lines(file), none = 0, absent = 0;
	struct played *played = memory(BATCH);
	int status;

	start(cgroup, 0, 0, count, played);
	if (wait(&status) < 0 || status)
		none++;
	for (uint64_t i = 0; i < count; i++) {
		absent += played[i].no_socket;
		if (played[i].no_socket || played[i].reached)
			continue;
		printf("# this reaches nothing that is denied: %s\n", lines[i]);
		none++;
	}
	printf("reach: %llu inputs (sequences without rules): %llu reached nothing, %llu had no socket\n",
	       (unsigned long long)count, (unsigned long long)none,
	       (unsigned long long)absent);
	return none || absent == count;
}
