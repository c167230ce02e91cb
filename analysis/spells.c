/* SPDX-License-Identifier: Apache-2.0 */
/* Walks the days once, with the days on which anything was heard of the domain beside them. */
#include "analysis/spells.h"

#include <math.h>

struct walk {
  const struct spell_rules *rules;
  const struct spell_day *days;
  uint32_t count;
  const int32_t *heard;
  uint32_t heard_count;
  int32_t end_day;
  int32_t most_silent; /* days with reports and without mail of the sender, after which a spell is over */
};

/* Days from one with its mail to the next, on average. */
static double rhythm_of(const struct spell_day *days, uint32_t count) {
  return count > 1 ? (double)(days[count - 1].day - days[0].day) / (count - 1) : 1;
}

static uint32_t first_behind(const int32_t *days, uint32_t count, int32_t day) {
  uint32_t low = 0, high = count;
  while (low < high) {
    const uint32_t middle = low + (high - low) / 2;
    if (days[middle] > day)
      high = middle;
    else
      low = middle + 1;
  }
  return low;
}

/* Says on which day the spell is over whose last day the sender's days go on behind at `next`. */
static void find_end(const struct walk *w, struct spell *s, uint32_t next) {
  int32_t clean = 0, silent = 0;
  s->gone_day = INT32_MAX;
  for (uint32_t i = first_behind(w->heard, w->heard_count, s->last_day); i < w->heard_count; i++) {
    const int32_t day = w->heard[i];
    if (day > w->end_day) break;
    while (next < w->count && w->days[next].day < day) next++;
    const bool is_sent = next < w->count && w->days[next].day == day;
    if (is_sent && w->days[next].bad) break; /* not over by then */
    clean += is_sent;
    silent++;
    if (clean < w->rules->clean_days && silent < w->most_silent) continue;
    s->gone_day = day;
    s->is_silent = clean < w->rules->clean_days;
    break;
  }
}

static void add_day(const struct walk *w, struct spell *s, const struct spell_day *d) {
  s->messages += d->messages;
  s->bad += d->bad;
  s->last_day = d->day;
  if (s->found_day == INT32_MAX && w->rules->is_told(w->rules->user, s->messages, s->bad)) s->found_day = d->day;
}

/* Goes on from `*at`, which is bad, and leaves it behind the spell. */
static struct spell next_spell(const struct walk *w, uint32_t *at) {
  struct spell s = {.first_day = w->days[*at].day, .found_day = INT32_MAX, .gone_day = INT32_MAX};
  int64_t clean = 0; /* messages since the last bad day: they belong to it once another follows */
  for (; *at < w->count && w->days[*at].day <= w->end_day; ++*at) {
    const struct spell_day *d = &w->days[*at];
    if (!d->bad) {
      clean += d->messages;
      continue;
    }
    if (s.gone_day < d->day) return s;
    s.messages += clean;
    clean = 0;
    add_day(w, &s, d);
    find_end(w, &s, *at + 1);
  }
  return s;
}

bool spells_last(const struct spell_rules *r, const struct spell_day *days, uint32_t count, const int32_t *heard,
                 uint32_t heard_count, int32_t end_day, struct spell *ret) {
  struct walk w = {r, days, count, heard, heard_count, end_day, r->clean_days};
  const double silent = ceil(r->rhythms * rhythm_of(days, count));
  bool found = false;
  if (silent > w.most_silent) w.most_silent = silent < INT32_MAX ? (int32_t)silent : INT32_MAX;
  for (uint32_t i = 0; i < count && days[i].day <= end_day;) {
    if (!days[i].bad) {
      i++;
      continue;
    }
    const struct spell s = next_spell(&w, &i);
    if (s.found_day == INT32_MAX) continue;
    *ret = s;
    found = true;
  }
  return found;
}
