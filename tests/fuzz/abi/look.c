// SPDX-License-Identifier: GPL-2.0-only
/* What a socket has reached: packets that went out, its peers, and where it is bound. */
#include "abi.h"

#include <linux/if_packet.h>
#include <netinet/in.h>
#include <string.h>

#define SCTP_ASSOC_IDS		29
#define SCTP_PEER_ADDRS_	108
#define SCTP_LOCAL_ADDRS_	109

/* Has a packet gone out to where none may go? */
bool saw_packet(int sniffer, bool ports)
{
	static unsigned char packet[256];
	struct sockaddr_ll from;
	socklen_t len = sizeof(from);
	bool saw = false;
	ssize_t got;

	while ((got = recvfrom(sniffer, packet, sizeof(packet), MSG_DONTWAIT, (void *)&from,
			       &len)) >= 0) {
		if (from.sll_pkttype == PACKET_OUTGOING &&
		    !packet_is_permitted(packet, (size_t)got, ports))
			saw = true;
		len = sizeof(from);
	}
	return saw;
}

/* Where one socket has many peers, some of them have come by themselves. */
static bool any_peer_is_permitted(const struct sockaddr *addr, bool ports)
{
	uint16_t port = ntohs(((const struct sockaddr_in *)addr)->sin_port);

	return peer_is_permitted(addr, ports) ||
	       (port >= OUTSIDE_PORT && port < OUTSIDE_PORT + 1000 && guest_is_permitted(addr));
}

/* SCTP's addresses are packed. */
static bool sctp_has(int fd, int32_t assoc, int option,
		     bool (*is_permitted)(const struct sockaddr *addr, bool ports))
{
	struct {
		int32_t assoc;
		uint32_t n;
		char addrs[512];
	} all = { .assoc = assoc };
	socklen_t len = sizeof(all);
	const char *at = all.addrs;

	if (getsockopt(fd, IPPROTO_SCTP, option, &all, &len))
		return false;
	for (; all.n--; at += ((const struct sockaddr *)at)->sa_family == AF_INET6 ?
	     sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in))
		if (!is_permitted((const void *)at, true))
			return true;
	return false;
}

/* Where there can be many associations, each is asked. */
static bool sctp_has_peer(int fd)
{
	struct {
		uint32_t n;
		int32_t ids[64];
	} all = { 0 };
	socklen_t len = sizeof(all);

	if (getsockopt(fd, IPPROTO_SCTP, SCTP_ASSOC_IDS, &all, &len))
		return sctp_has(fd, 0, SCTP_PEER_ADDRS_, any_peer_is_permitted);
	while (all.n--)
		if (sctp_has(fd, all.ids[all.n], SCTP_PEER_ADDRS_,
			     any_peer_is_permitted))
			return true;
	return false;
}

/* @guest has come by itself. */
bool has_denied_peer(int fd, const struct socket_kind *kind,
		     const struct sockaddr_storage *guest)
{
	struct sockaddr_storage addr = { 0 };
	socklen_t len = sizeof(addr);

	if (guest->ss_family)
		return !getpeername(fd, (void *)&addr, &len) &&
		       memcmp(&addr, guest, sizeof(addr)) &&
		       !peer_is_permitted((void *)&addr, kind->ports);
	if (!getpeername(fd, (void *)&addr, &len) &&
	    !peer_is_permitted((void *)&addr, kind->ports))
		return true;
	return kind->proto == IPPROTO_SCTP && sctp_has_peer(fd);
}

/* To SCTP :: is all addresses that there are, but not to getsockname(). */
bool has_denied_local(int fd, const struct socket_kind *kind)
{
	struct sockaddr_storage addr = { 0 };
	socklen_t len = sizeof(addr);

	if (!getsockname(fd, (void *)&addr, &len) &&
	    !local_is_permitted((void *)&addr, kind->ports))
		return true;
	return kind->proto == IPPROTO_SCTP &&
	       sctp_has(fd, 0, SCTP_LOCAL_ADDRS_, local_is_permitted);
}
