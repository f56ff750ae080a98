// SPDX-License-Identifier: GPL-2.0-only
/*
 * The hook points: kernel functions that every socket call goes through after
 * it copied its arguments from user space, and functions that make sockets. Each
 * is watched on entry only, and only while some policy wants its events, or some
 * container has flow ids. A denied call continues in a stub that returns the errno;
 * others continue where they were, so nothing of this module is ever on a stack that
 * sleeps (but for locks, with PREEMPT_RT: see sock_callbacks.h). Where the kernel picks a
 * port they may continue in sock_pick_port(), for which sock_event waits.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/delay.h>
#include <linux/ftrace.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/net.h>
#include <linux/ratelimit.h>
#include <linux/workqueue.h>

#include "sock_hook_points.h"

/*
 * IPMODIFY: the callback may end the call, and no other user of ftrace may.
 * PERMANENT: the sysctl kernel.ftrace_enabled must not switch a policy off.
 * Not RECURSION: that asks for ftrace's guard against recursion, which skips a
 * callback that it finds running, and a skipped callback lets the call pass.
 */
#define HOOK_FLAGS	(FTRACE_OPS_FL_IPMODIFY | FTRACE_OPS_FL_PERMANENT)

static bool is_of(const struct hook_point *hp, const char *module)
{
	return hp->module && !strcmp(hp->module, module);
}

static DEFINE_MUTEX(hooks_lock);

/* How long hook points stay attached without a user, in seconds. */
#define IDLE_DELAY	5

static void hooks_idle(struct work_struct *work);
static DECLARE_DELAYED_WORK(hooks_idle_work, hooks_idle);

/*
 * Detaching waits until each task that can run has run, which whoever has many tasks and
 * little time to run them can make long; and who attaches meanwhile waits, too, maybe with
 * the RTNL. So who has an event device go up and down again and again may have so many
 * seconds of that at once, and then one in a hundred. Half a second of each is free: it
 * takes a tenth where nobody makes it long.
 */
static ushort idle_burst __read_mostly = 20;
module_param(idle_burst, ushort, 0644);
MODULE_PARM_DESC(idle_burst, "seconds that detaching hook points may take at once (20), before it is one in a hundred");
#define IDLE_SHARE	100
#define IDLE_FREE	(HZ / 2)

static unsigned long idle_limit(void)
{
	return (unsigned long)READ_ONCE(idle_burst) * HZ;
}

/* Jiffies that detaching took too long, less those made up for; under hooks_lock. */
static unsigned long idle_debt;
static unsigned long idle_debt_since = INITIAL_JIFFIES;

static unsigned long idle_debt_now(void)
{
	unsigned long paid = (jiffies - idle_debt_since) / IDLE_SHARE;

	return idle_debt - min(idle_debt, paid);
}

static void idle_took(unsigned long took)
{
	idle_debt = idle_debt_now() + took - min_t(unsigned long, took, IDLE_FREE);
	idle_debt_since = jiffies;
}

static void begin_idle(void)
{
	unsigned long debt = idle_debt_now(), limit = idle_limit();
	unsigned long delay = IDLE_DELAY * HZ;

	if (debt > limit)
		delay += (debt - limit) * IDLE_SHARE;
	schedule_delayed_work(&hooks_idle_work, delay);
}

/* Any namespace's root can cause these lines. */
#define complain(_format, ...)						\
do {									\
	static DEFINE_RATELIMIT_STATE(_limit, 5 * HZ, 50);		\
									\
	if (__ratelimit(&_limit))					\
		pr_err(_format, ##__VA_ARGS__);				\
} while (0)

/* A BPF trampoline on the same function may be busy for a moment. */
static int register_patiently(struct ftrace_ops *ops)
{
	unsigned int tries = 100;
	int err;

	while ((err = register_ftrace_function(ops)) == -EAGAIN && --tries)
		msleep(1);
	return err;
}

/* Where are they? Of one module, or of all that is there now. */
static int find_hook_points(const char *module)
{
	const char *names[ARRAY_SIZE(hook_points)];
	unsigned long addrs[ARRAY_SIZE(hook_points)];
	struct hook_point *found[ARRAY_SIZE(hook_points)];
	unsigned int i, n = 0;
	int err;

	for (i = 0; i < ARRAY_SIZE(hook_points); i++) {
		struct hook_point *hp = &hook_points[i];

		if (hp->find || (module && !is_of(hp, module)))
			continue;
		names[n] = hp->function;
		found[n++] = hp;
	}
	if (!n)
		return 0;
	err = sock_find_functions(names, addrs, n);
	if (err)
		return err;
	for (i = 0; i < n; i++) {
		if (IS_ERR_VALUE(addrs[i]))
			found[i]->there = true;
		else
			found[i]->address = addrs[i];
	}
	return 0;
}

/* May the kernel do without this function? */
static bool may_lack(const struct hook_point *hp)
{
	return hp->present && !hp->there && !hp->present();
}

static int attach(struct hook_point *hp)
{
	int err = -ENOENT;

	if (hp->attached || hp->going)
		return 0;
	if (!hp->address && hp->find)
		hp->address = hp->find();
	if (!hp->address && may_lack(hp))
		return 0;
	hp->ops = (struct ftrace_ops) {
		.func = hp->callback,
		.flags = HOOK_FLAGS,
	};
	WRITE_ONCE(hp->off, false);
	if (hp->address)
		err = ftrace_set_filter_ip(&hp->ops, hp->address, 0, 1);
	if (err) {
		ftrace_free_filter(&hp->ops);
		complain("sockets cannot be policed: this kernel has no function %s that ftrace can watch (error %d)\n",
		       hp->function, err);
		return -EOPNOTSUPP;
	}
	err = register_patiently(&hp->ops);
	if (err) {
		ftrace_free_filter(&hp->ops);
		complain("sockets cannot be policed: ftrace does not attach to %s (error %d%s)\n",
		       hp->function, err,
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
	callbacks_quiesce(hp);
	err = unregister_ftrace_function(&hp->ops);
	if (WARN_ON_ONCE(err)) {
		WRITE_ONCE(hp->off, false);
		return;
	}
	ftrace_free_filter(&hp->ops);
	hp->attached = false;
}

static bool any_attached(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(hook_points); i++)
		if (hook_points[i].attached)
			return true;
	return false;
}

static bool wanted(const struct hook_point *hp)
{
	unsigned int use;

	for (use = 0; use < SOCK_HOOKS_USES; use++)
		if (hp->uses & BIT(use) && hooks_users[use])
			return true;
	return false;
}

/* Detaching takes long. Namespaces that go away shall not wait for it, nor who
 * attaches while holding the RTNL: hence the delay, and the lock for one at a
 * time.
 */
static void hooks_idle(struct work_struct *work)
{
	bool in_debt = false;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(hook_points) && !in_debt; i++) {
		struct hook_point *hp = &hook_points[i];
		unsigned long begun;

		mutex_lock(&hooks_lock);
		if (hp->attached && !wanted(hp)) {
			begun = jiffies;
			detach(hp);
			idle_took(jiffies - begun);
		}
		/* The module's end waits for all. */
		in_debt = work && idle_debt_now() > idle_limit();
		if (in_debt)
			begin_idle();
		mutex_unlock(&hooks_lock);
	}
}

/**
 * sock_hooks_get() - have the events of a type caught, or what flow ids need
 * @use: the type, or enum sock_hooks_use
 *
 * All its hook points are attached or none: half a policy is none. The kernel's
 * log names the one that could not be attached.
 *
 * Context: process; may sleep.
 * Return: 0, -EOPNOTSUPP when the kernel lacks a hook point, or ftrace's errno.
 */
int sock_hooks_get(unsigned int use)
{
	unsigned int i;
	int err = 0;

	mutex_lock(&hooks_lock);
	for (i = 0; i < ARRAY_SIZE(hook_points) && !err; i++)
		if (hook_points[i].uses & BIT(use))
			err = attach(&hook_points[i]);
	if (!err)
		WRITE_ONCE(hooks_users[use], hooks_users[use] + 1);
	else
		begin_idle();
	mutex_unlock(&hooks_lock);
	return err;
}
EXPORT_SYMBOL_GPL(sock_hooks_get);

/**
 * sock_hooks_put() - end what sock_hooks_get() began
 * @use: the same
 *
 * Context: process; may sleep.
 */
void sock_hooks_put(unsigned int use)
{
	mutex_lock(&hooks_lock);
	WRITE_ONCE(hooks_users[use], hooks_users[use] - 1);
	if (!hooks_users[use])
		begin_idle();
	mutex_unlock(&hooks_lock);
}
EXPORT_SYMBOL_GPL(sock_hooks_put);

/* A module with functions to watch comes. It may not come if one of them cannot be
 * watched while a policy is there: nobody would tell us then that it is gone.
 */
static int module_comes(const char *name)
{
	unsigned int i;
	int err;

	err = find_hook_points(name);
	for (i = 0; i < ARRAY_SIZE(hook_points) && !err; i++) {
		struct hook_point *hp = &hook_points[i];

		if (!is_of(hp, name))
			continue;
		/* What was attached was another one's. */
		detach(hp);
		hp->going = false;
		hp->there = true;
		if (wanted(hp))
			err = attach(hp);
	}
	return err;
}

static void module_goes(const char *name)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(hook_points); i++) {
		struct hook_point *hp = &hook_points[i];

		if (!is_of(hp, name))
			continue;
		detach(hp);
		hp->address = 0;
		hp->there = false;
		hp->going = true;
	}
}

static int on_module(struct notifier_block *nb, unsigned long state, void *data)
{
	const struct module *mod = data;
	int err = 0;

	if (state != MODULE_STATE_COMING && state != MODULE_STATE_GOING)
		return NOTIFY_DONE;
	mutex_lock(&hooks_lock);
	if (state == MODULE_STATE_COMING)
		err = module_comes(mod->name);
	if (state == MODULE_STATE_GOING || err)
		module_goes(mod->name);
	mutex_unlock(&hooks_lock);
	return notifier_from_errno(err);
}

static struct notifier_block module_notifier = {
	.notifier_call = on_module,
};

static int flow_get(enum container_flow_use use)
{
	return sock_hooks_get(SOCK_HOOKS_FLOW_PUT + use);
}

static void flow_put(enum container_flow_use use)
{
	sock_hooks_put(SOCK_HOOKS_FLOW_PUT + use);
}

static const struct container_flow_catcher flow_catcher = {
	.owner = THIS_MODULE,
	.get = flow_get,
	.put = flow_put,
};

static int __init sock_hooks_init(void)
{
	int err;

	/* First: of a module that comes meanwhile it is told, or it finds it. */
	err = register_module_notifier(&module_notifier);
	if (err)
		return err;
	mutex_lock(&hooks_lock);
	err = find_hook_points(NULL);
	mutex_unlock(&hooks_lock);
	if (err)
		unregister_module_notifier(&module_notifier);
	else
		container_flow_register(&flow_catcher);
	return err;
}

static void __exit sock_hooks_exit(void)
{
	container_flow_unregister();
	unregister_module_notifier(&module_notifier);
	cancel_delayed_work_sync(&hooks_idle_work);
	hooks_idle(NULL);
	/* ftrace lets go of nothing once it has found something wrong with itself. */
	while (any_attached()) {
		pr_crit_once("ftrace does not let go of what is watched, so this module has to stay: reboot\n");
		msleep(1000);
		hooks_idle(NULL);
	}
}

module_init(sock_hooks_init);
module_exit(sock_hooks_exit);
MODULE_LICENSE("GPL");
MODULE_VERSION(XT_CONTAINER_VERSION);
MODULE_DESCRIPTION("Socket events: where the kernel is asked before a connect, bind or accept");
