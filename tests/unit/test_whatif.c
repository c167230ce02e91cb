/* SPDX-License-Identifier: Apache-2.0 */
/* What another policy would do, as numbers: through the store and the judge to the sums. */
#include "whatif_kit.h"

/* --- steps of the policy ------------------------------------------------------------------------------------------ */

static void from_none_to_quarantine_all_that_fails_is_newly_quarantined(void **state) {
  struct world *w = *state;
  add_mail(w, &AT_NONE);
  assert_sum(w, P("quarantine"), 0, 160, 0);
  struct whatif_sum sum = try(w, P("quarantine"));
  assert_int_equal(sum.messages, 370);
  assert_int_equal(sum.own_affected, 0);
  assert_int_equal(sum.unknown, 0);
}

static void from_none_to_reject_all_that_fails_is_newly_rejected(void **state) {
  struct world *w = *state;
  add_mail(w, &AT_NONE);
  assert_sum(w, P("reject"), 160, 0, 0);
}

static void from_quarantine_to_reject_what_was_quarantined_is_newly_rejected(void **state) {
  struct world *w = *state;
  add_mail(w, &AT_QUARANTINE);
  assert_sum(w, P("reject"), 160, 0, 0);
  assert_sum(w, P("quarantine"), 0, 0, 0);
}

static void a_weaker_policy_spares_mail(void **state) {
  struct world *w = *state;
  add_mail(w, &AT_REJECT);
  assert_sum(w, P("none"), 0, 0, 160);
  assert_sum(w, P("quarantine"), 0, 0, 160);
}

static void a_policy_that_is_missing_asks_for_nothing(void **state) {
  struct world *w = *state;
  add_mail(w, &(struct feedback_header){.sp = "quarantine"});
  assert_sum(w, P("reject"), 30, 0, 0);
}

/* What reporters evaluated last week was another policy's; what counts is what they would do today. */
static void the_policy_of_today_counts_for_mail_that_came_before_it(void **state) {
  struct world *w = *state;
  add_usual_mail(w, &AT_NONE, 0, 5);
  add_usual_mail(w, &AT_QUARANTINE, 5, 5);
  assert_sum(w, P("reject"), 160, 0, 0);
  assert_sum(w, P("none"), 0, 0, 160);
}

/* --- subdomains --------------------------------------------------------------------------------------------------- */

static void a_published_sp_keeps_the_names_below_out_of_p(void **state) {
  struct world *w = *state;
  add_mail(w, &(struct feedback_header){.p = "none", .sp = "quarantine"});
  assert_sum(w, P("reject"), 30, 0, 0);
  assert_sum(w, SP("reject"), 130, 0, 0);
  assert_sum(w, SP("none"), 0, 0, 130);
}

static void an_sp_that_only_repeats_p_follows_it(void **state) {
  struct world *w = *state;
  add_mail(w, &AT_NONE);
  assert_sum(w, ((struct whatif_proposal){.p = "quarantine", .sp = "reject"}), 130, 30, 0);
  assert_sum(w, SP("none"), 0, 0, 0);
}

static void np_governs_names_that_no_mail_of_the_owners_uses(void **state) {
  struct world *w = *state;
  add_mail(w, &AT_QUARANTINE);
  assert_sum(w, NP("reject"), 70, 0, 0);
  assert_sum(w, NP("none"), 0, 0, 70);
}

static void a_published_np_stays_when_p_moves(void **state) {
  struct world *w = *state;
  add_mail(w, &(struct feedback_header){.p = "reject", .sp = "none", .np = "reject"});
  assert_sum(w, P("none"), 0, 0, 30);
  assert_sum(w, SP("reject"), 60, 0, 0);
}

static void an_np_that_repeats_sp_follows_it(void **state) {
  struct world *w = *state;
  add_mail(w, &(struct feedback_header){.p = "reject", .sp = "none", .np = "none"});
  assert_sum(w, SP("reject"), 130, 0, 0);
}

static void a_name_exists_where_own_mail_uses_one_below_it(void **state) {
  struct world *w = *state;
  const struct feedback_record mail[] = {
      record("192.0.2.1", "a.b.example.com", 10, NONE, STRICT),
      record("198.51.100.1", "b.example.com", 3, NONE, NONE),
      record("198.51.100.2", "c.b.example.com", 1, NONE, NONE),
      record("198.51.100.3", "xb.example.com", 7, NONE, NONE),
      record("198.51.100.4", "somebody@b.example.com", 20, NONE, NONE),
  };
  add_days(w, &AT_NONE, 0, DAYS, mail, ARRAY_SIZE(mail));
  assert_sum(w, NP("reject"), 80, 0, 0);
  assert_sum(w, SP("reject"), 310, 0, 0);
}

static void what_is_no_name_below_the_domain_is_under_p(void **state) {
  struct world *w = *state;
  const struct feedback_record mail[] = {
      record("192.0.2.1", APEX, 10, STRICT, STRICT),
      record("198.51.100.1", NULL, 1, NONE, NONE),
      record("198.51.100.2", "notexample.com", 2, NONE, NONE),
      record("198.51.100.3", "somebody@example.com", 4, NONE, NONE),
  };
  add_days(w, &AT_NONE, 0, DAYS, mail, ARRAY_SIZE(mail));
  assert_sum(w, P("reject"), 70, 0, 0);
  assert_sum(w, SP("reject"), 0, 0, 0);
}

/* --- alignment ---------------------------------------------------------------------------------------------------- */

static void strict_dkim_fails_the_signature_of_a_subdomain(void **state) {
  struct world *w = *state;
  add_mail(w, &AT_REJECT);
  assert_sum(w, ADKIM("s"), 20, 0, 0);
  assert_int_equal(try(w, ADKIM("s")).own_affected, 20);
  assert_sum(w, ADKIM("r"), 0, 0, 0);
}

static void strict_spf_fails_the_return_path_of_a_subdomain(void **state) {
  struct world *w = *state;
  add_mail(w, &AT_QUARANTINE);
  assert_sum(w, ASPF("s"), 0, 40, 0);
  assert_int_equal(try(w, ASPF("s")).own_affected, 40);
}

static void alignment_and_policy_are_tried_together(void **state) {
  struct world *w = *state;
  add_mail(w, &AT_NONE);
  assert_sum(w, ADKIM("s"), 0, 0, 0);
  assert_sum(w, ((struct whatif_proposal){.p = "reject", .adkim = "s", .aspf = "s"}), 220, 0, 0);
}

static void relaxed_dkim_lets_the_signature_of_a_subdomain_pass(void **state) {
  struct world *w = *state;
  struct feedback_record mail[] = {record("192.0.2.1", APEX, 10, STRICT, STRICT),
                                   record("192.0.2.2", APEX, 2, RELAXED, NONE)};
  mail[1].dkim.text = "fail";
  add_days(w, &(struct feedback_header){.p = "reject", .adkim = "s"}, 0, DAYS, mail, ARRAY_SIZE(mail));
  assert_sum(w, ADKIM("r"), 0, 0, 20);
  assert_sum(w, ASPF("s"), 0, 0, 0);
}

/* Reports of both modes lie in one window: each word counts for the mode under which it was spoken. */
static void mail_that_was_evaluated_under_another_mode_is_graded_anew(void **state) {
  struct world *w = *state;
  struct feedback_record relaxed = record("192.0.2.2", APEX, 2, RELAXED, NONE), strict = relaxed;
  strict.dkim.text = "fail";
  add_days(w, &(struct feedback_header){.p = "none", .adkim = "r"}, 0, 5, &relaxed, 1);
  add_days(w, &(struct feedback_header){.p = "none", .adkim = "s"}, 5, 5, &strict, 1);
  assert_sum(w, P("reject"), 20, 0, 0);
  assert_sum(w, ((struct whatif_proposal){.p = "reject", .adkim = "r"}), 0, 0, 0);
}

static void the_receivers_word_counts_where_the_mode_stays(void **state) {
  struct world *w = *state;
  struct feedback_record mail[] = {record("192.0.2.1", APEX, 10, STRICT, STRICT),
                                   record("192.0.2.7", APEX, 1, NONE, NONE),
                                   record("192.0.2.8", APEX, 2, STRICT, NONE)};
  mail[1].spf.text = "pass";  /* the results do not bear it out */
  mail[2].dkim.text = "fail"; /* nor this */
  add_days(w, &AT_NONE, 0, DAYS, mail, ARRAY_SIZE(mail));
  assert_sum(w, P("reject"), 20, 0, 0);
  assert_sum(w, ((struct whatif_proposal){.p = "reject", .aspf = "s"}), 30, 0, 0);
}

static void a_stricter_mode_lets_nothing_pass_that_failed(void **state) {
  struct world *w = *state;
  struct feedback_record mail = record("192.0.2.8", APEX, 2, STRICT, NONE);
  mail.dkim.text = "fail";
  add_days(w, &AT_REJECT, 0, DAYS, &mail, 1);
  assert_sum(w, ADKIM("s"), 0, 0, 0);
  mail.header_from = "example.org";
  add_days(w, &(struct feedback_header){.policy_domain = "example.org", .p = "reject", .adkim = "s"}, 0, DAYS, &mail,
           1);
  struct answer a;
  assert_ok(w, try_domain(w, "example.org", ADKIM("r"), &a));
  assert_int_equal(a.all.spared, 0);
}

/* --- what the reports do not say ---------------------------------------------------------------------------------- */

static void mail_that_was_not_evaluated_is_unknown_and_no_change(void **state) {
  struct world *w = *state;
  struct feedback_record mail = record("192.0.2.9", APEX, 1, NONE, NONE);
  mail.dkim.text = mail.spf.text = NULL;
  add_days(w, &AT_NONE, 0, DAYS, &mail, 1);
  assert_sum(w, P("reject"), 0, 0, 0);
  assert_int_equal(try(w, P("reject")).unknown, 10);
  assert_int_equal(try(w, P("none")).unknown, 0); /* whatever it is, nothing changes */
}

static void mail_that_was_not_evaluated_stays_as_it_is_under_what_does_not_govern_it(void **state) {
  struct world *w = *state;
  struct feedback_record mail = record("192.0.2.9", APEX, 1, NONE, NONE);
  mail.dkim.text = mail.spf.text = NULL;
  add_days(w, &AT_REJECT, 0, DAYS, &mail, 1);
  assert_int_equal(try(w, SP("none")).unknown, 0);
  assert_int_equal(try(w, P("none")).unknown, 10);
}

static void a_grade_that_is_unknown_is_unknown_under_another_mode_alone(void **state) {
  struct world *w = *state;
  struct feedback_record mail = record("192.0.2.9", APEX, 1, NONE, NONE);
  mail.dkim.text = "pass";
  mail.dkim_alignment = ALIGNMENT_UNKNOWN;
  add_days(w, &AT_REJECT, 0, DAYS, &mail, 1);
  assert_int_equal(try(w, ADKIM("s")).unknown, 10);
  assert_int_equal(try(w, ASPF("s")).unknown, 0);
  assert_int_equal(try(w, ((struct whatif_proposal){.p = "none", .adkim = "s"})).unknown, 0);
  assert_sum(w, ADKIM("s"), 0, 0, 0);
}

static void a_record_without_a_count_is_in_no_sum(void **state) {
  struct world *w = *state;
  struct feedback_record mail[] = {record("198.51.100.1", APEX, 3, NONE, NONE),
                                   record("198.51.100.2", APEX, FEEDBACK_COUNT_UNKNOWN, NONE, NONE)};
  add_days(w, &AT_NONE, 0, DAYS, mail, ARRAY_SIZE(mail));
  assert_sum(w, P("reject"), 30, 0, 0);
  assert_int_equal(try(w, P("reject")).streams, 1);
}

/* --- not in force ------------------------------------------------------------------------------------------------- */

static void under_t_y_today_counts_one_level_lower_and_the_proposal_in_full(void **state) {
  struct world *w = *state;
  add_mail(w, &(struct feedback_header){.p = "quarantine", .testing = "y"});
  assert_sum(w, P("quarantine"), 0, 160, 0);
  assert_sum(w, P("none"), 0, 0, 0);
}

static void a_reject_under_pct_50_counts_as_quarantine(void **state) {
  struct world *w = *state;
  add_mail(w, &(struct feedback_header){.p = "reject", .pct = "50"});
  assert_sum(w, P("reject"), 160, 0, 0);
  assert_sum(w, P("none"), 0, 0, 160);
}

static void a_tag_that_stays_is_held_back_as_it_was(void **state) {
  struct world *w = *state;
  add_mail(w, &(struct feedback_header){.p = "quarantine", .testing = "y"});
  assert_sum(w, SP("reject"), 130, 0, 0);
  assert_sum(w, ADKIM("s"), 0, 0, 0);
}

static void a_published_sp_that_stays_is_held_back_as_it_was(void **state) {
  struct world *w = *state;
  add_mail(w, &(struct feedback_header){.p = "none", .sp = "reject", .testing = "y"});
  assert_sum(w, P("quarantine"), 0, 30, 0);
  assert_sum(w, SP("reject"), 130, 0, 0);
}

/* --- window, domains, order --------------------------------------------------------------------------------------- */

static void only_the_window_is_replayed(void **state) {
  struct world *w = *state;
  add_usual_mail(w, &AT_NONE, -60, 60 + DAYS);
  struct answer a;
  assert_ok(w, try_domain(w, APEX, P("reject"), &a));
  assert_int_equal((int)a.days, 30);
  assert_int_equal(a.all.rejected, 30 * 16);
  w->filter.since_s = FIRST_DAY_S;
  assert_ok(w, try_domain(w, APEX, P("reject"), &a));
  assert_int_equal((int)a.days, DAYS);
  assert_int_equal(a.all.rejected, DAYS * 16);
}

static void each_class_has_its_share(void **state) {
  struct world *w = *state;
  add_mail(w, &AT_NONE);
  struct answer a;
  assert_ok(w, try_domain(w, APEX, ((struct whatif_proposal){.p = "reject", .aspf = "s"}), &a));
  assert_int_equal(a.by_class[CLASS_OWN].messages, 210);
  assert_int_equal(a.by_class[CLASS_OWN].affected, 40);
  int64_t sum = 0;
  for (int c = CLASS_OWN; c <= CLASS_IGNORED; c++) sum += a.by_class[c].affected;
  assert_int_equal(sum, 200);
  assert_int_equal(a.all.own_affected, 40);
}

static void own_and_undecided_mail_comes_before_larger_strangers(void **state) {
  struct world *w = *state;
  add_mail(w, &AT_NONE);
  struct answer a;
  assert_ok(w, try_domain(w, APEX, ((struct whatif_proposal){.p = "reject", .adkim = "s"}), &a));
  assert_string_equal(a.sources, " 198.51.100.1 192.0.2.2 192.0.2.1 192.0.2.4 192.0.2.3 2001:db8::3 203.0.113.2");
}

static int count_domains(void *user, const struct whatif *w, struct err *e) {
  (void)w, (void)e;
  ++*(unsigned *)user;
  return 0;
}

static void domains_come_one_after_the_other(void **state) {
  struct world *w = *state;
  static const char *const DOMAINS[] = {"example.org", "example.com", "example.net"};
  const struct labels labels = {0};
  const struct judgement_basis basis = {w->catalogue, &labels, &THRESHOLDS_DEFAULT, w->as_of_s, INT64_MAX};
  const struct whatif_proposal proposal = P("reject");
  unsigned count = 0;
  for (unsigned i = 0; i < ARRAY_SIZE(DOMAINS); i++) {
    const struct feedback_record mail = record("198.51.100.1", DOMAINS[i], i + 1, NONE, NONE);
    add_days(w, &(struct feedback_header){.policy_domain = DOMAINS[i], .p = "none"}, 0, DAYS, &mail, 1);
  }
  const struct inquiry q = {w->store, &w->filter, NULL, 0, &basis};
  assert_ok(w, whatif_each(&q, &proposal, count_domains, &count, &w->e));
  assert_int_equal(count, 3);
  struct answer a;
  assert_ok(w, try_domain(w, "example.net", proposal, &a));
  assert_int_equal(a.all.rejected, 30);
}

static void a_domain_without_reports_is_not_found(void **state) {
  struct world *w = *state;
  add_mail(w, &AT_NONE);
  struct answer a;
  assert_int_equal(try_domain(w, "example.net", P("reject"), &a), ERR_NOT_FOUND);
  assert_int_equal(a.domains, 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(from_none_to_quarantine_all_that_fails_is_newly_quarantined),
      TEST(from_none_to_reject_all_that_fails_is_newly_rejected),
      TEST(from_quarantine_to_reject_what_was_quarantined_is_newly_rejected),
      TEST(a_weaker_policy_spares_mail),
      TEST(a_policy_that_is_missing_asks_for_nothing),
      TEST(the_policy_of_today_counts_for_mail_that_came_before_it),
      TEST(a_published_sp_keeps_the_names_below_out_of_p),
      TEST(an_sp_that_only_repeats_p_follows_it),
      TEST(np_governs_names_that_no_mail_of_the_owners_uses),
      TEST(a_published_np_stays_when_p_moves),
      TEST(an_np_that_repeats_sp_follows_it),
      TEST(a_name_exists_where_own_mail_uses_one_below_it),
      TEST(what_is_no_name_below_the_domain_is_under_p),
      TEST(strict_dkim_fails_the_signature_of_a_subdomain),
      TEST(strict_spf_fails_the_return_path_of_a_subdomain),
      TEST(alignment_and_policy_are_tried_together),
      TEST(relaxed_dkim_lets_the_signature_of_a_subdomain_pass),
      TEST(mail_that_was_evaluated_under_another_mode_is_graded_anew),
      TEST(the_receivers_word_counts_where_the_mode_stays),
      TEST(a_stricter_mode_lets_nothing_pass_that_failed),
      TEST(mail_that_was_not_evaluated_is_unknown_and_no_change),
      TEST(mail_that_was_not_evaluated_stays_as_it_is_under_what_does_not_govern_it),
      TEST(a_grade_that_is_unknown_is_unknown_under_another_mode_alone),
      TEST(a_record_without_a_count_is_in_no_sum),
      TEST(under_t_y_today_counts_one_level_lower_and_the_proposal_in_full),
      TEST(a_reject_under_pct_50_counts_as_quarantine),
      TEST(a_tag_that_stays_is_held_back_as_it_was),
      TEST(a_published_sp_that_stays_is_held_back_as_it_was),
      TEST(only_the_window_is_replayed),
      TEST(each_class_has_its_share),
      TEST(own_and_undecided_mail_comes_before_larger_strangers),
      TEST(domains_come_one_after_the_other),
      TEST(a_domain_without_reports_is_not_found),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
