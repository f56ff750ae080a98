/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef CTIDD_ASKS_H
#define CTIDD_ASKS_H

#include <systemd/sd-event.h>

#include "ctidd.h"

/**
 * typedef http_part - takes a part of an answer that does not end
 * @data: as given to http_ask()
 * @bytes: the part
 * @len: its length; 0: the answer begins
 *
 * Called by curl: no request may be made or cancelled here.
 *
 * Return: true, or false to end it.
 */
typedef bool (*http_part)(void *data, const char *bytes, size_t len);

/**
 * struct http_question - what is asked
 * @socket: path of the unix socket
 * @url: of what is there
 * @message: what is sent by gRPC, over HTTP/2, with gRPC's head; or NULL: a GET
 * @len: its length
 * @max: a longer answer is none
 * @part: takes the answer as it comes, however long that takes, or NULL
 */
struct http_question {
	const char *socket;
	const char *url;
	const void *message;
	size_t len;
	size_t max;
	http_part part;
};

/**
 * struct http_answer - how that ended
 * @status: HTTP's, or 0: there was no answer
 * @grpc: gRPC's, or -1: it said none
 * @body: the answer, or why there is none
 * @len: its length
 * @too_long: there is one, which is longer than it may be
 */
struct http_answer {
	long status;
	long grpc;
	const char *body;
	size_t len;
	bool too_long;
};

/**
 * typedef http_done - is told how a request ended
 * @data: as given to http_ask()
 * @answer: how, until this returns
 */
typedef void (*http_done)(void *data, const struct http_answer *answer);

/**
 * struct retry - when somebody is asked again
 * @timer: then
 * @first: how long that takes the first time, in microseconds
 * @delay: and the next time
 */
struct retry {
	sd_event_source *timer;
	uint64_t first;
	uint64_t delay;
};

/* retry.c */
int retry_open(struct retry *retry, sd_event *event, uint64_t first,
	       sd_event_time_handler_t again, void *data);
void retry_close(struct retry *retry);
void retry_later(struct retry *retry);
void retry_now(struct retry *retry);
void retry_answered(struct retry *retry);
void retry_stop(struct retry *retry);
bool retry_is_later(const struct retry *retry);

/* http.c */
struct http;
struct http_request;
struct http *http_open(sd_event *event, struct ctid_err *err);
void http_close(struct http *http);
int http_socket(const char *path, struct ctid_err *err);
struct http_request *http_ask(struct http *http,
			      const struct http_question *question,
			      http_done done, void *data);
void http_cancel(struct http_request *request);

/**
 * struct events_calls - who is told
 * @renamed: of a container of this id, or, with NULL, that it may be any of them
 * @again: that it is time to call events_follow() again, if there is anybody
 */
struct events_calls {
	void (*renamed)(void *data, const char *id);
	void (*again)(void *data);
};

/* events.c */
struct events *events_open(sd_event *event, struct http *http,
			   const struct events_calls *calls, void *data);
void events_close(struct events *events);
void events_stop(struct events *events);
void events_follow(struct events *events, const char *socket, const char *url);

/* runtime.c: Docker and Podman */
int runtimes_open(struct ctidd *d, struct ctid_err *err);
void runtimes_close(struct ctidd *d);
void runtimes_forget(struct ctidd *d);
void runtime_ask(struct ctidd *d, struct node *node);
void ask_cancel(struct node *node);

/* runtime_answer.c */
struct labels;
int runtime_answer(struct subject *subject, const struct labels *labels,
		   const char *body, size_t len);

/* cri.c: runtimes of pods */
int cri_open(struct ctidd *d, struct ctid_err *err);
void cri_close(struct ctidd *d);
void cri_forget(struct ctidd *d);
void cri_ask(struct ctidd *d, struct node *node);

/* pods.c: kubelets */
int pods_open(struct ctidd *d, struct ctid_err *err);
void pods_close(struct ctidd *d);
void pod_ask(struct ctidd *d, struct node *node);

#endif /* CTIDD_ASKS_H */
