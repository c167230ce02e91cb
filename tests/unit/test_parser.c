/* SPDX-License-Identifier: Apache-2.0 */
/* The parser against documents as they are sent: both schemas, and each quirk that was seen in the wild. */
#include "parser_kit.h"

/* --- both schemas ------------------------------------------------------------------------------------------------- */

/* What is said to be empty is the null reverse-path; what is absent, or lost its end, says nothing. */
static void an_empty_envelope_from_is_not_an_absent_one(void **state) {
  (void)state;
  static const char *const CASES[][2] = {
      {"<envelope_from/>", " mfrom= to=- "},
      {"<envelope_from></envelope_from>", " mfrom= to=- "},
      {"<envelope_from> \n </envelope_from>", " mfrom= to=- "},
      {"<envelope_from>&lt;&gt;</envelope_from>", " mfrom= to=- "},
      {"", " mfrom=- to=- "},
      {"<envelope_from/><envelope_from>example.net</envelope_from>", " mfrom=example.net to=- "},
      {"<envelope_from>example.net</envelope_from><envelope_from/>", " mfrom=example.net to=- "},
      {"<envelope_to/>", " mfrom=- to=- "},
      {"<envelope_from><envelope_to>example.net</envelope_to>", " mfrom=- to=example.net "},
  };
  uint8_t digests[ARRAY_SIZE(CASES)][FEEDBACK_DIGEST_BYTES];
  for (size_t i = 0; i < ARRAY_SIZE(CASES); i++) {
    _cleanup_free_ char *document =
        mem_printf(HEAD "<record>" ROW("192.0.2.1", "1", EVALUATED) "<identifiers><header_from>example.com</header_from>%s"
                   "</identifiers></record>" TAIL, CASES[i][0]);
    _cleanup_reading_ struct reading r = read_text(document);
    if (r.code) fail_msg("%s", r.err.text);
    expect_line(&r, CASES[i][1]);
    memcpy(digests[i], r.outcome.digest, sizeof digests[i]);
  }
  assert_memory_equal(digests[0], digests[1], sizeof digests[0]);
  assert_memory_not_equal(digests[0], digests[4], sizeof digests[0]);
}

/* U-labels, in whatever case, and A-labels name one domain, wherever a report names one. */
static void the_domains_of_a_report_are_spelled_with_a_labels(void **state) {
  (void)state;
#define B_U   \
  "b\xc3\xbc" \
  "cher.example"
#define B_A "xn--bcher-kva.example"
  _cleanup_reading_ struct reading r = read_text(
      "<feedback>" METADATA
      "<policy_published><domain>B\xc3\x9c"
      "CHER.example</domain></policy_published>"
      "<record>" ROW("192.0.2.1", "1", EVALUATED) "<identifiers><envelope_to>" B_U
                                                  "</envelope_to><envelope_from>news." B_U
                                                  "</envelope_from>"
                                                  "<header_from>" B_U "</header_from></identifiers>" RESULTS(
                                                      DKIM("mail." B_U, "pass") SPF(B_A, "pass")) "</record>" TAIL);
  assert_int_equal(r.code, 0);
  assert_string_equal(r.outcome.header->policy_domain, B_A);
  expect_line(&r, " from=" B_A " mfrom=news." B_A " to=" B_A " [dkim mail." B_A " - pass -] [spf " B_A
                  " - pass -] align=23 flags=\n");
}

static void the_schema_of_2015_is_kept_whole(void **state) {
  (void)state;
  expect_text(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?><feedback "
      "xmlns=\"http://dmarc.org/dmarc-xml/0.1\"><version>1.0</version>"
      "<report_metadata><org_name>Example Net</org_name><email>a@example.net</email>"
      "<extra_contact_info>https://example.net/</extra_contact_info><report_id>42</report_id>"
      "<date_range><begin>1709251200</begin><end>1709337599</end></date_range>"
      "<error>first</error><error>second</error></report_metadata>"
      "<policy_published><domain>example.com</domain><adkim>r</adkim><aspf>s</aspf><p>reject</p><sp>quarantine</sp>"
      "<pct>50</pct><fo>1:d</fo></policy_published>"
      "<record><row><source_ip>2001:db8::1</source_ip><count>3</count><policy_evaluated>"
      "<disposition>quarantine</disposition><dkim>fail</dkim><spf>pass</spf>"
      "<reason><type>forwarded</type><comment>looks it</comment></reason><reason><type>sampled_out</type></reason>"
      "</policy_evaluated></row><identifiers><envelope_to>example.net</envelope_to>"
      "<envelope_from>bounce.example.com</envelope_from><header_from>example.com</header_from></identifiers>"
      "<auth_results><dkim><domain>example.com</domain><selector>s1</selector><result>fail</result>"
      "<human_result>bad body hash</human_result></dkim>"
      "<dkim><domain>list.example.org</domain><selector>s2</selector><result>policy</result></dkim>"
      "<spf><domain>bounce.example.com</domain><scope>mfrom</scope><result>pass</result></spf>"
      "<spf><domain>mx.example.com</domain><scope>helo</scope><result>none</result></spf></auth_results></record></"
      "feedback>",
      "2001:db8::1 x3 quarantine dkim=fail spf=pass from=example.com mfrom=bounce.example.com to=example.net "
      "[dkim example.com s1 fail bad body hash] [dkim list.example.org s2 policy -] "
      "[spf bounce.example.com mfrom pass -] [spf mx.example.com helo none -] {forwarded: looks it} {sampled_out: -} "
      "align=12 flags=\n"
      "http://dmarc.org/dmarc-xml/0.1|1.0|Example Net|a@example.net|https://example.net/|42|-|example.com|reject|"
      "quarantine|-|r|s|50|1:d|-|-|!first|!second|1709251200|1709337599|\n");
}

static void the_schema_of_2026_is_kept_whole(void **state) {
  (void)state;
  expect_text(
      "<d:feedback xmlns:d=\"urn:ietf:params:xml:ns:dmarc-2.0\" "
      "xmlns:x=\"https://example.net/x\"><d:version>1.0</d:version>"
      "<d:report_metadata><d:report_id>&lt;7@example.net&gt;</d:report_id>"
      "<d:date_range><d:begin>1709251200</d:begin><d:end>1709337600</d:end></d:date_range>"
      "<d:generator>reporter 2.1</d:generator><d:email>a@example.net</d:email><d:org_name>Example</d:org_name>"
      "</d:report_metadata><d:policy_published><d:domain>example.com</d:domain><d:p>none</d:p><d:sp>none</d:sp>"
      "<d:np>reject</d:np><d:discovery_method>treewalk</d:discovery_method><d:testing>y</d:testing><d:fo>0</d:fo>"
      "</d:policy_published><d:extension><x:policy><x:record>not one</x:record></x:policy></d:extension>"
      "<d:record><d:row><d:source_ip>192.0.2.9</d:source_ip><d:count>1</d:count><d:policy_evaluated>"
      "<d:disposition>pass</d:disposition><d:dkim>pass</d:dkim><d:spf>fail</d:spf>"
      "<d:reason><d:type>policy_test_mode</d:type></d:reason></d:policy_evaluated></d:row>"
      "<d:identifiers><d:header_from>example.com</d:header_from><d:envelope_from/></d:identifiers>"
      "<d:auth_results><d:dkim><d:domain>example.com</d:domain><d:selector>s</d:selector><d:result>pass</d:result></"
      "d:dkim>"
      "<d:spf><d:domain>example.org</d:domain><d:scope>mfrom</d:scope><d:result>policy</d:result>"
      "<d:human_result>not asked</d:human_result></d:spf></d:auth_results>"
      "<x:arc><x:result>pass</x:result></x:arc></d:record></d:feedback>",
      "192.0.2.9 x1 pass dkim=pass spf=fail from=example.com mfrom= to=- [dkim example.com s pass -] "
      "[spf example.org mfrom policy not asked] {policy_test_mode: -} align=31 flags=\n"
      "urn:ietf:params:xml:ns:dmarc-2.0|1.0|Example|a@example.net|-|<7@example.net>|reporter 2.1|example.com|none|none|"
      "reject|-|-|-|0|y|treewalk|1709251200|1709337600|foreign elements\n");
}

/* --- quirks seen in the wild -------------------------------------------------------------------------------------- */

static void a_namespace_decides_nothing(void **state) {
  (void)state;
  static const char *const ROOTS[][2] = {
      {"<feedback xmlns=\"http://dmarc.org/dmarc-xml/0.1\">", "</feedback>"},
      {"<ns1:feedback xmlns:ns1=\"http://dmarc.org/dmarc-xml/0.1\">", "</ns1:feedback>"},
      {"<feedback xmlns=\"\">", "</feedback>"},
      {"<feedback xmlns=\"not a uri\">", "</feedback>"},
      {"<undeclared:feedback>", "</undeclared:feedback>"},
      {"<FEEDBACK>", "</FEEDBACK>"},
  };
  for (size_t i = 0; i < ARRAY_SIZE(ROOTS); i++) {
    _cleanup_free_ char *document = mem_printf("%s%s%s", ROOTS[i][0], BODY, ROOTS[i][1]);
    _cleanup_reading_ struct reading r = read_text(document);
    assert_int_equal(r.code, 0);
    expect_line(&r, LINE_1);
    assert_int_equal(header_flags(&r), 0);
  }
}

static void an_unclosed_schema_around_the_report_costs_no_record(void **state) {
  (void)state;
  _cleanup_reading_ struct reading around =
      read_text("<xs:schema xmlns:xs=\"http://example.net/\"><feedback>" BODY TAIL);
  expect_damage(&around, "feedback stands inside another element");
  expect_line(&around, LINE_1);
  _cleanup_reading_ struct reading before = read_text("<xs:schema><xs:element name=\"feedback\"/><feedback>" BODY TAIL);
  expect_damage(&before, "line 1");
  expect_line(&before, LINE_1);
}

static void blanks_and_a_byte_order_mark_in_front_are_no_damage(void **state) {
  (void)state;
  static const char *const FRONTS[] = {"",
                                       "\n",
                                       " \r\n\t",
                                       "\xef\xbb\xbf",
                                       "<?xml version=\"1.0\"?>",
                                       "\n\n<?xml version=\"1.0\" encoding=\"utf-8\"?>\n",
                                       "\xef\xbb\xbf<?xml version='1.0' encoding='UTF-8'?>"};
  for (size_t i = 0; i < ARRAY_SIZE(FRONTS); i++) {
    _cleanup_free_ char *document = mem_printf("%s<feedback>" BODY TAIL, FRONTS[i]);
    expect_text(document, LINE_1 BARE_HEADER "\n");
  }
}

static void any_declared_or_sniffed_encoding_is_decoded(void **state) {
  (void)state;
  static const struct {
    const char *front, *encoding, *declaration;
    size_t front_size;
  } CASES[] = {
      {"\xff\xfe", "UTF-16LE", "<?xml version=\"1.0\" encoding=\"UTF-16\"?>", 2},
      {"\xfe\xff", "UTF-16BE", "", 2},
      {"", "UTF-16LE", "<?xml version=\"1.0\" encoding=\"UTF-16LE\"?>", 0},
      {"", "UTF-16BE", "", 0},
      {"", "WINDOWS-1252", "<?xml version=\"1.0\" encoding=\"windows-1252\"?>", 0},
      {"", "ISO-8859-15", "<?xml version='1.0' encoding = 'iso-8859-15' ?>", 0},
      {"", "UTF-8", "<?xml version=\"1.0\" encoding=\"UTF-16\"?>", 0}, /* as .NET writes it */
      {"", "UTF-8", "<?xml version=\"1.0\" encoding=\"no-such-encoding\"?>", 0},
  };
  for (size_t i = 0; i < ARRAY_SIZE(CASES); i++) {
    _cleanup_free_ char *document =
        mem_printf("%s<feedback><version>caf\xc3\xa9 \xe2\x82\xac</version>" BODY TAIL, CASES[i].declaration);
    _cleanup_strbuf_ struct strbuf b = encoded(CASES[i].front, CASES[i].front_size, CASES[i].encoding, document);
    _cleanup_reading_ struct reading r = read_bytes(b.data, b.length);
    assert_int_equal(r.code, 0);
    expect_line(&r, LINE_1 "-|caf\xc3\xa9 \xe2\x82\xac|example.net");
    assert_int_equal(header_flags(&r), 0);
  }
}

static void invalid_bytes_and_control_characters_are_replaced_and_told_with_their_line(void **state) {
  (void)state;
  _cleanup_reading_ struct reading bytes = read_text(
      "<feedback>\n<version>a\xff\xfe"
      "b\xc3</version>" BODY TAIL);
  expect_damage(&bytes, "line 2: invalid bytes or characters, replaced");
  assert_true(header_flags(&bytes) & FEEDBACK_TEXT_REPLACED);
  expect_line(&bytes,
              "|a\xef\xbf\xbd\xef\xbf\xbd"
              "b\xef\xbf\xbd|");
  expect_line(&bytes, LINE_1);
  _cleanup_reading_ struct reading control = read_text(
      "<feedback>\n\n<version>a\x01"
      "b</version>" BODY TAIL);
  expect_damage(&control, "line 3: invalid");
  expect_line(&control,
              "|a\xef\xbf\xbd"
              "b|");
  _cleanup_reading_ struct reading genuine = read_text("<feedback><version>\xef\xbf\xbd</version>" BODY TAIL);
  assert_int_equal(header_flags(&genuine), 0);
}

static void text_in_front_of_the_report_is_told_and_blanks_or_nuls_behind_it_are_nothing(void **state) {
  (void)state;
  _cleanup_reading_ struct reading front = read_text("Here it is:\n<feedback>" BODY TAIL);
  expect_damage(&front, "text in front of the XML");
  expect_line(&front, LINE_1);
  static const struct {
    const char *bytes;
    size_t size;
  } BEHIND[] = {{"\r\n \n", 4},
                {"\0\0\0\0", 4},
                {"\xff\x01 garbage > & <", 15},
                {"-- \nSent by example.net", 22},
                {"<!-- end -->", 12},
                {"<?end?>", 7},
                {"<", 1}};
  for (size_t i = 0; i < ARRAY_SIZE(BEHIND); i++) {
    _cleanup_strbuf_ struct strbuf b = STRBUF_INIT;
    strbuf_add_text(&b, "<feedback>" BODY TAIL);
    strbuf_add(&b, BEHIND[i].bytes, BEHIND[i].size);
    _cleanup_parser_ struct parser *p = parser_new(&PARSER_LIMITS_DEFAULT);
    _cleanup_reading_ struct reading r = {0};
    struct memory_stream in;
    memory_stream_init(&in, b.data, b.length, 0);
    run(p, &in.stream, &r);
    assert_int_equal(r.code, 0);
    assert_string_equal(r.text.data, LINE_1 BARE_HEADER "\n");
    if (r.outcome.more) run(p, &in.stream, &r);
    assert_true(!r.code || r.code == ERR_NO_REPORT); /* nobody's failure */
    assert_false(r.outcome.more);
  }
}

static void what_is_no_report_is_told_as_such(void **state) {
  (void)state;
  _cleanup_reading_ struct reading unused = read_text("unused");
  expect_failure(&unused, ERR_NO_REPORT, "no XML in it");
  _cleanup_reading_ struct reading empty = read_text("");
  expect_failure(&empty, ERR_NO_REPORT, "empty");
  _cleanup_reading_ struct reading other = read_text("<html><body/></html>");
  expect_failure(&other, ERR_NO_REPORT, "its root element is <html>, not <feedback>");
  _cleanup_reading_ struct reading mute = read_text("<feedback/>");
  expect_failure(&mute, ERR_NO_REPORT, "a feedback element that says nothing");
  _cleanup_reading_ struct reading bare = read_text("<feedback>" METADATA POLICY TAIL);
  assert_int_equal(bare.code, 0);
  assert_int_equal(header_flags(&bare), FEEDBACK_NO_RECORDS);
}

static void dates_are_taken_as_floats_and_padded_and_odd_periods_are_flagged(void **state) {
  (void)state;
  static const struct {
    const char *begin, *end;
    int64_t begin_s, end_s;
    uint32_t flags;
  } CASES[] = {
      {"1337270400.0", " 1337356800.000\n", 1337270400, 1337356800, 0},
      {"1337270400 ", "\t1337356800", 1337270400, 1337356800, 0},
      {"1337270400", "1337270400", 1337270400, 1337270400, FEEDBACK_PERIOD_EMPTY},
      {"1337270400", "1337356860", 1337270400, 1337356860, 0},
      {"1337270400", "1337356861", 1337270400, 1337356861, FEEDBACK_PERIOD_LONG},
      {"1337270401", "1337270400", 1337270401, 1337270400, FEEDBACK_PERIOD_REVERSED},
      {"1337270400.5", "1337356800", 1337270400, 1337356800, 0},
      {"1337270400000", "2012-05-18T15:59:59Z", 1337270400, 1337356799, 0},
      {" Thu, 17 May 2012 16:00:00 +0000\n", "2012-05-18", 1337270400, 1337385599, FEEDBACK_PERIOD_LONG},
      {"0", "1337356800", FEEDBACK_TIME_UNKNOWN, 1337356800, FEEDBACK_PERIOD_UNREADABLE},
      {"-1", "17.05.2012", FEEDBACK_TIME_UNKNOWN, FEEDBACK_TIME_UNKNOWN, FEEDBACK_PERIOD_UNREADABLE},
      {"", "99999999999999999999", FEEDBACK_TIME_UNKNOWN, FEEDBACK_TIME_UNKNOWN, FEEDBACK_PERIOD_UNREADABLE},
  };
  for (size_t i = 0; i < ARRAY_SIZE(CASES); i++) {
    _cleanup_free_ char *document = mem_printf(
        "<feedback><report_metadata><report_id>1</report_id><date_range><begin>%s</begin><end>%s</end></date_range>"
        "</report_metadata>" POLICY PLAIN("192.0.2.1", "1") TAIL,
        CASES[i].begin, CASES[i].end);
    _cleanup_reading_ struct reading r = read_text(document);
    assert_int_equal(r.code, 0);
    assert_int_equal(r.outcome.header->begin_s, CASES[i].begin_s);
    assert_int_equal(r.outcome.header->end_s, CASES[i].end_s);
    assert_int_equal(header_flags(&r), CASES[i].flags);
  }
}

static void identities_are_identifiers(void **state) {
  (void)state;
  expect_record(
      RECORD(ROW("192.0.2.1", "1", EVALUATED), "<identities><header_from>example.com</header_from></identities>",
             RESULTS(SPF("example.com", "pass") DKIM("example.com", "pass"))),
      "192.0.2.1 x1 none dkim=pass spf=fail from=example.com mfrom=- to=- [dkim example.com - pass -] "
      "[spf example.com - pass -] align=33 flags=");
}

static void an_evaluation_that_is_missing_stays_unknown(void **state) {
  (void)state;
#define REST FROM("example.com") RESULTS(SPF("example.com", "pass"))
#define REST_LINE " from=example.com mfrom=- to=- [spf example.com - pass -] align=13 flags="
  expect_record("<record>" ROW("192.0.2.1", "1", "") REST "</record>",
                "192.0.2.1 x1 - dkim=- spf=-" REST_LINE "evaluation missing");
  expect_record("<record>" ROW("192.0.2.1", "1", "<policy_evaluated/>") REST "</record>",
                "192.0.2.1 x1 - dkim=- spf=-" REST_LINE "evaluation missing");
  expect_record("<record>" ROW("192.0.2.1", "1", "<policy_evaluated><disposition>none</disposition></policy_evaluated>")
                    REST "</record>",
                "192.0.2.1 x1 none dkim=- spf=-" REST_LINE "evaluation missing");
  expect_record("<record>" ROW("192.0.2.1", "1", "<policy_evaluated><spf>pass</spf><dkim/></policy_evaluated>") REST
                "</record>",
                "192.0.2.1 x1 - dkim=- spf=pass" REST_LINE);
}

static void other_words_are_normalised_and_the_raw_one_kept(void **state) {
  (void)state;
#define WORDS(dkim, spf) "<policy_evaluated><dkim>" dkim "</dkim><spf>" spf "</spf></policy_evaluated>"
  expect_record("<record>" ROW("192.0.2.1", "1", WORDS("none", "softfail")) FROM("example.com")
                    RESULTS(SPF("example.com", "hardfail") SPF("example.net", "unknown") SPF("example.org", "error")
                                DKIM("example.com", "invalid") DKIM("example.net", "unknown")
                                    DKIM("example.org", "made up")) "</record>",
                "192.0.2.1 x1 - dkim=fail(none) spf=fail(softfail) from=example.com mfrom=- to=- "
                "[dkim example.com - permerror(invalid) -] [dkim example.net - temperror(unknown) -] "
                "[dkim example.org - made up -] [spf example.com - fail(hardfail) -] "
                "[spf example.net - temperror(unknown) -] [spf example.org - permerror(error) -] align=11 flags=");
}

static void the_case_of_words_and_element_names_does_not_matter(void **state) {
  (void)state;
  expect_record("<Record>" ROW("192.0.2.1", "1", WORDS("Pass", "FAIL")) "<Identifiers><Header_From>EXAMPLE.com.</Header_From>"
                "</Identifiers>" RESULTS(SPF("Example.COM", "PASS") DKIM("example.com", " None\n")) "</Record>",
                "192.0.2.1 x1 - dkim=pass spf=fail from=example.com mfrom=- to=- [dkim example.com - none -] "
                "[spf example.com - pass -] align=13 flags=");
}

static void empty_results_and_exact_repeats_are_dropped(void **state) {
  (void)state;
  expect_record(RECORD(ROW("192.0.2.1", "1", EVALUATED), FROM("example.com"),
                       RESULTS("<dkim/><dkim><domain/><result> </result></dkim>" SPF("example.com", "pass")
                                   SPF("example.com", "PASS") SPF("example.com", "fail") SPF("example.com", "pass"))),
                "192.0.2.1 x1 none dkim=pass spf=fail from=example.com mfrom=- to=- [spf example.com - pass -] "
                "[spf example.com - fail -] align=13 flags=");
}

static void all_results_are_kept_with_dkim_first(void **state) {
  (void)state;
  expect_record(
      RECORD(ROW("192.0.2.1", "1", EVALUATED), FROM("example.com"),
             RESULTS(SPF("b.example.com", "fail") DKIM("c.example.com", "fail") SPF("a.example.com", "fail")
                         DKIM("d.example.com", "pass"))),
      "192.0.2.1 x1 none dkim=pass spf=fail from=example.com mfrom=- to=- [dkim c.example.com - fail -] "
      "[dkim d.example.com - pass -] [spf b.example.com - fail -] [spf a.example.com - fail -] align=21 flags=");
}

static void of_several_rows_the_first_counts_and_of_several_results_all(void **state) {
  (void)state;
  expect_record("<record>" ROW("192.0.2.1", "1", EVALUATED) ROW("192.0.2.2", "70", WORDS("fail", "pass"))
                    FROM("example.com") RESULTS(SPF("example.com", "pass"))
                        RESULTS(DKIM("example.com", "pass")) "</record>",
                "192.0.2.1 x1 none dkim=pass spf=fail from=example.com mfrom=- to=- [dkim example.com - pass -] "
                "[spf example.com - pass -] align=33 flags=row repeated");
  expect_record("<record><row><count>2</count></row>" ROW("192.0.2.2", "70", EVALUATED) FROM("example.com")
                    RESULTS(SPF("example.com", "pass")) "</record>",
                "- x2 - dkim=- spf=- from=example.com mfrom=- to=- [spf example.com - pass -] align=13 "
                "flags=source_ip unreadable, row repeated, evaluation missing");
}

static void a_reason_may_be_plain_text_or_lack_its_type(void **state) {
  (void)state;
#define REASONS_LINE "192.0.2.1 x1 - dkim=pass spf=fail from=example.com mfrom=- to=- [spf example.com - fail -]"
  expect_record(WITH_REASONS("<reason> Sampled_Out\n</reason>"), REASONS_LINE " {sampled_out: -} align=11 flags=");
  expect_record(WITH_REASONS("<reason><type/><comment>why</comment></reason>"),
                REASONS_LINE " {other: why} align=11 flags=");
  expect_record(WITH_REASONS("<reason/><reason><type>own word</type></reason>"),
                REASONS_LINE " {other: -} {own word: -} align=11 flags=");
}

static void spf_may_be_absent_unnamed_or_of_helo(void **state) {
  (void)state;
#define BEGIN_LINE "192.0.2.1 x1 none dkim=pass spf=fail from=example.com mfrom=- to=- "
  expect_record(BEGIN RESULTS(DKIM("example.com", "pass")) "</record>",
                BEGIN_LINE "[dkim example.com - pass -] align=31 flags=");
  expect_record(BEGIN RESULTS("<spf><result>none</result></spf>") "</record>",
                BEGIN_LINE "[spf - - none -] align=11 flags=");
  expect_record(
      BEGIN RESULTS("<spf><domain>mx.example.com</domain><scope>HELO</scope><result>pass</result></spf>") "</record>",
      BEGIN_LINE "[spf mx.example.com helo pass -] align=12 flags=");
}

static void an_empty_sp_or_org_name_is_absent(void **state) {
  (void)state;
  expect_text(
      "<feedback><report_metadata><org_name> "
      "</org_name><report_id>r1</report_id><date_range><begin>1709251200</begin><end>1709337599</end>"
      "</date_range></report_metadata><policy_published><domain>EXAMPLE.com.</domain><p>Reject</p><sp/><np></np>"
      "</policy_published>" PLAIN("192.0.2.1", "1") TAIL,
      LINE_1 "-|-|-|-|-|r1|-|example.com|reject|-|-|-|-|-|-|-|-|1709251200|1709337599|\n");
}

static void a_row_with_a_bad_address_or_domain_is_kept_and_flagged(void **state) {
  (void)state;
#define ODD(ip, from) "<record>" ROW(ip, "1", EVALUATED) FROM(from) RESULTS(SPF("Example.com.", "pass")) "</record>"
#define ODD_LINE(ip, from, align, flags) \
  ip " x1 none dkim=pass spf=fail from=" from " mfrom=- to=- [spf example.com - pass -] align=" align " flags=" flags
  expect_record(ODD("108.r166.1.2", "example.com"),
                ODD_LINE("108.r166.1.2", "example.com", "13", "source_ip unreadable"));
  expect_record(ODD("", "example.com"), ODD_LINE("-", "example.com", "13", "source_ip unreadable"));
  expect_record(ODD(" 192.0.2.1 ", "Example.COM."), ODD_LINE("192.0.2.1", "example.com", "13", ""));
  expect_record(ODD("::FFFF:192.0.2.1", "example.com"), ODD_LINE("192.0.2.1", "example.com", "13", ""));
  expect_record(ODD("192.0.2.1", "example.com, example.net"),
                ODD_LINE("192.0.2.1", "example.com, example.net", "00", "header_from odd"));
  expect_record(ODD("192.0.2.1", "joe@example.com"), ODD_LINE("192.0.2.1", "joe@example.com", "13", "header_from odd"));
  expect_record(ODD("192.0.2.1", ""), ODD_LINE("192.0.2.1", "-", "00", "header_from odd"));
  expect_record(ODD("192.0.2.1", "..."), ODD_LINE("192.0.2.1", "-", "00", "header_from odd"));
}

static void a_count_is_a_number_or_unknown(void **state) {
  (void)state;
  static const struct {
    const char *text, *count;
  } CASES[] = {{"0", "0"},           {" 12\n", "12"}, {"1000000000", "1000000000"},
               {"1000000001", "-1"}, {"", "-1"},      {"1.0", "-1"},
               {"-3", "-1"},         {"+3", "-1"},    {"0x10", "-1"},
               {"1 2", "-1"},        {"many", "-1"},  {"99999999999999999999999999999999", "-1"}};
  for (size_t i = 0; i < ARRAY_SIZE(CASES); i++) {
    _cleanup_free_ char *record =
        mem_printf("<record><row><source_ip>192.0.2.1</source_ip><count>%s</count>" EVALUATED "</row>" REST "</record>",
                   CASES[i].text);
    _cleanup_free_ char *line = mem_printf("192.0.2.1 x%s none dkim=pass spf=fail" REST_LINE "%s", CASES[i].count,
                                           CASES[i].count[0] == '-' ? "count unreadable" : "");
    expect_record(record, line);
  }
  _cleanup_reading_ struct reading r =
      read_text(HEAD "<record><row><source_ip>192.0.2.1</source_ip></row></record>" PLAIN("192.0.2.1", "5")
                    PLAIN("192.0.2.1", "0") TAIL);
  expect_line(&r, "192.0.2.1 x-1 ");
  assert_int_equal(r.outcome.messages, 5);
  assert_int_equal(header_flags(&r), FEEDBACK_RECORD_FLAGGED);
}

/* --- the header while records come -------------------------------------------------------------------------------- */

struct peek {
  struct arena *arena;
  struct parser *parser;
  bool known;
};
static int take_and_peek(void *user, struct feedback_record *record, struct err *e) {
  (void)record, (void)e;
  struct peek *k = user;
  struct parser_outcome so_far;
  k->known = parser_peek(k->parser, &so_far);
  if (k->known) assert_string_equal(so_far.header->report_id, "r1");
  return 0;
}
static struct arena *give_peek_arena(void *user) { return ((struct peek *)user)->arena; }

static void the_header_can_be_asked_for_when_it_tells_the_report(void **state) {
  (void)state;
  static const char *const DOCUMENTS[] = {HEAD PLAIN("192.0.2.1", "1") TAIL,
                                          "<feedback>" PLAIN("192.0.2.1", "1") METADATA POLICY TAIL,
                                          "<feedback>" METADATA PLAIN("192.0.2.1", "1") TAIL};
  for (size_t i = 0; i < ARRAY_SIZE(DOCUMENTS); i++) {
    _cleanup_parser_ struct parser *p = parser_new(&PARSER_LIMITS_DEFAULT);
    struct peek k = {.arena = arena_new(1024), .parser = p};
    const struct parser_events events = {take_and_peek, give_peek_arena, &k};
    struct memory_stream in;
    struct parser_outcome outcome;
    struct err e;
    memory_stream_init(&in, DOCUMENTS[i], strlen(DOCUMENTS[i]), 0);
    assert_int_equal(parser_run(p, &(struct parser_source){.kind = REPORT_AGGREGATE, .in = &in.stream}, k.arena,
                                &events, &outcome, &e),
                     0);
    assert_int_equal(k.known, i == 0);
    arena_free(k.arena);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(an_empty_envelope_from_is_not_an_absent_one),
      cmocka_unit_test(the_domains_of_a_report_are_spelled_with_a_labels),
      cmocka_unit_test(the_schema_of_2015_is_kept_whole),
      cmocka_unit_test(the_schema_of_2026_is_kept_whole),
      cmocka_unit_test(a_namespace_decides_nothing),
      cmocka_unit_test(an_unclosed_schema_around_the_report_costs_no_record),
      cmocka_unit_test(blanks_and_a_byte_order_mark_in_front_are_no_damage),
      cmocka_unit_test(any_declared_or_sniffed_encoding_is_decoded),
      cmocka_unit_test(invalid_bytes_and_control_characters_are_replaced_and_told_with_their_line),
      cmocka_unit_test(text_in_front_of_the_report_is_told_and_blanks_or_nuls_behind_it_are_nothing),
      cmocka_unit_test(what_is_no_report_is_told_as_such),
      cmocka_unit_test(dates_are_taken_as_floats_and_padded_and_odd_periods_are_flagged),
      cmocka_unit_test(identities_are_identifiers),
      cmocka_unit_test(an_evaluation_that_is_missing_stays_unknown),
      cmocka_unit_test(other_words_are_normalised_and_the_raw_one_kept),
      cmocka_unit_test(the_case_of_words_and_element_names_does_not_matter),
      cmocka_unit_test(empty_results_and_exact_repeats_are_dropped),
      cmocka_unit_test(all_results_are_kept_with_dkim_first),
      cmocka_unit_test(of_several_rows_the_first_counts_and_of_several_results_all),
      cmocka_unit_test(a_reason_may_be_plain_text_or_lack_its_type),
      cmocka_unit_test(spf_may_be_absent_unnamed_or_of_helo),
      cmocka_unit_test(an_empty_sp_or_org_name_is_absent),
      cmocka_unit_test(a_row_with_a_bad_address_or_domain_is_kept_and_flagged),
      cmocka_unit_test(a_count_is_a_number_or_unknown),
      cmocka_unit_test(the_header_can_be_asked_for_when_it_tells_the_report),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
