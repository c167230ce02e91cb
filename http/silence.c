/* SPDX-License-Identifier: Apache-2.0 */
/* A clock beside libcurl's own. */
#include "http/silence.h"

void silence_begin(struct silence *s, uint32_t most_s, uint32_t whole_s, CURL *curl, double now_s) {
  *s = (struct silence){.most_s = most_s, .whole_s = whole_s, .begun_s = now_s};
  curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, (long)most_s);
  curl_easy_setopt(curl, CURLOPT_SERVER_RESPONSE_TIMEOUT, (long)most_s); /* a reply that never ends */
  curl_easy_setopt(curl, CURLOPT_TIMEOUT, (long)whole_s);
}

void silence_break(struct silence *s, double now_s) { s->since_s = now_s; }

bool silence_is_too_long(struct silence *s, bool connected, int64_t moved, double now_s) {
  if (!connected) return false;
  if (s->since_s == 0 || moved != s->moved) s->since_s = now_s;
  s->moved = moved;
  return now_s - s->since_s >= s->most_s;
}

bool silence_is_over_connecting(CURL *curl) {
  curl_off_t until_us = 0;
  return curl_easy_getinfo(curl, CURLINFO_PRETRANSFER_TIME_T, &until_us) == CURLE_OK && until_us > 0;
}

bool silence_tell(const struct silence *s, CURLcode code, double now_s, struct err *e) {
  if (code != CURLE_OPERATION_TIMEDOUT && code != CURLE_ABORTED_BY_CALLBACK) return false;
  if (s->since_s == 0) return false;
  if (now_s - s->begun_s >= s->whole_s)
    err_set(e, ERR_IO, "the server takes longer than %u seconds", s->whole_s);
  else
    err_set(e, ERR_IO, "the server has been silent for %u seconds", s->most_s);
  return true;
}
