/* SPDX-License-Identifier: Apache-2.0 */
/* What makes two reports the same, and how alignment is graded while a report is read. */
#include "parser_kit.h"

/* --- the digest --------------------------------------------------------------------------------------------------- */

#define FULL_HEAD                                                                                                                  \
  "<feedback><report_metadata><org_name>example.net</org_name><email>m1@example.net</email><extra_contact_info>x1"                 \
  "</extra_contact_info><report_id>i1</report_id><date_range><begin>1709251200</begin><end>1709337599</end></date_range><error>e1" \
  "</error><generator>g1</generator></report_metadata><policy_published><domain>example.com</domain><adkim>r</"                    \
  "adkim><aspf>r"                                                                                                                  \
  "</aspf><p>none</p><sp>reject</sp><np>quarantine</np><pct>11</pct><fo>d</fo><testing>n</"                                        \
  "testing><discovery_method>psl"                                                                                                  \
  "</discovery_method></policy_published>"
#define FULL                                                                                                    \
  FULL_HEAD                                                                                                     \
  "<record><row><source_ip>192.0.2.1</source_ip><count>7</count><policy_evaluated><disposition>none</"          \
  "disposition><dkim>"                                                                                          \
  "pass</dkim><spf>fail</spf><reason><type>other</type><comment>c1</comment></reason></policy_evaluated></row>" \
  "<identifiers><envelope_to>t1</envelope_to><envelope_from>f1</envelope_from><header_from>h.example.com</"     \
  "header_from>"                                                                                                \
  "</identifiers><auth_results><dkim><domain>d1</domain><selector>s1</selector><result>neutral</"               \
  "result><human_result>u1"                                                                                     \
  "</human_result></dkim><spf><domain>d2</domain><scope>mfrom</scope><result>softfail</result><human_result>u2" \
  "</human_result></spf></auth_results></record></feedback>"

static void expect_digest(const char *a, const char *b, bool same) {
  _cleanup_reading_ struct reading x = read_text(a), y = read_text(b);
  assert_int_equal(x.code, 0);
  assert_int_equal(y.code, 0);
  bool equal = !memcmp(x.outcome.digest, y.outcome.digest, FEEDBACK_DIGEST_BYTES);
  if (equal != same) fail_msg("%s:\n%s%s", same ? "should be the same" : "should differ", x.text.data, y.text.data);
}

static void the_digest_differs_where_any_field_does(void **state) {
  (void)state;
  static const char *const CHANGES[][2] = {
      {">example.net<", ">example.org<"},
      {"m1@", "m2@"},
      {"x1", "x2"},
      {"i1", "i2"},
      {"1709251200", "1709251201"},
      {"1709337599", "1709337600"},
      {"e1", "e3"},
      {"g1", "g2"},
      {">example.com<", ">example.org<"},
      {"<adkim>r", "<adkim>s"},
      {"<aspf>r", "<aspf>s"},
      {"<p>none", "<p>reject"},
      {"<sp>reject", "<sp>none"},
      {"<np>quarantine", "<np>none"},
      {">11<", ">12<"},
      {"<fo>d", "<fo>s"},
      {"<testing>n", "<testing>y"},
      {"psl", "treewalk"},
      {"192.0.2.1", "192.0.2.2"},
      {"192.0.2.1", "bad 1"},
      {">7<", ">8<"},
      {">7<", ">x<"},
      {"<disposition>none", "<disposition>reject"},
      {"<dkim>pass", "<dkim>fail"},
      {"<spf>fail", "<spf>softfail"},
      {"other", "forwarded"},
      {"c1", "c2"},
      {"t1", "t2"},
      {"f1", "f2"},
      {"h.example", "i.example"},
      {">d1<", ">d3<"},
      {"s1", "s2"},
      {"neutral", "policy"},
      {"u1", "u3"},
      {">d2<", ">d4<"},
      {"mfrom", "helo"},
      {"softfail", "neutral"},
      {"u2", "u4"},
      {"<error>e1</error>", ""},
      {"<comment>c1</comment>", ""},
      {"<envelope_to>t1</envelope_to>", ""},
      {"<testing>n</testing>", ""},
      {"<selector>s1</selector>", ""},
  };
  for (size_t i = 0; i < ARRAY_SIZE(CHANGES); i++) {
    const char *at = strstr(FULL, CHANGES[i][0]);
    assert_non_null(at);
    _cleanup_free_ char *changed = altered(FULL, (size_t)(at - FULL), strlen(CHANGES[i][0]), CHANGES[i][1]);
    expect_digest(FULL, changed, false);
  }
  expect_digest(HEAD PLAIN("192.0.2.1", "1") TAIL, HEAD PLAIN("192.0.2.1", "1") PLAIN("192.0.2.1", "1") TAIL, false);
  expect_digest(HEAD PLAIN("192.0.2.1", "1") PLAIN("192.0.2.2", "1") TAIL,
                HEAD PLAIN("192.0.2.2", "1") PLAIN("192.0.2.1", "1") TAIL, false);
}

static void the_digest_is_the_same_however_the_content_is_written(void **state) {
  (void)state;
  static const char *const CHANGES[][2] = {
      {"<feedback>", "<?xml version=\"1.0\" encoding=\"windows-1252\"?>\n<feedback xmlns=\"urn:x\" a=\"1\" b=\"2\">"},
      {"<feedback>", "<feedback b='2' a='1'><version>1.0</version>"},
      {">7<", ">\n\t7 <"},
      {"<p>none", "<p> NONE "},
      {">neutral<", ">Neutral<"},
      {"192.0.2.1", "::ffff:192.0.2.1"},
      {"h.example.com", "H.Example.COM."},
      {">d1<", "><![CDATA[d1]]><"},
      {"u1", "&#117;1"},
      {"<record>", "<!-- r -->\r\n<record>\r\n"},
      {"</human_result></spf>", "</human_result></spf><dkim/>"},
      {"<auth_results>", "<auth_results><dkim></dkim>"},
      {"1709251200", "1709251200.0"},
      {"</record>", "<x:ext xmlns:x='urn:x'><x:count>9</x:count></x:ext></record>"},
  };
  for (size_t i = 0; i < ARRAY_SIZE(CHANGES); i++) {
    const char *at = strstr(FULL, CHANGES[i][0]);
    assert_non_null(at);
    _cleanup_free_ char *changed = altered(FULL, (size_t)(at - FULL), strlen(CHANGES[i][0]), CHANGES[i][1]);
    expect_digest(FULL, changed, true);
  }
  _cleanup_strbuf_ struct strbuf wide = encoded("\xfe\xff", 2, "UTF-16BE", FULL);
  _cleanup_reading_ struct reading x = read_text(FULL), y = read_bytes(wide.data, wide.length);
  assert_memory_equal(x.outcome.digest, y.outcome.digest, FEEDBACK_DIGEST_BYTES);
}

/* --- alignment ---------------------------------------------------------------------------------------------------- */

static void alignment_is_graded_by_the_organizational_domain(void **state) {
  (void)state;
  static const struct {
    const char *from, *results, *align;
  } CASES[] = {
      {"example.com", DKIM("example.com", "pass") SPF("example.com", "pass"), "33"},
      {"mail.example.com", DKIM("example.com", "pass") SPF("bounce.example.com", "pass"), "22"},
      {"example.com", DKIM("example.net", "pass") SPF("example.net", "pass"), "11"},
      {"example.com", DKIM("example.com", "fail") SPF("example.com", "softfail"), "11"},
      {"a.example.co.uk", DKIM("b.example.co.uk", "pass") SPF("example.co.uk", "pass"), "22"},
      {"example.co.uk", DKIM("other.co.uk", "pass") SPF("co.uk", "pass"), "11"},
      {"example.com", DKIM("notexample.com", "pass") SPF("com", "pass"), "11"},
      /* the best that passes counts */
      {"example.com", DKIM("example.net", "pass") DKIM("a.example.com", "pass") DKIM("example.com", "fail"), "21"},
      {"example.com", DKIM("a.example.com", "pass") DKIM("example.com", "pass"), "31"},
      /* passed, but for whom? */
      {"example.com", "<dkim><result>pass</result></dkim><spf><result>pass</result></spf>", "00"},
      {"example.com", "<dkim><result>pass</result></dkim>" DKIM("example.com", "pass"), "31"},
      {"example.com", "", "00"},
      {"a, b", DKIM("example.com", "pass"), "00"},
      /* addresses */
      {"example.com", SPF("postmaster@bounce.example.com", "pass"), "12"},
  };
  for (size_t i = 0; i < ARRAY_SIZE(CASES); i++) {
    _cleanup_free_ char *document = mem_printf(
        HEAD RECORD(ROW("192.0.2.1", "1", EVALUATED), FROM("%s"), RESULTS("%s")) TAIL, CASES[i].from, CASES[i].results);
    _cleanup_free_ char *line = mem_printf("align=%s ", CASES[i].align);
    _cleanup_reading_ struct reading r = read_text(document);
    expect_line(&r, line);
  }
}

static void helo_counts_where_there_is_no_mail_from(void **state) {
  (void)state;
#define HELO "<spf><domain>example.com</domain><scope>helo</scope><result>pass</result></spf>"
#define MFROM(result) "<spf><domain>example.com</domain><scope>mfrom</scope><result>" result "</result></spf>"
  static const struct {
    const char *envelope_from, *results, *align;
  } CASES[] = {
      {"", HELO, "13"},
      {"example.net", HELO, "11"},
      {"", HELO MFROM("fail"), "11"},
      {"", HELO MFROM("pass"), "13"},
      {"", HELO SPF("example.net", "none"), "11"},
      {"example.com", MFROM("pass"), "13"},
  };
  for (size_t i = 0; i < ARRAY_SIZE(CASES); i++) {
    _cleanup_free_ char *document = mem_printf(
        HEAD RECORD(
            ROW("192.0.2.1", "1", EVALUATED),
            "<identifiers><header_from>example.com</header_from><envelope_from>%s</envelope_from></identifiers>",
            RESULTS("%s")) TAIL,
        CASES[i].envelope_from, CASES[i].results);
    _cleanup_free_ char *line = mem_printf("align=%s ", CASES[i].align);
    _cleanup_reading_ struct reading r = read_text(document);
    expect_line(&r, line);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_digest_differs_where_any_field_does),
      cmocka_unit_test(the_digest_is_the_same_however_the_content_is_written),
      cmocka_unit_test(alignment_is_graded_by_the_organizational_domain),
      cmocka_unit_test(helo_counts_where_there_is_no_mail_from),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
