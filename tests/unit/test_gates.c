/* SPDX-License-Identifier: Apache-2.0 */
/* Each gate on both sides of its limit, and the bound that it may rest on. */
#include <math.h>

#include "verdict_kit.h"

/* --- Wilson ------------------------------------------------------------------------------------------------------- */

static void two_hundred_sixty_eight_without_a_failure_are_99_percent(void **state) {
  (void)state;
  assert_near(wilson_lower(268, 268), 0.990006, 1e-6);
  assert_true(wilson_lower(268, 268) >= 0.99);
  assert_true(wilson_lower(267, 267) < 0.99);
}

static void with_five_failures_it_takes_1024(void **state) {
  (void)state;
  assert_near(wilson_lower(1019, 1024), 0.990006, 1e-5);
  assert_true(wilson_lower(1019, 1024) >= 0.99);
  assert_true(wilson_lower(1018, 1023) < 0.99);
}

static void no_trials_and_no_passes_have_the_bound_zero(void **state) {
  (void)state;
  assert_near(wilson_lower(0, 0), 0, 0);
  assert_near(wilson_lower(0, 10), 0, 1e-12);
  assert_near(wilson_lower(1, 2), 0.1212, 1e-3);
}

static void the_upper_bound_mirrors_the_lower(void **state) {
  (void)state;
  assert_near(wilson_upper(0, 268), 1 - wilson_lower(268, 268), 1e-12);
  assert_near(wilson_upper(17, 20), 1 - wilson_lower(3, 20), 1e-12);
  assert_near(wilson_upper(5, 5), 1, 1e-12);
  assert_near(wilson_upper(0, 0), 1, 0);
}

static void who_looks_at_many_proportions_needs_more_proof_of_each(void **state) {
  (void)state;
  assert_near(wilson_upper_of(17, 20, 1), wilson_upper(17, 20), 1e-12);
  assert_near(wilson_upper_of(90, 100, 24), 0.95768, 1e-5); /* z = 2.865 */
  assert_true(wilson_upper_of(17, 20, 24) > wilson_upper_of(17, 20, 2));
}

static void the_exact_test_is_fishers(void **state) {
  (void)state;
  assert_near(chance_of_more(3, 4, 1, 4), 17.0 / 70, 1e-9); /* the lady who tasted tea (Fisher 1935) */
  assert_near(chance_of_more(4, 4, 0, 4), 1.0 / 70, 1e-9);
  assert_near(chance_of_more(0, 10, 0, 10), 1, 0);
  assert_near(chance_of_more(1, 10, 5, 10), 1, 0);
  assert_near(chance_of_more(3, 3, 0, 0), 1, 0);
  assert_true(chance_of_more(100000, 1000000, 50000, 1000000) < 1e-12);
  assert_near(chance_of_more(500100, 1000000, 500000, 1000000), 0.444, 2e-3);
}

/* --- the gates ---------------------------------------------------------------------------------------------------- */

static const char *const POLICIES[] = {[TO_QUARANTINE] = "none", [TO_REJECT] = "quarantine"};

static void good_mail_is_ready_with_every_gate_passed(void **state) {
  struct world *w = *state;
  for (int to = TO_QUARANTINE; to <= TO_REJECT; to++) {
    start_anew(w);
    good_mail(w, POLICIES[to]);
    const struct judgement *j = judged(w);
    assert_string_equal(verdict_word(j->verdict), "READY");
    assert_int_equal(j->next, to == TO_QUARANTINE ? POLICY_QUARANTINE : POLICY_REJECT);
    for (int i = 0; i < GATES; i++) assert_int_equal(j->gates[i].state, i == GATE_ROBUST ? GATE_NOT_JUDGED : GATE_PASS);
    assert_int_equal(j->own_messages, 3000);
    assert_int_equal(j->own_passed, 3000);
    assert_int_equal(j->window_begin_s, DAY_S(29));
    assert_int_equal(j->window_end_s, END_S);
    assert_int_equal(j->blockers.count, 0);
  }
}

static void thirty_days_at_the_policy_suffice_and_29_do_not(void **state) {
  struct world *w = *state;
  for (int to = TO_QUARANTINE; to <= TO_REJECT; to++)
    for (int days = 29; days <= 30; days++) {
      start_anew(w);
      reports(w, policy(w, (struct seen_policy){.p = POLICIES[to]}), days - 1, 0);
      signed_mail(w, "192.0.2.1", "example.com/s1", days - 1, 0, 100);
      assert_gate(w, GATE_POLICY_AGE, days, days == 30 ? GATE_PASS : GATE_FAIL);
      assert_string_equal(verdict_of(w), days == 30 ? "READY" : "INSUFFICIENT_DATA");
    }
}

static void days_with_data_count_14_and_21(void **state) {
  struct world *w = *state;
  static const int WANTED[] = {14, 21};
  for (int to = TO_QUARANTINE; to <= TO_REJECT; to++)
    for (int days = WANTED[to] - 1; days <= WANTED[to]; days++) {
      start_anew(w);
      uint32_t p = policy(w, (struct seen_policy){.p = POLICIES[to]});
      reports(w, p, 29, 29);
      reports(w, p, days - 2, 0);
      signed_mail(w, "192.0.2.1", "example.com/s1", days - 2, 0, 100);
      assert_gate(w, GATE_DATA_DAYS, days, days == WANTED[to] ? GATE_PASS : GATE_FAIL);
      assert_string_equal(verdict_of(w), days == WANTED[to] ? "READY" : "INSUFFICIENT_DATA");
    }
}

/* Whose day begins two hours before midnight has the same days as everybody. */
static void a_day_is_that_of_a_reports_middle(void **state) {
  struct world *w = *state;
  uint32_t p = policy(w, (struct seen_policy){.p = "quarantine"});
  reports(w, p, 59, 30);
  for (int ago = 20; ago >= 1; ago--)
    for (unsigned reporter = 0; reporter < 3; reporter++)
      report_of(w, reporter, p, DAY_S(ago) + ((int)reporter - 1) * 8 * HOUR_S,
                DAY_S(ago - 1) + ((int)reporter - 1) * 8 * HOUR_S - 1, 40);
  signed_mail(w, "192.0.2.1", "example.com/s1", 59, 1, 100);
  assert_gate(w, GATE_DATA_DAYS, 20, GATE_FAIL);
  assert_int_equal(judged(w)->days_to_go, 2); /* 20 of the 30 days have data */
}

static void reports_without_mail_are_no_days_and_no_reporters(void **state) {
  struct world *w = *state;
  uint32_t p = policy(w, (struct seen_policy){.p = "none"});
  signed_mail(w, "192.0.2.1", "example.com/s1", 59, 0, 100);
  for (int ago = 59; ago >= 0; ago--)
    for (unsigned reporter = 0; reporter < 4; reporter++)
      report(w, reporter, p, ago, reporter < 2 && ago % 3 == 0 ? 50 : 0);
  assert_gate(w, GATE_REPORTERS, 2, GATE_WARN);
  assert_gate(w, GATE_DATA_DAYS, 20, GATE_PASS); /* each third of sixty days, by its rhythm */
  start_anew(w);
  p = policy(w, (struct seen_policy){.p = "none"});
  signed_mail(w, "192.0.2.1", "example.com/s1", 59, 0, 100);
  for (int ago = 59; ago >= 0; ago--)
    for (unsigned reporter = 0; reporter < 4; reporter++) report(w, reporter, p, ago, reporter < 1 ? 50 : 0);
  assert_gate(w, GATE_REPORTERS, 1, GATE_FAIL);
  assert_string_equal(verdict_of(w), "INSUFFICIENT_DATA");
  assert_int_equal(judged(w)->days_to_go, 0); /* time alone brings no reporter */
}

static void empty_reports_do_not_keep_a_reporter_fresh(void **state) {
  struct world *w = *state;
  uint32_t p = policy(w, (struct seen_policy){.p = "none"});
  for (int ago = 59; ago >= 0; ago--) report(w, 0, p, ago, ago >= 10 ? 100 : 0);
  signed_mail(w, "192.0.2.1", "example.com/s1", 59, 10, 100);
  assert_gate(w, GATE_REPORT_AGE, 10.25, GATE_FAIL);
}

static void the_newest_report_warns_after_three_days_and_is_stale_after_seven(void **state) {
  struct world *w = *state;
  static const struct {
    int64_t age_s;
    enum gate_state state;
  } AGES[] = {{3 * UTC_DAY_S, GATE_PASS},
              {3 * UTC_DAY_S + 1, GATE_WARN},
              {7 * UTC_DAY_S, GATE_WARN},
              {7 * UTC_DAY_S + 1, GATE_FAIL}};
  good_mail(w, "none");
  for (unsigned i = 0; i < ARRAY_SIZE(AGES); i++) {
    w->as_of_s = END_S + AGES[i].age_s;
    assert_gate(w, GATE_REPORT_AGE, (double)AGES[i].age_s / UTC_DAY_S, AGES[i].state);
    assert_string_equal(verdict_of(w), AGES[i].state == GATE_FAIL ? "STALE" : "READY");
  }
}

static void small_reporters_do_not_speak_for_the_large_one_that_fell_silent(void **state) {
  struct world *w = *state;
  uint32_t p = policy(w, (struct seen_policy){.p = "none"});
  reports(w, p, 59, 0);
  for (int ago = 59; ago >= 10; ago--) report(w, 3, p, ago, 400);
  signed_mail(w, "192.0.2.1", "example.com/s1", 59, 0, 100);
  assert_gate(w, GATE_REPORT_AGE, 10.25, GATE_FAIL);
  assert_string_equal(verdict_of(w), "STALE");
}

static void the_large_reporter_speaks_for_small_ones_that_fell_silent(void **state) {
  struct world *w = *state;
  uint32_t p = policy(w, (struct seen_policy){.p = "none"});
  reports(w, p, 59, 10);
  for (int ago = 59; ago >= 0; ago--) report(w, 3, p, ago, 400);
  signed_mail(w, "192.0.2.1", "example.com/s1", 59, 0, 100);
  assert_gate(w, GATE_REPORT_AGE, 0.25, GATE_PASS);
}

static void a_large_reporter_that_speaks_weekly_is_not_silent_yet(void **state) {
  struct world *w = *state;
  uint32_t p = policy(w, (struct seen_policy){.p = "none"});
  reports(w, p, 59, 0);
  for (int ago = 59; ago >= 10; ago -= 7) report(w, 3, p, ago, 4000);
  signed_mail(w, "192.0.2.1", "example.com/s1", 59, 0, 100);
  assert_gate(w, GATE_REPORT_AGE, 0.25, GATE_PASS);
}

static void three_reporters_suffice_two_only_where_there_never_were_more(void **state) {
  struct world *w = *state;
  uint32_t p = policy(w, (struct seen_policy){.p = "none"});
  signed_mail(w, "192.0.2.1", "example.com/s1", 59, 0, 100);
  for (int ago = 59; ago >= 0; ago--) report(w, 0, p, ago, 50);
  assert_gate(w, GATE_REPORTERS, 1, GATE_FAIL);
  assert_string_equal(verdict_of(w), "INSUFFICIENT_DATA");
  for (int ago = 59; ago >= 0; ago--) report(w, 1, p, ago, 50);
  assert_gate(w, GATE_REPORTERS, 2, GATE_WARN);
  assert_string_equal(verdict_of(w), "READY");
  report(w, 2, p, 30, 50); /* the day before the window */
  assert_gate(w, GATE_REPORTERS, 2, GATE_FAIL);
  assert_string_equal(verdict_of(w), "INSUFFICIENT_DATA");
  report(w, 2, p, 29, 50);
  assert_gate(w, GATE_REPORTERS, 3, GATE_PASS);
}

static void a_reporter_with_more_than_ninety_percent_warns(void **state) {
  struct world *w = *state;
  for (int above = 0; above < 2; above++) {
    start_anew(w);
    uint32_t p = policy(w, (struct seen_policy){.p = "none"});
    signed_mail(w, "192.0.2.1", "example.com/s1", 59, 0, 100);
    for (int ago = 59; ago >= 0; ago--) {
      report(w, 0, p, ago, 90 + above);
      report(w, 1, p, ago, 5);
      report(w, 2, p, ago, 5 - above);
    }
    assert_gate(w, GATE_TOP_REPORTER, 90 + above, above ? GATE_WARN : GATE_PASS);
    assert_string_equal(verdict_of(w), "READY");
  }
}

static void own_mail_needs_a_lower_bound_of_98_and_99_percent(void **state) {
  struct world *w = *state;
  static const int ENOUGH[] = {133, 268};
  for (int to = TO_QUARANTINE; to <= TO_REJECT; to++)
    for (int messages = ENOUGH[to] - 1; messages <= ENOUGH[to]; messages++) {
      start_anew(w);
      reports(w, policy(w, (struct seen_policy){.p = POLICIES[to]}), 29, 0);
      struct stream *s = signed_mail(w, "192.0.2.1", "example.com/s1", 29, 1, 4);
      mail(s, 0, 0, messages - 29 * 4);
      bool enough = messages == ENOUGH[to];
      assert_gate(w, GATE_OWN_LOWER, 100 * wilson_lower(messages, messages), enough ? GATE_PASS : GATE_FAIL);
      assert_string_equal(verdict_of(w), enough ? "READY" : "INSUFFICIENT_DATA");
    }
}

/* Of 30 messages beside 20 failures, so that days before the window weigh nothing. */
static void each_own_source_needs_95_and_99_percent_proven(void **state) {
  struct world *w = *state;
  static const struct {
    int to, messages, failing;
    enum gate_state state;
  } CASES[] = {{TO_QUARANTINE, 20, 2, GATE_PASS}, /* 90 %, and still a thing of chance */
               {TO_QUARANTINE, 20, 3, GATE_FAIL},   {TO_QUARANTINE, 100, 8, GATE_PASS},
               {TO_QUARANTINE, 100, 10, GATE_FAIL}, {TO_REJECT, 20, 1, GATE_PASS},
               {TO_REJECT, 30, 2, GATE_PASS},       {TO_REJECT, 100, 3, GATE_FAIL},
               {TO_REJECT, 300, 5, GATE_PASS},      {TO_REJECT, 300, 6, GATE_FAIL}};
  for (unsigned i = 0; i < ARRAY_SIZE(CASES); i++) {
    start_anew(w);
    good_mail(w, POLICIES[CASES[i].to]);
    second_source(w, CASES[i].messages, CASES[i].failing);
    double best = 100 * wilson_upper(CASES[i].messages - CASES[i].failing, CASES[i].messages);
    assert_gate(w, GATE_OWN_SOURCE, CASES[i].failing < 3 ? 100 : best, CASES[i].state);
    const struct judgement *j = judged(w);
    assert_string_equal(verdict_word(j->verdict), CASES[i].state == GATE_PASS ? "READY" : "NOT_READY");
    if (CASES[i].state == GATE_PASS) continue;
    assert_int_equal(j->blockers.count, 1);
    assert_string_equal(j->blockers.items[0].source, "198.51.100.0/24");
    assert_int_equal(j->blockers.items[0].messages, CASES[i].failing);
    assert_int_equal(j->blockers.items[0].class, CLASS_OWN_BROKEN);
    assert_non_null(strstr(j->blockers.items[0].repair, "signature fails"));
  }
}

/* One selector in so many of a provider's networks, each with as many messages, of which these fail. */
static void provider_networks(struct world *w, int networks, int messages, const int *failing) {
  for (int i = 0; i < networks; i++) {
    char source[32];
    snprintf(source, sizeof source, "198.18.%d.1", i);
    mail(signed_mail(w, source, "example.com/s2", 59, 30, 2), 20, 20, messages - failing[i]);
    if (failing[i]) broken_mail(w, source, "example.com/s2", 20, 20, failing[i]);
  }
}

static void one_failing_message_in_each_of_a_providers_networks_blocks_nothing(void **state) {
  struct world *w = *state;
  static const int FAILING[24] = {1, 0, 1, 2, 0, 1, 0, 3, 0, 1, 1, 0, 2, 0, 1, 0, 0, 1, 0, 1, 0, 2, 0, 1};
  good_mail(w, "quarantine");
  provider_networks(w, 24, 80, FAILING);
  assert_string_equal(verdict_of(w), "READY"); /* 17 of 1,920 */
}

static void a_network_that_is_plainly_worse_than_its_selector_blocks(void **state) {
  struct world *w = *state;
  static const int FAILING[24] = {0, 12};
  good_mail(w, "quarantine");
  provider_networks(w, 24, 80, FAILING);
  const struct judgement *j = judged(w);
  assert_string_equal(verdict_word(j->verdict), "NOT_READY");
  assert_int_equal(j->blockers.count, 1);
  assert_string_equal(j->blockers.items[0].source, "198.18.1.0/24");
}

static void a_selector_that_fails_a_little_everywhere_is_one_source_that_fails(void **state) {
  struct world *w = *state;
  static const int FAILING[24] = {2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2};
  good_mail(w, "quarantine")->days[59].messages += 5000; /* a large rest does not hide it */
  w->h.streams[0].days[59].passed += 5000;
  provider_networks(w, 24, 40, FAILING); /* 5 %, in no network more than two */
  const struct judgement *j = judged(w);
  assert_int_equal(j->gates[GATE_OWN_SOURCE].state, GATE_FAIL);
  assert_int_equal(j->gates[GATE_OWN_LOWER].state, GATE_PASS);
  assert_string_equal(verdict_word(j->verdict), "NOT_READY");
  assert_int_equal(j->blockers.count, 1);
  assert_int_equal(j->blockers.items[0].messages, 48);
}

static void one_failing_message_of_sixty_wants_more_mail_and_no_repair(void **state) {
  struct world *w = *state;
  reports(w, policy(w, (struct seen_policy){.p = "quarantine"}), 29, 0);
  signed_mail(w, "192.0.2.1", "example.com/s1", 29, 0, 2);
  broken_mail(w, "192.0.2.1", "example.com/s1", 15, 15, 1);
  const struct judgement *j = judged(w);
  assert_string_equal(verdict_word(j->verdict), "INSUFFICIENT_DATA");
  assert_int_equal(j->blockers.count, 0);
}

static void a_source_of_less_than_20_messages_is_judged_with_the_rest(void **state) {
  struct world *w = *state;
  good_mail(w, "quarantine");
  second_source(w, 19, 19);
  assert_gate(w, GATE_OWN_SOURCE, 100, GATE_PASS);
  assert_string_equal(verdict_of(w), "READY");
}

/* As many of the last day's messages that fail are no fault of the sender's. */
static struct stream *receivers_fault(struct world *w, int64_t unchecked, int64_t contradicted) {
  struct stream *s = broken_mail(w, "192.0.2.1", "example.com/s1", 0, 0, 100);
  s->days[0].unchecked = unchecked;
  s->days[0].contradicted = contradicted;
  return s;
}

static void what_the_receiver_could_not_judge_is_in_no_gate(void **state) {
  struct world *w = *state;
  static const struct {
    int unchecked, contradicted;
    bool ready;
  } CASES[] = {{100, 0, true}, {0, 100, true}, {50, 50, true}, {99, 0, true}, {0, 40, false}};
  for (unsigned i = 0; i < ARRAY_SIZE(CASES); i++) {
    start_anew(w);
    good_mail(w, "quarantine");
    receivers_fault(w, CASES[i].unchecked, CASES[i].contradicted);
    const struct judgement *j = judged(w);
    assert_string_equal(verdict_word(j->verdict), CASES[i].ready ? "READY" : "REGRESSION");
    assert_int_equal(j->own_unchecked, CASES[i].unchecked);
    assert_int_equal(j->own_contradicted, CASES[i].contradicted);
    assert_int_equal(j->own_messages, 3100 - CASES[i].unchecked - CASES[i].contradicted);
    assert_int_equal(j->own_passed, 3000);
    assert_int_equal(j->raw_messages, 3100);
  }
}

static void reporters_that_contradict_themselves_are_named_from_one_percent_on(void **state) {
  struct world *w = *state;
  good_mail(w, "none"); /* 60 reports of 40 messages from each */
  int64_t contradicted[] = {23, 24, 2400};
  w->h.contradicted = contradicted;
  const struct judgement *j = judged(w);
  w->h.contradicted = NULL;
  assert_int_equal(j->contradicting.count, 2);
  assert_int_equal(j->contradicting.items[0].contradicted, 2400);
  assert_int_equal(j->contradicting.items[1].contradicted, 24);
  assert_int_equal(j->contradicting.items[1].messages, 2400);
}

static void undecided_mail_may_be_2_percent_of_own_in_all_and_half_a_percent_for_reject(void **state) {
  struct world *w = *state;
  static const struct {
    int to, each;
    enum gate_state state;
  } CASES[] = {{TO_QUARANTINE, 20, GATE_PASS},
               {TO_QUARANTINE, 21, GATE_FAIL},
               {TO_REJECT, 5, GATE_PASS},
               {TO_REJECT, 6, GATE_FAIL}};
  for (unsigned i = 0; i < ARRAY_SIZE(CASES); i++) {
    start_anew(w);
    good_mail(w, POLICIES[CASES[i].to]);
    mailer_mail(w, &MAILER, 5, 5, CASES[i].each);
    mailer_mail(w, &OTHER_MAILER, 5, 5, CASES[i].each);
    mailer_mail(w, &THIRD_MAILER, 5, 5, CASES[i].each);
    assert_gate(w, GATE_UNDECIDED_ALL, 100.0 * 3 * CASES[i].each / 3000, CASES[i].state);
    assert_int_equal(gate(w, GATE_UNDECIDED_ONE)->state, GATE_PASS);
    assert_string_equal(verdict_of(w), CASES[i].state == GATE_PASS ? "READY" : "NEEDS_DECISION");
    assert_int_equal(judged(w)->blockers.count, CASES[i].state == GATE_PASS ? 0 : 3);
  }
}

static void one_undecided_source_may_be_1_percent_of_own_and_half_a_percent_for_reject(void **state) {
  struct world *w = *state;
  static const int MOST[] = {30, 15};
  for (int to = TO_QUARANTINE; to <= TO_REJECT; to++)
    for (int messages = MOST[to]; messages <= MOST[to] + 1; messages++) {
      start_anew(w);
      good_mail(w, POLICIES[to]);
      mailer_mail(w, &MAILER, 5, 5, messages - 10); /* a service is one source */
      mailer_mail(w, &MAILER, 5, 5, 10);
      bool holds = messages == MOST[to];
      assert_gate(w, GATE_UNDECIDED_ONE, 100.0 * messages / 3000, holds ? GATE_PASS : GATE_FAIL);
      const struct judgement *j = judged(w);
      assert_string_equal(verdict_word(j->verdict), holds ? "READY" : "NEEDS_DECISION");
      if (holds) continue;
      assert_int_equal(j->blockers.count, 1);
      assert_string_equal(j->blockers.items[0].source, "Example Mailer");
      assert_int_equal(j->blockers.items[0].messages, messages);
      assert_non_null(strstr(j->blockers.items[0].repair, "dmarcctl label \"Example Mailer\" unauthorised"));
    }
}

static void a_flood_of_spoofing_does_not_dilute_the_undecided(void **state) {
  struct world *w = *state;
  good_mail(w, "none");
  mailer_mail(w, &MAILER, 5, 5, 31);
  strange_mail(w, "203.0.113.7", 5, 5, 1000000);
  assert_gate(w, GATE_UNDECIDED_ONE, 100.0 * 31 / 3000, GATE_FAIL);
  const struct judgement *j = judged(w);
  assert_int_equal(j->raw_messages, 3000 + 31 + 1000000);
  assert_int_equal(j->raw_passed, 3000);
}

static void without_mail_no_source_is_of_any_age(void **state) {
  struct world *w = *state;
  reports(w, policy(w, (struct seen_policy){.p = "none"}), 59, 0);
  const struct gate *g = gate(w, GATE_NEW_SOURCE);
  assert_true(isnan(g->figure));
  assert_int_equal(g->state, GATE_WARN);
}

static void a_new_source_waits_7_and_14_days(void **state) {
  struct world *w = *state;
  static const int WAIT[] = {7, 14};
  for (int to = TO_QUARANTINE; to <= TO_REJECT; to++)
    for (int days = WAIT[to] - 1; days <= WAIT[to]; days++) {
      start_anew(w);
      good_mail(w, POLICIES[to]);
      signed_mail(w, "198.51.100.1", "example.com/s2", days - 1, 0, 20);
      assert_gate(w, GATE_NEW_SOURCE, days, days == WAIT[to] ? GATE_PASS : GATE_FAIL);
      assert_string_equal(verdict_of(w), days == WAIT[to] ? "READY" : "INSUFFICIENT_DATA");
    }
}

static void a_new_source_with_spf_alone_waits_too(void **state) {
  struct world *w = *state;
  good_mail(w, "none");
  spf_mail(w, "198.51.100.1", 3, 0, 5);
  assert_gate(w, GATE_NEW_SOURCE, 4, GATE_FAIL);
}

/* A gateway of the owner's, there since the first day, passed one message of the new selector on. */
static void a_new_source_does_not_inherit_the_age_of_what_carried_its_mail(void **state) {
  struct world *w = *state;
  good_mail(w, "none");
  struct stream *gateway = signed_mail(w, "192.0.2.9", "example.com/s1", 59, 0, 10);
  gateway->spf_passed = gateway->messages;
  signs_with(w, gateway, "example.com/s2");
  gateway->selectors[1].passed = 1;
  gateway->selectors[1].first_day = LAST_DAY - 2;
  signed_mail(w, "198.51.100.1", "example.com/s2", 2, 0, 100);
  assert_gate(w, GATE_NEW_SOURCE, 3, GATE_FAIL);
  assert_string_equal(verdict_of(w), "INSUFFICIENT_DATA");
}

static void a_new_source_is_new_however_many_addresses_it_sends_from(void **state) {
  struct world *w = *state;
  for (int hosts = 3; hosts <= 4; hosts++) {
    start_anew(w);
    good_mail(w, "none");
    for (int i = 0; i < hosts; i++) {
      char source[32];
      snprintf(source, sizeof source, "198.51.%d.1", 100 + i);
      signed_mail(w, source, "example.com/s2", 2, 2, 5);
    }
    assert_gate(w, GATE_NEW_SOURCE, hosts == 4 ? 3 : 60, hosts == 4 ? GATE_FAIL : GATE_PASS);
  }
}

static void what_was_there_on_the_first_days_is_not_new_but_met(void **state) {
  struct world *w = *state;
  for (int later = 2; later <= 3; later++) {
    start_anew(w);
    reports(w, policy(w, (struct seen_policy){.p = "quarantine"}), 12, 0);
    signed_mail(w, "192.0.2.1", "example.com/s1", 12, 0, 100);
    signed_mail(w, "198.51.100.1", "example.com/s2", 12 - later, 0, 100);
    assert_gate(w, GATE_NEW_SOURCE, later == 2 ? 13 : 10, later == 2 ? GATE_WARN : GATE_FAIL);
  }
}

static void nineteen_messages_a_known_selector_and_a_labelled_source_are_not_new(void **state) {
  struct world *w = *state;
  good_mail(w, "none");
  signed_mail(w, "198.51.100.1", "example.com/s2", 0, 0, 19);
  assert_gate(w, GATE_NEW_SOURCE, 60, GATE_PASS);
  signed_mail(w, "198.51.100.2", "example.com/s1", 2, 0, 100);
  assert_gate(w, GATE_NEW_SOURCE, 60, GATE_PASS);
  signed_mail(w, "203.0.113.7", "example.com/s3", 2, 0, 100);
  assert_gate(w, GATE_NEW_SOURCE, 3, GATE_FAIL);
  label(w, LABEL_ADDRESS, "203.0.113.7", LABEL_LEGITIMATE);
  assert_gate(w, GATE_NEW_SOURCE, 60, GATE_PASS);
}

static void a_fall_stays_under_one_point_and_half_a_point(void **state) {
  struct world *w = *state;
  static const struct {
    int to, failing;
    enum gate_state state;
  } CASES[] = {{TO_QUARANTINE, 6, GATE_PASS},
               {TO_QUARANTINE, 8, GATE_FAIL},
               {TO_REJECT, 3, GATE_PASS},
               {TO_REJECT, 4, GATE_FAIL}};
  for (unsigned i = 0; i < ARRAY_SIZE(CASES); i++) {
    start_anew(w);
    fall(w, POLICIES[CASES[i].to], CASES[i].failing);
    assert_gate(w, GATE_DROP, 100.0 * CASES[i].failing / 700, CASES[i].state);
    assert_string_equal(verdict_of(w), CASES[i].state == GATE_PASS    ? "READY"
                                       : CASES[i].to == TO_QUARANTINE ? "NOT_READY"
                                                                      : "REGRESSION");
  }
}

static void two_messages_are_no_trend(void **state) {
  struct world *w = *state;
  for (int failing = 2; failing <= 3; failing++) {
    start_anew(w);
    reports(w, policy(w, (struct seen_policy){.p = "none"}), 29, 0);
    signed_mail(w, "192.0.2.1", "example.com/s1", 29, 0, 10);
    broken_mail(w, "192.0.2.1", "example.com/s1", 0, 0, failing);
    assert_int_equal(gate(w, GATE_DROP)->state, failing == 2 ? GATE_PASS : GATE_FAIL);
  }
}

static void a_change_of_the_mix_is_no_fall(void **state) {
  struct world *w = *state;
  good_mail(w, "none");
  struct stream *s = signed_mail(w, "198.51.100.1", "example.com/s2", 59, 7, 24); /* always 96 % */
  mail(s, 6, 0, 960);
  s = broken_mail(w, "198.51.100.1", "example.com/s2", 59, 7, 1);
  mail(s, 6, 0, 40);
  assert_gate(w, GATE_DROP, 0, GATE_PASS);
}

static void a_source_that_grew_better_does_not_fall(void **state) {
  struct world *w = *state;
  good_mail(w, "none");
  broken_mail(w, "192.0.2.1", "example.com/s1", 29, 10, 1);
  assert_gate(w, GATE_DROP, 0, GATE_PASS);
}

/* The failures of every week, one or two more or less, are no fall. */
static void a_fall_that_chance_explains_is_none(void **state) {
  struct world *w = *state;
  for (int failing = 5; failing <= 9; failing += 4) {
    start_anew(w);
    reports(w, policy(w, (struct seen_policy){.p = "none"}), 59, 0);
    signed_mail(w, "192.0.2.1", "example.com/s1", 59, 0, 30);
    mail(broken_mail(w, "192.0.2.1", "example.com/s1", 29, 20, 1), 1, 1, failing); /* 10 of 700, then so many of 215 */
    assert_int_equal(gate(w, GATE_DROP)->state, failing == 5 ? GATE_PASS : GATE_FAIL);
  }
}

static void less_than_ninety_percent_signed_warns_on_the_way_to_quarantine(void **state) {
  struct world *w = *state;
  for (int below = 0; below < 2; below++) {
    start_anew(w);
    reports(w, policy(w, (struct seen_policy){.p = "none"}), 59, 0);
    signed_mail(w, "192.0.2.1", "example.com/s1", 59, 0, 90 - below);
    spf_mail(w, "192.0.2.1", 59, 0, 10 + below);
    assert_gate(w, GATE_DKIM, 90 - below, below ? GATE_WARN : GATE_PASS);
    assert_string_equal(verdict_of(w), "READY");
  }
}

static void a_source_with_spf_alone_blocks_reject_from_20_messages_on(void **state) {
  struct world *w = *state;
  for (int messages = 19; messages <= 20; messages++) {
    start_anew(w);
    good_mail(w, "quarantine");
    mail(spf_mail(w, "198.51.100.1", 40, 40, 1), 20, 20, messages);
    const struct judgement *j = judged(w);
    bool blocks = messages == 20;
    assert_int_equal(j->gates[GATE_DKIM].state, blocks ? GATE_FAIL : GATE_PASS);
    assert_string_equal(verdict_word(j->verdict), blocks ? "NOT_READY" : "READY");
    if (!blocks) continue;
    assert_int_equal(j->blockers.count, 1);
    assert_string_equal(j->blockers.items[0].source, "198.51.100.0/24");
    assert_non_null(strstr(j->blockers.items[0].repair, "SPF alone"));
  }
}

/* From some day on the signatures of these messages a day fail; SPF goes on to pass. */
static struct stream *lost_dkim(struct world *w, const char *source, int since, int messages) {
  struct stream *s = stream(w, source, STREAM_SPF);
  signs_with(w, s, "example.com/s2");
  mail(s, since, 0, messages);
  return s;
}

static void a_key_that_broke_days_ago_is_seen_while_spf_passes(void **state) {
  struct world *w = *state;
  for (int to = TO_QUARANTINE; to <= TO_REJECT; to++)
    for (int days = 0; days <= 4; days++) {
      start_anew(w);
      good_mail(w, POLICIES[to]);
      signed_mail(w, "198.51.100.1", "example.com/s2", 59, days, 10);
      if (days) lost_dkim(w, "198.51.100.1", days - 1, 10);
      const struct judgement *j = judged(w);
      bool seen = days > 0;
      assert_int_equal(j->gates[GATE_DKIM].state, !seen ? GATE_PASS : to == TO_REJECT ? GATE_FAIL : GATE_WARN);
      assert_string_equal(verdict_word(j->verdict), seen && to == TO_REJECT ? "NOT_READY" : "READY");
      if (!seen || to != TO_REJECT) continue;
      assert_int_equal(j->blockers.count, 1);
      assert_string_equal(j->blockers.items[0].source, "198.51.100.0/24");
      assert_int_equal(j->blockers.items[0].messages, 10 * days);
      assert_non_null(strstr(j->blockers.items[0].repair, "key is published"));
    }
}

static void a_key_that_signed_again_is_no_loss(void **state) {
  struct world *w = *state;
  good_mail(w, "quarantine");
  mail(signed_mail(w, "198.51.100.1", "example.com/s2", 59, 14, 10), 9, 0, 10);
  struct stream *s = stream(w, "198.51.100.1", STREAM_SPF);
  signs_with(w, s, "example.com/s2");
  mail(s, 13, 10, 10);
  assert_int_equal(gate(w, GATE_DKIM)->state, GATE_PASS);
  assert_string_equal(verdict_of(w), "READY");
}

static void a_program_of_a_host_that_lost_its_key_is_seen_from_two_points_on(void **state) {
  struct world *w = *state;
  for (int lost = 1; lost <= 3; lost++) {
    start_anew(w);
    good_mail(w, "quarantine");
    lost_dkim(w, "192.0.2.1", 6, lost); /* of 100 a day */
    assert_int_equal(gate(w, GATE_DKIM)->state, lost == 3 ? GATE_FAIL : GATE_PASS);
  }
}

static void signatures_that_always_broke_now_and_then_are_no_loss(void **state) {
  struct world *w = *state;
  good_mail(w, "quarantine");
  lost_dkim(w, "192.0.2.1", 59, 3);
  assert_int_equal(gate(w, GATE_DKIM)->state, GATE_PASS);
}

/* The mail of one address, lost among its neighbours'. */
static void a_host_with_spf_alone_is_seen_beside_a_larger_one_that_signs(void **state) {
  struct world *w = *state;
  good_mail(w, "quarantine");
  spf_mail(w, "192.0.2.2", 59, 0, 5);
  const struct judgement *j = judged(w);
  assert_string_equal(verdict_word(j->verdict), "NOT_READY");
  assert_int_equal(j->blockers.count, 1);
  assert_string_equal(j->blockers.items[0].example, "192.0.2.2");
  assert_int_equal(j->blockers.items[0].messages, 150);
}

static void a_source_that_signs_half_of_its_mail_does_not_rely_on_spf_alone(void **state) {
  struct world *w = *state;
  for (int more = 0; more < 2; more++) {
    start_anew(w);
    good_mail(w, "quarantine");
    spf_mail(w, "198.51.100.1", 59, 0, 10 + more);
    signed_mail(w, "198.51.100.1", "example.com/s2", 59, 0, 10);
    assert_int_equal(gate(w, GATE_DKIM)->state, more ? GATE_FAIL : GATE_PASS);
  }
}

static void the_shares_of_signed_mail_count_dormant_mail_above_and_below_the_line(void **state) {
  struct world *w = *state;
  reports(w, policy(w, (struct seen_policy){.p = "none"}), 120, 0);
  spf_mail(w, "192.0.2.1", 120, 0, 100);
  signed_mail(w, "198.51.100.1", "example.com/quarterly", 90, 90, 1000);
  assert_gate(w, GATE_DKIM, 100.0 * 1000 / 4000, GATE_WARN);
}

static void losses_through_forwarders_warn_on_the_way_to_quarantine_and_ask_before_reject(void **state) {
  struct world *w = *state;
  for (int to = TO_QUARANTINE; to <= TO_REJECT; to++)
    for (int messages = 60; messages <= 61; messages++) {
      start_anew(w);
      good_mail(w, POLICIES[to]);
      strange_mail(w, "203.0.113.7", 5, 5, messages)->service = &LISTS;
      enum gate_state above = to == TO_REJECT ? GATE_FAIL : GATE_WARN;
      assert_gate(w, GATE_FORWARDED, 100.0 * messages / 3000, messages == 60 ? GATE_PASS : above);
      assert_string_equal(verdict_of(w), messages == 61 && to == TO_REJECT ? "NEEDS_DECISION" : "READY");
    }
}

static void a_tenth_lost_through_forwarders_asks_before_quarantine_too(void **state) {
  struct world *w = *state;
  for (int messages = 300; messages <= 301; messages++) {
    start_anew(w);
    good_mail(w, "none");
    strange_mail(w, "203.0.113.7", 5, 5, messages)->service = &LISTS;
    const struct judgement *j = judged(w);
    assert_int_equal(j->gates[GATE_FORWARDED].state, messages == 300 ? GATE_WARN : GATE_FAIL);
    assert_near(j->gates[GATE_FORWARDED].limit, messages == 300 ? 2 : 10, 1e-9);
    assert_string_equal(verdict_word(j->verdict), messages == 300 ? "READY" : "NEEDS_DECISION");
    if (messages == 300) continue;
    assert_int_equal(j->blockers.count, 1);
    assert_non_null(strstr(j->blockers.items[0].repair, "label"));
  }
}

static void forwarded_mail_whose_signature_survives_is_not_lost(void **state) {
  struct world *w = *state;
  good_mail(w, "quarantine");
  struct stream *s = signed_mail(w, "203.0.113.7", "example.com/s1", 20, 0, 5);
  s->spf_failed = s->messages;
  assert_class(w, s, "forwarder", "survives");
  assert_gate(w, GATE_FORWARDED, 0, GATE_PASS);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      A(two_hundred_sixty_eight_without_a_failure_are_99_percent),
      A(with_five_failures_it_takes_1024),
      A(no_trials_and_no_passes_have_the_bound_zero),
      A(the_upper_bound_mirrors_the_lower),
      A(who_looks_at_many_proportions_needs_more_proof_of_each),
      A(the_exact_test_is_fishers),
      A(good_mail_is_ready_with_every_gate_passed),
      A(thirty_days_at_the_policy_suffice_and_29_do_not),
      A(days_with_data_count_14_and_21),
      A(a_day_is_that_of_a_reports_middle),
      A(reports_without_mail_are_no_days_and_no_reporters),
      A(empty_reports_do_not_keep_a_reporter_fresh),
      A(the_newest_report_warns_after_three_days_and_is_stale_after_seven),
      A(small_reporters_do_not_speak_for_the_large_one_that_fell_silent),
      A(the_large_reporter_speaks_for_small_ones_that_fell_silent),
      A(a_large_reporter_that_speaks_weekly_is_not_silent_yet),
      A(three_reporters_suffice_two_only_where_there_never_were_more),
      A(a_reporter_with_more_than_ninety_percent_warns),
      A(own_mail_needs_a_lower_bound_of_98_and_99_percent),
      A(each_own_source_needs_95_and_99_percent_proven),
      A(one_failing_message_in_each_of_a_providers_networks_blocks_nothing),
      A(a_network_that_is_plainly_worse_than_its_selector_blocks),
      A(a_selector_that_fails_a_little_everywhere_is_one_source_that_fails),
      A(one_failing_message_of_sixty_wants_more_mail_and_no_repair),
      A(a_source_of_less_than_20_messages_is_judged_with_the_rest),
      A(what_the_receiver_could_not_judge_is_in_no_gate),
      A(reporters_that_contradict_themselves_are_named_from_one_percent_on),
      A(undecided_mail_may_be_2_percent_of_own_in_all_and_half_a_percent_for_reject),
      A(one_undecided_source_may_be_1_percent_of_own_and_half_a_percent_for_reject),
      A(a_flood_of_spoofing_does_not_dilute_the_undecided),
      A(without_mail_no_source_is_of_any_age),
      A(a_new_source_waits_7_and_14_days),
      A(a_new_source_with_spf_alone_waits_too),
      A(a_new_source_does_not_inherit_the_age_of_what_carried_its_mail),
      A(a_new_source_is_new_however_many_addresses_it_sends_from),
      A(what_was_there_on_the_first_days_is_not_new_but_met),
      A(nineteen_messages_a_known_selector_and_a_labelled_source_are_not_new),
      A(a_fall_stays_under_one_point_and_half_a_point),
      A(two_messages_are_no_trend),
      A(a_change_of_the_mix_is_no_fall),
      A(a_source_that_grew_better_does_not_fall),
      A(a_fall_that_chance_explains_is_none),
      A(less_than_ninety_percent_signed_warns_on_the_way_to_quarantine),
      A(a_source_with_spf_alone_blocks_reject_from_20_messages_on),
      A(a_key_that_broke_days_ago_is_seen_while_spf_passes),
      A(a_key_that_signed_again_is_no_loss),
      A(a_program_of_a_host_that_lost_its_key_is_seen_from_two_points_on),
      A(signatures_that_always_broke_now_and_then_are_no_loss),
      A(a_host_with_spf_alone_is_seen_beside_a_larger_one_that_signs),
      A(a_source_that_signs_half_of_its_mail_does_not_rely_on_spf_alone),
      A(the_shares_of_signed_mail_count_dormant_mail_above_and_below_the_line),
      A(losses_through_forwarders_warn_on_the_way_to_quarantine_and_ask_before_reject),
      A(a_tenth_lost_through_forwarders_asks_before_quarantine_too),
      A(forwarded_mail_whose_signature_survives_is_not_lost),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
