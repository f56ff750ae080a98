// SPDX-License-Identifier: GPL-2.0-only
/* What libnftables lists of the table of policies, which others may have written to. */
#include "fuzz.h"

#include <errno.h>

#include "../nft/table.h"
#include "../nft/table_json.h"

/* The answer to each command. */
static json_t *answer;

int nftables_list(struct nftables *nft, const char *command, json_t **objects,
		  struct ctid_err *err)
{
	(void)nft;
	MUST(strlen(command) < 256);
	if (!answer)
		return err_set(err, ENOENT, "nothing is there");
	*objects = json_incref(answer);
	return 0;
}

const char *table_family(enum tuple_family family)
{
	return family == TUPLE_IPV4 ? "ip" : "ip6";
}

/* All that is printed of it must have been read as what it can be. */
static void check(const struct policy *policy)
{
	char text[TUPLE_TEXT];

	for (int event = 0; event < POLICY_EVENTS; event++)
		for (int family = 0; family < TUPLE_FAMILIES; family++) {
			const struct boxes *boxes =
				&policy->event[event].boxes[family];

			for (size_t i = 0; i < boxes->n; i++) {
				const struct box *box = &boxes->box[i];

				MUST(box->proto[0] <= box->proto[1]);
				MUST(box->port[0] <= box->port[1]);
				MUST(memcmp(box->addr[0], box->addr[1],
					    BOX_ADDR_SIZE) <= 0);
				tuple_format(text, box, (enum tuple_family)family,
					     false);
			}
		}
}

static void read_one(struct nftables *nft, uint32_t id)
{
	struct policy policy = { .id = id };
	struct table_state state;
	struct ctid_err err;

	if (!table_state(nft, &state, &err))
		table_read_one(nft, &state, &policy, &err);
	check(&policy);
	table_state_clear(&state);
	policy_clear(&policy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct policies policies = { 0 };
	struct nftables nft = { 0 };
	struct ctid_err err;

	answer = json_loadb((const char *)data, size, 0, NULL);
	if (!json_is_array(answer)) {
		json_decref(answer);
		answer = NULL;
	}
	table_read_all(&nft, &policies, &err);
	for (size_t i = 0; i < policies.n; i++) {
		check(policies.policy[i]);
		if (i < 4)
			read_one(&nft, policies.policy[i]->id);
	}
	read_one(&nft, 7);
	policies_free(&policies);
	json_decref(answer);
	return 0;
}
