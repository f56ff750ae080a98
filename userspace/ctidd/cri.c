// SPDX-License-Identifier: GPL-2.0-only
/*
 * Asks the container runtime of Kubernetes (containerd, CRI-O) what pods are called
 * and which labels they have. It tells of all at once, so one question is for all
 * pods that wait; who comes while it is on its way gets another one.
 *
 * A pod has a cgroup before the runtime knows it, so it is asked again soon, and
 * later each time while pods wait. Where there is no such runtime, the directory of
 * logs tells the names.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../text.h"
#include "asks.h"
#include "cri_answer.h"

#define FIRST_DELAY	250000ULL
/** A kubelet takes no longer one either. */
#define MAX_ANSWER	(16UL << 20)

#define URL	"http://localhost/runtime.v1.RuntimeService/ListPodSandbox"

/** gRPC's status of a server that has no such call. */
#define UNIMPLEMENTED	12

static const char *const usual[] = {
	"/run/containerd/containerd.sock",
	"/run/crio/crio.sock",
};

/**
 * struct cri - the runtime
 * @d: the daemon
 * @request: the question that is on its way, or NULL
 * @socket: where it was asked
 * @asked: pods came since
 * @passed: how many sockets have something else behind them
 * @retry: when it is asked again
 * @retrying: those that wait are asked about again, and nobody new
 * @silent: it did not answer; said once
 */
struct cri {
	struct ctidd *d;
	struct http_request *request;
	const char *socket;
	bool asked;
	size_t passed;
	struct retry retry;
	bool retrying;
	bool silent;
};

/* The place to ask at, or NULL: nothing is there. */
static const char *find_socket(const struct cri *cri)
{
	const char *set = cri->d->rules.sockets[SUBJECT_POD];
	const char *const *sockets = set ? &set : usual;
	size_t n = set ? 1 : sizeof(usual) / sizeof(*usual), i;
	struct ctid_err err;

	for (i = cri->passed; i < n; i++)
		if (http_socket(sockets[i], &err) != -ENOENT)
			return sockets[i];
	return NULL;
}

static bool is_waiting(const struct node *node)
{
	return node->subject.kind == SUBJECT_POD && node->state == NODE_WAITING;
}

static void no_answer(struct cri *cri, const char *reason)
{
	struct node *node;

	for (node = cri->d->tree.root; node; node = tree_next(node))
		if (is_waiting(node))
			subject_trouble(&node->subject, "no answer at %s: %s",
					cri->socket, reason);
	if (!cri->silent)
		say_warning("no answer from the runtime of pods at %s: %s; pods stay as they are meanwhile",
			    cri->socket, reason);
	cri->silent = true;
	retry_later(&cri->retry);
}

/*
 * It waits on: if it passed for unknown, who made it could choose whose rules it has. Its
 * sandbox can be made anew, so it is asked about again as the others are.
 */
static void no_use(struct cri *cri, struct node *node, bool said)
{
	node->subject.told = TOLD_BADLY;
	subject_trouble(&node->subject, "what %s says of it is no answer",
			cri->socket);
	if (!said)
		say_warning("what %s says of pod %s is no answer: it stays as it is meanwhile",
			    cri->socket, show(node->subject.id).s);
}

/* Tells a pod that waits; true if it waits on. */
static bool tell(struct cri *cri, const struct cri_list *list,
		 const struct labels *labels, struct node *node)
{
	struct subject *subject = &node->subject;
	bool said = subject->told == TOLD_BADLY;
	int ret;

	subject_forget(subject);
	ret = cri_list_tell(list, labels, subject);
	if (ret > 0) {
		retry_answered(&cri->retry);
		decide(cri->d, node);
		return false;
	}
	if (ret == -EPROTO) {
		no_use(cri, node, said);
		return true;
	}
	subject->told = TOLD_LATER;
	if (ret)
		subject_trouble(subject, "%s", strerror(-ret));
	else
		subject_trouble(subject, "%s does not know it yet", cri->socket);
	return true;
}

static void take_answer(struct cri *cri, const struct http_answer *answer)
{
	struct labels labels = { 0 };
	struct cri_list *list;
	bool waiting = false;
	struct node *node;
	int ret;

	ret = cri_list_read(&list, answer->body, answer->len);
	if (!ret)
		ret = labels_named(&labels, &cri->d->rules);
	if (ret) {
		cri_list_free(list);
		no_answer(cri, ret == -EPROTO ? "what it said is no answer" :
			  strerror(-ret));
		return;
	}
	if (cri->silent)
		say_info("the runtime of pods answers");
	cri->silent = false;
	for (node = cri->d->tree.root; node; node = tree_next(node))
		if (is_waiting(node))
			waiting |= tell(cri, list, &labels, node);
	labels_free(&labels);
	cri_list_free(list);
	if (waiting && cri->asked)
		retry_now(&cri->retry);
	else if (waiting)
		retry_later(&cri->retry);
}

static void look(struct cri *cri);

static void on_answer(void *data, const struct http_answer *answer)
{
	struct cri *cri = data;
	char reason[64];

	cri->request = NULL;
	if (!answer->status) {
		no_answer(cri, answer->body);
	} else if (answer->status != 200) {
		snprintf(reason, sizeof(reason), "HTTP status %ld", answer->status);
		no_answer(cri, reason);
	} else if (answer->grpc == UNIMPLEMENTED) {
		cri->passed++;
		look(cri);
	} else if (answer->grpc) {
		snprintf(reason, sizeof(reason), answer->grpc < 0 ?
			 "no status of gRPC" : "gRPC status %ld", answer->grpc);
		no_answer(cri, reason);
	} else {
		take_answer(cri, answer);
	}
}

static void begin(struct cri *cri)
{
	/* The request is empty: no filter. */
	static const char message[5];
	struct http_question question = {
		.socket = cri->socket,
		.url = URL,
		.message = message,
		.len = sizeof(message),
		.max = MAX_ANSWER,
	};
	struct ctid_err err;

	cri->asked = false;
	if (http_socket(cri->socket, &err)) {
		no_answer(cri, err.text);
		return;
	}
	cri->request = http_ask(cri->d->http, &question, on_answer, cri);
	if (!cri->request)
		no_answer(cri, strerror(ENOMEM));
}

/* Asks for those that wait, or has the directory of logs looked at for them. */
static void look(struct cri *cri)
{
	cri->socket = find_socket(cri);
	if (cri->socket) {
		begin(cri);
		return;
	}
	cri->retrying = true;
	decide_all(cri->d, SUBJECT_POD);
	cri->retrying = false;
}

static int on_timer(sd_event_source *source, uint64_t usec, void *data)
{
	struct cri *cri = data;

	(void)source;
	(void)usec;
	if (cri->request)
		return 0;
	/* There may be another one by now. */
	if (!cri->asked)
		cri->passed = 0;
	look(cri);
	return 0;
}

/**
 * cri_ask() - ask what a pod is called
 * @d: the daemon; it decides about the pod anew when the answer is there
 * @node: the pod
 */
void cri_ask(struct ctidd *d, struct node *node)
{
	struct cri *cri = d->cri;
	const char *socket = find_socket(cri);

	if (!cri->retrying)
		retry_stop(&cri->retry);
	if (!socket) {
		pod_ask(d, node);
		/* One may come, and know its labels. */
		retry_later(&cri->retry);
		return;
	}
	node->subject.told = TOLD_LATER;
	subject_trouble(&node->subject, "%s was asked", socket);
	cri->asked = true;
	if (!cri->request)
		retry_now(&cri->retry);
}

/**
 * cri_forget() - take back what was asked
 * @d: the daemon, which has other rules now
 */
void cri_forget(struct ctidd *d)
{
	http_cancel(d->cri->request);
	d->cri->request = NULL;
	d->cri->passed = 0;
	retry_stop(&d->cri->retry);
}

/**
 * cri_open() - make ready to ask
 * @d: the daemon
 * @err: why not
 *
 * Return: 0 or a negative errno.
 */
int cri_open(struct ctidd *d, struct ctid_err *err)
{
	struct cri *cri = calloc(1, sizeof(*cri));

	d->cri = cri;
	if (!cri || retry_open(&cri->retry, d->event, FIRST_DELAY, on_timer, cri))
		return err_set(err, ENOMEM, "%s", strerror(ENOMEM));
	cri->d = d;
	return 0;
}

/**
 * cri_close() - end it
 * @d: the daemon
 */
void cri_close(struct ctidd *d)
{
	if (!d->cri)
		return;
	http_cancel(d->cri->request);
	retry_close(&d->cri->retry);
	free(d->cri);
	d->cri = NULL;
}
