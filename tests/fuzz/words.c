// SPDX-License-Identifier: GPL-2.0-only
/* Lines, escapes, flow ids, names, the comment of a set of nft's, cgroup paths. */
#include "fuzz.h"

#include "../nft/nftset.h"
#include "flow.h"
#include "names.h"
#include "text.h"

/* A path that is escaped is one word, and unescaped what it was. */
static void escape(const char *text)
{
	char path[4096], *copy, *rest, *word;

	snprintf(path, sizeof(path), "/%s", text);
	copy = text_escaped(path);
	MUST(copy);
	rest = copy;
	word = text_word(&rest);
	MUST(word && !text_word(&rest));
	text_unescape(word);
	MUST(!strcmp(word, path));
	free(copy);
}

static void comment(const char *text)
{
	struct nftset_decl decl;

	if (nftset_parse(text, &decl))
		return;
	MUST(strlen(decl.container) < sizeof(decl.container));
	MUST(!*decl.chain || nftset_identifier(decl.chain));
}

static void flow(char *line)
{
	struct flow_change change = { .to.set = 0 };
	char words[FLOW_SIZE], *rest = line, *word, *value;
	struct ctid_err err;

	while ((word = text_word(&rest))) {
		value = strchr(word, '=');
		if (value)
			*value++ = '\0';
		if (!flow_parse(&change, word, value, &err))
			flow_words(words, &change.to);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_string(data, size);
	uint32_t number;

	escape(text);
	comment(text);
	show(text);
	is_range(text);
	if (is_number(text))
		number_parse(text, &number);
	name_problem(text);
	nftset_identifier(text);
	flow(text);
	free(text);
	return 0;
}
