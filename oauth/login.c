/* SPDX-License-Identifier: Apache-2.0 */
/* A person's agreement: by a code typed in anywhere (RFC 8628), or in a browser of this machine (RFC 8252); and what it
 * gives, kept. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/mem.h"
#include "http/http.h"
#include "oauth/client.h"
#include "oauth/exchange.h"
#include "oauth/loopback.h"
#include "oauth/token_keeper.h"

#define SLOWER_S 5.0       /* RFC 8628 3.5: slow_down */
#define LIFETIME_MOST 3600 /* of a code: nobody waits longer */
#define BROWSER_S 900      /* to agree in a browser */

static void wipe_text(char *text) {
  if (text) explicit_bzero(text, strlen(text));
  free(text);
}
static void cleanup_secret_text(char **text) { wipe_text(*text); }

void oauth_login_clear(struct oauth_login *l) {
  wipe_text(l->device_code);
  if (l->loopback) loopback_close(l->loopback);
  free(l->loopback);
  free(l->code);
  free(l->url);
  free(l->url_with_code);
  *l = (struct oauth_login){0};
}

/* --- beginning: a code to type in (RFC 8628 3.1, 3.2) ------------------------------------------------------------- */

static void take_device(struct answer *a, double asked, struct oauth_login *ret) {
  int64_t lifetime = a->expires_in_s < LIFETIME_MOST ? a->expires_in_s : LIFETIME_MOST;
  *ret = (struct oauth_login){.code = TAKE_PTR(a->user_code),
                              .url = TAKE_PTR(a->verification_uri),
                              .url_with_code = TAKE_PTR(a->verification_uri_complete),
                              .device_code = TAKE_PTR(a->device_code),
                              .expires_in_s = lifetime,
                              .interval_s = a->interval_s > 0 ? (double)a->interval_s : 1,
                              .until = asked + (double)lifetime};
}

static int begin_device(const struct oauth_settings *s, const struct stop *stop, struct oauth_login *ret,
                        struct err *e) {
  _cleanup_exchange_ struct exchange x;
  struct answer a = {0};
  int code = exchange_begin(&x, s, stop, e);
  if (code < 0) return code;
  exchange_add(&x, "scope", s->scope);
  double asked = clock_now_s();
  code = exchange_send(&x, s->device_url, &a, e);
  if (!code && (code = answer_check_device(&a, e)) < 0)
    err_prefix(e, code, "the authorization server %s", s->device_url);
  if (!code) take_device(&a, asked, ret);
  answer_clear(&a);
  return code;
}

/* --- beginning: a browser (RFC 6749 4.1.1, RFC 7636 4.3) ---------------------------------------------------------- */

static int begin_browser(const struct oauth_settings *s, struct oauth_login *ret, struct err *e) {
  struct loopback *l = ret->loopback = mem_zalloc(sizeof *l);
  int code = loopback_open(l, e);
  if (code < 0) return code;
  struct strbuf query = STRBUF_INIT;
  http_add_field(&query, "response_type", "code");
  http_add_field(&query, "client_id", s->client_id);
  http_add_field(&query, "redirect_uri", l->redirect_uri);
  if (s->scope) http_add_field(&query, "scope", s->scope);
  http_add_field(&query, "state", l->state);
  http_add_field(&query, "code_challenge", l->challenge);
  http_add_field(&query, "code_challenge_method", "S256");
  ret->url = mem_printf("%s%c%s", s->authorization_url, strchr(s->authorization_url, '?') ? '&' : '?', query.data);
  ret->port = l->port;
  ret->expires_in_s = BROWSER_S;
  ret->until = clock_now_s() + BROWSER_S;
  strbuf_clear(&query);
  return 0;
}

/* Nobody shall agree where the fruit cannot be kept. A file that was not there before goes again. */
static int check_keeper(const struct oauth_settings *s, const struct stop *stop, struct err *e) {
  struct token_keeper k;
  struct err unused;
  int code = token_keeper_open(&k, s, true, stop, e);
  if (!code && s->token_file && token_keeper_read(&k, &unused) == ERR_NOT_FOUND) unlink(s->token_file);
  token_keeper_close(&k);
  return code;
}

int oauth_login_begin(struct oauth_client *c, const struct stop *stop, struct oauth_login *ret, struct err *e) {
  const struct oauth_settings *s = &c->settings;
  *ret = (struct oauth_login){0};
  if (!s->device_url && !s->authorization_url)
    return err_set(e, ERR_USAGE, "needs device-url or authorization-url: where a person agrees");
  int code = check_keeper(s, stop, e);
  if (code < 0) return code;
  return s->device_url ? begin_device(s, stop, ret, e) : begin_browser(s, ret, e);
}

/* --- the agreement ------------------------------------------------------------------------------------------------ */

static int keep(const struct oauth_settings *s, const struct answer *a, const struct stop *stop, struct err *e) {
  if (!a->refresh_token)
    return err_set(e, ERR_FORMAT,
                   "the authorization server gives no refresh token: does the scope ask for one (offline_access)?");
  struct token_keeper k;
  int code = token_keeper_open(&k, s, true, stop, e);
  if (!code) code = token_keeper_replace(&k, a->refresh_token, e);
  token_keeper_close(&k);
  return code;
}

/* RFC 8628 3.4 */
static int ask(const struct oauth_settings *s, const struct oauth_login *l, const struct stop *stop, struct answer *ret,
               struct err *e) {
  _cleanup_exchange_ struct exchange x;
  int code = exchange_begin(&x, s, stop, e);
  if (code < 0) return code;
  exchange_add(&x, "grant_type", "urn:ietf:params:oauth:grant-type:device_code");
  exchange_add_secret(&x, "device_code", l->device_code);
  return exchange_send(&x, s->token_url, ret, e);
}

/* 3.5: is it to be asked again? Then `l` knows how soon. */
static bool goes_on(struct oauth_login *l, int code, const struct answer *a) {
  if (!strcmp(a->error, "authorization_pending")) return true;
  bool slow_down = !strcmp(a->error, "slow_down");
  if (slow_down) l->interval_s += SLOWER_S;
  bool trouble = code == ERR_IO || code == ERR_BUSY;
  if (trouble && !slow_down) l->interval_s *= 2;
  return slow_down || trouble;
}

static int await_device(const struct oauth_settings *s, struct oauth_login *l, const struct stop *stop,
                        struct answer *ret, struct err *e) {
  int code;
  do {
    answer_clear(ret);
    if (clock_now_s() + l->interval_s > l->until)
      return err_set(e, ERR_DENIED, "the code has expired before anybody typed it in: run '%s' again", s->login);
    code = stop_sleep(stop, l->interval_s, e);
    if (code < 0) return code;
    code = ask(s, l, stop, ret, e);
  } while (code < 0 && goes_on(l, code, ret));
  return code;
}

/* RFC 6749 4.1.3, RFC 7636 4.5 */
static int await_browser(const struct oauth_settings *s, struct oauth_login *l, const struct stop *stop,
                         struct answer *ret, struct err *e) {
  _cleanup_(cleanup_secret_text) char *authorization = NULL;
  int code = loopback_await(l->loopback, stop, l->until, &authorization, e);
  if (code < 0) return code;
  _cleanup_exchange_ struct exchange x;
  code = exchange_begin(&x, s, stop, e);
  if (code < 0) return code;
  exchange_add(&x, "grant_type", "authorization_code");
  exchange_add_secret(&x, "code", authorization);
  exchange_add(&x, "redirect_uri", l->loopback->redirect_uri);
  exchange_add(&x, "code_verifier", l->loopback->verifier);
  return exchange_send(&x, s->token_url, ret, e);
}

int oauth_login_await(struct oauth_client *c, struct oauth_login *l, const struct stop *stop, int64_t *ret_lifetime_s,
                      struct err *e) {
  const struct oauth_settings *s = &c->settings;
  struct answer a = {0};
  int code = l->loopback ? await_browser(s, l, stop, &a, e) : await_device(s, l, stop, &a, e);
  if (!code && (code = answer_check_token(&a, e)) < 0) err_prefix(e, code, "the authorization server %s", s->token_url);
  if (!code) code = keep(s, &a, stop, e);
  if (!code) *ret_lifetime_s = a.refresh_expires_in_s;
  answer_clear(&a);
  return code;
}
