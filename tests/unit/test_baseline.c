/* SPDX-License-Identifier: Apache-2.0 */
/* What an ordinary day is, and what stands out of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "analysis/baseline.h"
#include "base/cleanup.h"
#include "base/mem.h"

#define DAYS 120
#define MONDAY 20002 /* 2024-10-07 */

/* One subject, as up to three reporters tell of it; -1: not heard. */
struct figures {
  int64_t messages[3][DAYS];
  struct baseline_day days[DAYS];
  double least[DAYS];
};

static int set_up(void **state) {
  struct figures *f = mem_zalloc(sizeof *f);
  for (int r = 0; r < 3; r++)
    for (int i = 0; i < DAYS; i++) f->messages[r][i] = r ? -1 : 100;
  for (int i = 0; i < DAYS; i++) f->least[i] = 100;
  *state = f;
  return 0;
}

static int tear_down(void **state) {
  free(*state);
  return 0;
}

static struct baseline look(struct figures *f) {
  struct baseline b = {MONDAY, MONDAY + DAYS - 1, memset(f->days, 0, sizeof f->days)};
  for (int r = 0; r < 3; r++) {
    int32_t days[DAYS];
    int64_t messages[DAYS];
    uint32_t count = 0;
    for (int i = 0; i < DAYS; i++) {
      if (f->messages[r][i] < 0) continue;
      days[count] = MONDAY + i;
      messages[count++] = f->messages[r][i];
    }
    if (count) baseline_add(&b, &(struct told_days){days, messages, count});
  }
  return b;
}

static unsigned count_runs(struct figures *f, struct baseline_run *ret) {
  struct baseline b = look(f);
  struct baseline_run run;
  int32_t from = MONDAY;
  unsigned n = 0;
  while (from <= b.end_day && baseline_next_run(&b, f->least, &from, &run)) {
    if (!n++) *ret = run;
  }
  return n;
}

static void set(struct figures *f, int reporter, int first, int last, int64_t messages) {
  for (int i = first; i <= last; i++) f->messages[reporter][i] = messages;
}

static void the_middle_of_an_even_number_is_the_mean_of_two(void **state) {
  (void)state;
  int64_t values[] = {9, 1, 4, 2};
  assert_true(baseline_median(values, 4) == 3);
  assert_true(baseline_median(values, 0) == 0);
  int64_t half[] = {5, 0, 9, 0}, most[] = {0, 7, 0, 0};
  assert_true(baseline_median(half, 4) == 2.5);
  assert_true(baseline_median(most, 4) == 0);
}

static void a_day_is_held_against_the_same_day_of_the_week(void **state) {
  struct figures *f = *state;
  for (int i = 1; i < DAYS; i += 7) f->messages[0][i] = 5000; /* Tuesdays */
  struct baseline b = look(f);
  assert_true(b.days[99].usual == 5000); /* 14 * 7 + 1 */
  assert_true(b.days[100].usual == 100);
  struct baseline_run run;
  assert_int_equal(count_runs(f, &run), 0);
}

static void two_days_above_all_that_was_met_are_a_run_on_the_second(void **state) {
  struct figures *f = *state;
  set(f, 0, 80, 83, 1000);
  struct baseline_run run;
  assert_int_equal(count_runs(f, &run), 1);
  assert_int_equal(run.begin_day, MONDAY + 80);
  assert_int_equal(run.found_day, MONDAY + 81);
  assert_int_equal(run.last_day, MONDAY + 83);
  assert_int_equal(run.messages, 4000);
  assert_true(run.usual == 100 && run.excess == 3600 && run.times == 10);
}

static void four_times_an_ordinary_day_is_no_run_and_five_times_is(void **state) {
  struct figures *f = *state;
  struct baseline_run run;
  set(f, 0, 80, 83, 499);
  assert_int_equal(count_runs(f, &run), 0);
  set(f, 0, 80, 83, 500);
  assert_int_equal(count_runs(f, &run), 1);
}

static void a_single_day_is_a_newsletter(void **state) {
  struct figures *f = *state;
  set(f, 0, 80, 80, 100000);
  struct baseline_run run;
  assert_int_equal(count_runs(f, &run), 0);
}

static void a_run_below_a_former_newsletter_takes_a_third_day(void **state) {
  struct figures *f = *state;
  struct baseline_run run;
  set(f, 0, 60, 60, 5000);
  set(f, 0, 80, 81, 1000);
  assert_int_equal(count_runs(f, &run), 0);
  set(f, 0, 82, 82, 1000);
  assert_int_equal(count_runs(f, &run), 1);
  assert_int_equal(run.found_day, MONDAY + 82);
}

static void what_came_before_is_no_surge_when_it_comes_again(void **state) {
  struct figures *f = *state;
  struct baseline_run run;
  set(f, 0, 60, 62, 1000);
  set(f, 0, 90, 92, 2000);
  assert_int_equal(count_runs(f, &run), 1);
  set(f, 0, 90, 92, 2001);
  assert_int_equal(count_runs(f, &run), 2);
}

static void a_reporter_that_appears_is_no_surge(void **state) {
  struct figures *f = *state;
  struct baseline_run run;
  set(f, 1, 80, DAYS - 1, 2000);
  assert_int_equal(count_runs(f, &run), 0);
}

static void a_reporter_that_falls_silent_hides_no_surge_of_the_others(void **state) {
  struct figures *f = *state;
  struct baseline_run run;
  set(f, 1, 0, 79, 10000);
  set(f, 0, 85, 88, 1000);
  assert_int_equal(count_runs(f, &run), 1);
}

static void mail_that_wavers_much_stands_out_of_its_spread_alone(void **state) {
  struct figures *f = *state;
  struct baseline_run run;
  for (int i = 0; i < DAYS; i++) f->messages[0][i] = i / 7 % 2 ? 100 : 900;
  set(f, 0, 80, 82, 2600); /* five times the median */
  assert_int_equal(count_runs(f, &run), 0);
  set(f, 0, 80, 82, 5000);
  assert_int_equal(count_runs(f, &run), 1);
}

#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void) {
  const struct CMUnitTest tests[] = {
      T(the_middle_of_an_even_number_is_the_mean_of_two),
      T(a_day_is_held_against_the_same_day_of_the_week),
      T(two_days_above_all_that_was_met_are_a_run_on_the_second),
      T(four_times_an_ordinary_day_is_no_run_and_five_times_is),
      T(a_single_day_is_a_newsletter),
      T(a_run_below_a_former_newsletter_takes_a_third_day),
      T(what_came_before_is_no_surge_when_it_comes_again),
      T(a_reporter_that_appears_is_no_surge),
      T(a_reporter_that_falls_silent_hides_no_surge_of_the_others),
      T(mail_that_wavers_much_stands_out_of_its_spread_alone),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
