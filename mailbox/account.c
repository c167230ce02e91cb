/* SPDX-License-Identifier: Apache-2.0 */
/* Accounts as users write them: a URL and some words beside it. */
#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "base/cleanup.h"
#include "base/mem.h"
#include "http/reach.h"
#include "mailbox/account.h"

#define MAIL_BYTES (64ULL << 20)
#define TIMEOUT_S 60
#define RETRIES 4
#define WAIT_S 300 /* Exchange asks for up to five minutes */
#define OWN_FLAG "$dmarcctl"

void mail_account_init(struct mail_account *a) {
  *a = (struct mail_account){.since_s = MAIL_SINCE_EVER,
                             .mail_bytes = MAIL_BYTES,
                             .timeout_s = TIMEOUT_S,
                             .retries = RETRIES,
                             .max_wait_s = WAIT_S};
}

void mail_account_clear(struct mail_account *a) {
  free(a->host);
  free(a->user);
  free(a->ca_file);
  free(a->pin);
  free(a->password_command);
  free(a->password_file);
  free(a->token_command);
  free(a->graph_url);
  if (a->tokens) a->tokens->free(a->tokens);
  for (unsigned i = 0; i < a->folder_count; i++) free(a->folders[i]);
  free(a->folders);
  text_list_clear(&a->trusted_authservs);
  free(a->after_folder);
  free(a->after_flag);
  free(a->failed_folder);
  *a = (struct mail_account){0};
}

void mail_account_copy(struct mail_account *ret, const struct mail_account *a) {
  *ret = *a;
  ret->host = mem_strdup(a->host);
  ret->user = mem_strdup(a->user);
  ret->ca_file = mem_strdup(a->ca_file);
  ret->pin = mem_strdup(a->pin);
  ret->password_command = mem_strdup(a->password_command);
  ret->password_file = mem_strdup(a->password_file);
  ret->token_command = mem_strdup(a->token_command);
  ret->tokens = NULL;
  ret->graph_url = mem_strdup(a->graph_url);
  ret->after_folder = mem_strdup(a->after_folder);
  ret->after_flag = mem_strdup(a->after_flag);
  ret->failed_folder = mem_strdup(a->failed_folder);
  text_list_copy(&ret->trusted_authservs, &a->trusted_authservs);
  ret->folders = NULL;
  ret->folder_count = 0;
  for (unsigned i = 0; i < a->folder_count; i++) mail_account_add_folder(ret, a->folders[i]);
}

static void set_text(char **place, const char *text, size_t length) {
  free(*place);
  *place = mem_strndup(text, length);
}

/* --- folders ------------------------------------------------------------------------------------------------------ */

/* INBOX is the one name whose case does not count (RFC 9051 5.1); "/" at the ends is the URL's. */
void mail_account_add_folder(struct mail_account *a, const char *folder) {
  folder += strspn(folder, "/");
  char *name = mem_strdup(folder);
  for (size_t n = strlen(name); n && name[n - 1] == '/'; n--) name[n - 1] = '\0';
  if (ascii_same(name, "INBOX")) memcpy(name, "INBOX", 5);
  bool known = !*name;
  for (unsigned i = 0; i < a->folder_count; i++) known = known || !strcmp(a->folders[i], name);
  if (known) {
    free(name);
    return;
  }
  a->folders = mem_realloc(a->folders, (a->folder_count + 1) * sizeof *a->folders);
  a->folders[a->folder_count++] = name;
}

/* --- words -------------------------------------------------------------------------------------------------------- */

int mail_account_set_auth(struct mail_account *a, const char *word, struct err *e) {
  static const char *const WORDS[] = {[MAIL_AUTH_PLAIN] = "plain",
                                      [MAIL_AUTH_LOGIN] = "login",
                                      [MAIL_AUTH_XOAUTH2] = "xoauth2",
                                      [MAIL_AUTH_OAUTHBEARER] = "oauthbearer"};
  for (unsigned i = MAIL_AUTH_PLAIN; i < ARRAY_SIZE(WORDS); i++)
    if (ascii_same(word, WORDS[i])) {
      a->auth = (enum mail_auth)i;
      return 0;
    }
  return err_set(e, ERR_USAGE, "\"%s\" is none of plain, login, xoauth2, oauthbearer", word);
}

/* A flag as the wire has it: a system flag, or a keyword, which is an atom (RFC 9051 9, flag-keyword). */
static int set_flag(struct mail_account *a, const char *name, struct err *e) {
  static const char *const SYSTEM[] = {"\\Seen", "\\Flagged", "\\Answered"};
  const char *plain = *name == '\\' ? name + 1 : name;
  for (unsigned i = 0; i < ARRAY_SIZE(SYSTEM); i++)
    if (ascii_same(plain, SYSTEM[i] + 1)) {
      set_text(&a->after_flag, SYSTEM[i], strlen(SYSTEM[i]));
      return 0;
    }
  if (!*name || strlen(name) > 64) return err_set(e, ERR_USAGE, "\"%s\" is no flag", name);
  for (const char *c = name; *c; c++)
    if (*c <= ' ' || *c > '~' || strchr("(){%*\"\\]", *c)) return err_set(e, ERR_USAGE, "\"%s\" is no flag", name);
  set_text(&a->after_flag, name, strlen(name));
  return 0;
}

int mail_account_set_after(struct mail_account *a, const char *text, struct err *e) {
  if (!strncmp(text, "move:", 5) && text[5]) {
    a->after = MAIL_AFTER_MOVE;
    set_text(&a->after_folder, text + 5, strlen(text + 5));
    return 0;
  }
  if (!strcmp(text, "flag") || !strncmp(text, "flag:", 5)) {
    a->after = MAIL_AFTER_FLAG;
    return set_flag(a, text[4] ? text + 5 : OWN_FLAG, e);
  }
  if (strcmp(text, "delete") != 0)
    return err_set(e, ERR_USAGE, "\"%s\" is none of move:FOLDER, flag, flag:NAME, delete", text);
  a->after = MAIL_AFTER_DELETE;
  return 0;
}

/* "sha256//" and 44 characters of base64, several behind ";": libcurl would take anything else for a file's name. */
int mail_account_set_pin(struct mail_account *a, const char *text, struct err *e) {
  static const char BASE64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (const char *at = text;; at++) {
    if (strncmp(at, "sha256//", 8) != 0 || strspn(at + 8, BASE64) != 43 || at[8 + 43] != '=')
      return err_set(e, ERR_USAGE, "\"%s\" is no pin: sha256// and the base64 of a SHA-256, 44 characters", text);
    at += 8 + 44;
    if (!*at) break;
    if (*at != ';') return err_set(e, ERR_USAGE, "\"%s\" is no pin: several are parted by \";\"", text);
  }
  set_text(&a->pin, text, strlen(text));
  return 0;
}

/* --- URLs --------------------------------------------------------------------------------------------------------- */

static const struct scheme {
  const char *word; /* with what parts it from the rest */
  enum mail_kind kind;
  bool implicit_tls;
  unsigned port;
  const char *example;
} SCHEMES[] = {{"imap://", MAIL_IMAP, false, 143, "imap://user@host/FOLDER"},
               {"imaps://", MAIL_IMAP, true, 993, "imaps://user@host/FOLDER"},
               {"pop3://", MAIL_POP3, false, 110, "pop3://user@host"},
               {"pop3s://", MAIL_POP3, true, 995, "pop3s://user@host"},
               {"graph://", MAIL_GRAPH, true, 443, "graph://user@tenant/FOLDER"}};

static const struct scheme *find_scheme(const char *url) {
  for (size_t i = 0; i < ARRAY_SIZE(SCHEMES); i++)
    if (ascii_begins(url, SCHEMES[i].word)) return &SCHEMES[i];
  return NULL;
}

static const struct scheme *scheme_of(const struct mail_account *a) {
  size_t i = 0;
  while (SCHEMES[i].kind != a->kind || SCHEMES[i].implicit_tls != a->implicit_tls) i++;
  return &SCHEMES[i];
}

bool mail_url_is_one(const char *text) { return find_scheme(text); }

static void cleanup_curlu(CURLU **u) { curl_url_cleanup(*u); }

/* A part, decoded; "" where the URL has none. False where it holds control characters. */
static bool get_part(CURLU *u, CURLUPart which, char **ret) {
  char *part = NULL;
  CURLUcode code = curl_url_get(u, which, &part, which == CURLUPART_PORT ? CURLU_DEFAULT_PORT : CURLU_URLDECODE);
  bool sound = code == CURLUE_OK || (code >= CURLUE_NO_SCHEME && code <= CURLUE_NO_FRAGMENT);
  set_text(ret, part ? part : "", part ? strlen(part) : 0);
  curl_free(part);
  return sound;
}

static void lower(char *text) {
  for (; *text; text++) *text = ascii_lower(*text);
}

static int set_host(struct mail_account *a, const char *url, CURLU *u, struct err *e) {
  _cleanup_free_ char *port = NULL;
  if (reach_check(url, e) < 0) return ERR_USAGE;
  if (!get_part(u, CURLUPART_HOST, &a->host) || !*a->host || !get_part(u, CURLUPART_PORT, &port))
    return err_set(e, ERR_USAGE, "names no host");
  size_t length = strlen(a->host);
  if (a->host[0] == '[' && a->host[length - 1] == ']') {
    memmove(a->host, a->host + 1, length - 2);
    a->host[length - 2] = '\0';
  }
  lower(a->host);
  if (a->kind == MAIL_GRAPH && *port)
    return err_set(e, ERR_USAGE, "names a port: behind \"@\" stands the tenant alone");
  a->port = a->kind == MAIL_GRAPH ? scheme_of(a)->port : (unsigned)atoi(port);
  return 0;
}

static int set_user(struct mail_account *a, CURLU *u, struct err *e) {
  _cleanup_free_ char *options = NULL;
  if (!get_part(u, CURLUPART_USER, &a->user) || !get_part(u, CURLUPART_OPTIONS, &options) || !*a->user)
    return err_set(e, ERR_USAGE, "names no user: %s", scheme_of(a)->example);
  if (!*options || ascii_same(options, "AUTH=*")) return 0;
  if (!ascii_begins(options, "AUTH=")) return err_set(e, ERR_USAGE, "\";%s\" is not known", options);
  return mail_account_set_auth(a, options + 5, e);
}

/* Users often are addresses, and people write them as they are: all but the last "@" belong to the user. */
static char *encode_user(const char *url) {
  struct strbuf encoded = STRBUF_INIT;
  const char *begin = strstr(url, "://") + 3, *end = begin + strcspn(begin, "/?#");
  const char *last = memrchr(begin, '@', (size_t)(end - begin));
  for (const char *c = url; *c; c++)
    if (*c == '@' && c >= begin && c < last)
      strbuf_add_text(&encoded, "%40");
    else
      strbuf_add_char(&encoded, *c);
  return encoded.data;
}

static int read_url(struct mail_account *a, const char *text, struct err *e) {
  _cleanup_(cleanup_curlu) CURLU *u = curl_url();
  _cleanup_free_ char *url = encode_user(text), *path = NULL, *query = NULL, *fragment = NULL;
  if (!u || curl_url_set(u, CURLUPART_URL, url, CURLU_ALLOW_SPACE | CURLU_NON_SUPPORT_SCHEME) != CURLUE_OK)
    return err_set(e, ERR_USAGE, "is no URL: %s, with %%20 for a blank", scheme_of(a)->example);
  char *secret = NULL;
  if (curl_url_get(u, CURLUPART_PASSWORD, &secret, 0) == CURLUE_OK) {
    curl_free(secret);
    return err_set(e, ERR_USAGE,
                   "holds a password, which every user of this machine can read: use --password-command, "
                   "--password-file, DMARCCTL_PASSWORD or ~/.netrc");
  }
  if (!get_part(u, CURLUPART_QUERY, &query) || !get_part(u, CURLUPART_FRAGMENT, &fragment) || *query || *fragment)
    return err_set(e, ERR_USAGE, "\"?\" and \"#\" in the name of a folder are written %%3F and %%23");
  if (!get_part(u, CURLUPART_PATH, &path)) return err_set(e, ERR_USAGE, "the folder's name holds control characters");
  int code = set_host(a, url, u, e);
  if (!code) code = set_user(a, u, e);
  if (!code) mail_account_add_folder(a, path);
  return code;
}

/* The URL for a message: without what may be a password. */
static char *harmless(const char *url) {
  const char *mark = strstr(url, "://"), *begin = mark ? mark + 3 : url, *at = strrchr(begin, '@');
  const char *colon = at ? memchr(begin, ':', (size_t)(at - begin)) : NULL;
  return colon ? mem_printf("%.*s:***%s", (int)(colon - url), url, at) : mem_strdup(url);
}

int mail_account_set_url(struct mail_account *a, const char *url, struct err *e) {
  const struct scheme *scheme = find_scheme(url);
  _cleanup_free_ char *shown = harmless(url);
  if (!scheme)
    return err_set(e, ERR_USAGE,
                   "%s: is no URL of a mailbox: these are imaps://, imap://, pop3s://, pop3:// and graph://", shown);
  a->kind = scheme->kind;
  a->implicit_tls = scheme->implicit_tls;
  int code = read_url(a, url, e);
  return code ? err_prefix(e, code, "%s", shown) : 0;
}

/* As RFC 3986 has it, but letters of other scripts stay readable. */
static void add_encoded(struct strbuf *out, const char *text, const char *also) {
  for (; *text; text++) {
    unsigned char c = (unsigned char)*text;
    if (c <= ' ' || c == 0x7f || strchr("%?#\"<>\\^`{|}", c) || strchr(also, c))
      strbuf_printf(out, "%%%02X", c);
    else
      strbuf_add_char(out, (char)c);
  }
}

static void add_host(struct strbuf *out, const struct mail_account *a) {
  bool brackets = strchr(a->host, ':');
  strbuf_printf(out, "%s%s%s", brackets ? "[" : "", a->host, brackets ? "]" : "");
}

char *mail_account_name(const struct mail_account *a) {
  struct strbuf name = STRBUF_INIT;
  strbuf_printf(&name, "%s@", a->user);
  add_host(&name, a);
  strbuf_printf(&name, ":%u", a->port);
  return name.data;
}

char *mail_account_url(const struct mail_account *a, const char *folder) {
  struct strbuf url = STRBUF_INIT;
  const struct scheme *scheme = scheme_of(a);
  strbuf_add_text(&url, scheme->word);
  add_encoded(&url, a->user, "@:/;");
  strbuf_add_char(&url, '@');
  add_host(&url, a);
  if (a->port != scheme->port) strbuf_printf(&url, ":%u", a->port);
  strbuf_add_char(&url, '/');
  if (a->kind != MAIL_POP3) add_encoded(&url, folder, "");
  return url.data;
}

/* --- the whole ---------------------------------------------------------------------------------------------------- */

/* INBOX is one folder however it is written (RFC 9051 5.1); the names of others are the server's business. */
static bool is_same_folder(const char *a, const char *b) {
  return !strcmp(a, b) || (ascii_same(a, "INBOX") && ascii_same(b, "INBOX"));
}

/* A maildrop is one, has no flags, and tells of no mail when it came (RFC 1939). */
static int check_pop3(const struct mail_account *a, struct err *e) {
  if (a->folder_count && (a->folder_count > 1 || strcmp(a->folders[0], "INBOX") != 0))
    return err_set(e, ERR_USAGE, "POP3 has no folders: leave out \"%s\"", a->folders[a->folder_count - 1]);
  if (a->failed_folder) return err_set(e, ERR_USAGE, "POP3 has no folders: --failed-folder does not go with it");
  if (a->after == MAIL_AFTER_MOVE || a->after == MAIL_AFTER_FLAG)
    return err_set(e, ERR_USAGE, "POP3 has no folders and no flags: of --after it knows delete alone");
  if (a->since_s != MAIL_SINCE_EVER)
    return err_set(e, ERR_USAGE, "POP3 does not say when a mail came: --mail-since does not go with it");
  return 0;
}

static int check_graph(const struct mail_account *a, struct err *e) {
  if (!a->tokens && !a->token_command)
    return err_set(e, ERR_USAGE, "Graph needs an access token: oauth in the configuration, or --token-command");
  if (a->password_command || a->password_file || a->auth != MAIL_AUTH_ANY || a->allow_plain)
    return err_set(e, ERR_USAGE, "Graph takes an access token by TLS alone: no password, no --auth, no --allow-plain");
  bool known = a->after != MAIL_AFTER_FLAG || !strcmp(a->after_flag, "\\Seen") || !strcmp(a->after_flag, "\\Flagged");
  return known ? 0
               : err_set(e, ERR_USAGE, "Graph has no such flag: of --after flag it knows flag:seen and flag:flagged");
}

static int check_kind(const struct mail_account *a, struct err *e) {
  if (a->graph_url && a->kind != MAIL_GRAPH) return err_set(e, ERR_USAGE, "--graph-url goes with graph://");
  return a->kind == MAIL_POP3 ? check_pop3(a, e) : a->kind == MAIL_GRAPH ? check_graph(a, e) : 0;
}

int mail_account_finish(struct mail_account *a, struct err *e) {
  int code = check_kind(a, e);
  if (code < 0) return code;
  if (!a->host || !a->user) return err_set(e, ERR_USAGE, "an account needs a host and a user");
  bool by_token = a->auth == MAIL_AUTH_XOAUTH2 || a->auth == MAIL_AUTH_OAUTHBEARER;
  bool token = a->token_command || a->tokens;
  if (a->token_command && a->tokens) return err_set(e, ERR_USAGE, "either oauth or a token command");
  if (by_token && !token)
    return err_set(e, ERR_USAGE, "xoauth2 and oauthbearer need an access token (oauth, or --token-command)");
  if (token && (a->auth == MAIL_AUTH_PLAIN || a->auth == MAIL_AUTH_LOGIN))
    return err_set(e, ERR_USAGE, "an access token does not go with plain or login");
  if (token && (a->password_command || a->password_file))
    return err_set(e, ERR_USAGE, "either an access token or a password");
  if (a->password_command && a->password_file)
    return err_set(e, ERR_USAGE, "either a password command or a password file");
  if (!a->folder_count) mail_account_add_folder(a, "INBOX");
  for (unsigned i = 0; i < a->folder_count; i++)
    if ((a->after_folder && is_same_folder(a->folders[i], a->after_folder)) ||
        (a->failed_folder && is_same_folder(a->folders[i], a->failed_folder)))
      return err_set(e, ERR_USAGE, "mails of the folder \"%s\" cannot be moved to where they are", a->folders[i]);
  return 0;
}
