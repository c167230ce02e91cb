/* SPDX-License-Identifier: Apache-2.0 */
/* Joins the room of authorization servers with that of mail servers, which do not know each other. */
#include "cmd/account_oauth.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "http/http.h"

/* --- keys --------------------------------------------------------------------------------------------------------- */

static int keep_text(char **place, const char *text, int code) {
  if (code < 0) return code;
  free(*place);
  *place = mem_strdup(text);
  return 0;
}

static int parse_provider(void *at, const char *text, struct err *e) {
  bool known = !strcmp(text, "microsoft") || !strcmp(text, "google");
  int code = known ? 0 : http_url_check(text, e);
  if (code < 0) err_set(e, code, "\"%s\" is none of microsoft, google, and %s", text, e->text);
  return keep_text(at, text, code);
}

static int parse_tenant(void *at, const char *text, struct err *e) {
  return keep_text(at, text, oauth_tenant_check(text, e));
}

static int parse_url(void *at, const char *text, struct err *e) {
  int code = http_url_check(text, e);
  if (code < 0) err_prefix(e, code, "\"%s\"", text);
  return keep_text(at, text, code);
}

#define AT(field) OPTION_AT(struct import_verb_options, field)

static const struct option ROWS[] = {
    {"oauth", .kind = OPTION_CUSTOM, AT(oauth.provider), .parse = parse_provider, .places = OPTION_IN_ACCOUNT},
    {"tenant", .kind = OPTION_CUSTOM, AT(oauth.tenant), .parse = parse_tenant, .places = OPTION_IN_ACCOUNT},
    {"client-id", .kind = OPTION_TEXT, AT(oauth.client_id), .owned = true, .places = OPTION_IN_ACCOUNT},
    {"client-secret-file", .kind = OPTION_FILE, AT(oauth.secret_file), .owned = true, .places = OPTION_IN_ACCOUNT},
    {"client-secret-command", .kind = OPTION_COMMAND, AT(oauth.secret_command), .owned = true,
     .places = OPTION_IN_ACCOUNT},
    {"client-certificate-file", .kind = OPTION_FILE, AT(oauth.certificate_file), .owned = true,
     .places = OPTION_IN_ACCOUNT},
    {"client-key-file", .kind = OPTION_FILE, AT(oauth.key_file), .owned = true, .places = OPTION_IN_ACCOUNT},
    {"oauth-ca-file", .kind = OPTION_FILE, AT(oauth.ca_file), .owned = true, .places = OPTION_IN_ACCOUNT},
    {"scope", .kind = OPTION_TEXT, AT(oauth.scope), .owned = true, .places = OPTION_IN_ACCOUNT},
    {"token-file", .kind = OPTION_FILE, AT(oauth.token_file), .owned = true, .places = OPTION_IN_ACCOUNT},
    {"token-read-command", .kind = OPTION_COMMAND, AT(oauth.token_read_command), .owned = true,
     .places = OPTION_IN_ACCOUNT},
    {"token-store-command", .kind = OPTION_COMMAND, AT(oauth.token_store_command), .owned = true,
     .places = OPTION_IN_ACCOUNT},
    {"device-url", .kind = OPTION_CUSTOM, AT(oauth.device_url), .parse = parse_url, .places = OPTION_IN_ACCOUNT},
    {"authorization-url", .kind = OPTION_CUSTOM, AT(oauth.authorization_url), .parse = parse_url,
     .places = OPTION_IN_ACCOUNT},
};
const struct option_table ACCOUNT_OAUTH = {ROWS, ARRAY_SIZE(ROWS)};

/* --- tokens ------------------------------------------------------------------------------------------------------- */

struct account_tokens {
  struct mail_tokens tokens;
  struct oauth_client *client;
};

static int get(struct mail_tokens *t, const struct stop *stop, char *ret, struct err *e) {
  return oauth_client_token(((struct account_tokens *)t)->client, stop, ret, e);
}

static bool refused(struct mail_tokens *t) { return oauth_client_refused(((struct account_tokens *)t)->client); }

static void free_tokens(struct mail_tokens *t) {
  oauth_client_free(((struct account_tokens *)t)->client);
  free(t);
}

/* What Graph is asked for is another's than IMAP's: a permission of its own, at the cloud that is meant. */
static void set_graph_defaults(struct import_verb_options *v) {
  const struct mail_account *a = &v->mailbox;
  if (a->kind != MAIL_GRAPH || !v->oauth.provider || strcmp(v->oauth.provider, "microsoft") != 0) return;
  if (!v->oauth.tenant) v->oauth.tenant = mem_strdup(a->host);
  if (v->oauth.scope) return;
  const char *url = a->graph_url ? a->graph_url : MAIL_GRAPH_URL, *host = strstr(url, "://") + 3;
  int origin = (int)(host - url) + (int)strcspn(host, "/?");
  bool acts = a->after != MAIL_AFTER_NOTHING || a->failed_folder;
  v->oauth.scope = !oauth_settings_have_login(&v->oauth)
                       ? mem_printf("%.*s/.default", origin, url)
                       : mem_printf("%.*s/Mail.Read%s offline_access", origin, url, acts ? "Write" : "");
}

int account_oauth_attach(struct import_verb_options *v, const char *name, struct err *e) {
  set_graph_defaults(v);
  v->oauth.timeout_s = v->mailbox.timeout_s;
  v->oauth.login = mem_printf("dmarcctl login %s", name);
  int code = oauth_settings_finish(&v->oauth, e);
  if (code < 0 || !v->oauth.provider) return code;
  struct account_tokens *t = mem_zalloc(sizeof *t);
  t->tokens = (struct mail_tokens){.get = get, .refused = refused, .free = free_tokens};
  t->client = oauth_client_new(&v->oauth);
  v->mailbox.tokens = &t->tokens;
  return 0;
}

struct oauth_client *account_oauth_client(const struct mail_account *a) {
  return a->tokens ? ((struct account_tokens *)a->tokens)->client : NULL;
}
