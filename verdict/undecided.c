/* SPDX-License-Identifier: Apache-2.0 */
/* How much of each source is undecided: what it sent in the window, or in the fullest run of days before it that is
 * remembered, whichever is more. A sender who changes his addresses is many silent streams and one source, and one who
 * sends little this month may send as much as ever in the next. */
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/mem.h"
#include "verdict/judging.h"

struct site_day {
  struct site *site;
  int32_t day;
  int64_t at_stake;
};

struct site_days {
  struct site_day *items;
  uint32_t count, capacity;
};

static void cleanup_site_days(struct site_days *x) { free(x->items); }

static int by_site_and_day(const void *a, const void *b) {
  const struct site_day *x = a, *y = b;
  if (x->site != y->site) return x->site < y->site ? -1 : 1;
  return (x->day > y->day) - (x->day < y->day);
}

/* Of what was repaired, or is forgotten, nothing counts but what it sends in the window. */
static bool counts(const struct judging *g, const struct stream *s) {
  return s->class == CLASS_UNDECIDED && in_scope(g, s) && s->window_messages > 0 && !s->was_mended;
}

static void gather(struct site_days *ret, struct judging *g) {
  for (uint32_t i = 0; i < g->h->stream_count; i++) {
    const struct stream *s = &g->h->streams[i];
    if (!counts(g, s)) continue;
    struct site *site = hashmap_get(&g->sites, &s->site, sizeof s->site);
    for (uint32_t d = 0; d < s->day_count && s->days[d].day < g->begin_day; d++) {
      const struct stream_day *day = &s->days[d];
      if ((double)day->day < g->end_day - g->t->memory_days) continue;
      MEM_GROW(ret->items, ret->capacity, ret->count);
      ret->items[ret->count++] = (struct site_day){site, day->day, stream_day_at_stake(day)};
    }
  }
  if (ret->count) qsort(ret->items, ret->count, sizeof *ret->items, by_site_and_day);
}

void weigh_undecided(struct judging *g) {
  __attribute__((cleanup(cleanup_site_days))) struct site_days x = {0};
  gather(&x, g);
  int64_t run = 0;
  for (uint32_t from = 0, to = 0; to < x.count; to++) {
    struct site *site = x.items[to].site;
    if (from < to && x.items[from].site != site) {
      from = to;
      run = 0;
    }
    run += x.items[to].at_stake;
    while (x.items[from].day <= x.items[to].day - (int32_t)g->t->run_days) run -= x.items[from++].at_stake;
    if (run > site->undecided) site->undecided = run;
  }
  for (uint32_t i = 0; i < g->sites.count; i++)
    g->j->undecided += ((const struct site *)hashmap_value_at(&g->sites, i))->undecided;
}
