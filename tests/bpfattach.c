// SPDX-License-Identifier: GPL-2.0-only
/*
 * bpfattach fentry|fmod_ret FUNCTION COMMAND...: attaches a BPF program that does
 * nothing to a kernel function while COMMAND runs. Prints how often it was run,
 * and exits with COMMAND's status. With the bare system call: what is tested is
 * the kernel, and there is no library for one instruction in the guest.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/btf.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static void fail(const char *what)
{
	fprintf(stderr, "bpfattach: %s: %s\n", what, strerror(errno));
	exit(2);
}

static int bpf(int cmd, union bpf_attr *attr)
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

static uint32_t function_id(const char *name)
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
	return 0;
}

static int load(enum bpf_attach_type type, const char *function)
{
	struct bpf_insn program[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0 },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	union bpf_attr attr = {
		.prog_type = BPF_PROG_TYPE_TRACING,
		.expected_attach_type = type,
		.insns = (uintptr_t)program,
		.insn_cnt = sizeof(program) / sizeof(program[0]),
		.license = (uintptr_t)"GPL",
		.attach_btf_id = function_id(function),
	};
	int fd = bpf(BPF_PROG_LOAD, &attr);

	if (fd < 0)
		fail("load");
	return fd;
}

static uint64_t runs(int prog)
{
	struct bpf_prog_info info = { 0 };
	union bpf_attr attr = { 0 };

	attr.info.bpf_fd = (uint32_t)prog;
	attr.info.info_len = sizeof(info);
	attr.info.info = (uintptr_t)&info;
	if (bpf(BPF_OBJ_GET_INFO_BY_FD, &attr) < 0)
		fail("info");
	return info.run_cnt;
}

int main(int argc, char **argv)
{
	union bpf_attr attr = { 0 };
	enum bpf_attach_type type;
	int prog, status;
	pid_t child;

	if (argc < 4) {
		fputs("usage: bpfattach fentry|fmod_ret FUNCTION COMMAND...\n", stderr);
		return 2;
	}
	type = strcmp(argv[1], "fentry") ? BPF_MODIFY_RETURN : BPF_TRACE_FENTRY;
	prog = load(type, argv[2]);
	attr.enable_stats.type = BPF_STATS_RUN_TIME;
	if (bpf(BPF_ENABLE_STATS, &attr) < 0)
		fail("statistics");
	memset(&attr, 0, sizeof(attr));
	attr.raw_tracepoint.prog_fd = (uint32_t)prog;
	if (bpf(BPF_RAW_TRACEPOINT_OPEN, &attr) < 0)
		fail("attach");
	child = fork();
	if (child == 0) {
		execvp(argv[3], argv + 3);
		fail(argv[3]);
	}
	if (child < 0 || waitpid(child, &status, 0) < 0)
		fail("fork");
	printf("runs %llu\n", (unsigned long long)runs(prog));
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
