/* SPDX-License-Identifier: Apache-2.0 */
/* A repaired sender is repaired, and one that others merely resemble is not. */
#include "verdict_kit.h"

/* A hundred and fifty days of good mail and of reports. */
static void long_history(struct world *w) {
  reports(w, policy(w, (struct seen_policy){.p = "none"}), 150, 0);
  signed_mail(w, "192.0.2.1", "example.com/s1", 150, 0, 100);
}

/* Mail of the owner's that the mailer sends since `first`, signed for him. */
static struct stream *signed_by_mailer(struct world *w, int first, int64_t messages) {
  struct stream *s = signed_mail(w, "203.0.113.200", "example.com/m1", first, 0, messages);
  s->service = &MAILER;
  s->identity = kept(w, "mailer.example");
  return s;
}

static void a_service_that_signs_where_it_did_not_is_repaired(void **state) {
  struct world *w = *state;
  long_history(w);
  struct stream *before = mailer_mail(w, &MAILER, 150, 60, 10);
  assert_string_equal(verdict_of(w), "NEEDS_DECISION");
  assert_true(before->dormant);
  signed_by_mailer(w, 59, 10);
  assert_string_equal(verdict_of(w), "READY");
  assert_false(before->dormant);
}

static void a_trickle_repairs_no_bulk(void **state) {
  struct world *w = *state;
  long_history(w);
  mailer_mail(w, &MAILER, 150, 60, 100);
  signed_by_mailer(w, 59, 24);
  assert_string_equal(verdict_of(w), "NEEDS_DECISION");
  start_anew(w);
  long_history(w);
  mailer_mail(w, &MAILER, 150, 60, 100);
  signed_by_mailer(w, 59, 26);
  assert_string_equal(verdict_of(w), "READY");
}

static void another_account_that_signed_all_along_repairs_nothing(void **state) {
  struct world *w = *state;
  long_history(w);
  signed_by_mailer(w, 150, 100);
  mailer_mail(w, &MAILER, 150, 60, 10);
  assert_string_equal(verdict_of(w), "NEEDS_DECISION");
}

static void an_account_that_came_long_after_repairs_nothing(void **state) {
  struct world *w = *state;
  long_history(w);
  mailer_mail(w, &MAILER, 150, 60, 10);
  signed_by_mailer(w, 52, 10);
  assert_string_equal(verdict_of(w), "NEEDS_DECISION");
}

static void a_single_run_is_no_rhythm_that_could_be_overdue(void **state) {
  struct world *w = *state;
  long_history(w);
  mailer_mail(w, &MAILER, 51, 50, 300);
  signed_by_mailer(w, 49, 300);
  assert_string_equal(verdict_of(w), "NEEDS_DECISION");
}

static void what_sends_monthly_is_not_overdue_in_the_second_month(void **state) {
  struct world *w = *state;
  long_history(w);
  struct stream *s = mailer_mail(w, &MAILER, 92, 92, 300);
  mail_every(s, 28, 64, 36, 300);
  signed_by_mailer(w, 35, 300);
  assert_string_equal(verdict_of(w), "NEEDS_DECISION");
  start_anew(w);
  long_history(w);
  s = mailer_mail(w, &MAILER, 120, 120, 300);
  mail_every(s, 28, 92, 64, 300);
  signed_by_mailer(w, 35, 300);
  assert_string_equal(verdict_of(w), "READY");
}

static void another_name_is_not_repaired_by_it(void **state) {
  struct world *w = *state;
  long_history(w);
  mailer_mail(w, &MAILER, 150, 60, 10)->header_from = kept(w, "news.example.com");
  signed_by_mailer(w, 59, 10);
  assert_string_equal(verdict_of(w), "NEEDS_DECISION");
}

static void a_machine_that_signs_since_then_is_repaired_however_it_paused(void **state) {
  struct world *w = *state;
  long_history(w);
  strange_mail(w, "198.51.100.7", 90, 60, 10);
  assert_string_equal(verdict_of(w), "NEEDS_DECISION");
  signed_mail(w, "198.51.100.7", "example.com/h1", 40, 0, 10);
  assert_string_equal(verdict_of(w), "READY");
}

/* Runs of a host with a key: all of them pass but that one. */
static void runs_but_for_one(struct world *w, const int *ago, unsigned count, int broken, int64_t messages) {
  struct stream *s = stream(w, "198.51.100.7", STREAM_SIGNED);
  signs_with(w, s, "example.com/n1");
  for (unsigned i = 0; i < count; i++)
    if (ago[i] != broken) mail(s, ago[i], ago[i], messages);
  broken_mail(w, "198.51.100.7", "example.com/n1", broken, broken, messages);
}

/* They fall on Saturday, Sunday, Monday, Thursday and Tuesday, and the one that failed on a Wednesday: by chance. */
static void a_month_that_failed_is_mended_by_the_months_since(void **state) {
  struct world *w = *state;
  static const int MONTHS[] = {146, 117, 88, 58, 29, 3};
  long_history(w);
  runs_but_for_one(w, MONTHS, ARRAY_SIZE(MONTHS), 58, 500);
  assert_string_equal(verdict_of(w), "READY");
}

/* Working days without Wednesday, for so many weeks, and a Wednesday on which all fails. */
static void mail_of_other_days_is_another_programs_once_it_keeps_to_them(void **state) {
  struct world *w = *state;
  for (int weeks = 2; weeks <= 3; weeks++) {
    start_anew(w);
    long_history(w);
    struct stream *s = stream(w, "198.51.100.7", STREAM_SIGNED);
    signs_with(w, s, "example.com/n1");
    for (int ago = 7 * weeks - 1; ago >= 0; ago--)
      if (ago % 7 != 2 && ago % 7 != 5 && ago % 7 != 6) mail(s, ago, ago, 100); /* day 0 is a Friday */
    broken_mail(w, "198.51.100.7", "example.com/n1", 37, 37, 500);
    assert_string_equal(verdict_of(w), weeks == 2 ? "READY" : "NOT_READY");
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      A(a_service_that_signs_where_it_did_not_is_repaired),
      A(a_trickle_repairs_no_bulk),
      A(another_account_that_signed_all_along_repairs_nothing),
      A(an_account_that_came_long_after_repairs_nothing),
      A(a_single_run_is_no_rhythm_that_could_be_overdue),
      A(what_sends_monthly_is_not_overdue_in_the_second_month),
      A(another_name_is_not_repaired_by_it),
      A(a_machine_that_signs_since_then_is_repaired_however_it_paused),
      A(a_month_that_failed_is_mended_by_the_months_since),
      A(mail_of_other_days_is_another_programs_once_it_keeps_to_them),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
