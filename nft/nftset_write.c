// SPDX-License-Identifier: GPL-2.0-only
/* From what a set has to what it should have, as messages of a transaction. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <libnftnl/chain.h>
#include <libnftnl/expr.h>
#include <libnftnl/rule.h>
#include <libnftnl/set.h>
#include <libnftnl/udata.h>
#include <linux/netfilter/nf_tables.h>

#include "nftset.h"

/** So many elements, with the longest chain name each, fit into a message. */
#define ELEMS_MAX	100

static bool same_elems(const struct nftset_elems *a,
		       const struct nftset_elems *b)
{
	size_t i;

	if (a->count != b->count)
		return false;
	for (i = 0; i < a->count; i++)
		if (a->at[i].cgroup != b->at[i].cgroup ||
		    a->at[i].kind != b->at[i].kind)
			return false;
	return true;
}

/*
 * The deepest level comes first: the nearest binding counts. The user's rules come
 * last, at whichever time they were added: they see what is in none of the levels.
 */
static bool same_levels(const struct nftset *set,
			const struct nftset_plan *plan)
{
	size_t rule = 0;
	int level;

	if (set->behind)
		return false;
	for (level = NFTSET_LEVELS - 1; level >= 0; level--) {
		if (!plan->levels[level])
			continue;
		if (rule == set->nrules ||
		    set->rules[rule++].level != (uint32_t)level)
			return false;
	}
	return rule == set->nrules;
}

/**
 * nftset_current() - does a set have what it should have?
 * @set: the set, with its content
 * @plan: what it should have
 *
 * Return: true if there is nothing to do.
 */
bool nftset_current(const struct nftset *set, const struct nftset_plan *plan)
{
	if (!same_elems(&set->have, &plan->want))
		return false;
	return !*set->decl.chain || same_levels(set, plan);
}

static int put_elem(struct nftnl_set *raw, const struct nftset *set,
		    const struct nftset_elem *elem, bool verdict)
{
	struct nftnl_set_elem *new = nftnl_set_elem_alloc();

	if (!new)
		return -ENOMEM;
	nftnl_set_elem_set(new, NFTNL_SET_ELEM_KEY, &elem->cgroup,
			   sizeof(elem->cgroup));
	if (verdict && elem->kind == NFTSET_OWN) {
		nftnl_set_elem_set_u32(new, NFTNL_SET_ELEM_VERDICT,
				       (uint32_t)NFT_GOTO);
		nftnl_set_elem_set_str(new, NFTNL_SET_ELEM_CHAIN,
				       set->decl.chain);
	} else if (verdict) {
		nftnl_set_elem_set_u32(new, NFTNL_SET_ELEM_VERDICT,
				       (uint32_t)NFT_RETURN);
	}
	nftnl_set_elem_add(raw, new);
	return 0;
}

/**
 * struct elem_writer - elements on their way into messages of one type
 * @batch: the transaction
 * @set: the set
 * @type: NFT_MSG_NEWSETELEM or NFT_MSG_DELSETELEM
 * @raw: those for the next message, or NULL
 * @count: how many
 */
struct elem_writer {
	struct nfnl_batch *batch;
	const struct nftset *set;
	uint16_t type;
	struct nftnl_set *raw;
	unsigned int count;
};

static int flush_elems(struct elem_writer *writer)
{
	struct nlmsghdr *nlh;

	if (!writer->raw)
		return 0;
	nlh = nfnl_batch_add(writer->batch, writer->type, writer->set->family,
			     writer->type == NFT_MSG_NEWSETELEM ?
			     NLM_F_CREATE : 0);
	if (nlh)
		nftnl_set_elems_nlmsg_build_payload(nlh, writer->raw);
	nftnl_set_free(writer->raw);
	writer->raw = NULL;
	writer->count = 0;
	return nlh ? 0 : -ENOMEM;
}

static int write_elem(struct elem_writer *writer,
		      const struct nftset_elem *elem)
{
	bool verdict = *writer->set->decl.chain &&
		       writer->type == NFT_MSG_NEWSETELEM;

	if (!writer->raw) {
		writer->raw = nftnl_set_alloc();
		if (!writer->raw)
			return -ENOMEM;
		nftnl_set_set_str(writer->raw, NFTNL_SET_TABLE,
				  writer->set->table);
		nftnl_set_set_str(writer->raw, NFTNL_SET_NAME,
				  writer->set->name);
	}
	if (put_elem(writer->raw, writer->set, elem, verdict))
		return -ENOMEM;
	return ++writer->count == ELEMS_MAX ? flush_elems(writer) : 0;
}

/* Those of @from that @to does not have; both are in order. */
static int write_missing(struct nfnl_batch *batch, const struct nftset *set,
			 uint16_t type, const struct nftset_elems *from,
			 const struct nftset_elems *to)
{
	struct elem_writer writer = { batch, set, type, NULL, 0 };
	int ret = 0, flushed;
	size_t i, j = 0;

	for (i = 0; !ret && i < from->count; i++) {
		while (j < to->count && to->at[j].cgroup < from->at[i].cgroup)
			j++;
		if (j == to->count || to->at[j].cgroup != from->at[i].cgroup ||
		    to->at[j].kind != from->at[i].kind)
			ret = write_elem(&writer, &from->at[i]);
	}
	flushed = flush_elems(&writer);
	return ret ? ret : flushed;
}

static int add_exprs(struct nftnl_rule *raw, const struct nftset *set,
		     uint32_t level)
{
	struct nftnl_expr *expr = nftnl_expr_alloc("socket");

	if (!expr)
		return -ENOMEM;
	nftnl_expr_set_u32(expr, NFTNL_EXPR_SOCKET_KEY, NFT_SOCKET_CGROUPV2);
	nftnl_expr_set_u32(expr, NFTNL_EXPR_SOCKET_LEVEL, level);
	nftnl_expr_set_u32(expr, NFTNL_EXPR_SOCKET_DREG, NFT_REG_1);
	nftnl_rule_add_expr(raw, expr);

	expr = nftnl_expr_alloc("lookup");
	if (!expr)
		return -ENOMEM;
	nftnl_expr_set_u32(expr, NFTNL_EXPR_LOOKUP_SREG, NFT_REG_1);
	nftnl_expr_set_u32(expr, NFTNL_EXPR_LOOKUP_DREG, NFT_REG_VERDICT);
	nftnl_expr_set_str(expr, NFTNL_EXPR_LOOKUP_SET, set->name);
	nftnl_rule_add_expr(raw, expr);
	return 0;
}

static int add_comment(struct nftnl_rule *raw)
{
	struct nftnl_udata_buf *udata;

	udata = nftnl_udata_buf_alloc(NFTNL_UDATA_COMMENT_MAXLEN);
	if (!udata)
		return -ENOMEM;
	nftnl_udata_put_strz(udata, NFTNL_UDATA_RULE_COMMENT, "ctid");
	nftnl_rule_set_data(raw, NFTNL_RULE_USERDATA,
			    nftnl_udata_buf_data(udata),
			    nftnl_udata_buf_len(udata));
	nftnl_udata_buf_free(udata);
	return 0;
}

/* "socket cgroupv2 level LEVEL vmap @NAME", as the chain's first rule. */
static int write_rule(struct nfnl_batch *batch, const struct nftset *set,
		      uint32_t level)
{
	struct nftnl_rule *raw = nftnl_rule_alloc();
	struct nlmsghdr *nlh;
	int ret = -ENOMEM;

	if (!raw)
		return ret;
	nftnl_rule_set_str(raw, NFTNL_RULE_TABLE, set->table);
	nftnl_rule_set_str(raw, NFTNL_RULE_CHAIN, set->name);
	if (add_exprs(raw, set, level) || add_comment(raw))
		goto out;
	nlh = nfnl_batch_add(batch, NFT_MSG_NEWRULE, set->family,
			     NLM_F_CREATE);
	if (!nlh)
		goto out;
	nftnl_rule_nlmsg_build_payload(nlh, raw);
	ret = 0;
out:
	nftnl_rule_free(raw);
	return ret;
}

static int drop_rule(struct nfnl_batch *batch, const struct nftset *set,
		     uint64_t handle)
{
	struct nftnl_rule *raw = nftnl_rule_alloc();
	struct nlmsghdr *nlh = NULL;

	if (!raw)
		return -ENOMEM;
	nftnl_rule_set_str(raw, NFTNL_RULE_TABLE, set->table);
	nftnl_rule_set_str(raw, NFTNL_RULE_CHAIN, set->name);
	nftnl_rule_set_u64(raw, NFTNL_RULE_HANDLE, handle);
	nlh = nfnl_batch_add(batch, NFT_MSG_DELRULE, set->family, 0);
	if (nlh)
		nftnl_rule_nlmsg_build_payload(nlh, raw);
	nftnl_rule_free(raw);
	return nlh ? 0 : -ENOMEM;
}

static int write_chain(struct nfnl_batch *batch, const struct nftset *set)
{
	struct nftnl_chain *raw = nftnl_chain_alloc();
	struct nlmsghdr *nlh = NULL;

	if (!raw)
		return -ENOMEM;
	nftnl_chain_set_str(raw, NFTNL_CHAIN_TABLE, set->table);
	nftnl_chain_set_str(raw, NFTNL_CHAIN_NAME, set->name);
	nlh = nfnl_batch_add(batch, NFT_MSG_NEWCHAIN, set->family,
			     NLM_F_CREATE);
	if (nlh)
		nftnl_chain_nlmsg_build_payload(nlh, raw);
	nftnl_chain_free(raw);
	return nlh ? 0 : -ENOMEM;
}

static int write_rules(struct nfnl_batch *batch, const struct nftset *set,
		       const struct nftset_plan *plan)
{
	int ret = write_chain(batch, set);
	int level;
	size_t i;

	for (i = 0; !ret && i < set->nrules; i++)
		ret = drop_rule(batch, set, set->rules[i].handle);
	/* Each goes before the one written last. */
	for (level = 0; !ret && level < NFTSET_LEVELS; level++)
		if (plan->levels[level])
			ret = write_rule(batch, set, (uint32_t)level);
	return ret;
}

/**
 * nftset_write() - have a set made what it should be
 * @batch: the transaction that is to do it
 * @set: the set, with its content
 * @plan: what it should have
 *
 * Return: 0 or -ENOMEM.
 */
int nftset_write(struct nfnl_batch *batch, const struct nftset *set,
		 const struct nftset_plan *plan)
{
	int ret;

	ret = write_missing(batch, set, NFT_MSG_DELSETELEM, &set->have,
			    &plan->want);
	if (!ret)
		ret = write_missing(batch, set, NFT_MSG_NEWSETELEM,
				    &plan->want, &set->have);
	if (!ret && *set->decl.chain && !same_levels(set, plan))
		ret = write_rules(batch, set, plan);
	return ret;
}
