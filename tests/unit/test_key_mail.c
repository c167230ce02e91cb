/* SPDX-License-Identifier: Apache-2.0 */
/* Keys that sign on one host: what passes and what fails is each one's own. */
#include "judged_kit.h"
#include "verdict/judge_each.h"

#define RELAY "192.0.2.20"
#define MAIN "dkim example.com/main=pass; spf relay.example.net=pass"
#define MAIN_BROKEN "dkim example.com/main=fail; spf relay.example.net=pass"
#define APP "dkim example.com/app=pass; spf relay.example.net=pass"
#define APP_BROKEN "dkim example.com/app=fail; spf relay.example.net=pass"
#define BOTH "dkim example.com/main=pass; dkim example.com/app=pass; spf relay.example.net=pass"

struct answer {
  enum verdict verdict;
  double own_source, new_source_days;
  unsigned own_failing, blockers;
  char selector[64];
  enum failure_cause cause;
  int64_t messages, of_messages; /* of the first blocker, or else of the first of own_failing */
};

static int keep_answer(void *user, const struct history *h, const struct judgement *j, struct err *e) {
  (void)h, (void)e;
  struct answer *a = user;
  *a = (struct answer){.verdict = j->verdict,
                       .own_source = j->gates[GATE_OWN_SOURCE].figure,
                       .new_source_days = j->gates[GATE_NEW_SOURCE].figure,
                       .own_failing = j->own_failing.count,
                       .blockers = j->blockers.count};
  const struct findings *list = j->blockers.count ? &j->blockers : &j->own_failing;
  if (!list->count) return 0;
  snprintf(a->selector, sizeof a->selector, "%s", list->items[0].selector);
  a->messages = list->items[0].messages;
  a->cause = list->items[0].cause;
  a->of_messages = list->items[0].of_messages;
  return 0;
}

static struct answer ask(struct fixture *f) {
  struct answer a = {0};
  assert_ok(f, judge_each(&f->question.of, keep_answer, &a, &f->e));
  return a;
}

static const char *const REPORTERS[] = {"a.example.net", "b.example.net", "c.example.net", "d.example.net"};

/* To each of four receivers, from one relay. */
static void relayed(struct fixture *f, int first, int last, int64_t count, const char *results) {
  for (unsigned i = 0; i < ARRAY_SIZE(REPORTERS); i++) {
    f->org = REPORTERS[i];
    mail_daily(f, first, last, RELAY, count, results);
  }
}

static void what_passes_under_a_key_on_a_shared_host_is_that_keys(void **state) {
  struct fixture *f = *state;
  relayed(f, 39, 0, 100, MAIN);
  relayed(f, 39, 0, 20, APP);
  relayed(f, 20, 20, 12, APP_BROKEN);
  struct answer a = ask(f); /* 48 of 2,448 fail */
  assert_string_equal(verdict_word(a.verdict), "READY");
  assert_int_equal(a.own_failing, 0);
  assert_true(a.own_source > 98);
}

static void a_key_that_fails_more_than_it_may_is_told_with_its_own_figures(void **state) {
  struct fixture *f = *state;
  relayed(f, 39, 0, 100, MAIN);
  relayed(f, 39, 0, 4, APP);
  relayed(f, 20, 19, 24, APP_BROKEN); /* 192 of 672 */
  struct answer a = ask(f);
  assert_string_equal(verdict_word(a.verdict), "NOT_READY");
  assert_true(a.own_source > 70 && a.own_source < 80);
  assert_int_equal(a.blockers, 1);
  assert_string_equal(a.selector, "example.com/app");
  assert_int_equal(a.messages, 192);
}

static void a_key_that_fails_mostly_is_told_of_all_its_mail_and_no_more(void **state) {
  struct fixture *f = *state;
  relayed(f, 39, 0, 100, MAIN);
  relayed(f, 10, 10, 1, APP);
  relayed(f, 20, 20, 2, APP_BROKEN);
  struct answer a = ask(f);
  assert_string_equal(verdict_word(a.verdict), "READY");
  assert_int_equal(a.own_failing, 1);
  assert_string_equal(a.selector, "example.com/app");
  assert_int_equal(a.messages, 8);
  assert_int_equal(a.of_messages, 12);
}

static void a_message_with_two_signatures_is_mail_of_both_keys(void **state) {
  struct fixture *f = *state;
  relayed(f, 39, 0, 100, BOTH);
  relayed(f, 20, 20, 12, APP_BROKEN);
  struct answer a = ask(f);
  assert_string_equal(verdict_word(a.verdict), "READY");
  assert_int_equal(a.own_failing, 0);
}

/* Four in ten messages fail where nobody names the key. */
static void who_names_no_selector_tells_of_the_main_one(void **state) {
  struct fixture *f = *state;
  relayed(f, 39, 0, 100, MAIN);
  relayed(f, 20, 20, 2, MAIN_BROKEN);
  for (unsigned i = 0; i < 2; i++) {
    f->org = i ? "e.example.net" : "f.example.net";
    mail_daily(f, 39, 0, RELAY, 3, "dkim example.com/-=pass; spf relay.example.net=pass");
    mail_daily(f, 39, 0, RELAY, 2, "dkim example.com/-=fail; spf relay.example.net=pass");
  }
  struct answer a = ask(f);
  assert_string_equal(verdict_word(a.verdict), "READY");
  assert_true(a.own_source > 98);
}

static void another_keys_mail_does_not_speak_for_a_key_that_broke(void **state) {
  struct fixture *f = *state;
  relayed(f, 39, 0, 100, MAIN);
  relayed(f, 39, 5, 20, APP);
  relayed(f, 4, 0, 20, APP_BROKEN);
  struct answer a = ask(f);
  assert_string_equal(verdict_word(a.verdict), "NOT_READY");
  assert_string_equal(a.selector, "example.com/app");
  assert_int_equal(a.cause, CAUSE_KEY);
}

static void a_key_that_verifies_on_the_same_days_is_good(void **state) {
  struct fixture *f = *state;
  relayed(f, 39, 0, 100, MAIN);
  relayed(f, 39, 0, 20, APP);
  relayed(f, 4, 0, 10, APP_BROKEN);
  struct answer a = ask(f);
  assert_string_equal(verdict_word(a.verdict), "NOT_READY");
  assert_string_equal(a.selector, "example.com/app");
  assert_int_equal(a.cause, CAUSE_IN_TRANSIT);
}

static void a_new_key_on_a_shared_host_is_a_new_source_from_20_messages_on(void **state) {
  struct fixture *f = *state;
  for (int64_t messages = 19; messages <= 20; messages++) {
    start_anew(f);
    relayed(f, 39, 0, 100, MAIN);
    f->org = REPORTERS[0];
    mail(f, 3, RELAY, messages - 10, APP);
    mail(f, 1, RELAY, 10, APP);
    struct answer a = ask(f);
    assert_string_equal(verdict_word(a.verdict), messages == 20 ? "INSUFFICIENT_DATA" : "READY");
    assert_int_equal(a.new_source_days, messages == 20 ? 4 : 40);
  }
}

/* The old one is done with within days, or it is none. */
static void a_key_that_took_over_on_its_host_is_no_new_source(void **state) {
  struct fixture *f = *state;
  for (int last = 4; last >= 0; last--) {
    start_anew(f);
    relayed(f, 39, last, 100, MAIN);
    relayed(f, 4, 0, 100, APP);
    assert_int_equal(ask(f).new_source_days, last >= 2 ? 40 : 5);
  }
}

static void a_new_key_beside_the_old_one_on_a_message_or_without_a_name_is_none(void **state) {
  struct fixture *f = *state;
  static const char *const RESULTS[] = {BOTH, "dkim example.com/-=pass; spf relay.example.net=pass"};
  for (unsigned i = 0; i < ARRAY_SIZE(RESULTS); i++) {
    start_anew(f);
    relayed(f, 39, 4, 100, MAIN);
    relayed(f, 39, 0, 20, "dkim example.com/news=pass; spf relay.example.net=pass");
    relayed(f, 3, 0, 100, RESULTS[i]);
    struct answer a = ask(f);
    assert_string_equal(verdict_word(a.verdict), "READY");
    assert_int_equal(a.new_source_days, 40);
  }
}

static void keys_that_nobody_named_at_first_are_not_new(void **state) {
  struct fixture *f = *state;
  relayed(f, 39, 4, 100, "dkim example.com/-=pass; spf relay.example.net=pass");
  relayed(f, 3, 0, 100, MAIN);
  relayed(f, 2, 0, 20, APP);
  assert_int_equal(ask(f).new_source_days, 40);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      T(what_passes_under_a_key_on_a_shared_host_is_that_keys),
      T(a_key_that_fails_more_than_it_may_is_told_with_its_own_figures),
      T(a_key_that_fails_mostly_is_told_of_all_its_mail_and_no_more),
      T(a_message_with_two_signatures_is_mail_of_both_keys),
      T(who_names_no_selector_tells_of_the_main_one),
      T(another_keys_mail_does_not_speak_for_a_key_that_broke),
      T(a_key_that_verifies_on_the_same_days_is_good),
      T(a_key_that_took_over_on_its_host_is_no_new_source),
      T(a_new_key_on_a_shared_host_is_a_new_source_from_20_messages_on),
      T(a_new_key_beside_the_old_one_on_a_message_or_without_a_name_is_none),
      T(keys_that_nobody_named_at_first_are_not_new),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
