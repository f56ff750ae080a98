// SPDX-License-Identifier: GPL-2.0-only
/*
 * The path of a cgroup, which tenants choose a part of; rules of each kind are asked
 * about it. The first byte says whether root gave it its name.
 */
#include "fuzz.h"

#include "ctidd/rules.h"
#include "names.h"

static const char lines[] =
	"cgroup /web/** id 10 name web\n"
	"cgroup /*/[a-c]?* range 1-9 name x-%n\n"
	"unit *@*.service range 100-199 name u-%n reuse\n"
	"docker * range 200-299\n"
	"podman * range 300-399\n"
	"lxc * range 400-499 name l-%n\n"
	"machine * range 500-599 name m-%n\n"
	"pod * qos burstable range 600-699\n"
	"pod * range 700-799\n";

static void complain(void *data, const char *text)
{
	(void)data;
	fprintf(stderr, "%s\n", text);
	abort();
}

static void check(const struct rule *rule, const struct subject *subject)
{
	struct ctid_err why;
	char *text;

	if (rule_match(rule, subject, &why) != RULE_YES)
		return;
	text = rule_key(rule, subject);
	free(text);
	text = rule_container_name(rule, subject);
	MUST(!text || !name_problem(text));
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct rules rules;
	struct subject subject;
	struct ctid_err err;
	char *path;

	if (!rules.nrules)
		MUST(!rules_load(&rules, fuzz_file((const uint8_t *)lines,
						   strlen(lines)),
				 complain, NULL, &err));
	if (!size)
		return 0;
	path = fuzz_string(data, size);
	*path = '/';
	subject_is_in_unit(path);
	rules_reach_below(&rules, path);
	rules_reach(&rules, path);
	MUST(!subject_init(&subject, path, data[0] & 1));
	for (size_t i = 0; i < rules.nrules; i++)
		check(&rules.rules[i], &subject);
	subject_clean(&subject);
	free(path);
	return 0;
}
