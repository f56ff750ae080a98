/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _COMPAT_H
#define _COMPAT_H

/*
 * What differs between the kernels that are supported. The code uses the newest
 * kernel's names; here they are made of the older ones' where the probes
 * (kernel/probes/) found these.
 */
#include <linux/ftrace.h>
#include <linux/netfilter/x_tables.h>
#include <net/genetlink.h>
#include <net/net_namespace.h>
#include <net/request_sock.h>

#include "config.h"

#ifndef CONFIG_HAVE_DYNAMIC_FTRACE_WITH_ARGS
#error "this kernel's ftrace gives no arguments to callbacks (CONFIG_HAVE_DYNAMIC_FTRACE_WITH_ARGS): its sockets cannot be policed"
#endif

#ifndef CONFIG_KPROBES
#error "this kernel has no kprobes (CONFIG_KPROBES): the functions that sockets are policed by cannot be found"
#endif

#ifndef HAVE_FTRACE_REGS_GET_ARGUMENT
#define ftrace_regs_get_argument(_fregs, _n) \
	regs_get_kernel_argument(&(_fregs)->regs, _n)
#define ftrace_regs_set_instruction_pointer(_fregs, _ip) \
	ftrace_instruction_pointer_set(_fregs, _ip)
#endif

#ifndef HAVE_GENL_INFO_DUMP
/* Only the attributes are asked of it. */
#define genl_info_dump(_cb)	genl_dumpit_info(_cb)
#endif

#ifndef HAVE_XT_UNREGISTER_TABLE_PRE_EXIT
/* The second step does it all. */
static inline void xt_unregister_table_pre_exit(struct net *net, u8 af,
						const char *name)
{
}
#endif

#ifdef HAVE_SEND_RESET_REASON
#include <net/rstreason.h>
#endif

/**
 * compat_send_reset() - answer a connection request with a reset
 * @req: the request
 * @sk: the listener
 * @skb: the segment that asked
 */
static inline void compat_send_reset(const struct request_sock *req,
				     const struct sock *sk, struct sk_buff *skb)
{
#ifdef HAVE_SEND_RESET_REASON
	req->rsk_ops->send_reset(sk, skb, SK_RST_REASON_NOT_SPECIFIED);
#else
	req->rsk_ops->send_reset(sk, skb);
#endif
}

/**
 * compat_netns_immutable() - keep a device in its network namespace
 * @dev: a device that is being set up
 */
static inline void compat_netns_immutable(struct net_device *dev)
{
#ifdef HAVE_NETNS_IMMUTABLE
	dev->netns_immutable = true;
#else
	dev->features |= NETIF_F_NETNS_LOCAL;
#endif
}

/**
 * compat_nft_transactions() - how many transactions nft has begun
 * @net: the network namespace
 *
 * Return: a count, which wraps, or always 0 where the kernel does not tell.
 */
static inline unsigned int compat_nft_transactions(const struct net *net)
{
#ifdef HAVE_NFT_BASE_SEQ
	return READ_ONCE(net->nft.base_seq);
#else
	return 0;
#endif
}

/**
 * compat_set_classid() - give a socket a class id of net_cls
 * @skcd: what a socket knows of cgroups
 * @classid: the class id, where the kernel has any
 */
static inline void compat_set_classid(struct sock_cgroup_data *skcd, u32 classid)
{
#ifdef CONFIG_CGROUP_NET_CLASSID
	sock_cgroup_set_classid(skcd, classid);
#endif
}

/* For locals of a hot path that are filled in anyway, where all are zeroed. */
#ifndef __uninitialized
#if __has_attribute(__uninitialized__)
#define __uninitialized	__attribute__((__uninitialized__))
#else
#define __uninitialized
#endif
#endif

#endif /* _COMPAT_H */
