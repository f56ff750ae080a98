// SPDX-License-Identifier: GPL-2.0-only
/* Who is told of what was judged. Without anybody that costs an event a NOP. */
#include <linux/module.h>

#include "compat.h"
#include "sock_decode.h"
#include "sock_told.h"

/* Patching stops all CPUs for a moment. Listeners that come and go in a loop shall
 * not cause that.
 */
#define IDLE_DELAY	(5 * HZ)

DEFINE_STATIC_KEY_DEFERRED_FALSE(sock_told, IDLE_DELAY);

static sock_watcher_fn __rcu *watcher;

/**
 * sock_tell() - tell the watcher of an event that was judged
 * @net: the namespace that was asked
 * @id: the owning container there
 * @ev: the event
 * @err: 0 or the negative errno that it was denied with
 *
 * A port that the kernel picked is no news where it was let pick.
 *
 * Context: any, in an RCU read-side section.
 */
void sock_tell(struct net *net, u32 id, const struct sock_event *ev, int err)
{
	sock_watcher_fn *fn = rcu_dereference(watcher);

	if (fn && !(ev->picked && sock_is_picked_by(net, ev->dport)) &&
	    !(ev->or_else && err))
		fn(net, id, ev, err);
}

/**
 * sock_watch_events() - be told of all events that are judged
 * @fn: is called after each namespace that was asked
 *
 * There is one watcher. That events are caught at all is its to see to:
 * sock_hooks_get().
 *
 * Context: process; may sleep.
 */
void sock_watch_events(sock_watcher_fn *fn)
{
	rcu_assign_pointer(watcher, fn);
	static_branch_deferred_inc(&sock_told);
}
EXPORT_SYMBOL_GPL(sock_watch_events);

/**
 * sock_unwatch_events() - be told no more
 *
 * Context: process; waits until nobody is in the watcher.
 */
void sock_unwatch_events(void)
{
	static_branch_slow_dec_deferred(&sock_told);
	RCU_INIT_POINTER(watcher, NULL);
	synchronize_rcu();
}
EXPORT_SYMBOL_GPL(sock_unwatch_events);

/**
 * sock_told_exit() - wait for what is still to be done
 *
 * Context: process, at the module's exit.
 */
void sock_told_exit(void)
{
	static_key_deferred_flush(&sock_told);
}
