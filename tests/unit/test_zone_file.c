/* SPDX-License-Identifier: Apache-2.0 */
/* TXT records out of zone files. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "dns/zone_file.h"

/* "name=text@line;" of each, "~" in front of a relative name and "!" behind what is cut; or the error. */
static void assert_zone(const char *text, const char *wanted) {
  _cleanup_arena_ struct arena *arena = arena_new(1024);
  _cleanup_strbuf_ struct strbuf got = STRBUF_INIT;
  struct zone_texts texts;
  struct err e;
  int code = zone_file_read(text, arena, &texts, &e);
  for (unsigned i = 0; i < texts.count && !code; i++)
    strbuf_printf(&got, "%s%s=%s@%u%s;", texts.items[i].relative ? "~" : "", texts.items[i].name, texts.items[i].text,
                  texts.items[i].line, texts.items[i].is_cut ? "!" : "");
  zone_texts_clear(&texts);
  assert_string_equal(code < 0 ? e.text : strbuf_text(&got), wanted);
}

static void names_are_completed_by_the_origin(void **state) {
  (void)state;
  assert_zone("_dmarc.example.com. TXT \"a\"\n", "_dmarc.example.com=a@1;");
  assert_zone("_dmarc TXT \"a\"\n", "~_dmarc=a@1;");
  assert_zone("$ORIGIN Example.COM.\n_DMARC TXT \"a\"\n@ TXT \"b\"\n", "_dmarc.example.com=a@2;example.com=b@3;");
  assert_zone("$ORIGIN com.\n$ORIGIN example\n_dmarc TXT \"a\"\n", "_dmarc.example.com=a@3;");
}

static void a_blank_repeats_the_name(void **state) {
  (void)state;
  assert_zone("a.example.com. IN A 192.0.2.1\n  IN TXT \"x\"\n", "a.example.com=x@2;");
  assert_zone("  TXT \"x\"\n", "");
}

static void ttl_and_class_stand_in_any_order(void **state) {
  (void)state;
  assert_zone("a. 300 IN TXT x\n", "a=x@1;");
  assert_zone("a. IN 1h txt x\n", "a=x@1;");
  assert_zone("a. CNAME TXT\n", "");
  assert_zone("a. MX 10 TXT\n", "");
  assert_zone("a. \"TXT\" x\n", "");
}

static void strings_are_joined_over_lines(void **state) {
  (void)state;
  assert_zone("a. TXT ( \"one\" ; a comment with \"(\n  \"two\" )\nb. TXT \"c\"\n", "a=onetwo@1;b=c@3;");
  assert_zone("a. TXT \"one; two\" ; comment", "a=one; two@1;");
  assert_zone("a. TXT \"\"\n", "a=@1;");
}

static void escapes_are_bytes_or_characters(void **state) {
  (void)state;
  assert_zone("a. TXT \"x\\\"y\\;z\\065\"\n", "a=x\"y;zA@1;");
  assert_zone("a. TXT one\\;two\n", "a=one;two@1;");
  assert_zone("a. TXT \"\\06\"\n", "line 1: \"\\\" wants three digits, or one character that is none");
  assert_zone("a. TXT \"\\256\"\n", "line 1: \"\\256\" is no byte of a text");
  assert_zone("a. TXT \"\\000\"\n", "line 1: \"\\000\" is no byte of a text");
  assert_zone("a. TXT \\", "line 1: nothing is behind \"\\\"");
}

static void what_is_cut_by_a_comment_is_told(void **state) {
  (void)state;
  assert_zone("a. TXT v=DMARC1; p=none\n", "a=v=DMARC1@1!;");
}

static void faults_name_their_line(void **state) {
  (void)state;
  assert_zone("; first\n\na. TXT \"x\n", "line 3: a quote is not closed");
  assert_zone("a. TXT ( x\n", "line 1: \"(\" is not closed");
  assert_zone("\na. TXT x )\n", "line 2: \")\" without \"(\"");
}

static void an_entry_without_end_is_refused(void **state) {
  (void)state;
  _cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
  strbuf_add_text(&text, "a. TXT (");
  for (int i = 0; i < 5000; i++) strbuf_add_text(&text, " x");
  assert_zone(strbuf_text(&text), "line 1: an entry of too many words");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(names_are_completed_by_the_origin),
      cmocka_unit_test(a_blank_repeats_the_name),
      cmocka_unit_test(ttl_and_class_stand_in_any_order),
      cmocka_unit_test(strings_are_joined_over_lines),
      cmocka_unit_test(escapes_are_bytes_or_characters),
      cmocka_unit_test(what_is_cut_by_a_comment_is_told),
      cmocka_unit_test(faults_name_their_line),
      cmocka_unit_test(an_entry_without_end_is_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
