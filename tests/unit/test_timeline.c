/* SPDX-License-Identifier: Apache-2.0 */
/* On which days verdict and policy changed, and what the owner says of steps. */
#include "judged_kit.h"

#include "analysis/timeline.h"

#define MOST_EVENTS 32
#define REPORTERS 4
static const char *const NAMES[REPORTERS] = {"a.example.net", "b.example.net", "c.example.net", "d.example.net"};

struct told {
  struct timeline_event events[MOST_EVENTS];
  uint32_t count;
};

static int keep(void *user, const struct timeline *t, struct err *e) {
  (void)e;
  struct told *told = user;
  assert_string_equal(t->domain, "example.com");
  assert_true(t->count <= MOST_EVENTS);
  told->count = t->count;
  memcpy(told->events, t->events, t->count * sizeof *t->events);
  for (uint32_t i = 0; i < t->count; i++) { /* the words go with the history */
    struct timeline_event *event = &told->events[i];
    event->before.policy.p = policy_word(policy_of(event->before.policy.p));
    event->after.policy.p = policy_word(policy_of(event->after.policy.p));
  }
  return 0;
}

static struct told ask(struct fixture *f, const struct taken_steps *taken) {
  struct told told = {.count = 0};
  assert_ok(f, timeline_each(&f->question.of, taken, keep, &told, &f->e));
  return told;
}

static void everybody_tells(struct fixture *f, int first, int last, const char *ip, int64_t count,
                            const char *results) {
  for (int r = 0; r < REPORTERS; r++) {
    f->org = NAMES[r];
    mail_daily(f, first, last, ip, count, results);
  }
}

static const struct timeline_event *of_kind(const struct told *t, enum timeline_kind kind, unsigned number) {
  for (uint32_t i = 0; i < t->count; i++)
    if (t->events[i].kind == kind && !number--) return &t->events[i];
  return NULL;
}

static int on_judged(void *user, const struct history *h, const struct judgement *j, struct err *e) {
  (void)h, (void)e;
  *(enum verdict *)user = j->verdict;
  return 0;
}

/* What readiness --as-of says of that day. */
static enum verdict said_on(struct fixture *f, int32_t day) {
  enum verdict v = VERDICT_STALE;
  struct judgement_basis basis = f->basis;
  struct inquiry q = f->question.of;
  basis.as_of_s = utc_from_day(day + 1) - 1;
  basis.before_s = basis.as_of_s;
  q.basis = &basis;
  assert_ok(f, judge_each(&q, on_judged, &v, &f->e));
  return v;
}

static void a_verdict_is_told_on_the_day_on_which_it_changes(void **state) {
  struct fixture *f = *state;
  everybody_tells(f, 99, 0, OFFICE, 20, OFFICE_MAIL);
  everybody_tells(f, 30, 20, SECOND, 20, "dkim example.com/s2=fail; spf example.com=softfail");
  everybody_tells(f, 99, 90, SECOND, 20, SECOND_MAIL);
  struct told t = ask(f, NULL);
  unsigned verdicts = 0;
  for (uint32_t i = 0; i < t.count; i++) {
    const struct timeline_event *event = &t.events[i];
    if (event->kind != TIMELINE_VERDICT) continue;
    verdicts++;
    assert_int_equal(said_on(f, event->day), event->after.verdict);
    if (!event->is_first) assert_int_equal(said_on(f, event->day - 1), event->before.verdict);
  }
  assert_true(verdicts >= 3);
  assert_true(of_kind(&t, TIMELINE_VERDICT, 0)->is_first);
}

static void a_policy_is_told_once_whoever_tells_of_it_first(void **state) {
  struct fixture *f = *state;
  everybody_tells(f, 99, 31, OFFICE, 20, OFFICE_MAIL);
  f->p = "quarantine";
  everybody_tells(f, 30, 0, OFFICE, 20, OFFICE_MAIL);
  struct told t = ask(f, NULL);
  const struct timeline_event *first = of_kind(&t, TIMELINE_POLICY, 0), *second = of_kind(&t, TIMELINE_POLICY, 1);
  assert_true(first->is_first);
  assert_int_equal(first->day, LAST_DAY - 99);
  assert_int_equal(second->day, LAST_DAY - 30);
  assert_int_equal(policy_of(second->after.policy.p), POLICY_QUARANTINE);
  assert_int_equal(policy_of(second->before.policy.p), POLICY_NONE);
  assert_null(of_kind(&t, TIMELINE_POLICY, 2));
}

#define SINCE_AGO 89

static int take_weeks(void *user, struct history *h, const struct judgement *j, struct err *e) {
  const struct fixture *f = ((void **)user)[0];
  struct timeline line;
  timeline_of_weeks(&f->basis, h, j, LAST_DAY - SINCE_AGO, &line);
  int code = keep(((void **)user)[1], &line, e);
  timeline_clear(&line);
  return code;
}

/* For three days, between two that are looked at. */
static void policy_is_lost(struct fixture *f, int ago) {
  f->p = "none";
  everybody_tells(f, ago, ago - 2, OFFICE, 20, OFFICE_MAIL);
  f->p = "quarantine";
}

static void by_the_week_there_is_all_that_lasts_and_each_step_of_the_policy(void **state) {
  struct fixture *f = *state;
  f->p = "quarantine";
  everybody_tells(f, 99, 46, OFFICE, 20, OFFICE_MAIL);
  policy_is_lost(f, 45);
  everybody_tells(f, 42, 18, OFFICE, 20, OFFICE_MAIL);
  policy_is_lost(f, 17); /* while own mail fails, which is the verdict before and after */
  everybody_tells(f, 14, 0, OFFICE, 20, OFFICE_MAIL);
  everybody_tells(f, 99, 90, SECOND, 20, SECOND_MAIL);
  everybody_tells(f, 30, 18, SECOND, 20, "dkim example.com/s2=fail; spf example.com=softfail");
  everybody_tells(f, 14, 0, SECOND, 20, "dkim example.com/s2=fail; spf example.com=softfail");
  struct told daily = ask(f, NULL), weekly = {0};
  assert_ok(f, judge_each_parting(&f->question.of, take_weeks, (void *[]){f, &weekly}, &f->e));
  assert_true(weekly.events[0].is_first && weekly.events[1].is_first); /* what was known then */
  assert_int_equal(weekly.events[0].day, LAST_DAY - SINCE_AGO);
  unsigned policies = 1, verdicts = 1; /* those that were there then */
  for (uint32_t i = 0; i < daily.count; i++) {
    const struct timeline_event *event = &daily.events[i], *told = of_kind(&weekly, TIMELINE_POLICY, policies);
    if (event->kind != TIMELINE_POLICY || event->day <= LAST_DAY - SINCE_AGO) continue;
    assert_int_equal(told->day, event->day);
    assert_string_equal(told->after.policy.p, event->after.policy.p);
    policies++;
  }
  assert_int_equal(policies, 5);
  assert_null(of_kind(&weekly, TIMELINE_POLICY, policies));
  for (const struct timeline_event *event; (event = of_kind(&weekly, TIMELINE_VERDICT, verdicts)); verdicts++) {
    assert_int_equal(said_on(f, event->day), event->after.verdict);
    assert_int_equal(said_on(f, event->day - 1), event->before.verdict);
  }
  assert_int_equal(verdicts, 7);
}

static void note(struct fixture *f, const char *domain, int ago, const char *step, const char *text) {
  const struct taken_step taken = {.domain = domain,
                                   .day = LAST_DAY - ago,
                                   .step = step,
                                   .record = "v=DMARC1; p=reject",
                                   .verdict = "READY",
                                   .reason = "every gate holds",
                                   .own_messages = 20,
                                   .own_passed = 19,
                                   .undecided = 1,
                                   .who = "anna",
                                   .note = text,
                                   .made_s = DAY_S(ago)};
  assert_ok(f, taken_step_put(f->local, &taken, &f->e));
}

static void steps_of_the_domain_stand_among_what_happened(void **state) {
  struct fixture *f = *state;
  struct taken_steps taken = {0};
  everybody_tells(f, 60, 0, OFFICE, 20, OFFICE_MAIL);
  everybody_tells(f, 10, 0, OFFICE, 20, "dkim example.com/s1=fail; spf example.com=softfail"); /* a verdict behind it */
  note(f, "example.com", 20, "p=reject", "change 4711");
  note(f, "example.net", 20, "p=reject", NULL);
  note(f, "example.com", -3, "p=reject", NULL); /* later than what is asked about */
  assert_ok(f, taken_steps_read(f->local, &taken, &f->e));
  assert_int_equal(taken.count, 3);
  struct told t = ask(f, &taken);
  const struct timeline_event *event = of_kind(&t, TIMELINE_TAKEN, 0);
  assert_int_equal(event->day, LAST_DAY - 20);
  assert_string_equal(event->taken->note, "change 4711");
  assert_string_equal(event->taken->who, "anna");
  assert_int_equal(event->taken->own_passed, 19);
  assert_null(of_kind(&t, TIMELINE_TAKEN, 1));
  for (uint32_t i = 1; i < t.count; i++) assert_true(t.events[i - 1].day <= t.events[i].day);
  taken_steps_clear(&taken);
}

static void what_is_said_again_takes_its_place_and_the_last_can_be_taken_back(void **state) {
  struct fixture *f = *state;
  struct taken_steps taken = {0};
  note(f, "example.com", 20, "p=quarantine", "first");
  note(f, "example.com", 20, "p=quarantine", "second");
  note(f, "example.com", 10, "p=reject", NULL);
  assert_int_equal(taken_step_remove_last(f->local, "example.com", &f->e), 1);
  assert_int_equal(taken_step_remove_last(f->local, "example.net", &f->e), 0);
  assert_ok(f, taken_steps_read(f->local, &taken, &f->e));
  assert_int_equal(taken.count, 1);
  assert_string_equal(taken.items[0].note, "second");
  assert_null(taken.items[0].former_record);
  taken_steps_clear(&taken);
  assert_int_equal(taken_steps_forget(f->local, "example.com", &f->e), 1);
  assert_ok(f, taken_steps_read(f->local, &taken, &f->e));
  assert_int_equal(taken.count, 0);
  taken_steps_clear(&taken);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      T(a_verdict_is_told_on_the_day_on_which_it_changes),
      T(a_policy_is_told_once_whoever_tells_of_it_first),
      T(by_the_week_there_is_all_that_lasts_and_each_step_of_the_policy),
      T(steps_of_the_domain_stand_among_what_happened),
      T(what_is_said_again_takes_its_place_and_the_last_can_be_taken_back),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
