/* SPDX-License-Identifier: Apache-2.0 */
/* What the owner says of mail with a label, and what a label may not strike. */
#include "verdict_kit.h"

static void each_subject_and_each_verdict_of_a_label_is_heard(void **state) {
  struct world *w = *state;
  static const char *const SUBJECTS[] = {"203.0.113.7", "203.0.113.0/24", "example mailer", "mailer.example"};
  static const char *const CLASSES[] = {"legitimate", "forwarder", "unauthorised", "ignored"};
  for (int subject = 0; subject < LABEL_SUBJECTS; subject++)
    for (int verdict = 0; verdict < LABEL_VERDICTS; verdict++) {
      start_anew(w);
      good_mail(w, "none");
      struct stream *s = strange_mail(w, "203.0.113.7", 20, 0, 5);
      struct stream *other = strange_mail(w, "198.51.100.7", 3, 3, 5);
      s->service = &MAILER;
      s->identity = kept(w, "bounce.mailer.example");
      label(w, (enum label_subject)subject, SUBJECTS[subject], (enum label_verdict)verdict);
      assert_class(w, s, CLASSES[verdict], "label");
      assert_ptr_equal(s->label, last_label(w));
      assert_class(w, other, "suspicious", "no habit");
      assert_null(other->label);
    }
}

static void a_wide_label_strikes_nothing_of_the_owners(void **state) {
  struct world *w = *state;
  static const char *const SUBJECTS[] = {"203.0.113.7", "203.0.113.0/24", "example mailer", "mailer.example"};
  for (int subject = 0; subject < LABEL_SUBJECTS; subject++)
    for (int ignore = 0; ignore < 2; ignore++) {
      start_anew(w);
      good_mail(w, "none");
      struct stream *s[] = {signed_mail(w, "203.0.113.7", "example.com/s1", 20, 0, 50),
                            spf_mail(w, "203.0.113.7", 20, 0, 5),
                            broken_mail(w, "203.0.113.7", "example.com/s2", 20, 0, 5)};
      struct stream *strange = strange_mail(w, "203.0.113.7", 20, 0, 5);
      struct stream *all[] = {s[0], s[1], s[2], strange};
      for (unsigned i = 0; i < ARRAY_SIZE(all); i++) {
        all[i]->service = &MAILER;
        all[i]->identity = kept(w, "mailer.example");
      }
      label(w, (enum label_subject)subject, SUBJECTS[subject], ignore ? LABEL_IGNORE : LABEL_UNAUTHORISED);
      const char *struck = ignore ? "ignored" : "unauthorised";
      bool is_narrow = subject == LABEL_ADDRESS;
      assert_class(w, strange, struck, "label");
      assert_class(w, s[0], is_narrow ? struck : "own", "");
      assert_class(w, s[1], is_narrow ? struck : "own", "");
      assert_class(w, s[2], is_narrow ? struck : "own_broken", "");
    }
}

/* What sends for others passes nothing on; who passes mail on may carry enough of a selector to be its home. */
static void forwarder_on_what_sends_for_others_leaves_own_mail(void **state) {
  struct world *w = *state;
  for (int sends = 0; sends < 2; sends++) {
    start_anew(w);
    good_mail(w, "none");
    struct stream *own = signed_mail(w, "203.0.113.7", "example.com/s1", 20, 0, 50);
    struct stream *broken = broken_mail(w, "203.0.113.7", "example.com/s1", 20, 0, 5);
    struct stream *strange = strange_mail(w, "203.0.113.7", 20, 0, 5);
    struct stream *all[] = {own, broken, strange};
    for (unsigned i = 0; i < ARRAY_SIZE(all); i++) {
      if (sends) all[i]->service = &MAILER;
      all[i]->identity = kept(w, "mailer.example");
    }
    label(w, LABEL_DOMAIN, "mailer.example", LABEL_FORWARDER);
    assert_class(w, strange, "forwarder", "label");
    assert_class(w, own, sends ? "own" : "forwarder", "");
    assert_class(w, broken, sends ? "own_broken" : "forwarder", "");
  }
}

static void a_name_below_the_owners_is_that_of_from_where_no_other_passes(void **state) {
  struct world *w = *state;
  good_mail(w, "none");
  struct stream *s = strange_mail(w, "203.0.113.7", 3, 3, 5), *other = strange_mail(w, "203.0.113.8", 3, 3, 5);
  s->header_from = kept(w, "build.example.com");
  label(w, LABEL_DOMAIN, "build.example.com", LABEL_UNAUTHORISED);
  assert_class(w, s, "unauthorised", "label");
  assert_class(w, other, "suspicious", "");
  s->identity = kept(w, "mailer.example");
  assert_class(w, s, "suspicious", "");
}

static void the_owners_own_name_is_for_those_who_change_their_addresses(void **state) {
  struct world *w = *state;
  good_mail(w, "none");
  struct stream *s = NULL, *other = strange_mail(w, "203.0.113.8", 3, 3, 5);
  other->identity = kept(w, "mailer.example");
  for (int ago = 28; ago >= 0; ago--) {
    char source[32];
    snprintf(source, sizeof source, "203.%d.7.7", ago);
    s = strange_mail(w, source, ago, ago, 16);
  }
  assert_class(w, s, "undecided", "follow each other");
  assert_string_equal(s->site.text, "changing addresses");
  label(w, LABEL_DOMAIN, "example.com", LABEL_UNAUTHORISED);
  assert_class(w, s, "unauthorised", "label");
  assert_class(w, other, "suspicious", "");
  for (uint32_t i = 0; i < w->h.stream_count; i++) /* alone it is nobody's, judged once more */
    if (&w->h.streams[i] != s && w->h.streams[i].kind == STREAM_NOTHING) w->h.streams[i].identity = other->identity;
  assert_class(w, s, "suspicious", "");
  assert_null(s->label);
}

static void a_wide_label_answers_for_a_forged_signature(void **state) {
  struct world *w = *state;
  good_mail(w, "none");
  struct stream *s = broken_mail(w, "203.0.113.7", "example.com/s1", 20, 0, 5);
  assert_class(w, s, "undecided", "a real selector");
  label(w, LABEL_NETWORK, "203.0.113.0/24", LABEL_UNAUTHORISED);
  assert_class(w, s, "unauthorised", "label");
}

static void mail_that_authenticates_and_is_labelled_legitimate_is_own(void **state) {
  struct world *w = *state;
  good_mail(w, "none");
  struct stream *s = signed_mail(w, "203.0.113.7", "example.com/s1", 3, 3, 1);
  struct stream *broken = broken_mail(w, "203.0.113.7", "example.com/s1", 3, 3, 1);
  label(w, LABEL_ADDRESS, "203.0.113.7", LABEL_LEGITIMATE);
  assert_class(w, s, "own", "labelled legitimate");
  assert_class(w, broken, "legitimate", "labelled legitimate");
}

static void a_label_wins_over_evidence(void **state) {
  struct world *w = *state;
  struct stream *s = good_mail(w, "none");
  label(w, LABEL_ADDRESS, "192.0.2.1", LABEL_FORWARDER);
  assert_class(w, s, "forwarder", "labelled a forwarder");
}

static void the_narrowest_label_wins_whichever_was_made_first(void **state) {
  struct world *w = *state;
  static const struct {
    enum label_subject subject;
    const char *source;
  } FROM_WIDE_TO_NARROW[] = {{LABEL_DOMAIN, "example"},         {LABEL_DOMAIN, "mailer.example"},
                             {LABEL_SERVICE, "Example Mailer"}, {LABEL_NETWORK, "203.0.0.0/16"},
                             {LABEL_NETWORK, "203.0.113.0/24"}, {LABEL_ADDRESS, "203.0.113.7"}};
  for (unsigned narrow = 1; narrow < ARRAY_SIZE(FROM_WIDE_TO_NARROW); narrow++)
    for (int narrow_first = 0; narrow_first < 2; narrow_first++) {
      start_anew(w);
      good_mail(w, "none");
      struct stream *s = strange_mail(w, "203.0.113.7", 20, 0, 5);
      s->service = &MAILER;
      s->identity = kept(w, "mailer.example");
      for (int i = 0; i < 2; i++) {
        bool is_narrow = (i == 0) == narrow_first;
        unsigned at = is_narrow ? narrow : narrow - 1;
        label(w, FROM_WIDE_TO_NARROW[at].subject, FROM_WIDE_TO_NARROW[at].source,
              is_narrow ? LABEL_LEGITIMATE : LABEL_UNAUTHORISED);
      }
      assert_class(w, s, "legitimate", "labelled");
    }
}

static void a_label_for_the_domain_wins_over_one_for_all(void **state) {
  struct world *w = *state;
  good_mail(w, "none");
  struct stream *s = strange_mail(w, "203.0.113.7", 20, 0, 5);
  label(w, LABEL_ADDRESS, "203.0.113.7", LABEL_UNAUTHORISED);
  label(w, LABEL_ADDRESS, "203.0.113.7", LABEL_LEGITIMATE);
  last_label(w)->domain = "example.com";
  assert_class(w, s, "legitimate", "labelled");
}

static void a_label_for_another_domain_is_not_heard(void **state) {
  struct world *w = *state;
  good_mail(w, "none");
  struct stream *s = strange_mail(w, "203.0.113.7", 3, 3, 5);
  label(w, LABEL_ADDRESS, "203.0.113.7", LABEL_LEGITIMATE);
  last_label(w)->domain = "example.net";
  assert_class(w, s, "suspicious", "no habit");
  last_label(w)->domain = "example.com";
  assert_class(w, s, "legitimate", "labelled");
}

static void a_label_ends_at_its_last_moment(void **state) {
  struct world *w = *state;
  good_mail(w, "none");
  struct stream *s = strange_mail(w, "203.0.113.7", 3, 3, 5);
  label(w, LABEL_ADDRESS, "203.0.113.7", LABEL_LEGITIMATE);
  last_label(w)->until_s = w->as_of_s + 1;
  assert_class(w, s, "legitimate", "labelled");
  last_label(w)->until_s = w->as_of_s;
  assert_class(w, s, "suspicious", "no habit");
  assert_null(s->label);
}

static void a_label_answers_the_question(void **state) {
  struct world *w = *state;
  good_mail(w, "none");
  mailer_mail(w, &MAILER, 20, 0, 5);
  assert_string_equal(verdict_of(w), "NEEDS_DECISION");
  label(w, LABEL_SERVICE, "Example Mailer", LABEL_UNAUTHORISED);
  assert_string_equal(verdict_of(w), "READY");
  last_label(w)->verdict = LABEL_LEGITIMATE;
  assert_string_equal(verdict_of(w), "NOT_READY");
  last_label(w)->verdict = LABEL_IGNORE;
  assert_string_equal(verdict_of(w), "READY");
}

static void a_label_takes_what_others_break_and_leaves_what_passes_or_is_broken_at_home(void **state) {
  struct world *w = *state;
  static const enum label_verdict VERDICTS_WIDE[] = {LABEL_IGNORE, LABEL_UNAUTHORISED};
  for (int i = 0; i < 2; i++) {
    start_anew(w);
    good_mail(w, "quarantine");
    struct stream *list = broken_mail(w, "203.0.113.40", "example.com/s1", 59, 0, 9);
    list->forwarded = list->messages;
    struct stream *intact = signed_mail(w, "203.0.113.40", "example.com/s1", 59, 0, 1);
    intact->spf_failed = intact->messages;
    struct stream *cut = strange_mail(w, "203.0.113.41", 59, 0, 1);
    cut->unproven = cut->messages;
    struct stream *home = signed_mail(w, "198.51.100.1", "example.com/s2", 59, 0, 9);
    struct stream *broken = broken_mail(w, "198.51.100.1", "example.com/s2", 20, 20, 1);
    assert_string_equal(verdict_of(w), "NEEDS_DECISION");
    label(w, LABEL_NETWORK, "203.0.113.0/24", VERDICTS_WIDE[i]);
    label(w, LABEL_NETWORK, "198.51.100.0/24", VERDICTS_WIDE[i]);
    assert_string_equal(verdict_of(w), "READY");
    const enum stream_class struck = VERDICTS_WIDE[i] == LABEL_IGNORE ? CLASS_IGNORED : CLASS_UNAUTHORISED;
    assert_int_equal(list->class, struck);
    assert_int_equal(cut->class, struck);
    assert_int_equal(intact->class, CLASS_FORWARDER);
    assert_int_equal(home->class, CLASS_OWN);
    assert_int_equal(broken->class, CLASS_OWN_BROKEN);
  }
}
int main(void) {
  const struct CMUnitTest tests[] = {
      A(each_subject_and_each_verdict_of_a_label_is_heard),
      A(a_wide_label_strikes_nothing_of_the_owners),
      A(forwarder_on_what_sends_for_others_leaves_own_mail),
      A(a_name_below_the_owners_is_that_of_from_where_no_other_passes),
      A(the_owners_own_name_is_for_those_who_change_their_addresses),
      A(a_wide_label_answers_for_a_forged_signature),
      A(mail_that_authenticates_and_is_labelled_legitimate_is_own),
      A(a_label_wins_over_evidence),
      A(the_narrowest_label_wins_whichever_was_made_first),
      A(a_label_for_the_domain_wins_over_one_for_all),
      A(a_label_for_another_domain_is_not_heard),
      A(a_label_ends_at_its_last_moment),
      A(a_label_answers_the_question),
      A(a_label_takes_what_others_break_and_leaves_what_passes_or_is_broken_at_home),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
