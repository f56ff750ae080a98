// SPDX-License-Identifier: GPL-2.0-only
/*
 * 6.2 gave struct ftrace_regs accessors of its own, so that a callback need not
 * know whether a pt_regs is inside.
 * Absent: (implicit declaration of|call to undeclared) function .ftrace_regs_(get_argument|set_instruction_pointer).
 */
#include <linux/ftrace.h>

unsigned long probe(struct ftrace_regs *fregs);
unsigned long probe(struct ftrace_regs *fregs)
{
	ftrace_regs_set_instruction_pointer(fregs, 0);
	return ftrace_regs_get_argument(fregs, 0);
}
