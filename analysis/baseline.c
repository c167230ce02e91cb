/* SPDX-License-Identifier: Apache-2.0 */
/* Medians by weekday, out of which days stand; all days of a reporter where there are few of a weekday. */
#include "analysis/baseline.h"

#include <math.h>
#include <stdlib.h>

#include "base/utc.h"

#define MAD_TO_DEVIATION 1.4826 /* of a normal distribution */

/* By insertion: there are few. */
static void sort(int64_t *values, uint32_t count) {
  for (uint32_t i = 1; i < count; i++) {
    const int64_t value = values[i];
    uint32_t at = i;
    for (; at && values[at - 1] > value; at--) values[at] = values[at - 1];
    values[at] = value;
  }
}

/* Most days of most mail are without any: then there is nothing to sort. */
double baseline_median(int64_t *values, uint32_t count) {
  uint32_t zeros = 0;
  for (uint32_t i = 0; i < count; i++) zeros += !values[i];
  if (!count || zeros > count / 2) return 0;
  sort(values, count);
  return ((double)values[(count - 1) / 2] + (double)values[count / 2]) / 2;
}

/* What is like the day, out of the entries [first, end), which are those of the last weeks: at most one a day. */
static uint32_t gather_like(const struct told_days *told, uint32_t first, uint32_t end, int32_t day,
                            int64_t ret[BASELINE_DAYS]) {
  uint32_t count = 0;
  for (uint32_t i = first; i < end; i++)
    if ((day - told->days[i]) % 7 == 0) ret[count++] = told->messages[i];
  if (count >= BASELINE_WEEKDAYS) return count;
  for (count = 0; first + count < end; count++) ret[count] = told->messages[first + count];
  return count;
}

static double spread_of(int64_t *values, uint32_t count, double median) {
  for (uint32_t i = 0; i < count; i++) values[i] = llabs(values[i] - (int64_t)median);
  return MAD_TO_DEVIATION * baseline_median(values, count);
}

/* What was met before the day at hand. */
struct met {
  int64_t peak, run_peak;
};

static void meet(struct met *m, const struct told_days *told, uint32_t i) {
  int64_t messages = told->messages[i];
  if (messages > m->peak) m->peak = messages;
  if (!i || told->days[i] - told->days[i - 1] > BASELINE_RUN_GAP) return;
  int64_t lesser = told->messages[i - 1] < messages ? told->messages[i - 1] : messages;
  if (lesser > m->run_peak) m->run_peak = lesser;
}

void baseline_add(struct baseline *b, const struct told_days *told) {
  struct met met = {0};
  uint32_t first = 0, next = 0; /* of the last weeks; not met yet */
  for (int32_t day = b->begin_day; day <= b->end_day; day++) {
    while (next < told->count && told->days[next] < day) meet(&met, told, next++);
    while (first < next && told->days[first] < day - BASELINE_DAYS) first++;
    if (next - first < BASELINE_LEAST_HEARD || told->days[0] > day - BASELINE_LEAST_AGE ||
        told->days[next - 1] < day - BASELINE_MOST_SILENT)
      continue;
    struct baseline_day *d = &b->days[day - b->begin_day];
    int64_t like[BASELINE_DAYS];
    const uint32_t count = gather_like(told, first, next, day, like);
    const double median = baseline_median(like, count);
    d->usual_full += median;
    if (next == told->count || told->days[next] != day) continue;
    const double spread = spread_of(like, count, median);
    d->heard = true;
    d->messages += told->messages[next];
    d->usual += median;
    d->variance += spread * spread;
    d->peak += met.peak;
    d->run_peak += met.run_peak;
  }
}

/* What was met before the run began. Mail that comes day after day is held against two such days; what has no ordinary
 * day comes in runs by its nature, and is held against its fullest day. */
static double met_before(const struct baseline_day *before) {
  return (double)(before->usual >= 1 ? before->run_peak : before->peak);
}

static bool stands_out(const struct baseline_day *d, double least, const struct baseline_day *before) {
  double messages = (double)d->messages, above = messages - d->usual;
  return messages >= SURGE_TIMES * d->usual && above >= least && above >= SURGE_SPREADS * sqrt(d->variance) &&
         messages > SURGE_PEAK_TIMES * met_before(before);
}

bool baseline_next_run(const struct baseline *b, const double *least, int32_t *from, struct baseline_run *ret) {
  const struct baseline_day *before = NULL; /* the run's first day */
  unsigned days = 0;
  int64_t fullest = 0;
  bool found = false;
  for (int32_t day = *from; day <= b->end_day; day++) {
    const struct baseline_day *d = &b->days[day - b->begin_day];
    if (!d->heard) continue;
    if (!stands_out(d, least[day - b->begin_day], before ? before : d)) {
      *from = day + 1;
      if (found) return true;
      before = NULL;
      days = 0;
      continue;
    }
    if (!before) {
      before = d;
      fullest = 0;
      *ret = (struct baseline_run){.begin_day = day};
    }
    days++;
    ret->last_day = day;
    ret->messages += d->messages;
    ret->excess += (double)d->messages - d->usual;
    ret->usual += (d->usual - ret->usual) / days;
    ret->times = fmax(ret->times, (double)d->messages / fmax(d->usual, 1));
    if (d->messages > fullest) fullest = d->messages;
    if (found || days < (fullest > before->peak ? 2 : 3)) continue;
    found = true;
    ret->found_day = day;
  }
  *from = b->end_day + 1;
  return found;
}
