/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef ABI_H
#define ABI_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * abifuzz TARGET SEED COUNT [FIRST]: gives the kernel COUNT inputs of a kind. An input
 * is made of the seed and its number alone.
 */

/**
 * struct target - a part of the kernel's ABI
 * @name: what it is called on the command line
 * @what: what its inputs are
 * @start: called before the first input, or NULL
 * @one: gives it one input; 0, or a positive errno, is what came of it
 * @stop: called after the last
 */
struct target {
	const char *name;
	const char *what;
	void (*start)(void);
	int (*one)(void);
	void (*stop)(void);
};

extern const struct target genl_target, table4_target, table6_target, nft_target;

/* main.c: randomness, of the input's own. */
uint64_t any(void);
uint32_t below(uint32_t n);
bool chance(uint32_t percent);
uint32_t number(void);
void bytes(void *to, size_t size);
void mutate(void *data, size_t size, unsigned int times);
void die(const char *what) __attribute__((noreturn));

/** One of an array. */
#define pick(_array)	((_array)[below(sizeof(_array) / sizeof(*(_array)))])

/* call.c: socket calls, with and without rules that deny all of them. */
int calls(uint64_t seed, uint64_t count, uint64_t first, const char *free_cgroup,
	  const char *denied_cgroup);
void seed_input(uint64_t seed, uint64_t i);

#endif /* ABI_H */
