/* SPDX-License-Identifier: Apache-2.0 */
/* What was said on past days, and whether it was right. */
#include "judged_kit.h"

#include "analysis/backtest.h"

#define MOST_DAYS 200
#define REPORTERS 4
static const char *const NAMES[REPORTERS] = {"a.example.net", "b.example.net", "c.example.net", "d.example.net"};

struct told {
  struct backtest sums;
  struct backtest_day days[MOST_DAYS];
};

static int keep(void *user, const struct backtest *b, struct err *e) {
  (void)e;
  struct told *t = user;
  assert_true(b->count <= MOST_DAYS);
  t->sums = *b;
  memcpy(t->days, b->days, b->count * sizeof *b->days);
  return 0;
}

static void backtest(struct fixture *f, struct told *t) {
  *t = (struct told){.sums.count = 0};
  assert_ok(f, backtest_each(&f->question.of, keep, t, &f->e));
}

static const struct backtest_day *day_ago(const struct told *t, int ago) {
  for (uint32_t i = 0; i < t->sums.count; i++)
    if (t->days[i].day == LAST_DAY - ago) return &t->days[i];
  fail_msg("no day %d ago", ago);
  return NULL;
}

static void everybody_tells(struct fixture *f, int first, int last, const char *ip, int64_t count,
                            const char *results) {
  for (int r = 0; r < REPORTERS; r++) {
    f->org = NAMES[r];
    mail_daily(f, first, last, ip, count, results);
  }
}

static int on_judged(void *user, const struct history *h, const struct judgement *j, struct err *e) {
  (void)h, (void)e;
  *(enum verdict *)user = j->verdict;
  return 0;
}

/* What readiness --as-of says of that day. */
static enum verdict said_on(struct fixture *f, int ago) {
  enum verdict v = VERDICT_STALE;
  struct judgement_basis basis = f->basis;
  struct inquiry q = f->question.of;
  basis.as_of_s = DAY_S(ago - 1) - 1;
  basis.before_s = basis.as_of_s;
  q.basis = &basis;
  assert_ok(f, judge_each(&q, on_judged, &v, &f->e));
  return v;
}

static void a_day_says_what_readiness_said_on_it(void **state) {
  struct fixture *f = *state;
  struct told t;
  everybody_tells(f, 99, 0, OFFICE, 20, OFFICE_MAIL);
  everybody_tells(f, 40, 20, SECOND, 20, "dkim example.com/s2=fail; spf example.com=softfail");
  everybody_tells(f, 99, 90, SECOND, 20, SECOND_MAIL);
  backtest(f, &t);
  assert_int_equal(t.sums.count, 100);
  for (int ago = 98; ago >= 0; ago -= 7) assert_int_equal(day_ago(&t, ago)->verdict, said_on(f, ago));
}

static void a_clean_domain_is_held_for_want_of_data_and_then_right(void **state) {
  struct fixture *f = *state;
  struct told t;
  everybody_tells(f, 99, 0, OFFICE, 20, OFFICE_MAIL);
  backtest(f, &t);
  assert_int_equal(day_ago(&t, 95)->outcome, BACKTEST_NEEDLESS);
  assert_int_equal(day_ago(&t, 50)->outcome, BACKTEST_RIGHT);
  assert_int_equal(day_ago(&t, 50)->verdict, VERDICT_READY);
  assert_int_equal(day_ago(&t, 30)->outcome, BACKTEST_RIGHT);
  assert_int_equal(day_ago(&t, 29)->outcome, BACKTEST_OPEN);
  assert_int_equal(t.sums.outcomes[BACKTEST_OPEN], BACKTEST_AHEAD_DAYS);
  assert_int_equal(t.sums.outcomes[BACKTEST_WRONG], 0);
  assert_int_equal(t.sums.needless_for_data, t.sums.outcomes[BACKTEST_NEEDLESS]);
}

static void a_go_ahead_before_a_key_broke_was_wrong(void **state) {
  struct fixture *f = *state;
  struct told t;
  everybody_tells(f, 99, 0, OFFICE, 20, OFFICE_MAIL);
  everybody_tells(f, 99, 41, SECOND, 10, SECOND_MAIL);
  everybody_tells(f, 40, 0, SECOND, 10, "dkim example.com/s2=fail; spf example.com=softfail");
  backtest(f, &t);
  const struct backtest_day *d = day_ago(&t, 45);
  assert_int_equal(d->verdict, VERDICT_READY);
  assert_int_equal(d->outcome, BACKTEST_WRONG);
  assert_int_equal(d->own, 30 * 30 * REPORTERS);
  assert_int_equal(d->lost, 26 * 10 * REPORTERS); /* of the days 40 to 15 ago */
  d = day_ago(&t, 36);
  assert_int_equal(d->verdict, VERDICT_NOT_READY);
  assert_int_equal(d->outcome, BACKTEST_RIGHT);
}

static void a_report_that_had_not_ended_was_not_known(void **state) {
  struct fixture *f = *state;
  struct told t;
  everybody_tells(f, 99, 0, OFFICE, 20, OFFICE_MAIL);
  f->org = NAMES[0];
  f->hours = 12; /* the day ends at noon of the next */
  mail(f, 50, SECOND, 400, "dkim example.com/s1=fail; spf example.com=softfail");
  backtest(f, &t);
  assert_int_equal(day_ago(&t, 50)->verdict, VERDICT_READY);
  assert_int_not_equal(day_ago(&t, 49)->verdict, VERDICT_READY);
}

static void mail_that_may_be_the_owners_leaves_it_open_who_was_right(void **state) {
  struct fixture *f = *state;
  struct told t;
  everybody_tells(f, 99, 0, OFFICE, 20, OFFICE_MAIL);
  everybody_tells(f, 99, 0, SECOND, 2, "spf example.com=softfail");
  backtest(f, &t);
  const struct backtest_day *d = day_ago(&t, 45);
  assert_int_equal(d->verdict, VERDICT_NEEDS_DECISION);
  assert_int_equal(d->lost, 0);
  assert_int_equal(d->undecided, 30 * 2 * REPORTERS);
  assert_int_equal(d->outcome, BACKTEST_UNDECIDED);
}

static void mail_below_the_domain_counts_where_its_policy_governs_it(void **state) {
  struct fixture *f = *state;
  struct told t;
  everybody_tells(f, 99, 0, OFFICE, 20, OFFICE_MAIL);
  f->header_from = "shop.example.com";
  everybody_tells(f, 99, 0, OFFICE, 5, OFFICE_MAIL);
  backtest(f, &t);
  assert_int_equal(day_ago(&t, 50)->own, 30 * 25 * REPORTERS);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      T(a_day_says_what_readiness_said_on_it),
      T(a_clean_domain_is_held_for_want_of_data_and_then_right),
      T(a_go_ahead_before_a_key_broke_was_wrong),
      T(a_report_that_had_not_ended_was_not_known),
      T(mail_that_may_be_the_owners_leaves_it_open_who_was_right),
      T(mail_below_the_domain_counts_where_its_policy_governs_it),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
