// SPDX-License-Identifier: GPL-2.0-only
/* container.conf */
#include "fuzz.h"

#include "conf.h"
#include "names.h"

static void complain(void *data, const char *text)
{
	++*(size_t *)data;
	MUST(strlen(text) < 4096);
}

/* Of two lines about one container or with one name, either may be found. */
static void check(const struct conf *conf, const struct conf_entry *entry)
{
	const struct conf_entry *by_id = conf_by_id(conf, entry->id), *by_name;

	MUST(entry->id && by_id && by_id->id == entry->id);
	MUST(conf->nbad || by_id == entry);
	for (size_t i = 0; i < entry->ncgroups; i++)
		MUST(entry->cgroups[i][0] == '/' &&
		     !strstr(entry->cgroups[i], "//"));
	if (!entry->name)
		return;
	by_name = conf_by_name(conf, entry->name);
	MUST(!name_problem(entry->name));
	MUST(by_name && !strcmp(by_name->name, entry->name));
	MUST(conf->nbad || by_name == entry);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ctid_err err;
	size_t complaints = 0;
	struct conf conf;

	if (!conf_load(&conf, fuzz_file(data, size), complain, &complaints, &err)) {
		MUST(conf.nbad == complaints);
		for (size_t i = 0; i < conf.nentries; i++)
			check(&conf, &conf.entries[i]);
	}
	conf_free(&conf);
	return 0;
}
