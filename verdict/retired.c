/* SPDX-License-Identifier: Apache-2.0 */
/* Domains that sent once and no longer do: a brand that was given up. Nothing tells it from one that never sent, but
 * that its owner has to say so, and that nobody may have come in the place of what went. */
#include <stdlib.h>

#include "base/cleanup.h"
#include "verdict/judging.h"
#include "verdict/run_of_days.h"

#define ORDINARY_DAYS 56 /* before its end, whose mail is what went */

static void cleanup_run(struct run_of_days *x) { free(x->days); }

/* Messages of the days from `first` to `last`. */
static int64_t messages_of(const struct run_of_days *x, int32_t first, int32_t last) {
  int64_t sum = 0;
  for (uint32_t i = 0; i < x->count; i++)
    if (x->days[i].day >= first && x->days[i].day <= last) sum += x->days[i].messages;
  return sum;
}

/* For longer than it ever was silent, or than the longest window reaches: what sends rarely has no silence to tell. */
static bool is_silent(const struct judging *g, const struct run_of_days *own) {
  const int32_t silent = g->end_day - run_last_day(own);
  if (silent >= (int32_t)g->t->longest_window_days) return true;
  const bool has_rhythm = (double)own->count >= g->t->data_days[TO_QUARANTINE];
  return has_rhythm && silent >= (int32_t)g->t->retired_days && silent > g->t->stopped_rhythms * run_longest_gap(own);
}

/* Who sends more since, as much as a good part of what went, may be the owner, moved elsewhere. */
static bool is_followed(const struct judging *g, const struct run_of_days *own, const struct run_of_days *strange) {
  const int32_t last = run_last_day(own), first = first_day_of_history(g->h);
  const int32_t begin = last - ORDINARY_DAYS + 1 > first ? last - ORDINARY_DAYS + 1 : first;
  const double days_before = last - begin + 1, days_since = g->end_day - last;
  const double went = (double)messages_of(own, begin, last) / days_before;
  const double more = (double)messages_of(strange, last + 1, g->end_day) / days_since -
                      (double)messages_of(strange, begin, last) / days_before;
  return more >= g->t->stopped_successor * went;
}

static int32_t last_own_day(const struct judging *g) {
  int32_t last = INT32_MIN;
  for (uint32_t i = 0; i < g->h->stream_count; i++) {
    const struct stream *s = &g->h->streams[i];
    if (s->day_count && stream_is_own(s) && in_scope(g, s) && s->days[s->day_count - 1].day > last)
      last = s->days[s->day_count - 1].day;
  }
  return last;
}

void find_retired(struct judging *g) {
  __attribute__((cleanup(cleanup_run))) struct run_of_days own = {0}, strange = {0};
  struct judgement *j = g->j;
  j->last_own_day = last_own_day(g);
  if (j->last_own_day == INT32_MIN || g->end_day - j->last_own_day < (int32_t)g->t->retired_days) return;
  for (uint32_t i = 0; i < g->h->stream_count; i++) {
    const struct stream *s = &g->h->streams[i];
    if (!in_scope(g, s)) continue;
    if (stream_is_own(s)) run_add_days(&own, s);
    if (s->class == CLASS_SUSPICIOUS || s->class == CLASS_UNDECIDED) run_add_days(&strange, s);
  }
  run_sort(&own);
  run_sort(&strange);
  j->retired = is_silent(g, &own) && !is_followed(g, &own, &strange) && !may_have_forgotten_senders(g);
}
