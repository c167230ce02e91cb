/* SPDX-License-Identifier: Apache-2.0 */
/* One request after the other on one connection: the service allows few at a time. */
#include "graph/graph_client.h"

#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "base/cleanup.h"
#include "graph/graph_answer.h"

#define WHOLE_TIMEOUTS 20 /* so many times the account's timeout for one request, as for a command of IMAP */
#define IMMUTABLE_IDS "IdType=\"ImmutableId\""

static const char *base_url(const struct graph_client *c) {
  return c->account->graph_url ? c->account->graph_url : MAIL_GRAPH_URL;
}

/* An id of the directory (8-4-4-4-12) stands alone; a name belongs to the tenant. */
static bool is_id(const char *user) {
  return strlen(user) == 36 && strspn(user, "0123456789abcdefABCDEF-") == 36 && user[8] == '-' && user[23] == '-';
}

static char *user_url(const struct graph_client *c) {
  const struct mail_account *a = c->account;
  struct strbuf url = STRBUF_INIT;
  const char *base = base_url(c);
  size_t length = strlen(base);
  while (length && base[length - 1] == '/') length--;
  strbuf_printf(&url, "%.*s/users/", (int)length, base);
  http_encode(&url, a->user);
  if (strchr(a->user, '@') || is_id(a->user)) return url.data;
  strbuf_add_text(&url, "%40");
  http_encode(&url, a->host);
  return url.data;
}

void graph_client_init(struct graph_client *c, const struct mail_account *a, const struct mail_watch *watch) {
  *c = (struct graph_client){.account = a, .watch = watch, .http = http_client_new()};
  c->user = user_url(c);
}

void graph_client_clear(struct graph_client *c) {
  secret_wipe(&c->token);
  http_client_free(c->http);
  free(c->user);
  *c = (struct graph_client){0};
}

bool graph_client_may_follow(const struct graph_client *c, const char *link) {
  struct err unused;
  return http_url_check(link, &unused) == 0 && http_url_is_of(link, base_url(c));
}

/* --- tokens ------------------------------------------------------------------------------------------------------- */

/* A client of OAuth knows when its token expires, and is asked each time; a command is run when there is none. */
static int get_token(struct graph_client *c, struct err *e) {
  if (c->token.kind == SECRET_TOKEN && !c->account->tokens) return 0;
  secret_wipe(&c->token);
  return secret_get(c->account, c->watch, &c->token, e);
}

/* Behind a refusal: may another one help? */
static bool renew(struct graph_client *c) {
  struct mail_tokens *tokens = c->account->tokens;
  secret_wipe(&c->token);
  return !tokens || tokens->refused(tokens);
}

/* --- answers ------------------------------------------------------------------------------------------------------ */

static int code_of(const struct http_answer *a) {
  long status = a->status;
  bool patience = a->wait_s > 0 || status == 408 || status == 429 || status == 503 || status == 504 || status == 509;
  if (patience) return ERR_BUSY;
  if (status >= 500) return ERR_IO; /* may be the fault of one mail */
  if (status == 401) return ERR_DENIED;
  return status == 404 && graph_answer_is_missing(&a->body) ? ERR_NOT_FOUND : ERR_USAGE;
}

static int tell_refusal(const struct graph_client *c, const struct http_answer *a, struct err *e) {
  _cleanup_free_ char *words = graph_answer_words(&a->body);
  if (a->status >= 300 && a->status < 400)
    return err_set(e, ERR_USAGE, "the service answers with a redirect, which is not followed (HTTP %ld)", a->status);
  if (words) secret_mask(c->token.text, words);
  int code = code_of(a);
  const char *ourself = code == ERR_DENIED ? "the service refuses the access token" : "the service says";
  err_set(e, code, "%s: %s (HTTP %ld)", ourself, words ? words : "nothing", a->status);
  if (a->wait_s > 0) err_set(e, code, "%s; it asks to wait for %lld seconds", e->text, (long long)a->wait_s);
  return code;
}

static int send_once(struct graph_client *c, const struct graph_request *request, struct http_answer *ret,
                     struct err *e) {
  int code = get_token(c, e);
  *ret = (struct http_answer){0};
  if (code < 0) return code;
  const struct stop stop = watch_stop(c->watch);
  _cleanup_free_ char *prefer =
      mem_printf("Prefer: " IMMUTABLE_IDS "%s%s", request->prefer ? ", " : "", request->prefer ? request->prefer : "");
  char *authorization = mem_printf("Authorization: Bearer %s", c->token.text);
  const struct http_request http = {
      .method = request->method,
      .url = request->url,
      .headers = {authorization, prefer, request->json ? "Content-Type: application/json" : NULL},
      .body = request->json,
      .ca_file = c->account->ca_file,
      .pin = c->account->pin,
      .silence_s = c->account->timeout_s,
      .whole_s = WHOLE_TIMEOUTS * c->account->timeout_s,
      .most = request->most ? request->most : GRAPH_JSON_BYTES,
      .take = request->take,
      .user = request->user,
      .stop = &stop};
  code = http_send(c->http, &http, ret, e);
  explicit_bzero(authorization, strlen(authorization));
  free(authorization);
  return code;
}

int graph_client_send(struct graph_client *c, const struct graph_request *request, struct http_answer *ret,
                      double *ret_wait_s, struct err *e) {
  *ret_wait_s = 0;
  int code = send_once(c, request, ret, e);
  if (!code && ret->status == 401 && renew(c)) {
    http_answer_clear(ret);
    code = send_once(c, request, ret, e);
  }
  if (code < 0 || (ret->status >= 200 && ret->status < 300)) return code;
  *ret_wait_s = (double)ret->wait_s;
  return tell_refusal(c, ret, e);
}
