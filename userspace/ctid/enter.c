// SPDX-License-Identifier: GPL-2.0-only
/* Putting a process into a container: make its cgroup, bind it, move, verify. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../text.h"
#include "ctid.h"
#include "request.h"
#include "enter.h"

/**
 * enter_path() - where a container's processes go if nothing else is said
 * @path: filled
 * @container: the container
 *
 * Return: @path.
 */
const char *enter_path(char path[ENTER_PATH_SIZE],
		       const struct registry_msg *container)
{
	if (*container->name)
		snprintf(path, ENTER_PATH_SIZE, ENTER_PARENT "/%s",
			 container->name);
	else
		snprintf(path, ENTER_PATH_SIZE, ENTER_PARENT "/%u",
			 container->id);
	return path;
}

static int busy(struct registry *reg, int fd, const char *path,
		struct ctid_err *err)
{
	struct registry_msg owner;

	if (request_of(reg, fd, &owner) || !owner.id)
		return err_set(err, EBUSY,
			       "cgroup %s is bound to another container: name another cgroup",
			       show(path).s);
	return err_set(err, EBUSY,
		       "cgroup %s is bound to container %u %s: name another cgroup, or 'ctid unbind' it",
		       show(path).s, owner.id, owner.name);
}

static int bind_it(struct registry *reg, uint32_t id, int fd, const char *path,
		   struct ctid_err *err)
{
	int ret = request_bind(reg, id, fd);

	if (!ret || ret == -EEXIST)
		return 0;
	if (ret == -EBUSY)
		return busy(reg, fd, path, err);
	return err_set(err, -ret, "cannot bind %s to container %u: %s",
		       show(path).s, id, registry_why(reg, ret));
}

/**
 * enter_prepare() - have a cgroup that is a container's
 * @reg: the registry
 * @mount: the mount
 * @id: the container
 * @path: the cgroup; made if there is none, bound if it is not
 * @err: why not
 *
 * Return: an O_PATH descriptor or a negative errno.
 */
int enter_prepare(struct registry *reg, struct cgroup_mount *mount, uint32_t id,
		  const char *path, struct ctid_err *err)
{
	int fd, ret;

	fd = cgroup_make(mount, path, err);
	if (fd < 0)
		return fd;
	ret = bind_it(reg, id, fd, path, err);
	if (!ret)
		return fd;
	close(fd);
	return ret;
}

static const char *move_hint(int code)
{
	switch (code) {
	case EBUSY:
		return ": it has cgroups with controllers below it, and cgroup v2 lets processes into the lowest ones only: name one of those";
	case EACCES:
	case EPERM:
		return ": you need write permission on its cgroup.procs, and on that of a common ancestor";
	default:
		return "";
	}
}

/**
 * enter_move() - move a process, with all its threads
 * @cgroup: open cgroup
 * @path: its path, for messages
 * @pid: the process, or 0 for the caller's
 * @err: why not
 *
 * Return: 0 or a negative errno, -ESRCH if there is no such process.
 */
int enter_move(int cgroup, const char *path, pid_t pid, struct ctid_err *err)
{
	int procs = openat(cgroup, "cgroup.procs", O_WRONLY | O_CLOEXEC);
	int code = 0;

	if (procs < 0 || dprintf(procs, "%d", pid) < 0)
		code = errno;
	if (procs >= 0)
		close(procs);
	if (code)
		return err_set(err, code, "cannot enter cgroup %s: %s%s",
			       show(path).s, strerror(code), move_hint(code));
	return 0;
}

/**
 * enter_verify() - trust nothing: is the caller where it should be, and is that
 *	whose it should be?
 * @reg: the registry
 * @mount: the mount
 * @id: the container
 * @cgroup: open cgroup
 * @path: its path, for messages
 * @err: why not
 *
 * Return: 0 or a negative errno.
 */
int enter_verify(struct registry *reg, struct cgroup_mount *mount, uint32_t id,
		 int cgroup, const char *path, struct ctid_err *err)
{
	struct registry_msg owner;
	struct stat want, have;
	int self, ret;

	self = cgroup_of_pid(mount, "self", err);
	if (self < 0)
		return self;
	ret = fstat(self, &have) || fstat(cgroup, &want) ||
	      have.st_ino != want.st_ino;
	close(self);
	if (ret)
		return err_set(err, EAGAIN,
			       "another process took this one out of cgroup %s: try again",
			       show(path).s);
	ret = request_of(reg, cgroup, &owner);
	if (ret)
		return err_set(err, -ret, "cannot tell the owner of %s: %s",
			       show(path).s, registry_why(reg, ret));
	if (owner.id != id)
		return err_set(err, EAGAIN,
			       "another process took cgroup %s from container %u: try again",
			       show(path).s, id);
	return 0;
}
