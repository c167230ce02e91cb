/* SPDX-License-Identifier: Apache-2.0 */
/* libcurl with its options set. */
#include "oauth/http.h"

#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "base/cleanup.h"
#include "oauth/oauth.h"

struct transfer {
  struct strbuf *body;
  const struct stop *stop;
  bool too_large;
};

void oauth_library_init(void) { curl_global_init(CURL_GLOBAL_DEFAULT); }
void oauth_library_clear(void) { curl_global_cleanup(); }

/* --- the form ----------------------------------------------------------------------------------------------------- */

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

static size_t on_body(char *bytes, size_t size, size_t count, void *user) {
  struct transfer *t = user;
  t->too_large = t->too_large || size * count > HTTP_BODY_MOST - t->body->length;
  if (t->too_large) return 0; /* ends the transfer */
  strbuf_add(t->body, bytes, size * count);
  return size * count;
}

static int on_progress(void *user, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d) {
  (void)a, (void)b, (void)c, (void)d;
  const struct transfer *t = user;
  return stop_check(t->stop, NULL) < 0;
}

/* Secrets go where the URL says and nowhere else: no redirect, and what is on this machine by no proxy. */
static void set_request(CURL *c, struct transfer *t, const char *url, const struct strbuf *form, uint32_t timeout_s,
                        char *error) {
  bool plain = ascii_begins(url, "http://");
  curl_easy_setopt(c, CURLOPT_URL, url);
  curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, plain ? "http" : "https");
  if (plain) curl_easy_setopt(c, CURLOPT_PROXY, "");
  curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(c, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
  curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(c, CURLOPT_POSTFIELDSIZE, (long)form->length);
  curl_easy_setopt(c, CURLOPT_POSTFIELDS, strbuf_text(form));
  curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT, (long)timeout_s);
  curl_easy_setopt(c, CURLOPT_TIMEOUT, (long)timeout_s);
  curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, on_body);
  curl_easy_setopt(c, CURLOPT_WRITEDATA, t);
  curl_easy_setopt(c, CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt(c, CURLOPT_XFERINFOFUNCTION, on_progress);
  curl_easy_setopt(c, CURLOPT_XFERINFODATA, t);
  curl_easy_setopt(c, CURLOPT_ERRORBUFFER, error);
}

static int tell_failure(CURLcode code, const struct transfer *t, const char *error, struct err *e) {
  if (code == CURLE_ABORTED_BY_CALLBACK) return err_set(e, ERR_INTERRUPTED, "interrupted");
  if (t->too_large) return err_set(e, ERR_LIMIT, "its answer is larger than %u bytes", HTTP_BODY_MOST);
  bool unverified = code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_SSL_CACERT_BADFILE;
  return err_set(e, unverified ? ERR_USAGE : ERR_IO, "%s", *error ? error : curl_easy_strerror(code));
}

/* What the status alone says (RFC 9110 15). */
static int check_status(CURL *c, long status, struct err *e) {
  if (status >= 300 && status < 400)
    return err_set(e, ERR_USAGE, "it answers with a redirect, which is not followed (HTTP %ld)", status);
  bool busy = status >= 500 || status == 408 || status == 429;
  if (!busy) return status >= 200 ? 0 : err_set(e, ERR_FORMAT, "its answer makes no sense (HTTP %ld)", status);
  curl_off_t wait_s = 0;
  curl_easy_getinfo(c, CURLINFO_RETRY_AFTER, &wait_s);
  err_set(e, ERR_BUSY, "it cannot answer for the moment (HTTP %ld)", status);
  if (wait_s > 0) err_set(e, ERR_BUSY, "%s, and asks to wait for %lld seconds", e->text, (long long)wait_s);
  return ERR_BUSY;
}

int http_post(const char *url, const struct strbuf *form, uint32_t timeout_s, const struct stop *stop,
              struct strbuf *ret, long *ret_status, struct err *e) {
  struct transfer t = {.body = ret, .stop = stop};
  char error[CURL_ERROR_SIZE] = "";
  struct err unused;
  CURL *c = curl_easy_init();
  if (!c) abort(); /* out of memory, as everywhere */
  set_request(c, &t, url, form, timeout_s, error);
  CURLcode done = curl_easy_perform(c);
  curl_easy_getinfo(c, CURLINFO_RESPONSE_CODE, ret_status);
  int code = done == CURLE_OK ? check_status(c, *ret_status, e ? e : &unused) : tell_failure(done, &t, error, e);
  curl_easy_cleanup(c);
  return code;
}
