/* SPDX-License-Identifier: Apache-2.0 */
/* What everybody stands on: addresses, numbers, times, domains, words, maps, memory, errors, alignment, digest. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
/* cmocka wants the three above first */
#include <cmocka.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/alignment.h"
#include "base/byte_stream.h"
#include "base/cleanup.h"
#include "base/digest.h"
#include "base/domain.h"
#include "base/filter.h"
#include "base/hashmap.h"
#include "base/identity.h"
#include "base/ip.h"
#include "base/mem.h"
#include "base/number.h"
#include "base/outcome.h"
#include "base/tally.h"
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

/* --- maps --------------------------------------------------------------------------------------------------------- */

static void a_map_keeps_many_keys_of_any_bytes_in_their_order(void **state) {
  (void)state;
  enum { KEYS = 100000 };
  _cleanup_hashmap_ struct hashmap m;
  hashmap_init(&m, sizeof(uint32_t));
  assert_null(hashmap_get(&m, "x", 1));
  for (uint32_t round = 0; round < 2; round++) {
    for (uint32_t i = 0; i < KEYS; i++) {
      /* keys of 4 to 12 bytes with NULs inside */
      uint32_t key[3] = {i, 0, i};
      bool new;
      uint32_t *value = hashmap_put(&m, key, 4 + i % 9, &new);
      assert_true(new);
      assert_int_equal(*value, 0);
      assert_int_equal((uintptr_t)value % 8, 0);
      *value = i + round;
    }
    assert_int_equal(m.count, KEYS);
    for (uint32_t i = 0; i < KEYS; i++) {
      uint32_t key[3] = {i, 0, i};
      size_t size;
      assert_int_equal(*(uint32_t *)hashmap_get(&m, key, 4 + i % 9), i + round);
      assert_int_equal(*(uint32_t *)hashmap_value_at(&m, i), i + round);
      assert_memory_equal(hashmap_key_at(&m, i, &size), key, 4 + i % 9);
      assert_int_equal(size, 4 + i % 9);
    }
    assert_true(hashmap_bytes(&m) > KEYS * 20);
    hashmap_reset(&m);
    assert_int_equal(m.count, 0);
    assert_null(hashmap_get(&m, "\0\0\0\0", 4));
  }
}

static void a_key_put_twice_is_one_entry_and_the_empty_key_is_one_too(void **state) {
  (void)state;
  _cleanup_hashmap_ struct hashmap m;
  hashmap_init(&m, 1);
  bool new = false;
  *(char *)hashmap_put(&m, "ab", 2, &new) = 'x';
  assert_true(new);
  assert_int_equal(*(char *)hashmap_put(&m, "abc", 2, &new), 'x');
  assert_false(new);
  assert_non_null(hashmap_put(&m, "", 0, NULL));
  assert_int_equal(m.count, 2);
  assert_non_null(hashmap_get(&m, "other", 0));
  assert_null(hashmap_get(&m, "a", 1));
}

/* --- memory ------------------------------------------------------------------------------------------------------- */

static void a_text_under_construction_is_always_terminated(void **state) {
  (void)state;
  _cleanup_strbuf_ struct strbuf b = STRBUF_INIT;
  assert_string_equal(strbuf_text(&b), "");
  strbuf_reset(&b);
  strbuf_add(&b, "a\0b", 3);
  assert_memory_equal(b.data, "a\0b", 4);
  for (int i = 0; i < 1000; i++) strbuf_printf(&b, "%d-%s;", i, "x");
  for (int i = 0; i < 100; i++) strbuf_add_char(&b, 'z');
  assert_int_equal(b.length, strlen(b.data + 2) + 2);
  assert_true(b.capacity > b.length);
  assert_memory_equal(b.data + 3, "0-x;1-x;", 8);
  size_t capacity = b.capacity;
  strbuf_reset(&b);
  assert_string_equal(b.data, "");
  assert_int_equal(b.capacity, capacity);
}

static void an_arena_hands_out_aligned_memory_and_takes_it_all_back(void **state) {
  (void)state;
  _cleanup_arena_ struct arena *a = arena_new(64);
  for (int round = 0; round < 3; round++) {
    char *texts[100];
    for (int i = 0; i < 100; i++) {
      char *p = arena_alloc(a, 24);
      assert_int_equal((uintptr_t)p % _Alignof(max_align_t), 0);
      memset(p, 0x55, 24);
      texts[i] = arena_strndup(a, "0123456789abcdef", (size_t)i % 17);
    }
    for (int i = 0; i < 100; i++) assert_int_equal(strlen(texts[i]), i % 17);
    char *large = arena_alloc(a, 10000); /* larger than a chunk */
    memset(large, 1, 10000);
    assert_true(arena_used(a) >= 12400);
    assert_null(arena_strdup(a, NULL));
    arena_reset(a);
    assert_int_equal(arena_used(a), 0);
  }
}

static void a_memory_stream_gives_at_most_its_step(void **state) {
  (void)state;
  struct memory_stream m;
  char buffer[8];
  memory_stream_init(&m, "abcde", 5, 2);
  assert_int_equal(m.stream.read(&m.stream, buffer, sizeof buffer, NULL), 2);
  assert_int_equal(m.stream.read(&m.stream, buffer, 1, NULL), 1);
  assert_int_equal(m.stream.read(&m.stream, buffer, sizeof buffer, NULL), 2);
  assert_memory_equal(buffer, "de", 2);
  assert_int_equal(m.stream.read(&m.stream, buffer, sizeof buffer, NULL), 0);
}

/* --- errors ------------------------------------------------------------------------------------------------------- */

static void an_error_is_prefixed_by_each_layer_and_cut_never_overrun(void **state) {
  (void)state;
  struct err e;
  assert_int_equal(err_set(&e, ERR_FORMAT, "count \"%s\" is no number", "x"), ERR_FORMAT);
  assert_int_equal(err_prefix(&e, ERR_FORMAT, "line %d", 40), ERR_FORMAT);
  err_prefix(&e, ERR_FORMAT, "%s", "r.xml");
  assert_string_equal(e.text, "r.xml: line 40: count \"x\" is no number");
  err_set(&e, ERR_IO, "again: %s", e.text); /* its own text as argument */
  assert_string_equal(e.text, "again: r.xml: line 40: count \"x\" is no number");
  assert_int_equal(err_set(NULL, ERR_IO, "nobody asks"), ERR_IO);
  assert_int_equal(err_prefix(NULL, ERR_IO, "nobody asks"), ERR_IO);
  char longest[ERR_TEXT_BYTES * 2];
  memset(longest, 'x', sizeof longest);
  longest[sizeof longest - 1] = '\0';
  for (size_t n = ERR_TEXT_BYTES - 8; n < ERR_TEXT_BYTES + 8; n++) {
    err_set(&e, ERR_IO, "tail");
    err_prefix(&e, ERR_IO, "%.*s", (int)n, longest);
    /* no lone ':' at the end */
    size_t most = n == ERR_TEXT_BYTES - 2 ? n : ERR_TEXT_BYTES - 1;
    assert_int_equal(strlen(e.text), n + 6 < most ? n + 6 : most);
  }
  for (int i = 0; i < 500; i++) err_prefix(&e, ERR_IO, "again");
  assert_int_equal(strlen(e.text), ERR_TEXT_BYTES - 1);
}

static void the_systems_reason_stands_behind(void **state) {
  (void)state;
  struct err e;
  errno = ENOENT;
  assert_int_equal(err_set_errno(&e, ERR_IO, "cannot open %s", "x"), ERR_IO);
  assert_string_equal(e.text, "cannot open x: No such file or directory");
}

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

static enum filter_reach reach(const char *domain, const char *policy_domain) {
  struct report_filter f = REPORT_FILTER_ALL;
  f.domain = domain;
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
  f.domain = "mail.example.com";
  f.whole_domains = true;
  assert_int_equal(filter_reach(&f, "example.com"), REACHES_ALL);
  assert_int_equal(filter_reach(&f, "example.org"), REACHES_NONE);
  f.policy_domain = "example.org";
  assert_int_equal(filter_reach(&f, "example.com"), REACHES_NONE);
  assert_int_equal(filter_reach(&f, NULL), REACHES_NONE);
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
  f.domain = "example.com";
  assert_true(filter_admits_record(&f, REACHES_WITHIN, &r));
  f.domain = "a.example.com";
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
  assert_true(tally_passed(&other.mail) == 0);
  assert_true(other.reports == 3 && other.mail.records == 3);
  assert_true(other.mail.first_s == 1000 && other.mail.last_s == 3000);
}

/* --- identity ----------------------------------------------------------------------------------------------------- */

static bool same_identity(struct identity a, struct identity b) { return !memcmp(a.bytes, b.bytes, sizeof a.bytes); }

static void a_report_is_known_by_what_names_it_and_by_that_alone(void **state) {
  (void)state;
  const uint8_t digest[FEEDBACK_DIGEST_BYTES] = {1}, other[FEEDBACK_DIGEST_BYTES] = {2};
  const struct feedback_header base = {
      .org_name = "Receiver", .policy_domain = "example.com", .report_id = "r", .begin_s = 10, .end_s = 20};
  const struct identity identity = identity_of_report(&base, digest);
  assert_true(identity_is_in_header(&base));
  assert_true(same_identity(identity, identity_of_report(&base, other)));
  for (int i = 0; i < 8; i++) {
    struct feedback_header h = base;
    if (i == 0) h.org_name = "receiver";
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
  more.email = "a@example.net";
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
  static const uint8_t REPORT[] = {0xe0, 0x11, 0xc9, 0x56, 0x41, 0xa0, 0x0c, 0x36,
                                   0x23, 0x7d, 0x49, 0x80, 0x67, 0xc9, 0xde, 0xb5};
  static const uint8_t DOCUMENT[] = {0x34, 0x54, 0x0f, 0x91, 0xa9, 0xc0, 0x79, 0xc7,
                                     0x07, 0x29, 0x0a, 0xe0, 0xdd, 0x42, 0x4d, 0x46};
  const uint8_t digest[FEEDBACK_DIGEST_BYTES] = {1};
  const struct feedback_header h = {
      .org_name = "Receiver", .policy_domain = "example.com", .report_id = "r", .begin_s = 10, .end_s = 20};
  assert_memory_equal(identity_of_report(&h, digest).bytes, REPORT, sizeof REPORT);
  assert_memory_equal(identity_of_document("in.mbox: message 1", digest).bytes, DOCUMENT, sizeof DOCUMENT);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(an_address_is_written_canonically),
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
      cmocka_unit_test(only_what_could_be_a_domain_is_plausible),
      cmocka_unit_test(a_domain_is_within_itself_and_those_above),
      cmocka_unit_test(the_organizational_domain_is_one_label_below_the_public_suffix),
      cmocka_unit_test(a_word_is_the_rfcs_and_keeps_what_stood_there),
      cmocka_unit_test(a_map_keeps_many_keys_of_any_bytes_in_their_order),
      cmocka_unit_test(a_key_put_twice_is_one_entry_and_the_empty_key_is_one_too),
      cmocka_unit_test(a_text_under_construction_is_always_terminated),
      cmocka_unit_test(an_arena_hands_out_aligned_memory_and_takes_it_all_back),
      cmocka_unit_test(a_memory_stream_gives_at_most_its_step),
      cmocka_unit_test(an_error_is_prefixed_by_each_layer_and_cut_never_overrun),
      cmocka_unit_test(the_systems_reason_stands_behind),
      cmocka_unit_test(a_grade_holds_under_a_mode),
      cmocka_unit_test(names_that_meet_in_the_cache_are_not_mixed_up),
      cmocka_unit_test(an_organization_is_what_the_list_says_or_where_the_walk_ended),
      cmocka_unit_test(a_digest_tells_absent_from_empty_and_where_one_text_ends),
      cmocka_unit_test(a_digest_is_of_the_bytes_not_of_how_they_came_and_is_the_same_on_every_machine),
      cmocka_unit_test(flags_are_told_as_one_phrase_within_its_buffer),
      cmocka_unit_test(silence_about_both_mechanisms_is_neither_pass_nor_fail),
      cmocka_unit_test(a_disposition_is_a_word_of_the_rfcs_or_another),
      cmocka_unit_test(the_mail_of_a_domain_is_looked_for_in_reports_about_it_below_it_and_above_it),
      cmocka_unit_test(a_report_of_an_unknown_time_lies_within_no_bounds),
      cmocka_unit_test(a_record_is_admitted_by_what_it_says_and_what_it_does_not_say_is_not_asked_for),
      cmocka_unit_test(a_record_adds_to_the_sums_that_its_words_name),
      cmocka_unit_test(tallies_merge_and_stay_at_the_largest_number),
      cmocka_unit_test(a_report_is_known_by_what_names_it_and_by_that_alone),
      cmocka_unit_test(a_report_without_id_or_period_is_known_by_its_content_too),
      cmocka_unit_test(identities_stay_what_they_are),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
