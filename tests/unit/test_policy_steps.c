/* SPDX-License-Identifier: Apache-2.0 */
/* When a policy moved, out of reports that need not agree. */
#include "judged_kit.h"

#include "analysis/policy_steps.h"
#include "verdict/judge_each.h"

#define MOST 3
struct found {
  struct policy_step steps[MOST];
  unsigned count;
  int32_t begin_day;
};

static int find(void *user, const struct history *h, const struct judgement *j, struct err *e) {
  (void)e;
  struct found *found = user;
  found->count = policy_steps_find(h, j, found->begin_day, found->steps, MOST);
  return 0;
}

static struct found steps_since(struct fixture *f, int32_t begin_day) {
  struct found found = {.begin_day = begin_day};
  assert_ok(f, judge_each(&f->question.of, find, &found, &f->e));
  return found;
}

static void policy_from(struct fixture *f, const char *p, int first_ago, int last_ago) {
  f->p = p;
  mail_daily(f, first_ago, last_ago, OFFICE, 20, OFFICE_MAIL);
}

static void assert_step(const struct policy_step *s, int ago, enum policy from, enum policy to) {
  assert_int_equal(s->day, LAST_DAY - ago);
  assert_int_equal(s->from, from);
  assert_int_equal(s->to, to);
}

static void each_step_has_its_day(void **state) {
  struct fixture *f = *state;
  policy_from(f, "none", 60, 41);
  policy_from(f, "quarantine", 40, 11);
  policy_from(f, "reject", 10, 0);
  const struct found found = steps_since(f, 0);
  assert_int_equal(found.count, 2);
  assert_step(&found.steps[0], 40, POLICY_NONE, POLICY_QUARANTINE);
  assert_step(&found.steps[1], 10, POLICY_QUARANTINE, POLICY_REJECT);
  assert_int_equal(steps_since(f, LAST_DAY - 20).count, 1);
}

static void a_policy_that_never_moved_has_none(void **state) {
  struct fixture *f = *state;
  policy_from(f, "none", 60, 0);
  assert_int_equal(steps_since(f, 0).count, 0);
}

static void a_stray_day_is_no_step(void **state) {
  struct fixture *f = *state;
  policy_from(f, "none", 60, 31);
  policy_from(f, "reject", 30, 30);
  policy_from(f, "none", 29, 0);
  assert_int_equal(steps_since(f, 0).count, 0);
}

static void one_who_reports_often_has_one_voice(void **state) {
  struct fixture *f = *state;
  for (int reporter = 0; reporter < 2; reporter++) {
    f->org = reporter ? "b.example.net" : "a.example.net";
    policy_from(f, "none", 60, 0);
  }
  f->org = "often.example.net";
  for (int n = 0; n < 5; n++) policy_from(f, "reject", 30, 20);
  assert_int_equal(steps_since(f, 0).count, 0);
}

static void doubted_reports_have_no_voice(void **state) {
  struct fixture *f = *state;
  f->provenance = PROVENANCE_PROVEN;
  policy_from(f, "none", 60, 0);
  f->provenance = PROVENANCE_UNPROVEN;
  for (int reporter = 0; reporter < 3; reporter++) {
    f->org = (const char *[]){"a.example.net", "b.example.net", "c.example.net"}[reporter];
    policy_from(f, "reject", 30, 20);
  }
  assert_int_equal(steps_since(f, 0).count, 0);
}

/* The middle of a day that begins in the evening is on the next one. */
static void a_step_is_on_the_day_on_which_its_report_begins(void **state) {
  struct fixture *f = *state;
  f->hours = 17;
  policy_from(f, "none", 60, 41);
  policy_from(f, "quarantine", 40, 11);
  policy_from(f, "reject", 10, 1);
  const struct found found = steps_since(f, 0);
  assert_int_equal(found.count, 2);
  assert_step(&found.steps[0], 40, POLICY_NONE, POLICY_QUARANTINE);
  assert_step(&found.steps[1], 10, POLICY_QUARANTINE, POLICY_REJECT);
}

static void of_more_steps_than_there_is_room_for_the_newest_stay(void **state) {
  struct fixture *f = *state;
  for (int i = 0; i < 6; i++) policy_from(f, i % 2 ? "reject" : "none", 60 - i * 10, 51 - i * 10);
  const struct found found = steps_since(f, 0);
  assert_int_equal(found.count, MOST);
  for (int i = 0; i < MOST; i++)
    assert_step(&found.steps[i], 30 - i * 10, i % 2 ? POLICY_REJECT : POLICY_NONE, i % 2 ? POLICY_NONE : POLICY_REJECT);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      T(each_step_has_its_day),
      T(a_policy_that_never_moved_has_none),
      T(a_stray_day_is_no_step),
      T(one_who_reports_often_has_one_voice),
      T(doubted_reports_have_no_voice),
      T(a_step_is_on_the_day_on_which_its_report_begins),
      T(of_more_steps_than_there_is_room_for_the_newest_stay),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
