/* SPDX-License-Identifier: Apache-2.0 */
/* What is said of a report and its records once for all rooms: alignment, digest, outcome, filter, tally, identity. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
/* cmocka wants the three above first */
#include <cmocka.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/alignment.h"
#include "base/cleanup.h"
#include "base/digest.h"
#include "base/domain.h"
#include "base/filter.h"
#include "base/identity.h"
#include "base/ip.h"
#include "base/mem.h"
#include "base/outcome.h"
#include "base/tally.h"
#include "base/vocabulary.h"
#include "domain_kit.h"

/* --- alignment ---------------------------------------------------------------------------------------------------- */

static void a_grade_holds_under_a_mode(void **state) {
  (void)state;
  assert_int_equal(alignment_holds(ALIGNMENT_UNKNOWN, false), -1);
  assert_int_equal(alignment_holds(ALIGNMENT_UNKNOWN, true), -1);
  assert_int_equal(alignment_holds(ALIGNMENT_NONE, false), 0);
  assert_int_equal(alignment_holds(ALIGNMENT_RELAXED, false), 1);
  assert_int_equal(alignment_holds(ALIGNMENT_RELAXED, true), 0);
  assert_int_equal(alignment_holds(ALIGNMENT_STRICT, true), 1);
  assert_true(alignment_is_strict("s"));
  assert_false(alignment_is_strict("r") || alignment_is_strict(NULL) || alignment_is_strict("strict") ||
               alignment_is_strict(""));
}

static void an_organization_is_what_the_list_says_or_where_the_walk_ended(void **state) {
  (void)state;
  static const struct {
    const char *identifier, *from, *walked;
    bool same;
  } CASES[] = {
      {"mail.example.com", "news.example.com", NULL, true},
      {"example.net", "example.com", NULL, false},
      {"a.co.uk", "b.co.uk", NULL, false},
      /* begun below the policy domain, and ended there */
      {"mail.team.example.com", "news.team.example.com", "team.example.com", true},
      {"team.example.com", "news.team.example.com", "team.example.com", true},
      {"example.com", "news.team.example.com", "team.example.com", false},
      {"other.example.com", "news.team.example.com", "team.example.com", false},
      /* two customers of a public suffix that publishes a record */
      {"a.co.uk", "b.co.uk", "co.uk", false},
      {"mail.a.co.uk", "a.co.uk", "co.uk", true},
      /* begun at the policy domain: what is above is not known from the report */
      {"mail.team.example.com", "team.example.com", "team.example.com", true},
      {"example.com", "team.example.com", "team.example.com", true},
      {"example.net", "team.example.com", "team.example.com", false},
      /* the policy domain is another's: the walk tells nothing */
      {"mail.example.com", "news.example.com", "example.net", true},
  };
  struct organization_cache *cache = organization_cache_new();
  for (size_t i = 0; i < ARRAY_SIZE(CASES); i++)
    assert_int_equal(alignment_same_organization(cache, CASES[i].identifier, CASES[i].from, CASES[i].walked),
                     CASES[i].same);
  organization_cache_free(cache);
  assert_string_equal(alignment_walked("treewalk", "example.com"), "example.com");
  assert_null(alignment_walked("psl", "example.com"));
  assert_null(alignment_walked(NULL, "example.com"));
}

static void names_that_meet_in_the_cache_are_not_mixed_up(void **state) {
  (void)state;
  struct organization_cache *cache = organization_cache_new();
  /* More names than slots, each asked twice. */
  for (int i = 0; i < 20000; i++) {
    char domain[64], from[64];
    snprintf(domain, sizeof domain, "a.d%d.example%s", i % 10000, i % 3 ? ".co.uk" : ".com");
    snprintf(from, sizeof from, "b.d%d.example%s", i % 10000, i % 3 ? ".co.uk" : ".com");
    struct auth_result result = {.method = AUTH_DKIM, .domain = domain, .result = {"pass", NULL}};
    struct feedback_record r = {.header_from = from, .results = &result, .result_count = 1};
    alignment_grade_record(&r, cache, NULL);
    assert_int_equal(r.dkim_alignment, ALIGNMENT_RELAXED);
    assert_int_equal(r.spf_alignment, ALIGNMENT_NONE);
    result.domain = i % 3 ? "co.uk" : "com";
    alignment_grade_record(&r, cache, NULL);
    assert_int_equal(r.dkim_alignment, ALIGNMENT_NONE);
  }
  /* A name too long to be remembered. */
  char name[254];
  for (size_t i = 0; i < sizeof name; i++) name[i] = i % 2 ? '.' : 'a';
  strcpy(name + 200, "example.com");
  struct auth_result result = {.method = AUTH_SPF, .domain = name, .result = {"pass", NULL}};
  struct feedback_record r = {.header_from = "example.com", .results = &result, .result_count = 1};
  alignment_grade_record(&r, cache, NULL);
  assert_int_equal(r.spf_alignment, ALIGNMENT_RELAXED);
  organization_cache_free(cache);
  organization_cache_free(NULL);
}

/* --- digest and pattern ------------------------------------------------------------------------------------------- */

static void digest_of(const struct feedback_record *record, uint8_t ret[FEEDBACK_DIGEST_BYTES]) {
  struct digest d;
  digest_init(&d);
  struct feedback_record r = *record;
  _cleanup_strbuf_ struct strbuf spelled = STRBUF_INIT;
  feedback_spell_pattern(&spelled, &r);
  r.spelled = spelled.data;
  r.spelled_bytes = (uint32_t)spelled.length;
  digest_record(&d, &r);
  digest_finish(&d, ret);
}

static void a_digest_tells_absent_from_empty_and_where_one_text_ends(void **state) {
  (void)state;
  static const struct feedback_record RECORDS[] = {
      {.header_from = "ab", .envelope_from = "c"},
      {.header_from = "a", .envelope_from = "bc"},
      {.header_from = "abc"},
      {.envelope_from = "abc"},
      {.header_from = "abc", .count = 1},
      {.header_from = "abc", .envelope_to = "x"},
      {.source_text = "abc"},
      {.header_from = "abc", .flags = 1},
  };
  uint8_t digests[ARRAY_SIZE(RECORDS)][FEEDBACK_DIGEST_BYTES];
  for (size_t i = 0; i < ARRAY_SIZE(RECORDS); i++) {
    digest_of(&RECORDS[i], digests[i]);
    for (size_t j = 0; j < i; j++) assert_memory_not_equal(digests[i], digests[j], FEEDBACK_DIGEST_BYTES);
  }
}

static void a_digest_is_of_the_bytes_not_of_how_they_came_and_is_the_same_on_every_machine(void **state) {
  (void)state;
  static const uint8_t EMPTY[FEEDBACK_DIGEST_BYTES] = {0x99, 0xaa, 0x06, 0xd3, 0x01, 0x47, 0x98, 0xd8,
                                                       0x60, 0x01, 0xc3, 0x24, 0x46, 0x8d, 0x49, 0x7f};
  uint8_t whole[FEEDBACK_DIGEST_BYTES], pieces[FEEDBACK_DIGEST_BYTES];
  struct digest d;
  digest_init(&d);
  digest_finish(&d, whole);
  assert_memory_equal(whole, EMPTY, sizeof EMPTY); /* the published value of XXH3 128 of nothing */
  digest_bytes(&d, "abc", 3);
  digest_finish(&d, whole);
  digest_init(&d);
  digest_bytes(&d, "a", 1);
  digest_bytes(&d, "bc", 2);
  digest_finish(&d, pieces);
  assert_memory_equal(whole, pieces, sizeof whole);
}

static void flags_are_told_as_one_phrase_within_its_buffer(void **state) {
  (void)state;
  char text[40];
  assert_string_equal(feedback_flags_text(0, text, sizeof text), "");
  assert_string_equal(feedback_flags_text(FEEDBACK_DAMAGED | FEEDBACK_PERIOD_LONG, text, sizeof text),
                      "damaged, period over 24 hours");
  assert_string_equal(record_flags_text(RECORD_TEXT_CUT, text, sizeof text), "text cut");
  for (unsigned size = 1; size <= sizeof text; size++) {
    memset(text, 'x', sizeof text);
    record_flags_text(UINT32_MAX, text, size);
    assert_true(strlen(text) < size);
  }
}

/* --- outcomes ----------------------------------------------------------------------------------------------------- */

static enum outcome outcome_of_words(const char *dkim, const char *spf) {
  return record_outcome(&(struct feedback_record){.dkim = {dkim, NULL}, .spf = {spf, NULL}});
}

static void silence_about_both_mechanisms_is_neither_pass_nor_fail(void **state) {
  (void)state;
  assert_int_equal(outcome_of_words(NULL, NULL), NOT_EVALUATED);
  assert_false(outcome_passes(NOT_EVALUATED) || outcome_passes(PASSED_NEITHER));
  assert_int_equal(outcome_of_words("pass", "pass"), PASSED_BOTH);
  assert_int_equal(outcome_of_words("pass", NULL), PASSED_DKIM);
  assert_int_equal(outcome_of_words("odd", "pass"), PASSED_SPF);
  assert_int_equal(outcome_of_words("fail", NULL), PASSED_NEITHER);
  assert_true(outcome_passes(PASSED_BOTH) && outcome_passes(PASSED_DKIM) && outcome_passes(PASSED_SPF));
}

static void a_disposition_is_a_word_of_the_rfcs_or_another(void **state) {
  (void)state;
  static const char *const WORDS[] = {"none", "quarantine", "reject", "pass"};
  for (int i = 0; i < 4; i++) {
    struct feedback_record record = {.disposition = {WORDS[i], NULL}};
    assert_int_equal(record_disposition(&record), i);
    assert_string_equal(disposition_word((enum disposition)i), WORDS[i]);
  }
  assert_int_equal(record_disposition(&(struct feedback_record){0}), DISPOSED_OTHER);
  assert_int_equal(record_disposition(&(struct feedback_record){.disposition = {"other", NULL}}), DISPOSED_OTHER);
}

/* --- filters ------------------------------------------------------------------------------------------------------ */

/* NULL: of any. */
static enum filter_reach reach(const char *domain, const char *policy_domain) {
  struct report_filter f = REPORT_FILTER_ALL;
  _cleanup_domain_set_ struct domain_set set = domains_of(&domain, domain != NULL);
  f.domains = domain ? &set : NULL;
  return filter_reach(&f, policy_domain);
}

static void the_mail_of_a_domain_is_looked_for_in_reports_about_it_below_it_and_above_it(void **state) {
  (void)state;
  assert_int_equal(reach(NULL, "example.com"), REACHES_ALL);
  assert_int_equal(reach(NULL, NULL), REACHES_ALL);
  assert_int_equal(reach("example.com", "example.com"), REACHES_ALL);
  assert_int_equal(reach("example.com", "mail.example.com"), REACHES_ALL);
  assert_int_equal(reach("mail.example.com", "example.com"), REACHES_WITHIN);
  assert_int_equal(reach("mail.example.com", NULL), REACHES_WITHIN);
  assert_int_equal(reach("example.com", "xexample.com"), REACHES_NONE);
  struct report_filter f = REPORT_FILTER_ALL;
  _cleanup_domain_set_ struct domain_set mail = domain_alone("mail.example.com");
  f.domains = &mail;
  f.whole_domains = true;
  assert_int_equal(filter_reach(&f, "example.com"), REACHES_ALL);
  assert_int_equal(filter_reach(&f, "example.org"), REACHES_NONE);
  f.policy_domain = "example.org";
  assert_int_equal(filter_reach(&f, "example.com"), REACHES_NONE);
  assert_int_equal(filter_reach(&f, NULL), REACHES_NONE);
}

/* Which are somebody else's, where domains of several owners are kept together. */
static void in_reports_of_its_own_alone_where_that_is_asked_for(void **state) {
  (void)state;
  struct report_filter f = REPORT_FILTER_ALL;
  f.own_reports = true;
  assert_int_equal(filter_reach(&f, NULL), REACHES_ALL);
  _cleanup_domain_set_ struct domain_set mail = domain_alone("mail.example.com");
  f.domains = &mail;
  assert_int_equal(filter_reach(&f, "mail.example.com"), REACHES_ALL);
  assert_int_equal(filter_reach(&f, "deep.mail.example.com"), REACHES_ALL);
  assert_int_equal(filter_reach(&f, "example.com"), REACHES_NONE);
  assert_int_equal(filter_reach(&f, NULL), REACHES_NONE);
  f = filter_of_domain(&f);
  assert_int_equal(filter_reach(&f, "example.com"), REACHES_NONE);
}

/* Not what no filter does: a group of customers without a domain must not become all of them. */
static void an_empty_set_of_domains_admits_nothing(void **state) {
  (void)state;
  _cleanup_domain_set_ struct domain_set none = domains_of(NULL, 0);
  struct report_filter f = REPORT_FILTER_ALL;
  f.domains = &none;
  assert_int_equal(filter_reach(&f, "example.com"), REACHES_NONE);
  assert_int_equal(filter_reach(&f, NULL), REACHES_NONE);
  f.whole_domains = true;
  assert_int_equal(filter_reach(&f, NULL), REACHES_NONE);
  assert_false(filter_admits_pattern(&f, REACHES_WITHIN, &(struct feedback_record){.header_from = "example.com"}));
}

static void a_set_of_domains_knows_what_is_in_it_below_it_and_above_it(void **state) {
  (void)state;
  static const char *const NAMES[] = {"a.example.com", "example.org", "deep.b.example.com", "a.example.com"};
  static const struct {
    const char *name;
    bool covers, reaches_below;
  } CASES[] = {{"a.example.com", true, false},
               {"x.a.example.com", true, false},
               {"xa.example.com", false, false},
               {"example.com", false, true},
               {"com", false, true},
               {"b.example.com", false, true},
               {"x.deep.b.example.com", true, false},
               {"x.b.example.com", false, false},
               {"example.org", true, false},
               {"www.example.org", true, false},
               {"org", false, true},
               {"net", false, false},
               {"", false, false}};
  _cleanup_domain_set_ struct domain_set s = domains_of(NAMES, ARRAY_SIZE(NAMES));
  assert_int_equal(s.count, 3);
  for (size_t i = 0; i < ARRAY_SIZE(CASES); i++) {
    assert_int_equal(domain_set_covers(&s, CASES[i].name), CASES[i].covers);
    assert_int_equal(domain_set_reaches_below(&s, CASES[i].name), CASES[i].reaches_below);
  }
}

/* Each record is admitted where one of them alone would admit it. */
static void several_domains_reach_what_any_of_them_does(void **state) {
  (void)state;
  static const char *const NAMES[] = {"mail.example.com", "example.org"};
  struct report_filter f = REPORT_FILTER_ALL;
  _cleanup_domain_set_ struct domain_set both = domains_of(NAMES, 2);
  f.domains = &both;
  assert_int_equal(filter_reach(&f, "a.example.org"), REACHES_ALL);
  assert_int_equal(filter_reach(&f, "mail.example.com"), REACHES_ALL);
  assert_int_equal(filter_reach(&f, "example.com"), REACHES_WITHIN);
  assert_int_equal(filter_reach(&f, "org"), REACHES_WITHIN);
  assert_int_equal(filter_reach(&f, NULL), REACHES_WITHIN);
  assert_int_equal(filter_reach(&f, "example.net"), REACHES_NONE);
  struct feedback_record r = {.header_from = "a.mail.example.com"};
  assert_true(filter_admits_pattern(&f, REACHES_WITHIN, &r));
  r.header_from = "example.org";
  assert_true(filter_admits_pattern(&f, REACHES_WITHIN, &r));
  r.header_from = "example.com";
  assert_false(filter_admits_pattern(&f, REACHES_WITHIN, &r));
  r.header_from = NULL;
  assert_false(filter_admits_pattern(&f, REACHES_WITHIN, &r));
  f.policy_domain = "example.com";
  assert_int_equal(filter_reach(&f, "example.org"), REACHES_NONE);
}

static void a_report_of_an_unknown_time_lies_within_no_bounds(void **state) {
  (void)state;
  struct feedback_header h = {.begin_s = FEEDBACK_TIME_UNKNOWN, .org_name = "Receiver Inc", .report_id = "a"};
  struct report_filter f = REPORT_FILTER_ALL;
  assert_int_equal(filter_admits_report(&f, &h), REACHES_ALL);
  f.until_s = 1000;
  assert_int_equal(filter_admits_report(&f, &h), REACHES_NONE);
  h.begin_s = 999;
  assert_int_equal(filter_admits_report(&f, &h), REACHES_ALL);
  h.begin_s = 1000;
  assert_int_equal(filter_admits_report(&f, &h), REACHES_NONE);
  f.since_s = 1000;
  f.until_s = 1001;
  assert_int_equal(filter_admits_report(&f, &h), REACHES_ALL);
  f.reporter = "RECEIVER INC";
  assert_int_equal(filter_admits_report(&f, &h), REACHES_ALL);
  f.report_id = "A";
  assert_int_equal(filter_admits_report(&f, &h), REACHES_NONE);
  f.report_id = NULL;
  h.org_name = NULL;
  assert_int_equal(filter_admits_report(&f, &h), REACHES_NONE);
}

static void a_record_is_admitted_by_what_it_says_and_what_it_does_not_say_is_not_asked_for(void **state) {
  (void)state;
  struct ip_network network;
  struct err e;
  struct feedback_record r = {.header_from = "mail.example.com", .dkim = {"fail", NULL}};
  struct report_filter f = REPORT_FILTER_ALL;
  assert_int_equal(ip_network_parse("192.0.2.0/24", &network, &e), 0);
  assert_false(filter_narrows_records(&f));
  assert_false(filter_admits_record(&f, REACHES_NONE, &r));
  f.aligned = 0;
  assert_true(filter_admits_record(&f, REACHES_ALL, &r));
  r.dkim.text = NULL; /* not evaluated: neither */
  assert_false(filter_admits_record(&f, REACHES_ALL, &r));
  r.spf.text = "pass";
  f.aligned = 1;
  assert_true(filter_admits_record(&f, REACHES_ALL, &r));
  _cleanup_domain_set_ struct domain_set whole = domain_alone("example.com"), other = domain_alone("a.example.com");
  f.domains = &whole;
  assert_true(filter_admits_record(&f, REACHES_WITHIN, &r));
  f.domains = &other;
  assert_false(filter_admits_record(&f, REACHES_WITHIN, &r));
  assert_true(filter_admits_record(&f, REACHES_ALL, &r));
  f.header_from = "example.com";
  assert_false(filter_admits_record(&f, REACHES_ALL, &r));
  f.header_from = "mail.example.com";
  f.disposition = "none";
  assert_false(filter_admits_record(&f, REACHES_ALL, &r));
  r.disposition.text = "none";
  assert_true(filter_admits_record(&f, REACHES_ALL, &r));
  f.source = &network;
  assert_false(filter_admits_record(&f, REACHES_ALL, &r)); /* it names no address */
  assert_true(ip_parse("192.0.2.9", &r.source_ip));
  assert_true(filter_admits_record(&f, REACHES_ALL, &r));
  assert_true(filter_narrows_records(&f));
}

/* --- tallies ------------------------------------------------------------------------------------------------------ */

static void a_record_adds_to_the_sums_that_its_words_name(void **state) {
  (void)state;
  const struct feedback_record r = {.dkim = {"pass", NULL},
                                    .spf = {"fail", NULL},
                                    .disposition = {"quarantine", NULL},
                                    .dkim_alignment = ALIGNMENT_RELAXED,
                                    .spf_alignment = ALIGNMENT_UNKNOWN};
  const struct tally_terms terms = tally_terms_of(&r);
  struct group_tally t = GROUP_TALLY_EMPTY;
  group_tally_add_report(&t, 1000, FEEDBACK_TIME_UNKNOWN);
  group_tally_add_record(&t, &terms, false, true, 5);
  group_tally_add_record(&t, &terms, true, true, 2); /* under strict alignment the pass is not borne out */
  group_tally_add_record(&t, &terms, true, true, FEEDBACK_COUNT_UNKNOWN);
  assert_true(t.mail.records == 3 && t.reports == 1 && t.uncounted == 1);
  assert_true(t.mail.messages == 7 && tally_passed(&t.mail) == 7);
  assert_true(t.mail.outcomes[PASSED_DKIM] == 7 && t.mail.dispositions[DISPOSED_QUARANTINE] == 7);
  assert_true(t.dkim_disagree == 2 && t.spf_disagree == 0);
  assert_true(t.mail.first_s == 1000 && t.mail.last_s == FEEDBACK_TIME_UNKNOWN);
}

static void a_judgement_counts_no_more_than_a_receiver_can_have_seen(void **state) {
  (void)state;
  assert_int_equal(countable_messages(FEEDBACK_COUNT_UNKNOWN), 0);
  assert_int_equal(countable_messages(0), 0);
  assert_int_equal(countable_messages(12345678), 12345678);
  assert_int_equal(countable_messages(INT64_MAX), MESSAGES_MOST);
}

static void tallies_merge_and_stay_at_the_largest_number(void **state) {
  (void)state;
  const struct tally_terms terms = tally_terms_of(&(struct feedback_record){0});
  struct group_tally t = GROUP_TALLY_EMPTY, other = GROUP_TALLY_EMPTY;
  group_tally_add_report(&t, 2000, 3000);
  group_tally_add_record(&t, &terms, false, false, INT64_MAX);
  group_tally_merge(&other, &t);
  assert_memory_equal(&other, &t, sizeof t);
  group_tally_add_report(&other, 1000, 2500);
  group_tally_add_record(&other, &terms, false, false, 1);
  group_tally_merge(&other, &t);
  assert_true(other.mail.messages == INT64_MAX && other.mail.outcomes[NOT_EVALUATED] == INT64_MAX);
  assert_true(tally_passed(&other.mail) == 0 && tally_evaluated(&other.mail) == 0);
  assert_true(other.reports == 3 && other.mail.records == 3);
  assert_true(other.mail.first_s == 1000 && other.mail.last_s == 3000);
}

/* --- identity ----------------------------------------------------------------------------------------------------- */

static bool same_identity(struct identity a, struct identity b) { return !memcmp(a.bytes, b.bytes, sizeof a.bytes); }

static void a_report_is_known_by_what_names_it_and_by_that_alone(void **state) {
  (void)state;
  const uint8_t digest[FEEDBACK_DIGEST_BYTES] = {1}, other[FEEDBACK_DIGEST_BYTES] = {2};
  const struct feedback_header base = {.org_name = "Receiver",
                                       .email = "a@Example.net",
                                       .policy_domain = "example.com",
                                       .report_id = "r",
                                       .begin_s = 10,
                                       .end_s = 20};
  const struct identity identity = identity_of_report(&base, digest);
  assert_true(identity_is_in_header(&base));
  assert_true(same_identity(identity, identity_of_report(&base, other)));
  for (int i = 0; i < 8; i++) {
    struct feedback_header h = base;
    if (i == 0) h.email = "postmaster@other.example.net";
    if (i == 1) h.org_name = NULL;
    if (i == 2) h.policy_domain = "example.org";
    if (i == 3) h.policy_domain = NULL;
    if (i == 4) h.report_id = "R";
    if (i == 5) h.begin_s++;
    if (i == 6) h.end_s++;
    if (i == 7) h.org_name = "Receiverexample.com", h.policy_domain = NULL;
    assert_false(same_identity(identity, identity_of_report(&h, digest)));
  }
  struct feedback_header more = base;
  more.org_name = "RECEIVER"; /* who answers there, and how the name is written, does not matter */
  more.email = "b@example.net";
  more.p = "reject";
  assert_true(same_identity(identity, identity_of_report(&more, digest)));
}

static void a_report_without_id_or_period_is_known_by_its_content_too(void **state) {
  (void)state;
  const uint8_t digest[FEEDBACK_DIGEST_BYTES] = {1}, other[FEEDBACK_DIGEST_BYTES] = {2};
  for (int i = 0; i < 3; i++) {
    struct feedback_header h = {.org_name = "Receiver", .report_id = "r", .begin_s = 10, .end_s = 20};
    if (i == 0) h.report_id = NULL;
    if (i == 1) h.begin_s = FEEDBACK_TIME_UNKNOWN;
    if (i == 2) h.end_s = FEEDBACK_TIME_UNKNOWN;
    assert_false(identity_is_in_header(&h));
    assert_true(same_identity(identity_of_report(&h, digest), identity_of_report(&h, digest)));
    assert_false(same_identity(identity_of_report(&h, digest), identity_of_report(&h, other)));
  }
}

/* It is stored: another spelling would make every report of every database a new one. */
static void identities_stay_what_they_are(void **state) {
  (void)state;
  static const uint8_t REPORT[] = {0x5b, 0xa5, 0xde, 0xf5, 0xb8, 0x74, 0xad, 0x4f,
                                   0x7a, 0x8e, 0xa5, 0x0d, 0xd2, 0x44, 0x99, 0x69};
  static const uint8_t DOCUMENT[] = {0x34, 0x54, 0x0f, 0x91, 0xa9, 0xc0, 0x79, 0xc7,
                                     0x07, 0x29, 0x0a, 0xe0, 0xdd, 0x42, 0x4d, 0x46};
  const uint8_t digest[FEEDBACK_DIGEST_BYTES] = {1};
  const struct feedback_header h = {.org_name = "Receiver",
                                    .email = "dmarc@example.net",
                                    .policy_domain = "example.com",
                                    .report_id = "r",
                                    .begin_s = 10,
                                    .end_s = 20};
  assert_memory_equal(identity_of_report(&h, digest).bytes, REPORT, sizeof REPORT);
  assert_memory_equal(identity_of_document("in.mbox: message 1", digest).bytes, DOCUMENT, sizeof DOCUMENT);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_grade_holds_under_a_mode),
      cmocka_unit_test(names_that_meet_in_the_cache_are_not_mixed_up),
      cmocka_unit_test(an_organization_is_what_the_list_says_or_where_the_walk_ended),
      cmocka_unit_test(a_digest_tells_absent_from_empty_and_where_one_text_ends),
      cmocka_unit_test(a_digest_is_of_the_bytes_not_of_how_they_came_and_is_the_same_on_every_machine),
      cmocka_unit_test(flags_are_told_as_one_phrase_within_its_buffer),
      cmocka_unit_test(silence_about_both_mechanisms_is_neither_pass_nor_fail),
      cmocka_unit_test(a_disposition_is_a_word_of_the_rfcs_or_another),
      cmocka_unit_test(the_mail_of_a_domain_is_looked_for_in_reports_about_it_below_it_and_above_it),
      cmocka_unit_test(in_reports_of_its_own_alone_where_that_is_asked_for),
      cmocka_unit_test(an_empty_set_of_domains_admits_nothing),
      cmocka_unit_test(a_set_of_domains_knows_what_is_in_it_below_it_and_above_it),
      cmocka_unit_test(several_domains_reach_what_any_of_them_does),
      cmocka_unit_test(a_report_of_an_unknown_time_lies_within_no_bounds),
      cmocka_unit_test(a_record_is_admitted_by_what_it_says_and_what_it_does_not_say_is_not_asked_for),
      cmocka_unit_test(a_record_adds_to_the_sums_that_its_words_name),
      cmocka_unit_test(a_judgement_counts_no_more_than_a_receiver_can_have_seen),
      cmocka_unit_test(tallies_merge_and_stay_at_the_largest_number),
      cmocka_unit_test(a_report_is_known_by_what_names_it_and_by_that_alone),
      cmocka_unit_test(a_report_without_id_or_period_is_known_by_its_content_too),
      cmocka_unit_test(identities_stay_what_they_are),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
