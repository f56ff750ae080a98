/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef CTID_ERROR_H
#define CTID_ERROR_H

/**
 * struct ctid_err - why something failed, in words for the user
 * @text: one line without a newline
 *
 * Shared code prints nothing: the iptables extension and ctid each have their
 * own way to say it.
 */
struct ctid_err {
	char text[1024];
};

int err_set(struct ctid_err *err, int code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

#endif /* CTID_ERROR_H */
