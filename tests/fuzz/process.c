// SPDX-License-Identifier: GPL-2.0-only
/*
 * What /proc says of a process, whose name and cgroup are others' to choose, by the
 * first byte: "s" is status, "t" stat, "c" cgroup, else it is mountinfo.
 */
#include "fuzz.h"

#include <errno.h>

#include "classify.h"
#include "ctid/cgroup.h"

#define STATUS	"Name:\tx\nUid:\t1\t1\t1\t1\nGid:\t1\t1\t1\t1\nGroups:\t1 2 \n"

/* A directory like one of a process: its path from /proc on is PID. */
static void process(const void *status, size_t status_size, const void *stat,
		    size_t stat_size)
{
	struct classify_facts facts;
	char pid[40], *exe, *path;

	path = fuzz_write("status", status, status_size);
	free(path);
	path = fuzz_write("stat", stat, stat_size);
	free(path);
	MUST(asprintf(&exe, "%s/exe", fuzz_directory) >= 0);
	MUST(!symlink("/", exe) || errno == EEXIST);
	free(exe);
	snprintf(pid, sizeof(pid), "..%s", fuzz_directory);
	classify_process(&facts, pid, UINT32_MAX);
	classify_facts_clear(&facts);
}

static void cgroup(const void *data, size_t size)
{
	static char roots[][8] = { "/", "/a", "/a/b c" };
	char *path = fuzz_write("cgroup", data, size), *found;
	char pid[40];

	free(path);
	snprintf(pid, sizeof(pid), "..%s", fuzz_directory);
	for (size_t i = 0; i < sizeof(roots) / sizeof(*roots); i++) {
		struct cgroup_mount mount = { .root = roots[i], .fd = -1 };

		found = cgroup_path_of_pid(&mount, pid);
		free(found);
	}
}

static void mounts(const uint8_t *data, size_t size)
{
	char *text = fuzz_string(data, size), *rest = text, *line;
	struct cgroup_mount mount = { .fd = -1 };

	while ((line = strsep(&rest, "\n")))
		if (cgroup_mount_parse(&mount, line))
			MUST(mount.root && mount.point);
	cgroup_mount_close(&mount);
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (!size)
		return 0;
	if (*data == 's')
		process(data + 1, size - 1, "", 0);
	else if (*data == 't')
		process(STATUS, strlen(STATUS), data + 1, size - 1);
	else if (*data == 'c')
		cgroup(data + 1, size - 1);
	else
		mounts(data + 1, size - 1);
	return 0;
}
