/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _SOCK_HOOK_POINTS_H
#define _SOCK_HOOK_POINTS_H

/*
 * The functions that are watched, what for, and where they are. Included by sock_hooks.c
 * only, whose object is the whole module.
 */
#include <linux/ftrace.h>
#include <linux/net.h>
#include <net/protocol.h>

#include "sock_callbacks.h"

/* CAN and IEEE 802.15.4 have a raw_sendmsg(), too, with other arguments. */
static unsigned long raw_sendmsg_address(void)
{
	struct socket *sock;
	unsigned long addr;

	if (sock_create_kern(&init_net, AF_INET, SOCK_RAW, IPPROTO_RAW, &sock))
		return 0;
	addr = (unsigned long)sock->sk->sk_prot->sendmsg;
	sock_release(sock);
	return addr;
}

static bool l2tp_ip_present(void)
{
	return rcu_access_pointer(inet_protos[IPPROTO_L2TP]);
}

static bool sctp_present(void)
{
	return rcu_access_pointer(inet_protos[IPPROTO_SCTP]);
}

#if IS_ENABLED(CONFIG_IPV6)
static bool l2tp_ip6_present(void)
{
	return rcu_access_pointer(inet6_protos[IPPROTO_L2TP]);
}
#endif

/* Where the module is not loaded, no rule can do what it is watched for. */
static bool never_present(void)
{
	return false;
}

#define CONNECT		BIT(SOCK_EVENT_CONNECT)
#define BIND		BIT(SOCK_EVENT_BIND)
#define ACCEPT		BIT(SOCK_EVENT_ACCEPT)

#define ALL		(CONNECT | BIND | ACCEPT)

#define FLOW_PUT	BIT(SOCK_HOOKS_FLOW_PUT)
#define FLOW_FIX	BIT(SOCK_HOOKS_FLOW_FIX)

#define HOOK_POINT(_function, _uses, _callback, ...) {			\
	.function = _function,						\
	.uses = _uses,							\
	.callback = _callback,						\
	__VA_ARGS__							\
}

static struct hook_point hook_points[] = {
	HOOK_POINT("security_socket_connect", CONNECT | FLOW_FIX, on_connect),
	HOOK_POINT("security_socket_bind", BIND, on_bind),
	HOOK_POINT("security_socket_listen", BIND | ACCEPT | FLOW_FIX, on_listen),
	HOOK_POINT("security_socket_accept", ACCEPT, on_accept),
	HOOK_POINT("inet_csk_get_port", BIND, on_get_port),
	HOOK_POINT("udp_v4_get_port", BIND, on_get_port),
#if IS_ENABLED(CONFIG_IPV6)
	HOOK_POINT("udp_v6_get_port", BIND, on_get_port),
#endif
	HOOK_POINT("security_inet_conn_request",
		   ACCEPT | CONNECT | FLOW_PUT | FLOW_FIX, on_conn_request),

	/* MPTCP's further subflows, and what is below an SMC socket. */
	HOOK_POINT("kernel_connect", CONNECT | FLOW_PUT, on_kernel_connect),
	HOOK_POINT("kernel_bind", BIND, on_kernel_bind),
	HOOK_POINT("kernel_listen", BIND | FLOW_PUT, on_kernel_listen),

	HOOK_POINT("tcp_sendmsg_fastopen", CONNECT | FLOW_FIX, on_fastopen),
	HOOK_POINT("udp_sendmsg", CONNECT | FLOW_FIX, on_send_udp),
	HOOK_POINT("raw_sendmsg", CONNECT | FLOW_FIX, on_send_ipv4,
		   .find = raw_sendmsg_address),
	HOOK_POINT("ping_v4_sendmsg", CONNECT | FLOW_FIX, on_send_ipv4),
	HOOK_POINT("l2tp_ip_sendmsg", CONNECT | FLOW_FIX, on_send_ipv4,
		   .module = "l2tp_ip", .present = l2tp_ip_present),
#if IS_ENABLED(CONFIG_IPV6)
	HOOK_POINT("udpv6_sendmsg", CONNECT | FLOW_FIX, on_send_udp6),
	HOOK_POINT("rawv6_sendmsg", CONNECT | FLOW_FIX, on_send_ipv6),
	HOOK_POINT("ping_v6_sendmsg", CONNECT | FLOW_FIX, on_send_ping6),
	HOOK_POINT("l2tp_ip6_sendmsg", CONNECT | FLOW_FIX, on_send_ipv6,
		   .module = "l2tp_ip6", .present = l2tp_ip6_present),

	/* Where addresses of IPv6 and of IPv4 meet in one socket. */
	HOOK_POINT("__ip6_datagram_connect", CONNECT, on_mixed_connect),
	HOOK_POINT("ip6_append_data", CONNECT, on_cork6),
	HOOK_POINT("ip_append_data", CONNECT, on_cork4),
#endif

	HOOK_POINT("rxrpc_sendmsg", CONNECT, on_send_rxrpc,
		   .module = "rxrpc", .present = never_present),

	HOOK_POINT("security_sctp_bind_connect", BIND | CONNECT,
		   on_sctp_address),
	HOOK_POINT("security_sctp_assoc_request", ACCEPT | CONNECT, on_sctp_request),
	HOOK_POINT("sctp_hash_endpoint", BIND, on_sctp_listen,
		   .module = "sctp", .present = sctp_present),
	HOOK_POINT("sctp_assoc_add_peer", CONNECT | ACCEPT, on_sctp_peer,
		   .module = "sctp", .present = sctp_present),

	/* What sends a packet elsewhere than to the address of the call. */
	HOOK_POINT("__ip_options_compile", CONNECT, on_ipv4_options),
#if IS_ENABLED(CONFIG_IPV6)
	HOOK_POINT("ipv6_renew_options", CONNECT, on_ipv6_option),
	HOOK_POINT("ip6_datagram_send_ctl", CONNECT | FLOW_FIX, on_ipv6_control),
#endif

	/* Where sockets are made, and would lose their class id. */
	HOOK_POINT("security_socket_post_create", FLOW_PUT, on_made),
	HOOK_POINT("security_inet_csk_clone", FLOW_PUT | FLOW_FIX, on_cloned),
	HOOK_POINT("security_sctp_sk_clone", FLOW_PUT, on_sctp_cloned),
	HOOK_POINT("tcp_set_ulp", FLOW_PUT, on_ulp),
	HOOK_POINT("__receive_sock", FLOW_PUT, on_received),

	/* Where programs change their flow ids. */
	HOOK_POINT("security_socket_setsockopt", FLOW_FIX, on_option),
	HOOK_POINT("sock_cmsg_send", FLOW_FIX, on_control),
	HOOK_POINT("ip_cmsg_send", FLOW_FIX, on_control),

	/* The answers of nft's "reject" to event packets. */
	HOOK_POINT("nf_send_reset", ALL, on_reset,
		   .module = "nf_reject_ipv4", .present = never_present),
	HOOK_POINT("nf_send_unreach", ALL, on_unreach,
		   .module = "nf_reject_ipv4", .present = never_present),
	HOOK_POINT("nf_send_reset6", ALL, on_reset,
		   .module = "nf_reject_ipv6", .present = never_present),
	HOOK_POINT("nf_send_unreach6", ALL, on_unreach6,
		   .module = "nf_reject_ipv6", .present = never_present),

	/* Its "fwd" and "dup", of event packets. */
	HOOK_POINT("nf_fwd_netdev_egress", ALL, on_fwd,
		   .module = "nf_dup_netdev", .present = never_present),
	HOOK_POINT("nf_dup_netdev_egress", ALL, on_dup,
		   .module = "nf_dup_netdev", .present = never_present),
	HOOK_POINT("skb_expand_head", ALL, on_expand),
	HOOK_POINT("neigh_xmit", ALL, on_neigh_xmit),

	/* Flowtables, to which one may look like a flow's packet. */
	HOOK_POINT("nf_flow_offload_ip_hook", ALL, on_flow,
		   .module = "nf_flow_table", .present = never_present),
	HOOK_POINT("nf_flow_offload_ipv6_hook", ALL, on_flow,
		   .module = "nf_flow_table", .present = never_present),

	/* Xtables' TEE of them. */
	HOOK_POINT("nf_dup_ipv4", ALL, on_tee,
		   .module = "nf_dup_ipv4", .present = never_present),
	HOOK_POINT("nf_dup_ipv6", ALL, on_tee,
		   .module = "nf_dup_ipv6", .present = never_present),

	/* SYNPROXY's answer to them. */
	HOOK_POINT("synproxy_send_client_synack", ALL, on_tee,
		   .module = "nf_synproxy_core", .present = never_present),
#if IS_ENABLED(CONFIG_IPV6)
	HOOK_POINT("synproxy_send_client_synack_ipv6", ALL, on_tee,
		   .module = "nf_synproxy_core", .present = never_present),
#endif
};

#endif
