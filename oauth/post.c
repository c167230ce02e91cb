/* SPDX-License-Identifier: Apache-2.0 */
/* What the status of an answer alone says. */
#include "oauth/post.h"

#include <curl/curl.h>

#include "http/http.h"
#include "oauth/oauth.h"

void oauth_library_init(void) { curl_global_init(CURL_GLOBAL_DEFAULT); }
void oauth_library_clear(void) { curl_global_cleanup(); }

/* RFC 9110 15. */
static int check_status(const struct http_answer *a, struct err *e) {
  if (a->status >= 300 && a->status < 400)
    return err_set(e, ERR_USAGE, "it answers with a redirect, which is not followed (HTTP %ld)", a->status);
  bool busy = a->status >= 500 || a->status == 408 || a->status == 429;
  if (!busy) return a->status >= 200 ? 0 : err_set(e, ERR_FORMAT, "its answer makes no sense (HTTP %ld)", a->status);
  if (a->wait_s > 0)
    return err_set(e, ERR_BUSY, "it cannot answer for the moment (HTTP %ld), and asks to wait for %lld seconds",
                   a->status, (long long)a->wait_s);
  return err_set(e, ERR_BUSY, "it cannot answer for the moment (HTTP %ld)", a->status);
}

int post_form(const char *url, const struct strbuf *form, const char *ca_file, uint32_t timeout_s,
              const struct stop *stop, struct strbuf *ret, long *ret_status, struct err *e) {
  const struct http_request request = {.url = url,
                                       .body = form,
                                       .ca_file = ca_file,
                                       .silence_s = timeout_s,
                                       .whole_s = timeout_s,
                                       .most = POST_BODY_MOST,
                                       .stop = stop};
  struct http_answer answer;
  struct http_client *client = http_client_new();
  int code = http_send(client, &request, &answer, e);
  http_client_free(client);
  *ret_status = answer.status;
  if (!code) code = check_status(&answer, e);
  strbuf_clear(ret);
  *ret = answer.body; /* there may be a token in it: no copy stays */
  answer.body = (struct strbuf)STRBUF_INIT;
  http_answer_clear(&answer);
  return code;
}
