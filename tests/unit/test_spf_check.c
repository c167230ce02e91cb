/* SPDX-License-Identifier: Apache-2.0 */
/* The check of an address by RFC 7208 4: what decides, and what ends it in an error. */
#include "dns/spf_check.h"

#include "dns_kit.h"

#define IP "192.0.2.3"

static const struct zone_line ZONE[] = {
    {DNS_TXT, "ip.example", "v=spf1 ip4:192.0.2.0/25 -all"},
    {DNS_TXT, "not.example", "v=spf1 -ip4:192.0.2.3 +all"},
    {DNS_TXT, "empty.example", "v=spf1"},
    {DNS_TXT, "soft.example", "v=spf1 ~all"},
    {DNS_TXT, "inc.example", "v=spf1 include:soft.example include:ip.example -all"},
    {DNS_TXT, "minus.example", "v=spf1 -include:ip.example +all"},
    {DNS_TXT, "gone.example", "v=spf1 include:nowhere.example +all"},
    {DNS_TXT, "late.example", "v=spf1 +all include:nowhere.example"},
    {DNS_TXT, "wrong.example", "v=spf1 +all ip4:x"},
    {DNS_TXT, "two.example", "v=spf1 +all"},
    {DNS_TXT, "two.example", "v=spf1 -all"},
    {DNS_TXT, "lost.example", "!"},
    {DNS_TXT, "inclost.example", "v=spf1 include:lost.example +all"},
    {DNS_TXT, "red.example", "v=spf1 redirect=ip.example"},
    {DNS_TXT, "rednone.example", "v=spf1 redirect=nowhere.example"},
    {DNS_TXT, "redall.example", "v=spf1 redirect=nowhere.example ~all"},
    {DNS_TXT, "twice.example", "v=spf1 redirect=ip.example redirect=ip.example"},
    {DNS_TXT, "loop.example", "v=spf1 include:loop.example -all"},
    {DNS_TXT, "a.example", "v=spf1 a -all"},
    {DNS_A, "a.example", "192.0.2.77"},
    {DNS_A, "a.example", "192.0.2.3"},
    {DNS_TXT, "net.example", "v=spf1 a:n.example/24 -all"},
    {DNS_A, "n.example", "192.0.2.200"},
    {DNS_TXT, "mx.example", "v=spf1 mx -all"},
    {DNS_MX, "mx.example", "n.example"},
    {DNS_MX, "mx.example", "a.example"},
    {DNS_TXT, "void.example", "v=spf1 a:v1.example a:v2.example a:v3.example +all"},
    {DNS_TXT, "void2.example", "v=spf1 a:v1.example a:v2.example +all"},
    {DNS_TXT, "eleven.example", "v=spf1 a a a a a a a a a a a +all"},
    {DNS_A, "eleven.example", "192.0.2.99"},
    {DNS_TXT, "ten.example", "v=spf1 a a a a a a a a a a +all"},
    {DNS_A, "ten.example", "192.0.2.99"},
    {DNS_TXT, "ptr.example", "v=spf1 ptr -all"},
    {DNS_PTR, "3.2.0.192.in-addr.arpa", "liar.ptr.example"},
    {DNS_PTR, "3.2.0.192.in-addr.arpa", "host.ptr.example"},
    {DNS_A, "host.ptr.example", "192.0.2.3"},
    {DNS_A, "liar.ptr.example", "192.0.2.9"},
    {DNS_TXT, "macro.example", "v=spf1 exists:%{ir}.%{v}.%{l1r-}.%{d}.m.example -all"},
    {DNS_A, "3.2.0.192.in-addr.mail.macro.example.m.example", "127.0.0.2"},
    {DNS_TXT, "macro2.example", "v=spf1 exists:%{d1}.%{o}.%{h}.x%%%_%-.example ?all"},
    {DNS_TXT, "macro4.example", "v=spf1 exists:%{l1r-}.%{d1r}.%{h}.m.example -all"},
    {DNS_A, "mail.macro4.helo.example.m.example", "127.0.0.2"},
    {DNS_TXT, "six.example", "v=spf1 ip6:2001:db8::/32 -all"},
    {DNS_TXT, "exp.example", "v=spf1 exp=nowhere.example x=y -all"},
    {0, NULL, NULL},
};

static struct spf_verdict check(struct world *w, const char *domain, const char *ip) {
  _cleanup_free_ char *sender = mem_printf("mail-post@%s", domain);
  struct spf_question q = {.domain = domain, .sender = sender, .helo = "helo.example"};
  struct spf_verdict v;
  assert_true(ip_parse(ip, &q.ip));
  assert_true(spf_check(w->dns, &q, w->arena, &v));
  return v;
}

static void an_address_is_checked_as_the_rfc_says(void **state) {
  (void)state;
  static const struct {
    const char *domain, *ip, *result;
  } CASES[] = {
      {"nowhere.example", IP, "none"},
      {"ip.example", IP, "pass"},
      {"ip.example", "192.0.2.128", "fail"},
      {"ip.example", "2001:db8::1", "fail"},
      {"not.example", IP, "fail"},
      {"empty.example", IP, "neutral"},
      {"soft.example", IP, "softfail"},
      {"inc.example", IP, "pass"},
      {"inc.example", "192.0.2.200", "fail"},
      {"minus.example", IP, "fail"},
      {"minus.example", "203.0.113.1", "pass"},
      {"gone.example", IP, "permerror"},
      {"late.example", IP, "pass"},
      {"wrong.example", IP, "permerror"},
      {"two.example", IP, "permerror"},
      {"lost.example", IP, "temperror"},
      {"inclost.example", IP, "temperror"},
      {"red.example", IP, "pass"},
      {"red.example", "203.0.113.1", "fail"},
      {"rednone.example", IP, "permerror"},
      {"redall.example", IP, "softfail"},
      {"twice.example", IP, "permerror"},
      {"loop.example", IP, "permerror"},
      {"a.example", IP, "pass"},
      {"a.example", "192.0.2.4", "fail"},
      {"net.example", IP, "pass"},
      {"mx.example", IP, "pass"},
      {"void.example", IP, "permerror"},
      {"void2.example", IP, "pass"},
      {"eleven.example", IP, "permerror"},
      {"ten.example", IP, "pass"},
      {"ptr.example", IP, "pass"},
      {"ptr.example", "192.0.2.9", "fail"},
      {"macro.example", IP, "pass"},
      {"macro.example", "192.0.2.4", "fail"},
      {"macro2.example", IP, "neutral"},
      {"macro4.example", IP, "pass"},
      {"six.example", "2001:db8::1", "pass"},
      {"six.example", IP, "fail"},
      {"exp.example", IP, "fail"},
      {"six.example", "::ffff:192.0.2.3", "fail"},
  };
  _cleanup_world_ struct world w;
  world_open(&w, ZONE);
  for (unsigned i = 0; i < ARRAY_SIZE(CASES); i++) {
    const char *result = spf_result_word(check(&w, CASES[i].domain, CASES[i].ip).result);
    if (strcmp(result, CASES[i].result) != 0) fail_msg("%s %s: %s", CASES[i].domain, CASES[i].ip, result);
  }
}

static void the_terms_that_decide_are_told(void **state) {
  (void)state;
  _cleanup_world_ struct world w;
  world_open(&w, ZONE);
  struct spf_verdict v = check(&w, "inc.example", IP);
  assert_int_equal(v.depth, 2);
  assert_int_equal(v.path[0], 1); /* include:ip.example */
  assert_int_equal(v.path[1], 0); /* ip4:192.0.2.0/25 */
  v = check(&w, "inc.example", "203.0.113.1");
  assert_int_equal(v.depth, 1);
  assert_int_equal(v.path[0], 2);
  v = check(&w, "red.example", IP);
  assert_int_equal(v.depth, 2);
  assert_int_equal(v.path[0], 0);
  assert_int_equal(check(&w, "empty.example", IP).depth, 0);
  assert_int_equal(check(&w, "gone.example", IP).depth, 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(an_address_is_checked_as_the_rfc_says),
      cmocka_unit_test(the_terms_that_decide_are_told),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
