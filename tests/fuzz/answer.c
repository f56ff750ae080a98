// SPDX-License-Identifier: GPL-2.0-only
/* What Docker or Podman says of a container. */
#include "fuzz.h"

#include "ctidd/asks.h"
#include "ctidd/labels.h"

#define PATH "/docker/0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *keys[] = { "a", "tier" };
	static const struct labels labels = { keys, 2 };
	char *body = fuzz_string(data, size);
	struct subject subject;

	MUST(!subject_init(&subject, PATH, true));
	runtime_answer(&subject, &labels, body, size);
	subject_clean(&subject);
	free(body);
	return 0;
}
