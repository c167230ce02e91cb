/* SPDX-License-Identifier: Apache-2.0 */
/* What everybody stands on: addresses, numbers, times, domains, words. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
/* cmocka wants the three above first */
#include <arpa/inet.h>
#include <cmocka.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/alignment.h"
#include "base/cleanup.h"
#include "base/domain.h"
#include "base/ip.h"
#include "base/number.h"
#include "base/utc.h"
#include "base/vocabulary.h"

/* --- addresses and networks --------------------------------------------------------------------------------------- */

static void an_address_is_written_canonically(void **state) {
  (void)state;
  static const char *const CASES[][2] = {{"192.0.2.1", "192.0.2.1"},
                                         {"2001:DB8:0:0:0:0:0:1", "2001:db8::1"},
                                         {"::", "::"},
                                         {"::ffff:192.0.2.1", "192.0.2.1"},
                                         {"::ffff:c000:201", "192.0.2.1"}};
  char text[IP_TEXT_BYTES];
  for (size_t i = 0; i < ARRAY_SIZE(CASES); i++) {
    struct ip_addr ip;
    assert_true(ip_parse(CASES[i][0], &ip));
    assert_string_equal(ip_format(&ip, text), CASES[i][1]);
  }
  struct ip_addr none = {0};
  assert_string_equal(ip_format(&none, text), "");
}

static void each_byte_of_an_address_is_written_as_inet_ntop_does(void **state) {
  (void)state;
  char text[IP_TEXT_BYTES], expected[IP_TEXT_BYTES];
  for (unsigned i = 0; i < 256; i++) {
    const struct ip_addr ip = {4, {(uint8_t)i, (uint8_t)(255 - i), (uint8_t)(i * 7), (uint8_t)(i * 31)}};
    snprintf(expected, sizeof expected, "%u.%u.%u.%u", ip.bytes[0], ip.bytes[1], ip.bytes[2], ip.bytes[3]);
    assert_string_equal(ip_format(&ip, text), expected);
  }
}

/* All ways in which zeros can lie in an address, with words of one to four digits between them. */
static void addresses_of_ipv6_are_written_as_the_c_library_does(void **state) {
  (void)state;
  static const unsigned WORDS[] = {0x1, 0x20, 0x300, 0x4000, 0xffff, 0xabc};
  for (unsigned zeros = 0; zeros < 256; zeros++) {
    for (unsigned first = 0; first < ARRAY_SIZE(WORDS); first++) {
      struct ip_addr ip = {.size = 16};
      char text[IP_TEXT_BYTES], expected[IP_TEXT_BYTES];
      for (unsigned i = 0; i < 8; i++) {
        const unsigned word = zeros >> i & 1 ? 0 : WORDS[(first + i) % ARRAY_SIZE(WORDS)];
        ip.bytes[2 * i] = (uint8_t)(word >> 8);
        ip.bytes[2 * i + 1] = (uint8_t)word;
      }
      inet_ntop(AF_INET6, ip.bytes, expected, sizeof expected);
      assert_string_equal(ip_format(&ip, text), expected);
    }
  }
}

static void what_is_no_address_leaves_the_output_untouched(void **state) {
  (void)state;
  static const char *const CASES[] = {"",           "192.0.2",      "192.0.2.256", "192.0.2.1 ",
                                      "192.0.2.01", "0xc0000201",   "2001:db8:",   "fe80::1%1",
                                      "[::1]",      "192.0.2.1/24", "example.com"};
  for (size_t i = 0; i < ARRAY_SIZE(CASES); i++) {
    struct ip_addr ip = {.size = 7};
    if (ip_parse(CASES[i], &ip)) fail_msg("%s", CASES[i]);
    assert_int_equal(ip.size, 7);
  }
}

static void a_network_holds_the_addresses_of_its_prefix(void **state) {
  (void)state;
  static const struct {
    const char *network, *canonical, *address;
    bool within;
  } CASES[] = {
      {"192.0.2.77/24", "192.0.2.0/24", "192.0.2.255", true},
      {"192.0.2.0/24", "192.0.2.0/24", "192.0.3.0", false},
      {"192.0.2.7", "192.0.2.7/32", "192.0.2.7", true},
      {"192.0.2.7", "192.0.2.7/32", "192.0.2.6", false},
      {"192.0.2.130/25", "192.0.2.128/25", "192.0.2.127", false},
      {"0.0.0.0/0", "0.0.0.0/0", "203.0.113.9", true},
      {"2001:db8::1/33", "2001:db8::/33", "2001:db8:7fff::", true},
      {"2001:db8::1/33", "2001:db8::/33", "2001:db8:8000::", false},
      {"::/0", "::/0", "192.0.2.1", false},
  };
  char text[IP_TEXT_BYTES];
  for (size_t i = 0; i < ARRAY_SIZE(CASES); i++) {
    struct ip_network n;
    struct ip_addr ip;
    struct err e;
    assert_int_equal(ip_network_parse(CASES[i].network, &n, &e), 0);
    assert_string_equal(ip_network_format(&n, text), CASES[i].canonical);
    assert_true(ip_parse(CASES[i].address, &ip));
    assert_int_equal(ip_network_contains(&n, &ip), CASES[i].within);
  }
  static const char *const BAD[] = {"",
                                    "/24",
                                    "192.0.2.0/",
                                    "192.0.2.0/33",
                                    "192.0.2.0/-1",
                                    "192.0.2.0/ 8",
                                    "192.0.2.0/8x",
                                    "2001:db8::/129",
                                    "192.0.2.0/99999999999999999999"};
  for (size_t i = 0; i < ARRAY_SIZE(BAD); i++) {
    struct ip_network n;
    struct err e = {""};
    assert_int_equal(ip_network_parse(BAD[i], &n, &e), ERR_USAGE);
    assert_non_null(strstr(e.text, BAD[i]));
  }
}

static void sources_are_grouped_by_24_and_64_bits(void **state) {
  (void)state;
  struct ip_addr four, six;
  char text[IP_TEXT_BYTES];
  assert_true(ip_parse("192.0.2.77", &four) && ip_parse("2001:db8:1:2:3:4:5:6", &six));
  struct ip_network n = ip_network_of(&four);
  assert_string_equal(ip_network_format(&n, text), "192.0.2.0/24");
  n = ip_network_of(&six);
  assert_string_equal(ip_network_format(&n, text), "2001:db8:1:2::/64");
}

/* --- numbers ------------------------------------------------------------------------------------------------------ */

static void a_number_is_digits_alone(void **state) {
  (void)state;
  static const struct {
    const char *text;
    int64_t max, value; /* -1: refused */
  } CASES[] = {
      {"0", 10, 0},
      {"10", 10, 10},
      {"11", 10, -1},
      {"007", 10, 7},
      {"", 10, -1},
      {"-1", 10, -1},
      {"+1", 10, -1},
      {" 1", 10, -1},
      {"1 ", 10, -1},
      {"1.0", 10, -1},
      {"1e3", 9999, -1},
      {NULL, 10, -1},
      {"9223372036854775807", INT64_MAX, INT64_MAX},
      {"9223372036854775808", INT64_MAX, -1},
      {"99999999999999999999999", INT64_MAX, -1},
      {"5", 3, -1},
      {"0", 0, 0},
  };
  for (size_t i = 0; i < ARRAY_SIZE(CASES); i++) {
    int64_t n = -1;
    assert_int_equal(number_parse(CASES[i].text, CASES[i].max, &n), CASES[i].value >= 0);
    assert_int_equal(n, CASES[i].value);
  }
}

static void a_size_has_binary_units(void **state) {
  (void)state;
  static const struct {
    const char *text;
    int64_t value;
  } CASES[] = {{"64K", 65536},
               {"48MiB", 48 << 20},
               {"1g", 1 << 30},
               {"7", 7},
               {"1T", INT64_C(1) << 40},
               {"8388607T", INT64_C(8388607) << 40},
               {"8388608T", -1},
               {"1KB", -1},
               {"K", -1},
               {"1 K", -1},
               {"-1K", -1},
               {NULL, -1}};
  for (size_t i = 0; i < ARRAY_SIZE(CASES); i++) {
    int64_t n = -1;
    assert_int_equal(number_parse_size(CASES[i].text, &n), CASES[i].value >= 0);
    assert_int_equal(n, CASES[i].value);
  }
}

/* --- times -------------------------------------------------------------------------------------------------------- */

static void a_date_is_utc_and_must_exist(void **state) {
  (void)state;
  static const struct {
    const char *text;
    int64_t s; /* -1: refused */
  } CASES[] = {
      {"2025-03-01", 1740787200},
      {"2025-03-01T12:00:00Z", 1740830400},
      {"2025-03-01 12:00", 1740830400},
      {"2025-03-01 12:00:01", 1740830401},
      {"2024-02-29", 1709164800},
      {"2025-02-29", -1},
      {"2025-02-30", -1},
      {"25-02-03", -1},
      {"12025-02-03", -1},
      {" 2025-02-03", -1},
      {"2025-13-01", -1},
      {"2025-03-01T25:00:00Z", -1},
      {"2025-03-01x", -1},
      {"yesterday", -1},
      {"", -1},
      {"2025-03-01T12:00:00", -1},
      {"2025-04-31", -1},
      {"1970-01-01", 0},
      {"1969-12-31 23:59:59", -1},
      {"0026-01-01", -1},
  };
  for (size_t i = 0; i < ARRAY_SIZE(CASES); i++) {
    int64_t s = -1;
    struct err e = {""};
    if (utc_parse(CASES[i].text, &s, &e) != (CASES[i].s >= 0 ? 0 : ERR_USAGE)) fail_msg("%s", CASES[i].text);
    assert_int_equal(s, CASES[i].s);
  }
  char text[UTC_TEXT_BYTES];
  assert_string_equal(utc_format(1740830401, text), "2025-03-01T12:00:01Z");
  assert_string_equal(utc_format_day(1740830401, text), "2025-03-01");
  assert_string_equal(utc_format(-1, text), "1969-12-31T23:59:59Z");
  assert_string_equal(utc_format_day(253402300799, text), "9999-12-31");
}

/* From the year 900 to 10100, so on both sides of the years with four digits, each time another one of the day. */
static void times_are_written_as_the_systems_calendar_has_them(void **state) {
  (void)state;
  char text[UTC_TEXT_BYTES], expected[UTC_TEXT_BYTES];
  for (int64_t s = -33765904000; s < 256559100000; s += 86400 * 3 + 7919) {
    const time_t t = (time_t)s;
    struct tm tm;
    assert_non_null(gmtime_r(&t, &tm));
    strftime(expected, sizeof expected, "%Y-%m-%dT%H:%M:%SZ", &tm);
    assert_string_equal(utc_format(s, text), expected);
    strftime(expected, sizeof expected, "%Y-%m-%d", &tm);
    assert_string_equal(utc_format_day(s, text), expected);
  }
}

static void the_zone_of_the_host_changes_no_time(void **state) {
  (void)state;
  setenv("TZ", "Asia/Kolkata", 1);
  int64_t s = 0;
  char text[UTC_TEXT_BYTES];
  assert_int_equal(utc_parse("2025-03-01 12:00", &s, NULL), 0);
  assert_int_equal(s, 1740830400);
  assert_string_equal(utc_format(s, text), "2025-03-01T12:00:00Z");
  unsetenv("TZ");
}

static void a_length_of_time_has_a_unit(void **state) {
  (void)state;
  static const struct {
    const char *text;
    int64_t s;
  } CASES[] = {{"30d", 2592000},
               {"2w", 1209600},
               {"12h", 43200},
               {"90", 7776000},
               {"0d", -1},
               {"-1d", -1},
               {"d", -1},
               {"1m", -1},
               {"1dd", -1},
               {"", -1},
               {"999999d", INT64_C(999999) * 86400},
               {"1000000d", -1},
               {"99999999999999999999d", -1}};
  for (size_t i = 0; i < ARRAY_SIZE(CASES); i++) {
    int64_t s = -1;
    struct err e;
    assert_int_equal(utc_parse_duration(CASES[i].text, &s, &e), CASES[i].s >= 0 ? 0 : ERR_USAGE);
    assert_int_equal(s, CASES[i].s);
    const bool has_unit = CASES[i].s >= 0 && strcmp(CASES[i].text, "90") != 0;
    assert_int_equal(utc_parse_age(CASES[i].text, &s, &e), has_unit ? 0 : ERR_USAGE);
  }
}

static void days_begin_at_midnight_and_weeks_on_monday(void **state) {
  (void)state;
  assert_int_equal(utc_day_begin(1740830401), 1740787200);
  assert_int_equal(utc_day_begin(1740787200), 1740787200);
  assert_int_equal(utc_day_begin(-1), -86400);
  int64_t monday = 0, sunday = 0;
  assert_int_equal(utc_parse("2025-02-24", &monday, NULL), 0);
  assert_int_equal(utc_parse("2025-03-02 23:59:59", &sunday, NULL), 0);
  assert_int_equal(utc_week_begin(sunday), monday);
  assert_int_equal(utc_week_begin(monday), monday);
  assert_int_equal(utc_week_begin(sunday + 1), monday + 7 * UTC_DAY_S);
  assert_int_equal(utc_week_begin(-1), -3 * UTC_DAY_S);
  assert_int_equal(utc_month_begin(0), 0);
  assert_int_equal(utc_month_begin(31 * UTC_DAY_S - 1), 0);
  assert_int_equal(utc_month_begin(31 * UTC_DAY_S), 31 * UTC_DAY_S);
  assert_int_equal(utc_month_begin(INT64_C(1709251199)), INT64_C(1706745600)); /* 2024-02-29, the last second */
  assert_int_equal(utc_month_begin(-1), -31 * UTC_DAY_S);
}

static void days_are_numbered_from_1970_on_and_before_it(void **state) {
  (void)state;
  static const struct {
    int64_t s;
    int32_t day;
  } CASES[] = {{0, 0},           {UTC_DAY_S - 1, 0},   {UTC_DAY_S, 1},         {-1, -1},
               {-UTC_DAY_S, -1}, {-UTC_DAY_S - 1, -2}, {INT64_MAX, INT32_MAX}, {INT64_MIN, INT32_MIN}};
  for (size_t i = 0; i < ARRAY_SIZE(CASES); i++) assert_int_equal(utc_day_of(CASES[i].s), CASES[i].day);
  for (int32_t day = -10; day < 10; day++) {
    assert_int_equal(utc_day_of(utc_from_day(day)), day);
    assert_int_equal(utc_from_day(day) - utc_week_begin(utc_from_day(day)), utc_weekday(day) * UTC_DAY_S);
  }
  assert_int_equal(utc_weekday(0), 3); /* a Thursday */
}

/* --- domains ------------------------------------------------------------------------------------------------------ */

static void a_domain_is_lowered_and_loses_its_last_dots(void **state) {
  (void)state;
  static const char *const CASES[][2] = {
      {"Example.COM.", "example.com"}, {"a..", "a"}, {"...", ""}, {"", ""}, {"B\xc3\x9c.example", "b\xc3\x9c.example"}};
  for (size_t i = 0; i < ARRAY_SIZE(CASES); i++) {
    char name[32];
    strcpy(name, CASES[i][0]);
    assert_int_equal(domain_normalise(name), strlen(CASES[i][1]));
    assert_string_equal(name, CASES[i][1]);
  }
}

static void a_domain_has_one_spelling_whichever_labels_it_is_written_with(void **state) {
  (void)state;
  static const char *const CASES[][2] = {{"B\xc3\xbc"
                                          "cher.Example.",
                                          "xn--bcher-kva.example"},
                                         {"B\xc3\x9c"
                                          "CHER.EXAMPLE",
                                          "xn--bcher-kva.example"},
                                         {"bu\xcc\x88"
                                          "cher.example",
                                          "xn--bcher-kva.example"}, /* u and a combining diaeresis */
                                         {"XN--BCHER-KVA.Example.", "xn--bcher-kva.example"},
                                         {"_spf.b\xc3\xbc"
                                          "cher.example",
                                          "_spf.xn--bcher-kva.example"},
                                         {"Post@B\xc3\xbc"
                                          "cher.example",
                                          "post@xn--bcher-kva.example"},
                                         {"J\xc3\xb6rg@example.com", "j\xc3\xb6rg@example.com"},
                                         {"stra\xc3\x9f"
                                          "e.example",
                                          "xn--strae-oqa.example"}, /* non-transitional: not strasse */
                                         {"\xef\xbd\x85xample\xe3\x80\x82"
                                          "com\xe3\x80\x82",
                                          "example.com"}, /* wide letter and full stops */
                                         {"Example.COM", "example.com"},
                                         {"...", ""},
                                         {"", ""},
                                         /* what UTS 46 refuses, or would make one name of */
                                         {"\xe2\x98\x95.example", "\xe2\x98\x95.example"},
                                         {"b\xc3\xbc"
                                          "cher.example, example.com",
                                          "b\xc3\xbc"
                                          "cher.example, example.com"},
                                         {"b\xc3\xbc"
                                          "cher\xef\xbf\xbd.example",
                                          "b\xc3\xbc"
                                          "cher\xef\xbf\xbd.example"},
                                         {"b\xc3\xbc..example", "b\xc3\xbc..example"},
                                         {"b\xc3", "b\xc3"},
                                         {"xn--a.example", "xn--a.example"}};
  for (size_t i = 0; i < ARRAY_SIZE(CASES); i++) {
    _cleanup_free_ char *spelled = domain_spelled(CASES[i][0]);
    assert_string_equal(spelled, CASES[i][1]);
    _cleanup_free_ char *again = domain_spell(spelled);
    assert_null(again); /* it has that spelling already */
  }
}

static void a_name_of_any_length_is_spelled(void **state) {
  (void)state;
  for (size_t letters = 1; letters < 3000; letters += 97) {
    struct strbuf name = STRBUF_INIT;
    for (size_t i = 0; i < letters; i++) strbuf_add_text(&name, i % 20 == 19 ? "." : "\xc3\xbc");
    strbuf_add_text(&name, "x");
    _cleanup_free_ char *spelled = domain_spelled(name.data);
    if (strlen(spelled) <= 253 && strcmp(spelled, name.data) != 0)
      assert_true(domain_is_plausible(spelled));
    else
      assert_string_equal(spelled, name.data);
    strbuf_clear(&name);
  }
}

static void only_what_could_be_a_domain_is_plausible(void **state) {
  (void)state;
  static const char *const GOOD[] = {"example.com",           "localhost",         "_dmarc.example.com",
                                     "xn--bcher-kva.example", "b\xc3\xbc.example", "1.2"};
  static const char *const BAD[] = {"",    ".",   "example.com.", ".example.com", "a..b", "a b",  "a,b",
                                    "a@b", "<a>", "a\tb",         "a\x7f",        "a:1",  "[::1]"};
  for (size_t i = 0; i < ARRAY_SIZE(GOOD); i++)
    if (!domain_is_plausible(GOOD[i])) fail_msg("%s", GOOD[i]);
  for (size_t i = 0; i < ARRAY_SIZE(BAD); i++)
    if (domain_is_plausible(BAD[i])) fail_msg("%s", BAD[i]);
  char name[300];
  memset(name, 'a', sizeof name);
  name[63] = '\0';
  assert_true(domain_is_plausible(name));
  name[63] = 'a';
  name[64] = '\0';
  assert_false(domain_is_plausible(name));
  for (size_t i = 0; i < sizeof name; i++) name[i] = i % 2 ? '.' : 'a';
  name[253] = '\0';
  assert_true(domain_is_plausible(name));
  name[253] = '.';
  name[255] = '\0';
  assert_false(domain_is_plausible(name));
}

static void a_domain_is_within_itself_and_those_above(void **state) {
  (void)state;
  assert_true(domain_is_within("example.com", "example.com"));
  assert_true(domain_is_within("a.example.com", "example.com"));
  assert_false(domain_is_within("notexample.com", "example.com"));
  assert_false(domain_is_within("example.com", "a.example.com"));
  assert_string_equal(domain_of_address("a@b@example.com"), "example.com");
  assert_string_equal(domain_of_address("example.com"), "example.com");
  assert_string_equal(domain_of_address("a@"), "");
}

static void the_organizational_domain_is_one_label_below_the_public_suffix(void **state) {
  (void)state;
  static const char *const CASES[][2] = {{"a.b.example.com", "example.com"},
                                         {"example.com", "example.com"},
                                         {"a.example.co.uk", "example.co.uk"},
                                         {"co.uk", "co.uk"},
                                         {"com", "com"},
                                         {"localhost", "localhost"},
                                         {"", ""}};
  for (size_t i = 0; i < ARRAY_SIZE(CASES); i++) assert_string_equal(domain_organizational(CASES[i][0]), CASES[i][1]);
}

/* --- words -------------------------------------------------------------------------------------------------------- */

static void a_word_is_the_rfcs_and_keeps_what_stood_there(void **state) {
  (void)state;
  static const struct {
    enum vocabulary vocabulary;
    const char *text, *word;
    bool raw;
  } CASES[] = {
      {VOCABULARY_POLICY, "None", "none", false},
      {VOCABULARY_POLICY, "quarentine", "quarentine", false},
      {VOCABULARY_DISPOSITION, "PASS", "pass", false},
      {VOCABULARY_EVALUATION, "pass", "pass", false},
      {VOCABULARY_EVALUATION, "softfail", "fail", true},
      {VOCABULARY_EVALUATION, "none", "fail", true},
      {VOCABULARY_EVALUATION, "unknown", NULL, true},
      {VOCABULARY_EVALUATION, "passed", NULL, true},
      {VOCABULARY_ALIGNMENT, "Relaxed", "r", true},
      {VOCABULARY_ALIGNMENT, "S", "s", false},
      {VOCABULARY_DKIM_RESULT, "invalid", "permerror", true},
      {VOCABULARY_DKIM_RESULT, "error", "permerror", true},
      {VOCABULARY_SPF_RESULT, "hardfail", "fail", true},
      {VOCABULARY_SPF_RESULT, "policy", "policy", false},
      {VOCABULARY_SPF_RESULT, "unknown", "temperror", true},
      {VOCABULARY_SPF_SCOPE, "mailfrom", "mfrom", true},
      {VOCABULARY_REASON, "Mailing_List", "mailing_list", false},
      {VOCABULARY_DISCOVERY, "TreeWalk", "treewalk", false},
      {VOCABULARY_TESTING, "Y", "y", false},
      {VOCABULARY_REASON, "", NULL, false},
      {VOCABULARY_REASON, NULL, NULL, false},
  };
  for (size_t i = 0; i < ARRAY_SIZE(CASES); i++) {
    struct word w = vocabulary_word(CASES[i].vocabulary, CASES[i].text);
    if (CASES[i].word)
      assert_string_equal(w.text, CASES[i].word);
    else
      assert_null(w.text);
    assert_ptr_equal(w.raw, CASES[i].raw ? CASES[i].text : NULL);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(an_address_is_written_canonically),
      cmocka_unit_test(addresses_of_ipv6_are_written_as_the_c_library_does),
      cmocka_unit_test(each_byte_of_an_address_is_written_as_inet_ntop_does),
      cmocka_unit_test(what_is_no_address_leaves_the_output_untouched),
      cmocka_unit_test(a_network_holds_the_addresses_of_its_prefix),
      cmocka_unit_test(sources_are_grouped_by_24_and_64_bits),
      cmocka_unit_test(a_number_is_digits_alone),
      cmocka_unit_test(a_size_has_binary_units),
      cmocka_unit_test(a_date_is_utc_and_must_exist),
      cmocka_unit_test(times_are_written_as_the_systems_calendar_has_them),
      cmocka_unit_test(the_zone_of_the_host_changes_no_time),
      cmocka_unit_test(a_length_of_time_has_a_unit),
      cmocka_unit_test(days_begin_at_midnight_and_weeks_on_monday),
      cmocka_unit_test(days_are_numbered_from_1970_on_and_before_it),
      cmocka_unit_test(a_domain_is_lowered_and_loses_its_last_dots),
      cmocka_unit_test(a_domain_has_one_spelling_whichever_labels_it_is_written_with),
      cmocka_unit_test(a_name_of_any_length_is_spelled),
      cmocka_unit_test(only_what_could_be_a_domain_is_plausible),
      cmocka_unit_test(a_domain_is_within_itself_and_those_above),
      cmocka_unit_test(the_organizational_domain_is_one_label_below_the_public_suffix),
      cmocka_unit_test(a_word_is_the_rfcs_and_keeps_what_stood_there),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
