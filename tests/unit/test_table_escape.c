/* SPDX-License-Identifier: Apache-2.0 */
/* Strangers' texts, escaped for each output where they have a meaning. */
#include "table_kit.h"

/* --- escaping ----------------------------------------------------------------------------------------------------- */

typedef void escape_fn(struct strbuf *out, const char *text);
static void escape_csv_guarded(struct strbuf *out, const char *text) { escape_csv(out, text, true); }

static void expect_escaped(escape_fn *escape, const char *text, const char *expected) {
  _cleanup_strbuf_ struct strbuf out = STRBUF_INIT;
  escape(&out, text);
  assert_string_equal(strbuf_text(&out), expected);
}

static void each_ascii_character_is_escaped_only_where_it_has_a_meaning(void **state) {
  (void)state;
  for (char c = 0x20; c < 0x7f; c++) {
    const char text[] = {'x', c, 'x', '\0'};
    char json[16], csv[16];
    snprintf(json, sizeof json, strchr("\"\\", c) ? "\"x\\%cx\"" : "\"x%cx\"", c);
    snprintf(csv, sizeof csv, c == '"' ? "\"x\"%cx\"" : c == ',' ? "\"x%cx\"" : "x%cx", c);
    expect_escaped(escape_json, text, json);
    expect_escaped(escape_csv_guarded, text, csv);
  }
}

static void a_terminal_sees_no_control_character(void **state) {
  (void)state;
  expect_escaped(escape_terminal, "", "");
  expect_escaped(escape_terminal, "plain", "plain");
  expect_escaped(escape_terminal, "\x1b[31m\a\b\r\x7f", "\\x1b[31m\\x07\\x08\\x0d\\x7f");
  expect_escaped(escape_terminal, "a\tb\nc", "a b c");
  expect_escaped(escape_terminal, "\xc2\x80 \xc2\x9b \xc2\x9f \xc2\xa0", "\\u0080 \\u009b \\u009f \xc2\xa0");
}

static void a_terminal_sees_no_reordering_and_nothing_unseen(void **state) {
  (void)state;
  expect_escaped(escape_terminal, "\u061c\u200b\u200c\u200d\u200e\u200f", "\\u061c\\u200b\\u200c\\u200d\\u200e\\u200f");
  expect_escaped(escape_terminal, "\u2028\u2029\u202a\u202e", "\\u2028\\u2029\\u202a\\u202e");
  expect_escaped(escape_terminal, "\u2060\u2066\u2067\u2068\u2069\ufeff", "\\u2060\\u2066\\u2067\\u2068\\u2069\\ufeff");
  expect_escaped(escape_terminal, "\U000e0000\U000e0041\U000e007f", "\\U000e0000\\U000e0041\\U000e007f");
  expect_escaped(escape_terminal, "\u034f\u115f\u1160\u17b4\u17b5\u180b\u180f",
                 "\\u034f\\u115f\\u1160\\u17b4\\u17b5\\u180b\\u180f");
  expect_escaped(escape_terminal, "\u3164\ufe00\ufe0f\uffa0\U0001d173\U000e0100",
                 "\\u3164\\ufe00\\ufe0f\\uffa0\\U0001d173\\U000e0100");
  /* their neighbours, which are seen */
  expect_escaped(escape_terminal, "\u1100\u1161\u17b6\u1810\u3163\u3165\ufe30\uffa1",
                 "\u1100\u1161\u17b6\u1810\u3163\u3165\ufe30\uffa1");
  expect_escaped(escape_terminal, "\u2010\u202f\u2070\u05d0", "\u2010\u202f\u2070\u05d0");
}

static void invalid_utf8_is_shown_byte_by_byte(void **state) {
  (void)state;
  expect_escaped(escape_terminal, "\xff\xfe", "\\xff\\xfe");
  expect_escaped(escape_terminal,
                 "\x80"
                 "a\xc3",
                 "\\x80"
                 "a\\xc3");
  expect_escaped(escape_terminal, "\xc0\xaf\xc1\x81", "\\xc0\\xaf\\xc1\\x81"); /* overlong */
  expect_escaped(escape_terminal, "\xe0\x80\xaf\xf0\x80\x80\xaf", "\\xe0\\x80\\xaf\\xf0\\x80\\x80\\xaf");
  expect_escaped(escape_terminal, "\xed\xa0\x80", "\\xed\\xa0\\x80");                   /* surrogate */
  expect_escaped(escape_terminal, "\xf4\x90\x80\x80\xf5", "\\xf4\\x90\\x80\\x80\\xf5"); /* beyond U+10FFFF */
  expect_escaped(escape_terminal, "\xe2\x82", "\\xe2\\x82");                            /* cut */
  expect_escaped(escape_terminal, "\xf4\x8f\xbf\xbd\xed\x9f\xbf", "\xf4\x8f\xbf\xbd\xed\x9f\xbf");
}

static void a_terminal_without_utf8_sees_ascii_alone(void **state) {
  (void)state;
  /* The second byte of U+00DB is 0x9b: CSI for a terminal of ISO 8859. */
  expect_escaped(escape_ascii, "\u00db[31m\u4e2d\U0001f600", "\\u00db[31m\\u4e2d\\U0001f600");
}

static void json_strings_are_escaped_as_rfc_8259_asks(void **state) {
  (void)state;
  expect_escaped(escape_json, "", "\"\"");
  expect_escaped(escape_json, "a\"b\\c/d", "\"a\\\"b\\\\c/d\"");
  expect_escaped(escape_json, "\t\r\n\x01\x1b\x1f", "\"\\t\\r\\n\\u0001\\u001b\\u001f\"");
  expect_escaped(escape_json, "\u00e9\u4e2d\U0001f600", "\"\u00e9\u4e2d\U0001f600\"");
  expect_escaped(escape_json,
                 "a\xff"
                 "b\xe2\x82",
                 "\"a\ufffd"
                 "b\ufffd\ufffd\"");
}

static void json_keeps_what_commands_a_terminal_as_an_escape(void **state) {
  (void)state;
  expect_escaped(escape_json, "\x7f\xc2\x9b\u202e\U000e0041", "\"\\u007f\\u009b\\u202e\\udb40\\udc41\"");
}

static void csv_fields_are_quoted_only_where_needed(void **state) {
  (void)state;
  expect_escaped(escape_csv_guarded, "", "");
  expect_escaped(escape_csv_guarded, "plain text; more", "plain text; more");
  expect_escaped(escape_csv_guarded, "a,b", "\"a,b\"");
  expect_escaped(escape_csv_guarded, "say \"hi\"", "\"say \"\"hi\"\"\"");
  expect_escaped(escape_csv_guarded, "a\r\nb", "\"a\r\nb\"");
  expect_escaped(escape_csv_guarded, "\u00e9\u202e,", "\"\u00e9\u202e,\"");
}

static void csv_texts_that_would_run_as_formulas_are_guarded(void **state) {
  (void)state;
  expect_escaped(escape_csv_guarded, "=1+1", "'=1+1");
  expect_escaped(escape_csv_guarded, "+1", "'+1");
  expect_escaped(escape_csv_guarded, "-1", "'-1");
  expect_escaped(escape_csv_guarded, "@SUM(A1)", "'@SUM(A1)");
  expect_escaped(escape_csv_guarded, "\tx", "'\tx");
  expect_escaped(escape_csv_guarded, "\r=x", "\"'\r'=x\"");
  expect_escaped(escape_csv_guarded, "\n=x", "\"'\n'=x\"");
  expect_escaped(escape_csv_guarded, "a;=1+1", "a;'=1+1");
  expect_escaped(escape_csv_guarded, "a;b;@x;-2;+3;", "a;b;'@x;'-2;'+3;");
  expect_escaped(escape_csv_guarded, "a\t=1,;=2", "\"a\t'=1,;'=2\"");
  expect_escaped(escape_csv_guarded, "a;;\uff1d1;\uff20", "a;;'\uff1d1;'\uff20");
  expect_escaped(escape_csv_guarded, "\uff1d1+1", "'\uff1d1+1");
  expect_escaped(escape_csv_guarded, "\uff0b1", "'\uff0b1");
  expect_escaped(escape_csv_guarded, "\uff0d1", "'\uff0d1");
  expect_escaped(escape_csv_guarded, "\uff0c1", "\uff0c1"); /* a comma */
  expect_escaped(escape_csv_guarded, "=HYPERLINK(\"x\")", "\"'=HYPERLINK(\"\"x\"\")\"");
  expect_escaped(escape_csv_guarded, "a=1", "a=1");
  _cleanup_strbuf_ struct strbuf out = STRBUF_INIT;
  escape_csv(&out, "-1;=2", false);
  assert_string_equal(strbuf_text(&out), "-1;=2");
}

static void csv_holds_neither_controls_nor_invalid_utf8(void **state) {
  (void)state;
  expect_escaped(escape_csv_guarded, "a\x1b[2J\x7f\xc2\x9b\xff\tb", "a\ufffd[2J\ufffd\ufffd\ufffd\tb");
}

static void widths_are_those_of_a_terminal(void **state) {
  (void)state;
  assert_int_equal(escape_width(""), 0);
  assert_int_equal(escape_width("ascii"), 5);
  assert_int_equal(escape_width("\u00e9"), 1);
  assert_int_equal(escape_width("e\u0301"), 1);
  assert_int_equal(escape_width("\u4e2d\u6587 x"), 6);
  assert_int_equal(escape_width("\U0001f600"), 2);
  assert_int_equal(escape_width("\u0378"), 1); /* unassigned */
  assert_int_equal(escape_width("\u2588\u258f\u2026"), 3);
}

static void a_prefix_splits_no_character(void **state) {
  (void)state;
  unsigned width;
  assert_int_equal(escape_prefix("abc", 2, &width), 2);
  assert_int_equal(width, 2);
  assert_int_equal(escape_prefix("a\u4e2d\u6587", 4, &width), 4);
  assert_int_equal(width, 3);
  assert_int_equal(escape_prefix("ae\u0301x", 2, &width), 4);
  assert_int_equal(width, 2);
  assert_int_equal(escape_prefix("abc", 0, &width), 0);
  assert_int_equal(escape_prefix("abc", 9, &width), 3);
}

static void widths_do_not_change_the_thread_s_locale(void **state) {
  (void)state;
  locale_t before = uselocale((locale_t)0);
  escape_width("\u4e2d");
  assert_ptr_equal(uselocale((locale_t)0), before);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(each_ascii_character_is_escaped_only_where_it_has_a_meaning),
      cmocka_unit_test(a_terminal_sees_no_control_character),
      cmocka_unit_test(a_terminal_sees_no_reordering_and_nothing_unseen),
      cmocka_unit_test(invalid_utf8_is_shown_byte_by_byte),
      cmocka_unit_test(a_terminal_without_utf8_sees_ascii_alone),
      cmocka_unit_test(json_strings_are_escaped_as_rfc_8259_asks),
      cmocka_unit_test(json_keeps_what_commands_a_terminal_as_an_escape),
      cmocka_unit_test(csv_fields_are_quoted_only_where_needed),
      cmocka_unit_test(csv_texts_that_would_run_as_formulas_are_guarded),
      cmocka_unit_test(csv_holds_neither_controls_nor_invalid_utf8),
      cmocka_unit_test(widths_are_those_of_a_terminal),
      cmocka_unit_test(a_prefix_splits_no_character),
      cmocka_unit_test(widths_do_not_change_the_thread_s_locale),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
