// SPDX-License-Identifier: GPL-2.0-only
/* BPF by the bare system call: there is no library for some instructions in the guest. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/btf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bpfcall.h"

/**
 * fail() - end the program
 * @what: what failed; errno says why
 */
void fail(const char *what)
{
	fprintf(stderr, "%s: %s: %s\n", program_invocation_short_name, what,
		strerror(errno));
	exit(2);
}

/**
 * bpf() - the system call
 * @cmd: what to do
 * @attr: its arguments
 *
 * Return: what it returned, with errno set if that is -1.
 */
int bpf(int cmd, union bpf_attr *attr)
{
	return (int)syscall(SYS_bpf, cmd, attr, sizeof(*attr));
}

static char *read_btf(void)
{
	int fd = open("/sys/kernel/btf/vmlinux", O_RDONLY | O_CLOEXEC);
	size_t have = 0;
	struct stat st;
	char *data;
	ssize_t n;

	if (fd < 0 || fstat(fd, &st) < 0)
		fail("/sys/kernel/btf/vmlinux");
	data = malloc((size_t)st.st_size);
	if (!data)
		fail("memory");
	while (have < (size_t)st.st_size) {
		n = read(fd, data + have, (size_t)st.st_size - have);
		if (n <= 0)
			fail("/sys/kernel/btf/vmlinux");
		have += (size_t)n;
	}
	close(fd);
	return data;
}

/* What follows a type, beside its fixed part. */
static size_t extra_size(const struct btf_type *t)
{
	size_t n = BTF_INFO_VLEN(t->info);

	switch (BTF_INFO_KIND(t->info)) {
	case BTF_KIND_INT:
	case BTF_KIND_VAR:
	case BTF_KIND_DECL_TAG:
		return sizeof(uint32_t);
	case BTF_KIND_ARRAY:
		return sizeof(struct btf_array);
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
		return n * sizeof(struct btf_member);
	case BTF_KIND_ENUM:
		return n * sizeof(struct btf_enum);
	case BTF_KIND_ENUM64:
		return n * sizeof(struct btf_enum64);
	case BTF_KIND_FUNC_PROTO:
		return n * sizeof(struct btf_param);
	case BTF_KIND_DATASEC:
		return n * sizeof(struct btf_var_secinfo);
	default:
		return 0;
	}
}

/**
 * function_id() - find a function of the kernel
 * @name: its name
 *
 * Return: its number in the kernel's BTF; without it the program ends.
 */
uint32_t function_id(const char *name)
{
	const char *data = read_btf(), *types, *end, *strings;
	const struct btf_header *header = (const void *)data;
	uint32_t id;

	types = data + header->hdr_len + header->type_off;
	strings = data + header->hdr_len + header->str_off;
	end = types + header->type_len;
	for (id = 1; types < end; id++) {
		const struct btf_type *t = (const void *)types;

		if (BTF_INFO_KIND(t->info) == BTF_KIND_FUNC &&
		    !strcmp(strings + t->name_off, name))
			return id;
		types += sizeof(*t) + extra_size(t);
	}
	errno = ENOENT;
	fail(name);
}

/**
 * run() - run a command to its end
 * @command: its words, with a NULL behind
 *
 * Return: its exit status, as a shell tells it.
 */
int run(char **command)
{
	pid_t child = fork();
	int status;

	if (child == 0) {
		execvp(command[0], command);
		fail(command[0]);
	}
	if (child < 0 || waitpid(child, &status, 0) < 0)
		fail("fork");
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
