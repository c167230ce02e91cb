/* SPDX-License-Identifier: Apache-2.0 */
/* How many come next, by how many came. If messages came independently, what came would leave their rate known as a
 * gamma distribution (Jeffreys), and what comes next would have a negative binomial one: twice as uncertain as a count
 * of a known rate. Mail comes in clusters, so that the same holds for clusters of `spread` messages. */
#include <math.h>

#include "analysis/effect.h"

#define TAIL 0.025
#define MANY 400 /* clusters above which a sum of so many terms is a normal distribution */
#define TAIL_Z 1.959963984540054

/* The first n whose cumulated probability reaches `wanted`. For equal times the chance of success is one half. */
static double quantile(double size, double wanted) {
  double term = pow(0.5, size), sum = term, n = 0;
  while (sum < wanted && n < 20 * MANY) {
    term *= (size + n) / (n + 1) * 0.5;
    sum += term;
    n++;
  }
  return n;
}

void effect_interval(double count, double spread, double *ret_low, double *ret_high) {
  const double clusters = count / spread, size = clusters + 0.5;
  if (clusters > MANY) {
    const double around = TAIL_Z * sqrt(2 * clusters);
    *ret_low = floor(fmax(clusters - around, 0) * spread);
    *ret_high = ceil((clusters + around) * spread);
    return;
  }
  *ret_low = floor(quantile(size, TAIL) * spread);
  *ret_high = ceil(quantile(size, 1 - TAIL) * spread);
}
