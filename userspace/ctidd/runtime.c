// SPDX-License-Identifier: GPL-2.0-only
/*
 * Asks Docker and Podman what a container is called, by the id that its cgroup
 * has in its name. One that does not answer keeps nobody else waiting; it is
 * asked again, later each time, while containers wait for it.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../text.h"
#include "asks.h"
#include "labels.h"

#define FIRST_DELAY	1000000ULL
/** A bigger answer is none. */
#define MAX_ANSWER	(4UL << 20)

/**
 * struct runtime - one of them
 * @d: the daemon
 * @kind: which
 * @word: its name, also for URLs
 * @events: what it tells by itself
 * @retry: when it is asked again
 * @silent: it did not answer; said once
 */
struct runtime {
	struct ctidd *d;
	enum subject_kind kind;
	const char *word;
	struct events *events;
	struct retry retry;
	bool silent;
};

/**
 * struct runtimes - all of them
 * @docker: Docker
 * @podman: Podman
 */
struct runtimes {
	struct runtime docker;
	struct runtime podman;
};

/**
 * struct ask - a question
 * @runtime: who was asked
 * @node: about whom
 * @request: how
 */
struct ask {
	struct runtime *runtime;
	struct node *node;
	struct http_request *request;
};

static struct runtime *runtime_of(struct ctidd *d, enum subject_kind kind)
{
	return kind == SUBJECT_DOCKER ? &d->runtimes->docker :
					&d->runtimes->podman;
}

static void follow(struct runtime *runtime)
{
	/* Each has its own way to say that the name is another one. */
	events_follow(runtime->events, runtime->d->rules.sockets[runtime->kind],
		      runtime->kind == SUBJECT_PODMAN ?
		      "http://podman/v4.0.0/libpod/events?stream=true&filters=%7B%22event%22%3A%5B%22rename%22%5D%7D" :
		      "http://docker/events?filters=%7B%22event%22%3A%5B%22rename%22%5D%7D");
}

/* Was asked about, or is. */
static bool is_of(const struct runtime *runtime, const struct node *node)
{
	return node->subject.kind == runtime->kind &&
	       node->subject.told != TOLD_NOTHING;
}

/* What it has stays until the answer is there. */
static void on_renamed(void *data, const char *id)
{
	struct runtime *runtime = data;
	struct node *node;

	for (node = runtime->d->tree.root; node; node = tree_next(node)) {
		if (!is_of(runtime, node) || (id && strcmp(node->subject.id, id) != 0))
			continue;
		ask_cancel(node);
		subject_forget(&node->subject);
		decide(runtime->d, node);
	}
}

static void on_events(void *data)
{
	struct runtime *runtime = data;
	struct node *node;

	for (node = runtime->d->tree.root; node; node = tree_next(node))
		if (is_of(runtime, node)) {
			follow(runtime);
			return;
		}
}

static int on_timer(sd_event_source *source, uint64_t usec, void *data)
{
	struct runtime *runtime = data;

	(void)source;
	(void)usec;
	decide_all(runtime->d, runtime->kind);
	return 0;
}

static void try_later(struct runtime *runtime, struct subject *subject,
		      const char *reason)
{
	const char *socket = runtime->d->rules.sockets[runtime->kind];

	subject->told = TOLD_LATER;
	subject_trouble(subject, "no answer from %s at %s: %s", runtime->word,
			socket, reason);
	if (!runtime->silent)
		say_warning("%s; its containers stay as they are meanwhile",
			    subject->trouble ? subject->trouble : reason);
	runtime->silent = true;
	retry_later(&runtime->retry);
}

/*
 * Others are not kept waiting for one container. It waits on: if it passed for unknown
 * its image could choose whose rules it has.
 */
static void no_use(struct runtime *runtime, struct subject *subject,
		   const char *reason)
{
	subject->told = TOLD_BADLY;
	subject_trouble(subject, "what %s says of container %s %s", runtime->word,
			subject->id, reason);
	say_warning("%s: it stays as it is; restart ctidd to have that asked again",
		    subject->trouble ? subject->trouble : reason);
}

static int read_answer(struct runtime *runtime, struct subject *subject,
		       const struct http_answer *answer)
{
	struct labels labels;
	int ret = labels_named(&labels, &runtime->d->rules);

	if (!ret)
		ret = runtime_answer(subject, &labels, answer->body, answer->len);
	labels_free(&labels);
	return ret;
}

static void take_answer(struct runtime *runtime, struct subject *subject,
			const struct http_answer *answer)
{
	char reason[64];
	int ret;

	if (answer->status == 404) {
		subject->told = TOLD_NONE;
		subject_trouble(subject, "%s does not know it", runtime->word);
	} else if (answer->too_long) {
		no_use(runtime, subject, "is too long");
	} else if (answer->status == 200) {
		ret = read_answer(runtime, subject, answer);
		if (ret == -ENOENT) {
			subject->told = TOLD_NONE;
			subject_trouble(subject, "%s has it in another cgroup",
					runtime->word);
		} else if (ret == -ENOMEM) {
			try_later(runtime, subject, strerror(ENOMEM));
			return;
		} else if (ret) {
			no_use(runtime, subject, "cannot be read");
		}
	} else {
		snprintf(reason, sizeof(reason), "HTTP status %ld",
			 answer->status);
		try_later(runtime, subject,
			  answer->status ? reason : answer->body);
		return;
	}
	if (runtime->silent)
		say_info("%s answers", runtime->word);
	runtime->silent = false;
	retry_answered(&runtime->retry);
}

static void on_answer(void *data, const struct http_answer *answer)
{
	struct ask *ask = data;
	struct node *node = ask->node;
	struct runtime *runtime = ask->runtime;

	free(ask);
	node->ask = NULL;
	take_answer(runtime, &node->subject, answer);
	decide(runtime->d, node);
}

/**
 * runtime_ask() - ask what a container is called
 * @d: the daemon; it decides about the container anew when the answer is there
 * @node: the container, which nobody was asked about
 */
void runtime_ask(struct ctidd *d, struct node *node)
{
	struct runtime *runtime = runtime_of(d, node->subject.kind);
	struct http_question question = {
		.socket = d->rules.sockets[runtime->kind],
		.max = MAX_ANSWER,
	};
	struct ctid_err err;
	struct ask *ask;
	char url[128];

	if (http_socket(question.socket, &err)) {
		try_later(runtime, &node->subject, err.text);
		return;
	}
	follow(runtime);
	/* Podman has Docker's way to be asked, too, which leaves the cgroup out. */
	snprintf(url, sizeof(url), "http://%s/%scontainers/%s/json", runtime->word,
		 runtime->kind == SUBJECT_PODMAN ? "v4.0.0/libpod/" : "",
		 node->subject.id);
	question.url = url;
	ask = calloc(1, sizeof(*ask));
	if (ask) {
		*ask = (struct ask){ .runtime = runtime, .node = node };
		ask->request = http_ask(d->http, &question, on_answer, ask);
	}
	if (!ask || !ask->request) {
		free(ask);
		try_later(runtime, &node->subject, strerror(ENOMEM));
		return;
	}
	node->ask = ask;
	node->subject.told = TOLD_LATER;
	subject_trouble(&node->subject, "%s was asked", runtime->word);
}

/**
 * ask_cancel() - forget a question
 * @node: about whom it is
 */
void ask_cancel(struct node *node)
{
	if (!node->ask)
		return;
	http_cancel(node->ask->request);
	free(node->ask);
	node->ask = NULL;
}

static int open_one(struct ctidd *d, struct runtime *runtime,
		    enum subject_kind kind, const char *word)
{
	static const struct events_calls calls = {
		.renamed = on_renamed, .again = on_events,
	};

	*runtime = (struct runtime){ .d = d, .kind = kind, .word = word };
	runtime->events = events_open(d->event, d->http, &calls, runtime);
	if (!runtime->events)
		return -ENOMEM;
	return retry_open(&runtime->retry, d->event, FIRST_DELAY, on_timer,
			  runtime);
}

/**
 * runtimes_open() - make ready to ask
 * @d: the daemon
 * @err: why not
 *
 * Return: 0 or a negative errno.
 */
int runtimes_open(struct ctidd *d, struct ctid_err *err)
{
	struct runtimes *runtimes = calloc(1, sizeof(*runtimes));

	if (!runtimes)
		return err_set(err, ENOMEM, "%s", strerror(ENOMEM));
	d->runtimes = runtimes;
	if (open_one(d, &runtimes->docker, SUBJECT_DOCKER, "docker") < 0 ||
	    open_one(d, &runtimes->podman, SUBJECT_PODMAN, "podman") < 0)
		return err_set(err, ENOMEM, "%s", strerror(ENOMEM));
	return 0;
}

/**
 * runtimes_forget() - be told nothing until somebody is asked, by new rules
 * @d: the daemon
 */
void runtimes_forget(struct ctidd *d)
{
	events_stop(d->runtimes->docker.events);
	events_stop(d->runtimes->podman.events);
}

/**
 * runtimes_close() - end it, when no question is left
 * @d: the daemon
 */
void runtimes_close(struct ctidd *d)
{
	if (!d->runtimes)
		return;
	events_close(d->runtimes->docker.events);
	events_close(d->runtimes->podman.events);
	retry_close(&d->runtimes->docker.retry);
	retry_close(&d->runtimes->podman.retry);
	free(d->runtimes);
	d->runtimes = NULL;
}
