// SPDX-License-Identifier: GPL-2.0-only
/*
 * bpfattach fentry|fmod_ret FUNCTION COMMAND...: attaches a BPF program that does
 * nothing to a kernel function while COMMAND runs. Prints how often it was run,
 * and exits with COMMAND's status. With the bare system call: what is tested is
 * the kernel, and there is no library for one instruction in the guest.
 */
#include <stdio.h>
#include <string.h>

#include "bpfcall.h"

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
	status = run(argv + 3);
	printf("runs %llu\n", (unsigned long long)runs(prog));
	return status;
}
