/* SPDX-License-Identifier: Apache-2.0 */
/* A person's agreement by a code (RFC 8628): asked for, waited for, kept. */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/mem.h"
#include "oauth/client.h"
#include "oauth/exchange.h"
#include "oauth/token_file.h"

#define SLOWER_S 5.0       /* RFC 8628 3.5: slow_down */
#define LIFETIME_MOST 3600 /* of a code: nobody waits longer */

void oauth_login_clear(struct oauth_login *l) {
  if (l->device_code) explicit_bzero(l->device_code, strlen(l->device_code));
  free(l->device_code);
  free(l->code);
  free(l->url);
  free(l->url_with_code);
  *l = (struct oauth_login){0};
}

/* --- the code ----------------------------------------------------------------------------------------------------- */

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

/* Nobody shall type a code whose fruit cannot be kept. A file that was not there before goes again. */
static int check_file(const char *path, const struct stop *stop, struct err *e) {
  struct token_file f;
  int code = token_file_lock(&f, path, true, stop, e);
  if (!code) code = token_file_prepare(&f, e);
  struct err unused;
  if (!code && token_file_read(&f, &unused) == ERR_NOT_FOUND) unlink(path);
  token_file_close(&f);
  return code;
}

int oauth_login_begin(struct oauth_client *c, const struct stop *stop, struct oauth_login *ret, struct err *e) {
  const struct oauth_settings *s = &c->settings;
  *ret = (struct oauth_login){0};
  if (!s->device_url) return err_set(e, ERR_USAGE, "no endpoint is known that gives a code to type in (device-url)");
  int code = check_file(s->token_file, stop, e);
  if (code < 0) return code;
  _cleanup_exchange_ struct exchange x;
  struct answer a = {0};
  code = exchange_begin(&x, s, stop, e);
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

/* --- the agreement ------------------------------------------------------------------------------------------------ */

static int keep(const struct oauth_settings *s, const struct answer *a, const struct stop *stop, struct err *e) {
  if (!a->refresh_token)
    return err_set(e, ERR_FORMAT,
                   "the authorization server gives no refresh token: does the scope ask for one (offline_access)?");
  struct token_file f;
  int code = token_file_lock(&f, s->token_file, true, stop, e);
  if (!code) code = token_file_prepare(&f, e);
  if (!code) code = token_file_replace(&f, a->refresh_token, e);
  token_file_close(&f);
  return code;
}

/* 3.4 */
static int ask(const struct oauth_settings *s, const struct oauth_login *l, const struct stop *stop, struct answer *ret,
               struct err *e) {
  _cleanup_exchange_ struct exchange x;
  *ret = (struct answer){0};
  int code = exchange_begin(&x, s, stop, e);
  if (code < 0) return code;
  exchange_add(&x, "grant_type", "urn:ietf:params:oauth:grant-type:device_code");
  exchange_add_secret(&x, "device_code", l->device_code);
  code = exchange_send(&x, s->token_url, ret, e);
  return code < 0 ? code : answer_check_token(ret, e);
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

int oauth_login_await(struct oauth_client *c, struct oauth_login *l, const struct stop *stop, int64_t *ret_lifetime_s,
                      struct err *e) {
  struct answer a = {0};
  int code;
  do {
    answer_clear(&a);
    if (clock_now_s() + l->interval_s > l->until)
      return err_set(e, ERR_DENIED, "the code has expired before anybody typed it in: run '%s' again",
                     c->settings.login);
    code = stop_sleep(stop, l->interval_s, e);
    if (code < 0) return code;
    code = ask(&c->settings, l, stop, &a, e);
  } while (code < 0 && goes_on(l, code, &a));
  if (!code) code = keep(&c->settings, &a, stop, e);
  if (!code) *ret_lifetime_s = a.refresh_expires_in_s;
  answer_clear(&a);
  return code;
}
