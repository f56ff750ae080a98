/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef CTIDD_RULES_H
#define CTIDD_RULES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../classify.h"
#include "../error.h"
#include "../rulefile.h"
#include "subject.h"

/** The main file; the files of "PATH.d", in order of their names, follow. */
#ifndef RULES_PATH
#define RULES_PATH	"/etc/ctid/ctid.conf"
#endif

#define RULE_MAX_CONDITIONS	8

/**
 * enum rule_field - what a condition is about
 * @FIELD_IMAGE: the container's image
 * @FIELD_LABEL: one of the container's or pod's labels
 * @FIELD_NAMESPACE: the pod's namespace
 * @FIELD_QOS: the pod's class
 * @FIELD_UID: the pod's uid
 */
enum rule_field {
	FIELD_IMAGE,
	FIELD_LABEL,
	FIELD_NAMESPACE,
	FIELD_QOS,
	FIELD_UID,
};

/**
 * struct rule_condition - what else has to hold
 * @field: what it is about
 * @key: of a label, or NULL
 * @glob: what the value has to match
 */
struct rule_condition {
	enum rule_field field;
	const char *key;
	const char *glob;
};

/**
 * struct rule - one line
 * @file: the file that it is in
 * @line: its number there
 * @text: all of it, for people
 * @kind: what it is about; %SUBJECT_PLAIN: see @unit
 * @unit: it is about a systemd unit, not about a path
 * @glob: what the name, or the path, has to match
 * @conditions: what else has to hold
 * @nconditions: how many
 * @first: the id, or the first of the range, or 0: it is to have none
 * @last: the last of the range; the same as @first for one id
 * @name: the container's name, or NULL; in a range it has "%n"
 * @reuse: ids of the range are used again when there is no other
 * @next: the first id of the range that may be free
 * @none_left: no other is either, for now
 * @said: that was said
 */
struct rule {
	const char *file;
	unsigned int line;
	const char *text;
	enum subject_kind kind;
	bool unit;
	const char *glob;
	struct rule_condition conditions[RULE_MAX_CONDITIONS];
	size_t nconditions;
	uint32_t first;
	uint32_t last;
	const char *name;
	bool reuse;
	uint32_t next;
	bool none_left;
	bool said;
};

/**
 * struct rules_line - a good line
 * @file: the file that it is in
 * @line: its number there
 * @text: all of it
 */
struct rules_line {
	const char *file;
	unsigned int line;
	const char *text;
};

/**
 * struct rules - all lines of all files
 * @rules: them, in order
 * @nrules: how many
 * @lines: the lines that they are of, and the settings'
 * @nlines: how many
 * @processes: those about processes
 * @sockets: where runtimes are asked, by kind; NULL for pods: at the usual places
 * @told: which of these a line says
 * @nbad: how many complaints there were
 * @texts: what all the strings are parts of
 * @ntexts: how many
 */
struct rules {
	struct rule *rules;
	size_t nrules;
	struct rules_line *lines;
	size_t nlines;
	struct classify processes;
	const char *sockets[SUBJECT_MACHINE + 1];
	bool told[SUBJECT_MACHINE + 1];
	size_t nbad;
	char **texts;
	size_t ntexts;
};

/**
 * enum rule_match - what a rule says of a subject
 * @RULE_NO: it is not about it
 * @RULE_YES: it decides
 * @RULE_WAIT: that depends on what is not known yet
 */
enum rule_match {
	RULE_NO,
	RULE_YES,
	RULE_WAIT,
};

/* rules.c */
int rules_load(struct rules *rules, const char *path,
	       rulefile_complain complain, void *data, struct ctid_err *err);
void rules_free(struct rules *rules);
size_t rules_count(const struct rules *rules);

void rules_init(struct rules *rules);
int rules_own(struct rules *rules, char *text);
int rules_take(void *data, const struct rulefile_line *from,
	       struct ctid_err *err);

/* rules_good.c */
int rules_keep(const struct rules *rules, const char *path, const char *copy);
int rules_load_kept(struct rules *rules, const char *path, const char *copy,
		    rulefile_complain missing, void *missing_data,
		    struct ctid_err *err);

/* rule_parse.c */
int rule_parse(struct rules *rules, struct rule *rule,
	       const struct rulefile_line *whole, struct ctid_err *err);

/* rule_match.c */
bool rule_fits(const char *glob, const char *word, int flags);
enum rule_match rule_match(const struct rule *rule,
			   const struct subject *subject, struct ctid_err *why);
bool rule_reaches_below(const struct rule *rule, const char *path,
			size_t depth);
bool rules_reach_below(const struct rules *rules, const char *path);
bool rules_reach(const struct rules *rules, const char *path);
char *rule_key(const struct rule *rule, const struct subject *subject);
char *rule_container_name(const struct rule *rule,
			  const struct subject *subject);

#endif /* CTIDD_RULES_H */
