/* SPDX-License-Identifier: Apache-2.0 */
/* Where a buffer ends, a stream of a few bytes at a time or one of libxml2's own, changes nothing of what is read. */
#include "parser_kit.h"

/* --- chunks ------------------------------------------------------------------------------------------------------- */

/* All that a boundary can fall into; characters of 2 bytes and more, but none that windows-1252 lacks. */
#define RICH(declaration, extra)                                                                                 \
  declaration                                                                                                    \
      "\r\n<!-- a comment with <tags> & caf\xc3\xa9 -->\r\n<f:feedback xmlns:f=\"urn:example\" a='1&amp;2'>\r\n" \
      "<version>1.0</version><report_metadata><org_name>B\xc3\xb6rse &amp; S\xc3\xb6hne &#x20AC;&#8364; "        \
      "\xe2\x82\xac" extra                                                                                       \
      "</org_name>\r\n<email>a@example.net</email><extra_contact_info><![CDATA[<a href=\"x\">&amp; ]] > "        \
      "\xe2\x82\xac]]> and "                                                                                     \
      "more</extra_contact_info><report_id>&lt;1&gt;</report_id><date_range><begin>1709251200</"                 \
      "begin><end>1709337599</end>"                                                                              \
      "</date_range><error>one\r\ntwo</error></report_metadata>\r\n" POLICY                                      \
      "<?pi some thing?><record>\r\n <row>"                                                                      \
      "<source_ip>2001:db8::7</source_ip>\r\n <count>1<!-- "                                                     \
      "-->2</count><policy_evaluated><disposition>none</disposition>"                                            \
      "<dkim>pa<![CDATA[ss]]></dkim><spf>f&#97;il</spf><reason> local_<!-- x -->policy </reason><reason>\r\n "   \
      "<type>other</type>"                                                                                       \
      "\r\n <comment>caf\xc3\xa9 &quot;x&quot;</comment></reason></policy_evaluated></row>" FROM("example.com")  \
          RESULTS(                                                                                               \
              "<dkim><domain>example.com</domain><selector>s</selector><result>pass</result></dkim>"             \
              "<spf><domain>example.com</domain><result/></spf>") "</record>" PLAIN("192.0.2.1",                 \
                                                                                    "1") "</f:feedback>\r\n"

/* Gives `size` bytes at once up to `split`, then the rest. */
struct split_stream {
  struct byte_stream stream;
  const char *data;
  size_t size, split, at;
};
static ssize_t read_split(struct byte_stream *stream, void *buffer, size_t size, struct err *e) {
  (void)e;
  struct split_stream *s = (struct split_stream *)stream;
  size_t n = (s->at < s->split ? s->split : s->size) - s->at;
  if (n > size) n = size;
  memcpy(buffer, s->data + s->at, n);
  s->at += n;
  return (ssize_t)n;
}

static void expect_same(const struct reading *r, const struct reading *whole) {
  assert_int_equal(r->code, whole->code);
  assert_string_equal(strbuf_text(&r->text), strbuf_text(&whole->text));
  assert_memory_equal(r->outcome.digest, whole->outcome.digest, FEEDBACK_DIGEST_BYTES);
  assert_string_equal(r->outcome.note, whole->outcome.note);
  assert_int_equal(r->outcome.bytes, whole->outcome.bytes);
}

static void expect_no_chunk_to_matter(const char *data, size_t size) {
  _cleanup_reading_ struct reading whole = read_bytes(data, size);
  _cleanup_parser_ struct parser *p = parser_new(&PARSER_LIMITS_DEFAULT);
  _cleanup_reading_ struct reading r = {0};
  for (size_t step = 1; step < size; step += step < 64 ? 1 : 37) {
    struct memory_stream in;
    memory_stream_init(&in, data, size, step);
    run(p, &in.stream, &r);
    expect_same(&r, &whole);
  }
  for (size_t split = 1; split < size; split++) {
    struct split_stream in = {{read_split}, data, size, split, 0};
    run(p, &in.stream, &r);
    expect_same(&r, &whole);
    arena_reset(r.arena);
  }
}

static void no_chunk_boundary_changes_what_is_read(void **state) {
  (void)state;
  static const char UTF8[] = RICH("<?xml version=\"1.0\" encoding=\"UTF-8\"?>", " \xf0\x9f\x93\xa8");
  static const char WINDOWS[] = RICH("<?xml version=\"1.0\" encoding=\"windows-1252\"?>", "");
  _cleanup_reading_ struct reading r = read_text(UTF8);
  assert_int_equal(r.code, 0);
  assert_string_equal(
      r.text.data,
      "2001:db8::7 x12 none dkim=pass spf=fail from=example.com mfrom=- to=- [dkim example.com s pass -] "
      "[spf example.com - - -] {local_policy: -} {other: caf\xc3\xa9 \"x\"} align=31 flags=\n" LINE_1
      "urn:example|1.0|B\xc3\xb6rse & S\xc3\xb6hne \xe2\x82\xac\xe2\x82\xac \xe2\x82\xac \xf0\x9f\x93\xa8|"
      "a@example.net|<a href=\"x\">&amp; ]] > \xe2\x82\xac and more|<1>|-|example.com|none|-|-|-|-|-|-|-|-|"
      "!one\ntwo|1709251200|1709337599|\n");
  expect_no_chunk_to_matter(UTF8, strlen(UTF8));
  _cleanup_strbuf_ struct strbuf windows = encoded("", 0, "WINDOWS-1252", WINDOWS);
  expect_no_chunk_to_matter(windows.data, windows.length);
  _cleanup_strbuf_ struct strbuf wide = encoded("\xff\xfe", 2, "UTF-16LE", UTF8);
  expect_no_chunk_to_matter(wide.data, wide.length);
}

static void no_chunk_boundary_changes_what_is_read_of_a_broken_document(void **state) {
  (void)state;
  static const char BROKEN[] =
      HEAD "<record>" ROW("192.0.2.1", "1", EVALUATED) FROM("example.com") "<auth_results><spf><domain>a\xff" "b</domain>"
      "<result>pass</spf></b></auth_results></record>\n" PLAIN("192.0.2.2", "2") "<record><row>a < b &c; \x02 </row></record>"
      TAIL "\xff\0 behind";
  _cleanup_reading_ struct reading r = read_bytes(BROKEN, sizeof BROKEN - 1);
  expect_damage(&r, "line 4: ");
  expect_line(&r, PLAIN_LINE("192.0.2.2", "2"));
  expect_no_chunk_to_matter(BROKEN, sizeof BROKEN - 1);
}

static void libxml2s_own_chunks_do_not_matter_either(void **state) {
  (void)state;
  /* It reads 4000 bytes at a time: a comment of growing length moves the document over that boundary. */
  static const char DOCUMENT[] = RICH("", "");
  _cleanup_reading_ struct reading whole = read_text(DOCUMENT);
  _cleanup_parser_ struct parser *p = parser_new(&PARSER_LIMITS_DEFAULT);
  _cleanup_reading_ struct reading r = {0};
  for (int pad = 4000 - (int)strlen(DOCUMENT); pad < 4100; pad++) {
    _cleanup_free_ char *document = mem_printf("<!--%*s-->%s", pad, "", DOCUMENT);
    struct memory_stream in;
    memory_stream_init(&in, document, strlen(document), 0);
    run(p, &in.stream, &r);
    assert_string_equal(r.text.data, whole.text.data);
    arena_reset(r.arena);
  }
}

static void a_declared_encoding_is_seen_behind_a_long_prefix(void **state) {
  (void)state;
  _cleanup_free_ char *document = mem_printf(
      "%300s<?xml version=\"1.0\" encoding=\"windows-1252\"?><feedback><version>caf\xe9</version>" BODY TAIL, "");
  for (size_t step = 1; step < 400; step += 57) {
    _cleanup_reading_ struct reading r = read_limited(document, strlen(document), step, &PARSER_LIMITS_DEFAULT);
    expect_line(&r, "|caf\xc3\xa9|");
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(no_chunk_boundary_changes_what_is_read),
      cmocka_unit_test(no_chunk_boundary_changes_what_is_read_of_a_broken_document),
      cmocka_unit_test(libxml2s_own_chunks_do_not_matter_either),
      cmocka_unit_test(a_declared_encoding_is_seen_behind_a_long_prefix),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
