/* SPDX-License-Identifier: Apache-2.0 */
/* libcurl with its options set. */
#include "http/http.h"

#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "http/reach.h"
#include "http/silence.h"
#include "http/trust.h"

#define REFUSAL_BYTES (64U << 10) /* kept of an answer that is no success: it says why */

struct http_client {
  CURL *curl;
};

/* A request under way. */
struct transfer {
  CURL *curl;
  const struct http_request *request;
  struct http_answer *answer;
  struct silence silence;
  uint64_t taken;
  int code; /* of `take` */
  struct err err;
};

struct http_client *http_client_new(void) {
  struct http_client *c = mem_zalloc(sizeof *c);
  c->curl = curl_easy_init();
  if (!c->curl) abort(); /* out of memory, as everywhere */
  return c;
}

void http_client_free(struct http_client *c) {
  if (!c) return;
  curl_easy_cleanup(c->curl);
  free(c);
}

void http_answer_clear(struct http_answer *a) {
  strbuf_clear(&a->body);
  *a = (struct http_answer){0};
}

/* --- URLs --------------------------------------------------------------------------------------------------------- */

static void cleanup_curlu(CURLU **u) { curl_url_cleanup(*u); }
static void cleanup_curl_text(char **text) { curl_free(*text); }
#define _cleanup_curlu_ _cleanup_(cleanup_curlu)
#define _cleanup_curl_text_ _cleanup_(cleanup_curl_text)

static bool has_part(CURLU *u, CURLUPart which) {
  _cleanup_curl_text_ char *part = NULL;
  return curl_url_get(u, which, &part, 0) == CURLUE_OK;
}

int http_url_check(const char *url, struct err *e) {
  _cleanup_curlu_ CURLU *u = curl_url();
  _cleanup_curl_text_ char *scheme = NULL, *host = NULL;
  bool sound = u && curl_url_set(u, CURLUPART_URL, url, CURLU_DISALLOW_USER) == CURLUE_OK &&
               curl_url_get(u, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK &&
               curl_url_get(u, CURLUPART_HOST, &host, 0) == CURLUE_OK && !has_part(u, CURLUPART_FRAGMENT);
  bool https = sound && ascii_begins(url, "https://"), http = sound && ascii_begins(url, "http://");
  if (https || (http && reach_is_loopback(host))) return reach_check(url, e);
  if (http) return err_set(e, ERR_USAGE, "a secret is not sent without TLS: the URL begins with https://");
  return err_set(e, ERR_USAGE, "is no URL of an endpoint: https://HOST/PATH");
}

bool http_url_is_of(const char *url, const char *other) {
  static const CURLUPart PARTS[] = {CURLUPART_SCHEME, CURLUPART_HOST, CURLUPART_PORT};
  _cleanup_curlu_ CURLU *a = curl_url(), *b = curl_url();
  if (!a || !b || curl_url_set(a, CURLUPART_URL, url, CURLU_DISALLOW_USER) != CURLUE_OK ||
      curl_url_set(b, CURLUPART_URL, other, CURLU_DISALLOW_USER) != CURLUE_OK)
    return false;
  for (size_t i = 0; i < ARRAY_SIZE(PARTS); i++) {
    _cleanup_curl_text_ char *of_a = NULL, *of_b = NULL;
    if (curl_url_get(a, PARTS[i], &of_a, CURLU_DEFAULT_PORT) != CURLUE_OK ||
        curl_url_get(b, PARTS[i], &of_b, CURLU_DEFAULT_PORT) != CURLUE_OK || !ascii_same(of_a, of_b))
      return false;
  }
  return true;
}

void http_encode(struct strbuf *out, const char *text) {
  for (; *text; text++)
    if (ascii_is_letter(*text) || ascii_is_digit(*text) || strchr("-._~", *text))
      strbuf_add_char(out, *text);
    else
      strbuf_printf(out, "%%%02X", (unsigned char)*text);
}

void http_add_field(struct strbuf *form, const char *name, const char *value) {
  if (form->length) strbuf_add_char(form, '&');
  strbuf_printf(form, "%s=", name);
  http_encode(form, value);
}

/* --- the request -------------------------------------------------------------------------------------------------- */

static bool is_success(struct transfer *t) {
  if (!t->answer->status) curl_easy_getinfo(t->curl, CURLINFO_RESPONSE_CODE, &t->answer->status);
  return t->answer->status >= 200 && t->answer->status < 300;
}

/* What ends the transfer is any number but the one that came. */
static size_t on_body(char *bytes, size_t size, size_t count, void *user) {
  struct transfer *t = user;
  size_t length = size * count;
  bool success = is_success(t);
  uint64_t most = success ? t->request->most : REFUSAL_BYTES;
  if (length > most - t->taken) {
    t->answer->too_large = success;
    return success ? 0 : length; /* the rest of a refusal is of no use */
  }
  t->taken += length;
  if (!success || !t->request->take)
    strbuf_add(&t->answer->body, bytes, length);
  else
    t->code = t->request->take(t->request->user, (const unsigned char *)bytes, length, &t->err);
  return t->code < 0 ? 0 : length;
}

/* Lines of headers are no part of what libcurl counts. */
static size_t on_header(char *bytes, size_t size, size_t count, void *user) {
  (void)bytes;
  struct transfer *t = user;
  silence_break(&t->silence, clock_now_s());
  return size * count;
}

static int on_progress(void *user, curl_off_t to_come, curl_off_t came, curl_off_t to_go, curl_off_t went) {
  (void)to_come, (void)to_go;
  struct transfer *t = user;
  return stop_check(t->request->stop, NULL) < 0 ||
         silence_is_too_long(&t->silence, silence_is_over_connecting(t->curl), came + went, clock_now_s());
}

/* What goes without TLS goes to this machine. */
static void set_proxy(CURL *c, const char *url) {
  _cleanup_curlu_ CURLU *u = curl_url();
  _cleanup_curl_text_ char *host = NULL;
  if (u && curl_url_set(u, CURLUPART_URL, url, 0) == CURLUE_OK &&
      curl_url_get(u, CURLUPART_HOST, &host, 0) == CURLUE_OK)
    reach_set_proxy(c, host);
}

/* Secrets go where the URL says and nowhere else. */
static void set_request(CURL *c, struct transfer *t, char *error) {
  const struct http_request *r = t->request;
  bool plain = ascii_begins(r->url, "http://");
  curl_easy_setopt(c, CURLOPT_URL, r->url);
  curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, plain ? "http" : "https");
  set_proxy(c, r->url);
  curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
  if (r->body) {
    curl_easy_setopt(c, CURLOPT_POSTFIELDSIZE, (long)r->body->length);
    curl_easy_setopt(c, CURLOPT_POSTFIELDS, strbuf_text(r->body));
  }
  if (r->method) curl_easy_setopt(c, CURLOPT_CUSTOMREQUEST, r->method);
  silence_begin(&t->silence, r->silence_s, r->whole_s, c, clock_now_s());
  curl_easy_setopt(c, CURLOPT_HEADERFUNCTION, on_header);
  curl_easy_setopt(c, CURLOPT_HEADERDATA, t);
  curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, on_body);
  curl_easy_setopt(c, CURLOPT_WRITEDATA, t);
  curl_easy_setopt(c, CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt(c, CURLOPT_XFERINFOFUNCTION, on_progress);
  curl_easy_setopt(c, CURLOPT_XFERINFODATA, t);
  curl_easy_setopt(c, CURLOPT_ERRORBUFFER, error);
  trust_set(c, r->ca_file, r->pin);
}

static int tell_failure(CURLcode code, const struct transfer *t, const char *error, struct err *e) {
  if (t->code < 0) return err_set(e, t->code, "%s", t->err.text);
  if (code == CURLE_ABORTED_BY_CALLBACK && stop_check(t->request->stop, NULL) < 0)
    return err_set(e, ERR_INTERRUPTED, "interrupted");
  if (silence_tell(&t->silence, code, clock_now_s(), e)) return ERR_IO;
  if (t->answer->too_large)
    return err_set(e, ERR_LIMIT, "its answer is larger than %llu bytes", (unsigned long long)t->request->most);
  bool unverified = code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_SSL_CACERT_BADFILE ||
                    code == CURLE_SSL_PINNEDPUBKEYNOTMATCH;
  return err_set(e, unverified ? ERR_USAGE : ERR_IO, "%s", *error ? error : curl_easy_strerror(code));
}

static struct curl_slist *list_headers(const struct http_request *r) {
  struct curl_slist *list = NULL;
  for (unsigned i = 0; i < HTTP_HEADERS_MOST && r->headers[i]; i++) list = curl_slist_append(list, r->headers[i]);
  return list;
}

int http_send(struct http_client *c, const struct http_request *request, struct http_answer *ret, struct err *e) {
  struct transfer t = {.curl = c->curl, .request = request, .answer = ret};
  char error[CURL_ERROR_SIZE] = "";
  curl_off_t wait_s = 0, size = -1;
  long sent = 0;
  struct curl_slist *headers = list_headers(request);
  *ret = (struct http_answer){0};
  curl_easy_reset(c->curl); /* its connections stay */
  set_request(c->curl, &t, error);
  curl_easy_setopt(c->curl, CURLOPT_HTTPHEADER, headers);
  CURLcode done = curl_easy_perform(c->curl);
  curl_easy_getinfo(c->curl, CURLINFO_RESPONSE_CODE, &ret->status);
  curl_easy_getinfo(c->curl, CURLINFO_RETRY_AFTER, &wait_s);
  curl_easy_getinfo(c->curl, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &size);
  curl_easy_getinfo(c->curl, CURLINFO_REQUEST_SIZE, &sent);
  ret->asked = sent > 0;
  ret->wait_s = wait_s;
  ret->size = size;
  curl_easy_setopt(c->curl, CURLOPT_HTTPHEADER, NULL); /* a token is among them */
  for (struct curl_slist *h = headers; h; h = h->next) explicit_bzero(h->data, strlen(h->data));
  curl_slist_free_all(headers);
  return done == CURLE_OK ? 0 : tell_failure(done, &t, error, e);
}
