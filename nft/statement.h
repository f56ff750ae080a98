/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef CTID_STATEMENT_H
#define CTID_STATEMENT_H

#include "policy.h"

/** The usage lines of the statements. */
#define STATEMENT_TUPLE	"ID|NAME connect|bind|accept PROTOCOL [TUPLE]..."
#define STATEMENT_POLICY "ID|NAME default accept|deny [EVENT]... | ID|NAME flush|audit|enforce [EVENT]..."

enum statement_verb {
	STATEMENT_PERMIT,
	STATEMENT_DENY,
	STATEMENT_DEFAULT,
	STATEMENT_FLUSH,
	STATEMENT_AUDIT,
	STATEMENT_ENFORCE,
};

/**
 * struct statement - something said about a container's policy
 * @verb: what
 * @event: about which events
 * @rest: the default that is to be
 * @proto: the tuples' protocol
 * @where: their addresses and ports
 * @nwhere: how many; with none, the tuple is all of the protocol
 *
 * The strings are the caller's.
 */
struct statement {
	enum statement_verb verb;
	bool event[POLICY_EVENTS];
	enum policy_rest rest;
	const char *proto;
	char *const *where;
	size_t nwhere;
};

int statement_parse(struct statement *statement, const char *command, int argc,
		    char *const *argv, struct ctid_err *err);
int statement_apply(const struct statement *statement, struct policy *policy,
		    struct ctid_err *err);

#endif /* CTID_STATEMENT_H */
