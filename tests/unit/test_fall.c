/* SPDX-License-Identifier: Apache-2.0 */
/* The day on which what passes falls. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
/* cmocka wants the three above first */
#include <cmocka.h>
#include <stdint.h>

#include "analysis/fall.h"
#include "base/cleanup.h"
#include "report/words.h"

/* So many days of mail of which `passed` of 20 pass. */
static uint32_t days_of(struct fall_day *days, uint32_t at, uint32_t count, int64_t passed) {
  for (uint32_t i = 0; i < count; i++) days[at + i] = (struct fall_day){20, passed};
  return at + count;
}

static void mail_that_fails_from_a_day_on_fell_on_that_day(void **state) {
  (void)state;
  struct fall_day days[30];
  uint32_t count = days_of(days, 0, 20, 20), at = 0;
  count = days_of(days, count, 5, 0);
  assert_true(fall_change_point(days, count, &at));
  assert_int_equal(at, 20);
}

static void a_day_that_fails_in_part_does_not_move_it_far(void **state) {
  (void)state;
  struct fall_day days[30];
  uint32_t count = days_of(days, 0, 20, 19), at = 0;
  count = days_of(days, count, 1, 8);
  count = days_of(days, count, 5, 1);
  assert_true(fall_change_point(days, count, &at));
  assert_in_range(at, 20, 21);
}

static void days_without_mail_are_not_the_day(void **state) {
  (void)state;
  struct fall_day days[30] = {{0}};
  uint32_t at = 0;
  days_of(days, 0, 10, 20);
  days_of(days, 15, 5, 0);
  assert_true(fall_change_point(days, 30, &at));
  assert_int_equal(at, 15);
}

static void mail_that_always_failed_or_always_passed_did_not_fall(void **state) {
  (void)state;
  struct fall_day days[30];
  uint32_t at = 99;
  assert_false(fall_change_point(days, days_of(days, 0, 30, 0), &at));
  assert_false(fall_change_point(days, days_of(days, 0, 30, 20), &at));
  assert_false(fall_change_point(days, 0, &at));
  assert_int_equal(at, 99);
}

static void mail_that_was_mended_did_not_fall(void **state) {
  (void)state;
  struct fall_day days[30];
  uint32_t count = days_of(days, 0, 10, 0), at;
  assert_false(fall_change_point(days, days_of(days, count, 10, 20), &at));
}

static void a_few_messages_say_nothing(void **state) {
  (void)state;
  uint32_t at;
  const struct fall_day few_before[] = {{19, 19}, {20, 0}}, few_since[] = {{20, 20}, {9, 0}},
                        enough[] = {{20, 20}, {10, 0}};
  assert_false(fall_change_point(few_before, 2, &at));
  assert_false(fall_change_point(few_since, 2, &at));
  assert_true(fall_change_point(enough, 2, &at));
}

static void expect_told(const struct fall *f, const char *expected) {
  _cleanup_strbuf_ struct strbuf out = STRBUF_INIT;
  fall_tell(f, &out);
  assert_string_equal(strbuf_text(&out), expected);
}

static void a_fall_is_told_with_what_changed(void **state) {
  (void)state;
  struct fall f = {.since_day = 20763,
                   .reporters = 3,
                   .failed_at = 3,
                   .subject = LOG_SPF,
                   .name = "example.com",
                   .change = "- ip4:192.0.2.0/28",
                   .before_s = 1793908800,
                   .seen_s = 1793930400};
  expect_told(&f,
              "fails since 2026-11-06 at every reporter; SPF of example.com lost ip4:192.0.2.0/28 between "
              "2026-11-05T20:00:00Z and 2026-11-06T02:00:00Z");
  f.subject = LOG_KEY;
  f.change = "selector s1: key withdrawn";
  f.failed_at = 2;
  expect_told(&f,
              "fails since 2026-11-06 at 2 of 3 reporters; selector s1: key withdrawn between "
              "2026-11-05T20:00:00Z and 2026-11-06T02:00:00Z");
  expect_told(&(struct fall){.since_day = 20763, .reporters = 3, .failed_at = 1, .only_at = "mail.example.net"},
              "fails since 2026-11-06 only at one reporter: see there (mail.example.net)");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(mail_that_fails_from_a_day_on_fell_on_that_day),
      cmocka_unit_test(a_day_that_fails_in_part_does_not_move_it_far),
      cmocka_unit_test(days_without_mail_are_not_the_day),
      cmocka_unit_test(mail_that_always_failed_or_always_passed_did_not_fall),
      cmocka_unit_test(mail_that_was_mended_did_not_fall),
      cmocka_unit_test(a_few_messages_say_nothing),
      cmocka_unit_test(a_fall_is_told_with_what_changed),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
