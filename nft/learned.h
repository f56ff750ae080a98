/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef CTID_LEARNED_H
#define CTID_LEARNED_H

#include <stdio.h>

#include "policy.h"

/**
 * struct sighting - what an event was about, in the terms of tuples
 * @event: the event
 * @proto: its protocol
 * @family: the family of @addr
 * @addr: the peer's address; of a bind the socket's own
 * @port: the peer's port; of a bind or an accept the socket's own
 */
struct sighting {
	enum policy_event event;
	uint8_t proto;
	enum tuple_family family;
	uint8_t addr[BOX_ADDR_SIZE];
	uint16_t port;
};

/** More of one event are not kept, as containers decide how many there are. */
#define SIGHTINGS_MAX	(1U << 17)

/**
 * struct sightings - all that was seen, each once
 * @at: the sightings
 * @n: how many
 * @room: how many there is memory for
 * @tree: by content, of <search.h>
 * @of: how many there are of each event
 * @full: there were more of it
 */
struct sightings {
	struct sighting **at;
	size_t n, room;
	void *tree;
	size_t of[POLICY_EVENTS];
	bool full[POLICY_EVENTS];
};

/**
 * struct learn_limits - how far a permit may go beyond what was seen
 * @prefix: addresses that have so many bits in common may be put together
 * @ports: ports of so wide a range may be
 */
struct learn_limits {
	unsigned int prefix[TUPLE_FAMILIES];
	uint32_t ports;
};

/** No further than what was seen. */
#define LEARN_EXACTLY	((struct learn_limits){ .prefix = { 32, 128 }, .ports = 1 })

int sightings_add(struct sightings *sightings, const struct sighting *sighting);
void sightings_free(struct sightings *sightings);
int learn(struct policy *policy, struct sightings *sightings,
	  const struct learn_limits *limits);
void learned_put_nft(FILE *to, const struct policy *policy);

#endif /* CTID_LEARNED_H */
