/* SPDX-License-Identifier: Apache-2.0 */
/* libcurl with its options set, and its errors told in the server's own words. */
#include "mailbox/transport.h"

#include <curl/curl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/ip.h"
#include "base/mem.h"
#include "http/reach.h"
#include "http/trust.h"
#include "mailbox/obstacle.h"
#include "mailbox/refusal.h"
#include "mailbox/secret.h"
#include "mailbox/wait.h"

/* In what IMAP and POP3 differ while libcurl logs in. */
struct dialect {
  const char *plain, *secure; /* schemes of libcurl's URLs */
  const char *greeting_mark;  /* begins each line of such a server, unless it is a refusal */
  const char *farewell;       /* begins what a server says before it hangs up; NULL: nothing is agreed on */
  const char *no_greeting, *no_tls;
  bool (*is_challenge)(const char *line); /* it asks for more */
  const char *(*words)(const char *line); /* for people, out of a refusal */
  bool (*is_affirmative)(const char *line);
};

struct transport {
  struct byte_stream stream;
  CURL *curl;
  const struct dialect *dialect;
  const struct mail_watch *watch;
  unsigned timeout_s;
  double command_until;
  bool ended;
  char greeting[128]; /* the server's first line */
  char words[512];    /* the server's last line while logging in */
  bool challenged;    /* it asked for more, or told so what is wrong (RFC 7628 3.2.3): the login was tried */
  char curl_error[CURL_ERROR_SIZE];
};

/* --- logging in --------------------------------------------------------------------------------------------------- */

static bool imap_is_challenge(const char *line) { return *line == '+'; }

/* "NO [ALERT] ..." out of "A003 NO [ALERT] ...", "BYE ..." out of "* BYE ...". */
static const char *imap_words(const char *line) {
  const char *blank = strchr(line, ' ');
  return blank && blank - line < 16 ? blank + 1 : line;
}

static bool imap_is_affirmative(const char *line) { return ascii_begins(imap_words(line), "OK"); }

/* RFC 5034 4: "+ " and base64; but "+OK" is an answer. */
static bool pop3_is_challenge(const char *line) { return line[0] == '+' && (!line[1] || line[1] == ' '); }
static const char *pop3_words(const char *line) { return ascii_begins(line, "-ERR ") ? line + 5 : line; }

/* The end of a list, too: as that of the capabilities. */
static bool pop3_is_affirmative(const char *line) { return ascii_begins(line, "+OK") || !strcmp(line, "."); }

static const struct dialect DIALECTS[] = {
    [MAIL_IMAP] = {"imap", "imaps", "* ", "* BYE", "the server does not greet as an IMAP server does",
                   "the server offers no STARTTLS; --allow-plain would send the password without protection",
                   imap_is_challenge, imap_words, imap_is_affirmative},
    [MAIL_POP3] = {"pop3", "pop3s", "+OK", NULL, "the server does not greet as a POP3 server does",
                   "the server offers no STLS; --allow-plain would send the password without protection",
                   pop3_is_challenge, pop3_words, pop3_is_affirmative},
};

/* The lines of the server come as "headers". */
static size_t on_line(char *line, size_t size, size_t count, void *user) {
  struct transport *t = user;
  char text[sizeof t->words];
  size_t length = size * count;
  while (length && (line[length - 1] == '\n' || line[length - 1] == '\r')) length--;
  if (!length) return size * count;
  snprintf(text, sizeof text, "%.*s", (int)length, line);
  if (!*t->greeting) snprintf(t->greeting, sizeof t->greeting, "%.*s", (int)length, line);
  if (t->dialect->is_challenge(text))
    t->challenged = true;
  else
    memcpy(t->words, text, sizeof text);
  return size * count;
}

static int on_progress(void *user, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d) {
  (void)a, (void)b, (void)c, (void)d;
  const struct transport *t = user;
  return watch_check(t->watch, NULL) < 0;
}

/* libcurl calls it a denied login too where the server offers none of the ways that were allowed: then the last it said
 * is the end of its capabilities. */
static bool is_not_offered(const struct transport *t, CURLcode code) {
  return code == CURLE_LOGIN_DENIED && t->dialect->is_affirmative(t->words) && !t->challenged;
}

/* A server that hangs up says why, if it is polite. */
static bool is_farewell(const struct transport *t) {
  return t->dialect->farewell && ascii_begins(t->words, t->dialect->farewell);
}

static const char *own_words(const struct dialect *d, CURLcode code) {
  switch (code) {
    case CURLE_LOGIN_DENIED:
      return "the login was refused";
    case CURLE_USE_SSL_FAILED:
      return d->no_tls;
    case CURLE_SSL_PINNEDPUBKEYNOTMATCH:
      return "the server's public key is not the one of the pin";
    case CURLE_RECV_ERROR:
    case CURLE_SEND_ERROR:
    case CURLE_GOT_NOTHING:
      return "the connection broke while logging in";
    case CURLE_WEIRD_SERVER_REPLY:
      return d->no_greeting;
    default:
      return curl_easy_strerror(code);
  }
}

static int code_of(CURLcode code, const char *words) {
  switch (code) {
    case CURLE_ABORTED_BY_CALLBACK:
      return ERR_INTERRUPTED;
    case CURLE_LOGIN_DENIED:
      return refusal_is_patience(words, false) ? ERR_BUSY : ERR_DENIED;
    case CURLE_USE_SSL_FAILED:
    case CURLE_SSL_PINNEDPUBKEYNOTMATCH:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_BAD_FUNCTION_ARGUMENT:
    case CURLE_URL_MALFORMAT:
      return ERR_USAGE;
    default:
      return ERR_IO;
  }
}

/* Which libcurl's own message tells best; others it leaves empty, or tells by numbers. */
static bool is_told_by_curl(const struct transport *t, CURLcode code) {
  return *t->curl_error && code != CURLE_LOGIN_DENIED && code != CURLE_WEIRD_SERVER_REPLY &&
         code != CURLE_USE_SSL_FAILED && code != CURLE_RECV_ERROR && code != CURLE_SEND_ERROR;
}

static const char *what_is_not_offered(enum mail_auth auth, enum secret_kind kind) {
  if (auth != MAIL_AUTH_ANY) return "the server does not offer the way to log in that --auth asks for";
  return kind == SECRET_TOKEN ? "the server lets nobody log in with an OAuth token"
                              : "the server lets nobody log in with a password over this connection";
}

/* Without the folder: whose name libcurl is not to see. The user is in it for the search in ~/.netrc alone. */
static char *connection_url(const struct mail_account *a, CURL *c, bool with_user) {
  const char *scheme = a->implicit_tls ? DIALECTS[a->kind].secure : DIALECTS[a->kind].plain;
  char *user = with_user ? curl_easy_escape(c, a->user, 0) : NULL;
  bool brackets = strchr(a->host, ':');
  char *url = mem_printf("%s://%s%s%s%s%s:%u/", scheme, user ? user : "", user ? "@" : "", brackets ? "[" : "", a->host,
                         brackets ? "]" : "", a->port);
  curl_free(user);
  return url;
}

static bool tell_obstacle(const struct transport *t, CURLcode code, const struct mail_account *a, int *ours,
                          struct err *e) {
  const struct dialect *d = t->dialect;
  _cleanup_free_ char *url = connection_url(a, t->curl, false);
  const struct obstacle o = {.curl = t->curl,
                             .code = code,
                             .said = t->curl_error,
                             .greeting = t->greeting,
                             .plain = d->plain,
                             .secure = d->secure,
                             .greeting_mark = d->greeting_mark,
                             .no_greeting = d->no_greeting,
                             .url = url};
  return obstacle_tell(&o, a, ours, e);
}

static int tell_failure(struct transport *t, CURLcode code, const struct mail_account *a, const struct secret *secret,
                        struct err *e) {
  int ours = code_of(code, t->words);
  size_t tag = (size_t)(t->dialect->words(t->words) - t->words);
  secret_mask(secret->text, t->words + tag);
  secret_mask(secret->text, t->curl_error);
  if (ours == ERR_INTERRUPTED) return err_set(e, ours, "interrupted");
  if (tell_obstacle(t, code, a, &ours, e)) return ours;
  bool refused = code == CURLE_LOGIN_DENIED || code == CURLE_WEIRD_SERVER_REPLY || is_farewell(t);
  if (is_not_offered(t, code)) return err_set(e, ERR_USAGE, "%s", what_is_not_offered(a->auth, secret->kind));
  bool token = code == CURLE_LOGIN_DENIED && secret->kind == SECRET_TOKEN;
  const char *ourself = token ? "the server refuses the access token" : own_words(t->dialect, code);
  const char *words = t->dialect->words(t->words);
  bool told =
      refused && *words && !t->dialect->is_affirmative(t->words); /* libcurl does not wait for what follows a "+" */
  err_set(e, ours, "%s", !token && is_told_by_curl(t, code) ? t->curl_error : ourself);
  if (told) err_set(e, ours, "%s: %s", ourself, words);
  if (code == CURLE_LOGIN_DENIED && secret->kind == SECRET_NONE)
    err_set(e, ours,
            "%s (no password was given, unless ~/.netrc has one: see --password-command, --password-file, "
            "DMARCCTL_PASSWORD)",
            e->text);
  return ours;
}

static void set_security(CURL *c, const struct mail_account *a) {
  bool lax = a->allow_plain || (ip_is_loopback(a->host) && !a->ca_file && !a->pin);
  curl_easy_setopt(c, CURLOPT_USE_SSL, (long)(lax ? CURLUSESSL_TRY : CURLUSESSL_ALL));
  trust_set(c, a->ca_file, a->pin);
}

#define WAYS_MOST 2

/* The login options of libcurl, to be tried in turn until the server offers one of them. Left alone ("*") libcurl
 * prefers CRAM-MD5 and its like to PLAIN: they fail where the server keeps no plain passwords, and on a token. But it
 * is what takes the command LOGIN, for servers that offer no SASL. */
static const char *const *list_ways(enum mail_auth auth, enum secret_kind kind) {
  static const char *const PASSWORD[WAYS_MOST + 1] = {"AUTH=PLAIN;AUTH=LOGIN", "AUTH=*"};
  static const char *const TOKEN[WAYS_MOST + 1] = {"AUTH=OAUTHBEARER;AUTH=XOAUTH2"};
  static const char *const ASKED_FOR[][WAYS_MOST + 1] = {[MAIL_AUTH_PLAIN] = {"AUTH=PLAIN"},
                                                         [MAIL_AUTH_LOGIN] = {"AUTH=LOGIN"},
                                                         [MAIL_AUTH_XOAUTH2] = {"AUTH=XOAUTH2"},
                                                         [MAIL_AUTH_OAUTHBEARER] = {"AUTH=OAUTHBEARER"}};
  if (auth != MAIL_AUTH_ANY) return ASKED_FOR[auth];
  return kind == SECRET_TOKEN ? TOKEN : PASSWORD;
}

static void set_login(CURL *c, const struct mail_account *a, const struct secret *secret) {
  if (secret->kind == SECRET_TOKEN) curl_easy_setopt(c, CURLOPT_XOAUTH2_BEARER, secret->text);
  if (secret->kind == SECRET_PASSWORD) curl_easy_setopt(c, CURLOPT_PASSWORD, secret->text);
  if (secret->kind == SECRET_NONE)
    curl_easy_setopt(c, CURLOPT_NETRC, (long)CURL_NETRC_OPTIONAL); /* looks for the URL's user */
  else
    curl_easy_setopt(c, CURLOPT_USERNAME, a->user);
}

static void forget_secret(CURL *c) {
  curl_easy_setopt(c, CURLOPT_PASSWORD, NULL);
  curl_easy_setopt(c, CURLOPT_XOAUTH2_BEARER, NULL);
}

static void set_connection(struct transport *t, const struct mail_account *a, const struct secret *secret) {
  CURL *c = t->curl;
  _cleanup_free_ char *url = connection_url(a, c, secret->kind == SECRET_NONE);
  curl_easy_setopt(c, CURLOPT_URL, url);
  curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "imap,imaps,pop3,pop3s");
  reach_set_proxy(c, a->host);
  curl_easy_setopt(c, CURLOPT_CONNECT_ONLY, 1L);
  curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(c, CURLOPT_TCP_KEEPALIVE, 1L);
  curl_easy_setopt(c, CURLOPT_ERRORBUFFER, t->curl_error);
  curl_easy_setopt(c, CURLOPT_HEADERFUNCTION, on_line);
  curl_easy_setopt(c, CURLOPT_HEADERDATA, t);
  curl_easy_setopt(c, CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt(c, CURLOPT_XFERINFOFUNCTION, on_progress);
  curl_easy_setopt(c, CURLOPT_XFERINFODATA, t);
  curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT, (long)t->timeout_s);
  curl_easy_setopt(c, CURLOPT_SERVER_RESPONSE_TIMEOUT, (long)t->timeout_s);
  curl_easy_setopt(c, CURLOPT_TIMEOUT, 2L * (long)t->timeout_s);
  set_security(c, a);
  set_login(c, a, secret);
}

/* A POP3 server without CAPA (RFC 2449) offers nothing and may know USER and PASS: no secret was said before it asked
 * for one. */
static bool may_try_other(const struct transport *t, const struct mail_account *a, CURLcode code) {
  bool unasked = a->kind == MAIL_POP3 && code == CURLE_LOGIN_DENIED && !t->challenged;
  return unasked || is_not_offered(t, code);
}

static CURLcode connect_and_log_in(struct transport *t, const struct mail_account *a, const struct secret *secret) {
  const char *const *way = list_ways(a->auth, secret->kind);
  CURLcode code;
  set_connection(t, a, secret);
  do {
    *t->words = '\0';
    t->challenged = false;
    curl_easy_setopt(t->curl, CURLOPT_LOGIN_OPTIONS, *way);
    code = curl_easy_perform(t->curl);
  } while (may_try_other(t, a, code) && *++way);
  return code;
}

/* --- bytes -------------------------------------------------------------------------------------------------------- */

int transport_fd(const struct transport *t) {
  curl_socket_t fd = CURL_SOCKET_BAD;
  curl_easy_getinfo(t->curl, CURLINFO_ACTIVESOCKET, &fd);
  return (int)fd;
}

bool transport_has_ended(const struct transport *t) { return t->ended; }

void transport_begin_command(struct transport *t) {
  t->command_until = clock_now_s() + COMMAND_TIMEOUTS * (double)t->timeout_s;
}

/* 1 where the descriptor is ready. */
static int await(struct transport *t, short events, struct err *e) {
  double until = clock_now_s() + t->timeout_s;
  bool silent = until < t->command_until;
  int code = watch_wait(t->watch, transport_fd(t), events, silent ? until : t->command_until, e);
  if (code) return code;
  t->ended = true;
  if (silent) return err_set(e, ERR_IO, "the server has been silent for %u seconds", t->timeout_s);
  return err_set(e, ERR_IO, "the server takes longer than %u seconds for one command", COMMAND_TIMEOUTS * t->timeout_s);
}

/* TLS may hold bytes that poll does not see: only after CURLE_AGAIN waiting makes sense. */
ssize_t transport_look(struct transport *t, void *buffer, size_t size, struct err *e) {
  size_t n = 0;
  if (t->ended) return err_set(e, ERR_IO, "the server closed the connection");
  CURLcode code = curl_easy_recv(t->curl, buffer, size, &n);
  if (code == CURLE_AGAIN) return 0;
  if (code == CURLE_OK && n) return (ssize_t)n;
  t->ended = true;
  if (code == CURLE_OK) return err_set(e, ERR_IO, "the server closed the connection");
  return err_set(e, ERR_IO, "the connection broke: %s", curl_easy_strerror(code));
}

static ssize_t receive(struct byte_stream *stream, void *buffer, size_t size, struct err *e) {
  struct transport *t = (struct transport *)stream;
  for (;;) {
    /* Also where bytes come without end, one at a time. */
    if (clock_now_s() > t->command_until) return await(t, POLLIN, e);
    if (watch_check(t->watch, e) < 0) return ERR_INTERRUPTED;
    ssize_t n = transport_look(t, buffer, size, e);
    if (n) return n;
    int code = await(t, POLLIN, e);
    if (code < 0) return code;
  }
}

int transport_send(struct transport *t, const char *bytes, size_t size, struct err *e) {
  while (size) {
    size_t n = 0;
    CURLcode code = curl_easy_send(t->curl, bytes, size, &n);
    if (code == CURLE_AGAIN) {
      int ready = await(t, POLLOUT, e);
      if (ready < 0) return ready;
      continue;
    }
    if (code != CURLE_OK) return err_set(e, ERR_IO, "the connection broke: %s", curl_easy_strerror(code));
    bytes += n;
    size -= n;
  }
  return 0;
}

struct byte_stream *transport_stream(struct transport *t) {
  return &t->stream;
}

/* --- opening ------------------------------------------------------------------------------------------------------ */

static int open_once(const struct mail_account *a, const struct mail_watch *watch, struct transport **ret,
                     struct err *e) {
  struct secret secret;
  int code = secret_get(a, watch, &secret, e);
  if (code < 0) return code;
  struct transport *t = mem_zalloc(sizeof *t);
  *t = (struct transport){.stream = {receive},
                          .curl = curl_easy_init(),
                          .dialect = &DIALECTS[a->kind],
                          .watch = watch,
                          .timeout_s = a->timeout_s};
  if (!t->curl) abort(); /* out of memory, as everywhere */
  CURLcode connected = connect_and_log_in(t, a, &secret);
  if (connected != CURLE_OK) code = tell_failure(t, connected, a, &secret, e);
  forget_secret(t->curl);
  bool refused = connected == CURLE_LOGIN_DENIED && secret.kind == SECRET_TOKEN;
  secret_wipe(&secret);
  if (code < 0) {
    transport_close(t);
    return refused && code == ERR_DENIED && a->tokens && a->tokens->refused(a->tokens) ? 1 : code;
  }
  transport_begin_command(t);
  *ret = t;
  return 0;
}

/* A token that was used before may have been withdrawn before its time: then another one is tried, once. */
int transport_open(const struct mail_account *a, const struct mail_watch *watch, struct transport **ret,
                   struct err *e) {
  int code = open_once(a, watch, ret, e);
  if (code == 1) code = open_once(a, watch, ret, e);
  return code == 1 ? ERR_DENIED : code;
}

void transport_close(struct transport *t) {
  if (!t) return;
  curl_easy_cleanup(t->curl);
  free(t);
}
