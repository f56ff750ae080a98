// SPDX-License-Identifier: GPL-2.0-only
/*
 * The hook points: kernel functions that every socket call goes through after
 * it copied its arguments from user space. Each is watched on entry only, and
 * only while some policy wants its events. A denied call continues in a stub
 * that returns the errno; all others continue where they were, so nothing of
 * this module is ever on a stack that sleeps.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/ftrace.h>
#include <linux/module.h>
#include <linux/net.h>
#include <linux/workqueue.h>

#include "compat.h"
#include "sock_event.h"
#include "../include/uapi/linux/netfilter/xt_SOCKERR.h"

/* What a denied call runs instead, one an errno. */
#define DENY_STUB(_err)						\
static noinline notrace int deny_ ## _err(void)			\
{								\
	return -_err;						\
}

XT_SOCKERR_ERRNOS(DENY_STUB)
DENY_STUB(ENOMEM)

#define DENY_CASE(_err)						\
	case -_err:						\
		return (unsigned long)deny_ ## _err;

static unsigned long deny_stub(int err)
{
	switch (err) {
	XT_SOCKERR_ERRNOS(DENY_CASE)
	DENY_CASE(ENOMEM)
	default:
		return (unsigned long)deny_EPERM;
	}
}

static void end_call(struct ftrace_regs *fregs, int err)
{
	if (unlikely(err))
		ftrace_regs_set_instruction_pointer(fregs, deny_stub(err));
}

#define ARG(_fregs, _n, _type)	((_type)ftrace_regs_get_argument(_fregs, _n))

static void notrace on_connect(unsigned long ip, unsigned long parent_ip,
			       struct ftrace_ops *ops, struct ftrace_regs *fregs)
{
	end_call(fregs, sock_judge_connect(ARG(fregs, 0, struct socket *)->sk,
					   ARG(fregs, 1, struct sockaddr *),
					   ARG(fregs, 2, long)));
}

static void notrace on_bind(unsigned long ip, unsigned long parent_ip,
			    struct ftrace_ops *ops, struct ftrace_regs *fregs)
{
	end_call(fregs, sock_judge_bind(ARG(fregs, 0, struct socket *)->sk,
					ARG(fregs, 1, struct sockaddr *),
					ARG(fregs, 2, long)));
}

static void notrace on_listen(unsigned long ip, unsigned long parent_ip,
			      struct ftrace_ops *ops, struct ftrace_regs *fregs)
{
	end_call(fregs, sock_judge_listen(ARG(fregs, 0, struct socket *)->sk));
}

static void notrace on_conn_request(unsigned long ip, unsigned long parent_ip,
				    struct ftrace_ops *ops,
				    struct ftrace_regs *fregs)
{
	end_call(fregs, sock_judge_accept(ARG(fregs, 0, const struct sock *),
					  ARG(fregs, 1, struct sk_buff *),
					  ARG(fregs, 2, struct request_sock *)));
}

/*
 * IPMODIFY: the callback may end the call, and no other user of ftrace may.
 * PERMANENT: the sysctl kernel.ftrace_enabled must not switch a policy off.
 * RECURSION: the callback is called directly. Ftrace's own guard against
 * recursion would skip it, which lets the call pass.
 */
#define HOOK_FLAGS	(FTRACE_OPS_FL_IPMODIFY | FTRACE_OPS_FL_PERMANENT | \
			 FTRACE_OPS_FL_RECURSION)

/**
 * struct hook_point - a watched function
 * @function: its name
 * @type: event that is about to happen where it is called
 * @ops: how ftrace knows us; ftrace keeps a reference to its hash of functions
 * @attached: it is watched now
 */
struct hook_point {
	const char *function;
	enum sock_event_type type;
	struct ftrace_ops ops;
	bool attached;
};

#define HOOK_POINT(_function, _type, _callback) {	\
	.function = _function,				\
	.type = _type,					\
	.ops = { .func = _callback, .flags = HOOK_FLAGS },	\
}

static struct hook_point hook_points[] = {
	HOOK_POINT("security_socket_connect", SOCK_EVENT_CONNECT, on_connect),
	HOOK_POINT("security_socket_bind", SOCK_EVENT_BIND, on_bind),
	HOOK_POINT("security_socket_listen", SOCK_EVENT_BIND, on_listen),
	HOOK_POINT("security_inet_conn_request", SOCK_EVENT_ACCEPT,
		   on_conn_request),
};

static DEFINE_MUTEX(hooks_lock);
static unsigned int hooks_users[SOCK_EVENT_TYPES];

static void hooks_idle(struct work_struct *work);
static DECLARE_WORK(hooks_idle_work, hooks_idle);

static int attach(struct hook_point *hp)
{
	int err;

	if (hp->attached)
		return 0;
	err = ftrace_set_filter(&hp->ops, (unsigned char *)hp->function,
				strlen(hp->function), 1);
	if (err) {
		pr_err("%s cannot be policed: this kernel has no function %s that ftrace can watch (error %d)\n",
		       sock_event_name(hp->type), hp->function, err);
		return -EOPNOTSUPP;
	}
	err = register_ftrace_function(&hp->ops);
	if (err) {
		ftrace_free_filter(&hp->ops);
		pr_err("%s cannot be policed: ftrace does not attach to %s (error %d%s)\n",
		       sock_event_name(hp->type), hp->function, err,
		       err == -EBUSY ? ": is kernel.ftrace_enabled 0, or does a live patch or another module change that function?" : "");
		return err;
	}
	hp->attached = true;
	return 0;
}

/* Waits until no task runs in the callback or in a stub. */
static void detach(struct hook_point *hp)
{
	int err;

	if (!hp->attached)
		return;
	err = unregister_ftrace_function(&hp->ops);
	if (WARN_ON_ONCE(err))
		return;
	ftrace_free_filter(&hp->ops);
	hp->attached = false;
}

/* Detaching takes long, and namespaces that go away shall not wait for it. */
static void hooks_idle(struct work_struct *work)
{
	unsigned int i;

	mutex_lock(&hooks_lock);
	for (i = 0; i < ARRAY_SIZE(hook_points); i++)
		if (!hooks_users[hook_points[i].type])
			detach(&hook_points[i]);
	mutex_unlock(&hooks_lock);
}

/**
 * sock_hooks_get() - have the events of a type caught
 * @type: the type
 *
 * All its hook points are attached or none: half a policy is none. The kernel's
 * log names the one that could not be attached.
 *
 * Context: process; may sleep.
 * Return: 0, -EOPNOTSUPP when the kernel lacks a hook point, or ftrace's errno.
 */
int sock_hooks_get(enum sock_event_type type)
{
	unsigned int i;
	int err = 0;

	mutex_lock(&hooks_lock);
	for (i = 0; i < ARRAY_SIZE(hook_points) && !err; i++)
		if (hook_points[i].type == type)
			err = attach(&hook_points[i]);
	if (!err)
		hooks_users[type]++;
	else
		queue_work(system_unbound_wq, &hooks_idle_work);
	mutex_unlock(&hooks_lock);
	return err;
}
EXPORT_SYMBOL_GPL(sock_hooks_get);

/**
 * sock_hooks_put() - end what sock_hooks_get() began
 * @type: the same type
 *
 * Context: process; may sleep.
 */
void sock_hooks_put(enum sock_event_type type)
{
	mutex_lock(&hooks_lock);
	if (!--hooks_users[type])
		queue_work(system_unbound_wq, &hooks_idle_work);
	mutex_unlock(&hooks_lock);
}
EXPORT_SYMBOL_GPL(sock_hooks_put);

static int __init sock_hooks_init(void)
{
	return 0;
}

static void __exit sock_hooks_exit(void)
{
	flush_work(&hooks_idle_work);
}

module_init(sock_hooks_init);
module_exit(sock_hooks_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Socket events: where the kernel is asked before a connect, bind or accept");
