// SPDX-License-Identifier: GPL-2.0-only
/* abifuzz: its command line, its randomness, and what came of the inputs. */
#include "abi.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define MAX_ERRNO	4096

static uint64_t state;

/* splitmix64: any state is as good as another, so inputs may be numbered. */
uint64_t any(void)
{
	uint64_t z = state += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return z ^ z >> 31;
}

void seed_input(uint64_t seed, uint64_t i)
{
	state = seed;
	state = any() ^ i * 0xd1342543de82ef95;
}

uint32_t below(uint32_t n)
{
	return (uint32_t)((any() >> 32) * n >> 32);
}

bool chance(uint32_t percent)
{
	return below(100) < percent;
}

/* One that code compares with, more often than not. */
uint32_t number(void)
{
	static const uint32_t likely[] = {
		0, 1, 2, 3, 4, 7, 8, 15, 16, 17, 63, 64, 65, 127, 128, 255, 256, 4095,
		4096, 65535, 65536, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff,
	};

	return chance(70) ? pick(likely) : (uint32_t)any() >> below(32);
}

void bytes(void *to, size_t size)
{
	for (unsigned char *at = to; size--; at++)
		*at = (unsigned char)(any() >> 56);
}

void mutate(void *data, size_t size, unsigned int times)
{
	unsigned char *at = data;
	uint32_t value;

	while (times-- && size) {
		at = (unsigned char *)data + below((uint32_t)size);
		if (chance(50)) {
			*at = (unsigned char)number();
		} else if (chance(50)) {
			*at ^= (unsigned char)(1U << below(8));
		} else {
			value = number();
			at = (unsigned char *)data + (size_t)(at - (unsigned char *)data) / 4 * 4;
			if ((size_t)(at - (unsigned char *)data) + sizeof(value) <= size)
				memcpy(at, &value, sizeof(value));
		}
	}
}

void die(const char *what)
{
	fprintf(stderr, "abifuzz: %s: %s\n", what, strerror(errno));
	exit(1);
}

static const char *errno_name(int err)
{
	static char number[16];
	const char *name = strerrorname_np(err);

	if (name)
		return name;
	snprintf(number, sizeof(number), "%d", err);
	return number;
}

static const struct target * const targets[] = {
	&genl_target, &table4_target, &table6_target, &nft_target,
};

static int run(const struct target *target, uint64_t seed, uint64_t count, uint64_t first)
{
	static uint64_t results[MAX_ERRNO];
	struct timespec begin, end;
	uint64_t i;

	clock_gettime(CLOCK_MONOTONIC, &begin);
	if (target->start)
		target->start();
	for (i = first; i < first + count; i++) {
		seed_input(seed, i);
		results[(unsigned int)target->one() % MAX_ERRNO]++;
	}
	if (target->stop)
		target->stop();
	clock_gettime(CLOCK_MONOTONIC, &end);
	printf("%s: %llu inputs (%s), %ld s:", target->name, (unsigned long long)count,
	       target->what, (long)(end.tv_sec - begin.tv_sec));
	for (i = 0; i < MAX_ERRNO; i++)
		if (results[i])
			printf(" %s %llu", i ? errno_name((int)i) : "ok",
			       (unsigned long long)results[i]);
	printf("; again: abifuzz %s %llu %llu %llu\n", target->name,
	       (unsigned long long)seed, (unsigned long long)count,
	       (unsigned long long)first);
	/* Where the kernel took next to none of many, it was not looked at. */
	if (count >= 100 && results[0] * 100 < count) {
		printf("%s: only %llu went through\n", target->name,
		       (unsigned long long)results[0]);
		return 1;
	}
	return 0;
}

int main(int argc, char **argv)
{
	uint64_t seed, count, first = 0;

	if (argc < 4) {
		fputs("usage: abifuzz genl|table4|table6|nft SEED COUNT [FIRST]\n"
		      "       abifuzz calls|sequences SEED COUNT FIRST CGROUP DENIED-CGROUP\n"
		      "       abifuzz replay FILE CGROUP DENIED-CGROUP\n"
		      "       abifuzz reach FILE CGROUP\n", stderr);
		return 2;
	}
	if (argc == 4 && !strcmp(argv[1], "reach"))
		return reach(argv[2], argv[3]);
	if (argc == 5 && !strcmp(argv[1], "replay"))
		return replay(argv[2], argv[3], argv[4]);
	seed = strtoull(argv[2], NULL, 0);
	count = strtoull(argv[3], NULL, 0);
	if (argc > 4)
		first = strtoull(argv[4], NULL, 0);
	if (argc == 7 && !strcmp(argv[1], "calls"))
		return calls(seed, count, first, argv[5], argv[6]);
	if (argc == 7 && !strcmp(argv[1], "sequences"))
		return sequences(seed, count, first, argv[5], argv[6]);
	for (size_t i = 0; i < sizeof(targets) / sizeof(*targets); i++)
		if (!strcmp(argv[1], targets[i]->name))
			return run(targets[i], seed, count, first);
	fprintf(stderr, "abifuzz: there is no target %s\n", argv[1]);
	return 2;
}
