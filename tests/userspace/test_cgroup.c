// SPDX-License-Identifier: GPL-2.0-only
/* Which line of mountinfo is the cgroup2 mount. */
#include <stdlib.h>

#include "ctid/cgroup.h"
#include "tap.h"

static void feed(struct cgroup_mount *mount, const char *text, int want)
{
	char line[512];

	snprintf(line, sizeof(line), "%s\n", text);
	ok(cgroup_mount_parse(mount, line) == want, text);
}

static void is_at(struct cgroup_mount *mount, const char *point,
		  const char *root)
{
	is(mount->point, point, "mount point");
	is(mount->root, root, "its root");
	mount->fd = -1;
	cgroup_mount_close(mount);
}

int main(void)
{
	struct cgroup_mount mount = { .fd = -1 };

	feed(&mount, "25 1 0:23 / /sys rw - sysfs sysfs rw", 0);
	feed(&mount, "", 0);
	feed(&mount, "30 24 0:26 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw",
	     0);
	ok(!mount.point, "none so far");
	feed(&mount, "30 24 0:26 / /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 rw",
	     1);
	is_at(&mount, "/sys/fs/cgroup", "/");

	feed(&mount, "42 32 0:39 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw",
	     1);
	is_at(&mount, "/sys/fs/cgroup/unified", "/");

	feed(&mount, "42 32 0:39 /docker/a\\040b /mnt/a\\040b rw - cgroup2 none rw",
	     1);
	feed(&mount, "43 32 0:39 / /sys/fs/cgroup rw - cgroup2 none rw", 1);
	feed(&mount, "44 32 0:39 / /other rw - cgroup2 none rw", 0);
	feed(&mount, "45 32 0:39 /part /part rw - cgroup2 none rw", 0);
	is_at(&mount, "/sys/fs/cgroup", "/");

	feed(&mount, "42 32 0:39 /docker/a\\040b /mnt/c\\040d rw - cgroup2 none rw",
	     1);
	is_at(&mount, "/mnt/c d", "/docker/a b");
	return tap_done();
}
