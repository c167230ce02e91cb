/* SPDX-License-Identifier: Apache-2.0 */
/* Times: Unix seconds, always UTC, never the host's zone. */
#ifndef BASE_UTC_H
#define BASE_UTC_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

#define UTC_DAY_S 86400
#define UTC_WEEK_S (7 * UTC_DAY_S)
#define UTC_TEXT_BYTES 32

/* "2025-03-01T00:00:00Z" into `buffer` of UTC_TEXT_BYTES. Both return `buffer`. */
const char *utc_format(int64_t s, char *buffer);
/* "2025-03-01". */
const char *utc_format_day(int64_t s, char *buffer);
/* "2025-03-01", "2025-03-01T12:00:00Z" or "2025-03-01 12:00[:00]"; without a time, the begin of that day. 0 or
 * ERR_USAGE, also for what is before 1970: "0026-01-01" is a slip. */
int utc_parse(const char *text, int64_t *ret_s, struct err *e);
/* A length of time: "30d", "2w", "12h", "90" (days). 0 or ERR_USAGE. */
int utc_parse_duration(const char *text, int64_t *ret_s, struct err *e);
/* The same with its unit, of what goes and does not come back: who writes 5 may have meant weeks. */
int utc_parse_age(const char *text, int64_t *ret_s, struct err *e);
/* The first second of the UTC day; of the ISO week, which begins on Monday; of the month. */
int64_t utc_day_begin(int64_t s);
int64_t utc_week_begin(int64_t s);
int64_t utc_month_begin(int64_t s);
/* The number of the UTC day: 0 is 1970-01-01, and days before it are negative. A time out of range is on the first or
 * the last day that there is. */
int32_t utc_day_of(int64_t s);
/* The day that the middle of a period falls on, which is the right one also for a day of another time zone. If the
 * period does not end after its begin: the day of its begin. */
int32_t utc_day_of_period(int64_t begin_s, int64_t end_s);
static inline int64_t utc_from_day(int32_t day) { return (int64_t)day * UTC_DAY_S; }
/* 0 is Monday. */
int utc_weekday(int32_t day);
int64_t utc_now(void);

static inline int64_t utc_later(int64_t a_s, int64_t b_s) { return a_s > b_s ? a_s : b_s; }
static inline int64_t utc_earlier(int64_t a_s, int64_t b_s) { return a_s < b_s ? a_s : b_s; }

#endif
