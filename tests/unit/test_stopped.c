/* SPDX-License-Identifier: Apache-2.0 */
/* Own mail that stops: nobody knows what it does today, and who came as it went may be its successor. */
#include "verdict_kit.h"

#define MOVED_TO "203.0.113.10"

/* Reports go on to the last day; own mail of one host until so many days ago. */
static struct stream *until(struct world *w, int last, int64_t messages) {
  reports(w, policy(w, (struct seen_policy){.p = "none"}), 89, 0);
  return signed_mail(w, "192.0.2.1", "example.com/s1", 89, last, messages);
}

static void own_mail_that_strangers_follow_as_it_stops_is_no_base_for_a_step(void **state) {
  struct world *w = *state;
  static const struct {
    int silent, strange;
    const char *verdict;
  } CASES[] = {{2, 25, "INSUFFICIENT_DATA"},
               {2, 24, "READY"}, /* a quarter of 100 a day */
               {1, 100, "READY"},
               {2, 0, "READY"},
               {12, 100, "INSUFFICIENT_DATA"}};
  for (unsigned i = 0; i < ARRAY_SIZE(CASES); i++) {
    start_anew(w);
    until(w, CASES[i].silent, 100);
    for (int ago = CASES[i].silent - 1; ago >= 0 && CASES[i].strange; ago--) {
      char source[32];
      snprintf(source, sizeof source, "203.%d.113.10", ago);
      strange_mail(w, source, ago, ago, CASES[i].strange);
    }
    assert_string_equal(verdict_of(w), CASES[i].verdict);
  }
}

/* It may be the owner's mail that is rejected since he moved. */
static void at_the_target_it_matters_who_came(void **state) {
  struct world *w = *state;
  for (int follows = 0; follows < 2; follows++) {
    start_anew(w);
    reports(w, policy(w, (struct seen_policy){.p = "reject"}), 89, 0);
    signed_mail(w, "192.0.2.1", "example.com/s1", 89, 20, 100);
    for (int ago = 19; ago >= 0 && follows; ago--) {
      char source[32];
      snprintf(source, sizeof source, "203.%d.113.10", ago);
      strange_mail(w, source, ago, ago, ago % 2 ? 180 : 20);
      snprintf(source, sizeof source, "203.%d.113.10", 100 + ago);
      strange_mail(w, source, ago, ago, ago % 2 ? 180 : 20);
    }
    assert_int_equal(gate(w, GATE_STOPPED)->state, follows ? GATE_FAIL : GATE_WARN);
    assert_string_equal(verdict_of(w), follows ? "INSUFFICIENT_DATA" : "AT_TARGET");
  }
}

static void what_stopped_and_who_came_is_said(void **state) {
  struct world *w = *state;
  until(w, 2, 100);
  strange_mail(w, MOVED_TO, 1, 0, 90);
  const struct judgement *j = judged(w);
  assert_string_equal(verdict_word(j->verdict), "INSUFFICIENT_DATA");
  assert_non_null(strstr(j->reason,
                         "nothing of 192.0.2.0/24 since 2024-10-03, where 200 messages would be usual, and 180 "
                         "messages more of strangers"));
  assert_int_equal(j->blockers.count, 1);
  assert_string_equal(j->blockers.items[0].example, MOVED_TO);
  label(w, LABEL_ADDRESS, MOVED_TO, LABEL_UNAUTHORISED);
  assert_string_equal(verdict_of(w), "READY");
}

static void strangers_who_were_there_before_follow_nobody(void **state) {
  struct world *w = *state;
  until(w, 2, 100);
  for (int ago = 89; ago >= 0; ago--) {
    char source[32];
    snprintf(source, sizeof source, "203.%d.113.10", ago);
    strange_mail(w, source, ago, ago, 90);
  }
  assert_int_equal(gate(w, GATE_STOPPED)->state, GATE_PASS);
}

static void silence_without_strangers_takes_longer_than_holidays(void **state) {
  struct world *w = *state;
  static const struct {
    int silent;
    const char *verdict;
  } CASES[] = {{13, "READY"}, {14, "INSUFFICIENT_DATA"}};
  for (unsigned i = 0; i < ARRAY_SIZE(CASES); i++) {
    start_anew(w);
    until(w, CASES[i].silent, 100);
    assert_string_equal(verdict_of(w), CASES[i].verdict);
  }
}

/* Strangers come at the weekend, as by chance. */
static void weekends_and_rare_mail_are_no_end(void **state) {
  struct world *w = *state;
  for (int rare = 0; rare <= 1; rare++) {
    start_anew(w);
    reports(w, policy(w, (struct seen_policy){.p = "none"}), 89, 0);
    struct stream *s = stream(w, "192.0.2.1", STREAM_SIGNED);
    signs_with(w, s, "example.com/s1");
    for (int ago = 89; ago >= 2; ago--)
      if (rare ? ago % 30 == 2 : ago % 7 > 1) mail(s, ago, ago, rare ? 3000 : 100); /* days 0 and 1 are of no work */
    strange_mail(w, MOVED_TO, 1, 0, 90);
    assert_string_equal(verdict_of(w), "READY");
  }
}

static void days_whose_reports_are_still_to_come_are_no_silence(void **state) {
  struct world *w = *state;
  uint32_t none = policy(w, (struct seen_policy){.p = "none"});
  for (int ago = 89; ago >= 0; ago--)
    for (unsigned reporter = 0; reporter < 4; reporter++)
      if (ago >= 2 || reporter == 3) report(w, reporter, none, ago, reporter == 3 ? 10 : 40);
  signed_mail(w, "192.0.2.1", "example.com/s1", 89, 2, 100);
  strange_mail(w, MOVED_TO, 1, 0, 10);
  assert_string_equal(verdict_of(w), "READY"); /* of 200 messages, the fourth reporter would have told of 15 */
}

static void a_source_of_a_quarter_that_stops_counts_and_a_smaller_one_or_one_that_moved_does_not(void **state) {
  struct world *w = *state;
  static const struct {
    int messages;
    bool moves;
    const char *verdict;
  } CASES[] = {{34, false, "INSUFFICIENT_DATA"}, {32, false, "READY"}, {34, true, "READY"}};
  for (unsigned i = 0; i < ARRAY_SIZE(CASES); i++) {
    start_anew(w);
    until(w, 5, CASES[i].messages);
    struct stream *s = signed_mail(w, "198.51.100.1", "example.com/s2", 89, 5, 100);
    mail(s, 4, 0, CASES[i].moves ? 100 + CASES[i].messages : 100);
    strange_mail(w, MOVED_TO, 4, 4, 60);
    assert_string_equal(verdict_of(w), CASES[i].verdict);
  }
}

/* --- domains that sent once --------------------------------------------------------------------------------------- */

/* Two hundred days of reports, with so many messages of strangers a day before own mail ends, and since. */
static void sent_until(struct world *w, int last, int step, int before, int since) {
  reports(w, policy(w, (struct seen_policy){.p = "none"}), 199, 0);
  struct stream *s = stream(w, "192.0.2.1", STREAM_SIGNED);
  signs_with(w, s, "example.com/s1");
  for (int ago = last; ago < 200; ago += step) {
    s->days = mem_realloc(s->days, (s->day_count + 1) * sizeof *s->days);
    s->days[s->day_count++] = (struct stream_day){0};
  }
  for (uint32_t i = 0; i < s->day_count; i++)
    s->days[i] = (struct stream_day){
        .day = LAST_DAY - last - (int32_t)(s->day_count - 1 - i) * step, .messages = 100, .passed = 100};
  s->messages = s->passed = s->selectors[0].passed = 100 * s->day_count;
  for (int ago = 199; ago >= 0; ago -= 4)
    for (int n = 0; n < 2; n++) {
      char source[32];
      snprintf(source, sizeof source, "%d.%d.113.10", 203 + n, ago);
      struct stream *stranger = strange_mail(w, source, ago, ago, 2 * (ago >= last ? before : since));
      stranger->spf_failed = stranger->messages;
    }
}

static void a_domain_that_sent_once_is_asked_about_like_a_parked_one(void **state) {
  struct world *w = *state;
  static const struct {
    int last, step, before, since;
    const char *verdict;
  } CASES[] = {
      {59, 1, 9, 9, "INSUFFICIENT_DATA"},  {60, 1, 9, 9, "NEEDS_DECISION"},
      {60, 1, 9, 35, "INSUFFICIENT_DATA"},                                      /* a quarter of 100 more */
      {60, 1, 9, 33, "NEEDS_DECISION"},    {70, 30, 9, 9, "INSUFFICIENT_DATA"}, /* less than three of its pauses */
      {180, 9, 9, 9, "NEEDS_DECISION"}};                                        /* nothing in the longest window */
  for (unsigned i = 0; i < ARRAY_SIZE(CASES); i++) {
    start_anew(w);
    sent_until(w, CASES[i].last, CASES[i].step, CASES[i].before, CASES[i].since);
    assert_string_equal(verdict_of(w), CASES[i].verdict);
    assert_false(w->j.parked);
    assert_int_equal(w->j.retired, !strcmp(CASES[i].verdict, "NEEDS_DECISION"));
  }
}

static void the_question_of_a_domain_that_sent_once_says_since_when_and_takes_an_answer(void **state) {
  struct world *w = *state;
  sent_until(w, 92, 1, 9, 9);
  const struct judgement *j = judged(w);
  assert_non_null(strstr(j->reason, "since 2024-07-04: does anything still send as this domain?"));
  assert_int_equal(j->blockers.count, 1);
  assert_non_null(strstr(j->blockers.items[0].repair, "'dmarcctl label 0.0.0.0/0 unauthorised --domain example.com'"));
  label(w, LABEL_NETWORK, "0.0.0.0/0", LABEL_UNAUTHORISED);
  assert_string_equal(verdict_of(w), "READY");
  assert_int_equal(w->j.next, POLICY_REJECT);
  w->labels.count = 0;
  const struct published_policy published = {.p = POLICY_NONE, .refuses_all = true};
  w->published = &published;
  assert_string_equal(verdict_of(w), "READY");
}

/* Who forgot a sender did not retire the domain. */
static void a_domain_that_a_service_still_sends_as_is_not_retired(void **state) {
  struct world *w = *state;
  sent_until(w, 92, 1, 9, 9);
  mailer_mail(w, &MAILER, 50, 0, 3);
  assert_false(judged(w)->retired);
  assert_string_not_equal(verdict_of(w), "READY");
}

static void a_trickle_of_own_mail_is_no_silence(void **state) {
  struct world *w = *state;
  struct stream *s = until(w, 20, 100);
  mail(s, 10, 10, 90);
  assert_string_equal(verdict_of(w), "READY");
  for (int ago = 19; ago >= 0; ago--) {
    char source[32];
    snprintf(source, sizeof source, "203.%d.113.10", ago);
    strange_mail(w, source, ago, ago, 60);
  }
  assert_non_null(strstr(judged(w)->reason, "hardly anything of"));
  assert_non_null(strstr(w->j.reason, "and 90 came"));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      A(own_mail_that_strangers_follow_as_it_stops_is_no_base_for_a_step),
      A(at_the_target_it_matters_who_came),
      A(what_stopped_and_who_came_is_said),
      A(strangers_who_were_there_before_follow_nobody),
      A(silence_without_strangers_takes_longer_than_holidays),
      A(weekends_and_rare_mail_are_no_end),
      A(days_whose_reports_are_still_to_come_are_no_silence),
      A(a_source_of_a_quarter_that_stops_counts_and_a_smaller_one_or_one_that_moved_does_not),
      A(a_domain_that_sent_once_is_asked_about_like_a_parked_one),
      A(the_question_of_a_domain_that_sent_once_says_since_when_and_takes_an_answer),
      A(a_domain_that_a_service_still_sends_as_is_not_retired),
      A(a_trickle_of_own_mail_is_no_silence),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
