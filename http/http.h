/* SPDX-License-Identifier: Apache-2.0 */
/* One request over HTTP, by libcurl, and how it was answered. What the answer means is the caller's.
 *
 * Requests carry secrets: they go by HTTPS with TLS 1.2 or later, without TLS to a loopback address alone; redirects
 * are not followed, and what is on this machine is reached by no proxy. */
#ifndef HTTP_HTTP_H
#define HTTP_HTTP_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/stop.h"

/* May secrets be sent to this URL? It has to be "https://", or "http://" with a literal loopback address; without a
 * user and without a fragment (RFC 6749 3.2). 0 or ERR_USAGE. */
int http_url_check(const char *url, struct err *e);
/* Do both lead to the same server (RFC 6454: scheme, host, port)? False where one is no URL, or names a user. */
bool http_url_is_of(const char *url, const char *other);
/* "&name=value", percent-encoded (RFC 6749 appendix B). */
void http_add_field(struct strbuf *form, const char *name, const char *value);
void http_encode(struct strbuf *out, const char *text);

#define HTTP_HEADERS_MOST 8

struct http_request {
  const char *method;                     /* NULL: GET, or POST with a body */
  const char *url;                        /* one that was checked */
  const char *headers[HTTP_HEADERS_MOST]; /* "Name: value", up to the first NULL */
  const struct strbuf *body;              /* NULL: none */
  const char *ca_file, *pin;              /* as struct mail_account has them; NULL */
  uint32_t silence_s, whole_s;            /* how long the server may say nothing, and take altogether */
  uint64_t most;                          /* bytes that an answer may have */
  /* Takes what is answered, piece by piece; NULL: it goes into the struct http_answer. A negative code ends it. */
  int (*take)(void *user, const unsigned char *bytes, size_t size, struct err *e);
  void *user;
  const struct stop *stop;
};

struct http_answer {
  bool asked;     /* the request went out */
  long status;    /* 0: there was no answer */
  int64_t wait_s; /* Retry-After (RFC 9110 10.2.3); 0: it does not say */
  bool too_large; /* more than `most` bytes, or so it announced: `size` */
  int64_t size;   /* announced; -1: not */
  struct strbuf body;
};
void http_answer_clear(struct http_answer *a);

/* A connection that is kept between requests. One thread at a time. */
struct http_client;
struct http_client *http_client_new(void);
void http_client_free(struct http_client *c); /* accepts NULL */

/* 0 with any answer of HTTP's in `ret`, which is to be cleared in any case; what is no success (2xx) is not handed to
 * `take`, but kept. ERR_IO: there was none; ERR_USAGE: no TLS that holds; ERR_LIMIT: too large; ERR_INTERRUPTED; or
 * what `take` returned. Messages hold nothing of the answer. */
int http_send(struct http_client *c, const struct http_request *request, struct http_answer *ret, struct err *e);

#endif
