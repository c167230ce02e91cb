/* SPDX-License-Identifier: Apache-2.0 */
/* Ways as users describe them, and the mail that a message becomes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above */
#include <cmocka.h>
#include <gmime/gmime.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/mem.h"
#include "notify/forms.h"

#define KEY "00112233445566778899aabbccddeeff"

static const struct notice_parcel PARCEL = {.key = KEY,
                                            .made_s = 1796083200,
                                            .subject = "example.com: own mail fails",
                                            .text = "one\ntwo\n",
                                            .html = "<p>one</p>\n",
                                            .json = "{}"};

/* --- what users write --------------------------------------------------------------------------------------------- */

static void assert_to(const char *to, const char *shown) {
  struct way w;
  struct err e;
  way_init(&w);
  if (way_set_to(&w, to, &e) < 0) fail_msg("%s: %s", to, e.text);
  _cleanup_free_ char *text = way_shown(&w);
  assert_string_equal(text, shown);
  way_clear(&w);
}

static void assert_no_way(const char *to, const char *told) {
  struct way w;
  struct err e;
  way_init(&w);
  if (way_set_to(&w, to, &e) != ERR_USAGE) fail_msg("taken: %s", to);
  if (!strstr(e.text, told)) fail_msg("%s: %s", to, e.text);
  way_clear(&w);
}

static void a_way_is_shown_without_what_may_be_a_secret(void **state) {
  (void)state;
  assert_to("mailto:joe@example.com", "mailto:joe@example.com");
  assert_to("mailto:joe+dmarc@EXAMPLE.com, ann@example.net,joe+dmarc@example.com",
            "mailto:joe+dmarc@example.com,ann@example.net");
  assert_to(
      "mailto:joe@b\xc3\xbc"
      "cher.example",
      "mailto:joe@xn--bcher-kva.example");
  assert_to("https://hooks.example.com:8443/services/T0/secret?key=1", "https://hooks.example.com:8443");
  assert_to("http://127.0.0.1:8080/x", "http://127.0.0.1:8080");
  assert_to("exec: /usr/local/bin/ticket --token abc", "exec: (not shown)");
}

static void what_is_no_way_is_refused(void **state) {
  (void)state;
  assert_no_way("joe@example.com", "begins with none of mailto:");
  assert_no_way("ftp://example.com/", "begins with none of");
  assert_no_way("mailto:", "\"\" is no mail address");
  assert_no_way("mailto:joe", "is no mail address");
  assert_no_way("mailto:joe@example.com,", "\"\" is no mail address");
  assert_no_way("mailto:joe@example.com?subject=x", "is no mail address");
  assert_no_way("mailto:Joe <joe@example.com>", "is no mail address");
  assert_no_way("mailto:joe@exam\nple.com", "is no mail address");
  assert_no_way("mailto:joe@example.com\r\nBcc: ann@example.com", "is no mail address");
  assert_no_way("mailto:.joe@example.com", "is no mail address");
  assert_no_way("http://hooks.example.com/", "without TLS");
  assert_no_way("https://joe:secret@hooks.example.com/", "is no URL of an endpoint");
  assert_no_way("https:///x", "names no host");
  assert_no_way("https://hooks.example.com:0/x", "port 0 is none");
  assert_no_way("https://hooks.example.com:/x", "port \"\" is none");
  assert_no_way("https://:443/x", "is no URL of an endpoint");
  assert_no_way("https://hooks..example.com/x", "names no host");
  assert_no_way("exec:", "names no command");
  assert_no_way("exec:  ", "names no command");
}

static void too_many_addresses_are_refused(void **state) {
  (void)state;
  for (unsigned count = WAY_RECIPIENTS_MOST; count <= WAY_RECIPIENTS_MOST + 1; count++) {
    _cleanup_strbuf_ struct strbuf to = STRBUF_INIT;
    for (unsigned i = 0; i < count; i++) strbuf_printf(&to, "%sjoe%u@example.com", i ? "," : "mailto:", i);
    struct way w;
    struct err e;
    way_init(&w);
    assert_int_equal(way_set_to(&w, to.data, &e), count <= WAY_RECIPIENTS_MOST ? 0 : ERR_USAGE);
    way_clear(&w);
  }
}

static void a_mail_server_is_a_url(void **state) {
  (void)state;
  static const struct {
    const char *url, *host, *user;
    uint32_t port;
    bool is_tls;
  } GOOD[] = {{"smtps://mail.example.com", "mail.example.com", NULL, 465, true},
              {"smtp://joe@mail.example.com", "mail.example.com", "joe", 587, false},
              {"smtps://joe%40example.com@mail.example.com:2465/", "mail.example.com", "joe@example.com", 2465, true},
              {"smtp://[2001:db8::1]:25", "[2001:db8::1]", NULL, 25, false}};
  static const char *const BAD[] = {"mail.example.com",
                                    "imap://mail.example.com",
                                    "smtps://",
                                    "smtps://mail.example.com/x",
                                    "smtp://mail.example.com:0",
                                    "smtp://joe:secret@mail.example.com",
                                    "smtp://mail.example.com?x",
                                    "smtp:///mail.example.com",
                                    "smtps://mail.example.com:",
                                    "smtps://joe@:465"};
  struct err e;
  for (size_t i = 0; i < ARRAY_SIZE(GOOD); i++) {
    struct way w;
    way_init(&w);
    if (way_set_smtp(&w, GOOD[i].url, &e) < 0) fail_msg("%s: %s", GOOD[i].url, e.text);
    assert_string_equal(w.smtp_host, GOOD[i].host);
    assert_string_equal(w.smtp_user ? w.smtp_user : "-", GOOD[i].user ? GOOD[i].user : "-");
    assert_int_equal(w.smtp_port, GOOD[i].port);
    assert_int_equal(w.smtp_is_tls, GOOD[i].is_tls);
    way_clear(&w);
  }
  for (size_t i = 0; i < ARRAY_SIZE(BAD); i++) {
    struct way w;
    way_init(&w);
    if (way_set_smtp(&w, BAD[i], &e) != ERR_USAGE) fail_msg("taken: %s", BAD[i]);
    assert_null(strstr(e.text, "secret"));
    way_clear(&w);
  }
}

/* "to", and keys with their values. */
static void assert_finish(const char *to, const char *key, const char *told) {
  struct way w;
  struct err e;
  way_init(&w);
  if (to) assert_int_equal(way_set_to(&w, to, &e), 0);
  if (!strcmp(key, "smtp user")) way_set_smtp(&w, "smtps://joe@mail.example.com", &e);
  if (!strcmp(key, "smtp user and password")) {
    way_set_smtp(&w, "smtps://joe%40example.com@mail.example.com", &e);
    w.password_file = mem_strdup("f");
  }
  if (!strcmp(key, "smtp") || !strcmp(key, "smtp and sendmail")) way_set_smtp(&w, "smtps://mail.example.com", &e);
  if (strstr(key, "sendmail")) w.sendmail = mem_strdup("sendmail -t");
  if (!strcmp(key, "ca-file")) w.ca_file = mem_strdup("f");
  if (!strcmp(key, "secret-file")) w.secret_file = mem_strdup("f");
  if (!strcmp(key, "token-command")) w.token_command = mem_strdup("t");
  if (!strcmp(key, "from")) way_set_from(&w, "joe@example.com", &e);
  const int code = way_finish(&w, &e);
  if (code != (told ? ERR_USAGE : 0)) fail_msg("%s %s: %d %s", to, key, code, code ? e.text : "");
  if (told && !strstr(e.text, told)) fail_msg("%s %s: %s", to, key, e.text);
  way_clear(&w);
}

static void what_does_not_go_together_is_refused(void **state) {
  (void)state;
  assert_finish(NULL, "", "needs to = mailto:");
  assert_finish("mailto:joe@example.com", "", NULL);
  assert_finish("mailto:joe@example.com", "sendmail", NULL);
  assert_finish("mailto:joe@example.com", "smtp", "smtp needs from");
  assert_finish("mailto:joe@example.com", "smtp user", "write one of password-command");
  assert_finish("mailto:joe@example.com", "smtp user and password", NULL);
  assert_finish("mailto:joe@example.com", "smtp and sendmail", "one or the other");
  assert_finish("mailto:joe@example.com", "ca-file", "goes with smtp");
  assert_finish("mailto:joe@example.com", "secret-file", "goes with to = https://");
  assert_finish("https://hooks.example.com/x", "secret-file", NULL);
  assert_finish("https://hooks.example.com/x", "token-command", NULL);
  assert_finish("https://hooks.example.com/x", "from", "goes with to = mailto:");
  assert_finish("exec:true", "token-command", "goes with to = https://");
  assert_finish("exec:true", "sendmail", "goes with to = mailto:");
}

/* --- the mail ----------------------------------------------------------------------------------------------------- */

static void write_to(const char *to, const char *from, const struct notice_parcel *p, bool crlf, struct strbuf *out) {
  struct way w;
  struct err e;
  way_init(&w);
  assert_int_equal(way_set_to(&w, to, &e), 0);
  if (from) assert_int_equal(way_set_from(&w, from, &e), 0);
  letter_write(&w, &w.recipients, p, crlf, out);
  way_clear(&w);
}

static GMimeMessage *parse(const struct strbuf *mail) {
  GMimeStream *stream = g_mime_stream_mem_new_with_buffer(mail->data, mail->length);
  GMimeParser *parser = g_mime_parser_new_with_stream(stream);
  GMimeMessage *m = g_mime_parser_construct_message(parser, NULL);
  g_object_unref(parser);
  g_object_unref(stream);
  assert_non_null(m);
  return m;
}

static void assert_field(GMimeMessage *m, const char *name, const char *value) {
  const char *is = g_mime_object_get_header(GMIME_OBJECT(m), name);
  assert_string_equal(is ? is : "-", value);
}

/* Decoded, with newlines as Unix has them. */
static void assert_part(GMimeMessage *m, int at, const char *type, const char *text) {
  GMimeMultipart *both = GMIME_MULTIPART(g_mime_message_get_mime_part(m));
  GMimeObject *part = g_mime_multipart_get_part(both, at);
  char *is_type = g_mime_content_type_encode(g_mime_object_get_content_type(part), NULL);
  assert_non_null(strstr(is_type, type));
  assert_non_null(strstr(is_type, "charset=utf-8"));
  g_free(is_type);
  GMimeStream *out = g_mime_stream_mem_new();
  g_mime_data_wrapper_write_to_stream(g_mime_part_get_content(GMIME_PART(part)), out);
  GByteArray *bytes = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(out));
  _cleanup_strbuf_ struct strbuf is = STRBUF_INIT;
  for (guint i = 0; i < bytes->len; i++)
    if (bytes->data[i] != '\r') strbuf_add_char(&is, (char)bytes->data[i]);
  assert_string_equal(strbuf_text(&is), text);
  g_object_unref(out);
}

static void a_mail_is_text_and_html(void **state) {
  (void)state;
  _cleanup_strbuf_ struct strbuf mail = STRBUF_INIT;
  write_to("mailto:joe@example.com,ann@example.net", "dmarc@example.org", &PARCEL, true, &mail);
  GMimeMessage *m = parse(&mail);
  assert_field(m, "From", "dmarcctl <dmarc@example.org>");
  assert_field(m, "To", "joe@example.com, ann@example.net");
  assert_field(m, "Subject", "example.com: own mail fails");
  assert_field(m, "Message-Id", "<" KEY ".notify@example.org>");
  assert_field(m, "Date", "Tue, 01 Dec 2026 00:00:00 +0000");
  assert_field(m, "Auto-Submitted", "auto-generated");
  assert_field(m, "MIME-Version", "1.0");
  assert_part(m, 0, "text/plain", "one\ntwo\n");
  assert_part(m, 1, "text/html", "<p>one</p>\n");
  g_object_unref(m);
}

static void a_mail_that_is_sent_twice_is_the_same_mail(void **state) {
  (void)state;
  _cleanup_strbuf_ struct strbuf mail = STRBUF_INIT, again = STRBUF_INIT;
  write_to("mailto:joe@example.com", "dmarc@example.org", &PARCEL, true, &mail);
  write_to("mailto:joe@example.com", "dmarc@example.org", &PARCEL, true, &again);
  assert_string_equal(mail.data, again.data);
}

static void the_sendmail_command_writes_the_sender_where_none_is_said(void **state) {
  (void)state;
  _cleanup_strbuf_ struct strbuf mail = STRBUF_INIT;
  write_to("mailto:joe@example.com", NULL, &PARCEL, false, &mail);
  assert_null(strstr(mail.data, "From:"));
  assert_null(strchr(mail.data, '\r'));
  GMimeMessage *m = parse(&mail);
  assert_field(m, "Message-Id", "<" KEY ".notify@example.com>");
  g_object_unref(m);
}

/* RFC 5322 2.1.1: 998 at most, 78 by wish; RFC 2045 6.7: 76. In SMTP each line ends with CRLF. */
static void assert_lines(const struct strbuf *mail, size_t most) {
  for (const char *line = mail->data; *line;) {
    const char *end = strchr(line, '\n');
    assert_non_null(end);
    assert_true(end > line && end[-1] == '\r');
    if ((size_t)(end - line - 1) > most) fail_msg("%d: %.*s", (int)(end - line), (int)(end - line), line);
    for (const char *c = line; c < end - 1; c++) assert_true(*c >= ' ' || *c == '\t');
    for (const char *c = line; c < end; c++) assert_true((unsigned char)*c < 0x80);
    line = end + 1;
  }
}

/* Its words are parted by folds alone, each decoded by itself: GMime gives up behind the first that base64 pads. */
static void assert_subject(const struct strbuf *mail, const char *expected) {
  _cleanup_strbuf_ struct strbuf subject = STRBUF_INIT;
  for (const char *word = strstr(mail->data, "\nSubject: ") + strlen("\nSubject: "); word;
       word = strstr(word, "\r\n")) {
    if (*word == '\r' && word[2] != ' ') break;
    word += *word == '\r' ? 3 : 0;
    _cleanup_free_ char *encoded = mem_strndup(word, strcspn(word, "\r"));
    char *decoded = g_mime_utils_header_decode_text(NULL, encoded);
    strbuf_add_text(&subject, decoded);
    g_free(decoded);
  }
  assert_string_equal(subject.data, expected);
}

static void lines_are_short_and_ascii_whatever_the_text(void **state) {
  (void)state;
  _cleanup_strbuf_ struct strbuf mail = STRBUF_INIT, text = STRBUF_INIT, subject = STRBUF_INIT, to = STRBUF_INIT;
  for (int i = 0; i < 400; i++) strbuf_add_text(&text, i % 7 ? "K\xc3\xa4the = . " : "\xf0\x9f\x93\xa7");
  strbuf_add_text(&text, "\n.\n..\nFrom here\n \n");
  for (int i = 0; i < 20; i++) strbuf_add_text(&subject, i ? " gr\xc3\xbc\xc3\x9f" : "K\xc3\xa4the's sender");
  for (int i = 0; i < WAY_RECIPIENTS_MOST; i++)
    strbuf_printf(&to, "%slonglonglong%d@mail.example.com", i ? "," : "mailto:", i);
  struct notice_parcel p = PARCEL;
  p.subject = subject.data;
  p.text = p.html = text.data;
  write_to(to.data, "dmarc@example.org", &p, true, &mail);
  assert_lines(&mail, 78);
  assert_subject(&mail, subject.data);
  GMimeMessage *m = parse(&mail);
  assert_part(m, 0, "text/plain", text.data);
  g_object_unref(m);
}

static void a_subject_of_one_long_word_is_folded_or_encoded_and_comes_back(void **state) {
  (void)state;
  _cleanup_strbuf_ struct strbuf mail = STRBUF_INIT, subject = STRBUF_INIT;
  for (int i = 0; i < 240; i++) strbuf_add_char(&subject, (char)('a' + i % 26));
  struct notice_parcel p = PARCEL;
  p.subject = subject.data;
  write_to("mailto:joe@example.com", "dmarc@example.org", &p, true, &mail);
  assert_lines(&mail, 78);
  assert_subject(&mail, subject.data);
}

static void a_subject_that_is_not_ascii_comes_back(void **state) {
  (void)state;
  _cleanup_strbuf_ struct strbuf mail = STRBUF_INIT;
  struct notice_parcel p = PARCEL;
  p.subject = "example.com: own mail fails: K\xc3\xa4the's sender, 1,204 messages";
  write_to("mailto:joe@example.com", "dmarc@example.org", &p, true, &mail);
  assert_lines(&mail, 78);
  assert_null(strstr(mail.data, "K\xc3\xa4the"));
  assert_subject(&mail, p.subject);
}

static void a_text_ends_no_header_and_no_part(void **state) {
  (void)state;
  _cleanup_strbuf_ struct strbuf mail = STRBUF_INIT;
  struct notice_parcel p = PARCEL;
  p.subject = "example.com\r\nBcc: eve@example.com\r\n\r\nhello\n\x01";
  p.text = "--=_" KEY "--\nBcc: eve@example.com\n";
  write_to("mailto:joe@example.com", "dmarc@example.org", &p, true, &mail);
  GMimeMessage *m = parse(&mail);
  assert_field(m, "Bcc", "-");
  assert_part(m, 0, "text/plain", p.text);
  assert_part(m, 1, "text/html", PARCEL.html);
  g_object_unref(m);
}

/* --- what others say ---------------------------------------------------------------------------------------------- */

static void assert_said(const struct mask *h, const char *said, const char *expected) {
  _cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
  mask_add_said(h, &text, said);
  assert_string_equal(strbuf_text(&text), expected);
}

static void what_the_other_side_says_is_one_line_without_secrets(void **state) {
  (void)state;
  struct mask h = {0};
  _cleanup_strbuf_ struct strbuf text = STRBUF_INIT, longest = STRBUF_INIT;
  mask_add(&h, "correct horse");
  mask_add(&h, "");
  mask_add_url(&h, "https://hooks.example.com/services/T0/hook");
  assert_said(&h, "", "");
  assert_said(&h, "no \x1b[31m\xc3\xa4 correct horse for /services/T0/hook\r\nsecond",
              ": no ?[31m?? ************* for *****************");
  for (int i = 0; i < 1000; i++) strbuf_add_char(&longest, 'x');
  mask_add_said(&h, &text, longest.data);
  assert_int_equal(text.length, 2 + MASK_SAID_MOST);
  mask_clear(&h);
}

/* As SASL, URLs, forms, JSON and HTML write it, and a part of it. */
static void a_secret_is_mask_in_every_spelling(void **state) {
  (void)state;
  static const char *const CASES[][2] = {{"p\xc3\xa4ss word/7&8 is wrong", ": ************** is wrong"},
                                         {"who is am9lAHDDpHNzIHdvcmQvNyY4", ": who is ************************"},
                                         {"wrong: p%C3%A4ss%20word%2F7%268", ": wrong: ************************"},
                                         {"wrong: p%c3%a4ss%20word%2f7%268", ": wrong: ************************"},
                                         {"wrong: p%C3%A4ss+word%2F7%268", ": wrong: **********************"},
                                         {"{\"pw\":\"p\xc3\xa4ss word\\/7&8\"}", ": {\"pw\":\"***************\"}"},
                                         {"<b>p\xc3\xa4ss word/7&amp;8</b>", ": <b>******************</b>"},
                                         {"not ss word/7...", ": not *********..."},
                                         {"the word is 7", ": the word is 7"}};
  struct mask h = {0};
  mask_add(&h, "p\xc3\xa4ss word/7&8");
  for (size_t i = 0; i < ARRAY_SIZE(CASES); i++) assert_said(&h, CASES[i][0], CASES[i][1]);
  mask_clear(&h);
}

static void a_web_hook_is_mask_whole_and_in_parts(void **state) {
  (void)state;
  static const char *const CASES[][2] = {
      {"no /services/T0/secret-of-ours?key=a%20key&v=1 here", ": no ******************************************* here"},
      {"no hook secret-of-ours in T0", ": no hook ************** in T0"},
      {"invalid key \"a key\", v=1", ": invalid key \"*****\", v=1"},
      {"invalid a%20key", ": invalid *******"},
      {"/services/T0/secret-of-ours is gone", ": *************************** is gone"},
      {"key=a%20key&v=1", ": ***************"},
      {"%2Fservices%2FT0%2Fsecret-of-ours", ": *********************************"}};
  struct mask h = {0};
  mask_add_url(&h, "https://hooks.example.com/services/T0/secret-of-ours?key=a%20key&v=1");
  for (size_t i = 0; i < ARRAY_SIZE(CASES); i++) assert_said(&h, CASES[i][0], CASES[i][1]);
  mask_clear(&h);
  mask_add_url(&h, "https://hooks.example.com/");
  assert_int_equal(h.count, 0);
}

static void what_may_be_a_secret_of_a_command_line_is_hidden(void **state) {
  (void)state;
  struct mask h = {0};
  mask_add_command(&h, "post-it --header='Token: abc-de7' https://example.com/x; exit 3");
  assert_said(&h, "post-it: no Token: abc-de7", ": post-it: no Token: *******");
  assert_said(&h, "sh: 1: post-it: not found", ": sh: 1: post-it: not found");
  mask_clear(&h);
}

/* --- who has it --------------------------------------------------------------------------------------------------- */

static void who_of_several_has_a_mail_is_one_text(void **state) {
  (void)state;
  struct way w;
  struct text_list have = {0};
  struct err e;
  way_init(&w);
  assert_int_equal(way_set_to(&w, "mailto:joe@example.com,ann@example.net,eve@example.org", &e), 0);
  way_add_addresses(&have, NULL);
  assert_int_equal(have.count, 0);
  way_add_addresses(&have, ",ann@example.net,,gone@example.com,");
  _cleanup_free_ char *text = way_addresses(&have), *shown = way_shown_without(&w, &have);
  assert_string_equal(text, "ann@example.net,gone@example.com");
  assert_string_equal(shown, "mailto:joe@example.com,eve@example.org");
  assert_false(way_has_all(&w, &have));
  way_add_addresses(&have, "eve@example.org,joe@example.com");
  assert_true(way_has_all(&w, &have));
  text_list_clear(&have);
  _cleanup_strbuf_ struct strbuf many = STRBUF_INIT;
  for (int i = 0; i < 10000; i++) strbuf_printf(&many, "%d,", i);
  way_add_addresses(&have, many.data); /* of a database from elsewhere */
  assert_int_equal(have.count, 4 * WAY_RECIPIENTS_MOST);
  text_list_clear(&have);
  way_clear(&w);
}

static int init(void **state) {
  (void)state;
  notify_library_init();
  return 0;
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_way_is_shown_without_what_may_be_a_secret),
      cmocka_unit_test(what_is_no_way_is_refused),
      cmocka_unit_test(too_many_addresses_are_refused),
      cmocka_unit_test(a_mail_server_is_a_url),
      cmocka_unit_test(what_does_not_go_together_is_refused),
      cmocka_unit_test(a_mail_is_text_and_html),
      cmocka_unit_test(a_mail_that_is_sent_twice_is_the_same_mail),
      cmocka_unit_test(the_sendmail_command_writes_the_sender_where_none_is_said),
      cmocka_unit_test(lines_are_short_and_ascii_whatever_the_text),
      cmocka_unit_test(a_subject_of_one_long_word_is_folded_or_encoded_and_comes_back),
      cmocka_unit_test(a_subject_that_is_not_ascii_comes_back),
      cmocka_unit_test(a_text_ends_no_header_and_no_part),
      cmocka_unit_test(what_the_other_side_says_is_one_line_without_secrets),
      cmocka_unit_test(a_secret_is_mask_in_every_spelling),
      cmocka_unit_test(a_web_hook_is_mask_whole_and_in_parts),
      cmocka_unit_test(what_may_be_a_secret_of_a_command_line_is_hidden),
      cmocka_unit_test(who_of_several_has_a_mail_is_one_text),
  };
  return cmocka_run_group_tests(tests, init, NULL);
}
