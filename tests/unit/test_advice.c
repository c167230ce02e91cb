/* SPDX-License-Identifier: Apache-2.0 */
/* What is told beside a verdict before anybody acts on it. */
#include "verdict_kit.h"

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

static void a_label_is_advised_for_the_domain_that_was_asked_about_alone(void **state) {
  struct world *w = *state;
  good_mail(w, "none");
  mailer_mail(w, &MAILER, 59, 0, 10);
  assert_non_null(strstr(told(w)->blockers.items[0].repair,
                         "'dmarcctl label \"Example Mailer\" unauthorised --domain example.com'"));
}

/* What advice prints is pasted into a shell, and the name is a stranger's. */
static void no_command_holds_a_name_that_a_shell_would_take_for_more_than_a_word(void **state) {
  struct world *w = *state;
  static const char *const NAMES[] = {"$(reboot).example.net", "`reboot`.example.net", "a\";reboot;\".example.net",
                                      "a\\.example.net",       "!!.example.net",       "-oq.example.net"};
  for (unsigned i = 0; i < ARRAY_SIZE(NAMES); i++) {
    start_anew(w);
    good_mail(w, "none");
    struct stream *s = mailer_mail(w, NULL, 59, 0, 10);
    s->identity = kept(w, NAMES[i]);
    const struct finding *f = &told(w)->blockers.items[0];
    assert_non_null(strstr(f->repair, "'dmarcctl label --import FILE'"));
    assert_null(strstr(f->repair, "--domain"));
    assert_null(f->label);
  }
  start_anew(w);
  w->h.domain = arena_strdup(w->h.arena, "$(reboot).example.org");
  good_mail(w, "none");
  mailer_mail(w, NULL, 59, 0, 10);
  const struct judgement *j = told(w);
  for (unsigned i = 0; i < j->blockers.count; i++) assert_null(strstr(j->blockers.items[i].repair, "--domain $"));
}

static void a_label_that_a_narrower_one_keeps_from_touching_anything_is_not_advised(void **state) {
  struct world *w = *state;
  for (int narrow = 0; narrow < 2; narrow++) {
    start_anew(w);
    good_mail(w, "quarantine");
    struct stream *s = broken_mail(w, "203.0.113.40", "example.com/s1", 59, 0, 9);
    s->forwarded = s->messages;
    label(w, narrow ? LABEL_ADDRESS : LABEL_NETWORK, narrow ? "203.0.113.40" : "203.0.113.0/24", LABEL_FORWARDER);
    last_label(w)->domain = "example.com";
    const struct finding *f = &told(w)->blockers.items[0];
    assert_int_equal(f->label == NULL, narrow);
    assert_int_equal(strstr(f->repair, "dmarcctl label") == NULL, narrow);
  }
}

static void a_network_of_the_owners_mail_is_not_to_be_labelled(void **state) {
  struct world *w = *state;
  for (int messages = 4; messages <= 5; messages++) { /* fewer may be another customer's */
    start_anew(w);
    good_mail(w, "none");
    mail(signed_mail(w, "203.0.113.10", "example.com/s2", 59, 59, 1), 30, 30, messages - 1);
    strange_mail(w, "203.0.113.14", 39, 0, 20);
    const struct finding *f = &told(w)->blockers.items[0];
    assert_string_equal(f->example, "203.0.113.14");
    assert_int_equal(f->label == NULL, messages == 5);
    assert_int_equal(strstr(f->repair, "unauthorised") == NULL, messages == 5);
    assert_int_equal(strstr(f->repair, "passes as yours comes from there too (5 messages)") != NULL, messages == 5);
  }
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

static void a_finding_is_about_the_days_on_which_its_mail_failed(void **state) {
  struct world *w = *state;
  good_mail(w, "none");
  second_source(w, 100, 50);
  const struct finding *f = &told(w)->blockers.items[0];
  assert_int_equal(f->first_day, LAST_DAY - 20);
  assert_int_equal(f->last_day, LAST_DAY - 20);
}

static void a_finding_names_the_host_and_the_key_that_fail_not_those_of_most_mail(void **state) {
  struct world *w = *state;
  good_mail(w, "none");
  mail(signed_mail(w, "198.51.100.1", "example.com/s2", 59, 0, 50), 0, 0, 5);
  w->h.streams[w->h.stream_count - 1].days[0].passed--; /* it fails once, and sends more */
  signed_mail(w, "198.51.100.30", "example.com/b", 59, 0, 20);
  broken_mail(w, "198.51.100.30", "example.com/b", 29, 0, 6);
  const struct finding *f = &told(w)->blockers.items[0];
  assert_string_equal(f->example, "198.51.100.30");
  assert_string_equal(f->because, "the owner's signature fails where it is at home");
  assert_string_equal(f->selector, "example.com/b");
  assert_string_equal(f->header_from, "example.com");
  assert_non_null(strstr(f->repair, "the signature fails (d=example.com s=b)"));
}

static void a_key_without_a_selector_is_named_by_its_domain(void **state) {
  struct world *w = *state;
  good_mail(w, "none");
  signed_mail(w, "198.51.100.1", "example.com/?", 59, 10, 20);
  broken_mail(w, "198.51.100.1", "example.com/?", 9, 0, 20);
  assert_non_null(strstr(told(w)->blockers.items[0].repair, "the signature fails (d=example.com): "));
}

/* --- questions ---------------------------------------------------------------------------------------------------- */

#define LET_IT_SIGN "let it sign with a key of your domain"
#define FORWARDER_TOO "if it passes your mail on, 'dmarcctl label "

static const char *asked(struct world *w) {
  const struct judgement *j = told(w);
  assert_string_equal(verdict_word(j->verdict), "NEEDS_DECISION");
  return j->blockers.items[0].repair;
}

static void mail_with_the_owners_signature_is_not_to_be_signed_once_more(void **state) {
  struct world *w = *state;
  good_mail(w, "none");
  struct stream *s = broken_mail(w, "203.0.113.8", "example.com/s1", 59, 0, 3);
  assert_non_null(strstr(asked(w), "is a gateway of yours, it breaks the signature (d=example.com s=s1)"));
  assert_int_equal(s->class, CLASS_UNDECIDED);
  assert_non_null(strstr(asked(w), FORWARDER_TOO "\"203.0.113.0/24\" forwarder --domain example.com'"));
  assert_null(strstr(asked(w), LET_IT_SIGN));
}

static void a_key_that_never_verified_is_to_be_published(void **state) {
  struct world *w = *state;
  good_mail(w, "none");
  broken_mail(w, "203.0.113.8", "example.com/never", 59, 0, 3);
  assert_non_null(strstr(asked(w), "publish the key it signs with (d=example.com s=never), which never verified"));
  assert_null(strstr(asked(w), FORWARDER_TOO));
}

static void unsigned_mail_may_be_passed_on_where_the_owner_signs_little(void **state) {
  struct world *w = *state;
  for (int signs = 0; signs < 2; signs++) {
    start_anew(w);
    if (signs) {
      good_mail(w, "none");
    } else {
      reports(w, policy(w, (struct seen_policy){.p = "none"}), 59, 0);
      spf_mail(w, "192.0.2.1", 59, 0, 100);
    }
    strange_mail(w, "203.0.113.8", 59, 0, 3)->identity = kept(w, "forward.example.org");
    assert_non_null(strstr(asked(w), LET_IT_SIGN));
    assert_int_equal(strstr(asked(w), FORWARDER_TOO "\"forward.example.org\" forwarder") != NULL, !signs);
    mailer_mail(w, &MAILER, 59, 0, 30); /* passes nothing on */
    assert_null(strstr(asked(w), FORWARDER_TOO));
  }
}

static void who_passes_on_signed_mail_intact_may_be_labelled_a_forwarder(void **state) {
  struct world *w = *state;
  reports(w, policy(w, (struct seen_policy){.p = "none"}), 59, 0);
  spf_mail(w, "192.0.2.1", 59, 0, 60);
  signed_mail(w, "192.0.2.1", "example.com/s1", 59, 0, 40);
  signed_mail(w, "203.0.113.8", "example.com/s1", 59, 0, 3)->identity = kept(w, "relay.example.org");
  strange_mail(w, "198.51.100.8", 59, 0, 3)->identity = kept(w, "relay.example.org");
  assert_non_null(strstr(asked(w), FORWARDER_TOO "\"relay.example.org\" forwarder"));
  assert_int_equal(w->j.blockers.items[0].label_leaves, 0); /* it is no mail of the owner's own */
}

static void a_list_is_asked_about_as_a_list(void **state) {
  struct world *w = *state;
  good_mail(w, "none");
  strange_mail(w, "203.0.113.8", 59, 0, 3)->service = &LISTS;
  assert_non_null(strstr(asked(w),
                         "decide: Example Lists passes on what others write: if you send through it, " LET_IT_SIGN
                         "; " FORWARDER_TOO));
}

static void what_a_service_asks_for_is_not_asked_where_its_key_verifies(void **state) {
  struct world *w = *state;
  for (int is_set_up = 0; is_set_up < 2; is_set_up++) {
    start_anew(w);
    good_mail(w, "none");
    if (is_set_up) signed_by_mailer(w, 20);
    mailer_mail(w, &MAILER, 59, 0, 10);
    assert_int_equal(strstr(asked(w), MAILER.repair) == NULL, is_set_up);
    assert_int_equal(strstr(asked(w), LET_IT_SIGN ", as other mail of yours there is") != NULL, is_set_up);
  }
}

static void another_customer_of_the_owners_service_is_named_by_his_own_name(void **state) {
  struct world *w = *state;
  good_mail(w, "none");
  struct stream *s = broken_mail(w, "203.0.113.8", "example.com/s1", 59, 0, 3);
  s->service = &OTHER_MAILER;
  s->identity = kept(w, "partner.mailer.example");
  assert_non_null(strstr(asked(w), "if partner.mailer.example at Other Mailer is a gateway of yours"));
  assert_string_equal(told(w)->blockers.items[0].label, "partner.mailer.example");
  struct stream *more = broken_mail(w, "203.0.113.9", "example.com/s1", 59, 0, 2);
  more->service = &OTHER_MAILER;
  more->identity = kept(w, "second.mailer.example");
  assert_string_equal(told(w)->blockers.items[0].label, "partner.mailer.example");
  mail(more, 58, 0, 2); /* neither has most of it now */
  assert_string_equal(told(w)->blockers.items[0].label, "second.mailer.example");
}

static void spf_that_gives_no_answer_where_it_passes_otherwise_is_looked_into(void **state) {
  struct world *w = *state;
  for (int passes = 0; passes < 2; passes++) {
    start_anew(w);
    good_mail(w, "none");
    if (passes) spf_mail(w, "203.0.113.8", 59, 0, 10);
    struct stream *s = strange_mail(w, "203.0.113.8", 59, 0, 10);
    s->spf_silent = s->messages;
    const char *repair = told(w)->blockers.items[0].repair;
    assert_int_equal(strstr(repair, "look for an error in your SPF record") != NULL, passes);
  }
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

/* --- what was repaired -------------------------------------------------------------------------------------------- */

/* A second host whose key is broken for eight days, and good again since so many days. */
static void repaired_since(struct world *w, int days, int64_t messages) {
  good_mail(w, "none");
  struct stream *s = signed_mail(w, "198.51.100.1", "example.com/s2", 59, 20, 20);
  if (days) mail(s, days - 1, 0, messages);
  broken_mail(w, "198.51.100.1", "example.com/s2", 19, days > 2 ? 12 : days, 20);
}

static void what_was_repaired_is_told_with_the_day_from_which_it_no_longer_counts(void **state) {
  struct world *w = *state;
  static const struct {
    int days, messages;
    bool goes_on, is_over;
  } CASES[] = {{12, 20, false, true}, {3, 7, false, true},   {3, 6, false, false},
               {2, 20, false, false}, {12, 20, true, false}, {0, 0, false, false}};
  for (unsigned i = 0; i < ARRAY_SIZE(CASES); i++) {
    start_anew(w);
    repaired_since(w, CASES[i].days, CASES[i].messages);
    if (CASES[i].goes_on) broken_mail(w, "198.51.100.2", "example.com/s2", 5, 5, 9);
    const struct judgement *j = told(w);
    assert_string_equal(verdict_word(j->verdict), "NOT_READY");
    assert_int_equal(strstr(j->reason, "no longer counts from 2024-10-22 on if it stays so") != NULL, CASES[i].is_over);
    const char *repair = j->blockers.items[0].repair;
    assert_int_equal(strstr(repair, "198.51.100.0/24: mended since 2024-09-23: nothing is left to do") != NULL,
                     CASES[i].is_over);
    assert_int_equal(strstr(repair, "check that the selector's key is published") != NULL, !CASES[i].is_over);
  }
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
      A(a_label_is_advised_for_the_domain_that_was_asked_about_alone),
      A(no_command_holds_a_name_that_a_shell_would_take_for_more_than_a_word),
      A(a_label_that_a_narrower_one_keeps_from_touching_anything_is_not_advised),
      A(a_network_of_the_owners_mail_is_not_to_be_labelled),
      A(a_finding_is_about_the_days_on_which_its_mail_failed),
      A(a_finding_names_the_host_and_the_key_that_fail_not_those_of_most_mail),
      A(a_key_without_a_selector_is_named_by_its_domain),
      A(mail_with_the_owners_signature_is_not_to_be_signed_once_more),
      A(a_key_that_never_verified_is_to_be_published),
      A(unsigned_mail_may_be_passed_on_where_the_owner_signs_little),
      A(who_passes_on_signed_mail_intact_may_be_labelled_a_forwarder),
      A(a_list_is_asked_about_as_a_list),
      A(what_a_service_asks_for_is_not_asked_where_its_key_verifies),
      A(another_customer_of_the_owners_service_is_named_by_his_own_name),
      A(spf_that_gives_no_answer_where_it_passes_otherwise_is_looked_into),
      A(the_largest_strangers_are_told_with_their_days),
      A(what_was_repaired_is_told_with_the_day_from_which_it_no_longer_counts),
      A(the_question_of_a_parked_domain_says_how_to_answer_it),
      A(what_the_dns_has_answered_already_is_not_asked),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
