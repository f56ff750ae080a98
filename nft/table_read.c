// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reads the policies from the nft table. Its map EVENT_events leads from an id to
 * the chain EVENT_SHARD_SIDE or, if the rest is denied, EVENT_SHARD_SIDE_deny; the
 * maps EVENT_SHARD_SIDE_ip and _ip6 have the tuples.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "table.h"
#include "table_json.h"

/**
 * table_state() - look at the table before it is changed
 * @nft: open
 * @state: filled in
 * @err: why it failed
 *
 * Return: 0 or a negative errno.
 */
int table_state(struct nftables *nft, struct table_state *state,
		struct ctid_err *err)
{
	json_t *objects, *version;
	int ret;

	*state = (struct table_state){ .exists = false };
	ret = nftables_list(nft, "list set " TABLE " version", &objects, err);
	if (ret == -ENOENT)
		return 0;
	if (ret)
		return ret;
	version = table_plain(json_array_get(table_elements(objects), 0));
	if (json_is_integer(version)) {
		state->exists = true;
		state->version = (uint32_t)json_integer_value(version);
	} else {
		ret = table_foreign("version", err);
	}
	json_decref(objects);
	return ret;
}

/* In JSON an address, a prefix or a range; tuple_parse() reads all that. */
static int take_addr(json_t *value, struct box *box, enum tuple_family family)
{
	json_t *prefix = json_object_get(value, "prefix");
	json_t *list = json_object_get(value, "range");
	struct ctid_err ignored;
	char text[TUPLE_TEXT];
	struct tuple tuple;

	if (prefix)
		snprintf(text, sizeof(text), "%.50s/%d",
			 json_string_value(json_object_get(prefix, "addr")) ?: "",
			 (int)json_integer_value(json_object_get(prefix, "len")));
	else if (list)
		snprintf(text, sizeof(text), "%.50s-%.50s",
			 json_string_value(json_array_get(list, 0)) ?: "",
			 json_string_value(json_array_get(list, 1)) ?: "");
	else
		snprintf(text, sizeof(text), "%.50s",
			 json_string_value(value) ?: "");
	if (tuple_parse(&tuple, "any", text, &ignored) || !tuple.has[family] ||
	    tuple.has[!family])
		return -EPROTO;
	memcpy(box->addr, tuple.box[family].addr, sizeof(box->addr));
	return 0;
}

/* {"goto": {"target": "EVENT_denied"}} */
static bool is_denial(json_t *verdict)
{
	const char *chain = json_string_value(json_object_get(
				json_object_get(verdict, "goto"), "target"));
	const char *end = chain ? strchr(chain, '_') : NULL;

	return end && !strcmp(end, TABLE_DENIED);
}

/* [{"concat": [MARK, PROTO, ADDR, PORT]}, {"accept": null} or a denial] */
static int take_box(json_t *element, enum tuple_family family, uint32_t *id,
		    struct box *box)
{
	json_t *concat = json_object_get(table_plain(json_array_get(element, 0)),
					 "concat");
	json_t *verdict = json_array_get(element, 1);
	json_int_t mark[2], proto[2], port[2];

	if (table_number(json_array_get(concat, 0), UINT32_MAX, mark) ||
	    table_number(json_array_get(concat, 1), UINT8_MAX, proto) ||
	    take_addr(json_array_get(concat, 2), box, family) ||
	    table_number(json_array_get(concat, 3), UINT16_MAX, port))
		return -EPROTO;
	*id = (uint32_t)mark[0];
	box->proto[0] = (uint8_t)proto[0];
	box->proto[1] = (uint8_t)proto[1];
	box->port[0] = (uint16_t)port[0];
	box->port[1] = (uint16_t)port[1];
	box->permit = json_object_get(verdict, "accept");
	return box->permit || is_denial(verdict) ? 0 : -EPROTO;
}

/* [ID, {"goto": {"target": "EVENT_SHARD_SIDE_deny"}}] */
static int take_rest(json_t *element, uint32_t *id, enum policy_rest *rest,
		     uint32_t *side)
{
	json_t *verdict = json_object_get(json_array_get(element, 1), "goto");
	unsigned int shard, number;
	json_int_t mark[2];
	const char *chain;
	char event[16];
	int end = 0;

	chain = json_string_value(json_object_get(verdict, "target"));
	if (!chain || table_number(table_plain(json_array_get(element, 0)), UINT32_MAX,
				  mark))
		return -EPROTO;
	*id = (uint32_t)mark[0];
	if (sscanf(chain, "%15[a-z]_%u_%u%n", event, &shard, &number, &end) != 3 ||
	    shard != table_shard(*id))
		return -EPROTO;
	*side = number;
	*rest = chain[end] ? REST_DENY : REST_ACCEPT;
	return chain[end] && strcmp(chain + end, TABLE_DENY) ? -EPROTO : 0;
}

/**
 * struct rest_reading - what is read of the map that all begins at
 * @policy: has the id, and learns its rest
 * @event: of this event
 * @place: learns where the tuples are and may go
 * @seen: there is a policy, whoever has it
 * @neighbour: one of a container of the same shard
 */
struct rest_reading {
	struct policy *policy;
	enum policy_event event;
	struct table_place *place;
	bool seen, neighbour;
};

static int read_rest_of(json_t *element, void *data, struct ctid_err *err)
{
	struct rest_reading *reading = data;
	enum policy_rest rest;
	uint32_t id, side;

	(void)err;
	if (take_rest(element, &id, &rest, &side))
		return -EPROTO;
	if (id == reading->policy->id) {
		reading->policy->event[reading->event].rest = rest;
		reading->place->now = side;
	}
	if (!reading->neighbour)
		reading->place->next = side;
	reading->seen = true;
	reading->neighbour |= table_shard(id) == table_shard(reading->policy->id);
	return 0;
}

/* Where the container is, or where its neighbours are, or at least others. */
static int read_rest(struct nftables *nft, struct table_place *place,
		     struct policy *policy, enum policy_event event,
		     bool *seen, struct ctid_err *err)
{
	struct rest_reading reading = {
		.policy = policy,
		.event = event,
		.place = place,
	};
	char map[TABLE_SET];
	int ret;

	snprintf(map, sizeof(map), "map %s" TABLE_START, policy_event_name(event));
	ret = table_each_element(nft, map, read_rest_of, &reading, err);
	*seen = reading.seen;
	if (policy->event[event].rest != REST_NONE)
		place->next = place->now ^ 1;
	return ret == -ENOENT ? 0 : ret;
}

/**
 * struct boxes_reading - whose tuples are read
 * @id: these, of all that are in a map
 * @family: the map's family
 * @boxes: filled in
 */
struct boxes_reading {
	uint32_t id;
	enum tuple_family family;
	struct boxes *boxes;
};

static int read_box(json_t *element, void *data, struct ctid_err *err)
{
	const struct boxes_reading *reading = data;
	struct box box;
	uint32_t id;
	int ret;

	if (take_box(element, reading->family, &id, &box))
		return -EPROTO;
	if (id != reading->id)
		return 0;
	ret = boxes_append(reading->boxes, &box);
	return ret ? err_set(err, -ret, "container %u: too many tuples", id) : 0;
}

static int read_boxes(struct nftables *nft, uint32_t wanted,
		      enum policy_event event, enum tuple_family family,
		      uint32_t side, bool *has, struct boxes *boxes,
		      struct ctid_err *err)
{
	struct boxes_reading reading = {
		.id = wanted,
		.family = family,
		.boxes = boxes,
	};
	char map[TABLE_SET];
	int ret;

	snprintf(map, sizeof(map), "map %s_%u_%u_%s", policy_event_name(event),
		 table_shard(wanted), side, table_family(family));
	ret = table_each_element(nft, map, read_box, &reading, err);
	*has = ret != -ENOENT;
	boxes_sort(boxes);
	return ret == -ENOENT ? 0 : ret;
}

static int read_event(struct nftables *nft, struct table_place *place,
		      struct policy *policy, enum policy_event event,
		      struct ctid_err *err)
{
	struct event_policy *of = &policy->event[event];
	enum tuple_family family;
	int ret = 0;

	for (family = 0; family < TUPLE_FAMILIES && !ret; family++) {
		if (of->rest != REST_NONE)
			ret = read_boxes(nft, policy->id, event, family,
					 place->now, &place->has_now[family],
					 &of->boxes[family], err);
		if (!ret)
			ret = read_boxes(nft, policy->id, event, family,
					 place->next, &place->has_next[family],
					 &place->left[family], err);
	}
	return ret;
}

/**
 * table_changed() - has somebody changed the table?
 * @nft: open
 * @state: what it was
 *
 * Return: true if it is known to be another one.
 */
bool table_changed(struct nftables *nft, const struct table_state *state)
{
	struct table_state now;
	struct ctid_err ignored;

	return !table_state(nft, &now, &ignored) && !table_same(&now, state);
}

/**
 * table_state_clear() - forget a state
 * @state: of table_state(), and perhaps of table_read_one()
 */
void table_state_clear(struct table_state *state)
{
	enum policy_event event;
	enum tuple_family family;

	for (event = 0; event < POLICY_EVENTS; event++)
		for (family = 0; family < TUPLE_FAMILIES; family++)
			boxes_free(&state->place[event].left[family]);
}

/**
 * table_read_one() - read a container's policy
 * @nft: open
 * @state: of table_state(); learns where the tuples are
 * @policy: has the id, and is empty; filled in and sorted, also if it fails
 * @err: why it failed
 *
 * Return: 0, also if there is none, or a negative errno.
 */
int table_read_one(struct nftables *nft, struct table_state *state,
		   struct policy *policy, struct ctid_err *err)
{
	struct table_place *place = state->place;
	bool seen[POLICY_EVENTS] = { false };
	enum policy_event event, other;
	int ret = 0;

	for (event = 0; event < POLICY_EVENTS && !ret; event++) {
		ret = read_rest(nft, &place[event], policy, event, &seen[event],
				err);
		if (!ret)
			ret = table_read_audit(nft, policy, event, err);
	}
	for (event = 0; event < POLICY_EVENTS && !ret; event++) {
		for (other = 0; other < POLICY_EVENTS && !seen[event]; other++)
			if (seen[other])
				place[event].next = place[other].next;
		ret = read_event(nft, &place[event], policy, event, err);
	}
	return ret;
}

/**
 * struct map_name - what a map is for
 * @event: its event
 * @start: it is EVENT_events, else EVENT_SHARD_SIDE_FAMILY
 * @side: the side
 * @family: the family
 */
struct map_name {
	enum policy_event event;
	bool start;
	uint32_t side;
	enum tuple_family family;
};

/* Returns false for other names. */
static bool split_name(const char *name, struct map_name *to)
{
	unsigned int shard, side;
	char event[16];
	int end = 0;

	if (sscanf(name, "%15[a-z]%n", event, &end) != 1 ||
	    policy_event_parse(event, &to->event))
		return false;
	to->start = !strcmp(name + end, TABLE_START);
	if (to->start)
		return true;
	name += end;
	end = 0;
	if (sscanf(name, "_%u_%u_%n", &shard, &side, &end) != 2 || !end)
		return false;
	to->side = side;
	to->family = strcmp(name + end, table_family(TUPLE_IPV6)) ? TUPLE_IPV4 :
								   TUPLE_IPV6;
	return !strcmp(name + end, table_family(to->family));
}

static int take_start(struct policies *policies, json_t *element,
		      const struct map_name *map)
{
	enum policy_rest rest;
	struct policy *policy;
	uint32_t id, side;
	int ret;

	ret = take_rest(element, &id, &rest, &side);
	if (ret)
		return ret;
	policy = policies_get(policies, id);
	if (!policy)
		return -ENOMEM;
	policy->event[map->event].rest = rest;
	policy->event[map->event].side = side;
	return 0;
}

/* What is on another side is left over. */
static int take_tuple(struct policies *policies, json_t *element,
		      const struct map_name *map)
{
	struct event_policy *of;
	struct policy *policy;
	struct box box;
	uint32_t id;
	int ret;

	ret = take_box(element, map->family, &id, &box);
	if (ret)
		return ret;
	policy = policies_get(policies, id);
	if (!policy)
		return -ENOMEM;
	of = &policy->event[map->event];
	if (of->rest == REST_NONE || of->side != map->side)
		return 0;
	return boxes_append(&of->boxes[map->family], &box);
}

static int take_map(struct policies *policies, json_t *map, bool start,
		    struct ctid_err *err)
{
	const char *name = json_string_value(json_object_get(map, "name"));
	struct map_name parts;
	json_t *element;
	size_t i;
	int ret;

	if (!name || !split_name(name, &parts) || parts.start != start)
		return 0;
	json_array_foreach(json_object_get(map, "elem"), i, element) {
		ret = start ? take_start(policies, element, &parts) :
			      take_tuple(policies, element, &parts);
		if (ret == -EPROTO)
			return table_foreign(name, err);
		if (ret)
			return err_set(err, -ret, "out of memory");
	}
	return 0;
}

/* First where the containers are, then what they have there. */
static int take_maps(struct policies *policies, json_t *objects, bool start,
		     struct ctid_err *err)
{
	json_t *object, *map;
	int ret = 0;
	size_t i;

	json_array_foreach(objects, i, object) {
		map = json_object_get(object, "map");
		ret = map ? take_map(policies, map, start, err) : 0;
		if (ret)
			break;
	}
	return ret;
}

/**
 * table_read_all() - read all policies
 * @nft: open
 * @policies: empty; filled in and sorted
 * @err: why it failed
 *
 * Return: 0, also if there is no table, or a negative errno.
 */
int table_read_all(struct nftables *nft, struct policies *policies,
		   struct ctid_err *err)
{
	json_t *objects;
	int ret;

	ret = nftables_list(nft, "list table " TABLE, &objects, err);
	if (ret)
		return ret == -ENOENT ? 0 : ret;
	ret = take_maps(policies, objects, true, err);
	if (!ret)
		ret = take_maps(policies, objects, false, err);
	if (!ret)
		ret = table_take_audits(policies, objects, err);
	json_decref(objects);
	policies_sort(policies);
	return ret;
}
