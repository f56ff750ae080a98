// SPDX-License-Identifier: GPL-2.0-only
/* ctid save: the registry as container.conf(5). */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../conf.h"
#include "../names.h"
#include "../text.h"
#include "print.h"
#include "save.h"

/* Made if it is not there: what iptables saves may be there, or not. */
#define DIRECTORY	"/etc/xtables"

/**
 * struct save - what is on its way into a file
 * @ctx: the context
 * @snap: the registry
 * @old: what the file had before
 */
struct save {
	struct ctid *ctx;
	const struct snapshot *snap;
	struct conf old;
};

static const char header[] =
"# Containers: ID NAME [FLOW...] [CGROUP...], see container.conf(5).\n"
"# Written by 'ctid save', which keeps no comments.\n";

static void write_path(FILE *out, const char *path)
{
	char *copy = text_escaped(path);

	fprintf(out, " %s", copy ? copy : "");
	free(copy);
}

static void write_bindings(struct ctid *ctx, FILE *out,
			   const struct container *container)
{
	const struct binding *binding = container->bindings;
	size_t i;
	char *path;

	for (i = 0; i < container->nbindings; i++, binding++) {
		if (binding->gone)
			continue;
		switch (cgroup_path(&ctx->mount, binding->cgroup, &path)) {
		case CGROUP_FOUND:
			write_path(out, path);
			break;
		case CGROUP_HIDDEN:
			warn("container %u: cgroup id:%llu cannot be seen below %s and was not saved",
			     container->id,
			     (unsigned long long)binding->cgroup,
			     ctx->mount.point);
			break;
		case CGROUP_REMOVED:
			break;
		}
		free(path);
	}
}

static bool is_bound(const struct container *container, int fd)
{
	struct stat st;
	size_t i;

	if (fstat(fd, &st))
		return false;
	for (i = 0; i < container->nbindings; i++)
		if (container->bindings[i].cgroup == st.st_ino)
			return true;
	return false;
}

/* The cgroup of a service that is stopped just now is not to be forgotten. One
 * that exists unbound was unbound, or made after the last "ctid load": only the
 * user knows which.
 */
static void write_absent(struct ctid *ctx, FILE *out,
			 const struct container *container,
			 const struct conf_entry *old)
{
	size_t i;
	int fd;

	for (i = 0; old && i < old->ncgroups; i++) {
		fd = cgroup_open(&ctx->mount, old->cgroups[i], NULL);
		if (fd == -ENOENT)
			write_path(out, old->cgroups[i]);
		else if (fd >= 0 && !is_bound(container, fd))
			warn("container %u: cgroup %s was in the file but is not bound, and was not saved: if it is to be, 'ctid bind %u %s' and save again",
			     container->id, show(old->cgroups[i]).s,
			     container->id, show(old->cgroups[i]).s);
		if (fd >= 0)
			close(fd);
	}
}

/* Should the kernel ever allow a name that the file cannot hold. */
static const char *name_to_save(const struct container *container)
{
	const char *problem;

	if (!*container->name)
		return NO_NAME;
	problem = name_problem(container->name);
	if (!problem)
		return container->name;
	warn("container %u: the name \"%s\" %s, and was not saved: 'ctid rename %u' it",
	     container->id, container->name, problem, container->id);
	return NO_NAME;
}

static void write_all(struct ctid *ctx, FILE *out, const struct snapshot *snap,
		      const struct conf *old)
{
	const struct container *container;
	char flow[FLOW_SIZE];
	size_t i;

	fputs(header, out);
	for (i = 0; i < snap->ncontainers; i++) {
		container = &snap->containers[i];
		fprintf(out, "%u %s", container->id, name_to_save(container));
		flow_words(flow, &container->flow);
		if (*flow)
			fprintf(out, " %s", flow);
		write_bindings(ctx, out, container);
		write_absent(ctx, out, container,
			     conf_by_id(old, container->id));
		fputc('\n', out);
	}
}

static void write_to(FILE *out, void *data)
{
	struct save *save = data;

	write_all(save->ctx, out, save->snap, &save->old);
}

static void complain(void *data, const char *text)
{
	(void)data;
	warn("%s", text);
}

/**
 * save_check() - can a file be saved to?
 * @file: the file, or "-" for the standard output
 *
 * What is there now must be a file, or nothing: it will be replaced.
 *
 * Return: 0, or an exit status after saying why not.
 */
int save_check(const char *file)
{
	struct stat st;

	if (!strcmp(file, "-"))
		return CTID_OK;
	if (!strncmp(file, DIRECTORY "/", strlen(DIRECTORY "/")))
		mkdir(DIRECTORY, 0755);
	if (lstat(file, &st))
		return errno == ENOENT ? CTID_OK :
		       fail("cannot save to %s: %s", file, strerror(errno));
	if (!S_ISREG(st.st_mode))
		return fail("%s is no regular file: save to another one", file);
	return CTID_OK;
}

/**
 * save_write() - save to a file, at once or not at all
 * @file: the file, or "-" for the standard output
 * @max: a bigger one is refused
 * @writer: writes it
 * @data: for @writer
 *
 * Return: 0, or an exit status after saying what is wrong.
 */
int save_write(const char *file, size_t max, file_writer writer, void *data)
{
	int ret;

	if (!strcmp(file, "-")) {
		writer(stdout, data);
		return CTID_OK;
	}
	ret = file_replace(file, max, writer, data);
	if (ret)
		return fail("cannot save to %s: %s: the file is as it was",
			    file, strerror(-ret));
	return CTID_OK;
}

/* What is in the file is to be such, or it would be lost. */
static int read_old(const char *file, struct conf *old)
{
	struct ctid_err err;
	int ret;

	if (!strcmp(file, "-"))
		return CTID_OK;
	ret = conf_load(old, file, complain, NULL, &err);
	if (ret == -ENOENT)
		return CTID_OK;
	if (ret)
		return fail("%s", err.text);
	if (old->nbad)
		return fail("%s has bad lines, which saving would lose: correct or move it first",
			    file);
	return CTID_OK;
}

static int save_to(const char *file, struct save *save)
{
	int ret;

	ret = save_check(file);
	if (!ret)
		ret = read_old(file, &save->old);
	if (!ret)
		ret = save_write(file, CONF_MAX_SIZE, write_to, save);
	return ret;
}

/**
 * cmd_save() - ctid save [FILE]
 * @ctx: the context
 * @argc: number of arguments
 * @argv: the arguments
 *
 * Return: the exit status.
 */
int cmd_save(struct ctid *ctx, int argc, char **argv)
{
	struct save save = { .ctx = ctx };
	struct snapshot snap;
	int ret;

	ret = snapshot_take(&snap, &ctx->reg);
	if (ret)
		return fail_kernel(ctx, ret, NULL, "cannot list containers");
	save.snap = &snap;
	/* A file that has a cgroup twice would not be loaded. */
	if (snap.exact)
		ret = save_to(argc ? argv[0] : CONF_PATH, &save);
	else
		ret = fail("nothing is saved: others changed the registry each time it was read: try again");
	conf_free(&save.old);
	snapshot_free(&snap);
	return ret;
}
