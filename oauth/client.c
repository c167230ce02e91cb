/* SPDX-License-Identifier: Apache-2.0 */
/* A client: the token it has, and how it comes to another. */
#include "oauth/client.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "oauth/exchange.h"
#include "oauth/token_keeper.h"

/* A token is given up so long before it expires, or a tenth of its life: a login takes its time. */
#define MARGIN_S 60.0

struct oauth_client *oauth_client_new(struct oauth_settings *settings) {
  struct oauth_client *c = mem_zalloc(sizeof *c);
  c->settings = *settings;
  c->lifetime_s = -1;
  *settings = (struct oauth_settings)OAUTH_SETTINGS_NONE;
  pthread_mutex_init(&c->lock, NULL);
  return c;
}

static void forget(struct oauth_client *c) {
  explicit_bzero(c->token, sizeof c->token);
  c->until = 0;
  c->new = false;
}

void oauth_client_free(struct oauth_client *c) {
  if (!c) return;
  forget(c);
  pthread_mutex_destroy(&c->lock);
  oauth_settings_clear(&c->settings);
  free(c);
}

bool oauth_client_has_login(const struct oauth_client *c) { return oauth_settings_have_login(&c->settings); }
const struct oauth_settings *oauth_client_settings(const struct oauth_client *c) { return &c->settings; }

const char *oauth_client_token_file(const struct oauth_client *c) { return c->settings.token_file; }

/* --- another token ------------------------------------------------------------------------------------------------ */

/* `asked`: when the request was made; the server counts from then on at the earliest. */
static void keep(struct oauth_client *c, const struct answer *a, double asked) {
  double lifetime = (double)a->expires_in_s, tenth = lifetime / 10;
  memcpy(c->token, a->access_token, strlen(a->access_token) + 1);
  c->lifetime_s = a->expires_in_s;
  c->until = a->expires_in_s < 0 ? 0 : asked + lifetime - (tenth < MARGIN_S ? tenth : MARGIN_S);
  c->new = true;
}

static int ask(struct oauth_client *c, struct exchange *x, struct answer *ret, struct err *e) {
  double asked = clock_now_s();
  int code = exchange_send(x, c->settings.token_url, ret, e);
  if (!code) {
    code = answer_check_token(ret, e);
    if (code < 0) err_prefix(e, code, "the authorization server %s", c->settings.token_url);
  }
  if (!code) keep(c, ret, asked);
  return code;
}

/* RFC 6749 4.4.2 */
static int by_client_credentials(struct oauth_client *c, const struct stop *stop, struct err *e) {
  _cleanup_exchange_ struct exchange x;
  struct answer a = {0};
  int code = exchange_begin(&x, &c->settings, stop, e);
  if (code < 0) return code;
  exchange_add(&x, "grant_type", "client_credentials");
  exchange_add(&x, "scope", c->settings.scope);
  code = ask(c, &x, &a, e);
  answer_clear(&a);
  return code;
}

/* RFC 6749 6: without a scope it is that of the agreement. An answer without a refresh token leaves the old one. */
static int exchange_refresh_token(struct oauth_client *c, struct token_keeper *k, const struct stop *stop,
                                  struct err *e) {
  _cleanup_exchange_ struct exchange x;
  struct answer a = {0};
  int code = exchange_begin(&x, &c->settings, stop, e);
  if (code < 0) return code;
  exchange_add(&x, "grant_type", "refresh_token");
  exchange_add_secret(&x, "refresh_token", k->file.token);
  code = ask(c, &x, &a, e);
  if (!code && a.refresh_token && strcmp(a.refresh_token, k->file.token) != 0)
    code = token_keeper_replace(k, a.refresh_token, e);
  bool spent = !strcmp(a.error, "invalid_grant");
  answer_clear(&a);
  return spent ? err_set(e, code, "%s: run '%s'", e->text, c->settings.login) : code;
}

static int by_refresh_token(struct oauth_client *c, const struct stop *stop, struct err *e) {
  struct token_keeper k;
  int code = token_keeper_open(&k, &c->settings, false, stop, e);
  if (!code) code = token_keeper_read(&k, e);
  if (code == ERR_NOT_FOUND) code = err_set(e, ERR_DENIED, "%s: run '%s'", e->text, c->settings.login);
  if (!code) code = exchange_refresh_token(c, &k, stop, e);
  token_keeper_close(&k);
  return code;
}

/* --- the token ---------------------------------------------------------------------------------------------------- */

int oauth_client_token(struct oauth_client *c, const struct stop *stop, char *ret, struct err *e) {
  int code = 0;
  pthread_mutex_lock(&c->lock);
  if (*c->token && clock_now_s() < c->until) {
    c->new = false;
  } else {
    forget(c);
    code = oauth_client_has_login(c) ? by_refresh_token(c, stop, e) : by_client_credentials(c, stop, e);
    if (code < 0) forget(c);
  }
  if (!code) memcpy(ret, c->token, strlen(c->token) + 1);
  pthread_mutex_unlock(&c->lock);
  return code;
}

bool oauth_client_refused(struct oauth_client *c) {
  pthread_mutex_lock(&c->lock);
  bool another = *c->token && !c->new;
  forget(c);
  pthread_mutex_unlock(&c->lock);
  return another;
}

int64_t oauth_client_lifetime_s(struct oauth_client *c) {
  pthread_mutex_lock(&c->lock);
  int64_t lifetime_s = c->lifetime_s;
  pthread_mutex_unlock(&c->lock);
  return lifetime_s;
}
