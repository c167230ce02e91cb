/* SPDX-License-Identifier: Apache-2.0 */
/* A request that carries a message as JSON, signed where there is a secret. */
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/hex.h"
#include "base/secret_source.h"
#include "http/http.h"
#include "notify/forms.h"

#define ANSWER_MOST (64U << 10) /* of which nothing is read */
#define WHOLE_FACTOR 4          /* the whole exchange may take so many times the longest silence */
#define HEADERS 4

struct request {
  char *headers[HEADERS]; /* owned; one may hold a token */
  unsigned count;
  struct mask mask; /* what an answer may repeat of it */
};

static void request_clear(struct request *r) {
  for (unsigned i = 0; i < r->count; i++) {
    explicit_bzero(r->headers[i], strlen(r->headers[i]));
    free(r->headers[i]);
  }
  mask_clear(&r->mask);
}

/* HMAC-SHA256 (RFC 2104) over the body. */
static char *signature_of(const char *secret, const char *body) {
  unsigned char mac[EVP_MAX_MD_SIZE];
  char digits[HEX_TEXT_BYTES(EVP_MAX_MD_SIZE)];
  unsigned size = 0;
  if (!HMAC(EVP_sha256(), secret, (int)strlen(secret), (const unsigned char *)body, strlen(body), mac, &size))
    return NULL;
  return mem_printf("Dmarcctl-Signature: sha256=%s", hex_text(mac, size, digits));
}

static int add_signature(struct request *r, const struct way *w, const struct notice_parcel *p, const struct stop *stop,
                         struct err *e) {
  char secret[SECRET_BYTES] = "";
  int code = way_secret(w->secret_command, w->secret_file, "secret", stop, secret, e);
  if (code > 0) {
    r->headers[r->count] = signature_of(secret, p->json);
    code = r->headers[r->count] ? 1 : err_set(e, ERR_USAGE, "the secret cannot sign");
    r->count += code > 0;
  }
  mask_add(&r->mask, secret);
  explicit_bzero(secret, sizeof secret);
  return code < 0 ? code : 0;
}

/* A token is one word (RFC 6750 2.1): anything else would end the line of the header. */
static int add_token(struct request *r, const struct way *w, const struct stop *stop, struct err *e) {
  char token[SECRET_BYTES] = "";
  int code = way_secret(w->token_command, NULL, "token", stop, token, e);
  for (const char *c = token; *c && code > 0; c++)
    if (*c <= ' ' || *c > '~') code = err_set(e, ERR_USAGE, "the token command: a token has no blanks and no controls");
  if (code > 0) r->headers[r->count++] = mem_printf("Authorization: Bearer %s", token);
  mask_add(&r->mask, token);
  explicit_bzero(token, sizeof token);
  return code < 0 ? code : 0;
}

/* RFC 9110 15: a server that is overloaded or broken may be well again; one that says no says it again. */
static bool may_pass(long status) { return status == 408 || status == 425 || status == 429 || status >= 500; }

static int judge_answer(const struct request *r, const struct http_answer *a, struct err *e) {
  if (a->status >= 200 && a->status < 300) return 0;
  _cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
  strbuf_printf(&text, "the service answers with status %ld", a->status);
  mask_add_said(&r->mask, &text, strbuf_text(&a->body));
  return err_set(e, may_pass(a->status) ? ERR_IO : ERR_DENIED, "%s", text.data);
}

static int exchange(const struct way *w, const struct notice_parcel *p, const struct request *r,
                    const struct stop *stop, double *ret_wait_s, struct err *e) {
  struct strbuf body = STRBUF_INIT;
  struct http_answer answer = {0};
  struct http_client *client = http_client_new();
  strbuf_add_text(&body, p->json);
  struct http_request request = {.method = "POST",
                                 .url = w->url,
                                 .body = &body,
                                 .ca_file = w->ca_file,
                                 .pin = w->pin,
                                 .silence_s = w->timeout_s,
                                 .whole_s = WHOLE_FACTOR * w->timeout_s,
                                 .most = ANSWER_MOST,
                                 .stop = stop};
  for (unsigned i = 0; i < r->count; i++) request.headers[i] = r->headers[i];
  int code = http_send(client, &request, &answer, e);
  *ret_wait_s = (double)answer.wait_s;
  if (code < 0 && e) mask_text(&r->mask, e->text);
  if (code == ERR_LIMIT) code = 0; /* a success that says more than anybody asked */
  if (!code) code = judge_answer(r, &answer, e);
  http_answer_clear(&answer);
  http_client_free(client);
  strbuf_clear(&body);
  return code;
}

int web_send(const struct way *w, const struct notice_parcel *p, const struct stop *stop, double *ret_wait_s,
             struct err *e) {
  _cleanup_(request_clear) struct request r = {.count = 2};
  mask_add_url(&r.mask, w->url);
  r.headers[0] = mem_strdup("Content-Type: application/json");
  r.headers[1] = mem_printf("Idempotency-Key: \"%s\"", p->key);
  int code = add_signature(&r, w, p, stop, e);
  if (!code) code = add_token(&r, w, stop, e);
  if (!code) code = exchange(w, p, &r, stop, ret_wait_s, e);
  return code;
}
