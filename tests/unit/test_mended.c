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

/* Two programs sign on one host. The one whose key was lost sends nothing since; the other goes on, and says nothing of
 * it. */
static void a_key_is_not_mended_by_the_other_one_on_its_host(void **state) {
  struct world *w = *state;
  for (int returned = 0; returned < 2; returned++) {
    start_anew(w);
    long_history(w);
    struct stream *s = signed_mail(w, "198.51.100.7", "example.com/shop", 150, 70, 100);
    broken_mail(w, "198.51.100.7", "example.com/shop", 69, 50, 100);
    const struct selector_use shop = s->selectors[0];
    signs_with(w, s, "example.com/office");
    mail(s, 49, 0, 100); /* signed for the office alone */
    s->selectors[0] = shop;
    if (returned) s->selectors[0].last_day = LAST_DAY;
    assert_string_equal(verdict_of(w), returned ? "READY" : "NOT_READY");
  }
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

/* --- what came to an end ------------------------------------------------------------------------------------------ */

/* A machine that fails in its last ten days, sends nothing since so many days, and what the owner's other machines send
 * more from then on. */
static void machine_that_went(struct world *w, int first, int silent, int more) {
  reports(w, policy(w, (struct seen_policy){.p = "none"}), 150, 0);
  mail(signed_mail(w, "192.0.2.1", "example.com/s1", 150, silent, 100), silent - 1, 0, 100 + more);
  signed_mail(w, "198.51.100.7", "example.com/h1", first, silent + 10, 60);
  broken_mail(w, "198.51.100.7", "example.com/h1", silent + 9, silent, 60);
}

static void a_machine_that_fell_silent_is_a_question_and_over_once_others_took_its_mail_over(void **state) {
  struct world *w = *state;
  static const struct {
    int first, silent, more;
    const char *verdict;
  } CASES[] = {{150, 45, 0, "NEEDS_DECISION"},  {150, 29, 60, "NOT_READY"}, /* a month is the least */
               {150, 30, 60, "READY"},          {150, 45, 60, "READY"},
               {150, 45, 29, "NEEDS_DECISION"},                             /* half of 60 */
               {150, 45, 30, "READY"},          {64, 45, 60, "NOT_READY"}}; /* twenty days are no rhythm */
  for (unsigned i = 0; i < ARRAY_SIZE(CASES); i++) {
    start_anew(w);
    machine_that_went(w, CASES[i].first, CASES[i].silent, CASES[i].more);
    assert_string_equal(verdict_of(w), CASES[i].verdict);
  }
}

static void the_question_of_a_silent_machine_has_an_answer(void **state) {
  struct world *w = *state;
  machine_that_went(w, 150, 45, 0);
  assert_non_null(strstr(judged(w)->blockers.items[0].repair,
                         "silent since 2024-08-21: if it is gone for good, 'dmarcctl label 198.51.100.7 ignore "
                         "--domain example.com' says so"));
  label(w, LABEL_ADDRESS, "198.51.100.7", LABEL_IGNORE);
  assert_string_equal(verdict_of(w), "READY");
}

/* What sends each month, or pauses for weeks, comes back. */
static void a_sender_whose_pauses_are_long_has_not_ended(void **state) {
  struct world *w = *state;
  for (int monthly = 0; monthly < 2; monthly++) {
    start_anew(w);
    reports(w, policy(w, (struct seen_policy){.p = "none"}), 300, 0);
    mail(signed_mail(w, "192.0.2.1", "example.com/s1", 300, 40, 100), 39, 0, 300);
    struct stream *s = signed_mail(w, "198.51.100.7", "example.com/h1", 280, 280, 500);
    if (monthly)
      mail_every(s, 30, 250, 70, 500);
    else
      mail_every(s, 1, 250, 60, 50);
    broken_mail(w, "198.51.100.7", "example.com/h1", 40, 40, 500);
    assert_string_equal(verdict_of(w), "NOT_READY");
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
      A(a_key_is_not_mended_by_the_other_one_on_its_host),
      A(mail_of_other_days_is_another_programs_once_it_keeps_to_them),
      A(a_machine_that_fell_silent_is_a_question_and_over_once_others_took_its_mail_over),
      A(the_question_of_a_silent_machine_has_an_answer),
      A(a_sender_whose_pauses_are_long_has_not_ended),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
