// SPDX-License-Identifier: GPL-2.0-only
/* What is known of a process: as /proc has it, or as somebody says it. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "classify.h"
#include "names.h"
#include "text.h"

#define BIT(n)		(1U << (n))

/** A thread of the kernel has it among the flags in its stat. */
#define FLAG_KERNEL	0x00200000

/** Room for an entry of the user or group database; doubled as need be. */
#define DB_ROOM		4096
#define DB_ROOM_MAX	(4U << 20)

/* Not getpwnam(): a PAM module must not write over its caller's answer. */
static int db_user(const char *name, char *buffer, size_t room, uint32_t *uid)
{
	struct passwd entry, *found = NULL;
	int ret = getpwnam_r(name, &entry, buffer, room, &found);

	if (found)
		*uid = found->pw_uid;
	return ret || found ? ret : ENOENT;
}

static int db_group(const char *name, char *buffer, size_t room, uint32_t *gid)
{
	struct group entry, *found = NULL;
	int ret = getgrnam_r(name, &entry, buffer, room, &found);

	if (found)
		*gid = found->gr_gid;
	return ret || found ? ret : ENOENT;
}

/* With as much memory as the answer takes. */
static int db_ask(const char *name, uint32_t *id,
		  int (*ask)(const char *name, char *buffer, size_t room,
			     uint32_t *id))
{
	size_t room = DB_ROOM / 2;
	char *buffer = NULL;
	int ret;

	do {
		room *= 2;
		free(buffer);
		buffer = malloc(room);
		ret = buffer ? ask(name, buffer, room, id) : ENOMEM;
	} while (ret == ERANGE && room < DB_ROOM_MAX);
	free(buffer);
	return -ret;
}

/* -1 is no id: to the kernel it means "leave it as it is". */
static int id_number(const char *word, uint32_t *id)
{
	return number_parse(word, id) || *id == UINT32_MAX ? -EINVAL : 0;
}

/**
 * classify_user_id() - the number of a user
 * @word: a number, or a name in the user database
 * @uid: the number
 *
 * Return: 0 or a negative errno, -ENOENT if there is no such user.
 */
int classify_user_id(const char *word, uid_t *uid)
{
	return is_number(word) ? id_number(word, uid) : db_ask(word, uid, db_user);
}

/**
 * classify_group_id() - the number of a group
 * @word: a number, or a name in the group database
 * @gid: the number
 *
 * Return: 0 or a negative errno, -ENOENT if there is no such group.
 */
int classify_group_id(const char *word, gid_t *gid)
{
	return is_number(word) ? id_number(word, gid) : db_ask(word, gid, db_group);
}

/**
 * classify_file() - tell which file a path leads to
 * @dir: where relative paths begin
 * @path: the path
 * @file: filled
 *
 * What the file system remembers will do: whoever runs a file system may let
 * those who ask wait forever.
 *
 * Return: 0 or a negative errno.
 */
int classify_file(int dir, const char *path, struct classify_file *file)
{
	struct statx stx;

	if (statx(dir, path, AT_STATX_DONT_SYNC, STATX_INO, &stx))
		return -errno;
	*file = (struct classify_file){
		.dev = makedev(stx.stx_dev_major, stx.stx_dev_minor),
		.ino = stx.stx_ino,
	};
	return 0;
}

static int keep_file(struct classify_facts *facts, enum classify_cond cond,
		     int dir, const char *path)
{
	int ret = classify_file(dir, path, &facts->files[cond]);

	if (!ret)
		facts->known |= BIT(cond);
	return ret;
}

/* The first one is the group of the process, any other a further one. */
static int add_group(struct classify_facts *facts, gid_t gid)
{
	gid_t *more;

	if (!(facts->known & BIT(CLASSIFY_GROUP))) {
		facts->gid = gid;
		return 0;
	}
	more = reallocarray(facts->groups, facts->ngroups + 1, sizeof(*more));
	if (!more)
		return -ENOMEM;
	facts->groups = more;
	more[facts->ngroups++] = gid;
	return 0;
}

/**
 * classify_fact() - take a fact from somebody who says it
 * @facts: gets it; a group in addition to those that it has, anything else in place
 *	of what it has
 * @cond: what it is about; not CLASSIFY_FROM
 * @word: as a rule would have it
 * @err: why not
 *
 * Return: 0 or a negative errno.
 */
int classify_fact(struct classify_facts *facts, enum classify_cond cond,
		  const char *word, struct ctid_err *err)
{
	gid_t gid;
	int ret;

	if (cond == CLASSIFY_USER) {
		if (classify_user_id(word, &facts->uid))
			return err_set(err, ENOENT, "no user \"%s\"",
				       show(word).s);
	} else if (cond == CLASSIFY_GROUP) {
		if (classify_group_id(word, &gid))
			return err_set(err, ENOENT, "no group \"%s\"",
				       show(word).s);
		if (add_group(facts, gid))
			return err_set(err, ENOMEM, "%s", strerror(ENOMEM));
	} else {
		ret = keep_file(facts, cond, AT_FDCWD, word);
		if (ret)
			return err_set(err, -ret, "cannot find \"%s\": %s",
				       show(word).s, strerror(-ret));
	}
	facts->known |= BIT(cond);
	return 0;
}

static FILE *open_in(int dir, const char *name)
{
	int fd = openat(dir, name, O_RDONLY | O_CLOEXEC);
	FILE *file = fd < 0 ? NULL : fdopen(fd, "r");

	if (!file && fd >= 0)
		close(fd);
	return file;
}

static int take_groups(struct classify_facts *facts, char *list)
{
	size_t room = strlen(list) / 2 + 1;
	char *end;

	facts->groups = calloc(room, sizeof(*facts->groups));
	if (!facts->groups)
		return -ENOMEM;
	for (;; list = end) {
		gid_t gid = (gid_t)strtoul(list, &end, 10);

		if (end == list)
			return 0;
		facts->groups[facts->ngroups++] = gid;
	}
}

static int read_ids(struct classify_facts *facts, int dir)
{
	FILE *file = open_in(dir, "status");
	int ret = 0, seen = 0;
	char *line = NULL;
	size_t size = 0;

	if (!file)
		return -errno;
	while (!ret && seen < 3 && getline(&line, &size, file) > 0) {
		if (sscanf(line, "Uid: %u", &facts->uid) == 1 ||
		    sscanf(line, "Gid: %u", &facts->gid) == 1) {
			seen++;
		} else if (!strncmp(line, "Groups:", 7)) {
			ret = take_groups(facts, line + 7);
			seen++;
		}
	}
	free(line);
	fclose(file);
	if (!ret && seen == 3)
		facts->known |= BIT(CLASSIFY_USER) | BIT(CLASSIFY_GROUP);
	return ret ? ret : seen == 3 ? 0 : -ESRCH;
}

/*
 * Kernel threads have none, nor has who is about to end. If it is on a user's
 * own file system, nobody else may learn which file it is; all else is known.
 */
static int read_exe(struct classify_facts *facts, int dir)
{
	char first;

	if (readlinkat(dir, "exe", &first, 1) < 0 && errno == ENOENT)
		return -ESRCH;
	keep_file(facts, CLASSIFY_EXE, dir, "exe");
	return 0;
}

static void read_leader(struct classify_facts *facts, enum classify_cond cond,
			pid_t leader)
{
	char path[64];

	/* 0: it is of a process namespace above. */
	if (leader <= 0)
		return;
	snprintf(path, sizeof(path), "/proc/%d/exe", leader);
	keep_file(facts, cond, AT_FDCWD, path);
}

/* @rest is from the end of the name on, which is the process's to choose. */
static int read_stat(int dir, char **line, const char **rest)
{
	FILE *file = open_in(dir, "stat");
	size_t size = 0;

	*line = NULL;
	*rest = NULL;
	if (!file)
		return -errno;
	if (getdelim(line, &size, '\0', file) > 0)
		*rest = strrchr(*line, ')');
	fclose(file);
	return *rest ? 0 : -ESRCH;
}

static int read_leaders(struct classify_facts *facts, int dir)
{
	pid_t pgroup, session;
	const char *rest;
	char *line;
	int ret;

	ret = read_stat(dir, &line, &rest);
	if (!ret && sscanf(rest, ") %*c %*d %d %d", &pgroup, &session) == 2) {
		read_leader(facts, CLASSIFY_PGROUP, pgroup);
		read_leader(facts, CLASSIFY_SESSION, session);
	}
	free(line);
	return ret;
}

static int open_process(const char *pid)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%s", pid);
	return open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

/**
 * classify_process() - find out about a process
 * @facts: filled; to be cleared with classify_facts_clear(), also after a
 *	failure
 * @pid: process id in digits, or "self"
 * @asked: bits of what is of interest; the owner is left to the caller
 *
 * The ids are those of the caller's user namespace. The process may be another
 * one at the end if it ended meanwhile: who minds holds a pidfd.
 *
 * Return: 0 or a negative errno, -ESRCH if there is no such process or if it is
 * the kernel's.
 */
int classify_process(struct classify_facts *facts, const char *pid,
		     unsigned int asked)
{
	int dir, ret = 0;

	*facts = (struct classify_facts){ .owner_name = "" };
	dir = open_process(pid);
	if (dir < 0)
		return -ESRCH;
	/* Its groups may be many, and take long. */
	if (asked & (BIT(CLASSIFY_USER) | BIT(CLASSIFY_GROUP)))
		ret = read_ids(facts, dir);
	if (!ret)
		ret = read_exe(facts, dir);
	if (!ret && asked & (BIT(CLASSIFY_SESSION) | BIT(CLASSIFY_PGROUP)))
		ret = read_leaders(facts, dir);
	close(dir);
	return ret;
}

/**
 * classify_is_kernel() - is a process the kernel's?
 * @pid: process id in digits, or "self"
 *
 * Return: true if it is one of the kernel's threads.
 */
bool classify_is_kernel(const char *pid)
{
	int dir = open_process(pid);
	unsigned int flags = 0;
	const char *rest;
	char *line;

	if (dir < 0)
		return false;
	if (!read_stat(dir, &line, &rest))
		sscanf(rest, ") %*c %*d %*d %*d %*d %*d %u", &flags);
	free(line);
	close(dir);
	return flags & FLAG_KERNEL;
}

/**
 * classify_facts_clear() - forget what is known of a process
 * @facts: the facts
 */
void classify_facts_clear(struct classify_facts *facts)
{
	free(facts->groups);
	*facts = (struct classify_facts){ .owner_name = "" };
}
