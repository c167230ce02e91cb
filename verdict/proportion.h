/* SPDX-License-Identifier: Apache-2.0 */
/* What a sample proves about a proportion: confidence bounds, and whether two proportions differ. Pure functions that
 * know nothing of mail. */
#ifndef VERDICT_PROPORTION_H
#define VERDICT_PROPORTION_H

#include <stdint.h>

/* How often a one-sided bound below is wrong by chance: a healthy sender is accused that often. */
#define PROPORTION_CHANCE 0.05
#define PROPORTION_Z 1.6448536269514722 /* the normal quantile of 1 - PROPORTION_CHANCE */

/* One-sided 95 % bounds of a proportion (Wilson 1927, z = 1.645). Without trials they are 0 and 1: nothing is known. */
double wilson_lower(int64_t passed, int64_t trials);
double wilson_upper(int64_t passed, int64_t trials);
/* The upper bound that holds for all of `looks` such proportions together (Bonferroni): whoever looks at twenty
 * networks finds one in twenty by chance. */
double wilson_upper_of(int64_t passed, int64_t trials, unsigned looks);

/* The probability of `hits` or more among `trials`, if hits are equally likely there and among the `other_trials`,
 * which have `other_hits`. Fisher's exact test, one-sided; 1 if either has no trials, or if hits are no more frequent
 * among `trials`. */
double chance_of_more(int64_t hits, int64_t trials, int64_t other_hits, int64_t other_trials);

#endif
