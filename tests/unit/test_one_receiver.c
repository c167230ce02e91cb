/* SPDX-License-Identifier: Apache-2.0 */
/* What one receiver alone fails is no broken source; what it fails whole, or others fail too, is. */
#include "judged_kit.h"
#include "verdict/judge_each.h"

#define BROKEN "dkim example.com/k=fail; dkim amazonses.com/x=pass; spf amazonses.com=pass"
#define SERVICE "203.0.113.50"

struct answer {
  enum verdict verdict;
  enum failure_cause cause;
  int64_t own_by_receiver;
  char repair[256];
};

static int keep_answer(void *user, const struct history *h, const struct judgement *j, struct err *e) {
  (void)h, (void)e;
  struct answer *a = user;
  *a = (struct answer){.verdict = j->verdict, .own_by_receiver = j->own_by_receiver};
  if (!j->blockers.count) return 0;
  a->cause = j->blockers.items[0].cause;
  snprintf(a->repair, sizeof a->repair, "%s", j->blockers.items[0].repair);
  return 0;
}

static struct answer ask(struct fixture *f) {
  struct answer a = {0};
  assert_ok(f, judge_each(&f->question.of, keep_answer, &a, &f->e));
  return a;
}

/* For 40 days the office's mail to four receivers, and a service's: so many whole and broken a day at the last. */
static void world(struct fixture *f, int64_t whole, int64_t broken, int64_t broken_elsewhere) {
  static const char *const NAMES[] = {"a.example.net", "b.example.net", "c.example.net", "d.example.net"};
  for (unsigned i = 0; i < ARRAY_SIZE(NAMES); i++) {
    f->org = NAMES[i];
    mail_daily(f, 39, 0, OFFICE, 100, OFFICE_MAIL);
    mail_daily(f, 39, 0, SERVICE, i == 3 ? whole : 6, SES_MAIL);
    if (i == 3 && broken) mail_daily(f, 39, 0, SERVICE, broken, BROKEN);
    if (i == 2 && broken_elsewhere) mail_daily(f, 39, 0, SERVICE, broken_elsewhere, BROKEN);
  }
}

static void what_one_receiver_breaks_makes_no_broken_source(void **state) {
  struct fixture *f = *state;
  world(f, 5, 4, 0);
  struct answer a = ask(f);
  assert_string_equal(verdict_word(a.verdict), "READY");
  assert_int_equal(a.own_by_receiver, 30 * 4);
}

static void what_a_second_one_breaks_too_does(void **state) {
  struct fixture *f = *state;
  world(f, 5, 4, 2);
  struct answer a = ask(f);
  assert_string_equal(verdict_word(a.verdict), "NOT_READY");
  assert_int_equal(a.cause, CAUSE_IN_TRANSIT);
  assert_int_equal(a.own_by_receiver, 0);
}

static void a_receiver_that_fails_most_of_it_is_told_and_excuses_nothing(void **state) {
  struct fixture *f = *state;
  world(f, 3, 6, 0);
  struct answer a = ask(f);
  assert_string_equal(verdict_word(a.verdict), "NOT_READY");
  assert_int_equal(a.cause, CAUSE_RECEIVER_ONLY);
  assert_non_null(strstr(a.repair, "d.example.net alone fails it"));
  assert_int_equal(a.own_by_receiver, 0);
}

static void days_on_which_nobody_else_receives_prove_nothing(void **state) {
  struct fixture *f = *state;
  static const char *const NAMES[] = {"a.example.net", "b.example.net", "c.example.net"};
  for (unsigned i = 0; i < ARRAY_SIZE(NAMES); i++) {
    f->org = NAMES[i];
    mail_daily(f, 39, 0, OFFICE, 100, OFFICE_MAIL);
    mail_daily(f, 39, 16, SERVICE, 6, SES_MAIL);
  }
  f->org = "d.example.net";
  mail_daily(f, 39, 0, OFFICE, 100, OFFICE_MAIL);
  mail_daily(f, 15, 0, SERVICE, 6, SES_MAIL);
  mail_daily(f, 15, 0, SERVICE, 5, BROKEN);
  assert_string_equal(verdict_word(ask(f).verdict), "NOT_READY");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      T(what_one_receiver_breaks_makes_no_broken_source),
      T(what_a_second_one_breaks_too_does),
      T(a_receiver_that_fails_most_of_it_is_told_and_excuses_nothing),
      T(days_on_which_nobody_else_receives_prove_nothing),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
