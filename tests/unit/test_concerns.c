/* SPDX-License-Identifier: Apache-2.0 */
/* What findings are: their identity, their order, and in which state each is from day to day. */
#include "concern_kit.h"

/* --- what is kept for years --------------------------------------------------------------------------------------- */

static void assert_id(enum concern_kind kind, const char *domain, const char *subject, const char *expected) {
  char id[IDENTITY_ID_DIGITS + 1];
  const struct identity identity = concern_identity(kind, domain, subject);
  assert_string_equal(identity_id(&identity, id), expected);
}

/* They stand in databases: a change would take every acknowledgement away. */
static void identities_are_what_they_were(void **state) {
  (void)state;
  assert_id(CONCERN_OWN_BROKEN, "events.example.com", "203.0.113.0/24", "d09a855d10c6");
  assert_id(CONCERN_DKIM_BROKEN, "events.example.com", "198.18.20.0/24", "c3efdd72e916");
  assert_id(CONCERN_CEASED, "events.example.com", "198.18.21.0/24", "c9f44fbdfccb");
  assert_id(CONCERN_POLICY_CHANGED, "events.example.com", "events.example.com", "86590366d3b3");
}

static void kind_domain_and_subject_tell_two_apart_and_do_not_run_together(void **state) {
  (void)state;
  const struct identity all[] = {
      concern_identity(CONCERN_SURGE, "example.com", "a"), concern_identity(CONCERN_REPLAY, "example.com", "a"),
      concern_identity(CONCERN_SURGE, "example.org", "a"), concern_identity(CONCERN_SURGE, "example.com", "b"),
      concern_identity(CONCERN_SURGE, "example.coma", ""), concern_identity(CONCERN_SURGE, "", "example.coma"),
  };
  for (size_t i = 0; i < ARRAY_SIZE(all); i++)
    for (size_t k = 0; k < i; k++) assert_memory_not_equal(&all[i], &all[k], sizeof all[i]);
}

static void kinds_keep_their_words(void **state) {
  static const char *const WORDS[] = {
      "replay_suspected", "own_broken",      "dkim_broken",    "forged_report",   "surge",
      "ceased",           "unknown_sender",  "import_failing", "notify_failing",  "reports_stale",
      "spf_alone",        "forwarded_fails", "unchecked",      "expected_volume", "review_due",
      "new_from_domain",  "new_sender",      "policy_changed", "verdict_changed", "reporter_silent"};
  (void)state;
  assert_int_equal(CONCERN_KINDS, ARRAY_SIZE(WORDS));
  for (int i = 0; i < CONCERN_KINDS; i++) assert_string_equal(concern_kind_facts((enum concern_kind)i)->word, WORDS[i]);
}

/* --- what is to be done first ------------------------------------------------------------------------------------- */

static void assert_order(struct concern *in_order, size_t count) {
  for (size_t i = 0; i < count; i++) {
    if (!in_order[i].domain) in_order[i].domain = "example.com";
    in_order[i].subject = "x";
  }
  for (size_t i = 0; i < count; i++)
    for (size_t k = 0; k < count; k++) {
      const int order = concern_compare(&in_order[i], &in_order[k]);
      if ((order > 0) - (order < 0) != (i > k) - (i < k)) fail_msg("%zu and %zu: %d", i, k, order);
    }
}

static void what_is_to_be_done_first_comes_first(void **state) {
  (void)state;
  struct concern in_order[] = {
      {.severity = CONCERN_CRITICAL, .state = CONCERN_OPEN, .kind = CONCERN_REPLAY},
      {.severity = CONCERN_WARNING, .state = CONCERN_NEW, .kind = CONCERN_SURGE, .messages = 9},
      {.severity = CONCERN_WARNING, .state = CONCERN_NEW, .kind = CONCERN_OWN_BROKEN, .messages = 5},
      {.severity = CONCERN_WARNING, .state = CONCERN_NEW, .kind = CONCERN_OWN_BROKEN, .messages = 8, .last_day = 1},
      {.severity = CONCERN_WARNING, .state = CONCERN_OPEN, .kind = CONCERN_OWN_BROKEN, .messages = 99},
      {.severity = CONCERN_NOTICE, .state = CONCERN_NEW, .kind = CONCERN_NEW_SENDER, .messages = 999},
      {.severity = CONCERN_NOTICE, .state = CONCERN_NEW, .kind = CONCERN_POLICY_CHANGED},
      {.severity = CONCERN_NOTICE, .state = CONCERN_NEW, .kind = CONCERN_POLICY_CHANGED, .domain = "example.org"},
      {.severity = CONCERN_CRITICAL, .state = CONCERN_ACKNOWLEDGED, .kind = CONCERN_OWN_BROKEN},
      {.severity = CONCERN_CRITICAL, .state = CONCERN_GONE, .kind = CONCERN_OWN_BROKEN},
  };
  assert_order(in_order, ARRAY_SIZE(in_order));
}

/* --- from day to day ---------------------------------------------------------------------------------------------- */

static void a_broken_sender_is_new_then_open_then_gone_then_forgotten(void **state) {
  struct fixture *f = *state;
  office(f, 50);
  crm(f, 49, 20, CRM_MAIL);
  crm(f, 19, 13, CRM_BROKEN);
  crm(f, 12, 0, CRM_MAIL);
  assert_states(f, CONCERN_OWN_BROKEN, CRM_SITE, 20, 0, ".nnnnoooooggggggg....");
  const struct told t = ask_as_of(f, 13, CONCERN_OWN_BROKEN, CRM_SITE);
  assert_int_equal(t.concern.first_day, LAST_DAY - 19);
  assert_int_equal(t.concern.last_day, LAST_DAY - 13);
  assert_int_equal(t.concern.messages, 7 * 12);
  assert_int_equal(t.concern.own_messages, 7 * (12 + 20));
  assert_int_equal(t.concern.severity, CONCERN_WARNING);
}

static void a_day_says_the_same_whatever_came_later(void **state) {
  struct fixture *f = *state;
  office(f, 50);
  crm(f, 49, 10, CRM_MAIL);
  crm(f, 9, 8, CRM_BROKEN);
  const struct told then = ask_as_of(f, 8, CONCERN_OWN_BROKEN, CRM_SITE);
  crm(f, 7, 0, CRM_BROKEN);
  const struct told now = ask_as_of(f, 8, CONCERN_OWN_BROKEN, CRM_SITE), later = ask_as_of(f, 0, now.kind, CRM_SITE);
  assert_int_equal(then.times + now.times + later.times, 3);
  assert_int_equal(then.concern.messages, now.concern.messages);
  assert_int_equal(then.concern.last_day, now.concern.last_day);
  assert_memory_equal(&then.concern.identity, &later.concern.identity, sizeof(struct identity));
  assert_int_equal(then.concern.first_day, later.concern.first_day);
}

static void a_sender_that_is_broken_every_other_day_stays_open(void **state) {
  struct fixture *f = *state;
  office(f, 50);
  crm(f, 49, 21, CRM_MAIL);
  for (int ago = 20; ago >= 0; ago--) mail(f, ago, CRM, 12, ago % 2 ? CRM_MAIL : CRM_BROKEN);
  assert_states(f, CONCERN_OWN_BROKEN, CRM_SITE, 21, 0, ".nnnnooooooooooooooooo");
}

static void a_signature_that_breaks_is_told_though_spf_carries_the_mail(void **state) {
  struct fixture *f = *state;
  office(f, 50);
  crm(f, 49, 20, "dkim example.com/s2=pass; spf example.com=pass");
  crm(f, 19, 15, "dkim example.com/s2=fail; spf example.com=pass");
  crm(f, 14, 0, "dkim example.com/s2=pass; spf example.com=pass");
  assert_states(f, CONCERN_DKIM_BROKEN, CRM_SITE, 20, 5, ".nnnnoooggggggg.");
  assert_states(f, CONCERN_OWN_BROKEN, CRM_SITE, 19, 15, ".....");
}

static void what_failed_and_fell_silent_waits_for_an_answer_while_it_blocks(void **state) {
  struct fixture *f = *state;
  office(f, 80);
  crm(f, 79, 30, CRM_MAIL);
  crm(f, 29, 20, CRM_BROKEN);
  const struct told t = ask_as_of(f, 0, CONCERN_OWN_BROKEN, CRM_SITE);
  assert_int_equal(t.times, 1);
  assert_int_equal(t.concern.state, CONCERN_OPEN);
  assert_int_equal(t.concern.last_day, LAST_DAY - 20);
}

static void what_rests_on_spf_alone_is_told_while_it_blocks(void **state) {
  struct fixture *f = *state;
  f->p = "quarantine"; /* on the way to reject */
  office(f, 60);
  crm(f, 59, 0, "spf example.com=pass");
  struct told t = ask_as_of(f, 0, CONCERN_SPF_ALONE, CRM_SITE);
  assert_int_equal(t.times, 1);
  assert_int_equal(t.concern.state, CONCERN_OPEN);
  assert_int_equal(t.concern.severity, CONCERN_NOTICE);
  start_anew(f);
  f->p = "none"; /* which quarantine does not mind */
  office(f, 60);
  crm(f, 59, 0, "spf example.com=pass");
  assert_int_equal(ask_as_of(f, 0, CONCERN_SPF_ALONE, CRM_SITE).times, 0);
}

/* It was told as a signature that fails, and that is over: the rest of the window is no second finding. */
static void a_signature_that_is_mended_rests_on_spf_no_longer(void **state) {
  struct fixture *f = *state;
  f->p = "quarantine";
  office(f, 60);
  crm(f, 59, 20, "dkim example.com/s2=pass; spf example.com=pass");
  crm(f, 19, 15, "dkim example.com/s2=fail; spf example.com=pass");
  crm(f, 14, 0, "dkim example.com/s2=pass; spf example.com=pass");
  assert_states(f, CONCERN_DKIM_BROKEN, CRM_SITE, 20, 5, ".nnnnoooggggggg.");
  assert_states(f, CONCERN_SPF_ALONE, CRM_SITE, 20, 0, ".....................");
  mail_daily(f, 14, 0, CRM, 200, "spf example.com=pass"); /* what was never signed is another matter */
  assert_int_equal(ask_as_of(f, 0, CONCERN_SPF_ALONE, CRM_SITE).times, 1);
}

/* A list that breaks a tenth of the mail, which is the limit: a message more or less decides on each day. */
static void what_blocks_on_one_day_and_not_on_the_next_is_one_finding_and_has_an_end(void **state) {
  static const int MORE[] = {[10] = 1, [9] = -1, [8] = 1, [5] = -1};
  struct fixture *f = *state;
  struct thresholds alone = THRESHOLDS_DEFAULT;
  alone.reporters = 1;
  alone.robust_against = 0;
  f->basis.thresholds = &alone;
  mail_daily(f, 60, -8, OFFICE, 80, OFFICE_MAIL);
  f->reason = "mailing_list";
  for (int ago = 60; ago >= -8; ago--)
    mail(f, ago, "203.0.113.200", 8 + (ago >= 0 && ago < (int)ARRAY_SIZE(MORE) ? MORE[ago] : 0),
         "dkim example.com/s1=fail; dkim lists.example.org/l=pass; spf lists.example.org=pass");
  assert_states(f, CONCERN_FORWARDED_FAILS, "203.0.113.0/24", 11, -5, ".nnnnoooggggggg..");
}

static void a_few_messages_within_the_limit_break_nothing(void **state) {
  struct fixture *f = *state;
  office(f, 50);
  mail_daily(f, 49, 0, CRM, 200, CRM_MAIL);
  mail_daily(f, 49, 0, CRM, 4, CRM_BROKEN);
  assert_states(f, CONCERN_OWN_BROKEN, CRM_SITE, 30, 0, "...............................");
}

static void reports_of_three_days_are_evidence_of_all_three(void **state) {
  struct fixture *f = *state;
  f->more_days = 2;
  for (int ago = 59; ago > 0; ago -= 3) {
    mail(f, ago, OFFICE, 60, OFFICE_MAIL);
    mail(f, ago, CRM, 60, ago > 20 || ago < 12 ? CRM_MAIL : CRM_BROKEN); /* from the report of 20 to that of 14 ago */
  }
  assert_states(f, CONCERN_OWN_BROKEN, CRM_SITE, 21, 13, ".nnnnoooo");
  struct told t = ask_as_of(f, 20, CONCERN_OWN_BROKEN, CRM_SITE);
  assert_int_equal(t.concern.first_day, LAST_DAY - 20);
  assert_int_equal(t.concern.last_day, LAST_DAY - 20); /* the report goes on */
  assert_int_equal(t.concern.found_day, LAST_DAY - 20);
  t = ask_as_of(f, 12, CONCERN_OWN_BROKEN, CRM_SITE);
  assert_int_equal(t.concern.first_day, LAST_DAY - 20);
  assert_int_equal(t.concern.last_day, LAST_DAY - 12);
  assert_int_equal(t.concern.messages, 180);
}

/* One message of ten: each day proves little, and the judgement names the source before its days do. */
static void a_sender_that_hardly_fails_is_new_once_and_then_open(void **state) {
  struct fixture *f = *state;
  mail_daily(f, 80, 0, OFFICE, 60, OFFICE_MAIL);
  crm(f, 80, 40, CRM_MAIL);
  mail_daily(f, 39, 0, CRM, 18, CRM_MAIL);
  mail_daily(f, 39, 0, CRM, 2, CRM_BROKEN);
  assert_states(f, CONCERN_OWN_BROKEN, CRM_SITE, 39, 0, "..nnnnoooooooooooooooooooooooooooooooooo");
}

/* Less than the limit, but more than before: named while that is news, on days without a clean one between them. */
static void what_is_named_no_longer_is_gone_and_does_not_vanish(void **state) {
  struct fixture *f = *state;
  mail_daily(f, 80, 0, CRM, 20, CRM_MAIL);
  for (int ago = 39; ago >= 0; ago -= 2) mail(f, ago, CRM, 1, CRM_BROKEN);
  assert_states(f, CONCERN_OWN_BROKEN, CRM_SITE, 39, 0, "......nnnnoooggggggg....................");
}

static void what_breaks_and_is_new_is_told_as_both(void **state) {
  struct fixture *f = *state;
  office(f, 50);
  crm(f, 12, 11, CRM_BROKEN);
  crm(f, 10, 0, CRM_MAIL);
  assert_states(f, CONCERN_NEW_SENDER, CRM_SITE, 12, 3, "..nnnno...");
}

static void a_new_sender_is_told_for_a_week(void **state) {
  struct fixture *f = *state;
  office(f, 50);
  crm(f, 9, 0, CRM_MAIL);
  assert_states(f, CONCERN_NEW_SENDER, CRM_SITE, 10, 0, ".nnnnooo...");
}

static void a_sender_that_is_back_is_gone_from_those_that_ceased(void **state) {
  struct fixture *f = *state;
  office(f, 70);
  crm(f, 69, 21, CRM_MAIL);
  crm(f, 10, 0, CRM_MAIL);
  assert_states(f, CONCERN_CEASED, CRM_SITE, 15, 6, ".nnnnggg..");
  const struct told t = ask_as_of(f, 10, CONCERN_CEASED, CRM_SITE);
  assert_int_equal(t.concern.gone_day, LAST_DAY - 10);
  assert_int_equal(t.concern.first_day, LAST_DAY - 20);
  assert_int_equal(t.concern.last_day, LAST_DAY - 11);
}

static void a_sender_that_moves_is_none_that_is_new(void **state) {
  struct fixture *f = *state;
  office(f, 50);
  crm(f, 49, 10, CRM_MAIL);
  mail_daily(f, 9, 0, "203.0.113.9", 60, CRM_MAIL);
  mail_daily(f, 9, 0, "203.0.113.9", 60, "dkim example.com/s3=pass; spf crm.example.net=pass");
  assert_int_equal(ask_as_of(f, 5, CONCERN_NEW_SENDER, "203.0.113.0/24").times, 0);
}

/* --- strangers ---------------------------------------------------------------------------------------------------- */

#define STRANGER "203.0.113.50"
#define STRANGER_MAIL "dkim campaigns.example.net/c=pass; spf campaigns.example.net=pass"

static void an_unknown_sender_is_asked_about_and_a_handful_is_not(void **state) {
  struct fixture *f = *state;
  office(f, 50);
  mail_daily(f, 49, 0, OFFICE, 400, OFFICE_MAIL);
  for (int ago = 20; ago >= 0; ago--) mail(f, ago, STRANGER, 1, STRANGER_MAIL);
  assert_int_equal(ask_as_of(f, 12, CONCERN_UNKNOWN_SENDER, "campaigns.example.net").times, 0);
  const struct told t = ask_as_of(f, 0, CONCERN_UNKNOWN_SENDER, "campaigns.example.net");
  assert_int_equal(t.times, 1);
  assert_int_equal(t.concern.first_day, LAST_DAY - 20);
  assert_int_equal(t.concern.messages, 21);
  assert_int_equal(t.concern.severity, CONCERN_NOTICE);
}

static void an_unknown_sender_is_new_on_the_day_it_becomes_a_question(void **state) {
  struct fixture *f = *state;
  office(f, 50);
  mail_daily(f, 49, 0, OFFICE, 400, OFFICE_MAIL);
  mail_daily(f, 30, 0, STRANGER, 2, STRANGER_MAIL);
  assert_states(f, CONCERN_UNKNOWN_SENDER, "campaigns.example.net", 30, 10, ".......nnnnoooooooooo");
  start_anew(f);
  office(f, 50);
  mail_daily(f, 30, 0, STRANGER, 5, STRANGER_MAIL);
  assert_states(f, CONCERN_UNKNOWN_SENDER, "campaigns.example.net", 30, 10, "nnnnooooooooooooooooo");
}

static void one_that_sends_as_the_domain_and_below_it_is_one_finding(void **state) {
  struct fixture *f = *state;
  f->sp = "quarantine";
  office(f, 50);
  mail_daily(f, 30, 0, STRANGER, 5, STRANGER_MAIL);
  f->header_from = "news.example.com";
  mail_daily(f, 49, 0, SECOND, 20, SECOND_MAIL);
  mail_daily(f, 30, 0, STRANGER, 5, STRANGER_MAIL);
  assert_int_equal(ask_as_of(f, 0, CONCERN_UNKNOWN_SENDER, "campaigns.example.net").times, 1);
}

static void an_unknown_sender_that_blocks_waits_for_its_answer(void **state) {
  struct fixture *f = *state;
  office(f, 50);
  for (int ago = 30; ago >= 12; ago--) mail(f, ago, STRANGER, 5, STRANGER_MAIL);
  const struct told t = ask_as_of(f, 0, CONCERN_UNKNOWN_SENDER, "campaigns.example.net");
  assert_int_equal(t.times, 1);
  assert_int_equal(t.concern.state, CONCERN_OPEN);
  assert_int_equal(t.concern.severity, CONCERN_WARNING);
  f->labels = (struct labels){.items = (struct label[]){{.subject = LABEL_DOMAIN,
                                                         .source = "campaigns.example.net",
                                                         .verdict = LABEL_UNAUTHORISED,
                                                         .until_s = FEEDBACK_TIME_UNKNOWN}},
                              .count = 1};
  assert_int_equal(ask_as_of(f, 0, CONCERN_UNKNOWN_SENDER, "campaigns.example.net").times, 0);
}

/* --- policy, verdict and reporters -------------------------------------------------------------------------------- */

static void office_under(struct fixture *f, int first, int last, const char *p) {
  f->p = p;
  mail_daily(f, first, last, OFFICE, 20, OFFICE_MAIL);
}

static void another_policy_is_told_for_a_week(void **state) {
  struct fixture *f = *state;
  office_under(f, 50, 21, "quarantine");
  office_under(f, 20, 0, "reject");
  assert_states(f, CONCERN_POLICY_CHANGED, "example.com", 21, 12, ".nnnnooo..");
  const struct told t = ask_as_of(f, 16, CONCERN_POLICY_CHANGED, "example.com");
  assert_int_equal(t.concern.first_day, LAST_DAY - 20);
  assert_int_equal(t.concern.severity, CONCERN_NOTICE);
}

static void a_weaker_policy_is_a_warning(void **state) {
  struct fixture *f = *state;
  office_under(f, 50, 5, "reject");
  office_under(f, 4, 0, "none");
  assert_int_equal(ask_as_of(f, 2, CONCERN_POLICY_CHANGED, "example.com").concern.severity, CONCERN_WARNING);
}

static void assert_weaker(struct fixture *f) {
  mail_daily(f, 4, 0, OFFICE, 20, OFFICE_MAIL);
  const struct told t = ask_as_of(f, 2, CONCERN_POLICY_CHANGED, "example.com");
  assert_int_equal(t.times, 1);
  assert_int_equal(t.concern.severity, CONCERN_WARNING);
  start_anew(f);
  f->sp = f->testing = f->pct = NULL;
}

static void less_of_the_same_policy_is_weaker_too(void **state) {
  struct fixture *f = *state;
  f->testing = "n";
  office_under(f, 50, 5, "quarantine");
  f->testing = "y";
  assert_weaker(f);
  f->pct = "100";
  office_under(f, 50, 5, "quarantine");
  f->pct = "10";
  assert_weaker(f);
  f->sp = "quarantine";
  office_under(f, 50, 5, "quarantine");
  f->sp = "none";
  assert_weaker(f);
  f->testing = "n";
  office_under(f, 50, 5, "quarantine");
  f->testing = "y";
  office_under(f, 4, 0, "reject"); /* which is quarantine (RFC 9989 4.7) */
  assert_int_equal(ask_as_of(f, 2, CONCERN_POLICY_CHANGED, "example.com").concern.severity, CONCERN_NOTICE);
}

static void a_policy_that_is_taken_back_is_told_on_that_day(void **state) {
  struct fixture *f = *state;
  office_under(f, 50, 21, "none");
  office_under(f, 20, 16, "quarantine");
  office_under(f, 15, 0, "none");
  assert_states(f, CONCERN_POLICY_CHANGED, "example.com", 21, 7, ".nnnnonnnnooo..");
  assert_int_equal(ask_as_of(f, 16, CONCERN_POLICY_CHANGED, "example.com").concern.severity, CONCERN_NOTICE);
  const struct told t = ask_as_of(f, 15, CONCERN_POLICY_CHANGED, "example.com");
  assert_int_equal(t.concern.severity, CONCERN_WARNING);
  assert_int_equal(t.concern.first_day, LAST_DAY - 15);
}

static enum concern_severity of_a_broken_shop(struct fixture *f, const char *p, const char *sp) {
  start_anew(f);
  f->p = p;
  f->sp = sp;
  f->header_from = NULL;
  office(f, 50);
  f->header_from = "shop.example.com";
  crm(f, 49, 5, CRM_MAIL);
  crm(f, 4, 0, CRM_BROKEN);
  const struct told t = ask_as_of(f, 3, CONCERN_OWN_BROKEN, CRM_SITE);
  assert_int_equal(t.times, 1);
  return t.concern.severity;
}

static void mail_of_a_subdomain_is_as_grave_as_its_policy(void **state) {
  struct fixture *f = *state;
  assert_int_equal(of_a_broken_shop(f, "none", "reject"), CONCERN_CRITICAL);
  assert_int_equal(of_a_broken_shop(f, "quarantine", "none"), CONCERN_WARNING);
  assert_int_equal(of_a_broken_shop(f, "quarantine", NULL), CONCERN_CRITICAL);
}

static void own_mail_that_fails_under_enforcement_is_critical(void **state) {
  struct fixture *f = *state;
  f->p = "reject";
  office(f, 50);
  crm(f, 49, 5, CRM_MAIL);
  crm(f, 4, 0, CRM_BROKEN);
  assert_int_equal(ask_as_of(f, 4, CONCERN_OWN_BROKEN, CRM_SITE).concern.severity, CONCERN_CRITICAL);
}

static void a_verdict_is_told_once_it_stands(void **state) {
  struct fixture *f = *state;
  office(f, 60);
  crm(f, 59, 11, CRM_MAIL);
  crm(f, 10, 0, CRM_BROKEN);
  struct thresholds alone = THRESHOLDS_DEFAULT; /* one reporter, and weeks of it, are enough here */
  alone.reporters = 1;
  alone.robust_against = 0;
  f->basis.thresholds = &alone;
  assert_states(f, CONCERN_VERDICT_CHANGED, "example.com", 11, 0, "...nnnnooo..");
}

/* What was told days ago is not told again, however the days between were. */
static void a_verdict_that_comes_back_is_told_once(void **state) {
  struct fixture *f = *state;
  struct thresholds alone = THRESHOLDS_DEFAULT;
  alone.reporters = 1;
  alone.robust_against = 0;
  alone.policy_days = 0;
  f->basis.thresholds = &alone;
  office_under(f, 70, 17, "reject");
  office_under(f, 16, 12, "none");
  office_under(f, 11, 5, "reject");
  office_under(f, 4, 0, "none");
  assert_states(f, CONCERN_VERDICT_CHANGED, "example.com", 16, 0, "..nnn............");
  start_anew(f);
  f->basis.thresholds = &alone;
  office_under(f, 70, 15, "reject");
  office_under(f, 14, 13, "none"); /* too short to have been told */
  office_under(f, 12, 5, "reject");
  office_under(f, 4, 0, "none");
  assert_states(f, CONCERN_VERDICT_CHANGED, "example.com", 16, 0, "..............nnn");
}

static void a_reporter_that_falls_silent_is_told_while_others_are_heard(void **state) {
  struct fixture *f = *state;
  office(f, 50);
  f->org = "other.example.org";
  mail_daily(f, 49, 15, OFFICE, 20, OFFICE_MAIL);
  assert_states(f, CONCERN_REPORTER_SILENT, "other.example.org", 9, 0, ".nnnnooo..");
}

/* Though the verdict is STALE: reports do come. */
static void a_reporter_of_most_mail_that_falls_silent_is_told_for_as_long_as_it_is_missed(void **state) {
  struct fixture *f = *state;
  office(f, 50);
  f->org = "bigmail.example.net";
  mail_daily(f, 49, 15, OFFICE, 60, OFFICE_MAIL);
  assert_states(f, CONCERN_REPORTER_SILENT, "bigmail.example.net", 9, 0, ".nnnnooooo");
  assert_states(f, CONCERN_REPORTS_STALE, "example.com", 9, 0, "..........");
  assert_int_equal(ask_as_of(f, 5, CONCERN_REPORTER_SILENT, "bigmail.example.net").concern.severity, CONCERN_WARNING);
}

static void a_report_that_somebody_else_brought_is_told_of_its_reporter(void **state) {
  struct fixture *f = *state;
  office(f, 50);
  f->org = "bigmail.example.net";
  f->provenance = PROVENANCE_CONTRADICTED;
  mail_daily(f, 8, 7, OFFICE, 3, "spf example.com=fail");
  assert_states(f, CONCERN_FORGED_REPORT, "bigmail.example.net", 9, 0, ".nnnnggggg");
  assert_int_equal(ask_as_of(f, 7, CONCERN_FORGED_REPORT, "bigmail.example.net").concern.messages, 6);
}

static void where_nobody_reports_that_is_all_that_is_told(void **state) {
  struct fixture *f = *state;
  office(f, 50);
  crm(f, 49, 5, CRM_MAIL);
  crm(f, 4, 0, CRM_BROKEN);
  assert_states(f, CONCERN_REPORTS_STALE, "example.com", -6, -12, "..nnnno");
  assert_int_equal(ask_as_of(f, -6, CONCERN_OWN_BROKEN, CRM_SITE).times, 1);
  assert_int_equal(ask_as_of(f, -9, CONCERN_OWN_BROKEN, CRM_SITE).times, 0);
}

/* --- what somebody said ------------------------------------------------------------------------------------------- */

static void acknowledge(struct fixture *f, const struct told *t, int ago, int64_t until_s) {
  const struct acknowledgement a = {.severity = (int32_t)t->concern.severity, .until_s = until_s, .made_s = DAY_S(ago)};
  assert_ok(f, acknowledgement_put(f->local, &t->concern.identity, &a, &f->e));
}

static void broken_twice(struct fixture *f) {
  office(f, 60);
  crm(f, 59, 31, CRM_MAIL);
  crm(f, 30, 28, CRM_BROKEN);
  crm(f, 27, 11, CRM_MAIL);
  crm(f, 10, 0, CRM_BROKEN);
}

static void an_acknowledgement_is_over_when_the_finding_is(void **state) {
  struct fixture *f = *state;
  broken_twice(f);
  const struct told t = ask_as_of(f, 29, CONCERN_OWN_BROKEN, CRM_SITE);
  acknowledge(f, &t, 29, FEEDBACK_TIME_UNKNOWN);
  assert_states(f, CONCERN_OWN_BROKEN, CRM_SITE, 30, 24, "naaaagg");
  assert_states(f, CONCERN_OWN_BROKEN, CRM_SITE, 10, 6, "nnnno");
}

static void an_acknowledgement_covers_nothing_graver(void **state) {
  struct fixture *f = *state;
  office_under(f, 60, 6, "none");
  crm(f, 59, 14, CRM_MAIL);
  crm(f, 13, 6, CRM_BROKEN);
  struct told t = ask_as_of(f, 11, CONCERN_OWN_BROKEN, CRM_SITE);
  acknowledge(f, &t, 11, FEEDBACK_TIME_UNKNOWN);
  office_under(f, 5, 0, "quarantine");
  crm(f, 5, 0, CRM_BROKEN);
  assert_states(f, CONCERN_OWN_BROKEN, CRM_SITE, 13, 2, "nnaaaaaaoooo");
  t = ask_as_of(f, 2, CONCERN_OWN_BROKEN, CRM_SITE);
  assert_int_equal(t.concern.severity, CONCERN_CRITICAL);
  acknowledge(f, &t, 2, FEEDBACK_TIME_UNKNOWN);
  assert_states(f, CONCERN_OWN_BROKEN, CRM_SITE, 3, 0, "oaaa");
}

#define NEIGHBOUR "198.51.100.30"
#define NEIGHBOUR_MAIL "dkim example.com/s3=pass; spf crm.example.net=pass"
#define NEIGHBOUR_BROKEN "dkim example.com/s3=fail; spf crm.example.net=pass"

static void acknowledge_as_of(struct fixture *f, int ago, enum concern_kind kind, const char *subject,
                              int64_t until_s) {
  const struct told t = ask_as_of(f, ago, kind, subject);
  assert_int_equal(t.times, 1);
  acknowledge(f, &t, ago, until_s);
}

static void another_machine_of_the_network_that_breaks_later_is_told_anew(void **state) {
  struct fixture *f = *state;
  office(f, 60);
  crm(f, 59, 21, CRM_MAIL);
  crm(f, 20, 0, CRM_BROKEN);
  mail_daily(f, 59, 13, NEIGHBOUR, 40, NEIGHBOUR_MAIL);
  mail_daily(f, 12, 6, NEIGHBOUR, 40, NEIGHBOUR_BROKEN);
  mail_daily(f, 5, 0, NEIGHBOUR, 40, NEIGHBOUR_MAIL);
  acknowledge_as_of(f, 18, CONCERN_OWN_BROKEN, CRM_SITE, FEEDBACK_TIME_UNKNOWN);
  /* and once that one is mended, what was said of the rest holds again */
  assert_states(f, CONCERN_OWN_BROKEN, CRM_SITE, 20, 0, "nnaaaaaannnnoooooaaaa");
  const struct told t = ask_as_of(f, 10, CONCERN_OWN_BROKEN, CRM_SITE);
  assert_true(t.concern.is_anew);
  assert_string_equal(t.joined, NEIGHBOUR);
  assert_int_equal(t.concern.joined.first_day, LAST_DAY - 12);
  acknowledge_as_of(f, 10, CONCERN_OWN_BROKEN, CRM_SITE, FEEDBACK_TIME_UNKNOWN);
  assert_states(f, CONCERN_OWN_BROKEN, CRM_SITE, 10, 6, "aaaaa");
  acknowledge_as_of(f, 18, CONCERN_OWN_BROKEN, CRM_SITE, DAY_S(-1)); /* to a day is to that day, whatever comes */
  assert_states(f, CONCERN_OWN_BROKEN, CRM_SITE, 14, 8, "aaaaaaa");
}

static void another_name_with_another_key_is_told_anew(void **state) {
  struct fixture *f = *state;
  office(f, 60);
  crm(f, 59, 21, CRM_MAIL);
  crm(f, 20, 0, CRM_BROKEN);
  f->header_from = "shop.example.com";
  mail_daily(f, 9, 0, CRM, 40, "dkim example.com/shop=fail; spf crm.example.net=pass");
  f->header_from = NULL;
  acknowledge_as_of(f, 18, CONCERN_OWN_BROKEN, CRM_SITE, FEEDBACK_TIME_UNKNOWN);
  assert_states(f, CONCERN_OWN_BROKEN, CRM_SITE, 11, 0, "aaaannnnoooo");
}

/* A sender of many machines has one key: that each of them meets it in turn is no news. */
static void machines_that_share_the_broken_key_are_no_news(void **state) {
  struct fixture *f = *state;
  char ip[32];
  office(f, 60);
  for (int ago = 59; ago >= 0; ago--) {
    snprintf(ip, sizeof ip, "198.51.100.%d", 10 + ago / 6);
    mail(f, ago, ip, 30, ago > 20 ? CRM_MAIL : CRM_BROKEN);
  }
  acknowledge_as_of(f, 19, CONCERN_OWN_BROKEN, CRM_SITE, FEEDBACK_TIME_UNKNOWN);
  assert_states(f, CONCERN_OWN_BROKEN, CRM_SITE, 18, 0, "aaaaaaaaaaaaaaaaaaa");
}

static void another_stranger_of_a_known_network_is_told_anew(void **state) {
  struct fixture *f = *state;
  office(f, 60);
  mail_daily(f, 50, 0, "203.0.113.77", 8, "spf other.example.net=none");
  mail_daily(f, 15, 0, "203.0.113.177", 20, "spf other.example.net=none");
  acknowledge_as_of(f, 20, CONCERN_UNKNOWN_SENDER, "203.0.113.0/24", FEEDBACK_TIME_UNKNOWN);
  assert_states(f, CONCERN_UNKNOWN_SENDER, "203.0.113.0/24", 16, 6, "aaannnnoooo");
}

static void what_is_said_today_is_not_said_of_days_before(void **state) {
  struct fixture *f = *state;
  broken_twice(f);
  acknowledge_as_of(f, 8, CONCERN_OWN_BROKEN, CRM_SITE, FEEDBACK_TIME_UNKNOWN);
  assert_states(f, CONCERN_OWN_BROKEN, CRM_SITE, 10, 6, "nnaaa");
}

static void an_acknowledgement_with_an_end_holds_to_it(void **state) {
  struct fixture *f = *state;
  broken_twice(f);
  const struct told t = ask_as_of(f, 29, CONCERN_OWN_BROKEN, CRM_SITE);
  acknowledge(f, &t, 29, DAY_S(7)); /* the eighth day ago is the last */
  assert_states(f, CONCERN_OWN_BROKEN, CRM_SITE, 10, 5, "aaanoo");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(identities_are_what_they_were),
      cmocka_unit_test(kind_domain_and_subject_tell_two_apart_and_do_not_run_together),
      cmocka_unit_test(kinds_keep_their_words),
      cmocka_unit_test(what_is_to_be_done_first_comes_first),
      T(a_broken_sender_is_new_then_open_then_gone_then_forgotten),
      T(a_day_says_the_same_whatever_came_later),
      T(a_sender_that_is_broken_every_other_day_stays_open),
      T(a_signature_that_breaks_is_told_though_spf_carries_the_mail),
      T(what_failed_and_fell_silent_waits_for_an_answer_while_it_blocks),
      T(what_rests_on_spf_alone_is_told_while_it_blocks),
      T(a_signature_that_is_mended_rests_on_spf_no_longer),
      T(what_blocks_on_one_day_and_not_on_the_next_is_one_finding_and_has_an_end),
      T(a_few_messages_within_the_limit_break_nothing),
      T(reports_of_three_days_are_evidence_of_all_three),
      T(a_sender_that_hardly_fails_is_new_once_and_then_open),
      T(what_is_named_no_longer_is_gone_and_does_not_vanish),
      T(what_breaks_and_is_new_is_told_as_both),
      T(a_new_sender_is_told_for_a_week),
      T(a_sender_that_is_back_is_gone_from_those_that_ceased),
      T(a_sender_that_moves_is_none_that_is_new),
      T(an_unknown_sender_is_asked_about_and_a_handful_is_not),
      T(an_unknown_sender_is_new_on_the_day_it_becomes_a_question),
      T(one_that_sends_as_the_domain_and_below_it_is_one_finding),
      T(an_unknown_sender_that_blocks_waits_for_its_answer),
      T(another_policy_is_told_for_a_week),
      T(a_weaker_policy_is_a_warning),
      T(less_of_the_same_policy_is_weaker_too),
      T(a_policy_that_is_taken_back_is_told_on_that_day),
      T(mail_of_a_subdomain_is_as_grave_as_its_policy),
      T(own_mail_that_fails_under_enforcement_is_critical),
      T(a_verdict_is_told_once_it_stands),
      T(a_verdict_that_comes_back_is_told_once),
      T(a_reporter_that_falls_silent_is_told_while_others_are_heard),
      T(a_reporter_of_most_mail_that_falls_silent_is_told_for_as_long_as_it_is_missed),
      T(a_report_that_somebody_else_brought_is_told_of_its_reporter),
      T(where_nobody_reports_that_is_all_that_is_told),
      T(an_acknowledgement_is_over_when_the_finding_is),
      T(an_acknowledgement_covers_nothing_graver),
      T(another_machine_of_the_network_that_breaks_later_is_told_anew),
      T(another_name_with_another_key_is_told_anew),
      T(machines_that_share_the_broken_key_are_no_news),
      T(another_stranger_of_a_known_network_is_told_anew),
      T(what_is_said_today_is_not_said_of_days_before),
      T(an_acknowledgement_with_an_end_holds_to_it),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
