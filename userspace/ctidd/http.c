// SPDX-License-Identifier: GPL-2.0-only
/* HTTP requests over unix sockets: curl's, in the daemon's event loop. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include <curl/curl.h>

#include "asks.h"

/** Who does not answer in this time does not answer. */
#define TIMEOUT_MS	5000L
/** At a time to each socket; the others wait their turn. */
#define MAX_CONNECTIONS	16L

/**
 * struct http - all requests
 * @event: the loop
 * @multi: curl's
 * @timer: curl's
 * @grpc: the headers of gRPC's requests
 */
struct http {
	sd_event *event;
	CURLM *multi;
	sd_event_source *timer;
	struct curl_slist *grpc;
};

/**
 * struct http_request - one request
 * @http: all of them
 * @easy: curl's
 * @done: is told how it ended
 * @data: for @done
 * @body: the answer
 * @len: its length
 * @room: for what of it there is memory
 * @max: how long it may be
 * @part: takes it instead, or NULL
 * @grpc: gRPC's status, or -1
 * @too_long: it is longer
 */
struct http_request {
	struct http *http;
	CURL *easy;
	http_done done;
	void *data;
	char *body;
	size_t len;
	size_t room;
	size_t max;
	http_part part;
	long grpc;
	bool too_long;
};

static size_t take_body(char *bytes, size_t size, size_t count, void *data)
{
	struct http_request *request = data;
	size_t more = size * count, room;
	char *bigger;

	if (request->part)
		return request->part(request->data, bytes, more) ? more : 0;
	request->too_long = more > request->max - request->len;
	if (request->too_long)
		return 0;
	if (request->len + more >= request->room) {
		room = 2 * (request->len + more + 1);
		bigger = realloc(request->body, room);
		if (!bigger)
			return 0;
		request->body = bigger;
		request->room = room;
	}
	memcpy(request->body + request->len, bytes, more);
	request->len += more;
	request->body[request->len] = '\0';
	return more;
}

/* gRPC's status is in a trailer, or in a header if that is all. */
static size_t take_header(char *line, size_t size, size_t count, void *data)
{
	static const char key[] = "grpc-status:";
	struct http_request *request = data;
	const char *at = line + strlen(key), *end = line + size * count;
	long status = -1;

	if (size * count <= strlen(key) || strncasecmp(line, key, strlen(key)) != 0)
		return size * count;
	while (at < end && *at == ' ')
		at++;
	for (; at < end && *at >= '0' && *at <= '9' && status < 1000; at++)
		status = (status < 0 ? 0 : status * 10) + *at - '0';
	request->grpc = at < end && !strchr("\r\n", *at) ? -1 : status;
	return size * count;
}

/* The empty line before an answer that does not end. */
static size_t take_begin(char *line, size_t size, size_t count, void *data)
{
	struct http_request *request = data;
	long status = 0;

	curl_easy_getinfo(request->easy, CURLINFO_RESPONSE_CODE, &status);
	if (size * count != strlen("\r\n") || *line != '\r')
		return size * count;
	return status == 200 && request->part(request->data, "", 0) ?
	       size * count : 0;
}

/**
 * http_cancel() - forget a request; nobody is told
 * @request: the request, or NULL
 */
void http_cancel(struct http_request *request)
{
	if (!request)
		return;
	curl_multi_remove_handle(request->http->multi, request->easy);
	curl_easy_cleanup(request->easy);
	free(request->body);
	free(request);
}

static void finish(CURL *easy, CURLcode code)
{
	struct http_request *request = NULL;
	struct http_answer answer = { 0 };

	curl_easy_getinfo(easy, CURLINFO_PRIVATE, (char **)&request);
	if (!request)
		return;
	if (code == CURLE_OK)
		curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &answer.status);
	answer.grpc = request->grpc;
	answer.too_long = request->too_long;
	if (answer.status) {
		answer.body = request->body ? request->body : "";
		answer.len = request->len;
	} else {
		answer.body = request->too_long ?
			      "the answer is too long" : curl_easy_strerror(code);
		answer.len = strlen(answer.body);
	}
	request->done(request->data, &answer);
	http_cancel(request);
}

static void finish_all(struct http *http)
{
	CURLMsg *msg;
	int left;

	while ((msg = curl_multi_info_read(http->multi, &left)))
		if (msg->msg == CURLMSG_DONE)
			finish(msg->easy_handle, msg->data.result);
}

static int on_socket(sd_event_source *source, int fd, uint32_t revents,
		     void *data)
{
	struct http *http = data;
	int action = 0, running;

	(void)source;
	if (revents & (EPOLLIN | EPOLLHUP))
		action |= CURL_CSELECT_IN;
	if (revents & EPOLLOUT)
		action |= CURL_CSELECT_OUT;
	if (revents & EPOLLERR)
		action |= CURL_CSELECT_ERR;
	curl_multi_socket_action(http->multi, fd, action, &running);
	finish_all(http);
	return 0;
}

/* curl wants to know of other events of a socket than before. */
static int want_socket(CURL *easy, curl_socket_t fd, int what, void *data,
		       void *socket_data)
{
	sd_event_source *source = socket_data;
	struct http *http = data;
	uint32_t events = 0;

	(void)easy;
	if (what == CURL_POLL_REMOVE) {
		sd_event_source_disable_unref(source);
		return 0;
	}
	if (what & CURL_POLL_IN)
		events |= EPOLLIN;
	if (what & CURL_POLL_OUT)
		events |= EPOLLOUT;
	if (source)
		return sd_event_source_set_io_events(source, events) < 0 ? -1 : 0;
	if (sd_event_add_io(http->event, &source, fd, events, on_socket, http) < 0)
		return -1;
	curl_multi_assign(http->multi, fd, source);
	return 0;
}

static int on_timer(sd_event_source *source, uint64_t usec, void *data)
{
	struct http *http = data;
	int running;

	(void)source;
	(void)usec;
	curl_multi_socket_action(http->multi, CURL_SOCKET_TIMEOUT, 0, &running);
	finish_all(http);
	return 0;
}

static int want_timer(CURLM *multi, long ms, void *data)
{
	struct http *http = data;

	(void)multi;
	if (ms < 0)
		return sd_event_source_set_enabled(http->timer, SD_EVENT_OFF);
	sd_event_source_set_time_relative(http->timer, (uint64_t)ms * 1000);
	return sd_event_source_set_enabled(http->timer, SD_EVENT_ONESHOT);
}

static struct curl_slist *grpc_headers(void)
{
	struct curl_slist *first, *both;

	first = curl_slist_append(NULL, "Content-Type: application/grpc");
	both = first ? curl_slist_append(first, "TE: trailers") : NULL;
	if (!both)
		curl_slist_free_all(first);
	return both;
}

/**
 * http_open() - make ready for requests
 * @event: the loop
 * @err: why not
 *
 * Return: what requests need, to be closed with http_close() when all of them are
 * cancelled, or NULL.
 */
struct http *http_open(sd_event *event, struct ctid_err *err)
{
	struct http *http = calloc(1, sizeof(*http));

	if (http && !curl_global_init(CURL_GLOBAL_NOTHING))
		http->multi = curl_multi_init();
	if (http)
		http->grpc = grpc_headers();
	if (!http || !http->multi || !http->grpc ||
	    /* To the microsecond: sd-event is a quarter of a second late by itself. */
	    sd_event_add_time_relative(event, &http->timer, CLOCK_MONOTONIC, 0, 1,
				       on_timer, http) < 0) {
		err_set(err, ENOMEM, "cannot make use of curl");
		if (http)
			http_close(http);
		return NULL;
	}
	http->event = event;
	sd_event_source_set_enabled(http->timer, SD_EVENT_OFF);
	curl_multi_setopt(http->multi, CURLMOPT_SOCKETFUNCTION, want_socket);
	curl_multi_setopt(http->multi, CURLMOPT_SOCKETDATA, http);
	curl_multi_setopt(http->multi, CURLMOPT_TIMERFUNCTION, want_timer);
	curl_multi_setopt(http->multi, CURLMOPT_TIMERDATA, http);
	curl_multi_setopt(http->multi, CURLMOPT_MAX_HOST_CONNECTIONS,
			  MAX_CONNECTIONS);
	return http;
}

/**
 * http_close() - end it
 * @http: what http_open() returned
 */
void http_close(struct http *http)
{
	if (http->multi)
		curl_multi_cleanup(http->multi);
	sd_event_source_unref(http->timer);
	curl_slist_free_all(http->grpc);
	curl_global_cleanup();
	free(http);
}

/**
 * http_socket() - look whether a socket can be asked: it must be root's
 * @path: the socket
 * @err: why not
 *
 * Return: 0 or a negative errno, -ENOENT if it is not there.
 */
int http_socket(const char *path, struct ctid_err *err)
{
	struct stat st;

	if (stat(path, &st))
		return err_set(err, errno, "%s", strerror(errno));
	if (!S_ISSOCK(st.st_mode))
		return err_set(err, ENOTSOCK, "it is no socket");
	if (st.st_uid)
		return err_set(err, EPERM, "it is not root's");
	return 0;
}

/* The protocol is known before: gRPC servers speak no other. */
static void set_grpc(CURL *easy, const struct http_question *question,
		     struct http_request *request)
{
	curl_easy_setopt(easy, CURLOPT_HTTP_VERSION,
			 (long)CURL_HTTP_VERSION_2_PRIOR_KNOWLEDGE);
	curl_easy_setopt(easy, CURLOPT_HTTPHEADER, request->http->grpc);
	curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE, (long)question->len);
	curl_easy_setopt(easy, CURLOPT_COPYPOSTFIELDS, question->message);
	curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, take_header);
	curl_easy_setopt(easy, CURLOPT_HEADERDATA, request);
	/* One that is kept may be that of a server which was replaced. */
	curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, 1L);
}

/* Whatever comes in the time is an answer, and then there is no hurry. */
static void set_parts(CURL *easy, struct http_request *request)
{
	curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, 0L);
	curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, TIMEOUT_MS);
	curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, take_begin);
	curl_easy_setopt(easy, CURLOPT_HEADERDATA, request);
}

/**
 * http_ask() - begin a request
 * @http: what http_open() returned
 * @question: what is asked; copied
 * @done: is told how it ended, not before this returned; the request is no more
 *	then
 * @data: for @done
 *
 * Return: the request, or NULL without memory.
 */
struct http_request *http_ask(struct http *http,
			      const struct http_question *question,
			      http_done done, void *data)
{
	struct http_request *request = calloc(1, sizeof(*request));
	CURL *easy = request ? curl_easy_init() : NULL;

	if (!easy) {
		free(request);
		return NULL;
	}
	*request = (struct http_request){
		.http = http, .easy = easy, .done = done, .data = data,
		.max = question->max, .part = question->part, .grpc = -1,
	};
	curl_easy_setopt(easy, CURLOPT_URL, question->url);
	curl_easy_setopt(easy, CURLOPT_UNIX_SOCKET_PATH, question->socket);
	/* No environment decides where this goes. */
	curl_easy_setopt(easy, CURLOPT_PROXY, "");
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, TIMEOUT_MS);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_body);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, request);
	curl_easy_setopt(easy, CURLOPT_PRIVATE, request);
	if (question->message)
		set_grpc(easy, question, request);
	if (question->part)
		set_parts(easy, request);
	if (curl_multi_add_handle(http->multi, easy)) {
		curl_easy_cleanup(easy);
		free(request);
		return NULL;
	}
	return request;
}
