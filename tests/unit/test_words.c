/* SPDX-License-Identifier: Apache-2.0 */
/* Words that everybody speaks: letters of ASCII, policies. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
/* cmocka wants the three above first */
#include <cmocka.h>
#include <stdint.h>

#include "base/ascii.h"
#include "base/policy.h"

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

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(only_the_letters_of_ascii_have_a_case),
      cmocka_unit_test(words_are_the_same_in_any_case_and_no_other_byte_is),
      cmocka_unit_test(a_text_begins_with_a_word_or_holds_it),
      cmocka_unit_test(a_policy_is_read_in_any_case_and_written_in_lower),
      cmocka_unit_test(policies_are_ordered_by_strength_and_inherited_where_unknown),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
