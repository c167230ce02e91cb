/* SPDX-License-Identifier: Apache-2.0 */
/* What is saved of broken documents, and how the damage is told. */
#include "parser_kit.h"

/* --- recovery ----------------------------------------------------------------------------------------------------- */

#define THREE_RECORDS HEAD PLAIN("192.0.2.1", "1") PLAIN("192.0.2.2", "2") PLAIN("192.0.2.3", "3") TAIL
#define OTHER_LINES PLAIN_LINE("192.0.2.3", "3")

/* Where the second of three records begins and ends. */
static void second_record(const char *document, size_t *ret_begin, size_t *ret_end) {
  const char *begin = strstr(strstr(document, "<record>") + 1, "<record>");
  *ret_begin = (size_t)(begin - document);
  *ret_end = (size_t)(strstr(begin, "</record>") + strlen("</record>") - document);
}

static void expect_neighbours_whole(const char *document, const char *what) {
  _cleanup_reading_ struct reading r = read_text(document);
  if (r.code) fail_msg("%s: %s", what, r.err.text);
  if (!strstr(r.text.data, LINE_1) || !strstr(r.text.data, OTHER_LINES)) fail_msg("%s:\n%s", what, r.text.data);
  if (!strstr(r.text.data, "192.0.2.2 ") && !strstr(r.text.data, "- x2")) fail_msg("lost: %s:\n%s", what, r.text.data);
  expect_damage(&r, "line 5: ");
}

static void an_end_tag_lost_anywhere_costs_no_other_record(void **state) {
  (void)state;
  size_t begin, end;
  second_record(THREE_RECORDS, &begin, &end);
  for (size_t at = begin; at < end; at++) {
    if (memcmp(THREE_RECORDS + at, "</", 2) != 0) continue;
    _cleanup_free_ char *document = altered(THREE_RECORDS, at, strcspn(THREE_RECORDS + at, ">") + 1, "");
    _cleanup_reading_ struct reading r = read_text(document);
    if (r.code) fail_msg("%s", r.err.text);
    expect_line(&r, LINE_1);
    expect_line(&r, OTHER_LINES);
    expect_line(&r, "192.0.2.2 x");
    assert_true(header_flags(&r) & FEEDBACK_DAMAGED);
    assert_int_equal(r.outcome.records, 3);
  }
}

static void a_start_tag_lost_anywhere_costs_no_other_record(void **state) {
  (void)state;
  size_t begin, end;
  second_record(THREE_RECORDS, &begin, &end);
  for (size_t at = begin + 1; at < end; at++) {
    if (THREE_RECORDS[at] != '<' || THREE_RECORDS[at + 1] == '/') continue;
    _cleanup_free_ char *document = altered(THREE_RECORDS, at, strcspn(THREE_RECORDS + at, ">") + 1, "");
    _cleanup_reading_ struct reading r = read_text(document);
    if (r.code) fail_msg("%s", r.err.text);
    expect_line(&r, LINE_1);
    expect_line(&r, OTHER_LINES);
    expect_damage(&r, "line 5: ");
    assert_int_equal(r.outcome.records, 3);
  }
}

static void a_stray_end_tag_anywhere_costs_no_other_record(void **state) {
  (void)state;
  static const char *const STRAYS[] = {"</b>", "</selector>", "</x:b>", "</>"};
  size_t begin, end;
  second_record(THREE_RECORDS, &begin, &end);
  for (size_t i = 0; i < ARRAY_SIZE(STRAYS); i++)
    for (size_t at = begin + 8; at < end - 9; at++) {
      if (THREE_RECORDS[at] != '<') continue;
      _cleanup_free_ char *document = altered(THREE_RECORDS, at, 0, STRAYS[i]);
      expect_neighbours_whole(document, document + at);
    }
}

static void unescaped_signs_anywhere_in_a_text_cost_no_other_record(void **state) {
  (void)state;
  static const char *const SIGNS[] = {"<",  " < ",    "&",    "& ",  "<br>", "<b",
                                      "<3", "&nbsp;", "&#0;", "]]>", "</1>", "<b>x</b>"};
  size_t begin, end;
  second_record(THREE_RECORDS, &begin, &end);
  for (size_t i = 0; i < ARRAY_SIZE(SIGNS); i++)
    for (size_t at = begin; at < end; at++) {
      /* behind the first byte of a text */
      if (THREE_RECORDS[at - 1] != '>' || THREE_RECORDS[at] == '<' || at == begin) continue;
      _cleanup_free_ char *document = altered(THREE_RECORDS, at + 1, 0, SIGNS[i]);
      _cleanup_reading_ struct reading r = read_text(document);
      if (r.code) fail_msg("%s", r.err.text);
      expect_line(&r, LINE_1);
      expect_line(&r, OTHER_LINES);
      assert_int_equal(r.outcome.records, 3);
      if (strcmp(SIGNS[i], "<b>x</b>") != 0) expect_damage(&r, "line 5: ");
    }
}

static void a_hundred_records_that_each_lack_an_end_tag_are_all_read(void **state) {
  (void)state;
  static const char *const LOST[] = {"</row>", "</policy_evaluated>", "</spf>", "</auth_results>", "</count>"};
  for (size_t i = 0; i < ARRAY_SIZE(LOST); i++) {
    const char *record = PLAIN("192.0.2.1", "1");
    _cleanup_free_ char *broken = altered(record, (size_t)(strstr(record, LOST[i]) - record), strlen(LOST[i]), "");
    _cleanup_free_ char *records = repeated(broken, 500);
    _cleanup_free_ char *document = mem_printf(HEAD "%s" PLAIN("192.0.2.3", "3") TAIL, records);
    _cleanup_reading_ struct reading r = read_text(document);
    expect_damage(&r, "line 4: ");
    assert_int_equal(r.outcome.records, 501);
    assert_int_equal(r.outcome.messages, 503);
    expect_line(&r, OTHER_LINES);
  }
}

static void a_hundred_records_that_each_have_a_stray_end_tag_are_all_read(void **state) {
  (void)state;
  const char *record = PLAIN("192.0.2.1", "1");
  _cleanup_free_ char *broken = altered(record, (size_t)(strstr(record, "</header_from>") - record), 0, "</br>");
  _cleanup_free_ char *records = repeated(broken, 100);
  _cleanup_free_ char *document = mem_printf(HEAD "%s" PLAIN("192.0.2.3", "3") TAIL, records);
  _cleanup_reading_ struct reading r = read_text(document);
  expect_damage(&r, "line 4: ");
  assert_int_equal(r.outcome.records, 101);
  assert_int_equal(count_of(r.text.data, LINE_1), 100);
}

static void a_reason_without_its_end_keeps_its_text(void **state) {
  (void)state;
  _cleanup_reading_ struct reading r =
      read_text(HEAD WITH_REASONS("<reason>forwarded<reason>local_policy</reason>") TAIL);
  expect_damage(&r, "line 4: ");
  expect_line(&r, "{forwarded: -} {local_policy: -}");
}

static void a_stray_end_tag_does_not_close_what_is_around_the_report(void **state) {
  (void)state;
  _cleanup_reading_ struct reading r = read_text("<wrapper>\n" HEAD "<i/></b>" PLAIN("192.0.2.1", "1") TAIL);
  expect_damage(&r, "line 2: feedback stands inside another element");
  expect_line(&r, LINE_1);
}

static void the_line_that_is_told_is_the_streams(void **state) {
  (void)state;
  _cleanup_reading_ struct reading prefix = read_text("\n\n<feedback>\n\n&x;" BODY TAIL);
  expect_damage(&prefix, "line 5: Entity 'x' not defined");
  /* A stray end tag makes libxml2 start again. */
  _cleanup_free_ char *open = repeated("<x>", 100);
  _cleanup_free_ char *document = mem_printf("<feedback>\n</b>\n</b>\n%s", open);
  _cleanup_reading_ struct reading deep = read_text(document);
  expect_failure(&deep, ERR_LIMIT, "line 4: XML nested deeper than 64 levels");
}

static void truncation_at_any_byte_keeps_the_records_that_were_complete(void **state) {
  (void)state;
  const char *document = THREE_RECORDS;
  size_t size = strlen(document) - strlen("</feedback>\n");
  _cleanup_parser_ struct parser *p = parser_new(&PARSER_LIMITS_DEFAULT);
  _cleanup_reading_ struct reading r = {0};
  for (size_t n = 0; n < size + 10; n++) {
    _cleanup_free_ char *part = mem_strndup(document, n);
    struct memory_stream in;
    memory_stream_init(&in, part, n, 0);
    run(p, &in.stream, &r);
    unsigned complete = count_of(part, "</record>");
    assert_in_range(r.records_seen, complete, complete + 1);
    if (r.records_seen) {
      expect_damage(&r, "line ");
      if (complete) expect_line(&r, LINE_1);
    } else {
      assert_true(r.code == ERR_FORMAT || r.code == ERR_NO_REPORT);
      if (r.code == ERR_FORMAT) assert_memory_equal(r.err.text, "line ", 5);
    }
    arena_reset(r.arena);
  }
}

static void a_value_cut_off_is_not_taken_for_the_whole(void **state) {
  (void)state;
  _cleanup_reading_ struct reading r = read_text(HEAD "<record><row><source_ip>192.0.2.1</source_ip><count>12");
  expect_damage(&r, "line 4");
  expect_line(&r, "192.0.2.1 x-1 - dkim=- spf=- ");
  expect_line(&r, "count unreadable");
  expect_line(&r, "unfinished");
}

/* `pieces` begins a record's results; what is behind them is lost. */
static void expect_unseen(const char *pieces, const char *alignment) {
  _cleanup_free_ char *document =
      mem_printf(HEAD "<record>" ROW("192.0.2.1", "1", EVALUATED) FROM("example.com") "<auth_results>%s", pieces);
  _cleanup_reading_ struct reading r = read_text(document);
  if (r.code) fail_msg("%s: %s", pieces, r.err.text);
  expect_line(&r, alignment);
  assert_true(header_flags(&r) & FEEDBACK_RESULTS_CUT);
}

static void results_that_were_lost_are_not_said_to_be_unaligned(void **state) {
  (void)state;
  expect_unseen("<dkim><domain>example.com</domain>",
                " align=00 flags=unfinished, DKIM results cut, SPF results cut\n");
  expect_unseen(DKIM("other.example", "pass") "<spf><domain>exa", " align=00 ");
  expect_unseen(DKIM("example.com", "pass"), " align=30 ");
  expect_unseen(DKIM("example.com", "pass") SPF("other.example", "pass"), " align=30 ");
  /* the end of the results is lost, and that of the record is there; or another record follows */
  expect_unseen("<dkim><domain>example.com</domain></record>" PLAIN("192.0.2.2", "2") TAIL, " align=00 flags=DKIM");
  expect_unseen("<dkim><domain>example.com" PLAIN("192.0.2.2", "2") TAIL, " align=00 flags=");
  expect_unseen("<dkim><domain>exam</spf></auth_results></record>" PLAIN("192.0.2.2", "2") TAIL,
                " align=00 flags=DKIM");
  expect_unseen(DKIM("exa\xffple.com", "pass") SPF("other.example", "pass") "</auth_results></record>" TAIL,
                " align=01 flags=DKIM results cut\n");
}

static void results_seen_to_their_end_say_that_the_rest_did_not_happen(void **state) {
  (void)state;
  _cleanup_reading_ struct reading r = read_text(HEAD "<record>" ROW("192.0.2.1", "1", EVALUATED) FROM("example.com")
                                                     RESULTS(DKIM("other.example", "pass")));
  expect_line(&r, " align=11 flags=unfinished\n");
  expect_damage(&r, "line 4");
}

static void documents_behind_each_other_are_read_one_by_one(void **state) {
  (void)state;
  static const char *const BETWEEN[] = {"", "\r\n", "<?xml version=\"1.0\"?>", "\xef\xbb\xbf<?xml version=\"1.0\"?>\n",
                                        "<!-- the next -->"};
  for (size_t i = 0; i < ARRAY_SIZE(BETWEEN); i++)
    for (size_t step = 0; step < 9; step++) {
      _cleanup_free_ char *document = mem_printf(
          "intro <feedback>" METADATA POLICY PLAIN("192.0.2.1", "1") "</feedback>%s<feedback>" METADATA POLICY PLAIN(
              "192.0.2.2", "2") "</feedback>%s<feedback>\xff" METADATA POLICY PLAIN("192.0.2.3", "3") TAIL,
          BETWEEN[i], BETWEEN[i]);
      struct memory_stream in;
      memory_stream_init(&in, document, strlen(document), step);
      _cleanup_parser_ struct parser *p = parser_new(&PARSER_LIMITS_DEFAULT);
      _cleanup_reading_ struct reading r = {0};
      run(p, &in.stream, &r);
      expect_line(&r, LINE_1);
      expect_damage(&r, "text in front of the XML");
      assert_true(r.outcome.more);
      uint64_t bytes = r.outcome.bytes;
      run(p, &in.stream, &r);
      assert_string_equal(r.text.data, PLAIN_LINE("192.0.2.2", "2") BARE_HEADER "\n");
      assert_true(r.outcome.more);
      bytes += r.outcome.bytes;
      run(p, &in.stream, &r);
      expect_line(&r, OTHER_LINES);
      expect_damage(&r, ": invalid bytes or characters, replaced");
      assert_false(r.outcome.more);
      assert_int_equal(bytes + r.outcome.bytes, strlen(document));
    }
}

static void a_report_that_begins_inside_another_is_not_mixed_with_it(void **state) {
  (void)state;
  const char *first = HEAD PLAIN("192.0.2.1", "1") PLAIN("192.0.2.2", "2");
  static const char SECOND[] =
      "<?xml version=\"1.0\"?><n:feedback xmlns:n=\"urn:example\"><report_metadata><org_name>example.org"
      "</org_name><report_id>other</report_id></report_metadata>" POLICY PLAIN("192.0.2.3", "3") "</n:feedback>";
  for (size_t n = strlen(HEAD PLAIN("192.0.2.1", "1")); n <= strlen(first); n++) {
    if (first[n - 1] == '<' || first[n - 1] == '/') continue; /* "<<?xml" swallows the declaration only */
    _cleanup_free_ char *document = mem_printf("%.*s%s", (int)n, first, SECOND);
    struct memory_stream in;
    memory_stream_init(&in, document, strlen(document), 0);
    _cleanup_parser_ struct parser *p = parser_new(&PARSER_LIMITS_DEFAULT);
    _cleanup_reading_ struct reading r = {0};
    run(p, &in.stream, &r);
    expect_damage(&r, "line ");
    expect_line(&r, LINE_1);
    assert_null(strstr(r.text.data, "192.0.2.3"));
    assert_null(strstr(r.text.data, "example.org"));
    if (!r.outcome.more) fail_msg("%s", document + n - 20);
    run(p, &in.stream, &r);
    if (r.code) fail_msg("%s", r.err.text);
    assert_string_equal(r.text.data, OTHER_LINES
                        "urn:example|-|example.org|-|-|other|-|example.com|none|-|-|-|-|-|-|-|-|"
                        "-9223372036854775808|-9223372036854775808|period unreadable\n");
  }
}

/* Gives its data, then fails. */
struct failing_stream {
  struct memory_stream memory;
  int code;
};
static ssize_t read_failing(struct byte_stream *s, void *buffer, size_t size, struct err *e) {
  struct failing_stream *f = (struct failing_stream *)s;
  size_t n = f->memory.size - f->memory.at;
  if (!n) return err_set(e, f->code, "the container broke");
  if (n > size) n = size;
  memcpy(buffer, f->memory.data + f->memory.at, n);
  f->memory.at += n;
  return (ssize_t)n;
}
static struct reading read_until_failure(const char *document, int code) {
  struct reading r = {0};
  struct failing_stream in = {.code = code};
  memory_stream_init(&in.memory, document, strlen(document), 0);
  in.memory.stream.read = read_failing;
  _cleanup_parser_ struct parser *p = parser_new(&PARSER_LIMITS_DEFAULT);
  run(p, &in.memory.stream, &r);
  return r;
}

static void damage_of_the_container_keeps_what_was_read_and_is_told_before_all_else(void **state) {
  (void)state;
  _cleanup_reading_ struct reading inside =
      read_until_failure(HEAD PLAIN("192.0.2.1", "1") "<record><row>", ERR_FORMAT);
  expect_damage(&inside, "the container broke");
  expect_line(&inside, LINE_1);
  _cleanup_reading_ struct reading behind = read_until_failure(HEAD PLAIN("192.0.2.1", "1") TAIL, ERR_FORMAT);
  expect_damage(&behind, "the container broke");
  expect_line(&behind, LINE_1);
  _cleanup_reading_ struct reading nothing = read_until_failure("<feedback><report_metadata>", ERR_FORMAT);
  assert_int_equal(nothing.code, ERR_FORMAT);
  assert_non_null(strstr(nothing.err.text, "the container broke"));
  _cleanup_reading_ struct reading at_once = read_until_failure("", ERR_FORMAT);
  expect_failure(&at_once, ERR_FORMAT, "the container broke");
}

static void a_limit_or_an_error_of_the_stream_rejects_the_document(void **state) {
  (void)state;
  static const int CODES[] = {ERR_LIMIT, ERR_IO};
  for (size_t i = 0; i < ARRAY_SIZE(CODES); i++) {
    _cleanup_reading_ struct reading inside = read_until_failure(HEAD PLAIN("192.0.2.1", "1"), CODES[i]);
    expect_failure(&inside, CODES[i], "the container broke");
    _cleanup_reading_ struct reading behind = read_until_failure(HEAD PLAIN("192.0.2.1", "1") TAIL, CODES[i]);
    expect_failure(&behind, CODES[i], "the container broke");
  }
}

static void who_takes_the_records_may_stop_the_reading(void **state) {
  (void)state;
  _cleanup_parser_ struct parser *p = parser_new(&PARSER_LIMITS_DEFAULT);
  _cleanup_reading_ struct reading r = {.record_code = ERR_INTERRUPTED};
  struct memory_stream in;
  memory_stream_init(&in, THREE_RECORDS, strlen(THREE_RECORDS), 0);
  run(p, &in.stream, &r);
  expect_failure(&r, ERR_INTERRUPTED, "stopped by the taker");
  assert_int_equal(r.records_seen, 1);
}

/* --- where others give up ----------------------------------------------------------------------------------------- */

#define ONE_OF_TWO(begin, row)  \
  begin row FROM("example.com") \
      RESULTS(SPF("example.com", "pass") DKIM("example.com", "pass")) "</record>" PLAIN("192.0.2.2", "2")
#define FIRST_ROW ROW("192.0.2.1", "1", EVALUATED)
#define TWO_RECORDS PLAIN("192.0.2.1", "1") PLAIN("192.0.2.2", "2")

static void each_of_these_documents_keeps_both_records_as_damaged(void **state) {
  (void)state;
  static const char *const DOCUMENTS[] = {
      "<?xml version=\"1.0\"?>;" HEAD TWO_RECORDS TAIL,
      "<?xml version=\"1.0\"?>\nDear R&D, 1 < 2 &c.\n" HEAD TWO_RECORDS TAIL,
      "<feedback><xs:schema xmlns:xs=\"http://www.w3.org/2001/XMLSchema\">" METADATA POLICY TWO_RECORDS TAIL,
      "<feedback><a><b>" METADATA POLICY TWO_RECORDS TAIL,
      HEAD "<unknown>" TWO_RECORDS TAIL,
      HEAD "<records>" TWO_RECORDS "</records>" TAIL,
      HEAD "<a><records>" TWO_RECORDS "</records></a>" TAIL,
      HEAD "<w:records xmlns:w=\"urn:example:w\">" TWO_RECORDS "</w:records>" TAIL,
      "<feedback xmlns=http://dmarc.org/dmarc-xml/0.1>" METADATA POLICY TWO_RECORDS TAIL,
      "<feedback version=1.0 lang=en>" METADATA POLICY TWO_RECORDS TAIL,
      HEAD "<extension by=me/>" TWO_RECORDS TAIL,
      HEAD ONE_OF_TWO("<record version=1.0>", FIRST_ROW) TAIL,
      HEAD ONE_OF_TWO("<record>", "<row><source_ip>192.0.2.1</source_ip><count unit=mails>1</count>" EVALUATED "</row>")
          TAIL,
      HEAD ONE_OF_TWO("<record><data>", FIRST_ROW) TAIL,
  };
  for (size_t i = 0; i < ARRAY_SIZE(DOCUMENTS); i++) {
    _cleanup_reading_ struct reading r = read_text(DOCUMENTS[i]);
    if (r.code) fail_msg("%s: %s", DOCUMENTS[i], r.err.text);
    expect_line(&r, LINE_1);
    expect_line(&r, PLAIN_LINE("192.0.2.2", "2"));
    expect_line(&r, "example.net|dmarc@example.net|-|r1|");
    expect_damage(&r, "line ");
    assert_int_equal(r.outcome.records, 2);
  }
}

static void elements_of_other_namespaces_are_ignored_whatever_their_names(void **state) {
  (void)state;
  static const char *const ROOTS[] = {"<feedback xmlns:e=\"urn:example:e\">",
                                      "<feedback xmlns=\"urn:ietf:params:xml:ns:dmarc-2.0\" xmlns:e=\"urn:example:e\">",
                                      "<feedback xmlns=\"urn:made:up\" xmlns:e=\"urn:example:e\">"};
  static const char BEHIND_ROOT[] =
      METADATA POLICY
      "<record><e:row><count>9</count></e:row>" FIRST_ROW FROM("example.com")
          "<e:identifiers><e:envelope_to>x.example</e:envelope_to></e:identifiers>" RESULTS(
              SPF("example.com", "pass") DKIM("example.com", "pass")) "<e:record>kept</e:record></record>"
                                                                      "<e:record>1</e:record>" TAIL;
  for (size_t i = 0; i < ARRAY_SIZE(ROOTS); i++) {
    _cleanup_free_ char *document = mem_printf("%s%s", ROOTS[i], BEHIND_ROOT);
    _cleanup_reading_ struct reading r = read_text(document);
    if (r.code) fail_msg("%s", r.err.text);
    expect_line(&r, LINE_1);
    assert_int_equal(r.outcome.records, 1);
    assert_int_equal(header_flags(&r), FEEDBACK_FOREIGN);
    assert_int_equal(r.outcome.header->foreign_count, 1);
    assert_string_equal(r.outcome.header->foreign[0].uri, "urn:example:e");
    assert_int_equal(r.outcome.header->foreign[0].elements, 5);
  }
}

/* Whose they are, the end of the element around them tells. */
static void fields_behind_an_unclosed_unknown_element_are_the_reports(void **state) {
  (void)state;
#define FIELDS_OF_METADATA                                                                     \
  "<org_name>example.net</org_name><email> dmarc@example.net</email><report_id>r1</report_id>" \
  "<date_range><begin>1709251200</begin><end>1709337599</end></date_range>"
  static const char *const DOCUMENTS[] = {
      "<feedback><report_metadata><junk>" FIELDS_OF_METADATA "</report_metadata>" POLICY TWO_RECORDS TAIL,
      "<feedback>" METADATA
      "<policy_published><junk><j2><domain>example.com</domain><p>none</p></policy_published>" TWO_RECORDS TAIL,
      HEAD ONE_OF_TWO("<record>", "<row><junk><source_ip>192.0.2.1</source_ip><count>1</count>" EVALUATED "</row>")
          TAIL,
      HEAD "<record>" FIRST_ROW "<identifiers><junk><header_from>example.com</header_from></identifiers>" RESULTS(
          SPF("example.com", "pass") DKIM("example.com", "pass")) "</record>" PLAIN("192.0.2.2", "2") TAIL,
  };
  for (size_t i = 0; i < ARRAY_SIZE(DOCUMENTS); i++) {
    _cleanup_reading_ struct reading r = read_text(DOCUMENTS[i]);
    if (r.code) fail_msg("%s: %s", DOCUMENTS[i], r.err.text);
    expect_line(&r, LINE_1);
    expect_line(&r, PLAIN_LINE("192.0.2.2", "2"));
    expect_line(&r,
                "example.net|dmarc@example.net|-|r1|-|example.com|none|-|-|-|-|-|-|-|-|1709251200|1709337599|damaged");
    expect_damage(&r, "line ");
  }
}

static void fields_of_a_closed_unknown_element_are_its_own(void **state) {
  (void)state;
  static const char DOCUMENT[] =
      "<feedback><report_metadata><contact><email>a@example.org</email><org_name>other</org_name></contact>"
      "<org_name>example.net</org_name><report_id>r1</report_id></report_metadata>" POLICY
      "<record><more><e><header_from>example.org</header_from></e></more>" FIRST_ROW FROM("example.com")
          RESULTS(SPF("example.com", "pass") DKIM("example.com", "pass")) "</record>" TAIL;
  _cleanup_reading_ struct reading r = read_text(DOCUMENT);
  assert_int_equal(r.code, 0);
  expect_line(&r, LINE_1);
  expect_line(&r, "example.net|-|-|r1|");
  assert_int_equal(header_flags(&r) & FEEDBACK_DAMAGED, 0);
}

static void elements_of_an_extension_are_no_foreign_ones(void **state) {
  (void)state;
  _cleanup_reading_ struct reading r =
      read_text("<feedback xmlns:e=\"urn:example:e\">" METADATA POLICY
                "<extension><e:record><e:row/></e:record></extension>" PLAIN("192.0.2.2", "2") TAIL);
  assert_int_equal(r.code, 0);
  assert_int_equal(r.outcome.header->foreign_count, 0);
  assert_int_equal(header_flags(&r), 0);
}

/* libxml2 starts again behind a tag that closed too much, and knows no declaration any more. */
static void namespaces_are_in_force_behind_damage_too(void **state) {
  (void)state;
  static const char *const DOCUMENTS[] = {
      "<feedback xmlns:e=\"urn:e?a&amp;b&quot;&lt;\">" METADATA POLICY
      "<record></record></junk></junk></record>"
      "<e:record>" FIRST_ROW "</e:record>" PLAIN("192.0.2.2", "2") TAIL,
      "<feedback xmlns=\"urn:made:up\" xmlns:e=\"urn:e?a&amp;b&quot;&lt;\">" METADATA POLICY
      "<version/></nothing></report_metadata></nothing>"
      "<e:record>" FIRST_ROW "</e:record>" PLAIN("192.0.2.2", "2") TAIL,
      "<feedback>" METADATA POLICY "<note xmlns=\"urn:e?a&amp;b&quot;&lt;\"></b></b></b><record>" FIRST_ROW
      "</record></note>" PLAIN("192.0.2.2", "2") TAIL,
  };
  for (size_t i = 0; i < ARRAY_SIZE(DOCUMENTS); i++) {
    _cleanup_reading_ struct reading r = read_text(DOCUMENTS[i]);
    if (r.code) fail_msg("%zu: %s", i, r.err.text);
    if (r.outcome.header->foreign_count != 1)
      fail_msg("%zu: %u namespaces\n%s", i, r.outcome.header->foreign_count, r.err.text);
    assert_string_equal(r.outcome.header->foreign[0].uri, "urn:e?a&b\"<");
    expect_damage(&r, "line ");
    expect_line(&r, PLAIN_LINE("192.0.2.2", "2"));
  }
}

static void a_byte_order_mark_counts_before_the_declaration(void **state) {
  (void)state;
#define NAMED "<feedback><report_metadata><org_name>Caf\u00e9</org_name></report_metadata>" PLAIN("192.0.2.1", "1") TAIL
  _cleanup_reading_ struct reading marked =
      read_text("\xef\xbb\xbf<?xml version=\"1.0\" encoding=\"iso-8859-1\"?>" NAMED);
  assert_string_equal(marked.outcome.header->org_name, "Caf\u00e9");
  assert_int_equal(header_flags(&marked) & FEEDBACK_DAMAGED, 0);
  _cleanup_reading_ struct reading declared = read_text("<?xml version=\"1.0\" encoding=\"iso-8859-1\"?>" NAMED);
  assert_string_equal(declared.outcome.header->org_name, "Caf\u00c3\u00a9");
}

/* The charset of a part of a mail is heard where the document itself says nothing. */
static void a_charset_said_beside_the_document_counts_behind_its_own_word(void **state) {
  (void)state;
#define IN_LATIN1 \
  "<feedback><report_metadata><org_name>Caf\xe9</org_name></report_metadata>" PLAIN("192.0.2.1", "1") TAIL
  static const struct {
    const char *document, *charset, *org_name;
  } CASES[] = {
      {"<?xml version=\"1.0\"?>" IN_LATIN1, "ISO-8859-1", "Caf\u00e9"},
      {IN_LATIN1, "windows-1252", "Caf\u00e9"},
      {NAMED, "utf-8", "Caf\u00e9"},
      {NAMED, "us-ascii", "Caf\u00e9"},
      {NAMED, "no-such-charset", "Caf\u00e9"},
      {NAMED, "utf-16", "Caf\u00e9"}, /* not with bytes that spell "<feedback" one by one */
      {NAMED, "iso-8859-1 and a name that is longer than any", "Caf\u00e9"},
      {"<?xml version=\"1.0\" encoding=\"iso-8859-1\"?>" IN_LATIN1, "utf-8", "Caf\u00e9"},
      {"<?xml version=\"1.0\" encoding=\"utf-8\"?>" NAMED, "iso-8859-1", "Caf\u00e9"},
      {"\xef\xbb\xbf" NAMED, "iso-8859-1", "Caf\u00e9"},
  };
  for (size_t i = 0; i < ARRAY_SIZE(CASES); i++) {
    _cleanup_reading_ struct reading r = {.charset = CASES[i].charset};
    _cleanup_parser_ struct parser *p = parser_new(&PARSER_LIMITS_DEFAULT);
    struct memory_stream in;
    memory_stream_init(&in, CASES[i].document, strlen(CASES[i].document), 0);
    run(p, &in.stream, &r);
    if (r.code || strcmp(r.outcome.header->org_name, CASES[i].org_name) != 0) fail_msg("%zu", i);
    assert_int_equal(header_flags(&r) & FEEDBACK_DAMAGED, 0);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_charset_said_beside_the_document_counts_behind_its_own_word),
      cmocka_unit_test(a_byte_order_mark_counts_before_the_declaration),
      cmocka_unit_test(each_of_these_documents_keeps_both_records_as_damaged),
      cmocka_unit_test(fields_behind_an_unclosed_unknown_element_are_the_reports),
      cmocka_unit_test(fields_of_a_closed_unknown_element_are_its_own),
      cmocka_unit_test(elements_of_an_extension_are_no_foreign_ones),
      cmocka_unit_test(namespaces_are_in_force_behind_damage_too),
      cmocka_unit_test(elements_of_other_namespaces_are_ignored_whatever_their_names),
      cmocka_unit_test(an_end_tag_lost_anywhere_costs_no_other_record),
      cmocka_unit_test(a_start_tag_lost_anywhere_costs_no_other_record),
      cmocka_unit_test(a_stray_end_tag_anywhere_costs_no_other_record),
      cmocka_unit_test(unescaped_signs_anywhere_in_a_text_cost_no_other_record),
      cmocka_unit_test(a_hundred_records_that_each_lack_an_end_tag_are_all_read),
      cmocka_unit_test(a_hundred_records_that_each_have_a_stray_end_tag_are_all_read),
      cmocka_unit_test(a_reason_without_its_end_keeps_its_text),
      cmocka_unit_test(a_stray_end_tag_does_not_close_what_is_around_the_report),
      cmocka_unit_test(the_line_that_is_told_is_the_streams),
      cmocka_unit_test(truncation_at_any_byte_keeps_the_records_that_were_complete),
      cmocka_unit_test(a_value_cut_off_is_not_taken_for_the_whole),
      cmocka_unit_test(results_that_were_lost_are_not_said_to_be_unaligned),
      cmocka_unit_test(results_seen_to_their_end_say_that_the_rest_did_not_happen),
      cmocka_unit_test(documents_behind_each_other_are_read_one_by_one),
      cmocka_unit_test(a_report_that_begins_inside_another_is_not_mixed_with_it),
      cmocka_unit_test(damage_of_the_container_keeps_what_was_read_and_is_told_before_all_else),
      cmocka_unit_test(a_limit_or_an_error_of_the_stream_rejects_the_document),
      cmocka_unit_test(who_takes_the_records_may_stop_the_reading),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
