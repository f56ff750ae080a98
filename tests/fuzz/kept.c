// SPDX-License-Identifier: GPL-2.0-only
/*
 * What ctidd finds of one before it, by the first byte: "i", the ids that it chose, "b",
 * the cgroups that it bound, else the copy of its good rules. What is written of them is
 * read again as the same.
 */
#include "fuzz.h"

#include "ctidd/bound.h"
#include "ctidd/memory.h"
#include "ctidd/rules.h"

static void complain(void *data, const char *text)
{
	(void)data;
	MUST(strlen(text) < 4096);
}

struct sum {
	size_t n;
	uint64_t sum;
};

static bool add_id(void *data, uint32_t id, const char *key)
{
	struct sum *sum = data;
	uint64_t hash = id;

	for (; *key; key++)
		hash = hash * 31 + (unsigned char)*key;
	sum->n++;
	sum->sum += hash;
	return true;
}

static struct sum ids_of(struct memory *memory)
{
	struct sum sum = { 0 };

	MUST(!memory_oldest(memory, 0, UINT32_MAX, add_id, &sum));
	return sum;
}

static void ids(const char *path)
{
	struct ctid_err err;
	struct memory *memory = memory_open(path, complain, NULL, &err);
	struct sum before, after;

	MUST(memory);
	/* It is written, now that it is another one. */
	if (!memory_has(memory, 77))
		MUST(!memory_give(memory, "a b\n\\#", 77));
	before = ids_of(memory);
	MUST(!memory_save(memory));
	memory_close(memory);
	memory = memory_open(path, complain, NULL, &err);
	MUST(memory);
	after = ids_of(memory);
	MUST(before.n == after.n && before.sum == after.sum);
	memory_close(memory);
}

static bool add_binding(void *data, uint64_t cgroup, uint32_t id)
{
	struct sum *sum = data;

	sum->n++;
	sum->sum += cgroup * 31 + id;
	return false;
}

static void bindings(const char *path)
{
	struct sum before = { 0 }, after = { 0 };
	struct ctid_err err;
	struct bound *bound = bound_open(path, &err);

	MUST(bound);
	MUST(!bound_note(bound, 5, 6));
	bound_each(bound, add_binding, &before);
	bound_close(bound);
	bound = bound_open(path, &err);
	MUST(bound);
	bound_each(bound, add_binding, &after);
	MUST(before.n == after.n && before.sum == after.sum);
	bound_close(bound);
}

static void good_rules(const char *path)
{
	struct rules rules, again;
	struct ctid_err err;

	if (!rules_load_kept(&rules, CTID_CONF, path, complain, NULL, &err)) {
		MUST(!rules_keep(&rules, CTID_CONF, path));
		MUST(!rules_load_kept(&again, CTID_CONF, path, complain, NULL, &err));
		MUST(again.nrules == rules.nrules && again.nlines == rules.nlines);
		rules_free(&again);
	}
	rules_free(&rules);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *path;

	if (!size)
		return 0;
	path = fuzz_write("kept", data + 1, size - 1);
	if (*data == 'i')
		ids(path);
	else if (*data == 'b')
		bindings(path);
	else
		good_rules(path);
	free(path);
	return 0;
}
