// SPDX-License-Identifier: GPL-2.0-only
/* ctid sockets. */
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "../text.h"
#include "print.h"
#include "sockview.h"

/** What a socket has a column for. */
enum {
	COLUMN_CONTAINER,
	COLUMN_NETNS,
	COLUMN_PROTO,
	COLUMN_STATE,
	COLUMN_LOCAL,
	COLUMN_PEER,
	COLUMN_USER,
	COLUMN_PROGRAM,
	COLUMNS,
};

/** Room for one of them. */
#define COLUMN_TEXT	192

typedef char row[COLUMNS][COLUMN_TEXT];

static const row head = {
	"CONTAINER", "NETNS", "PROTO", "STATE", "LOCAL", "PEER", "USER", "PROGRAM",
};

static void user_text(char text[COLUMN_TEXT], uint32_t uid)
{
	const struct passwd *user = getpwuid(uid);

	if (user)
		snprintf(text, COLUMN_TEXT, "%s", show(user->pw_name).s);
	else
		snprintf(text, COLUMN_TEXT, "%u", uid);
}

static void owner_text(char text[COLUMN_TEXT], const struct sockview *view,
		       const struct socket *sock)
{
	const char *name = owners_name(&view->owners, sock->id);

	if (!sock->known)
		snprintf(text, COLUMN_TEXT, "?");
	else if (!sock->id)
		snprintf(text, COLUMN_TEXT, "-");
	else if (*name)
		snprintf(text, COLUMN_TEXT, "%s", name);
	else
		snprintf(text, COLUMN_TEXT, "%u", sock->id);
}

static void program_text(char text[COLUMN_TEXT], const struct sockview *view,
			 const struct socket *sock)
{
	const struct holder *holder;
	size_t n;

	holder = procs_find(&view->procs, sock->diag.inode, &n);
	if (!holder)
		snprintf(text, COLUMN_TEXT, "-");
	else if (n == 1)
		snprintf(text, COLUMN_TEXT, "%s[%u]", show(holder->comm).s,
			 holder->pid);
	else
		snprintf(text, COLUMN_TEXT, "%s[%u] and %zu more",
			 show(holder->comm).s, holder->pid, n - 1);
}

static void fill(row cells, const struct sockview *view,
		 const struct socket *sock)
{
	owner_text(cells[COLUMN_CONTAINER], view, sock);
	sockview_netns_label(cells[COLUMN_NETNS], &view->netns[sock->netns]);
	protocol_format(cells[COLUMN_PROTO], sock->diag.proto);
	snprintf(cells[COLUMN_STATE], COLUMN_TEXT, "%s",
		 sockdiag_state(sock->diag.state));
	endpoint_format(cells[COLUMN_LOCAL], &sock->diag.local);
	endpoint_format(cells[COLUMN_PEER], &sock->diag.peer);
	user_text(cells[COLUMN_USER], sock->diag.uid);
	program_text(cells[COLUMN_PROGRAM], view, sock);
}

static void print_row(const row cells, const int width[COLUMNS])
{
	int i;

	for (i = 0; i < COLUMNS - 1; i++)
		printf("%-*s  ", width[i], cells[i]);
	puts(cells[i]);
}

/* Is the socket one that was asked for? */
static bool is_wanted(const struct socket *sock, const uint32_t *ids, int n)
{
	int i;

	for (i = 0; i < n; i++)
		if (sock->known && sock->id == ids[i])
			return true;
	return !n;
}

static void print_table(const struct sockview *view, const uint32_t *ids, int n)
{
	int width[COLUMNS];
	row cells;
	size_t i;
	int j, len;

	for (j = 0; j < COLUMNS; j++)
		width[j] = (int)strlen(head[j]);
	for (i = 0; i < view->n; i++) {
		if (!is_wanted(&view->at[i], ids, n))
			continue;
		fill(cells, view, &view->at[i]);
		for (j = 0; j < COLUMNS; j++) {
			len = (int)strlen(cells[j]);
			if (len > width[j])
				width[j] = len;
		}
	}
	print_row(head, width);
	for (i = 0; i < view->n; i++) {
		if (!is_wanted(&view->at[i], ids, n))
			continue;
		fill(cells, view, &view->at[i]);
		print_row((const char (*)[COLUMN_TEXT])cells, width);
	}
}

static json_t *programs_json(const struct sockview *view,
			     const struct socket *sock)
{
	json_t *programs = json_array(), *program;
	const struct holder *holder;
	size_t i, n;

	holder = procs_find(&view->procs, sock->diag.inode, &n);
	for (i = 0; holder && i < n; i++) {
		program = json_pack("{s:i}", "pid", (int)holder[i].pid);
		json_object_set_new(program, "program",
				    word_json(holder[i].comm));
		json_array_append_new(programs, program);
	}
	return programs;
}

static json_t *user_json(uint32_t uid)
{
	const struct passwd *user = getpwuid(uid);
	json_t *json = json_pack("{s:I}", "uid", (json_int_t)uid);

	if (user)
		json_object_set_new(json, "name", word_json(user->pw_name));
	return json;
}

static json_t *netns_json(const struct netns *netns)
{
	json_t *json = json_pack("{s:I, s:b}", "inode", (json_int_t)netns->inode,
				 "own", netns->own);

	if (*netns->name)
		json_object_set_new(json, "name", word_json(netns->name));
	return json;
}

static json_t *socket_json(struct ctid *ctx, const struct sockview *view,
			   const struct socket *sock)
{
	char proto[PROTOCOL_TEXT];
	json_t *json = json_object();

	json_object_set_new(json, "container", !sock->known ? json_null() :
			    container_json(sock->id,
					   owners_name(&view->owners, sock->id)));
	json_object_set_new(json, "netns", netns_json(&view->netns[sock->netns]));
	protocol_format(proto, sock->diag.proto);
	json_object_set_new(json, "protocol", json_string(proto));
	json_object_set_new(json, "state",
			    json_string(sockdiag_state(sock->diag.state)));
	json_object_set_new(json, "local", endpoint_json(&sock->diag.local));
	json_object_set_new(json, "peer", endpoint_json(&sock->diag.peer));
	json_object_set_new(json, "user", user_json(sock->diag.uid));
	json_object_set_new(json, "programs", programs_json(view, sock));
	if (sock->diag.cgroup)
		json_object_set_new(json, "cgroup",
				    cgroup_json(ctx, sock->diag.cgroup, false));
	return json;
}

static void print_all_json(struct ctid *ctx, const struct sockview *view,
			   const uint32_t *ids, int n)
{
	bool any = false;
	size_t i;

	putchar('[');
	for (i = 0; i < view->n; i++) {
		if (!is_wanted(&view->at[i], ids, n))
			continue;
		fputs(any ? ",\n" : "\n", stdout);
		print_json(socket_json(ctx, view, &view->at[i]));
		any = true;
	}
	puts(any ? "\n]" : "]");
}

/**
 * cmd_sockets() - ctid sockets [ID|NAME]...
 * @ctx: the context
 * @argc: number of arguments
 * @argv: the arguments
 *
 * Return: the exit status; not to see all is no failure.
 */
int cmd_sockets(struct ctid *ctx, int argc, char **argv)
{
	struct sockview view = { 0 };
	uint32_t *ids;
	int ret;

	ret = which_ids(ctx, argc, argv, &ids);
	if (!ret)
		ret = sockview_take(&view, ctx);
	if (!ret) {
		if (ctx->json)
			print_all_json(ctx, &view, ids, argc);
		else
			print_table(&view, ids, argc);
		sockview_warn(&view, argc);
	}
	sockview_free(&view);
	free(ids);
	return ret;
}
