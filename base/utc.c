/* SPDX-License-Identifier: Apache-2.0 */
/* UTC times to and from text. */
#include "base/utc.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/ascii.h"

/* Years of four digits are worked out here: exports write two times a row, and strftime asks for locale and zone. */
#define YEAR_1000_S INT64_C(-30610224000)
#define YEAR_10000_S INT64_C(253402300800)

/* Rounds down, also before 1970. */
static int64_t floored(int64_t n, int64_t step) { return n / step - (n % step < 0); }

static char *put_digits(char *at, int value, int digits) {
  for (int i = digits - 1; i >= 0; i--, value /= 10) at[i] = (char)('0' + value % 10);
  return at + digits;
}

/* "2025-03-01" at `at`; returns what follows it. The proleptic Gregorian calendar: a year is counted from March, so
 * that the leap day is its last, and 400 years have 146,097 days. */
static char *put_date(int64_t day, char *at) {
  int64_t from_march_0 = day + 719468;
  int in_era = (int)(from_march_0 % 146097);
  int year = (in_era - in_era / 1460 + in_era / 36524 - in_era / 146096) / 365;
  int in_year = in_era - (365 * year + year / 4 - year / 100);
  int month = (5 * in_year + 2) / 153; /* 0 is March; five months have 153 days */
  at = put_digits(at, year + (int)(from_march_0 / 146097) * 400 + (month >= 10), 4);
  *at++ = '-';
  at = put_digits(at, month < 10 ? month + 3 : month - 9, 2);
  *at++ = '-';
  return put_digits(at, in_year - (153 * month + 2) / 5 + 1, 2);
}

static const char *format(int64_t s, const char *pattern, char *buffer) {
  time_t t = (time_t)s;
  struct tm tm;
  buffer[0] = '\0';
  if (gmtime_r(&t, &tm)) strftime(buffer, UTC_TEXT_BYTES, pattern, &tm);
  return buffer;
}

const char *utc_format(int64_t s, char *buffer) {
  if (s < YEAR_1000_S || s >= YEAR_10000_S) return format(s, "%Y-%m-%dT%H:%M:%SZ", buffer);
  int64_t begin = utc_day_begin(s);
  int rest = (int)(s - begin);
  char *at = put_date(begin / UTC_DAY_S, buffer);
  *at++ = 'T';
  at = put_digits(at, rest / 3600, 2);
  *at++ = ':';
  at = put_digits(at, rest / 60 % 60, 2);
  *at++ = ':';
  at = put_digits(at, rest % 60, 2);
  strcpy(at, "Z");
  return buffer;
}

const char *utc_format_day(int64_t s, char *buffer) {
  if (s < YEAR_1000_S || s >= YEAR_10000_S) return format(s, "%Y-%m-%d", buffer);
  *put_date(floored(s, UTC_DAY_S), buffer) = '\0';
  return buffer;
}

int utc_parse(const char *text, int64_t *ret_s, struct err *e) {
  static const char *const PATTERNS[] = {"%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d"};
  /* %Y takes fewer digits too, and "26-01-01" is a slip, no day of the year 26. */
  bool long_year = strspn(text, "0123456789") == 4;
  for (size_t i = 0; i < sizeof PATTERNS / sizeof *PATTERNS && long_year; i++) {
    struct tm tm = {0};
    const char *end = strptime(text, PATTERNS[i], &tm);
    if (!end || *end) continue;
    struct tm given = tm;
    time_t s = timegm(&tm);
    /* timegm carries over: 30 February must not become 2 March. */
    if (tm.tm_mday != given.tm_mday || tm.tm_mon != given.tm_mon || tm.tm_hour != given.tm_hour) break;
    if (s < 0) return err_set(e, ERR_USAGE, "\"%s\" is no date of anything here: it is before 1970", text);
    *ret_s = s;
    return 0;
  }
  return err_set(e, ERR_USAGE, "\"%s\" is no date: write 2025-03-01 or 2025-03-01T12:00:00Z (UTC)", text);
}

int utc_parse_duration(const char *text, int64_t *ret_s, struct err *e) {
  int64_t value = 0;
  const char *p = text;
  for (; ascii_is_digit(*p) && value < 1000000; p++) value = value * 10 + (*p - '0');
  int64_t unit = !strcmp(p, "") || !strcmp(p, "d") ? UTC_DAY_S
                 : !strcmp(p, "w")                 ? UTC_WEEK_S
                 : !strcmp(p, "h")                 ? 3600
                                                   : 0;
  if (p == text || !unit || value < 1 || value >= 1000000)
    return err_set(e, ERR_USAGE, "\"%s\" is no length of time: write 30d, 2w or 12h", text);
  *ret_s = value * unit;
  return 0;
}

int utc_parse_age(const char *text, int64_t *ret_s, struct err *e) {
  const size_t length = strlen(text);
  if (length && ascii_is_digit(text[length - 1]))
    return err_set(e, ERR_USAGE, "\"%s\" has no unit: write %sd or %sw, for days or weeks", text, text, text);
  return utc_parse_duration(text, ret_s, e);
}

int64_t utc_day_begin(int64_t s) { return floored(s, UTC_DAY_S) * UTC_DAY_S; }
/* 1970-01-01 was a Thursday: Mondays lie 3 days before a multiple of 7 days. */
int64_t utc_week_begin(int64_t s) { return floored(s + 3 * UTC_DAY_S, UTC_WEEK_S) * UTC_WEEK_S - 3 * UTC_DAY_S; }
int64_t utc_month_begin(int64_t s) {
  const int64_t day_s = utc_day_begin(s);
  const time_t t = (time_t)day_s;
  struct tm tm;
  return gmtime_r(&t, &tm) ? day_s - (tm.tm_mday - 1) * (int64_t)UTC_DAY_S : day_s;
}
int utc_weekday(int32_t day) { return (int)((day + INT64_C(3)) - floored(day + INT64_C(3), 7) * 7); }

int32_t utc_day_of(int64_t s) {
  int64_t day = floored(s, UTC_DAY_S);
  return day > INT32_MAX ? INT32_MAX : day < INT32_MIN ? INT32_MIN : (int32_t)day;
}

int32_t utc_day_of_period(int64_t begin_s, int64_t end_s) {
  return utc_day_of(end_s > begin_s ? begin_s + (int64_t)(((uint64_t)end_s - (uint64_t)begin_s) / 2) : begin_s);
}

int64_t utc_now(void) { return (int64_t)time(NULL); }
