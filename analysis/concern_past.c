/* SPDX-License-Identifier: Apache-2.0 */
/* How verdict and policy differ from those of some days before: from the judgement of that day and, where one differs,
 * of the days between, until it is known which it was. A domain without a change is judged once more, and not read. */
#include "analysis/comparison.h"
#include "analysis/concerning.h"
#include "analysis/past.h"
#include "base/cleanup.h"
#include "base/utc.h"

/* In which a verdict must not have been what it is again now. */
#define WEEKS_BEFORE 3

struct looking_back {
  struct concerning *x;
  bool *left_out;
  struct judgement before; /* the last judgement before the change */
  int32_t since_day;       /* the first day as it is now */
};

/* Of the reports that `--as-of` that day would have taken. */
static bool judge_day(struct looking_back *b, int32_t day, struct judgement *ret) {
  struct history *h = b->x->h;
  for (uint32_t i = 0; i < h->report_count; i++) b->left_out[i] = h->reports[i].begin_s >= utc_from_day(day + 1);
  return past_judge(h, b->x->basis, b->left_out, day, ret);
}

static bool has_verdict_of(const struct judgement *a, const struct judgement *b) { return a->verdict == b->verdict; }

static bool has_policy_of(const struct judgement *a, const struct judgement *b) {
  struct diff_change change = {0};
  compare_tags(&change, &a->policy, &b->policy);
  return !change.tag_count;
}

/* Back from today to the first day that is not as today is; `then` is not. */
static void find_day(struct looking_back *b, const struct judgement *then, int32_t then_day,
                     bool (*is_same)(const struct judgement *a, const struct judgement *b)) {
  b->before = *then;
  b->since_day = then_day + 1;
  for (int32_t day = b->x->end_day - 1; day > then_day; day--) {
    struct judgement j;
    if (!judge_day(b, day, &j) || is_same(&j, b->x->j)) continue;
    b->before = j;
    b->since_day = day + 1;
    return;
  }
}

static int32_t clean_days(const struct concerning *x) { return (int32_t)x->basis->thresholds->finding_clean_days; }

static struct concern *tell(struct looking_back *b, enum concern_kind kind, int32_t found_day,
                            const struct diff_change *change) {
  struct concerning *x = b->x;
  struct diff_change *kept = arena_alloc(x->arena, sizeof *kept);
  *kept = *change;
  return concern_add(x, &(struct concern){.kind = kind,
                                          .subject = x->h->domain,
                                          .first_day = b->since_day,
                                          .last_day = x->end_day,
                                          .found_day = found_day,
                                          .gone_day = INT32_MAX,
                                          .change = kept,
                                          .record = kind == CONCERN_VERDICT_CHANGED ? x->j->next_record : NULL});
}

/* A verdict that wavers is no change: it must stand for some days, and be another than in the weeks before. Nor is one
 * that asks nothing of anybody but to wait; of the reports that do not come there is a concern of its own. */
static bool is_worth_telling(struct looking_back *b, int32_t then_day) {
  const enum verdict now = b->x->j->verdict;
  if (now == VERDICT_INSUFFICIENT_DATA || now == VERDICT_STALE) return false;
  if (b->x->end_day - b->since_day + 1 < clean_days(b->x)) return false;
  for (int week = 1; week <= WEEKS_BEFORE; week++) {
    struct judgement j;
    if (judge_day(b, then_day - 7 * week, &j) && has_verdict_of(&j, b->x->j)) return false;
  }
  return true;
}

static void tell_verdict(struct looking_back *b) {
  const struct judgement *j = b->x->j;
  tell(b, CONCERN_VERDICT_CHANGED, b->since_day + clean_days(b->x) - 1,
       &(struct diff_change){.kind = DIFF_VERDICT,
                             .effect = j->verdict < b->before.verdict ? DIFF_WORSE : DIFF_BETTER,
                             .before = b->before.verdict,
                             .after = j->verdict,
                             .note = j->reason});
}

static void tell_policy(struct looking_back *b) {
  const struct judgement *j = b->x->j;
  struct diff_change change = {.kind = DIFF_POLICY, .effect = DIFF_NEUTRAL};
  compare_tags(&change, &b->before.policy, &j->policy);
  if (policy_of(j->policy.p) < policy_of(b->before.policy.p)) change.effect = DIFF_WORSE;
  struct concern *c = tell(b, CONCERN_POLICY_CHANGED, b->since_day, &change);
  if (c && change.effect == DIFF_WORSE) c->severity = CONCERN_WARNING;
}

void concerns_of_past(struct concerning *x) {
  const int32_t then_day = x->end_day - (int32_t)x->basis->thresholds->finding_told_days - clean_days(x) + 1;
  _cleanup_free_ bool *left_out = mem_zalloc(x->h->report_count + 1);
  struct looking_back b = {.x = x, .left_out = left_out};
  struct judgement then;
  if (!judge_day(&b, then_day, &then)) return;
  if (!has_verdict_of(&then, x->j)) {
    find_day(&b, &then, then_day, has_verdict_of);
    if (is_worth_telling(&b, then_day)) tell_verdict(&b);
  }
  if (!has_policy_of(&then, x->j)) {
    find_day(&b, &then, then_day, has_policy_of);
    tell_policy(&b);
  }
}
