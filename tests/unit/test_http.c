/* SPDX-License-Identifier: Apache-2.0 */
/* How servers are reached, and how long they may be silent: without a server. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above */
#include <cmocka.h>
#include <string.h>

#include "base/cleanup.h"
#include "http/http.h"
#include "http/reach.h"
#include "http/silence.h"

/* --- where to ----------------------------------------------------------------------------------------------------- */

static void a_url_without_a_host_or_with_no_port_is_refused(void **state) {
  (void)state;
  static const char *const GOOD[] = {"https://example.com",
                                     "https://example.com./x",
                                     "https://hooks:1/x",
                                     "https://example.com:65535?x",
                                     "https://[2001:db8::1]:443/x",
                                     "https://192.0.2.1/",
                                     "imaps://joe@example.com:993",
                                     "https://b\xc3\xbc"
                                     "cher.example/"};
  static const char *const BAD[] = {"https:///x",
                                    "https:////x",
                                    "https://",
                                    "https://?x",
                                    "https://:443/x",
                                    "https://example.com:0/x",
                                    "https://example.com:00/x",
                                    "https://example.com:65536/x",
                                    "https://example.com:/x",
                                    "https://example.com:8o/x",
                                    "https://./x",
                                    "https://example..com/x",
                                    "https://[]/x",
                                    "smtp:///mail.example.com",
                                    "smtp://joe@:25",
                                    "example.com",
                                    ""};
  struct err e;
  for (size_t i = 0; i < ARRAY_SIZE(GOOD); i++)
    if (reach_check(GOOD[i], &e) < 0) fail_msg("%s: %s", GOOD[i], e.text);
  for (size_t i = 0; i < ARRAY_SIZE(BAD); i++)
    if (reach_check(BAD[i], &e) != ERR_USAGE) fail_msg("taken: %s", BAD[i]);
  assert_int_equal(http_url_check("https:///x", &e), ERR_USAGE);
  assert_string_equal(e.text, "names no host");
  assert_int_equal(http_url_check("https://example.com:0/x", &e), ERR_USAGE);
  assert_string_equal(e.text, "port 0 is none: 1 to 65535");
}

static void this_machine_is_known_by_all_its_names(void **state) {
  (void)state;
  static const char *const HERE[] = {"127.0.0.1",  "127.9.9.9",      "::1",       "[::1]", "localhost",
                                     "LocalHost.", "hook.localhost", "127.0.0.1."};
  static const char *const ELSEWHERE[] = {
      "example.com", "localhost.example.com", "notlocalhost", "128.0.0.1",
      "[::2]",       "::ffff:192.0.2.1",      "10.0.0.1",     "127.0.0.1.example.com"};
  for (size_t i = 0; i < ARRAY_SIZE(HERE); i++)
    if (!reach_is_here(HERE[i])) fail_msg("%s", HERE[i]);
  for (size_t i = 0; i < ARRAY_SIZE(ELSEWHERE); i++)
    if (reach_is_here(ELSEWHERE[i])) fail_msg("%s", ELSEWHERE[i]);
  assert_true(reach_is_loopback("[::1]"));
  assert_false(reach_is_loopback("localhost")); /* may lead anywhere, where a resolver says so */
}

/* --- silence ------------------------------------------------------------------------------------------------------ */

/* Of 2 seconds of silence, and 8 in all, from the moment 100 on. */
static CURL *begin(struct silence *s) {
  CURL *curl = curl_easy_init();
  assert_non_null(curl);
  silence_begin(s, 2, 8, curl, 100);
  return curl;
}

static void assert_told(const struct silence *s, CURLcode code, double now_s, const char *told) {
  struct err e = {""};
  assert_int_equal(silence_tell(s, code, now_s, &e), !!told);
  assert_string_equal(e.text, told ? told : "");
}

static void silence_counts_from_what_moved_last(void **state) {
  (void)state;
  struct silence s;
  CURL *curl = begin(&s);
  assert_false(silence_is_too_long(&s, true, 10, 101));
  assert_false(silence_is_too_long(&s, true, 10, 102.9));
  assert_false(silence_is_too_long(&s, true, 11, 103.1)); /* a byte */
  assert_false(silence_is_too_long(&s, true, 11, 105));
  silence_break(&s, 105); /* a line */
  assert_false(silence_is_too_long(&s, true, 11, 106.9));
  assert_true(silence_is_too_long(&s, true, 11, 107));
  assert_told(&s, CURLE_ABORTED_BY_CALLBACK, 107, "the server has been silent for 2 seconds");
  curl_easy_cleanup(curl);
}

static void who_never_falls_silent_is_cut_off_at_the_end(void **state) {
  (void)state;
  struct silence s;
  CURL *curl = begin(&s);
  for (int at = 100; at < 108; at++) assert_false(silence_is_too_long(&s, true, at, at));
  assert_told(&s, CURLE_OPERATION_TIMEDOUT, 108, "the server takes longer than 8 seconds");
  curl_easy_cleanup(curl);
}

static void nobody_is_silent_before_there_is_a_connection(void **state) {
  (void)state;
  struct silence s;
  CURL *curl = begin(&s);
  assert_false(silence_is_over_connecting(curl));
  assert_false(silence_is_too_long(&s, false, 0, 101.9));
  assert_told(&s, CURLE_OPERATION_TIMEDOUT, 102, NULL); /* libcurl says that it could not connect */
  assert_false(silence_is_too_long(&s, true, 0, 102));
  assert_false(silence_is_too_long(&s, true, 0, 103.9));
  assert_true(silence_is_too_long(&s, true, 0, 104));
  curl_easy_cleanup(curl);
}

static void another_failure_is_none_of_silence(void **state) {
  (void)state;
  struct silence s;
  CURL *curl = begin(&s);
  silence_break(&s, 101);
  assert_told(&s, CURLE_RECV_ERROR, 109, NULL);
  curl_easy_cleanup(curl);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_url_without_a_host_or_with_no_port_is_refused),
      cmocka_unit_test(this_machine_is_known_by_all_its_names),
      cmocka_unit_test(silence_counts_from_what_moved_last),
      cmocka_unit_test(who_never_falls_silent_is_cut_off_at_the_end),
      cmocka_unit_test(nobody_is_silent_before_there_is_a_connection),
      cmocka_unit_test(another_failure_is_none_of_silence),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
