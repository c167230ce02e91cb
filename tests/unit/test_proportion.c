/* SPDX-License-Identifier: Apache-2.0 */
/* What a share of a few messages proves. */
#include "verdict_kit.h"

static void two_hundred_sixty_eight_without_a_failure_are_99_percent(void **state) {
  (void)state;
  assert_near(wilson_lower(268, 268), 0.990006, 1e-6);
  assert_true(wilson_lower(268, 268) >= 0.99);
  assert_true(wilson_lower(267, 267) < 0.99);
}

static void with_five_failures_it_takes_1024(void **state) {
  (void)state;
  assert_near(wilson_lower(1019, 1024), 0.990006, 1e-5);
  assert_true(wilson_lower(1019, 1024) >= 0.99);
  assert_true(wilson_lower(1018, 1023) < 0.99);
}

static void no_trials_and_no_passes_have_the_bound_zero(void **state) {
  (void)state;
  assert_near(wilson_lower(0, 0), 0, 0);
  assert_near(wilson_lower(0, 10), 0, 1e-12);
  assert_near(wilson_lower(1, 2), 0.1212, 1e-3);
}

static void the_upper_bound_mirrors_the_lower(void **state) {
  (void)state;
  assert_near(wilson_upper(0, 268), 1 - wilson_lower(268, 268), 1e-12);
  assert_near(wilson_upper(17, 20), 1 - wilson_lower(3, 20), 1e-12);
  assert_near(wilson_upper(5, 5), 1, 1e-12);
  assert_near(wilson_upper(0, 0), 1, 0);
}

static void who_looks_at_many_proportions_needs_more_proof_of_each(void **state) {
  (void)state;
  assert_near(wilson_upper_of(17, 20, 1), wilson_upper(17, 20), 1e-12);
  assert_near(wilson_upper_of(90, 100, 24), 0.95768, 1e-5); /* z = 2.865 */
  assert_true(wilson_upper_of(17, 20, 24) > wilson_upper_of(17, 20, 2));
}

static void the_exact_test_is_fishers(void **state) {
  (void)state;
  assert_near(chance_of_more(3, 4, 1, 4), 17.0 / 70, 1e-9); /* the lady who tasted tea (Fisher 1935) */
  assert_near(chance_of_more(4, 4, 0, 4), 1.0 / 70, 1e-9);
  assert_near(chance_of_more(0, 10, 0, 10), 1, 0);
  assert_near(chance_of_more(1, 10, 5, 10), 1, 0);
  assert_near(chance_of_more(3, 3, 0, 0), 1, 0);
  assert_true(chance_of_more(100000, 1000000, 50000, 1000000) < 1e-12);
  assert_near(chance_of_more(500100, 1000000, 500000, 1000000), 0.444, 2e-3);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      A(two_hundred_sixty_eight_without_a_failure_are_99_percent),
      A(with_five_failures_it_takes_1024),
      A(no_trials_and_no_passes_have_the_bound_zero),
      A(the_upper_bound_mirrors_the_lower),
      A(who_looks_at_many_proportions_needs_more_proof_of_each),
      A(the_exact_test_is_fishers),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
