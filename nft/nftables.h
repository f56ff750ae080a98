/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef CTID_NFTABLES_H
#define CTID_NFTABLES_H

#include <jansson.h>

#include "../userspace/error.h"

struct nft_ctx;

/**
 * struct nftables - libnftables, of the network namespace that we are in
 * @ctx: its context, or NULL
 */
struct nftables {
	struct nft_ctx *ctx;
};

int nftables_open(struct nftables *nft, struct ctid_err *err);
void nftables_close(struct nftables *nft);
int nftables_run(struct nftables *nft, const char *commands,
		 struct ctid_err *err);
int nftables_list(struct nftables *nft, const char *command, json_t **objects,
		  struct ctid_err *err);
int nftables_list_terse(struct nftables *nft, const char *command,
			json_t **objects, struct ctid_err *err);
int nftables_text(struct nftables *nft, const char *command, const char **text,
		  struct ctid_err *err);

#endif /* CTID_NFTABLES_H */
