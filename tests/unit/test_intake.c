/* SPDX-License-Identifier: Apache-2.0 */
/* What is known by its first bytes: documents, mails, and what is no report. */
#include "intake_kit.h"

/* --- recognised by content ---------------------------------------------------------------------------------------- */

static void a_plain_document_is_itself(void **state) { assert_one_document(state, "r.xml", text_of(XML), XML); }

static void text_in_front_does_not_hide_a_document(void **state) {
  static const char *const texts[] = {"\n \r\n\t" XML,      "\xef\xbb\xbf" XML,
                                      "\xef\xbb\xbf\n" XML, "Report:\nHello there,\n" XML,
                                      "caf\xe9\n" XML,      "<ns1:feedback>\nFrom: x\n</ns1:feedback>",
                                      "Hello: a\nb\n" XML};
  for (size_t i = 0; i < ARRAY_SIZE(texts); i++) assert_one_document(state, "r", text_of(texts[i]), texts[i]);
}

static void text_may_stand_in_front_for_4096_bytes_less_one(void **state) {
  struct strbuf far = STRBUF_INIT;
  for (int i = 0; i < 4095; i++) strbuf_add_char(&far, 'a');
  strbuf_add_char(&far, '<');
  _cleanup_told_ struct told t = fresh();
  open_bytes(&t, state, &INTAKE_LIMITS_DEFAULT, "near", far);
  assert_true(t.events[0].is_document);
  struct strbuf further = STRBUF_INIT;
  for (int i = 0; i < 4096; i++) strbuf_add_char(&further, 'a');
  strbuf_add_char(&further, '<');
  assert_one_nothing(state, further, ERR_NO_REPORT, "no XML in it");
}

static void a_report_behind_more_text_is_told_as_left_out(void **state) {
  for (size_t text = 4096; text < 60000; text += 10007) {
    struct strbuf document = STRBUF_INIT;
    while (document.length < text) strbuf_add_char(&document, 'a');
    strbuf_add_text(&document, "<feedback>");
    assert_one_nothing(state, document, ERR_LIMIT, "more than 4095 bytes of text in front of the XML");
  }
}

static void utf16_is_a_document_with_and_without_its_mark(void **state) {
  static const struct {
    const char *bytes;
    size_t n;
  } texts[] = {{"\xff\xfe<\0a\0", 6}, {"\xfe\xff\0<\0a", 6},     {"<\0a\0", 4}, {"\0<\0a", 4}, {"\n\0<\0", 4},
               {"\0\n\0<", 4},        {"\xff\xfe\x16\x04<\0", 6}};
  for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
    _cleanup_told_ struct told t = fresh();
    open_bytes(&t, state, &INTAKE_LIMITS_DEFAULT, "r", bytes_of(texts[i].bytes, texts[i].n));
    assert_true(t.events[0].is_document);
    assert_int_equal(t.events[0].bytes, texts[i].n);
  }
}

static void what_is_no_report_is_named(void **state) {
  assert_one_nothing(state, LITERAL("%PDF-1.4\n<<"), ERR_NO_REPORT, "a PDF document");
  assert_one_nothing(state, LITERAL("\x89PNG\r\n\x1a\n"), ERR_NO_REPORT, "a PNG picture");
  assert_one_nothing(state, LITERAL("Rar!\x1a\x07\0"), ERR_FORMAT, "a RAR archive, which is not supported");
  assert_one_nothing(state, LITERAL("\0\5\x16\7\0<"), ERR_NO_REPORT, "an AppleDouble file");
  assert_one_nothing(state, LITERAL("{ \"a\": \"<b>\"}"), ERR_NO_REPORT,
                     "JSON, perhaps a report on SMTP TLS, and no XML");
  assert_one_nothing(state, LITERAL("unused"), ERR_NO_REPORT, "no XML in it");
  assert_one_nothing(state, LITERAL("\1\2\3<feedback>"), ERR_NO_REPORT, "no XML in it");
}

static void an_empty_file_and_one_of_white_space_are_empty(void **state) {
  assert_one_nothing(state, (struct strbuf)STRBUF_INIT, ERR_NO_REPORT, "empty");
  assert_one_nothing(state, LITERAL(" \r\n\t"), ERR_NO_REPORT, "empty");
  assert_one_nothing(state, LITERAL("\xef\xbb\xbf\n"), ERR_NO_REPORT, "empty");
  assert_one_nothing(state, wrapped((struct strbuf)STRBUF_INIT, GZIP), ERR_NO_REPORT, "empty");
  struct strbuf blanks = STRBUF_INIT;
  for (int i = 0; i < 5000; i++) strbuf_add_char(&blanks, ' ');
  assert_one_nothing(state, blanks, ERR_NO_REPORT, "nothing but white space in its first 4096 bytes");
}

static void a_mail_is_known_by_fields_that_only_mail_has(void **state) {
  static const char *const mails[] = {
      "Received: from a.example.com\r\n\tby b.example.com\r\nSubject: <x>\r\n\r\n",
      "\r\nX-Some: thing\r\nMIME-Version: 1.0\r\n\r\n<b>",
      "From dmarc@example.com Thu Jan  1 00:00:00 2026\nReceived: x\n\n",
      "RETURN-PATH: <a@example.com>\n",
      "Subject: hello\nDate: today\n\n",
  };
  for (size_t i = 0; i < ARRAY_SIZE(mails); i++)
    assert_one_nothing(state, text_of(mails[i]), ERR_NO_REPORT, "a mail without a report");
  static const char no_mail[] = "Subject: hello\n\nFrom: x\n<feedback/>";
  assert_one_document(state, "r", text_of(no_mail), no_mail);
}

static void letters_that_pass_for_a_zlib_header_stay_text(void **state) {
  assert_one_document(state, "r", LITERAL("x^ marks the report\n<feedback/>"), "x^ marks the report\n<feedback/>");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      T(a_plain_document_is_itself),
      T(text_in_front_does_not_hide_a_document),
      T(text_may_stand_in_front_for_4096_bytes_less_one),
      T(a_report_behind_more_text_is_told_as_left_out),
      T(utf16_is_a_document_with_and_without_its_mark),
      T(what_is_no_report_is_named),
      T(an_empty_file_and_one_of_white_space_are_empty),
      T(a_mail_is_known_by_fields_that_only_mail_has),
      T(letters_that_pass_for_a_zlib_header_stay_text),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
