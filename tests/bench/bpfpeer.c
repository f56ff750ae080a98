// SPDX-License-Identifier: GPL-2.0-only
/*
 * bpfpeer pass|lsm|tuples TENANTS COMMAND...: judges socket calls by BPF while
 * COMMAND runs, as firewalls made of BPF do, and exits with its status.
 *   pass     cgroup programs for connect4, bind4 and sendmsg4 on the root, "return 1"
 *   lsm      an LSM program at socket_connect, "return 0"
 *   tuples   the same cgroup programs, which look up the tenant by the cgroup in a
 *            hash, and what it may do in a trie. Tenant N is the cgroup /tN, and has 20
 *            tuples as those of tuples.inc. A trie cannot hold a range of ports: for
 *            the first tenant, which is the one that is measured, there is an entry
 *            for each port of it; for the others there is one.
 * It does not look at accept, for which cgroups have no program.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../bpfcall.h"

#define CGROUPS	"/sys/fs/cgroup"

/* Instructions, in the order in which C would write them. */
#define MOV_REG(_dst, _src)						\
	((struct bpf_insn){ .code = BPF_ALU64 | BPF_MOV | BPF_X,	\
			    .dst_reg = (_dst), .src_reg = (_src) })
#define MOV_IMM(_dst, _imm)						\
	((struct bpf_insn){ .code = BPF_ALU64 | BPF_MOV | BPF_K,	\
			    .dst_reg = (_dst), .imm = (_imm) })
#define ADD_IMM(_dst, _imm)						\
	((struct bpf_insn){ .code = BPF_ALU64 | BPF_ADD | BPF_K,	\
			    .dst_reg = (_dst), .imm = (_imm) })
#define LOAD(_size, _dst, _src, _off)					\
	((struct bpf_insn){ .code = BPF_LDX | BPF_MEM | (_size),	\
			    .dst_reg = (_dst), .src_reg = (_src),	\
			    .off = (_off) })
#define STORE(_size, _dst, _off, _src)					\
	((struct bpf_insn){ .code = BPF_STX | BPF_MEM | (_size),	\
			    .dst_reg = (_dst), .src_reg = (_src),	\
			    .off = (_off) })
#define STORE_IMM(_size, _dst, _off, _imm)				\
	((struct bpf_insn){ .code = BPF_ST | BPF_MEM | (_size),		\
			    .dst_reg = (_dst), .off = (_off),		\
			    .imm = (_imm) })
/* It takes two places. */
#define LOAD_MAP(_dst, _fd)						\
	((struct bpf_insn){ .code = BPF_LD | BPF_DW | BPF_IMM,		\
			    .dst_reg = (_dst),				\
			    .src_reg = BPF_PSEUDO_MAP_FD, .imm = (_fd) }), \
	((struct bpf_insn){ 0 })
#define CALL(_function)							\
	((struct bpf_insn){ .code = BPF_JMP | BPF_CALL, .imm = (_function) })
#define IF_ZERO_SKIP(_reg, _n)						\
	((struct bpf_insn){ .code = BPF_JMP | BPF_JEQ | BPF_K,		\
			    .dst_reg = (_reg), .off = (_n) })
#define EXIT	((struct bpf_insn){ .code = BPF_JMP | BPF_EXIT })

#define R0	BPF_REG_0
#define R1	BPF_REG_1
#define R2	BPF_REG_2
#define R6	BPF_REG_6
#define FP	BPF_REG_10

#define LEN(_array)	(sizeof(_array) / sizeof((_array)[0]))

enum event { CONNECT, BIND };

/**
 * struct key - of the trie: what comes first is always matched whole
 * @prefixlen: how many bits count of what follows
 * @tenant: the tenant's number
 * @event: connect or bind
 * @protocol: of the socket
 * @port: in network order
 * @addr: in network order
 */
struct key {
	uint32_t prefixlen;
	uint32_t tenant;
	uint8_t event;
	uint8_t protocol;
	uint16_t port;
	uint32_t addr;
};

#define FIXED_BITS	64
#define ALL_BITS	(FIXED_BITS + 32)

static const struct {
	enum bpf_attach_type type;
	enum event event;
} hooks[] = {
	{ BPF_CGROUP_INET4_CONNECT, CONNECT },
	{ BPF_CGROUP_INET4_BIND, BIND },
	{ BPF_CGROUP_UDP4_SENDMSG, CONNECT },
};

static int load(enum bpf_prog_type type, enum bpf_attach_type attach,
		const struct bpf_insn *insns, size_t n, uint32_t function)
{
	static char log[65536];
	union bpf_attr attr = {
		.prog_type = type,
		.expected_attach_type = attach,
		.insns = (uintptr_t)insns,
		.insn_cnt = (uint32_t)n,
		.license = (uintptr_t)"GPL",
		.attach_btf_id = function,
		.log_level = 1,
		.log_buf = (uintptr_t)log,
		.log_size = sizeof(log),
	};
	int fd = bpf(BPF_PROG_LOAD, &attr);

	if (fd < 0) {
		fputs(log, stderr);
		fail("load");
	}
	return fd;
}

/* It stays attached as long as this program lives. */
static void attach_to_root(int prog, enum bpf_attach_type type)
{
	union bpf_attr attr = { 0 };
	int root = open(CGROUPS, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (root < 0)
		fail(CGROUPS);
	attr.link_create.prog_fd = (uint32_t)prog;
	attr.link_create.target_fd = (uint32_t)root;
	attr.link_create.attach_type = type;
	if (bpf(BPF_LINK_CREATE, &attr) < 0)
		fail("attach");
	close(root);
}

static void attach_pass(void)
{
	const struct bpf_insn insns[] = { MOV_IMM(R0, 1), EXIT };
	size_t i;

	for (i = 0; i < LEN(hooks); i++)
		attach_to_root(load(BPF_PROG_TYPE_CGROUP_SOCK_ADDR, hooks[i].type,
				    insns, LEN(insns), 0), hooks[i].type);
}

static void attach_lsm(void)
{
	const struct bpf_insn insns[] = { MOV_IMM(R0, 0), EXIT };
	union bpf_attr attr = { 0 };

	attr.raw_tracepoint.prog_fd = (uint32_t)
		load(BPF_PROG_TYPE_LSM, BPF_LSM_MAC, insns, LEN(insns),
		     function_id("bpf_lsm_socket_connect"));
	if (bpf(BPF_RAW_TRACEPOINT_OPEN, &attr) < 0)
		fail("attach");
}

static int new_map(enum bpf_map_type type, uint32_t key, uint32_t entries,
		   uint32_t flags)
{
	union bpf_attr attr = {
		.map_type = type,
		.key_size = key,
		.value_size = sizeof(uint32_t),
		.max_entries = entries,
		.map_flags = flags,
	};
	int fd = bpf(BPF_MAP_CREATE, &attr);

	if (fd < 0)
		fail("map");
	return fd;
}

static void add(int map, const void *key, uint32_t value)
{
	union bpf_attr attr = {
		.map_fd = (uint32_t)map,
		.key = (uintptr_t)key,
		.value = (uintptr_t)&value,
	};

	if (bpf(BPF_MAP_UPDATE_ELEM, &attr) < 0)
		fail("element");
}

/* A tuple; in an address, N stands for the two bytes that are the tenant's own. */
static void permit(int trie, int tenant, enum event event, int protocol,
		   const char *address, int bits, int port, int last)
{
	char text[32];
	const char *n = strchr(address, 'N');
	struct key key = {
		.tenant = (uint32_t)tenant,
		.event = event,
		.protocol = (uint8_t)protocol,
		.prefixlen = (uint32_t)(FIXED_BITS + bits),
	};

	if (n)
		snprintf(text, sizeof(text), "%.*s%d.%d%s", (int)(n - address),
			 address, tenant / 256, tenant % 256, n + 1);
	else
		snprintf(text, sizeof(text), "%s", address);
	if (inet_pton(AF_INET, text, &key.addr) != 1)
		fail(text);
	if (tenant != 1)
		last = port;
	for (; port <= last; port++) {
		key.port = htons((uint16_t)port);
		add(trie, &key, 1);
	}
}

static void permit_all(int trie, int i)
{
	permit(trie, i, CONNECT, IPPROTO_TCP, "10.N.0", 24, 443, 443);
	permit(trie, i, CONNECT, IPPROTO_TCP, "10.N.7", 32, 5432, 5432);
	permit(trie, i, CONNECT, IPPROTO_TCP, "10.N.0", 25, 8000, 8100);
	permit(trie, i, CONNECT, IPPROTO_TCP, "10.0.0.0", 8, 53, 53);
	permit(trie, i, CONNECT, IPPROTO_TCP, "127.0.0.0", 8, 80, 80);
	permit(trie, i, CONNECT, IPPROTO_TCP, "198.51.100.0", 24, 22, 22);
	permit(trie, i, CONNECT, IPPROTO_TCP, "203.0.113.9", 32, 25, 25);
	permit(trie, i, CONNECT, IPPROTO_TCP, "10.N.9", 32, 6379, 6379);
	permit(trie, i, CONNECT, IPPROTO_UDP, "127.0.0.0", 30, 5353, 5353);
	permit(trie, i, CONNECT, IPPROTO_UDP, "10.N.0", 24, 123, 123);
	permit(trie, i, BIND, IPPROTO_TCP, "0.0.0.0", 32, 8000, 8100);
	permit(trie, i, BIND, IPPROTO_TCP, "10.N.1", 32, 9000, 9000);
	permit(trie, i, BIND, IPPROTO_TCP, "0.0.0.0", 32, 80, 80);
	permit(trie, i, BIND, IPPROTO_TCP, "10.0.0.0", 8, 443, 443);
	permit(trie, i, BIND, IPPROTO_UDP, "127.0.0.0", 30, 5353, 5353);
	/* As many as the others have for accept. */
	permit(trie, i, BIND, IPPROTO_TCP, "10.N.2", 32, 9001, 9001);
	permit(trie, i, BIND, IPPROTO_TCP, "10.N.2", 32, 9002, 9002);
	permit(trie, i, BIND, IPPROTO_TCP, "10.N.2", 32, 9003, 9003);
	permit(trie, i, BIND, IPPROTO_TCP, "10.N.2", 32, 9004, 9004);
	permit(trie, i, BIND, IPPROTO_TCP, "10.N.2", 32, 9005, 9005);
}

/* Where the key is on the program's stack, and what is above it. */
#define CGROUP		(-8)
#define KEY(_member)	((int16_t)(CGROUP - (int)sizeof(struct key) +	\
				   (int)offsetof(struct key, _member)))
#define CTX(_member)	offsetof(struct bpf_sock_addr, _member)

static void attach_tuples(int hash, int trie, enum bpf_attach_type type,
			  enum event event)
{
	const struct bpf_insn insns[] = {
		MOV_REG(R6, R1),
		/* tenant = lookup(hash, cgroup of current) */
		CALL(BPF_FUNC_get_current_cgroup_id),
		STORE(BPF_DW, FP, CGROUP, R0),
		MOV_REG(R2, FP),
		ADD_IMM(R2, CGROUP),
		LOAD_MAP(R1, hash),
		CALL(BPF_FUNC_map_lookup_elem),
		/* Who is no tenant may do all. */
		IF_ZERO_SKIP(R0, 16),
		LOAD(BPF_W, R1, R0, 0),
		STORE(BPF_W, FP, KEY(tenant), R1),
		STORE_IMM(BPF_W, FP, KEY(prefixlen), ALL_BITS),
		STORE_IMM(BPF_B, FP, KEY(event), event),
		LOAD(BPF_W, R1, R6, CTX(protocol)),
		STORE(BPF_B, FP, KEY(protocol), R1),
		LOAD(BPF_W, R1, R6, CTX(user_port)),
		STORE(BPF_H, FP, KEY(port), R1),
		LOAD(BPF_W, R1, R6, CTX(user_ip4)),
		STORE(BPF_W, FP, KEY(addr), R1),
		/* if (!lookup(trie, key)) return 0 */
		MOV_REG(R2, FP),
		ADD_IMM(R2, KEY(prefixlen)),
		LOAD_MAP(R1, trie),
		CALL(BPF_FUNC_map_lookup_elem),
		IF_ZERO_SKIP(R0, 1),
		/* return 1 */
		MOV_IMM(R0, 1),
		EXIT,
	};

	attach_to_root(load(BPF_PROG_TYPE_CGROUP_SOCK_ADDR, type, insns, LEN(insns), 0),
		       type);
}

static uint64_t cgroup_id(int tenant)
{
	char path[64];
	struct stat st;

	snprintf(path, sizeof(path), CGROUPS "/t%d", tenant);
	if (stat(path, &st) < 0)
		fail(path);
	return st.st_ino;
}

static void judge_by_tuples(int tenants)
{
	int hash = new_map(BPF_MAP_TYPE_HASH, sizeof(uint64_t), (uint32_t)tenants, 0);
	int trie = new_map(BPF_MAP_TYPE_LPM_TRIE, sizeof(struct key),
			   (uint32_t)tenants * 20 + 1000, BPF_F_NO_PREALLOC);
	uint64_t cgroup;
	size_t i;
	int n;

	for (n = 1; n <= tenants; n++) {
		cgroup = cgroup_id(n);
		add(hash, &cgroup, (uint32_t)n);
		permit_all(trie, n);
	}
	for (i = 0; i < LEN(hooks); i++)
		attach_tuples(hash, trie, hooks[i].type, hooks[i].event);
}

int main(int argc, char **argv)
{
	if (argc > 2 && !strcmp(argv[1], "pass")) {
		attach_pass();
		return run(argv + 2);
	}
	if (argc > 2 && !strcmp(argv[1], "lsm")) {
		attach_lsm();
		return run(argv + 2);
	}
	if (argc > 3 && !strcmp(argv[1], "tuples") && atoi(argv[2]) > 0) {
		judge_by_tuples(atoi(argv[2]));
		return run(argv + 3);
	}
	fputs("usage: bpfpeer pass|lsm|tuples TENANTS COMMAND...\n", stderr);
	return 2;
}
