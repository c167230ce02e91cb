/* SPDX-License-Identifier: Apache-2.0 */
/* When a domain's policy moved, as its reports show it: for marking on a picture of its mail. They are what
 * was published as a whole, p=reject; t=y as well, and steps back too; what came into force, reporter by reporter, is
 * effect.h. */
#ifndef ANALYSIS_POLICY_STEPS_H
#define ANALYSIS_POLICY_STEPS_H

#include "verdict/judge.h"

struct policy_step {
  int32_t day; /* the first with the new policy, since 1970-01-01 UTC */
  enum policy from, to;
};

/* The steps of p on the days from `begin_day` to the end of the judged window, the newest of more than `most`, which is
 * not 0. A day has the policy that most tell whose reports begin on it and are not doubted, as of the judgement; one
 * that does not last until the next day with reports is no step. The last step is on the day since which the judgement
 * takes the policy for published. Returns how many there are. */
unsigned policy_steps_find(const struct history *h, const struct judgement *j, int32_t begin_day,
                           struct policy_step *ret, unsigned most);

#endif
