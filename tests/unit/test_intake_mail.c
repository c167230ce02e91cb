/* SPDX-License-Identifier: Apache-2.0 */
/* What is found in one mail, whole or broken, and under which origin. */
#include <iconv.h>

#include "mail_kit.h"

/* --- attachments -------------------------------------------------------------------------------------------------- */

static void an_attachment_is_found_and_named(void **state) {
  assert_found(state, mail_of(ATTACHED, gzipped_xml(), "\n--b b--\n"), "<m@example.net>: part 2 \"r.gz\"", "r.gz");
  assert_found(state, with_crlf(mail_of(ATTACHED, gzipped_xml(), "\n--b b--\nbye\n")),
               "<m@example.net>: part 2 \"r.gz\"", "r.gz");
}

static void the_line_break_in_front_of_a_delimiter_is_its_own(void **state) {
  static const char mail[] =
      "From: a@example.net\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\n" XML "\n--b--\n";
  assert_found(state, text_of(mail), "part 1", "m");
  assert_found(state, with_crlf(text_of(mail)), "part 1", "m");
}

/* The text around the delimiter moves over every place of a buffer. */
static void a_delimiter_is_found_at_every_place_of_a_buffer(void **state) {
  struct strbuf filler = STRBUF_INIT;
  while (filler.length < 65536 - 700) strbuf_add_text(&filler, "0123456789 0123456789 0123456789 0123456789 \r\n");
  for (size_t shift = 0; shift < 600; shift += 7) {
    struct strbuf mail = text_of("From: a@example.net\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\n");
    strbuf_add(&mail, filler.data, filler.length);
    for (size_t i = 0; i < shift; i++) strbuf_add_char(&mail, 'x');
    strbuf_add_text(&mail, "\r\n--b\r\nContent-Type: text/xml\r\n\r\n" XML "\r\n--b--\r\n");
    assert_found(state, mail, "part 2", "m");
  }
  strbuf_clear(&filler);
}

static void a_boundary_that_begins_like_another_is_another(void **state) {
  assert_found(state,
               text_of(FIELDS "Content-Type: multipart/mixed; boundary=b\n\n--bb\n\n--b\nContent-Type: "
                              "multipart/related; boundary=bb\n\n--bb\n\n" XML "\n--bb--\n--b--\n"),
               "<m@example.net>: part 1.1", "m");
}

static void a_multipart_without_its_end_ends_with_the_one_around_it(void **state) {
  assert_found(state,
               text_of(FIELDS "Content-Type: multipart/mixed; boundary=a\n\n--a\nContent-Type: multipart/mixed; "
                              "boundary=b\n\n--b\n\ntext\n--a\n\n" XML "\n--a--\n"),
               "<m@example.net>: part 2", "m");
}

static void the_deepest_limit_holds_with_mails_at_the_bottom(void **state) {
  static const char *const bottoms[] = {"From b\n" FIELDS "\n" XML, FIELDS "\n" XML,
                                        "From: a@example.net\rMessage-ID: x\r\r" XML};
  struct intake_limits limits = INTAKE_LIMITS_DEFAULT;
  limits.depth = INTAKE_DEPTH_MOST;
  for (size_t i = 0; i < ARRAY_SIZE(bottoms); i++)
    for (unsigned around = INTAKE_DEPTH_MOST - 3; around <= INTAKE_DEPTH_MOST; around++) {
      struct strbuf nested = text_of(bottoms[i]);
      for (unsigned k = 0; k < around; k++) nested = wrapped(nested, GZIP);
      _cleanup_told_ struct told t = fresh();
      open_bytes(&t, state, &limits, "m", nested);
      assert_int_equal(t.count, 1);
      assert_true(t.events[0].is_document || t.events[0].code == ERR_LIMIT);
    }
}

static void parts_are_numbered_as_imap_does(void **state) {
  assert_found(state,
               text_of(FIELDS "Content-Type: multipart/mixed; boundary=a\n\n--a\n\ntext\n--a\nContent-Type: "
                              "multipart/mixed; boundary=c\n\n--c\n\ntext\n--c\n\n" XML "\n--c--\n--a\n\nbye\n--a--\n"),
               "<m@example.net>: part 2.2", "m");
}

static void a_mail_may_be_the_report_itself(void **state) {
  assert_found(state, text_of(FIELDS "\n" XML), "<m@example.net>: part 1", "m");
  assert_found(state, mail_of(FIELDS "Content-Transfer-Encoding: BASE64\n\n", gzipped_xml(), "\n"),
               "<m@example.net>: part 1", "m");
}

static void a_forwarded_mail_is_a_mail_in_a_part(void **state) {
  assert_found(state,
               mail_of("From: b@example.org\nContent-Type: multipart/mixed; boundary=o\n\n--o\nContent-Type: "
                       "message/rfc822\n\n" ATTACHED,
                       gzipped_xml(), "\n--b b--\n--o--\n"),
               "part 1: <m@example.net>: part 2 \"r.gz\"", "r.gz");
}

static void encodings_are_undone(void **state) {
  static const char *const mails[] = {
      "Content-Transfer-Encoding: quoted-printable\n\n<?xml version=3D\"1.0\"?><feedback><org_na=\nme>example.=63om"
      "</org_name></feedback>",
      "Content-Transfer-Encoding: base64\n\n" XML, /* declared, and not encoded */
      "Content-Transfer-Encoding: x-strange\n\n" XML,
      "Content-Type: application/xml; charset=\"no-such\"\n\n" XML, /* nobody decodes what is no text for people */
  };
  for (size_t i = 0; i < ARRAY_SIZE(mails); i++) {
    _cleanup_free_ char *mail = mem_printf("%s%s", FIELDS, mails[i]);
    assert_found(state, text_of(mail), "<m@example.net>: part 1", "m");
  }
}

static void base64_may_have_lines_of_any_length_and_no_padding(void **state) {
  static const size_t columns[] = {1, 4, 60, 77, 100000};
  for (size_t i = 0; i < ARRAY_SIZE(columns); i++) {
    struct strbuf mail = text_of(FIELDS "Content-Transfer-Encoding: base64\n\n");
    struct strbuf encoded = base64_of(gzipped_xml(), columns[i]);
    size_t length = encoded.length;
    while (length && (encoded.data[length - 1] == '=' || encoded.data[length - 1] == '\n')) length--;
    strbuf_add(&mail, encoded.data, length);
    strbuf_clear(&encoded);
    assert_found(state, mail, "<m@example.net>: part 1", "m");
  }
}

/* RFC 2045 6.8; and in a text that only has letters of base64 among others, none is sought. */
static void what_is_no_letter_of_base64_is_ignored(void **state) {
  static const struct {
    const char *before, *within;
  } cases[] = {{"", "!"}, {"> ", ""}, {"", "\xa0"}, {"*", "-.,"}, {"\xef\xbb\xbf", ""}};
  struct strbuf encoded = base64_of(gzipped_xml(), 60);
  for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
    struct strbuf mail = text_of(FIELDS "Content-Transfer-Encoding: base64\n\n");
    bool begins = true;
    for (size_t at = 0; at < encoded.length; at++) {
      if (begins) strbuf_add_text(&mail, cases[i].before);
      strbuf_add_char(&mail, encoded.data[at]);
      begins = encoded.data[at] == '\n';
      if (!begins && at % 60 == 7) strbuf_add_text(&mail, cases[i].within);
    }
    assert_found(state, mail, "<m@example.net>: part 1", "m");
  }
  strbuf_clear(&encoded);
  assert_found(state, text_of(FIELDS "Content-Transfer-Encoding: base64\n\nA letter, with the report:\n" XML),
               "<m@example.net>: part 1", "m");
}

static void a_cut_off_attachment_is_damage_as_it_is_in_a_file(void **state) {
  struct strbuf data = gzipped_xml();
  data.length -= 6;
  _cleanup_told_ struct told t = fresh();
  open_bytes(&t, state, &INTAKE_LIMITS_DEFAULT, "m", mail_of(ATTACHED, data, "\n--b b--\n"));
  assert_int_equal(t.count, 1);
  assert_true(t.events[0].is_document);
  assert_int_equal(t.events[0].code, ERR_FORMAT);
  assert_non_null(strstr(t.events[0].e.text, "gzip: cut off after"));
}

/* --- names in origins --------------------------------------------------------------------------------------------- */

static void names_of_strangers_do_no_harm_to_an_origin(void **state) {
  assert_found(state,
               LITERAL("From: a@example.net\nMessage-ID:\n  < a\033[1m\tb\0c@example.net >\nContent-Disposition: "
                       "attachment; filename=\"../a \\\"b\\\".xml\"\n\n" XML),
               "<a?[1m?b>: part 1 \"a 'b'.xml\"", "a \"b\".xml");
  struct strbuf mail = text_of("Message-ID: ");
  for (int i = 0; i < 1 << 20; i++) strbuf_add_char(&mail, 'x');
  strbuf_add_text(&mail, "\nFrom: a@example.net\nMessage-ID: <second@example.net>\n\n" XML);
  _cleanup_told_ struct told t = fresh();
  struct strbuf in_mbox = text_of("From x Thu Jan  1 00:00:00 2026\nFrom: a@example.net\n");
  strbuf_add(&in_mbox, mail.data, mail.length);
  strbuf_clear(&mail);
  open_bytes(&t, state, &INTAKE_LIMITS_DEFAULT, "m", in_mbox);
  assert_int_equal(t.count, 1);
  assert_true(strlen(t.events[0].origin) < 300);
  assert_non_null(strstr(t.events[0].origin, "xxx...>: part 1"));
}

static void a_file_name_in_any_encoding_is_decoded(void **state) {
  assert_found(state,
               text_of(FIELDS "Content-Disposition: attachment;\n filename*0*=utf-8''%C3%A4;\n filename*1=\".xml\""
                              "\n\n" XML),
               "<m@example.net>: part 1 \"\xc3\xa4.xml\"", "\xc3\xa4.xml");
  assert_found(state, text_of(FIELDS "Content-Type: text/xml; name=\"=?iso-8859-1?q?=E4.xml?=\"\n\n" XML),
               "<m@example.net>: part 1 \"\xc3\xa4.xml\"", "\xc3\xa4.xml");
  assert_found(state,
               text_of(FIELDS "Content-Type: text/xml; name=\"=?utf-8?b?w6QueG1sIA==?= =?gb2312?b?xOM=?=\"\n\n" XML),
               "<m@example.net>: part 1 \"\xc3\xa4.xml \xe4\xbd\xa0\"", "\xc3\xa4.xml \xe4\xbd\xa0");
  assert_found(state, text_of(FIELDS "Content-Disposition: attachment; filename*=iso-8859-1'de'%E4.xml\n\n" XML),
               "<m@example.net>: part 1 \"\xc3\xa4.xml\"", "\xc3\xa4.xml");
  assert_found(state, text_of(FIELDS "Content-Disposition: attachment; filename=\"a*b's.xml\"\n\n" XML),
               "<m@example.net>: part 1 \"a_b's.xml\"", "a_b's.xml");
}

/* --- broken mails ------------------------------------------------------------------------------------------------- */

static void a_report_is_found_in_a_broken_mail(void **state) {
  static const struct {
    const char *head, *tail, *origin;
  } mails[] = {
      {FIELDS "Content-Type: multipart/mixed; boundary=a\n\n--b\nContent-Transfer-Encoding: base64\n\n", "\n--b--\n",
       "<m@example.net>: outside of the parts"},
      {FIELDS "Content-Type: multipart/mixed\n\n--b\nContent-Transfer-Encoding: base64\n\n", "\n--b--\n",
       "<m@example.net>: part 1"},
      {FIELDS "\nThe report:\n\n", "\n\nRegards,\n-- \nA. N. Other\n", "<m@example.net>: part 1"},
      {FIELDS "Content-Transfer-Encoding: quoted-printable\n\n  ", "", "<m@example.net>: part 1"},
      {FIELDS "This is no header, so the body begins:\n", "", "<m@example.net>: part 1"},
      {"--b\nContent-Type: application/gzip\n\n", "\n--b--", "part 1"},
      {"", "", "part 1"},
      {MULTIPART "--b b\nContent-Transfer-Encoding: base64\n\n", "", "<m@example.net>: part 1"},
      {MULTIPART "--b b--\n\n", "", "<m@example.net>: outside of the parts"},
      {MULTIPART "--b b\nContent-Transfer-Encoding: base64\n--b b\nContent-Transfer-Encoding: base64\n\n", "",
       "<m@example.net>: part 2"},
  };
  for (size_t i = 0; i < ARRAY_SIZE(mails); i++)
    assert_found(state, mail_of(mails[i].head, gzipped_xml(), mails[i].tail), mails[i].origin, "m");
}

static void xml_zip_and_uuencoded_data_are_found_in_text(void **state) {
  assert_found(state, mail_of(FIELDS "\ntext\n", text_of(XML), ""), "<m@example.net>: part 1", "m");
  assert_found(state, mail_of(FIELDS "\ntext\n", zipped_one(state, "r.xml", text_of(XML)), ""),
               "<m@example.net>: part 1: r.xml", "r.xml");
  assert_found(state, text_of(FIELDS "\na <b>\n" XML), "<m@example.net>: part 1", "m");
  assert_found(state,
               text_of(FIELDS "\nHello\nbegin 644 r.xml\n"
                              "M/#]X;6P@=F5R<VEO;CTB,2XP(C\\^/&9E961B86-K/CQO<F=?;F%M93YE>&%M\n"
                              "=<&QE+F-O;3PO;W)G7VYA;64^/\"]F965D8F%C:SX \n`\nend\nBye\n"),
               "<m@example.net>: part 1", "m");
}

/* Is the converter loaded? glibc keeps each encoding of its own in a file. */
static bool has_converter(const char *name) {
  _cleanup_fclose_ FILE *maps = fopen("/proc/self/maps", "r");
  char line[4096];
  while (maps && fgets(line, sizeof line, maps))
    if (strstr(line, name)) return true;
  return false;
}

/* Each with the name that is shown, or NULL where that is GMime's affair. */
static void a_mail_loads_no_rare_converter(void **state) {
  static const struct {
    const char *field, *name;
  } CASES[] = {
      {"Content-Disposition: attachment; filename*=ISO-2022-CN-EXT''%1B$)A.xml", NULL},
      {"Content-Disposition: attachment; filename*=\"ISO-2022-CN-EXT'en'%1B$)A.xml\"", NULL},
      {"Content-Disposition: attachment; filename*0*=ISO-2022-;\n filename*1*=CN-EXT''%1B$)A.xml", NULL},
      {"Content-Disposition: attachment; filename*0*=ISO-2022-CN-EXT;\n filename*1*=''%1B$)A.xml", NULL},
      {"Content-Disposition: attachment; filename*0=ISO-2022-CN-EXT'';\n filename*1*=%1B$)A.xml", NULL},
      {"Content-Disposition: attachment;\n filename=\"=?ISO-2022-CN-EXT?B?GyQpQQ==?=.xml\"",
       "=_ISO-2022-CN-EXT?B?GyQpQQ==?=.xml"},
      {"Content-Type: text/xml; name=\"=?iso-2022-cn-ext*en?Q?=1B$)A?=.xml\"", "=_iso-2022-cn-ext*en?Q?=1B$)A?=.xml"},
      {"Content-Type: text/xml; name*=iso-2022-cn-ext'en'%1B$)A.xml", NULL},
      {"Content-Type: text/xml; charset=ISO-2022-CN-EXT; name=a.xml", "a.xml"},
      {"From: =?ISO-2022-CN-EXT?B?GyQpQQ==?= <a@example.net>", NULL},
      {"From: \"=?ISO-2022-CN-EXT?B?GyQpQQ==?=\" <a@example.net>", NULL},
      {"Subject: =?ISO-2022-CN-EXT?B?GyQpQQ==?=", NULL},
  };
  for (size_t i = 0; i < ARRAY_SIZE(CASES); i++) {
    _cleanup_told_ struct told t = fresh();
    _cleanup_free_ char *mail = mem_printf("Message-ID: <m@example.net>\n%s\n\n" XML, CASES[i].field);
    open_bytes(&t, state, &INTAKE_LIMITS_DEFAULT, "m", text_of(mail));
    assert_int_equal(t.count, 1);
    if (CASES[i].name) assert_string_equal(t.events[0].name, CASES[i].name);
    if (has_converter("ISO-2022-CN-EXT")) fail_msg("loaded by %s", CASES[i].field);
  }
  iconv_t rare = iconv_open("UTF-8", "ISO-2022-CN-EXT");
  if (rare == (iconv_t)-1) return; /* a system without it */
  assert_true(has_converter("ISO-2022-CN-EXT"));
  iconv_close(rare);
}

/* Of what is packed in a part, its charset says nothing. */
static void a_document_comes_with_the_charset_of_the_part_whose_text_it_is(void **state) {
  struct {
    struct strbuf mail;
    const char *charset;
  } cases[] = {
      {text_of(FIELDS "Content-Type: text/xml; charset=\"ISO-8859-1\"\n\n" XML), "ISO-8859-1"},
      {text_of(FIELDS "Content-Type: text/xml\n\n" XML), ""},
      {text_of(MULTIPART "\n--b b\nContent-Type: text/plain; charset=koi8-r\n\nSee below.\n--b b\n"
                         "Content-Type: text/xml; name=r.xml; charset=windows-1252\n\n" XML "\n--b b--\n"),
       "windows-1252"},
      {text_of(MULTIPART "\n--b b\nContent-Type: text/plain; charset=koi8-r\n\nSee below.\n--b b\n"
                         "Content-Type: text/xml; name=r.xml\n\n" XML "\n--b b--\n"),
       ""},
      {mail_of(FIELDS "Content-Type: application/gzip; charset=iso-8859-1\nContent-Transfer-Encoding: base64\n\n",
               gzipped_xml(), ""),
       ""},
      {mail_of(FIELDS "Content-Type: text/plain; charset=iso-8859-1\n\nbegin-base64 644 r.gz\n", gzipped_xml(), ""),
       ""},
      {text_of(FIELDS "Content-Type: message/rfc822; charset=koi8-r\n\n" FIELDS
                      "Content-Type: text/xml; charset=iso-8859-2\n\n" XML),
       "iso-8859-2"},
  };
  for (size_t k = 0; k < ARRAY_SIZE(cases); k++) {
    _cleanup_told_ struct told t = fresh();
    open_bytes(&t, state, &INTAKE_LIMITS_DEFAULT, "m", cases[k].mail);
    assert_int_equal(t.count, 1);
    assert_true(t.events[0].is_document);
    assert_string_equal(t.events[0].charset, cases[k].charset);
  }
}

static void headers_are_read_as_far_as_they_make_sense(void **state) {
  static const char *const headers[] = {
      "\n \nFrom: a@example.net\nContent-Transfer-Encoding: base64\n\n",
      "From: a@example.net\nContent-Type: application/gzip;\nname=\"r.gz\"\nContent-Transfer-Encoding : base64\n\n",
      "\xef\xbb\xbf"
      "From: a@example.net\ncontent-transfer-encoding:base64\nContent-Transfer-Encoding: 8bit\n\n",
      "From: a@example.net\nContent-Transfer-Encoding:\n \tbase64\n\n",
  };
  for (size_t i = 0; i < ARRAY_SIZE(headers); i++) {
    _cleanup_told_ struct told t = fresh();
    open_bytes(&t, state, &INTAKE_LIMITS_DEFAULT, "m", mail_of(headers[i], gzipped_xml(), "\n"));
    assert_int_equal(t.count, 1);
    assert_true(t.events[0].is_document);
    assert_int_equal(t.events[0].bytes, strlen(XML));
  }
}

static void a_parameter_that_lost_its_blank_still_belongs_to_its_field(void **state) {
  assert_found(state,
               mail_of(FIELDS "Content-Type: application/gzip;\nname=\"r.gz\"\nContent-Transfer-Encoding: base64\n\n",
                       gzipped_xml(), "\n"),
               "<m@example.net>: part 1 \"r.gz\"", "r.gz");
}

static void carriage_returns_alone_are_line_breaks(void **state) {
  struct strbuf mail = mail_of(ATTACHED, gzipped_xml(), "\n--b b--\n");
  for (size_t i = 0; i < mail.length; i++)
    if (mail.data[i] == '\n') mail.data[i] = '\r';
  assert_found(state, mail, "<m@example.net>: part 2 \"r.gz\"", "r.gz");
}

static void a_mail_cut_off_anywhere_has_one_event(void **state) {
  struct strbuf mail = mail_of(ATTACHED, gzipped_xml(), "\n--b b--\n");
  for (size_t length = strlen(FIELDS); length <= mail.length; length++) {
    _cleanup_told_ struct told t = fresh();
    open_bytes(&t, state, &INTAKE_LIMITS_DEFAULT, "m", bytes_of(mail.data, length));
    assert_int_equal(t.count, 1);
  }
  strbuf_clear(&mail);
}

/* --- mails without a report --------------------------------------------------------------------------------------- */

static void assert_kind(void **state, const char *mail, const char *reason) {
  _cleanup_told_ struct told t = fresh();
  open_bytes(&t, state, &INTAKE_LIMITS_DEFAULT, "m", text_of(mail));
  assert_int_equal(t.count, 1);
  assert_nothing(&t.events[0], ERR_NO_REPORT, reason);
}

static void a_mail_without_a_report_has_one_event_that_names_its_kind(void **state) {
  assert_kind(state, FIELDS "\nHello\n", "a mail without a report");
  assert_kind(state, FIELDS, "a mail without a report");
  assert_kind(state, FIELDS "Content-Type: text/html\n\n<html><body>Hello</body></html>", "a mail without a report");
  assert_kind(state, FIELDS "\n<?xml version=\"1.0\"?><!DOCTYPE html><html><body/></html>", "a mail without a report");
  assert_kind(state, FIELDS "Content-Type: image/png\n\n\x89PNG\r\n\x1a\n", "a mail without a report");
  assert_kind(state, MULTIPART "--b b\n\n%PDF-1.4\n--b b\nContent-Type: application/gzip; name=r.gz\n\nunused\n--b b--",
              "a mail without a report (part 2 \"r.gz\": no XML in it)");
  assert_kind(state, FIELDS "Content-Type: multipart/report; report-type=\"Delivery-Status\"; boundary=x\n\n--x\n\n",
              "a delivery notice");
  assert_kind(state, FIELDS "Content-Type: multipart/report; report-type=feedback-report; boundary=x\n\n--x\n\n",
              "a failure report (RUF), not an aggregate report");
  assert_kind(state, FIELDS "Content-Type: application/tlsrpt+json\n\n{\"a\": 1}", "a TLS report, not a DMARC report");
}

/* Nobody knows what they hold. */
static void an_encrypted_mail_and_one_of_outlook_are_rejected(void **state) {
#define BASE64_NAMED(name) \
  FIELDS "Content-Type: application/octet-stream; name=\"" name "\"\nContent-Transfer-Encoding: base64\n\n"
#define OLE "0M8R4KGxGuEAAA==\n"
#define OLE_OF_A_MAIL "0M8R4KGxGuELDQIAAAAAAMAAAAAAAABG\n"
  static const char OUTLOOK[] = "a mail of Outlook (.msg), which is not supported";
  assert_one_nothing(state,
                     LITERAL(FIELDS "Content-Type: multipart/encrypted; protocol=\"application/pgp-encrypted\";"
                                    " boundary=b\n\n--b\nContent-Type: application/pgp-encrypted\n\nVersion: 1\n"
                                    "--b\n\n-----BEGIN PGP MESSAGE-----\n\nabc\n--b--"),
                     ERR_FORMAT, "an encrypted mail");
  assert_one_nothing(state, LITERAL(BASE64_NAMED("a.MSG") OLE), ERR_FORMAT, OUTLOOK);
  assert_one_nothing(state, LITERAL(BASE64_NAMED("a") OLE_OF_A_MAIL), ERR_FORMAT, OUTLOOK);
  assert_kind(state, BASE64_NAMED("a.doc") OLE, "a mail without a report (part 1 \"a.doc\": an old Office document)");
}

static void a_report_silences_the_other_parts_and_damage_is_told_beside_it(void **state) {
  _cleanup_told_ struct told t = fresh();
  open_bytes(
      &t, state, &INTAKE_LIMITS_DEFAULT, "m",
      text_of(MULTIPART "--b b\n\n%PDF-1.4\n--b b\n\n" XML "\n--b b\n\nPK\3\4broken\n--b b\n\nGIF89a\n--b b--\n"));
  assert_int_equal(t.count, 2);
  assert_true(t.events[0].is_document);
  assert_int_equal(t.events[1].code, ERR_FORMAT);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      T(an_attachment_is_found_and_named),
      T(the_line_break_in_front_of_a_delimiter_is_its_own),
      T(a_delimiter_is_found_at_every_place_of_a_buffer),
      T(a_boundary_that_begins_like_another_is_another),
      T(a_multipart_without_its_end_ends_with_the_one_around_it),
      T(the_deepest_limit_holds_with_mails_at_the_bottom),
      T(parts_are_numbered_as_imap_does),
      T(a_mail_may_be_the_report_itself),
      T(a_forwarded_mail_is_a_mail_in_a_part),
      T(encodings_are_undone),
      T(base64_may_have_lines_of_any_length_and_no_padding),
      T(what_is_no_letter_of_base64_is_ignored),
      T(a_cut_off_attachment_is_damage_as_it_is_in_a_file),
      T(names_of_strangers_do_no_harm_to_an_origin),
      T(a_file_name_in_any_encoding_is_decoded),
      T(a_mail_loads_no_rare_converter),
      T(a_report_is_found_in_a_broken_mail),
      T(xml_zip_and_uuencoded_data_are_found_in_text),
      T(a_document_comes_with_the_charset_of_the_part_whose_text_it_is),
      T(headers_are_read_as_far_as_they_make_sense),
      T(a_parameter_that_lost_its_blank_still_belongs_to_its_field),
      T(carriage_returns_alone_are_line_breaks),
      T(a_mail_cut_off_anywhere_has_one_event),
      T(a_mail_without_a_report_has_one_event_that_names_its_kind),
      T(an_encrypted_mail_and_one_of_outlook_are_rejected),
      T(a_report_silences_the_other_parts_and_damage_is_told_beside_it),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
