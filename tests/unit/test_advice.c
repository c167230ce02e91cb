/* SPDX-License-Identifier: Apache-2.0 */
/* What is told beside a verdict before anybody acts on it. */
#include "verdict_kit.h"

/* Histories by hand have no records that could be left out. */
static const struct judgement *told(struct world *w) {
  struct thresholds t = THRESHOLDS_DEFAULT;
  t.robust_against = 0;
  judge_robustly(&w->h, &w->labels, &t, w->as_of_s, w->published, &w->j);
  return &w->j;
}

/* Mail of the owner's that the mailer signs for him. */
static struct stream *signed_by_mailer(struct world *w, int64_t messages) {
  struct stream *s = signed_mail(w, "203.0.113.200", "example.com/m1", 59, 0, messages);
  s->service = &MAILER;
  s->identity = kept(w, "mailer.example");
  return s;
}

static void a_label_is_advised_with_what_it_touches_and_what_it_leaves(void **state) {
  struct world *w = *state;
  good_mail(w, "none");
  signed_by_mailer(w, 20);
  mailer_mail(w, &MAILER, 59, 0, 10);
  const struct finding *f = &told(w)->blockers.items[0];
  assert_string_equal(f->label, "Example Mailer");
  assert_int_equal(f->label_touches, 60 * 10);
  assert_int_equal(f->label_leaves, 60 * 20);
  assert_non_null(strstr(f->repair, "(that touches 600 messages of all that is stored; 1,200 messages of yours stay"));
}

static void what_is_told_of_a_label_is_what_the_label_does(void **state) {
  struct world *w = *state;
  good_mail(w, "none");
  signed_by_mailer(w, 20);
  struct stream *strange = mailer_mail(w, &MAILER, 59, 0, 10), *other = mailer_mail(w, &OTHER_MAILER, 59, 0, 10);
  struct stream *broken = broken_mail(w, "203.0.113.200", "example.com/m1", 20, 20, 2);
  broken->service = &MAILER;
  told(w);
  assert_int_equal(w->j.blockers.items[0].label_touches, 600);
  label(w, LABEL_SERVICE, "Example Mailer", LABEL_UNAUTHORISED);
  told(w);
  assert_int_equal(strange->class, CLASS_UNAUTHORISED);
  assert_int_equal(broken->class, CLASS_OWN_BROKEN);
  assert_int_equal(other->class, CLASS_UNDECIDED);
}

static void a_label_that_touches_nothing_of_the_owners_says_so(void **state) {
  struct world *w = *state;
  good_mail(w, "none");
  mailer_mail(w, &MAILER, 59, 0, 10);
  const struct finding *f = &told(w)->blockers.items[0];
  assert_int_equal(f->label_leaves, 0);
  assert_non_null(strstr(f->repair, "and none of yours)"));
}

static void what_needs_no_label_is_advised_none(void **state) {
  struct world *w = *state;
  good_mail(w, "none");
  second_source(w, 100, 50);
  assert_null(told(w)->blockers.items[0].label);
}

static void a_finding_says_when_its_mail_was_seen(void **state) {
  struct world *w = *state;
  good_mail(w, "none");
  struct stream *s = mailer_mail(w, &MAILER, 50, 50, 300);
  mail(s, 45, 45, 300);
  const struct finding *f = &told(w)->blockers.items[0];
  assert_int_equal(f->first_day, LAST_DAY - 50);
  assert_int_equal(f->last_day, LAST_DAY - 45);
}

static void the_largest_strangers_are_told_with_their_days(void **state) {
  struct world *w = *state;
  good_mail(w, "none");
  for (int i = 0; i < MOST_STRANGERS + 2; i++) {
    char source[32];
    snprintf(source, sizeof source, "198.51.%d.7", i);
    struct stream *s = strange_mail(w, source, 20, 20, 3 + i);
    if (i == 6) mail(s, 18, 18, 1);
  }
  const struct strangers *x = &told(w)->strangers;
  assert_string_equal(verdict_word(w->j.verdict), "READY");
  assert_int_equal(x->count, MOST_STRANGERS);
  assert_int_equal(x->left_out, 2);
  assert_string_equal(x->items[0].source, "198.51.6.0/24");
  assert_int_equal(x->items[0].messages, 10);
  assert_int_equal(x->items[0].days, 2);
  assert_int_equal(x->items[0].first_day, LAST_DAY - 20);
  assert_int_equal(x->items[0].last_day, LAST_DAY - 18);
  assert_int_equal(x->items[1].days, 1);
}

/* --- parked ------------------------------------------------------------------------------------------------------- */

static void forgers_alone(struct world *w) {
  reports(w, policy(w, (struct seen_policy){.p = "none"}), 59, 0);
  struct stream *s = strange_mail(w, "203.0.113.7", 20, 20, 1200);
  s->spf_failed = s->messages;
}

static void the_question_of_a_parked_domain_says_how_to_answer_it(void **state) {
  struct world *w = *state;
  forgers_alone(w);
  const char *repair = told(w)->blockers.items[0].repair;
  assert_string_equal(verdict_word(w->j.verdict), "NEEDS_DECISION");
  assert_non_null(strstr(repair, "'dmarcctl label 0.0.0.0/0 unauthorised --domain example.com'"));
  label(w, LABEL_NETWORK, "0.0.0.0/0", LABEL_UNAUTHORISED);
  assert_string_equal(verdict_word(told(w)->verdict), "READY");
}

static void what_the_dns_has_answered_already_is_not_asked(void **state) {
  struct world *w = *state;
  struct published_policy published = {.p = POLICY_NONE};
  forgers_alone(w);
  w->published = &published;
  assert_string_equal(verdict_word(told(w)->verdict), "NEEDS_DECISION");
  published.refuses_all = true;
  assert_string_equal(verdict_word(told(w)->verdict), "READY");
  assert_null(strstr(w->j.reason, "publish"));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      A(a_label_is_advised_with_what_it_touches_and_what_it_leaves),
      A(what_is_told_of_a_label_is_what_the_label_does),
      A(a_label_that_touches_nothing_of_the_owners_says_so),
      A(what_needs_no_label_is_advised_none),
      A(a_finding_says_when_its_mail_was_seen),
      A(the_largest_strangers_are_told_with_their_days),
      A(the_question_of_a_parked_domain_says_how_to_answer_it),
      A(what_the_dns_has_answered_already_is_not_asked),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
