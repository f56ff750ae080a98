/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef CTIDD_H
#define CTIDD_H

#include <dirent.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/queue.h>
#include <sys/stat.h>

#include <systemd/sd-event.h>

#include "../ctid/cgroup.h"
#include "../registry.h"
#include "rules.h"
#include "subject.h"

struct ask;
struct bound;
struct cri;
struct family;
struct full;
struct http;
struct memory;
struct pods;
struct processes;
struct runtimes;
struct remember;
struct shortage;
struct slices;
struct tenant;

#define MEMORY_DIR	"/var/lib/ctid"
#define MEMORY_PATH	MEMORY_DIR "/ids"
#define GOOD_PATH	MEMORY_DIR "/good"

#define WATCH_BUCKETS	4096

/**
 * enum node_state - what became of a cgroup
 * @NODE_NONE: no rule is about it, or one says so
 * @NODE_DECIDED: it belongs to @want
 * @NODE_WAITING: the rule @rule waits for what is not known yet
 * @NODE_FULL: the rule's range has no id left
 */
enum node_state {
	NODE_NONE,
	NODE_DECIDED,
	NODE_WAITING,
	NODE_FULL,
};

/**
 * enum node_due - what is to be done with a tenant's cgroup in his turn
 * @DUE_NOTHING: nothing
 * @DUE_LOOK: see what is in it
 * @DUE_BEGIN: decide about it
 */
enum node_due {
	DUE_NOTHING,
	DUE_LOOK,
	DUE_BEGIN,
};

/**
 * struct node - a cgroup that a rule can be about
 * @subject: what it is
 * @name: the last part of its path
 * @id: its cgroup id
 * @watches: where it is watched, or NULL
 * @unwatched: it would be, and there was no watch left
 * @wd: inotify's number of it there
 * @tenant: who makes cgroups in it, or NULL: the host's root alone
 * @due: what is to be done with it in @tenant's turn
 * @queue: then
 * @directory: how far it was looked at, or NULL
 * @unseen: after that, how far it was looked for those that are gone, or NULL
 * @again: more has come since it was begun to look
 * @trusts: when it was looked at, what is in it had names that root gave
 * @seen: it was there when its parent was looked at
 * @parent: the cgroup that it is in, or NULL
 * @children: the first of those in it
 * @by_name: all of those, as tsearch() has them
 * @next: the next one in @parent
 * @prev: the one before
 * @hash: the next one in @watches with a like @wd
 * @state: what became of it
 * @rule: the rule that decided or waits, or NULL
 * @want: the container that it is to belong to, or 0
 * @problem: why it is not bound to @want, in words, or NULL
 * @ask: a question about it that is on its way, or NULL
 */
struct node {
	struct subject subject;
	const char *name;
	uint64_t id;
	struct watches *watches;
	bool unwatched;
	int wd;
	struct tenant *tenant;
	enum node_due due;
	TAILQ_ENTRY(node) queue;
	DIR *directory;
	struct node *unseen;
	bool again;
	bool trusts;
	bool seen;
	struct node *parent;
	struct node *children;
	void *by_name;
	struct node *next;
	struct node *prev;
	struct node *hash;
	enum node_state state;
	struct rule *rule;
	uint32_t want;
	char *problem;
	struct ask *ask;
};

/**
 * struct tenant - whoever makes cgroups below one that root gave away
 * @top: that one
 * @nwatches: how many of his are watched
 * @due: cgroups with which something is to be done
 * @turn: his place among those whose turn comes
 *
 * He may make as many as he likes, as fast as he can: others do not wait for him. A
 * service or a scope is one's, too, as root of a container may be in it that is not
 * known as one.
 */
struct tenant {
	struct node *top;
	unsigned int nwatches;
	TAILQ_HEAD(, node) due;
	TAILQ_ENTRY(tenant) turn;
};

/**
 * struct watches - cgroups that are watched together
 * @fd: inotify
 * @source: what reads it
 * @n: how many there are
 * @most: how many there may be, 0 for as many as inotify has
 * @hash: the cgroups, by number
 * @kept: numbers of those that were watched before watches_reset()
 * @nkept: how many
 */
struct watches {
	int fd;
	sd_event_source *source;
	unsigned int n;
	unsigned int most;
	struct node *hash[WATCH_BUCKETS];
	int *kept;
	size_t nkept;
};

/**
 * struct tree - the cgroups that rules can be about
 * @root: the mount's top
 * @own: those in which the host's root alone makes cgroups
 * @others: tenants'
 * @turns: tenants with whose cgroups something is to be done
 * @turn: does it
 * @short_of: inotify had no watch left; said once
 * @opening: all are looked at
 * @news: when whoever waits for the daemon is to hear that next
 */
struct tree {
	struct node *root;
	struct watches own;
	struct watches others;
	TAILQ_HEAD(, tenant) turns;
	sd_event_source *turn;
	bool short_of;
	bool opening;
	uint64_t news;
};

/**
 * struct ctidd - all that the daemon has
 * @event: the loop
 * @reg: the kernel's registry
 * @family: how it is noticed that it is another one
 * @mount: where cgroup v2 is
 * @path: the file of rules
 * @rules: the last good ones
 * @tree: the cgroups
 * @shortage: whether some of them cannot be looked at
 * @memory: which ids of ranges were given to whom
 * @remember: how that reaches the disk
 * @full: ranges without an id left, or NULL
 * @bound: which cgroups were bound by the daemon
 * @unsure: the registry changed while they were compared with it: some may not be bound
 * @http: how others are asked
 * @runtimes: Docker and Podman
 * @cri: the runtime of pods
 * @pods: names of pods, where there is none
 * @slices: how systemd is asked for slices, or NULL
 * @processes: how processes are followed, or NULL while no rule is about them
 */
struct ctidd {
	sd_event *event;
	struct registry reg;
	struct family *family;
	struct cgroup_mount mount;
	const char *path;
	struct rules rules;
	struct tree tree;
	struct shortage *shortage;
	struct memory *memory;
	struct remember *remember;
	struct full *full;
	struct bound *bound;
	bool unsure;
	struct http *http;
	struct runtimes *runtimes;
	struct cri *cri;
	struct pods *pods;
	struct slices *slices;
	struct processes *processes;
};

/* log.c */
void say_error(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void say_warning(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void say_info(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* node.c */
struct node *node_child(const struct node *parent, const char *name);
struct node *node_new(struct node *parent, const char *path, bool trusted,
		      uint64_t id);
void node_drop(struct tree *tree, struct node *node);
struct node *tree_next(struct node *node);

/* tree.c */
int tree_open(struct ctidd *d, struct ctid_err *err);
void tree_forget(struct ctidd *d);
void tree_goes_on(struct tree *tree);
void tree_close(struct ctidd *d);
void tree_catch_up(struct ctidd *d);
struct node *tree_at(struct ctidd *d, const char *path);
struct node *tree_nearest(struct ctidd *d, const char *path);

/* look.c */
void look_begin(struct ctidd *d, struct node *node, int fd, const struct stat *st);
void look_add(struct ctidd *d, struct node *parent, const char *name);
void look_for(struct ctidd *d, struct node *node);
void look_due(struct ctidd *d, struct node *node);
bool look_unwatched(struct ctidd *d);

/* shortage.c */
int shortage_open(struct ctidd *d, struct ctid_err *err);
void shortage_close(struct ctidd *d);
bool shortage_is(struct ctidd *d, const char *path, int code);
void shortage_of_watches(struct ctidd *d, const char *path);
void shortage_begin(struct ctidd *d);
bool shortage_end(struct ctidd *d);

/* remember.c */
int remember_open(struct ctidd *d, struct ctid_err *err);
void remember(struct ctidd *d);
void remember_close(struct ctidd *d);

/* watches.c */
int watches_open(struct watches *watches, unsigned int most);
unsigned int watches_there_are(void);
void watches_reset(struct watches *watches);
void watches_sweep(struct watches *watches);
void watches_close(struct watches *watches);
int watches_add(struct watches *watches, struct node *node, int fd);
void watches_forget(struct node *node);
void watches_end(struct node *node);
struct node *watches_node(struct watches *watches, int wd);

/* tenants.c */
void tenants_turn(struct tree *tree);
struct tenant *tenant_new(struct node *top);
void tenant_due(struct tree *tree, struct node *node, enum node_due due);
void tenant_not_due(struct tree *tree, struct node *node);
struct node *tenants_next(struct tree *tree);

/* decide.c */
void decide(struct ctidd *d, struct node *node);
void decide_all(struct ctidd *d, enum subject_kind kind);

/* full.c */
void full_close(struct ctidd *d);
bool full_uses(struct ctidd *d, uint32_t id);
void full_is(struct ctidd *d, struct rule *rule);

/* apply.c */
int open_cgroup(struct ctidd *d, const struct node *node);
void apply(struct ctidd *d, struct node *node);
int reconcile(struct ctidd *d, struct ctid_err *err);
int look_again(struct ctidd *d);

/* family.c */
int family_open(struct ctidd *d, struct ctid_err *err);
void family_close(struct ctidd *d);

/* explain.c */
void explain(struct ctidd *d, const char *path, FILE *out);

/* control.c */
int control_open(struct ctidd *d, const char *path, struct ctid_err *err);

/* reload.c */
void reload_keep(struct ctidd *d);
int reload_watch(struct ctidd *d);
void reload(struct ctidd *d);

/* privileges.c */
int privileges_drop(struct ctid_err *err);
int privileges_processes(bool use, struct ctid_err *err);

#endif /* CTIDD_H */
