/* SPDX-License-Identifier: Apache-2.0 */
/* Reads times in the forms that were met, strictly: what is left over makes it none. No locale has a say. */
#include "parser/report_time.h"

#include <string.h>

#include "base/ascii.h"
#include "base/cleanup.h"
#include "base/number.h"
#include "base/utc.h"

/* --- pieces ------------------------------------------------------------------------------------------------------- */

/* Between `least` and `most` digits. */
static bool take_number(const char **at, unsigned least, unsigned most, int *ret) {
  int value = 0;
  unsigned digits = 0;
  for (; digits < most && ascii_is_digit((*at)[digits]); digits++) value = value * 10 + ((*at)[digits] - '0');
  if (digits < least) return false;
  *at += digits;
  *ret = value;
  return true;
}

static bool take_char(const char **at, char c) {
  if (**at != c) return false;
  ++*at;
  return true;
}

static void skip_blanks(const char **at) { *at += strspn(*at, " \t\r\n"); }

/* The first three letters of a word of a list decide; the rest of the word is passed over. */
static bool take_name(const char **at, const char *names, int *ret) {
  char letters[4] = "";
  size_t length = 0;
  while (ascii_is_letter((*at)[length])) length++;
  if (length < 3) return false;
  for (int i = 0; i < 3; i++) letters[i] = ascii_lower((*at)[i]);
  const char *found = strstr(names, letters);
  if (!found || (found - names) % 3) return false;
  *at += length;
  *ret = (int)(found - names) / 3;
  return true;
}

static bool take_month(const char **at, int *ret) {
  if (!take_name(at, "janfebmaraprmayjunjulaugsepoctnovdec", ret)) return false;
  ++*ret;
  return true;
}

static bool take_zone_name(const char **at, int64_t *ret_s) {
  static const struct {
    const char *name;
    int hours;
  } ZONES[] = {{"UTC", 0},  {"UT", 0},   {"GMT", 0},  {"Z", 0},    {"EST", -5}, {"EDT", -4},
               {"CST", -6}, {"CDT", -5}, {"MST", -7}, {"MDT", -6}, {"PST", -8}, {"PDT", -7}}; /* RFC 5322 4.3 */
  for (size_t i = 0; i < ARRAY_SIZE(ZONES); i++) {
    size_t length = strlen(ZONES[i].name);
    if (!ascii_begins(*at, ZONES[i].name) || ascii_is_letter((*at)[length])) continue;
    *ret_s = ZONES[i].hours * INT64_C(3600);
    *at += length;
    return true;
  }
  return false;
}

/* "+02:00", "-0500", "+02" */
static bool take_offset(const char **at, int64_t *ret_s) {
  int sign = *(*at)++ == '-' ? -1 : 1, hours, minutes = 0;
  if (!take_number(at, 2, 2, &hours)) return false;
  bool colon = take_char(at, ':');
  if (!take_number(at, 2, 2, &minutes) && colon) return false;
  *ret_s = sign * (hours * INT64_C(3600) + minutes * 60);
  return hours < 24 && minutes < 60;
}

/* A name, an offset, or both ("GMT+0200", "+0200 CEST"), where the offset counts; a comment may follow. Nothing is UTC.
 */
static bool take_zone(const char **at, int64_t *ret_s) {
  *ret_s = 0;
  skip_blanks(at);
  take_zone_name(at, ret_s);
  if (**at == '+' || **at == '-') {
    if (!take_offset(at, ret_s)) return false;
    skip_blanks(at);
    while (ascii_is_letter(**at)) ++*at;
  }
  skip_blanks(at);
  if (take_char(at, '(')) {
    *at += strcspn(*at, ")");
    return take_char(at, ')');
  }
  return true;
}

/* --- dates -------------------------------------------------------------------------------------------------------- */

struct moment {
  int year, month, day, hour, minute, second;
  int64_t zone_s;
  bool has_time;
};

/* "12:34", "12:34:56", "12:34:56.789"; a leap second is the one before. */
static bool take_time(const char **at, struct moment *m) {
  if (!take_number(at, 1, 2, &m->hour) || !take_char(at, ':') || !take_number(at, 2, 2, &m->minute)) return false;
  if (take_char(at, ':') && !take_number(at, 2, 2, &m->second)) return false;
  if (**at == '.' || **at == ',') *at += 1 + strspn(*at + 1, "0123456789");
  if (m->second == 60) m->second = 59;
  m->has_time = true;
  return true;
}

/* "2026-10-01", "2026/10/01", and a time behind a T or blanks. */
static bool take_iso(const char *at, struct moment *m) {
  if (!take_number(&at, 4, 4, &m->year) || (*at != '-' && *at != '/')) return false;
  char between = *at++;
  if (!take_number(&at, 1, 2, &m->month) || !take_char(&at, between) || !take_number(&at, 1, 2, &m->day)) return false;
  bool time_follows = take_char(&at, 'T') || take_char(&at, 't');
  skip_blanks(&at);
  if ((time_follows || ascii_is_digit(*at)) && !take_time(&at, m)) return false;
  return take_zone(&at, &m->zone_s) && !*at;
}

/* "20261001", "20261001000000", "20261001T000000Z". */
static bool take_compact(const char *at, struct moment *m) {
  if (!take_number(&at, 4, 4, &m->year) || !take_number(&at, 2, 2, &m->month) || !take_number(&at, 2, 2, &m->day))
    return false;
  if (!take_char(&at, 'T')) take_char(&at, 't');
  if (!*at) return true;
  m->has_time = true;
  return take_number(&at, 2, 2, &m->hour) && take_number(&at, 2, 2, &m->minute) && take_number(&at, 2, 2, &m->second) &&
         take_zone(&at, &m->zone_s) && !*at;
}

static void skip_weekday(const char **at) {
  int unused;
  if (!take_name(at, "sunmontuewedthufrisat", &unused)) return;
  take_char(at, ',');
  skip_blanks(at);
}

/* "Thu, 01 Oct 2026 00:00:00 +0000" */
static bool take_mail_date(const char *at, struct moment *m) {
  skip_weekday(&at);
  if (!take_number(&at, 1, 2, &m->day)) return false;
  at += strspn(at, " -");
  if (!take_month(&at, &m->month)) return false;
  at += strspn(at, " -");
  if (!take_number(&at, 4, 4, &m->year)) return false;
  skip_blanks(&at);
  if (ascii_is_digit(*at) && !take_time(&at, m)) return false;
  return take_zone(&at, &m->zone_s) && !*at;
}

/* "Thu Oct  1 00:00:00 2026", also with a zone in front of the year, as date(1) writes it, or with the year in front of
 * the time ("Thu Oct 01 2026 00:00:00 GMT+0000 (Coordinated Universal Time)"). */
static bool take_asctime(const char *at, struct moment *m) {
  skip_weekday(&at);
  if (!take_month(&at, &m->month)) return false;
  skip_blanks(&at);
  if (!take_number(&at, 1, 2, &m->day)) return false;
  skip_blanks(&at);
  bool year_first = take_number(&at, 4, 4, &m->year);
  skip_blanks(&at);
  if (!take_time(&at, m) || !take_zone(&at, &m->zone_s)) return false;
  skip_blanks(&at);
  return (year_first || take_number(&at, 4, 4, &m->year)) && !*at;
}

/* Days of the proleptic Gregorian calendar since 1970-01-01, years counted from March. */
static int32_t day_number(const struct moment *m) {
  int year = m->month > 2 ? m->year : m->year - 1;
  int in_year = (153 * (m->month > 2 ? m->month - 3 : m->month + 9) + 2) / 5 + m->day - 1;
  return year * 365 + year / 4 - year / 100 + year / 400 + in_year - 719468;
}

/* A day of the calendar, and a time of it; "24:00:00" is its end. */
static bool is_moment(const struct moment *m) {
  static const int DAYS[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  if (m->month < 1 || m->month > 12 || m->day < 1 || m->minute > 59 || m->second > 59) return false;
  if (m->hour * 3600 + m->minute * 60 + m->second > UTC_DAY_S) return false;
  bool leap = m->year % 4 == 0 && (m->year % 100 != 0 || m->year % 400 == 0);
  return m->day <= DAYS[m->month - 1] + (m->month == 2 && leap);
}

static bool parse_date(const char *text, enum report_time_edge edge, int64_t *ret_s) {
  static bool (*const FORMS[])(const char *at, struct moment *m) = {take_iso, take_mail_date, take_asctime};
  struct moment m;
  bool known = false;
  size_t digits = strspn(text, "0123456789");
  if (digits == 14 || (digits == 8 && (!text[8] || text[8] == 'T' || text[8] == 't'))) {
    m = (struct moment){0};
    known = take_compact(text, &m);
  }
  for (size_t i = 0; i < ARRAY_SIZE(FORMS) && !known; i++) {
    m = (struct moment){0};
    known = FORMS[i](text, &m);
  }
  if (!known || !is_moment(&m)) return false;
  *ret_s = utc_from_day(day_number(&m)) + m.hour * 3600 + m.minute * 60 + m.second - m.zone_s;
  if (!m.has_time && edge == REPORT_TIME_END) *ret_s += UTC_DAY_S - 1;
  return true;
}

/* --- seconds ------------------------------------------------------------------------------------------------------ */

/* An exponent: "1.7908128e+09" */
static bool take_exponent(const char **at, int *ret) {
  *ret = 0;
  if (!take_char(at, 'e') && !take_char(at, 'E')) return true;
  take_char(at, '+');
  return take_number(at, 1, 2, ret);
}

/* Between these a time lies that is written in parts of a second. DMARC is of 2012. */
#define PARTS_FIRST_SECOND INT64_C(1262304000) /* 2010-01-01 */
#define PARTS_LAST_SECOND INT64_C(4102444799)  /* 2099-12-31 */

/* What lies behind the year 9999 is no seconds, but thousandths, millionths or billionths of them, if these are a time
 * at which a report can have been made. */
static bool scale_to_seconds(int64_t *value) {
  if (*value <= NUMBER_LAST_SECOND) return true;
  for (int step = 0; step < 3; step++) {
    *value /= 1000;
    if (*value >= PARTS_FIRST_SECOND && *value <= PARTS_LAST_SECOND) return true;
  }
  return false;
}

static bool parse_count(const char *text, int64_t *ret_s) {
  int64_t value = 0;
  const char *fraction = "";
  int exponent;
  for (; ascii_is_digit(*text); text++)
    if (__builtin_mul_overflow(value, 10, &value) || __builtin_add_overflow(value, *text - '0', &value)) return false;
  if (*text == '.' || *text == ',') {
    fraction = text + 1;
    text = fraction + strspn(fraction, "0123456789");
  }
  if (!take_exponent(&text, &exponent) || *text) return false;
  for (; exponent > 0; exponent--) {
    int digit = ascii_is_digit(*fraction) ? *fraction++ - '0' : 0;
    if (__builtin_mul_overflow(value, 10, &value) || __builtin_add_overflow(value, digit, &value)) return false;
  }
  if (!scale_to_seconds(&value)) return false;
  *ret_s = value;
  return true;
}

bool report_time_parse(const char *text, enum report_time_edge edge, int64_t *ret_s) {
  int64_t s;
  if (!parse_date(text, edge, &s) && !parse_count(text, &s)) return false;
  if (s <= 0 || s > NUMBER_LAST_SECOND) return false;
  *ret_s = s;
  return true;
}

/* --- file names --------------------------------------------------------------------------------------------------- */

/* The time in front of `*at`'s next "!", "." or end, which is passed over. */
static bool take_name_time(const char **at, enum report_time_edge edge, int64_t *ret_s) {
  char text[32];
  size_t length = strcspn(*at, "!.");
  if (!length || length >= sizeof text) return false;
  memcpy(text, *at, length);
  text[length] = '\0';
  *at += length + ((*at)[length] == '!');
  return report_time_parse(text, edge, ret_s);
}

void report_time_derive_period(struct feedback_header *h, const char *file_name) {
  if (!(h->flags & FEEDBACK_PERIOD_UNREADABLE)) return;
  const char *at = file_name ? strchr(file_name, '!') : NULL; /* behind the receiver... */
  at = at ? strchr(at + 1, '!') : NULL;                       /* ...and the policy domain */
  if (!at) return;
  at++;
  int64_t begin_s, end_s;
  if (!take_name_time(&at, REPORT_TIME_BEGIN, &begin_s) || at[-1] != '!') return;
  if (!take_name_time(&at, REPORT_TIME_END, &end_s)) return;
  h->begin_s = begin_s;
  h->end_s = end_s;
  h->flags |= FEEDBACK_PERIOD_DERIVED;
  feedback_flag_period(h);
}
