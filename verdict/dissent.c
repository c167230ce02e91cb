/* SPDX-License-Identifier: Apache-2.0 */
/* Reporters that go on telling of another policy than most do: there are two records, or a name server is behind. */
#include <string.h>

#include "base/cleanup.h"
#include "verdict/judging.h"

/* What one reporter tells that most do not. */
struct dissenter {
  enum policy p; /* of its newest such report */
  uint32_t newest;
  int64_t messages;
  int32_t last_day;
  unsigned days;
  bool is_proven;
};

static void add_report(struct dissenter *d, const struct judging *g, uint32_t number) {
  const struct seen_report *r = &g->h->reports[number];
  d->p = policy_in_scope(g, &g->h->policies[r->policy]);
  d->newest = number;
  d->messages += r->messages;
  d->days += !d->days || r->day != d->last_day;
  d->last_day = r->day;
  d->is_proven = r->provenance == PROVENANCE_PROVEN || r->trusted;
}

/* A stray report is no dissent, nor is who learns of a change later than others. */
static bool is_steady(const struct judging *g, const struct dissenter *d) {
  return (double)d->days >= g->t->steady_policy_days && d->last_day > g->end_day - (int32_t)g->t->steady_policy_days;
}

static void name_dissenter(struct judging *g, uint32_t reporter, const struct dissenter *d) {
  struct dissenting_reporters *list = &g->j->dissenting;
  unsigned at = list->count;
  while (at > 0 && list->items[at - 1].messages < d->messages) at--;
  if (list->count == MOST_DISSENTING) list->left_out++;
  if (at == MOST_DISSENTING) return;
  if (list->count < MOST_DISSENTING) list->count++;
  memmove(&list->items[at + 1], &list->items[at], (list->count - at - 1) * sizeof *list->items);
  list->items[at].name = g->h->reporters ? g->h->reporters[reporter] : "";
  list->items[at].p = d->p;
  list->items[at].days = d->days;
  list->items[at].messages = d->messages;
}

/* Two tell of it, or one that is proven: what a single reporter says is told, and moves nothing. */
static bool is_believed(const struct dissenter *all, uint32_t count, enum policy p) {
  unsigned voices = 0;
  for (uint32_t i = 0; i < count; i++)
    if (all[i].p == p) voices += all[i].is_proven ? 2 : 1;
  return voices > 1;
}

struct dissent find_dissent(struct judging *g) {
  const struct history *h = g->h;
  const enum policy by_most = g->j->current;
  const int64_t settled_s = g->j->policy_since_s + policy_settling_s(g);
  struct dissent found = {NO_DISSENT, POLICY_UNKNOWN};
  if (g->j->scope == SCOPE_BELOW || by_most == POLICY_UNKNOWN) return found;
  _cleanup_free_ struct dissenter *all = mem_zalloc((h->reporter_count + 1) * sizeof *all);
  for (uint32_t i = 0; i < h->report_count; i++) {
    const struct seen_report *r = &h->reports[i];
    const enum policy p = policy_in_scope(g, &h->policies[r->policy]);
    if (p != POLICY_UNKNOWN && p != by_most && r->begin_s > settled_s && r->day >= g->begin_day &&
        r->day <= g->end_day && !history_doubts(h, r))
      add_report(&all[r->reporter], g, i);
  }
  for (uint32_t i = 0; i < h->reporter_count; i++) {
    if (is_steady(g, &all[i]))
      name_dissenter(g, i, &all[i]);
    else
      all[i].p = POLICY_UNKNOWN;
  }
  for (enum policy p = POLICY_REJECT; p > POLICY_UNKNOWN; p--) {
    if (p != by_most && !is_believed(all, h->reporter_count, p)) continue;
    if (found.strongest == POLICY_UNKNOWN) found.strongest = p;
    for (uint32_t i = 0; p < by_most && i < h->reporter_count; i++)
      if (all[i].p == p) found.weakest_report = all[i].newest;
  }
  return found;
}
