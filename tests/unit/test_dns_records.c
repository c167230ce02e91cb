/* SPDX-License-Identifier: Apache-2.0 */
/* DMARC and SPF records taken apart, and their faults. */
#include "dns_kit.h"

/* --- DMARC records ------------------------------------------------------------------------------------------------ */

static void what_begins_with_the_version_is_a_dmarc_record(void **state) {
  (void)state;
  static const char *const YES[] = {"v=DMARC1",  "v=DMARC1;p=none",     "v=DMARC1; p=none",
                                    "V=DMARC1;", "v = DMARC1 ; p=none", "v=DMARC1 ;p=none"};
  static const char *const NO[] = {"",
                                   "v=DMARC2; p=none",
                                   "v=dmarc1; p=none",
                                   "p=none; v=DMARC1",
                                   "v=DMARC1p=none",
                                   "v=DMARC10",
                                   "\"v=DMARC1",
                                   "v=spf1 -all",
                                   "v",
                                   "v=",
                                   "v=DMARC1, p=none"};
  for (unsigned i = 0; i < ARRAY_SIZE(YES); i++) assert_true(dmarc_record_is(YES[i]));
  for (unsigned i = 0; i < ARRAY_SIZE(NO); i++) assert_false(dmarc_record_is(NO[i]));
}

static void tags_are_read_whatever_blanks_and_case_they_have(void **state) {
  (void)state;
  _cleanup_arena_ struct arena *arena = arena_new(1024);
  struct dmarc_record r;
  dmarc_record_parse(&r, arena, "v=DMARC1 ; P = Reject;sp=none ;; rua=mailto:a@example.com,mailto:b@example.net;");
  assert_false(r.is_cut);
  assert_string_equal(dmarc_record_value(&r, "p"), "Reject");
  assert_int_equal(dmarc_record_policy(&r, "p"), POLICY_REJECT);
  assert_int_equal(dmarc_record_policy(&r, "sp"), POLICY_NONE);
  assert_int_equal(dmarc_record_policy(&r, "np"), POLICY_UNKNOWN);
  assert_null(dmarc_record_value(&r, "pct"));
}

static void a_record_without_fault_has_none_told(void **state) {
  (void)state;
  assert_string_equal(faults_of("v=DMARC1; p=reject; rua=mailto:dmarc@example.com"), "");
  assert_string_equal(faults_of("v=DMARC1;p=none;sp=reject;np=reject;adkim=s;aspf=R;fo=1:d:s;psd=n;t=n;"
                                "ruf=mailto:f@example.com;rua=mailto:dmarc@example.com;"),
                      "");
}

static void each_fault_of_a_record_is_named(void **state) {
  (void)state;
  static const struct {
    const char *text, *faults;
  } CASES[] = {
      {"v=DMARC1; rua=mailto:d@example.com", "missing_policy"},
      {"v=DMARC1; p=non; rua=mailto:d@example.com", "bad_policy"},
      {"v=DMARC1; p=none; sp=bounce; rua=mailto:d@example.com", "bad_policy"},
      {"v=DMARC1; p=none", "missing_rua"},
      {"v=DMARC1; p=none; rua=d@example.com", "bad_rua"},
      {"v=DMARC1; p=none; rua=mailto:example.com", "bad_rua"},
      {"v=DMARC1; p=none; rua=https://example.com/r", "bad_rua"},
      {"v=DMARC1; p=none; rua=mailto:d@exa mple.com", "bad_rua"},
      {"v=DMARC1; p=none; rua=mailto:d@example.com,", ""},
      {"v=DMARC1; p=none; rua=,mailto:d@example.com", "bad_rua"},
      {"v=DMARC1; p=none; rua=,,", "bad_rua bad_rua"},
      {"v=DMARC1; p=none; rua=mailto:d@example.com!10m", "rua_size"},
      {"v=DMARC1; p=none; rua=mailto:d@example.com; ruf=mailto:@example.com", "bad_rua"},
      {"v=DMARC1; p=reject; sp=none; rua=mailto:d@example.com", "weaker_subdomains"},
      {"v=DMARC1; p=reject; np=quarantine; rua=mailto:d@example.com", "weaker_subdomains"},
      {"v=DMARC1; p=none; sp=reject; np=none; rua=mailto:d@example.com", "weaker_subdomains"},
      {"v=DMARC1; p=reject; t=y; rua=mailto:d@example.com", "testing"},
      {"v=DMARC1; p=reject; pct=50; rua=mailto:d@example.com", "sampled"},
      {"v=DMARC1; p=reject; pct=100; rua=mailto:d@example.com", "historic_tag"},
      {"v=DMARC1; p=none; rua=mailto:d@example.com; ri=86400", "historic_tag"},
      {"v=DMARC1; p=none; rua=mailto:d@example.com; ruaa=x", "unknown_tag"},
      {"v=DMARC1; p=none; rua=mailto:d@example.com; none", "bad_tag"},
      {"v=DMARC1; p=none; rua=mailto:d@example.com; adkim=", "bad_tag"},
      {"v=DMARC1; p=none; rua=mailto:d@example.com; adkim=x", "bad_value"},
      {"v=DMARC1; p=none; rua=mailto:d@example.com; fo=0:1", "bad_value"},
      {"v=DMARC1; p=none; rua=mailto:d@example.com; fo=dd", "bad_value"},
      {"v=DMARC1; p=none; rua=mailto:d@example.com; fo=d:d", "bad_value"},
      {"v=DMARC1; p=none; p=reject; rua=mailto:d@example.com", "duplicate_tag"},
      {"v=DMARC1; p=none, rua=mailto:d@example.com", "bad_policy missing_rua missing_semicolon"},
      {"v=DMARC1; p=none rua=mailto:d@example.com", "bad_policy missing_rua missing_semicolon"},
      {"v=DMARC1; p=none; adkim=r aspf=s; rua=mailto:d@example.com", "bad_value missing_semicolon"},
      {" v=DMARC1; p=none; rua=mailto:d@example.com", "leading_blank"},
      {"v=DMARC1 p=none; rua=mailto:d@example.com", "bad_version missing_policy missing_semicolon"},
      {"v=DMARC1; p=none; rua=mailto: d@example.com", "bad_rua"},
      {"v=DMARC1; p=none; rua=mailto:d@example.com mailto:e@example.com", "bad_rua"},
      {"v=DMARC1; p=none; rua=mailto:mailto:d@example.com", "bad_rua"},
      {"v=DMARC1; p=none; rua=mailto:d@e@example.com", "bad_rua"},
      {"v=DMARC1; p=none; rua=mailto:<d@example.com>", "bad_rua"},
      {"v=DMARC1; p=none; rua=mailto:d@example.com;mailto:e@example.com", "bad_tag"},
      {"v=DMARC1; p=none; rua=mailto:d%40x@example.com", ""},
      {"v=DMARC1;\\194\\160p=none; rua=mailto:d@example.com", "strange_bytes missing_policy bad_tag"},
      {"v=DMARC1; p=none; rua=mailto:d\\195\\169@example.com", "strange_bytes bad_rua"},
      {"v=DMARC1; p=none; rua=mailto:d\xc3\xa9@example.com", "strange_bytes bad_rua"},
  };
  for (unsigned i = 0; i < ARRAY_SIZE(CASES); i++)
    if (strcmp(faults_of(CASES[i].text), CASES[i].faults) != 0)
      fail_msg("%s: \"%s\", expected \"%s\"", CASES[i].text, faults_of(CASES[i].text), CASES[i].faults);
}

static void the_host_of_an_address_is_what_stands_behind_its_last_at(void **state) {
  (void)state;
  _cleanup_arena_ struct arena *arena = arena_new(1024);
  struct dmarc_record r;
  struct dmarc_uri uris[MOST_DMARC_URIS];
  dmarc_record_parse(&r, arena,
                     "v=DMARC1; rua= mailto:a@Example.COM , MAILTO:b@example.net!10m,mailto:c@example.org?x=@y, ftp:x");
  assert_int_equal(dmarc_record_uris(&r, "rua", arena, uris), 4);
  assert_string_equal(uris[0].host, "example.com");
  assert_string_equal(uris[0].text, "mailto:a@Example.COM");
  assert_string_equal(uris[1].host, "example.net");
  assert_true(uris[1].is_sized);
  assert_string_equal(uris[2].host, "example.org");
  assert_null(uris[3].host);
}

static void another_policy_leaves_every_other_byte(void **state) {
  (void)state;
  static const struct {
    const char *text;
    struct dmarc_change change;
    const char *expected;
  } CASES[] = {
      {"v=DMARC1; p=none; rua=mailto:d@example.com",
       {.p = "quarantine"},
       "v=DMARC1; p=quarantine; rua=mailto:d@example.com"},
      {"v=DMARC1;p=none;rua=mailto:d@example.com;", {.p = "reject"}, "v=DMARC1;p=reject;rua=mailto:d@example.com;"},
      {"v=DMARC1 ;  P =  None  ;x-y=z; ri=86400", {.p = "reject"}, "v=DMARC1 ;  P =  reject  ;x-y=z; ri=86400"},
      {"v=DMARC1; p=none; pct=50; fo=1", {.p = "quarantine"}, "v=DMARC1; p=quarantine; fo=1"},
      {"v=DMARC1; p=none; pct=100", {.p = "quarantine"}, "v=DMARC1; p=quarantine"},
      {"v=DMARC1; p=quarantine; t=y; rua=mailto:d@example.com",
       {.p = "quarantine"},
       "v=DMARC1; p=quarantine; rua=mailto:d@example.com"},
      {"v=DMARC1; p=none; rua=mailto:d@example.com",
       {.p = "quarantine", .testing = true},
       "v=DMARC1; p=quarantine; t=y; rua=mailto:d@example.com"},
      {"v=DMARC1;p=none;fo=1",
       {.p = "reject", .sp = "reject", .testing = true},
       "v=DMARC1;p=reject;sp=reject;t=y;fo=1"},
      {"v=DMARC1; sp=none; p=none", {.p = "reject", .sp = "quarantine"}, "v=DMARC1; sp=quarantine; p=reject"},
      {"v=DMARC1; rua=mailto:d@example.com", {.p = "reject"}, "v=DMARC1; p=reject; rua=mailto:d@example.com"},
      {"v=DMARC1", {.p = "reject"}, "v=DMARC1; p=reject"},
      {"v=DMARC1; p=none; p=reject; fo=1", {.p = "quarantine"}, "v=DMARC1; p=quarantine; fo=1"},
      {"v=DMARC1; p=none; sp=none", {.p = "reject"}, "v=DMARC1; p=reject; sp=none"},
      {"v=DMARC1; pct=20; p=none", {.p = "reject", .testing = true}, "v=DMARC1; p=reject; t=y"},
      {"  v=DMARC1; p=none; fo=1", {.p = "reject"}, "v=DMARC1; p=reject; fo=1"},
      {"v=DMARC1;\\194\\160p=none;\\194\\160rua=mailto:d@example.com",
       {.p = "quarantine"},
       "v=DMARC1; p=quarantine; rua=mailto:d@example.com"},
      {"v=DMARC1; p=none\xc2\xa0; fo=1; rua=mailto:d@example.com\\226\\128\\139",
       {.p = "quarantine"},
       "v=DMARC1; p=quarantine; fo=1; rua=mailto:d@example.com"},
      {"v=DMARC1; p=none; x\\195\\169y=z; rua=mailto:d\\195\\169@example.com",
       {.p = "quarantine"},
       "v=DMARC1; p=quarantine; rua=mailto:<where your reports go>"},
      {"v=DMARC1;\\000\\027[31m; p\\000=none; fo=\\027", {.p = "reject"}, "v=DMARC1; p=reject; fo="},
  };
  for (unsigned i = 0; i < ARRAY_SIZE(CASES); i++) {
    _cleanup_arena_ struct arena *arena = arena_new(1024);
    struct dmarc_record r;
    dmarc_record_parse(&r, arena, CASES[i].text);
    _cleanup_free_ char *changed = dmarc_record_with_policy(&r, &CASES[i].change);
    assert_string_equal(changed, CASES[i].expected);
  }
}

static void a_record_of_a_thousand_pieces_is_cut(void **state) {
  (void)state;
  _cleanup_arena_ struct arena *arena = arena_new(1024);
  _cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
  struct dmarc_record r;
  strbuf_add_text(&text, "v=DMARC1; p=none");
  for (int i = 0; i < 1000; i++) strbuf_add_text(&text, ";x");
  dmarc_record_parse(&r, arena, strbuf_text(&text));
  assert_true(r.is_cut);
  assert_int_equal(r.count, MOST_DMARC_PIECES);
  assert_int_equal(dmarc_record_policy(&r, "p"), POLICY_NONE);
}

/* --- SPF ---------------------------------------------------------------------------------------------------------- */

static const struct zone_line SPF_ZONE[] = {
    {DNS_TXT, "open.example", "v=spf1 +all"},
    {DNS_TXT, "soft.example", "V=SPF1 ip4:192.0.2.1 ~ALL"},
    {DNS_TXT, "endless.example", "v=spf1 ip4:192.0.2.1"},
    {DNS_TXT, "neutral.example", "v=spf1 ?all"},
    {DNS_TXT, "redirect.example", "v=spf1 ip4:192.0.2.1 redirect=soft.example"},
    {DNS_TXT, "both.example", "v=spf1 redirect=nowhere.example -all include:behind.example"},
    {DNS_TXT, "two.example", "v=spf1 -all"},
    {DNS_TXT, "two.example", "v=spf1 ~all"},
    {DNS_TXT, "other.example", "v=spf10 -all"},
    {DNS_TXT, "loop.example", "v=spf1 include:loop2.example -all"},
    {DNS_TXT, "loop2.example", "v=spf1 include:LOOP.example. -all"},
    {DNS_TXT, "gone.example", "v=spf1 include:nowhere.example -all"},
    {DNS_TXT, "bad.example", "v=spf1 ip4:192.0.2.300 foo:x -all"},
    {DNS_TXT, "ptr.example", "v=spf1 ptr -all"},
    {DNS_TXT, "macro.example", "v=spf1 exists:%{i}._spf.example include:%{d}._spf.example -all"},
    {DNS_TXT, "void.example", "v=spf1 a:n1.example a:n2.example/24 mx:n3.example a:here.example/24//64 -all"},
    {DNS_AAAA, "here.example", "2001:db8::1"},
    {DNS_TXT, "wide.example", "v=spf1 include:w1.example include:w1.example include:w1.example -all"},
    {DNS_TXT, "w1.example", "v=spf1 mx a:a1.example exists:e.example -all"},
    {DNS_MX, "w1.example", "mx.example"},
    {DNS_A, "a1.example", "192.0.2.1"},
    {DNS_A, "e.example", "127.0.0.2"},
    {DNS_TXT, "bomb.example",
     "v=spf1 include:b1.example include:b1.example include:b1.example include:b1.example -all"},
    {DNS_TXT, "b1.example", "v=spf1 include:b2.example include:b2.example include:b2.example include:b2.example -all"},
    {DNS_TXT, "b2.example", "v=spf1 include:b3.example include:b3.example include:b3.example include:b3.example -all"},
    {DNS_TXT, "b3.example", "v=spf1 include:b4.example include:b4.example include:b4.example include:b4.example -all"},
    {DNS_TXT, "b4.example", "v=spf1 a a a a a a a a a a -all"},
    {DNS_A, "b4.example", "192.0.2.1"},
    {DNS_TXT, "exp.example", "v=spf1 exp=why.example moo.cow-far_out=man -all"},
    {DNS_TXT, "twice.example", "v=spf1 redirect=soft.example redirect=two.example"},
    {DNS_TXT, "exps.example", "v=spf1 -all exp=why.example exp=why.example"},
    {DNS_TXT, "equals.example", "v=spf1 ip4=192.0.2.1 include=soft.example -all"},
    {DNS_TXT, "behind.example", "v=spf1 -all ip4:192.0.2.1 include:nowhere.example exp=why.example x=y"},
    {DNS_TXT, "openinc.example", "v=spf1 include:open.example -all"},
    {DNS_TXT, "noinc.example", "v=spf1 -include:open.example ~include:open.example ~all"},
    {DNS_TXT, "openred.example", "v=spf1 redirect=open.example"},
    {DNS_TXT, "zero.example", "v=spf1 ip4:192.0.2.1/0 -all"},
    {DNS_TXT, "notzero.example", "v=spf1 -ip4:0.0.0.0/0 ?ip6:::/0 -all"},
    {DNS_TXT, "halves.example", "v=spf1 ip4:0.0.0.0/2 include:half.example -all"},
    {DNS_TXT, "half.example", "v=spf1 ip4:64.0.0.0/2 -all"},
    {DNS_TXT, "azero.example", "v=spf1 a:a1.example/0 -all"},
    {DNS_TXT, "mxsix.example", "v=spf1 mx:w1.example//1 -all"},
    {DNS_TXT, "eleven.example", "v=spf1 mx -all"},
    {DNS_MX, "eleven.example", "m0.example"},
    {DNS_MX, "eleven.example", "m1.example"},
    {DNS_MX, "eleven.example", "m2.example"},
    {DNS_MX, "eleven.example", "m3.example"},
    {DNS_MX, "eleven.example", "m4.example"},
    {DNS_MX, "eleven.example", "m5.example"},
    {DNS_MX, "eleven.example", "m6.example"},
    {DNS_MX, "eleven.example", "m7.example"},
    {DNS_MX, "eleven.example", "m8.example"},
    {DNS_MX, "eleven.example", "m9.example"},
    {DNS_TXT, "ten.example", "v=spf1 mx:eleven.example mx:ten.example -all"},
    {DNS_MX, "ten.example", "m0.example"},
    {DNS_MX, "eleven.example", "m10.example"},
    {DNS_TXT, "near.example", " v=spf1 ip4:192.0.2.1 -all"},
    {DNS_TXT, "beside.example", "v=spf1 ip4:192.0.2.1 -all"},
    {DNS_TXT, "beside.example", "v=spf1; ip4:192.0.2.2 -all"},
    {DNS_TXT, "incnear.example", "v=spf1 include:near.example -all"},
    {0, NULL, NULL},
};

static void spf_records_are_weighed(void **state) {
  (void)state;
  static const struct {
    const char *domain, *faults;
    enum spf_end end;
    unsigned lookups, voids;
  } CASES[] = {
      {"open.example", "spf_open", SPF_END_PASS, 0, 0},
      {"soft.example", "", SPF_END_SOFTFAIL, 0, 0},
      {"endless.example", "spf_neutral", SPF_END_NEUTRAL_DEFAULT, 0, 0},
      {"neutral.example", "spf_neutral", SPF_END_NEUTRAL, 0, 0},
      {"redirect.example", "", SPF_END_SOFTFAIL, 1, 0},
      {"both.example", "spf_ignored spf_ignored", SPF_END_FAIL, 0, 0},
      {"two.example", "several_spf", SPF_END_NEUTRAL_DEFAULT, 0, 0},
      {"other.example", "spf_version", SPF_END_NEUTRAL_DEFAULT, 0, 0},
      {"loop.example", "spf_loop", SPF_END_FAIL, 2, 0},
      {"gone.example", "spf_include", SPF_END_FAIL, 1, 0},
      {"bad.example", "spf_syntax spf_syntax", SPF_END_FAIL, 0, 0},
      {"ptr.example", "spf_ptr", SPF_END_FAIL, 1, 0},
      {"macro.example", "", SPF_END_FAIL, 2, 0},
      {"void.example", "spf_void", SPF_END_FAIL, 4, 3},
      {"wide.example", "spf_lookups", SPF_END_FAIL, 12, 0},
      {"bomb.example", "spf_lookups", SPF_END_FAIL, MOST_SPF_LOOKUPS, 0},
      {"exp.example", "", SPF_END_FAIL, 0, 0},
      {"twice.example", "spf_duplicate", SPF_END_SOFTFAIL, 1, 0},
      {"exps.example", "spf_duplicate", SPF_END_FAIL, 0, 0},
      {"equals.example", "spf_ignored spf_ignored", SPF_END_FAIL, 0, 0},
      {"behind.example", "spf_ignored spf_ignored", SPF_END_FAIL, 0, 0},
      {"openinc.example", "spf_open", SPF_END_FAIL, 1, 0},
      {"noinc.example", "", SPF_END_SOFTFAIL, 2, 0},
      {"openred.example", "spf_open", SPF_END_PASS, 1, 0},
      {"zero.example", "spf_open", SPF_END_FAIL, 0, 0},
      {"notzero.example", "", SPF_END_FAIL, 0, 0},
      {"halves.example", "spf_wide spf_open", SPF_END_FAIL, 1, 0},
      {"azero.example", "spf_open", SPF_END_FAIL, 1, 0},
      {"mxsix.example", "spf_open", SPF_END_FAIL, 1, 0},
      {"eleven.example", "spf_mx", SPF_END_FAIL, 1, 0},
      {"ten.example", "spf_mx", SPF_END_FAIL, 2, 0},
      {"near.example", "spf_version", SPF_END_NEUTRAL_DEFAULT, 0, 0},
      {"beside.example", "spf_version", SPF_END_FAIL, 0, 0},
      {"incnear.example", "spf_include", SPF_END_FAIL, 1, 0},
  };
  _cleanup_world_ struct world w;
  world_open(&w, SPF_ZONE);
  for (unsigned i = 0; i < ARRAY_SIZE(CASES); i++) {
    struct spf spf;
    struct dns_faults faults;
    char joined[256] = "";
    assert_true(spf_look(w.dns, CASES[i].domain, w.arena, &spf, &faults));
    for (unsigned f = 0; f < faults.count; f++)
      snprintf(joined + strlen(joined), sizeof joined - strlen(joined), "%s%s", *joined ? " " : "",
               faults.items[f].fault);
    if (strcmp(joined, CASES[i].faults) || spf.end != CASES[i].end || spf.lookups != CASES[i].lookups ||
        spf.voids != CASES[i].voids)
      fail_msg("%s: \"%s\", end %d, %u look-ups, %u void", CASES[i].domain, joined, (int)spf.end, spf.lookups,
               spf.voids);
  }
}

static void nobody_is_told_to_refuse_what_a_text_near_a_record_sends(void **state) {
  (void)state;
  static const char *const DOMAINS[] = {"near.example", "incnear.example", "beside.example"};
  _cleanup_world_ struct world w;
  world_open(&w, SPF_ZONE);
  for (unsigned i = 0; i < ARRAY_SIZE(DOMAINS); i++) {
    struct spf spf;
    struct dns_faults faults;
    assert_true(spf_look(w.dns, DOMAINS[i], w.arena, &spf, &faults));
    assert_false(has_fault(&faults, "no_spf"));
    for (unsigned f = 0; f < faults.count; f++) assert_null(strstr(faults.items[f].detail, "publish"));
    assert_true(!spf.near == (i > 0));
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(what_begins_with_the_version_is_a_dmarc_record),
      cmocka_unit_test(tags_are_read_whatever_blanks_and_case_they_have),
      cmocka_unit_test(a_record_without_fault_has_none_told),
      cmocka_unit_test(each_fault_of_a_record_is_named),
      cmocka_unit_test(the_host_of_an_address_is_what_stands_behind_its_last_at),
      cmocka_unit_test(another_policy_leaves_every_other_byte),
      cmocka_unit_test(a_record_of_a_thousand_pieces_is_cut),
      cmocka_unit_test(spf_records_are_weighed),
      cmocka_unit_test(nobody_is_told_to_refuse_what_a_text_near_a_record_sends),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
