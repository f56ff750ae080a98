// SPDX-License-Identifier: GPL-2.0-only
/* From a cgroup id to the path where the caller sees the cgroup. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cgroup.h"

/** FILEID_KERNFS of the kernel: the handle is the 64-bit cgroup id. */
#define HANDLE_KERNFS	0xfe

struct cgroup_seen {
	uint64_t id;
	char *path;
};

/**
 * struct cgroup_walk - all cgroups below the mount
 * @seen: them, ordered by id
 * @count: how many
 * @room: for how many there is room
 */
struct cgroup_walk {
	struct cgroup_seen *seen;
	size_t count;
	size_t room;
};

/* Where "/sys/fs/cgroup/a/b" is below "/sys/fs/cgroup". */
static const char *below(const struct cgroup_mount *mount, const char *path)
{
	size_t len = strlen(mount->point);

	if (strncmp(path, mount->point, len) != 0)
		return NULL;
	if (!path[len])
		return "/";
	return path[len] == '/' ? path + len : NULL;
}

static int open_handle(const struct cgroup_mount *mount, uint64_t id)
{
	union {
		struct file_handle handle;
		char bytes[sizeof(struct file_handle) + sizeof(id)];
	} u = {
		.handle = {
			.handle_bytes = sizeof(id),
			.handle_type = HANDLE_KERNFS,
		},
	};

	memcpy(u.handle.f_handle, &id, sizeof(id));
	return open_by_handle_at(mount->fd, &u.handle, O_PATH | O_CLOEXEC);
}

static enum cgroup_where path_of_fd(const struct cgroup_mount *mount, int fd,
				    char **path)
{
	char link[64], target[PATH_MAX];
	const char *found;
	ssize_t len;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	len = readlink(link, target, sizeof(target) - 1);
	if (len < 0 || len == sizeof(target) - 1)
		return CGROUP_HIDDEN;
	target[len] = '\0';
	found = below(mount, target);
	if (!found)
		return CGROUP_HIDDEN;
	*path = strdup(found);
	return *path ? CGROUP_FOUND : CGROUP_HIDDEN;
}

static int remember(struct cgroup_walk *walk, uint64_t id, const char *path)
{
	struct cgroup_seen *bigger;
	char *copy;

	if (walk->count == walk->room) {
		walk->room = walk->room ? walk->room * 2 : 256;
		bigger = realloc(walk->seen, walk->room * sizeof(*bigger));
		if (!bigger)
			return -ENOMEM;
		walk->seen = bigger;
	}
	copy = strdup(path);
	if (!copy)
		return -ENOMEM;
	walk->seen[walk->count++] = (struct cgroup_seen){ id, copy };
	return 0;
}

static int by_id(const void *a, const void *b)
{
	const struct cgroup_seen *x = a, *y = b;

	return x->id < y->id ? -1 : x->id > y->id;
}

static int walk_tree(const struct cgroup_mount *mount, struct cgroup_walk *walk)
{
	char *const tops[] = { mount->point, NULL };
	const char *path;
	int ret = 0;
	FTSENT *ent;
	FTS *tree;

	tree = fts_open(tops, FTS_PHYSICAL | FTS_NOCHDIR | FTS_XDEV, NULL);
	if (!tree)
		return -errno;
	while (!ret && (ent = fts_read(tree))) {
		if (ent->fts_info != FTS_D && ent->fts_info != FTS_DNR)
			continue;
		path = below(mount, ent->fts_path);
		if (path)
			ret = remember(walk, ent->fts_statp->st_ino, path);
	}
	fts_close(tree);
	qsort(walk->seen, walk->count, sizeof(*walk->seen), by_id);
	return ret;
}

/* One walk for all ids, where handles are not permitted. */
static enum cgroup_where path_by_walk(struct cgroup_mount *mount, uint64_t id,
				      char **path)
{
	struct cgroup_seen key = { .id = id };
	struct cgroup_seen *hit = NULL;

	if (!mount->walk) {
		mount->walk = calloc(1, sizeof(*mount->walk));
		if (!mount->walk || walk_tree(mount, mount->walk))
			return CGROUP_HIDDEN;
	}
	if (mount->walk->count)
		hit = bsearch(&key, mount->walk->seen, mount->walk->count,
			      sizeof(key), by_id);
	if (hit)
		*path = strdup(hit->path);
	return *path ? CGROUP_FOUND : CGROUP_HIDDEN;
}

/**
 * cgroup_path() - find the path of a cgroup
 * @mount: the mount; not open if there is none
 * @id: cgroup id
 * @path: its path below the mount, to be freed, or NULL
 *
 * Return: what became of it.
 */
enum cgroup_where cgroup_path(struct cgroup_mount *mount, uint64_t id,
			      char **path)
{
	enum cgroup_where where;
	int fd;

	*path = NULL;
	if (mount->fd < 0)
		return CGROUP_HIDDEN;
	fd = open_handle(mount, id);
	if (fd < 0 && (errno == ESTALE || errno == ENOENT))
		return CGROUP_REMOVED;
	if (fd < 0)
		return path_by_walk(mount, id, path);
	where = path_of_fd(mount, fd, path);
	close(fd);
	return where;
}

/**
 * cgroup_walk_free() - forget what was seen on a walk
 * @walk: the walk, or NULL
 */
void cgroup_walk_free(struct cgroup_walk *walk)
{
	size_t i;

	if (!walk)
		return;
	for (i = 0; i < walk->count; i++)
		free(walk->seen[i].path);
	free(walk->seen);
	free(walk);
}
