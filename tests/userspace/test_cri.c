// SPDX-License-Identifier: GPL-2.0-only
/* Answers of runtimes of pods: good ones, broken ones, and such as mean harm. */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>

#include "ctidd/cri_answer.h"
#include "tap.h"

#define UID_A	"11111111-2222-3333-4444-55555555555a"
#define UID_B	"11111111-2222-3333-4444-55555555555b"
#define CGROUP	"/kubepods/burstable/pod"

/* Fields of a message, by number and wire type. */
#define VARINT(field)	((field) << 3)
#define BYTES(field)	((field) << 3 | 2)

/** Labels whose keys these are, ordered, are named by a rule. */
static const char *named[] = { "empty", "tier" };
static const struct labels labels = { named, 2 };

struct bytes {
	uint8_t data[4096];
	size_t len;
};

static void put(struct bytes *to, const void *data, size_t len)
{
	memcpy(to->data + to->len, data, len);
	to->len += len;
}

static void put_number(struct bytes *to, uint64_t number)
{
	for (; number > 127; number >>= 7)
		to->data[to->len++] = (uint8_t)number | 128;
	to->data[to->len++] = (uint8_t)number;
}

static void put_bytes(struct bytes *to, unsigned int field, const void *data,
		      size_t len)
{
	put_number(to, BYTES(field));
	put_number(to, len);
	put(to, data, len);
}

static void put_string(struct bytes *to, unsigned int field, const char *string)
{
	put_bytes(to, field, string, strlen(string));
}

static void put_varint(struct bytes *to, unsigned int field, uint64_t number)
{
	put_number(to, VARINT(field));
	put_number(to, number);
}

static void put_message(struct bytes *to, unsigned int field,
			const struct bytes *message)
{
	put_bytes(to, field, message->data, message->len);
}

static struct bytes metadata(const char *name, const char *uid,
			     const char *space, unsigned int attempt)
{
	struct bytes meta = { .len = 0 };

	put_string(&meta, 1, name);
	put_string(&meta, 2, uid);
	put_string(&meta, 3, space);
	put_varint(&meta, 4, attempt);
	return meta;
}

static void put_label(struct bytes *to, const char *key, const char *value,
		      size_t len)
{
	struct bytes label = { .len = 0 };

	put_string(&label, 1, key);
	put_bytes(&label, 2, value, len);
	put_message(to, 5, &label);
}

static void put_sandbox(struct bytes *to, const struct bytes *meta,
			unsigned int state, const char *tier)
{
	struct bytes sandbox = { .len = 0 };

	put_string(&sandbox, 1, "0123456789abcdef");
	put_message(&sandbox, 2, meta);
	put_varint(&sandbox, 3, state);
	put_varint(&sandbox, 4, 1764000000000000000);
	put_label(&sandbox, "tier", tier, strlen(tier));
	put_label(&sandbox, "a=b", "c", 1);
	put_label(&sandbox, "empty", "", 0);
	put_string(&sandbox, 6, "an annotation");
	put_string(&sandbox, 99, "from the future");
	put_message(to, 1, &sandbox);
}

/* Two pods, of which one has a dead sandbox, too. */
static struct bytes good(void)
{
	struct bytes all = { .len = 0 }, meta;

	meta = metadata("web-0", UID_A, "shop", 1);
	put_sandbox(&all, &meta, 0, "front");
	meta = metadata("db-0", UID_B, "store", 0);
	put_sandbox(&all, &meta, 0, "back");
	meta = metadata("web-0", UID_A, "shop", 2);
	put_sandbox(&all, &meta, 1, "dead");
	return all;
}

/*
 * What reading says, or else what telling does: in memory that is no longer than the
 * answer, so that a sanitizer sees who reads on.
 */
static int read_bare(const void *body, size_t len, struct subject *subject)
{
	uint8_t *copy = malloc(len ? len : 1);
	struct cri_list *list = NULL;
	int ret = -ENOMEM;

	subject_forget(subject);
	if (copy) {
		if (len)
			memcpy(copy, body, len);
		ret = cri_list_read(&list, copy, len);
	}
	if (!ret)
		ret = cri_list_tell(list, &labels, subject);
	cri_list_free(list);
	free(copy);
	return ret;
}

/* The same, with gRPC's head before it. */
static int read_framed(const void *message, size_t len, struct subject *subject)
{
	uint8_t *body = malloc(len + 5);
	int ret = -ENOMEM;

	if (body) {
		body[0] = 0;
		body[1] = (uint8_t)(len >> 24);
		body[2] = (uint8_t)(len >> 16);
		body[3] = (uint8_t)(len >> 8);
		body[4] = (uint8_t)len;
		if (len)
			memcpy(body + 5, message, len);
		ret = read_bare(body, len + 5, subject);
	}
	free(body);
	return ret;
}

static void test_good(struct subject *a, struct subject *b, struct subject *c)
{
	struct bytes all = good();

	ok(read_framed(all.data, all.len, a) == 1 && a->told == TOLD_ALL,
	   "a pod is told");
	is(a->name, "web-0", "its name");
	is(a->namespace, "shop", "its namespace");
	ok(a->nlabels == 2, "its labels, but for a key with '='");
	is(a->labels[0], "tier=front", "of the sandbox that is ready");
	is(a->labels[1], "empty=", "also an empty one");
	ok(read_framed(all.data, all.len, b) == 1, "another one, whose uid has '_'");
	is(b->name, "db-0", "its name");
	ok(!read_framed(all.data, all.len, c) && c->told == TOLD_NOTHING && !c->name,
	   "a third one is not in there");
	ok(!read_framed("", 0, a), "nobody is in an empty answer");
}

static void test_latest(struct subject *a)
{
	static const char * const tiers[] = { "1", "0", "3", "2" };
	struct bytes all = { .len = 0 }, meta;
	unsigned int attempt;

	for (attempt = 0; attempt < 4; attempt++) {
		meta = metadata("web-0", UID_A, "shop", attempt ^ 1);
		put_sandbox(&all, &meta, 1, tiers[attempt]);
	}
	ok(read_framed(all.data, all.len, a) == 1, "all are dead");
	is(a->labels[0], "tier=3", "the last one counts");
}

static void test_head(struct subject *a)
{
	struct bytes all = good(), body = { .len = 0 };
	size_t len;

	for (len = 0; len < 5; len++)
		if (read_bare("\0\0\0\0\0", len, a) != -EPROTO)
			break;
	ok(len == 5, "half a head");
	ok(!read_bare("\0\0\0\0\0", 5, a), "a whole one");
	put(&body, "\1\0\0\0\0", 5);
	body.data[3] = (uint8_t)(all.len >> 8);
	body.data[4] = (uint8_t)all.len;
	put(&body, all.data, all.len);
	ok(read_bare(body.data, body.len, a) == -EPROTO, "it says that it is compressed");
	body.data[0] = 0;
	ok(read_bare(body.data, body.len, a) == 1, "it does not");
	ok(read_bare(body.data, body.len - 1, a) == -EPROTO, "it is shorter than it says");
	ok(read_bare(body.data, body.len + 1, a) == -EPROTO, "it is longer");
	body.data[4]++;
	ok(read_bare(body.data, body.len, a) == -EPROTO, "it says one more");
	memset(body.data, 0, 5);
	ok(read_bare(body.data, body.len, a) == -EPROTO, "it says that it is empty");
	body.data[1] = 0xff;
	ok(read_bare(body.data, body.len, a) == -EPROTO, "it says that it is 4 GB long");
}

static void test_truncated(struct subject *a)
{
	struct bytes all = good();
	size_t first = 2 + all.data[1], len, wrong = 0;
	int ret;

	/* The first sandbox is shorter than 256 bytes: its length takes two. */
	if (all.data[1] & 128)
		first = 3 + (all.data[1] & 127u) + 128u * all.data[2];
	for (len = 0; len < all.len; len++) {
		ret = read_framed(all.data, len, a);
		if (ret == 1 ? len < first : ret && ret != -EPROTO)
			wrong++;
		if (ret != 1 && (a->name || a->nlabels || a->told != TOLD_NOTHING))
			wrong++;
	}
	ok(!wrong, "cut anywhere, half a sandbox tells nothing");
}

/* MESSAGE is no answer. */
#define REFUSED(message, what) \
	ok(read_framed(message, sizeof(message) - 1, a) == -EPROTO, what)

static void test_hostile(struct subject *a)
{
	REFUSED("\x0a", "a field without its length");
	REFUSED("\x0a\x05x", "a field that ends beyond the answer");
	REFUSED("\x0a\xff\xff\xff\xff\x0f", "one of 4 GB");
	REFUSED("\x0a\xff\xff\xff\xff\x07x", "one of 2 GB");
	REFUSED("\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", "one of 2^64-1 bytes");
	REFUSED("\x0a\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x00",
		"a length in too many bytes");
	REFUSED("\x8a\x80\x80\x80\x80\x80\x80\x80\x00\x00", "a number of a field, too");
	REFUSED("\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80", "one without an end");
	REFUSED("\x02\x00", "field 0");
	REFUSED("\x08\x01", "a number where a message has to be");
	REFUSED("\x0b\x0c", "a group");
	REFUSED("\x0f\x00", "wire type 7");
}

/* What is wrong with the sandbox of one, behind its names, as TAIL. */
static int read_wrong(struct subject *subject, const void *tail, size_t len)
{
	struct bytes all = { .len = 0 }, sandbox = { .len = 0 }, meta;

	meta = metadata("web-0", UID_A, "shop", 1);
	put_sandbox(&all, &meta, 0, "front");
	put_message(&sandbox, 2, &meta);
	put(&sandbox, tail, len);
	put_message(&all, 1, &sandbox);
	meta = metadata("db-0", UID_B, "store", 0);
	put_sandbox(&all, &meta, 0, "back");
	return read_framed(all.data, all.len, subject);
}

#define WRONG(tail, what)						\
	ok(read_wrong(a, tail, sizeof(tail) - 1) == -EPROTO && !a->name && \
	   read_wrong(b, tail, sizeof(tail) - 1) == 1, what)

static void test_wrong(struct subject *a, struct subject *b)
{
	WRONG("\x12\x7fx", "a message that ends beyond the one it is in is one pod's alone");
	WRONG("\x12\x02\x0a\x05", "a string that does");
	WRONG("\x10\x01", "a number where metadata has to be");
	WRONG("\x12\x02\x08\x01", "or a name");
	WRONG("\x1a\x01\x00", "text where a state has to be");
	WRONG("\x18\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", "a state without an end");
	WRONG("\x30", "half a field");
	WRONG("\x2b\x2c", "a group");
	ok(read_wrong(a, "", 0) == 1, "without it, it is none");
}

/* Behind its names, what is wrong with its labels is known when they are looked at. */
static void test_wrong_label(struct subject *a)
{
	struct bytes all = { .len = 0 }, sandbox = { .len = 0 }, meta;

	meta = metadata("web", UID_A, "shop", 0);
	put_message(&sandbox, 2, &meta);
	put_label(&sandbox, "tier", "front", 5);
	put(&sandbox, "\x2a\x02\x0a\x05", 4);
	put_message(&all, 1, &sandbox);
	ok(read_framed(all.data, all.len, a) == -EPROTO && !a->name && !a->nlabels,
	   "a key that ends beyond its label");
}

static void test_strings(struct subject *a, struct subject *b)
{
	struct bytes all = { .len = 0 }, meta, sandbox = { .len = 0 };

	meta = metadata("", UID_A, "shop", 0);
	put_sandbox(&all, &meta, 0, "x");
	ok(read_framed(all.data, all.len, a) == -EPROTO && !a->name, "no name");
	all.len = 0;
	meta = metadata("web", UID_A, "", 0);
	put_sandbox(&all, &meta, 0, "x");
	ok(read_framed(all.data, all.len, a) == -EPROTO && !a->name, "no namespace");

	/* Were it cut there, "front" would be in front of what nobody sees. */
	all.len = 0;
	meta = metadata("web", UID_A, "shop", 0);
	put_message(&sandbox, 2, &meta);
	put_label(&sandbox, "tier", "front\0x", 7);
	put_message(&all, 1, &sandbox);
	meta = metadata("db", UID_B, "shop", 0);
	put_sandbox(&all, &meta, 0, "x");
	ok(read_framed(all.data, all.len, a) == -EPROTO && !a->name && !a->nlabels,
	   "a label with a NUL byte");
	ok(read_framed(all.data, all.len, b) == 1, "is no other pod's fault");

	all.len = 0;
	sandbox.len = 0;
	put_string(&sandbox, 1, UID_A);
	put_message(&all, 1, &sandbox);
	ok(!read_framed(all.data, all.len, a), "a sandbox without metadata");
	all.len = 0;
	meta = metadata("web", UID_A "x", "shop", 0);
	put_sandbox(&all, &meta, 0, "x");
	meta = metadata("web", "", "shop", 0);
	put_sandbox(&all, &meta, 0, "x");
	ok(!read_framed(all.data, all.len, a), "a uid that begins so is another one");
}

/* Sandboxes, all alike, as many as are in 16 MB. */
static int read_many(struct subject *subject, const char *one, size_t len)
{
	size_t n = (16UL << 20) / len, i;
	uint8_t *body = malloc(n * len);
	int ret = -ENOMEM;

	for (i = 0; body && i < n; i++)
		memcpy(body + i * len, one, len);
	if (body)
		ret = read_framed(body, n * len, subject);
	free(body);
	return ret;
}

static void test_memory(struct subject *a)
{
	ok(!read_many(a, "\x0a\x00", 2), "eight million empty sandboxes are nobody's");
	ok(read_many(a, "\x0a\x05\x12\x03\x12\x01x", 7) == -EPROTO,
	   "two million with a uid are too many");
}

#define LABELS	200000
#define LABEL_LEN	13

/* A pod with many labels, of which the last one is the one that a rule names. */
static size_t put_many(uint8_t *to, const char *uid)
{
	struct bytes meta = metadata("many", uid, "shop", 0);
	struct bytes head = { .len = 0 }, names = { .len = 0 }, tail = { .len = 0 };
	uint8_t *at = to;
	size_t i;

	put_message(&names, 2, &meta);
	put_label(&tail, "tier", "front", 5);
	put_number(&head, BYTES(1));
	put_number(&head, names.len + LABELS * LABEL_LEN + tail.len);
	put(&head, names.data, names.len);
	memcpy(at, head.data, head.len);
	at += head.len;
	/* The last byte is the length of the value, and is the string's end. */
	for (i = 0; i < LABELS; i++, at += LABEL_LEN)
		snprintf((char *)at, LABEL_LEN, "\x2a\x0b\x0a\x07l%06zu\x12", i);
	memcpy(at, tail.data, tail.len);
	return (size_t)(at - to) + tail.len;
}

static void test_many(struct subject *a, struct subject *b, struct subject *c)
{
	static const char uids[][40] = {
		"x", "y", "z", "22222222222222222222222222222222"
	};
	uint8_t *body = malloc(4 * (LABELS * LABEL_LEN + sizeof(struct bytes)));
	struct bytes all = good();
	size_t len = 0, i;

	if (!body)
		return;
	for (i = 0; i < 4; i++)
		len += put_many(body + len, uids[i]);
	memcpy(body + len, all.data, all.len);
	len += all.len;
	ok(read_framed(body, len, a) == 1 && read_framed(body, len, b) == 1,
	   "pods with 200,000 labels end nobody's naming");
	ok(read_framed(body, len, c) == 1 && c->nlabels == 1 + SUBJECT_OTHERS,
	   "they are named themselves, and few of their labels are kept");
	is(c->labels[SUBJECT_OTHERS], "tier=front", "one that a rule names is");
	free(body);
}

static void test_noise(struct subject *a)
{
	struct bytes all = good(), noisy;
	unsigned int seed = 1, round, i, wrong = 0;
	int ret;

	for (round = 0; round < 20000; round++) {
		noisy = all;
		for (i = 0; i <= round % 8; i++) {
			seed = seed * 1103515245 + 12345;
			noisy.data[seed / 65536 % all.len] = (uint8_t)(seed >> 24);
		}
		ret = read_framed(noisy.data, noisy.len, a);
		if (ret > 1 || (ret < 0 && ret != -EPROTO) ||
		    (ret == 1) != (a->told == TOLD_ALL) || (ret == 1) != !!a->name)
			wrong++;
	}
	ok(!wrong, "noise is an answer or none");
}

int main(void)
{
	struct subject a, b, c;

	if (subject_init(&a, CGROUP UID_A, true) ||
	    subject_init(&b, "/kubepods.slice/kubepods-pod11111111_2222_3333_4444_55555555555b.slice",
			 true) ||
	    subject_init(&c, CGROUP "22222222222222222222222222222222", true))
		return 1;
	test_good(&a, &b, &c);
	test_latest(&a);
	test_head(&a);
	test_truncated(&a);
	test_hostile(&a);
	test_wrong(&a, &b);
	test_wrong_label(&a);
	test_strings(&a, &b);
	test_memory(&a);
	test_many(&a, &b, &c);
	test_noise(&a);
	subject_clean(&a);
	subject_clean(&b);
	subject_clean(&c);
	return tap_done();
}
