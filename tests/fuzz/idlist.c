// SPDX-License-Identifier: GPL-2.0-only
/* -m container --id LIST. The first byte says whether it is inverted. */
#include "fuzz.h"

#include <errno.h>

#include "idlist.h"

static int known(void *data, const char *name, uint32_t *id, struct ctid_err *err)
{
	(void)data;
	if (strncmp(name, "web", 3) != 0)
		return err_set(err, ENOENT, "no container %s", name);
	*id = (uint32_t)strlen(name);
	return 0;
}

/* What it refuses must not come of a list that was read. */
static void as_the_kernel_wants(const struct xt_container_mtinfo *info)
{
	MUST(info->count && info->count <= XT_CONTAINER_MAX_RANGES);
	for (unsigned int i = 0; i < info->count; i++) {
		MUST(info->range[i].first <= info->range[i].last);
		MUST(!i || info->range[i].first > info->range[i - 1].last + 1);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct xt_container_mtinfo info = { 0 };
	struct ctid_err err;
	char *list;

	if (!size)
		return 0;
	list = fuzz_string(data + 1, size - 1);
	if (!idlist_parse(list, data[0] & 1, known, NULL, &info, &err))
		as_the_kernel_wants(&info);
	free(list);
	return 0;
}
