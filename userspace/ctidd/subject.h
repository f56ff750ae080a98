/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef CTIDD_SUBJECT_H
#define CTIDD_SUBJECT_H

#include <stdbool.h>
#include <stddef.h>

/** Of the labels that no rule names so many are kept, if they are no longer. */
#define SUBJECT_OTHERS		32
#define SUBJECT_OTHER_LEN	256

/**
 * enum subject_kind - what made a cgroup, as its path has it
 * @SUBJECT_PLAIN: nothing that is known
 * @SUBJECT_DOCKER: Docker, one of its containers
 * @SUBJECT_PODMAN: Podman, one of root's containers
 * @SUBJECT_POD: a kubelet, a pod
 * @SUBJECT_LXC: LXC, Incus or LXD, a container
 * @SUBJECT_MACHINE: systemd-nspawn or another that registers with machined
 */
enum subject_kind {
	SUBJECT_PLAIN,
	SUBJECT_DOCKER,
	SUBJECT_PODMAN,
	SUBJECT_POD,
	SUBJECT_LXC,
	SUBJECT_MACHINE,
};

/**
 * enum subject_told - whether what the path does not have is known
 * @TOLD_NOTHING: nobody was asked
 * @TOLD_LATER: the answer is to come, or to be asked for again
 * @TOLD_NAMES: name and namespace are known, and the rest as with @TOLD_LATER
 * @TOLD_BADLY: the answer was of no use, and another one would most likely be as this
 * @TOLD_ALL: it is known
 * @TOLD_NONE: who has to know does not know of it
 */
enum subject_told {
	TOLD_NOTHING,
	TOLD_LATER,
	TOLD_NAMES,
	TOLD_BADLY,
	TOLD_ALL,
	TOLD_NONE,
};

/**
 * struct subject - a cgroup, as rules see it
 * @path: below the cgroup2 mount
 * @kind: what it is, besides a cgroup
 * @trusted: root alone can have named it, and no container is above it
 * @unsure: who has to know must say that it is one of @kind, and here: others can
 *	have given it this path, or brought that about
 * @unit: the systemd unit that it is, or NULL
 * @id: id of the container, or uid of the pod, or NULL
 * @qos: the pod's class, or NULL
 * @told: whether the rest is known; always for LXC and machines
 * @trouble: why it is not, in words, or NULL
 * @name: name of the container, pod or machine, or NULL
 * @namespace: the pod's, or NULL
 * @image: the container's, or NULL
 * @labels: of the container's or pod's those that are kept, KEY=VALUE each
 * @nlabels: how many
 * @nothers: how many of them no rule names
 */
struct subject {
	char *path;
	enum subject_kind kind;
	bool trusted;
	bool unsure;
	char *unit;
	char *id;
	const char *qos;
	enum subject_told told;
	char *trouble;
	char *name;
	char *namespace;
	char *image;
	char **labels;
	size_t nlabels;
	size_t nothers;
};

int subject_init(struct subject *subject, const char *path, bool trusted);
bool subject_is_in_unit(const char *path);
void subject_forget(struct subject *subject);
void subject_trouble(struct subject *subject, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
int subject_add_label(struct subject *subject, const char *key,
		      const char *value);
int subject_add_other(struct subject *subject, const char *key,
		      const char *value);
void subject_clean(struct subject *subject);
const char *subject_kind_name(enum subject_kind kind);

#endif /* CTIDD_SUBJECT_H */
