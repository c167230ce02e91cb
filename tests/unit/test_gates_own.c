/* SPDX-License-Identifier: Apache-2.0 */
/* The gates on own mail, each on both sides of its limit. */
#include "verdict_kit.h"

static const char *const POLICIES[] = {[TO_QUARANTINE] = "none", [TO_REJECT] = "quarantine"};

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
static struct stream *receivers_fault(struct world *w, int64_t unchecked, int64_t contradicted, int64_t unevaluated) {
  struct stream *s = broken_mail(w, "192.0.2.1", "example.com/s1", 0, 0, 100);
  s->days[0].unchecked = unchecked;
  s->days[0].contradicted = contradicted;
  s->days[0].unevaluated = unevaluated;
  return s;
}

static void what_the_receiver_could_not_judge_is_in_no_gate(void **state) {
  struct world *w = *state;
  static const struct {
    int unchecked, contradicted, unevaluated;
    bool ready;
  } CASES[] = {{100, 0, 0, true}, {0, 100, 0, true}, {50, 50, 0, true}, {99, 0, 0, true},
               {0, 40, 0, false}, {0, 0, 100, true}, {0, 0, 40, false}, {20, 30, 50, true}};
  for (unsigned i = 0; i < ARRAY_SIZE(CASES); i++) {
    start_anew(w);
    good_mail(w, "quarantine");
    receivers_fault(w, CASES[i].unchecked, CASES[i].contradicted, CASES[i].unevaluated);
    const struct judgement *j = judged(w);
    assert_string_equal(verdict_word(j->verdict), CASES[i].ready ? "READY" : "REGRESSION");
    assert_int_equal(j->own_unchecked, CASES[i].unchecked);
    assert_int_equal(j->own_contradicted, CASES[i].contradicted);
    assert_int_equal(j->own_unevaluated, CASES[i].unevaluated);
    assert_int_equal(j->own_messages, 3100 - CASES[i].unchecked - CASES[i].contradicted - CASES[i].unevaluated);
    assert_int_equal(j->own_passed, 3000);
    assert_int_equal(j->raw_messages, 3100);
  }
}

/* From none, so many messages of 103 a day fail against the receiver's own results. */
static void contradicted_mail(struct world *w, const char *p, int first, int last, int64_t messages) {
  good_mail(w, p);
  struct stream *s = broken_mail(w, "192.0.2.1", "example.com/s1", first, last, messages);
  for (uint32_t i = 0; i < s->day_count; i++) s->days[i].contradicted = messages;
}

static void what_a_receiver_fails_against_its_results_for_weeks_is_a_question(void **state) {
  struct world *w = *state;
  static const struct {
    const char *p;
    int first, last, messages;
    const char *verdict;
  } CASES[] = {
      {"none", 29, 0, 3, "NEEDS_DECISION"},
      {"none", 29, 0, 2, "READY"},
      {"quarantine", 29, 0, 2, "NEEDS_DECISION"},
      {"quarantine", 29, 0, 1, "READY"},
      {"none", 6, 0, 20, "NEEDS_DECISION"},
      {"none", 5, 0, 20, "READY"},        /* a slip so far */
      {"none", 29, 7, 20, "READY"},       /* over */
      {"reject", 29, 0, 20, "AT_TARGET"}, /* nothing is left to decide */
  };
  for (unsigned i = 0; i < ARRAY_SIZE(CASES); i++) {
    start_anew(w);
    contradicted_mail(w, CASES[i].p, CASES[i].first, CASES[i].last, CASES[i].messages);
    assert_string_equal(verdict_of(w), CASES[i].verdict);
  }
}

static void who_contradicts_himself_is_named_in_the_question(void **state) {
  struct world *w = *state;
  contradicted_mail(w, "none", 29, 0, 10);
  int64_t contradicted[] = {0, 300, 0};
  const char *names[] = {"a.example.net", "b.example.net", "c.example.net"};
  w->h.contradicted = contradicted;
  w->h.reporters = names;
  const struct judgement *j = judged(w);
  w->h.contradicted = NULL;
  w->h.reporters = NULL;
  assert_non_null(strstr(j->reason, ": b.example.net (ask its operator"));
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

/* A message a day from each of `hosts` networks, by SPF alone, for so many days of the window. */
static void small_hosts(struct world *w, int hosts, int days) {
  for (int i = 0; i < hosts; i++) {
    char source[32];
    snprintf(source, sizeof source, "198.51.%d.9", i);
    spf_mail(w, source, 29, 30 - days, 1);
  }
}

static void hosts_too_small_to_be_seen_block_reject_together_above_one_percent(void **state) {
  struct world *w = *state;
  static const struct {
    int hosts, days;
    const char *verdict;
  } CASES[] = {{4, 8, "NOT_READY"}, {3, 8, "READY"}, {31, 1, "NOT_READY"}, {30, 1, "READY"}, {8, 4, "NOT_READY"}};
  for (unsigned i = 0; i < ARRAY_SIZE(CASES); i++) {
    start_anew(w);
    good_mail(w, "quarantine");
    small_hosts(w, CASES[i].hosts, CASES[i].days);
    assert_string_equal(verdict_of(w), CASES[i].verdict);
    if (!strcmp(CASES[i].verdict, "NOT_READY")) assert_int_equal(w->j.blockers.count, CASES[i].hosts);
  }
}

/* Its addresses are no senders of their own: a signature that failed once at one of them says nothing. */
static void a_services_many_addresses_are_not_summed_up(void **state) {
  struct world *w = *state;
  good_mail(w, "quarantine");
  signed_mail(w, "203.0.113.1", "example.com/m", 59, 0, 100)->service = &MAILER;
  for (int i = 0; i < 70; i++) {
    char source[32];
    snprintf(source, sizeof source, "198.51.%d.9", i);
    spf_mail(w, source, 20, 20, 1)->service = &MAILER;
  }
  assert_string_equal(verdict_of(w), "READY");
}

/* Where the service's own signature broke too, nothing names it; its address does, or its network. */
static void mail_without_a_name_is_of_the_service_that_sends_from_there(void **state) {
  struct world *w = *state;
  static const struct {
    const char *from;
    int messages;
    const char *verdict;
  } CASES[] = {{"203.0.113.1", 300, "READY"},
               {"203.0.113.2", 19, "READY"},
               {"203.0.113.2", 20, "NOT_READY"}, /* a web server is not signed because its neighbour is */
               {"203.0.112.1", 300, "NOT_READY"}};
  for (unsigned i = 0; i < ARRAY_SIZE(CASES); i++) {
    start_anew(w);
    good_mail(w, "quarantine");
    signed_mail(w, "203.0.113.1", "example.com/m", 59, 0, 100)->service = &MAILER;
    struct stream *s = stream(w, CASES[i].from, STREAM_SPF);
    signs_with(w, s, "example.com/m");
    mail(s, 20, 20, CASES[i].messages);
    assert_string_equal(verdict_of(w), CASES[i].verdict);
    if (i < 2) assert_string_equal(s->site.text, MAILER.name);
    if (i == 3) assert_non_null(strstr(w->j.blockers.items[0].repair, "the signature fails (d=example.com s=m)"));
  }
}

/* It signs since so many days, and what did not came each day, or each month. */
static void a_host_that_signs_now_relied_on_spf_alone_once(void **state) {
  struct world *w = *state;
  static const struct {
    int step, first, since, messages;
    enum gate_state state;
  } CASES[] = {{1, 59, 8, 10, GATE_PASS},   {1, 59, 6, 10, GATE_FAIL}, /* the last seven days have one of it */
               {1, 59, 8, 2, GATE_FAIL},                               /* fourteen messages are few */
               {3, 59, 11, 10, GATE_PASS},  {3, 59, 9, 10, GATE_FAIL}, /* three of its pauses */
               {1, 18, 8, 10, GATE_FAIL},                              /* eleven days have no rhythm */
               {28, 140, 12, 10, GATE_FAIL}};
  for (unsigned i = 0; i < ARRAY_SIZE(CASES); i++) {
    start_anew(w);
    reports(w, policy(w, (struct seen_policy){.p = "quarantine"}), 149, 0);
    signed_mail(w, "192.0.2.1", "example.com/s1", 149, 0, 100);
    struct stream *s = stream(w, "198.51.100.1", STREAM_SPF);
    mail_every(s, CASES[i].step, CASES[i].since + (CASES[i].first - CASES[i].since) / CASES[i].step * CASES[i].step,
               CASES[i].since, 300);
    signed_mail(w, "198.51.100.1", "example.com/s2", CASES[i].since - 1, 0, CASES[i].messages);
    assert_int_equal(gate(w, GATE_DKIM)->state, CASES[i].state);
  }
}

/* Three of seventy signatures that fail are more than chance at a single host, and less among thirty of them. */
static void chance_is_looked_for_at_all_hosts_together(void **state) {
  struct world *w = *state;
  for (int hosts = 1; hosts <= 30; hosts += 29) {
    start_anew(w);
    reports(w, policy(w, (struct seen_policy){.p = "quarantine"}), 59, 0);
    for (int i = 0; i < hosts; i++) {
      char source[32];
      snprintf(source, sizeof source, "203.0.113.%d", i + 1);
      signed_mail(w, source, "example.com/m", 59, 0, 10)->service = &MAILER;
    }
    mail(lost_dkim(w, "203.0.113.1", 0, 1), 2, 1, 1);
    assert_int_equal(gate(w, GATE_DKIM)->state, hosts == 1 ? GATE_FAIL : GATE_PASS);
  }
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

int main(void) {
  const struct CMUnitTest tests[] = {
      A(own_mail_needs_a_lower_bound_of_98_and_99_percent),
      A(each_own_source_needs_95_and_99_percent_proven),
      A(one_failing_message_in_each_of_a_providers_networks_blocks_nothing),
      A(a_network_that_is_plainly_worse_than_its_selector_blocks),
      A(a_selector_that_fails_a_little_everywhere_is_one_source_that_fails),
      A(one_failing_message_of_sixty_wants_more_mail_and_no_repair),
      A(a_source_of_less_than_20_messages_is_judged_with_the_rest),
      A(what_the_receiver_could_not_judge_is_in_no_gate),
      A(what_a_receiver_fails_against_its_results_for_weeks_is_a_question),
      A(who_contradicts_himself_is_named_in_the_question),
      A(reporters_that_contradict_themselves_are_named_from_one_percent_on),
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
      A(hosts_too_small_to_be_seen_block_reject_together_above_one_percent),
      A(a_services_many_addresses_are_not_summed_up),
      A(mail_without_a_name_is_of_the_service_that_sends_from_there),
      A(chance_is_looked_for_at_all_hosts_together),
      A(a_host_that_signs_now_relied_on_spf_alone_once),
      A(a_source_that_signs_half_of_its_mail_does_not_rely_on_spf_alone),
      A(the_shares_of_signed_mail_count_dormant_mail_above_and_below_the_line),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
