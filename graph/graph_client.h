/* SPDX-License-Identifier: Apache-2.0 */
/* Requests to the service, with the account's token, and what their answers mean. Private to graph/. */
#ifndef GRAPH_GRAPH_CLIENT_H
#define GRAPH_GRAPH_CLIENT_H

#include "http/http.h"
#include "mailbox/secret.h"

#define GRAPH_JSON_BYTES (8U << 20) /* one page of a list */

struct graph_client {
  const struct mail_account *account;
  const struct mail_watch *watch;
  struct http_client *http;
  struct secret token; /* SECRET_NONE: to be fetched */
  char *user;          /* "BASE/users/NAME" */
};

void graph_client_init(struct graph_client *c, const struct mail_account *a, const struct mail_watch *watch);
void graph_client_clear(struct graph_client *c); /* wipes the token; accepts what was never used */

struct graph_request {
  const char *method;        /* NULL: GET, or POST with a body */
  const char *url;           /* of the service: see graph_client_may_follow */
  const char *prefer;        /* beside the immutable ids; NULL */
  const struct strbuf *json; /* NULL: no body */
  /* Takes the bytes of a success; NULL: they are kept in the answer. */
  int (*take)(void *user, const unsigned char *bytes, size_t size, struct err *e);
  void *user;
  uint64_t most;
};

/* 0 with a success; a code that says what the refusal means, with the service's words in `e`: ERR_BUSY and for how long
 * in `*ret_wait_s`, ERR_IO where the service has a fault, ERR_NOT_FOUND (of a mail, a folder), ERR_DENIED, ERR_USAGE. A
 * token that is refused is renewed once. `ret` is to be cleared in any case; its `too_large` goes with ERR_LIMIT. */
int graph_client_send(struct graph_client *c, const struct graph_request *request, struct http_answer *ret,
                      double *ret_wait_s, struct err *e);
/* A link that an answer holds is followed where it leads to the service itself, and nowhere else: it takes the token.
 */
bool graph_client_may_follow(const struct graph_client *c, const char *link);

#endif
