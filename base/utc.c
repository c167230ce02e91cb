/* SPDX-License-Identifier: Apache-2.0 */
/* UTC times to and from text. */
#include "utc.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

static const char *format(int64_t s, const char *pattern, char *buffer) {
  time_t t = (time_t)s;
  struct tm tm;
  buffer[0] = '\0';
  if (gmtime_r(&t, &tm)) strftime(buffer, UTC_TEXT_BYTES, pattern, &tm);
  return buffer;
}

const char *utc_format(int64_t s, char *buffer) { return format(s, "%Y-%m-%dT%H:%M:%SZ", buffer); }
const char *utc_format_day(int64_t s, char *buffer) { return format(s, "%Y-%m-%d", buffer); }

int utc_parse(const char *text, int64_t *ret_s, struct err *e) {
  static const char *const PATTERNS[] = {"%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d"};
  for (size_t i = 0; i < sizeof PATTERNS / sizeof *PATTERNS; i++) {
    struct tm tm = {0};
    const char *end = strptime(text, PATTERNS[i], &tm);
    if (!end || *end) continue;
    struct tm given = tm;
    time_t s = timegm(&tm);
    /* timegm carries over: 30 February must not become 2 March. */
    if (tm.tm_mday != given.tm_mday || tm.tm_mon != given.tm_mon || tm.tm_hour != given.tm_hour) break;
    *ret_s = s;
    return 0;
  }
  return err_set(e, ERR_USAGE, "\"%s\" is no date: write 2025-03-01 or 2025-03-01T12:00:00Z (UTC)", text);
}

int utc_parse_duration(const char *text, int64_t *ret_s, struct err *e) {
  int64_t value = 0;
  const char *p = text;
  for (; *p >= '0' && *p <= '9' && value < 1000000; p++) value = value * 10 + (*p - '0');
  int64_t unit = !strcmp(p, "") || !strcmp(p, "d") ? UTC_DAY_S
                 : !strcmp(p, "w")                 ? 7 * UTC_DAY_S
                 : !strcmp(p, "h")                 ? 3600
                                                   : 0;
  if (p == text || !unit || value < 1 || value >= 1000000)
    return err_set(e, ERR_USAGE, "\"%s\" is no length of time: write 30d, 2w or 12h", text);
  *ret_s = value * unit;
  return 0;
}

static int64_t floor_to(int64_t s, int64_t step) {
  int64_t rest = s % step;
  return s - (rest < 0 ? rest + step : rest);
}

int64_t utc_day_begin(int64_t s) { return floor_to(s, UTC_DAY_S); }
/* 1970-01-01 was a Thursday: Mondays lie 3 days before a multiple of 7 days. */
int64_t utc_week_begin(int64_t s) { return floor_to(s + 3 * UTC_DAY_S, 7 * UTC_DAY_S) - 3 * UTC_DAY_S; }
int64_t utc_now(void) { return (int64_t)time(NULL); }
