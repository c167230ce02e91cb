/* SPDX-License-Identifier: Apache-2.0 */
/* Spreads the messages of a report over its days. */
#include "base/report_days.h"

#include "base/feedback.h"
#include "base/utc.h"

struct report_days report_days_of(int64_t begin_s, int64_t end_s) {
  struct report_days d = {begin_s, end_s, 1};
  if (begin_s == FEEDBACK_TIME_UNKNOWN || end_s == FEEDBACK_TIME_UNKNOWN) return d;
  int64_t most_s = (int64_t)REPORT_DAYS_MOST * UTC_DAY_S;
  if (end_s < begin_s || end_s - begin_s <= FEEDBACK_LONGEST_DAY_S || end_s - begin_s > most_s) return d;
  d.count = (uint32_t)(utc_day_of(end_s - 1) - utc_day_of(begin_s)) + 1;
  return d;
}

int64_t report_days_begin(const struct report_days *d, uint32_t i) {
  if (i == 0) return d->begin_s;
  return i < d->count ? utc_from_day(utc_day_of(d->begin_s) + (int32_t)i) : d->end_s;
}

/* The messages before day `i`: its share of the period before it, rounded at a place that is different for each record.
 * Neighbouring records are as far apart as can be (the golden ratio), and the first one rounds to the nearest. */
static int64_t before(const struct report_days *d, uint32_t i, int64_t count, uint64_t record) {
  const uint64_t whole_s = (uint64_t)(d->end_s - d->begin_s), part_s = (uint64_t)(report_days_begin(d, i) - d->begin_s);
  const uint32_t phase = (uint32_t)(UINT64_C(0x80000000) + record * UINT64_C(0x9e3779b9));
  const uint64_t left = (uint64_t)count % whole_s * part_s; /* of no more than 92 days squared, in seconds */
  const uint64_t messages = (uint64_t)count / whole_s * part_s + left / whole_s;
  return (int64_t)(messages + (((left % whole_s) << 32) + phase * whole_s >= whole_s << 32));
}

int64_t report_days_share(const struct report_days *d, uint32_t from, uint32_t to, int64_t count, uint64_t record) {
  if (count <= 0 || d->count <= 1) return count;
  return before(d, to, count, record) - before(d, from, count, record);
}
