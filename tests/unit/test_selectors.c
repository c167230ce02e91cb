/* SPDX-License-Identifier: Apache-2.0 */
/* The question behind selectors: each state on both sides of its limit. */
#include "judged_kit.h"

/* --- selectors: whose they are ------------------------------------------------------------------------------------ */

static void a_selector_in_use_is_active_and_tells_where_it_is_at_home(void **state) {
  struct fixture *f = *state;
  char day[UTC_TEXT_BYTES];
  office(f, 30);
  mail(f, 0, "198.51.100.4", 50, OFFICE_MAIL);
  ask_selectors(f);
  assert_int_equal(f->rows, 1);
  assert_state(f, "s1", "active");
  assert_value(f, "s1", "domain", "example.com");
  assert_value(f, "s1", "policy_domain", "example.com");
  assert_value(f, "s1", "messages", "650");
  assert_value(f, "s1", "own_messages", "650");
  assert_value(f, "s1", "own_pass_share", "1");
  assert_value(f, "s1", "pass_share", "1");
  assert_value(f, "s1", "home", "192.0.2.0/24");
  assert_value(f, "s1", "home_share", "0.923077");
  assert_value(f, "s1", "homes", "1"); /* the other has less than a tenth */
  assert_value(f, "s1", "addresses", "2");
  assert_value(f, "s1", "service", "");
  assert_value(f, "s1", "not_passed", "");
  assert_value(f, "s1", "results", "result=pass messages=650");
  assert_value(f, "s1", "advice", "");
  assert_value(f, "s1", "first_seen", day_text(29, day));
  assert_value(f, "s1", "last_seen", day_text(0, day));
}

static void a_second_site_with_a_tenth_of_the_volume_is_a_home_too(void **state) {
  struct fixture *f = *state;
  mail(f, 0, OFFICE, 90, OFFICE_MAIL);
  mail(f, 0, "198.51.100.4", 10, OFFICE_MAIL);
  ask_selectors(f);
  assert_value(f, "s1", "homes", "2");
}

static void only_signatures_of_the_owners_organization_are_the_owners(void **state) {
  struct fixture *f = *state;
  mail(f, 0, OFFICE, 5,
       "dkim example.com/s1=pass; dkim news.example.com/s2=pass; dkim example.net/s3=pass; spf example.com=pass");
  ask_selectors(f);
  assert_int_equal(f->rows, 2);
  assert_true(has_row(f, "s1"));
  assert_value(f, "s2", "domain", "news.example.com");
}

static void a_signature_that_is_none_is_no_use(void **state) {
  struct fixture *f = *state;
  mail(f, 0, OFFICE, 5, "dkim example.com/s1=none; spf example.com=pass");
  ask_selectors(f);
  assert_int_equal(f->rows, 0);
  assert_non_null(f->table);
}

static void letters_of_a_selector_have_no_case(void **state) {
  struct fixture *f = *state;
  mail(f, 1, OFFICE, 5, "dkim example.com/S1=pass; spf example.com=pass");
  mail(f, 0, OFFICE, 5, OFFICE_MAIL);
  ask_selectors(f);
  assert_int_equal(f->rows, 1);
  assert_value(f, "s1", "messages", "10");
}

static void a_message_signed_twice_counts_once_by_its_best_result(void **state) {
  struct fixture *f = *state;
  mail(f, 0, OFFICE, 5, "dkim example.com/s1=fail; dkim example.com/s1=pass; spf example.com=pass");
  ask_selectors(f);
  assert_value(f, "s1", "results", "result=pass messages=5");
}

static void reporters_without_selectors_get_a_row_of_their_own(void **state) {
  struct fixture *f = *state;
  office(f, 3);
  mail(f, 0, OFFICE, 5, "dkim example.com/-=pass; spf example.com=pass");
  ask_selectors(f);
  assert_state(f, "", "unnamed");
  assert_value(f, "", "messages", "5");
  assert_state(f, "s1", "active");
}

static void results_other_than_pass_are_told_with_their_counts(void **state) {
  struct fixture *f = *state;
  office(f, 30);
  mail(f, 1, OFFICE, 1, "dkim example.com/s1=permerror; spf example.com=pass");
  mail(f, 1, OFFICE, 2, "dkim example.com/s1=fail; spf example.com=pass");
  mail(f, 1, OFFICE, 3, "dkim example.com/s1=-; spf example.com=pass");
  ask_selectors(f);
  assert_value(f, "s1", "not_passed", "fail 2, permerror 1, other 3");
  assert_value(
      f, "s1", "results",
      "result=pass messages=600; result=fail messages=2; result=permerror messages=1; result=other messages=3");
  assert_value(f, "s1", "own_pass_share", "0.990099");
}

static void the_only_service_that_signs_with_it_is_named(void **state) {
  struct fixture *f = *state;
  mail_daily(f, 9, 0, "198.51.100.1", 20, SES_MAIL);
  ask_selectors(f);
  assert_value(f, "k", "service", "Amazon SES");
  assert_value(f, "k", "home", "Amazon SES");
  mail(f, 0, OFFICE, 100, "dkim example.com/k=pass; spf example.com=pass");
  ask_selectors(f);
  assert_value(f, "k", "service", "");
  assert_value(f, "k", "home", "Amazon SES");
  assert_value(f, "k", "homes", "2");
}

/* --- selectors: states -------------------------------------------------------------------------------------------- */

static void who_is_silent_for_over_two_weeks_is_retired(void **state) {
  struct fixture *f = *state;
  char day[UTC_TEXT_BYTES];
  office(f, 40);
  mail_daily(f, 39, 14, SECOND, 20, SECOND_MAIL);
  ask_selectors(f);
  assert_state(f, "s2", "active");
  start_anew(f);
  office(f, 40);
  mail_daily(f, 39, 15, SECOND, 20, SECOND_MAIL);
  ask_selectors(f);
  assert_state(f, "s2", "retired");
  assert_value(f, "s2", "last_seen", day_text(15, day));
  assert_value(f, "s2", "advice", "silent for 15 days: its key can be withdrawn");
}

static void who_was_seen_on_three_days_has_no_rhythm_to_be_missed_by(void **state) {
  struct fixture *f = *state;
  office(f, 40);
  mail_daily(f, 33, 31, SECOND, 20, SECOND_MAIL);
  ask_selectors(f);
  assert_state(f, "s2", "silent");
  start_anew(f);
  office(f, 40);
  mail_daily(f, 34, 31, SECOND, 20, SECOND_MAIL);
  ask_selectors(f);
  assert_state(f, "s2", "retired");
}

static void silence_is_measured_by_the_longest_pause_before(void **state) {
  struct fixture *f = *state;
  const int last[] = {40, 41};
  static const char *const STATES[] = {"silent", "retired"};
  for (unsigned i = 0; i < ARRAY_SIZE(last); i++) {
    office(f, 40);
    for (int run = 3; run >= 0; run--) mail(f, last[i] + run * 20, SECOND, 50, SECOND_MAIL);
    ask_selectors(f);
    assert_state(f, "s2", STATES[i]);
    start_anew(f);
  }
}

static void what_is_silent_for_over_400_days_is_retired_whatever_its_rhythm(void **state) {
  struct fixture *f = *state;
  office(f, 40);
  mail(f, 400, SECOND, 50, SECOND_MAIL);
  ask_selectors(f);
  assert_state(f, "s2", "silent");
  start_anew(f);
  office(f, 40);
  mail(f, 401, SECOND, 50, SECOND_MAIL);
  ask_selectors(f);
  assert_state(f, "s2", "retired");
}

static void a_reporter_that_falls_silent_retires_nobody(void **state) {
  struct fixture *f = *state;
  f->org = "corporate.example.org";
  mail_daily(f, 39, 20, SECOND, 20, SECOND_MAIL);
  f->org = "receiver.example.net";
  office(f, 40);
  ask_selectors(f);
  assert_state(f, "s2", "active");
  f->org = "corporate.example.org"; /* it speaks again, and not of s2 */
  mail(f, 0, OFFICE, 20, OFFICE_MAIL);
  ask_selectors(f);
  assert_state(f, "s2", "retired");
}

/* It speaks on, and not of s2: as above. */
static void a_reporter_that_writes_its_name_in_other_letters_has_not_fallen_silent(void **state) {
  struct fixture *f = *state;
  f->org = "Corporate Example";
  mail_daily(f, 39, 20, SECOND, 20, SECOND_MAIL);
  f->org = "receiver.example.net";
  office(f, 40);
  f->org = "CORPORATE EXAMPLE";
  mail(f, 0, OFFICE, 20, OFFICE_MAIL);
  ask_selectors(f);
  assert_state(f, "s2", "retired");
}

static void forgers_do_not_keep_a_retired_selector_in_use(void **state) {
  struct fixture *f = *state;
  char day[UTC_TEXT_BYTES];
  office(f, 40);
  mail_daily(f, 39, 20, SECOND, 20, SECOND_MAIL);
  mail_daily(f, 2, 0, BOT, 500, "dkim example.com/s2=fail; spf example.com=fail");
  ask_selectors(f);
  assert_state(f, "s2", "retired");
  assert_value(f, "s2", "last_seen", day_text(20, day));
  assert_value(f, "s2", "own_pass_share", "1");
  assert_value(f, "s2", "pass_share", "0.210526");
  assert_value(f, "s2", "messages", "1900");
}

static void a_selector_that_fails_where_it_passed_is_broken(void **state) {
  struct fixture *f = *state;
  char day[UTC_TEXT_BYTES];
  mail_daily(f, 39, 3, OFFICE, 20, OFFICE_MAIL);
  mail_daily(f, 2, 0, OFFICE, 60, "dkim example.com/s1=fail; spf example.com=pass");
  ask_selectors(f);
  assert_state(f, "s1", "broken");
  assert_value(f, "s1", "broken_since", day_text(2, day));
}

/* `passed` and `failed` messages of a last run that is a fortnight away from the former mail. */
static void last_run(struct fixture *f, int64_t passed, int64_t failed) {
  start_anew(f);
  mail_daily(f, 39, 14, OFFICE, 20, OFFICE_MAIL);
  if (passed) mail(f, 0, OFFICE, passed, OFFICE_MAIL);
  mail(f, 0, OFFICE, failed, "dkim example.com/s1=fail; spf example.com=pass");
  ask_selectors(f);
}

static void half_a_run_that_fails_breaks_nothing_and_more_does(void **state) {
  struct fixture *f = *state;
  last_run(f, 10, 10);
  assert_state(f, "s1", "active");
  assert_value(f, "s1", "broken_since", "");
  last_run(f, 10, 11);
  assert_state(f, "s1", "broken");
}

static void a_run_of_less_than_ten_messages_breaks_nothing(void **state) {
  struct fixture *f = *state;
  last_run(f, 0, 9);
  assert_state(f, "s1", "active");
  last_run(f, 0, 10);
  assert_state(f, "s1", "broken");
}

static void the_last_run_is_of_seven_days(void **state) {
  struct fixture *f = *state;
  const char *fails = "dkim example.com/s1=fail; spf example.com=pass";
  mail_daily(f, 39, 7, OFFICE, 100, OFFICE_MAIL);
  mail_daily(f, 6, 0, OFFICE, 10, fails);
  ask_selectors(f);
  assert_state(f, "s1", "broken");
  start_anew(f);
  mail_daily(f, 39, 6, OFFICE, 100, OFFICE_MAIL);
  mail_daily(f, 5, 0, OFFICE, 10, fails);
  ask_selectors(f);
  assert_state(f, "s1", "active");
}

static void a_receivers_trouble_with_the_dns_breaks_nothing(void **state) {
  struct fixture *f = *state;
  mail_daily(f, 39, 3, OFFICE, 20, OFFICE_MAIL);
  mail_daily(f, 2, 0, OFFICE, 100, "dkim example.com/s1=temperror; spf example.com=pass");
  ask_selectors(f);
  assert_state(f, "s1", "active");
}

static void forged_signatures_break_nothing(void **state) {
  struct fixture *f = *state;
  office(f, 40);
  mail_daily(f, 2, 0, BOT, 5000, "dkim example.com/s1=fail; spf example.com=fail");
  ask_selectors(f);
  assert_state(f, "s1", "active");
  assert_value(f, "s1", "own_pass_share", "1");
}

static void a_selector_that_never_passed_is_forged_or_without_its_key(void **state) {
  struct fixture *f = *state;
  char day[UTC_TEXT_BYTES];
  office(f, 40);
  mail_daily(f, 2, 0, OFFICE, 20, "dkim example.com/new=permerror; spf example.com=pass");
  mail_daily(f, 2, 0, BOT, 20, "dkim example.com/fake=fail; spf example.com=fail");
  ask_selectors(f);
  assert_state(f, "new", "never_passed");
  assert_value(f, "new", "advice", "signs your mail and was never verified: publish its key, or sign with one that is");
  assert_value(f, "new", "home", "192.0.2.0/24");
  assert_value(f, "new", "broken_since", day_text(2, day));
  assert_value(f, "fake", "broken_since", "");
  assert_state(f, "fake", "never_passed");
  assert_value(f, "fake", "advice", "never verified, and none of your mail has it: forged, nothing to do");
  assert_value(f, "fake", "home", "");
  assert_value(f, "fake", "own_pass_share", "");
  mail(f, 0, OFFICE, 1, "dkim example.com/new=pass; spf example.com=pass");
  ask_selectors(f);
  assert_string_not_equal(value_of(f, "new", "state"), "never_passed");
}

static void a_selector_of_which_only_trouble_with_the_dns_is_known_never_passed(void **state) {
  struct fixture *f = *state;
  char day[UTC_TEXT_BYTES];
  mail_daily(f, 5, 0, OFFICE, 20, "dkim example.com/s1=temperror; spf example.com=pass");
  ask_selectors(f);
  assert_state(f, "s1", "never_passed");
  assert_value(f, "s1", "broken_since", day_text(5, day));
}

static void what_is_used_for_less_than_two_weeks_is_new(void **state) {
  struct fixture *f = *state;
  office(f, 40);
  mail_daily(f, 14, 0, SECOND, 20, SECOND_MAIL);
  ask_selectors(f);
  assert_state(f, "s2", "active");
  start_anew(f);
  office(f, 40);
  mail_daily(f, 13, 0, SECOND, 20, SECOND_MAIL);
  ask_selectors(f);
  assert_state(f, "s2", "new");
}

static void nothing_is_new_to_a_history_that_is_young_itself(void **state) {
  struct fixture *f = *state;
  mail_daily(f, 27, 0, OFFICE, 20, OFFICE_MAIL);
  mail_daily(f, 13, 0, SECOND, 20, SECOND_MAIL);
  ask_selectors(f);
  assert_state(f, "s2", "new");
  start_anew(f);
  mail_daily(f, 26, 0, OFFICE, 20, OFFICE_MAIL);
  mail_daily(f, 13, 0, SECOND, 20, SECOND_MAIL);
  ask_selectors(f);
  assert_state(f, "s2", "active");
}

static void a_period_narrows_what_is_counted(void **state) {
  struct fixture *f = *state;
  office(f, 40);
  f->filter.since_s = DAY_S(9);
  ask_selectors(f);
  assert_value(f, "s1", "messages", "200");
}

static void each_policy_domain_has_rows_of_its_own(void **state) {
  struct fixture *f = *state;
  office(f, 10);
  f->domain = f->header_from = "example.org";
  mail(f, 0, SECOND, 7, "dkim example.org/k1=pass; spf example.org=pass");
  ask_selectors(f);
  assert_int_equal(f->rows, 2);
  assert_value(f, "s1", "policy_domain", "example.com");
  assert_value(f, "k1", "policy_domain", "example.org");
  assert_value(f, "k1", "messages", "7");
  ask_compliance(f);
  assert_int_equal(f->rows, 2);
  assert_value(f, SECOND, "policy_domain", "example.org");
}

static void reports_of_a_clock_that_is_ahead_are_left_out(void **state) {
  struct fixture *f = *state;
  char day[UTC_TEXT_BYTES];
  office(f, 10);
  mail(f, -9, OFFICE, 1000, OFFICE_MAIL);
  ask_selectors(f);
  assert_value(f, "s1", "messages", "200");
  assert_value(f, "s1", "last_seen", day_text(0, day));
}

static void what_had_not_begun_by_the_day_of_asking_is_left_out(void **state) {
  struct fixture *f = *state;
  office(f, 40);
  f->basis.before_s = DAY_S(9);
  f->basis.as_of_s = DAY_S(9) - 1;
  ask_selectors(f);
  assert_value(f, "s1", "messages", "600");
}

static void nor_is_what_began_later_on_that_day_looked_at(void **state) {
  struct fixture *f = *state;
  office(f, 10);
  f->hours = 12;
  mail(f, 0, SECOND, 20, SECOND_MAIL);
  f->basis.before_s = f->basis.as_of_s = DAY_S(0) + 6 * 3600;
  ask_selectors(f);
  assert_int_equal(f->rows, 1);
  assert_value(f, "s1", "messages", "200");
}

static void a_count_that_could_not_be_read_adds_nothing(void **state) {
  struct fixture *f = *state;
  office(f, 10);
  mail(f, 0, OFFICE, FEEDBACK_COUNT_UNKNOWN, "dkim example.com/s9=pass; spf example.com=pass");
  ask_selectors(f);
  assert_value(f, "s9", "messages", "0");
  assert_value(f, "s9", "pass_share", "");
  ask_compliance(f);
  assert_value(f, OFFICE, "messages", "200");
}

static void a_domain_without_a_report_is_told_before_anything_is_printed(void **state) {
  struct fixture *f = *state;
  const char *const domains[] = {"example.org"};
  office(f, 3);
  f->question.of.domains = domains;
  f->question.of.domain_count = 1;
  assert_int_equal(question_selectors(&f->question, &f->sink, &f->e), ERR_NOT_FOUND);
  assert_null(f->table);
  assert_int_equal(question_compliance(&f->question, &f->sink, &f->e), ERR_NOT_FOUND);
  assert_null(f->table);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      T(a_selector_in_use_is_active_and_tells_where_it_is_at_home),
      T(a_second_site_with_a_tenth_of_the_volume_is_a_home_too),
      T(only_signatures_of_the_owners_organization_are_the_owners),
      T(a_signature_that_is_none_is_no_use),
      T(letters_of_a_selector_have_no_case),
      T(a_message_signed_twice_counts_once_by_its_best_result),
      T(reporters_without_selectors_get_a_row_of_their_own),
      T(results_other_than_pass_are_told_with_their_counts),
      T(the_only_service_that_signs_with_it_is_named),
      T(who_is_silent_for_over_two_weeks_is_retired),
      T(who_was_seen_on_three_days_has_no_rhythm_to_be_missed_by),
      T(silence_is_measured_by_the_longest_pause_before),
      T(what_is_silent_for_over_400_days_is_retired_whatever_its_rhythm),
      T(a_reporter_that_falls_silent_retires_nobody),
      T(a_reporter_that_writes_its_name_in_other_letters_has_not_fallen_silent),
      T(forgers_do_not_keep_a_retired_selector_in_use),
      T(a_selector_that_fails_where_it_passed_is_broken),
      T(half_a_run_that_fails_breaks_nothing_and_more_does),
      T(a_run_of_less_than_ten_messages_breaks_nothing),
      T(the_last_run_is_of_seven_days),
      T(a_receivers_trouble_with_the_dns_breaks_nothing),
      T(forged_signatures_break_nothing),
      T(a_selector_that_never_passed_is_forged_or_without_its_key),
      T(a_selector_of_which_only_trouble_with_the_dns_is_known_never_passed),
      T(what_is_used_for_less_than_two_weeks_is_new),
      T(nothing_is_new_to_a_history_that_is_young_itself),
      T(a_period_narrows_what_is_counted),
      T(each_policy_domain_has_rows_of_its_own),
      T(reports_of_a_clock_that_is_ahead_are_left_out),
      T(what_had_not_begun_by_the_day_of_asking_is_left_out),
      T(nor_is_what_began_later_on_that_day_looked_at),
      T(a_count_that_could_not_be_read_adds_nothing),
      T(a_domain_without_a_report_is_told_before_anything_is_printed),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
