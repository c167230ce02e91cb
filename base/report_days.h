/* SPDX-License-Identifier: Apache-2.0 */
/* A report of several days counts like several reports of one day: which days, and which share of a record is on each.
 *
 * Reports cover a day (RFC 7489 7.2, RFC 9990 4.1), but some reporters send weeks. A report does not say when in its
 * period the mail came, so each day gets a share as large as its part of the period, in whole messages. */
#ifndef BASE_REPORT_DAYS_H
#define BASE_REPORT_DAYS_H

#include <stdint.h>

/* A quarter. The mail of a longer report is all on its first day: nobody sends such reports, and each day costs a pass
 * over the records. */
#define REPORT_DAYS_MOST 92

struct report_days {
  int64_t begin_s, end_s;
  uint32_t count; /* of days: more than 1 only if the report is longer than a day and a minute */
};
/* Either may be FEEDBACK_TIME_UNKNOWN: then the report is one day. */
struct report_days report_days_of(int64_t begin_s, int64_t end_s);

/* When day `i` of the report begins, for i from 0 to count - 1: day 0 with the report, the others at midnight UTC. For
 * i = count: the report's end. */
int64_t report_days_begin(const struct report_days *d, uint32_t i);

/* How many of the `count` messages of a record fall on the days [from, to). The shares of ranges that make up all days
 * add up to `count`. `record` numbers the records of a report from 0; it is used to spread many small records over the
 * days like one large one: records of one message each do not all fall on the same day. An unknown count stays
 * unknown. */
int64_t report_days_share(const struct report_days *d, uint32_t from, uint32_t to, int64_t count, uint64_t record);

#endif
