// SPDX-License-Identifier: GPL-2.0-only
/*
 * Names of pods where no runtime can be asked. A kubelet makes a directory for each
 * pod's logs that is called after it, NAMESPACE_NAME_UID, before its containers
 * begin. Kubernetes' names have no '_'.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>

#include "asks.h"

#define PODS		"/var/log/pods"
#define ABOVE_PODS	"/var/log"

/**
 * struct pods - the directory
 * @source: what tells of new ones in it, or, as long as there is none, of it
 * @there: there is one
 */
struct pods {
	sd_event_source *source;
	bool there;
};

static int split(struct subject *subject, const char *entry)
{
	const char *name = strchr(entry, '_'), *uid = strrchr(entry, '_');

	if (!name || uid == name || strcmp(uid + 1, subject->id) != 0)
		return 0;
	name++;
	subject->namespace = strndup(entry, (size_t)(name - 1 - entry));
	subject->name = strndup(name, (size_t)(uid - name));
	if (!subject->namespace || !subject->name)
		return -ENOMEM;
	subject->told = TOLD_NAMES;
	subject_trouble(subject, "no runtime of pods has a socket that is asked");
	return 1;
}

static int on_change(sd_event_source *source, const struct inotify_event *event,
		     void *data);

/* The directory, or until it is there the one that it will be in. */
static int watch(struct ctidd *d)
{
	sd_event_source *old = d->pods->source;
	struct pods *pods = d->pods;
	uint32_t events = IN_CREATE | IN_MOVED_TO | IN_ONLYDIR;
	int ret;

	pods->source = NULL;
	ret = sd_event_add_inotify(d->event, &pods->source, PODS, events,
				   on_change, d);
	pods->there = ret >= 0;
	if (ret == -ENOENT)
		ret = sd_event_add_inotify(d->event, &pods->source, ABOVE_PODS,
					   events, on_change, d);
	sd_event_source_disable_unref(old);
	return ret == -ENOENT ? 0 : ret;
}

/**
 * pod_ask() - find the name of a pod
 * @d: the daemon; it decides about the pod anew when its name comes
 * @node: the pod
 */
void pod_ask(struct ctidd *d, struct node *node)
{
	DIR *directory;
	struct dirent *entry;
	int ret = 0;

	/* There was no watch left, or not even the directory above. */
	if (!d->pods->source)
		watch(d);
	directory = opendir(PODS);
	while (directory && !ret && (entry = readdir(directory)))
		ret = split(&node->subject, entry->d_name);
	if (directory)
		closedir(directory);
	if (ret > 0)
		return;
	subject_forget(&node->subject);
	node->subject.told = TOLD_LATER;
	subject_trouble(&node->subject, "no directory in " PODS " has its uid");
}

static int on_change(sd_event_source *source, const struct inotify_event *event,
		     void *data)
{
	struct ctidd *d = data;
	bool there = d->pods->there;

	(void)source;
	if (there ? event->mask & IN_IGNORED :
		    event->len && !strcmp(event->name, "pods"))
		watch(d);
	if (there || d->pods->there)
		decide_all(d, SUBJECT_POD);
	return 0;
}

/**
 * pods_open() - have new names of pods be seen
 * @d: the daemon
 * @err: why not
 *
 * Without a watch left, pods that wait are looked for again all the same, as cri.c has it.
 *
 * Return: 0 or a negative errno.
 */
int pods_open(struct ctidd *d, struct ctid_err *err)
{
	int ret;

	d->pods = calloc(1, sizeof(*d->pods));
	ret = d->pods ? watch(d) : -ENOMEM;
	/* It may have come between two looks. */
	if (ret >= 0 && !d->pods->there)
		ret = watch(d);
	if (ret == -ENOSPC) {
		say_warning("cannot watch " PODS ": no inotify watch of root's is left: names of pods are seen late");
		return 0;
	}
	return ret < 0 ? err_set(err, -ret, "cannot watch " PODS ": %s",
				 strerror(-ret)) : 0;
}

/**
 * pods_close() - end it
 * @d: the daemon
 */
void pods_close(struct ctidd *d)
{
	if (d->pods)
		sd_event_source_unref(d->pods->source);
	free(d->pods);
	d->pods = NULL;
}
