/* SPDX-License-Identifier: Apache-2.0 */
/* Bounds of proportions, and the exact test of two. */
#include "verdict/proportion.h"

#include <math.h>

/* The standard normal's quantile above which `chance` lies, to far more digits than anybody needs. */
static double quantile_above(double chance) {
  double low = 0, high = 40;
  for (int i = 0; i < 60; i++) {
    double middle = (low + high) / 2;
    *(erfc(middle / M_SQRT2) / 2 > chance ? &low : &high) = middle;
  }
  return low;
}

/* The bound on the side of `sign`. */
static double wilson(int64_t passed, int64_t trials, double z, double sign) {
  double n = (double)trials, p = (double)passed / n;
  double centre = p + z * z / (2 * n);
  double spread = z * sqrt(p * (1 - p) / n + z * z / (4 * n * n));
  double bound = (centre + sign * spread) / (1 + z * z / n);
  return fmin(fmax(bound, 0), 1);
}

double wilson_lower(int64_t passed, int64_t trials) {
  return trials > 0 ? wilson(passed, trials, PROPORTION_Z, -1) : 0;
}

double wilson_upper_of(int64_t passed, int64_t trials, unsigned looks) {
  double z = looks > 1 ? quantile_above(PROPORTION_CHANCE / looks) : PROPORTION_Z;
  return trials > 0 ? wilson(passed, trials, z, 1) : 1;
}

double wilson_upper(int64_t passed, int64_t trials) { return wilson_upper_of(passed, trials, 1); }

static double log_choose(double n, double k) { return lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1); }

#define MOST_TERMS 10000 /* behind them the tail has ended in any double */

double chance_of_more(int64_t hits, int64_t trials, int64_t other_hits, int64_t other_trials) {
  if (trials <= 0 || other_trials <= 0) return 1;
  double all_hits = (double)(hits + other_hits), n = (double)trials, m = (double)other_trials;
  if ((double)hits * m <= (double)other_hits * n) return 1; /* not more at all: the sum begins behind the summit */
  double whole = log_choose(n + m, all_hits), sum = 0;
  double most = fmin(all_hits, n), least = fmax((double)hits, all_hits - m);
  for (double k = least; k <= most && k - least < MOST_TERMS; k++) {
    double term = exp(log_choose(n, k) + log_choose(m, all_hits - k) - whole);
    sum += term;
    if (term < sum * 1e-15) break;
  }
  return fmin(sum, 1);
}
