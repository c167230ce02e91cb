/* SPDX-License-Identifier: Apache-2.0 */
/* What an ordinary day of some mail is, and which days stand out. Reporters are looked at one by one, because a
 * reporter that appears or falls silent changes what is heard, not what is sent. */
#ifndef ANALYSIS_BASELINE_H
#define ANALYSIS_BASELINE_H

#include <stdbool.h>
#include <stdint.h>

/* No verdict depends on these; all of them are our own judgement. */
#define BASELINE_DAYS 56 /* that an ordinary day is taken from: eight of each weekday, so that one sale is no habit */
#define BASELINE_WEEKDAYS 4     /* of the same weekday, from which on it is compared with its like alone */
#define BASELINE_LEAST_HEARD 7  /* days on which a reporter was heard before anything is ordinary to it, ... */
#define BASELINE_LEAST_AGE 14   /* ... the first of them so many days ago, ... */
#define BASELINE_MOST_SILENT 14 /* ... and the last one no longer */
#define BASELINE_RUN_GAP 2      /* days from one to the next that are one run: a report may be missing */
#define SURGE_TIMES 5           /* of an ordinary day */
#define SURGE_SPREADS 6         /* robust standard deviations above it */
#define SURGE_PEAK_TIMES 2      /* of what was met before, which is no surge when it comes again: see baseline.c */

/* What one reporter says: an entry for each day on which it reported on the domain at all, ascending; 0 messages if it
 * reported none of this mail. */
struct told_days {
  const int32_t *days; /* since 1970-01-01 UTC */
  const int64_t *messages;
  uint32_t count;
};

/* One day of all reporters. Those that are too new to have an ordinary day are left out. */
struct baseline_day {
  bool heard;        /* at least one of them reported */
  int64_t messages;  /* of those that did, ... */
  double usual;      /* ... the sum of their medians, ... */
  double variance;   /* ... and of the squares of their spreads (1.4826 MAD) */
  int64_t peak;      /* the sum of their fullest days before it */
  int64_t run_peak;  /* the same for the lesser of two consecutive days: a newsletter has only one */
  double usual_full; /* the sum of the medians of all, whether they reported or not */
};

struct baseline {
  int32_t begin_day, end_day; /* both included */
  struct baseline_day *days;  /* of the caller, zeroed: end_day - begin_day + 1 of them */
};
void baseline_add(struct baseline *b, const struct told_days *told);

/* Consecutive days that stand out. */
struct baseline_run {
  int32_t begin_day, last_day;
  int32_t found_day; /* on which it could first be told */
  int64_t messages;
  double usual;  /* on an average day of it */
  double excess; /* messages above that */
  double times;  /* its fullest day in ordinary days, which count as at least one message */
};
/* The first run that begins on `*from` or later; moves `*from` behind it. A single day is a newsletter. Two days make a
 * run if the fuller one is above all days before; otherwise it takes three. `least` has an entry for each day of `b`:
 * by how many messages the day has to be above an ordinary one. */
bool baseline_next_run(const struct baseline *b, const double *least, int32_t *from, struct baseline_run *ret);

/* The median, or the mean of the two middle values; 0 of none. `values` are few, not negative, and are put into another
 * order. */
double baseline_median(int64_t *values, uint32_t count);

#endif
