// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a runtime's answer to ListPodSandbox says of a pod: a message of gRPC with one of
 * protobuf in it. It is about all pods, and who makes pods chooses how many labels they
 * have. So it is taken apart where it lies: of each pod is noted where its names are, and
 * its labels are looked at when it is the one that is asked about. What is wrong with
 * one is not the others'.
 *
 * Of runtime.v1, by the numbers of the fields:
 *   ListPodSandboxResponse	1 items
 *   PodSandbox			2 metadata, 3 state, 5 labels
 *   PodSandboxMetadata		1 name, 2 uid, 3 namespace, 4 attempt
 *   an entry of a map		1 key, 2 value
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "cri_answer.h"
#include "wire.h"

/** Before the message: whether it is compressed, and how long it is. */
#define HEAD	5

/**
 * struct sandbox - a pod's sandbox, as the answer has it
 * @all: all of it
 * @name: the pod's name
 * @uid: its uid
 * @namespace: its namespace
 * @attempt: how many there were before
 * @state: 0: it is ready
 * @is_bad: the answer has something else in it as well
 */
struct sandbox {
	struct wire all;
	struct wire name, uid, namespace;
	uint32_t attempt;
	uint32_t state;
	bool is_bad;
};

/**
 * struct cri_list - an answer
 * @sandboxes: those in it that have a uid
 * @n: how many
 * @room: how many there is memory for
 */
struct cri_list {
	struct sandbox *sandboxes;
	size_t n, room;
};

/* The one message that is all of it. */
static bool is_framed(const uint8_t *body, size_t len)
{
	size_t said;

	if (len < HEAD || body[0])
		return false;
	said = (size_t)body[1] << 24 | (size_t)body[2] << 16 |
	       (size_t)body[3] << 8 | body[4];
	return said == len - HEAD;
}

static int keep(struct cri_list *list, const struct sandbox *sandbox)
{
	struct sandbox *more;
	size_t room;

	if (list->n == list->room) {
		room = list->room ? 2 * list->room : 64;
		if (room > CRI_MAX_MEMORY / sizeof(*more))
			return -EPROTO;
		more = realloc(list->sandboxes, room * sizeof(*more));
		if (!more)
			return -ENOMEM;
		list->sandboxes = more;
		list->room = room;
	}
	list->sandboxes[list->n++] = *sandbox;
	return 0;
}

/* Of a field that is there twice the last one counts, of a message what is in any. */
static int read_metadata(struct sandbox *sandbox, struct wire metadata)
{
	struct wire_field field;
	int ret;

	while ((ret = wire_next(&metadata, &field)) > 0) {
		if (field.number == 1)
			ret = wire_bytes(&field, &sandbox->name);
		else if (field.number == 2)
			ret = wire_bytes(&field, &sandbox->uid);
		else if (field.number == 3)
			ret = wire_bytes(&field, &sandbox->namespace);
		else if (field.number == 4)
			ret = wire_number(&field, &sandbox->attempt);
		if (ret < 0)
			break;
	}
	return ret;
}

static int read_sandbox(struct sandbox *sandbox)
{
	struct wire rest = sandbox->all, metadata;
	struct wire_field field;
	int ret;

	while ((ret = wire_next(&rest, &field)) > 0) {
		if (field.number == 2)
			ret = wire_bytes(&field, &metadata);
		if (ret >= 0 && field.number == 2)
			ret = read_metadata(sandbox, metadata);
		else if (field.number == 3)
			ret = wire_number(&field, &sandbox->state);
		if (ret < 0)
			break;
	}
	return ret;
}

static int read_all(struct cri_list *list, struct wire rest)
{
	struct wire_field field;
	int ret;

	while ((ret = wire_next(&rest, &field)) > 0) {
		struct sandbox sandbox = { 0 };

		if (field.number != 1)
			continue;
		ret = wire_bytes(&field, &sandbox.all);
		if (ret)
			break;
		sandbox.is_bad = read_sandbox(&sandbox);
		if (sandbox.uid.len)
			ret = keep(list, &sandbox);
		if (ret < 0)
			break;
	}
	return ret;
}

/**
 * cri_list_read() - read an answer
 * @list: filled, to be freed with cri_list_free(), also after a failure
 * @body: the answer, with gRPC's head, which has to stay as long as the list
 * @len: its length
 *
 * Return: 0, -EPROTO if it is no answer or takes too much, or -ENOMEM.
 */
int cri_list_read(struct cri_list **list, const void *body, size_t len)
{
	struct cri_list *new = calloc(1, sizeof(*new));

	*list = new;
	if (!new)
		return -ENOMEM;
	if (!is_framed(body, len))
		return -EPROTO;
	return read_all(new, (struct wire){ (const uint8_t *)body + HEAD,
					    len - HEAD });
}

/**
 * cri_list_free() - forget an answer
 * @list: the answer, or NULL
 */
void cri_list_free(struct cri_list *list)
{
	if (list)
		free(list->sandboxes);
	free(list);
}

static bool is_about(const struct sandbox *sandbox, const char *uid)
{
	return sandbox->uid.len == strlen(uid) &&
	       !memcmp(sandbox->uid.at, uid, strlen(uid));
}

/* A pod's sandbox may have died and be made anew: the one that is ready counts. */
static bool is_later(const struct sandbox *one, const struct sandbox *other)
{
	if (!one->state != !other->state)
		return !one->state;
	return one->attempt > other->attempt;
}

/* To be freed; NULL if it is no string, or without memory. */
static char *string(const struct wire *bytes, int *ret)
{
	char *s;

	if (*ret)
		return NULL;
	if (bytes->len && memchr(bytes->at, '\0', bytes->len)) {
		*ret = -EPROTO;
		return NULL;
	}
	s = bytes->len ? strndup((const char *)bytes->at, bytes->len) : strdup("");
	if (!s)
		*ret = -ENOMEM;
	return s;
}

static int take_label(struct subject *subject, const struct labels *labels,
		      struct wire label)
{
	struct wire key = { 0 }, value = { 0 };
	struct wire_field field;
	char *key_text, *value_text;
	int ret;

	while ((ret = wire_next(&label, &field)) > 0) {
		if (field.number == 1)
			ret = wire_bytes(&field, &key);
		else if (field.number == 2)
			ret = wire_bytes(&field, &value);
		if (ret < 0)
			return ret;
	}
	key_text = string(&key, &ret);
	value_text = string(&value, &ret);
	if (!ret)
		ret = labels_add(labels, subject, key_text, value_text);
	free(key_text);
	free(value_text);
	return ret;
}

static int take_labels(struct subject *subject, const struct labels *labels,
		       struct wire sandbox)
{
	struct wire_field field;
	struct wire label;
	int ret;

	while ((ret = wire_next(&sandbox, &field)) > 0) {
		if (field.number != 5)
			continue;
		ret = wire_bytes(&field, &label);
		if (!ret)
			ret = take_label(subject, labels, label);
		if (ret)
			break;
	}
	return ret;
}

static int take_all(struct subject *subject, const struct labels *labels,
		    const struct sandbox *sandbox)
{
	int ret = 0;

	subject->name = string(&sandbox->name, &ret);
	subject->namespace = string(&sandbox->namespace, &ret);
	if (!ret && (!*subject->name || !*subject->namespace))
		ret = -EPROTO;
	return ret ? ret : take_labels(subject, labels, sandbox->all);
}

/**
 * cri_list_tell() - take what an answer says of a pod
 * @list: the answer
 * @labels: those that rules name
 * @subject: the pod, of which nothing was told before; it is told, if it is in there
 *
 * Return: 1 if it is, 0 if not, or a negative errno, -EPROTO if what is said of it
 * cannot be.
 */
int cri_list_tell(const struct cri_list *list, const struct labels *labels,
		  struct subject *subject)
{
	const struct sandbox *sandbox = NULL, *one;
	int ret;
	size_t i;

	for (i = 0; i < list->n; i++) {
		one = &list->sandboxes[i];
		if (!is_about(one, subject->id))
			continue;
		/* Nobody knows which one would have counted. */
		if (one->is_bad)
			return -EPROTO;
		if (!sandbox || is_later(one, sandbox))
			sandbox = one;
	}
	if (!sandbox)
		return 0;
	ret = take_all(subject, labels, sandbox);
	if (ret) {
		subject_forget(subject);
		return ret;
	}
	subject->told = TOLD_ALL;
	return 1;
}
