/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef CTID_RULEFILE_H
#define CTID_RULEFILE_H

#include <stdbool.h>
#include <stddef.h>

#include "error.h"

/** A bigger file is refused. */
#define RULEFILE_MAX_SIZE	(16UL << 20)

/** A line with more words is refused. */
#define RULEFILE_MAX_WORDS	63

/**
 * enum rulefile_keyword - what a line begins with
 * @RULEFILE_CGROUP: a rule about a path
 * @RULEFILE_UNIT: about a unit of systemd's
 * @RULEFILE_MACHINE: about a machine
 * @RULEFILE_DOCKER: about a container of Docker
 * @RULEFILE_PODMAN: of Podman
 * @RULEFILE_LXC: of LXC
 * @RULEFILE_POD: about a pod
 * @RULEFILE_DOCKER_SOCKET: where Docker is asked
 * @RULEFILE_PODMAN_SOCKET: where Podman is
 * @RULEFILE_CRI_SOCKET: where the runtime of pods is
 * @RULEFILE_PROCESS: a rule about processes
 * @RULEFILE_NKEYWORDS: how many there are
 */
enum rulefile_keyword {
	RULEFILE_CGROUP,
	RULEFILE_UNIT,
	RULEFILE_MACHINE,
	RULEFILE_DOCKER,
	RULEFILE_PODMAN,
	RULEFILE_LXC,
	RULEFILE_POD,
	RULEFILE_DOCKER_SOCKET,
	RULEFILE_PODMAN_SOCKET,
	RULEFILE_CRI_SOCKET,
	RULEFILE_PROCESS,
	RULEFILE_NKEYWORDS,
};

/**
 * struct rulefile_line - a line that is about something
 * @file: the file that it is in
 * @line: its number there, from 1
 * @text: all of it, as it is written
 * @words: its words, unescaped; the callee's to change
 * @nwords: how many, at least one
 * @keyword: which one the first of them is
 */
struct rulefile_line {
	const char *file;
	unsigned int line;
	const char *text;
	char **words;
	size_t nwords;
	enum rulefile_keyword keyword;
};

/**
 * typedef rulefile_take - takes a line
 * @data: as in struct rulefile
 * @line: the line; nothing of it outlives the call
 * @err: what is wrong with it
 *
 * Return: 0 or a negative errno.
 */
typedef int (*rulefile_take)(void *data, const struct rulefile_line *line,
			     struct ctid_err *err);

/**
 * typedef rulefile_complain - is told of each bad line
 * @data: as in struct rulefile
 * @text: "FILE:LINE: reason"
 */
typedef void (*rulefile_complain)(void *data, const char *text);

/**
 * struct rulefile - who reads
 * @take: takes each line
 * @data: for @take
 * @complain: is told of bad lines, or NULL
 * @complain_data: for @complain
 * @nbad: how many there were
 */
struct rulefile {
	rulefile_take take;
	void *data;
	rulefile_complain complain;
	void *complain_data;
	size_t nbad;
};

int rulefile_read(struct rulefile *reader, const char *path, bool must,
		  struct ctid_err *err);
int rulefile_line(rulefile_take take, void *data, const char *file,
		  unsigned int line, const char *text, struct ctid_err *err);
int rulefile_twice(const char *word, struct ctid_err *err);
void rulefile_bad(struct rulefile *reader, const char *file, unsigned int line,
		  const char *reason);

#endif /* CTID_RULEFILE_H */
