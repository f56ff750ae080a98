// SPDX-License-Identifier: GPL-2.0-only
/* Answers "ctid explain". */
#define _GNU_SOURCE
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "control.h"
#include "ctidd.h"

/** How many may have connected without having asked. */
#define MAX_CALLERS	64

/**
 * struct caller - a connection
 * @d: the daemon
 * @source: what waits for its question
 */
struct caller {
	struct ctidd *d;
	sd_event_source *source;
};

static unsigned int ncallers;

static void answer(struct ctidd *d, int fd, const char *path)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out;

	out = open_memstream(&text, &len);
	if (!out)
		return;
	explain(d, path, out);
	if (!fclose(out))
		send(fd, text, len < CONTROL_MAX ? len : CONTROL_MAX,
		     MSG_DONTWAIT | MSG_NOSIGNAL);
	free(text);
}

static int on_question(sd_event_source *source, int fd, uint32_t revents,
		       void *data)
{
	struct caller *caller = data;
	char path[PATH_MAX + 1];
	ssize_t len;

	(void)source;
	(void)revents;
	len = recv(fd, path, sizeof(path) - 1, MSG_DONTWAIT);
	if (len > 0 && *path == '/') {
		path[len] = '\0';
		answer(caller->d, fd, path);
	}
	sd_event_source_disable_unref(caller->source);
	free(caller);
	ncallers--;
	return 0;
}

static int on_caller(sd_event_source *source, int fd, uint32_t revents,
		     void *data)
{
	struct caller *caller;
	int one;

	(void)source;
	(void)revents;
	one = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (one < 0)
		return 0;
	caller = ncallers < MAX_CALLERS ? calloc(1, sizeof(*caller)) : NULL;
	if (!caller) {
		close(one);
		return 0;
	}
	caller->d = data;
	if (sd_event_add_io(caller->d->event, &caller->source, one, EPOLLIN,
			    on_question, caller) < 0) {
		close(one);
		free(caller);
		return 0;
	}
	sd_event_source_set_io_fd_own(caller->source, 1);
	ncallers++;
	return 0;
}

/**
 * control_open() - answer questions from now on
 * @d: the daemon
 * @path: of the socket
 * @err: why not
 *
 * Return: 0 or a negative errno.
 */
int control_open(struct ctidd *d, const char *path, struct ctid_err *err)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	sd_event_source *source;
	mode_t mask;
	int fd, ret;

	strncpy(address.sun_path, path, sizeof(address.sun_path) - 1);
	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return err_set(err, errno, "cannot make a socket: %s",
			       strerror(errno));
	unlink(path);
	mask = umask(0177);
	ret = bind(fd, (struct sockaddr *)&address, sizeof(address)) ||
	      listen(fd, 16) ? -errno : 0;
	umask(mask);
	if (!ret)
		ret = sd_event_add_io(d->event, &source, fd, EPOLLIN, on_caller,
				      d);
	if (ret < 0) {
		close(fd);
		return err_set(err, -ret, "cannot listen at %s: %s", path,
			       strerror(-ret));
	}
	sd_event_source_set_io_fd_own(source, 1);
	return sd_event_source_set_floating(source, 1);
}
