/* SPDX-License-Identifier: Apache-2.0 */
/* What a few messages prove about the share of all that pass: bounds of a proportion, and whether two differ. Nothing
 * here knows mail. */
#ifndef VERDICT_PROPORTION_H
#define VERDICT_PROPORTION_H

#include <stdint.h>

/* Of a healthy sender held for nothing but chance: the bounds below are wrong on their side that often. */
#define PROPORTION_CHANCE 0.05
#define PROPORTION_Z 1.6448536269514722 /* standard deviations that chance exceeds so often */

/* One-sided 95 % bounds of a proportion (Wilson 1927, z = 1.645). Of no trials: 0 and 1, nothing is known. */
double wilson_lower(int64_t passed, int64_t trials);
double wilson_upper(int64_t passed, int64_t trials);
/* The upper bound that holds for all of `looks` such proportions together (Bonferroni): whoever looks at twenty
 * networks finds one in twenty by chance. */
double wilson_upper_of(int64_t passed, int64_t trials, unsigned looks);

/* How likely is it to meet `hits` or more among `trials`, if they and the `other_trials` with `other_hits` are of one
 * kind? Fisher's exact test, one-sided; 1 where one of the two is empty, or hits are no more frequent among them. */
double chance_of_more(int64_t hits, int64_t trials, int64_t other_hits, int64_t other_trials);

#endif
