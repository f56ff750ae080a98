/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef ABI_H
#define ABI_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

/*
 * abifuzz TARGET SEED COUNT [FIRST]: gives the kernel COUNT inputs of a kind. An input
 * is made of the seed and its number alone.
 */

/**
 * struct target - a part of the kernel's ABI
 * @name: what it is called on the command line
 * @what: what its inputs are
 * @start: called before the first input, or NULL
 * @one: gives it one input; 0, or a positive errno, is what came of it
 * @stop: called after the last
 */
struct target {
	const char *name;
	const char *what;
	void (*start)(void);
	int (*one)(void);
	void (*stop)(void);
};

extern const struct target genl_target, table4_target, table6_target, nft_target;

/* main.c: randomness, of the input's own. */
uint64_t any(void);
uint32_t below(uint32_t n);
bool chance(uint32_t percent);
uint32_t number(void);
void bytes(void *to, size_t size);
void mutate(void *data, size_t size, unsigned int times);
void die(const char *what) __attribute__((noreturn));

/** One of an array. */
#define pick(_array)	((_array)[below(sizeof(_array) / sizeof(*(_array)))])

/* call.c: socket calls, with and without rules that deny all of them. */
int calls(uint64_t seed, uint64_t count, uint64_t first, const char *free_cgroup,
	  const char *denied_cgroup);
void seed_input(uint64_t seed, uint64_t i);

/* control.c: a control message's data, of the level @of more often than others if >= 0. */
#define CONTROL_MAX	64
#define SOL_RXRPC_	272
#define V4_ADDRESSES	7
struct in6_addr;
extern const uint32_t v4_addresses[V4_ADDRESSES];
void v6_address(struct in6_addr *addr);
size_t any_control(int of, int *level, int *type, unsigned char data[CONTROL_MAX]);

/*
 * A sequence is what a socket is made to do, in words (kept/sequences has them). Those
 * of the denied cgroup may reach some peers and ports, and nothing else.
 */
#define SEQUENCE_MAX	4096

/**
 * struct socket_kind - a kind of sockets
 * @name: its name in a sequence
 * @domain: for socket()
 * @type: the same
 * @proto: the same
 * @family: of its addresses
 * @level: of its own options and control messages
 * @ports: rules see its ports
 */
struct socket_kind {
	const char *name;
	int domain, type, proto;
	int family;
	int level;
	bool ports;
};

/* kinds.c */
#define AF_RXRPC_	33
#define AF_SMC_		43
#define SOCK_DCCP_	6
const struct socket_kind *socket_kind(const char *name);
const struct socket_kind *any_kind(void);
bool parse_address(const struct socket_kind *kind, const char *text,
		   struct sockaddr_storage *addr, socklen_t *len);
void wrap_address(struct sockaddr_storage *addr, socklen_t *len);
size_t parse_hex(const char *text, void *data, size_t size);

/* grammar.c */
void make_sequence(char text[SEQUENCE_MAX]);

/* permitted.c: the rules, as debug/abi.inc has them. */
bool peer_is_permitted(const struct sockaddr *addr, bool ports);
bool local_is_permitted(const struct sockaddr *addr, bool ports);
bool guest_is_permitted(const struct sockaddr *addr);
bool packet_is_permitted(const unsigned char *packet, size_t len, bool ports);

/* outside.c: peers that nothing is denied. */
#define OUTSIDE_PORT	3000	/* and 999 more: where they connect from */
int outside_start(void);
bool outside_connects(int outside, const struct socket_kind *kind, const char *from,
		      const struct sockaddr_storage *to, socklen_t len);

/* What a sequence reached that rules deny. */
#define REACHED_PEER	1	/* it is the socket's peer */
#define REACHED_LOCAL	2	/* the socket is bound there */
#define REACHED_PACKET	4	/* a packet went there */
#define REACHED_GUEST	8	/* one came in from there */

/**
 * struct played - what came of a sequence
 * @no_socket: there is none of its kind here
 * @reached: REACHED_*
 * @at: the word that did, from 1 on
 * @went: how many words succeeded
 */
struct played {
	uint8_t no_socket;
	uint8_t reached;
	uint8_t at;
	uint8_t went;
};

/* play.c */
void play(const char *text, int sniffer, int outside, struct played *played);

/* look.c */
bool saw_packet(int sniffer, bool ports);
bool has_denied_peer(int fd, const struct socket_kind *kind,
		     const struct sockaddr_storage *guest);
bool has_denied_local(int fd, const struct socket_kind *kind);

/* sequences.c: sequences, free and denied, of a seed or of a file. */
int sequences(uint64_t seed, uint64_t count, uint64_t first, const char *free_cgroup,
	      const char *denied_cgroup);
int replay(const char *file, const char *free_cgroup, const char *denied_cgroup);
int reach(const char *file, const char *cgroup);

#endif /* ABI_H */
