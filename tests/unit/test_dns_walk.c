/* SPDX-License-Identifier: Apache-2.0 */
/* What follows from the answers of a zone: the tree walk, what a domain publishes, names of addresses. */
#include "dns_kit.h"

/* --- the tree walk ------------------------------------------------------------------------------------------------ */

static const struct zone_line TREE[] = {
    {DNS_TXT, "_dmarc.example.com", "v=DMARC1; p=reject; rua=mailto:d@example.com"},
    {DNS_TXT, "_dmarc.mail.example.com", "v=DMARC1; p=none; psd=n"},
    {DNS_TXT, "_dmarc.test", "v=DMARC1; p=reject; psd=y"},
    {DNS_TXT, "_dmarc.own.example.test", "v=DMARC1; p=none"},
    {DNS_TXT, "_dmarc.two.example.com", "v=DMARC1; p=none"},
    {DNS_TXT, "_dmarc.two.example.com", "v=DMARC1; p=reject"},
    {DNS_TXT, "_dmarc.broken.example.net", "!"},
    {DNS_TXT, "_dmarc.psd.example", "v=DMARC1; p=none; psd=y"},
    {DNS_TXT, "_dmarc.2.3.4.5.6.7.example.net", "v=DMARC1; p=none; psd=n"},
    {0, NULL, NULL},
};

static void the_organizational_domain_is_found_by_the_walk(void **state) {
  (void)state;
  static const struct {
    const char *domain, *organizational;
  } CASES[] = {
      {"example.com", "example.com"},
      {"a.b.example.com", "example.com"},
      {"mail.example.com", "mail.example.com"},   /* psd=n */
      {"a.mail.example.com", "mail.example.com"}, /* RFC 9989 4.10.2, the second example */
      {"a.mail.other.test", "other.test"},        /* psd=y: one below, the third example */
      {"deep.own.example.test", "example.test"},
      {"test", "test"}, /* where the walk started, psd=y says nothing */
      {"psd.example", "psd.example"},
      {"1.2.3.4.5.6.7.example.net", "1.2.3.4.5.6.7.example.net"}, /* 9 labels: on to 7 at once */
      {"nothing.example.net", "nothing.example.net"},
      {"a.b.c.d.e.f.g.h.i.j.mail2.example.com", "example.com"},
  };
  _cleanup_world_ struct world w;
  world_open(&w, TREE);
  for (unsigned i = 0; i < ARRAY_SIZE(CASES); i++) {
    struct dmarc_discovery found;
    assert_true(dns_organizational_domain(w.dns, CASES[i].domain, &found));
    assert_false(found.unknown);
    assert_string_equal(found.organizational, CASES[i].organizational);
  }
}

static void a_walk_asks_at_most_eight_names(void **state) {
  (void)state;
  static const struct zone_line NOTHING[] = {{0, NULL, NULL}};
  _cleanup_world_ struct world w;
  struct dmarc_discovery found;
  world_open(&w, NOTHING);
  dns_organizational_domain(w.dns, "a.b.c.d.e.f.g.h.i.j.mail.example.com", &found);
  assert_int_equal(w.asked, 8);
  w.asked = 0;
  dns_organizational_domain(w.dns, "1.2.3.4.5.6.example.net", &found); /* 8 labels */
  assert_int_equal(w.asked, 8);
}

static void the_record_that_applies_is_the_own_one_or_the_organizations(void **state) {
  (void)state;
  static const struct {
    const char *domain, *record_domain;
  } CASES[] = {{"example.com", "example.com"},     {"mail.example.com", "mail.example.com"},
               {"x.example.com", "example.com"},   {"x.mail.example.com", "mail.example.com"},
               {"two.example.com", "example.com"}, /* several are none */
               {"any.example.test", "test"},       {"example.net", NULL}};
  _cleanup_world_ struct world w;
  world_open(&w, TREE);
  for (unsigned i = 0; i < ARRAY_SIZE(CASES); i++) {
    struct dmarc_discovery found;
    assert_true(dmarc_discover(w.dns, CASES[i].domain, &found));
    if (!CASES[i].record_domain)
      assert_null(found.record_domain);
    else
      assert_string_equal(found.record_domain, CASES[i].record_domain);
  }
}

static void what_the_dns_does_not_say_is_unknown(void **state) {
  (void)state;
  _cleanup_world_ struct world w;
  struct dmarc_discovery found;
  world_open(&w, TREE);
  assert_true(dmarc_discover(w.dns, "broken.example.net", &found));
  assert_true(found.unknown);
  assert_null(found.record);
  assert_true(dmarc_discover(w.dns, "x.broken.example.net", &found));
  assert_true(found.unknown);
  assert_true(dns_organizational_domain(w.dns, "x.broken.example.net", &found));
  assert_true(found.unknown);
}

/* --- what a domain publishes -------------------------------------------------------------------------------------- */

static const struct zone_line ZONE[] = {
    {DNS_TXT, "_dmarc.example.com", "unrelated"},
    {DNS_TXT, "_dmarc.example.com",
     "v=DMARC1; p=none; rua=mailto:d@reports.example.com,mailto:x@example.net,mailto:y@example.org"},
    {DNS_TXT, "example.com._report._dmarc.example.net", "v=DMARC1"},
    {DNS_TXT, "example.com", "some-verification=1"},
    {DNS_TXT, "example.com", "v=spf1 include:_spf.example.net ip4:192.0.2.0/24 mx -all"},
    {DNS_TXT, "_spf.example.net", "v=spf1 a:host.example.net ip6:2001:db8::/32 ?all"},
    {DNS_A, "host.example.net", "192.0.2.1"},
    {DNS_MX, "example.com", "mx.example.com"},
    {DNS_TXT, "_dmarc.alias.example.org", "@dmarc.gone.example.net"},
    {DNS_TXT, "_dmarc.quoted.example.org", "\"v=DMARC1; p=none\""},
    {DNS_TXT, "_dmarc.two.example.org", "v=DMARC1; p=none"},
    {DNS_TXT, "_dmarc.two.example.org", "v=DMARC1; p=none"},
    {DNS_TXT, "_dmarc.lost.example.org", "!"},
    {DNS_TXT, "_dmarc.doubt.example.org", "v=DMARC1; p=none; rua=mailto:d@doubt.example"},
    {DNS_TXT, "doubt.example.org._report._dmarc.doubt.example", "!"},
    {DNS_TXT, "lost.example.org", "!"},
    {0, NULL, NULL},
};

static void published_records_and_their_faults_are_gathered(void **state) {
  (void)state;
  _cleanup_world_ struct world w;
  struct published p;
  world_open(&w, ZONE);
  assert_true(published_look(w.dns, "example.com", w.arena, &p));
  assert_false(p.unknown);
  assert_string_equal(p.record_domain, "example.com");
  assert_memory_equal(p.record, "v=DMARC1; p=none; rua", 21);
  assert_int_equal(p.faults.count, 1); /* reports.example.com is the own organization, example.net agrees */
  assert_string_equal(p.faults.items[0].fault, "rua_unauthorised");
  assert_non_null(strstr(p.faults.items[0].detail, "example.org"));
  assert_string_equal(p.faults.items[0].section, "RFC 9990 4");
  assert_int_equal(p.spf.end, SPF_END_FAIL);
  assert_int_equal(p.spf.lookups, 3);
  assert_int_equal(p.spf_faults.count, 0);
}

static void a_missing_record_says_why_it_is_missing(void **state) {
  (void)state;
  static const struct {
    const char *domain, *fault;
  } CASES[] = {{"alias.example.org", "dangling_alias"},
               {"quoted.example.org", "bad_version"},
               {"two.example.org", "several_records"},
               {"nothing.example.org", "no_record"}};
  _cleanup_world_ struct world w;
  world_open(&w, ZONE);
  for (unsigned i = 0; i < ARRAY_SIZE(CASES); i++) {
    struct published p;
    assert_true(published_look(w.dns, CASES[i].domain, w.arena, &p));
    assert_null(p.record);
    assert_true(has_fault(&p.faults, CASES[i].fault));
    assert_true(has_fault(&p.faults, "no_record"));
    assert_true(has_fault(&p.spf_faults, "no_spf"));
  }
}

static void what_could_not_be_asked_is_no_fault(void **state) {
  (void)state;
  _cleanup_world_ struct world w;
  struct published p;
  world_open(&w, ZONE);
  assert_true(published_look(w.dns, "lost.example.org", w.arena, &p));
  assert_true(p.unknown);
  assert_int_equal(p.faults.count, 0);
  assert_true(p.spf.unknown);
  assert_int_equal(p.spf_faults.count, 0);
  assert_true(published_look(w.dns, "doubt.example.org", w.arena, &p));
  assert_true(has_fault(&p.faults, "rua_unknown"));
  assert_false(has_fault(&p.faults, "rua_unauthorised"));
}

static void a_subdomain_without_a_record_inherits(void **state) {
  (void)state;
  _cleanup_world_ struct world w;
  struct published p;
  world_open(&w, ZONE);
  assert_true(published_look(w.dns, "sub.example.com", w.arena, &p));
  assert_string_equal(p.record_domain, "example.com");
  assert_true(has_fault(&p.faults, "inherited"));
}

/* --- names of addresses ------------------------------------------------------------------------------------------- */

static const struct zone_line NAMES[] = {
    {DNS_PTR, "10.2.0.192.in-addr.arpa", "zeta.example.net"},
    {DNS_PTR, "10.2.0.192.in-addr.arpa", "mail.example.net"},
    {DNS_PTR, "10.2.0.192.in-addr.arpa", "liar.example.com"},
    {DNS_A, "mail.example.net", "192.0.2.9"},
    {DNS_A, "mail.example.net", "192.0.2.10"},
    {DNS_A, "zeta.example.net", "192.0.2.10"},
    {DNS_A, "liar.example.com", "198.51.100.1"},
    {DNS_PTR, "11.2.0.192.in-addr.arpa", "liar.example.com"},
    {DNS_PTR, "12.2.0.192.in-addr.arpa", "lost.example.com"},
    {DNS_A, "lost.example.com", "!"},
    {DNS_PTR, "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa", "six.example.net"},
    {DNS_AAAA, "six.example.net", "2001:db8::1"},
    {0, NULL, NULL},
};

static void a_name_counts_where_it_leads_back(void **state) {
  (void)state;
  static const struct {
    const char *ip, *name;
    enum dns_name_state state;
  } CASES[] = {{"192.0.2.10", "mail.example.net", DNS_NAME_CONFIRMED},
               {"192.0.2.11", NULL, DNS_NAME_UNCONFIRMED},
               {"192.0.2.12", NULL, DNS_NAME_UNKNOWN},
               {"192.0.2.13", NULL, DNS_NAME_UNCONFIRMED},
               {"2001:db8::1", "six.example.net", DNS_NAME_CONFIRMED}};
  _cleanup_world_ struct world w;
  world_open(&w, NAMES);
  for (unsigned i = 0; i < ARRAY_SIZE(CASES); i++) {
    struct ip_addr ip;
    const char *name;
    assert_true(ip_parse(CASES[i].ip, &ip));
    assert_int_equal(dns_confirmed_name(w.dns, &ip, &name), CASES[i].state);
    if (CASES[i].name)
      assert_string_equal(name, CASES[i].name);
    else
      assert_null(name);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_organizational_domain_is_found_by_the_walk),
      cmocka_unit_test(a_walk_asks_at_most_eight_names),
      cmocka_unit_test(the_record_that_applies_is_the_own_one_or_the_organizations),
      cmocka_unit_test(what_the_dns_does_not_say_is_unknown),
      cmocka_unit_test(published_records_and_their_faults_are_gathered),
      cmocka_unit_test(a_missing_record_says_why_it_is_missing),
      cmocka_unit_test(what_could_not_be_asked_is_no_fault),
      cmocka_unit_test(a_subdomain_without_a_record_inherits),
      cmocka_unit_test(a_name_counts_where_it_leads_back),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
