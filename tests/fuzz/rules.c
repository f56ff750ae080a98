// SPDX-License-Identifier: GPL-2.0-only
/* ctid.conf, and what of it fits some subjects. */
#include "fuzz.h"

#include "ctidd/asks.h"
#include "ctidd/rules.h"

#define ID "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static const char * const paths[] = {
	"/", "/web", "/a/b/c", "/system.slice/web.service", "/docker/" ID,
	"/machine.slice/libpod-" ID ".scope", "/lxc.payload.web",
	"/machine.slice/machine-web\\x2d1.scope",
	"/kubepods/burstable/pod11111111-2222-3333-4444-555555555555/" ID,
};

static void complain(void *data, const char *text)
{
	(void)data;
	MUST(strlen(text) < 4096);
}

static void fit(const struct rules *rules, const char *path)
{
	struct subject subject;
	struct ctid_err why;
	char *text;

	MUST(!subject_init(&subject, path, true));
	for (size_t i = 0; i < rules->nrules; i++) {
		rule_reaches_below(&rules->rules[i], path, 1);
		if (rule_match(&rules->rules[i], &subject, &why) != RULE_YES)
			continue;
		text = rule_key(&rules->rules[i], &subject);
		free(text);
		text = rule_container_name(&rules->rules[i], &subject);
		free(text);
	}
	subject_clean(&subject);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rules rules;
	struct ctid_err err;

	if (rules_load(&rules, fuzz_file(data, size), complain, NULL, &err)) {
		rules_free(&rules);
		return 0;
	}
	for (size_t i = 0; i < sizeof(paths) / sizeof(*paths); i++)
		fit(&rules, paths[i]);
	rules_free(&rules);
	return 0;
}
