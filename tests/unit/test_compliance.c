/* SPDX-License-Identifier: Apache-2.0 */
/* The question behind compliance: what each message misses, whose mail counts, and who is a bulk sender. */
#include "judged_kit.h"

/* --- compliance: one message -------------------------------------------------------------------------------------- */

static void mail_that_passes_all_three_meets_the_bar(void **state) {
  struct fixture *f = *state;
  office(f, 5);
  ask_compliance(f);
  assert_int_equal(f->rows, 1);
  assert_value(f, OFFICE, "messages", "100");
  assert_value(f, OFFICE, "spf_pass_share", "1");
  assert_value(f, OFFICE, "dkim_pass_share", "1");
  assert_value(f, OFFICE, "aligned_share", "1");
  assert_value(f, OFFICE, "bulk_pass_share", "1");
  assert_value(f, OFFICE, "dmarc_pass_bulk_fail", "0");
  assert_value(f, OFFICE, "missing", "");
  assert_value(f, OFFICE, "repair", "");
  assert_value(f, OFFICE, "class", "own");
  assert_value(f, OFFICE, "policy", "none");
}

/* One source of the owner's whose mail has these results; what it falls short of. */
static void assert_missing(struct fixture *f, const char *results, const char *bulk, const char *short_of,
                           const char *missing) {
  start_anew(f);
  mail_daily(f, 9, 0, OFFICE, 10, results);
  ask_compliance(f);
  assert_value(f, OFFICE, "bulk_pass_share", bulk);
  assert_value(f, OFFICE, "dmarc_pass_bulk_fail", short_of);
  assert_value(f, OFFICE, "missing", missing);
}

static void mail_that_passes_dmarc_may_fall_short(void **state) {
  struct fixture *f = *state;
  assert_missing(f, "spf example.com=pass", "0", "100", "no DKIM signature");
  assert_missing(f, "dkim example.com/s1=none; spf example.com=pass", "0", "100", "no DKIM signature");
  assert_missing(f, "dkim example.com/s1=fail; spf example.com=pass", "0", "100", "DKIM fails");
}

static void mail_that_is_signed_needs_spf_too(void **state) {
  struct fixture *f = *state;
  mail_daily(f, 9, 0, OFFICE, 10, OFFICE_MAIL); /* the home of the selector */
  mail_daily(f, 9, 0, OFFICE, 10, "dkim example.com/s1=pass; spf mail.example.com=softfail");
  mail_daily(f, 9, 0, SECOND, 10, "dkim example.com/s1=pass; spf bounce.example.net=none");
  mail_daily(f, 9, 0, "192.0.2.12", 10, "dkim example.com/s1=pass");
  ask_compliance(f);
  assert_value(f, OFFICE, "bulk_pass_share", "0.5");
  assert_value(f, OFFICE, "dmarc_pass_bulk_fail", "100");
  assert_value(f, OFFICE, "missing", "SPF fails");
  assert_value(f, OFFICE, "repair", "authorise it in the SPF record of mail.example.com");
  assert_value(f, SECOND, "missing", "no SPF");
  assert_value(f, "192.0.2.12", "missing", "no SPF");
  assert_value(f, "192.0.2.12", "dmarc_pass_bulk_fail", "100");
}

static void any_domain_may_sign_where_spf_is_aligned(void **state) {
  struct fixture *f = *state;
  assert_missing(f, "dkim example.net/x=pass; spf example.com=pass", "1", "0", "");
}

static void the_envelopes_domain_decides_not_helo(void **state) {
  struct fixture *f = *state;
  mail_daily(f, 9, 0, OFFICE, 10, "dkim example.com/s1=pass; spf example.com=fail; helo mx.example.com=pass");
  mail_daily(f, 9, 0, SECOND, 10, "dkim example.com/s1=pass; helo mx.example.net=pass"); /* a null reverse-path */
  ask_compliance(f);
  assert_value(f, OFFICE, "spf_pass_share", "0");
  assert_value(f, SECOND, "spf_pass_share", "1");
}

static void mail_that_nobody_evaluated_is_left_out(void **state) {
  struct fixture *f = *state;
  office(f, 5); /* so that the address is a home */
  f->not_evaluated = true;
  mail(f, 0, OFFICE, 90, OFFICE_MAIL);
  ask_compliance(f);
  assert_value(f, OFFICE, "messages", "100");
  assert_value(f, OFFICE, "domain_without_verdict", "90");
  assert_value(f, OFFICE, "aligned_share", "1");
  assert_value(f, OFFICE, "missing", "");
}

static void mail_that_fails_dmarc_too_does_not_fall_short_of_it(void **state) {
  struct fixture *f = *state;
  office(f, 5);
  mail(f, 0, OFFICE, 100, "dkim example.com/s1=fail; spf example.net=pass");
  ask_compliance(f);
  assert_value(f, OFFICE, "class", "own");
  assert_value(f, OFFICE, "messages", "200");
  assert_value(f, OFFICE, "dmarc_pass_bulk_fail", "0");
  assert_value(f, OFFICE, "missing", "DKIM fails not aligned");
}

static void a_miss_of_less_than_a_hundredth_is_not_spoken_of(void **state) {
  struct fixture *f = *state;
  mail(f, 0, OFFICE, 99, OFFICE_MAIL);
  mail(f, 0, OFFICE, 1, "spf example.com=pass");
  ask_compliance(f);
  assert_value(f, OFFICE, "missing", "no DKIM signature");
  mail(f, 0, OFFICE, 1, OFFICE_MAIL);
  ask_compliance(f);
  assert_value(f, OFFICE, "missing", "");
  assert_value(f, OFFICE, "no_dkim_signature", "1");
}

#define KEY_IS_THERE "find what changes a part of its mail after it was signed"
#define KEY_IS_NOT "check that the key it signs with is published and is the one that signs"

/* It is not the key's fault where the same key verifies at the same host on the same day. */
static void a_signature_fails_for_the_cause_that_readiness_finds(void **state) {
  struct fixture *f = *state;
  for (int same_day = 0; same_day < 2; same_day++) {
    start_anew(f);
    mail(f, same_day ? 0 : 1, OFFICE, 51, OFFICE_MAIL);
    mail(f, 0, OFFICE, 52, "dkim example.com/s1=fail; spf example.com=pass");
    ask_compliance(f);
    assert_value(f, OFFICE, "repair", same_day ? KEY_IS_THERE : KEY_IS_NOT);
  }
}

static void a_key_that_cannot_be_read_is_not_changed_mail(void **state) {
  struct fixture *f = *state;
  for (int rotated = 0; rotated < 2; rotated++) {
    start_anew(f);
    mail_daily(f, 29, 10, OFFICE, 20, OFFICE_MAIL);
    mail_daily(f, 9, 0, OFFICE, 5,
               rotated ? "dkim example.com/s2=permerror; spf example.com=pass"
                       : "dkim example.com/s1=fail; spf example.com=pass");
    mail_daily(f, 9, 0, OFFICE, 15, rotated ? "dkim example.com/s2=permerror; spf example.com=pass" : OFFICE_MAIL);
    ask_compliance(f);
    assert_value(f, OFFICE, "repair", rotated ? KEY_IS_NOT : KEY_IS_THERE);
  }
}

static void what_the_dns_did_not_answer_or_the_receiver_contradicts_is_left_out(void **state) {
  struct fixture *f = *state;
  office(f, 5);
  mail(f, 1, OFFICE, 7, "dkim example.com/s1=temperror; spf example.net=pass");
  mail(f, 1, OFFICE, 3, "dkim example.com/s1=pass; spf example.com=temperror"); /* it passes DMARC, but its SPF? */
  ask_compliance(f);
  assert_value(f, OFFICE, "messages", "100");
  assert_value(f, OFFICE, "bulk_pass_share", "1");
  assert_value(f, OFFICE, "missing", "");
  assert_value(f, OFFICE, "repair", "");
  assert_value(f, OFFICE, "domain_without_verdict", "10");
  mail(f, 1, OFFICE, 5, "dkim example.com/s1=pass; dkim example.net/x=temperror; spf example.com=pass");
  mail(f, 1, OFFICE, 5, "dkim example.com/s1=fail; spf example.com=softfail");
  ask_compliance(f);
  assert_value(f, OFFICE, "messages", "110");
  assert_value(f, OFFICE, "dkim_fails", "5");
  assert_value(f, OFFICE, "domain_without_verdict", "10");
}

static void the_domain_of_most_failing_spf_is_the_one_to_repair(void **state) {
  struct fixture *f = *state;
  mail(f, 2, OFFICE, 100, OFFICE_MAIL);
  mail(f, 1, OFFICE, 10, "dkim example.com/s1=pass; spf a.example.com=fail");
  mail(f, 0, OFFICE, 30, "dkim example.com/s1=pass; spf b.example.com=fail");
  mail(f, 0, OFFICE, 10, "dkim example.com/s1=pass; spf c.example.com=fail");
  ask_compliance(f);
  assert_value(f, OFFICE, "repair", "authorise it in the SPF record of b.example.com");
}

/* --- compliance: whose mail, and when ----------------------------------------------------------------------------- */

static void the_addresses_of_a_service_are_one_source(void **state) {
  struct fixture *f = *state;
  mail_daily(f, 9, 0, "198.51.100.1", 20, SES_MAIL);
  mail_daily(f, 9, 0, "198.51.100.99", 20, SES_MAIL);
  mail_daily(f, 9, 0, "203.0.113.99", 20, "dkim example.com/k=fail; dkim amazonses.com/x=pass; spf amazonses.com=pass");
  ask_compliance(f);
  assert_int_equal(f->rows, 1);
  assert_value(f, "Amazon SES", "addresses", "3");
  assert_value(f, "Amazon SES", "service", "Amazon SES");
  assert_value(f, "Amazon SES", "messages", "600");
  assert_value(f, "Amazon SES", "missing", "not aligned");
  assert_string_equal(value_of(f, "Amazon SES", "repair"), sender_by_name(f->catalogue, "Amazon SES")->repair);
}

static void strangers_and_forwarders_are_left_out_and_counted(void **state) {
  struct fixture *f = *state;
  office(f, 10);
  mail(f, 0, BOT, 300, "spf example.com=fail");
  mail(f, 0, "198.51.100.77", 1, "dkim example.com/s1=pass; spf example.com=fail");
  ask_compliance(f);
  assert_int_equal(f->rows, 1);
  assert_value(f, OFFICE, "domain_foreign", "300");
  assert_value(f, OFFICE, "domain_forwarded", "1");
}

static void a_domain_without_own_mail_has_a_row_without_a_source(void **state) {
  struct fixture *f = *state;
  mail(f, 0, BOT, 300, "spf example.com=fail");
  ask_compliance(f);
  assert_int_equal(f->rows, 1);
  assert_value(f, "", "policy_domain", "example.com");
  assert_value(f, "", "messages", "0");
  assert_value(f, "", "bulk_pass_share", "");
  assert_value(f, "", "class", "");
  assert_value(f, "", "domain_foreign", "300");
}

static void the_window_is_judged_or_the_period_that_is_asked_for(void **state) {
  struct fixture *f = *state;
  char day[UTC_TEXT_BYTES];
  office(f, 60);
  ask_compliance(f);
  assert_value(f, OFFICE, "messages", "600");
  assert_value(f, OFFICE, "first_day", day_text(29, day));
  assert_value(f, OFFICE, "last_day", day_text(0, day));
  f->filter.since_s = DAY_S(49);
  ask_compliance(f);
  assert_value(f, OFFICE, "messages", "1000");
  assert_value(f, OFFICE, "first_day", day_text(49, day));
  f->filter.since_s = FILTER_OPEN_BEGIN;
  f->filter.until_s = DAY_S(39);
  ask_compliance(f);
  assert_value(f, OFFICE, "messages", "400");
  assert_value(f, OFFICE, "first_day", day_text(59, day));
  assert_value(f, OFFICE, "last_day", day_text(40, day));
}

/* --- compliance: who is a bulk sender ----------------------------------------------------------------------------- */

static void over_5000_messages_on_a_day_make_a_bulk_sender(void **state) {
  struct fixture *f = *state;
  f->org = "google.com";
  mail(f, 1, OFFICE, 5000, OFFICE_MAIL);
  ask_compliance(f);
  assert_value(f, OFFICE, "domain_bulk_days", "0");
  mail(f, 0, OFFICE, 5000, OFFICE_MAIL); /* two reports on a day count together, two days do not */
  mail(f, 0, OFFICE, 1, OFFICE_MAIL);
  ask_compliance(f);
  assert_value(f, OFFICE, "domain_bulk_days", "1");
  assert_value(f, OFFICE, "domain_volumes",
               "receiver=Google days=2 bulk_days=1 last_bulk_day=2024-10-04 most_messages=5001 most_day=2024-10-04");
}

static void what_forgers_send_makes_nobody_a_bulk_sender(void **state) {
  struct fixture *f = *state;
  f->org = "google.com";
  mail(f, 0, OFFICE, 4000, OFFICE_MAIL);
  mail(f, 0, BOT, 4000, "spf example.com=fail");
  ask_compliance(f);
  assert_value(f, OFFICE, "domain_bulk_days", "0");
}

static void each_receiver_counts_for_itself_and_others_do_not(void **state) {
  struct fixture *f = *state;
  const char *const orgs[] = {"google.com", "Yahoo", "Outlook.com", "Enterprise Outlook", "receiver.example.net"};
  for (unsigned i = 0; i < ARRAY_SIZE(orgs); i++) {
    f->org = orgs[i];
    mail(f, 0, OFFICE, 4000, OFFICE_MAIL);
  }
  ask_compliance(f);
  assert_value(f, OFFICE, "domain_bulk_days", "0");
  assert_value(f, OFFICE, "domain_volumes",
               "receiver=Google days=1 bulk_days=0 most_messages=4000 most_day=2024-10-04; "
               "receiver=Yahoo days=1 bulk_days=0 most_messages=4000 most_day=2024-10-04; "
               "receiver=Microsoft days=1 bulk_days=0 most_messages=4000 most_day=2024-10-04");
}

static void a_report_on_a_week_says_nothing_of_a_day(void **state) {
  struct fixture *f = *state;
  f->org = "google.com";
  f->flags = FEEDBACK_PERIOD_LONG;
  mail(f, 0, OFFICE, 9000, OFFICE_MAIL);
  ask_compliance(f);
  assert_value(f, OFFICE, "domain_volumes", "");
}

static void bulk_days_are_counted_beyond_the_window(void **state) {
  struct fixture *f = *state;
  f->org = "google.com";
  mail(f, 200, OFFICE, 6000, OFFICE_MAIL);
  mail_daily(f, 29, 0, OFFICE, 20, OFFICE_MAIL);
  ask_compliance(f);
  assert_value(f, OFFICE, "messages", "600");
  assert_value(f, OFFICE, "domain_bulk_days", "1");
}

static void receivers_are_known_by_the_names_they_report_under(void **state) {
  (void)state;
  assert_int_equal(compliance_receiver_of("GOOGLE.COM"), RECEIVER_GOOGLE);
  assert_int_equal(compliance_receiver_of("Google, Inc."), RECEIVER_GOOGLE);
  assert_int_equal(compliance_receiver_of("AOL"), RECEIVER_YAHOO);
  assert_int_equal(compliance_receiver_of("Yahoo! Inc."), RECEIVER_YAHOO);
  assert_int_equal(compliance_receiver_of("Outlook.com"), RECEIVER_MICROSOFT);
  assert_int_equal(compliance_receiver_of("Microsoft Corp."), RECEIVER_MICROSOFT);
  assert_int_equal(compliance_receiver_of("Enterprise Outlook"), RECEIVERS);
  assert_int_equal(compliance_receiver_of("notgoogle.com"), RECEIVERS);
  assert_int_equal(compliance_receiver_of(""), RECEIVERS);
  assert_int_equal(compliance_receiver_of(NULL), RECEIVERS);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      T(mail_that_passes_all_three_meets_the_bar),
      T(mail_that_passes_dmarc_may_fall_short),
      T(mail_that_is_signed_needs_spf_too),
      T(any_domain_may_sign_where_spf_is_aligned),
      T(the_envelopes_domain_decides_not_helo),
      T(mail_that_nobody_evaluated_is_left_out),
      T(mail_that_fails_dmarc_too_does_not_fall_short_of_it),
      T(a_miss_of_less_than_a_hundredth_is_not_spoken_of),
      T(a_signature_fails_for_the_cause_that_readiness_finds),
      T(a_key_that_cannot_be_read_is_not_changed_mail),
      T(what_the_dns_did_not_answer_or_the_receiver_contradicts_is_left_out),
      T(the_domain_of_most_failing_spf_is_the_one_to_repair),
      T(the_addresses_of_a_service_are_one_source),
      T(strangers_and_forwarders_are_left_out_and_counted),
      T(a_domain_without_own_mail_has_a_row_without_a_source),
      T(the_window_is_judged_or_the_period_that_is_asked_for),
      T(over_5000_messages_on_a_day_make_a_bulk_sender),
      T(what_forgers_send_makes_nobody_a_bulk_sender),
      T(each_receiver_counts_for_itself_and_others_do_not),
      T(a_report_on_a_week_says_nothing_of_a_day),
      T(bulk_days_are_counted_beyond_the_window),
      cmocka_unit_test(receivers_are_known_by_the_names_they_report_under),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
