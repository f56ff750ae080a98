// SPDX-License-Identifier: GPL-2.0-only
/*
 * Where functions of the kernel are. ftrace can look a name up by itself, but goes
 * through all functions that there are for each one; that took ten times as long
 * as to attach. kprobes asks the symbol table.
 */
#include <linux/export.h>
#include <linux/kprobes.h>
#include <linux/slab.h>

#include "sock_event.h"

/**
 * sock_find_functions() - addresses of functions
 * @names: their names
 * @addrs: out: where each of them is watched, 0 for one that neither the kernel nor
 *	a module has, a negative errno for one that cannot be watched
 * @n: how many
 *
 * Nothing is watched by this. The probes of one call wait for readers of them
 * together, once.
 *
 * Context: process; may sleep.
 * Return: 0 or -ENOMEM.
 */
int sock_find_functions(const char *const names[], unsigned long addrs[],
			unsigned int n)
{
	struct kprobe **found, *probes;
	unsigned int i, nfound = 0;
	int err = 0;

	probes = kcalloc(n, sizeof(*probes), GFP_KERNEL);
	found = kcalloc(n, sizeof(*found), GFP_KERNEL);
	if (!probes || !found) {
		kfree(found);
		kfree(probes);
		return -ENOMEM;
	}
	for (i = 0; i < n; i++) {
		probes[i].symbol_name = names[i];
		probes[i].flags = KPROBE_FLAG_DISABLED;
		err = register_kprobe(&probes[i]);
		/* Where another probe is, it takes memory; that is no reason to say later
		 * that the function cannot be watched.
		 */
		if (err == -ENOMEM)
			break;
		if (err) {
			addrs[i] = err == -ENOENT ? 0 : err;
			continue;
		}
		addrs[i] = (unsigned long)probes[i].addr;
		found[nfound++] = &probes[i];
	}
	unregister_kprobes(found, nfound);
	kfree(found);
	kfree(probes);
	return err == -ENOMEM ? err : 0;
}
EXPORT_SYMBOL_GPL(sock_find_functions);
