// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the daemon can do: have its way with the registry (CAP_NET_ADMIN) and with
 * cgroups that were given to users (CAP_DAC_OVERRIDE). While there are rules about
 * processes also: see which files others execute (CAP_SYS_PTRACE), and move them to
 * a cgroup of other processors (CAP_SYS_NICE).
 */
#define _GNU_SOURCE
#include <errno.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/capability.h>

#include "ctidd.h"

/* All of them are in the first of the words that a set of capabilities has. */
#define ALWAYS		(CAP_TO_MASK(CAP_NET_ADMIN) | CAP_TO_MASK(CAP_DAC_OVERRIDE))
#define FOR_PROCESSES	(CAP_TO_MASK(CAP_SYS_PTRACE) | CAP_TO_MASK(CAP_SYS_NICE))

static bool is_kept(unsigned int cap)
{
	return cap < 32 && CAP_TO_MASK(cap) & (ALWAYS | FOR_PROCESSES);
}

static int set(uint32_t permitted, uint32_t effective)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {
		{ .permitted = permitted, .effective = effective },
	};

	return syscall(SYS_capset, &header, data) ? -errno : 0;
}

static uint32_t get_permitted(void)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = { 0 };

	return syscall(SYS_capget, &header, data) ? 0 : data[0].permitted;
}

/**
 * privileges_drop() - keep no other capability, for good
 * @err: why not
 *
 * Return: 0 or a negative errno.
 */
int privileges_drop(struct ctid_err *err)
{
	unsigned int cap;
	int ret;

	/* One that is not known is beyond the last; one that systemd took is gone. */
	for (cap = 0; prctl(PR_CAPBSET_READ, cap, 0, 0, 0) >= 0; cap++)
		if (!is_kept(cap))
			prctl(PR_CAPBSET_DROP, cap, 0, 0, 0);
	ret = prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ? -errno :
	      set(ALWAYS | (get_permitted() & FOR_PROCESSES), ALWAYS);
	return ret ? err_set(err, -ret,
			     "cannot do with fewer capabilities: %s: start it as root",
			     strerror(-ret)) : 0;
}

/**
 * privileges_processes() - use, or do not, what rules about processes need
 * @use: whether to
 * @err: why not
 *
 * Return: 0 or a negative errno.
 */
int privileges_processes(bool use, struct ctid_err *err)
{
	uint32_t permitted = get_permitted();

	if (use && (permitted & FOR_PROCESSES) != FOR_PROCESSES)
		return err_set(err, EPERM,
			       "cannot follow rules about processes: needs CAP_SYS_PTRACE and CAP_SYS_NICE, see CapabilityBoundingSet= of its unit");
	return set(permitted, use ? permitted : ALWAYS) ?
	       err_set(err, EPERM, "cannot change capabilities: %s",
		       strerror(EPERM)) : 0;
}
