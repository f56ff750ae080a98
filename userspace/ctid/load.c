// SPDX-License-Identifier: GPL-2.0-only
/* ctid load: the registry is given what container.conf has and it has not. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "../conf.h"
#include "../file.h"
#include "../names.h"
#include "../text.h"
#include "ctid.h"
#include "request.h"
#include "snapshot.h"

/**
 * struct load - a file on its way into the registry
 * @ctx: the context
 * @path: the file's name, for messages
 * @conf: the file
 * @before: the registry before anything was changed
 */
struct load {
	struct ctid *ctx;
	const char *path;
	struct conf conf;
	struct snapshot before;
};

static void complain(void *data, const char *text)
{
	(void)data;
	warn("%s", text);
}

/* Names can move among the containers in the file, but no other loses its. */
static int check_names(const struct load *load)
{
	const struct container *container;
	const struct conf_entry *entry;
	int ret = CTID_OK;
	size_t i;

	for (i = 0; i < load->before.ncontainers; i++) {
		container = &load->before.containers[i];
		entry = conf_by_name(&load->conf, container->name);
		if (entry && !conf_by_id(&load->conf, container->id))
			ret = fail("%s:%u: the name \"%s\" is that of container %u, which the file does not have: 'ctid rename %u' it first",
				   load->path, entry->line, entry->name,
				   container->id, container->id);
	}
	return ret;
}

static bool same_name(const struct container *container,
		      const struct conf_entry *entry)
{
	return !strcmp(container->name, entry->name ? entry->name : "");
}

/* Take away the names that are to change, so that they can be swapped. */
static int release_names(const struct load *load)
{
	const struct container *container;
	const struct conf_entry *entry;
	int code, ret = CTID_OK;
	size_t i;

	for (i = 0; i < load->before.ncontainers; i++) {
		container = &load->before.containers[i];
		entry = conf_by_id(&load->conf, container->id);
		if (!entry || !*container->name || same_name(container, entry))
			continue;
		if (entry->name && !conf_by_name(&load->conf, container->name))
			continue;	/* one rename will do */
		code = request_set(&load->ctx->reg, container->id, NULL);
		if (code)
			ret = fail_kernel(load->ctx, code, NULL,
					  "%s:%u: cannot rename container %u",
					  load->path, entry->line,
					  container->id);
	}
	return ret;
}

static int register_one(const struct load *load, const struct conf_entry *entry)
{
	const struct container *container;
	struct registry *reg = &load->ctx->reg;
	int code = 0;

	container = snapshot_find(&load->before, entry->id);
	if (!container)
		code = request_add(reg, entry->id, entry->name);
	else if (entry->name && !same_name(container, entry))
		code = request_set(reg, entry->id, entry->name);
	if (code)
		return fail_kernel(load->ctx, code, NULL,
				   "%s:%u: cannot %s container %u %s",
				   load->path, entry->line,
				   container ? "rename" : "add", entry->id,
				   entry->name ? entry->name : NO_NAME);
	return CTID_OK;
}

static int set_one(const struct load *load, const struct conf_entry *entry)
{
	int code;

	if (!flow_is_asked(&entry->flow))
		return CTID_OK;
	code = request_flow(&load->ctx->reg, entry->id, &entry->flow);
	if (code)
		return fail_kernel(load->ctx, code, NULL,
				   "%s:%u: cannot set flow ids of container %u",
				   load->path, entry->line, entry->id);
	return CTID_OK;
}

static int bind_one(const struct load *load, const struct conf_entry *entry,
		    const char *path)
{
	struct ctid_err err;
	int fd, code;

	fd = cgroup_open(&load->ctx->mount, path, &err);
	if (fd == -ENOENT) {
		warn("%s:%u: cgroup %s does not exist yet: run 'ctid load' or 'ctid bind %u %s' when it does",
		     load->path, entry->line, show(path).s, entry->id,
		     show(path).s);
		return CTID_OK;
	}
	if (fd < 0)
		return fail("%s:%u: %s", load->path, entry->line, err.text);
	code = request_bind(&load->ctx->reg, entry->id, fd);
	close(fd);
	if (code && code != -EEXIST)
		return fail_kernel(load->ctx, code,
				   code == -EBUSY ? "'ctid unbind' it first" : NULL,
				   "%s:%u: cannot bind %s to container %u",
				   load->path, entry->line, show(path).s,
				   entry->id);
	return CTID_OK;
}

static int apply(const struct load *load)
{
	const struct conf_entry *entry;
	size_t i, j;
	int ret;

	ret = release_names(load);
	for (i = 0; i < load->conf.nentries; i++)
		ret |= register_one(load, &load->conf.entries[i]);
	/* Before the first socket of a cgroup is the container's. */
	for (i = 0; i < load->conf.nentries; i++)
		ret |= set_one(load, &load->conf.entries[i]);
	for (i = 0; i < load->conf.nentries; i++) {
		entry = &load->conf.entries[i];
		for (j = 0; j < entry->ncgroups; j++)
			ret |= bind_one(load, entry, entry->cgroups[j]);
	}
	return ret;
}

static int read_both(struct load *load, const char *file)
{
	struct ctid_err err;
	int ret;

	ret = conf_load(&load->conf, file, complain, NULL, &err);
	if (ret == -ENOENT)
		return fail("%s: write one, or have 'ctid save' write it",
			    err.text);
	if (ret)
		return fail("%s", err.text);
	if (load->conf.nbad)
		return fail("%s has %zu bad line%s: nothing was changed",
			    load->path, load->conf.nbad,
			    load->conf.nbad == 1 ? "" : "s");
	ret = snapshot_take(&load->before, &load->ctx->reg);
	if (ret)
		return fail_kernel(load->ctx, ret, NULL,
				   "cannot list containers");
	return CTID_OK;
}

/**
 * cmd_load() - ctid load [FILE]
 * @ctx: the context
 * @argc: number of arguments
 * @argv: the arguments
 *
 * A cgroup that does not exist is no failure: at boot, few do.
 *
 * Return: the exit status.
 */
int cmd_load(struct ctid *ctx, int argc, char **argv)
{
	const char *file = argc ? argv[0] : CONF_PATH;
	struct load load = {
		.ctx = ctx,
		.path = file_name(file),
	};
	int ret;

	ret = read_both(&load, file);
	if (!ret)
		ret = check_names(&load);
	if (!ret) {
		ret = apply(&load);
		nftset_refresh(ctx);
	}
	snapshot_free(&load.before);
	conf_free(&load.conf);
	return ret;
}
