/* SPDX-License-Identifier: Apache-2.0 */
/* A sender who has another address each time, in networks that have nothing to do with each other: a shop behind a line
 * that is given a new one each day, a machine in a cloud that is made anew for each newsletter, the offices of a firm.
 * No mark of his is met for longer than a week. What tells him from a crowd is that chance has no part in him: forgers
 * come on one day three and on the next none, on a Sunday as on a Monday.
 *
 * He stands out of a crowd by how much he sends, and nobody knows by how much: so those who sent at least one message
 * are looked at, then those who sent two, three, four, six, eight, twelve. */
#include <math.h>
#include <stdlib.h>
#include <time.h>

#include "base/mem.h"
#include "base/utc.h"
#include "verdict/marks.h"

/* A day of a host that was there for a week at most; over midnight it is one. Those whose network is a sender are no
 * question any more, and a report of a week does not tell of days. */
struct visit {
  int32_t day;
  int64_t messages;
  double size; /* messages a day of the host */
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

static void add_visit(struct visits *v, struct mark *host, int32_t day, int64_t messages, double size) {
  MEM_GROW(v->items, v->capacity, v->count);
  v->items[v->count++] = (struct visit){day, messages, size, host};
}

static void gather(struct visits *ret, const struct marks *x, const struct thresholds *t) {
  for (uint32_t i = 0; i < mark_count(x); i++) {
    struct mark *m = mark_at(x, i);
    if (m->kind != MARK_HOST || m->is_named || m->is_vague || !m->sightings || m->habit != HABIT_NONE) continue;
    if (mark_at(x, m->network)->habit >= HABIT_RUNS) continue;
    const int32_t first = mark_first_day(x, m), span = mark_last_day(x, m) - first + 1;
    if (span <= 2) {
      add_visit(ret, m, first, m->messages, (double)m->messages);
      continue;
    }
    for (uint32_t d = 0; d < m->sightings && span <= (int32_t)t->run_days; d++)
      add_visit(ret, m, mark_days(x, m)[d].day, mark_days(x, m)[d].messages, (double)m->messages / m->sightings);
  }
  if (ret->count) qsort(ret->items, ret->count, sizeof *ret->items, by_day);
}

/* --- what he may be known by -------------------------------------------------------------------------------------- */

struct group {
  struct sighting *days; /* `mark` is how many hosts came */
  uint32_t count;
  uint32_t visits;
  uint32_t alone;  /* days with one visit */
  uint32_t others; /* visits that are too small for it */
  int64_t of_others;
};

static void join_days(struct group *g, const struct visits *v, int64_t least, int32_t from_day) {
  for (uint32_t i = 0; i < v->count; i++) {
    const struct visit *next = &v->items[i];
    if (next->day < from_day) continue;
    if (next->size < (double)least) {
      g->others++;
      g->of_others += next->messages;
      continue;
    }
    g->visits++;
    struct sighting *last = g->count ? &g->days[g->count - 1] : NULL;
    if (last && last->day == next->day) {
      last->messages += next->messages;
      g->alone -= last->mark++ == 1;
      continue;
    }
    g->days[g->count++] = (struct sighting){1, next->day, next->messages};
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
  return (double)g->visits >= t->wander_visits && (double)g->alone >= t->alone_share * g->count &&
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

/* --- by the days of the week -------------------------------------------------------------------------------------- */

/* Of each weekday: how many there are from the first day to the last, and on how many of them there was mail. */
struct week {
  unsigned dates[7], met[7];
};

static struct week week_of(const struct group *g) {
  struct week w = {0};
  for (int32_t day = g->days[0].day; day <= g->days[g->count - 1].day; day++) w.dates[utc_weekday(day)]++;
  for (uint32_t i = 0; i < g->count; i++) w.met[utc_weekday(g->days[i].day)]++;
  return w;
}

static bool is_weekly(const struct group *g, const struct thresholds *t) {
  return g->count >= t->weekly_runs && is_within(g, utc_weekday, 0);
}

/* On nearly each Monday and Thursday and on no other day: on two to four of the seven. */
static bool is_on_some_weekdays(const struct group *g, const struct thresholds *t) {
  const struct week w = week_of(g);
  unsigned weekdays = 0;
  for (int i = 0; i < 7; i++) {
    if (w.met[i] && w.met[i] < t->weekly_share * w.dates[i]) return false;
    weekdays += w.met[i] > 0;
  }
  return g->count >= t->weekly_runs * weekdays && weekdays > 1 && weekdays <= 4;
}

/* Of the two days of a weekend, and of the five others of the week. */
struct part_of_week {
  unsigned hosts;
  int64_t messages;
};

/* Half as many hosts a day, or half as much mail, as on the five days. Chance, which brings enough hosts a week, brings
 * to the two days half as many in one week of ten. Hosts that are all there on a Sunday too may hardly send; but one
 * sends a lot and the next a little, so that it takes three times as many hosts to be as sure. */
static bool rests(const struct part_of_week *working, const struct part_of_week *resting, const struct thresholds *t) {
  const bool are_many = working->hosts + resting->hosts >= 3 * t->working_hosts;
  return working->hosts > 0 &&
         (5 * resting->hosts <= working->hosts || (are_many && 5 * resting->messages <= working->messages));
}

/* In a stretch of whole weeks, wherever their weekends are: the two days are Thursday and Friday, to Saturday and
 * Sunday. */
static bool rests_on(const struct group *g, int weekend, const struct thresholds *t) {
  const int32_t first = g->days[0].day, weeks = (g->days[g->count - 1].day - first + 1) / 7;
  unsigned resting = 0;
  uint32_t at = 0, all = 0;
  for (int32_t week = 0; week < weeks; week++) {
    struct part_of_week five = {0}, two = {0};
    for (; at < g->count && g->days[at].day < first + 7 * (week + 1); at++) {
      const int day = utc_weekday(g->days[at].day);
      struct part_of_week *of = day == weekend || day == weekend + 1 ? &two : &five;
      of->hosts += g->days[at].mark;
      of->messages += g->days[at].messages;
    }
    all += five.hosts + two.hosts;
    resting += rests(&five, &two, t);
  }
  return 7 * weeks >= 2 * t->long_span_days && all >= t->working_hosts * weeks && resting >= t->weekly_share * weeks;
}

static bool keeps_working_weeks(const struct group *g, const struct thresholds *t) {
  return rests_on(g, 3, t) || rests_on(g, 4, t) || rests_on(g, 5, t);
}

/* --- by their number ---------------------------------------------------------------------------------------------- */

/* The number of hosts that chance brings differs from day to day by its own mean at least (Poisson). One that differs
 * by less, as it does by chance once in a thousand times, is a program's: Fisher's index of dispersion, its limit by
 * Wilson and Hilferty (1931). Days of the week on which hardly anybody comes are none of its days. A botnet may have as
 * many hosts each day as well: so they must be few. In less than `least_days` chance does a lot. */
static bool comes_in_equal_numbers(const struct group *g, double least_days, const struct thresholds *t) {
  const struct week w = week_of(g);
  unsigned days = 0;
  double hosts = 0, squares = 0;
  for (int i = 0; i < 7; i++)
    if (2 * w.met[i] > w.dates[i]) days += w.dates[i];
  for (uint32_t i = 0; i < g->count; i++) {
    const int day = utc_weekday(g->days[i].day);
    if (2 * w.met[day] <= w.dates[day]) continue;
    hosts += g->days[i].mark;
    squares += (double)g->days[i].mark * g->days[i].mark;
  }
  if (days < least_days || hosts <= 0 || hosts > t->first_run_networks * days) return false;
  const double mean = hosts / days, freedom = days - 1, spread = 2 / (9 * freedom);
  return (squares - mean * hosts) / mean <= freedom * pow(1 - spread - 3.09 * sqrt(spread), 3);
}

/* --- all of them -------------------------------------------------------------------------------------------------- */

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

static bool are_few(const struct group *g, const struct wanderer_wish *wish) {
  return g->others >= g->visits && days_at_most(g->days, g->count, wish->window_days) <= wish->own_messages;
}

static enum stream_habit habit_of(struct group *g, const struct wanderer_wish *wish) {
  if (is_one_after_the_other(g, wish->t) || keeps_working_weeks(g, wish->t)) return HABIT_STEADY;
  if (are_few(g, wish) && comes_in_equal_numbers(g, wish->t->long_span_days, wish->t)) return HABIT_STEADY;
  if (is_on_some_weekdays(g, wish->t)) return HABIT_RUNS;
  join_runs(g);
  return are_alike(g, wish->t) && (is_weekly(g, wish->t) || is_monthly(g, wish->t)) ? HABIT_RUNS : HABIT_NONE;
}

/* Since a week or two, which is too short for all that and long enough for equal numbers, or for one a day: of a group
 * that was not there before. It came on most of these days: a run of forgers is over by then. */
static enum stream_habit new_habit_of(struct group *g, const struct wanderer_wish *wish) {
  const int32_t age_days = g->count ? wish->newest_day - g->days[0].day + 1 : 0;
  if (g->count < wish->t->habit_share * age_days || g->days[0].day <= wish->new_from_day) return HABIT_NONE;
  const bool is_one_a_day = (double)g->visits >= wish->t->wander_visits &&
                            (double)g->alone >= wish->t->alone_share * g->count &&
                            g->count >= wish->t->wander_share * age_days;
  const bool are_equal = are_few(g, wish) && comes_in_equal_numbers(g, wish->t->run_days, wish->t);
  return is_one_a_day || are_equal ? HABIT_NEW : HABIT_NONE;
}

/* Two, three, four, six, eight, twelve, ... */
static int64_t next_size(int64_t size) {
  const bool is_power_of_two = !(size & (size - 1));
  return size == 1 ? 2 : is_power_of_two ? size / 2 * 3 : size / 3 * 4;
}

typedef enum stream_habit judging_fn(struct group *g, const struct wanderer_wish *wish);

/* Of those who came from `from_day` on. Has anybody a habit? */
static bool find_group(const struct visits *v, int32_t from_day, judging_fn *judge, const struct wanderer_wish *wish) {
  __attribute__((cleanup(cleanup_sightings))) struct sighting *days = mem_zalloc((v->count + 1) * sizeof *days);
  for (int64_t least = 1;; least = next_size(least)) {
    struct group g = {.days = days};
    join_days(&g, v, least, from_day);
    if ((double)days_at_most(g.days, g.count, wish->window_days) < wish->least_messages) return false;
    enum stream_habit habit = stands_out(&g, least, wish->t) ? judge(&g, wish) : HABIT_NONE;
    if (habit == HABIT_NONE) continue;
    for (uint32_t i = 0; i < v->count; i++) {
      struct mark *host = v->items[i].host;
      if (v->items[i].day < from_day || v->items[i].size < (double)least || host->habit >= habit) continue;
      host->habit = habit;
      host->wanders = true;
    }
    return true;
  }
}

void find_wanderer(struct marks *x, const struct wanderer_wish *wish) {
  __attribute__((cleanup(cleanup_visits))) struct visits v = {0};
  gather(&v, x, wish->t);
  const int32_t before_day = 2 * wish->new_from_day - wish->newest_day; /* as long again */
  if (!find_group(&v, INT32_MIN, habit_of, wish)) find_group(&v, before_day, new_habit_of, wish);
}
