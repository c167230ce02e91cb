/* SPDX-License-Identifier: Apache-2.0 */
/* What an ordinary day of some mail is, and which days stand out of it. By reporter, because one that appears, or falls
 * silent, changes what is heard and not what is sent. Knows no history and no word. */
#ifndef ANALYSIS_BASELINE_H
#define ANALYSIS_BASELINE_H

#include <stdbool.h>
#include <stdint.h>

/* No verdict turns on them; all of them are our own. */
#define BASELINE_DAYS 56 /* that an ordinary day is taken from: eight of each weekday, so that one sale is no habit */
#define BASELINE_WEEKDAYS 4     /* of the same weekday, from which on it is compared with its like alone */
#define BASELINE_LEAST_HEARD 7  /* days on which a reporter was heard before anything is ordinary to it, ... */
#define BASELINE_LEAST_AGE 14   /* ... the first of them so many days ago, ... */
#define BASELINE_MOST_SILENT 14 /* ... and the last one no longer */
#define BASELINE_RUN_GAP 2      /* days from one to the next that are one run: a report may be missing */
#define SURGE_TIMES 5           /* of an ordinary day */
#define SURGE_SPREADS 6         /* robust standard deviations above it */
#define SURGE_PEAK_TIMES 2      /* of what was met before, which is no surge when it comes again: see baseline.c */

/* What one reporter tells: an entry a day on which it was heard of the domain at all, ascending; 0 where it tells of
 * none of this mail. */
struct told_days {
  const int32_t *days; /* since 1970-01-01 UTC */
  const int64_t *messages;
  uint32_t count;
};

/* One day of all reporters. Those who are too new for an ordinary day have no part in it. */
struct baseline_day {
  bool heard;        /* by one of them at least */
  int64_t messages;  /* of those who were heard on it, ... */
  double usual;      /* ... the sum of their medians, ... */
  double variance;   /* ... and of the squares of their spreads (1.4826 MAD) */
  int64_t peak;      /* the sum of their fullest days before it */
  int64_t run_peak;  /* the same of two days that follow each other, by the lesser one: a newsletter has but one */
  double usual_full; /* medians of all, heard on it or not */
};

struct baseline {
  int32_t begin_day, end_day; /* both included */
  struct baseline_day *days;  /* of the caller, zeroed: end_day - begin_day + 1 of them */
};
void baseline_add(struct baseline *b, const struct told_days *told);

/* Days that stand out and follow each other. */
struct baseline_run {
  int32_t begin_day, last_day;
  int32_t found_day; /* on which it was plain */
  int64_t messages;
  double usual;  /* on an average day of it */
  double excess; /* messages above that */
  double times;  /* its fullest day, of an ordinary one (1 at the least) */
};
/* The first run that begins on `*from` or later, which is moved behind it. A single day is a newsletter: two make a run
 * where the fuller one is above all that was met before, else three. `least`: by how many messages a day of it must be
 * above an ordinary one, one for each day of `b`. */
bool baseline_next_run(const struct baseline *b, const double *least, int32_t *from, struct baseline_run *ret);

/* Sorts; of an even number the mean of the two in the middle; 0 of none. */
double baseline_median(int64_t *values, uint32_t count);

#endif
