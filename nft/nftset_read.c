// SPDX-License-Identifier: GPL-2.0-only
/*
 * What nf_tables has: declared sets, their elements, the rules of their chains.
 *
 * By netlink, since nft's language cannot name a cgroup that it does not find
 * below /sys/fs/cgroup, and its JSON of a rule has no level.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libnftnl/expr.h>
#include <libnftnl/rule.h>
#include <libnftnl/set.h>
#include <libnftnl/udata.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>

#include "nftset.h"

/** nft's number for the type cgroupsv2. */
#define TYPE_CGROUPV2	46

/* Room for one more in an array that grows by doubling. */
static void *with_room(void *array, size_t count, size_t size)
{
	if (count & (count - 1) || count == 1)
		return array;
	return realloc(array, (count ? count * 2 : 2) * size);
}

static int no_memory(void)
{
	errno = ENOMEM;
	return MNL_CB_ERROR;
}

struct wanted_udata {
	uint8_t type;
	const char *text;
};

static int find_text(const struct nftnl_udata *udata, void *data)
{
	struct wanted_udata *wanted = data;
	uint8_t len = nftnl_udata_len(udata);
	const char *text = nftnl_udata_get(udata);

	if (nftnl_udata_type(udata) == wanted->type && len && !text[len - 1])
		wanted->text = text;
	return 0;
}

/* The comment among what nft keeps beside a set or rule, or NULL. */
static const char *comment_in(const void *udata, uint32_t len, uint8_t type)
{
	struct wanted_udata wanted = { .type = type };

	if (udata)
		nftnl_udata_parse(udata, len, find_text, &wanted);
	return wanted.text;
}

static const char *problem_of(const struct nftnl_set *raw,
			      const struct nftset *set, int decl_ret)
{
	uint32_t flags = nftnl_set_get_u32(raw, NFTNL_SET_FLAGS);
	bool verdicts = flags & NFT_SET_MAP &&
			nftnl_set_get_u32(raw, NFTNL_SET_DATA_TYPE) ==
			NFT_DATA_VERDICT;

	if (nftnl_set_get_u32(raw, NFTNL_SET_KEY_TYPE) != TYPE_CGROUPV2)
		return "it is not of type cgroupsv2";
	if (decl_ret)
		return "its comment is not \"ctid ID|NAME\" or \"ctid ID|NAME goto CHAIN\"";
	if (!nftset_family_name(set->family))
		return "only the families inet, ip and ip6 have socket cgroupv2";
	if (flags & (NFT_SET_CONSTANT | NFT_SET_INTERVAL | NFT_SET_TIMEOUT))
		return "declare it without flags and timeout";
	if (*set->decl.chain && !verdicts)
		return "for \"goto\", declare a map of type cgroupsv2 : verdict";
	if (!*set->decl.chain && flags & NFT_SET_MAP)
		return "a map needs \"goto CHAIN\" in its comment";
	return NULL;
}

static int add_declared(const struct nftnl_set *raw, struct nftset_list *list)
{
	struct nftset set = { 0 }, *new;
	const char *comment;
	const void *udata;
	uint32_t len = 0;
	int ret;

	udata = nftnl_set_get_data(raw, NFTNL_SET_USERDATA, &len);
	comment = comment_in(udata, len, NFTNL_UDATA_SET_COMMENT);
	if (!comment || nftnl_set_get_u32(raw, NFTNL_SET_FLAGS) & NFT_SET_ANONYMOUS)
		return MNL_CB_OK;
	ret = nftset_parse(comment, &set.decl);
	if (ret == -ENOENT)
		return MNL_CB_OK;
	new = with_room(list->sets, list->count, sizeof(*new));
	if (!new)
		return no_memory();
	list->sets = new;
	set.family = nftnl_set_get_u32(raw, NFTNL_SET_FAMILY);
	set.table = strdup(nftnl_set_get_str(raw, NFTNL_SET_TABLE));
	set.name = strdup(nftnl_set_get_str(raw, NFTNL_SET_NAME));
	set.problem = problem_of(raw, &set, ret);
	new[list->count++] = set;
	return set.table && set.name ? MNL_CB_OK : no_memory();
}

static int take_set(const struct nlmsghdr *nlh, void *data)
{
	struct nftnl_set *raw = nftnl_set_alloc();
	int ret = MNL_CB_OK;

	if (!raw)
		return no_memory();
	if (!nftnl_set_nlmsg_parse(nlh, raw))
		ret = add_declared(raw, data);
	nftnl_set_free(raw);
	return ret;
}

/**
 * nftset_read() - find the sets that ctid is to fill
 * @nfnl: open
 * @list: filled in, without their content; to be freed with nftset_list_free()
 *
 * Return: 0 or a negative errno, -EINTR if the rule set changed meanwhile.
 */
int nftset_read(struct nfnl *nfnl, struct nftset_list *list)
{
	char buf[256] __attribute__((aligned(NLMSG_ALIGNTO)));
	struct nlmsghdr *nlh;

	*list = (struct nftset_list){ 0 };
	nlh = nfnl_header(nfnl, buf, NFT_MSG_GETSET, NFPROTO_UNSPEC,
			  NLM_F_DUMP);
	return nfnl_request(nfnl, nlh, take_set, list);
}

/**
 * nftset_elem_add() - note an element
 * @elems: where to
 * @cgroup: cgroup id
 * @kind: what it does
 *
 * Return: 0 or -ENOMEM.
 */
int nftset_elem_add(struct nftset_elems *elems, uint64_t cgroup,
		    enum nftset_kind kind)
{
	struct nftset_elem *at;

	at = with_room(elems->at, elems->count, sizeof(*at));
	if (!at)
		return -ENOMEM;
	elems->at = at;
	at[elems->count++] = (struct nftset_elem){ cgroup, kind };
	return 0;
}

static int by_cgroup(const void *a, const void *b)
{
	const struct nftset_elem *x = a, *y = b;

	return x->cgroup < y->cgroup ? -1 : x->cgroup > y->cgroup;
}

/**
 * nftset_elems_sort() - put elements in order
 * @elems: the elements
 */
void nftset_elems_sort(struct nftset_elems *elems)
{
	if (elems->count)
		qsort(elems->at, elems->count, sizeof(*elems->at), by_cgroup);
}

static enum nftset_kind kind_of(const struct nftset *set,
				struct nftnl_set_elem *elem)
{
	const char *chain;

	if (!*set->decl.chain)
		return NFTSET_OWN;
	if (!nftnl_set_elem_is_set(elem, NFTNL_SET_ELEM_VERDICT))
		return NFTSET_WRONG;
	switch ((int)nftnl_set_elem_get_u32(elem, NFTNL_SET_ELEM_VERDICT)) {
	case NFT_RETURN:
		return NFTSET_OTHER;
	case NFT_GOTO:
		chain = nftnl_set_elem_get_str(elem, NFTNL_SET_ELEM_CHAIN);
		if (chain && !strcmp(chain, set->decl.chain))
			return NFTSET_OWN;
		/* fall through */
	default:
		return NFTSET_WRONG;
	}
}

static int take_elem(struct nftnl_set_elem *elem, void *data)
{
	struct nftset *set = data;
	const void *key;
	uint64_t cgroup;
	uint32_t len;

	key = nftnl_set_elem_get(elem, NFTNL_SET_ELEM_KEY, &len);
	if (!key || len != sizeof(cgroup))
		return 0;
	memcpy(&cgroup, key, sizeof(cgroup));
	return nftset_elem_add(&set->have, cgroup, kind_of(set, elem));
}

static int take_elems(const struct nlmsghdr *nlh, void *data)
{
	struct nftnl_set *raw = nftnl_set_alloc();
	int ret = 0;

	if (!raw)
		return no_memory();
	if (!nftnl_set_elems_nlmsg_parse(nlh, raw))
		ret = nftnl_set_elem_foreach(raw, take_elem, data);
	nftnl_set_free(raw);
	return ret < 0 ? no_memory() : MNL_CB_OK;
}

static int read_elems(struct nfnl *nfnl, struct nftset *set)
{
	char buf[1024] __attribute__((aligned(NLMSG_ALIGNTO)));
	struct nlmsghdr *nlh;

	nlh = nfnl_header(nfnl, buf, NFT_MSG_GETSETELEM, set->family,
			  NLM_F_DUMP);
	mnl_attr_put_strz(nlh, NFTA_SET_ELEM_LIST_TABLE, set->table);
	mnl_attr_put_strz(nlh, NFTA_SET_ELEM_LIST_SET, set->name);
	return nfnl_request(nfnl, nlh, take_elems, set);
}

static uint32_t level_of(const struct nftnl_rule *raw)
{
	struct nftnl_expr_iter *iter = nftnl_expr_iter_create(raw);
	uint32_t level = NFTSET_LEVELS;
	struct nftnl_expr *expr;

	while (iter && (expr = nftnl_expr_iter_next(iter)))
		if (!strcmp(nftnl_expr_get_str(expr, NFTNL_EXPR_NAME), "socket"))
			level = nftnl_expr_get_u32(expr, NFTNL_EXPR_SOCKET_LEVEL);
	if (iter)
		nftnl_expr_iter_destroy(iter);
	return level;
}

/* A rule of ctid's is one with the comment "ctid". Others are the user's. */
static int add_rule(const struct nftnl_rule *raw, struct nftset *set)
{
	struct nftset_rule *new;
	const char *comment;
	const void *udata;
	uint32_t len = 0;

	udata = nftnl_rule_get_data(raw, NFTNL_RULE_USERDATA, &len);
	comment = comment_in(udata, len, NFTNL_UDATA_RULE_COMMENT);
	if (!comment || strcmp(comment, "ctid") != 0) {
		set->theirs = true;
		return MNL_CB_OK;
	}
	set->behind |= set->theirs;
	new = with_room(set->rules, set->nrules, sizeof(*new));
	if (!new)
		return no_memory();
	set->rules = new;
	new[set->nrules++] = (struct nftset_rule){
		.handle = nftnl_rule_get_u64(raw, NFTNL_RULE_HANDLE),
		.level = level_of(raw),
	};
	return MNL_CB_OK;
}

static int take_rule(const struct nlmsghdr *nlh, void *data)
{
	struct nftnl_rule *raw = nftnl_rule_alloc();
	int ret = MNL_CB_OK;

	if (!raw)
		return no_memory();
	if (!nftnl_rule_nlmsg_parse(nlh, raw))
		ret = add_rule(raw, data);
	nftnl_rule_free(raw);
	return ret;
}

static int read_rules(struct nfnl *nfnl, struct nftset *set)
{
	char buf[1024] __attribute__((aligned(NLMSG_ALIGNTO)));
	struct nlmsghdr *nlh;

	nlh = nfnl_header(nfnl, buf, NFT_MSG_GETRULE, set->family, NLM_F_DUMP);
	mnl_attr_put_strz(nlh, NFTA_RULE_TABLE, set->table);
	mnl_attr_put_strz(nlh, NFTA_RULE_CHAIN, set->name);
	return nfnl_request(nfnl, nlh, take_rule, set);
}

/**
 * nftset_read_content() - read a set's elements, and the rules of its chain
 * @nfnl: open
 * @set: from nftset_read()
 *
 * Return: 0 or a negative errno, -EINTR if the rule set changed meanwhile.
 */
int nftset_read_content(struct nfnl *nfnl, struct nftset *set)
{
	int ret = read_elems(nfnl, set);

	nftset_elems_sort(&set->have);
	if (!ret && *set->decl.chain)
		ret = read_rules(nfnl, set);
	return ret;
}

/**
 * nftset_list_free() - forget sets
 * @list: filled or zeroed
 */
void nftset_list_free(struct nftset_list *list)
{
	size_t i;

	for (i = 0; i < list->count; i++) {
		free(list->sets[i].table);
		free(list->sets[i].name);
		free(list->sets[i].have.at);
		free(list->sets[i].rules);
	}
	free(list->sets);
	*list = (struct nftset_list){ 0 };
}

/**
 * nftset_find_table() - is there such a table?
 * @nfnl: open
 * @family: NFPROTO_*
 * @table: its name
 *
 * Return: 0 or a negative errno, -ENOENT if there is none.
 */
int nftset_find_table(struct nfnl *nfnl, uint32_t family, const char *table)
{
	char buf[1024] __attribute__((aligned(NLMSG_ALIGNTO)));
	struct nlmsghdr *nlh;

	nlh = nfnl_header(nfnl, buf, NFT_MSG_GETTABLE, family, NLM_F_ACK);
	mnl_attr_put_strz(nlh, NFTA_TABLE_NAME, table);
	return nfnl_request(nfnl, nlh, NULL, NULL);
}

/**
 * nftset_find_chain() - is there such a chain?
 * @nfnl: open
 * @family: NFPROTO_*
 * @table: its table
 * @chain: its name
 *
 * Return: 0 or a negative errno, -ENOENT if there is none.
 */
int nftset_find_chain(struct nfnl *nfnl, uint32_t family, const char *table,
		      const char *chain)
{
	char buf[1024] __attribute__((aligned(NLMSG_ALIGNTO)));
	struct nlmsghdr *nlh;

	nlh = nfnl_header(nfnl, buf, NFT_MSG_GETCHAIN, family, NLM_F_ACK);
	mnl_attr_put_strz(nlh, NFTA_CHAIN_TABLE, table);
	mnl_attr_put_strz(nlh, NFTA_CHAIN_NAME, chain);
	return nfnl_request(nfnl, nlh, NULL, NULL);
}
