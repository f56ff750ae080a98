// SPDX-License-Identifier: GPL-2.0-only
/*
 * For tests: stands in the way of the hook points, and of memory.
 *
 * hold=FUNCTION,... takes functions as a live patch would, so that nobody else
 * can; writing a name to the parameter "release" gives it back. keep=1 keeps the
 * event packets that iptables sees, so that each event needs another one. starve=1
 * does, too, and lets sock_event allocate none. percpu=FUNCTION lets container_id have
 * none by that function, to which fault injection does not come.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/ftrace.h>
#include <linux/kallsyms.h>
#include <linux/module.h>
#include <linux/skbuff.h>

#include "../../kernel/compat.h"
#include "../../kernel/container_id.h"

#define MAX_HELD	64
#define MAX_KEPT	64

static char *hold[MAX_HELD];
static unsigned int n_hold;
module_param_array(hold, charp, &n_hold, 0444);
MODULE_PARM_DESC(hold, "functions to take with IPMODIFY");

static bool starve;
module_param(starve, bool, 0444);
MODULE_PARM_DESC(starve, "keep event packets, and have no memory for others");

static char *percpu;
module_param(percpu, charp, 0444);
MODULE_PARM_DESC(percpu, "function that has no per-CPU memory for container_id");

static bool keep;
module_param(keep, bool, 0444);
MODULE_PARM_DESC(keep, "keep event packets");

static struct ftrace_ops held[MAX_HELD];
static bool is_held[MAX_HELD];

static void notrace do_nothing(unsigned long ip, unsigned long parent_ip,
			       struct ftrace_ops *ops, struct ftrace_regs *fregs)
{
}

static int watch(struct ftrace_ops *ops, char *function)
{
	int err = ftrace_set_filter(ops, (unsigned char *)function,
				    strlen(function), 1);

	if (!err)
		err = register_ftrace_function(ops);
	if (err) {
		ftrace_free_filter(ops);
		pr_err("cannot take %s: %d\n", function, err);
	}
	return err;
}

static void unwatch(struct ftrace_ops *ops)
{
	unregister_ftrace_function(ops);
	ftrace_free_filter(ops);
}

static int release_one(const char *val, const struct kernel_param *kp)
{
	unsigned int i;

	for (i = 0; i < n_hold; i++) {
		if (!is_held[i] || !sysfs_streq(val, hold[i]))
			continue;
		unwatch(&held[i]);
		is_held[i] = false;
		return 0;
	}
	return -ENOENT;
}

static const struct kernel_param_ops release_ops = { .set = release_one };

module_param_cb(release, &release_ops, NULL, 0200);
MODULE_PARM_DESC(release, "write the name of a function to give it back");

static struct sk_buff *kept[MAX_KEPT];
static atomic_t n_kept;
/* Found when it is needed: with percpu= container_id is not there yet. */
static typeof(&container_event_okfn) okfn;

static void notrace keep_packet(unsigned long ip, unsigned long parent_ip,
				struct ftrace_ops *ops, struct ftrace_regs *fregs)
{
	struct sk_buff *skb = (void *)ftrace_regs_get_argument(fregs, 1);
	const struct nf_hook_state *state =
		(void *)ftrace_regs_get_argument(fregs, 2);
	unsigned int i;

	if (state->okfn != okfn)
		return;
	/* The oldest goes: there are as many as there are events. */
	i = atomic_inc_return(&n_kept) - 1;
	kfree_skb(xchg(&kept[i % MAX_KEPT], skb_get(skb)));
}

static noinline notrace void *no_memory(void)
{
	return NULL;
}

static void notrace refuse_memory(unsigned long ip, unsigned long parent_ip,
				  struct ftrace_ops *ops,
				  struct ftrace_regs *fregs)
{
	char caller[KSYM_SYMBOL_LEN];

	sprint_symbol(caller, parent_ip);
	if (strstr(caller, ops->private))
		ftrace_regs_set_instruction_pointer(fregs,
						    (unsigned long)no_memory);
}

static struct ftrace_ops keep_ops = { .func = keep_packet };
static struct ftrace_ops refuse_ops = {
	.func = refuse_memory,
	.flags = FTRACE_OPS_FL_IPMODIFY,
	.private = "[sock_event]",
};
static struct ftrace_ops percpu_ops = {
	.func = refuse_memory,
	.flags = FTRACE_OPS_FL_IPMODIFY,
	.private = "[container_id]",
};

static bool percpu_refused;

static void stop(void)
{
	unsigned int i;

	for (i = 0; i < n_hold; i++)
		if (is_held[i])
			unwatch(&held[i]);
	if (percpu_refused)
		unwatch(&percpu_ops);
}

static int __init hookfault_init(void)
{
	unsigned int i;
	int err;

	for (i = 0; i < n_hold; i++) {
		held[i].func = do_nothing;
		held[i].flags = FTRACE_OPS_FL_IPMODIFY;
		err = watch(&held[i], hold[i]);
		if (err)
			goto err_stop;
		is_held[i] = true;
	}
	if (percpu) {
		err = watch(&percpu_ops, percpu);
		if (err)
			goto err_stop;
		percpu_refused = true;
	}
	if (!starve && !keep)
		return 0;
	okfn = symbol_get(container_event_okfn);
	err = okfn ? watch(&keep_ops, "ipt_do_table") : -ENOENT;
	if (err)
		goto err_put;
	/* If that is there, too. */
	ftrace_set_filter(&keep_ops, (unsigned char *)"ip6t_do_table",
			  strlen("ip6t_do_table"), 0);
	if (!starve)
		return 0;
	err = watch(&refuse_ops, "__alloc_skb");
	if (!err)
		return 0;
	unwatch(&keep_ops);
err_put:
	if (okfn)
		symbol_put(container_event_okfn);
err_stop:
	stop();
	return err;
}

static void __exit hookfault_exit(void)
{
	unsigned int i;

	if (starve)
		unwatch(&refuse_ops);
	if (starve || keep) {
		unwatch(&keep_ops);
		for (i = 0; i < MAX_KEPT; i++)
			kfree_skb(kept[i]);
		symbol_put(container_event_okfn);
	}
	stop();
}

module_init(hookfault_init);
module_exit(hookfault_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Test: takes hook points and memory away");
