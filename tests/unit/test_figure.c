/* SPDX-License-Identifier: Apache-2.0 */
/* Figures for people: cut off, never rounded up. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
/* cmocka wants the three above first */
#include <cmocka.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>

#include "base/figure.h"

static void expect_integer(int64_t n, bool grouped, const char *expected) {
  _cleanup_strbuf_ struct strbuf out = STRBUF_INIT;
  figure_integer(&out, n, grouped);
  assert_string_equal(strbuf_text(&out), expected);
}

static void integers_of_every_size_are_written(void **state) {
  (void)state;
  expect_integer(0, true, "0");
  expect_integer(999, true, "999");
  expect_integer(1000, true, "1,000");
  expect_integer(-1234567, true, "-1,234,567");
  expect_integer(1234567, false, "1234567");
  expect_integer(INT64_MIN, true, "-9,223,372,036,854,775,808");
  expect_integer(INT64_MAX, false, "9223372036854775807");
}

static void expect_count(int64_t n, const char *expected) {
  _cleanup_strbuf_ struct strbuf out = STRBUF_INIT;
  figure_count(&out, n, "message");
  assert_string_equal(strbuf_text(&out), expected);
}

static void one_is_singular_and_nothing_is_plural(void **state) {
  (void)state;
  expect_count(1, "1 message");
  expect_count(0, "0 messages");
  expect_count(2, "2 messages");
  expect_count(12345, "12,345 messages");
}

static void expect_share(double share, const char *expected) {
  _cleanup_strbuf_ struct strbuf out = STRBUF_INIT;
  figure_share(&out, share);
  assert_string_equal(strbuf_text(&out), expected);
}

static void a_share_is_cut_off_never_rounded_up(void **state) {
  (void)state;
  expect_share(0.98213, "98.2 %");
  expect_share(0.97899, "97.8 %");
  expect_share(0.9999999, "99.9 %");
  expect_share(nextafter(1, 0), "99.9 %");
  expect_share(1, "100.0 %");
  expect_share(1.5, "150.0 %");
}

static void what_there_is_at_all_is_not_nothing(void **state) {
  (void)state;
  expect_share(1e-12, "<0.1 %");
  expect_share(0.00099, "<0.1 %");
  expect_share(0.001, "0.1 %");
  expect_share(0, "0.0 %");
}

static void a_share_that_is_no_number_is_a_dash(void **state) {
  (void)state;
  expect_share(NAN, "-");
  expect_share(INFINITY, "-");
}

static void expect_share_of(int64_t part, int64_t whole, const char *expected) {
  _cleanup_strbuf_ struct strbuf out = STRBUF_INIT;
  figure_share_of(&out, part, whole);
  assert_string_equal(strbuf_text(&out), expected);
}

static void a_share_of_two_counts_is_the_same_figure(void **state) {
  (void)state;
  expect_share_of(978, 999, "97.8 %");
  expect_share_of(9996, 10000, "99.9 %");
  expect_share_of(979999999, 1000000000, "97.9 %");
  expect_share_of(7, 7, "100.0 %");
  expect_share_of(0, 7, "0.0 %");
  expect_share_of(0, 0, "-");
  expect_share_of(INT64_MAX - 1024, INT64_MAX, "99.9 %");
}

/* Each thousandth, as a quotient, as a product and as what is left of one, which binary fractions miss by a hair. */
static void a_figure_does_not_lose_its_last_digit_to_binary_fractions(void **state) {
  (void)state;
  for (int64_t i = 1; i < 1000; i++) {
    char expected[16];
    snprintf(expected, sizeof expected, "%d.%d %%", (int)(i / 10), (int)(i % 10));
    expect_share_of(i, 1000, expected);
    expect_share_of(i * 7919, 7919000, expected);
    expect_share(0.001 * (double)i, expected);
    expect_share(1 - (double)(1000 - i) / 1000, expected);
  }
}

/* The one count below each thousandth of a large domain. */
static void the_slack_rounds_no_true_figure_up(void **state) {
  (void)state;
  const int64_t whole = 900000000;
  for (int64_t i = 1; i <= 1000; i++) {
    char expected[16];
    snprintf(expected, sizeof expected, i == 1 ? "<0.1 %%" : "%d.%d %%", (int)((i - 1) / 10), (int)((i - 1) % 10));
    expect_share_of(whole / 1000 * i - 1, whole, expected);
  }
}

static void expect_decimal(double number, unsigned decimals, const char *expected) {
  _cleanup_strbuf_ struct strbuf out = STRBUF_INIT;
  figure_decimal(&out, number, decimals);
  assert_string_equal(strbuf_text(&out), expected);
}

static void any_figure_is_cut_to_the_decimals_shown(void **state) {
  (void)state;
  expect_decimal(0.29 * 100, 1, "29.0");
  expect_decimal(3.999, 1, "3.9");
  expect_decimal(3.999, 0, "3");
  expect_decimal(2.05, 2, "2.05");
  expect_decimal(-2.06, 1, "-2.0");
  expect_decimal(-0.01, 1, "0.0");
  expect_decimal(1e30, 0, "1000000000");
  assert_true(figure_cut(2.0499, 2) == 2.04);
  assert_true(figure_cut(-2.0499, 2) == -2.04);
}

static void a_share_for_a_spreadsheet_has_the_digits_it_shows(void **state) {
  (void)state;
  assert_true(figure_share_cut(0.98765, 4) == 0.9876);
  assert_true(figure_share_cut(nextafter(1, 0), 4) == 0.9999);
  assert_true(figure_share_cut(1, 4) == 1);
}

static void what_there_is_at_all_is_never_no_mail_a_day(void **state) {
  (void)state;
  assert_true(figure_per_day(0, 30) == 0);
  assert_true(figure_per_day(1, 30) == 0.03);
  assert_true(figure_per_day(2, 30) == 0.07);
  assert_true(figure_per_day(1, 8) == 0.13);
  assert_true(figure_per_day(1, 3650) == 0.01);
  assert_true(figure_per_day(0.004, 1) == 0.01);
  assert_true(figure_per_day(12345.678, 1) == 12345.68);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(integers_of_every_size_are_written),
      cmocka_unit_test(one_is_singular_and_nothing_is_plural),
      cmocka_unit_test(a_share_is_cut_off_never_rounded_up),
      cmocka_unit_test(what_there_is_at_all_is_not_nothing),
      cmocka_unit_test(a_share_that_is_no_number_is_a_dash),
      cmocka_unit_test(a_share_of_two_counts_is_the_same_figure),
      cmocka_unit_test(a_figure_does_not_lose_its_last_digit_to_binary_fractions),
      cmocka_unit_test(the_slack_rounds_no_true_figure_up),
      cmocka_unit_test(any_figure_is_cut_to_the_decimals_shown),
      cmocka_unit_test(a_share_for_a_spreadsheet_has_the_digits_it_shows),
      cmocka_unit_test(what_there_is_at_all_is_never_no_mail_a_day),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
