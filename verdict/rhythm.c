/* SPDX-License-Identifier: Apache-2.0 */
/* On which days a mark is seen: day after day, in runs with silence between them, or since the other day. */
#include <math.h>

#include "verdict/habits.h"

/* How long somebody must stay to have a habit. Networks meet themselves again by chance. */
static double wanted_span_days(const struct habits *x, const struct mark *m) {
  bool is_lost = x->is_crowded && (m->kind == MARK_NAME || !stands_out(x, m));
  return is_lost || m->kind == MARK_NETWORK || m->kind == MARK_SELECTOR ? x->t->long_span_days : x->t->habit_span_days;
}

/* One host that is met again and again, over longer than a bot lives: a shop that has mail on some days alone. No pause
 * is most of that time: else one reporter with a wrong clock tells of every bot twice. */
static bool lasts(const struct habits *x, const struct mark *m) {
  const struct sighting *days = mark_days(&x->marks, m);
  int32_t span = last_day(x, m) - first_day(x, m), pause = 0;
  for (uint32_t i = 1; i < m->sightings; i++)
    if (days[i].day - days[i - 1].day > pause) pause = days[i].day - days[i - 1].day;
  const bool is_host = m->kind == MARK_HOST ||
                       (m->kind == MARK_NETWORK && is_one_that_moves(x, m) && (!x->is_crowded || stands_out(x, m)));
  return is_host && m->sightings >= x->t->lasting_days && span >= x->t->long_span_days && pause <= span / 2;
}

/* On half of the days of a stretch. */
bool is_steady(const struct habits *x, const struct mark *m) {
  return is_there(x, m, x->t->habit_share, wanted_span_days(x, m)) || lasts(x, m);
}

/* Runs with silence between them, of like size: a newsletter, the invoices of each month. A stray message after a burst
 * is none; of a crowd, what one reporter with a wrong clock tells of a bot once more is none either. Of a name that
 * passes, which is one sender's, a second run that would be a question by itself is no stray. */
bool comes_in_runs(const struct habits *x, const struct mark *m) {
  const struct sighting *days = mark_days(&x->marks, m);
  int64_t run = 0, largest = 0, second = 0;
  double wanted_share = x->is_crowded && !stands_out(x, m) ? x->t->crowd_run_share : x->t->run_share;
  if ((double)days_at_most(days, m->sightings, window_days(x)) < x->least_of_runs) return false;
  for (uint32_t i = 0; i < m->sightings; i++) {
    run += days[i].messages;
    if (i + 1 < m->sightings && days[i + 1].day - days[i].day < x->t->run_apart_days) continue;
    if (run > largest) {
      second = largest;
      largest = run;
    } else if (run > second) {
      second = run;
    }
    run = 0;
  }
  if (m->kind == MARK_NAME && (double)second >= x->least_of_runs) return true;
  return second > 0 && (double)second >= wanted_share * (double)largest;
}

/* One host, for more than a week, never silent for as long as makes two runs, nor now. */
static bool comes_every_few_days(const struct habits *x, const struct mark *m) {
  const struct sighting *days = mark_days(&x->marks, m);
  for (uint32_t i = 1; i < m->sightings; i++)
    if (days[i].day - days[i - 1].day >= x->t->run_apart_days) return false;
  return m->kind == MARK_HOST && last_day(x, m) - first_day(x, m) >= x->t->run_days &&
         x->newest_day - last_day(x, m) < x->t->run_apart_days;
}

/* There since the other day and not gone: nobody can say yet. */
bool is_new_and_stays(const struct habits *x, const struct mark *m) {
  int32_t age_days = x->newest_day - first_day(x, m) + 1;
  if (x->is_crowded && !stands_out(x, m)) return false;
  if (age_days <= 0 || m->sightings < x->t->stranger_least_days) return false;
  const bool is_young = age_days <= fmax(x->t->stranger_days, wanted_span_days(x, m));
  return (is_young && m->sightings >= x->t->habit_share * age_days) ||
         (age_days <= fmax(x->t->stranger_days, x->t->long_span_days) && comes_every_few_days(x, m));
}
