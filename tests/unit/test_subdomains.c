/* SPDX-License-Identifier: Apache-2.0 */
/* Mail of subdomains that fails: named, and no reason for the domain itself to wait. */
#include "verdict_kit.h"

#define NEWS "news.example.com"

/* A service that sends as a subdomain, with nothing of the owner's. */
static struct stream *mail_below(struct world *w, const char *name, int64_t messages) {
  struct stream *s = mailer_mail(w, &MAILER, 59, 0, messages);
  s->header_from = kept(w, name);
  return s;
}

static void a_subdomain_that_fails_holds_the_whole_and_not_the_domain_alone(void **state) {
  struct world *w = *state;
  good_mail(w, "none");
  mail_below(w, NEWS, 10);
  assert_string_equal(verdict_of(w), "NEEDS_DECISION");
  assert_non_null(w->j.alone);
  assert_int_equal(w->j.alone->verdict, VERDICT_READY);
  assert_string_equal(w->j.alone->next_record, "v=DMARC1; p=quarantine; sp=none; rua=<keep yours>");
  assert_string_equal(w->j.next_record, "v=DMARC1; p=quarantine; rua=<keep yours>");
}

static void what_fails_as_the_domain_itself_is_not_helped_by_sp(void **state) {
  struct world *w = *state;
  good_mail(w, "none");
  mail_below(w, NEWS, 10);
  mailer_mail(w, &OTHER_MAILER, 59, 0, 10);
  assert_string_equal(verdict_of(w), "NEEDS_DECISION");
  assert_null(w->j.alone);
}

static void sp_leaves_the_subdomains_at_what_is_in_force(void **state) {
  struct world *w = *state;
  good_mail(w, "quarantine");
  mail_below(w, NEWS, 10);
  judged(w);
  assert_string_equal(w->j.alone->next_record, "v=DMARC1; p=reject; sp=quarantine; rua=<keep yours>");
  start_anew(w);
  reports(w, policy(w, (struct seen_policy){.p = "quarantine", .testing = 'y'}), 59, 0);
  signed_mail(w, "192.0.2.1", "example.com/s1", 59, 0, 100);
  mail_below(w, NEWS, 10);
  judged(w);
  assert_string_equal(w->j.alone->next_record, "v=DMARC1; p=quarantine; sp=none; rua=<keep yours>");
}

/* The answer about subdomains must not touch the SPF record and the policy of the domain, which sends. */
static void the_question_below_is_answered_by_sp(void **state) {
  struct world *w = *state;
  reports(w, policy(w, (struct seen_policy){.p = "quarantine", .sp = "none"}), 59, 0);
  signed_mail(w, "192.0.2.1", "example.com/s1", 59, 0, 100);
  strange_mail(w, "203.0.113.7", 20, 20, 50)->header_from = kept(w, NEWS);
  judged(w);
  assert_non_null(w->j.below);
  assert_int_equal(w->j.below->verdict, VERDICT_NEEDS_DECISION);
  assert_int_equal(w->j.below->blockers.count, 1);
  const char *repair = w->j.below->blockers.items[0].repair;
  assert_non_null(strstr(repair, "publish sp=reject"));
  assert_null(strstr(repair, "-all"));
  assert_null(strstr(repair, " p=reject"));
}

static void at_the_target_nothing_is_offered(void **state) {
  struct world *w = *state;
  good_mail(w, "reject");
  mail_below(w, NEWS, 10);
  assert_string_equal(verdict_of(w), "NEEDS_DECISION");
  assert_null(w->j.alone);
}

static void a_domain_without_mail_of_its_own_is_no_step(void **state) {
  struct world *w = *state;
  good_mail(w, "none")->header_from = kept(w, "mail.example.com");
  mail_below(w, NEWS, 10);
  assert_string_equal(verdict_of(w), "NEEDS_DECISION");
  assert_null(w->j.alone);
}

static void subdomains_that_fail_are_named_largest_first_and_bounded(void **state) {
  struct world *w = *state;
  good_mail(w, "none");
  for (int i = 0; i < MOST_FAILING_BELOW + 2; i++) {
    char name[32];
    snprintf(name, sizeof name, "n%d.example.com", i);
    mail_below(w, name, 10 + i);
  }
  struct stream *broken = broken_mail(w, "192.0.2.1", "example.com/s1", 59, 0, 20);
  broken->header_from = kept(w, NEWS);
  const struct failing_subdomains *list = &judged(w)->failing_below;
  assert_int_equal(list->count, MOST_FAILING_BELOW);
  assert_int_equal(list->left_out, 3);
  assert_string_equal(list->items[0].name, NEWS);
  assert_int_equal(list->items[0].own, 30 * 20);
  assert_int_equal(list->items[0].undecided, 0);
  assert_string_equal(list->items[1].name, "n6.example.com");
  assert_int_equal(list->items[1].undecided, 30 * 16);
}

static void invented_names_are_not_listed(void **state) {
  struct world *w = *state;
  good_mail(w, "none");
  strange_mail(w, "198.51.100.7", 20, 20, 30)->header_from = kept(w, "pay17.example.com");
  assert_string_equal(verdict_of(w), "READY");
  assert_int_equal(w->j.failing_below.count, 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      A(a_subdomain_that_fails_holds_the_whole_and_not_the_domain_alone),
      A(what_fails_as_the_domain_itself_is_not_helped_by_sp),
      A(sp_leaves_the_subdomains_at_what_is_in_force),
      A(the_question_below_is_answered_by_sp),
      A(at_the_target_nothing_is_offered),
      A(a_domain_without_mail_of_its_own_is_no_step),
      A(subdomains_that_fail_are_named_largest_first_and_bounded),
      A(invented_names_are_not_listed),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
