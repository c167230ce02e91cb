/* SPDX-License-Identifier: Apache-2.0 */
/* The DNS without a network: records taken apart, replies read from their bytes, and what follows from the answers of a
 * zone that lies in this file. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "base/mem.h"
#include "dns/dmarc_record.h"
#include "dns/message.h"
#include "dns/published.h"
#include "dns/resolver.h"
#include "dns/reverse.h"
#include "dns/tree_walk.h"

/* --- a zone ------------------------------------------------------------------------------------------------------- */

/* Everything that is not listed does not exist. A text "!" fails, "@NAME" is an alias to nowhere. */
struct zone_line {
  enum dns_type type;
  const char *name, *text;
};

struct world {
  const struct zone_line *lines;
  struct dns *dns;
  struct arena *arena;
  unsigned asked;
};

static bool answer_from_zone(void *user, enum dns_type type, const char *name, struct arena *arena,
                             struct dns_answer *ret) {
  struct world *w = user;
  const char **texts = arena_alloc(arena, 32 * sizeof *texts);
  *ret = (struct dns_answer){.status = DNS_NONE, .texts = texts, .expires_s = INT64_MAX};
  w->asked++;
  for (const struct zone_line *line = w->lines; line->name; line++) {
    if (line->type != type || strcmp(line->name, name) != 0) continue;
    if (!strcmp(line->text, "!")) {
      ret->status = DNS_FAILED;
      return true;
    }
    ret->status = *line->text == '@' ? DNS_NONE : DNS_OK;
    texts[ret->count++] = *line->text == '@' ? line->text + 1 : line->text;
  }
  return true;
}

static void world_open(struct world *w, const struct zone_line *lines) {
  struct err e;
  *w = (struct world){.lines = lines, .arena = arena_new(4096)};
  const struct dns_options options = {.server = "127.0.0.1:9", .cache = {.get = answer_from_zone, .user = w}};
  assert_int_equal(dns_open(&options, &w->dns, &e), 0);
}

static void world_close(struct world *w) {
  dns_close(w->dns);
  arena_free(w->arena);
}
#define _cleanup_world_ __attribute__((cleanup(world_close)))

static bool has_fault(const struct dns_faults *f, const char *fault) {
  for (unsigned i = 0; i < f->count; i++)
    if (!strcmp(f->items[i].fault, fault)) return true;
  return false;
}

/* The faults of a text by itself, joined by blanks. */
static const char *faults_of(const char *text) {
  static char joined[512];
  _cleanup_arena_ struct arena *arena = arena_new(1024);
  struct dmarc_record r;
  struct dns_faults faults = {.count = 0};
  dmarc_record_parse(&r, arena, text);
  dmarc_record_check(&r, arena, &faults);
  *joined = '\0';
  for (unsigned i = 0; i < faults.count; i++) {
    assert_memory_equal(faults.items[i].section, "RFC ", 4);
    snprintf(joined + strlen(joined), sizeof joined - strlen(joined), "%s%s", *joined ? " " : "",
             faults.items[i].fault);
  }
  return joined;
}

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
  assert_true(
      dmarc_record_parse(&r, arena, "v=DMARC1 ; P = Reject;sp=none ;; rua=mailto:a@example.com,mailto:b@example.net;"));
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
      {"v=DMARC1; p=none, rua=mailto:d@example.com", "bad_policy missing_rua"},
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
  assert_false(dmarc_record_parse(&r, arena, strbuf_text(&text)));
  assert_int_equal(r.count, MOST_DMARC_PIECES);
  assert_int_equal(dmarc_record_policy(&r, "p"), POLICY_NONE);
}

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
      {"both.example", "", SPF_END_FAIL, 0, 0},
      {"two.example", "several_spf", SPF_END_NEUTRAL_DEFAULT, 0, 0},
      {"other.example", "no_spf", SPF_END_NEUTRAL_DEFAULT, 0, 0},
      {"loop.example", "spf_loop", SPF_END_FAIL, 2, 0},
      {"gone.example", "spf_include", SPF_END_FAIL, 1, 0},
      {"bad.example", "spf_syntax spf_syntax", SPF_END_FAIL, 0, 0},
      {"ptr.example", "spf_ptr", SPF_END_FAIL, 1, 0},
      {"macro.example", "", SPF_END_FAIL, 2, 0},
      {"void.example", "spf_void", SPF_END_FAIL, 4, 3},
      {"wide.example", "spf_lookups", SPF_END_FAIL, 12, 0},
      {"bomb.example", "spf_lookups", SPF_END_FAIL, MOST_SPF_LOOKUPS, 0},
      {"exp.example", "", SPF_END_FAIL, 0, 0},
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

/* --- replies ------------------------------------------------------------------------------------------------------ */

struct packet {
  unsigned char bytes[2048];
  size_t size;
};

static void add_16(struct packet *p, unsigned n) {
  p->bytes[p->size++] = (unsigned char)(n >> 8);
  p->bytes[p->size++] = (unsigned char)n;
}
static void add_32(struct packet *p, uint32_t n) {
  add_16(p, n >> 16);
  add_16(p, n & 0xffff);
}
static void add_name(struct packet *p, const char *name) {
  while (*name) {
    size_t length = strcspn(name, ".");
    p->bytes[p->size++] = (unsigned char)length;
    memcpy(p->bytes + p->size, name, length);
    p->size += length;
    name += length + (name[length] == '.');
  }
  p->bytes[p->size++] = 0;
}
static void begin(struct packet *p, int rcode, unsigned answers, unsigned authority, const char *name, int type) {
  *p = (struct packet){.size = 0};
  add_16(p, 0x1234);
  add_16(p, 0x8180 | (unsigned)rcode);
  add_16(p, 1);
  add_16(p, answers);
  add_16(p, authority);
  add_16(p, 0);
  add_name(p, name);
  add_16(p, (unsigned)type);
  add_16(p, 1);
}
static void add_record(struct packet *p, const char *name, int type, uint32_t ttl_s, const void *data, size_t size) {
  add_name(p, name);
  add_16(p, (unsigned)type);
  add_16(p, 1);
  add_32(p, ttl_s);
  add_16(p, (unsigned)size);
  memcpy(p->bytes + p->size, data, size);
  p->size += size;
}
static void add_name_record(struct packet *p, const char *name, int type, uint32_t ttl_s, const char *target) {
  struct packet data = {.size = 0};
  add_name(&data, target);
  add_record(p, name, type, ttl_s, data.bytes, data.size);
}
enum { WIRE_A = 1, WIRE_CNAME = 5, WIRE_SOA = 6, WIRE_PTR = 12, WIRE_TXT = 16 };

static struct dns_reply read_packet(const struct packet *p, enum dns_type type, const char *name, struct arena *arena) {
  struct dns_reply reply;
  dns_message_read(p->bytes, p->size, type, name, arena, &reply);
  return reply;
}

static void strings_of_a_text_are_joined_and_odd_bytes_shown(void **state) {
  (void)state;
  _cleanup_arena_ struct arena *arena = arena_new(1024);
  struct packet p;
  static const char DATA[] = "\003v=D\005MARC1\004;\033\0\377";
  begin(&p, 0, 1, 0, "_dmarc.example.com", WIRE_TXT);
  add_record(&p, "_dmarc.Example.COM", WIRE_TXT, 300, DATA, sizeof DATA - 1);
  struct dns_reply r = read_packet(&p, DNS_TXT, "_dmarc.example.com", arena);
  assert_int_equal(r.status, DNS_OK);
  assert_int_equal(r.count, 1);
  assert_string_equal(r.texts[0], "v=DMARC1;\\027\\000\\255");
  assert_int_equal(r.ttl_s, 300);
}

static void aliases_are_followed_and_the_shortest_time_counts(void **state) {
  (void)state;
  _cleanup_arena_ struct arena *arena = arena_new(1024);
  struct packet p;
  begin(&p, 0, 4, 0, "10.2.0.192.in-addr.arpa", WIRE_PTR); /* RFC 2317 */
  add_name_record(&p, "10.2.0.192.in-addr.arpa", WIRE_CNAME, 3600, "10.0/25.2.0.192.in-addr.arpa");
  add_name_record(&p, "10.0/25.2.0.192.in-addr.arpa", WIRE_CNAME, 60, "ptr.example.net");
  add_name_record(&p, "ptr.example.net", WIRE_PTR, 7200, "Mail.Example.NET");
  add_name_record(&p, "somebody.example.net", WIRE_PTR, 7200, "else.example.net");
  struct dns_reply r = read_packet(&p, DNS_PTR, "10.2.0.192.in-addr.arpa", arena);
  assert_int_equal(r.count, 1);
  assert_string_equal(r.texts[0], "mail.example.net");
  assert_int_equal(r.ttl_s, 60);
}

static void names_with_odd_bytes_are_left_out(void **state) {
  (void)state;
  _cleanup_arena_ struct arena *arena = arena_new(1024);
  static const char *const ODD[] = {"a b.example.net",
                                    "\033[31m.example.net",
                                    "\303\244.example.net",
                                    "x;y.example.net",
                                    "good.example.net",
                                    "..",
                                    ""};
  struct packet p;
  begin(&p, 0, 6, 0, "10.2.0.192.in-addr.arpa", WIRE_PTR);
  for (unsigned i = 0; i < 6; i++) add_name_record(&p, "10.2.0.192.in-addr.arpa", WIRE_PTR, 60, ODD[i]);
  struct dns_reply r = read_packet(&p, DNS_PTR, "10.2.0.192.in-addr.arpa", arena);
  assert_int_equal(r.count, 1);
  assert_string_equal(r.texts[0], "good.example.net");
}

static void a_negative_reply_lasts_as_long_as_its_soa_says(void **state) {
  (void)state;
  _cleanup_arena_ struct arena *arena = arena_new(1024);
  struct packet p, soa = {.size = 0};
  add_name(&soa, "ns.example.com");
  add_name(&soa, "hostmaster.example.com");
  for (int i = 0; i < 5; i++) add_32(&soa, i == 4 ? 900 : 1);
  for (int rcode = 0; rcode <= 3; rcode += 3) {
    begin(&p, rcode, 0, 1, "_dmarc.example.com", WIRE_TXT);
    add_record(&p, "example.com", WIRE_SOA, 3600, soa.bytes, soa.size);
    struct dns_reply r = read_packet(&p, DNS_TXT, "_dmarc.example.com", arena);
    assert_int_equal(r.status, DNS_NONE);
    assert_true(r.ttl_told);
    assert_int_equal(r.ttl_s, 900);
  }
  begin(&p, 3, 0, 0, "_dmarc.example.com", WIRE_TXT);
  assert_false(read_packet(&p, DNS_TXT, "_dmarc.example.com", arena).ttl_told);
}

static void an_alias_to_nowhere_says_where_it_leads(void **state) {
  (void)state;
  _cleanup_arena_ struct arena *arena = arena_new(1024);
  struct packet p;
  begin(&p, 3, 1, 0, "_dmarc.example.com", WIRE_TXT);
  add_name_record(&p, "_dmarc.example.com", WIRE_CNAME, 60, "gone.example.net");
  struct dns_reply r = read_packet(&p, DNS_TXT, "_dmarc.example.com", arena);
  assert_int_equal(r.status, DNS_NONE);
  assert_int_equal(r.count, 1);
  assert_string_equal(r.texts[0], "gone.example.net");
}

static void replies_that_say_nothing_have_failed(void **state) {
  (void)state;
  _cleanup_arena_ struct arena *arena = arena_new(1024);
  struct packet p;
  begin(&p, 2, 0, 0, "example.com", WIRE_TXT); /* SERVFAIL */
  assert_int_equal(read_packet(&p, DNS_TXT, "example.com", arena).status, DNS_FAILED);
  begin(&p, 0, 0, 0, "example.org", WIRE_TXT); /* another question */
  assert_int_equal(read_packet(&p, DNS_TXT, "example.com", arena).status, DNS_FAILED);
  begin(&p, 0, 2, 0, "a.example.com", WIRE_A); /* aliases in a ring */
  add_name_record(&p, "a.example.com", WIRE_CNAME, 60, "b.example.com");
  add_name_record(&p, "b.example.com", WIRE_CNAME, 60, "a.example.com");
  assert_int_equal(read_packet(&p, DNS_A, "a.example.com", arena).status, DNS_FAILED);
  p.size = 5;
  assert_int_equal(read_packet(&p, DNS_A, "a.example.com", arena).status, DNS_FAILED);
  p.size = 0;
  assert_int_equal(read_packet(&p, DNS_A, "a.example.com", arena).status, DNS_FAILED);
}

static void more_texts_than_are_kept_are_unknown(void **state) {
  (void)state;
  _cleanup_arena_ struct arena *arena = arena_new(1024);
  struct {
    struct packet p;
    unsigned char more[30000];
  } *big = mem_zalloc(sizeof *big);
  unsigned char data[256];
  memset(data, 'x', sizeof data);
  data[0] = 255;
  begin(&big->p, 0, 90, 0, "example.com", WIRE_TXT);
  unsigned char *bytes = mem_zalloc(40000);
  size_t size = big->p.size;
  memcpy(bytes, big->p.bytes, size);
  for (int i = 0; i < 90; i++) {
    struct packet one = {.size = 0};
    add_record(&one, "example.com", WIRE_TXT, 60, data, sizeof data);
    memcpy(bytes + size, one.bytes, one.size);
    size += one.size;
  }
  struct dns_reply reply;
  dns_message_read(bytes, size, DNS_TXT, "example.com", arena, &reply);
  assert_int_equal(reply.status, DNS_FAILED);
  free(bytes);
  free(big);
}

/* Each byte of a reply changed and each length cut: whatever is read, nothing is overrun (the sanitizers tell). */
static void a_mangled_reply_does_no_harm(void **state) {
  (void)state;
  struct packet p;
  begin(&p, 0, 3, 0, "a.example.com", WIRE_TXT);
  add_name_record(&p, "a.example.com", WIRE_CNAME, 60, "b.example.com");
  add_record(&p, "b.example.com", WIRE_TXT, 60, "\004text\003xyz", 9);
  add_record(&p, "b.example.com", WIRE_TXT, 60, "\004text", 5);
  unsigned seed = 1;
  for (size_t cut = 0; cut <= p.size; cut++) {
    for (int round = 0; round < 64; round++) {
      _cleanup_arena_ struct arena *arena = arena_new(1024);
      _cleanup_free_ unsigned char *bytes = mem_alloc(cut + 1);
      struct dns_reply reply;
      memcpy(bytes, p.bytes, cut);
      for (int i = 0; cut && i < round % 4; i++) {
        seed = seed * 1103515245 + 12345;
        bytes[(seed >> 16) % cut] = (unsigned char)(seed >> 8);
      }
      unsigned char *exact = mem_realloc(TAKE_PTR(bytes), cut ? cut : 1);
      for (int type = 0; type < DNS_TYPES; type++)
        dns_message_read(exact, cut, (enum dns_type)type, "a.example.com", arena, &reply);
      free(exact);
    }
  }
}

/* --- the resolver ------------------------------------------------------------------------------------------------- */

static void a_server_is_an_address_with_a_port_or_without(void **state) {
  (void)state;
  static const char *const GOOD[] = {"192.0.2.1", "192.0.2.1:53", "2001:db8::1", "[2001:db8::1]", "[2001:db8::1]:5353"};
  static const char *const BAD[] = {
      "",           "ns.example.com", "192.0.2.1:",      "192.0.2.1:0", "192.0.2.1:65536",
      "[192.0.2.1", "[::1]x",         "[2001:db8::1]:a", ":53",         "192.0.2.1:53:53"};
  for (unsigned i = 0; i < ARRAY_SIZE(GOOD); i++) {
    struct dns *d = NULL;
    struct err e;
    assert_int_equal(dns_open(&(struct dns_options){.server = GOOD[i]}, &d, &e), 0);
    dns_close(d);
  }
  for (unsigned i = 0; i < ARRAY_SIZE(BAD); i++) {
    struct dns *d = NULL;
    struct err e;
    assert_int_equal(dns_open(&(struct dns_options){.server = BAD[i]}, &d, &e), ERR_USAGE);
    assert_null(d);
  }
}

static void only_harmless_names_are_asked_for(void **state) {
  (void)state;
  static const char *const NO[] = {"",   ".",           "a..b", "a b", "a\\032b", "b\303\274cher.example",
                                   "x.", "Example.com", "a/b"};
  assert_true(dns_name_is_askable("_dmarc.xn--bcher-kva.example"));
  for (unsigned i = 0; i < ARRAY_SIZE(NO); i++) assert_false(dns_name_is_askable(NO[i]));
  char label[65] = {0};
  memset(label, 'a', 64);
  assert_false(dns_name_is_askable(label));
}

static void without_time_everything_is_unanswered(void **state) {
  (void)state;
  struct dns *d = NULL;
  struct err e;
  struct dns_counts counts;
  assert_int_equal(dns_open(&(struct dns_options){.server = "127.0.0.1:9"}, &d, &e), 0);
  assert_null(dns_look(d, DNS_TXT, "example.com"));
  assert_null(dns_look(d, DNS_TXT, "example.com"));
  assert_null(dns_look(d, DNS_A, "example.com"));
  assert_int_equal(dns_look(d, DNS_A, "not a name")->status, DNS_FAILED);
  dns_run(d);
  assert_int_equal(dns_look(d, DNS_TXT, "example.com")->status, DNS_FAILED);
  dns_count(d, &counts);
  assert_int_equal(counts.asked, 0);
  assert_int_equal(counts.unanswered, 2);
  dns_close(d);
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
      cmocka_unit_test(the_organizational_domain_is_found_by_the_walk),
      cmocka_unit_test(a_walk_asks_at_most_eight_names),
      cmocka_unit_test(the_record_that_applies_is_the_own_one_or_the_organizations),
      cmocka_unit_test(what_the_dns_does_not_say_is_unknown),
      cmocka_unit_test(published_records_and_their_faults_are_gathered),
      cmocka_unit_test(a_missing_record_says_why_it_is_missing),
      cmocka_unit_test(what_could_not_be_asked_is_no_fault),
      cmocka_unit_test(a_subdomain_without_a_record_inherits),
      cmocka_unit_test(spf_records_are_weighed),
      cmocka_unit_test(a_name_counts_where_it_leads_back),
      cmocka_unit_test(strings_of_a_text_are_joined_and_odd_bytes_shown),
      cmocka_unit_test(aliases_are_followed_and_the_shortest_time_counts),
      cmocka_unit_test(names_with_odd_bytes_are_left_out),
      cmocka_unit_test(a_negative_reply_lasts_as_long_as_its_soa_says),
      cmocka_unit_test(an_alias_to_nowhere_says_where_it_leads),
      cmocka_unit_test(replies_that_say_nothing_have_failed),
      cmocka_unit_test(more_texts_than_are_kept_are_unknown),
      cmocka_unit_test(a_mangled_reply_does_no_harm),
      cmocka_unit_test(a_server_is_an_address_with_a_port_or_without),
      cmocka_unit_test(only_harmless_names_are_asked_for),
      cmocka_unit_test(without_time_everything_is_unanswered),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
