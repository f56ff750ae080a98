/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef CTID_H
#define CTID_H

#include <stdbool.h>
#include <stdint.h>

#include "../registry.h"
#include "cgroup.h"

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
 * @cgroup: argument of --cgroup, or NULL
 */
struct ctid {
	struct registry reg;
	struct cgroup_mount mount;
	bool json;
	bool follow;
	const char *cgroup;
};

/* Which options a subcommand has, and what it needs open. */
#define CMD_JSON	(1U << 0)
#define CMD_CGROUP	(1U << 1)
#define CMD_REGISTRY	(1U << 2)
#define CMD_MOUNT	(1U << 3)
#define CMD_FOLLOW	(1U << 4)

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
int which_id_or_name(struct ctid *ctx, const char *word, uint32_t *id);

/* request.c */
int request_add(struct registry *reg, uint32_t id, const char *name);
int request_set(struct registry *reg, uint32_t id, const char *name);
int request_del(struct registry *reg, uint32_t id);
int request_bind(struct registry *reg, uint32_t id, int cgroup);
int request_unbind(struct registry *reg, uint32_t id, int cgroup,
		   uint64_t cgroup_id);
int request_of(struct registry *reg, int cgroup, struct registry_msg *msg);

/* nftset_sync.c */
void nftset_refresh(struct ctid *ctx);

/* One file each. */
int cmd_add(struct ctid *ctx, int argc, char **argv);
int cmd_del(struct ctid *ctx, int argc, char **argv);
int cmd_rename(struct ctid *ctx, int argc, char **argv);
int cmd_bind(struct ctid *ctx, int argc, char **argv);
int cmd_unbind(struct ctid *ctx, int argc, char **argv);
int cmd_list(struct ctid *ctx, int argc, char **argv);
int cmd_show(struct ctid *ctx, int argc, char **argv);
int cmd_of(struct ctid *ctx, int argc, char **argv);
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
int cmd_nftset(struct ctid *ctx, int argc, char **argv);

#endif /* CTID_H */
