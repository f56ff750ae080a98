// SPDX-License-Identifier: GPL-2.0-only
/*
 * The nft commands that changes of the table are made of. What a change needs of
 * maps and chains is written along with it, so that a table in which something
 * was missing is whole again.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <linux/membarrier.h>

#include "device.h"
#include "table.h"

static const char *const family_names[TUPLE_FAMILIES] = {
	[TUPLE_IPV4] = "ip",
	[TUPLE_IPV6] = "ip6",
};

/**
 * table_family() - what nft calls a family
 * @family: the family
 *
 * Return: its name, at which the names of its maps end, too.
 */
const char *table_family(enum tuple_family family)
{
	return family_names[family];
}

/* Whose address, and which port, a tuple is about. The address of an accept is
 * the peer's, the port is ours, as the peer's means nothing.
 */
static const char *addr_field(enum policy_event event)
{
	return event == POLICY_ACCEPT ? "saddr" : "daddr";
}

/* A log of what a program does all the time helps nobody. */
static void put_denied(FILE *to, const char *name)
{
	fprintf(to,
		"add set " TABLE " %s" TABLE_AUDIT " { type mark; counter; }\n"
		"add chain " TABLE " %s" TABLE_AUDITED "\n"
		"flush chain " TABLE " %s" TABLE_AUDITED "\n"
		"add rule " TABLE " %s" TABLE_AUDITED " limit rate 10/second burst 50 packets log prefix \"ctid audit %s: \"\n"
		"add rule " TABLE " %s" TABLE_AUDITED " accept\n",
		name, name, name, name, name, name);
	fprintf(to,
		"add chain " TABLE " %s" TABLE_DENIED "\n"
		"flush chain " TABLE " %s" TABLE_DENIED "\n"
		"add rule " TABLE " %s" TABLE_DENIED " meta mark @%s" TABLE_AUDIT " goto %s" TABLE_AUDITED "\n"
		"add rule " TABLE " %s" TABLE_DENIED " drop\n",
		name, name, name, name, name, name);
}

/**
 * table_put_event() - write what brings an event to the policies
 * @to: where to
 * @event: the event
 * @again: the chain is on the wrong device, and is to be made again
 */
void table_put_event(FILE *to, enum policy_event event, bool again)
{
	const char *name = policy_event_name(event);
	char device[DEVICE_NAME];

	device_name(device, event);
	if (again)
		fprintf(to,
			"flush chain " TABLE " %s" TABLE_START "\n"
			"delete chain " TABLE " %s" TABLE_START "\n", name, name);
	put_denied(to, name);
	fprintf(to,
		"add map " TABLE " %s" TABLE_START " { type mark : verdict; }\n"
		"add chain " TABLE " %s" TABLE_START " { type filter hook ingress device \"%s\" priority filter; policy accept; }\n"
		"flush chain " TABLE " %s" TABLE_START "\n"
		"add rule " TABLE " %s" TABLE_START " meta mark vmap @%s" TABLE_START "\n",
		name, name, device, name, name, name);
}

/**
 * table_put_shard() - write the chains and maps of a shard
 * @to: where to
 * @event: the event
 * @shard: the shard
 * @side: the side
 * @has: which maps there are, and are needed
 */
void table_put_shard(FILE *to, enum policy_event event, uint32_t shard,
		     uint32_t side, const bool has[TUPLE_FAMILIES])
{
	enum tuple_family family;
	char name[TABLE_NAME];

	snprintf(name, sizeof(name), "%s_%u_%u", policy_event_name(event),
		 shard, side);
	fprintf(to,
		"add chain " TABLE " %s\n"
		"add chain " TABLE " %s" TABLE_DENY "\n"
		"flush chain " TABLE " %s\n"
		"flush chain " TABLE " %s" TABLE_DENY "\n",
		name, name, name, name);
	for (family = 0; family < TUPLE_FAMILIES; family++) {
		if (!has[family])
			continue;
		fprintf(to,
			"add map " TABLE " %s_%s { type mark . inet_proto . %s . inet_service : verdict; flags interval; }\n"
			"add rule " TABLE " %s meta mark . meta l4proto . %s %s . th dport vmap @%s_%s\n",
			name, family_names[family],
			family == TUPLE_IPV4 ? "ipv4_addr" : "ipv6_addr",
			name, family_names[family], addr_field(event),
			name, family_names[family]);
	}
	fprintf(to,
		"add rule " TABLE " %s" TABLE_DENY " jump %s\n"
		"add rule " TABLE " %s" TABLE_DENY " goto %s" TABLE_DENIED "\n",
		name, name, name, policy_event_name(event));
}

/* The ports are always a range: nft 1.0.6 does not find an element again, to
 * delete it, if nothing in it is one.
 */
static void put_key(FILE *to, uint32_t id, const struct box *box,
		    enum tuple_family family)
{
	char addr[TUPLE_TEXT];

	tuple_format_addr(addr, box, family);
	fprintf(to, "%u . ", id);
	if (box->proto[0] == box->proto[1])
		fprintf(to, "%u", box->proto[0]);
	else
		fprintf(to, "%u-%u", box->proto[0], box->proto[1]);
	fprintf(to, " . %s . %u-%u", addr, box->port[0], box->port[1]);
}

static void put_family(FILE *to, const char *verb, uint32_t id,
		       enum policy_event event, uint32_t side,
		       enum tuple_family family, const struct boxes *boxes,
		       const struct boxes *others)
{
	const char *separator = NULL;
	size_t i, j = 0;

	for (i = 0; i < boxes->n; i++) {
		const struct box *box = &boxes->box[i];

		while (j < others->n && box_compare(&others->box[j], box) < 0)
			j++;
		if (j < others->n && !box_compare(&others->box[j], box))
			continue;
		if (!separator) {
			fprintf(to, "%s element " TABLE " %s_%u_%u_%s { ", verb,
				policy_event_name(event), table_shard(id), side,
				family_names[family]);
			separator = "";
		}
		fputs(separator, to);
		put_key(to, id, box, family);
		if (box->permit)
			fputs(" : accept", to);
		else
			fprintf(to, " : goto %s" TABLE_DENIED,
				policy_event_name(event));
		separator = ", ";
	}
	if (separator)
		fputs(" }\n", to);
}

/**
 * table_put_boxes() - add or delete tuples
 * @to: where to
 * @verb: "add" or "delete"; for one transaction all that go come first, since an
 *	element of an interval map is what lies where it begins
 * @id: whose they are
 * @event: the event
 * @side: the side
 * @boxes: the tuples, sorted
 * @others: but these, sorted; or NULL
 */
void table_put_boxes(FILE *to, const char *verb, uint32_t id,
		     enum policy_event event, uint32_t side,
		     const struct boxes boxes[TUPLE_FAMILIES],
		     const struct boxes others[TUPLE_FAMILIES])
{
	static const struct boxes none;
	enum tuple_family family;

	for (family = 0; family < TUPLE_FAMILIES; family++)
		put_family(to, verb, id, event, side, family, &boxes[family],
			   others ? &others[family] : &none);
}

/**
 * table_put_goto() - write the element that leads a container's events to its tuples
 * @to: where to
 * @id: the container
 * @event: the event
 * @side: the side where its tuples are
 * @rest: what becomes of others
 */
void table_put_goto(FILE *to, uint32_t id, enum policy_event event,
		    uint32_t side, enum policy_rest rest)
{
	fprintf(to, "%u : goto %s_%u_%u%s", id, policy_event_name(event),
		table_shard(id), side, rest == REST_DENY ? TABLE_DENY : "");
}

/**
 * table_put_audit() - begin or end to audit a container
 * @to: where to
 * @verb: "add" or "delete"
 * @id: the container
 * @event: the event
 */
void table_put_audit(FILE *to, const char *verb, uint32_t id,
		     enum policy_event event)
{
	fprintf(to, "%s element " TABLE " %s" TABLE_AUDIT " { %u }\n", verb,
		policy_event_name(event), id);
}

/**
 * table_need() - note which maps are needed
 * @has: the maps that there are
 * @boxes: the tuples, by family
 */
void table_need(bool has[TUPLE_FAMILIES], const struct boxes *boxes)
{
	enum tuple_family family;

	for (family = 0; family < TUPLE_FAMILIES; family++)
		has[family] |= boxes[family].n > 0;
}

/*
 * The one element of the set "version" is another one after each transaction,
 * which deletes the one that was read. So a transaction fails if others were
 * faster. "add table" wakes a dormant table.
 */
static int put_version(FILE *to, const struct table_state *state,
		       uint32_t *version)
{
	if (getrandom(version, sizeof(*version), 0) != sizeof(*version))
		return -EIO;
	*version += state->exists && *version == state->version;
	if (state->exists)
		fprintf(to, "add table " TABLE "\n"
			"delete element " TABLE " version { %u }\n",
			state->version);
	else
		fputs("create table " TABLE " { comment \"kept by ctid(8)\"; }\n"
		      "add set " TABLE " version { type mark; }\n", to);
	fprintf(to, "add element " TABLE " version { %u }\n", *version);
	return 0;
}

/**
 * table_transaction() - change the table, if nobody else has
 * @nft: open
 * @state: what the change is based on; what the table is then
 * @put: writes the commands
 * @what: for @put
 * @err: why it failed
 *
 * Return: 0 or a negative errno, after which nothing has changed.
 */
int table_transaction(struct nftables *nft, struct table_state *state,
		      table_put put, const void *what, struct ctid_err *err)
{
	uint32_t version;
	size_t size;
	char *text;
	FILE *to;
	int ret;

	to = open_memstream(&text, &size);
	if (!to)
		return err_set(err, ENOMEM, "out of memory");
	ret = put_version(to, state, &version);
	put(to, what);
	/* Only then it is all in the text. */
	if (fclose(to))
		ret = -ENOMEM;
	if (ret)
		err_set(err, -ret, "cannot put the change together: %s",
			strerror(-ret));
	else
		ret = nftables_run(nft, text, err);
	free(text);
	if (!ret) {
		state->exists = true;
		state->version = version;
	}
	return ret;
}

/**
 * table_wait() - let those finish who look at what was in force a moment ago
 *
 * An event that was led to the old tuples before a transaction is still looking at
 * them after it. It does so in one RCU section, and this command waits for these,
 * except where the kernel runs without a tick; a long time has to do there.
 */
void table_wait(void)
{
	const struct timespec long_time = { .tv_nsec = 100000000 };

	if (syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0))
		nanosleep(&long_time, NULL);
}
