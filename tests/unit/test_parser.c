/* SPDX-License-Identifier: Apache-2.0 */
/* The parser against documents as they are sent: each quirk, each limit, each way to be broken; written here as text.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
/* cmocka wants the three above first */
#include <cmocka.h>
#include <iconv.h>
#include <stdint.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/mem.h"
#include "parser/parser.h"

/* --- documents ---------------------------------------------------------------------------------------------------- */

#define METADATA                                                                                               \
  "<report_metadata><org_name>example.net</org_name><email>dmarc@example.net</email><report_id>r1</report_id>" \
  "<date_range><begin>1709251200</begin><end>1709337599</end></date_range></report_metadata>\n"
#define POLICY "<policy_published><domain>example.com</domain><p>none</p></policy_published>\n"
#define HEAD "<feedback>\n" METADATA POLICY
#define TAIL "</feedback>\n"
#define ROW(ip, count, evaluated) "<row><source_ip>" ip "</source_ip><count>" count "</count>" evaluated "</row>"
#define EVALUATED "<policy_evaluated><disposition>none</disposition><dkim>pass</dkim><spf>fail</spf></policy_evaluated>"
#define FROM(domain) "<identifiers><header_from>" domain "</header_from></identifiers>"
#define SPF(domain, result) "<spf><domain>" domain "</domain><result>" result "</result></spf>"
#define DKIM(domain, result) "<dkim><domain>" domain "</domain><result>" result "</result></dkim>"
#define RESULTS(list) "<auth_results>" list "</auth_results>"
#define RECORD(row, identifiers, results) "<record>" row identifiers results "</record>\n"
/* A record about one source, all else alike; and its line as `describe` has it. */
#define PLAIN(ip, count)                                 \
  RECORD(ROW(ip, count, EVALUATED), FROM("example.com"), \
         RESULTS(SPF("example.com", "pass") DKIM("example.com", "pass")))
#define PLAIN_LINE(ip, count)                                                              \
  ip " x" count                                                                            \
     " none dkim=pass spf=fail from=example.com mfrom=- to=- [dkim example.com - pass -] " \
     "[spf example.com - pass -] align=33 flags=\n"

/* --- reading them ------------------------------------------------------------------------------------------------- */

struct reading {
  struct arena *arena;
  struct strbuf text; /* what was read, a line for the header and one for each record */
  struct parser_outcome outcome;
  struct err err;
  int code, record_code;
  uint32_t records_seen;
};

static void say(struct strbuf *b, const char *before, const char *text) {
  strbuf_printf(b, "%s%s", before, text ? text : "-");
}

static void say_word(struct strbuf *b, const char *before, struct word w) {
  say(b, before, w.text);
  if (w.raw) strbuf_printf(b, "(%s)", w.raw);
}

static void describe(struct strbuf *b, const struct feedback_record *r) {
  char buffer[256];
  strbuf_printf(b, "%s x%lld",
                r->source_ip.size ? ip_format(&r->source_ip, buffer)
                : r->source_text  ? r->source_text
                                  : "-",
                (long long)r->count);
  say_word(b, " ", r->disposition);
  say_word(b, " dkim=", r->dkim);
  say_word(b, " spf=", r->spf);
  say(b, " from=", r->header_from);
  say(b, " mfrom=", r->envelope_from);
  say(b, " to=", r->envelope_to);
  for (uint32_t i = 0; i < r->result_count; i++) {
    const struct auth_result *a = &r->results[i];
    say(b, a->method == AUTH_DKIM ? " [dkim " : " [spf ", a->domain);
    say(b, " ", a->method == AUTH_DKIM ? a->selector : a->scope);
    say_word(b, " ", a->result);
    say(b, " ", a->human_result);
    strbuf_add_text(b, "]");
  }
  for (uint32_t i = 0; i < r->reason_count; i++) {
    say(b, " {", r->reasons[i].type);
    say(b, ": ", r->reasons[i].comment);
    strbuf_add_text(b, "}");
  }
  strbuf_printf(b, " align=%d%d flags=%s\n", (int)r->dkim_alignment, (int)r->spf_alignment,
                record_flags_text(r->flags, buffer, sizeof buffer));
}

static void describe_header(struct strbuf *b, const struct feedback_header *h) {
  char buffer[512];
  const char *const texts[] = {h->schema,    h->version,         h->org_name,      h->email, h->extra_contact_info,
                               h->report_id, h->generator,       h->policy_domain, h->p,     h->sp,
                               h->np,        h->adkim,           h->aspf,          h->pct,   h->fo,
                               h->testing,   h->discovery_method};
  for (size_t i = 0; i < ARRAY_SIZE(texts); i++) say(b, i ? "|" : "", texts[i]);
  for (uint32_t i = 0; i < h->error_count; i++) say(b, "|!", h->errors[i]);
  strbuf_printf(b, "|%lld|%lld|%s\n", (long long)h->begin_s, (long long)h->end_s,
                feedback_flags_text(h->flags, buffer, sizeof buffer));
}

static int take_record(void *user, struct feedback_record *record, struct err *e) {
  struct reading *r = user;
  describe(&r->text, record);
  r->records_seen++;
  return r->record_code ? err_set(e, r->record_code, "stopped by the taker") : 0;
}
static struct arena *give_arena(void *user) { return ((struct reading *)user)->arena; }

static void forget(struct reading *r) {
  arena_free(r->arena);
  strbuf_clear(&r->text);
}
#define _cleanup_reading_ __attribute__((cleanup(forget)))

static void run(struct parser *p, struct byte_stream *in, struct reading *r) {
  const struct parser_events events = {take_record, give_arena, r};
  if (!r->arena) r->arena = arena_new(4096);
  strbuf_reset(&r->text);
  r->records_seen = 0;
  r->err.text[0] = '\0';
  r->code = parser_run(p, in, r->arena, &events, &r->outcome, &r->err);
  if (r->outcome.header) describe_header(&r->text, r->outcome.header);
}

static struct reading read_limited(const char *data, size_t size, size_t step, const struct parser_limits *limits) {
  struct reading r = {0};
  struct memory_stream in;
  memory_stream_init(&in, data, size, step);
  struct parser *p = parser_new(limits);
  run(p, &in.stream, &r);
  parser_free(p);
  return r;
}
static struct reading read_bytes(const char *data, size_t size) {
  return read_limited(data, size, 0, &PARSER_LIMITS_DEFAULT);
}
static struct reading read_text(const char *document) { return read_bytes(document, strlen(document)); }
static struct reading read_under(const char *document, const struct parser_limits *limits) {
  return read_limited(document, strlen(document), 0, limits);
}
#define _cleanup_parser_ __attribute__((cleanup(free_parser)))
static void free_parser(struct parser **p) { parser_free(*p); }

static uint32_t header_flags(const struct reading *r) { return r->outcome.header ? r->outcome.header->flags : 0; }

/* --- assertions --------------------------------------------------------------------------------------------------- */

static void expect_record(const char *record, const char *line) {
  _cleanup_free_ char *document = mem_printf(HEAD "%s" TAIL, record);
  _cleanup_reading_ struct reading r = read_text(document);
  if (r.code) fail_msg("%s", r.err.text);
  if (!strstr(r.text.data, "\n")) fail();
  *strchr(r.text.data, '\n') = '\0';
  assert_string_equal(r.text.data, line);
  assert_int_equal(r.outcome.records, 1);
}

static void expect_text(const char *document, const char *text) {
  _cleanup_reading_ struct reading r = read_text(document);
  if (r.code) fail_msg("%s", r.err.text);
  assert_string_equal(r.text.data, text);
}

static void expect_failure(const struct reading *r, int code, const char *text) {
  assert_int_equal(r->code, code);
  assert_string_equal(r->err.text, text);
}

/* The lines are among those read, in any order. */
static void expect_line(const struct reading *r, const char *line) {
  if (!strstr(strbuf_text(&r->text), line)) fail_msg("no \"%s\" in:\n%s", line, strbuf_text(&r->text));
}

static void expect_damage(const struct reading *r, const char *note) {
  if (r->code) fail_msg("%s", r->err.text);
  assert_true(header_flags(r) & FEEDBACK_DAMAGED);
  if (!strstr(r->outcome.note, note)) fail_msg("note \"%s\", not \"%s\"", r->outcome.note, note);
  assert_memory_equal(r->outcome.note, "line ", 5);
}

#define BARE_HEADER "-|-|example.net|dmarc@example.net|-|r1|-|example.com|none|-|-|-|-|-|-|-|-|1709251200|1709337599|"
#define LINE_1 PLAIN_LINE("192.0.2.1", "1")
#define BODY METADATA POLICY PLAIN("192.0.2.1", "1")

/* --- both schemas ------------------------------------------------------------------------------------------------- */

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
      "192.0.2.9 x1 pass dkim=pass spf=fail from=example.com mfrom=- to=- [dkim example.com s pass -] "
      "[spf example.org mfrom policy not asked] {policy_test_mode: -} align=31 flags=\n"
      "urn:ietf:params:xml:ns:dmarc-2.0|1.0|Example|a@example.net|-|<7@example.net>|reporter 2.1|example.com|none|none|"
      "reject|-|-|-|0|y|treewalk|1709251200|1709337600|\n");
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

/* `text` in another encoding, with `front` before it. */
static struct strbuf encoded(const char *front, size_t front_size, const char *encoding, const char *text) {
  struct strbuf b = STRBUF_INIT;
  strbuf_add(&b, front, front_size);
  char *from = (char *)(uintptr_t)text;
  size_t left = strlen(text), room = left * 4;
  _cleanup_free_ char *out = mem_alloc(room);
  char *to = out;
  iconv_t converter = iconv_open(encoding, "UTF-8");
  assert_true(converter != (iconv_t)-1);
  assert_int_equal(iconv(converter, &from, &left, &to, &room), 0);
  iconv_close(converter);
  strbuf_add(&b, out, (size_t)(to - out));
  return b;
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
      {"1337270400.5", "1337356800", FEEDBACK_TIME_UNKNOWN, 1337356800, FEEDBACK_PERIOD_UNREADABLE},
      {"-1", "2012-05-17", FEEDBACK_TIME_UNKNOWN, FEEDBACK_TIME_UNKNOWN, FEEDBACK_PERIOD_UNREADABLE},
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
                "[dkim example.com - permerror(invalid) -] [dkim example.net - permerror(unknown) -] "
                "[dkim example.org - made up -] [spf example.com - fail(hardfail) -] "
                "[spf example.net - permerror(unknown) -] [spf example.org - temperror(error) -] align=11 flags=");
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
#define WITH_REASONS(reasons)                                                                                       \
  RECORD(ROW("192.0.2.1", "1", "<policy_evaluated><dkim>pass</dkim><spf>fail</spf>" reasons "</policy_evaluated>"), \
         FROM("example.com"), RESULTS(SPF("example.com", "fail")))
#define REASONS_LINE "192.0.2.1 x1 - dkim=pass spf=fail from=example.com mfrom=- to=- [spf example.com - fail -]"
  expect_record(WITH_REASONS("<reason> Sampled_Out\n</reason>"), REASONS_LINE " {sampled_out: -} align=11 flags=");
  expect_record(WITH_REASONS("<reason><type/><comment>why</comment></reason>"),
                REASONS_LINE " {other: why} align=11 flags=");
  expect_record(WITH_REASONS("<reason/><reason><type>own word</type></reason>"),
                REASONS_LINE " {other: -} {own word: -} align=11 flags=");
}

static void spf_may_be_absent_unnamed_or_of_helo(void **state) {
  (void)state;
#define BEGIN "<record>" ROW("192.0.2.1", "1", EVALUATED) FROM("example.com")
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
      "</org_name><report_id>r1</report_id><date_range><begin>1</begin><end>2</end>"
      "</date_range></report_metadata><policy_published><domain>EXAMPLE.com.</domain><p>Reject</p><sp/><np></np>"
      "</policy_published>" PLAIN("192.0.2.1", "1") TAIL,
      LINE_1 "-|-|-|-|-|r1|-|example.com|reject|-|-|-|-|-|-|-|-|1|2|\n");
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

/* --- limits ------------------------------------------------------------------------------------------------------- */

/* `text` n times. */
static char *repeated(const char *text, unsigned n) {
  struct strbuf b = STRBUF_INIT;
  strbuf_add_text(&b, "");
  for (unsigned i = 0; i < n; i++) strbuf_add_text(&b, text);
  return b.data;
}

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
    expect_line(&r, most);
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

static unsigned count_of(const char *text, const char *what) {
  unsigned n = 0;
  for (const char *p = strstr(text, what); p; p = strstr(p + 1, what)) n++;
  return n;
}

static void results_beyond_their_limit_are_dropped_and_change_none_before(void **state) {
  (void)state;
  struct parser_limits limits = PARSER_LIMITS_DEFAULT;
  limits.results = 3;
#define THREE DKIM("a.example.com", "fail") DKIM("b.example.com", "fail") SPF("c.example.com", "fail")
  _cleanup_reading_ struct reading at = read_under(HEAD BEGIN RESULTS(THREE) "</record>" TAIL, &limits);
  expect_line(
      &at,
      "[dkim a.example.com - fail -] [dkim b.example.com - fail -] [spf c.example.com - fail -] align=11 flags=\n");
  _cleanup_reading_ struct reading over = read_under(
      HEAD BEGIN RESULTS(
          THREE "<spf><domain>example.com</domain><scope>mfrom</scope><result>pass</result></spf>") "</record>" TAIL,
      &limits);
  expect_line(&over,
              "[dkim a.example.com - fail -] [dkim b.example.com - fail -] [spf c.example.com - fail -] align=11 "
              "flags=text cut\n");
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

/* --- recovery ----------------------------------------------------------------------------------------------------- */

#define THREE_RECORDS HEAD PLAIN("192.0.2.1", "1") PLAIN("192.0.2.2", "2") PLAIN("192.0.2.3", "3") TAIL
#define OTHER_LINES PLAIN_LINE("192.0.2.3", "3")

/* A copy of the document without the `cut` bytes at `at`, `inserted` in their place. */
static char *altered(const char *document, size_t at, size_t cut, const char *inserted) {
  return mem_printf("%.*s%s%s", (int)at, document, inserted, document + at + cut);
}

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
                        "-|-|example.org|-|-|other|-|example.com|none|-|-|-|-|-|-|-|-|"
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

/* --- the digest --------------------------------------------------------------------------------------------------- */

#define FULL_HEAD                                                                                                      \
  "<feedback><report_metadata><org_name>example.net</org_name><email>m1@example.net</email><extra_contact_info>x1"     \
  "</extra_contact_info><report_id>i1</report_id><date_range><begin>1000</begin><end>2000</end></date_range><error>e1" \
  "</error><generator>g1</generator></report_metadata><policy_published><domain>example.com</domain><adkim>r</"        \
  "adkim><aspf>r"                                                                                                      \
  "</aspf><p>none</p><sp>reject</sp><np>quarantine</np><pct>11</pct><fo>d</fo><testing>n</"                            \
  "testing><discovery_method>psl"                                                                                      \
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
      {"1000", "1001"},
      {"2000", "2001"},
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
      {"1000", "1000.0"},
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

/* --- the header while records come -------------------------------------------------------------------------------- */

struct peek {
  struct arena *arena;
  struct parser *parser;
  bool known;
};
static int take_and_peek(void *user, struct feedback_record *record, struct err *e) {
  (void)record, (void)e;
  struct peek *k = user;
  struct feedback_header h;
  k->known = parser_peek_header(k->parser, &h);
  if (k->known) assert_string_equal(h.report_id, "r1");
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
    assert_int_equal(parser_run(p, &in.stream, k.arena, &events, &outcome, &e), 0);
    assert_int_equal(k.known, i == 0);
    arena_free(k.arena);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
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
      cmocka_unit_test(no_chunk_boundary_changes_what_is_read),
      cmocka_unit_test(no_chunk_boundary_changes_what_is_read_of_a_broken_document),
      cmocka_unit_test(libxml2s_own_chunks_do_not_matter_either),
      cmocka_unit_test(a_declared_encoding_is_seen_behind_a_long_prefix),
      cmocka_unit_test(nesting_is_followed_to_its_limit_and_no_further),
      cmocka_unit_test(tags_that_are_never_closed_cost_what_follows_not_what_was_read),
      cmocka_unit_test(a_text_is_cut_at_its_limit_between_characters),
      cmocka_unit_test(results_beyond_their_limit_are_dropped_and_change_none_before),
      cmocka_unit_test(reasons_and_errors_beyond_their_limit_are_dropped_and_told),
      cmocka_unit_test(a_document_may_hold_so_many_records),
      cmocka_unit_test(xml_is_looked_for_behind_so_many_bytes),
      cmocka_unit_test(the_texts_of_a_record_and_of_a_header_are_bounded_together),
      cmocka_unit_test(a_field_written_again_and_again_takes_no_memory),
      cmocka_unit_test(endless_markup_ends_the_reading_and_keeps_the_records_before_it),
      cmocka_unit_test(thousands_of_attributes_or_names_end_the_reading),
      cmocka_unit_test(a_doctype_is_refused_before_any_entity_is_read),
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
      cmocka_unit_test(documents_behind_each_other_are_read_one_by_one),
      cmocka_unit_test(a_report_that_begins_inside_another_is_not_mixed_with_it),
      cmocka_unit_test(damage_of_the_container_keeps_what_was_read_and_is_told_before_all_else),
      cmocka_unit_test(a_limit_or_an_error_of_the_stream_rejects_the_document),
      cmocka_unit_test(who_takes_the_records_may_stop_the_reading),
      cmocka_unit_test(the_digest_differs_where_any_field_does),
      cmocka_unit_test(the_digest_is_the_same_however_the_content_is_written),
      cmocka_unit_test(alignment_is_graded_by_the_organizational_domain),
      cmocka_unit_test(helo_counts_where_there_is_no_mail_from),
      cmocka_unit_test(the_header_can_be_asked_for_when_it_tells_the_report),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
