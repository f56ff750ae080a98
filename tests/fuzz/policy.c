// SPDX-License-Identifier: GPL-2.0-only
/*
 * ctid policy-load: a file of statements. What was read is written as statements, which
 * make the same policies.
 */
#include "stubs.h"

#include "../nft/statement.h"
#include "../nft/table.h"
#include "ctid/policy.h"

/* What is read for the second time is to be this. */
static const struct policies *first;

void policy_sort(struct policy *policy)
{
	for (int event = 0; event < POLICY_EVENTS; event++)
		for (int family = 0; family < TUPLE_FAMILIES; family++)
			boxes_sort(&policy->event[event].boxes[family]);
}

int policy_devices(const struct policies *policies, struct ctid_err *err)
{
	(void)policies;
	(void)err;
	return 0;
}

int policy_enforced(struct nftables *nft, const struct policies *policies)
{
	(void)nft;
	(void)policies;
	return 0;
}

int nftables_open(struct nftables *nft, struct ctid_err *err)
{
	(void)nft;
	(void)err;
	return 0;
}

void nftables_close(struct nftables *nft)
{
	(void)nft;
}

static void write_event(FILE *out, uint32_t id, enum policy_event event,
			const struct event_policy *of)
{
	const char *name = policy_event_name(event);
	char text[TUPLE_TEXT];

	if (of->audit)
		fprintf(out, "policy %u audit %s\n", id, name);
	if (of->rest != REST_NONE)
		fprintf(out, "policy %u default %s %s\n", id,
			of->rest == REST_DENY ? "deny" : "accept", name);
	for (int family = 0; family < TUPLE_FAMILIES; family++)
		for (size_t i = 0; i < of->boxes[family].n; i++) {
			const struct box *box = &of->boxes[family].box[i];

			tuple_format(text, box, (enum tuple_family)family, false);
			fprintf(out, "%s %u %s %s\n", box->permit ? "permit" : "deny",
				id, name, text);
		}
}

static void same_event(const struct event_policy *a, const struct event_policy *b)
{
	MUST(a->rest == b->rest && a->audit == b->audit);
	for (int family = 0; family < TUPLE_FAMILIES; family++) {
		const struct boxes *x = &a->boxes[family], *y = &b->boxes[family];

		MUST(x->n == y->n);
		for (size_t i = 0; i < x->n; i++)
			MUST(!box_compare(&x->box[i], &y->box[i]) &&
			     x->box[i].permit == y->box[i].permit);
	}
}

/* A policy that says nothing is not written. */
static void same(struct policies *again)
{
	for (size_t i = 0; i < first->n; i++) {
		struct policy *now = policies_get(again, first->policy[i]->id);

		MUST(now);
		for (int event = 0; event < POLICY_EVENTS; event++)
			same_event(&first->policy[i]->event[event],
				   &now->event[event]);
	}
}

/* As "ctid policy-load" would put it into the kernel. */
int table_replace(struct nftables *nft, struct policies *policies,
		  struct ctid_err *err)
{
	char *text, *path;
	size_t len;
	FILE *out;

	(void)nft;
	(void)err;
	if (first) {
		same(policies);
		return 0;
	}
	out = open_memstream(&text, &len);
	MUST(out);
	fputs(POLICY_SAVED "\n", out);
	for (size_t i = 0; i < policies->n; i++)
		for (int event = 0; event < POLICY_EVENTS; event++)
			write_event(out, policies->policy[i]->id,
				    (enum policy_event)event,
				    &policies->policy[i]->event[event]);
	fputs(POLICY_END "\n", out);
	MUST(!fclose(out));
	path = fuzz_write("again", text, len);
	first = policies;
	MUST(cmd_policy_load(NULL, 1, &path) == CTID_OK);
	first = NULL;
	free(path);
	free(text);
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *path = fuzz_write("policies", data, size);

	cmd_policy_load(NULL, 1, &path);
	free(path);
	return 0;
}
