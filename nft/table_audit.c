// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who is audited: the sets EVENT_audit have the containers, with a counter for each
 * of what would have been denied.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "table_json.h"

/* ID, or {"elem": {"val": ID, "counter": {"packets": N, ...}}} */
static int take_audit(json_t *element, uint32_t *id, uint64_t *packets)
{
	json_t *counter = json_object_get(json_object_get(element, "elem"),
					  "counter");
	json_int_t mark[2];

	if (table_number(table_plain(element), UINT32_MAX, mark))
		return -EPROTO;
	*id = (uint32_t)mark[0];
	*packets = (uint64_t)json_integer_value(json_object_get(counter,
								"packets"));
	return 0;
}

/**
 * struct audit_reading - whose element is looked for
 * @policy: has the id
 * @event: of this event
 */
struct audit_reading {
	struct policy *policy;
	enum policy_event event;
};

static int read_audit(json_t *element, void *data, struct ctid_err *err)
{
	const struct audit_reading *reading = data;
	struct event_policy *of = &reading->policy->event[reading->event];
	uint64_t packets;
	uint32_t id;

	(void)err;
	if (take_audit(element, &id, &packets))
		return -EPROTO;
	if (id == reading->policy->id) {
		of->audit = true;
		of->audited = packets;
	}
	return 0;
}

/**
 * table_read_audit() - is a container audited, and how often did that matter?
 * @nft: open
 * @policy: has the id; filled in
 * @event: of this event
 * @err: why it failed
 *
 * Return: 0, also if it is not, or a negative errno.
 */
int table_read_audit(struct nftables *nft, struct policy *policy,
		      enum policy_event event, struct ctid_err *err)
{
	struct audit_reading reading = { .policy = policy, .event = event };
	char set[TABLE_SET];
	int ret;

	snprintf(set, sizeof(set), "set %s" TABLE_AUDIT, policy_event_name(event));
	ret = table_each_element(nft, set, read_audit, &reading, err);
	return ret == -ENOENT ? 0 : ret;
}

static int take_audits(struct policies *policies, json_t *set,
		       struct ctid_err *err)
{
	const char *name = json_string_value(json_object_get(set, "name"));
	enum policy_event event;
	struct policy *policy;
	json_t *element;
	char word[16];
	uint64_t packets;
	uint32_t id;
	int end = 0;
	size_t i;

	if (!name || sscanf(name, "%15[a-z]%n", word, &end) != 1 ||
	    policy_event_parse(word, &event) || strcmp(name + end, TABLE_AUDIT))
		return 0;
	json_array_foreach(json_object_get(set, "elem"), i, element) {
		if (take_audit(element, &id, &packets))
			return table_foreign(name, err);
		policy = policies_get(policies, id);
		if (!policy)
			return err_set(err, ENOMEM, "out of memory");
		policy->event[event].audit = true;
		policy->event[event].audited = packets;
	}
	return 0;
}

/**
 * table_take_audits() - note who is audited
 * @policies: filled in
 * @objects: libnftables' list of the table
 * @err: why it failed
 *
 * Return: 0 or a negative errno.
 */
int table_take_audits(struct policies *policies, json_t *objects,
		     struct ctid_err *err)
{
	json_t *object, *set;
	int ret = 0;
	size_t i;

	json_array_foreach(objects, i, object) {
		set = json_object_get(object, "set");
		ret = set ? take_audits(policies, set, err) : 0;
		if (ret)
			break;
	}
	return ret;
}
