/* SPDX-License-Identifier: Apache-2.0 */
/* Judges a history day by day and keeps the days on which something changed. */
#include "analysis/timeline.h"

#include <stdlib.h>
#include <string.h>

#include "analysis/comparison.h"
#include "analysis/past.h"
#include "base/cleanup.h"
#include "base/utc.h"

const char *timeline_kind_word(enum timeline_kind k) {
  static const char *const WORDS[TIMELINE_KINDS] = {"policy", "verdict", "taken"};
  return WORDS[k];
}

struct line {
  struct timeline_event *events;
  uint32_t count, capacity;
};

static struct timeline_event *add(struct line *l, int32_t day, enum timeline_kind kind) {
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

static bool is_same_policy(const struct seen_policy *a, const struct seen_policy *b) {
  struct diff_change change = {0};
  compare_tags(&change, a, b);
  return !change.tag_count;
}

/* A verdict on another step is another one. */
static bool is_same_verdict(const struct timeline_judgement *a, const struct timeline_judgement *b) {
  return a->verdict == b->verdict && a->next == b->next;
}

static void add_judged(struct line *l, int32_t day, enum timeline_kind kind, const struct timeline_judgement *before,
                       const struct timeline_judgement *after) {
  struct timeline_event *event = add(l, day, kind);
  event->after = *after;
  event->is_first = !before;
  if (before) event->before = *before;
}

static void judge_days(const struct judgement_basis *basis, struct history *h, int32_t last_day, struct line *l) {
  _cleanup_free_ bool *left_out = mem_zalloc(h->report_count + 1);
  struct timeline_judgement before = {0};
  bool is_known = false;
  for (int32_t day = past_first_day(h, basis->thresholds, last_day); day <= last_day; day++) {
    struct judgement j;
    past_leave_out(h, day, left_out);
    if (!past_judge(h, basis, left_out, day, &j)) continue;
    const struct timeline_judgement now = keep(&j), *then = is_known ? &before : NULL;
    if (!then || !is_same_policy(&then->policy, &now.policy)) add_judged(l, day, TIMELINE_POLICY, then, &now);
    if (!then || !is_same_verdict(then, &now)) add_judged(l, day, TIMELINE_VERDICT, then, &now);
    before = now;
    is_known = true;
  }
}

/* What was not said yet as of the day of asking is not there. */
static void add_taken(const struct taken_steps *taken, const char *domain, int32_t today, struct line *l) {
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
  struct line l = {.count = 0};
  if (h->report_count) judge_days(d->basis, h, utc_day_of(j->window_end_s - 1), &l);
  add_taken(d->taken, h->domain, utc_day_of(d->basis->as_of_s), &l);
  if (l.count) qsort(l.events, l.count, sizeof *l.events, by_day);
  int code = d->fn(d->user, &(struct timeline){h->domain, l.events, l.count}, e);
  free(l.events);
  return code;
}

int timeline_each(const struct inquiry *q, const struct taken_steps *taken, timeline_fn *fn, void *user,
                  struct err *e) {
  struct drawing d = {q->basis, taken, fn, user};
  return judge_each_parting(q, on_domain, &d, e);
}
