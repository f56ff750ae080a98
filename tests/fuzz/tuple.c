// SPDX-License-Identifier: GPL-2.0-only
/* PROTO WHERE of a policy: what was read is printed so that it is read again. */
#include "fuzz.h"

#include "../nft/policy.h"

static void print_and_read(const struct tuple *tuple, enum tuple_family family)
{
	char text[TUPLE_TEXT], *where;
	struct ctid_err err;
	struct tuple again;

	tuple_format(text, &tuple->box[family], family, tuple->has[!family]);
	where = strchr(text, ' ');
	if (where)
		*where++ = '\0';
	MUST(!tuple_parse(&again, text, where, &err));
	MUST(again.has[family]);
	again.box[family].permit = tuple->box[family].permit;
	MUST(!box_compare(&again.box[family], &tuple->box[family]));
}

/* Several lines: each is put into one policy, the first byte says whether permitted. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct event_policy policy = { 0 };
	char *text = fuzz_string(data, size), *line, *rest = text, *where;
	struct ctid_err err;
	struct tuple tuple;

	while ((line = strsep(&rest, "\n"))) {
		if (!*line)
			continue;
		where = strchr(line + 1, ' ');
		if (where)
			*where++ = '\0';
		if (tuple_parse(&tuple, line + 1, where, &err))
			continue;
		for (int i = 0; i < TUPLE_FAMILIES; i++)
			if (tuple.has[i])
				print_and_read(&tuple, (enum tuple_family)i);
		if (policy_put(&policy, &tuple, *line & 1))
			break;
	}
	policy_clear_event(&policy);
	free(text);
	return 0;
}
