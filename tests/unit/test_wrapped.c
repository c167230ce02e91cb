/* SPDX-License-Identifier: Apache-2.0 */
/* Unit tests of intake/: mails as programs keep and wrap them, and headers that are not what they should be. */
#include "intake_kit.h"

#define MAIL                                        \
  "From: dmarc@receiver.example.net\n"              \
  "Message-ID: <1@receiver.example.net>\n"          \
  "MIME-Version: 1.0\n"                             \
  "Content-Type: multipart/mixed; boundary=\"b\"\n" \
  "\n"                                              \
  "--b\n"                                           \
  "Content-Type: text/plain\n"                      \
  "\n"                                              \
  "A report.\n"                                     \
  "--b\n"                                           \
  "Content-Type: text/xml; name=\"r.xml\"\n"        \
  "\n" XML                                          \
  "\n"                                              \
  "--b--\n"

static void assert_reports(void **state, struct strbuf bytes, size_t count) {
  _cleanup_told_ struct told t = fresh();
  open_bytes(&t, state, &INTAKE_LIMITS_DEFAULT, "m", bytes);
  assert_int_equal(t.count, count);
  for (size_t i = 0; i < count; i++) {
    assert_true(t.events[i].is_document);
    assert_int_equal(t.events[i].code, 0);
    assert_memory_equal(t.events[i].content.data, XML, strlen(XML));
  }
}

static void assert_report(void **state, struct strbuf bytes) { assert_reports(state, bytes, 1); }

/* --- how programs keep mails -------------------------------------------------------------------------------------- */

static void a_mail_of_apple_mail_ends_where_its_first_line_says(void **state) {
  struct strbuf b = STRBUF_INIT;
  strbuf_printf(&b, "%zu      \n%s", strlen(MAIL), MAIL);
  strbuf_add_text(&b, "<?xml version=\"1.0\"?>\n<!DOCTYPE plist>\n<plist><dict/></plist>\n");
  assert_report(state, b);
}

static void a_quoted_from_line_may_come_first(void **state) {
  assert_report(state, text_of(">From dmarc@receiver.example.net Fri Oct  2 01:00:00 2026\n" MAIL));
}

static void mmdf_and_babyl_hold_many_mails(void **state) {
  assert_reports(state, text_of("\1\1\1\1\n" MAIL "\1\1\1\1\n\1\1\1\1\n" MAIL "\1\1\1\1\n"), 2);
  assert_reports(state,
                 text_of("BABYL OPTIONS: -*- rmail -*-\nVersion: 5\nLabels:\n\x1f\x0c\n0, unseen,,\n*** EOOH ***\n" MAIL
                         "\x1f\x0c\n1,,\n" MAIL "\x1f"),
                 2);
}

static void a_mailbox_without_a_mail_is_told(void **state) {
  assert_one_nothing(state, text_of("BABYL OPTIONS: -*- rmail -*-\nVersion: 5\n"), ERR_NO_REPORT,
                     "a mailbox without a mail");
  assert_one_nothing(state, text_of("BABYL OPTIONS:\x18PK\3\4. x"), ERR_NO_REPORT, "a mailbox without a mail");
}

static struct strbuf utf16(const char *text, bool big_endian, bool marked) {
  struct strbuf b = STRBUF_INIT;
  if (marked) strbuf_add(&b, big_endian ? "\xfe\xff" : "\xff\xfe", 2);
  for (; *text; text++) {
    char unit[2] = {big_endian ? '\0' : *text, big_endian ? *text : '\0'};
    strbuf_add(&b, unit, 2);
  }
  return b;
}

static void a_mail_in_utf_16_is_read(void **state) {
  for (int i = 0; i < 4; i++) assert_report(state, utf16(MAIL, i & 1, i & 2));
}

static void a_report_in_utf_16_is_no_mail(void **state) {
  _cleanup_told_ struct told t = fresh();
  open_bytes(&t, state, &INTAKE_LIMITS_DEFAULT, "r.xml", utf16(XML, false, true));
  assert_int_equal(t.count, 1);
  assert_true(t.events[0].is_document);
  assert_int_equal(t.events[0].bytes, 2 + 2 * strlen(XML));
}

/* --- TNEF --------------------------------------------------------------------------------------------------------- */

static void add_attribute(struct strbuf *b, unsigned char level, unsigned id, const void *data, size_t size) {
  unsigned char head[9] = {level, id & 255, id >> 8 & 255, 0, 0, size & 255, size >> 8 & 255};
  strbuf_add(b, (char *)head, sizeof head);
  strbuf_add(b, data, size);
  strbuf_add(b, "\0", 2); /* a checksum that nobody looks at */
}

static struct strbuf tnef(bool attachment) {
  struct strbuf b = LITERAL("\x78\x9f\x3e\x22\1\0");
  add_attribute(&b, 1, 0x9006, "\0\0\1\0", 4);
  add_attribute(&b, 2, 0x9002, "\1\0\0\0\0\0\0\0\0\0\0\0\0\0", 14);
  if (!attachment) return b;
  add_attribute(&b, 2, 0x8010, "r.xml", 6);
  add_attribute(&b, 2, 0x800f, XML, strlen(XML));
  return b;
}

static void attachments_of_outlook_are_taken_out(void **state) {
  _cleanup_told_ struct told t = fresh();
  open_bytes(&t, state, &INTAKE_LIMITS_DEFAULT, "winmail.dat", tnef(true));
  assert_int_equal(t.count, 1);
  assert_document(&t.events[0], "/winmail.dat: r.xml", "r.xml", XML);
  assert_one_nothing(state, tnef(false), ERR_NO_REPORT, "Outlook's TNEF without an attachment");
}

static void a_cut_attachment_of_outlook_is_damaged(void **state) {
  struct strbuf b = tnef(true);
  b.length -= 20;
  _cleanup_told_ struct told t = fresh();
  open_bytes(&t, state, &INTAKE_LIMITS_DEFAULT, "winmail.dat", b);
  assert_int_equal(t.count, 1);
  assert_int_equal(t.events[0].bytes, strlen(XML) - 18);
  assert_int_equal(t.events[0].code, ERR_FORMAT);
}

static void an_attachment_of_outlook_cut_anywhere_is_told(void **state) {
  struct strbuf whole = tnef(true);
  for (size_t size = 4; size < whole.length; size++) {
    _cleanup_told_ struct told t = fresh();
    open_bytes(&t, state, &INTAKE_LIMITS_DEFAULT, "winmail.dat", bytes_of(whole.data, size));
    assert_int_equal(t.count, 1);
  }
  strbuf_clear(&whole);
}

/* --- S/MIME ------------------------------------------------------------------------------------------------------- */

static struct strbuf value(unsigned char tag, struct strbuf content, bool indefinite) {
  unsigned char head[4] = {tag, 0x82, content.length >> 8 & 255, content.length & 255};
  struct strbuf b = bytes_of(indefinite ? (unsigned char[]){tag, 0x80} : head, indefinite ? 2 : 4);
  strbuf_add(&b, content.data, content.length);
  if (indefinite) strbuf_add(&b, "\0", 2);
  strbuf_clear(&content);
  return b;
}

static struct strbuf joined(struct strbuf a, struct strbuf b) {
  strbuf_add(&a, b.data, b.length);
  strbuf_clear(&b);
  return a;
}

/* RFC 5652 5.1, with `type` 2 (signed) or 3 (encrypted), definite as DER is, or as programs stream it. */
static struct strbuf cms_around(struct strbuf content, unsigned char type, bool streamed) {
  struct strbuf oid = LITERAL("\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02");
  oid.data[oid.length - 1] = (char)type;
  struct strbuf data = LITERAL("\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01");
  struct strbuf inner = value(0x30, joined(data, value(0xa0, content, streamed)), streamed);
  struct strbuf digests = value(0x31, value(0x30, LITERAL("\x06\1\1\5\0"), streamed), streamed);
  struct strbuf all = joined(joined(LITERAL("\2\1\1"), digests), joined(inner, value(0x31, text_of(""), false)));
  return value(0x30, joined(oid, value(0xa0, value(0x30, all, streamed), streamed)), streamed);
}

static struct strbuf cms(unsigned char type, bool streamed) {
  struct strbuf mail = value(4, text_of(MAIL), false);
  if (streamed) mail = value(0x24, joined(mail, value(4, text_of("\n"), false)), true);
  return cms_around(mail, type, streamed);
}

static void the_mail_inside_a_signature_is_read(void **state) {
  assert_report(state, cms(2, false));
  assert_report(state, cms(2, true));
}

/* What stands beside a mail that is signed in the clear. */
static void a_signature_alone_is_no_trouble(void **state) {
  struct strbuf oid = LITERAL("\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02");
  struct strbuf data = LITERAL("\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01");
  struct strbuf digests = value(0x31, value(0x30, LITERAL("\x06\1\1\5\0"), false), false);
  struct strbuf all =
      joined(joined(LITERAL("\2\1\1"), digests), joined(value(0x30, data, false), value(0x31, text_of(""), false)));
  struct strbuf whole = value(0x30, joined(oid, value(0xa0, value(0x30, all, false), false)), false);
  assert_one_nothing(state, whole, ERR_NO_REPORT, "a signature");
}

static void an_encrypted_mail_is_named(void **state) {
  assert_one_nothing(state, cms(3, false), ERR_FORMAT, "an S/MIME mail that is encrypted, or holds no mail");
}

static void a_signed_mail_cut_anywhere_is_told(void **state) {
  for (int streamed = 0; streamed < 2; streamed++) {
    struct strbuf whole = cms(2, streamed);
    for (size_t size = 30; size < whole.length; size++) {
      _cleanup_told_ struct told t = fresh();
      open_bytes(&t, state, &INTAKE_LIMITS_DEFAULT, "m", bytes_of(whole.data, size));
      assert_true(t.count >= 1);
    }
    strbuf_clear(&whole);
  }
}

/* --- limits ------------------------------------------------------------------------------------------------------- */

static void assert_limit(void **state, const struct intake_limits *limits, struct strbuf bytes, const char *words) {
  _cleanup_told_ struct told t = fresh();
  open_bytes(&t, state, limits, "m", bytes);
  const struct event *last = &t.events[t.count - 1];
  assert_int_equal(last->code, ERR_LIMIT);
  if (!strstr(last->e.text, words)) fail_msg("%s", last->e.text);
}

/* One byte less than enough, and enough. */
static void what_is_wrapped_counts_for_the_limits_as_anything_does(void **state) {
  struct intake_limits small = INTAKE_LIMITS_DEFAULT, enough = INTAKE_LIMITS_DEFAULT;
  small.document_bytes = strlen(XML) - 1;
  enough.document_bytes = strlen(XML);
  _cleanup_told_ struct told t = fresh();
  open_bytes(&t, state, &enough, "winmail.dat", tnef(true));
  assert_int_equal(t.events[0].code, 0);
  assert_limit(state, &small, tnef(true), "--max-document-size");
  assert_limit(state, &small, cms(2, false), "--max-document-size");
  struct intake_limits file = INTAKE_LIMITS_DEFAULT;
  file.file_bytes = strlen(XML) / 2;
  assert_limit(state, &file, tnef(true), "--max-file-size");
  assert_limit(state, &file, cms(2, true), "--max-file-size");
}

static void signatures_in_each_other_have_a_depth(void **state) {
  struct strbuf nested = cms(2, false);
  for (unsigned depth = 0; depth < 3; depth++) nested = cms_around(value(4, nested, false), 2, false);
  assert_report(state, bytes_of(nested.data, nested.length));
  struct intake_limits three = INTAKE_LIMITS_DEFAULT;
  three.depth = 3;
  assert_limit(state, &three, nested, "more than 3 deep (see --max-depth)");
}

/* --- headers ------------------------------------------------------------------------------------------------------ */

#define TOP                                                         \
  "From: dmarc@receiver.example.net\nMessage-ID: <1@example.net>\n" \
  "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain\n\nA report.\n--b\n"
/* <feedback/> as base64, in lines */
#define ENCODED \
  "PD94bWwgdmVyc2lvbj0iMS4wIj8+PGZlZWRiYWNrPjxvcmdfbmFtZT5leGFtcGxlLmNv\nbTwvb3JnX25hbWU+PC9mZWVkYmFjaz4=\n"

static void a_stray_line_does_not_end_the_header_of_a_part(void **state) {
  static const char *const LINES[] = {"name=\"r.xml\"\n", "this is no field\n", "name=\"r.xml\"\n filename=\"r.xml\"\n",
                                      "????\nContent-ID: <1>\n"};
  for (size_t i = 0; i < ARRAY_SIZE(LINES); i++) {
    struct strbuf b = STRBUF_INIT;
    strbuf_printf(&b, TOP "Content-Type: application/xml\nContent-Transfer-Encoding: base64\n%s\n" ENCODED "--b--\n",
                  LINES[i]);
    assert_report(state, b);
  }
}

static void a_stray_parameter_names_the_part(void **state) {
  _cleanup_told_ struct told t = fresh();
  open_bytes(&t, state, &INTAKE_LIMITS_DEFAULT, "m",
             text_of(TOP "Content-Type: application/xml\nContent-Transfer-Encoding: base64\nContent-ID: <1>\n"
                         "name=\"r.xml\"\n\n" ENCODED "--b--\n"));
  assert_int_equal(t.count, 1);
  assert_string_equal(t.events[0].name, "r.xml");
}

static void a_body_without_the_empty_line_still_begins_a_body(void **state) {
  assert_report(state,
                text_of(TOP "Content-Type: application/xml\nContent-Transfer-Encoding: base64\n" ENCODED "\n--b--\n"));
  assert_report(state, text_of(TOP "Content-Type: application/xml\n" XML "\n\n--b--\n"));
}

static void what_is_said_to_be_base64_and_is_not_is_searched(void **state) {
  static const char *const FRONTS[] = {"Here is the report.\n\n", "Attachment\n", "name=\"r.xml\"; x\n\n"};
  for (size_t i = 0; i < ARRAY_SIZE(FRONTS); i++) {
    struct strbuf b = STRBUF_INIT;
    strbuf_printf(&b, TOP "Content-Type: application/xml\nContent-Transfer-Encoding: base64\n\n%s" ENCODED "--b--\n",
                  FRONTS[i]);
    assert_report(state, b);
  }
  assert_report(state, text_of(TOP "Content-Type: text/xml\nContent-Transfer-Encoding: base64\n\n" XML "\n--b--\n"));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      T(a_mail_of_apple_mail_ends_where_its_first_line_says),
      T(a_quoted_from_line_may_come_first),
      T(mmdf_and_babyl_hold_many_mails),
      T(a_mailbox_without_a_mail_is_told),
      T(a_mail_in_utf_16_is_read),
      T(a_report_in_utf_16_is_no_mail),
      T(attachments_of_outlook_are_taken_out),
      T(a_cut_attachment_of_outlook_is_damaged),
      T(an_attachment_of_outlook_cut_anywhere_is_told),
      T(the_mail_inside_a_signature_is_read),
      T(a_signature_alone_is_no_trouble),
      T(an_encrypted_mail_is_named),
      T(a_signed_mail_cut_anywhere_is_told),
      T(what_is_wrapped_counts_for_the_limits_as_anything_does),
      T(signatures_in_each_other_have_a_depth),
      T(a_stray_line_does_not_end_the_header_of_a_part),
      T(a_stray_parameter_names_the_part),
      T(a_body_without_the_empty_line_still_begins_a_body),
      T(what_is_said_to_be_base64_and_is_not_is_searched),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
