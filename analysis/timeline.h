/* SPDX-License-Identifier: Apache-2.0 */
/* What happened to a domain, in the order of days: its policy and its verdict as they changed, and the steps that its
 * owner says were taken. Days are UTC days since 1970-01-01. */
#ifndef ANALYSIS_TIMELINE_H
#define ANALYSIS_TIMELINE_H

#include "local/taken_steps.h"
#include "verdict/judge_each.h"

enum timeline_kind {
  TIMELINE_POLICY,  /* as most reporters tell of it */
  TIMELINE_VERDICT, /* on the next step */
  TIMELINE_TAKEN,   /* a step, by the owner's word */
};
#define TIMELINE_KINDS 3
const char *timeline_kind_word(enum timeline_kind k); /* "policy", "verdict", "taken" */

/* What is kept of the judgement of a day. Texts live as long as the history. */
struct timeline_judgement {
  enum verdict verdict;
  const char *reason;
  struct seen_policy policy;
  enum policy next; /* POLICY_UNKNOWN: at the target */
  int64_t own_messages, own_passed, undecided;
};

struct timeline_event {
  int32_t day;
  enum timeline_kind kind;
  struct timeline_judgement before, after; /* of policy and verdict */
  bool is_first;                           /* nothing was known before: `before` is zero */
  const struct taken_step *taken;
};

/* One policy domain. Texts live as long as its history. */
struct timeline {
  const char *domain;
  struct timeline_event *events; /* ascending by day; of one day as the kinds stand above */
  uint32_t count, capacity;
};
/* Everything lives during the call. */
typedef int timeline_fn(void *user, const struct timeline *t, struct err *e);

/* Each domain of the inquiry. Each day is judged by the reports that had ended by then, with today's labels, thresholds
 * and catalogue, and without the DNS, as backtest_each does, which says what that costs. `taken` may be NULL. */
int timeline_each(const struct inquiry *q, const struct taken_steps *taken, timeline_fn *fn, void *user, struct err *e);

/* The last weeks of a history at hand (within judge_each_parting), at the price of a dozen judgements: a day of each
 * week is judged, those beside a step of the policy, and where two of them differ those between. A verdict that came
 * and went within a week is not there. Begins with what was known on `since_day`, or on the first day with reports. To
 * be cleared. */
void timeline_of_weeks(const struct judgement_basis *basis, struct history *h, const struct judgement *j,
                       int32_t since_day, struct timeline *ret);
void timeline_clear(struct timeline *t);

#endif
