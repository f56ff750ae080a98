// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a runtime's answer to ListPodSandbox says of a pod: a message of gRPC with
 * one of protobuf in it, which libprotobuf-c reads. An answer can be made such that
 * it takes a hundred times its size, so what it takes is limited, too.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "cri.pb-c.h"
#include "cri_answer.h"

/** Before the message: whether it is compressed, and how long it is. */
#define HEAD	5

/**
 * struct cri_list - an answer
 * @allocator: what it was read with
 * @left: how much memory that may still take
 * @all: the answer
 */
struct cri_list {
	ProtobufCAllocator allocator;
	size_t left;
	Cri__ListPodSandboxResponse *all;
};

static void *take_memory(void *data, size_t size)
{
	struct cri_list *list = data;

	if (size > list->left)
		return NULL;
	list->left -= size;
	return malloc(size);
}

static void give_memory(void *data, void *memory)
{
	(void)data;
	free(memory);
}

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

/**
 * cri_list_read() - read an answer
 * @list: filled, to be freed with cri_list_free(), also after a failure
 * @body: the answer, with gRPC's head
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
	new->left = CRI_MAX_MEMORY;
	new->allocator = (ProtobufCAllocator){
		.alloc = take_memory,
		.free = give_memory,
		.allocator_data = new,
	};
	if (!is_framed(body, len))
		return -EPROTO;
	new->all = cri__list_pod_sandbox_response__unpack(&new->allocator,
			len - HEAD, (const uint8_t *)body + HEAD);
	return new->all ? 0 : -EPROTO;
}

/**
 * cri_list_free() - forget an answer
 * @list: the answer, or NULL
 */
void cri_list_free(struct cri_list *list)
{
	if (list && list->all)
		cri__list_pod_sandbox_response__free_unpacked(list->all,
							      &list->allocator);
	free(list);
}

static bool is_about(const Cri__Sandbox *sandbox, const char *uid)
{
	return sandbox->metadata &&
	       sandbox->metadata->uid.len == strlen(uid) &&
	       !memcmp(sandbox->metadata->uid.data, uid, strlen(uid));
}

/* A pod's sandbox may have died and be made anew: the one that is ready counts. */
static bool is_later(const Cri__Sandbox *one, const Cri__Sandbox *other)
{
	if (!one->state != !other->state)
		return !one->state;
	return one->metadata->attempt > other->metadata->attempt;
}

/* To be freed; NULL if it is no string, or without memory. */
static char *string(const ProtobufCBinaryData *bytes, int *ret)
{
	char *s;

	if (*ret)
		return NULL;
	if (bytes->len && memchr(bytes->data, '\0', bytes->len)) {
		*ret = -EPROTO;
		return NULL;
	}
	s = bytes->len ? strndup((const char *)bytes->data, bytes->len) :
			 strdup("");
	if (!s)
		*ret = -ENOMEM;
	return s;
}

static int take_labels(struct subject *subject, const Cri__Sandbox *sandbox)
{
	char *key, *value;
	int ret = 0;
	size_t i;

	for (i = 0; !ret && i < sandbox->n_labels; i++) {
		key = string(&sandbox->labels[i]->key, &ret);
		value = string(&sandbox->labels[i]->value, &ret);
		if (!ret)
			ret = subject_add_label(subject, key, value);
		free(key);
		free(value);
	}
	return ret;
}

/**
 * cri_list_tell() - take what an answer says of a pod
 * @list: the answer
 * @subject: the pod, of which nothing was told before; it is told, if it is in there
 *
 * Return: 1 if it is, 0 if not, or a negative errno, -EPROTO if what is said of it
 * cannot be.
 */
int cri_list_tell(const struct cri_list *list, struct subject *subject)
{
	const Cri__Sandbox *sandbox = NULL, *one;
	int ret = 0;
	size_t i;

	for (i = 0; i < list->all->n_items; i++) {
		one = list->all->items[i];
		if (is_about(one, subject->id) &&
		    (!sandbox || is_later(one, sandbox)))
			sandbox = one;
	}
	if (!sandbox)
		return 0;
	subject->name = string(&sandbox->metadata->name, &ret);
	subject->namespace = string(&sandbox->metadata->namespace_, &ret);
	if (!ret && (!*subject->name || !*subject->namespace))
		ret = -EPROTO;
	if (!ret)
		ret = take_labels(subject, sandbox);
	if (ret) {
		subject_forget(subject);
		return ret;
	}
	subject->told = TOLD_ALL;
	return 1;
}
