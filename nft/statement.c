// SPDX-License-Identifier: GPL-2.0-only
/*
 * What is said about policies, on a command line or in a file:
 *   permit|deny WHO EVENT PROTOCOL [TUPLE]...
 *   policy WHO default accept|deny [EVENT]...
 *   policy WHO flush|audit|enforce [EVENT]...
 */
#include <errno.h>
#include <string.h>

#include "../userspace/names.h"
#include "../userspace/text.h"
#include "statement.h"

static int bad_event(const char *word, struct ctid_err *err)
{
	return err_set(err, EINVAL,
		       "\"%s\" is no event: use connect, bind or accept",
		       show(word).s);
}

static bool is_ports(const char *word)
{
	struct tuple tuple;

	return (is_number(word) || is_range(word)) &&
	       !tuple_parse(&tuple, "tcp", word, NULL);
}

/* What may be meant as ports, where a protocol has to be. */
static int bad_number(const char *word, struct ctid_err *err)
{
	uint8_t range[2];

	if (tuple_parse_proto(word, range))
		return err_set(err, EINVAL,
			       "\"%s\" is no protocol: for a port say 'tcp %s'",
			       show(word).s, show(word).s);
	return err_set(err, EINVAL,
		       "\"%s\" would be an IP protocol: for a port say 'tcp %s', for the protocol '%s any'",
		       show(word).s, show(word).s, show(word).s);
}

static int parse_tuples(struct statement *statement, const char *command,
			int argc, char *const *argv, struct ctid_err *err)
{
	enum policy_event event;
	struct tuple tuple;
	size_t i;
	int ret;

	if (argc < 2)
		return err_set(err, EINVAL, "usage: ctid %s " STATEMENT_TUPLE,
			       command);
	if (policy_event_parse(argv[0], &event))
		return bad_event(argv[0], err);
	statement->event[event] = true;
	statement->proto = argv[1];
	statement->where = argv + 2;
	statement->nwhere = (size_t)argc - 2;
	if (!statement->nwhere && is_ports(argv[1]))
		return bad_number(argv[1], err);
	/* For what is wrong to be said before anything is done. */
	ret = tuple_parse(&tuple, statement->proto, NULL, err);
	for (i = 0; i < statement->nwhere && !ret; i++)
		ret = tuple_parse(&tuple, statement->proto, statement->where[i],
				  err);
	return ret;
}

static int parse_events(struct statement *statement, int argc,
			char *const *argv, struct ctid_err *err)
{
	enum policy_event event;
	int i;

	for (event = 0; event < POLICY_EVENTS; event++)
		statement->event[event] = !argc;
	for (i = 0; i < argc; i++) {
		if (policy_event_parse(argv[i], &event))
			return bad_event(argv[i], err);
		statement->event[event] = true;
	}
	return 0;
}

static const struct {
	const char *word;
	enum statement_verb verb;
} verbs[] = {
	{ "flush", STATEMENT_FLUSH },
	{ "audit", STATEMENT_AUDIT },
	{ "enforce", STATEMENT_ENFORCE },
};

static int parse_policy(struct statement *statement, int argc,
			char *const *argv, struct ctid_err *err)
{
	size_t i;

	for (i = 0; argc && i < sizeof(verbs) / sizeof(*verbs); i++) {
		if (strcmp(argv[0], verbs[i].word))
			continue;
		statement->verb = verbs[i].verb;
		return parse_events(statement, argc - 1, argv + 1, err);
	}
	if (argc < 2 || strcmp(argv[0], "default"))
		return err_set(err, EINVAL, "usage: ctid policy " STATEMENT_POLICY);
	statement->verb = STATEMENT_DEFAULT;
	if (!strcmp(argv[1], "accept"))
		statement->rest = REST_ACCEPT;
	else if (!strcmp(argv[1], "deny"))
		statement->rest = REST_DENY;
	else
		return err_set(err, EINVAL,
			       "\"%s\" is no default: use accept or deny",
			       show(argv[1]).s);
	return parse_events(statement, argc - 2, argv + 2, err);
}

/**
 * statement_parse() - read a statement
 * @statement: filled in
 * @command: "permit", "deny" or "policy"
 * @argc: number of words after the container
 * @argv: the words
 * @err: what is wrong
 *
 * Return: 0 or -EINVAL or the like.
 */
int statement_parse(struct statement *statement, const char *command, int argc,
		    char *const *argv, struct ctid_err *err)
{
	*statement = (struct statement){ .verb = STATEMENT_PERMIT };
	if (!strcmp(command, "policy"))
		return parse_policy(statement, argc, argv, err);
	if (!strcmp(command, "deny"))
		statement->verb = STATEMENT_DENY;
	else if (strcmp(command, "permit"))
		return err_set(err, EINVAL,
			       "\"%s\" is no statement: use permit, deny or policy",
			       show(command).s);
	return parse_tuples(statement, command, argc, argv, err);
}

static int put_tuples(const struct statement *statement,
		      struct event_policy *policy, struct ctid_err *err)
{
	bool permit = statement->verb == STATEMENT_PERMIT;
	struct tuple tuple;
	size_t i = 0;
	int ret;

	do {
		ret = tuple_parse(&tuple, statement->proto,
				  i < statement->nwhere ? statement->where[i] : NULL,
				  err);
		if (ret)
			return ret;
		ret = policy_put(policy, &tuple, permit);
		if (ret == -E2BIG)
			return err_set(err, -ret,
				       "this would cut the container's tuples into more than %d pieces: deny or permit fewer, larger ranges",
				       BOXES_MAX);
		if (ret)
			return err_set(err, -ret, "out of memory");
	} while (++i < statement->nwhere);
	return 0;
}

/**
 * statement_apply() - change a policy as a statement says
 * @statement: the statement
 * @policy: the policy
 * @err: why it failed
 *
 * Return: 0, or a negative errno, after which @policy is only fit to be cleared.
 */
int statement_apply(const struct statement *statement, struct policy *policy,
		    struct ctid_err *err)
{
	enum policy_event event;
	int ret = 0;

	for (event = 0; event < POLICY_EVENTS && !ret; event++) {
		struct event_policy *of = &policy->event[event];

		if (!statement->event[event])
			continue;
		if (statement->verb == STATEMENT_FLUSH)
			policy_clear_event(of);
		else if (statement->verb == STATEMENT_AUDIT ||
			 statement->verb == STATEMENT_ENFORCE)
			of->audit = statement->verb == STATEMENT_AUDIT;
		else if (statement->verb == STATEMENT_DEFAULT)
			of->rest = statement->rest;
		else
			ret = put_tuples(statement, of, err);
	}
	return ret;
}
