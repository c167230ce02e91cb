/* SPDX-License-Identifier: Apache-2.0 */
/* Mails as a way in: what is found in whole, broken and hostile ones, and under which origin. */
#include "intake_kit.h"

#include <pthread.h>

#define FIELDS "From: a@example.net\nMessage-ID: <m@example.net>\n"
#define MULTIPART FIELDS "Content-Type: multipart/mixed; boundary=\"b b\"\n\n"

/* --- mails -------------------------------------------------------------------------------------------------------- */

static void add_base64(struct strbuf *b, const struct strbuf *data, size_t columns) {
  static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  const unsigned char *p = (const unsigned char *)data->data;
  for (size_t i = 0, column = 0; i < data->length; i += 3) {
    uint32_t group = (uint32_t)p[i] << 16;
    if (i + 1 < data->length) group |= (uint32_t)p[i + 1] << 8;
    if (i + 2 < data->length) group |= p[i + 2];
    for (unsigned k = 0; k < 4; k++) {
      strbuf_add_char(b, i + k > data->length ? '=' : letters[group >> (18 - 6 * k) & 63]);
      if (++column == columns) strbuf_add_char(b, '\n');
      if (column == columns) column = 0;
    }
  }
}

/* Base64 of the bytes, which are freed. */
static struct strbuf base64_of(struct strbuf data, size_t columns) {
  struct strbuf b = STRBUF_INIT;
  add_base64(&b, &data, columns);
  strbuf_clear(&data);
  return b;
}

/* `head`, then base64 of `data` (which is freed), then `tail`. */
static struct strbuf mail_of(const char *head, struct strbuf data, const char *tail) {
  struct strbuf b = text_of(head);
  struct strbuf encoded = base64_of(data, 76);
  strbuf_add(&b, encoded.data, encoded.length);
  strbuf_add_text(&b, tail);
  strbuf_clear(&encoded);
  return b;
}

static struct strbuf with_crlf(struct strbuf in) {
  struct strbuf out = STRBUF_INIT;
  for (size_t i = 0; i < in.length; i++) {
    if (in.data[i] == '\n') strbuf_add_char(&out, '\r');
    strbuf_add_char(&out, in.data[i]);
  }
  strbuf_clear(&in);
  return out;
}

static struct strbuf gzipped_xml(void) { return wrapped(text_of(XML), GZIP); }

/* One document, whose origin goes on behind the file like this. */
static void assert_found(void **state, struct strbuf mail, const char *origin, const char *name) {
  _cleanup_told_ struct told t = fresh();
  open_bytes(&t, state, &INTAKE_LIMITS_DEFAULT, "m", mail);
  assert_int_equal(t.count, 1);
  _cleanup_free_ char *tail = mem_printf("/m: %s", origin);
  assert_document(&t.events[0], tail, name, XML);
}

#define ATTACHED                                                                                   \
  MULTIPART                                                                                        \
  "hello\n--b b\nContent-Type: text/plain\n\nSee below.\n--b b\nContent-Type: application/gzip;\n" \
  " name=r.gz\nContent-Transfer-Encoding: base64\n\n"

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

/* --- mbox --------------------------------------------------------------------------------------------------------- */

#define FROM_LINE "From a@example.net Thu Jan  1 00:00:00 2026\n"

static void assert_origins(void **state, struct strbuf mbox, const char *const *origins, size_t count) {
  _cleanup_told_ struct told t = fresh();
  open_bytes(&t, state, &INTAKE_LIMITS_DEFAULT, "m", mbox);
  for (size_t i = 0; i < t.count && i < count; i++) assert_non_null(strstr(t.events[i].origin, origins[i]));
  assert_int_equal(t.count, count);
}

static void mails_of_an_mbox_are_numbered(void **state) {
  static const char *const origins[] = {"m: message 1: part 1", "m: message 2 <m@example.net>", "m: message 3: part 1"};
  static const char mbox[] = "\n" FROM_LINE "From: a@example.net\n\n" XML "\n\n" FROM_LINE FIELDS
                             "\nHello\n\n" FROM_LINE "From: a@example.net\n\n" XML;
  assert_origins(state, text_of(mbox), origins, 3);
  assert_origins(state, with_crlf(text_of(mbox)), origins, 3);
}

static void what_passes_for_blank_may_stand_in_front_of_an_mbox(void **state) {
  static const char *const origins[] = {"m: message 1 <m@example.net>: part 1"};
  static const char *const fronts[] = {"\n", " \n\t\n", "\r\f\r\v\r", "\xef\xbb\xbf"};
  for (size_t i = 0; i < ARRAY_SIZE(fronts); i++) {
    struct strbuf mbox = text_of(fronts[i]);
    strbuf_add_text(&mbox, "From b\n" FIELDS "\n" XML);
    assert_origins(state, mbox, origins, 1);
  }
}

static void only_a_line_that_can_be_one_begins_a_mail(void **state) {
  static const char *const origins[] = {"m: message 1", "m: message 2", "m: message 3"};
  /* not behind an empty line, and without a time; then without the empty line, but with a time */
  assert_origins(state,
                 text_of(FROM_LINE FIELDS "\nHello\nFrom here on\n" FROM_LINE "From there on\n" FIELDS
                                          "\nHello\n\nFrom b\n" FIELDS),
                 origins, 3);
}

static void quoted_from_lines_are_as_they_were(void **state) {
  _cleanup_told_ struct told t = fresh();
  static const char content[] = "<feedback>\nFrom a\n>From b\n>> From c\n</feedback>\n";
  open_bytes(&t, state, &INTAKE_LIMITS_DEFAULT, "m",
             text_of(FROM_LINE FIELDS "\n<feedback>\n>From a\n>>From b\n>> From c\n</feedback>\n"));
  assert_int_equal(t.count, 1);
  assert_document(&t.events[0], "part 1", "m", content);
}

static void a_separator_is_found_at_every_place_of_a_buffer(void **state) {
  for (size_t shift = 0; shift < 500; shift += 3) {
    struct strbuf mbox = text_of(FROM_LINE FIELDS "\nHello\n");
    while (mbox.length < 65536 - 250) strbuf_add_text(&mbox, "From the 0123456789 0123456789 0123456789\n");
    for (size_t i = 0; i < shift; i++) strbuf_add_char(&mbox, 'x');
    strbuf_add_text(&mbox, "\n\nFrom b\nFrom: a@example.net\n\n" XML);
    static const char *const origins[] = {"m: message 1", "m: message 2: part 1"};
    assert_origins(state, mbox, origins, 2);
  }
}

static void a_mailbox_that_breaks_off_says_so(void **state) {
  struct strbuf mbox = STRBUF_INIT;
  for (int i = 0; i < 3; i++) strbuf_add_text(&mbox, FROM_LINE FIELDS "\nHello\n\n");
  struct strbuf compressed = wrapped(mbox, GZIP);
  compressed.length -= 12;
  _cleanup_told_ struct told t = fresh();
  open_bytes(&t, state, &INTAKE_LIMITS_DEFAULT, "m", compressed);
  assert_true(t.count > 0);
  assert_int_equal(t.events[t.count - 1].code, ERR_FORMAT);
  assert_non_null(strstr(t.events[t.count - 1].e.text, "gzip: cut off after"));
  assert_null(strstr(t.events[t.count - 1].origin, "message")); /* how many more there were nobody knows */
}

/* --- limits ------------------------------------------------------------------------------------------------------- */

static void containers_around_and_in_mails_count_for_the_depth(void **state) {
  struct intake_limits limits = INTAKE_LIMITS_DEFAULT;
  static const struct {
    uint32_t depth;
    bool mbox, found;
  } cases[] = {{3, true, true}, {2, true, false}, {1, true, false}, {2, false, true}, {1, false, false}};
  for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
    limits.depth = cases[i].depth;
    _cleanup_told_ struct told t = fresh();
    _cleanup_free_ char *head = mem_printf("%s%s", cases[i].mbox ? FROM_LINE : "", ATTACHED);
    open_bytes(&t, state, &limits, "m", mail_of(head, gzipped_xml(), "\n--b b--\n"));
    assert_int_equal(t.count, 1);
    assert_int_equal(t.events[0].is_document, cases[i].found);
    assert_int_equal(t.events[0].code, cases[i].found ? 0 : ERR_LIMIT);
    assert_int_equal(strstr(t.events[0].origin, "message 1") != NULL, cases[i].mbox && cases[i].depth > 1);
  }
}

static void a_mail_has_at_most_1000_parts(void **state) {
  struct strbuf mail = text_of(MULTIPART);
  for (int i = 0; i < 999; i++) strbuf_add_text(&mail, "--b b\n\nx\n");
  struct strbuf more = bytes_of(mail.data, mail.length);
  strbuf_add_text(&mail, "--b b\n\n" XML "\n--b b--\n");
  assert_found(state, mail, "<m@example.net>: part 1000", "m");
  strbuf_add_text(&more, "--b b\n\nx\n--b b\n\n" XML "\n--b b--\n");
  assert_one_nothing(state, more, ERR_LIMIT, "a mail of more than 1000 parts");
}

static void multiparts_nest_20_deep_and_no_deeper(void **state) {
  struct strbuf mail = text_of("From: a@example.net\n");
  for (int i = 0; i < 20; i++) strbuf_printf(&mail, "Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n", i, i);
  struct strbuf deeper = bytes_of(mail.data, mail.length);
  strbuf_add_text(&mail, "\n" XML);
  assert_found(state, mail, "part 1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1", "m");
  strbuf_add_text(&deeper, "Content-Type: multipart/mixed; boundary=c\n\n--c\n\n" XML);
  assert_one_nothing(state, deeper, ERR_LIMIT, "parts of a mail in each other, more than 20 deep");
}

static void a_file_of_many_hidden_attachments_has_a_limit(void **state) {
  struct strbuf mail = text_of(FIELDS "\n");
  for (int i = 0; i < 200; i++) strbuf_add_text(&mail, "H4sIAAAAAAAAAAAAAAAAAAAA\n.\n");
  _cleanup_told_ struct told t = fresh();
  open_bytes(&t, state, &INTAKE_LIMITS_DEFAULT, "m", mail);
  assert_int_equal(t.count, 100);
}

/* A stream of `head`, then `body` again and again up to `size` bytes. */
struct endless {
  struct byte_stream stream;
  const char *head, *body;
  uint64_t at, size;
};

static ssize_t endless_read(struct byte_stream *s, void *buffer, size_t size, struct err *e) {
  (void)e;
  struct endless *x = (struct endless *)s;
  size_t head = strlen(x->head), body = strlen(x->body), n = 0;
  for (; n < size && x->at < x->size; n++, x->at++)
    ((char *)buffer)[n] = x->at < head ? x->head[x->at] : x->body[(x->at - head) % body];
  return (ssize_t)n;
}

static long peak_kib(void) {
  _cleanup_fclose_ FILE *f = fopen("/proc/self/status", "r");
  char line[256];
  long kib = 0;
  while (f && fgets(line, sizeof line, f)) sscanf(line, "VmHWM: %ld", &kib);
  return kib;
}

static void endless_lines_fields_and_texts_take_no_memory(void **state) {
  (void)state;
  static const struct {
    const char *head, *body;
  } mails[] = {
      {FIELDS "X: ", "x"},                                              /* a line of the header */
      {FIELDS, "Content-Type: x/y; boundary=bbbbbbbbbbbbbbbbbbbbbb\n"}, /* fields */
      {FIELDS "Content-Type: multipart/mixed; boundary=", "b"},         /* a boundary */
      {FIELDS "Message-ID: <", "x \n "},
      {MULTIPART, "x"},                           /* a line in front of the parts */
      {MULTIPART "--b b--\n", "-- x\n"},          /* behind them */
      {FROM_LINE "From: a@example.net\n\n", ">"}, /* a line of an mbox */
      {FROM_LINE "From: a@example.net\n\nFrom ", "x"},
      {FIELDS "Content-Transfer-Encoding: base64\n\n", "*"},
      {FIELDS "Content-Transfer-Encoding: quoted-printable\n\n", "=\n"},
      {FIELDS "\nbegin 644 x\n", "M"},
      {FIELDS "\n", "\n"},
  };
  struct intake *intake = intake_new(&INTAKE_LIMITS_DEFAULT);
  long before = peak_kib();
  for (size_t i = 0; i < ARRAY_SIZE(mails); i++) {
    _cleanup_told_ struct told t = fresh();
    struct intake_events events = {on_document, on_nothing, &t};
    struct endless x = {{endless_read}, mails[i].head, mails[i].body, 0, 20 << 20};
    assert_int_equal(intake_open_stream(intake, "m", "", &x.stream, &events), 0);
    assert_true(t.count >= 1);
    assert_int_equal(x.at, x.size); /* it was read to its end, not given up */
  }
  intake_free(intake);
#ifndef __SANITIZE_ADDRESS__
  assert_true(peak_kib() - before < 4096);
#else
  (void)before;
#endif
}

static void nuls_and_noise_are_no_trouble(void **state) {
  uint32_t x = 7;
  for (int round = 0; round < 300; round++) {
    struct strbuf mail = mail_of(ATTACHED, gzipped_xml(), "\n--b b--\n");
    for (int i = 0; i < 8; i++) {
      x = x * 1664525 + 1013904223;
      mail.data[strlen(FIELDS) + x % (mail.length - strlen(FIELDS))] = (char)(i & 1 ? 0 : x >> 24);
    }
    _cleanup_told_ struct told t = fresh();
    open_bytes(&t, state, &INTAKE_LIMITS_DEFAULT, "m", mail);
    assert_true(t.count >= 1);
  }
}

/* --- ways in ------------------------------------------------------------------------------------------------------ */

static void a_stream_is_taken_apart_as_a_file_is(void **state) {
  (void)state;
  struct strbuf mail = mail_of(ATTACHED, gzipped_xml(), "\n--b b--\n");
  struct memory_stream in;
  for (size_t step = 1; step < 400; step += 13) {
    memory_stream_init(&in, mail.data, mail.length, step);
    _cleanup_told_ struct told t = fresh();
    struct intake_events events = {on_document, on_nothing, &t};
    struct intake *i = intake_new(&INTAKE_LIMITS_DEFAULT);
    assert_int_equal(intake_open_stream(i, "imaps://example.com/INBOX;UID=7", "", &in.stream, &events), 0);
    intake_free(i);
    assert_int_equal(t.count, 1);
    assert_string_equal(t.events[0].origin, "imaps://example.com/INBOX;UID=7: <m@example.net>: part 2 \"r.gz\"");
  }
  strbuf_clear(&mail);
}

static void an_event_that_refuses_ends_the_mailbox(void **state) {
  _cleanup_told_ struct told t = fresh();
  t.answer = ERR_INTERRUPTED;
  open_bytes(&t, state, &INTAKE_LIMITS_DEFAULT, "m",
             text_of(FROM_LINE FIELDS "\n" XML "\n\n" FROM_LINE FIELDS "\n" XML));
  assert_int_equal(t.count, 1);
}

static void *read_in_a_thread(void *path) {
  struct told *t = mem_zalloc(sizeof *t);
  t->read_most = SIZE_MAX;
  for (int i = 0; i < 20; i++) {
    clear_told(t);
    open_path(t, &INTAKE_LIMITS_DEFAULT, path);
  }
  return t;
}

static void mails_are_read_by_several_threads_at_once(void **state) {
  struct strbuf mail = mail_of(ATTACHED, gzipped_xml(), "\n--b b--\n");
  _cleanup_free_ char *path = path_of(state, "m");
  write_file(path, &mail);
  strbuf_clear(&mail);
  pthread_t threads[4];
  for (size_t i = 0; i < ARRAY_SIZE(threads); i++)
    assert_int_equal(pthread_create(&threads[i], NULL, read_in_a_thread, path), 0);
  for (size_t i = 0; i < ARRAY_SIZE(threads); i++) {
    void *result;
    pthread_join(threads[i], &result);
    struct told *t = result;
    assert_int_equal(t->count, 1);
    assert_true(t->events[0].is_document);
    clear_told(t);
    free(t);
  }
}

static void of_a_maildir_only_mails_are_listed(void **state) {
  static const char *const folders[] = {"d",        "d/cur",    "d/new", "d/tmp",  "d/.a",  "d/.a/cur",
                                        "d/.a/new", "d/.a/tmp", "no",    "no/cur", "no/tmp"};
  static const char *const files[] = {"d/cur/1:2,S",     "d/new/2",  "d/tmp/3",  "d/.a/cur/4", "d/.a/tmp/5",
                                      "d/dovecot.index", "no/cur/1", "no/tmp/2", "no/x"};
  for (size_t i = 0; i < ARRAY_SIZE(folders); i++) {
    _cleanup_free_ char *path = path_of(state, folders[i]);
    assert_int_equal(mkdir(path, 0700), 0);
  }
  for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
    _cleanup_free_ char *path = path_of(state, files[i]);
    struct strbuf text = text_of("x");
    write_file(path, &text);
    strbuf_clear(&text);
  }
  const char *source = *state;
  struct intake_walk *w = intake_walk_new(&source, 1);
  _cleanup_strbuf_ struct strbuf lines = STRBUF_INIT;
  struct intake_file file;
  struct err e;
  while (intake_walk_next(w, &file, &e) == 1) {
    strbuf_printf(&lines, "%s\n", file.path + strlen(source) + 1);
    free(file.path);
  }
  intake_walk_free(w);
  assert_string_equal(strbuf_text(&lines), "d/.a/cur/4\nd/cur/1:2,S\nd/new/2\nno/cur/1\nno/tmp/2\nno/x\n");
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
      T(mails_of_an_mbox_are_numbered),
      T(what_passes_for_blank_may_stand_in_front_of_an_mbox),
      T(only_a_line_that_can_be_one_begins_a_mail),
      T(quoted_from_lines_are_as_they_were),
      T(a_separator_is_found_at_every_place_of_a_buffer),
      T(a_mailbox_that_breaks_off_says_so),
      T(containers_around_and_in_mails_count_for_the_depth),
      T(a_mail_has_at_most_1000_parts),
      T(multiparts_nest_20_deep_and_no_deeper),
      T(a_file_of_many_hidden_attachments_has_a_limit),
      T(endless_lines_fields_and_texts_take_no_memory),
      T(nuls_and_noise_are_no_trouble),
      T(a_stream_is_taken_apart_as_a_file_is),
      T(an_event_that_refuses_ends_the_mailbox),
      T(mails_are_read_by_several_threads_at_once),
      T(of_a_maildir_only_mails_are_listed),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
