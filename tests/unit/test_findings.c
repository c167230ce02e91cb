/* SPDX-License-Identifier: Apache-2.0 */
/* Findings that block nothing, and the thresholds. */
#include "verdict_kit.h"

/* --- findings that block nothing ---------------------------------------------------------------------------------- */

static void undecided_mail_within_the_limit_is_told_and_blocks_nothing(void **state) {
  struct world *w = *state;
  good_mail(w, "none");
  struct stream *s = mailer_mail(w, &MAILER, 20, 0, 1); /* 21 of 3000: under 1 % */
  const struct judgement *j = judged(w);
  assert_string_equal(verdict_word(j->verdict), "READY");
  assert_int_equal(j->questions.count, 1);
  assert_string_equal(j->questions.items[0].example, s->source.text);
  assert_int_equal(j->questions.items[0].messages, 21);
  assert_int_equal(j->blockers.count, 0);
  mailer_mail(w, &OTHER_MAILER, 20, 0, 9);
  j = judged(w);
  assert_int_equal(j->questions.count, 0);
  assert_int_equal(j->blockers.count, 2);
  assert_int_equal(j->blockers.items[0].messages, 189); /* largest first */
}

static void undecided_mail_that_failed_before_the_window_alone_is_told_by_its_source(void **state) {
  struct world *w = *state;
  good_mail(w, "none");
  struct stream *s = mailer_mail(w, &MAILER, 59, 0, 1);
  for (uint32_t i = 0; i < s->day_count; i++)
    if (s->days[i].day > LAST_DAY - 30) s->days[i].unchecked = s->days[i].messages;
  const struct judgement *j = judged(w);
  assert_int_equal(j->questions.count, 1);
  assert_string_equal(j->questions.items[0].example, s->source.text);
  assert_int_equal(j->questions.items[0].messages, 7); /* of the fullest run */
}

static void a_forwarder_is_told_where_its_mail_fails_and_blocks_the_way_to_reject(void **state) {
  struct world *w = *state;
  static const struct {
    const char *p;
    int64_t daily;
    bool blocks;
  } CASES[] = {{"none", 9, false}, {"none", 20, true}, {"quarantine", 1, false}, {"quarantine", 20, true}};
  for (unsigned i = 0; i < ARRAY_SIZE(CASES); i++) {
    start_anew(w);
    good_mail(w, CASES[i].p);
    struct stream *s = broken_mail(w, "198.51.100.9", "example.com/s1", 29, 0, CASES[i].daily);
    s->forwarded = s->messages;
    s->identity = kept(w, "list.example");
    const struct judgement *j = judged(w);
    assert_int_equal(j->forwarders.count, !CASES[i].blocks);
    assert_int_equal(j->blockers.count, CASES[i].blocks);
    const struct finding *f = CASES[i].blocks ? &j->blockers.items[0] : &j->forwarders.items[0];
    assert_int_equal(f->messages, 30 * CASES[i].daily);
    assert_int_equal(f->class, CLASS_FORWARDER);
    assert_non_null(strstr(f->repair, "breaks your signature (d=example.com s=s1)"));
  }
}

static void what_to_do_about_a_forwarder_is_told_by_what_is_on_its_mail(void **state) {
  struct world *w = *state;
  for (int is_signed = 0; is_signed < 2; is_signed++) {
    start_anew(w);
    good_mail(w, "none");
    struct stream *s = is_signed ? broken_mail(w, "198.51.100.9", "example.com/s1", 29, 0, 9)
                                 : strange_mail(w, "198.51.100.9", 29, 0, 1);
    s->identity = kept(w, "list.example");
    s->forwarded = s->messages;
    const char *repair = judged(w)->forwarders.items[0].repair;
    assert_int_equal(strstr(repair, "sign all of it with DKIM") != NULL, !is_signed);
    assert_int_equal(strstr(repair, "rewrite From: or seal with ARC") != NULL, is_signed);
  }
}

/* --- causes ------------------------------------------------------------------------------------------------------- */

static const struct finding *worst_of(struct world *w) {
  const struct judgement *j = judged(w);
  assert_true(j->blockers.count > 0);
  return &j->blockers.items[0];
}

static void a_key_that_verifies_nothing_is_the_cause(void **state) {
  struct world *w = *state;
  good_mail(w, "none");
  signed_mail(w, "198.51.100.1", "example.com/s2", 59, 10, 20);
  broken_mail(w, "198.51.100.1", "example.com/s2", 9, 0, 20);
  assert_int_equal(worst_of(w)->cause, CAUSE_KEY);
  assert_non_null(strstr(worst_of(w)->repair, "key is published"));
}

static void where_other_mail_of_the_key_verifies_it_was_changed_in_transit(void **state) {
  struct world *w = *state;
  good_mail(w, "none");
  signed_mail(w, "198.51.100.1", "example.com/s2", 59, 0, 20);
  struct stream *s = broken_mail(w, "198.51.100.1", "example.com/s2", 29, 0, 5);
  assert_int_equal(worst_of(w)->cause, CAUSE_IN_TRANSIT);
  assert_non_null(strstr(worst_of(w)->repair, "sign last"));
  s->permerrors = s->messages; /* the key of this mail cannot be read all the same */
  assert_int_equal(worst_of(w)->cause, CAUSE_KEY);
  assert_non_null(strstr(worst_of(w)->repair, "a second TXT record"));
}

/* What answers for one of them answers for no other: his shop may be the stranger's neighbour. */
static void each_sender_of_a_network_has_a_label_of_its_own(void **state) {
  struct world *w = *state;
  for (int days = 60; days >= 52; days -= 8) {
    start_anew(w);
    good_mail(w, "none");
    strange_mail(w, "203.0.113.7", 59, 0, 9);
    strange_mail(w, "203.0.113.8", days - 1, 0, 1); /* a tenth of all, or a little less */
    const struct finding *f = worst_of(w);
    assert_string_equal(f->label, days == 60 ? "203.0.113.7" : "203.0.113.0/24");
    assert_int_equal(f->label_subject, days == 60 ? LABEL_ADDRESS : LABEL_NETWORK);
  }
}

/* Its streams need not follow each other. */
static void a_sender_of_a_network_is_all_of_its_mail(void **state) {
  struct world *w = *state;
  good_mail(w, "none");
  strange_mail(w, "203.0.113.7", 59, 0, 16);
  strange_mail(w, "203.0.113.8", 59, 0, 1);
  strange_mail(w, "203.0.113.9", 59, 0, 1);
  strange_mail(w, "203.0.113.8", 59, 0, 1);
  assert_string_equal(worst_of(w)->label, "203.0.113.7");
}

/* Withdrawn too early: nobody can read it any more. */
static void a_key_that_nobody_can_read_is_no_key_that_some_can(void **state) {
  struct world *w = *state;
  good_mail(w, "none");
  signed_mail(w, "198.51.100.1", "example.com/s2", 59, 10, 20);
  struct stream *s = broken_mail(w, "198.51.100.1", "example.com/s2", 9, 0, 20);
  s->permerrors = s->messages;
  assert_int_equal(worst_of(w)->cause, CAUSE_KEY);
  assert_non_null(strstr(worst_of(w)->repair, "key is published"));
}

/* Of a large forwarder too: its name is there, the owner's SPF is elsewhere, with the same key. */
static void who_breaks_mail_that_was_signed_elsewhere_may_be_a_forwarder(void **state) {
  struct world *w = *state;
  enum { FORWARDS, NAMELESS, HAS_A_KEY, HAS_SPF, CASES };
  for (int i = 0; i < CASES; i++) {
    const char *key = i == HAS_A_KEY ? "example.com/s2" : "example.com/s1";
    start_anew(w);
    good_mail(w, "none")->spf_passed = 3000;
    struct stream *s[] = {signed_mail(w, "198.51.100.1", key, 59, 0, 20),
                          broken_mail(w, "198.51.100.1", key, 29, 0, 5)};
    for (unsigned n = 0; n < 2 && i != NAMELESS; n++) s[n]->identity = kept(w, "alumni.example");
    if (i == HAS_SPF) s[0]->spf_passed = 10;
    const char *repair = worst_of(w)->repair;
    assert_non_null(strstr(repair, "sign last"));
    assert_int_equal(strstr(repair, "'dmarcctl label alumni.example forwarder --domain example.com'") != NULL,
                     i == FORWARDS);
  }
}

/* More of it fails than verifies, and that much is enough to show that the key is there. */
static void a_key_that_verifies_at_the_same_host_on_the_same_day_is_good(void **state) {
  struct world *w = *state;
  static const struct {
    const char *beside;
    int messages;
    enum failure_cause cause;
  } CASES[] = {{"198.51.100.1", 5, CAUSE_IN_TRANSIT}, {"198.51.100.1", 4, CAUSE_KEY}, {"198.51.100.2", 5, CAUSE_KEY}};
  for (unsigned i = 0; i < ARRAY_SIZE(CASES); i++) {
    start_anew(w);
    good_mail(w, "none");
    signed_mail(w, CASES[i].beside, "example.com/s2", 59, 0, CASES[i].messages);
    broken_mail(w, "198.51.100.1", "example.com/s2", 10, 10, 300);
    assert_int_equal(worst_of(w)->cause, CASES[i].cause);
  }
}

static void what_verifies_and_does_not_align_is_no_broken_key(void **state) {
  struct world *w = *state;
  good_mail(w, "none");
  signed_mail(w, "198.51.100.1", "example.com/s2", 59, 30, 20);
  struct stream *s = broken_mail(w, "198.51.100.1", "mail.example.com/s2", 29, 0, 20);
  s->selectors[0].passed = s->messages;
  assert_int_equal(worst_of(w)->cause, CAUSE_MISALIGNED);
  assert_non_null(strstr(worst_of(w)->repair, "not aligned"));
  assert_non_null(strstr(worst_of(w)->repair, "its signature as mail.example.com verifies"));
  assert_non_null(strstr(worst_of(w)->repair, "sign as example.com, or publish adkim=r"));
}

static void mail_with_nothing_on_it_is_unsigned_or_of_another_identity(void **state) {
  struct world *w = *state;
  for (int named = 0; named < 2; named++) {
    start_anew(w);
    good_mail(w, "none");
    struct stream *s = strange_mail(w, "198.51.100.1", 29, 0, 20);
    if (named) s->identity = kept(w, "crm.example.net");
    label(w, LABEL_ADDRESS, "198.51.100.1", LABEL_LEGITIMATE);
    assert_int_equal(worst_of(w)->cause, named ? CAUSE_MISALIGNED : CAUSE_UNSIGNED);
  }
}

static void several_causes_are_mixed_unless_one_is_four_fifths(void **state) {
  struct world *w = *state;
  for (int other = 5; other <= 6; other++) {
    start_anew(w);
    good_mail(w, "none");
    signed_mail(w, "198.51.100.1", "example.com/s2", 59, 30, 20);
    broken_mail(w, "198.51.100.1", "example.com/s2", 29, 0, 20);
    strange_mail(w, "198.51.100.1", 29, 0, other);
    label(w, LABEL_ADDRESS, "198.51.100.1", LABEL_LEGITIMATE);
    assert_int_equal(worst_of(w)->cause, other == 5 ? CAUSE_KEY : CAUSE_MIXED);
  }
}

static void own_mail_that_passes_has_no_cause(void **state) {
  struct world *w = *state;
  good_mail(w, "quarantine");
  spf_mail(w, "198.51.100.1", 59, 0, 20);
  assert_int_equal(worst_of(w)->cause, CAUSE_NONE);
  assert_true(worst_of(w)->passes);
  assert_null(failure_cause_word(CAUSE_NONE));
}

/* --- own mail that fails, within the limits ----------------------------------------------------------------------- */

/* Two hosts of one network, of which the second sends little, and loses `failing` of it. */
static struct stream *small_host(struct world *w, int64_t messages, int64_t failing) {
  good_mail(w, "none");
  if (messages > failing) signed_mail(w, "192.0.2.30", "example.com/s1", 20, 20, messages - failing);
  return broken_mail(w, "192.0.2.30", "example.com/s1", 20, 20, failing);
}

static void a_host_that_loses_most_of_its_mail_is_told_though_nothing_blocks(void **state) {
  struct world *w = *state;
  static const struct {
    int64_t messages, failing;
    bool is_told;
  } CASES[] = {{3, 3, true}, {2, 2, false}, {10, 6, true}, {10, 5, false}};
  for (unsigned i = 0; i < ARRAY_SIZE(CASES); i++) {
    start_anew(w);
    small_host(w, CASES[i].messages, CASES[i].failing);
    const struct judgement *j = told(w);
    assert_string_equal(verdict_word(j->verdict), "READY");
    assert_int_equal(j->own_failing.count, CASES[i].is_told);
    if (!CASES[i].is_told) continue;
    const struct finding *f = &j->own_failing.items[0];
    assert_int_equal(f->part, PART_ADDRESS);
    assert_string_equal(f->example, "192.0.2.30");
    assert_int_equal(f->messages, CASES[i].failing);
    assert_int_equal(f->of_messages, CASES[i].messages);
    assert_int_equal(f->first_day, LAST_DAY - 20);
    assert_non_null(strstr(f->repair, "192.0.2.30: the signature fails"));
  }
}

static void what_blocks_is_not_told_once_more(void **state) {
  struct world *w = *state;
  small_host(w, 400, 400);
  assert_string_equal(verdict_of(w), "NOT_READY");
  assert_int_equal(w->j.blockers.count, 1);
  assert_int_equal(w->j.own_failing.count, 0);
}

static void a_name_or_a_key_that_fails_over_many_hosts_is_told(void **state) {
  struct world *w = *state;
  for (int by_name = 0; by_name < 2; by_name++) {
    start_anew(w);
    good_mail(w, "none");
    for (int i = 0; i < 4; i++) {
      char host[32];
      snprintf(host, sizeof host, "192.0.2.%d", 30 + i);
      signed_mail(w, host, "example.com/s1", 29, 0, 1);
      struct stream *s = broken_mail(w, host, by_name ? "example.com/s1" : "example.com/n", 20, 20, 2);
      if (by_name) s->header_from = kept(w, "shop.example.com");
    }
    const struct judgement *j = told(w);
    assert_string_equal(verdict_word(j->verdict), "READY");
    assert_int_equal(j->own_failing.count, 1);
    const struct finding *f = &j->own_failing.items[0];
    assert_int_equal(f->part, by_name ? PART_FROM : PART_KEY);
    assert_string_equal(by_name ? f->header_from : f->selector, by_name ? "shop.example.com" : "example.com/n");
    assert_int_equal(f->messages, 8);
  }
}

static void more_findings_than_anybody_repairs_at_once_are_counted(void **state) {
  struct world *w = *state;
  good_mail(w, "none");
  signed_mail(w, "192.0.2.2", "example.com/s1", 29, 0, 1000);
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
  judge(&w->h, &w->labels, &t, w->as_of_s, w->published, &w->j);
  assert_string_equal(verdict_word(w->j.verdict), "READY");
  assert_int_equal(threshold_set(&t, "reporters", "4", &e), 0);
  judge(&w->h, &w->labels, &t, w->as_of_s, w->published, &w->j);
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
      A(undecided_mail_within_the_limit_is_told_and_blocks_nothing),
      A(undecided_mail_that_failed_before_the_window_alone_is_told_by_its_source),
      A(a_forwarder_is_told_where_its_mail_fails_and_blocks_the_way_to_reject),
      A(what_to_do_about_a_forwarder_is_told_by_what_is_on_its_mail),
      A(a_key_that_verifies_nothing_is_the_cause),
      A(where_other_mail_of_the_key_verifies_it_was_changed_in_transit),
      A(a_key_that_nobody_can_read_is_no_key_that_some_can),
      A(each_sender_of_a_network_has_a_label_of_its_own),
      A(a_sender_of_a_network_is_all_of_its_mail),
      A(who_breaks_mail_that_was_signed_elsewhere_may_be_a_forwarder),
      A(a_key_that_verifies_at_the_same_host_on_the_same_day_is_good),
      A(what_verifies_and_does_not_align_is_no_broken_key),
      A(mail_with_nothing_on_it_is_unsigned_or_of_another_identity),
      A(several_causes_are_mixed_unless_one_is_four_fifths),
      A(own_mail_that_passes_has_no_cause),
      A(a_host_that_loses_most_of_its_mail_is_told_though_nothing_blocks),
      A(what_blocks_is_not_told_once_more),
      A(a_name_or_a_key_that_fails_over_many_hosts_is_told),
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
