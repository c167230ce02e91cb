/* SPDX-License-Identifier: Apache-2.0 */
/* One reporter under several names. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
/* cmocka wants the three above first */
#include <cmocka.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "base/mem.h"
#include "base/reporter.h"

struct pair {
  const char *a, *b;
};

static void case_the_number_of_a_host_and_the_legal_form_make_no_other_reporter(void **state) {
  (void)state;
  static const struct pair SAME[] = {
      {"Receiver.Example.NET", "receiver.example.net"},
      {"esa1.hosting.example.net", "esa2.hosting.example.net"},
      {"mx-02.west3.example.net", "mx-11.west1.example.net"},
      {"Yahoo", "Yahoo! Inc."},
      {"Example Mail, Ltd.", "EXAMPLE MAIL"},
      {"", NULL},
  };
  for (unsigned i = 0; i < ARRAY_SIZE(SAME); i++) assert_true(reporter_is(SAME[i].a, SAME[i].b));
}

static void what_tells_reporters_apart_stays(void **state) {
  (void)state;
  static const struct pair OTHERS[] = {
      {"mail1.com", "mail2.com"}, /* domains of their own */
      {"a1.co.uk", "a2.co.uk"},   /* below a public suffix */
      {"esa1.hosting.example.net", "mx1.hosting.example.net"},
      {"192.0.2.1", "198.51.100.1"},
      {"Example Mail 1", "Example Mail 2"},
      {"Inc.", "Ltd."},
      {"Universit\xc3\xa4t", "Universit\xc3\xb6t"},
      {"!", "?"},
      {"receiver.example.net", ""},
  };
  for (unsigned i = 0; i < ARRAY_SIZE(OTHERS); i++) assert_false(reporter_is(OTHERS[i].a, OTHERS[i].b));
}

static void a_name_as_it_is_written_keeps_all_but_case(void **state) {
  (void)state;
  _cleanup_strbuf_ struct strbuf key = STRBUF_INIT;
  reporter_add_name(&key, "ESA1.Example.net");
  assert_string_equal(strbuf_text(&key), "esa1.example.net");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(case_the_number_of_a_host_and_the_legal_form_make_no_other_reporter),
      cmocka_unit_test(what_tells_reporters_apart_stays),
      cmocka_unit_test(a_name_as_it_is_written_keeps_all_but_case),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
