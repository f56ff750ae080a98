// SPDX-License-Identifier: GPL-2.0-only
/* Has Graphviz draw a graph. */
#include <errno.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../text.h"
#include "ctid.h"
#include "graph.h"

extern char **environ;

/* Starts dot, which reads from @in and writes to @out. */
static int start_dot(int in, int out, pid_t *pid)
{
	char type[] = "-Tsvg", name[] = "dot";
	char *argv[] = { name, type, NULL };
	posix_spawn_file_actions_t actions;
	int ret;

	ret = posix_spawn_file_actions_init(&actions);
	if (ret)
		return ret;
	ret = posix_spawn_file_actions_adddup2(&actions, in, STDIN_FILENO);
	if (!ret)
		ret = posix_spawn_file_actions_adddup2(&actions, out,
						       STDOUT_FILENO);
	if (!ret)
		ret = posix_spawnp(pid, name, &actions, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	return ret;
}

static int run_dot(int in, int out)
{
	int code, status = 0;
	pid_t pid;

	code = start_dot(in, out, &pid);
	if (code == ENOENT)
		return fail("there is no program \"dot\": install graphviz, or take the text that 'ctid graph' prints elsewhere");
	if (code)
		return fail("cannot run dot: %s", strerror(code));
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (!WIFEXITED(status) || WEXITSTATUS(status))
		return fail("dot could not draw it: does 'dot -Tsvg </dev/null' work?");
	return CTID_OK;
}

/* Is there all of it? */
static bool is_whole(FILE *svg)
{
	static const char last[] = "</svg>";
	char end[sizeof(last) + 1] = "";

	/* A newline follows. */
	return !fseek(svg, -(long)sizeof(last), SEEK_END) &&
	       fread(end, 1, sizeof(last), svg) && !strncmp(end, last, strlen(last));
}

static void copy(FILE *from, FILE *to)
{
	char part[4096];
	size_t len;

	while ((len = fread(part, 1, sizeof(part), from)))
		if (fwrite(part, 1, len, to) != len)
			return;
}

static int copy_to_file(FILE *from, const char *path)
{
	FILE *to = fopen(path, "we");
	int code = 0;

	if (to) {
		copy(from, to);
		if (fflush(to) || ferror(to))
			code = errno;
		if (fclose(to) && !code)
			code = errno;
	} else {
		code = errno;
	}
	return code ? fail("cannot write %s: %s", show(path).s, strerror(code)) :
	       CTID_OK;
}

/**
 * graph_svg() - draw a graph
 * @path: the file for the drawing, "-" for the standard output, which the caller
 *	flushes
 * @text: descriptor of a file with the graph, as Graphviz reads it
 *
 * dot exits with 0 whether its output could be written or not: so it draws into a
 * file without a name, and what is in there is copied, if it is all.
 *
 * Return: the exit status, after saying what is wrong.
 */
int graph_svg(const char *path, int text)
{
	FILE *svg = tmpfile();
	int ret;

	if (!svg)
		return fail("cannot make a temporary file: %s", strerror(errno));
	ret = run_dot(text, fileno(svg));
	if (!ret && !is_whole(svg))
		ret = fail("dot drew no whole picture: is there room for temporary files?");
	if (!ret) {
		rewind(svg);
		if (strcmp(path, "-"))
			ret = copy_to_file(svg, path);
		else
			copy(svg, stdout);
	}
	fclose(svg);
	return ret;
}
