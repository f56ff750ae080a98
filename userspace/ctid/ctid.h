/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef CTID_H
#define CTID_H

#include <stdbool.h>
#include <stdint.h>

#include "../registry.h"
#include "cgroup.h"
#include "request.h"

enum {
	CTID_OK = 0,
	CTID_FAILED = 1,
	CTID_USAGE = 2,
};

/**
 * struct ctid - what all subcommands work with
 * @reg: the running registry; open if the command asks for it
 * @mount: where cgroup v2 is mounted; open if the command asks for it
 * @json: print JSON
 * @follow: --follow was given
 * @classify: --classify was given
 * @drop_in: --drop-in was given
 * @nft: --nft was given
 * @rule: --rule was given
 * @cgroup: argument of --cgroup, or NULL
 * @duration: argument of --for, or NULL
 * @net_prefix: argument of --net-prefix, or NULL
 * @port_range: argument of --port-range, or NULL
 * @svg: argument of --svg, or NULL
 */
struct ctid {
	struct registry reg;
	struct cgroup_mount mount;
	bool json;
	bool follow;
	bool classify;
	bool drop_in;
	bool nft;
	bool rule;
	const char *cgroup;
	const char *duration;
	const char *net_prefix;
	const char *port_range;
	const char *svg;
};

/* Which options a subcommand has, and what it needs open. */
#define CMD_JSON	(1U << 0)
#define CMD_CGROUP	(1U << 1)
#define CMD_REGISTRY	(1U << 2)
#define CMD_MOUNT	(1U << 3)
#define CMD_FOLLOW	(1U << 4)
#define CMD_CLASSIFY	(1U << 5)
#define CMD_DROP_IN	(1U << 6)
#define CMD_LEARN	(1U << 7)
#define CMD_SVG		(1U << 8)
#define CMD_RULE	(1U << 9)
#define CMD_FOR		(1U << 10)

/**
 * struct command - a subcommand
 * @name: what it is called
 * @args: its arguments, as the usage line shows them
 * @help: what it does
 * @flags: CMD_*
 * @min: fewest arguments
 * @max: most arguments, or -1
 * @run: does it, and returns the exit status
 */
struct command {
	const char *name;
	const char *args;
	const char *help;
	unsigned int flags;
	int min, max;
	int (*run)(struct ctid *ctx, int argc, char **argv);
};

/* say.c */
void warn(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
int fail(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
int usage_error(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
int fail_kernel(struct ctid *ctx, int code, const char *hint,
		const char *fmt, ...) __attribute__((format(printf, 4, 5)));
int flush_output(void);

/* which.c */
int which_id(const char *word, uint32_t *id);
int which_name(const char *word);
int which_container(struct ctid *ctx, const char *word,
		    struct registry_msg *msg);
int which_find(struct ctid *ctx, const char *word, uint32_t *id,
	       struct ctid_err *err);
int which_id_or_name(struct ctid *ctx, const char *word, uint32_t *id);
int which_ids(struct ctid *ctx, int n, char *const *words, uint32_t **ids);

/* nftset_sync.c */
void nftset_refresh(struct ctid *ctx);

/* classify.c */
struct classify;
int load_rules(struct classify *rules);
int classify_explain(struct ctid *ctx, char *pid);

/* classify_follow.c */
int classify_follow(struct ctid *ctx);

/* One file each. */
int cmd_add(struct ctid *ctx, int argc, char **argv);
int cmd_del(struct ctid *ctx, int argc, char **argv);
int cmd_rename(struct ctid *ctx, int argc, char **argv);
int cmd_set(struct ctid *ctx, int argc, char **argv);
int cmd_bind(struct ctid *ctx, int argc, char **argv);
int cmd_rebind(struct ctid *ctx, int argc, char **argv);
int cmd_unbind(struct ctid *ctx, int argc, char **argv);
int cmd_list(struct ctid *ctx, int argc, char **argv);
int cmd_show(struct ctid *ctx, int argc, char **argv);
int cmd_of(struct ctid *ctx, int argc, char **argv);
int cmd_explain(struct ctid *ctx, int argc, char **argv);
int cmd_exec(struct ctid *ctx, int argc, char **argv);
int cmd_monitor(struct ctid *ctx, int argc, char **argv);
int cmd_load(struct ctid *ctx, int argc, char **argv);
int cmd_save(struct ctid *ctx, int argc, char **argv);
int cmd_permit(struct ctid *ctx, int argc, char **argv);
int cmd_deny(struct ctid *ctx, int argc, char **argv);
int cmd_policy(struct ctid *ctx, int argc, char **argv);
int cmd_policy_save(struct ctid *ctx, int argc, char **argv);
int cmd_policy_load(struct ctid *ctx, int argc, char **argv);
int cmd_policy_flush(struct ctid *ctx, int argc, char **argv);
int cmd_classify(struct ctid *ctx, int argc, char **argv);
int cmd_sockets(struct ctid *ctx, int argc, char **argv);
int cmd_graph(struct ctid *ctx, int argc, char **argv);
int cmd_learn(struct ctid *ctx, int argc, char **argv);
int cmd_watch(struct ctid *ctx, int argc, char **argv);
int cmd_nftset(struct ctid *ctx, int argc, char **argv);

#endif /* CTID_H */
