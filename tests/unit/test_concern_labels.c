/* SPDX-License-Identifier: Apache-2.0 */
/* Labels that time overtakes: reviews that are due, and mail that is not as its owner expects. */
#include "concern_kit.h"

/* The owner said of CRM, so many days ago, that it is theirs. */
static struct label *label_crm(struct fixture *f, struct label *l, int ago) {
  *l = (struct label){.subject = LABEL_ADDRESS,
                      .source = CRM,
                      .domain = "example.com",
                      .verdict = LABEL_LEGITIMATE,
                      .made_s = DAY_S(ago),
                      .until_s = FEEDBACK_TIME_UNKNOWN};
  f->labels = (struct labels){.items = l, .count = 1};
  return l;
}

static void a_label_is_to_be_reviewed_from_the_day_on_that_was_said(void **state) {
  struct fixture *f = *state;
  struct label kept, *l = label_crm(f, &kept, 40);
  office(f, 50);
  mail_daily(f, 49, 0, CRM, 10, CRM_MAIL);
  l->review_s = DAY_S(8);
  assert_states(f, CONCERN_REVIEW_DUE, CRM, 10, 0, "..nnnnooooo");
  l->made_s = DAY_S(3); /* with a day that was over: nobody could be told before */
  assert_states(f, CONCERN_REVIEW_DUE, CRM, 5, 0, "..nnnn");
  l->review_s = DAY_S(-1);
  assert_states(f, CONCERN_REVIEW_DUE, CRM, 1, 0, "..");
  l->review_s = DAY_S(8);
  l->until_s = DAY_S(2);
  assert_states(f, CONCERN_REVIEW_DUE, CRM, 3, 0, "n...");
}

static void a_review_of_all_domains_is_due_where_there_is_such_mail(void **state) {
  struct fixture *f = *state;
  struct label kept, *l = label_crm(f, &kept, 40);
  office(f, 50);
  l->review_s = DAY_S(8);
  l->domain = NULL;
  assert_states(f, CONCERN_REVIEW_DUE, CRM, 1, 0, "..");
  mail(f, 20, CRM, 10, CRM_MAIL);
  assert_states(f, CONCERN_REVIEW_DUE, CRM, 1, 0, "oo");
  l->domain = "example.org";
  assert_states(f, CONCERN_REVIEW_DUE, CRM, 1, 0, "..");
}

static void mail_that_falls_short_of_what_is_expected_is_told_until_it_comes_again(void **state) {
  struct fixture *f = *state;
  struct label kept, *l = label_crm(f, &kept, 55);
  l->expected = (struct label_volume){70, 7};
  office(f, 60);
  mail_daily(f, 59, 30, CRM, 10, CRM_MAIL);
  mail_daily(f, 19, 0, CRM, 10, CRM_MAIL);
  /* Four days without are more than half a week: from the 26th day on, told on the third such day. On the 16th half a
   * week has come again, and two days more make it sure. */
  assert_states(f, CONCERN_EXPECTED_VOLUME, CRM, 27, 6, "...nnnnooooooggggggg..");
  const struct told t = ask_as_of(f, 20, CONCERN_EXPECTED_VOLUME, CRM);
  assert_int_equal(t.concern.came, 0);
  assert_int_equal(t.concern.came_days, 7);
  assert_int_equal((int)t.concern.expected, 70);
  l->expected = (struct label_volume){10, 1};
  assert_states(f, CONCERN_EXPECTED_VOLUME, CRM, 25, 24, ".n");
  l->expected = (struct label_volume){300, 30};
  assert_states(f, CONCERN_EXPECTED_VOLUME, CRM, 24, 20, ".....");
  l->domain = NULL; /* of all domains together: nobody knows how much of it is this one's */
  l->expected = (struct label_volume){700, 7};
  assert_states(f, CONCERN_EXPECTED_VOLUME, CRM, 20, 0, ".....................");
}

static void mail_far_beyond_what_is_expected_is_told_too(void **state) {
  struct fixture *f = *state;
  struct label kept, *l = label_crm(f, &kept, 55);
  l->expected = (struct label_volume){35, 7};
  office(f, 60);
  mail_daily(f, 59, 0, CRM, 10, CRM_MAIL);
  assert_states(f, CONCERN_EXPECTED_VOLUME, CRM, 3, 0, "....");
  l->expected.messages = 34;
  assert_states(f, CONCERN_EXPECTED_VOLUME, CRM, 3, 0, "oooo");
  l->made_s = DAY_S(2); /* what is said today is compared with what came before, and told today */
  assert_states(f, CONCERN_EXPECTED_VOLUME, CRM, 3, 0, ".nnn");
}

/* Half of what is expected, by turns a little more and a little less. */
static void mail_at_the_bound_is_told_once_and_stays(void **state) {
  struct fixture *f = *state;
  struct label kept, *l = label_crm(f, &kept, 55);
  l->expected = (struct label_volume){70, 7};
  office(f, 60);
  for (int ago = 59; ago >= 0; ago -= 2) mail(f, ago, CRM, 10, CRM_MAIL);
  assert_states(f, CONCERN_EXPECTED_VOLUME, CRM, 40, 20, "ooooooooooooooooooooo");
}

/* Days of which nobody tells are no days without mail. */
static void a_gap_in_the_reports_is_no_lack_of_mail(void **state) {
  struct fixture *f = *state;
  struct label kept, *l = label_crm(f, &kept, 55);
  l->expected = (struct label_volume){100, 7}; /* of four days 40, where 57 are expected */
  for (int ago = 59; ago >= 0; ago--) {
    if (ago % 7 == 3 || ago % 7 == 4 || ago % 7 == 5) continue;
    mail(f, ago, OFFICE, 20, OFFICE_MAIL);
    mail(f, ago, CRM, 10, CRM_MAIL);
  }
  assert_states(f, CONCERN_EXPECTED_VOLUME, CRM, 40, 20, ".....................");
}

static void a_week_of_which_few_days_are_told_of_says_nothing(void **state) {
  struct fixture *f = *state;
  struct label kept, *l = label_crm(f, &kept, 55);
  l->expected = (struct label_volume){100, 7};
  for (int ago = 59; ago >= 0; ago--)
    if (ago % 7 < 3) mail(f, ago, OFFICE, 20, OFFICE_MAIL);
  assert_states(f, CONCERN_EXPECTED_VOLUME, CRM, 40, 20, ".....................");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      T(a_label_is_to_be_reviewed_from_the_day_on_that_was_said),
      T(a_review_of_all_domains_is_due_where_there_is_such_mail),
      T(mail_that_falls_short_of_what_is_expected_is_told_until_it_comes_again),
      T(mail_far_beyond_what_is_expected_is_told_too),
      T(mail_at_the_bound_is_told_once_and_stays),
      T(a_gap_in_the_reports_is_no_lack_of_mail),
      T(a_week_of_which_few_days_are_told_of_says_nothing),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
