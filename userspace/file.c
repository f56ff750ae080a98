// SPDX-License-Identifier: GPL-2.0-only
/* Files that are read as a whole, and replaced as a whole. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "file.h"

/** What the kernel calls the rights of further users and groups. */
#define ACL	"system.posix_acl_access"

static int read_fd(int fd, size_t max, char **text, size_t *len)
{
	size_t size = 0;
	ssize_t got;
	char *bigger;

	do {
		if (*len == size) {
			size = size ? size * 2 : 16384;
			bigger = realloc(*text, size + 1);
			if (!bigger)
				return -ENOMEM;
			*text = bigger;
		}
		got = read(fd, *text + *len, size - *len);
		if (got < 0 && errno != EINTR)
			return -errno;
		if (got > 0)
			*len += (size_t)got;
		if (*len > max)
			return -EFBIG;
	} while (got);
	(*text)[*len] = '\0';
	return 0;
}

/**
 * file_name() - what messages call a file
 * @path: the file, or "-" for the standard input
 *
 * Return: @path, or words for the standard input.
 */
const char *file_name(const char *path)
{
	return strcmp(path, "-") ? path : "<stdin>";
}

/**
 * file_read() - read all of a file
 * @path: the file, or "-" for the standard input
 * @max: a bigger one is refused
 * @text: what it has, with a NUL after it; to be freed, also after a failure
 * @len: the length of that
 * @err: why not
 *
 * Return: 0 or a negative errno, -ENOENT if there is no such file.
 */
int file_read(const char *path, size_t max, char **text, size_t *len,
	      struct ctid_err *err)
{
	bool from_stdin = !strcmp(path, "-");
	int fd = STDIN_FILENO;
	int ret;

	*text = NULL;
	*len = 0;
	if (!from_stdin)
		fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return err_set(err, errno, "cannot open %s: %s", path,
			       strerror(errno));
	ret = read_fd(fd, max, text, len);
	if (!from_stdin)
		close(fd);
	if (ret == -EFBIG)
		return err_set(err, EFBIG, "%s is bigger than %zu MiB",
			       file_name(path), max >> 20);
	if (ret)
		return err_set(err, -ret, "cannot read %s: %s",
			       file_name(path), strerror(-ret));
	return 0;
}

/*
 * Where further ones have rights, the mode's bits of the group are the most that any of
 * them has, and the group's own are here. A directory can have given some to the new file.
 */
static bool keep_acl(int fd, const char *path)
{
	char acl[4096];
	ssize_t len = lgetxattr(path, ACL, acl, sizeof(acl));

	if (len >= 0)
		return !fsetxattr(fd, ACL, acl, (size_t)len, 0);
	return errno == EOPNOTSUPP ||
	       (errno == ENODATA &&
		(!fremovexattr(fd, ACL) || errno == ENODATA));
}

/*
 * Who may read the file now may read the new one, and nobody else. A group that cannot
 * be given to it (that takes CAP_CHOWN) would leave its rights to another.
 */
static int keep_mode(int fd, const char *path)
{
	mode_t mode = 0644;
	struct stat old;

	if (!lstat(path, &old) && S_ISREG(old.st_mode)) {
		mode = old.st_mode & (S_IRWXU | S_IRWXG | S_IRWXO);
		if (fchown(fd, old.st_uid, old.st_gid) &&
		    fchown(fd, (uid_t)-1, old.st_gid))
			mode &= ~(mode_t)S_IRWXG;
		/* Whom it gives less than others would have as much. */
		if (!keep_acl(fd, path))
			mode &= ~(mode_t)(S_IRWXG | S_IRWXO);
	}
	return fchmod(fd, mode) ? -errno : 0;
}

/* All of it has reached the disk, and can be read back. */
static int finish(FILE *out, const char *path, size_t max)
{
	int ret;

	if (fflush(out) || ferror(out))
		return -errno;
	if (ftello(out) > (off_t)max)
		return -EFBIG;
	ret = keep_mode(fileno(out), path);
	if (!ret && fsync(fileno(out)))
		ret = -errno;
	return ret;
}

static void sync_directory(const char *file)
{
	char *copy = strdup(file);
	int fd;

	if (!copy)
		return;
	fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0) {
		fsync(fd);
		close(fd);
	}
	free(copy);
}

/**
 * file_replace() - have a file be what is written, at once or not at all
 * @path: the file
 * @max: a bigger one is refused
 * @writer: writes it
 * @data: for @writer
 *
 * It keeps its owner, group, mode and ACL. A new one can be read by all.
 *
 * Return: 0 or a negative errno; then the file is as it was.
 */
int file_replace(const char *path, size_t max, file_writer writer, void *data)
{
	char *temp = NULL;
	FILE *out = NULL;
	int fd, ret;

	if (asprintf(&temp, "%s.XXXXXX", path) < 0)
		return -ENOMEM;
	fd = mkostemp(temp, O_CLOEXEC);
	if (fd >= 0)
		out = fdopen(fd, "w");
	if (out) {
		writer(out, data);
		ret = finish(out, path, max);
		fclose(out);
	} else {
		ret = -errno;
	}
	if (!ret && rename(temp, path))
		ret = -errno;
	if (ret && fd >= 0)
		unlink(temp);
	free(temp);
	if (!ret)
		sync_directory(path);
	return ret;
}
