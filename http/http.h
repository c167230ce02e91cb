/* SPDX-License-Identifier: Apache-2.0 */
/* One HTTP request through libcurl, and its answer. What the answer means is for the caller to say.
 *
 * Requests carry secrets. They use HTTPS with TLS 1.2 or later; plain HTTP is used for loopback addresses only.
 * Proxies are as reach.h has them. Redirects are not followed.
 *
 * libcurl must have been initialised by then (mail_library_init, oauth_library_init). */
#ifndef HTTP_HTTP_H
#define HTTP_HTTP_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/stop.h"

/* May secrets be sent to this URL? It must be an "https://" URL, or an "http://" URL with a literal loopback address,
 * and have neither a user nor a fragment (RFC 6749 3.2). 0 or ERR_USAGE. */
int http_url_check(const char *url, struct err *e);
/* Do both URLs have the same origin: scheme, host and port (RFC 6454 4)? False if either is not a URL or names a
 * user. */
bool http_url_is_of(const char *url, const char *other);
/* Appends "name=value" to a form (RFC 6749 appendix B), after a "&" unless it is the first field. The value is
 * percent-encoded; the name is taken as it is. */
void http_add_field(struct strbuf *form, const char *name, const char *value);
/* Appends `text`, with everything but the unreserved characters of RFC 3986 2.3 percent-encoded. */
void http_encode(struct strbuf *out, const char *text);

#define HTTP_HEADERS_MOST 8

struct http_request {
  const char *method;                     /* NULL: GET, or POST with a body */
  const char *url;                        /* must have passed http_url_check */
  const char *headers[HTTP_HEADERS_MOST]; /* "Name: value", up to the first NULL */
  const struct strbuf *body;              /* NULL: none */
  const char *ca_file, *pin;              /* trust, as in struct mail_account; NULL: not given */
  uint32_t silence_s, whole_s;            /* limits in seconds: see http/silence.h */
  uint64_t most;                          /* limit of a successful answer, in bytes */
  /* Is given the body of a successful answer, piece by piece; a negative code ends the transfer. NULL: the body goes
   * into the struct http_answer. */
  int (*take)(void *user, const unsigned char *bytes, size_t size, struct err *e);
  void *user;
  const struct stop *stop; /* NULL: nobody ends it early */
};

struct http_answer {
  bool asked;         /* the request went out */
  long status;        /* 0: there was no answer */
  int64_t wait_s;     /* seconds, from Retry-After (RFC 9110 10.2.3); 0: not given */
  bool too_large;     /* a successful answer had more than `most` bytes */
  int64_t size;       /* Content-Length (RFC 9110 8.6), in bytes; -1: not given */
  struct strbuf body; /* of a success without `take`; of any other answer the first part, 64 KiB at most */
};
void http_answer_clear(struct http_answer *a);

/* Keeps its connection between requests. Belongs to one thread at a time. */
struct http_client;
struct http_client *http_client_new(void);
void http_client_free(struct http_client *c); /* accepts NULL */

/* Sends the request. Returns 0 for any complete HTTP answer, whatever its status; only a success (2xx) is given to
 * `take`. ERR_IO: no complete answer came. ERR_USAGE: the server's certificate or key is not trusted, or ca_file cannot
 * be used. ERR_LIMIT: see `too_large`. ERR_INTERRUPTED: `stop` said so. Otherwise the code that `take` returned.
 * `ret` is overwritten, and the caller clears it whatever is returned. Messages quote nothing of the answer. */
int http_send(struct http_client *c, const struct http_request *request, struct http_answer *ret, struct err *e);

#endif
