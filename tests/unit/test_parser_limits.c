/* SPDX-License-Identifier: Apache-2.0 */
/* Each limit of the parser, on both sides of it. */
#include "parser_kit.h"

/* --- limits ------------------------------------------------------------------------------------------------------- */

static void nesting_is_followed_to_its_limit_and_no_further(void **state) {
  (void)state;
  for (unsigned depth = 63; depth <= 64; depth++) { /* and the root */
    _cleanup_free_ char *open = repeated("<x>", depth), *close = repeated("</x>", depth);
    _cleanup_free_ char *document = mem_printf("<feedback>" BODY "\n%s%s" TAIL, open, close);
    _cleanup_reading_ struct reading r = read_text(document);
    if (depth == 63)
      assert_int_equal(r.code, 0);
    else
      expect_failure(&r, ERR_LIMIT, "line 5: XML nested deeper than 64 levels");
  }
}

static void tags_that_are_never_closed_cost_what_follows_not_what_was_read(void **state) {
  (void)state;
  _cleanup_free_ char *open = repeated("<x>", 100);
  _cleanup_free_ char *document = mem_printf(HEAD PLAIN("192.0.2.1", "1") "<b></i>%s", open);
  _cleanup_reading_ struct reading r = read_text(document);
  expect_damage(&r, "line 5: Opening and ending tag mismatch");
  expect_line(&r, LINE_1);
}

static void a_text_is_cut_at_its_limit_between_characters(void **state) {
  (void)state;
  struct parser_limits limits = PARSER_LIMITS_DEFAULT;
  limits.text_bytes = 64;
  _cleanup_free_ char *most = repeated("12345678", 8);
  for (int more = 0; more < 2; more++) {
    _cleanup_free_ char *document = mem_printf(
        HEAD RECORD(ROW("192.0.2.1", "1", EVALUATED), FROM("%s%s"), RESULTS(SPF("example.com", "pass"))) TAIL, most,
        more ? "x" : "");
    _cleanup_reading_ struct reading r = read_under(document, &limits);
    expect_line(&r, more ? " from=- " : most); /* a piece of a domain is another domain */
    assert_int_equal(r.outcome.header->flags & FEEDBACK_DAMAGED, more ? FEEDBACK_DAMAGED : 0);
    if (more) expect_line(&r, "text cut");
    if (more) expect_damage(&r, "line 4: a text longer than its limit was cut");
  }
  /* 63 bytes and a character of two: cut in front of it, and what follows does not slip in behind. */
  _cleanup_free_ char *document = mem_printf("<feedback><version>%.63s\xc3\xa9y&amp;z</version>" BODY TAIL, most);
  for (size_t step = 0; step < 80; step++) {
    _cleanup_reading_ struct reading r = read_limited(document, strlen(document), step, &limits);
    assert_int_equal(strlen(r.outcome.header->version), 63);
  }
  _cleanup_free_ char *reason = mem_printf(HEAD WITH_REASONS("<reason>%.63s\xc3\xa9y&amp;z</reason>") TAIL, most);
  for (size_t step = 0; step < 80; step++) {
    _cleanup_reading_ struct reading r = read_limited(reason, strlen(reason), step, &limits);
    expect_line(&r, "567: -} align=11 flags=text cut");
  }
}

static void a_piece_of_a_figure_is_not_taken_for_the_figure(void **state) {
  (void)state;
  struct parser_limits limits = PARSER_LIMITS_DEFAULT;
  limits.text_bytes = 64;
  _cleanup_free_ char *blanks = repeated(" ", 60);
#define PADDED "%s123456"
  _cleanup_free_ char *document =
      mem_printf("<feedback><report_metadata><org_name>o</org_name><report_id>r</report_id><date_range><begin>" PADDED
                 "</begin><end>1709337599</end></date_range></report_metadata>" POLICY RECORD(
                     ROW("%s192.0.2.1", PADDED, "<policy_evaluated><dkim>%spassed</dkim></policy_evaluated>"),
                     FROM("example.com"), RESULTS(DKIM("%sexample.com", "fail") SPF("example.com", "%spassed"))) TAIL,
                 blanks, blanks, blanks, blanks, blanks, blanks);
  _cleanup_reading_ struct reading r = read_under(document, &limits);
  expect_line(&r,
              "- x-1 - dkim=- spf=- from=example.com mfrom=- to=- [dkim - - fail -] [spf example.com - - -] align=00 ");
  expect_line(&r, "text cut");
  assert_int_equal(r.outcome.header->begin_s, FEEDBACK_TIME_UNKNOWN);
  expect_damage(&r, "line 1: a text longer than its limit was cut");
}

#define FOREIGN DKIM("a.example", "fail") DKIM("b.example", "fail")
#define FOREIGN_LINE "[dkim a.example - fail -] [dkim b.example - fail -] "
#define MAIL_FROM "<spf><domain>example.com</domain><scope>mfrom</scope><result>pass</result></spf>"

static struct reading read_results(const char *results, const char *header_from) {
  struct parser_limits limits = PARSER_LIMITS_DEFAULT;
  limits.dkim_results = 2;
  limits.spf_results = 1;
  _cleanup_free_ char *document = mem_printf(
      HEAD "<record>" ROW("192.0.2.1", "1", EVALUATED) FROM("%s") RESULTS("%s") "</record>" TAIL, header_from, results);
  return read_under(document, &limits);
}

static void the_results_of_one_mechanism_do_not_displace_those_of_the_other(void **state) {
  (void)state;
  _cleanup_reading_ struct reading at = read_results(FOREIGN MAIL_FROM, "example.com");
  expect_line(&at, FOREIGN_LINE "[spf example.com mfrom pass -] align=13 flags=\n");
  _cleanup_reading_ struct reading repeated_ones =
      read_results(FOREIGN DKIM("a.example", "fail") "<dkim/>" MAIL_FROM MAIL_FROM, "example.com");
  expect_line(&repeated_ones, FOREIGN_LINE "[spf example.com mfrom pass -] align=13 flags=\n");
  _cleanup_reading_ struct reading over = read_results(FOREIGN DKIM("c.example", "fail") MAIL_FROM, "example.com");
  expect_line(&over, FOREIGN_LINE "[spf example.com mfrom pass -] align=03 flags=DKIM results cut\n");
  assert_int_equal(header_flags(&over), FEEDBACK_RECORD_FLAGGED | FEEDBACK_RESULTS_CUT);
  _cleanup_reading_ struct reading spf =
      read_results(DKIM("a.example", "pass") SPF("b.example", "pass") SPF("c.example", "pass"), "example.com");
  expect_line(&spf, "[dkim a.example - pass -] [spf b.example - pass -] align=10 flags=SPF results cut\n");
}

static void of_results_beyond_their_limit_those_that_prove_alignment_are_kept(void **state) {
  (void)state;
  _cleanup_reading_ struct reading last = read_results(FOREIGN DKIM("example.com", "pass"), "example.com");
  expect_line(&last, "[dkim a.example - fail -] [dkim example.com - pass -] align=31 flags=DKIM results cut\n");
  _cleanup_reading_ struct reading first =
      read_results(DKIM("example.com", "pass") DKIM("b.example", "pass") DKIM("c.example", "pass"), "example.com");
  expect_line(&first, "[dkim example.com - pass -] [dkim b.example - pass -] align=31 flags=DKIM results cut\n");
  /* The nearer one counts more, and a failing one not at all. */
  _cleanup_reading_ struct reading nearer =
      read_results(DKIM("mail.example.com", "pass") DKIM("news.example.com", "pass") DKIM("example.com", "fail")
                       DKIM("example.com", "pass"),
                   "example.com");
  expect_line(&nearer,
              "[dkim mail.example.com - pass -] [dkim example.com - pass -] align=31 flags=DKIM results cut\n");
  _cleanup_reading_ struct reading spf =
      read_results(SPF("a.example", "softfail") SPF("bounce.example.com", "pass"), "example.com");
  expect_line(&spf, "[spf bounce.example.com - pass -] align=12 flags=SPF results cut\n");
  /* A helo identity counts where there is no other, and here one may have been cut. */
  _cleanup_reading_ struct reading helo = read_results(
      "<spf><domain>example.com</domain><scope>helo</scope><result>pass</result></spf>" SPF("a.example", "fail"),
      "example.com");
  expect_line(&helo, "[spf example.com helo pass -] align=10 flags=SPF results cut\n");
}

static void a_hundred_signatures_in_front_of_the_own_one_hide_nothing(void **state) {
  (void)state;
  struct strbuf list = STRBUF_INIT;
  for (int i = 0; i < 99; i++) strbuf_printf(&list, DKIM("z%d.example", "fail"), i);
  for (int more = 0; more < 2; more++) {
    if (more) strbuf_add_text(&list, DKIM("z99.example", "fail"));
    _cleanup_free_ char *document =
        mem_printf(HEAD BEGIN RESULTS("%s" DKIM("example.com", "pass") MAIL_FROM) "</record>" TAIL, list.data);
    _cleanup_reading_ struct reading r = read_text(document);
    expect_line(
        &r, "[dkim z98.example - fail -] [dkim example.com - pass -] [spf example.com mfrom pass -] align=33 flags=");
    assert_int_equal(count_of(r.text.data, "[dkim"), 100);
    assert_int_equal(header_flags(&r) & FEEDBACK_RESULTS_CUT, more ? FEEDBACK_RESULTS_CUT : 0);
  }
  strbuf_clear(&list);
}

/* What people wrote takes half of a record's room, so that it hides no identity; identities beyond the rest are cut. */
static void results_without_room_for_their_texts_are_cut_too(void **state) {
  (void)state;
  struct parser_limits limits = PARSER_LIMITS_DEFAULT;
  limits.text_bytes = 100;
  struct strbuf talk = STRBUF_INIT, names = STRBUF_INIT;
  for (int i = 0; i < 20; i++)
    strbuf_printf(&talk, "<dkim><human_result>%d 123456789 123456789</human_result></dkim>", i);
  for (int i = 0; i < 40; i++) strbuf_printf(&names, DKIM("z%d.example", "fail"), i);
  _cleanup_free_ char *prose =
      mem_printf(HEAD BEGIN RESULTS("%s" DKIM("example.com", "pass")) "</record>" TAIL, talk.data);
  _cleanup_reading_ struct reading kept = read_under(prose, &limits);
  expect_line(&kept, "[dkim example.com - pass -] align=31 flags=text cut\n");
  _cleanup_free_ char *identities =
      mem_printf(HEAD BEGIN RESULTS("%s" DKIM("example.com", "pass")) "</record>" TAIL, names.data);
  _cleanup_reading_ struct reading cut = read_under(identities, &limits);
  expect_line(&cut, "align=01 flags=text cut, DKIM results cut\n");
  strbuf_clear(&talk);
  strbuf_clear(&names);
}

static void reasons_and_errors_beyond_their_limit_are_dropped_and_told(void **state) {
  (void)state;
  struct parser_limits limits = PARSER_LIMITS_DEFAULT;
  limits.reasons = 2;
#define REASON "<reason><type>other</type><comment>c</comment></reason>"
  _cleanup_reading_ struct reading at = read_under(HEAD WITH_REASONS(REASON REASON) TAIL, &limits);
  expect_line(&at, "{other: c} {other: c} align=11 flags=\n");
  _cleanup_reading_ struct reading over =
      read_under(HEAD WITH_REASONS(REASON REASON "<reason>forwarded</reason>") TAIL, &limits);
  expect_line(&over, "{other: c} {other: c} align=11 flags=text cut\n");
#define ERRORS(list) "<feedback><report_metadata>" list "</report_metadata>" BODY TAIL
  _cleanup_reading_ struct reading two = read_under(ERRORS("<error>a</error><error>b</error>"), &limits);
  assert_int_equal(two.outcome.header->error_count, 2);
  assert_int_equal(header_flags(&two), 0);
  _cleanup_reading_ struct reading three =
      read_under(ERRORS("<error>a</error><error>b</error><error>c</error>"), &limits);
  assert_int_equal(three.outcome.header->error_count, 2);
  expect_damage(&three, "more errors in report_metadata than are kept");
}

static void a_document_may_hold_so_many_records(void **state) {
  (void)state;
  struct parser_limits limits = PARSER_LIMITS_DEFAULT;
  limits.records = 2;
  _cleanup_reading_ struct reading at = read_under(HEAD PLAIN("192.0.2.1", "1") PLAIN("192.0.2.1", "1") TAIL, &limits);
  assert_int_equal(at.code, 0);
  _cleanup_reading_ struct reading over =
      read_under(HEAD PLAIN("192.0.2.1", "1") PLAIN("192.0.2.1", "1") PLAIN("192.0.2.1", "1") TAIL, &limits);
  expect_failure(&over, ERR_LIMIT, "more than 2 records (--max-records)");
  assert_int_equal(over.records_seen, 2);
}

static void xml_is_looked_for_behind_so_many_bytes(void **state) {
  (void)state;
  struct parser_limits limits = PARSER_LIMITS_DEFAULT;
  limits.prefix_bytes = 10;
  _cleanup_reading_ struct reading at = read_under("0123456789<feedback>" BODY TAIL, &limits);
  expect_damage(&at, "line 1: text in front of the XML");
  _cleanup_reading_ struct reading over = read_under("0123456789a<feedback>" BODY TAIL, &limits);
  expect_failure(&over, ERR_NO_REPORT, "no XML in its first 10 bytes");
}

static void the_texts_of_a_record_and_of_a_header_are_bounded_together(void **state) {
  (void)state;
  struct parser_limits limits = PARSER_LIMITS_DEFAULT;
  limits.text_bytes = 100;
  _cleanup_free_ char *results = repeated("<dkim><human_result>123456789 123456789 123456789</human_result></dkim>", 1);
  struct strbuf b = STRBUF_INIT;
  for (int i = 0; i < 60; i++)
    strbuf_printf(&b, "<dkim><human_result>%d 123456789 123456789 123456789</human_result></dkim>", i);
  _cleanup_free_ char *document = mem_printf(HEAD BEGIN RESULTS("%s") "</record>" TAIL, b.data);
  strbuf_clear(&b);
  _cleanup_reading_ struct reading record = read_under(document, &limits);
  expect_line(&record, "flags=text cut");
  assert_in_range(count_of(record.text.data, "[dkim"), 5, 15);
  _cleanup_free_ char *errors = repeated("<error>123456789 123456789 123456789 123456789 </error>", 60);
  _cleanup_free_ char *many = mem_printf("<feedback><report_metadata>%s</report_metadata>" BODY TAIL, errors);
  _cleanup_reading_ struct reading header = read_under(many, &limits);
  expect_damage(&header, "line 1: the texts of the header are longer than their limit");
  assert_in_range(header.outcome.header->error_count, 5, 15);
}

static void a_field_written_again_and_again_takes_no_memory(void **state) {
  (void)state;
  _cleanup_free_ char *names = repeated("<org_name>123456789 123456789 123456789</org_name>", 20000);
  _cleanup_free_ char *document = mem_printf("<feedback><report_metadata>%s</report_metadata>" BODY TAIL, names);
  _cleanup_reading_ struct reading header = read_text(document);
  assert_int_equal(header.code, 0);
  assert_in_range(arena_used(header.arena), 1, 10000);
  _cleanup_free_ char *domains = repeated("<domain>a.example.com</domain>", 20000);
  _cleanup_free_ char *other =
      mem_printf(HEAD BEGIN RESULTS("<dkim>%s<domain>example.com</domain></dkim>") "</record>" TAIL, domains);
  _cleanup_reading_ struct reading record = read_text(other);
  expect_line(&record, "[dkim a.example.com - - -]");
  assert_in_range(arena_used(record.arena), 1, 10000);
}

static void endless_markup_ends_the_reading_and_keeps_the_records_before_it(void **state) {
  (void)state;
  static const char *const MARKUP[][2] = {{"<a b='", "'/>"}, {"<!-- ", "-->"}, {"<![CDATA[", "]]>"},
                                          {"<?pi ", "?>"},   {"<", "/>"},      {"<x xmlns='", "'/>"},
                                          {"</", ">"},       {"&", ";"}};
  _cleanup_free_ char *filler = repeated("abcdefghabcdefgh", 8192);
  for (size_t i = 0; i < ARRAY_SIZE(MARKUP); i++) {
    _cleanup_free_ char *document = mem_printf(HEAD PLAIN("192.0.2.1", "1") "%s%s%s" PLAIN("192.0.2.2", "1") TAIL,
                                               MARKUP[i][0], filler, MARKUP[i][1]);
    _cleanup_reading_ struct reading r = read_text(document);
    expect_damage(&r, "line 5: a");
    expect_line(&r, LINE_1);
    assert_int_equal(r.outcome.records, 1);
    _cleanup_free_ char *nothing = mem_printf("<feedback>%s%s%s" TAIL, MARKUP[i][0], filler, MARKUP[i][1]);
    _cleanup_reading_ struct reading rejected = read_text(nothing);
    expect_failure(&rejected, ERR_LIMIT, "line 1: a tag, comment or CDATA section longer than 64 KiB");
  }
}

static void thousands_of_attributes_or_names_end_the_reading(void **state) {
  (void)state;
  struct strbuf attributes = STRBUF_INIT, names = STRBUF_INIT;
  for (int i = 0; i < 65; i++) strbuf_printf(&attributes, " a%d=''", i);
  for (int i = 0; i < 10000; i++) strbuf_printf(&names, "<n%d/>\n", i);
  _cleanup_free_ char *first = mem_printf("<feedback%s>" BODY TAIL, attributes.data);
  _cleanup_reading_ struct reading r = read_text(first);
  expect_failure(&r, ERR_LIMIT, "line 1: a tag with more than 64 attributes");
  _cleanup_free_ char *second = mem_printf("<feedback>%s" BODY TAIL, names.data);
  /* Each time anew: no document pays for the names of those before it. */
  _cleanup_parser_ struct parser *p = parser_new(&PARSER_LIMITS_DEFAULT);
  _cleanup_reading_ struct reading many = {0};
  for (int i = 0; i < 3; i++) {
    struct memory_stream in;
    memory_stream_init(&in, second, strlen(second), 0);
    run(p, &in.stream, &many);
    assert_int_equal(many.code, ERR_LIMIT);
    assert_non_null(strstr(many.err.text, "thousands of different names"));
    memory_stream_init(&in, "<feedback>" BODY TAIL, strlen("<feedback>" BODY TAIL), 0);
    run(p, &in.stream, &many);
    assert_int_equal(many.code, 0);
  }
  strbuf_clear(&attributes);
  strbuf_clear(&names);
}

static void a_doctype_is_refused_before_any_entity_is_read(void **state) {
  (void)state;
  static const char *const DOCTYPES[] = {
      "<!DOCTYPE feedback>",
      "<!DOCTYPE feedback SYSTEM \"file:///etc/passwd\">",
      "<!DOCTYPE feedback PUBLIC \"x\" \"http://192.0.2.1/x.dtd\">",
      "<!DOCTYPE feedback [<!ENTITY x SYSTEM \"file:///etc/passwd\">]>",
      "<!DOCTYPE lolz [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;\"><!ENTITY c "
      "\"&b;&b;&b;&b;&b;&b;\">]>",
      "<!DOCTYPE feedback [<!ENTITY % p SYSTEM \"http://192.0.2.1/\"> %p;",
  };
  for (size_t i = 0; i < ARRAY_SIZE(DOCTYPES); i++) {
    _cleanup_free_ char *document =
        mem_printf("<?xml version=\"1.0\"?>\n%s<feedback><version>&x;&c;</version>" BODY TAIL, DOCTYPES[i]);
    _cleanup_reading_ struct reading r = read_text(document);
    expect_failure(&r, ERR_FORMAT, "line 2: a DOCTYPE, which no report needs: refused");
    assert_int_equal(r.records_seen, 0);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(nesting_is_followed_to_its_limit_and_no_further),
      cmocka_unit_test(tags_that_are_never_closed_cost_what_follows_not_what_was_read),
      cmocka_unit_test(a_text_is_cut_at_its_limit_between_characters),
      cmocka_unit_test(a_piece_of_a_figure_is_not_taken_for_the_figure),
      cmocka_unit_test(the_results_of_one_mechanism_do_not_displace_those_of_the_other),
      cmocka_unit_test(of_results_beyond_their_limit_those_that_prove_alignment_are_kept),
      cmocka_unit_test(a_hundred_signatures_in_front_of_the_own_one_hide_nothing),
      cmocka_unit_test(results_without_room_for_their_texts_are_cut_too),
      cmocka_unit_test(reasons_and_errors_beyond_their_limit_are_dropped_and_told),
      cmocka_unit_test(a_document_may_hold_so_many_records),
      cmocka_unit_test(xml_is_looked_for_behind_so_many_bytes),
      cmocka_unit_test(the_texts_of_a_record_and_of_a_header_are_bounded_together),
      cmocka_unit_test(a_field_written_again_and_again_takes_no_memory),
      cmocka_unit_test(endless_markup_ends_the_reading_and_keeps_the_records_before_it),
      cmocka_unit_test(thousands_of_attributes_or_names_end_the_reading),
      cmocka_unit_test(a_doctype_is_refused_before_any_entity_is_read),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
