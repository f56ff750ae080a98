// SPDX-License-Identifier: GPL-2.0-only
/* ctid explain: what ctidd has to say about a cgroup, and the rules about a process. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "../ctidd/control.h"
#include "../names.h"
#include "../text.h"
#include "ctid.h"

/** A daemon that is busy for longer is not well. */
#define PATIENCE_SECONDS	30

/* The daemon knows cgroups by path, whatever the user called this one. */
static char *path_of(struct ctid *ctx, const char *word)
{
	struct ctid_err err;
	char *path = NULL;
	struct stat st;
	int fd;

	if (*word == '/')
		fd = cgroup_open(&ctx->mount, word, &err);
	else
		fd = cgroup_of_pid(&ctx->mount, word, &err);
	if (fd < 0) {
		fail("%s", err.text);
		return NULL;
	}
	if (fstat(fd, &st) ||
	    cgroup_path(&ctx->mount, st.st_ino, &path) != CGROUP_FOUND)
		fail("cgroup \"%s\" cannot be seen below %s any more",
		     show(word).s, ctx->mount.point);
	close(fd);
	return path;
}

static int connect_to_daemon(void)
{
	struct sockaddr_un address = {
		.sun_family = AF_UNIX, .sun_path = CONTROL_PATH,
	};
	struct timeval patience = { .tv_sec = PATIENCE_SECONDS };
	int fd;

	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	if (connect(fd, (struct sockaddr *)&address, sizeof(address))) {
		close(fd);
		return -errno;
	}
	return fd;
}

static int ask(int fd, const char *path)
{
	char *text = malloc(CONTROL_MAX);
	ssize_t len = -1;

	if (!text)
		errno = ENOMEM;
	else if (send(fd, path, strlen(path), MSG_NOSIGNAL) >= 0)
		len = recv(fd, text, CONTROL_MAX, 0);
	if (len > 0)
		fwrite(text, 1, (size_t)len, stdout);
	free(text);
	if (len > 0)
		return CTID_OK;
	return fail("ctidd does not answer: %s: see what it logs",
		    len ? strerror(errno) : "it hung up");
}

/**
 * cmd_explain() - ctid explain CGROUP|PID|self
 * @ctx: the context
 * @argc: number of arguments
 * @argv: the arguments
 *
 * Return: the exit status.
 */
int cmd_explain(struct ctid *ctx, int argc, char **argv)
{
	char *word = argv[0], *path;
	int fd, ret;

	(void)argc;
	if (*word != '/' && !is_number(word) && strcmp(word, "self") != 0)
		return usage_error("\"%s\" is no process id, no cgroup (they begin with '/') and not 'self'",
				   show(word).s);
	path = path_of(ctx, word);
	if (!path)
		return CTID_FAILED;
	fd = connect_to_daemon();
	if (fd == -EACCES)
		ret = fail("cannot ask ctidd: needs root");
	else if (fd < 0)
		ret = fail("cannot ask ctidd at " CONTROL_PATH ": %s: is it running?",
			   strerror(-fd));
	else
		ret = ask(fd, path);
	if (fd >= 0)
		close(fd);
	free(path);
	if (!ret && *word != '/')
		ret = classify_explain(ctx, word);
	return ret;
}
