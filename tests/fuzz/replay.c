// SPDX-License-Identifier: GPL-2.0-only
/*
 * In place of libFuzzer: gives a fuzzer the files of the command line, which are its
 * seeds and what a parser once died of.
 */
#include "fuzz.h"

#include "../userspace/tap.h"

/* Each in memory of just its size, for the sanitizers to see who reads beyond. */
static bool replay(const char *path)
{
	FILE *file = fopen(path, "rb");
	uint8_t *data = NULL;
	long size = -1;
	bool read;

	if (file && !fseek(file, 0, SEEK_END))
		size = ftell(file);
	if (size >= 0) {
		rewind(file);
		data = malloc((size_t)size ? (size_t)size : 1);
	}
	read = data && fread(data, 1, (size_t)size, file) == (size_t)size;
	if (file)
		fclose(file);
	if (read)
		LLVMFuzzerTestOneInput(data, (size_t)size);
	free(data);
	return read;
}

int main(int argc, char **argv)
{
	ok(argc > 1, "there are inputs");
	for (int i = 1; i < argc; i++) {
		const char *slash = strrchr(argv[i], '/');

		/* Should it die of it, this is the last that is seen. */
		printf("# %s\n", argv[i]);
		fflush(stdout);
		ok(replay(argv[i]), slash ? slash + 1 : argv[i]);
	}
	return tap_done();
}
