/* SPDX-License-Identifier: Apache-2.0 */
/* The begin and end of reports in every form that was met, and what is no time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
/* cmocka wants the three above first */
#include <cmocka.h>

#include "base/cleanup.h"
#include "parser/report_time.h"

#define OCTOBER_1 INT64_C(1790812800) /* 2026-10-01T00:00:00Z */

static int64_t time_of(const char *text, enum report_time_edge edge) {
  int64_t s = -1;
  bool read = report_time_parse(text, edge, &s);
  assert_int_equal(read, s != -1);
  return s;
}

static void expect_begin(const char *text, int64_t s) {
  int64_t read = time_of(text, REPORT_TIME_BEGIN);
  if (read != s) fail_msg("%s: %lld, not %lld", text, (long long)read, (long long)s);
}

static void counts_are_seconds_or_parts_of_them_by_their_magnitude(void **state) {
  (void)state;
  static const char *const SAME[] = {
      "1790812800",  "1790812800000",   "1790812800000000", "1790812800000000000", "1790812800.0",
      "1790812800.", "1790812800.75",   "1790812800,5",     "1790812800000.25",    "01790812800",
      "1.7908128e9", "1.790812800E+09", "17908128e2",       "1.790812800123456e12"};
  for (size_t i = 0; i < ARRAY_SIZE(SAME); i++) expect_begin(SAME[i], OCTOBER_1);
  expect_begin("1790899199999", OCTOBER_1 + 86399);
  expect_begin("253402300799", INT64_C(253402300799));
  expect_begin("100", 100);
}

static void seconds_beyond_9999_are_no_parts_of_a_second(void **state) {
  (void)state;
  expect_begin("253402300800", -1); /* thousandths of 1978 */
  expect_begin("1262303999999", -1);
  expect_begin("1262304000000", INT64_C(1262304000));
  expect_begin("4102444799999", INT64_C(4102444799));
  expect_begin("4102444800000", -1);
  expect_begin("999999999999999", -1); /* millionths of 2001, thousandths of 33658 */
}

static void dates_are_read_in_the_forms_that_programs_write(void **state) {
  (void)state;
  static const char *const SAME[] = {
      "2026-10-01T00:00:00Z",
      "2026-10-01t00:00:00z",
      "2026-10-01T00:00:00",
      "2026-10-01T00:00:00.000Z",
      "2026-10-01T00:00:00,123456",
      "2026-10-01T00:00Z",
      "2026-10-01T02:00:00+02:00",
      "2026-10-01T02:00:00+0200",
      "2026-10-01T02:00:00+02",
      "2026-09-30T19:00:00-05:00",
      "2026-09-30T24:00:00Z",
      "2026-10-01 00:00:00",
      "2026-10-01 00:00:00 UTC",
      "2026-10-01 02:00:00 +0200 CEST (local)",
      "2026-10-01 00:00:00 +0000 UTC",
      "2026/10/01 00:00:00",
      "2026-10-01",
      "20261001",
      "20261001000000",
      "20261001T000000Z",
      "Thu, 01 Oct 2026 00:00:00 +0000",
      "Thu, 1 Oct 2026 02:00:00 +0200",
      "Thu, 01 Oct 2026 00:00:00 GMT",
      "Thu, 01 Oct 2026 00:00:00 +0000 (UTC)",
      "1 OCT 2026 00:00",
      "01-Oct-2026 00:00:00",
      "Wed, 30 Sep 2026 17:00:00 PDT",
      "Thu Oct  1 00:00:00 2026",
      "Thu Oct  1 00:00:00 UTC 2026",
      "Thursday, October 1 00:00:00 2026",
      "Thu Oct 01 2026 02:00:00 GMT+0200 (Central European Summer Time)",
  };
  for (size_t i = 0; i < ARRAY_SIZE(SAME); i++) expect_begin(SAME[i], OCTOBER_1);
  expect_begin("2028-02-29T23:59:60Z", INT64_C(1835481599));
}

static void a_date_alone_is_its_first_second_or_its_last(void **state) {
  (void)state;
  static const char *const DAYS[] = {"2026-10-01", "20261001", "2026/10/1", "Thu, 01 Oct 2026", "1 October 2026"};
  for (size_t i = 0; i < ARRAY_SIZE(DAYS); i++) {
    assert_int_equal(time_of(DAYS[i], REPORT_TIME_BEGIN), OCTOBER_1);
    assert_int_equal(time_of(DAYS[i], REPORT_TIME_END), OCTOBER_1 + 86399);
  }
  assert_int_equal(time_of("2026-10-01T00:00:00Z", REPORT_TIME_END), OCTOBER_1);
}

static void anything_else_is_no_time(void **state) {
  (void)state;
  static const char *const NONE[] = {"",
                                     "0",
                                     "0.0",
                                     "-1",
                                     "-1790812800",
                                     "+1790812800",
                                     "1e99",
                                     "1e",
                                     "e9",
                                     "tomorrow",
                                     "1790812800s",
                                     "1790812800 1790899199",
                                     "99999999999999999999999",
                                     "1.0.0",
                                     ".5",
                                     "1970-01-01T00:00:00Z",
                                     "0000-00-00 00:00:00",
                                     "2026-13-01",
                                     "2026-02-29",
                                     "2026-10-00",
                                     "2026-09-31",
                                     "2026-10-01T25:00:00Z",
                                     "2026-10-01T24:00:01Z",
                                     "2026-10-01T00:60:00Z",
                                     "2026-10-01T00:00:61Z",
                                     "2026-10-01T",
                                     "2026-10-01T00:00:00+2",
                                     "2026-10-01T00:00:00+25:00",
                                     "2026-10-01T00:00:00 CEST",
                                     "2026-10-01/02",
                                     "2026-10/01",
                                     "26-10-01",
                                     "10/01/2026",
                                     "01.10.2026",
                                     "Thu, 01 Okt 2026",
                                     "Thu, 01 Oct 26 00:00:00 +0000",
                                     "Oct 2026",
                                     "20261301000000 ",
                                     "(2026-10-01)",
                                     "2026-10-01 (",
                                     "2026-10-01T00:00:00Z trailing"};
  for (size_t i = 0; i < ARRAY_SIZE(NONE); i++) expect_begin(NONE[i], -1);
}

/* --- file names --------------------------------------------------------------------------------------------------- */

static struct feedback_header named(int64_t begin_s, int64_t end_s, const char *file_name) {
  struct feedback_header h = {.begin_s = begin_s, .end_s = end_s};
  feedback_flag_period(&h);
  report_time_derive_period(&h, file_name);
  return h;
}

#define DERIVED_DAY "receiver.example!example.com!1790812800!1790899199"

static void a_period_that_cannot_be_read_is_the_file_names(void **state) {
  (void)state;
  static const char *const NAMES[] = {DERIVED_DAY ".xml",
                                      DERIVED_DAY ".xml.gz",
                                      DERIVED_DAY ".zip",
                                      DERIVED_DAY "!unique-1.xml.gz",
                                      DERIVED_DAY,
                                      "receiver.example!example.com!1790812800000!1790899199000.xml",
                                      "receiver.example!example.com!20261001!20261001.xml"};
  for (size_t i = 0; i < ARRAY_SIZE(NAMES); i++) {
    struct feedback_header h = named(FEEDBACK_TIME_UNKNOWN, OCTOBER_1, NAMES[i]);
    assert_int_equal(h.begin_s, OCTOBER_1);
    assert_int_equal(h.end_s, OCTOBER_1 + 86399);
    assert_int_equal(h.flags, FEEDBACK_PERIOD_DERIVED);
  }
  struct feedback_header week = named(OCTOBER_1, FEEDBACK_TIME_UNKNOWN, "a!b!1790812800!1791417599.xml");
  assert_int_equal(week.flags, FEEDBACK_PERIOD_DERIVED | FEEDBACK_PERIOD_LONG);
}

static void a_file_name_that_tells_no_period_leaves_it_unknown(void **state) {
  (void)state;
  static const char *const NAMES[] = {NULL,
                                      "",
                                      "report.xml",
                                      "a!b.xml",
                                      "a!b!1790812800.xml",
                                      "a!b!1790812800!.xml",
                                      "a!b!0!0.xml",
                                      "a!b!x!1790899199.xml",
                                      "a!b!1790812800!99999999999999999999999999999999999999999.xml"};
  for (size_t i = 0; i < ARRAY_SIZE(NAMES); i++) {
    struct feedback_header h = named(FEEDBACK_TIME_UNKNOWN, FEEDBACK_TIME_UNKNOWN, NAMES[i]);
    assert_true(h.begin_s == FEEDBACK_TIME_UNKNOWN && h.end_s == FEEDBACK_TIME_UNKNOWN);
    assert_int_equal(h.flags, FEEDBACK_PERIOD_UNREADABLE);
  }
}

static void what_a_report_says_of_its_period_counts_before_its_file_name(void **state) {
  (void)state;
  struct feedback_header h = named(1709251200, 1709337599, DERIVED_DAY ".xml");
  assert_int_equal(h.begin_s, 1709251200);
  assert_int_equal(h.flags, 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(counts_are_seconds_or_parts_of_them_by_their_magnitude),
      cmocka_unit_test(seconds_beyond_9999_are_no_parts_of_a_second),
      cmocka_unit_test(dates_are_read_in_the_forms_that_programs_write),
      cmocka_unit_test(a_date_alone_is_its_first_second_or_its_last),
      cmocka_unit_test(anything_else_is_no_time),
      cmocka_unit_test(a_period_that_cannot_be_read_is_the_file_names),
      cmocka_unit_test(a_file_name_that_tells_no_period_leaves_it_unknown),
      cmocka_unit_test(what_a_report_says_of_its_period_counts_before_its_file_name),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
