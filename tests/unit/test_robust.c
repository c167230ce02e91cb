/* SPDX-License-Identifier: Apache-2.0 */
/* What one liar can do to a verdict: nothing good. */
#include "judged_kit.h"
#include "verdict/judge_each.h"

#define OTHER_OFFICE "203.0.113.77"
#define STRANGER "198.51.100.9"
#define STRANGE_MAIL "dkim mailer.example.org/x=pass; spf mailer.example.org=pass"
#define BROKEN_MAIL "dkim example.com/s1=fail; spf example.com=softfail"

struct answer {
  enum verdict verdict;
  char rests_on[64], reason[256], blocker[64], report[IDENTITY_ID_DIGITS + 1], repair[1024];
  unsigned blockers, suspects;
  char suspect_id[IDENTITY_ID_DIGITS + 1];
  uint32_t unproven;
  struct left_out doubted;
  struct gate robust;
};

static int keep_answer(void *user, const struct history *h, const struct judgement *j, struct err *e) {
  (void)h, (void)e;
  struct answer *a = user;
  *a = (struct answer){.verdict = j->verdict, .blockers = j->blockers.count, .robust = j->gates[GATE_ROBUST]};
  a->suspects = j->suspect_count;
  if (j->suspect_count) snprintf(a->suspect_id, sizeof a->suspect_id, "%s", j->suspects[0].report);
  a->unproven = j->unproven.reports;
  a->doubted = j->doubted;
  snprintf(a->rests_on, sizeof a->rests_on, "%s", j->rests_on ? j->rests_on : "");
  const struct finding *first = j->blockers.count ? &j->blockers.items[0] : NULL;
  snprintf(a->report, sizeof a->report, "%s", first && first->report ? first->report : "");
  snprintf(a->repair, sizeof a->repair, "%s", first ? first->repair : "");
  snprintf(a->reason, sizeof a->reason, "%s", j->reason);
  snprintf(a->blocker, sizeof a->blocker, "%s", j->blockers.count ? j->blockers.items[0].example : "");
  return 0;
}

static struct answer ask(struct fixture *f) {
  struct answer a = {0};
  assert_ok(f, judge_each(&f->question.of, keep_answer, &a, &f->e));
  return a;
}

#define assert_verdict(f, word) assert_string_equal(verdict_word(ask(f).verdict), word)

/* Good mail of the owner's as `count` reporters tell of it, day by day. */
static void good_mail(struct fixture *f, unsigned count, int days) {
  static const char *const NAMES[] = {"a.example.net", "b.example.net", "c.example.net", "d.example.net"};
  for (unsigned i = 0; i < count; i++) {
    f->org = NAMES[i];
    office(f, days);
  }
  f->org = "liar.example";
}

/* A stranger who comes back day after day, as all reporters but the liar say: a question. */
static void stranger(struct fixture *f, int64_t count) {
  f->org = "a.example.net";
  mail_daily(f, 40, 0, STRANGER, count, STRANGE_MAIL);
  f->org = "b.example.net";
  mail_daily(f, 40, 0, STRANGER, count, STRANGE_MAIL);
  f->org = "liar.example";
}

static void what_each_reporter_bears_out_is_robust(void **state) {
  struct fixture *f = *state;
  good_mail(f, 4, 60);
  struct answer a = ask(f);
  assert_string_equal(verdict_word(a.verdict), "READY");
  assert_int_equal(a.robust.state, GATE_PASS);
  assert_int_equal((int)a.robust.figure, 3); /* the word of the fourth is enough */
  assert_string_equal(a.rests_on, "");
}

static void three_reporters_are_enough_for_a_small_domain_and_two_where_there_never_were_more(void **state) {
  struct fixture *f = *state;
  for (unsigned reporters = 2; reporters <= 3; reporters++) {
    good_mail(f, reporters, 60);
    struct answer a = ask(f);
    assert_string_equal(verdict_word(a.verdict), "READY");
    assert_int_equal((int)a.robust.figure, reporters - 1);
    start_anew(f);
  }
}

static void a_single_report_of_a_new_reporter_dilutes_no_question(void **state) {
  struct fixture *f = *state;
  good_mail(f, 3, 60);
  stranger(f, 3);
  assert_verdict(f, "NEEDS_DECISION");
  mail(f, 1, OFFICE, 1000000, OFFICE_MAIL);
  struct answer a = ask(f);
  assert_string_equal(verdict_word(a.verdict), "NEEDS_DECISION");
  assert_string_equal(a.blocker, STRANGER);
}

/* Its mail is in no figure of the blocker, so it tells of none of it. */
static void a_report_that_the_verdict_leaves_out_is_not_named_at_a_blocker(void **state) {
  struct fixture *f = *state;
  good_mail(f, 3, 60);
  stranger(f, 3);
  mail(f, 1, OFFICE, 1000000, OFFICE_MAIL);
  mail(f, 1, STRANGER, 200, STRANGE_MAIL);
  struct answer a = ask(f);
  assert_string_equal(verdict_word(a.verdict), "NEEDS_DECISION");
  assert_string_equal(a.blocker, STRANGER);
  assert_int_equal(a.doubted.reports, 2);
  assert_string_equal(a.report, "");
}

static void a_liar_who_goes_on_for_weeks_is_named(void **state) {
  struct fixture *f = *state;
  good_mail(f, 3, 60);
  stranger(f, 3);
  mail_daily(f, 50, 0, OFFICE, 10000, OFFICE_MAIL);
  struct answer a = ask(f);
  assert_string_equal(verdict_word(a.verdict), "NEEDS_DECISION");
  assert_string_equal(a.rests_on, "liar.example");
  assert_non_null(strstr(a.reason, "it rests on liar.example alone: without it"));
  assert_string_equal(a.blocker, STRANGER);
  assert_int_equal(a.robust.state, GATE_FAIL);
}

/* A stranger is below one percent of own mail, and above it without the third reporter. */
static void a_share_that_passes_its_limit_by_chance_is_no_objection(void **state) {
  struct fixture *f = *state;
  static const struct {
    int64_t of_third; /* messages a day */
    const char *verdict;
  } CASES[] = {{21, "READY"}, {400, "NEEDS_DECISION"}};
  static const char *const NAMES[] = {"a.example.net", "b.example.net", "c.example.net"};
  for (unsigned i = 0; i < ARRAY_SIZE(CASES); i++) {
    good_mail(f, 2, 60);
    f->org = "c.example.net";
    mail_daily(f, 59, 0, OFFICE, CASES[i].of_third, OFFICE_MAIL);
    for (int ago = 45; ago >= 0; ago--) { /* 18 messages in the window, 5 of them by the third */
      f->org = NAMES[ago / 2 % ARRAY_SIZE(NAMES)];
      if (ago % 2 || ago == 0 || ago == 6 || ago == 8) mail(f, ago, STRANGER, 1, STRANGE_MAIL);
    }
    assert_verdict(f, CASES[i].verdict);
    start_anew(f);
  }
}

/* Own mail has fallen by a little less than a point in the last days, and by a little more without the third reporter.
 */
static void a_fall_that_passes_its_limit_by_chance_is_no_objection(void **state) {
  struct fixture *f = *state;
  static const struct {
    int64_t of_third, failing_of_third; /* messages a day */
    const char *verdict;
  } CASES[] = {{100, 5, "READY"}, {4000, 0, "NOT_READY"}};
  for (unsigned i = 0; i < ARRAY_SIZE(CASES); i++) {
    f->org = "a.example.net";
    mail_daily(f, 59, 0, OFFICE, 100, OFFICE_MAIL);
    mail(f, 2, OFFICE, 7, BROKEN_MAIL);
    f->org = "b.example.net";
    mail_daily(f, 59, 0, OFFICE, 100, OFFICE_MAIL);
    mail(f, 3, OFFICE, 8, BROKEN_MAIL);
    f->org = "c.example.net";
    mail_daily(f, 59, 0, OFFICE, CASES[i].of_third, OFFICE_MAIL);
    if (CASES[i].failing_of_third) mail(f, 4, OFFICE, CASES[i].failing_of_third, BROKEN_MAIL);
    assert_verdict(f, CASES[i].verdict);
    start_anew(f);
  }
}

static void where_the_rest_says_too_little_the_verdict_is_held_back(void **state) {
  struct fixture *f = *state;
  good_mail(f, 1, 60);
  f->org = "b.example.net";
  mail_daily(f, 6, 0, OFFICE, 20, OFFICE_MAIL);
  f->org = "c.example.net";
  mail_daily(f, 6, 0, OFFICE, 20, OFFICE_MAIL);
  struct answer a = ask(f);
  assert_string_equal(verdict_word(a.verdict), "INSUFFICIENT_DATA");
  assert_string_equal(a.rests_on, "a.example.net");
  assert_int_equal((int)a.robust.figure, 0);
}

static void a_reporter_heard_on_one_day_is_no_third_one(void **state) {
  struct fixture *f = *state;
  good_mail(f, 2, 60);
  f->org = "c.example.net";
  mail(f, 50, OFFICE, 20, OFFICE_MAIL); /* in the history, not in the window */
  mail(f, 49, OFFICE, 20, OFFICE_MAIL);
  assert_verdict(f, "INSUFFICIENT_DATA");
  f->org = "liar.example";
  mail(f, 1, OFFICE, 20, OFFICE_MAIL);
  assert_verdict(f, "INSUFFICIENT_DATA");
  mail(f, 2, OFFICE, 20, OFFICE_MAIL);
  assert_verdict(f, "READY");
}

/* b alone sees the failures; more of the same source in b's name goes with b. */
static void a_report_in_the_name_of_the_bearer_of_bad_news_hides_none(void **state) {
  struct fixture *f = *state;
  good_mail(f, 4, 60);
  f->org = "b.example.net";
  mail_daily(f, 25, 1, OTHER_OFFICE, 2, SECOND_MAIL);
  mail_daily(f, 9, 5, OTHER_OFFICE, 2, "dkim example.com/s2=fail; spf example.com=softfail");
  assert_verdict(f, "NOT_READY");
  mail(f, 3, OTHER_OFFICE, 170, SECOND_MAIL); /* not ten times b's day: not suspect */
  struct answer a = ask(f);
  assert_int_equal(a.suspects, 0);
  assert_string_equal(verdict_word(a.verdict), "NOT_READY");
  assert_string_equal(a.rests_on, "b.example.net");
  assert_string_equal(a.blocker, OTHER_OFFICE);
}

static void bad_news_of_one_report_is_told_as_such(void **state) {
  struct fixture *f = *state;
  for (int heard = 1; heard <= 2; heard++) {
    start_anew(f);
    good_mail(f, 4, 60);
    f->org = "stranger.example";
    mail(f, 5, OFFICE, 400, BROKEN_MAIL);
    if (heard == 2) mail(f, 40, OFFICE, 1, OFFICE_MAIL);
    struct answer a = ask(f);
    assert_string_equal(verdict_word(a.verdict), "NOT_READY");
    assert_int_equal(*a.report != '\0', heard == 1);
    assert_int_equal(strstr(a.repair, "400 of them are told by one report of stranger.example") != NULL, heard == 1);
    assert_int_equal(strstr(a.repair, "reports --distrust") != NULL, heard == 1);
  }
}

static void bad_news_that_others_tell_too_needs_no_report(void **state) {
  struct fixture *f = *state;
  good_mail(f, 4, 60);
  f->org = "stranger.example";
  mail(f, 5, OFFICE, 200, BROKEN_MAIL);
  f->org = "a.example.net";
  mail(f, 5, OFFICE, 200, BROKEN_MAIL); /* half is not most */
  struct answer a = ask(f);
  assert_string_equal(verdict_word(a.verdict), "NOT_READY");
  assert_string_equal(a.report, "");
}

static void a_surge_that_nobody_else_saw_is_suspect(void **state) {
  struct fixture *f = *state;
  good_mail(f, 4, 60);
  f->org = "d.example.net";
  mail(f, 5, OFFICE, 2000, OFFICE_MAIL);
  struct answer a = ask(f);
  assert_int_equal(a.suspects, 1);
  assert_string_equal(verdict_word(a.verdict), "READY"); /* without it too */
  f->org = "c.example.net";
  mail(f, 6, OFFICE, 1000, OFFICE_MAIL); /* a newsletter: reporters cut their days at different hours */
  assert_int_equal(ask(f).suspects, 0);
}

static void what_is_suspect_is_good_for_nothing_and_bad_news_still_counts(void **state) {
  struct fixture *f = *state;
  good_mail(f, 4, 60);
  stranger(f, 3);
  f->org = "d.example.net";
  assert_int_equal(ask(f).doubted.reports, 0);
  mail(f, 5, OFFICE, 1000000, OFFICE_MAIL);
  struct answer hidden = ask(f); /* the figures leave it out, and say so */
  assert_string_equal(verdict_word(hidden.verdict), "NEEDS_DECISION");
  assert_int_equal(hidden.doubted.reports, 2); /* of that day */
  assert_int_equal(hidden.doubted.messages, 1000020);
  start_anew(f);
  good_mail(f, 4, 60);
  f->org = "d.example.net";
  mail(f, 5, OFFICE, 2000, BROKEN_MAIL);
  struct answer a = ask(f);
  assert_int_equal(a.suspects, 1);
  assert_string_equal(verdict_word(a.verdict), "NOT_READY");
  assert_int_equal(a.doubted.reports, 0); /* the figures have it */
}

/* In so many names, each heard on two days, while the billing host fails. */
static void names_of_two_days(struct fixture *f, int64_t count, int days) {
  static const char *const NAMES[] = {"x.example.net", "y.example.net", "z.example.net"};
  good_mail(f, 3, 60);
  f->org = "a.example.net";
  mail_daily(f, 29, 0, SECOND, 3, "dkim example.com/s2=fail; spf example.com=softfail");
  mail_daily(f, 40, 30, SECOND, 3, SECOND_MAIL);
  for (unsigned i = 0; i < ARRAY_SIZE(NAMES); i++) {
    f->org = NAMES[i];
    for (int day = 0; day < days; day++) {
      mail(f, 3 + 4 * day, OFFICE, count, OFFICE_MAIL);
      mail(f, 3 + 4 * day, SECOND, count, SECOND_MAIL);
    }
  }
  f->org = "liar.example";
}

static void who_is_heard_on_few_days_and_tells_many_times_what_others_do_is_suspect(void **state) {
  struct fixture *f = *state;
  names_of_two_days(f, 5000, 2);
  struct answer a = ask(f);
  assert_string_equal(verdict_word(a.verdict), "NOT_READY");
  assert_int_equal(a.suspects, 6);
}

static void a_few_days_of_little_mail_are_no_suspicion(void **state) {
  struct fixture *f = *state;
  good_mail(f, 3, 60);
  f->org = "x.example.net";
  mail(f, 3, OFFICE, 60, OFFICE_MAIL);
  mail(f, 9, OFFICE, 60, OFFICE_MAIL);
  struct answer a = ask(f); /* 63 messages a day are told by the others */
  assert_string_equal(verdict_word(a.verdict), "READY");
  assert_int_equal(a.suspects, 0);
}

/* Who gets a newsletter, and nothing else, is heard on few days, with much: so are those who get everything. */
static void a_newsletter_that_all_tell_of_is_no_suspicion(void **state) {
  struct fixture *f = *state;
  good_mail(f, 3, 60);
  for (int ago = 0; ago < 60; ago += 28) {
    f->org = "a.example.net";
    mail(f, ago, OFFICE, 900, OFFICE_MAIL);
    f->org = "x.example.net";
    mail(f, ago, OFFICE, 800, OFFICE_MAIL);
  }
  assert_int_equal(ask(f).suspects, 0);
}

static void a_step_up_in_the_policy_needs_more_than_one_witness(void **state) {
  struct fixture *f = *state;
  good_mail(f, 3, 20); /* twenty days: too young a policy */
  assert_verdict(f, "INSUFFICIENT_DATA");
  mail(f, 60, OFFICE, 1, OFFICE_MAIL);
  assert_verdict(f, "INSUFFICIENT_DATA");
  f->org = "a.example.net";
  mail(f, 60, OFFICE, 1, OFFICE_MAIL);
  struct answer a = ask(f);
  assert_string_equal(verdict_word(a.verdict), "INSUFFICIENT_DATA");
}

/* Forged mail of one host, which nobody meets again. */
static void forged_mail(struct fixture *f, int ago) {
  const int number = 2 * ago;
  char ip[32];
  ago -= ago % 2; /* two on each other day: they do not follow each other */
  snprintf(ip, sizeof ip, "2001:db8:%x::1", 0x8000 + number);
  mail(f, ago, ip, 1, "spf example.com=fail");
}

/* Each tells of little; none of them of mail of the owner's. */
static void a_parked_domain_needs_not_much_of_each_reporter(void **state) {
  struct fixture *f = *state;
  for (unsigned i = 0; i < 3; i++) {
    f->org = i == 0 ? "a.example.net" : i == 1 ? "b.example.net" : "c.example.net";
    for (int ago = 58 - (int)i; ago >= 0; ago -= 3) forged_mail(f, ago);
  }
  assert_verdict(f, "READY");
  start_anew(f);
  f->org = "a.example.net";
  for (int ago = 58; ago >= 0; ago--) forged_mail(f, ago);
  struct answer a = ask(f);
  assert_string_equal(verdict_word(a.verdict), "INSUFFICIENT_DATA");
  assert_string_equal(a.rests_on, "a.example.net");
}

/* --- who brought it ----------------------------------------------------------------------------------------------- */

/* What holds the step is hidden by mail in several names, for weeks: too much for leaving out one of them. */
static void two_liars(struct fixture *f) {
  for (unsigned i = 0; i < 2; i++) {
    f->org = i ? "liar.example" : "other-liar.example";
    mail_daily(f, 50, 0, OFFICE, 10000, OFFICE_MAIL);
  }
}

static void unproven_reports_make_no_verdict_where_others_are_proven(void **state) {
  struct fixture *f = *state;
  for (enum provenance p = PROVENANCE_NOT_JUDGED; p <= PROVENANCE_CONTRADICTED; p++) {
    start_anew(f);
    f->provenance = PROVENANCE_PROVEN;
    good_mail(f, 3, 60);
    stranger(f, 3);
    assert_verdict(f, "NEEDS_DECISION");
    f->provenance = p;
    two_liars(f);
    struct answer a = ask(f);
    bool is_left_out = p == PROVENANCE_UNPROVEN || p == PROVENANCE_CONTRADICTED;
    assert_string_equal(verdict_word(a.verdict), is_left_out ? "NEEDS_DECISION" : "READY");
    assert_int_equal(a.unproven, is_left_out ? 102 : 0);
  }
}

static void bad_news_needs_no_proof(void **state) {
  struct fixture *f = *state;
  f->provenance = PROVENANCE_PROVEN;
  good_mail(f, 4, 60);
  assert_verdict(f, "READY");
  f->provenance = PROVENANCE_UNPROVEN;
  stranger(f, 300);
  assert_verdict(f, "NEEDS_DECISION");
}

static void where_nothing_is_proven_nothing_is_left_out(void **state) {
  struct fixture *f = *state;
  f->provenance = PROVENANCE_CONTRADICTED; /* a list rewrites From: of every report */
  good_mail(f, 4, 60);
  struct answer a = ask(f);
  assert_string_equal(verdict_word(a.verdict), "READY");
  assert_int_equal(a.unproven, 0);
}

static void one_proven_reporter_among_unproven_ones_is_not_enough(void **state) {
  struct fixture *f = *state;
  f->provenance = PROVENANCE_UNPROVEN;
  good_mail(f, 3, 60);
  f->provenance = PROVENANCE_PROVEN;
  f->org = "d.example.net";
  office(f, 60);
  struct answer a = ask(f);
  assert_string_equal(verdict_word(a.verdict), "INSUFFICIENT_DATA");
  assert_non_null(strstr(a.reason, "not proven"));
}

static void who_brought_reports_for_weeks_is_as_good_as_proven(void **state) {
  struct fixture *f = *state;
  f->provenance = PROVENANCE_UNPROVEN;
  good_mail(f, 3, 60);
  f->provenance = PROVENANCE_PROVEN;
  f->org = "d.example.net";
  office(f, 60);
  assert_verdict(f, "INSUFFICIENT_DATA");
  struct carriers *c = carriers_new();
  for (int ago = 0; ago < CARRIER_DAYS; ago++) carriers_add(c, "a.example.net", NULL, "esp.example", DAY_S(ago));
  assert_int_equal(carriers_judge(c, PROVENANCE_UNPROVEN, "A.example.net", NULL, "esp.example"), PROVENANCE_PROVEN);
  carriers_free(c);
}

/* --- the owner's word --------------------------------------------------------------------------------------------- */

static int on_report(void *user, const struct store_report *r, struct err *e) {
  (void)e;
  char id[IDENTITY_ID_DIGITS + 1];
  struct suspicion {
    const char *id;
    struct identity found;
  } *s = user;
  if (!strcmp(identity_id(&r->identity, id), s->id)) s->found = r->identity;
  return 0;
}

static void the_owner_decides_on_a_suspect_report(void **state) {
  struct fixture *f = *state;
  good_mail(f, 4, 60);
  stranger(f, 3);
  f->org = "d.example.net";
  mail(f, 5, OFFICE, 1000000, OFFICE_MAIL);
  struct answer a = ask(f);
  assert_int_equal(a.suspects, 1);
  struct {
    const char *id;
    struct identity found;
  } suspicion = {.id = a.suspect_id};
  assert_ok(f, store_each_report(f->store, &f->filter, on_report, &suspicion, &f->e));
  struct report_words words = {0};
  hashmap_init(&words.of, sizeof(enum report_word));
  enum report_word *word = hashmap_put(&words.of, suspicion.found.bytes, IDENTITY_BYTES, NULL);
  f->basis.words = &words;
  for (*word = REPORT_TRUSTED; *word <= REPORT_DISTRUSTED; ++*word) {
    assert_int_equal(ask(f).suspects, 0);
    assert_verdict(f, "NEEDS_DECISION"); /* one report, trusted or not, carries no verdict */
  }
  *word = REPORT_UNDECIDED;
  assert_int_equal(ask(f).suspects, 1);
  f->basis.words = NULL;
  report_words_clear(&words);
}

static void what_is_distrusted_is_no_bad_news_either(void **state) {
  struct fixture *f = *state;
  good_mail(f, 4, 60);
  f->org = "d.example.net";
  mail(f, 5, OFFICE, 2000, BROKEN_MAIL);
  struct answer a = ask(f);
  assert_string_not_equal(verdict_word(a.verdict), "READY");
  struct report_words words = {0};
  hashmap_init(&words.of, sizeof(enum report_word));
  struct {
    const char *id;
    struct identity found;
  } suspicion = {.id = a.suspect_id};
  assert_ok(f, store_each_report(f->store, &f->filter, on_report, &suspicion, &f->e));
  *(enum report_word *)hashmap_put(&words.of, suspicion.found.bytes, IDENTITY_BYTES, NULL) = REPORT_DISTRUSTED;
  f->basis.words = &words;
  assert_verdict(f, "READY");
  f->basis.words = NULL;
  report_words_clear(&words);
}

static void a_name_in_other_letters_is_no_other_witness(void **state) {
  struct fixture *f = *state;
  good_mail(f, 1, 60);
  f->org = "A.example.NET";
  office(f, 60);
  f->org = "A.EXAMPLE.net";
  office(f, 60);
  assert_verdict(f, "INSUFFICIENT_DATA");
}

static void robustness_may_be_switched_off(void **state) {
  struct fixture *f = *state;
  struct thresholds t = THRESHOLDS_DEFAULT;
  t.robust_against = 0;
  f->basis.thresholds = &t;
  good_mail(f, 3, 60);
  stranger(f, 3);
  mail(f, 1, OFFICE, 1000000, OFFICE_MAIL);
  struct answer a = ask(f);
  assert_string_equal(verdict_word(a.verdict), "READY");
  assert_int_equal(a.robust.state, GATE_NOT_JUDGED);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      T(what_each_reporter_bears_out_is_robust),
      T(three_reporters_are_enough_for_a_small_domain_and_two_where_there_never_were_more),
      T(a_single_report_of_a_new_reporter_dilutes_no_question),
      T(a_report_that_the_verdict_leaves_out_is_not_named_at_a_blocker),
      T(a_liar_who_goes_on_for_weeks_is_named),
      T(a_share_that_passes_its_limit_by_chance_is_no_objection),
      T(a_fall_that_passes_its_limit_by_chance_is_no_objection),
      T(where_the_rest_says_too_little_the_verdict_is_held_back),
      T(a_reporter_heard_on_one_day_is_no_third_one),
      T(a_report_in_the_name_of_the_bearer_of_bad_news_hides_none),
      T(bad_news_of_one_report_is_told_as_such),
      T(bad_news_that_others_tell_too_needs_no_report),
      T(a_surge_that_nobody_else_saw_is_suspect),
      T(what_is_suspect_is_good_for_nothing_and_bad_news_still_counts),
      T(who_is_heard_on_few_days_and_tells_many_times_what_others_do_is_suspect),
      T(a_few_days_of_little_mail_are_no_suspicion),
      T(a_newsletter_that_all_tell_of_is_no_suspicion),
      T(a_step_up_in_the_policy_needs_more_than_one_witness),
      T(a_parked_domain_needs_not_much_of_each_reporter),
      T(unproven_reports_make_no_verdict_where_others_are_proven),
      T(bad_news_needs_no_proof),
      T(where_nothing_is_proven_nothing_is_left_out),
      T(one_proven_reporter_among_unproven_ones_is_not_enough),
      T(who_brought_reports_for_weeks_is_as_good_as_proven),
      T(the_owner_decides_on_a_suspect_report),
      T(what_is_distrusted_is_no_bad_news_either),
      T(a_name_in_other_letters_is_no_other_witness),
      T(robustness_may_be_switched_off),
  };
  return cmocka_run_group_tests_name("robust", tests, NULL, NULL);
}
