/* SPDX-License-Identifier: Apache-2.0 */
/* Settings as users write them, and what is known of providers. */
#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "base/cleanup.h"
#include "base/mem.h"
#include "http/http.h"
#include "oauth/oauth.h"
#include "oauth/post.h"

/* "%s" is the tenant. Google gives no code of a device for the scope of mail. Client credentials ask for what the
 * administrator granted the application (".default"). */
static const struct provider {
  const char *word, *token_url, *device_url, *authorization_url;
  bool has_tenants;
  const char *scope_of_application; /* NULL: it lets no application read mail by itself */
  const char *scope_of_person;
} PROVIDERS[] = {
    {"microsoft", "https://login.microsoftonline.com/%s/oauth2/v2.0/token",
     "https://login.microsoftonline.com/%s/oauth2/v2.0/devicecode", NULL, true,
     "https://outlook.office365.com/.default", "https://outlook.office.com/IMAP.AccessAsUser.All offline_access"},
    {"google", "https://oauth2.googleapis.com/token", NULL,
     "https://accounts.google.com/o/oauth2/v2/auth?access_type=offline&prompt=consent", false, NULL,
     "https://mail.google.com/"},
};

void oauth_settings_clear(struct oauth_settings *s) {
  free(s->provider);
  free(s->tenant);
  free(s->client_id);
  free(s->secret_file);
  free(s->secret_command);
  free(s->certificate_file);
  free(s->key_file);
  free(s->ca_file);
  free(s->scope);
  free(s->token_file);
  free(s->token_read_command);
  free(s->token_store_command);
  free(s->device_url);
  free(s->authorization_url);
  free(s->login);
  free(s->token_url);
  *s = (struct oauth_settings)OAUTH_SETTINGS_NONE;
}

/* --- single ones -------------------------------------------------------------------------------------------------- */

int oauth_tenant_check(const char *tenant, struct err *e) {
  for (const char *c = tenant; *c; c++)
    if (!ascii_is_letter(*c) && !ascii_is_digit(*c) && *c != '-' && *c != '.')
      return err_set(e, ERR_USAGE, "\"%s\" is no tenant: it is an id or a domain", tenant);
  return *tenant ? 0 : err_set(e, ERR_USAGE, "is empty");
}

/* --- the whole ---------------------------------------------------------------------------------------------------- */

static const struct provider *find_provider(const char *word) {
  for (size_t i = 0; i < ARRAY_SIZE(PROVIDERS); i++)
    if (!strcmp(word, PROVIDERS[i].word)) return &PROVIDERS[i];
  return NULL;
}

/* Without a provider the other keys mean nothing: then it was forgotten. */
static int check_forgotten(const struct oauth_settings *s, struct err *e) {
  const char *key = s->tenant                ? "tenant"
                    : s->client_id           ? "client-id"
                    : s->secret_file         ? "client-secret-file"
                    : s->secret_command      ? "client-secret-command"
                    : s->certificate_file    ? "client-certificate-file"
                    : s->key_file            ? "client-key-file"
                    : s->ca_file             ? "oauth-ca-file"
                    : s->scope               ? "scope"
                    : s->token_file          ? "token-file"
                    : s->token_read_command  ? "token-read-command"
                    : s->token_store_command ? "token-store-command"
                    : s->device_url          ? "device-url"
                    : s->authorization_url   ? "authorization-url"
                                             : NULL;
  return key ? err_set(e, ERR_USAGE, "%s goes with oauth = microsoft, google or the URL of a token endpoint", key) : 0;
}

bool oauth_settings_have_login(const struct oauth_settings *s) { return s->token_file || s->token_read_command; }

/* A person's token: in one place, which can be read and written. */
static int check_keeper(const struct oauth_settings *s, const struct provider *p, struct err *e) {
  if (!s->token_read_command != !s->token_store_command)
    return err_set(e, ERR_USAGE, "token-read-command and token-store-command go together");
  if (s->token_file && s->token_read_command)
    return err_set(e, ERR_USAGE, "either token-file or token-read-command with token-store-command");
  if (p && !p->scope_of_application && !oauth_settings_have_login(s))
    return err_set(e, ERR_USAGE, "oauth = %s needs token-file: a person has to log in", p->word);
  return 0;
}

static int check_grant(const struct oauth_settings *s, const struct provider *p, struct err *e) {
  int code = check_keeper(s, p, e);
  if (code < 0) return code;
  int proofs = !!s->secret_file + !!s->secret_command + !!s->certificate_file;
  if (proofs > 1)
    return err_set(e, ERR_USAGE, "one of client-secret-file, client-secret-command and client-certificate-file");
  if (s->key_file && !s->certificate_file)
    return err_set(e, ERR_USAGE, "client-key-file goes with client-certificate-file");
  bool login = oauth_settings_have_login(s);
  if (!proofs && !login)
    return err_set(e, ERR_USAGE,
                   "oauth needs client-secret-file, client-secret-command or client-certificate-file, where the "
                   "application itself logs in, or token-file, where a person has logged in");
  if ((s->device_url || s->authorization_url) && !login)
    return err_set(e, ERR_USAGE, "device-url and authorization-url go with token-file");
  if (s->device_url && s->authorization_url) return err_set(e, ERR_USAGE, "either device-url or authorization-url");
  return 0;
}

static int check_provider(const struct oauth_settings *s, const struct provider *p, struct err *e) {
  if (!p) {
    int code = http_url_check(s->provider, e);
    if (code < 0) return err_prefix(e, code, "oauth");
  }
  if (!s->client_id) return err_set(e, ERR_USAGE, "oauth needs client-id");
  bool tenants = p && p->has_tenants;
  if (tenants && !s->tenant) return err_set(e, ERR_USAGE, "oauth = %s needs tenant", p->word);
  if (!tenants && s->tenant) return err_set(e, ERR_USAGE, "tenant goes with oauth = microsoft alone");
  if (p && (s->device_url || s->authorization_url))
    return err_set(e, ERR_USAGE, "device-url and authorization-url go with a URL as oauth alone");
  return check_grant(s, p, e);
}

static void set_text(char **place, const char *text) {
  free(*place);
  *place = mem_strdup(text);
}

static char *expand(const char *url, const char *tenant) {
  const char *sign = strstr(url, "%s");
  return sign ? mem_printf("%.*s%s%s", (int)(sign - url), url, tenant, sign + 2) : mem_strdup(url);
}

int oauth_settings_finish(struct oauth_settings *s, struct err *e) {
  if (!s->provider) return check_forgotten(s, e);
  const struct provider *p = find_provider(s->provider);
  int code = check_provider(s, p, e);
  if (code < 0) return code;
  if (!s->timeout_s) s->timeout_s = POST_TIMEOUT_S;
  free(s->token_url);
  s->token_url = expand(p ? p->token_url : s->provider, s->tenant);
  if (!p) return 0;
  bool login = oauth_settings_have_login(s);
  if (login && p->device_url) s->device_url = expand(p->device_url, s->tenant);
  if (login && p->authorization_url) s->authorization_url = expand(p->authorization_url, s->tenant);
  if (!s->scope) set_text(&s->scope, login ? p->scope_of_person : p->scope_of_application);
  return 0;
}
