/* SPDX-License-Identifier: Apache-2.0 */
/* The grammar of SPF terms (RFC 7208 12), texts that are near a record, and how much of the Internet a record lets
 * pass.
 */
#include "dns/near_record.h"
#include "dns/spf_reach.h"
#include "dns/spf_term.h"
#include "dns_kit.h"

static void only_the_version_begins_a_record(void **state) {
  (void)state;
  static const char *const YES[] = {"v=spf1", "v=spf1 ", "V=SPF1 -all", "v=spf1  -all"};
  static const char *const NO[] = {"",        "v=spf",   "v=spf10",   "v=spf1;", "v=spf1\t-all",
                                   " v=spf1", "v=spf1,", "spf2.0/pra"};
  for (unsigned i = 0; i < ARRAY_SIZE(YES); i++) assert_true(spf_text_is(YES[i]));
  for (unsigned i = 0; i < ARRAY_SIZE(NO); i++) assert_false(spf_text_is(NO[i]));
}

/* The only term of a record. */
static struct spf_term term_of(struct arena *arena, const char *text) {
  _cleanup_free_ char *record = mem_printf("v=spf1 %s", text);
  struct spf_terms terms;
  spf_text_parse(&terms, arena, record);
  assert_int_equal(terms.count, 1);
  return terms.items[0];
}

static void terms_of_the_grammar_are_read(void **state) {
  (void)state;
  static const struct {
    const char *text;
    enum spf_kind kind;
    char qualifier;
    const char *domain;
    unsigned prefix4, prefix6;
  } CASES[] = {
      {"all", SPF_ALL, '+', NULL, 32, 128},
      {"-ALL", SPF_ALL, '-', NULL, 32, 128},
      {"?include:_spf.Example.com", SPF_INCLUDE, '?', "_spf.Example.com", 32, 128},
      {"include:example.com.", SPF_INCLUDE, '+', "example.com.", 32, 128},
      {"a", SPF_A, '+', NULL, 32, 128},
      {"~a/24", SPF_A, '~', NULL, 24, 128},
      {"a//64", SPF_A, '+', NULL, 32, 64},
      {"a/0//0", SPF_A, '+', NULL, 0, 0},
      {"A:example.com/24//64", SPF_A, '+', "example.com", 24, 64},
      {"a:foo:bar/baz.example.com", SPF_A, '+', "foo:bar/baz.example.com", 32, 128},
      {"a:foo:bar/baz.example.com/9", SPF_A, '+', "foo:bar/baz.example.com", 9, 128},
      {"mx:example.com//128", SPF_MX, '+', "example.com", 32, 128},
      {"ptr", SPF_PTR, '+', NULL, 32, 128},
      {"ptr:example.com", SPF_PTR, '+', "example.com", 32, 128},
      {"exists:%{ir}.%{v}._spf.%{d2}", SPF_EXISTS, '+', "%{ir}.%{v}._spf.%{d2}", 32, 128},
      {"exists:%{l1r+-}.example.com", SPF_EXISTS, '+', "%{l1r+-}.example.com", 32, 128},
      {"exists:a%%b%_c%-.example.com", SPF_EXISTS, '+', "a%%b%_c%-.example.com", 32, 128},
      {"include:x.%{D}", SPF_INCLUDE, '+', "x.%{D}", 32, 128},
      {"redirect=_spf.example.com", SPF_REDIRECT, '+', "_spf.example.com", 32, 128},
      {"exp=why.example.com", SPF_EXP, '+', "why.example.com", 32, 128},
      {"moo.cow-far_out=", SPF_OTHER, '+', NULL, 32, 128},
      {"ip4=192.0.2.1", SPF_OTHER, '+', NULL, 32, 128},
      {"x=%{d}", SPF_OTHER, '+', NULL, 32, 128},
  };
  _cleanup_arena_ struct arena *arena = arena_new(1024);
  for (unsigned i = 0; i < ARRAY_SIZE(CASES); i++) {
    const struct spf_term t = term_of(arena, CASES[i].text);
    if (t.wrong) fail_msg("%s: %s", CASES[i].text, t.wrong);
    assert_int_equal(t.kind, CASES[i].kind);
    assert_int_equal(t.qualifier, CASES[i].qualifier);
    assert_int_equal(t.prefix4, CASES[i].prefix4);
    assert_int_equal(t.prefix6, CASES[i].prefix6);
    if (CASES[i].domain)
      assert_string_equal(t.domain, CASES[i].domain);
    else
      assert_null(t.domain);
  }
}

static void networks_are_read(void **state) {
  (void)state;
  static const char *const CASES[][2] = {{"ip4:192.0.2.1", "192.0.2.1/32"},
                                         {"ip4:192.0.2.77/24", "192.0.2.0/24"},
                                         {"IP4:0.0.0.0/0", "0.0.0.0/0"},
                                         {"ip6:2001:db8::1", "2001:db8::1/128"},
                                         {"ip6:2001:DB8::/32", "2001:db8::/32"},
                                         {"ip6:2001:db8::192.0.2.1/96", "2001:db8::/96"},
                                         {"ip6:::1", "::1/128"}};
  _cleanup_arena_ struct arena *arena = arena_new(1024);
  for (unsigned i = 0; i < ARRAY_SIZE(CASES); i++) {
    char buffer[IP_TEXT_BYTES];
    const struct spf_term t = term_of(arena, CASES[i][0]);
    assert_string_equal(ip_network_format(&t.network, buffer), CASES[i][1]);
  }
}

static void a_term_outside_of_the_grammar_says_why(void **state) {
  (void)state;
  static const char *const CASES[][2] = {
      {"all.", "there is no such mechanism"},
      {"all:example.com", "nothing may follow all"},
      {"all/8", "nothing may follow all"},
      {"--all", "there is no such mechanism"},
      {"-", "there is no such mechanism"},
      {"include", "\":\" and a domain are missing"},
      {"include:", "the domain is missing"},
      {"include/24", "\":\" and a domain are missing"},
      {"include:example.com/24", "the domain does not end in the name of a top level"},
      {"include:museum", "a domain has a dot with a name behind it"},
      {"a:museum.", "a domain has a dot with a name behind it"},
      {"a:abc.123", "the domain does not end in the name of a top level"},
      {"a:example.com:8080", "the domain does not end in the name of a top level"},
      {"a:example.-com", "the domain does not end in the name of a top level"},
      {"a:example.com-", "the domain does not end in the name of a top level"},
      {"a:", "the domain is missing"},
      {"a:/24", "the domain is missing"},
      {"a/33", "the prefix length goes from 0 to 32"},
      {"a//129", "the prefix length goes from 0 to 128"},
      {"a/024", "a prefix length does not begin with 0"},
      {"a/24/64", "the prefix length goes from 0 to 32"},
      {"a/", "the prefix length is no number"},
      {"a//", "the prefix length is no number"},
      {"mx:example.com//064", "a prefix length does not begin with 0"},
      {"ptr/24", "behind ptr stands \":\" or nothing"},
      {"ptr:", "the domain is missing"},
      {"ip4", "\":\" and an address are missing"},
      {"ip4:", "that is no address of IPv4"},
      {"ip4:192.0.2", "that is no address of IPv4"},
      {"ip4:192.0.2.256", "that is no address of IPv4"},
      {"ip4:192.0.2.01", "that is no address of IPv4"},
      {"ip4:192.0.2.1:25", "that is no address of IPv4"},
      {"ip4:2001:db8::1", "that is no address of IPv4"},
      {"ip4:192.0.2.0/33", "the prefix length goes from 0 to 32"},
      {"ip4:192.0.2.0/08", "a prefix length does not begin with 0"},
      {"ip4:192.0.2.0/00", "a prefix length does not begin with 0"},
      {"ip4:192.0.2.0//24", "the prefix length is no number"},
      {"ip4:192.0.2.0/99999999999999999999", "the prefix length goes from 0 to 32"},
      {"ip6:192.0.2.1", "that is no address of IPv6"},
      {"ip6:2001:db8::1::", "that is no address of IPv6"},
      {"ip6:2001:db8::/129", "the prefix length goes from 0 to 128"},
      {"exists:", "the domain is missing"},
      {"exists:%{x}.example.com", "there is no such macro"},
      {"exists:%{c}.example.com", "there is no such macro"},
      {"exists:%(d).example.com", "a \"%\" begins no macro"},
      {"exists:%.example.com", "a \"%\" begins no macro"},
      {"exists:%{i.example.com", "a macro is not closed by \"}\""},
      {"exists:%{i", "a macro is not closed by \"}\""},
      {"exists:%{}.example.com", "there is no such macro"},
      {"exists:%{d0}.example.com", "a macro takes no part of its value"},
      {"exists:%{d2x}.example.com", "a macro is not closed by \"}\""},
      {"include:%", "a \"%\" begins no macro"},
      {"redirect=", "the domain is missing"},
      {"redirect:example.com", "\"=\" stands behind the name of a modifier"},
      {"redirect", "\"=\" stands behind the name of a modifier"},
      {"-redirect=example.com", "a modifier has no qualifier"},
      {"exp=", "the domain is missing"},
      {"exp:example.com", "\"=\" stands behind the name of a modifier"},
      {"x=%abc", "a \"%\" begins no macro"},
      {"=all", "that is no name of a modifier"},
      {"4x=y", "that is no name of a modifier"},
      {"foo:bar", "there is no such mechanism"},
      {"-foo=bar", "a modifier has no qualifier"},
      {"ip5:192.0.2.1", "there is no such mechanism"},
      {"a:\\195\\169.example.com", "it holds a byte that is no printable ASCII"},
      {"-all\\194\\160", "it holds a byte that is no printable ASCII"},
      {"\"-all\"", "there is no such mechanism"},
  };
  _cleanup_arena_ struct arena *arena = arena_new(1024);
  for (unsigned i = 0; i < ARRAY_SIZE(CASES); i++) {
    const struct spf_term t = term_of(arena, CASES[i][0]);
    if (t.kind != SPF_BAD || !t.wrong || strcmp(t.wrong, CASES[i][1]) != 0)
      fail_msg("%s: kind %d, %s", CASES[i][0], (int)t.kind, t.wrong ? t.wrong : "no fault");
  }
}

/* --- texts near a record ------------------------------------------------------------------------------------------ */

static void assert_why(const char *text, const char *why, const char *expected) {
  if (!why != !expected || (why && strcmp(why, expected) != 0)) fail_msg("%s: %s", text, why ? why : "no reason");
}

static void a_text_near_an_spf_record_says_why_it_is_none(void **state) {
  (void)state;
  static const char *const CASES[][2] = {
      {" v=spf1 -all", "white space stands before v="},
      {"\\009v=spf1 -all", "a byte that is no printable ASCII stands before v="},
      {"\\239\\187\\191v=spf1 -all", "a byte that is no printable ASCII stands before v="},
      {"\"v=spf1 -all\"", "its quotes are part of it"},
      {"'v=spf1 -all'", "its quotes are part of it"},
      {"v=spf1; ip4:192.0.2.1 -all", "a blank, and no other character, stands behind v=spf1"},
      {"v=spf1,ip4:192.0.2.1 -all", "a blank, and no other character, stands behind v=spf1"},
      {"v=spf1\\009ip4:192.0.2.1 -all", "a tab stands behind the version"},
      {"v=spf1\tip4:192.0.2.1 -all", "a tab stands behind the version"},
      {"v=spf1\\194\\160-all", "a byte that is no printable ASCII stands behind the version"},
      {"v=spf1ip4:192.0.2.1 -all", "no blank stands behind v=spf1"},
      {"v=spf1-all", "no blank stands behind v=spf1"},
      {"spf1 ip4:192.0.2.1 -all", "v= is missing before spf1"},
      {"v=spf2 ip4:192.0.2.1 -all", "its version is not written v=spf1"},
      {"v=spf -all", "its version is not written v=spf1"},
      {"v = spf1 -all", "its version is not written v=spf1"},
      {"spf=v=spf1 -all", "its version is not written v=spf1"},
      {"v:spf1 -all", "its version is not written v=spf1"},
      {"ip4:192.0.2.1 include:example.net ~all", "v=spf1 is missing at its beginning"},
      {"v=spf1 -all", NULL},
      {"v=spf1", NULL},
      {"", NULL},
      {"spf2.0/pra include:example.net -all", NULL},
      {"site-verification=spf", NULL},
      {"v=DMARC1; p=none; x=spf1", NULL},
      {"v=DKIM1; p=SPF1", NULL},
      {"we send by include:example.net", NULL},
  };
  for (unsigned i = 0; i < ARRAY_SIZE(CASES); i++) assert_why(CASES[i][0], near_spf(CASES[i][0]), CASES[i][1]);
}

static void a_text_near_a_dmarc_record_says_why_it_is_none(void **state) {
  (void)state;
  static const char *const CASES[][2] = {
      {"v=DMARC1 p=none", "a \";\" is missing behind v=DMARC1"},
      {"v=DMARC1, p=none", "a \";\" is missing behind v=DMARC1"},
      {"v=DMARC1\\194\\160; p=none", "a byte that is no printable ASCII stands behind the version"},
      {"v=DMARC1\\009p=none", "a tab stands behind the version"},
      {"v=DMARC10; p=none", "its version is another than v=DMARC1"},
      {"\\239\\187\\191v=DMARC1; p=none", "a byte that is no printable ASCII stands before v="},
      {"\"v=DMARC1; p=none\"", "its quotes are part of it"},
      {"\"v=DMARC1\"", "its quotes are part of it"},
      {"v=dmarc1; p=none", "DMARC1 is not in capitals"},
      {"DMARC1; p=none", "v= is missing before DMARC1"},
      {"p=none; rua=mailto:d@example.com", "v=DMARC1 is missing at its beginning"},
      {"v=DMARC2; p=none", "it does not begin with v=DMARC1"},
      {"v=DMARC1; p=none", NULL},
      {"v=spf1 -all", NULL},
  };
  for (unsigned i = 0; i < ARRAY_SIZE(CASES); i++) assert_why(CASES[i][0], near_dmarc(CASES[i][0]), CASES[i][1]);
}

/* --- reach -------------------------------------------------------------------------------------------------------- */

static void half_of_all_addresses_is_open(void **state) {
  (void)state;
  static const struct {
    const char *networks;
    bool is_open;
  } CASES[] = {{"0.0.0.0/0", true},
               {"0.0.0.0/1", true},
               {"128.0.0.0/1", true},
               {"0.0.0.0/2 64.0.0.0/2", true},
               {"0.0.0.0/2 0.0.0.0/2 16.0.0.0/4", false},
               {"0.0.0.0/2 128.0.0.0/3 160.0.0.0/3", true},
               {"10.0.0.0/8 192.0.2.0/24", false},
               {"::/0", true},
               {"2000::/3", true},
               {"2000::/4", true},
               {"2000::/5", false},
               {"fc00::/7", false},
               {"2001:db8::/32", false}};
  for (unsigned i = 0; i < ARRAY_SIZE(CASES); i++) {
    _cleanup_free_ char *list = mem_strdup(CASES[i].networks);
    struct spf_reach reach = {.count = {0}};
    char *rest;
    for (char *word = strtok_r(list, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
      struct ip_network n;
      assert_int_equal(ip_network_parse(word, &n, NULL), 0);
      spf_reach_add(&reach, &n);
    }
    if (spf_reach_is_open(&reach) != CASES[i].is_open) fail_msg("%s", CASES[i].networks);
  }
}

static void a_thousand_networks_are_as_many_as_are_remembered(void **state) {
  (void)state;
  struct spf_reach reach = {.count = {0}};
  for (unsigned i = 0; i < 1000; i++)
    spf_reach_add(&reach, &(struct ip_network){.base = {4, {(uint8_t)i}}, .prefix_bits = 8});
  assert_int_equal(reach.count[0], MOST_REACHED);
  assert_true(spf_reach_is_open(&reach));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(only_the_version_begins_a_record),
      cmocka_unit_test(terms_of_the_grammar_are_read),
      cmocka_unit_test(networks_are_read),
      cmocka_unit_test(a_term_outside_of_the_grammar_says_why),
      cmocka_unit_test(a_text_near_an_spf_record_says_why_it_is_none),
      cmocka_unit_test(a_text_near_a_dmarc_record_says_why_it_is_none),
      cmocka_unit_test(half_of_all_addresses_is_open),
      cmocka_unit_test(a_thousand_networks_are_as_many_as_are_remembered),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
