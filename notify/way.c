/* SPDX-License-Identifier: Apache-2.0 */
/* What users write of a way, taken apart and checked. */
#include "notify/way.h"

#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "base/cleanup.h"
#include "base/domain.h"
#include "base/ip.h"
#include "base/mem.h"
#include "http/http.h"
#include "http/reach.h"

#define ADDRESS_BYTES_MOST 254 /* RFC 5321 4.5.3.1.3, without the brackets */

void way_init(struct way *w) { *w = (struct way){.timeout_s = 30, .retries = 2, .wait_most_s = 60}; }

void way_clear(struct way *w) {
  char *const texts[] = {w->url,
                         w->command,
                         w->from,
                         w->sendmail,
                         w->smtp_host,
                         w->smtp_user,
                         w->password_file,
                         w->token_command,
                         w->secret_command,
                         w->secret_file,
                         w->ca_file,
                         w->pin,
                         w->password_command};
  for (size_t i = 0; i < ARRAY_SIZE(texts); i++) free(texts[i]);
  text_list_clear(&w->recipients);
  way_init(w);
}

static void put(char **place, const char *text) {
  free(*place);
  *place = mem_strdup(text);
}

/* --- addresses ---------------------------------------------------------------------------------------------------- */

/* A dot-atom (RFC 5322 3.2.3): whoever has an address of another form cannot be written to. */
static bool is_local_part(const char *text, size_t length) {
  static const char ALSO[] = "!#$%&'*+-/=?^_`{|}~.";
  for (size_t i = 0; i < length; i++)
    if (!ascii_is_letter(text[i]) && !ascii_is_digit(text[i]) && !strchr(ALSO, text[i])) return false;
  return length && length <= 64 && text[0] != '.' && text[length - 1] != '.';
}

/* With the domain in its one spelling; NULL: it is none. To be freed. */
static char *spell_address(const char *text) {
  const char *at = strrchr(text, '@');
  if (!at || !is_local_part(text, (size_t)(at - text))) return NULL;
  _cleanup_free_ char *domain = domain_spelled(at + 1);
  for (const char *c = domain; *c; c++)
    if (!ascii_is_letter(*c) && !ascii_is_digit(*c) && !strchr("-._", *c)) return NULL;
  if (!domain_is_plausible(domain)) return NULL;
  char *address = mem_printf("%.*s@%s", (int)(at - text), text, domain);
  if (strlen(address) <= ADDRESS_BYTES_MOST) return address;
  free(address);
  return NULL;
}

int way_set_from(struct way *w, const char *text, struct err *e) {
  char *address = spell_address(text);
  if (!address) return err_set(e, ERR_USAGE, "\"%s\" is no mail address: write it as user@example.com", text);
  free(w->from);
  w->from = address;
  return 0;
}

static int add_recipient(struct way *w, const char *text, struct err *e) {
  _cleanup_free_ char *address = spell_address(text);
  if (!address) return err_set(e, ERR_USAGE, "\"%s\" is no mail address: write mailto:user@example.com", text);
  text_list_add(&w->recipients, address);
  if (w->recipients.count <= WAY_RECIPIENTS_MOST) return 0;
  return err_set(e, ERR_USAGE, "more than %d addresses: a list is the place for them", WAY_RECIPIENTS_MOST);
}

static int set_recipients(struct way *w, const char *text, struct err *e) {
  int code = 0;
  w->kind = WAY_MAIL;
  for (const char *at = text; !code; at++) {
    at += strspn(at, " ");
    size_t length = strcspn(at, ",");
    _cleanup_free_ char *word = mem_strndup(at, length);
    code = add_recipient(w, word, e);
    at += length;
    if (!*at) break;
  }
  return code;
}

/* --- where it leads to -------------------------------------------------------------------------------------------- */

int way_set_to(struct way *w, const char *text, struct err *e) {
  if (ascii_begins(text, "mailto:")) return set_recipients(w, text + strlen("mailto:"), e);
  if (ascii_begins(text, "exec:")) {
    const char *command = text + strlen("exec:");
    command += strspn(command, " ");
    if (!*command) return err_set(e, ERR_USAGE, "exec: names no command");
    w->kind = WAY_COMMAND;
    put(&w->command, command);
    return 0;
  }
  if (!ascii_begins(text, "https://") && !ascii_begins(text, "http://"))
    return err_set(e, ERR_USAGE, "begins with none of mailto:, https:// and exec:");
  w->kind = WAY_WEB;
  put(&w->url, text);
  return http_url_check(text, e);
}

/* "https://host:port": a web hook is known to nobody but by its path. */
static char *origin_of(const char *url) {
  const char *host = strstr(url, "://") + 3;
  return mem_strndup(url, (size_t)(host - url) + strcspn(host, "/?#"));
}

static void add_addresses(struct strbuf *out, const struct text_list *list, unsigned from) {
  for (unsigned i = from; i < list->count; i++) strbuf_printf(out, "%s%s", i > from ? "," : "", list->items[i]);
}

char *way_shown_to(const struct text_list *recipients, unsigned from) {
  struct strbuf text = STRBUF_INIT;
  strbuf_add_text(&text, "mailto:");
  add_addresses(&text, recipients, from);
  return text.data;
}

char *way_shown(const struct way *w) {
  if (w->kind == WAY_MAIL) return way_shown_to(&w->recipients, 0);
  return w->kind == WAY_WEB ? origin_of(w->url) : mem_strdup("exec: (not shown)");
}

char *way_shown_without(const struct way *w, const struct text_list *have) {
  if (w->kind != WAY_MAIL) return way_shown(w);
  struct text_list left = {0};
  for (unsigned i = 0; i < w->recipients.count; i++)
    if (!text_list_has(have, w->recipients.items[i])) text_list_add(&left, w->recipients.items[i]);
  char *shown = way_shown_to(&left, 0);
  text_list_clear(&left);
  return shown;
}

/* --- addresses, many ---------------------------------------------------------------------------------------------- */

bool way_has_all(const struct way *w, const struct text_list *list) {
  for (unsigned i = 0; i < w->recipients.count; i++)
    if (!text_list_has(list, w->recipients.items[i])) return false;
  return w->recipients.count || w->kind != WAY_MAIL;
}

char *way_addresses(const struct text_list *list) {
  struct strbuf text = STRBUF_INIT;
  add_addresses(&text, list, 0);
  return text.data;
}

#define TAKEN_MOST (4 * WAY_RECIPIENTS_MOST) /* some may have been recipients that are none any more */

void way_add_addresses(struct text_list *list, const char *text) {
  while (text && *text && list->count < TAKEN_MOST) {
    const size_t length = strcspn(text, ",");
    _cleanup_free_ char *address = mem_strndup(text, length);
    if (*address) text_list_add(list, address);
    text += length + (text[length] == ',');
  }
}

/* --- the server of mails ------------------------------------------------------------------------------------------ */

static void cleanup_curlu(CURLU **u) { curl_url_cleanup(*u); }

/* A part, decoded; NULL: there is none. To be freed. False where it holds control characters. */
static bool take_part(CURLU *u, CURLUPart which, char **ret) {
  char *part = NULL;
  CURLUcode code = curl_url_get(u, which, &part, which == CURLUPART_PORT ? 0 : CURLU_URLDECODE);
  free(*ret);
  *ret = part && *part ? mem_strdup(part) : NULL;
  curl_free(part);
  return code == CURLUE_OK || (code >= CURLUE_NO_SCHEME && code <= CURLUE_NO_FRAGMENT);
}

static int read_smtp(struct way *w, CURLU *u, struct err *e) {
  _cleanup_free_ char *port = NULL, *password = NULL, *path = NULL, *query = NULL;
  if (!take_part(u, CURLUPART_PASSWORD, &password) || password)
    return err_set(e, ERR_USAGE, "a password has no place in this file: write password-command or password-file");
  if (!take_part(u, CURLUPART_HOST, &w->smtp_host) || !w->smtp_host || !take_part(u, CURLUPART_USER, &w->smtp_user) ||
      !take_part(u, CURLUPART_PORT, &port) || !take_part(u, CURLUPART_PATH, &path) ||
      !take_part(u, CURLUPART_QUERY, &query) || (path && strcmp(path, "/") != 0) || query)
    return err_set(e, ERR_USAGE, "is no URL of a mail server: smtps://user%%40example.com@mail.example.com");
  w->smtp_port = port ? (uint32_t)atoi(port) : w->smtp_is_tls ? 465 : 587;
  return 0;
}

int way_set_smtp(struct way *w, const char *url, struct err *e) {
  _cleanup_(cleanup_curlu) CURLU *u = curl_url();
  w->smtp_is_tls = ascii_begins(url, "smtps://");
  if (!w->smtp_is_tls && !ascii_begins(url, "smtp://"))
    return err_set(e, ERR_USAGE, "begins with neither smtps:// (TLS) nor smtp:// (STARTTLS)");
  if (reach_check(url, e) < 0) return ERR_USAGE;
  if (!u || curl_url_set(u, CURLUPART_URL, url, CURLU_NON_SUPPORT_SCHEME) != CURLUE_OK)
    return err_set(
        e, ERR_USAGE,
        "is no URL of a mail server: smtps://user%%40example.com@mail.example.com, with %%40 for the @ of a user");
  return read_smtp(w, u, e);
}

/* --- the whole ---------------------------------------------------------------------------------------------------- */

static int refuse_unless(bool goes, const char *key, const char *with, struct err *e) {
  return goes ? 0 : err_set(e, ERR_USAGE, "%s goes with %s", key, with);
}

static int finish_mail(struct way *w, struct err *e) {
  const unsigned secrets = !!w->password_command + !!w->password_file + !!w->token_command;
  if (w->smtp_host && w->sendmail) return err_set(e, ERR_USAGE, "smtp or sendmail: one or the other");
  if (!w->smtp_host && (secrets || w->ca_file || w->pin || w->allow_plain))
    return refuse_unless(false, "password-command, password-file, token-command, ca-file, pin and allow-plain", "smtp",
                         e);
  if (w->smtp_user && secrets != 1)
    return err_set(e, ERR_USAGE, "smtp names a user: write one of password-command, password-file and token-command");
  if (secrets && !w->smtp_user)
    return err_set(e, ERR_USAGE, "smtp names no user: smtps://USER@HOST, with %%40 for its @");
  if (w->smtp_host && !w->from && w->smtp_user) w->from = spell_address(w->smtp_user);
  if (w->smtp_host && !w->from) return err_set(e, ERR_USAGE, "smtp needs from = ADDRESS, the sender of the mails");
  return refuse_unless(!w->secret_command && !w->secret_file, "secret-command and secret-file", "to = https://", e);
}

int way_finish(struct way *w, struct err *e) {
  if (w->kind == WAY_UNSAID)
    return err_set(e, ERR_USAGE, "needs to = mailto:ADDRESS, to = https://HOST/PATH or to = exec:COMMAND");
  if (w->kind == WAY_MAIL) return finish_mail(w, e);
  int code = refuse_unless(
      !w->from && !w->sendmail && !w->smtp_host && !w->password_command && !w->password_file && !w->allow_plain,
      "from, smtp, sendmail, password-command, password-file and allow-plain", "to = mailto:", e);
  if (!code && w->secret_command && w->secret_file)
    code = err_set(e, ERR_USAGE, "secret-command or secret-file: one or the other");
  if (!code && w->kind == WAY_COMMAND)
    code = refuse_unless(!w->secret_command && !w->secret_file && !w->token_command && !w->ca_file && !w->pin,
                         "token-command, secret-command, secret-file, ca-file and pin", "to = https://", e);
  return code;
}
