/* SPDX-License-Identifier: Apache-2.0 */
/* Finds who switched when. What a single reporter tells is read as runs of reports that tell the same. */
#include "analysis/effect_steps.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/utc.h"

/* Reporters that switch within these days of the first one took the same step: some cache a record for long. */
#define ONE_STEP_DAYS 14
/* The part of the mail that those must report who tell of a step: one liar is no step. */
#define LEAST_PART 0.1

/* Reports of one reporter that follow each other and tell of what comes to the same. Their tags may differ: p=none does
 * as much as p=quarantine; t=y. */
struct run {
  struct policy_level level;
  const struct seen_policy *first, *last; /* what its first report and its last one tell */
  int32_t first_day, first_end_day;       /* of its first report, end exclusive */
  int32_t last_day, last_end_day;         /* on which its last one begins, and ends, exclusive */
  uint32_t days;                          /* with reports */
};

struct runs {
  struct run *items;
  uint32_t count, capacity;
};

/* --- levels ------------------------------------------------------------------------------------------------------- */

/* One lower while t=y or pct holds it back, as in whatif. Reports of RFC 7489 have no word for t, nor need their
 * receivers know it; those of RFC 9990 have none for pct. */
struct policy_level policy_level_of(const struct seen_policy *p) {
  struct policy_level level;
  level.of[GOVERNED_BY_P] = policy_of(p->p);
  level.of[GOVERNED_BY_SP] = policy_or_inherited(policy_of(p->sp), level.of[GOVERNED_BY_P]);
  level.of[GOVERNED_BY_NP] = policy_or_inherited(policy_of(p->np), level.of[GOVERNED_BY_SP]);
  if (p->testing == 'y' || p->sampled == 'y')
    for (int i = 0; i < GOVERNINGS; i++) level.of[i] = policy_one_lower(level.of[i]);
  return level;
}

bool policy_level_is(const struct policy_level *a, const struct policy_level *b) {
  return !memcmp(a->of, b->of, sizeof a->of);
}

static bool falls(const struct policy_level *before, const struct policy_level *after) {
  for (int i = 0; i < GOVERNINGS; i++)
    if (after->of[i] < before->of[i]) return true;
  return false;
}

static bool differs_by_np_alone(const struct reporter_step *s) {
  return s->before.of[GOVERNED_BY_P] == s->after.of[GOVERNED_BY_P] &&
         s->before.of[GOVERNED_BY_SP] == s->after.of[GOVERNED_BY_SP];
}

/* Reports of RFC 7489 tell of no np: it tells steps apart only where nothing else does. */
static bool is_same_step(const struct reporter_step *a, const struct reporter_step *b) {
  if (differs_by_np_alone(a) != differs_by_np_alone(b)) return false;
  const int tags = differs_by_np_alone(a) ? GOVERNINGS : GOVERNED_BY_NP;
  return !memcmp(a->before.of, b->before.of, tags * sizeof *a->before.of) &&
         !memcmp(a->after.of, b->after.of, tags * sizeof *a->after.of);
}

/* --- runs of one reporter ----------------------------------------------------------------------------------------- */

/* A report that tells something else between two that agree is a stray one: its receiver asked a name server that was
 * behind. */
static void drop_stray(struct runs *r) {
  while (r->count >= 3 && r->items[r->count - 2].days == 1 &&
         policy_level_is(&r->items[r->count - 3].level, &r->items[r->count - 1].level)) {
    struct run *kept = &r->items[r->count - 3];
    kept->last = r->items[r->count - 1].last;
    kept->last_day = r->items[r->count - 1].last_day;
    kept->last_end_day = r->items[r->count - 1].last_end_day;
    kept->days += r->items[r->count - 1].days;
    r->count -= 2;
  }
}

static void add_report(struct runs *r, const struct seen_report *report, const struct seen_policy *seen) {
  const struct policy_level level = policy_level_of(seen);
  const int32_t day = utc_day_of(report->begin_s), ended = utc_day_of(report->end_s - 1) + 1;
  const int32_t end_day = ended > day ? ended : day + 1;
  struct run *last = r->count ? &r->items[r->count - 1] : NULL;
  if (last && policy_level_is(&last->level, &level)) {
    last->days += day != last->last_day;
    last->last = seen;
    last->last_day = day;
    last->last_end_day = end_day;
    drop_stray(r);
    return;
  }
  MEM_GROW(r->items, r->capacity, r->count);
  r->items[r->count++] = (struct run){.level = level,
                                      .first = seen,
                                      .last = seen,
                                      .first_day = day,
                                      .first_end_day = end_day,
                                      .last_day = day,
                                      .last_end_day = end_day,
                                      .days = 1};
}

static bool speaks(const struct history *h, const struct seen_report *r, int64_t end_s) {
  return r->begin_s < end_s && policy_of(h->policies[r->policy].p) != POLICY_UNKNOWN && !history_doubts(h, r);
}

/* --- steps -------------------------------------------------------------------------------------------------------- */

static int32_t earlier(int32_t a, int32_t b) { return a < b ? a : b; }

/* The windows end where the reporter switched before and does again, and where it was heard for the first time and for
 * the last. A run that began with a switch begins behind its first report. Whole weeks have each day of the week
 * equally often, wherever they begin. */
static void choose_windows(struct reporter_step *s, const struct runs *r, uint32_t after) {
  const struct run *former = &r->items[after - 1], *now = &r->items[after];
  const int32_t from_day = after > 1 ? former->first_end_day : former->first_day;
  const int32_t end_day = after + 1 < r->count ? r->items[after + 1].first_day : now->last_day + 1;
  s->first_day = now->first_day;
  s->last_day = now->last_end_day - 1;
  s->room_before = now->first_day - from_day;
  s->ends = after + 1 < r->count;
  s->begin_day[EFFECT_AFTER] = now->first_end_day;
  const int32_t room = earlier(now->first_day - from_day, end_day - now->first_end_day);
  s->days = room < 7 ? 0 : earlier(room, EFFECT_MOST_DAYS) / 7 * 7;
  s->begin_day[EFFECT_BEFORE] = now->first_day - s->days;
}

static void add_switches(struct effect_steps *s, const struct runs *r, uint32_t reporter) {
  for (uint32_t i = 1; i < r->count; i++) {
    const struct run *former = &r->items[i - 1], *now = &r->items[i];
    if (falls(&former->level, &now->level)) continue;
    MEM_GROW(s->items, s->capacity, s->count);
    struct reporter_step *added = &s->items[s->count++];
    *added = (struct reporter_step){.reporter = reporter,
                                    .before = former->level,
                                    .after = now->level,
                                    .seen_before = former->last,
                                    .seen_after = now->first};
    choose_windows(added, r, i);
    added->goes_back = i + 1 < r->count && falls(&now->level, &r->items[i + 1].level);
    if (added->goes_back) added->back_day = r->items[i + 1].first_day;
  }
}

static int by_day(const void *left, const void *right) {
  const struct reporter_step *a = left, *b = right;
  if (a->first_day != b->first_day) return a->first_day < b->first_day ? -1 : 1;
  return (a->reporter > b->reporter) - (a->reporter < b->reporter);
}

static int by_step(const void *left, const void *right) {
  const struct reporter_step *a = left, *b = right;
  if (a->step != b->step) return a->step < b->step ? -1 : 1;
  if (a->messages != b->messages) return a->messages < b->messages ? 1 : -1;
  return by_day(a, b);
}

#define NO_STEP UINT32_MAX

/* Joins what belongs together to the switch that came first. */
static void group(struct effect_steps *s, uint32_t reporters) {
  _cleanup_free_ unsigned *last_step = mem_alloc((reporters + 1) * sizeof *last_step); /* of each reporter */
  if (s->count) qsort(s->items, s->count, sizeof *s->items, by_day);
  for (uint32_t i = 0; i < s->count; i++) s->items[i].step = NO_STEP;
  for (uint32_t i = 0; i < reporters; i++) last_step[i] = NO_STEP;
  for (uint32_t i = 0; i < s->count; i++) {
    if (s->items[i].step != NO_STEP) continue;
    s->items[i].step = last_step[s->items[i].reporter] = s->step_count++;
    for (uint32_t k = i + 1; k < s->count && s->items[k].first_day <= s->items[i].first_day + ONE_STEP_DAYS; k++)
      if (s->items[k].step == NO_STEP && last_step[s->items[k].reporter] != s->items[i].step &&
          is_same_step(&s->items[i], &s->items[k]))
        s->items[k].step = last_step[s->items[k].reporter] = s->items[i].step;
  }
}

/* Of the weeks before it, what all report and what those do that tell of it. */
static double weigh(struct effect_steps *s, const struct history *h, uint32_t first, uint32_t end) {
  _cleanup_free_ struct reporter_step **telling = mem_zalloc((h->reporter_count + 1) * sizeof *telling);
  int32_t day = INT32_MAX;
  int64_t all = 0, told = 0;
  for (uint32_t i = first; i < end; i++) {
    day = earlier(day, s->items[i].first_day);
    telling[s->items[i].reporter] = &s->items[i];
  }
  for (uint32_t k = 0; k < h->report_count; k++) {
    const struct seen_report *r = &h->reports[k];
    if (r->day >= day + ONE_STEP_DAYS || r->day < day - EFFECT_MOST_DAYS || history_doubts(h, r)) continue;
    all += r->messages;
    if (!telling[r->reporter]) continue;
    telling[r->reporter]->messages += r->messages;
    told += r->messages;
  }
  return all ? (double)told / (double)all : 0;
}

/* Keeps the steps that enough mail tells of, numbers them anew, and drops the oldest of too many. */
static void keep_told(struct effect_steps *s, const struct history *h) {
  uint32_t kept = 0;
  unsigned steps = 0;
  if (s->count) qsort(s->items, s->count, sizeof *s->items, by_step);
  for (uint32_t i = 0, end; i < s->count; i = end) {
    for (end = i; end < s->count && s->items[end].step == s->items[i].step; end++) continue;
    if (weigh(s, h, i, end) < LEAST_PART) continue;
    for (uint32_t k = i; k < end; k++) {
      s->items[kept] = s->items[k];
      s->items[kept++].step = steps;
    }
    steps++;
  }
  s->count = kept;
  s->step_count = steps;
  if (steps > EFFECT_MOST_STEPS) {
    const unsigned left_out = steps - EFFECT_MOST_STEPS;
    uint32_t first = 0;
    while (s->items[first].step < left_out) first++;
    s->count -= first;
    memmove(s->items, s->items + first, s->count * sizeof *s->items);
    for (uint32_t i = 0; i < s->count; i++) s->items[i].step -= left_out;
    s->step_count = EFFECT_MOST_STEPS;
  }
  if (s->count) qsort(s->items, s->count, sizeof *s->items, by_step);
}

void effect_steps_find(struct effect_steps *s, const struct history *h, const struct judgement *j) {
  struct runs *of = mem_zalloc((h->reporter_count + 1) * sizeof *of);
  *s = (struct effect_steps){.count = 0};
  for (uint32_t i = 0; i < h->report_count; i++)
    if (speaks(h, &h->reports[i], j->window_end_s))
      add_report(&of[h->reports[i].reporter], &h->reports[i], &h->policies[h->reports[i].policy]);
  for (uint32_t i = 0; i < h->reporter_count; i++) {
    add_switches(s, &of[i], i);
    free(of[i].items);
  }
  free(of);
  group(s, h->reporter_count);
  keep_told(s, h);
}

void effect_steps_clear(struct effect_steps *s) {
  free(s->items);
  *s = (struct effect_steps){.count = 0};
}
