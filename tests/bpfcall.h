/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef BPFCALL_H
#define BPFCALL_H

#include <linux/bpf.h>
#include <stdint.h>

void fail(const char *what) __attribute__((noreturn));
int bpf(int cmd, union bpf_attr *attr);
uint32_t function_id(const char *name);
int run(char **command);

#endif /* BPFCALL_H */
