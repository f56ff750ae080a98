// SPDX-License-Identifier: GPL-2.0-only
/* ctid policy, policy-save: policies, for people, programs and policy-load. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../nft/device.h"
#include "../../nft/table.h"
#include "../text.h"
#include "policy.h"
#include "print.h"
#include "save.h"

/**
 * struct view - what is shown
 * @policies: the policies
 * @snap: the containers, for their names
 * @broken: what keeps an event from being judged, by event, or ""
 */
struct view {
	struct policies policies;
	struct snapshot snap;
	struct ctid_err broken[POLICY_EVENTS];
};

static const char *rest_name(enum policy_rest rest)
{
	return rest == REST_DENY ? "deny" : "accept";
}

static const char *verdict_name(const struct box *box)
{
	return box->permit ? "permit" : "deny";
}

/* The box of the other family that says the same of any address there. */
static const struct box *counterpart(const struct event_policy *policy,
				     const struct box *box,
				     enum tuple_family family)
{
	const struct boxes *others = &policy->boxes[!family];
	size_t i;

	if (!tuple_any_addr(box, family))
		return NULL;
	for (i = 0; i < others->n; i++) {
		const struct box *other = &others->box[i];

		if (other->permit == box->permit &&
		    !memcmp(other->proto, box->proto, sizeof(box->proto)) &&
		    !memcmp(other->port, box->port, sizeof(box->port)) &&
		    tuple_any_addr(other, !family))
			return other;
	}
	return NULL;
}

/**
 * policy_each_tuple() - go through the tuples of a policy
 * @policy: the policy
 * @event: of this event
 * @print: is given each, as the words of a statement; a tuple that is in both
 *	families is one
 * @data: for @print
 */
void policy_each_tuple(const struct policy *policy, enum policy_event event,
		       policy_tuple_cb print, const void *data)
{
	const struct event_policy *of = &policy->event[event];
	enum tuple_family family;
	char text[TUPLE_TEXT];
	size_t i;

	for (family = 0; family < TUPLE_FAMILIES; family++) {
		for (i = 0; i < of->boxes[family].n; i++) {
			const struct box *box = &of->boxes[family].box[i];
			bool both = counterpart(of, box, family);

			if (both && family != TUPLE_IPV4)
				continue;
			tuple_format(text, box, family, both);
			print(data, event, box, text);
		}
	}
}

static void print_tuple(const void *data, enum policy_event event,
			const struct box *box, const char *text)
{
	(void)data;
	printf("\t%s %s %s\n", policy_event_name(event), verdict_name(box),
	       text);
}

static const char *name_of(const struct view *view, uint32_t id)
{
	const struct container *container = snapshot_find(&view->snap, id);

	return container ? container->name : "";
}

static void show_text(const struct view *view, const struct policy *policy)
{
	const char *name = name_of(view, policy->id);
	enum policy_event event;

	printf("container %u\n", policy->id);
	if (*name)
		printf("\tname %s\n", name);
	for (event = 0; event < POLICY_EVENTS; event++) {
		const struct event_policy *of = &policy->event[event];

		policy_each_tuple(policy, event, print_tuple, NULL);
		if (of->rest != REST_NONE)
			printf("\t%s default %s\n", policy_event_name(event),
			       rest_name(of->rest));
		if (of->audit)
			printf("\t%s audit, %llu passed that would be denied\n",
			       policy_event_name(event),
			       (unsigned long long)of->audited);
	}
}

static json_t *box_json(const struct box *box, enum tuple_family family)
{
	char proto[TUPLE_TEXT], addr[TUPLE_TEXT], ports[TUPLE_TEXT];

	tuple_format_proto(proto, box);
	tuple_format_addr(addr, box, family);
	tuple_format_ports(ports, box);
	return json_pack("{s:s, s:s, s:s, s:s}", "verdict", verdict_name(box),
			 "protocol", proto, "address", addr, "ports", ports);
}

static json_t *event_json(const struct event_policy *policy, bool enforced)
{
	json_t *tuples = json_array(), *json;
	enum tuple_family family;
	size_t i;

	for (family = 0; family < TUPLE_FAMILIES; family++)
		for (i = 0; i < policy->boxes[family].n; i++)
			json_array_append_new(tuples,
				box_json(&policy->boxes[family].box[i], family));
	json = json_pack("{s:s, s:b, s:o}", "default", rest_name(policy->rest),
			 "enforced", enforced && !policy->audit,
			 "tuples", tuples);
	if (policy->audit)
		json_object_set_new(json, "audited",
				    json_integer((json_int_t)policy->audited));
	return json;
}

static void show_json(const struct view *view, const struct policy *policy)
{
	json_t *json = container_json(policy->id, name_of(view, policy->id));
	enum policy_event event;

	for (event = 0; event < POLICY_EVENTS; event++)
		if (policy_is_about(policy, event))
			json_object_set_new(json, policy_event_name(event),
				event_json(&policy->event[event],
					   !*view->broken[event].text));
	print_json(json);
}

/* A container of which tuples are left over, but that has no policy, has none. */
static void show_all(const struct ctid *ctx, const struct view *view)
{
	bool any = false;
	size_t i;

	if (ctx->json)
		putchar('[');
	for (i = 0; i < view->policies.n; i++) {
		if (policy_is_empty(view->policies.policy[i]))
			continue;
		if (ctx->json) {
			fputs(any ? ",\n" : "\n", stdout);
			show_json(view, view->policies.policy[i]);
		} else {
			show_text(view, view->policies.policy[i]);
		}
		any = true;
	}
	if (ctx->json)
		puts(any ? "\n]" : "]");
}

/* Says so if what is shown, or saved, is not what is enforced. */
static int check_events(struct view *view, struct nftables *nft)
{
	struct ctid_err asleep = { "" };
	enum policy_event event;
	int ret = CTID_OK;

	if (view->policies.n)
		table_awake(&asleep);
	for (event = 0; event < POLICY_EVENTS; event++) {
		view->broken[event] = asleep;
		if (!policies_want(&view->policies, event) ||
		    (!*asleep.text && !device_check(event, &view->broken[event]) &&
		     !table_check(nft, event, &view->broken[event]))) {
			*view->broken[event].text = '\0';
			continue;
		}
		warn("%s policies are not enforced: %s: any 'ctid permit' or 'ctid deny' of a %s mends that",
		     policy_event_name(event), view->broken[event].text,
		     policy_event_name(event));
		ret = CTID_FAILED;
	}
	return ret;
}

/* All at once, or again: a change in between would have us see half of it. */
static int read_one(struct nftables *nft, struct policy *policy,
		    struct ctid_err *err)
{
	struct table_state state, after;
	int ret;

	do {
		policy_clear(policy);
		ret = table_state(nft, &state, err);
		if (!ret)
			ret = table_read_one(nft, &state, policy, err);
		table_state_clear(&state);
		if (!ret)
			ret = table_state(nft, &after, err);
	} while (!ret && !table_same(&after, &state));
	return ret;
}

static int read_policies(struct nftables *nft, struct policies *policies,
			 const uint32_t *id, struct ctid_err *err)
{
	struct policy *policy;
	size_t i;
	int ret;

	if (id) {
		policy = policies_get(policies, *id);
		ret = policy ? read_one(nft, policy, err) :
			       err_set(err, ENOMEM, "out of memory");
	} else {
		ret = table_read_all(nft, policies, err);
	}
	for (i = 0; i < policies->n; i++)
		policy_sort(policies->policy[i]);
	return ret;
}

/**
 * policy_show() - show one policy, or all of them
 * @ctx: the context
 * @who: the container, or NULL
 *
 * Return: the exit status, CTID_FAILED also if what is shown is not enforced.
 */
int policy_show(struct ctid *ctx, const char *who)
{
	struct view view = { 0 };
	struct nftables nft = { 0 };
	struct ctid_err err;
	uint32_t id;
	int ret;

	ret = who ? which_id_or_name(ctx, who, &id) : 0;
	if (ret)
		return ret;
	ret = snapshot_take(&view.snap, &ctx->reg);
	if (ret)
		return fail_kernel(ctx, ret, NULL, "cannot list containers");
	if (nftables_open(&nft, &err) ||
	    read_policies(&nft, &view.policies, who ? &id : NULL, &err)) {
		ret = fail("%s", err.text);
		goto out;
	}
	ret = check_events(&view, &nft);
	if (!who) {
		show_all(ctx, &view);
	} else if (ctx->json) {
		show_json(&view, view.policies.policy[0]);
		putchar('\n');
	} else {
		show_text(&view, view.policies.policy[0]);
	}
out:
	nftables_close(&nft);
	policies_free(&view.policies);
	snapshot_free(&view.snap);
	return ret;
}

/* A policy on its way into a file. */
struct saving {
	FILE *out;
	uint32_t id;
};

static void save_tuple(const void *data, enum policy_event event,
		       const struct box *box, const char *text)
{
	const struct saving *saving = data;

	fprintf(saving->out, "%s %u %s %s\n", verdict_name(box), saving->id,
		policy_event_name(event), text);
}

static void save_policy(FILE *out, const struct policy *policy)
{
	const struct saving saving = { .out = out, .id = policy->id };
	enum policy_event event;

	for (event = 0; event < POLICY_EVENTS; event++) {
		const struct event_policy *of = &policy->event[event];

		if (of->rest != REST_NONE)
			fprintf(out, "policy %u default %s %s\n", policy->id,
				rest_name(of->rest), policy_event_name(event));
		if (of->audit)
			fprintf(out, "policy %u audit %s\n", policy->id,
				policy_event_name(event));
		policy_each_tuple(policy, event, save_tuple, &saving);
	}
}

static void save_all(FILE *out, void *data)
{
	const struct policies *policies = data;
	size_t i;

	fputs(POLICY_SAVED " for 'ctid policy-load', which wants the last line as well.\n"
	      "# Containers by id.\n", out);
	for (i = 0; i < policies->n; i++)
		save_policy(out, policies->policy[i]);
	fputs(POLICY_END "\n", out);
}

/**
 * struct old - what is in the file before it is written
 * @statements: lines about policies
 * @foreign: lines about something else
 */
struct old {
	bool statements, foreign;
};

static void look_at(void *data, unsigned int line, char *text)
{
	static const char *const words[] = { "permit", "deny", "policy", "ctid" };
	char *word = text ? text_word(&text) : NULL;
	struct old *old = data;
	size_t i;

	(void)line;
	if (text && !word)
		return;
	for (i = 0; word && i < sizeof(words) / sizeof(*words); i++) {
		if (!strcmp(word, words[i])) {
			old->statements = true;
			return;
		}
	}
	old->foreign = true;
}

static bool has_policies(const struct policies *policies)
{
	size_t i;

	for (i = 0; i < policies->n; i++)
		if (!policy_is_empty(policies->policy[i]))
			return true;
	return false;
}

/*
 * What is in the file is to be policies, too, or nothing: it would be lost. So would
 * all of them where somebody has flushed what was loaded.
 */
static int check_old(const char *file, const struct policies *policies)
{
	struct old old = { false };
	struct ctid_err err;
	size_t len;
	char *text;
	int ret;

	if (!strcmp(file, "-"))
		return CTID_OK;
	ret = file_read(file, POLICY_MAX_SIZE, &text, &len, &err);
	if (!ret)
		text_lines(text, len, look_at, &old);
	free(text);
	if (ret && ret != -ENOENT)
		return fail("%s", err.text);
	if (old.foreign)
		return fail("%s has more than policies, which saving would lose: move it first, or save to another file",
			    file);
	if (old.statements && !has_policies(policies))
		return fail("%s has policies, but no policy is loaded: 'ctid policy-load %s' first, or remove it",
			    file, file);
	return CTID_OK;
}

/**
 * cmd_policy_save() - ctid policy-save [FILE]
 * @ctx: the context
 * @argc: number of arguments
 * @argv: the arguments
 *
 * Return: the exit status.
 */
int cmd_policy_save(struct ctid *ctx, int argc, char **argv)
{
	const char *file = argc ? argv[0] : "-";
	struct view view = { 0 };
	struct nftables nft;
	struct ctid_err err;
	int ret;

	(void)ctx;
	ret = nftables_open(&nft, &err);
	if (!ret)
		ret = read_policies(&nft, &view.policies, NULL, &err);
	if (ret)
		ret = fail("%s", err.text);
	else
		ret = save_check(file);
	if (!ret)
		ret = check_old(file, &view.policies);
	/* What is saved is whole all the same. */
	if (!ret)
		check_events(&view, &nft);
	if (!ret)
		ret = save_write(file, POLICY_MAX_SIZE, save_all, &view.policies);
	policies_free(&view.policies);
	nftables_close(&nft);
	return ret;
}
