/* SPDX-License-Identifier: Apache-2.0 */
/* The verdicts in their order, and the two cases that have rules of their own: dormant streams and parked domains. */
#include <math.h>

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
  second_source(w, 100, 4); /* never fell, always failed */
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
  broken_mail(w, "203.0.113.7", "example.com/s1", 5, 5, 100)->service = &LISTS;
  assert_int_equal(gate(w, GATE_FORWARDED)->state, GATE_WARN);
  assert_string_equal(verdict_of(w), "AT_TARGET");
}

static void blockers_come_largest_first_and_are_bounded(void **state) {
  struct world *w = *state;
  good_mail(w, "none");
  for (unsigned i = 0; i < MOST_FINDINGS + 5; i++) {
    char source[32];
    snprintf(source, sizeof source, "10.0.%u.1", i);
    strange_mail(w, source, 25, 4, 1 + (i * 7) % 23);
  }
  const struct judgement *j = judged(w);
  assert_string_equal(verdict_word(j->verdict), "NEEDS_DECISION");
  assert_int_equal(j->blockers.count, MOST_FINDINGS);
  assert_int_equal(j->blockers.items[0].messages, 22 * 23);
  for (unsigned i = 1; i < j->blockers.count; i++)
    assert_true(j->blockers.items[i].messages <= j->blockers.items[i - 1].messages);
}

static void too_little_is_told_with_the_days_it_takes(void **state) {
  struct world *w = *state;
  reports(w, policy(w, (struct seen_policy){.p = "none"}), 19, 0);
  signed_mail(w, "192.0.2.1", "example.com/s1", 19, 0, 100);
  const struct judgement *j = judged(w);
  assert_string_equal(verdict_word(j->verdict), "INSUFFICIENT_DATA");
  assert_int_equal(j->days_to_go, 10);
  assert_non_null(strstr(j->reason, "10 more days at this rate"));
  start_anew(w);
  reports(w, policy(w, (struct seen_policy){.p = "none"}), 179, 0);
  for (int ago = 176; ago >= 2; ago -= 3) signed_mail(w, "192.0.2.1", "example.com/s1", ago, ago, 1);
  j = judged(w); /* 59 of the 133 messages that 98 % take, in 180 days */
  assert_int_equal(j->own_messages, 59);
  assert_int_equal(j->days_to_go, 0); /* nor will any 180 days hold more of them */
}

/* A week in which no receiver could look up anything, and as much mail as ever since. */
static void an_outage(struct world *w, int first, int last) {
  reports(w, policy(w, (struct seen_policy){.p = "none"}), 59, 0);
  signed_mail(w, "192.0.2.1", "example.com/s1", 59, first + 1, 20);
  struct stream *s = broken_mail(w, "192.0.2.1", "example.com/s1", first, last, 20);
  for (uint32_t i = 0; i < s->day_count; i++) s->days[i].unchecked = s->days[i].messages;
  mail(&w->h.streams[0], last - 1, 0, 20);
}

static void what_is_bad_in_the_window_has_to_leave_it(void **state) {
  struct world *w = *state;
  an_outage(w, 14, 10);
  const struct judgement *j = judged(w);
  assert_string_equal(verdict_word(j->verdict), "INSUFFICIENT_DATA");
  assert_int_equal(j->own_unchecked, 5 * 20);
  /* 5 % of 600 messages may be unchecked, and what is above that is 70, 50, 30, 10 and then none of them: 98 % of the
   * bound take the last of these; the fifth day of the outage is 10 days ago, and is in the window for 19 days more */
  assert_int_equal(j->days_to_go, 19);
  start_anew(w);
  an_outage(w, 13, 9); /* the day before */
  assert_int_equal(judged(w)->days_to_go, 20);
}

static void a_window_that_is_not_full_fills(void **state) {
  struct world *w = *state;
  reports(w, policy(w, (struct seen_policy){.p = "none"}), 29, 0);
  signed_mail(w, "192.0.2.1", "example.com/s1", 29, 0, 4);
  const struct judgement *j = judged(w); /* 120 of the 133 messages that 98 % take */
  assert_string_equal(verdict_word(j->verdict), "INSUFFICIENT_DATA");
  assert_int_equal(j->days_to_go, 4);
}

static void staleness_names_who_fell_silent(void **state) {
  struct world *w = *state;
  static const char *NAMES[] = {"small.example.net", "smaller.example.net", "large.example.net"};
  uint32_t p = policy(w, (struct seen_policy){.p = "none"});
  for (int ago = 59; ago >= 0; ago--) report(w, 0, p, ago, 10);
  for (int ago = 59; ago >= 20; ago--) report(w, 1, p, ago, 5);
  for (int ago = 59; ago >= 10; ago--) report(w, 2, p, ago, 400);
  signed_mail(w, "192.0.2.1", "example.com/s1", 59, 0, 100);
  w->h.reporters = NAMES;
  const struct judgement *j = judged(w);
  w->h.reporters = NULL;
  assert_string_equal(verdict_word(j->verdict), "STALE");
  assert_int_equal(j->silent.count, 2);
  assert_string_equal(j->silent.items[0].name, "large.example.net");
  assert_int_equal(j->silent.items[0].messages, 50 * 400);
  assert_string_equal(j->silent.items[1].name, "smaller.example.net");
  assert_non_null(strstr(j->reason, "silent are large.example.net (last heard on 2024-09-24), smaller.example.net"));
}

static void what_is_left_out_is_told(void **state) {
  struct world *w = *state;
  good_mail(w, "none");
  report_of(w, 0, 0, END_S + 5 * UTC_DAY_S, END_S + 6 * UTC_DAY_S, 17);
  w->h.undated_reports = 2;
  w->h.undated_messages = 30;
  const struct judgement *j = judged(w);
  assert_int_equal(j->ahead.reports, 1);
  assert_int_equal(j->ahead.messages, 17);
  assert_int_equal(j->undated.reports, 2);
  assert_int_equal(j->undated.messages, 30);
  assert_int_equal(j->window_end_s, END_S);
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

static void a_dormant_stream_is_judged_by_its_fullest_seven_days(void **state) {
  struct world *w = *state;
  good_mail(w, "none");
  struct stream *s = mailer_mail(w, &MAILER, 97, 97, 5000);
  mail(s, 96, 90, 4);
  judged(w);
  assert_true(s->dormant);
  assert_int_equal(s->window_messages, 5024); /* the burst of day 97, with the trickle that follows */
  assert_string_equal(verdict_of(w), "NEEDS_DECISION");
}

static void a_trickle_without_a_burst_before_it_is_judged_as_that(void **state) {
  struct world *w = *state;
  good_mail(w, "none");
  struct stream *s = mailer_mail(w, &MAILER, 97, 90, 4);
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
  struct stream *good = good_mail(w, "none");
  good->days[0].day = good->selectors[0].first_day = LAST_DAY - 100;
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

/* The owner's SPF is asked of all its mail, and so much of that fails. */
static void refuse(struct stream *s, int64_t refused) {
  for (uint32_t i = 0; i < s->day_count; i++) {
    s->days[i].spf_asked = s->days[i].messages;
    s->days[i].spf_refused = s->days[i].messages * refused / s->messages;
  }
}

static struct stream *parked(struct world *w, const char *p) {
  reports(w, policy(w, (struct seen_policy){.p = p}), 59, 0);
  struct stream *s = strange_mail(w, "203.0.113.7", 20, 20, 1200);
  s->spf_failed = s->messages;
  return s;
}

static void a_parked_domain_answered_by_its_spf_goes_straight_to_reject(void **state) {
  struct world *w = *state;
  struct stream *s = parked(w, "none");
  refuse(s, s->messages * 9 / 10);
  const struct judgement *j = judged(w);
  assert_true(j->parked);
  assert_string_equal(verdict_word(j->verdict), "READY");
  assert_int_equal(j->next, POLICY_REJECT);
  assert_non_null(strstr(j->next_record, "p=reject"));
  assert_non_null(strstr(j->reason, "-all"));
}

/* No mail of the owner's passes, and none fails. */
static void gates_on_own_mail_are_not_judged_where_a_parked_domain_has_none(void **state) {
  struct world *w = *state;
  struct stream *s = parked(w, "none");
  refuse(s, s->messages);
  const struct judgement *j = judged(w);
  for (enum gate_name i = GATE_OWN_LOWER; i < GATE_ROBUST; i++) {
    assert_int_equal(j->gates[i].state, GATE_NOT_JUDGED);
    assert_true(isnan(j->gates[i].figure));
  }
  for (enum gate_name i = 0; i < GATE_OWN_LOWER; i++) assert_int_equal(j->gates[i].state, GATE_PASS);
  refuse(s, 0);
  assert_int_equal(judged(w)->gates[GATE_UNDECIDED_ALL].state, GATE_FAIL); /* the question is open */
}

/* No record of the owner's, no answer: the few that fail were asked under another name of his. */
static void where_spf_is_mostly_silent_a_parked_domain_is_not_answered(void **state) {
  struct world *w = *state;
  struct stream *s = parked(w, "none");
  refuse(s, 100);
  assert_string_equal(verdict_of(w), "NEEDS_DECISION");
}

/* Of the last two weeks, or of so many days that twenty messages tell of it. */
static void the_answer_of_a_parked_domain_is_what_its_record_says_lately(void **state) {
  struct world *w = *state;
  static const struct {
    int since, step;
    bool was_refused, is_refused;
    const char *verdict;
  } CASES[] = {{14, 1, false, true, "READY"},
               {12, 1, false, true, "NEEDS_DECISION"}, /* 24 of 28 messages */
               {14, 2, false, true, "NEEDS_DECISION"}, /* 14 messages are few: as many of the two weeks before count */
               {28, 2, false, true, "READY"},
               {14, 1, true, false, "NEEDS_DECISION"}};
  for (unsigned i = 0; i < ARRAY_SIZE(CASES); i++) {
    start_anew(w);
    reports(w, policy(w, (struct seen_policy){.p = "none"}), 59, 0);
    for (int ago = 58; ago >= 0; ago -= CASES[i].step) {
      const bool refused = ago < CASES[i].since ? CASES[i].is_refused : CASES[i].was_refused;
      for (int n = 0; n < 2; n++) {
        char source[32];
        snprintf(source, sizeof source, "%d.%d.113.7", 203 + n, ago);
        refuse(strange_mail(w, source, ago, ago, 1), refused);
      }
    }
    assert_string_equal(verdict_of(w), CASES[i].verdict);
  }
}

/* No record is there that could say anything. */
static void names_below_a_parked_domain_do_not_answer_for_it(void **state) {
  struct world *w = *state;
  struct stream *s = parked(w, "none");
  refuse(s, s->messages);
  struct stream *below = strange_mail(w, "203.0.112.7", 20, 20, 1200);
  below->header_from = kept(w, "pay17.example.com");
  refuse(below, 0);
  assert_string_equal(verdict_of(w), "READY");
  below->header_from = s->header_from;
  assert_string_equal(verdict_of(w), "NEEDS_DECISION");
}

static void a_parked_domain_without_an_answer_is_one_question(void **state) {
  struct world *w = *state;
  struct stream *s = parked(w, "none");
  refuse(s, s->messages * 9 / 10 - 1);
  assert_string_equal(verdict_of(w), "NEEDS_DECISION");
  for (int i = 0; i < 20; i++) {
    char source[32];
    snprintf(source, sizeof source, "10.0.%d.1", i);
    strange_mail(w, source, 9, 9, 5);
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
  refuse(s, s->messages);
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
    refuse(s, s->messages);
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
  s->spf_failed = s->messages;
  refuse(s, s->messages);
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
  refuse(s, s->messages);
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

int main(void) {
  const struct CMUnitTest tests[] = {
      A(verdicts_come_in_their_order),
      A(at_the_target_missing_data_only_warn),
      A(the_target_keeps_looking_at_own_mail),
      A(at_the_target_losses_through_forwarders_warn),
      A(blockers_come_largest_first_and_are_bounded),
      A(too_little_is_told_with_the_days_it_takes),
      A(what_is_bad_in_the_window_has_to_leave_it),
      A(a_window_that_is_not_full_fills),
      A(staleness_names_who_fell_silent),
      A(what_is_left_out_is_told),
      A(what_the_next_policy_acts_on_is_told_by_class),
      A(a_dormant_source_that_failed_in_its_last_run_still_counts),
      A(memory_ends_after_400_days),
      A(a_dormant_stream_is_judged_by_its_fullest_seven_days),
      A(a_trickle_without_a_burst_before_it_is_judged_as_that),
      A(a_stream_of_the_windows_first_day_is_not_dormant_and_one_day_older_is),
      A(a_break_that_was_repaired_before_the_window_is_over),
      A(broken_mail_beside_whole_mail_is_not_over_because_the_whole_goes_on),
      A(a_break_of_a_selector_that_never_passed_since_is_not_over),
      A(a_parked_domain_answered_by_its_spf_goes_straight_to_reject),
      A(gates_on_own_mail_are_not_judged_where_a_parked_domain_has_none),
      A(where_spf_is_mostly_silent_a_parked_domain_is_not_answered),
      A(the_answer_of_a_parked_domain_is_what_its_record_says_lately),
      A(names_below_a_parked_domain_do_not_answer_for_it),
      A(a_parked_domain_without_an_answer_is_one_question),
      A(a_domain_that_a_service_sends_for_unauthenticated_is_not_parked),
      A(a_question_beyond_the_memory_does_not_keep_a_domain_from_being_parked),
      A(a_domain_with_office_hours_is_not_parked),
      A(a_parked_domain_without_any_mail_needs_its_30_days_alone),
      A(a_parked_domain_at_reject_is_at_the_target),
      A(a_parked_domain_finishes_reject_but_not_quarantine),
      A(a_parked_domain_with_old_reports_is_stale),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
