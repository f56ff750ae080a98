// SPDX-License-Identifier: GPL-2.0-only
/* The list of pods that containerd or CRI-O sends. */
#include "fuzz.h"

#include "ctidd/cri_answer.h"

#define PATH "/kubepods/burstable/pod11111111-2222-3333-4444-55555555555a"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *keys[] = { "a", "tier" };
	static const struct labels labels = { keys, 2 };
	char *body = fuzz_string(data, size);
	struct subject subject;
	struct cri_list *list;

	MUST(!subject_init(&subject, PATH, true));
	if (!cri_list_read(&list, body, size))
		cri_list_tell(list, &labels, &subject);
	cri_list_free(list);
	subject_clean(&subject);
	free(body);
	return 0;
}
