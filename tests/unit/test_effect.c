/* SPDX-License-Identifier: Apache-2.0 */
/* What a step did: who switched when, which mail is held against which, and what comes of it. */
#include "judged_kit.h"

#include "analysis/effect.h"
#include "report/effect_words.h"

#define FAILS "dkim example.com/s1=fail; spf example.com=softfail"
#define BOT_MAIL "spf example.com=fail"

struct kept {
  struct effect_step steps[4];
  struct effect_reporter reporters[4];
  unsigned count;
  char record[256];
  char before[64], after[64]; /* of the newest step, in words */
};

static int keep(void *user, const struct effect *x, struct err *e) {
  (void)e;
  struct kept *k = user;
  k->count = x->step_count;
  assert_true(x->step_count <= ARRAY_SIZE(k->steps));
  memcpy(k->steps, x->steps, x->step_count * sizeof *x->steps);
  if (!x->step_count) return 0;
  assert_true(x->steps[0].reporter_count <= ARRAY_SIZE(k->reporters));
  memcpy(k->reporters, x->steps[0].reporters, x->steps[0].reporter_count * sizeof *k->reporters);
  const char *record = x->steps[0].former_record;
  _cleanup_strbuf_ struct strbuf before = STRBUF_INIT, after = STRBUF_INIT;
  policy_tell(x->steps[0].before, &before);
  policy_tell(x->steps[0].after, &after);
  snprintf(k->before, sizeof k->before, "%s", strbuf_text(&before));
  snprintf(k->after, sizeof k->after, "%s", strbuf_text(&after));
  snprintf(k->record, sizeof k->record, "%s", record ? record : "");
  return 0;
}

static struct kept ask(struct fixture *f) {
  struct kept k = {.count = 0};
  assert_ok(f, effect_each(&f->question.of, keep, &k, &f->e));
  return k;
}

static const struct effect_step *only_step(const struct kept *k) {
  assert_int_equal(k->count, 1);
  return &k->steps[0];
}

static void assert_outcome(const struct kept *k, enum effect_outcome wanted) {
  assert_string_equal(effect_outcome_word(only_step(k)->outcome), effect_outcome_word(wanted));
}

/* Own mail, of which `failing` fails, from `first` to `last` days ago under a policy that receivers heed. */
static void days_at(struct fixture *f, const char *p, int first, int last, int64_t passing, int64_t failing) {
  f->p = p;
  f->disposition = "none";
  mail_daily(f, first, last, OFFICE, passing, OFFICE_MAIL);
  f->disposition = p;
  if (failing) mail_daily(f, first, last, OFFICE, failing, FAILS);
}

/* --- windows ------------------------------------------------------------------------------------------------------ */

static void both_windows_are_whole_weeks_and_four_at_most(void **state) {
  struct fixture *f = *state;
  days_at(f, "none", 79, 30, 20, 0);
  days_at(f, "reject", 29, 0, 30, 0);
  struct kept k = ask(f);
  const struct effect_step *s = only_step(&k);
  assert_int_equal(s->day, LAST_DAY - 29);
  assert_int_equal(s->days, 28);
  assert_int_equal(s->own.messages[EFFECT_BEFORE], 28 * 20);
  assert_int_equal(s->own.messages[EFFECT_AFTER], 28 * 30);
}

/* Each of many reporters is a part of the step, and its mail is on both sides once. */
static void many_reporters_that_come_and_go_are_each_counted_once(void **state) {
  struct fixture *f = *state;
  for (int r = 0; r < 4; r++) {
    _cleanup_free_ char *name = mem_printf("r%c.example.net", 'a' + r);
    f->org = name;
    days_at(f, "none", 70, 40 + r, 10, 0);
    days_at(f, "reject", 39 + r, 20, 10, 0);
    days_at(f, "none", 19, 10, 10, 0);
    days_at(f, "reject", 9, 0, 10, 0);
  }
  struct kept k = ask(f);
  assert_int_equal(k.count, 2);
  assert_int_equal(k.steps[1].reporter_count, 4);
  assert_int_equal(k.steps[1].own.messages[EFFECT_BEFORE], k.steps[1].own.messages[EFFECT_AFTER]);
  assert_int_equal(k.steps[1].own.messages[EFFECT_AFTER], 10 * (14 + 14 + 21 + 21));
  assert_int_equal(k.steps[0].days, 7);
  assert_int_equal(k.steps[0].own.messages[EFFECT_AFTER], 4 * 70);
}

static void the_shorter_side_decides(void **state) {
  struct fixture *f = *state;
  days_at(f, "none", 50, 40, 20, 0);
  days_at(f, "reject", 39, 0, 20, 0);
  struct kept k = ask(f);
  assert_int_equal(only_step(&k)->days, 7);
}

static void each_reporter_switches_on_a_day_of_its_own(void **state) {
  struct fixture *f = *state;
  days_at(f, "none", 79, 30, 20, 0);
  days_at(f, "reject", 29, 0, 20, 0);
  f->org = "late.example.net";
  days_at(f, "none", 79, 27, 10, 0);
  days_at(f, "reject", 26, 0, 10, 0);
  struct kept k = ask(f);
  const struct effect_step *s = only_step(&k);
  assert_int_equal(s->reporter_count, 2);
  assert_int_equal(k.reporters[0].day, LAST_DAY - 29);
  assert_int_equal(k.reporters[0].days, 28);
  assert_int_equal(k.reporters[1].day, LAST_DAY - 26);
  assert_int_equal(k.reporters[1].days, 21);
  assert_int_equal(s->own.messages[EFFECT_BEFORE], 28 * 20 + 21 * 10);
  assert_int_equal(s->own.messages[EFFECT_AFTER], 28 * 20 + 21 * 10);
}

static void the_first_report_with_the_policy_is_set_aside(void **state) {
  struct fixture *f = *state;
  days_at(f, "none", 79, 30, 20, 0);
  days_at(f, "reject", 29, 29, 500, 500);
  days_at(f, "reject", 28, 0, 20, 0);
  struct kept k = ask(f);
  const struct effect_step *s = only_step(&k);
  assert_int_equal(effect_acted(&s->own), 0);
  assert_int_equal(k.reporters[0].set_aside, 1000);
  assert_int_equal(s->set_aside, 2); /* the kit has a report for each record */
}

/* RFC 9990 3.3 lets a receiver report one day twice, once for each policy. */
static void a_report_with_the_old_policy_behind_it_is_set_aside_and_no_step(void **state) {
  struct fixture *f = *state;
  days_at(f, "none", 79, 30, 20, 0);
  days_at(f, "reject", 29, 0, 20, 0);
  days_at(f, "none", 15, 15, 300, 0);
  struct kept k = ask(f);
  const struct effect_step *s = only_step(&k);
  assert_int_equal(s->day, LAST_DAY - 29);
  assert_int_equal(s->own.messages[EFFECT_AFTER], 28 * 20);
  assert_int_equal(k.reporters[0].set_aside, 320);
}

static void a_step_that_less_than_a_tenth_of_the_mail_tells_of_is_none(void **state) {
  struct fixture *f = *state;
  days_at(f, "none", 79, 0, 91, 0);
  f->org = "liar.example.net";
  days_at(f, "none", 79, 30, 9, 0);
  days_at(f, "reject", 29, 0, 9, 0);
  struct kept k = ask(f);
  assert_int_equal(k.count, 0);
  f->org = "second.example.net";
  days_at(f, "none", 79, 30, 9, 0);
  days_at(f, "reject", 29, 0, 9, 0);
  k = ask(f);
  assert_int_equal(k.count, 1);
}

static void steps_come_the_newest_first_and_a_window_ends_with_the_next(void **state) {
  struct fixture *f = *state;
  days_at(f, "none", 79, 50, 20, 0);
  days_at(f, "quarantine", 49, 30, 20, 0);
  days_at(f, "reject", 29, 0, 20, 0);
  struct kept k = ask(f);
  assert_int_equal(k.count, 2);
  assert_int_equal(k.steps[0].day, LAST_DAY - 29);
  assert_int_equal(k.steps[0].days, 14); /* of the 19 days that are at quarantine alone */
  assert_int_equal(k.steps[1].day, LAST_DAY - 49);
  assert_int_equal(k.steps[1].days, 14);
}

static void a_step_that_is_taken_twice_in_two_weeks_is_two(void **state) {
  struct fixture *f = *state;
  days_at(f, "none", 79, 30, 20, 0);
  days_at(f, "reject", 29, 27, 20, 0);
  days_at(f, "none", 26, 24, 20, 0);
  days_at(f, "reject", 23, 0, 20, 0);
  struct kept k = ask(f);
  assert_int_equal(k.count, 2);
  assert_int_equal(k.steps[1].reporter_count, 1);
  assert_int_equal(k.steps[1].taken_back_day, LAST_DAY - 26);
  assert_int_equal(k.steps[0].taken_back_day, 0);
}

static void a_weaker_policy_is_no_step(void **state) {
  struct fixture *f = *state;
  days_at(f, "reject", 79, 30, 20, 0);
  days_at(f, "none", 29, 0, 20, 0);
  struct kept k = ask(f);
  assert_int_equal(k.count, 0);
}

/* --- what is expected --------------------------------------------------------------------------------------------- */

static void what_failed_before_is_expected_after(void **state) {
  struct fixture *f = *state;
  days_at(f, "none", 79, 30, 100, 1);
  days_at(f, "quarantine", 29, 0, 100, 1);
  struct kept k = ask(f);
  const struct effect_step *s = only_step(&k);
  assert_int_equal(s->own.predicted_quarantined, 28);
  assert_int_equal(s->own.quarantined, 28);
  assert_true(s->own.low > 8 && s->own.low < 28 && s->own.high > 28 && s->own.high < 60);
  assert_outcome(&k, EFFECT_HELD);
}

static void mail_that_the_step_does_not_govern_is_not_its_own(void **state) {
  struct fixture *f = *state;
  f->sp = "none";
  f->header_from = "shop.example.com";
  days_at(f, "none", 79, 30, 10, 5);
  f->p = "reject";
  f->disposition = "none";
  mail_daily(f, 29, 0, OFFICE, 15, FAILS);
  f->header_from = "example.com";
  days_at(f, "none", 79, 30, 20, 0);
  days_at(f, "reject", 29, 0, 20, 0);
  struct kept k = ask(f);
  const struct effect_step *s = only_step(&k);
  assert_int_equal(effect_predicted(&s->all), 0);
  assert_int_equal(s->all.ignored, 0);
  assert_outcome(&k, EFFECT_HELD);
}

static void testing_ends_as_a_step(void **state) {
  struct fixture *f = *state;
  f->testing = "y";
  days_at(f, "quarantine", 79, 30, 20, 0);
  f->testing = "n";
  days_at(f, "quarantine", 29, 0, 20, 0);
  struct kept k = ask(f);
  only_step(&k);
  assert_string_equal(k.before, "p=quarantine; t=y");
  assert_string_equal(k.after, "p=quarantine");
}

/* p=none and p=quarantine; t=y come to the same: the step that ends the test leads from the latter. */
static void what_a_step_leads_from_is_told_of_right_before_it(void **state) {
  struct fixture *f = *state;
  f->testing = "n";
  days_at(f, "none", 79, 60, 20, 0);
  f->testing = "y";
  days_at(f, "quarantine", 59, 30, 20, 0);
  f->testing = "n";
  days_at(f, "quarantine", 29, 29, 20, 0);
  f->testing = "y";
  days_at(f, "quarantine", 28, 28, 20, 0); /* a name server that was behind */
  f->testing = "n";
  days_at(f, "quarantine", 27, 0, 90, 10);
  struct kept k = ask(f);
  assert_outcome(&k, EFFECT_LOSS);
  assert_int_equal(k.steps[0].day, LAST_DAY - 29);
  assert_string_equal(k.before, "p=quarantine; t=y");
  assert_string_equal(k.record, "v=DMARC1; p=quarantine; t=y; rua=<keep yours>");
}

static void np_alone_is_a_step_for_names_that_do_not_exist(void **state) {
  struct fixture *f = *state;
  f->np = "none";
  days_at(f, "none", 79, 30, 20, 0);
  f->np = "reject";
  days_at(f, "none", 29, 0, 20, 0);
  f->header_from = "invented.example.com";
  f->disposition = "reject";
  mail_daily(f, 20, 10, BOT, 3, BOT_MAIL);
  f->header_from = "example.com";
  f->disposition = "none";
  mail_daily(f, 20, 10, BOT, 4, BOT_MAIL);
  struct kept k = ask(f);
  const struct effect_step *s = only_step(&k);
  assert_int_equal(s->all.rejected, 33);
  assert_int_equal(s->all.ignored, 0); /* what p governs is none of its business */
}

static void an_interval_is_wide_where_little_is_known(void **state) {
  (void)state;
  double low, high, wider_low, wider_high;
  effect_interval(0, 1, &low, &high);
  assert_true(low == 0 && high == 3);
  effect_interval(100, 1, &low, &high);
  assert_true(low > 70 && low < 76 && high > 126 && high < 132);
  effect_interval(100, 4, &wider_low, &wider_high);
  assert_true(wider_low < low && wider_high > high);
  effect_interval(399, 1, &low, &high);
  effect_interval(401, 1, &wider_low, &wider_high); /* on both sides of where a sum ends */
  assert_true(wider_low - low < 6 && wider_high - high < 6 && wider_high > high - 6);
}

/* --- outcomes ----------------------------------------------------------------------------------------------------- */

static void own_mail_lost_is_a_loss_above_the_limit_of_the_step(void **state) {
  struct fixture *f = *state;
  days_at(f, "none", 79, 30, 98, 2);
  days_at(f, "quarantine", 29, 0, 98, 2); /* 2 %, which is allowed */
  struct kept k = ask(f);
  assert_outcome(&k, EFFECT_HELD);
  start_anew(f);
  days_at(f, "none", 79, 30, 98, 2);
  days_at(f, "quarantine", 29, 0, 97, 3);
  k = ask(f);
  assert_outcome(&k, EFFECT_LOSS);
  assert_string_equal(k.record, "v=DMARC1; p=none; rua=<keep yours>");
  start_anew(f);
  days_at(f, "none", 79, 30, 98, 2);
  days_at(f, "reject", 29, 0, 98, 2); /* to reject the limit is 1 % */
  k = ask(f);
  assert_outcome(&k, EFFECT_LOSS);
}

static void a_small_sender_that_loses_much_is_a_loss_and_named(void **state) {
  struct fixture *f = *state;
  days_at(f, "none", 79, 30, 1000, 0);
  mail_daily(f, 79, 30, "203.0.113.7", 1, SECOND_MAIL);
  days_at(f, "reject", 29, 0, 1000, 0);
  f->disposition = "reject";
  mail_daily(f, 29, 0, "203.0.113.7", 1, "dkim example.com/s2=fail; spf example.com=softfail");
  struct kept k = ask(f);
  const struct effect_step *s = only_step(&k);
  assert_outcome(&k, EFFECT_LOSS);
  assert_true(s->is_sender_lost);
  assert_int_equal(s->sender_count, 1);
  assert_int_equal(s->senders[0].lost, 28);
  assert_int_equal(s->senders[0].failing[EFFECT_BEFORE], 0);
}

static void mail_let_through_is_not_lost_nor_is_what_nobody_tells_of(void **state) {
  struct fixture *f = *state;
  days_at(f, "none", 79, 30, 90, 0);
  days_at(f, "reject", 29, 0, 90, 0);
  f->disposition = "none";
  f->reason = "mailing_list";
  mail_daily(f, 28, 0, OFFICE, 10, FAILS);
  f->reason = NULL;
  f->disposition = NULL;
  mail_daily(f, 28, 0, OFFICE, 10, FAILS);
  struct kept k = ask(f);
  const struct effect_step *s = only_step(&k);
  assert_int_equal(effect_acted(&s->own), 0);
  assert_int_equal(s->own.overridden, 280);
  assert_int_equal(s->own.unknown, 280);
  assert_int_equal(s->reason_count, 1);
  assert_int_equal(s->reasons[0].messages, 280);
  assert_outcome(&k, EFFECT_HELD);
}

static void receivers_that_let_most_through_without_a_reason_do_not_honour_it(void **state) {
  struct fixture *f = *state;
  for (int through = 4; through <= 6; through += 2) { /* of ten */
    start_anew(f);
    days_at(f, "none", 79, 30, 90, 0);
    days_at(f, "reject", 29, 0, 90, 0);
    f->disposition = "none";
    mail_daily(f, 28, 0, BOT, through, BOT_MAIL);
    f->disposition = "reject";
    mail_daily(f, 28, 0, BOT, 10 - through, BOT_MAIL);
    struct kept k = ask(f);
    assert_outcome(&k, through > 5 ? EFFECT_NOT_HONOURED : EFFECT_HELD);
  }
}

static void before_two_weeks_it_is_too_early(void **state) {
  struct fixture *f = *state;
  days_at(f, "none", 79, 14, 20, 0);
  days_at(f, "reject", 13, 0, 20, 0);
  struct kept k = ask(f);
  assert_outcome(&k, EFFECT_TOO_EARLY);
  assert_int_equal(only_step(&k)->until_day, LAST_DAY - 12 + EFFECT_SURE_DAYS);
  start_anew(f);
  days_at(f, "none", 79, 15, 20, 0);
  days_at(f, "reject", 14, 0, 20, 0);
  k = ask(f);
  assert_outcome(&k, EFFECT_HELD);
}

/* A day that is past is no day to wait for. */
static void without_reports_nobody_knows_when_more_can_be_said(void **state) {
  struct fixture *f = *state;
  days_at(f, "none", 79, 50, 20, 0);
  days_at(f, "reject", 49, 40, 20, 0);
  f->org = "late.example.net";
  days_at(f, "none", 79, 48, 20, 0);
  days_at(f, "reject", 47, 41, 20, 0);
  struct kept k = ask(f);
  assert_outcome(&k, EFFECT_TOO_EARLY);
  assert_int_equal(only_step(&k)->until_day, 0);
  assert_int_equal(only_step(&k)->silent_since_day, LAST_DAY - 40);
  f->org = "slow.example.net";
  days_at(f, "none", 79, 37, 20, 0);
  days_at(f, "reject", 36, 24, 20, 0);
  f->basis.as_of_s = utc_from_day(LAST_DAY - 23);
  k = ask(f);
  assert_outcome(&k, EFFECT_TOO_EARLY);
  assert_int_equal(only_step(&k)->until_day, LAST_DAY - 35 + EFFECT_SURE_DAYS);
  assert_int_equal(only_step(&k)->silent_since_day, 0);
}

static void a_step_that_was_taken_back_needs_no_record(void **state) {
  struct fixture *f = *state;
  days_at(f, "none", 79, 40, 90, 10);
  days_at(f, "reject", 39, 20, 90, 10);
  days_at(f, "none", 19, 0, 90, 10);
  struct kept k = ask(f);
  assert_outcome(&k, EFFECT_LOSS);
  assert_int_equal(only_step(&k)->taken_back_day, LAST_DAY - 19);
  assert_string_equal(k.record, "");
}

static void the_former_record_takes_back_an_sp_too(void **state) {
  struct fixture *f = *state;
  f->sp = "none";
  days_at(f, "none", 79, 30, 90, 0);
  f->sp = "quarantine";
  days_at(f, "reject", 29, 0, 90, 10);
  struct kept k = ask(f);
  assert_outcome(&k, EFFECT_LOSS);
  assert_string_equal(k.record, "v=DMARC1; p=none; sp=none; rua=<keep yours>");
}

static void assert_former(struct fixture *f, const char *wanted) {
  struct kept k = ask(f);
  assert_outcome(&k, EFFECT_LOSS);
  assert_string_equal(k.record, wanted);
}

/* A step may take tags away, or make them what p is: the record before it had them. */
static void the_former_record_has_the_tags_that_were_published(void **state) {
  struct fixture *f = *state;
  static const char *const SP[] = {NULL, "quarantine"}; /* some receivers fill it in */
  for (size_t i = 0; i < ARRAY_SIZE(SP); i++) {
    start_anew(f);
    f->sp = "none";
    days_at(f, "quarantine", 79, 30, 90, 0);
    f->sp = SP[i];
    f->header_from = "shop.example.com";
    days_at(f, "quarantine", 29, 0, 90, 10);
    f->header_from = "example.com";
    assert_former(f, "v=DMARC1; p=quarantine; sp=none; rua=<keep yours>");
  }
  start_anew(f);
  f->sp = NULL;
  f->np = "none";
  days_at(f, "quarantine", 79, 30, 90, 0);
  f->np = NULL;
  days_at(f, "reject", 29, 0, 90, 10);
  assert_former(f, "v=DMARC1; p=quarantine; np=none; rua=<keep yours>");
  start_anew(f);
  f->adkim = f->aspf = "s";
  days_at(f, "none", 79, 30, 90, 0);
  f->adkim = f->aspf = "r";
  days_at(f, "reject", 29, 0, 90, 10);
  assert_former(f, "v=DMARC1; p=none; adkim=s; aspf=s; rua=<keep yours>");
}

/* Who reports by RFC 7489 has no word for np. */
static void tags_that_the_largest_reporter_has_no_word_for_are_told_by_others(void **state) {
  struct fixture *f = *state;
  days_at(f, "none", 79, 30, 90, 0);
  days_at(f, "reject", 29, 0, 90, 10);
  f->org = "small.example.net";
  f->np = "quarantine";
  days_at(f, "none", 79, 30, 40, 0);
  days_at(f, "reject", 29, 0, 40, 0);
  struct kept k = ask(f);
  assert_outcome(&k, EFFECT_LOSS);
  assert_string_equal(k.before, "p=none; np=quarantine");
  assert_string_equal(k.after, "p=reject; np=quarantine");
  assert_string_equal(k.record, "v=DMARC1; p=none; np=quarantine; rua=<keep yours>");
}

static void a_pct_that_ended_is_in_the_former_record(void **state) {
  struct fixture *f = *state;
  f->pct = "50";
  days_at(f, "quarantine", 79, 30, 90, 0);
  f->pct = "100";
  days_at(f, "quarantine", 29, 0, 90, 10);
  assert_former(f, "v=DMARC1; p=quarantine; pct=<as it was>; rua=<keep yours>");
}

static void a_sender_that_came_each_week_and_no_more_has_vanished(void **state) {
  struct fixture *f = *state;
  days_at(f, "none", 79, 30, 90, 0);
  mail_daily(f, 79, 30, "203.0.113.7", 2, SECOND_MAIL);  /* vanishes */
  mail_daily(f, 50, 40, "198.51.100.7", 9, SECOND_MAIL); /* was gone before */
  days_at(f, "reject", 29, 0, 90, 0);
  struct kept k = ask(f);
  const struct effect_step *s = only_step(&k);
  assert_int_equal(s->vanished_count, 1);
  assert_int_equal(s->vanished[0].messages[EFFECT_BEFORE], 56);
}

static void a_domain_without_a_step_has_none(void **state) {
  struct fixture *f = *state;
  days_at(f, "none", 79, 0, 90, 0);
  struct kept k = ask(f);
  assert_int_equal(k.count, 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      T(both_windows_are_whole_weeks_and_four_at_most),
      T(many_reporters_that_come_and_go_are_each_counted_once),
      T(the_shorter_side_decides),
      T(each_reporter_switches_on_a_day_of_its_own),
      T(the_first_report_with_the_policy_is_set_aside),
      T(a_report_with_the_old_policy_behind_it_is_set_aside_and_no_step),
      T(a_step_that_less_than_a_tenth_of_the_mail_tells_of_is_none),
      T(steps_come_the_newest_first_and_a_window_ends_with_the_next),
      T(a_step_that_is_taken_twice_in_two_weeks_is_two),
      T(a_weaker_policy_is_no_step),
      T(what_failed_before_is_expected_after),
      T(mail_that_the_step_does_not_govern_is_not_its_own),
      T(testing_ends_as_a_step),
      T(what_a_step_leads_from_is_told_of_right_before_it),
      T(np_alone_is_a_step_for_names_that_do_not_exist),
      T(an_interval_is_wide_where_little_is_known),
      T(own_mail_lost_is_a_loss_above_the_limit_of_the_step),
      T(a_small_sender_that_loses_much_is_a_loss_and_named),
      T(mail_let_through_is_not_lost_nor_is_what_nobody_tells_of),
      T(receivers_that_let_most_through_without_a_reason_do_not_honour_it),
      T(before_two_weeks_it_is_too_early),
      T(without_reports_nobody_knows_when_more_can_be_said),
      T(a_step_that_was_taken_back_needs_no_record),
      T(the_former_record_takes_back_an_sp_too),
      T(the_former_record_has_the_tags_that_were_published),
      T(tags_that_the_largest_reporter_has_no_word_for_are_told_by_others),
      T(a_pct_that_ended_is_in_the_former_record),
      T(a_sender_that_came_each_week_and_no_more_has_vanished),
      T(a_domain_without_a_step_has_none),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
