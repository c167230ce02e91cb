/* SPDX-License-Identifier: Apache-2.0 */
/* Words and the characters they are made of: letters of ASCII, UTF-8, policies. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
/* cmocka wants the three above first */
#include <cmocka.h>
#include <stdint.h>
#include <string.h>

#include "base/ascii.h"
#include "base/cleanup.h"
#include "base/nearest.h"
#include "base/policy.h"
#include "base/utf8.h"

/* --- letters ------------------------------------------------------------------------------------------------------ */

static void only_the_letters_of_ascii_have_a_case(void **state) {
  (void)state;
  for (int c = -128; c < 128; c++) {
    bool is_upper = c >= 'A' && c <= 'Z', is_lower = c >= 'a' && c <= 'z';
    assert_int_equal(ascii_lower((char)c), is_upper ? c + 32 : c);
    assert_int_equal(ascii_upper((char)c), is_lower ? c - 32 : c);
    assert_int_equal(ascii_is_letter((char)c), is_upper || is_lower);
    assert_int_equal(ascii_is_digit((char)c), c >= '0' && c <= '9');
  }
}

static void words_are_the_same_in_any_case_and_no_other_byte_is(void **state) {
  (void)state;
  assert_true(ascii_same("", ""));
  assert_true(ascii_same("QUARANTINE", "quarantine"));
  assert_false(ascii_same("quarantine", "quarantin"));
  assert_false(ascii_same("quarantin", "quarantine"));
  assert_false(ascii_same("@", "`")); /* 32 apart, as letters are */
  assert_false(ascii_same("\xc4\xb0", "i"));
  assert_true(ascii_same_bytes("IP4:192", "ip4:203", 4));
  assert_false(ascii_same_bytes("IP4:192", "ip4:203", 5));
  assert_true(ascii_same_bytes("ab", "AB\0c", 9)); /* both end */
  assert_false(ascii_same_bytes("ab", "abc", 3));
}

static void a_text_begins_with_a_word_or_holds_it(void **state) {
  (void)state;
  const char *text = "x-MailTo:a";
  assert_true(ascii_begins("MAILTO:a@example.com", "mailto:"));
  assert_false(ascii_begins("mailt", "mailto:"));
  assert_true(ascii_begins("", ""));
  assert_ptr_equal(ascii_find(text, "mailto"), text + 2);
  assert_ptr_equal(ascii_find(text, ""), text);
  assert_null(ascii_find(text, "mailto:ab"));
}

/* --- UTF-8 -------------------------------------------------------------------------------------------------------- */

static uint32_t decoded(const char *text, unsigned *ret_length) {
  uint32_t c = UINT32_MAX;
  *ret_length = utf8_decode((const unsigned char *)text, &c);
  return c;
}

static void each_code_point_but_surrogates_is_decoded(void **state) {
  (void)state;
  unsigned length;
  assert_int_equal(decoded("A", &length), 'A');
  assert_int_equal(length, 1);
  assert_int_equal(decoded("", &length), 0);
  assert_int_equal(length, 1);
  for (uint32_t c = 0x80; c <= 0x10ffff; c++) {
    if (c >= 0xd800 && c <= 0xdfff) continue;
    char text[5] = "";
    int more = c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
    text[0] = (char)(0xf0u << (3 - more) | c >> 6 * more);
    for (int i = 1; i <= more; i++) text[i] = (char)(0x80 | (c >> 6 * (more - i) & 0x3f));
    if (decoded(text, &length) != c || length != (unsigned)more + 1) fail_msg("U+%04X", (unsigned)c);
  }
}

static void what_is_no_utf_8_is_no_character(void **state) {
  (void)state;
  static const char *const CASES[] = {"\x80",
                                      "\xbf",
                                      "\xc0\x80",
                                      "\xc1\xbf",
                                      "\xc3",
                                      "\xc3\x28",
                                      "\xe0\x9f\xbf",
                                      "\xed\xa0\x80",
                                      "\xed\xbf\xbf",
                                      "\xe2\x82",
                                      "\xf0\x8f\xbf\xbf",
                                      "\xf4\x90\x80\x80",
                                      "\xf5\x80\x80\x80",
                                      "\xff\xbf\xbf\xbf"};
  for (size_t i = 0; i < ARRAY_SIZE(CASES); i++) {
    unsigned length;
    assert_int_equal(decoded(CASES[i], &length), UINT32_MAX);
    assert_int_equal(length, 0);
  }
}

static void a_character_that_is_not_whole_yet_is_told_from_one_that_is_wrong(void **state) {
  (void)state;
  const unsigned char euro[] = {0xe2, 0x82, 0xac}, broken[] = {0xe2, 0x28, 0xac};
  uint32_t c = 0;
  for (size_t size = 1; size < 3; size++) assert_int_equal(utf8_decode_bytes(euro, size, &c), -1);
  assert_int_equal(c, 0);
  assert_int_equal(utf8_decode_bytes(euro, 3, &c), 3);
  assert_int_equal(c, 0x20ac);
  assert_int_equal(utf8_decode_bytes(broken, 1, &c), -1);
  assert_int_equal(utf8_decode_bytes(broken, 2, &c), 0);
}

static void a_text_is_cut_between_characters(void **state) {
  (void)state;
  const char *text = "a\xe2\x82\xacz"; /* 1, 3 and 1 bytes */
  static const size_t FITTING[] = {0, 1, 1, 1, 4, 5, 5};
  for (size_t most = 0; most < ARRAY_SIZE(FITTING); most++)
    assert_int_equal(utf8_fitting(text, strlen(text), most), FITTING[most]);
}

/* --- policies ----------------------------------------------------------------------------------------------------- */

static void a_policy_is_read_in_any_case_and_written_in_lower(void **state) {
  (void)state;
  static const char *const WORDS[] = {NULL, "none", "quarantine", "reject"};
  for (int p = POLICY_NONE; p <= POLICY_REJECT; p++) {
    assert_string_equal(policy_word((enum policy)p), WORDS[p]);
    assert_int_equal(policy_of(WORDS[p]), p);
  }
  assert_int_equal(policy_of("Reject"), POLICY_REJECT);
  assert_int_equal(policy_of("monitor"), POLICY_UNKNOWN);
  assert_int_equal(policy_of(""), POLICY_UNKNOWN);
  assert_int_equal(policy_of(NULL), POLICY_UNKNOWN);
  assert_null(policy_word(POLICY_UNKNOWN));
}

static void policies_are_ordered_by_strength_and_inherited_where_unknown(void **state) {
  (void)state;
  assert_true(POLICY_UNKNOWN < POLICY_NONE && POLICY_NONE < POLICY_QUARANTINE && POLICY_QUARANTINE < POLICY_REJECT);
  assert_int_equal(policy_or_inherited(POLICY_NONE, POLICY_REJECT), POLICY_NONE);
  assert_int_equal(policy_or_inherited(POLICY_UNKNOWN, POLICY_REJECT), POLICY_REJECT);
  assert_int_equal(policy_one_lower(POLICY_REJECT), POLICY_QUARANTINE);
  assert_int_equal(policy_one_lower(POLICY_QUARANTINE), POLICY_NONE);
  assert_int_equal(policy_one_lower(POLICY_NONE), POLICY_NONE);
  assert_int_equal(policy_one_lower(POLICY_UNKNOWN), POLICY_UNKNOWN);
}

/* --- the nearest word --------------------------------------------------------------------------------------------- */

static void a_slip_finds_the_word_that_was_meant_and_another_word_none(void **state) {
  (void)state;
  static const char *const WORDS[] = {"import", "sources", "readiness", "report", "reporters", "reports", "diff"};
  static const struct {
    const char *wanted, *meant;
  } CASES[] = {{"souces", "sources"},
               {"sourcess", "sources"},
               {"suorces", "sources"},
               {"READINES", "readiness"},
               {"readyness", "readiness"},
               {"dif", "diff"},
               {"dfif", "diff"},
               {"read", "readiness"},
               {"rep", "report"},
               {"reprots", "reports"},
               {"re", NULL},
               {"off", NULL},
               {"summary", NULL},
               {"xyz", NULL},
               {"", NULL}};
  for (unsigned i = 0; i < sizeof CASES / sizeof *CASES; i++) {
    struct nearest nearest = nearest_to(CASES[i].wanted, strlen(CASES[i].wanted));
    for (unsigned n = 0; n < sizeof WORDS / sizeof *WORDS; n++) nearest_consider(&nearest, WORDS[n]);
    if (CASES[i].meant)
      assert_string_equal(nearest.word ? nearest.word : CASES[i].wanted, CASES[i].meant);
    else
      assert_null(nearest.word);
  }
}

static void a_word_of_any_length_is_looked_for(void **state) {
  (void)state;
  char endless[4096];
  memset(endless, 'a', sizeof endless);
  struct nearest nearest = nearest_to(endless, sizeof endless);
  nearest_consider(&nearest, "import");
  assert_null(nearest.word);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(only_the_letters_of_ascii_have_a_case),
      cmocka_unit_test(words_are_the_same_in_any_case_and_no_other_byte_is),
      cmocka_unit_test(a_text_begins_with_a_word_or_holds_it),
      cmocka_unit_test(each_code_point_but_surrogates_is_decoded),
      cmocka_unit_test(what_is_no_utf_8_is_no_character),
      cmocka_unit_test(a_character_that_is_not_whole_yet_is_told_from_one_that_is_wrong),
      cmocka_unit_test(a_text_is_cut_between_characters),
      cmocka_unit_test(a_policy_is_read_in_any_case_and_written_in_lower),
      cmocka_unit_test(policies_are_ordered_by_strength_and_inherited_where_unknown),
      cmocka_unit_test(a_slip_finds_the_word_that_was_meant_and_another_word_none),
      cmocka_unit_test(a_word_of_any_length_is_looked_for),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
