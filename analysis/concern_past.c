/* SPDX-License-Identifier: Apache-2.0 */
/* How verdict and policy differ from those of some days before: from the judgement of that day and, where one differs,
 * of the days between, until it is known which it was. A domain without a change is judged once more, and not read. */
#include "analysis/comparison.h"
#include "analysis/concerning.h"
#include "analysis/past.h"
#include "base/cleanup.h"
#include "base/utc.h"

/* Before a change, in which the verdict must not have stood that stands again now. */
#define DAYS_BEFORE 21

struct looking_back {
  struct concerning *x;
  const struct judgement *then, *before; /* on past_begin, and the last one before the change */
  const struct judgement *after;         /* of the policy: the first one with it */
  int32_t since_day;                     /* the day of `after`, or the first one with today's verdict */
};

/* --- the judgements of earlier days ------------------------------------------------------------------------------- */

/* Of the reports that `--as-of` that day would have taken. */
static bool judge_day(struct concerning *x, int32_t day, struct judgement *ret) {
  _cleanup_free_ bool *left_out = mem_alloc(x->h->report_count + 1);
  for (uint32_t i = 0; i < x->h->report_count; i++) left_out[i] = x->h->reports[i].begin_s >= utc_from_day(day + 1);
  return past_judge(x->h, x->basis, left_out, day, ret);
}

const struct judgement *concern_judged_on(struct concerning *x, int32_t day) {
  struct past_day *past = &x->past[day - x->past_begin];
  if (past->is_known) return past->judgement;
  struct judgement *judgement = arena_alloc(x->arena, sizeof *judgement);
  past->is_known = true;
  past->judgement = judge_day(x, day, judgement) ? judgement : NULL;
  return past->judgement;
}

static int32_t clean_days(const struct concerning *x) { return (int32_t)x->basis->thresholds->finding_clean_days; }

int32_t concern_so_since(struct concerning *x, int32_t last_day,
                         bool (*is_so)(const struct judgement *j, const void *user), const void *user) {
  const struct judgement *j = concern_judged_on(x, x->past_begin);
  int32_t since = last_day;
  if (j && is_so(j, user)) return INT32_MIN;
  for (int32_t day = last_day - 1; day > x->past_begin && since - day <= clean_days(x); day--) {
    j = concern_judged_on(x, day);
    if (j && is_so(j, user)) since = day;
  }
  return since;
}

/* --- changes ------------------------------------------------------------------------------------------------------ */

static bool has_verdict_of(const struct judgement *a, const struct judgement *b) { return a->verdict == b->verdict; }

/* Back from today to the first day whose verdict is not today's; that of `then` is not. */
static void find_verdict_day(struct looking_back *b) {
  b->before = b->then;
  b->since_day = b->x->past_begin + 1;
  for (int32_t day = b->x->end_day - 1; day > b->x->past_begin; day--) {
    const struct judgement *j = concern_judged_on(b->x, day);
    if (!j || has_verdict_of(j, b->x->j)) continue;
    b->before = j;
    b->since_day = day + 1;
    return;
  }
}

static void tell(struct looking_back *b, enum concern_kind kind, int32_t found_day, const struct diff_change *change) {
  struct concerning *x = b->x;
  struct diff_change *kept = arena_alloc(x->arena, sizeof *kept);
  *kept = *change;
  concern_add(x, &(struct concern){.kind = kind,
                                   .is_graver = kind == CONCERN_POLICY_CHANGED && change->effect == DIFF_WORSE,
                                   .subject = x->h->domain,
                                   .first_day = b->since_day,
                                   .last_day = x->end_day,
                                   .found_day = found_day,
                                   .gone_day = INT32_MAX,
                                   .change = kept,
                                   .record = kind == CONCERN_VERDICT_CHANGED ? x->j->next_record : NULL});
}

static bool had_verdict_of_now(struct concerning *x, int32_t day) {
  struct judgement room;
  const struct judgement *j = &room;
  if (day >= x->past_begin)
    j = concern_judged_on(x, day);
  else if (!judge_day(x, day, &room))
    return false;
  return j && has_verdict_of(j, x->j);
}

/* Did it stand around that day, for as long as is told? */
static bool stood_on(struct concerning *x, int32_t day) {
  int32_t first = day, last = day;
  if (!had_verdict_of_now(x, day)) return false;
  while (last - first + 1 < clean_days(x) && had_verdict_of_now(x, first - 1)) first--;
  while (last - first + 1 < clean_days(x) && had_verdict_of_now(x, last + 1)) last++;
  return last - first + 1 >= clean_days(x);
}

/* A verdict that wavers is no change: it must stand for some days, and not have stood in the weeks before, when it was
 * told. Nor is one that asks nothing of anybody but to wait; of the reports that do not come there is a concern of its
 * own. */
static bool is_worth_telling(struct looking_back *b) {
  const enum verdict now = b->x->j->verdict;
  if (now == VERDICT_INSUFFICIENT_DATA || now == VERDICT_STALE) return false;
  if (b->x->end_day - b->since_day + 1 < clean_days(b->x)) return false;
  for (int32_t ago = 1 + clean_days(b->x); ago <= DAYS_BEFORE; ago += clean_days(b->x))
    if (stood_on(b->x, b->since_day - ago)) return false;
  return true;
}

static void tell_verdict(struct looking_back *b) {
  const struct judgement *j = b->x->j;
  tell(b, CONCERN_VERDICT_CHANGED, b->since_day + clean_days(b->x) - 1,
       &(struct diff_change){.kind = DIFF_VERDICT,
                             .effect = j->verdict < b->before->verdict ? DIFF_WORSE : DIFF_BETTER,
                             .before = b->before->verdict,
                             .after = j->verdict,
                             .note = j->reason});
}

/* --- the policy --------------------------------------------------------------------------------------------------- */

static bool is_same_policy(const struct seen_policy *a, const struct seen_policy *b) {
  struct diff_change change = {0};
  compare_tags(&change, a, b);
  return !change.tag_count;
}

/* Does any reporter tell of two policies on these days? Where none does, no day has to be judged. Each is held against
 * itself: what they write for one record differs. */
static bool is_policy_moving(const struct concerning *x) {
  const struct history *h = x->h;
  _cleanup_free_ const struct seen_policy **told = mem_zalloc((h->reporter_count + 1) * sizeof *told);
  for (uint32_t i = 0; i < h->report_count; i++) {
    const struct seen_report *r = &h->reports[i];
    const struct seen_policy *policy = &h->policies[r->policy];
    if (r->day < x->past_begin || r->day > x->end_day) continue;
    if (told[r->reporter] && told[r->reporter] != policy && !is_same_policy(told[r->reporter], policy)) return true;
    told[r->reporter] = policy;
  }
  return false;
}

/* The last change, and the policies on both sides of it. From one day to the next: a policy that was taken back is
 * today what it was nine days ago. False: there was none. */
static bool find_policy_day(struct looking_back *b) {
  const struct concerning *x = b->x;
  if (is_same_policy(&b->then->policy, &x->j->policy) && !is_policy_moving(x)) return false;
  b->after = x->j;
  b->since_day = x->end_day;
  for (int32_t day = x->end_day - 1; day >= x->past_begin; day--) {
    b->before = concern_judged_on(b->x, day);
    if (!b->before) return false;
    if (!is_same_policy(&b->before->policy, &b->after->policy)) return true;
    b->after = b->before;
    b->since_day = day;
  }
  return false;
}

/* What receivers apply, in half steps: with t=y one step less (RFC 9989 4.7), with pct below 100 to some of the mail.
 */
static int force_of(enum policy p, const struct seen_policy *published) {
  if (published->testing == 'y') p = policy_one_lower(p);
  return 2 * (int)p - (published->sampled == 'y' && p > POLICY_NONE);
}

/* Only what both sides tell is compared: older reports have no np. */
static bool is_weaker(const struct seen_policy *now, const struct seen_policy *before) {
  const struct seen_policy *of[] = {before, now};
  int p[2], sp[2], np[2];
  for (int i = 0; i < 2; i++) {
    const enum policy whole = policy_of(of[i]->p);
    p[i] = force_of(whole, of[i]);
    sp[i] = force_of(policy_or_inherited(policy_of(of[i]->sp), whole), of[i]);
    np[i] = before->np && now->np ? force_of(policy_of(of[i]->np), of[i]) : 0;
  }
  return p[1] < p[0] || sp[1] < sp[0] || np[1] < np[0];
}

static void tell_policy(struct looking_back *b) {
  const struct seen_policy *before = &b->before->policy, *after = &b->after->policy;
  struct diff_change change = {.kind = DIFF_POLICY, .effect = is_weaker(after, before) ? DIFF_WORSE : DIFF_NEUTRAL};
  compare_tags(&change, before, after);
  tell(b, CONCERN_POLICY_CHANGED, b->since_day, &change);
}

void concerns_of_past(struct concerning *x) {
  struct looking_back b = {.x = x, .then = concern_judged_on(x, x->past_begin)};
  if (!b.then) return;
  if (!has_verdict_of(b.then, x->j)) {
    find_verdict_day(&b);
    if (is_worth_telling(&b)) tell_verdict(&b);
  }
  if (find_policy_day(&b)) tell_policy(&b);
}
