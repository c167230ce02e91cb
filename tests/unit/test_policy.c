/* SPDX-License-Identifier: Apache-2.0 */
/* The window of a judgement and the policy that the reports show: what they rest on. */
#include "verdict_kit.h"

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

/* Some write the tags of the record, and no others. */
static void testing_is_over_where_all_who_told_of_it_leave_it_out_for_a_week(void **state) {
  struct world *w = *state;
  reports(w, policy(w, (struct seen_policy){.p = "quarantine"}), 59, 0); /* never have a word for it */
  const uint32_t testing = policy(w, (struct seen_policy){.p = "quarantine", .testing = 'y'});
  const uint32_t without = policy(w, (struct seen_policy){.p = "quarantine"});
  for (int ago = 59; ago >= 7; ago--) report(w, 3, testing, ago, 40);
  for (int ago = 6; ago >= 1; ago--) report(w, 3, without, ago, 40);
  signed_mail(w, "192.0.2.1", "example.com/s1", 59, 0, 100);
  assert_false(judged(w)->in_force);
  report(w, 3, without, 1, 40); /* a second one of that day */
  assert_false(judged(w)->in_force);
  report(w, 3, without, 0, 40);
  assert_true(judged(w)->in_force);
  assert_gate(w, GATE_POLICY_AGE, 7, GATE_FAIL);
  report(w, 4, testing, 2, 40); /* somebody else tells of it still */
  assert_false(judged(w)->in_force);
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

/* The newest report of those that say the same p was believed in all else too: one that lies had its tags printed. */
static void the_next_record_has_the_tags_that_most_reporters_tell(void **state) {
  struct world *w = *state;
  static const struct {
    struct seen_policy most, liar;
    const char *record;
  } CASES[] = {
      {{.p = "none"},
       {.p = "none", .sp = "reject", .np = "reject", .adkim = "s", .aspf = "s"},
       "v=DMARC1; p=quarantine; rua=<keep yours>"},
      {{.p = "none", .adkim = "s", .np = "reject"},
       {.p = "none"},
       "v=DMARC1; p=quarantine; np=reject; adkim=s; rua=<keep yours>"},
  };
  for (size_t i = 0; i < ARRAY_SIZE(CASES); i++) {
    start_anew(w);
    signed_mail(w, "192.0.2.1", "example.com/s1", 59, 0, 100);
    reports(w, policy(w, CASES[i].most), 59, 0);
    report_of(w, 3, policy(w, CASES[i].liar), DAY_S(0) + HOUR_S, END_S, 40);
    assert_string_equal(judged(w)->next_record, CASES[i].record);
  }
}

/* Three that have no word for np, or fill sp in, and so many days of one or two that name theirs. */
static void few_name_theirs(struct world *w, struct seen_policy filled, struct seen_policy named, unsigned few,
                            int days) {
  signed_mail(w, "192.0.2.1", "example.com/s1", 59, 0, 100);
  reports(w, policy(w, filled), 59, 0);
  uint32_t theirs = policy(w, named), of_most = 0;
  for (int ago = 59; ago >= 0; ago--)
    for (unsigned i = 0; i < few; i++) report(w, 3 + i, ago < days ? theirs : of_most, ago, 40);
}

static void who_names_no_np_has_no_voice_on_it(void **state) {
  struct world *w = *state;
  static const struct {
    struct seen_policy most, few;
    unsigned tellers;
    int days;
    const char *record;
  } CASES[] = {
      {{.p = "none"}, {.p = "none", .np = "reject"}, 2, 1, "v=DMARC1; p=quarantine; np=reject; rua=<keep yours>"},
      {{.p = "none"}, {.p = "none", .np = "reject"}, 1, 7, "v=DMARC1; p=quarantine; np=reject; rua=<keep yours>"},
      {{.p = "none"}, {.p = "none", .np = "reject"}, 1, 6, "v=DMARC1; p=quarantine; rua=<keep yours>"},
      {{.p = "quarantine", .sp = "none"},
       {.p = "quarantine", .sp = "none", .np = "quarantine"},
       2,
       60,
       "v=DMARC1; p=reject; sp=none; np=quarantine; rua=<keep yours>"},
      {{.p = "quarantine", .sp = "none"},
       {.p = "quarantine", .sp = "none", .np = "none"},
       2,
       60,
       "v=DMARC1; p=reject; sp=none; rua=<keep yours>"},
  };
  for (size_t i = 0; i < ARRAY_SIZE(CASES); i++) {
    start_anew(w);
    few_name_theirs(w, CASES[i].most, CASES[i].few, CASES[i].tellers, CASES[i].days);
    assert_string_equal(judged(w)->next_record, CASES[i].record);
  }
}

static void an_sp_that_reporters_may_have_filled_in_is_no_voice(void **state) {
  struct world *w = *state;
  static const struct {
    unsigned tellers;
    int days;
    bool is_heard;
  } CASES[] = {{2, 60, true}, {2, 1, true}, {1, 7, true}, {1, 6, false}};
  for (size_t i = 0; i < ARRAY_SIZE(CASES); i++) {
    start_anew(w);
    few_name_theirs(w, (struct seen_policy){.p = "quarantine", .sp = "quarantine"},
                    (struct seen_policy){.p = "quarantine", .sp = "none"}, CASES[i].tellers, CASES[i].days);
    const struct judgement *j = judged(w);
    assert_string_equal(j->next_record, CASES[i].is_heard ? "v=DMARC1; p=reject; sp=none; rua=<keep yours>"
                                                          : "v=DMARC1; p=reject; rua=<keep yours>");
    assert_int_equal(j->below != NULL, CASES[i].is_heard);
    if (j->below) assert_int_equal(j->below->current, POLICY_NONE);
  }
}

/* Those who fill sp in do not begin its days anew. */
static void the_days_of_an_sp_are_those_of_who_names_it(void **state) {
  struct world *w = *state;
  few_name_theirs(w, (struct seen_policy){.p = "reject", .sp = "reject"},
                  (struct seen_policy){.p = "reject", .sp = "none"}, 2, 40);
  const struct judgement *j = judged(w);
  assert_non_null(j->below);
  assert_near(j->below->gates[GATE_POLICY_AGE].figure, 40, 1e-9);
}

static void where_anybody_tells_of_a_weaker_sp_none_is_advised_that_would_raise_it(void **state) {
  struct world *w = *state;
  for (int weaker = 0; weaker <= 1; weaker++) {
    start_anew(w);
    few_name_theirs(w, (struct seen_policy){.p = "quarantine"},
                    (struct seen_policy){.p = "quarantine", .sp = weaker ? "none" : NULL}, 1, 3);
    mailer_mail(w, &MAILER, 59, 0, 10)->header_from = kept(w, "news.example.com");
    const struct judgement *j = judged(w);
    assert_string_equal(verdict_word(j->verdict), "NEEDS_DECISION");
    assert_int_equal(j->alone != NULL, !weaker);
  }
}

/* --- reporters that disagree -------------------------------------------------------------------------------------- */

/* Three reporters tell of `most`; so many others of `other` since so many days. */
static const struct judgement *with_dissent(struct world *w, const char *most, const char *other, unsigned others,
                                            int first, int last) {
  start_anew(w);
  good_mail(w, most);
  uint32_t of_most = 0, theirs = policy(w, (struct seen_policy){.p = other});
  for (int ago = 59; ago >= 0; ago--)
    for (unsigned i = 0; i < others; i++) report(w, 3 + i, ago <= first && ago >= last ? theirs : of_most, ago, 400);
  return judged(w);
}

static void what_two_reporters_go_on_telling_is_the_policy_where_it_is_weaker(void **state) {
  struct world *w = *state;
  const struct judgement *j = with_dissent(w, "quarantine", "none", 2, 59, 0);
  assert_int_equal(j->current, POLICY_NONE);
  assert_int_equal(j->next, POLICY_QUARANTINE);
  assert_int_equal(j->dissenting.count, 2);
  assert_int_equal(j->dissenting.items[0].p, POLICY_NONE);
  assert_int_equal(j->dissenting.items[0].days, 30);
  assert_int_equal(j->dissenting.items[0].messages, 30 * 400);
  /* Nobody's policy is taken back. */
  j = with_dissent(w, "reject", "none", 2, 59, 0);
  assert_int_equal(j->current, POLICY_NONE);
  assert_int_equal(j->next, POLICY_REJECT);
  j = with_dissent(w, "none", "reject", 2, 59, 0);
  assert_int_equal(j->current, POLICY_NONE);
  assert_int_equal(j->next, POLICY_REJECT);
}

static void one_who_tells_of_another_policy_is_named_and_moves_nothing_unless_proven(void **state) {
  struct world *w = *state;
  const struct judgement *j = with_dissent(w, "reject", "none", 1, 59, 0);
  assert_string_equal(verdict_word(j->verdict), "AT_TARGET");
  assert_int_equal(j->dissenting.count, 1);
  for (uint32_t i = 0; i < w->h.report_count; i++) w->h.reports[i].provenance = PROVENANCE_PROVEN;
  assert_int_equal(judged(w)->current, POLICY_NONE);
}

static void stray_late_and_former_policies_are_no_dissent(void **state) {
  struct world *w = *state;
  static const struct {
    int first, last;
    unsigned dissenting;
  } CASES[] = {{6, 0, 2}, {5, 0, 0} /* few days */, {40, 7, 0} /* over */, {40, 6, 2}};
  for (size_t i = 0; i < ARRAY_SIZE(CASES); i++)
    assert_int_equal(with_dissent(w, "quarantine", "none", 2, CASES[i].first, CASES[i].last)->dissenting.count,
                     CASES[i].dissenting);
  start_anew(w);
  reports(w, policy(w, (struct seen_policy){.p = "none"}), 59, 20);
  reports(w, policy(w, (struct seen_policy){.p = "quarantine"}), 19, 0);
  for (int ago = 59; ago >= 0; ago--) report(w, 3, ago > 17 ? 0 : 1, ago, 40);
  signed_mail(w, "192.0.2.1", "example.com/s1", 59, 0, 100);
  assert_int_equal(judged(w)->dissenting.count, 0);
}

static void of_equal_voices_those_count_that_ask_for_less(void **state) {
  struct world *w = *state;
  signed_mail(w, "192.0.2.1", "example.com/s1", 59, 0, 100);
  uint32_t relaxed = policy(w, (struct seen_policy){.p = "none"});
  uint32_t strict = policy(w, (struct seen_policy){.p = "none", .adkim = "s", .aspf = "s"});
  for (int ago = 59; ago >= 0; ago--) {
    report(w, 0, relaxed, ago, 40);
    report(w, 1, strict, ago, 40);
  }
  assert_string_equal(judged(w)->next_record, "v=DMARC1; p=quarantine; rua=<keep yours>");
}

/* Even where the liars are more. */
static void who_is_not_proven_has_no_voice_where_others_are(void **state) {
  struct world *w = *state;
  signed_mail(w, "192.0.2.1", "example.com/s1", 59, 0, 100);
  uint32_t relaxed = policy(w, (struct seen_policy){.p = "none"});
  uint32_t strict = policy(w, (struct seen_policy){.p = "none", .adkim = "s"});
  for (int ago = 59; ago >= 0; ago--)
    for (unsigned reporter = 0; reporter < 5; reporter++) report(w, reporter, reporter < 2 ? relaxed : strict, ago, 40);
  assert_string_equal(judged(w)->next_record, "v=DMARC1; p=quarantine; adkim=s; rua=<keep yours>");
  for (uint32_t i = 0; i < w->h.report_count; i++)
    w->h.reports[i].provenance = w->h.reports[i].reporter < 2 ? PROVENANCE_PROVEN : PROVENANCE_UNPROVEN;
  w->h.proven_reports = 120;
  assert_string_equal(judged(w)->next_record, "v=DMARC1; p=quarantine; rua=<keep yours>");
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

/* Under t=y and pct each policy comes to one lower: a record without them must not raise those that were not judged. */
static void a_record_that_ends_the_test_leaves_the_other_policies_what_they_come_to(void **state) {
  struct world *w = *state;
  static const struct {
    struct seen_policy seen;
    const char *next, *below;
  } CASES[] = {
      {{.p = "none", .sp = "reject", .testing = 'y'},
       "v=DMARC1; p=quarantine; sp=quarantine; rua=<keep yours>",
       "v=DMARC1; p=none; sp=reject; rua=<keep yours>"},
      {{.p = "quarantine", .sp = "reject", .np = "quarantine", .testing = 'y'},
       "v=DMARC1; p=quarantine; sp=quarantine; np=none; rua=<keep yours>",
       "v=DMARC1; p=none; sp=reject; np=none; rua=<keep yours>"},
      {{.p = "none", .sp = "quarantine", .sampled = 'y'},
       "v=DMARC1; p=quarantine; sp=none; rua=<keep yours>",
       "v=DMARC1; p=none; sp=reject; rua=<keep yours>"}, /* nothing sends below */
      {{.p = "none", .sp = "reject"}, "v=DMARC1; p=quarantine; sp=reject; rua=<keep yours>", NULL},
  };
  for (size_t i = 0; i < ARRAY_SIZE(CASES); i++) {
    start_anew(w);
    signed_mail(w, "192.0.2.1", "example.com/s1", 59, 0, 100);
    reports(w, policy(w, CASES[i].seen), 59, 0);
    const struct judgement *j = judged(w);
    assert_string_equal(j->next_record, CASES[i].next);
    assert_non_null(j->below);
    if (CASES[i].below)
      assert_string_equal(j->below->next_record, CASES[i].below);
    else
      assert_null(j->below->next_record);
  }
}

/* A stranger may write anything there. */
static void a_word_that_is_no_policy_stands_in_no_record(void **state) {
  struct world *w = *state;
  good_mail(w, "none");
  w->h.policies[0].sp = "reject\"; x=y";
  w->h.policies[0].np = "\x1b[31m";
  assert_string_equal(judged(w)->next_record, "v=DMARC1; p=quarantine; rua=<keep yours>");
  w->h.policies[0] = (struct seen_policy){.p = "of mine"};
  struct judgement j = *judged(w);
  assert_string_equal(judgement_record_now(w->h.arena, &j), "v=DMARC1; p=<as it is>; rua=<keep yours>");
}

/* Nobody has seen yet what it does to own mail. */
static void stricter_alignment_that_the_reports_do_not_show_yet_begins_a_month(void **state) {
  struct world *w = *state;
  const struct published_policy same = {.p = POLICY_NONE, .sp = POLICY_NONE};
  struct published_policy stricter = same;
  for (int spf = 0; spf < 2; spf++) {
    start_anew(w);
    good_mail(w, "none");
    w->published = &same;
    assert_string_equal(verdict_of(w), "READY");
    stricter = same;
    *(spf ? &stricter.strict_spf : &stricter.strict_dkim) = true;
    w->published = &stricter;
    assert_string_equal(verdict_of(w), "INSUFFICIENT_DATA");
    assert_int_equal(gate(w, GATE_POLICY_AGE)->state, GATE_FAIL);
    *(spf ? &w->h.policies[0].aspf : &w->h.policies[0].adkim) = "s";
    assert_string_equal(verdict_of(w), "READY");
    w->published = NULL;
  }
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

/* --- what the DNS says -------------------------------------------------------------------------------------------- */

static void the_weaker_of_published_and_reported_policy_is_finished_first(void **state) {
  struct world *w = *state;
  static const struct {
    const char *reported;
    struct published_policy published;
    enum policy current, next;
    bool finish;
  } CASES[] = {
      {"quarantine", {.p = POLICY_QUARANTINE}, POLICY_QUARANTINE, POLICY_REJECT, false},
      {"quarantine", {.p = POLICY_NONE}, POLICY_NONE, POLICY_QUARANTINE, false},
      {"reject", {.p = POLICY_QUARANTINE}, POLICY_QUARANTINE, POLICY_REJECT, false},
      {"quarantine", {.p = POLICY_QUARANTINE, .testing = true}, POLICY_QUARANTINE, POLICY_QUARANTINE, true},
      {"quarantine", {.p = POLICY_QUARANTINE, .sampled = true}, POLICY_QUARANTINE, POLICY_QUARANTINE, true},
      {"reject", {.p = POLICY_REJECT, .testing = true}, POLICY_REJECT, POLICY_REJECT, true},
      {"none", {.p = POLICY_REJECT}, POLICY_NONE, POLICY_QUARANTINE, false},
      {"none", {.p = POLICY_NONE, .testing = true}, POLICY_NONE, POLICY_QUARANTINE, false},
      {"quarantine", {.p = POLICY_UNKNOWN}, POLICY_QUARANTINE, POLICY_REJECT, false},
  };
  for (unsigned i = 0; i < ARRAY_SIZE(CASES); i++) {
    start_anew(w);
    good_mail(w, CASES[i].reported);
    w->published = &CASES[i].published;
    const struct judgement *j = judged(w);
    assert_string_equal(verdict_word(j->verdict), "READY");
    assert_int_equal(j->current, CASES[i].current);
    assert_int_equal(j->next, CASES[i].next);
    assert_int_equal(j->finish_current, CASES[i].finish);
    w->published = NULL;
  }
}

static void without_a_rua_the_next_step_is_to_add_one(void **state) {
  struct world *w = *state;
  static const struct published_policy PUBLISHED[] = {{.p = POLICY_NONE, .unreported = true},
                                                      {.p = POLICY_QUARANTINE, .unreported = true},
                                                      {.p = POLICY_QUARANTINE, .testing = true, .unreported = true}};
  for (unsigned i = 0; i < ARRAY_SIZE(PUBLISHED); i++) {
    start_anew(w);
    good_mail(w, policy_word(PUBLISHED[i].p));
    w->published = &PUBLISHED[i];
    const struct judgement *j = judged(w);
    assert_true(j->wants_rua);
    assert_int_equal(j->next, PUBLISHED[i].p);
    w->published = NULL;
    assert_false(judged(w)->wants_rua);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
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
      A(testing_is_over_where_all_who_told_of_it_leave_it_out_for_a_week),
      A(the_days_in_testing_do_not_count_as_days_in_force),
      A(the_next_record_has_the_tags_that_most_reporters_tell),
      A(who_names_no_np_has_no_voice_on_it),
      A(an_sp_that_reporters_may_have_filled_in_is_no_voice),
      A(the_days_of_an_sp_are_those_of_who_names_it),
      A(where_anybody_tells_of_a_weaker_sp_none_is_advised_that_would_raise_it),
      A(what_two_reporters_go_on_telling_is_the_policy_where_it_is_weaker),
      A(one_who_tells_of_another_policy_is_named_and_moves_nothing_unless_proven),
      A(stray_late_and_former_policies_are_no_dissent),
      A(of_equal_voices_those_count_that_ask_for_less),
      A(who_is_not_proven_has_no_voice_where_others_are),
      A(a_stray_word_of_testing_does_not_begin_the_days_anew),
      A(a_sampled_policy_is_to_be_finished_first),
      A(sampling_is_told_by_reports_that_have_a_word_for_it),
      A(a_word_of_testing_for_another_policy_says_nothing_of_this_one),
      A(a_reject_in_testing_is_not_the_target),
      A(none_in_testing_has_nothing_to_finish),
      A(with_an_sp_of_its_own_mail_of_subdomains_is_out_of_the_policys_scope),
      A(subdomains_under_an_sp_of_their_own_are_judged_by_their_own_mail),
      A(a_record_that_ends_the_test_leaves_the_other_policies_what_they_come_to),
      A(a_word_that_is_no_policy_stands_in_no_record),
      A(stricter_alignment_that_the_reports_do_not_show_yet_begins_a_month),
      A(subdomains_whose_mail_passes_may_follow),
      A(subdomains_that_send_nothing_go_straight_to_reject),
      A(a_changed_sp_begins_its_own_days_anew),
      A(the_weaker_of_published_and_reported_policy_is_finished_first),
      A(without_a_rua_the_next_step_is_to_add_one),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
