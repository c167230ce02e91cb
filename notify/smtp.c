/* SPDX-License-Identifier: Apache-2.0 */
/* Hands a mail to a server (RFC 5321) through libcurl: TLS or STARTTLS, and a login where one is set up. */
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/ip.h"
#include "base/secret_source.h"
#include "http/reach.h"
#include "http/silence.h"
#include "http/trust.h"
#include "notify/forms.h"

#define WHOLE_FACTOR 10 /* the whole exchange may take so many times the longest silence */

/* A mail under way, to those of `to` who are still to get it. */
struct delivery {
  CURL *curl;
  const struct way *way;
  const struct stop *stop;
  struct silence silence;
  struct mask mask;
  const char *rest; /* of the mail */
  size_t left;
  struct addressee *to;
  unsigned count;
  struct addressee *asked; /* whom the last command was about; NULL: nobody */
  char refusal[512];       /* the last answer that was one, unless it was about an addressee */
};

static bool is_open(const struct addressee *a) { return !a->has_it && a->code != ERR_DENIED; }

static size_t on_read(char *buffer, size_t size, size_t count, void *user) {
  struct delivery *d = user;
  size_t length = size * count < d->left ? size * count : d->left;
  memcpy(buffer, d->rest, length);
  d->rest += length;
  d->left -= length;
  return length;
}

static struct addressee *find_addressee(struct delivery *d, const char *command, size_t size) {
  static const char RCPT[] = "RCPT TO:<";
  if (size <= strlen(RCPT) || strncmp(command, RCPT, strlen(RCPT)) != 0) return NULL;
  command += strlen(RCPT);
  size -= strlen(RCPT);
  for (unsigned i = 0; i < d->count; i++) {
    const size_t length = strlen(d->to[i].address);
    if (length < size && command[length] == '>' && !memcmp(command, d->to[i].address, length)) return &d->to[i];
  }
  return NULL;
}

static bool is_mail(const char *command, size_t size) { return size >= 5 && !memcmp(command, "MAIL ", 5); }

/* libcurl tells each command that it sends, but not whom an answer is about. Commands may hold secrets: nothing of them
 * is kept. What was refused before MAIL, and got over, as EHLO is where HELO does, is not why a mail is not taken. */
static int on_command(CURL *curl, curl_infotype type, char *bytes, size_t size, void *user) {
  (void)curl;
  struct delivery *d = user;
  if (type != CURLINFO_HEADER_OUT) return 0;
  d->asked = find_addressee(d, bytes, size);
  if (is_mail(bytes, size)) *d->refusal = '\0';
  return 0;
}

/* 4yz may pass (RFC 5321 4.2.1). */
static int code_of(char first) { return first == '4' ? ERR_IO : ERR_DENIED; }

static void note_addressee(struct delivery *d, struct addressee *a, const char *line) {
  _cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
  free(a->reason);
  a->reason = NULL;
  a->code = 0;
  a->is_accepted = *line == '2';
  if (*line != '4' && *line != '5') return;
  a->code = code_of(*line);
  mask_add_said(&d->mask, &text, line);
  a->reason = mem_strdup(strbuf_text(&text) + strlen(": "));
}

/* Lines of the server: "550 5.1.1 no such user" (RFC 5321 4.2.1). */
static size_t on_line(char *bytes, size_t size, size_t count, void *user) {
  struct delivery *d = user;
  const size_t length = size * count;
  char line[sizeof d->refusal];
  silence_break(&d->silence, clock_now_s());
  if (length <= 3) return length;
  snprintf(line, sizeof line, "%.*s", (int)length, bytes);
  if (d->asked)
    note_addressee(d, d->asked, line);
  else if (*line == '4' || *line == '5')
    memcpy(d->refusal, line, sizeof line);
  return length;
}

static int on_progress(void *user, curl_off_t to_come, curl_off_t came, curl_off_t to_go, curl_off_t went) {
  (void)to_come, (void)to_go;
  struct delivery *d = user;
  return stop_check(d->stop, NULL) < 0 ||
         silence_is_too_long(&d->silence, silence_is_over_connecting(d->curl), came + went, clock_now_s());
}

/* Without a login nothing secret goes to a server on this machine, and it seldom has a certificate that anybody knows.
 */
static long tls_of(const struct way *w) {
  if (w->allow_plain) return CURLUSESSL_TRY;
  return !w->smtp_user && ip_is_loopback(w->smtp_host) ? CURLUSESSL_NONE : CURLUSESSL_ALL;
}

static void set_server(struct delivery *d) {
  const struct way *w = d->way;
  CURL *c = d->curl;
  bool brackets = w->smtp_host[0] != '[' && strchr(w->smtp_host, ':');
  _cleanup_free_ char *url = mem_printf("%s://%s%s%s:%u/", w->smtp_is_tls ? "smtps" : "smtp", brackets ? "[" : "",
                                        w->smtp_host, brackets ? "]" : "", w->smtp_port);
  curl_easy_setopt(c, CURLOPT_URL, url);
  curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, w->smtp_is_tls ? "smtps" : "smtp");
  reach_set_proxy(c, w->smtp_host);
  curl_easy_setopt(c, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
  curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(c, CURLOPT_USE_SSL, tls_of(w));
  silence_begin(&d->silence, w->timeout_s, w->timeout_s * WHOLE_FACTOR, c, clock_now_s());
  trust_set(c, w->ca_file, w->pin);
}

static void set_login(struct delivery *d, const char *secret) {
  const struct way *w = d->way;
  if (!w->smtp_user) return;
  curl_easy_setopt(d->curl, CURLOPT_USERNAME, w->smtp_user);
  if (w->token_command) {
    curl_easy_setopt(d->curl, CURLOPT_XOAUTH2_BEARER, secret);
    curl_easy_setopt(d->curl, CURLOPT_LOGIN_OPTIONS, "AUTH=OAUTHBEARER;AUTH=XOAUTH2");
  } else {
    curl_easy_setopt(d->curl, CURLOPT_PASSWORD, secret);
  }
}

static void set_transfer(struct delivery *d, char *error) {
  CURL *c = d->curl;
  curl_easy_setopt(c, CURLOPT_UPLOAD, 1L);
  curl_easy_setopt(c, CURLOPT_INFILESIZE_LARGE, (curl_off_t)d->left);
  curl_easy_setopt(c, CURLOPT_READFUNCTION, on_read);
  curl_easy_setopt(c, CURLOPT_READDATA, d);
  curl_easy_setopt(c, CURLOPT_HEADERFUNCTION, on_line);
  curl_easy_setopt(c, CURLOPT_HEADERDATA, d);
  curl_easy_setopt(c, CURLOPT_VERBOSE, 1L);
  curl_easy_setopt(c, CURLOPT_DEBUGFUNCTION, on_command);
  curl_easy_setopt(c, CURLOPT_DEBUGDATA, d);
  curl_easy_setopt(c, CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt(c, CURLOPT_XFERINFOFUNCTION, on_progress);
  curl_easy_setopt(c, CURLOPT_XFERINFODATA, d);
  curl_easy_setopt(c, CURLOPT_ERRORBUFFER, error);
}

/* Whether the server went away before it had all of the mail, or before it said what became of that. */
static int tell_loss(const struct delivery *d, struct err *e) {
  if (d->left) return err_set(e, ERR_IO, "the mail server closed the connection before it had the mail");
  return err_set(e, ERR_IO, "the mail server closed the connection over the mail and did not say whether it took it");
}

static bool is_loss(CURLcode code) {
  return code == CURLE_RECV_ERROR || code == CURLE_SEND_ERROR || code == CURLE_GOT_NOTHING;
}

/* What the server says is why; libcurl's words stand in where it said nothing. */
static int tell_failure(const struct delivery *d, CURLcode code, char *error, struct err *e) {
  if (code == CURLE_ABORTED_BY_CALLBACK && stop_check(d->stop, NULL) < 0)
    return err_set(e, ERR_INTERRUPTED, "interrupted");
  _cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
  if (*d->refusal) {
    strbuf_add_text(&text, "the mail server refuses");
    mask_add_said(&d->mask, &text, d->refusal);
    return err_set(e, code_of(*d->refusal), "%s", text.data);
  }
  if (silence_tell(&d->silence, code, clock_now_s(), e)) return ERR_IO;
  if (is_loss(code)) return tell_loss(d, e);
  bool is_final = code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_SSL_CACERT_BADFILE ||
                  code == CURLE_SSL_PINNEDPUBKEYNOTMATCH || code == CURLE_USE_SSL_FAILED || code == CURLE_LOGIN_DENIED;
  if (code == CURLE_USE_SSL_FAILED)
    return err_set(e, ERR_USAGE, "the mail server offers no STARTTLS: smtps://, or allow-plain = yes to do without");
  mask_text(&d->mask, error);
  return err_set(e, is_final ? ERR_DENIED : ERR_IO, "%s", *error ? error : curl_easy_strerror(code));
}

/* Of the addressees: 0 where all of them have it, ERR_IO where some may get it yet. */
static int sum_up(const struct delivery *d) {
  int code = 0;
  for (unsigned i = 0; i < d->count; i++)
    if (!d->to[i].has_it && code != ERR_IO) code = d->to[i].code ? d->to[i].code : ERR_IO;
  return code;
}

/* Where nobody is accepted libcurl ends the session: then all is said of addressees. */
static int judge(struct delivery *d, CURLcode code, char *error, struct err *e) {
  bool is_said = true;
  for (unsigned i = 0; i < d->count; i++) {
    if (code == CURLE_OK && d->to[i].is_accepted) d->to[i].has_it = true;
    is_said = is_said && (d->to[i].has_it || d->to[i].code);
  }
  return is_said ? sum_up(d) : tell_failure(d, code, error, e);
}

static struct curl_slist *list_recipients(const struct delivery *d) {
  struct curl_slist *list = NULL;
  for (unsigned i = 0; i < d->count; i++)
    if (is_open(&d->to[i])) list = curl_slist_append(list, d->to[i].address);
  return list;
}

static int deliver(struct delivery *d, const char *secret, struct err *e) {
  char error[CURL_ERROR_SIZE] = "";
  struct curl_slist *recipients = list_recipients(d);
  set_server(d);
  set_login(d, secret);
  set_transfer(d, error);
  curl_easy_setopt(d->curl, CURLOPT_MAIL_FROM, d->way->from);
  curl_easy_setopt(d->curl, CURLOPT_MAIL_RCPT, recipients);
  curl_easy_setopt(d->curl, CURLOPT_MAIL_RCPT_ALLLOWFAILS, 1L); /* the others are to get it */
  CURLcode code = curl_easy_perform(d->curl);
  curl_slist_free_all(recipients);
  return judge(d, code, error, e);
}

/* A user that is no address of the mail may be a secret, as the key of an interface. */
static void hide(struct delivery *d, const char *secret) {
  const struct way *w = d->way;
  bool is_known = !w->smtp_user || (w->from && !strcmp(w->from, w->smtp_user));
  for (unsigned i = 0; i < w->recipients.count && !is_known; i++)
    is_known = !strcmp(w->recipients.items[i], w->smtp_user);
  mask_add(&d->mask, secret);
  if (!is_known) mask_add(&d->mask, w->smtp_user);
}

int smtp_send(const struct way *w, const struct notice_parcel *p, struct addressee *to, unsigned count,
              const struct stop *stop, struct err *e) {
  _cleanup_strbuf_ struct strbuf mail = STRBUF_INIT;
  char secret[SECRET_BYTES] = "";
  int code = way_secret(w->password_command ? w->password_command : w->token_command, w->password_file,
                        w->token_command ? "token" : "password", stop, secret, e);
  if (code < 0) return code;
  letter_write(w, &w->recipients, p, true, &mail);
  struct delivery d = {.curl = curl_easy_init(),
                       .way = w,
                       .stop = stop,
                       .rest = mail.data,
                       .left = mail.length,
                       .to = to,
                       .count = count};
  if (!d.curl) abort();                  /* out of memory, as everywhere */
  for (unsigned i = 0; i < count; i++) { /* what was said in an earlier try, unless it was for good */
    to[i].is_accepted = false;
    if (to[i].code == ERR_IO) to[i].code = 0;
  }
  hide(&d, secret);
  code = deliver(&d, secret, e);
  curl_easy_cleanup(d.curl);
  mask_clear(&d.mask);
  explicit_bzero(secret, sizeof secret);
  return code;
}
