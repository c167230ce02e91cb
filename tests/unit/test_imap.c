/* SPDX-License-Identifier: Apache-2.0 */
/* IMAP without a server: responses taken apart, names of folders, URLs and words of accounts, mails that are kept. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
/* cmocka wants the three above first */
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "base/byte_stream.h"
#include "base/cleanup.h"
#include "imap/dialogue.h"
#include "imap/reader.h"
#include "imap/session.h"
#include "imap/utf7.h"
#include "mailbox/account.h"
#include "mailbox/refusal.h"
#include "mailbox/remote_mail.h"
#include "mailbox/secret.h"

/* --- responses ---------------------------------------------------------------------------------------------------- */

/* Everything that a stream holds, one line a response: kind, tag, number, word, then its tokens. */
static int tell(const char *bytes, size_t size, size_t step, struct strbuf *ret, struct err *e) {
  static const char *const KINDS[] = {"untagged", "continuation", "tagged", "noise"};
  struct memory_stream in;
  memory_stream_init(&in, bytes, size, step);
  struct imap_reader *r = imap_reader_new(&in.stream);
  int code;
  struct imap_response response;
  while (!(code = imap_reader_begin(r, &response, e))) {
    strbuf_printf(ret, "%s|%s|%u|%s", KINDS[response.kind], response.tag, response.number, response.word);
    bool status = !strcmp(response.word, "OK") || !strcmp(response.word, "NO");
    struct imap_token token = {.kind = IMAP_TOKEN_WORD};
    _cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
    if (status || response.kind == IMAP_CONTINUATION) {
      if ((code = imap_reader_text(r, &text, e)) < 0) break;
      strbuf_printf(ret, " text=%s", strbuf_text(&text));
      token.kind = IMAP_TOKEN_END;
    }
    while (token.kind != IMAP_TOKEN_END && !(code = imap_reader_token(r, &token, e))) {
      if (token.kind == IMAP_TOKEN_WORD) strbuf_printf(ret, " %s", token.text);
      if (token.kind == IMAP_TOKEN_QUOTED) strbuf_printf(ret, " \"%s\"", token.text);
      if (token.kind == IMAP_TOKEN_OPEN) strbuf_add_text(ret, " (");
      if (token.kind == IMAP_TOKEN_CLOSE) strbuf_add_text(ret, " )");
      if (token.kind != IMAP_TOKEN_LITERAL) continue;
      char piece[16];
      ssize_t n;
      strbuf_printf(ret, " <%zu:", token.size);
      while ((n = imap_reader_literal(r, piece, 3, e)) > 0) strbuf_add(ret, piece, (size_t)n);
      strbuf_add_char(ret, '>');
      if ((code = (int)n) < 0) break;
    }
    if (code < 0) break;
    strbuf_add_char(ret, '\n');
  }
  imap_reader_free(r);
  return code;
}

/* The same whatever pieces the bytes come in; the stream then ends, as if the connection did. */
static void expect_told(const char *bytes, const char *expected) {
  for (size_t step = 0; step < 4; step++) {
    _cleanup_strbuf_ struct strbuf told = STRBUF_INIT;
    struct err e = {""};
    assert_int_equal(tell(bytes, strlen(bytes), step, &told, &e), ERR_IO);
    assert_string_equal(strbuf_text(&told), expected);
  }
}

static void responses_are_told_apart(void **state) {
  (void)state;
  expect_told("* OK [UIDVALIDITY 3857529045] UIDs valid\r\n",
              "untagged||0|OK text=[UIDVALIDITY 3857529045] UIDs valid\n");
  expect_told("* 172 EXISTS\r\n", "untagged||172|EXISTS\n");
  expect_told("A142 ok done\r\n", "tagged|A142|0|OK text=done\n");
  expect_told("+ idling\r\n", "continuation||0| text=idling\n");
  expect_told("+\r\n", "continuation||0| text=\n");
  expect_told("* SEARCH 2 84 882\r\n", "untagged||0|SEARCH 2 84 882\n");
  expect_told("* SEARCH\r\n", "untagged||0|SEARCH\n");
}

static void a_line_feed_alone_ends_a_response_too(void **state) {
  (void)state;
  expect_told("* 1 EXISTS\n* 2 RECENT\n", "untagged||1|EXISTS\nuntagged||2|RECENT\n");
}

static void a_literal_is_bytes_whatever_they_say(void **state) {
  (void)state;
  expect_told("* 1 FETCH (BODY[] {15}\r\nA1 OK forged\r\n) UID 5)\r\nA1 OK true\r\n",
              "untagged||1|FETCH ( BODY[] <15:A1 OK forged\r\n)> UID 5 )\ntagged|A1|0|OK text=true\n");
}

static void literals_have_several_forms(void **state) {
  (void)state;
  expect_told("* X {3+}\r\nabc\r\n", "untagged||0|X <3:abc>\n");
  expect_told("* X ~{3}\r\nabc\r\n", "untagged||0|X <3:abc>\n");
  expect_told("* X Y{3}\r\nabc Z\r\n", "untagged||0|X Y <3:abc> Z\n");
  expect_told("* X {0}\r\n\r\n", "untagged||0|X <0:>\n");
}

static void what_only_looks_like_a_literal_is_text(void **state) {
  (void)state;
  expect_told("* OK come {5}\r\n* 1 EXISTS\r\n", "untagged||0|OK text=come {5}\nuntagged||1|EXISTS\n");
  expect_told("* X {5} y\r\n", "untagged||0|X {5} y\n");
  expect_told("* X {a}\r\n", "untagged||0|X {a}\n");
  expect_told("* X \"{5}\"\r\n", "untagged||0|X \"{5}\"\n");
}

static void a_literal_may_stand_in_the_code_of_a_status(void **state) {
  (void)state;
  expect_told("A1 NO [BADCHARSET ({5}\r\nUTF-8)] so\r\n", "tagged|A1|0|NO text=[BADCHARSET (UTF-8)] so\n");
}

static void quoted_strings_are_unescaped(void **state) {
  (void)state;
  expect_told("* LIST () \"/\" \"a \\\"b\\\" \\\\c\"\r\n", "untagged||0|LIST ( ) \"/\" \"a \"b\" \\c\"\n");
}

static void a_quoted_string_ends_with_its_line(void **state) {
  (void)state;
  expect_told("* X \"open\r\n* 1 EXISTS\r\n", "untagged||0|X \"open\"\nuntagged||1|EXISTS\n");
}

static void nonsense_is_noise_and_the_next_response_is_found(void **state) {
  (void)state;
  expect_told("\r\n(((\r\n* 1 EXISTS\r\n", "noise||0|\nnoise||0| ( (\nuntagged||1|EXISTS\n");
}

static void limits_are_told(void **state) {
  (void)state;
  static const struct {
    const char *begin;
    char fill;
    size_t size;
  } CASES[] = {{"* X ", 'a', IMAP_WORD_BYTES + 1}, {"* X \"", 'a', IMAP_QUOTED_BYTES + 1}, {"* X {", '9', 20}};
  for (size_t i = 0; i < ARRAY_SIZE(CASES); i++) {
    _cleanup_strbuf_ struct strbuf bytes = STRBUF_INIT, told = STRBUF_INIT;
    struct err e = {""};
    strbuf_add_text(&bytes, CASES[i].begin);
    for (size_t n = 0; n < CASES[i].size; n++) strbuf_add_char(&bytes, CASES[i].fill);
    strbuf_add_text(&bytes, "}\r\n");
    assert_int_equal(tell(bytes.data, bytes.length, 0, &told, &e), ERR_LIMIT);
  }
}

static void a_cut_literal_is_no_literal(void **state) {
  (void)state;
  static const char BYTES[] = "* 1 FETCH (BODY[] {10}\r\nabc";
  _cleanup_strbuf_ struct strbuf told = STRBUF_INIT;
  struct err e = {""};
  assert_int_equal(tell(BYTES, strlen(BYTES), 0, &told, &e), ERR_IO);
  assert_non_null(strstr(e.text, "closed the connection"));
}

static void what_was_not_read_is_skipped(void **state) {
  (void)state;
  static const char BYTES[] = "* 1 FETCH (A {3}\r\nA1 B \"x\" {4}\r\n* C )\r\n* 2 EXISTS\r\n";
  for (int tokens = 0; tokens < 8; tokens++) {
    struct memory_stream in;
    memory_stream_init(&in, BYTES, strlen(BYTES), 2);
    struct imap_reader *r = imap_reader_new(&in.stream);
    struct imap_response response;
    struct imap_token token;
    struct err e;
    assert_int_equal(imap_reader_begin(r, &response, &e), 0);
    for (int i = 0; i < tokens; i++) assert_int_equal(imap_reader_token(r, &token, &e), 0);
    assert_int_equal(imap_reader_begin(r, &response, &e), 0);
    assert_string_equal(response.word, "EXISTS");
    assert_int_equal(response.number, 2);
    imap_reader_free(r);
  }
}

/* --- names of folders --------------------------------------------------------------------------------------------- */

static const char *const NAMES[][2] = {
    {"INBOX", "INBOX"},
    {"a & b", "a &- b"},
    {"&", "&-"},
    {"Отчёты", "&BB4EQgRHBFEEQgRL-"},
    {"~peter/mail/台北/日本語", "~peter/mail/&U,BTFw-/&ZeVnLIqe-"}, /* the example of RFC 3501 5.1.3 */
    {"é", "&AOk-"},
    {"x\ty", "x&AAk-y"},
    {"😀", "&2D3eAA-"},
    {"日本 & more", "&ZeVnLA- &- more"},
};

static void names_go_through_modified_utf7(void **state) {
  (void)state;
  for (size_t i = 0; i < ARRAY_SIZE(NAMES); i++) {
    _cleanup_strbuf_ struct strbuf wire = STRBUF_INIT, name = STRBUF_INIT;
    assert_true(imap_utf7_encode(&wire, NAMES[i][0]));
    assert_string_equal(strbuf_text(&wire), NAMES[i][1]);
    assert_true(imap_utf7_decode(&name, NAMES[i][1]));
    assert_string_equal(strbuf_text(&name), NAMES[i][0]);
  }
}

static void what_is_no_utf8_has_no_name(void **state) {
  (void)state;
  static const char *const CASES[] = {"\xff", "a\xc3", "\xc0\xaf", "\xed\xa0\x80", "\xf5\x80\x80\x80", "\xe2\x82"};
  for (size_t i = 0; i < ARRAY_SIZE(CASES); i++) {
    _cleanup_strbuf_ struct strbuf out = STRBUF_INIT;
    strbuf_add_text(&out, "before");
    assert_false(imap_utf7_encode(&out, CASES[i]));
    assert_string_equal(out.data, "before");
  }
}

static void what_is_no_modified_utf7_is_not_decoded(void **state) {
  (void)state;
  static const char *const CASES[] = {"&",     "&AO",    "&AOk",     "&A-", "&2D0-",
                                      "&3gA-", "&AAAA-", "\xc3\xa9", "&/-", "&AOl-"};
  for (size_t i = 0; i < ARRAY_SIZE(CASES); i++) {
    _cleanup_strbuf_ struct strbuf out = STRBUF_INIT;
    strbuf_add_text(&out, "before");
    assert_false(imap_utf7_decode(&out, CASES[i]));
    assert_string_equal(out.data, "before");
  }
}

/* --- namespaces --------------------------------------------------------------------------------------------------- */

/* The name of `folder` on a server that answers NAMESPACE with this line: "=" where it stays what it is. */
static void assert_name(const char *line, const char *folder, const char *name) {
  struct memory_stream in;
  struct imap_response response;
  struct err e = {""};
  memory_stream_init(&in, line, strlen(line), 3);
  struct session s = {.reader = imap_reader_new(&in.stream), .delimiter = '/', .delimiter_known = true};
  assert_int_equal(imap_reader_begin(s.reader, &response, &e), 0);
  assert_string_equal(response.word, "NAMESPACE");
  assert_int_equal(dialogue_take_namespaces(&s, &e), 0);
  _cleanup_free_ char *complete = namespace_complete(&s, folder);
  assert_string_equal(complete ? complete : "=", name);
  imap_reader_free(s.reader);
  strbuf_clear(&s.own_prefix);
  strbuf_clear(&s.prefixes);
}

#define BELOW_INBOX "* NAMESPACE ((\"INBOX.\" \".\")) ((\"user.\" \".\")) ((\"#shared.\" \".\"))\r\n"

static void a_name_is_completed_by_the_prefix_of_ones_own_folders(void **state) {
  (void)state;
  assert_name(BELOW_INBOX, "Done", "INBOX.Done");
  assert_name(BELOW_INBOX, "Archive/DMARC", "INBOX.Archive.DMARC");
  assert_name("* NAMESPACE ((\"Mail/\" \"/\")) NIL NIL\r\n", "mail/x", "Mail/mail/x");
  assert_name("* NAMESPACE (({5}\r\nMail/ \"/\")) NIL NIL\r\n", "x", "Mail/x");
  assert_name("* NAMESPACE ((\"&AMQ-/\" \"/\")) NIL NIL\r\n", "x", "\u00c4/x");
  assert_name("* NAMESPACE ((\"Mail\" NIL)) NIL NIL\r\n", "a/b", "Maila/b");
}

static void a_name_that_has_a_prefix_gets_no_other(void **state) {
  (void)state;
  static const char *const GIVEN[] = {"INBOX",      "inbox",         "INBOX.Done",    "INBOX/Done",
                                      "inbox.Done", "user.ann.Done", "user/ann/Done", "#shared.Done"};
  for (size_t i = 0; i < ARRAY_SIZE(GIVEN); i++) assert_name(BELOW_INBOX, GIVEN[i], "=");
  assert_name("* NAMESPACE ((\"Mail/\" \"/\")) NIL NIL\r\n", "Mail/x", "=");
}

static void without_a_prefix_of_ones_own_names_stay(void **state) {
  (void)state;
  assert_name("* NAMESPACE ((\"\" \"/\")(\"#mh/\" \"/\" \"X-PARAM\" (\"FLAG1\" \"FLAG2\"))) NIL NIL\r\n", "x", "=");
  assert_name("* NAMESPACE NIL ((\"user.\" \".\")) NIL\r\n", "x", "=");
  assert_name("* NAMESPACE\r\n", "x", "=");
  assert_name("* NAMESPACE (((\"\r\n", "x", "=");
}

static void of_namespaces_some_are_kept(void **state) {
  (void)state;
  _cleanup_strbuf_ struct strbuf line = STRBUF_INIT;
  strbuf_add_text(&line, "* NAMESPACE ((\"own.\" \".\")) (");
  for (unsigned i = 0; i < 100000; i++) strbuf_printf(&line, "(\"u%u.\" \".\")", i);
  strbuf_add_text(&line, ") NIL\r\n");
  assert_name(line.data, "u1.x", "=");
  assert_name(line.data, "u99.x", "own.u99.x");
  strbuf_reset(&line);
  strbuf_add_text(&line, "* NAMESPACE ((\"");
  for (unsigned i = 0; i <= IMAP_NAME_BYTES; i++) strbuf_add_char(&line, 'x');
  strbuf_add_text(&line, ".\" \".\")) NIL NIL\r\n");
  assert_name(line.data, "Done", "=");
}

/* --- sets --------------------------------------------------------------------------------------------------------- */

static void uids_are_written_as_ranges(void **state) {
  (void)state;
  static const uint32_t UIDS[] = {1, 2, 3, 5, 7, 8, 4294967295u};
  _cleanup_strbuf_ struct strbuf out = STRBUF_INIT;
  assert_int_equal(session_add_set(&out, UIDS, ARRAY_SIZE(UIDS)), ARRAY_SIZE(UIDS));
  assert_string_equal(out.data, "1:3,5,7:8,4294967295");
}

static void a_set_stays_below_what_a_command_line_may_have(void **state) {
  (void)state;
  uint32_t uids[IMAP_SIZES];
  for (uint32_t i = 0; i < IMAP_SIZES; i++) uids[i] = 4000000000u + 2 * i;
  _cleanup_strbuf_ struct strbuf out = STRBUF_INIT;
  uint32_t n = session_add_set(&out, uids, IMAP_SIZES);
  assert_true(n > 500 && n < IMAP_SIZES);
  assert_true(out.length < IMAP_SET_BYTES);
  assert_true(IMAP_BATCH < n && MAIL_ACT_MOST < n);
}

/* --- accounts ----------------------------------------------------------------------------------------------------- */

static void cleanup_account(struct mail_account *a) { mail_account_clear(a); }
#define _cleanup_account_ _cleanup_(cleanup_account)

static void a_url_names_an_account_and_a_folder(void **state) {
  (void)state;
  static const struct {
    const char *url, *host, *user, *folder, *name, *canonical;
    unsigned port;
    bool implicit_tls;
  } CASES[] = {
      {"imaps://joe@imap.example.com/Reports", "imap.example.com", "joe", "Reports", "joe@imap.example.com:993",
       "imaps://joe@imap.example.com/Reports", 993, true},
      {"IMAP://joe%40example.com@Mail.Example.Com:1143/DMARC%20reports/2026/", "mail.example.com", "joe@example.com",
       "DMARC reports/2026", "joe@example.com@mail.example.com:1143",
       "imap://joe%40example.com@mail.example.com:1143/DMARC%20reports/2026", 1143, false},
      {"imaps://joe@example.com@imap.example.com", "imap.example.com", "joe@example.com", "INBOX",
       "joe@example.com@imap.example.com:993", "imaps://joe%40example.com@imap.example.com/INBOX", 993, true},
      {"imaps://joe@[2001:db8::1]/inbox", "2001:db8::1", "joe", "INBOX", "joe@[2001:db8::1]:993",
       "imaps://joe@[2001:db8::1]/INBOX", 993, true},
      {"imaps://joe@example.com/Отчёты/a b%25%3F", "example.com", "joe", "Отчёты/a b%?", "joe@example.com:993",
       "imaps://joe@example.com/Отчёты/a%20b%25%3F", 993, true},
      {"imaps://joe;AUTH=PLAIN@example.com/", "example.com", "joe", "INBOX", "joe@example.com:993",
       "imaps://joe@example.com/INBOX", 993, true},
      {"pop3s://joe@example.com@pop.example.com", "pop.example.com", "joe@example.com", "INBOX",
       "joe@example.com@pop.example.com:995", "pop3s://joe%40example.com@pop.example.com/", 995, true},
      {"pop3://joe@example.com:1110/inbox", "example.com", "joe", "INBOX", "joe@example.com:1110",
       "pop3://joe@example.com:1110/", 1110, false},
  };
  for (size_t i = 0; i < ARRAY_SIZE(CASES); i++) {
    _cleanup_account_ struct mail_account a;
    struct err e = {""};
    mail_account_init(&a);
    assert_true(mail_url_is_one(CASES[i].url));
    assert_int_equal(mail_account_set_url(&a, CASES[i].url, &e), 0);
    assert_int_equal(mail_account_finish(&a, &e), 0);
    assert_string_equal(a.host, CASES[i].host);
    assert_string_equal(a.user, CASES[i].user);
    assert_int_equal(a.port, CASES[i].port);
    assert_int_equal(a.implicit_tls, CASES[i].implicit_tls);
    assert_int_equal(a.folder_count, 1);
    assert_string_equal(a.folders[0], CASES[i].folder);
    _cleanup_free_ char *name = mail_account_name(&a), *url = mail_account_url(&a, a.folders[0]);
    assert_string_equal(name, CASES[i].name);
    assert_string_equal(url, CASES[i].canonical);
  }
}

static void urls_that_cannot_be_are_refused(void **state) {
  (void)state;
  static const char *const CASES[] = {"imaps://imap.example.com/",        "imaps://joe@/x",
                                      "imap:///joe@example.com",          "imaps://joe@example.com:0/",
                                      "imaps://joe@example.com:/",        "imaps://joe@./",
                                      "imaps://joe@example.com:99999/",   "imaps://joe@example.com/a?b",
                                      "imaps://joe@example.com/a#b",      "imaps://joe@example.com/a%0Ab",
                                      "imaps://joe;AUTH=FOO@example.com", "imaps://",
                                      "imaps://joe;X=Y@example.com",      "imaps://joe%0a@example.com/"};
  for (size_t i = 0; i < ARRAY_SIZE(CASES); i++) {
    _cleanup_account_ struct mail_account a;
    struct err e = {""};
    mail_account_init(&a);
    assert_int_equal(mail_account_set_url(&a, CASES[i], &e), ERR_USAGE);
    assert_true(*e.text);
  }
}

static void what_pop3_has_not_is_refused(void **state) {
  (void)state;
  static const struct {
    const char *url, *after, *failed_folder;
    int64_t since_s;
    int code;
  } CASES[] = {{"pop3s://joe@example.com", "delete", NULL, MAIL_SINCE_EVER, 0},
               {"pop3s://joe@example.com/Reports", "delete", NULL, MAIL_SINCE_EVER, ERR_USAGE},
               {"pop3s://joe@example.com", "move:Done", NULL, MAIL_SINCE_EVER, ERR_USAGE},
               {"pop3s://joe@example.com", "flag", NULL, MAIL_SINCE_EVER, ERR_USAGE},
               {"pop3s://joe@example.com", "delete", "Failed", MAIL_SINCE_EVER, ERR_USAGE},
               {"pop3s://joe@example.com", "delete", NULL, 1790812800, ERR_USAGE}};
  for (size_t i = 0; i < ARRAY_SIZE(CASES); i++) {
    _cleanup_account_ struct mail_account a;
    struct err e = {""};
    mail_account_init(&a);
    assert_int_equal(mail_account_set_url(&a, CASES[i].url, &e), 0);
    assert_int_equal(mail_account_set_after(&a, CASES[i].after, &e), 0);
    a.failed_folder = mem_strdup(CASES[i].failed_folder);
    a.since_s = CASES[i].since_s;
    assert_int_equal(mail_account_finish(&a, &e), CASES[i].code);
  }
}

static void a_password_in_a_url_is_refused_and_not_repeated(void **state) {
  (void)state;
  static const char *const CASES[] = {"imaps://joe:hunter2@example.com/", "imaps://joe:hunter2@x@example.com/a",
                                      "imap://joe:hun%74er2hunter2@example.com:99999/"};
  for (size_t i = 0; i < ARRAY_SIZE(CASES); i++) {
    _cleanup_account_ struct mail_account a;
    struct err e = {""};
    mail_account_init(&a);
    assert_int_equal(mail_account_set_url(&a, CASES[i], &e), ERR_USAGE);
    assert_null(strstr(e.text, "hunter2"));
  }
}

static void actions_are_words_with_a_place(void **state) {
  (void)state;
  _cleanup_account_ struct mail_account a;
  struct err e;
  mail_account_init(&a);
  assert_int_equal(mail_account_set_after(&a, "move:Done/2026", &e), 0);
  assert_int_equal(a.after, MAIL_AFTER_MOVE);
  assert_string_equal(a.after_folder, "Done/2026");
  assert_int_equal(mail_account_set_after(&a, "flag", &e), 0);
  assert_string_equal(a.after_flag, "$dmarcctl");
  assert_int_equal(mail_account_set_after(&a, "flag:seen", &e), 0);
  assert_string_equal(a.after_flag, "\\Seen");
  assert_int_equal(mail_account_set_after(&a, "flag:Imported", &e), 0);
  assert_string_equal(a.after_flag, "Imported");
  assert_int_equal(mail_account_set_after(&a, "delete", &e), 0);
  assert_int_equal(a.after, MAIL_AFTER_DELETE);
  static const char *const WRONG[] = {"",         "move",           "move:",  "flag:",      "flag:a b",
                                      "flag:(x)", "flag:\\Deleted", "remove", "flag:a\r\nb"};
  for (size_t i = 0; i < ARRAY_SIZE(WRONG); i++) assert_int_equal(mail_account_set_after(&a, WRONG[i], &e), ERR_USAGE);
}

static void a_pin_is_never_a_file(void **state) {
  (void)state;
  static const char PIN[] = "sha256//47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
  _cleanup_account_ struct mail_account a;
  struct err e;
  mail_account_init(&a);
  assert_int_equal(mail_account_set_pin(&a, PIN, &e), 0);
  _cleanup_free_ char *two = mem_printf("%s;%s", PIN, PIN), *cut = mem_strndup(PIN, 40);
  assert_int_equal(mail_account_set_pin(&a, two, &e), 0);
  assert_string_equal(a.pin, two);
  const char *const WRONG[] = {"", "/etc/passwd", "sha256//", cut,
                               "sha256//47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=;x"};
  for (size_t i = 0; i < ARRAY_SIZE(WRONG); i++) assert_int_equal(mail_account_set_pin(&a, WRONG[i], &e), ERR_USAGE);
}

static void accounts_that_contradict_themselves_are_refused(void **state) {
  (void)state;
  struct err e;
  _cleanup_account_ struct mail_account a;
  mail_account_init(&a);
  assert_int_equal(mail_account_set_url(&a, "imaps://joe@example.com/Reports", &e), 0);
  assert_int_equal(mail_account_set_auth(&a, "xoauth2", &e), 0);
  assert_int_equal(mail_account_finish(&a, &e), ERR_USAGE);
  a.token_command = mem_strdup("echo x");
  assert_int_equal(mail_account_finish(&a, &e), 0);
  a.password_command = mem_strdup("echo y");
  assert_int_equal(mail_account_finish(&a, &e), ERR_USAGE);
  free(a.token_command);
  a.token_command = NULL;
  a.auth = MAIL_AUTH_ANY;
  assert_int_equal(mail_account_finish(&a, &e), 0);
  assert_int_equal(mail_account_set_after(&a, "move:Reports", &e), 0);
  assert_int_equal(mail_account_finish(&a, &e), ERR_USAGE);
}

/* --- secrets ------------------------------------------------------------------------------------------------------ */

static void the_first_line_of_a_command_is_the_secret(void **state) {
  (void)state;
  _cleanup_account_ struct mail_account a;
  struct secret secret;
  struct err e = {""};
  mail_account_init(&a);
  static const struct {
    const char *command, *secret;
  } CASES[] = {{"printf 'one\\ntwo\\n'", "one"},
               {"printf 'one two'", "one two"},
               {"printf 'one\\r\\n'", "one"},
               {"printf '\\357\\273\\277one\\n'", "one"}, /* a byte order mark */
               {"printf '\\357\\273\\277\\n'", NULL},
               {"printf '\\357\\273one\\n'", "\xef\xbbone"},
               {"true", NULL},
               {"echo", NULL},
               {"printf 'a\\0b\\n'", NULL},
               {"echo x; exit 3", NULL},
               {"kill -9 $$", NULL}};
  for (size_t i = 0; i < ARRAY_SIZE(CASES); i++) {
    free(a.password_command);
    a.password_command = mem_strdup(CASES[i].command);
    int code = secret_get(&a, NULL, &secret, &e);
    assert_int_equal(code, CASES[i].secret ? 0 : ERR_USAGE);
    assert_string_equal(secret.text, CASES[i].secret ? CASES[i].secret : "");
  }
  secret_wipe(&secret);
}

/* A part of it would be another one, which signs and logs in to nothing. */
static void a_secret_that_is_too_long_is_refused(void **state) {
  (void)state;
  static const struct {
    const char *behind;
    int length;
    bool fits;
  } CASES[] = {{"", SECRET_BYTES - 1, true},
               {"\\nnotes", SECRET_BYTES - 2, true},
               {"\\nnotes", SECRET_BYTES - 1, false},
               {"", SECRET_BYTES, false},
               {"x\\nnotes", SECRET_BYTES, false}};
  char secret[SECRET_BYTES], path[] = "/tmp/dmarcctl-secret.XXXXXX";
  close(mkstemp(path));
  for (size_t i = 0; i < ARRAY_SIZE(CASES); i++) {
    struct err e = {""}, of_file = {""};
    _cleanup_free_ char *command = mem_printf("printf '%%0%dd%s' 7", CASES[i].length, CASES[i].behind),
                        *write = mem_printf("%s > %s", command, path);
    assert_int_equal(system(write), 0);
    assert_int_equal(secret_from_command(command, "it", NULL, secret, &e), CASES[i].fits ? 0 : ERR_USAGE);
    assert_int_equal(strlen(secret), CASES[i].fits ? CASES[i].length : 0);
    assert_int_equal(secret_from_file(path, "it", secret, &of_file), CASES[i].fits ? 0 : ERR_USAGE);
    assert_int_equal(strlen(secret), CASES[i].fits ? CASES[i].length : 0);
    if (CASES[i].fits) continue;
    assert_string_equal(e.text, "it: its first line has more than 16383 bytes");
    assert_string_equal(of_file.text, e.text);
  }
  unlink(path);
}

static void a_secret_is_hidden_where_it_is_repeated(void **state) {
  (void)state;
  struct secret secret = {.kind = SECRET_PASSWORD, .text = "hunter2"};
  char text[] = "NO \"hunter2\" is no password, hunter2!";
  secret_mask(secret.text, text);
  assert_string_equal(text, "NO \"*******\" is no password, *******!");
  /* "hunter2", and "\0joe\0hunter2" as AUTH=PLAIN has it */
  char encoded[] = "NO aHVudGVyMg== x AGpvZQBodW50ZXIy, aGFybWxlc3M= hunt";
  secret_mask(secret.text, encoded);
  assert_string_equal(encoded, "NO **********== x ****************, aGFybWxlc3M= ****");
}

/* Stars for it alone would tell which word of a sentence it is; inside of words it is what any text may hold. */
static void a_short_secret_is_hidden_among_words_of_its_length(void **state) {
  (void)state;
  static const struct {
    const char *secret, *text, *shown;
  } CASES[] = {
      {"b7", "NO LOGIN joe b7 is no way to log in", "NO LOGIN joe ** ** ** way ** log **"},
      {"b7", "NO \"b7\" is wrong, (b7)b7.", "NO \"**\" ** wrong, (**)**."},
      {"b7", "NO ab7 b71 aB7d B7 is wrong", "NO ab7 b71 aB7d B7 is wrong"},
      {"a\"", "NO \"a\\\"\" is wrong", "NO \"***\" ** wrong"},
      {"b7", "NO AUTHENTICATE PLAIN AGpvZQBiNw== Yjc=", "NO AUTHENTICATE PLAIN **********== ***="},
      {"b7", "NO cGxhYjc= is c29tZXRoaW5n", "NO cGxhYjc= is c29tZXRoaW5n"},
      {"NO", "NO NO is wrong", "** ** ** wrong"},
      {"\u00e9", "NO caf\u00e9 \u00e9", "NO caf\u00e9 **"},
      {"", "NO LOGIN joe", "NO LOGIN joe"},
  };
  for (size_t i = 0; i < ARRAY_SIZE(CASES); i++) {
    _cleanup_free_ char *text = mem_strdup(CASES[i].text);
    secret_mask(CASES[i].secret, text);
    assert_string_equal(text, CASES[i].shown);
  }
}

/* --- refusals ----------------------------------------------------------------------------------------------------- */

static void patience_is_told_by_codes_and_by_words(void **state) {
  (void)state;
  static const struct {
    const char *text;
    bool patience, of_mails;
    double wait_s;
  } CASES[] = {
      {"Request is throttled. Suggested Backoff Time: 299910 milliseconds", true, true, 299.91},
      {"[OVERQUOTA] Account exceeded command or bandwidth limits. (Failure)", true, true, 0},
      {"[ALERT] Too many simultaneous connections. (Failure)", true, true, 0},
      {"[LIMIT] Rate limit hit, retry in 5 minutes", true, true, 300},
      {"[INUSE] locked (0.074 + 0.000 secs)", true, true, 0},
      {"Server Unavailable. 15", true, true, 0},
      {"[UNAVAILABLE] back in 1 hour", true, true, 3600},
      {"please try again in 30 s.", true, true, 30},
      {"[SERVERBUG] Internal error occurred", true, false, 0},
      {"[AUTHENTICATIONFAILED] Too many failures, try again later", false, false, 0},
      {"[CANNOT] later", false, false, 0},
      {"cannot read it", false, false, 0},
      {"[LIMITED] is another code", false, false, 0},
  };
  for (size_t i = 0; i < ARRAY_SIZE(CASES); i++) {
    assert_int_equal(refusal_is_patience(CASES[i].text, false), CASES[i].patience);
    assert_int_equal(refusal_is_patience(CASES[i].text, true), CASES[i].of_mails);
    assert_true(refusal_wait_s(CASES[i].text) - CASES[i].wait_s < 0.001);
    assert_true(CASES[i].wait_s - refusal_wait_s(CASES[i].text) < 0.001);
  }
}

/* --- mails -------------------------------------------------------------------------------------------------------- */

static void a_mail_comes_back_as_it_was_kept(void **state) {
  (void)state;
  static const size_t SIZES[] = {0, 1, 1000, MAIL_MEMORY_BYTES, MAIL_MEMORY_BYTES + 1, 3 * MAIL_MEMORY_BYTES};
  for (size_t i = 0; i < ARRAY_SIZE(SIZES); i++) {
    struct remote_mail mail = REMOTE_MAIL_NONE;
    struct err e;
    assert_int_equal(remote_mail_reserve(&mail, SIZES[i], &e), 0);
    for (size_t at = 0; at < SIZES[i];) {
      unsigned char piece[1000];
      size_t n = SIZES[i] - at < sizeof piece ? SIZES[i] - at : sizeof piece;
      for (size_t b = 0; b < n; b++) piece[b] = (unsigned char)((at + b) * 7);
      assert_int_equal(remote_mail_add(&mail, piece, n, &e), 0);
      at += n;
    }
    assert_int_equal(mail.size, SIZES[i]);
    assert_int_equal(mail.fd >= 0, SIZES[i] > MAIL_MEMORY_BYTES);
    struct remote_mail_stream in;
    unsigned char piece[777];
    ssize_t n;
    size_t at = 0;
    remote_mail_stream_init(&in, &mail);
    while ((n = in.stream.read(&in.stream, piece, sizeof piece, &e)) > 0)
      for (ssize_t b = 0; b < n; b++, at++) assert_int_equal(piece[b], (unsigned char)(at * 7));
    assert_int_equal(n, 0);
    assert_int_equal(at, SIZES[i]);
    remote_mail_clear(&mail);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(responses_are_told_apart),
      cmocka_unit_test(a_line_feed_alone_ends_a_response_too),
      cmocka_unit_test(a_literal_is_bytes_whatever_they_say),
      cmocka_unit_test(literals_have_several_forms),
      cmocka_unit_test(what_only_looks_like_a_literal_is_text),
      cmocka_unit_test(a_literal_may_stand_in_the_code_of_a_status),
      cmocka_unit_test(quoted_strings_are_unescaped),
      cmocka_unit_test(a_quoted_string_ends_with_its_line),
      cmocka_unit_test(nonsense_is_noise_and_the_next_response_is_found),
      cmocka_unit_test(limits_are_told),
      cmocka_unit_test(a_cut_literal_is_no_literal),
      cmocka_unit_test(what_was_not_read_is_skipped),
      cmocka_unit_test(names_go_through_modified_utf7),
      cmocka_unit_test(what_is_no_utf8_has_no_name),
      cmocka_unit_test(what_is_no_modified_utf7_is_not_decoded),
      cmocka_unit_test(a_name_is_completed_by_the_prefix_of_ones_own_folders),
      cmocka_unit_test(a_name_that_has_a_prefix_gets_no_other),
      cmocka_unit_test(without_a_prefix_of_ones_own_names_stay),
      cmocka_unit_test(of_namespaces_some_are_kept),
      cmocka_unit_test(uids_are_written_as_ranges),
      cmocka_unit_test(a_set_stays_below_what_a_command_line_may_have),
      cmocka_unit_test(a_url_names_an_account_and_a_folder),
      cmocka_unit_test(urls_that_cannot_be_are_refused),
      cmocka_unit_test(what_pop3_has_not_is_refused),
      cmocka_unit_test(a_password_in_a_url_is_refused_and_not_repeated),
      cmocka_unit_test(actions_are_words_with_a_place),
      cmocka_unit_test(a_pin_is_never_a_file),
      cmocka_unit_test(accounts_that_contradict_themselves_are_refused),
      cmocka_unit_test(the_first_line_of_a_command_is_the_secret),
      cmocka_unit_test(a_secret_that_is_too_long_is_refused),
      cmocka_unit_test(a_secret_is_hidden_where_it_is_repeated),
      cmocka_unit_test(a_short_secret_is_hidden_among_words_of_its_length),
      cmocka_unit_test(patience_is_told_by_codes_and_by_words),
      cmocka_unit_test(a_mail_comes_back_as_it_was_kept),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
