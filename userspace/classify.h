/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef CTID_CLASSIFY_H
#define CTID_CLASSIFY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "error.h"
#include "rulefile.h"

/** Where rules are; those in its .d directory come next. A constant. */
#define CTID_CONF	"/etc/ctid/ctid.conf"

/**
 * enum classify_cond - what a rule can ask of a process
 * @CLASSIFY_USER: its real user id
 * @CLASSIFY_GROUP: its real group id, or one of its further ones
 * @CLASSIFY_EXE: the file that it executes
 * @CLASSIFY_SESSION: the file that the leader of its session executes
 * @CLASSIFY_PGROUP: the file that the leader of its process group executes
 * @CLASSIFY_FROM: the container that it is in now
 * @CLASSIFY_NCONDS: how many there are
 */
enum classify_cond {
	CLASSIFY_USER,
	CLASSIFY_GROUP,
	CLASSIFY_EXE,
	CLASSIFY_SESSION,
	CLASSIFY_PGROUP,
	CLASSIFY_FROM,
	CLASSIFY_NCONDS,
};

/**
 * struct classify_rule - one line
 * @conds: what it asks, as the line has it, or NULL for each that it does not
 * @uid: user id, if it asks for one
 * @gid: group id, if it asks for one
 * @container: id or name of the container
 * @cgroup: the cgroup of it, or NULL for the usual one
 * @file: which file the line is in
 * @line: its number, from 1
 * @failed: why it could not be followed the last time: 0 or a negative errno
 */
struct classify_rule {
	char *conds[CLASSIFY_NCONDS];
	uid_t uid;
	gid_t gid;
	char *container;
	char *cgroup;
	char *file;
	unsigned int line;
	int failed;
};

/**
 * struct classify - the rules, in the order in which they are asked
 * @missing: is told of a user or group that is not there any more: the rule is about
 *	nobody then. NULL: such a line is bad
 * @data: for @missing
 * @rules: them
 * @count: how many
 * @asked: bits 1 << CLASSIFY_* of all that any of them asks
 */
struct classify {
	rulefile_complain missing;
	void *data;
	struct classify_rule *rules;
	size_t count;
	unsigned int asked;
};

/**
 * struct classify_file - a file, whatever it is called
 * @dev: its device
 * @ino: its number there
 */
struct classify_file {
	dev_t dev;
	ino_t ino;
};

/**
 * struct classify_facts - what is known of a process
 * @known: bits 1 << CLASSIFY_* of what is
 * @uid: real user id
 * @gid: real group id
 * @groups: further group ids
 * @ngroups: how many
 * @files: executed files, by CLASSIFY_EXE to CLASSIFY_PGROUP
 * @owner: the container it is in, 0 for none
 * @owner_name: that one's name, or ""
 */
struct classify_facts {
	unsigned int known;
	uid_t uid;
	gid_t gid;
	gid_t *groups;
	size_t ngroups;
	struct classify_file files[CLASSIFY_PGROUP + 1];
	uint32_t owner;
	const char *owner_name;
};

/* classify.c */
int classify_line(struct classify *rules, const struct rulefile_line *line,
		  struct ctid_err *err);
void classify_free(struct classify *rules);
bool classify_fits(const struct classify_rule *rule,
		   const struct classify_facts *facts,
		   enum classify_cond *misfit);
struct classify_rule *classify_find(const struct classify *rules,
				    const struct classify_facts *facts);
bool classify_is_owner(const struct classify_facts *facts, const char *container);
const char *classify_cond_name(enum classify_cond cond);

/* classify_fact.c */
int classify_fact(struct classify_facts *facts, enum classify_cond cond,
		  const char *word, struct ctid_err *err);
int classify_file(int dir, const char *path, struct classify_file *file);
int classify_user_id(const char *word, uid_t *uid);
int classify_group_id(const char *word, gid_t *gid);
int classify_process(struct classify_facts *facts, const char *pid,
		     unsigned int asked);
bool classify_is_kernel(const char *pid);
void classify_facts_clear(struct classify_facts *facts);

/* classify_load.c */
int classify_load(struct classify *rules, const char *path,
		  rulefile_complain complain, void *data);
int classify_load_named(struct classify *rules, const char *path,
			rulefile_complain complain, void *data);

#endif /* CTID_CLASSIFY_H */
