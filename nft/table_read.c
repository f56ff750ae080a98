// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reads the policies from the nft table. Its map EVENT_events leads from an id to the chain EVENT_SHARD or, if the rest is denied, EVENT_SHARD_deny; the
 * maps EVENT_SHARD_ip and _ip6 have the tuples.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "table.h"

/* Room for a list command. */
#define COMMAND		96

#define DENY_SUFFIX	"_deny"

static int foreign(const char *what, struct ctid_err *err)
{
	return err_set(err, EPROTO,
		       "nft's table " TABLE " has something in \"%.60s\" that ctid did not write: see 'nft list table " TABLE "'",
		       what);
}

/* An element with a comment or a counter has its key one level deeper. */
static json_t *plain(json_t *key)
{
	json_t *elem = json_object_get(key, "elem");

	return elem ? json_object_get(elem, "val") : key;
}

/* The elements of the set or map that is the list's only one. */
static json_t *elements(json_t *objects)
{
	json_t *object, *set;
	size_t i;

	json_array_foreach(objects, i, object) {
		set = json_object_get(object, "map");
		if (!set)
			set = json_object_get(object, "set");
		if (set)
			return json_object_get(set, "elem");
	}
	return NULL;
}

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
	version = plain(json_array_get(elements(objects), 0));
	if (json_is_integer(version)) {
		state->exists = true;
		state->version = (uint32_t)json_integer_value(version);
	} else {
		ret = foreign("version", err);
	}
	json_decref(objects);
	return ret;
}

static int take_number(json_t *value, json_int_t max, json_int_t range[2])
{
	json_t *list = json_object_get(value, "range");
	json_t *first = list ? json_array_get(list, 0) : value;
	json_t *last = list ? json_array_get(list, 1) : value;

	if (!json_is_integer(first) || !json_is_integer(last))
		return -EPROTO;
	range[0] = json_integer_value(first);
	range[1] = json_integer_value(last);
	return range[0] < 0 || range[0] > range[1] || range[1] > max ? -EPROTO : 0;
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

/* [{"concat": [MARK, PROTO, ADDR, PORT]}, {"accept" or "drop": null}] */
static int take_box(json_t *element, enum tuple_family family, uint32_t *id,
		    struct box *box)
{
	json_t *concat = json_object_get(plain(json_array_get(element, 0)),
					 "concat");
	json_t *verdict = json_array_get(element, 1);
	json_int_t mark[2], proto[2], port[2];

	if (take_number(json_array_get(concat, 0), UINT32_MAX, mark) ||
	    take_number(json_array_get(concat, 1), UINT8_MAX, proto) ||
	    take_addr(json_array_get(concat, 2), box, family) ||
	    take_number(json_array_get(concat, 3), UINT16_MAX, port))
		return -EPROTO;
	*id = (uint32_t)mark[0];
	box->proto[0] = (uint8_t)proto[0];
	box->proto[1] = (uint8_t)proto[1];
	box->port[0] = (uint16_t)port[0];
	box->port[1] = (uint16_t)port[1];
	box->permit = json_object_get(verdict, "accept");
	return box->permit || json_object_get(verdict, "drop") ? 0 : -EPROTO;
}

/* [ID, {"goto": {"target": CHAIN}}] */
static int take_rest(json_t *element, uint32_t *id, enum policy_rest *rest)
{
	json_t *verdict = json_object_get(json_array_get(element, 1), "goto");
	const char *chain;
	json_int_t mark[2];
	size_t len;

	chain = json_string_value(json_object_get(verdict, "target"));
	if (!chain || take_number(plain(json_array_get(element, 0)), UINT32_MAX,
				  mark))
		return -EPROTO;
	*id = (uint32_t)mark[0];
	len = strlen(chain);
	*rest = len > strlen(DENY_SUFFIX) &&
		!strcmp(chain + len - strlen(DENY_SUFFIX), DENY_SUFFIX) ?
		REST_DENY : REST_ACCEPT;
	return 0;
}

static int read_rest(struct nftables *nft, struct policy *policy,
		     enum policy_event event, struct ctid_err *err)
{
	char command[COMMAND];
	enum policy_rest rest;
	json_t *objects, *element;
	uint32_t id;
	size_t i;
	int ret;

	snprintf(command, sizeof(command), "list map " TABLE " %s" TABLE_START,
		 policy_event_name(event));
	ret = nftables_list(nft, command, &objects, err);
	if (ret)
		return ret == -ENOENT ? 0 : ret;
	json_array_foreach(elements(objects), i, element) {
		ret = take_rest(element, &id, &rest);
		if (ret) {
			ret = foreign(policy_event_name(event), err);
			break;
		}
		if (id == policy->id)
			policy->event[event].rest = rest;
	}
	json_decref(objects);
	return ret;
}

static int read_boxes(struct nftables *nft, struct policy *policy,
		      enum policy_event event, enum tuple_family family,
		      bool *has, struct ctid_err *err)
{
	struct boxes *boxes = &policy->event[event].boxes[family];
	json_t *objects, *element;
	char command[COMMAND];
	struct box box;
	uint32_t id;
	size_t i;
	int ret;

	snprintf(command, sizeof(command), "list map " TABLE " %s_%u_%s",
		 policy_event_name(event), table_shard(policy->id),
		 family == TUPLE_IPV4 ? "ip" : "ip6");
	ret = nftables_list(nft, command, &objects, err);
	*has = !ret;
	if (ret)
		return ret == -ENOENT ? 0 : ret;
	json_array_foreach(elements(objects), i, element) {
		if (take_box(element, family, &id, &box)) {
			ret = foreign(command + strlen("list map " TABLE " "),
				      err);
			break;
		}
		if (id != policy->id)
			continue;
		ret = boxes_append(boxes, &box);
		if (ret) {
			err_set(err, -ret, "container %u: too many tuples", id);
			break;
		}
	}
	json_decref(objects);
	return ret;
}

/**
 * table_read_one() - read a container's policy
 * @nft: open
 * @state: of table_state(); learns which maps there are
 * @policy: has the id, and is empty; filled in, also if it fails
 * @err: why it failed
 *
 * Return: 0, also if there is none, or a negative errno.
 */
int table_read_one(struct nftables *nft, struct table_state *state,
		   struct policy *policy, struct ctid_err *err)
{
	enum policy_event event;
	enum tuple_family family;
	int ret = 0;

	for (event = 0; event < POLICY_EVENTS && !ret; event++) {
		ret = read_rest(nft, policy, event, err);
		for (family = 0; family < TUPLE_FAMILIES && !ret; family++)
			ret = read_boxes(nft, policy, event, family,
					 &state->has[event][family], err);
	}
	return ret;
}

/* EVENT_events, or EVENT_SHARD_FAMILY. Returns false for other names. */
static bool split_name(const char *name, enum policy_event *event,
		       bool *has_family, enum tuple_family *family)
{
	char word[16];
	size_t len = strcspn(name, "_");
	const char *last = strrchr(name, '_');

	if (len >= sizeof(word) || !last)
		return false;
	memcpy(word, name, len);
	word[len] = '\0';
	if (policy_event_parse(word, event))
		return false;
	*has_family = strcmp(name + len, TABLE_START);
	*family = strcmp(last, "_ip6") ? TUPLE_IPV4 : TUPLE_IPV6;
	return !*has_family || *family == TUPLE_IPV6 || !strcmp(last, "_ip");
}

static int take_element(struct policies *policies, json_t *element,
			enum policy_event event, bool has_family,
			enum tuple_family family)
{
	enum policy_rest rest = REST_NONE;
	struct policy *policy;
	struct box box;
	uint32_t id;
	int ret;

	ret = has_family ? take_box(element, family, &id, &box) :
			   take_rest(element, &id, &rest);
	if (ret)
		return ret;
	policy = policies_get(policies, id);
	if (!policy)
		return -ENOMEM;
	if (has_family)
		return boxes_append(&policy->event[event].boxes[family], &box);
	policy->event[event].rest = rest;
	return 0;
}

static int take_map(struct policies *policies, json_t *map,
		    struct ctid_err *err)
{
	const char *name = json_string_value(json_object_get(map, "name"));
	enum policy_event event;
	enum tuple_family family;
	bool has_family;
	json_t *element;
	size_t i;
	int ret;

	if (!name || !split_name(name, &event, &has_family, &family))
		return 0;
	json_array_foreach(json_object_get(map, "elem"), i, element) {
		ret = take_element(policies, element, event, has_family, family);
		if (ret == -EPROTO)
			return foreign(name, err);
		if (ret)
			return err_set(err, -ret, "out of memory");
	}
	return 0;
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
	json_t *objects, *object, *map;
	size_t i;
	int ret;

	ret = nftables_list(nft, "list table " TABLE, &objects, err);
	if (ret)
		return ret == -ENOENT ? 0 : ret;
	json_array_foreach(objects, i, object) {
		map = json_object_get(object, "map");
		ret = map ? take_map(policies, map, err) : 0;
		if (ret)
			break;
	}
	json_decref(objects);
	policies_sort(policies);
	return ret;
}

/**
 * table_check() - is the chain there that brings an event to the policies?
 * @nft: open
 * @event: the event
 * @err: what is wrong
 *
 * A kernel may take the chain away together with the device. It is not told by
 * what nft lists whether a rule is still in it: whoever may delete a rule may
 * delete the table.
 *
 * Return: 0, -ENOENT or another negative errno.
 */
int table_check(struct nftables *nft, enum policy_event event,
		struct ctid_err *err)
{
	char command[COMMAND];
	json_t *objects;
	int ret;

	snprintf(command, sizeof(command), "list chain " TABLE " %s" TABLE_START,
		 policy_event_name(event));
	ret = nftables_list(nft, command, &objects, err);
	if (ret == -ENOENT)
		return err_set(err, -ret, "nft's table " TABLE " has no chain %s" TABLE_START,
			       policy_event_name(event));
	if (!ret)
		json_decref(objects);
	return ret;
}
