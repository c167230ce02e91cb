/* SPDX-License-Identifier: Apache-2.0 */
/* The verdicts in their order, the window and the policy they rest on, what else is told, and the thresholds. */
#include "verdict_kit.h"

/* --- the verdict -------------------------------------------------------------------------------------------------- */

static void verdicts_come_in_their_order(void **state) {
  struct world *w = *state;
  static const char *const WITH_SO_MANY_FAULTS[] = {"READY",     "INSUFFICIENT_DATA", "NEEDS_DECISION",
                                                    "NOT_READY", "REGRESSION",        "STALE"};
  for (unsigned faults = 0; faults < ARRAY_SIZE(WITH_SO_MANY_FAULTS); faults++) {
    start_anew(w);
    uint32_t p = policy(w, (struct seen_policy){.p = "quarantine"});
    for (int ago = 59; ago >= 0; ago--)
      for (unsigned reporter = 0; reporter < (faults >= 1 ? 1 : 3); reporter++) report(w, reporter, p, ago, 40);
    signed_mail(w, "192.0.2.1", "example.com/s1", 59, 0, 100);
    if (faults >= 2) mailer_mail(w, &MAILER, 5, 5, 500);
    if (faults >= 3) broken_mail(w, "192.0.2.1", "example.com/s1", 59, 0, 20);
    if (faults >= 4) broken_mail(w, "192.0.2.1", "example.com/s1", 6, 0, 50);
    if (faults >= 5) w->as_of_s = END_S + 8 * UTC_DAY_S;
    assert_string_equal(verdict_of(w), WITH_SO_MANY_FAULTS[faults]);
  }
}

static void at_the_target_missing_data_only_warn(void **state) {
  struct world *w = *state;
  uint32_t p = policy(w, (struct seen_policy){.p = "reject"});
  for (int ago = 9; ago >= 0; ago--) report(w, 0, p, ago, 40);
  signed_mail(w, "192.0.2.1", "example.com/s1", 9, 0, 10);
  const struct judgement *j = judged(w);
  assert_string_equal(verdict_word(j->verdict), "AT_TARGET");
  assert_int_equal(j->next, POLICY_UNKNOWN);
  assert_null(j->next_record);
  assert_int_equal(j->gates[GATE_POLICY_AGE].state, GATE_WARN);
  assert_int_equal(j->gates[GATE_DATA_DAYS].state, GATE_WARN);
  assert_int_equal(j->gates[GATE_REPORTERS].state, GATE_WARN);
  assert_int_equal(j->gates[GATE_OWN_LOWER].state, GATE_WARN);
}

static void the_target_keeps_looking_at_own_mail(void **state) {
  struct world *w = *state;
  good_mail(w, "reject");
  assert_string_equal(verdict_of(w), "AT_TARGET");
  second_source(w, 100, 2); /* never fell, always failed */
  assert_string_equal(verdict_of(w), "NOT_READY");
  start_anew(w);
  good_mail(w, "reject");
  mailer_mail(w, &MAILER, 20, 0, 5);
  assert_string_equal(verdict_of(w), "NEEDS_DECISION");
  start_anew(w);
  good_mail(w, "reject");
  spf_mail(w, "198.51.100.1", 59, 0, 5);
  assert_string_equal(verdict_of(w), "NOT_READY");
  start_anew(w);
  fall(w, "reject", 20);
  assert_string_equal(verdict_of(w), "REGRESSION");
}

static void at_the_target_losses_through_forwarders_warn(void **state) {
  struct world *w = *state;
  good_mail(w, "reject");
  strange_mail(w, "203.0.113.7", 5, 5, 100)->service = &LISTS;
  assert_int_equal(gate(w, GATE_FORWARDED)->state, GATE_WARN);
  assert_string_equal(verdict_of(w), "AT_TARGET");
}

static void blockers_come_largest_first_and_are_bounded(void **state) {
  struct world *w = *state;
  good_mail(w, "none");
  for (unsigned i = 0; i < MOST_FINDINGS + 5; i++) {
    char source[32];
    snprintf(source, sizeof source, "10.0.%u.1", i);
    strange_mail(w, source, 10, 0, 1 + (i * 7) % 23);
  }
  const struct judgement *j = judged(w);
  assert_string_equal(verdict_word(j->verdict), "NEEDS_DECISION");
  assert_int_equal(j->blockers.count, MOST_FINDINGS);
  assert_int_equal(j->blockers.items[0].messages, 11 * 23);
  for (unsigned i = 1; i < j->blockers.count; i++)
    assert_true(j->blockers.items[i].messages <= j->blockers.items[i - 1].messages);
}

static void what_the_next_policy_acts_on_is_told_by_class(void **state) {
  struct world *w = *state;
  good_mail(w, "none");
  broken_mail(w, "192.0.2.1", "example.com/s1", 29, 0, 1);
  strange_mail(w, "203.0.113.7", 5, 5, 600);
  mailer_mail(w, &MAILER, 5, 5, 15);
  const struct judgement *j = judged(w);
  assert_near(j->affected_per_day[CLASS_OWN], 0, 1e-9);
  assert_near(j->affected_per_day[CLASS_OWN_BROKEN], 1, 1e-9);
  assert_near(j->affected_per_day[CLASS_SUSPICIOUS], 20, 1e-9);
  assert_near(j->affected_per_day[CLASS_UNDECIDED], 0.5, 1e-9);
}

/* --- dormant streams ---------------------------------------------------------------------------------------------- */

static void a_dormant_source_that_failed_in_its_last_run_still_counts(void **state) {
  struct world *w = *state;
  good_mail(w, "none");
  signed_mail(w, "198.51.100.1", "example.com/q", 400, 400, 100);
  struct stream *s = broken_mail(w, "198.51.100.1", "example.com/q", 90, 90, 30);
  const struct judgement *j = judged(w);
  assert_true(s->dormant);
  assert_int_equal(s->window_messages, 30);
  assert_string_equal(verdict_word(j->verdict), "NOT_READY");
  assert_string_equal(j->blockers.items[0].source, "198.51.100.0/24");
  assert_int_equal(j->own_messages, 3000);
  assert_int_equal(j->raw_messages, 3000);
}

static void memory_ends_after_400_days(void **state) {
  struct world *w = *state;
  for (int ago = 400; ago <= 401; ago++) {
    start_anew(w);
    good_mail(w, "none");
    struct stream *s = mailer_mail(w, &MAILER, ago, ago, 100);
    assert_string_equal(verdict_of(w), ago == 400 ? "NEEDS_DECISION" : "READY");
    assert_int_equal(s->dormant, ago == 400);
  }
}

static void a_dormant_stream_is_judged_by_the_seven_days_of_its_last_run(void **state) {
  struct world *w = *state;
  good_mail(w, "none");
  struct stream *s = mailer_mail(w, &MAILER, 97, 97, 5000);
  mail(s, 96, 90, 4);
  judged(w);
  assert_true(s->dormant);
  assert_int_equal(s->window_messages, 28);
  assert_string_equal(verdict_of(w), "READY"); /* 28 of 3,000 are no 1 % */
}

static void a_stream_of_the_windows_first_day_is_not_dormant_and_one_day_older_is(void **state) {
  struct world *w = *state;
  good_mail(w, "none");
  struct stream *inside = mailer_mail(w, &MAILER, 29, 29, 1), *outside = mailer_mail(w, &OTHER_MAILER, 30, 30, 1);
  struct stream *stranger = strange_mail(w, "203.0.113.7", 30, 30, 1);
  judged(w);
  assert_false(inside->dormant);
  assert_true(outside->dormant);
  assert_false(stranger->dormant); /* what is nobody's question sleeps in peace */
  assert_int_equal(stranger->window_messages, 0);
}

static void a_break_that_was_repaired_before_the_window_is_over(void **state) {
  struct world *w = *state;
  reports(w, policy(w, (struct seen_policy){.p = "none"}), 120, 0);
  struct stream *whole = signed_mail(w, "192.0.2.1", "example.com/s1", 120, 60, 100);
  struct stream *broken = broken_mail(w, "192.0.2.1", "example.com/s2", 60, 45, 100);
  signs_with(w, whole, "example.com/s2");
  mail(whole, 45, 0, 100);
  assert_class(w, broken, "own_broken", "at home");
  assert_false(broken->dormant);
  assert_string_equal(verdict_of(w), "READY");
}

static void broken_mail_beside_whole_mail_is_not_over_because_the_whole_goes_on(void **state) {
  struct world *w = *state;
  good_mail(w, "none")->days[0].day = LAST_DAY - 100;
  struct stream *invoices = broken_mail(w, "192.0.2.1", "example.com/s1", 100, 100, 500);
  assert_string_equal(verdict_of(w), "NOT_READY");
  assert_true(invoices->dormant);
}

static void a_break_of_a_selector_that_never_passed_since_is_not_over(void **state) {
  struct world *w = *state;
  reports(w, policy(w, (struct seen_policy){.p = "none"}), 120, 0);
  struct stream *whole = signed_mail(w, "192.0.2.1", "example.com/s1", 120, 61, 100);
  mail(whole, 44, 0, 100);
  struct stream *broken = broken_mail(w, "192.0.2.1", "example.com/q", 60, 45, 100);
  assert_class(w, broken, "own_broken", "at home");
  assert_true(broken->dormant);
  assert_string_equal(verdict_of(w), "NOT_READY");
}

/* --- parked domains ----------------------------------------------------------------------------------------------- */

static struct stream *parked(struct world *w, const char *p) {
  reports(w, policy(w, (struct seen_policy){.p = p}), 59, 0);
  struct stream *s = strange_mail(w, "203.0.113.7", 59, 0, 20);
  s->spf_failed = s->messages; /* at weekends too: no habit */
  return s;
}

static void a_parked_domain_answered_by_its_spf_goes_straight_to_reject(void **state) {
  struct world *w = *state;
  struct stream *s = parked(w, "none");
  s->spf_refused = s->messages * 9 / 10;
  const struct judgement *j = judged(w);
  assert_true(j->parked);
  assert_string_equal(verdict_word(j->verdict), "READY");
  assert_int_equal(j->next, POLICY_REJECT);
  assert_non_null(strstr(j->next_record, "p=reject"));
  assert_non_null(strstr(j->reason, "-all"));
}

static void a_parked_domain_without_an_answer_is_one_question(void **state) {
  struct world *w = *state;
  struct stream *s = parked(w, "none");
  s->spf_refused = s->messages * 9 / 10 - 1;
  assert_string_equal(verdict_of(w), "NEEDS_DECISION");
  for (int i = 0; i < 20; i++) {
    char source[32];
    snprintf(source, sizeof source, "10.0.%d.1", i);
    strange_mail(w, source, 59, 0, 5);
  }
  const struct judgement *j = judged(w);
  assert_string_equal(verdict_word(j->verdict), "NEEDS_DECISION");
  assert_int_equal(j->blockers.count, 1);
  assert_int_equal(j->gates[GATE_UNDECIDED_ALL].state, GATE_FAIL);
  assert_non_null(strstr(j->blockers.items[0].repair, "does anything send as this domain?"));
}

static void a_domain_that_a_service_sends_for_unauthenticated_is_not_parked(void **state) {
  struct world *w = *state;
  struct stream *s = parked(w, "none");
  s->spf_refused = s->messages;
  mailer_mail(w, &MAILER, 50, 0, 3);
  const struct judgement *j = judged(w);
  assert_string_equal(verdict_word(j->verdict), "NEEDS_DECISION");
  assert_int_equal(j->next, POLICY_QUARANTINE);
  assert_string_equal(j->blockers.items[0].source, "Example Mailer");
}

static void a_question_beyond_the_memory_does_not_keep_a_domain_from_being_parked(void **state) {
  struct world *w = *state;
  for (int ago = 400; ago <= 401; ago++) {
    start_anew(w);
    struct stream *s = parked(w, "none");
    s->spf_refused = s->messages;
    mailer_mail(w, &MAILER, ago, ago, 5);
    assert_int_equal(judged(w)->parked, ago == 401);
    assert_string_equal(verdict_of(w), ago == 401 ? "READY" : "NEEDS_DECISION");
  }
}

static void a_domain_with_office_hours_is_not_parked(void **state) {
  struct world *w = *state;
  reports(w, policy(w, (struct seen_policy){.p = "none"}), 59, 0);
  struct stream *s = stream(w, "203.0.113.7", STREAM_NOTHING);
  for (int monday = 53; monday >= 4; monday -= 7) mail(s, monday, monday - 4, 20);
  s->spf_failed = s->spf_refused = s->messages;
  assert_string_equal(verdict_of(w), "NEEDS_DECISION");
  assert_int_equal(judged(w)->next, POLICY_QUARANTINE);
}

static void a_parked_domain_without_any_mail_needs_its_30_days_alone(void **state) {
  struct world *w = *state;
  uint32_t p = policy(w, (struct seen_policy){.p = "none"});
  for (int ago = 28; ago >= 0; ago--) report(w, 0, p, ago, 0);
  assert_string_equal(verdict_of(w), "INSUFFICIENT_DATA");
  report(w, 0, p, 29, 0);
  assert_string_equal(verdict_of(w), "READY");
  assert_int_equal(gate(w, GATE_REPORTERS)->state, GATE_WARN);
}

static void a_parked_domain_at_reject_is_at_the_target(void **state) {
  struct world *w = *state;
  parked(w, "reject");
  assert_string_equal(verdict_of(w), "AT_TARGET");
  assert_null(judged(w)->next_record);
}

static void a_parked_domain_finishes_reject_but_not_quarantine(void **state) {
  struct world *w = *state;
  struct stream *s = parked(w, "quarantine");
  s->spf_refused = s->messages;
  w->h.policies[0].testing = 'y';
  const struct judgement *j = judged(w);
  assert_int_equal(j->next, POLICY_REJECT);
  assert_false(j->finish_current);
  w->h.policies[0].p = "reject";
  j = judged(w);
  assert_int_equal(j->next, POLICY_REJECT);
  assert_true(j->finish_current);
}

static void a_parked_domain_with_old_reports_is_stale(void **state) {
  struct world *w = *state;
  parked(w, "none");
  w->as_of_s = END_S + 8 * UTC_DAY_S;
  assert_string_equal(verdict_of(w), "STALE");
  assert_int_equal(judged(w)->blockers.count, 0);
}

/* --- the window --------------------------------------------------------------------------------------------------- */

static void little_mail_makes_the_window_longer(void **state) {
  struct world *w = *state;
  static const struct { int a_day, days; } CASES[] = {{9, 30}, {8, 90}, {3, 90}, {2, 180}, {1, 180}};
  for (unsigned i = 0; i < ARRAY_SIZE(CASES); i++) {
    start_anew(w);
    reports(w, policy(w, (struct seen_policy){.p = "none"}), 300, 0);
    signed_mail(w, "192.0.2.1", "example.com/s1", 300, 0, CASES[i].a_day);
    const struct judgement *j = judged(w);
    assert_int_equal(j->window_end_s - j->window_begin_s, CASES[i].days * UTC_DAY_S);
    assert_int_equal(j->own_messages, CASES[i].a_day * CASES[i].days);
    assert_string_equal(verdict_word(j->verdict), "READY");
  }
}

static void the_window_is_long_enough_with_268_messages(void **state) {
  struct world *w = *state;
  for (int messages = 267; messages <= 268; messages++) {
    start_anew(w);
    reports(w, policy(w, (struct seen_policy){.p = "none"}), 300, 0);
    mail(signed_mail(w, "192.0.2.1", "example.com/s1", 300, 1, 9), 0, 0, messages - 29 * 9);
    const struct judgement *j = judged(w);
    assert_int_equal(j->window_end_s - j->window_begin_s, (messages == 268 ? 30 : 90) * UTC_DAY_S);
  }
}

static void reports_every(struct world *w, uint32_t of_policy, int step, int first) {
  for (int ago = first; ago >= 0; ago -= step)
    for (unsigned reporter = 0; reporter < 3; reporter++) report(w, reporter, of_policy, ago, 40);
}

static void a_weekly_sender_is_judged_in_its_own_rhythm(void **state) {
  struct world *w = *state;
  reports_every(w, policy(w, (struct seen_policy){.p = "quarantine"}), 7, 210);
  struct stream *s = stream(w, "192.0.2.1", STREAM_SIGNED);
  signs_with(w, s, "example.com/s1");
  mail_every(s, 7, 210, 0, 100);
  w->as_of_s = END_S + 8 * UTC_DAY_S; /* too old for a daily sender */
  const struct judgement *j = judged(w);
  assert_string_equal(verdict_word(j->verdict), "READY");
  assert_near(j->gates[GATE_DATA_DAYS].limit, 18, 1e-9); /* 0.7 of 180 / 7; daily senders need 21 */
  w->as_of_s = END_S + 11 * UTC_DAY_S;
  assert_string_equal(verdict_of(w), "STALE");
}

static void a_monthly_sender_is_judged_in_its_own_rhythm(void **state) {
  struct world *w = *state;
  reports_every(w, policy(w, (struct seen_policy){.p = "none"}), 30, 360);
  struct stream *s = stream(w, "192.0.2.1", STREAM_SIGNED);
  signs_with(w, s, "example.com/s1");
  mail_every(s, 30, 360, 0, 100);
  w->as_of_s = END_S + 29 * UTC_DAY_S;
  const struct judgement *j = judged(w);
  assert_string_equal(verdict_word(j->verdict), "READY");
  assert_near(j->gates[GATE_DATA_DAYS].limit, 4, 1e-9);
  w->as_of_s = END_S + 46 * UTC_DAY_S;
  assert_string_equal(verdict_of(w), "STALE");
}

static void a_clock_more_than_two_days_ahead_does_not_move_the_window(void **state) {
  struct world *w = *state;
  good_mail(w, "none");
  report_of(w, 0, 0, END_S + UTC_DAY_S, w->as_of_s + 2 * UTC_DAY_S + 1, 40);
  assert_int_equal(judged(w)->window_end_s, END_S);
  report_of(w, 0, 0, END_S + UTC_DAY_S, w->as_of_s + 2 * UTC_DAY_S, 40);
  assert_int_equal(judged(w)->window_end_s, END_S + 3 * UTC_DAY_S);
}

static void a_clock_of_1970_does_not_make_the_policy_old(void **state) {
  struct world *w = *state;
  reports(w, policy(w, (struct seen_policy){.p = "none"}), 24, 0);
  signed_mail(w, "192.0.2.1", "example.com/s1", 24, 0, 100);
  report_of(w, 0, 0, 0, UTC_DAY_S, 40);
  assert_gate(w, GATE_POLICY_AGE, 25, GATE_FAIL);
  assert_string_equal(verdict_of(w), "INSUFFICIENT_DATA");
}

static void without_a_believable_report_the_answer_is_stale(void **state) {
  struct world *w = *state;
  report_of(w, 0, policy(w, (struct seen_policy){.p = "none"}), DAY_S(0), END_S + 100 * UTC_DAY_S, 40);
  strange_mail(w, "203.0.113.7", 0, 0, 5);
  const struct judgement *j = judged(w);
  assert_string_equal(verdict_word(j->verdict), "STALE");
}

/* --- the policy --------------------------------------------------------------------------------------------------- */

static void a_changed_policy_begins_its_days_anew(void **state) {
  struct world *w = *state;
  reports(w, policy(w, (struct seen_policy){.p = "none"}), 90, 20);
  reports(w, policy(w, (struct seen_policy){.p = "quarantine"}), 19, 0);
  signed_mail(w, "192.0.2.1", "example.com/s1", 90, 0, 100);
  const struct judgement *j = judged(w);
  assert_int_equal(j->current, POLICY_QUARANTINE);
  assert_int_equal(j->policy_since_s, DAY_S(19));
  assert_near(j->gates[GATE_POLICY_AGE].figure, 20, 1e-9);
  assert_string_equal(verdict_word(j->verdict), "INSUFFICIENT_DATA");
}

static void a_change_of_yesterday_is_known_at_once(void **state) {
  struct world *w = *state;
  reports(w, policy(w, (struct seen_policy){.p = "none"}), 59, 1);
  reports(w, policy(w, (struct seen_policy){.p = "quarantine"}), 0, 0);
  signed_mail(w, "192.0.2.1", "example.com/s1", 59, 0, 100);
  assert_int_equal(judged(w)->current, POLICY_QUARANTINE);
  assert_gate(w, GATE_POLICY_AGE, 1, GATE_FAIL);
}

static void a_stray_report_of_the_former_policy_does_not_begin_it_anew(void **state) {
  struct world *w = *state;
  uint32_t none = policy(w, (struct seen_policy){.p = "none"});
  uint32_t quarantine = policy(w, (struct seen_policy){.p = "quarantine"});
  reports(w, none, 90, 40);
  reports(w, quarantine, 39, 0);
  report(w, 3, none, 35, 40);
  report(w, 3, none, 10, 40);
  signed_mail(w, "192.0.2.1", "example.com/s1", 90, 0, 100);
  assert_int_equal(judged(w)->policy_since_s, DAY_S(39));
  assert_string_equal(verdict_of(w), "READY");
}

static void stray_last_reports_do_not_take_the_policy_back(void **state) {
  struct world *w = *state;
  static const char *const POLICY[][2] = {{"none", "reject"}, {"reject", "none"}}; /* stray, present */
  for (unsigned i = 0; i < ARRAY_SIZE(POLICY); i++) {
    start_anew(w);
    uint32_t stray = policy(w, (struct seen_policy){.p = POLICY[i][0]});
    reports(w, policy(w, (struct seen_policy){.p = POLICY[i][1]}), 59, 0);
    for (int hour = 1; hour < 20; hour++) report_of(w, 3, stray, DAY_S(0) + hour * HOUR_S, END_S, 40);
    signed_mail(w, "192.0.2.1", "example.com/s1", 59, 0, 100);
    const struct judgement *j = judged(w);
    assert_int_equal(j->current, policy_of(POLICY[i][1]));
    assert_string_equal(verdict_word(j->verdict), i == 0 ? "AT_TARGET" : "READY");
  }
}

static void a_last_report_without_a_policy_does_not_take_it_back(void **state) {
  struct world *w = *state;
  reports(w, policy(w, (struct seen_policy){.p = "reject"}), 59, 0);
  report_of(w, 3, policy(w, (struct seen_policy){.p = NULL}), DAY_S(0) + HOUR_S, END_S, 40);
  signed_mail(w, "192.0.2.1", "example.com/s1", 59, 0, 100);
  assert_string_equal(verdict_of(w), "AT_TARGET");
}

static void testing_is_told_by_reports_that_have_a_word_for_it(void **state) {
  struct world *w = *state;
  reports(w, policy(w, (struct seen_policy){.p = "quarantine"}), 59, 0);
  signed_mail(w, "192.0.2.1", "example.com/s1", 59, 0, 100);
  report(w, 3, policy(w, (struct seen_policy){.p = "quarantine", .testing = 'y'}), 5, 40);
  const struct judgement *j = judged(w);
  assert_int_equal(j->policy.testing, 'y');
  assert_false(j->in_force);
  assert_true(j->finish_current);
  assert_int_equal(j->next, POLICY_QUARANTINE);
  assert_string_equal(verdict_word(j->verdict), "READY");
  assert_string_equal(j->next_record, "v=DMARC1; p=quarantine; rua=<keep yours>");
  report(w, 3, policy(w, (struct seen_policy){.p = "quarantine", .testing = 'n'}), 4, 40);
  j = judged(w);
  assert_true(j->in_force);
  assert_int_equal(j->next, POLICY_REJECT);
}

static void the_days_in_testing_do_not_count_as_days_in_force(void **state) {
  struct world *w = *state;
  reports(w, policy(w, (struct seen_policy){.p = "quarantine"}), 59, 0); /* have no word for it */
  uint32_t testing = policy(w, (struct seen_policy){.p = "quarantine", .testing = 'y'});
  uint32_t in_force = policy(w, (struct seen_policy){.p = "quarantine", .testing = 'n'});
  for (int ago = 59; ago >= 0; ago--) report(w, 3, ago >= 5 ? testing : in_force, ago, 40);
  signed_mail(w, "192.0.2.1", "example.com/s1", 59, 0, 100);
  assert_gate(w, GATE_POLICY_AGE, 5, GATE_FAIL);
  assert_string_equal(verdict_of(w), "INSUFFICIENT_DATA");
}

static void a_stray_word_of_testing_does_not_begin_the_days_anew(void **state) {
  struct world *w = *state;
  reports(w, policy(w, (struct seen_policy){.p = "quarantine"}), 59, 0);
  uint32_t testing = policy(w, (struct seen_policy){.p = "quarantine", .testing = 'y'});
  uint32_t in_force = policy(w, (struct seen_policy){.p = "quarantine", .testing = 'n'});
  for (int ago = 30; ago >= 0; ago--) report(w, 3, ago == 5 ? testing : in_force, ago, 40);
  signed_mail(w, "192.0.2.1", "example.com/s1", 59, 0, 100);
  assert_gate(w, GATE_POLICY_AGE, 60, GATE_PASS);
}

static void a_sampled_policy_is_to_be_finished_first(void **state) {
  struct world *w = *state;
  good_mail(w, "quarantine");
  w->h.policies[0].sampled = 'y';
  const struct judgement *j = judged(w);
  assert_false(j->in_force);
  assert_true(j->finish_current);
  assert_int_equal(j->next, POLICY_QUARANTINE);
  assert_string_equal(verdict_word(j->verdict), "READY");
}

static void sampling_is_told_by_reports_that_have_a_word_for_it(void **state) {
  struct world *w = *state;
  uint32_t sampled = policy(w, (struct seen_policy){.p = "quarantine", .sampled = 'y'});
  uint32_t whole = policy(w, (struct seen_policy){.p = "quarantine", .sampled = 'n'});
  reports(w, policy(w, (struct seen_policy){.p = "quarantine", .testing = 'n'}), 59, 0);
  for (int ago = 59; ago >= 1; ago--) report(w, 3, sampled, ago, 40);
  signed_mail(w, "192.0.2.1", "example.com/s1", 59, 0, 100);
  assert_false(judged(w)->in_force);
  assert_int_equal(judged(w)->next, POLICY_QUARANTINE);
  report(w, 3, whole, 0, 40);
  assert_true(judged(w)->in_force);
  assert_gate(w, GATE_POLICY_AGE, 1, GATE_FAIL);
}

static void a_word_of_testing_for_another_policy_says_nothing_of_this_one(void **state) {
  struct world *w = *state;
  report(w, 3, policy(w, (struct seen_policy){.p = "none", .testing = 'y'}), 25, 40);
  reports(w, policy(w, (struct seen_policy){.p = "quarantine"}), 59, 0);
  signed_mail(w, "192.0.2.1", "example.com/s1", 59, 0, 100);
  assert_true(judged(w)->in_force);
}

static void a_reject_in_testing_is_not_the_target(void **state) {
  struct world *w = *state;
  good_mail(w, "reject");
  w->h.policies[0].testing = 'y';
  const struct judgement *j = judged(w);
  assert_string_equal(verdict_word(j->verdict), "READY");
  assert_int_equal(j->next, POLICY_REJECT);
  assert_string_equal(j->next_record, "v=DMARC1; p=reject; rua=<keep yours>");
}

static void none_in_testing_has_nothing_to_finish(void **state) {
  struct world *w = *state;
  good_mail(w, "none");
  w->h.policies[0].testing = 'y';
  const struct judgement *j = judged(w);
  assert_false(j->finish_current);
  assert_int_equal(j->next, POLICY_QUARANTINE);
}

static void with_an_sp_of_its_own_mail_of_subdomains_is_out_of_the_policys_scope(void **state) {
  struct world *w = *state;
  static const char *const SP[] = {NULL, "none", "quarantine"}; /* the one of p is filled in by reporters */
  for (unsigned i = 0; i < ARRAY_SIZE(SP); i++) {
    bool sp = i == 2;
    start_anew(w);
    good_mail(w, "none");
    w->h.policies[0].sp = SP[i];
    struct stream *s = signed_mail(w, "198.51.100.1", "news.example.com/n", 59, 0, 10);
    struct stream *broken = broken_mail(w, "198.51.100.1", "news.example.com/n", 59, 0, 10);
    s->header_from = broken->header_from = kept(w, "news.example.com");
    const struct judgement *j = judged(w);
    assert_string_equal(verdict_word(j->verdict), sp ? "READY" : "NOT_READY");
    assert_int_equal(j->own_messages, sp ? 3000 : 3600);
    assert_near(j->affected_per_day[CLASS_OWN_BROKEN], sp ? 0 : 10, 1e-9);
    assert_int_equal(j->raw_messages, 3600);
  }
}

/* Mail of a subdomain that passes, with some that fails. */
static void subdomain_mail(struct world *w, int64_t whole, int64_t broken) {
  struct stream *s = signed_mail(w, "198.51.100.1", "news.example.com/n", 59, 0, whole);
  s->header_from = kept(w, "news.example.com");
  if (!broken) return;
  s = broken_mail(w, "198.51.100.1", "news.example.com/n", 59, 0, broken);
  s->header_from = kept(w, "news.example.com");
}

static void subdomains_under_an_sp_of_their_own_are_judged_by_their_own_mail(void **state) {
  struct world *w = *state;
  good_mail(w, "reject");
  assert_null(judged(w)->below);
  w->h.policies[0].sp = "none";
  subdomain_mail(w, 100, 10);
  const struct judgement *j = judged(w);
  assert_string_equal(verdict_word(j->verdict), "AT_TARGET");
  assert_non_null(j->below);
  assert_string_equal(verdict_word(j->below->verdict), "NOT_READY");
  assert_int_equal(j->below->current, POLICY_NONE);
  assert_int_equal(j->below->next, POLICY_QUARANTINE);
  assert_int_equal(j->below->own_messages, 3300);
  assert_int_equal(j->below->raw_messages, 3300);
  assert_int_equal(j->below->blockers.count, 1);
  assert_string_equal(j->below->next_record, "v=DMARC1; p=reject; sp=quarantine; rua=<keep yours>");
  assert_null(j->next_record);
  assert_int_equal(j->blockers.count, 0);
}

static void subdomains_whose_mail_passes_may_follow(void **state) {
  struct world *w = *state;
  good_mail(w, "quarantine");
  w->h.policies[0].sp = "none";
  subdomain_mail(w, 100, 0);
  const struct judgement *j = judged(w);
  assert_string_equal(verdict_word(j->below->verdict), "READY");
  assert_string_equal(j->below->next_record, "v=DMARC1; p=quarantine; sp=quarantine; rua=<keep yours>");
  /* one step at a time */
  assert_string_equal(j->next_record, "v=DMARC1; p=reject; sp=none; rua=<keep yours>");
}

static void subdomains_that_send_nothing_go_straight_to_reject(void **state) {
  struct world *w = *state;
  good_mail(w, "reject");
  w->h.policies[0].sp = "none";
  const struct judgement *below = judged(w)->below;
  assert_true(below->parked);
  assert_string_equal(verdict_word(below->verdict), "READY");
  assert_int_equal(below->next, POLICY_REJECT);
  assert_false(w->j.parked);
  struct stream *s = strange_mail(w, "203.0.113.1", 20, 0, 3);
  s->header_from = kept(w, "invented.example.com");
  assert_string_equal(verdict_word(judged(w)->below->verdict), "NEEDS_DECISION");
  label(w, LABEL_ADDRESS, "203.0.113.1", LABEL_UNAUTHORISED);
  assert_string_equal(verdict_word(judged(w)->below->verdict), "READY");
}

static void a_changed_sp_begins_its_own_days_anew(void **state) {
  struct world *w = *state;
  reports(w, policy(w, (struct seen_policy){.p = "reject", .sp = "none"}), 59, 11);
  reports(w, policy(w, (struct seen_policy){.p = "reject", .sp = "quarantine"}), 10, 0);
  signed_mail(w, "192.0.2.1", "example.com/s1", 59, 0, 100);
  subdomain_mail(w, 100, 0);
  const struct judgement *j = judged(w);
  assert_near(j->gates[GATE_POLICY_AGE].figure, 60, 1e-9);
  assert_near(j->below->gates[GATE_POLICY_AGE].figure, 11, 1e-9);
  assert_string_equal(verdict_word(j->below->verdict), "INSUFFICIENT_DATA");
}

/* --- findings that block nothing ---------------------------------------------------------------------------------- */

static void undecided_mail_within_the_limit_is_told_and_blocks_nothing(void **state) {
  struct world *w = *state;
  good_mail(w, "none");
  struct stream *s = mailer_mail(w, &MAILER, 20, 0, 1); /* 21 of 3000: under 1 % */
  const struct judgement *j = judged(w);
  assert_string_equal(verdict_word(j->verdict), "READY");
  assert_int_equal(j->questions.count, 1);
  assert_string_equal(j->questions.items[0].example, s->source);
  assert_int_equal(j->questions.items[0].messages, 21);
  assert_int_equal(j->blockers.count, 0);
  mailer_mail(w, &OTHER_MAILER, 20, 0, 9);
  j = judged(w);
  assert_int_equal(j->questions.count, 0);
  assert_int_equal(j->blockers.count, 2);
  assert_int_equal(j->blockers.items[0].messages, 189); /* largest first */
}

static void a_forwarder_is_told_where_its_mail_fails_and_blocks_the_way_to_reject(void **state) {
  struct world *w = *state;
  static const struct {
    const char *p;
    int64_t daily;
    bool blocks;
  } CASES[] = {{"none", 20, false}, {"quarantine", 1, false}, {"quarantine", 20, true}};
  for (unsigned i = 0; i < ARRAY_SIZE(CASES); i++) {
    start_anew(w);
    good_mail(w, CASES[i].p);
    struct stream *s = broken_mail(w, "198.51.100.9", "example.com/s1", 29, 0, CASES[i].daily);
    s->forwarded = s->messages;
    const struct judgement *j = judged(w);
    assert_int_equal(j->forwarders.count, !CASES[i].blocks);
    assert_int_equal(j->blockers.count, CASES[i].blocks);
    const struct finding *f = CASES[i].blocks ? &j->blockers.items[0] : &j->forwarders.items[0];
    assert_int_equal(f->messages, 30 * CASES[i].daily);
    assert_int_equal(f->class, CLASS_FORWARDER);
    assert_non_null(strstr(f->repair, "sign all of it with DKIM"));
  }
}

static void more_findings_than_anybody_repairs_at_once_are_counted(void **state) {
  struct world *w = *state;
  good_mail(w, "none");
  for (unsigned i = 0; i < MOST_FINDINGS + 3; i++) {
    char source[32];
    snprintf(source, sizeof source, "198.18.%u.1", i);
    struct stream *s = broken_mail(w, source, "example.com/s1", 29, 29, i + 1);
    s->forwarded = s->messages;
  }
  const struct judgement *j = judged(w);
  assert_int_equal(j->forwarders.count, MOST_FINDINGS);
  assert_int_equal(j->forwarders.left_out, 3);
  assert_int_equal(j->forwarders.items[0].messages, MOST_FINDINGS + 3);
  assert_int_equal(j->forwarders.items[MOST_FINDINGS - 1].messages, 4);
}

static void a_few_messages_with_the_owners_spf_tell_nothing_of_the_rest(void **state) {
  struct world *w = *state;
  for (int enough = 0; enough < 2; enough++) {
    start_anew(w);
    good_mail(w, "none");
    struct stream *own = spf_mail(w, "198.51.100.1", 20, 19, enough ? 3 : 2); /* 6 or 4; the limit is 5 */
    struct stream *beside = broken_mail(w, "198.51.100.2", "example.com/forged", 20, 19, 3);
    judged(w);
    assert_int_equal(own->class, CLASS_OWN);
    assert_int_equal(beside->class == CLASS_OWN_BROKEN, enough);
  }
}

/* --- thresholds --------------------------------------------------------------------------------------------------- */

static void each_threshold_is_set_by_its_name_and_within_its_limits(void **state) {
  (void)state;
  struct err e;
  unsigned count = 0;
  for (const struct threshold *row; (row = threshold_at(count)); count++) {
    struct thresholds t = THRESHOLDS_DEFAULT;
    char text[32];
    assert_true(threshold_value(&t, count) >= row->least && threshold_value(&t, count) <= row->most);
    const double values[] = {row->least, row->most};
    for (int i = 0; i < 2; i++) {
      snprintf(text, sizeof text, "%.10g", values[i]);
      assert_int_equal(threshold_set(&t, row->name, text, &e), 0);
      assert_near(threshold_value(&t, count), values[i], 1e-6);
      snprintf(text, sizeof text, "%.12g", i ? row->most + 0.01 : row->least - 0.01);
      assert_int_equal(threshold_set(&t, row->name, text, &e), ERR_USAGE);
      assert_near(threshold_value(&t, count), values[i], 1e-6);
    }
    for (unsigned other = 0; other < count; other++) {
      assert_string_not_equal(threshold_at(other)->name, row->name);
      assert_near(threshold_value(&t, other), threshold_value(&THRESHOLDS_DEFAULT, other), 0);
    }
  }
  assert_int_equal(count * sizeof(double), sizeof(struct thresholds)); /* none without a name */
  assert_null(threshold_at(count + 1));
}

static void what_is_no_threshold_or_no_number_is_refused(void **state) {
  (void)state;
  struct thresholds t = THRESHOLDS_DEFAULT;
  struct err e;
  static const char *const VALUES[] = {"", "x", "5x", "nan", "inf", "5 5"};
  for (unsigned i = 0; i < ARRAY_SIZE(VALUES); i++) {
    assert_int_equal(threshold_set(&t, "window", VALUES[i], &e), ERR_USAGE);
    assert_non_null(strstr(e.text, "window: "));
  }
  assert_int_equal(threshold_set(&t, "windows", "5", &e), ERR_USAGE);
  assert_non_null(strstr(e.text, "no threshold \"windows\""));
  assert_memory_equal(&t, &THRESHOLDS_DEFAULT, sizeof t);
}

static void a_verdict_turns_on_the_thresholds_that_are_given(void **state) {
  struct world *w = *state;
  struct thresholds t = THRESHOLDS_DEFAULT;
  struct err e;
  good_mail(w, "none");
  judge(&w->h, &w->labels, &t, w->as_of_s, &w->j);
  assert_string_equal(verdict_word(w->j.verdict), "READY");
  assert_int_equal(threshold_set(&t, "reporters", "4", &e), 0);
  judge(&w->h, &w->labels, &t, w->as_of_s, &w->j);
  assert_string_equal(verdict_word(w->j.verdict), "INSUFFICIENT_DATA");
  assert_near(w->j.gates[GATE_REPORTERS].limit, 4, 0);
}

static void the_next_record_keeps_what_the_owner_chose(void **state) {
  struct world *w = *state;
  good_mail(w, "quarantine");
  struct seen_policy *p = &w->h.policies[0];
  p->adkim = p->aspf = "r";
  assert_string_equal(judged(w)->next_record, "v=DMARC1; p=reject; rua=<keep yours>");
  p->sp = p->np = "quarantine";
  assert_string_equal(judged(w)->next_record, "v=DMARC1; p=reject; rua=<keep yours>");
  p->sp = "none";
  p->np = "reject";
  p->adkim = p->aspf = "s";
  assert_string_equal(judged(w)->next_record,
                      "v=DMARC1; p=reject; sp=none; np=reject; adkim=s; aspf=s; rua=<keep yours>");
}

static void a_history_without_anything_is_stale(void **state) {
  struct world *w = *state;
  assert_string_equal(verdict_of(w), "STALE");
  assert_int_equal(judged(w)->blockers.count, 0);
}

static void what_is_judged_twice_is_judged_alike(void **state) {
  struct world *w = *state;
  good_mail(w, "quarantine");
  second_source(w, 100, 5);
  mailer_mail(w, &MAILER, 20, 0, 5);
  struct judgement first = *judged(w);
  const struct judgement *second = judged(w);
  assert_int_equal(first.verdict, second->verdict);
  assert_memory_equal(first.gates, second->gates, sizeof first.gates);
  assert_int_equal(first.blockers.count, second->blockers.count);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      A(verdicts_come_in_their_order),
      A(at_the_target_missing_data_only_warn),
      A(the_target_keeps_looking_at_own_mail),
      A(at_the_target_losses_through_forwarders_warn),
      A(blockers_come_largest_first_and_are_bounded),
      A(what_the_next_policy_acts_on_is_told_by_class),
      A(a_dormant_source_that_failed_in_its_last_run_still_counts),
      A(memory_ends_after_400_days),
      A(a_dormant_stream_is_judged_by_the_seven_days_of_its_last_run),
      A(a_stream_of_the_windows_first_day_is_not_dormant_and_one_day_older_is),
      A(a_break_that_was_repaired_before_the_window_is_over),
      A(broken_mail_beside_whole_mail_is_not_over_because_the_whole_goes_on),
      A(a_break_of_a_selector_that_never_passed_since_is_not_over),
      A(a_parked_domain_answered_by_its_spf_goes_straight_to_reject),
      A(a_parked_domain_without_an_answer_is_one_question),
      A(a_domain_that_a_service_sends_for_unauthenticated_is_not_parked),
      A(a_question_beyond_the_memory_does_not_keep_a_domain_from_being_parked),
      A(a_domain_with_office_hours_is_not_parked),
      A(a_parked_domain_without_any_mail_needs_its_30_days_alone),
      A(a_parked_domain_at_reject_is_at_the_target),
      A(a_parked_domain_finishes_reject_but_not_quarantine),
      A(a_parked_domain_with_old_reports_is_stale),
      A(little_mail_makes_the_window_longer),
      A(the_window_is_long_enough_with_268_messages),
      A(a_weekly_sender_is_judged_in_its_own_rhythm),
      A(a_monthly_sender_is_judged_in_its_own_rhythm),
      A(a_clock_more_than_two_days_ahead_does_not_move_the_window),
      A(a_clock_of_1970_does_not_make_the_policy_old),
      A(without_a_believable_report_the_answer_is_stale),
      A(a_changed_policy_begins_its_days_anew),
      A(a_change_of_yesterday_is_known_at_once),
      A(a_stray_report_of_the_former_policy_does_not_begin_it_anew),
      A(stray_last_reports_do_not_take_the_policy_back),
      A(a_last_report_without_a_policy_does_not_take_it_back),
      A(testing_is_told_by_reports_that_have_a_word_for_it),
      A(the_days_in_testing_do_not_count_as_days_in_force),
      A(a_stray_word_of_testing_does_not_begin_the_days_anew),
      A(a_sampled_policy_is_to_be_finished_first),
      A(sampling_is_told_by_reports_that_have_a_word_for_it),
      A(a_word_of_testing_for_another_policy_says_nothing_of_this_one),
      A(a_reject_in_testing_is_not_the_target),
      A(none_in_testing_has_nothing_to_finish),
      A(with_an_sp_of_its_own_mail_of_subdomains_is_out_of_the_policys_scope),
      A(subdomains_under_an_sp_of_their_own_are_judged_by_their_own_mail),
      A(subdomains_whose_mail_passes_may_follow),
      A(subdomains_that_send_nothing_go_straight_to_reject),
      A(a_changed_sp_begins_its_own_days_anew),
      A(undecided_mail_within_the_limit_is_told_and_blocks_nothing),
      A(a_forwarder_is_told_where_its_mail_fails_and_blocks_the_way_to_reject),
      A(more_findings_than_anybody_repairs_at_once_are_counted),
      A(a_few_messages_with_the_owners_spf_tell_nothing_of_the_rest),
      A(each_threshold_is_set_by_its_name_and_within_its_limits),
      A(what_is_no_threshold_or_no_number_is_refused),
      A(a_verdict_turns_on_the_thresholds_that_are_given),
      A(the_next_record_keeps_what_the_owner_chose),
      A(a_history_without_anything_is_stale),
      A(what_is_judged_twice_is_judged_alike),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
