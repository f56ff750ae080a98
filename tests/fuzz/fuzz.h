/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef FUZZ_H
#define FUZZ_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

/* For the fuzzers: libFuzzer calls each's LLVMFuzzerTestOneInput(). */
#include <ftw.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/** What must be so, whatever the input is. */
#define MUST(_cond)							\
	do {								\
		if (!(_cond)) {						\
			fprintf(stderr, "%s:%d: not so: %s\n",		\
				__FILE__, __LINE__, #_cond);		\
			abort();					\
		}							\
	} while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/**
 * fuzz_string() - the input as a string of just its length
 * @data: the input
 * @size: its size
 *
 * Return: a copy to free; behind it nothing may be read.
 */
static inline char *fuzz_string(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);

	MUST(text);
	if (size)
		memcpy(text, data, size);
	text[size] = '\0';
	return text;
}

/**
 * fuzz_file() - the input as a file
 * @data: the input
 * @size: its size
 *
 * Return: a path, which the next call gives another file.
 */
static inline const char *fuzz_file(const uint8_t *data, size_t size)
{
	static char path[32];
	static int fd = -1;

	if (fd < 0) {
		fd = memfd_create("input", 0);
		MUST(fd >= 0);
		snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	}
	MUST(!ftruncate(fd, 0));
	MUST(pwrite(fd, data, size, 0) == (ssize_t)size);
	return path;
}

static char fuzz_directory[] = "/tmp/fuzz.XXXXXX";

static inline int fuzz_remove(const char *path, const struct stat *st, int type,
			      struct FTW *at)
{
	(void)st;
	(void)type;
	(void)at;
	return remove(path);
}

static inline void fuzz_leave(void)
{
	nftw(fuzz_directory, fuzz_remove, 4, FTW_DEPTH | FTW_PHYS);
}

/**
 * fuzz_write() - the input as a file with a name of its own
 * @name: the name
 * @data: the input
 * @size: its size
 *
 * Return: its path, which may be written anew, in a directory that goes at the end; to be
 * freed.
 */
static inline char *fuzz_write(const char *name, const void *data, size_t size)
{
	static bool made;
	FILE *file;
	char *path;

	if (!made) {
		MUST(mkdtemp(fuzz_directory));
		atexit(fuzz_leave);
		made = true;
	}
	MUST(asprintf(&path, "%s/%s", fuzz_directory, name) >= 0);
	file = fopen(path, "we");
	MUST(file && fwrite(data, 1, size, file) == size && !fclose(file));
	return path;
}

#endif /* FUZZ_H */
