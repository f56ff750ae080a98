// SPDX-License-Identifier: GPL-2.0-only
/* All sockets of all network namespaces, with their containers and programs. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../text.h"
#include "sockview.h"

static int add_socket(const struct sockdiag *diag, void *data)
{
	struct sockview *view = data;
	struct socket *more;
	size_t room;

	if (view->n == view->room) {
		room = view->room ? 2 * view->room : 256;
		more = realloc(view->at, room * sizeof(*more));
		if (!more)
			return -ENOMEM;
		view->at = more;
		view->room = room;
	}
	view->at[view->n++] = (struct socket){
		.diag = *diag,
		.netns = view->nnetns - 1,
	};
	return 0;
}

static int visit(const struct netns *netns, void *data, struct ctid_err *err)
{
	struct sockview *view = data;
	struct netns *more;

	more = realloc(view->netns, (view->nnetns + 1) * sizeof(*more));
	if (!more)
		return -ENOMEM;
	view->netns = more;
	view->netns[view->nnetns++] = *netns;
	return sockdiag_each(add_socket, view, err);
}

static int find_owners(struct sockview *view, struct ctid *ctx)
{
	const struct owner *owner;
	size_t i;

	for (i = 0; i < view->n; i++) {
		owner = owners_find(&view->owners, ctx, view->at[i].diag.cgroup);
		if (!owner)
			return -ENOMEM;
		view->at[i].known = owner->known;
		view->at[i].id = owner->id;
		view->unknown += view->at[i].diag.cgroup && !owner->known;
	}
	return 0;
}

static int compare(const void *a, const void *b)
{
	const struct socket *x = a, *y = b;
	int ret;

	if (x->known != y->known)
		return x->known ? -1 : 1;
	if (x->id != y->id)
		return x->id < y->id ? -1 : 1;
	if (x->netns != y->netns)
		return x->netns < y->netns ? -1 : 1;
	if (x->diag.proto != y->diag.proto)
		return x->diag.proto < y->diag.proto ? -1 : 1;
	ret = endpoint_compare(&x->diag.local, &y->diag.local);
	return ret ? ret : endpoint_compare(&x->diag.peer, &y->diag.peer);
}

/**
 * sockview_take() - look at all sockets
 * @view: filled; to be freed with sockview_free(), also after a failure
 * @ctx: the context, with the registry and the mount
 *
 * Return: 0, or an exit status after saying what is wrong.
 */
int sockview_take(struct sockview *view, struct ctid *ctx)
{
	struct ctid_err err;
	int ret;

	*view = (struct sockview){ 0 };
	ret = owners_take(&view->owners, ctx);
	if (ret)
		return fail_kernel(ctx, ret, NULL, "cannot list containers");
	if (netns_each(visit, view, &view->missed, &err))
		return fail("%s", err.text);
	if (procs_take(&view->procs) || find_owners(view, ctx))
		return fail("out of memory");
	if (view->n)
		qsort(view->at, view->n, sizeof(*view->at), compare);
	return CTID_OK;
}

/**
 * sockview_free() - forget what was seen
 * @view: filled or zeroed
 */
void sockview_free(struct sockview *view)
{
	procs_free(&view->procs);
	owners_free(&view->owners);
	free(view->netns);
	free(view->at);
	*view = (struct sockview){ 0 };
}

/**
 * sockview_warn() - say what could not be seen
 * @view: what was seen
 * @left_out: sockets of which it is not known whose they are are not shown, as whoever
 *	removes the cgroups that he makes sockets in could wish
 */
void sockview_warn(const struct sockview *view, bool left_out)
{
	size_t spaces = view->missed.namespaces;
	size_t processes = view->missed.processes > view->procs.hidden ?
			   view->missed.processes : view->procs.hidden;

	if (left_out && view->unknown)
		warn("%zu socket%s left out, as it cannot be found out whose: made in cgroups that are removed by now, or not to be seen from here ('ctid sockets' lists them)",
		     view->unknown, view->unknown == 1 ? " is" : "s are");
	if (spaces)
		warn("%zu network namespace%s may not be entered, and %s sockets are missing: that needs root (CAP_SYS_ADMIN)",
		     spaces, spaces == 1 ? "" : "s",
		     spaces == 1 ? "its" : "their");
	if (processes)
		warn("%zu process%s may not be looked into, and what %s alone %s is missing: that needs root (CAP_SYS_PTRACE)",
		     processes, processes == 1 ? "" : "es",
		     processes == 1 ? "it" : "they",
		     processes == 1 ? "has" : "have");
}

/**
 * sockview_netns_label() - name a network namespace for people
 * @text: where to; "-" for the caller's own
 * @netns: the namespace
 */
void sockview_netns_label(char text[NETNS_LABEL], const struct netns *netns)
{
	if (*netns->name)
		snprintf(text, NETNS_LABEL, "%s", show(netns->name).s);
	else if (netns->own)
		snprintf(text, NETNS_LABEL, "-");
	else
		snprintf(text, NETNS_LABEL, "net:%u", netns->inode);
}
