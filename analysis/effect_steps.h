/* SPDX-License-Identifier: Apache-2.0 */
/* The steps of a domain's policy and the windows of each reporter around them. Private to analysis/. */
#ifndef ANALYSIS_EFFECT_STEPS_H
#define ANALYSIS_EFFECT_STEPS_H

#include "analysis/effect.h"
#include "analysis/whatif.h"

/* What failing mail is to get, by the tag that governs it. */
struct policy_level {
  enum policy of[GOVERNINGS];
};

/* A reporter that switched. */
struct reporter_step {
  uint32_t reporter; /* number in the history */
  unsigned step;     /* number of the step */
  struct policy_level before, after;
  const struct seen_policy *seen_before, *seen_after;
  int32_t first_day;               /* of the first report that tells of the new policy */
  int32_t begin_day[EFFECT_SIDES]; /* of its windows */
  int32_t days;                    /* of each; 0: too short */
  int32_t room_before;             /* days that it told of the former policy before */
  int32_t last_day;                /* of the reports that tell of the new one */
  bool ends;                       /* it switched again, ... */
  bool goes_back;                  /* ... to a weaker policy, ... */
  int32_t back_day;                /* ... on this day */
  int64_t messages;                /* in the weeks around it */
};

struct effect_steps {
  struct reporter_step *items; /* by step */
  uint32_t count, capacity;
  unsigned step_count;
};

/* What the policy of a report comes to. */
struct policy_level policy_level_of(const struct seen_policy *p);
bool policy_level_is(const struct policy_level *a, const struct policy_level *b);

/* Of the reports up to the end of the judged window. To be freed by effect_steps_clear. */
void effect_steps_find(struct effect_steps *s, const struct history *h, const struct judgement *j);
void effect_steps_clear(struct effect_steps *s);

#endif
