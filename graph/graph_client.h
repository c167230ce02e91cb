/* SPDX-License-Identifier: Apache-2.0 */
/* Sends requests to the service with the account's access token, and turns refusals into codes. One thread at a time.
 * Private to graph/. */
#ifndef GRAPH_GRAPH_CLIENT_H
#define GRAPH_GRAPH_CLIENT_H

#include "http/http.h"
#include "mailbox/secret.h"

#define GRAPH_JSON_BYTES (8U << 20) /* limit of an answer in JSON: of one page of a list */

struct graph_client {
  const struct mail_account *account;
  const struct mail_watch *watch;
  struct http_client *http;
  struct secret token; /* SECRET_NONE: still to be fetched */
  char *user;          /* the URL of the user: "BASE/users/NAME" */
};

/* `a` and `watch` stay the caller's and outlive the client. Connects when first needed. */
void graph_client_init(struct graph_client *c, const struct mail_account *a, const struct mail_watch *watch);
void graph_client_clear(struct graph_client *c); /* wipes the token; accepts a zeroed struct */

struct graph_request {
  const char *method;        /* NULL: GET, or POST with a body */
  const char *url;           /* on the service: below `user`, or one that graph_client_may_follow admits */
  const char *prefer;        /* a preference (RFC 7240) besides immutable ids; NULL: none */
  const struct strbuf *json; /* NULL: no body */
  /* As in struct http_request: is given the body of a success; NULL: the answer keeps it. */
  int (*take)(void *user, const unsigned char *bytes, size_t size, struct err *e);
  void *user;
  uint64_t most; /* limit of a successful answer, in bytes; 0: GRAPH_JSON_BYTES */
};

/* Sends a request. 0 only for a success (2xx). A refusal becomes a code, with the service's words in `e`:
 *   ERR_BUSY       the service asks to wait: `*ret_wait_s` seconds, 0 if it does not say
 *   ERR_IO         the service failed (5xx)
 *   ERR_DENIED     the access token was refused. It is renewed once before that, if another one may help
 *   ERR_NOT_FOUND  the mail or the folder does not exist
 *   ERR_USAGE      any other refusal, and redirects
 * Otherwise what fetching the token or http_send returned. The caller clears `ret` whatever is returned. */
int graph_client_send(struct graph_client *c, const struct graph_request *request, struct http_answer *ret,
                      double *ret_wait_s, struct err *e);
/* May a link from an answer be followed? Only if it leads to the service itself, since the request carries the
 * token. */
bool graph_client_may_follow(const struct graph_client *c, const char *link);

#endif
