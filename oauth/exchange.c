/* SPDX-License-Identifier: Apache-2.0 */
/* Joins form, request and answer, and keeps secrets out of what is said about them. */
#include "oauth/exchange.h"

#include <string.h>

#include "base/cleanup.h"
#include "http/http.h"
#include "oauth/assertion.h"

static void wipe(struct strbuf *b) {
  if (b->data) explicit_bzero(b->data, b->capacity);
  strbuf_clear(b);
}

void exchange_clear(struct exchange *x) {
  wipe(&x->form);
  explicit_bzero(x->client_secret, sizeof x->client_secret);
}

void exchange_add(struct exchange *x, const char *name, const char *value) {
  if (value) http_add_field(&x->form, name, value);
}

void exchange_add_secret(struct exchange *x, const char *name, const char *value) {
  x->secret = value;
  exchange_add(x, name, value);
}

int exchange_begin(struct exchange *ret, const struct oauth_settings *s, const struct stop *stop, struct err *e) {
  int code = 0;
  *ret = (struct exchange){.settings = s, .stop = stop};
  if (s->secret_file)
    code = secret_from_file(s->secret_file, "the client secret's file", ret->client_secret, e);
  else if (s->secret_command)
    code = secret_from_command(s->secret_command, "the client secret's command", stop, ret->client_secret, e);
  else if (s->certificate_file)
    code = assertion_make(s->certificate_file, s->key_file, s->client_id, s->token_url, ret->client_secret, e);
  if (code < 0) return code;
  exchange_add(ret, "client_id", s->client_id);
  exchange_add(ret, "client_assertion_type", s->certificate_file ? ASSERTION_TYPE : NULL);
  const char *name = s->certificate_file ? "client_assertion" : "client_secret";
  exchange_add(ret, name, *ret->client_secret ? ret->client_secret : NULL);
  return 0;
}

/* As it is, and as the form has it. */
static void mask(const char *secret, char *text) {
  if (!secret || !*secret) return;
  struct strbuf encoded = STRBUF_INIT;
  http_encode(&encoded, secret);
  secret_mask(secret, text);
  secret_mask(strbuf_text(&encoded), text);
  wipe(&encoded);
}

static void mask_all(const struct exchange *x, char *text) {
  mask(x->client_secret, text);
  mask(x->secret, text);
}

/* What the server says is masked before words of ours stand behind it: it may have been cut off within a secret. */
static int judge(const struct exchange *x, const struct strbuf *body, long status, struct answer *ret, struct err *e) {
  int code = answer_read(strbuf_text(body), body->length, ret, e);
  mask_all(x, ret->error);
  if (ret->description) mask_all(x, ret->description);
  if (code < 0 && status >= 400)
    return err_set(e, ERR_USAGE, "it refuses the request without saying why (HTTP %ld)", status);
  if (code < 0) return code;
  if (*ret->error) return answer_tell_error(ret, e);
  return status < 400 ? 0 : err_set(e, ERR_USAGE, "it refuses the request without saying why (HTTP %ld)", status);
}

int exchange_send(struct exchange *x, const char *url, struct answer *ret, struct err *e) {
  struct strbuf body = STRBUF_INIT;
  long status = 0;
  *ret = (struct answer){0};
  int code = post_form(url, &x->form, x->settings->ca_file, x->settings->timeout_s, x->stop, &body, &status, e);
  if (!code) code = judge(x, &body, status, ret, e);
  wipe(&body);
  if (code >= 0 || code == ERR_INTERRUPTED) return code;
  mask_all(x, e->text);
  return err_prefix(e, code, "the authorization server %s", url);
}
