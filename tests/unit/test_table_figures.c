/* SPDX-License-Identifier: Apache-2.0 */
/* How numbers, shares and bars are written, whatever the locale. */
#include "table_kit.h"

/* --- figures ------------------------------------------------------------------------------------------------------ */

static void expect_decimal(double number, const char *expected) {
  _cleanup_strbuf_ struct strbuf out = STRBUF_INIT;
  format_decimal(&out, number);
  assert_string_equal(strbuf_text(&out), expected);
}

static void decimals_are_short_and_plain(void **state) {
  (void)state;
  expect_decimal(0, "0");
  expect_decimal(-0.0, "0");
  expect_decimal(1, "1");
  expect_decimal(0.5, "0.5");
  expect_decimal(-0.25, "-0.25");
  expect_decimal(1.0 / 3, "0.333333");
  expect_decimal(0.9821, "0.9821");
  expect_decimal(0.9999999, "1");
  expect_decimal(0.00001, "0.00001");
  expect_decimal(0.0000123456789, "0.0000123457");
  expect_decimal(100, "100");
  expect_decimal(1234567.8, "1234568");
  expect_decimal(12345.678, "12345.7");
  expect_decimal(-1e-20, "0");
  expect_decimal(1e15, "1000000000000000");
  expect_decimal(999999999999999, "999999999999999");
  expect_decimal(1e20, "100000000000000000000");
}

static void decimals_do_not_follow_the_locale(void **state) {
  (void)state;
  static const char *const COMMA_LOCALES[] = {"de_DE.UTF-8", "fr_FR.UTF-8", "de_DE", "fr_FR"};
  bool set = false;
  for (size_t i = 0; i < ARRAY_SIZE(COMMA_LOCALES) && !set; i++) set = setlocale(LC_ALL, COMMA_LOCALES[i]) != NULL;
  if (!set) skip();
  char comma[8];
  snprintf(comma, sizeof comma, "%.1f", 0.5);
  expect_decimal(0.5, "0.5");
  expect_decimal(1e20, "100000000000000000000");
  setlocale(LC_ALL, "C");
  assert_string_equal(comma, "0,5");
}

static void only_integers_json_keeps_are_bare(void **state) {
  (void)state;
  assert_true(text_is_integer("0"));
  assert_true(text_is_integer("100"));
  assert_true(text_is_integer("-5"));
  assert_true(text_is_integer("999999999999999"));
  static const char *const TEXTS[] = {"", "-", "007", "-0", "+1", "1.0", " 1", "1 ", "1e3", "0x1", "1000000000000000"};
  for (size_t i = 0; i < ARRAY_SIZE(TEXTS); i++) assert_false(text_is_integer(TEXTS[i]));
}

static void a_share_claims_all_or_nothing_only_where_it_is_so(void **state) {
  (void)state;
  const struct column share = {.key = "share", .type = COLUMN_SHARE};
  const struct cell cells[] = {cell_number(1),       cell_number(0.99996), cell_number(0.9995),
                               cell_number(0.98213), cell_number(0.00001), cell_number(0.0005),
                               cell_number(0),       cell_share(1, 0),     cell_number(1.0 / 0.0)};
  expect_column(&share, cells, ARRAY_SIZE(cells), (struct render_options){0},
                "  share\n"
                "100.0 %\n"
                " 99.9 %\n"
                " 99.9 %\n"
                " 98.2 %\n"
                " <0.1 %\n"
                " <0.1 %\n"
                "  0.0 %\n"
                "      -\n"
                "      -\n");
}

static void good_shares_are_coloured_by_their_height(void **state) {
  (void)state;
  const struct column share = {.key = "share", .type = COLUMN_SHARE, .flags = COLUMN_GOOD};
  const struct cell cells[] = {cell_number(0.99), cell_number(0.95), cell_number(0.9), cell_absent()};
  expect_column(&share, cells, ARRAY_SIZE(cells), (struct render_options){.colour = true},
                " \033[1mshare\033[0m\n"
                "\033[32m99.0 %\033[0m\n"
                "\033[33m95.0 %\033[0m\n"
                "\033[31m90.0 %\033[0m\n"
                "     \033[2m-\033[0m\n");
}

static void a_bar_is_full_only_at_one_and_empty_only_at_zero(void **state) {
  (void)state;
  const struct column bar = {.key = "bar", .type = COLUMN_BAR};
  const struct cell cells[] = {cell_number(1),      cell_number(0.9999), cell_number(0.5), cell_number(0.3),
                               cell_number(0.0001), cell_number(0),      cell_number(7)};
  expect_column(&bar, cells, ARRAY_SIZE(cells), (struct render_options){0},
                "bar\n"
                "████████████████████\n"
                "███████████████████▉\n"
                "██████████\n"
                "██████\n"
                "▏\n"
                "\n"
                "████████████████████\n");
  expect_column(&bar, cells, ARRAY_SIZE(cells), (struct render_options){.ascii = true},
                "bar\n"
                "####################\n"
                "###################\n"
                "##########\n"
                "######\n"
                "#\n"
                "\n"
                "####################\n");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(decimals_are_short_and_plain),
      cmocka_unit_test(decimals_do_not_follow_the_locale),
      cmocka_unit_test(only_integers_json_keeps_are_bare),
      cmocka_unit_test(a_share_claims_all_or_nothing_only_where_it_is_so),
      cmocka_unit_test(good_shares_are_coloured_by_their_height),
      cmocka_unit_test(a_bar_is_full_only_at_one_and_empty_only_at_zero),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
