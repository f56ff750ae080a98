// SPDX-License-Identifier: GPL-2.0-only
/* What ctidd knows of before: which ids it gave, and which cgroups it bound. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ctidd/bound.h"
#include "ctidd/memory.h"
#include "tap.h"

static char dir[] = "/tmp/test_memory.XXXXXX";
static char path[sizeof(dir) + 8];

static bool in_use(void *data, uint32_t id, const char *key)
{
	(void)key;
	return id == *(uint32_t *)data;
}

static void test_memory(void)
{
	struct memory *memory;
	struct ctid_err err;
	uint32_t used = 11;

	memory = memory_open(path, NULL, NULL, &err);
	ok(memory && !memory_id(memory, "docker:a", 1, 99), "nothing yet");
	ok(!memory_give(memory, "docker:a", 11) && !memory_give(memory, "cgroup:/b c", 12) &&
	   !memory_give(memory, "docker:d", 13), "three ids");
	ok(!memory_save(memory), "saved");
	memory_close(memory);
	memory = memory_open(path, NULL, NULL, &err);
	ok(memory && memory_id(memory, "cgroup:/b c", 1, 99) == 12, "and read");
	ok(!memory_id(memory, "docker:a", 20, 99), "not from another range");
	ok(memory_has(memory, 13) && !memory_has(memory, 14), "which are given");
	ok(memory_oldest(memory, 1, 99, in_use, &used) == 13,
	   "the oldest that is not in use");
	ok(!memory_has(memory, 13) && !memory_id(memory, "docker:d", 1, 99), "is taken back");
	memory_close(memory);
	unlink(path);
}

static char complaints[2048];

static void collect(void *data, const char *text)
{
	size_t used = strlen(complaints);

	(void)data;
	snprintf(complaints + used, sizeof(complaints) - used, "%s\n",
		 text + strlen(dir) + 1);
}

static void test_bad_lines(void)
{
	static const char text[] =
		"# a comment\n\n11 machine:a\n1000-1005 machine:b\nx machine:c\n"
		"0 machine:d\n4294967296 machine:e\n12\n11 machine:f\n13 \0machine:g\n"
		"14 machine:h # who\n";
	struct memory *memory;
	struct ctid_err err;
	FILE *file;

	file = fopen(path, "w");
	if (!file || fwrite(text, 1, sizeof(text) - 1, file) != sizeof(text) - 1 ||
	    fclose(file))
		perror(path);
	memory = memory_open(path, collect, NULL, &err);
	ok(memory && memory_id(memory, "machine:a", 1, 99) == 11 &&
	   memory_id(memory, "machine:h", 1, 99) == 14, "good lines are taken");
	ok(!memory_has(memory, 1000) && !memory_has(memory, 13), "bad ones are not");
	is(complaints,
	   "known:4: \"1000-1005\" is no container id: 1 to 4294967295: the line is left out\n"
	   "known:5: \"x\" is no container id: 1 to 4294967295: the line is left out\n"
	   "known:6: \"0\" is no container id: 1 to 4294967295: the line is left out\n"
	   "known:7: \"4294967296\" is no container id: 1 to 4294967295: the line is left out\n"
	   "known:8: it is not said who has 12: the line is left out\n"
	   "known:9: 11 is there twice: the line is left out\n"
	   "known:10: has a NUL byte: the line is left out\n",
	   "and each is complained about");
	memory_close(memory);
	unlink(path);
}

static bool all(void *data, uint64_t cgroup, uint32_t id)
{
	(void)cgroup;
	*(uint32_t *)data += id;
	return true;
}

static void test_bound(void)
{
	struct bound *bound;
	struct ctid_err err;
	uint32_t sum = 0;
	FILE *file;

	bound = bound_open(path, &err);
	ok(bound && !bound_note(bound, 5, 7) && !bound_note(bound, 6, 8) &&
	   !bound_note(bound, 4101, 9), "three bindings");
	bound_forget(bound, 6);
	bound_close(bound);
	file = fopen(path, "a");
	if (!file || fputs("10 1", file) < 0 || fclose(file))
		perror(path);
	bound = bound_open(path, &err);
	ok(bound && bound_to(bound, 5) == 7 && bound_to(bound, 4101) == 9, "are read");
	ok(!bound_to(bound, 6), "what is forgotten is not");
	ok(!bound_to(bound, 10), "nor half a line");
	bound_mark(bound, 5);
	bound_sweep(bound, all, &sum);
	ok(sum == 9 && bound_to(bound, 5) == 7 && !bound_to(bound, 4101),
	   "what is not marked is swept");
	bound_close(bound);
	unlink(path);
}

int main(void)
{
	if (!mkdtemp(dir))
		return 1;
	snprintf(path, sizeof(path), "%s/known", dir);
	test_memory();
	test_bad_lines();
	test_bound();
	rmdir(dir);
	return tap_done();
}
