// SPDX-License-Identifier: GPL-2.0-only
/* libnftables: commands in, one line of error or JSON out. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <nftables/libnftables.h>

#include "nfnl.h"
#include "nftables.h"

/* What libnftables says of an errno, which it does not return. */
static const int told_errnos[] = {
	EPERM, ENOENT, EEXIST, EBUSY, ENOMEM, EMSGSIZE, ENOBUFS, EOPNOTSUPP,
};

#define NEEDS_ROOT	"nft: needs root (CAP_NET_ADMIN)"

/*
 * Who may not ask is told so by libnftables, on the standard error whatever buffers it
 * was given. So it is found out without it.
 */
static bool may_ask(void)
{
	uint32_t generation;
	struct nfnl nfnl;
	int ret;

	ret = nfnl_open(&nfnl, 0);
	if (!ret)
		ret = nfnl_generation(&nfnl, &generation);
	nfnl_close(&nfnl);
	return ret != -EPERM;
}

/**
 * nftables_open() - make libnftables ready
 * @nft: filled in
 * @err: why it failed
 *
 * Return: 0 or a negative errno.
 */
int nftables_open(struct nftables *nft, struct ctid_err *err)
{
	*nft = (struct nftables){ 0 };
	if (!may_ask())
		return err_set(err, EPERM, NEEDS_ROOT);
	nft->ctx = nft_ctx_new(NFT_CTX_DEFAULT);
	if (!nft->ctx || nft_ctx_buffer_error(nft->ctx) ||
	    nft_ctx_buffer_output(nft->ctx)) {
		nftables_close(nft);
		return err_set(err, ENOMEM, "cannot start libnftables");
	}
	nft_ctx_output_set_flags(nft->ctx, NFT_CTX_OUTPUT_NUMERIC_ALL);
	return 0;
}

/**
 * nftables_close() - free what nftables_open() made
 * @nft: open or zeroed
 */
void nftables_close(struct nftables *nft)
{
	if (nft->ctx)
		nft_ctx_free(nft->ctx);
	nft->ctx = NULL;
}

static int told_errno(const char *text)
{
	size_t i;

	for (i = 0; i < sizeof(told_errnos) / sizeof(*told_errnos); i++)
		if (strstr(text, strerror(told_errnos[i])))
			return -told_errnos[i];
	return -EINVAL;
}

/* The first line says what is wrong, the others point into the command. */
static int take_error(struct nftables *nft, struct ctid_err *err)
{
	const char *text = nft_ctx_get_error_buffer(nft->ctx);
	int code = told_errno(text);
	const char *start;

	if (code == -EPERM)
		return err_set(err, -code, NEEDS_ROOT);
	/* "<cmdline>:1:5-9: Error: ..." */
	start = strstr(text, "Error: ");
	start = start ? start + strlen("Error: ") : text;
	return err_set(err, -code, "nft: %.*s", (int)strcspn(start, "\n"),
		       *start ? start : "failed and did not say why");
}

/**
 * nftables_run() - run nft commands in one transaction
 * @nft: open
 * @commands: as in a file for "nft -f"
 * @err: why it failed
 *
 * Return: 0, or a negative errno after which nothing has changed: -ENOENT and
 * the like as the kernel had it, -EINVAL for what has no telling words.
 */
int nftables_run(struct nftables *nft, const char *commands,
		 struct ctid_err *err)
{
	return nft_run_cmd_from_buffer(nft->ctx, commands) ?
		take_error(nft, err) : 0;
}

static int run_with(struct nftables *nft, const char *command,
		    unsigned int more_flags, struct ctid_err *err)
{
	unsigned int flags = nft_ctx_output_get_flags(nft->ctx);
	int ret;

	nft_ctx_output_set_flags(nft->ctx, flags | more_flags);
	ret = nftables_run(nft, command, err);
	nft_ctx_output_set_flags(nft->ctx, flags);
	return ret;
}

static int list(struct nftables *nft, const char *command,
		unsigned int more_flags, json_t **objects, struct ctid_err *err)
{
	json_error_t why;
	json_t *answer;
	int ret;

	ret = run_with(nft, command, NFT_CTX_OUTPUT_JSON | more_flags, err);
	if (ret)
		return ret;
	answer = json_loads(nft_ctx_get_output_buffer(nft->ctx), 0, &why);
	*objects = json_incref(json_object_get(answer, "nftables"));
	json_decref(answer);
	if (!json_is_array(*objects)) {
		json_decref(*objects);
		*objects = NULL;
		return err_set(err, EPROTO,
			       "nft: its JSON cannot be read; has libnftables been built with JSON?");
	}
	return 0;
}

/**
 * nftables_list() - run a list command
 * @nft: open
 * @command: the command
 * @objects: the array of objects that came of it, to be released by the caller
 * @err: why it failed
 *
 * Return: 0 or a negative errno, -ENOENT if there is no such thing.
 */
int nftables_list(struct nftables *nft, const char *command, json_t **objects,
		  struct ctid_err *err)
{
	return list(nft, command, 0, objects, err);
}

/**
 * nftables_list_terse() - run a list command, without the elements of sets
 * @nft: open
 * @command: the command
 * @objects: the array of objects that came of it, to be released by the caller
 * @err: why it failed
 *
 * Return: as nftables_list().
 */
int nftables_list_terse(struct nftables *nft, const char *command,
			json_t **objects, struct ctid_err *err)
{
	return list(nft, command, NFT_CTX_OUTPUT_TERSE, objects, err);
}

/**
 * nftables_text() - run a list command, without the elements of sets
 * @nft: open
 * @command: the command
 * @text: what it printed, until the next command is run
 * @err: why it failed
 *
 * There are things that the JSON of older versions does not tell.
 *
 * Return: as nftables_list().
 */
int nftables_text(struct nftables *nft, const char *command, const char **text,
		  struct ctid_err *err)
{
	int ret = run_with(nft, command, NFT_CTX_OUTPUT_TERSE, err);

	*text = ret ? "" : nft_ctx_get_output_buffer(nft->ctx);
	return ret;
}
