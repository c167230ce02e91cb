/* SPDX-License-Identifier: Apache-2.0 */
/* The gates on reports, reporters and mail that is not known to be the owner's, each on both sides of its limit. */
#include <math.h>

#include "verdict_kit.h"

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
  assert_int_equal(judged(w)->days_to_go, 1); /* no day with data leaves the window, one comes */
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

/* One report in its name is anybody's. */
static void a_reporter_that_fell_silent_is_back_when_it_was_heard_on_three_days(void **state) {
  struct world *w = *state;
  for (int days = 1; days <= 3; days++) {
    start_anew(w);
    uint32_t p = policy(w, (struct seen_policy){.p = "none"});
    reports(w, p, 59, 0);
    for (int ago = 59; ago >= 12; ago--) report(w, 3, p, ago, 400);
    for (int ago = days - 1; ago >= 0; ago--) report(w, 3, p, ago, 400);
    signed_mail(w, "192.0.2.1", "example.com/s1", 59, 0, 100);
    assert_gate(w, GATE_REPORT_AGE, days < 3 ? 12.25 : 0.25, days < 3 ? GATE_FAIL : GATE_PASS);
  }
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
      assert_non_null(strstr(told(w)->blockers.items[0].repair, "dmarcctl label \"Example Mailer\" unauthorised"));
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

/* One message of the owner's that somebody sends again and again from a host of his own. */
static void a_replay_does_not_dilute_the_undecided_beyond_twice(void **state) {
  struct world *w = *state;
  good_mail(w, "none");
  mailer_mail(w, &MAILER, 5, 5, 61);
  signed_mail(w, "203.0.113.7", "example.com/s1", 40, 0, 5000);
  assert_gate(w, GATE_UNDECIDED_ONE, 100.0 * 61 / 6000, GATE_FAIL);
  start_anew(w);
  good_mail(w, "none");
  mailer_mail(w, &MAILER, 5, 5, 61);
  signed_mail(w, "203.0.113.7", "example.com/s1", 40, 0, 200)->spf_passed = 1; /* a host of the owner's own */
  assert_gate(w, GATE_UNDECIDED_ONE, 100.0 * 61 / 9000, GATE_PASS);
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

static void losses_through_forwarders_warn_on_the_way_to_quarantine_and_ask_before_reject(void **state) {
  struct world *w = *state;
  for (int to = TO_QUARANTINE; to <= TO_REJECT; to++)
    for (int messages = 60; messages <= 61; messages++) {
      start_anew(w);
      good_mail(w, POLICIES[to]);
      broken_mail(w, "203.0.113.7", "example.com/s1", 5, 5, messages)->service = &LISTS;
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
    broken_mail(w, "203.0.113.7", "example.com/s1", 5, 5, messages)->service = &LISTS;
    const struct judgement *j = judged(w);
    assert_int_equal(j->gates[GATE_FORWARDED].state, messages == 300 ? GATE_WARN : GATE_FAIL);
    assert_near(j->gates[GATE_FORWARDED].limit, messages == 300 ? 2 : 10, 1e-9);
    assert_string_equal(verdict_word(j->verdict), messages == 300 ? "READY" : "NEEDS_DECISION");
    if (messages == 300) continue;
    assert_int_equal(j->blockers.count, 1);
    assert_non_null(strstr(told(w)->blockers.items[0].repair, "dmarcctl label \"Example Lists\" ignore"));
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
      A(good_mail_is_ready_with_every_gate_passed),
      A(thirty_days_at_the_policy_suffice_and_29_do_not),
      A(days_with_data_count_14_and_21),
      A(a_day_is_that_of_a_reports_middle),
      A(reports_without_mail_are_no_days_and_no_reporters),
      A(empty_reports_do_not_keep_a_reporter_fresh),
      A(the_newest_report_warns_after_three_days_and_is_stale_after_seven),
      A(small_reporters_do_not_speak_for_the_large_one_that_fell_silent),
      A(a_reporter_that_fell_silent_is_back_when_it_was_heard_on_three_days),
      A(the_large_reporter_speaks_for_small_ones_that_fell_silent),
      A(a_large_reporter_that_speaks_weekly_is_not_silent_yet),
      A(three_reporters_suffice_two_only_where_there_never_were_more),
      A(a_reporter_with_more_than_ninety_percent_warns),
      A(undecided_mail_may_be_2_percent_of_own_in_all_and_half_a_percent_for_reject),
      A(one_undecided_source_may_be_1_percent_of_own_and_half_a_percent_for_reject),
      A(a_flood_of_spoofing_does_not_dilute_the_undecided),
      A(a_replay_does_not_dilute_the_undecided_beyond_twice),
      A(without_mail_no_source_is_of_any_age),
      A(a_new_source_waits_7_and_14_days),
      A(a_new_source_with_spf_alone_waits_too),
      A(a_new_source_does_not_inherit_the_age_of_what_carried_its_mail),
      A(a_new_source_is_new_however_many_addresses_it_sends_from),
      A(what_was_there_on_the_first_days_is_not_new_but_met),
      A(nineteen_messages_a_known_selector_and_a_labelled_source_are_not_new),
      A(losses_through_forwarders_warn_on_the_way_to_quarantine_and_ask_before_reject),
      A(a_tenth_lost_through_forwarders_asks_before_quarantine_too),
      A(forwarded_mail_whose_signature_survives_is_not_lost),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
