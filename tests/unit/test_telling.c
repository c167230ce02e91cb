/* SPDX-License-Identifier: Apache-2.0 */
/* What is told of a finding to somebody who was told before. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above */
#include <cmocka.h>

#include "analysis/telling.h"
#include "base/utc.h"

#define DAY(n) ((int64_t)(n)*UTC_DAY_S + 3600)

/* Somebody who asks from time to time. */
struct listener {
  struct told told;
  bool knows;
  struct acknowledgement said;
};

static const struct concern BROKEN = {
    .state = CONCERN_NEW, .severity = CONCERN_WARNING, .first_day = 100, .last_day = 101, .found_day = 101};

static enum telling hear(struct listener *l, int day, const struct concern *c) {
  const enum telling what = telling_of(c, l->knows ? &l->told : NULL, l->said.made_s ? &l->said : NULL, DAY(day));
  if (what == TELLING_NOTHING && !l->knows) return what;
  l->told = telling_kept(c, l->knows ? &l->told : NULL, what, DAY(day));
  l->knows = true;
  return what;
}

static struct concern in_state(enum concern_state state) {
  struct concern c = BROKEN;
  c.state = state;
  return c;
}

static void each_state_is_told_once(void **state) {
  (void)state;
  struct listener l = {0};
  const struct concern open = in_state(CONCERN_OPEN), gone = in_state(CONCERN_GONE);
  assert_int_equal(hear(&l, 101, &BROKEN), TELLING_DUE);
  assert_int_equal(hear(&l, 101, &BROKEN), TELLING_NOTHING);
  assert_int_equal(hear(&l, 105, &open), TELLING_NOTHING);
  assert_int_equal(hear(&l, 109, &gone), TELLING_GONE);
  assert_int_equal(hear(&l, 110, &gone), TELLING_NOTHING);
}

static void whoever_was_not_told_of_it_does_not_hear_that_it_is_over(void **state) {
  (void)state;
  struct listener l = {0};
  const struct concern gone = in_state(CONCERN_GONE);
  assert_int_equal(hear(&l, 109, &gone), TELLING_NOTHING);
  assert_false(l.knows);
}

static void what_is_back_is_told_again(void **state) {
  (void)state;
  struct listener l = {0};
  const struct concern gone = in_state(CONCERN_GONE);
  hear(&l, 101, &BROKEN);
  hear(&l, 109, &gone);
  assert_int_equal(hear(&l, 112, &BROKEN), TELLING_DUE);
  assert_int_equal(hear(&l, 113, &BROKEN), TELLING_NOTHING);
}

static void what_began_anew_while_nobody_asked_is_told_again(void **state) {
  (void)state;
  struct listener l = {0};
  struct concern anew = BROKEN;
  anew.first_day = 150;
  anew.found_day = 151;
  hear(&l, 101, &BROKEN);
  assert_int_equal(hear(&l, 160, &anew), TELLING_DUE);
  assert_int_equal(hear(&l, 161, &anew), TELLING_NOTHING);
}

/* A change of one day, and another on the next, whose evidence begins before the first was told. */
static void a_second_change_is_told_though_its_evidence_is_older(void **state) {
  (void)state;
  struct listener l = {0};
  struct concern next = BROKEN;
  next.first_day = 101;
  next.found_day = 103;
  hear(&l, 102, &BROKEN);
  assert_int_equal(hear(&l, 103, &next), TELLING_DUE);
}

static void a_late_report_that_moves_its_begin_is_no_new_one(void **state) {
  (void)state;
  struct listener l = {0};
  struct concern corrected = in_state(CONCERN_OPEN);
  hear(&l, 101, &BROKEN);
  corrected.first_day = 97;
  assert_int_equal(hear(&l, 105, &corrected), TELLING_NOTHING);
  corrected.first_day = 102; /* of which it was known on the day after, before the last run */
  corrected.found_day = 103;
  assert_int_equal(hear(&l, 106, &corrected), TELLING_NOTHING);
}

static void what_gets_graver_is_told_again_and_what_gets_milder_is_not(void **state) {
  (void)state;
  struct listener l = {0};
  struct concern critical = BROKEN;
  critical.severity = CONCERN_CRITICAL;
  hear(&l, 101, &BROKEN);
  assert_int_equal(hear(&l, 102, &critical), TELLING_DUE);
  assert_int_equal(hear(&l, 103, &BROKEN), TELLING_NOTHING);
  assert_int_equal(hear(&l, 104, &critical), TELLING_NOTHING);
}

static void what_is_acknowledged_is_not_told_until_that_is_over(void **state) {
  (void)state;
  struct listener l = {.said = {.until_s = DAY(110), .made_s = DAY(103)}};
  const struct concern known = in_state(CONCERN_ACKNOWLEDGED), open = in_state(CONCERN_OPEN);
  assert_int_equal(hear(&l, 101, &BROKEN), TELLING_DUE);
  assert_int_equal(hear(&l, 104, &known), TELLING_NOTHING);
  assert_int_equal(hear(&l, 111, &open), TELLING_DUE);
  assert_int_equal(hear(&l, 112, &open), TELLING_NOTHING);
}

static void what_was_acknowledged_before_it_was_told_is_told_once_that_is_over(void **state) {
  (void)state;
  struct listener l = {.said = {.until_s = DAY(110), .made_s = DAY(101)}};
  const struct concern known = in_state(CONCERN_ACKNOWLEDGED), open = in_state(CONCERN_OPEN);
  assert_int_equal(hear(&l, 104, &known), TELLING_NOTHING);
  assert_int_equal(hear(&l, 111, &open), TELLING_DUE);
  assert_int_equal(hear(&l, 112, &open), TELLING_NOTHING);
}

static void what_was_seen_acknowledged_is_told_again_once_that_is_taken_back(void **state) {
  (void)state;
  struct listener l = {.said = {.until_s = DAY(110), .made_s = DAY(103)}};
  const struct concern known = in_state(CONCERN_ACKNOWLEDGED), open = in_state(CONCERN_OPEN);
  hear(&l, 101, &BROKEN);
  hear(&l, 104, &known);
  l.said = (struct acknowledgement){0};
  assert_int_equal(hear(&l, 105, &open), TELLING_DUE);
  assert_int_equal(hear(&l, 106, &open), TELLING_NOTHING);
}

static void what_was_acknowledged_and_is_over_is_told(void **state) {
  (void)state;
  struct listener l = {.said = {.until_s = DAY(200), .made_s = DAY(103)}};
  const struct concern known = in_state(CONCERN_ACKNOWLEDGED), gone = in_state(CONCERN_GONE);
  hear(&l, 101, &BROKEN);
  hear(&l, 104, &known);
  assert_int_equal(hear(&l, 109, &gone), TELLING_GONE);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(each_state_is_told_once),
      cmocka_unit_test(whoever_was_not_told_of_it_does_not_hear_that_it_is_over),
      cmocka_unit_test(what_is_back_is_told_again),
      cmocka_unit_test(what_began_anew_while_nobody_asked_is_told_again),
      cmocka_unit_test(a_second_change_is_told_though_its_evidence_is_older),
      cmocka_unit_test(a_late_report_that_moves_its_begin_is_no_new_one),
      cmocka_unit_test(what_gets_graver_is_told_again_and_what_gets_milder_is_not),
      cmocka_unit_test(what_is_acknowledged_is_not_told_until_that_is_over),
      cmocka_unit_test(what_was_acknowledged_before_it_was_told_is_told_once_that_is_over),
      cmocka_unit_test(what_was_seen_acknowledged_is_told_again_once_that_is_taken_back),
      cmocka_unit_test(what_was_acknowledged_and_is_over_is_told),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
