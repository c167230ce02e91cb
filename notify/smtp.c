/* SPDX-License-Identifier: Apache-2.0 */
/* Hands a mail to a server (RFC 5321) through libcurl: TLS or STARTTLS, and a login where one is set up. */
#include <curl/curl.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/ip.h"
#include "base/secret_source.h"
#include "http/reach.h"
#include "http/trust.h"
#include "notify/forms.h"

#define WHOLE_FACTOR 10 /* the whole exchange may take so many times the longest silence */

/* A mail under way. */
struct delivery {
  CURL *curl;
  const struct way *way;
  const struct stop *stop;
  const char *rest; /* of the mail */
  size_t left;
  char refusal[512]; /* the last answer that was one */
};

static size_t on_read(char *buffer, size_t size, size_t count, void *user) {
  struct delivery *d = user;
  size_t length = size * count < d->left ? size * count : d->left;
  memcpy(buffer, d->rest, length);
  d->rest += length;
  d->left -= length;
  return length;
}

/* Lines of the server: "550 5.1.1 no such user" (RFC 5321 4.2.1). */
static size_t on_line(char *bytes, size_t size, size_t count, void *user) {
  struct delivery *d = user;
  size_t length = size * count;
  if (length > 3 && (bytes[0] == '4' || bytes[0] == '5'))
    snprintf(d->refusal, sizeof d->refusal, "%.*s", (int)length, bytes);
  return length;
}

static int on_progress(void *user, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t e) {
  (void)a, (void)b, (void)c, (void)e;
  const struct delivery *d = user;
  return stop_check(d->stop, NULL) < 0;
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
  curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT, (long)w->timeout_s);
  curl_easy_setopt(c, CURLOPT_SERVER_RESPONSE_TIMEOUT, (long)w->timeout_s);
  curl_easy_setopt(c, CURLOPT_TIMEOUT, (long)w->timeout_s * WHOLE_FACTOR);
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
  curl_easy_setopt(c, CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt(c, CURLOPT_XFERINFOFUNCTION, on_progress);
  curl_easy_setopt(c, CURLOPT_XFERINFODATA, d);
  curl_easy_setopt(c, CURLOPT_ERRORBUFFER, error);
}

/* What the server says is why; libcurl's words stand in where it said nothing. 4yz may pass (RFC 5321 4.2.1). */
static int tell_failure(const struct delivery *d, CURLcode code, const char *error, const char *secret, struct err *e) {
  if (code == CURLE_ABORTED_BY_CALLBACK) return err_set(e, ERR_INTERRUPTED, "interrupted");
  const char *const secrets[] = {secret};
  _cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
  if (*d->refusal) {
    strbuf_add_text(&text, "the mail server refuses");
    way_add_said(&text, d->refusal, secrets, ARRAY_SIZE(secrets));
    return err_set(e, *d->refusal == '4' ? ERR_IO : ERR_DENIED, "%s", text.data);
  }
  bool is_final = code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_SSL_CACERT_BADFILE ||
                  code == CURLE_SSL_PINNEDPUBKEYNOTMATCH || code == CURLE_USE_SSL_FAILED || code == CURLE_LOGIN_DENIED;
  if (code == CURLE_USE_SSL_FAILED)
    return err_set(e, ERR_USAGE, "the mail server offers no STARTTLS: smtps://, or allow-plain = yes to do without");
  return err_set(e, is_final ? ERR_DENIED : ERR_IO, "%s", *error ? error : curl_easy_strerror(code));
}

static struct curl_slist *list_recipients(const struct way *w) {
  struct curl_slist *list = NULL;
  for (unsigned i = 0; i < w->recipients.count; i++) list = curl_slist_append(list, w->recipients.items[i]);
  return list;
}

static int deliver(struct delivery *d, const char *secret, struct err *e) {
  char error[CURL_ERROR_SIZE] = "";
  struct curl_slist *recipients = list_recipients(d->way);
  set_server(d);
  set_login(d, secret);
  set_transfer(d, error);
  curl_easy_setopt(d->curl, CURLOPT_MAIL_FROM, d->way->from);
  curl_easy_setopt(d->curl, CURLOPT_MAIL_RCPT, recipients);
  CURLcode code = curl_easy_perform(d->curl);
  curl_slist_free_all(recipients);
  return code == CURLE_OK ? 0 : tell_failure(d, code, error, secret, e);
}

int smtp_send(const struct way *w, const struct notice_parcel *p, const struct stop *stop, struct err *e) {
  _cleanup_strbuf_ struct strbuf mail = STRBUF_INIT;
  char secret[SECRET_BYTES] = "";
  int code = way_secret(w->password_command ? w->password_command : w->token_command, w->password_file,
                        w->token_command ? "token" : "password", stop, secret, e);
  if (code < 0) return code;
  letter_write(w, p, true, &mail);
  struct delivery d = {.curl = curl_easy_init(), .way = w, .stop = stop, .rest = mail.data, .left = mail.length};
  if (!d.curl) abort(); /* out of memory, as everywhere */
  code = deliver(&d, secret, e);
  curl_easy_cleanup(d.curl);
  explicit_bzero(secret, sizeof secret);
  return code;
}
