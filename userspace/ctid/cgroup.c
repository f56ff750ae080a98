// SPDX-License-Identifier: GPL-2.0-only
/* Finding the cgroup2 mount, and opening cgroups on it. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <linux/magic.h>

#include "../text.h"
#include "cgroup.h"

#define OPEN_DIR	(O_PATH | O_DIRECTORY | O_CLOEXEC)

/**
 * cgroup_mount_parse() - look for cgroup v2 in a line of mountinfo
 * @mount: its @point and @root are replaced if this mount serves better than
 *	what they hold: the whole hierarchy before a part, the first before
 *	later ones
 * @line: the line; it is changed
 *
 * Return: 1 if they were replaced, 0, or -ENOMEM.
 */
int cgroup_mount_parse(struct cgroup_mount *mount, char *line)
{
	char *type = strstr(line, " - ");
	char *root, *point;
	int i;

	if (!type || strncmp(type, " - cgroup2 ", strlen(" - cgroup2 ")) != 0)
		return 0;
	for (i = 0; i < 3; i++)
		strsep(&line, " ");
	root = strsep(&line, " ");
	point = strsep(&line, " ");
	if (!root || !point)
		return 0;
	text_unescape(root);
	text_unescape(point);
	if (mount->point && (!strcmp(mount->root, "/") || strcmp(root, "/") != 0))
		return 0;

	free(mount->root);
	free(mount->point);
	mount->root = strdup(root);
	mount->point = strdup(point);
	return mount->root && mount->point ? 1 : -ENOMEM;
}

static int find_mount(struct cgroup_mount *mount)
{
	char *line = NULL;
	size_t size = 0;
	int ret = 0;
	FILE *file;

	file = fopen("/proc/self/mountinfo", "re");
	if (!file)
		return -errno;
	while (ret >= 0 && getline(&line, &size, file) > 0)
		ret = cgroup_mount_parse(mount, line);
	free(line);
	fclose(file);
	if (ret < 0)
		return ret;
	return mount->point ? 0 : -ENOENT;
}

static bool is_type(int fd, unsigned long magic)
{
	struct statfs fs;

	return !fstatfs(fd, &fs) && (unsigned long)fs.f_type == magic;
}

/**
 * cgroup_mount_open() - find where cgroup v2 is mounted
 * @mount: filled; to be closed with cgroup_mount_close(), also after a failure
 * @err: why there is none
 *
 * Return: 0 or a negative errno.
 */
int cgroup_mount_open(struct cgroup_mount *mount, struct ctid_err *err)
{
	int ret;

	*mount = (struct cgroup_mount){ .fd = -1 };
	ret = find_mount(mount);
	if (ret == -ENOENT)
		return err_set(err, ENOENT,
			       "cgroup v2 is not mounted: 'mount -t cgroup2 none /sys/fs/cgroup'");
	if (ret)
		return err_set(err, -ret, "cannot read /proc/self/mountinfo: %s",
			       strerror(-ret));
	/* open_by_handle_at() does not take an O_PATH descriptor. */
	mount->fd = open(mount->point, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (mount->fd < 0)
		return err_set(err, errno, "cannot open %s: %s", mount->point,
			       strerror(errno));
	if (is_type(mount->fd, CGROUP2_SUPER_MAGIC))
		return 0;
	close(mount->fd);
	mount->fd = -1;
	return err_set(err, ENOENT,
		       "something else is mounted over cgroup v2 at %s",
		       mount->point);
}

/**
 * cgroup_mount_close() - let go of the mount
 * @mount: the mount, opened or zeroed
 */
void cgroup_mount_close(struct cgroup_mount *mount)
{
	if (mount->point && mount->fd >= 0)
		close(mount->fd);
	free(mount->root);
	free(mount->point);
	cgroup_walk_free(mount->walk);
	*mount = (struct cgroup_mount){ .fd = -1 };
}

/* "/a/b" as openat() wants it below a directory. */
static const char *relative(const char *path)
{
	path += strspn(path, "/");
	return *path ? path : ".";
}

static int open_below(struct cgroup_mount *mount, const char *path)
{
	int fd = openat(mount->fd, relative(path), OPEN_DIR);

	if (fd < 0)
		return -errno;
	if (is_type(fd, CGROUP2_SUPER_MAGIC))
		return fd;
	close(fd);	/* up and out with "..", or mounted over */
	return -ENOENT;
}

/* A directory that is not below the mount, but on cgroup v2 all the same. */
static int open_elsewhere(struct cgroup_mount *mount, const char *path,
			  struct ctid_err *err)
{
	int fd = open(path, OPEN_DIR);
	bool v1;

	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
		return err_set(err, ENOENT, "no cgroup \"%s\" below %s",
			       show(path).s, mount->point);
	if (fd < 0)
		return err_set(err, errno, "cannot open \"%s\": %s",
			       show(path).s, strerror(errno));
	if (is_type(fd, CGROUP2_SUPER_MAGIC))
		return fd;
	v1 = is_type(fd, CGROUP_SUPER_MAGIC);
	close(fd);
	if (v1)
		return err_set(err, ENOTSUP,
			       "\"%s\" is a cgroup v1 directory: container ids need cgroup v2, which is at %s",
			       show(path).s, mount->point);
	return err_set(err, ENOENT,
		       "no cgroup \"%s\" below %s, and the directory of that name is none",
		       show(path).s, mount->point);
}

/**
 * cgroup_open() - open a cgroup that the user named
 * @mount: the mount
 * @path: path below the mount, or any absolute path on cgroup v2
 * @err: why not
 *
 * Return: an O_PATH descriptor or a negative errno, -ENOENT if there is no such
 * cgroup.
 */
int cgroup_open(struct cgroup_mount *mount, const char *path,
		struct ctid_err *err)
{
	int fd;

	if (*path != '/')
		return err_set(err, EINVAL,
			       "cgroup \"%s\" must begin with '/': a path below %s, or any directory on cgroup v2",
			       show(path).s, mount->point);
	fd = open_below(mount, path);
	if (fd == -ENOENT || fd == -ENOTDIR)
		return open_elsewhere(mount, path, err);
	if (fd < 0)
		return err_set(err, -fd, "cannot open cgroup \"%s\": %s",
			       show(path).s, strerror(-fd));
	return fd;
}

/* The mount point itself may be a part of what the user wrote. */
static const char *strip_prefix(const char *path, const char *prefix)
{
	size_t len = strlen(prefix);

	if (!strcmp(prefix, "/"))
		return path;
	if (strncmp(path, prefix, len) != 0)
		return NULL;
	if (path[len] && path[len] != '/')
		return NULL;
	return path[len] ? path + len : "/";
}

static int make_all(struct cgroup_mount *mount, char *path)
{
	char *slash = path;

	while ((slash = strchr(slash + 1, '/'))) {
		*slash = '\0';
		if (mkdirat(mount->fd, path, 0755) && errno != EEXIST)
			return -errno;
		*slash = '/';
	}
	if (mkdirat(mount->fd, path, 0755) && errno != EEXIST)
		return -errno;
	return 0;
}

/**
 * cgroup_make() - open a cgroup; make it, and those above, if there is none
 * @mount: the mount
 * @path: path below the mount, or any absolute path on cgroup v2
 * @err: why not
 *
 * Return: an O_PATH descriptor or a negative errno.
 */
int cgroup_make(struct cgroup_mount *mount, const char *path,
		struct ctid_err *err)
{
	const char *below = strip_prefix(path, mount->point);
	int fd, ret;
	char *copy;

	fd = cgroup_open(mount, path, err);
	if (fd != -ENOENT)
		return fd;
	copy = strdup(relative(below ? below : path));
	if (!copy)
		return err_set(err, ENOMEM, "%s", strerror(ENOMEM));
	ret = make_all(mount, copy);
	if (ret)
		err_set(err, -ret, "cannot make cgroup \"%s\" below %s: %s",
			show(copy).s, mount->point, strerror(-ret));
	free(copy);
	return ret ? ret : cgroup_open(mount, path, err);
}

/* The "0::" line of /proc/PID/cgroup. */
static char *read_pid(const char *pid)
{
	char name[64], *line = NULL, *path = NULL;
	size_t size = 0;
	ssize_t len;
	FILE *file;

	snprintf(name, sizeof(name), "/proc/%s/cgroup", pid);
	file = fopen(name, "re");
	if (!file)
		return NULL;
	errno = ENOENT;
	while (!path && (len = getline(&line, &size, file)) > 0) {
		if (line[len - 1] == '\n')
			line[len - 1] = '\0';
		if (!strncmp(line, "0::", 3))
			path = strdup(line + 3);
	}
	free(line);
	fclose(file);
	return path;
}

/**
 * cgroup_of_pid() - open the cgroup that a process is in
 * @mount: the mount
 * @pid: process id in digits, or "self"
 * @err: why not
 *
 * Return: an O_PATH descriptor or a negative errno.
 */
int cgroup_of_pid(struct cgroup_mount *mount, const char *pid,
		  struct ctid_err *err)
{
	const char *below;
	char *path;
	int fd;

	path = read_pid(pid);
	if (!path)
		return err_set(err, ESRCH, "no process %s with a cgroup v2",
			       pid);
	below = strip_prefix(path, mount->root);
	fd = below ? open_below(mount, below) : -ENOENT;
	if (fd < 0)
		err_set(err, -fd,
			"cgroup \"%s\" of process %s cannot be seen below %s",
			show(path).s, pid, mount->point);
	free(path);
	return fd;
}

/**
 * cgroup_path_of_pid() - tell which cgroup a process is in
 * @mount: the mount
 * @pid: process id in digits, or "self"
 *
 * Return: its path below the mount, to be freed, or NULL.
 */
char *cgroup_path_of_pid(const struct cgroup_mount *mount, const char *pid)
{
	char *path = read_pid(pid), *copy;
	const char *below;

	below = path ? strip_prefix(path, mount->root) : NULL;
	copy = below ? strdup(below) : NULL;
	free(path);
	return copy;
}
