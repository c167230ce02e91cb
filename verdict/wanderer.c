/* SPDX-License-Identifier: Apache-2.0 */
/* A sender who has another address each time, in networks that have nothing to do with each other: a shop behind a line
 * that is given a new one each day, a machine in a cloud that is made anew for each newsletter. No mark of his is met
 * twice. What tells him from a crowd is that he is alone: forgers come by chance, on one day three and on the next
 * none.
 *
 * He stands out of a crowd by how much he sends, and nobody knows by how much: so those who sent at least one message
 * are looked at, then those who sent two, four, eight. */
#include <stdlib.h>
#include <time.h>

#include "base/mem.h"
#include "base/utc.h"
#include "verdict/marks.h"

/* A host that was there once: on one day, or over midnight. Those whose network is a sender are no question any more,
 * and a report of a week does not tell of days. */
struct visit {
  int32_t day;
  int64_t messages;
  struct mark *host;
};

struct visits {
  struct visit *items;
  uint32_t count, capacity;
};

static void cleanup_visits(struct visits *v) { free(v->items); }
static void cleanup_sightings(struct sighting **days) { free(*days); }

static int by_day(const void *a, const void *b) {
  const struct visit *x = a, *y = b;
  return (x->day > y->day) - (x->day < y->day);
}

static void gather(struct visits *ret, const struct marks *x) {
  for (uint32_t i = 0; i < mark_count(x); i++) {
    struct mark *m = mark_at(x, i);
    if (m->kind != MARK_HOST || m->is_named || m->is_vague || !m->sightings) continue;
    if (mark_at(x, m->network)->habit >= HABIT_RUNS) continue;
    if (mark_last_day(x, m) - mark_first_day(x, m) > 1) continue;
    MEM_GROW(ret->items, ret->capacity, ret->count);
    ret->items[ret->count++] = (struct visit){mark_first_day(x, m), m->messages, m};
  }
  if (ret->count) qsort(ret->items, ret->count, sizeof *ret->items, by_day);
}

/* --- what he may be known by -------------------------------------------------------------------------------------- */

struct group {
  struct sighting *days;
  uint32_t count;
  uint32_t alone;  /* days with one visit */
  uint32_t others; /* visits that are too small for it */
  int64_t of_others;
};

static void join_days(struct group *g, const struct visits *v, int64_t least) {
  uint32_t visits_of_day = 0;
  for (uint32_t i = 0; i < v->count; i++) {
    const struct visit *next = &v->items[i];
    if (next->messages < least) {
      g->others++;
      g->of_others += next->messages;
      continue;
    }
    struct sighting *last = g->count ? &g->days[g->count - 1] : NULL;
    if (last && last->day == next->day) {
      last->messages += next->messages;
      g->alone -= visits_of_day++ == 1;
      continue;
    }
    g->days[g->count++] = (struct sighting){0, next->day, next->messages};
    visits_of_day = 1;
    g->alone++;
  }
}

/* The least of them sends so many times what the others do. The largest of a crowd are some of it, and meet by chance.
 */
static bool stands_out(const struct group *g, int64_t least, const struct thresholds *t) {
  return (double)least * g->others >= t->crowd_times * (double)g->of_others;
}

/* One after the other, day after day. Chance that brings somebody on so many days brings two on most of them. */
static bool is_one_after_the_other(const struct group *g, const struct thresholds *t) {
  return (double)g->alone >= t->alone_share * g->count &&
         days_are_dense(g->days, g->count, t->wander_share, t->long_span_days);
}

static struct tm date_of(int32_t day) {
  struct tm date;
  const time_t s = (time_t)utc_from_day(day);
  gmtime_r(&s, &date);
  return date;
}

/* Days from the end of the month, backwards: 0 is its last. */
static int from_end_of_month(int32_t day) {
  int month = date_of(day).tm_mon, days = 0;
  while (date_of(day + days + 1).tm_mon == month) days++;
  return -days;
}

static int from_begin_of_month(int32_t day) { return date_of(day).tm_mday; }

/* What comes in a rhythm is the same each time. */
static bool are_alike(const struct group *g, const struct thresholds *t) {
  int64_t least = INT64_MAX, most = 0;
  for (uint32_t i = 0; i < g->count; i++) {
    if (g->days[i].messages < least) least = g->days[i].messages;
    if (g->days[i].messages > most) most = g->days[i].messages;
  }
  return (double)least >= t->run_share * (double)most;
}

static bool is_within(const struct group *g, int (*place)(int32_t day), int most_apart) {
  int least = place(g->days[0].day), most = least;
  for (uint32_t i = 1; i < g->count; i++) {
    int next = place(g->days[i].day);
    least = next < least ? next : least;
    most = next > most ? next : most;
  }
  return most - least <= most_apart;
}

/* The first of each month, or its last working day. */
static bool is_monthly(const struct group *g, const struct thresholds *t) {
  for (uint32_t i = 1; i < g->count; i++)
    if (g->days[i].day - g->days[i - 1].day < 20) return false;
  return g->count >= t->monthly_runs && (is_within(g, from_begin_of_month, 2) || is_within(g, from_end_of_month, 2));
}

static bool is_weekly(const struct group *g, const struct thresholds *t) {
  return g->count >= t->weekly_runs && is_within(g, utc_weekday, 0);
}

/* Messages told of on the next day as well are of one run: the fuller of the two is its day. */
static void join_runs(struct group *g) {
  uint32_t kept = 0;
  for (uint32_t i = 0; i < g->count; i++) {
    struct sighting *last = kept ? &g->days[kept - 1] : NULL;
    if (!last || g->days[i].day - last->day > 1) {
      g->days[kept++] = g->days[i];
    } else {
      if (g->days[i].messages > last->messages) last->day = g->days[i].day;
      last->messages += g->days[i].messages;
    }
  }
  g->count = kept;
}

static enum stream_habit habit_of(struct group *g, const struct wanderer_wish *wish) {
  if (is_one_after_the_other(g, wish->t)) return HABIT_STEADY;
  join_runs(g);
  return are_alike(g, wish->t) && (is_weekly(g, wish->t) || is_monthly(g, wish->t)) ? HABIT_RUNS : HABIT_NONE;
}

void find_wanderer(struct marks *x, const struct wanderer_wish *wish) {
  __attribute__((cleanup(cleanup_visits))) struct visits v = {0};
  gather(&v, x);
  __attribute__((cleanup(cleanup_sightings))) struct sighting *days = mem_zalloc((v.count + 1) * sizeof *days);
  for (int64_t least = 1;; least *= 2) {
    struct group g = {.days = days};
    join_days(&g, &v, least);
    if ((double)days_at_most(g.days, g.count, wish->window_days) < wish->least_messages) return;
    enum stream_habit habit = stands_out(&g, least, wish->t) ? habit_of(&g, wish) : HABIT_NONE;
    if (habit == HABIT_NONE) continue;
    for (uint32_t i = 0; i < v.count; i++) {
      struct mark *host = v.items[i].host;
      if (v.items[i].messages < least || host->habit >= habit) continue;
      host->habit = habit;
      host->wanders = true;
    }
    return;
  }
}
