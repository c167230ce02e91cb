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

/* "2025-03-01T00:00:00Z" into `buffer` of UTC_TEXT_BYTES. Returns `buffer`. */
const char *utc_format(int64_t s, char *buffer);
/* "2025-03-01". */
const char *utc_format_day(int64_t s, char *buffer);
/* "2025-03-01", "2025-03-01T12:00:00Z", or "2025-03-01 12:00[:00]": begin of the day where no time is said. */
int utc_parse(const char *text, int64_t *ret_s, struct err *e);
/* A length of time: "30d", "2w", "12h", "90" (days). */
int utc_parse_duration(const char *text, int64_t *ret_s, struct err *e);
/* First second of the UTC day; of the ISO week (Monday). */
int64_t utc_day_begin(int64_t s);
int64_t utc_week_begin(int64_t s);
/* Days are numbered from 1970-01-01, backwards before it. What lies further than a number goes is its last one. */
int32_t utc_day_of(int64_t s);
/* The day in which the middle of a period lies: a day of another zone is that day. Its begin's, where it does not end
 * after it. */
int32_t utc_day_of_period(int64_t begin_s, int64_t end_s);
static inline int64_t utc_from_day(int32_t day) { return (int64_t)day * UTC_DAY_S; }
/* 0 is Monday. */
int utc_weekday(int32_t day);
int64_t utc_now(void);

/* Of two times the later one, the earlier one. */
static inline int64_t utc_later(int64_t a_s, int64_t b_s) { return a_s > b_s ? a_s : b_s; }
static inline int64_t utc_earlier(int64_t a_s, int64_t b_s) { return a_s < b_s ? a_s : b_s; }

#endif
