/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef CTID_NFTSET_H
#define CTID_NFTSET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <linux/container_id.h>

#include "nfnl.h"

/** nft has comments of up to 127 characters. */
#define NFTSET_COMMENT_SIZE	128
/** Levels are what the kernel has one byte for. */
#define NFTSET_LEVELS		256

/**
 * struct nftset_decl - what the comment of a set declares
 * @container: id or name
 * @chain: where to go from its rules, or "" for a plain set
 */
struct nftset_decl {
	char container[CONTAINER_ID_NAMSIZ];
	char chain[NFTSET_COMMENT_SIZE];
};

/**
 * enum nftset_kind - what an element does
 * @NFTSET_OWN: the cgroup is bound to the container
 * @NFTSET_OTHER: it is below one such, but bound to another container
 * @NFTSET_WRONG: something that ctid would not have put there
 */
enum nftset_kind {
	NFTSET_OWN,
	NFTSET_OTHER,
	NFTSET_WRONG,
};

/**
 * struct nftset_elem - an element
 * @cgroup: cgroup id
 * @kind: what it does
 */
struct nftset_elem {
	uint64_t cgroup;
	enum nftset_kind kind;
};

/**
 * struct nftset_elems - elements, ordered by cgroup once they are all there
 * @at: the elements
 * @count: how many
 */
struct nftset_elems {
	struct nftset_elem *at;
	size_t count;
};

/**
 * struct nftset_rule - a rule of ctid's, in the chain that belongs to a map
 * @handle: the kernel's number for it
 * @level: which level it looks at
 */
struct nftset_rule {
	uint64_t handle;
	uint32_t level;
};

/**
 * struct nftset - a set or verdict map that says that ctid is to fill it
 * @family: NFPROTO_*
 * @table: its table
 * @name: its name, and that of the chain that belongs to a map
 * @decl: what its comment declares
 * @problem: why it cannot be filled, or NULL
 * @have: its elements
 * @rules: ctid's rules in the chain, in order
 * @nrules: how many
 * @theirs: the chain has rules of the user's
 * @behind: some of ctid's come after one of these
 */
struct nftset {
	uint32_t family;
	char *table;
	char *name;
	struct nftset_decl decl;
	const char *problem;
	struct nftset_elems have;
	struct nftset_rule *rules;
	size_t nrules;
	bool theirs;
	bool behind;
};

/**
 * struct nftset_list - all of them in this network namespace
 * @sets: the sets
 * @count: how many
 */
struct nftset_list {
	struct nftset *sets;
	size_t count;
};

/**
 * struct nftset_plan - what a set should have
 * @want: its elements
 * @levels: for which levels its chain should have rules
 */
struct nftset_plan {
	struct nftset_elems want;
	bool levels[NFTSET_LEVELS];
};

/* nftset_name.c */
bool nftset_identifier(const char *word);
int nftset_family(const char *word, uint32_t *family);
const char *nftset_family_name(uint32_t family);
int nftset_parse(const char *comment, struct nftset_decl *decl);

/* nftset_read.c */
int nftset_read(struct nfnl *nfnl, struct nftset_list *list);
int nftset_read_content(struct nfnl *nfnl, struct nftset *set);
void nftset_list_free(struct nftset_list *list);
int nftset_elem_add(struct nftset_elems *elems, uint64_t cgroup,
		    enum nftset_kind kind);
void nftset_elems_sort(struct nftset_elems *elems);
int nftset_find_table(struct nfnl *nfnl, uint32_t family, const char *table);
int nftset_find_chain(struct nfnl *nfnl, uint32_t family, const char *table,
		      const char *chain);

/* nftset_write.c */
bool nftset_current(const struct nftset *set, const struct nftset_plan *plan);
int nftset_write(struct nfnl_batch *batch, const struct nftset *set,
		 const struct nftset_plan *plan);

#endif /* CTID_NFTSET_H */
