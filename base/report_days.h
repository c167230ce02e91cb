/* SPDX-License-Identifier: Apache-2.0 */
/* A report of several days counts as so many reports of one day: which days, and which share of a record is on each.
 *
 * Reports cover a day (RFC 7489 7.2, RFC 9990 4.1); some reporters send weeks. Of when in there its mail came a report
 * does not tell, so each day gets what its part of the period is of the whole, in whole messages. */
#ifndef BASE_REPORT_DAYS_H
#define BASE_REPORT_DAYS_H

#include <stdint.h>

/* A longer report is all on its first day: nobody sends them, and each day costs a pass over the records. A quarter. */
#define REPORT_DAYS_MOST 92

struct report_days {
  int64_t begin_s, end_s;
  uint32_t count; /* of days, 1 or more: only of a report that is longer than a day and a minute more than 1 */
};
/* `begin_s` may be FEEDBACK_TIME_UNKNOWN, and so may `end_s`: then it is one day. */
struct report_days report_days_of(int64_t begin_s, int64_t end_s);

/* Where day `i` of the report begins, 0 to count - 1: the first one with the report, each other at midnight UTC. For
 * i = count it is the report's end. */
int64_t report_days_begin(const struct report_days *d, uint32_t i);

/* How many of the `count` messages of a record come on the days [from, to). Over all days that is `count`, whatever
 * ranges it is asked for. `record` numbers the records of a report from 0, so that many small ones are as spread as one
 * large one: of records with one message each, not all are on the same day. An unknown count stays unknown. */
int64_t report_days_share(const struct report_days *d, uint32_t from, uint32_t to, int64_t count, uint64_t record);

#endif
