/* SPDX-License-Identifier: Apache-2.0 */
/* Reports of several days: their days, and what of a record is on each. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
/* cmocka wants the three above first */
#include <cmocka.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "base/feedback.h"
#include "base/report_days.h"
#include "base/utc.h"

#define OCTOBER_1 INT64_C(1790812800)
#define DAY INT64_C(86400)

static int64_t on_day(const struct report_days *d, uint32_t i, int64_t count, uint64_t record) {
  return report_days_share(d, i, i + 1, count, record);
}

static void a_report_of_a_day_is_all_on_the_day_of_its_begin(void **state) {
  (void)state;
  static const int64_t PERIODS[][2] = {
      {OCTOBER_1, OCTOBER_1 + DAY - 1},
      {OCTOBER_1, OCTOBER_1 + DAY},
      {OCTOBER_1, OCTOBER_1 + DAY + 60},
      {OCTOBER_1 + DAY / 2, OCTOBER_1 + DAY / 2 + DAY},
      {OCTOBER_1, OCTOBER_1},
      {OCTOBER_1, OCTOBER_1 - 40 * DAY},
      {OCTOBER_1, OCTOBER_1 + (REPORT_DAYS_MOST * DAY) + 1},
      {FEEDBACK_TIME_UNKNOWN, OCTOBER_1},
      {OCTOBER_1, FEEDBACK_TIME_UNKNOWN},
      {FEEDBACK_TIME_UNKNOWN, FEEDBACK_TIME_UNKNOWN},
      {0, INT64_MAX},
  };
  for (size_t i = 0; i < ARRAY_SIZE(PERIODS); i++) {
    struct report_days d = report_days_of(PERIODS[i][0], PERIODS[i][1]);
    assert_int_equal(d.count, 1);
    assert_int_equal(report_days_begin(&d, 0), PERIODS[i][0]);
    assert_int_equal(on_day(&d, 0, 77, 3), 77);
  }
}

static void a_longer_report_has_the_days_that_it_touches(void **state) {
  (void)state;
  struct report_days weeks = report_days_of(OCTOBER_1, OCTOBER_1 + 21 * DAY - 1);
  assert_int_equal(weeks.count, 21);
  assert_int_equal(report_days_begin(&weeks, 20), OCTOBER_1 + 20 * DAY);
  assert_int_equal(report_days_begin(&weeks, 21), OCTOBER_1 + 21 * DAY - 1);
  assert_int_equal(report_days_of(OCTOBER_1, OCTOBER_1 + 21 * DAY).count, 21);
  assert_int_equal(report_days_of(OCTOBER_1, OCTOBER_1 + DAY + 61).count, 2);
  assert_int_equal(report_days_of(OCTOBER_1, OCTOBER_1 + REPORT_DAYS_MOST * DAY).count, REPORT_DAYS_MOST);
  struct report_days noon = report_days_of(OCTOBER_1 + DAY / 2, OCTOBER_1 + DAY / 2 + 2 * DAY);
  assert_int_equal(noon.count, 3);
  assert_int_equal(report_days_begin(&noon, 0), OCTOBER_1 + DAY / 2);
  assert_int_equal(report_days_begin(&noon, 1), OCTOBER_1 + DAY);
}

static void each_day_gets_its_part_in_whole_messages(void **state) {
  (void)state;
  struct report_days weeks = report_days_of(OCTOBER_1, OCTOBER_1 + 21 * DAY - 1);
  for (uint32_t i = 0; i < 21; i++) assert_int_equal(on_day(&weeks, i, 2100, 0), 100);
  struct report_days noon = report_days_of(OCTOBER_1 + DAY / 2, OCTOBER_1 + DAY / 2 + 2 * DAY);
  assert_int_equal(on_day(&noon, 0, 400, 0), 100);
  assert_int_equal(on_day(&noon, 1, 400, 0), 200);
  assert_int_equal(on_day(&noon, 2, 400, 0), 100);
  /* One message comes in the middle; an unknown count nowhere in particular. */
  for (uint32_t i = 0; i < 21; i++) assert_int_equal(on_day(&weeks, i, 1, 0), i == 10);
  assert_int_equal(on_day(&weeks, 3, FEEDBACK_COUNT_UNKNOWN, 0), FEEDBACK_COUNT_UNKNOWN);
  assert_int_equal(on_day(&weeks, 3, 0, 0), 0);
}

static void the_shares_add_up_however_the_days_are_cut(void **state) {
  (void)state;
  struct report_days d = report_days_of(OCTOBER_1 + 12345, OCTOBER_1 + 17 * DAY + 54321);
  static const int64_t COUNTS[] = {1, 2, 3, 17, 18, 1000003, 1000000000, INT64_MAX};
  for (size_t k = 0; k < ARRAY_SIZE(COUNTS); k++)
    for (uint64_t record = 0; record < 50; record++) {
      int64_t sum = 0;
      for (uint32_t i = 0; i < d.count; i++) {
        int64_t share = on_day(&d, i, COUNTS[k], record);
        assert_true(share >= 0);
        sum += share;
      }
      assert_int_equal(sum, COUNTS[k]);
      for (uint32_t cut = 0; cut <= d.count; cut++)
        assert_int_equal(
            report_days_share(&d, 0, cut, COUNTS[k], record) + report_days_share(&d, cut, d.count, COUNTS[k], record),
            COUNTS[k]);
    }
}

static void many_small_records_are_as_spread_as_a_large_one(void **state) {
  (void)state;
  struct report_days weeks = report_days_of(OCTOBER_1, OCTOBER_1 + 21 * DAY - 1);
  for (uint32_t i = 0; i < 21; i++) {
    int64_t messages = 0;
    for (uint64_t record = 0; record < 2100; record++) messages += on_day(&weeks, i, 1, record);
    assert_in_range(messages, 98, 102);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_report_of_a_day_is_all_on_the_day_of_its_begin),
      cmocka_unit_test(a_longer_report_has_the_days_that_it_touches),
      cmocka_unit_test(each_day_gets_its_part_in_whole_messages),
      cmocka_unit_test(the_shares_add_up_however_the_days_are_cut),
      cmocka_unit_test(many_small_records_are_as_spread_as_a_large_one),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
