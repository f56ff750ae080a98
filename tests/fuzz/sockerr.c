// SPDX-License-Identifier: GPL-2.0-only
/* -j SOCKERR --errno WORD: what was read is an errno that the kernel takes. */
#include "fuzz.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>

#include <xtables.h>
#include <linux/netfilter/xt_SOCKERR.h>

static struct xtables_target *sockerr;
static jmp_buf refused;

void xtables_register_target(struct xtables_target *me)
{
	sockerr = me;
}

void xtables_option_parse(struct xt_option_call *cb)
{
	(void)cb;
}

static void __attribute__((noreturn, format(printf, 2, 3)))
refuse(enum xtables_exittype status, const char *fmt, ...)
{
	char text[4096];
	va_list ap;

	MUST(status == PARAMETER_PROBLEM);
	va_start(ap, fmt);
	MUST(vsnprintf(text, sizeof(text), fmt, ap) < (int)sizeof(text));
	va_end(ap);
	longjmp(refused, 1);
}

static struct xtables_globals globals = { .exit_err = refuse };
struct xtables_globals *xt_params = &globals;

static bool parse(const char *word, struct xt_sockerr_tginfo *info)
{
	struct xt_option_call cb = { .arg = word, .data = info };

	if (setjmp(refused))
		return false;
	sockerr->x6_parse(&cb);
	return true;
}

#define ERRNO_ENTRY(err)	{ err },

static bool kernel_takes(uint32_t number)
{
	static const struct {
		uint32_t number;
	} errnos[] = { XT_SOCKERR_ERRNOS(ERRNO_ENTRY) };

	for (size_t i = 0; i < sizeof(errnos) / sizeof(*errnos); i++)
		if (errnos[i].number == number)
			return true;
	return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct xt_sockerr_tginfo info = { 0 };
	char *word = fuzz_string(data, size);

	if (parse(word, &info))
		MUST(kernel_takes(info.err));
	free(word);
	return 0;
}
