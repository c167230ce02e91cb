/* SPDX-License-Identifier: Apache-2.0 */
/* Records that are proposed, on both sides of each reason. */
#include "judged_kit.h"

#include "analysis/proposed.h"

#define RUA "; rua=mailto:dmarc@example.com"
#define REPORTERS 4
static const char *const NAMES[REPORTERS] = {"a.example.net", "b.example.net", "c.example.net", "d.example.net"};

static int keep(void *user, const struct proposed *p, struct err *e) {
  (void)e;
  *(struct proposed *)user = *p;
  return 0;
}

static struct proposed propose(struct fixture *f, const char *text) {
  struct proposed p = {0};
  assert_ok(f, proposed_judge(&f->question.of, "example.com", text, keep, &p, &f->e));
  return p;
}

#define assert_reason(f, text, wanted) \
  assert_string_equal(proposed_reason_word(propose(f, text).reason), proposed_reason_word(wanted))

static void everybody_tells(struct fixture *f, const char *ip, int64_t count, const char *results) {
  for (int r = 0; r < REPORTERS; r++) {
    f->org = NAMES[r];
    mail_daily(f, 89, 0, ip, count, results);
  }
}

static void a_step_that_is_ready_may_be_published(void **state) {
  struct fixture *f = *state;
  everybody_tells(f, OFFICE, 20, OFFICE_MAIL);
  assert_reason(f, "v=DMARC1; p=quarantine" RUA, PROPOSED_READY);
  assert_true(proposed_may(PROPOSED_READY) && proposed_may(PROPOSED_SAME) && proposed_may(PROPOSED_WEAKER));
  assert_reason(f, "v=DMARC1; p=quarantine", PROPOSED_UNREPORTED);
  assert_reason(f, "v=DMARC1; p=reject" RUA, PROPOSED_SKIPS);
  assert_reason(f, "v=DMARC1; p=reject; t=y" RUA, PROPOSED_READY); /* comes to quarantine */
  assert_reason(f, "v=DMARC1; p=none; sp=quarantine" RUA, PROPOSED_READY);
  assert_reason(f, "v=DMARC1; p=none; sp=reject" RUA, PROPOSED_SKIPS);
  assert_false(proposed_may(PROPOSED_SKIPS) || proposed_may(PROPOSED_UNREPORTED) || proposed_may(PROPOSED_FAULT));
}

static void what_changes_nothing_or_asks_for_less_may_be(void **state) {
  struct fixture *f = *state;
  f->p = "quarantine";
  everybody_tells(f, OFFICE, 20, OFFICE_MAIL);
  everybody_tells(f, SECOND, 20, "dkim example.com/s2=fail; spf example.com=softfail");
  assert_reason(f, "v=DMARC1; p=quarantine" RUA, PROPOSED_SAME);
  assert_reason(f, "v=DMARC1; p=none" RUA, PROPOSED_WEAKER);
  assert_reason(f, "v=DMARC1; p=quarantine; t=y" RUA, PROPOSED_WEAKER);
  assert_reason(f, "v=DMARC1; p=reject" RUA, PROPOSED_HELD);
}

static void a_step_that_is_held_may_not(void **state) {
  struct fixture *f = *state;
  everybody_tells(f, OFFICE, 20, OFFICE_MAIL);
  everybody_tells(f, OFFICE, 5, "dkim example.com/s1=fail; spf example.com=softfail");
  assert_reason(f, "v=DMARC1; p=quarantine" RUA, PROPOSED_HELD);
  assert_reason(f, "v=DMARC1; p=none; sp=quarantine" RUA, PROPOSED_BELOW);
  assert_reason(f, "v=DMARC1; p=quarantine; t=y" RUA, PROPOSED_SAME); /* comes to none */
  assert_reason(f, "v=DMARC1; p=none" RUA, PROPOSED_SAME);
}

static void np_waits_for_names_below_that_send(void **state) {
  struct fixture *f = *state;
  everybody_tells(f, OFFICE, 20, OFFICE_MAIL);
  assert_reason(f, "v=DMARC1; p=none; np=reject" RUA, PROPOSED_READY);
  f->header_from = "shop.example.com";
  everybody_tells(f, OFFICE, 5, OFFICE_MAIL);
  assert_reason(f, "v=DMARC1; p=none; np=reject" RUA, PROPOSED_NP);
}

static void stricter_alignment_is_held_by_own_mail_that_it_would_fail(void **state) {
  struct fixture *f = *state;
  everybody_tells(f, OFFICE, 99, OFFICE_MAIL);
  everybody_tells(f, SECOND, 1, "dkim mail.example.com/s2=pass; spf mail.example.com=pass");
  assert_reason(f, "v=DMARC1; p=quarantine; adkim=s; aspf=s" RUA, PROPOSED_READY); /* 1 % of 2 % */
  everybody_tells(f, SECOND, 2, "dkim mail.example.com/s2=pass; spf mail.example.com=pass");
  const struct proposed p = propose(f, "v=DMARC1; p=quarantine; adkim=s; aspf=s" RUA);
  assert_string_equal(proposed_reason_word(p.reason), "alignment");
  assert_true(p.own_failing > 0 && 50 * p.own_failing > p.own);
  assert_reason(f, "v=DMARC1; p=quarantine; aspf=s" RUA, PROPOSED_READY);   /* DKIM carries it */
  assert_reason(f, "v=DMARC1; p=none; adkim=s; aspf=s" RUA, PROPOSED_SAME); /* acts on nothing */
}

static void a_fault_is_told_with_its_place(void **state) {
  struct fixture *f = *state;
  static const struct {
    const char *text, *fault;
    unsigned character;
  } CASES[] = {
      {"v=DMARC1; p=rejct" RUA, "bad_policy", 11},
      {"v=DMARC1; p=none; sp=no" RUA, "bad_policy", 19},
      {"v=DMARC1" RUA, "missing_policy", 0},
      {"v=DMARC1; p=none; hello" RUA, "bad_tag", 19},
      {"v=DMARC1; p=none; p=reject" RUA, "duplicate_tag", 19},
      {"v=DMARC1; p=none; adkim=x" RUA, "bad_value", 19},
      {"v=DMARC1; p=none; rua=dmarc@example.com", "bad_rua", 19},
      {"v=DMARC1; p=none; pp=x" RUA, "unknown_tag", 19},
      {"v=DMARC2; p=none" RUA, "bad_version", 1},
      {"p=none" RUA, "bad_version", 1},
  };
  everybody_tells(f, OFFICE, 20, OFFICE_MAIL);
  for (unsigned i = 0; i < ARRAY_SIZE(CASES); i++) {
    const struct proposed p = propose(f, CASES[i].text);
    assert_string_equal(proposed_reason_word(p.reason), "fault");
    assert_string_equal(p.fault.fault, CASES[i].fault);
    assert_int_equal(p.fault.character, CASES[i].character);
  }
  assert_reason(f, "v=DMARC1; p=none; pct=100" RUA, PROPOSED_SAME); /* historic, and harmless */
}

static void a_domain_without_reports_begins_with_none(void **state) {
  struct fixture *f = *state;
  assert_reason(f, "v=DMARC1; p=none" RUA, PROPOSED_SAME);
  assert_reason(f, "v=DMARC1; p=none", PROPOSED_UNREPORTED);
  assert_reason(f, "v=DMARC1; p=quarantine" RUA, PROPOSED_NO_REPORTS);
  assert_reason(f, "v=DMARC1; p=none; np=reject" RUA, PROPOSED_NO_REPORTS);
}

static void the_domain_alone_may_move_where_its_subdomains_stay(void **state) {
  struct fixture *f = *state;
  everybody_tells(f, OFFICE, 50, OFFICE_MAIL);
  f->header_from = "shop.example.com";
  everybody_tells(f, SECOND, 20, "dkim example.com/s2=fail; spf example.com=softfail");
  everybody_tells(f, SECOND, 5, SECOND_MAIL);
  assert_reason(f, "v=DMARC1; p=quarantine" RUA, PROPOSED_HELD);
  assert_reason(f, "v=DMARC1; p=quarantine; sp=none" RUA, PROPOSED_READY);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      T(a_step_that_is_ready_may_be_published),
      T(what_changes_nothing_or_asks_for_less_may_be),
      T(a_step_that_is_held_may_not),
      T(np_waits_for_names_below_that_send),
      T(stricter_alignment_is_held_by_own_mail_that_it_would_fail),
      T(a_fault_is_told_with_its_place),
      T(a_domain_without_reports_begins_with_none),
      T(the_domain_alone_may_move_where_its_subdomains_stay),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
