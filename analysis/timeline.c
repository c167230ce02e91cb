/* SPDX-License-Identifier: Apache-2.0 */
/* Judges a history day by day, or week by week, and keeps the days on which something changed. */
#include "analysis/timeline.h"

#include <stdlib.h>
#include <string.h>

#include "analysis/comparison.h"
#include "analysis/past.h"
#include "analysis/policy_steps.h"
#include "base/cleanup.h"
#include "base/utc.h"

const char *timeline_kind_word(enum timeline_kind k) {
  static const char *const WORDS[TIMELINE_KINDS] = {"policy", "verdict", "taken"};
  return WORDS[k];
}

/* --- what was known on a day -------------------------------------------------------------------------------------- */

/* A history, and what was found of it. */
struct walk {
  const struct judgement_basis *basis;
  struct history *h;
  bool *left_out;
  struct timeline *line;
};

struct known {
  int32_t day;
  bool is_known; /* else nothing had come by then */
  struct timeline_judgement judgement;
};

static struct timeline_event *add(struct timeline *l, int32_t day, enum timeline_kind kind) {
  MEM_GROW(l->events, l->capacity, l->count);
  l->events[l->count] = (struct timeline_event){.day = day, .kind = kind};
  return &l->events[l->count++];
}

static struct timeline_judgement keep(const struct judgement *j) {
  return (struct timeline_judgement){.verdict = j->verdict,
                                     .reason = j->reason,
                                     .policy = j->policy,
                                     .next = j->next,
                                     .own_messages = j->own_messages,
                                     .own_passed = j->own_passed,
                                     .undecided = j->undecided};
}

static struct known know(const struct walk *w, int32_t day) {
  struct known k = {.day = day};
  struct judgement j;
  past_leave_out(w->h, day, w->left_out);
  k.is_known = past_judge(w->h, w->basis, w->left_out, day, &j);
  if (k.is_known) k.judgement = keep(&j);
  return k;
}

/* --- what changed ------------------------------------------------------------------------------------------------- */

static bool is_same_policy(const struct timeline_judgement *a, const struct timeline_judgement *b) {
  struct diff_change change = {0};
  compare_tags(&change, &a->policy, &b->policy);
  return !change.tag_count;
}

/* A verdict on another step is another one. */
static bool is_same_verdict(const struct timeline_judgement *a, const struct timeline_judgement *b) {
  return a->verdict == b->verdict && a->next == b->next;
}

static void add_judged(struct timeline *l, enum timeline_kind kind, const struct known *before,
                       const struct known *after) {
  struct timeline_event *event = add(l, after->day, kind);
  event->after = after->judgement;
  event->is_first = !before->is_known;
  if (before->is_known) event->before = before->judgement;
}

/* Of two days, and of those between them where they differ. */
static void add_changes(const struct walk *w, const struct known *before, const struct known *after) {
  const bool is_first = !before->is_known;
  if (!after->is_known) return;
  const bool policy = is_first || !is_same_policy(&before->judgement, &after->judgement);
  const bool verdict = is_first || !is_same_verdict(&before->judgement, &after->judgement);
  if ((policy || verdict) && after->day - before->day > 1) {
    const struct known between = know(w, before->day + (after->day - before->day) / 2);
    add_changes(w, before, &between);
    add_changes(w, &between, after);
    return;
  }
  if (policy) add_judged(w->line, TIMELINE_POLICY, before, after);
  if (verdict) add_judged(w->line, TIMELINE_VERDICT, before, after);
}

static void walk_days(const struct judgement_basis *basis, struct history *h, int32_t last_day, struct timeline *line) {
  const int32_t first_day = past_first_day(h, basis->thresholds, last_day);
  _cleanup_free_ bool *left_out = mem_zalloc(h->report_count + 1);
  const struct walk w = {basis, h, left_out, line};
  struct known before = {.day = first_day - 1};
  for (int32_t day = first_day; day <= last_day; day++) {
    const struct known now = know(&w, day);
    add_changes(&w, &before, &now);
    before = now;
  }
}

#define MOST_STEPS 8

/* The next day behind one that is looked at: a week later, or beside the next step of the policy. */
static int32_t day_behind(int32_t day, const struct policy_step *steps, unsigned count, int32_t last_day) {
  int32_t next = day + 7;
  for (unsigned i = 0; i < count; i++) {
    if (steps[i].day - 1 > day && steps[i].day - 1 < next) next = steps[i].day - 1;
    if (steps[i].day > day && steps[i].day < next) next = steps[i].day;
  }
  return next < last_day ? next : last_day;
}

void timeline_of_weeks(const struct judgement_basis *basis, struct history *h, const struct judgement *j,
                       int32_t since_day, struct timeline *ret) {
  const int32_t last_day = utc_day_of(j->window_end_s - 1);
  *ret = (struct timeline){.domain = h->domain};
  if (!h->report_count || since_day > last_day) return;
  const int32_t first_day = past_first_day(h, basis->thresholds, last_day);
  if (since_day < first_day) since_day = first_day;
  _cleanup_free_ bool *left_out = mem_zalloc(h->report_count + 1);
  const struct walk w = {basis, h, left_out, ret};
  struct policy_step steps[MOST_STEPS];
  const unsigned count = policy_steps_find(h, j, since_day, steps, MOST_STEPS);
  struct known before = {.day = since_day - 1};
  for (int32_t day = since_day;; day = day_behind(day, steps, count, last_day)) {
    const struct known now = know(&w, day);
    add_changes(&w, &before, &now);
    before = now;
    if (day == last_day) return;
  }
}

void timeline_clear(struct timeline *t) {
  free(t->events);
  *t = (struct timeline){0};
}

/* What was not said yet as of the day of asking is not there. */
static void add_taken(const struct taken_steps *taken, const char *domain, int32_t today, struct timeline *l) {
  for (uint32_t i = 0; taken && i < taken->count; i++)
    if (!strcmp(taken->items[i].domain, domain) && taken->items[i].day <= today)
      add(l, taken->items[i].day, TIMELINE_TAKEN)->taken = &taken->items[i];
}

static int by_day(const void *left, const void *right) {
  const struct timeline_event *a = left, *b = right;
  if (a->day != b->day) return a->day < b->day ? -1 : 1;
  if (a->kind != b->kind) return a->kind < b->kind ? -1 : 1;
  return a->taken && b->taken ? (a->taken > b->taken) - (a->taken < b->taken) : 0;
}

struct drawing {
  const struct judgement_basis *basis;
  const struct taken_steps *taken;
  timeline_fn *fn;
  void *user;
};

static int on_domain(void *user, struct history *h, const struct judgement *j, struct err *e) {
  const struct drawing *d = user;
  struct timeline line = {.domain = h->domain};
  if (h->report_count) walk_days(d->basis, h, utc_day_of(j->window_end_s - 1), &line);
  add_taken(d->taken, h->domain, utc_day_of(d->basis->as_of_s), &line);
  if (line.count) qsort(line.events, line.count, sizeof *line.events, by_day);
  int code = d->fn(d->user, &line, e);
  timeline_clear(&line);
  return code;
}

int timeline_each(const struct inquiry *q, const struct taken_steps *taken, timeline_fn *fn, void *user,
                  struct err *e) {
  struct drawing d = {q->basis, taken, fn, user};
  return judge_each_parting(q, on_domain, &d, e);
}
