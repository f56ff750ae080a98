/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef CTID_CONF_H
#define CTID_CONF_H

#include <stddef.h>
#include <stdint.h>

#include "error.h"
#include "flow.h"

/** The file that names containers. A constant: no environment may move it. */
#ifndef CONF_PATH
#define CONF_PATH	"/etc/xtables/container.conf"
#endif

/** A bigger file is refused. */
#define CONF_MAX_SIZE	(64UL << 20)

/**
 * struct conf_entry - one line of the file
 * @line: its number, from 1
 * @id: container id
 * @name: its name, or NULL
 * @flow: what the line says of its flow ids
 * @cgroups: its cgroups, as paths below the cgroup2 mount
 * @ncgroups: how many
 */
struct conf_entry {
	unsigned int line;
	uint32_t id;
	const char *name;
	struct flow_change flow;
	char **cgroups;
	size_t ncgroups;
};

/**
 * struct conf - a file that was read
 * @entries: the good lines, in the order of the file
 * @nentries: how many
 * @nbad: how many complaints there were
 * @words: all cgroups of all entries
 * @by_id: the entries, ordered by id
 * @by_name: those that have a name, ordered by it
 * @nnamed: how many
 * @text: what all the strings are parts of
 */
struct conf {
	struct conf_entry *entries;
	size_t nentries;
	size_t nbad;
	char **words;
	struct conf_entry **by_id;
	struct conf_entry **by_name;
	size_t nnamed;
	char *text;
};

/**
 * typedef conf_complain - is told of each bad line
 * @data: as given to conf_load()
 * @text: "FILE:LINE: reason"
 */
typedef void (*conf_complain)(void *data, const char *text);

int conf_load(struct conf *conf, const char *path, conf_complain complain,
	      void *data, struct ctid_err *err);
void conf_free(struct conf *conf);
const struct conf_entry *conf_by_id(const struct conf *conf, uint32_t id);
const struct conf_entry *conf_by_name(const struct conf *conf,
				      const char *name);

#endif /* CTID_CONF_H */
