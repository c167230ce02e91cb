/* SPDX-License-Identifier: Apache-2.0 */
/* Cuts figures to the digits that are shown, and groups them. */
#include "base/figure.h"

#include <math.h>

/* A share that is a short decimal fraction seldom is one in binary: 0.29 * 100 is 28.999999999999996, and would lose
 * its last digit. Some operations on doubles miss by 1e-13 of the digit shown; two shares of fewer than a thousand
 * million messages differ by more than 1e-9 of it. So nothing true is rounded up by this. */
#define BINARY_SLACK 1e-9

/* More is no figure for people; it keeps the arithmetic within an integer. */
#define MOST_SHOWN 1e9

void figure_integer(struct strbuf *out, int64_t n, bool grouped) {
  char text[32]; /* 19 digits, 6 commas, a sign */
  size_t at = sizeof text;
  uint64_t rest = n < 0 ? -(uint64_t)n : (uint64_t)n;
  unsigned digits = 0;
  do {
    if (grouped && digits && digits % 3 == 0) text[--at] = ',';
    text[--at] = (char)('0' + rest % 10);
    rest /= 10;
    digits++;
  } while (rest);
  if (n < 0) text[--at] = '-';
  strbuf_add(out, text + at, sizeof text - at);
}

void figure_count(struct strbuf *out, int64_t n, const char *thing) {
  figure_integer(out, n, true);
  strbuf_add_char(out, ' ');
  strbuf_add_text(out, thing);
  strbuf_add_text(out, figure_plural(n));
}

/* How many of the last digit there are: of 98.29, 982 tenths. */
static int64_t units_of(double size, int64_t scale) {
  return (int64_t)((size < MOST_SHOWN ? size : MOST_SHOWN) * (double)scale + BINARY_SLACK);
}

/* Of a share: never all where it is not, whatever the slack says. */
static int64_t share_units_of(double size, int64_t whole) {
  int64_t units = units_of(size, whole);
  return size < 1 && units >= whole ? whole - 1 : units;
}

static int64_t scale_of(unsigned decimals) {
  int64_t scale = 1;
  for (; decimals; decimals--) scale *= 10;
  return scale;
}

static void add_units(struct strbuf *out, int64_t units, int64_t scale) {
  figure_integer(out, units / scale, false);
  if (scale > 1) strbuf_add_char(out, '.');
  for (int64_t rest = units % scale, unit = scale / 10; unit; rest %= unit, unit /= 10)
    strbuf_add_char(out, (char)('0' + rest / unit));
}

void figure_decimal(struct strbuf *out, double number, unsigned decimals) {
  int64_t scale = scale_of(decimals), units = units_of(fabs(number), scale);
  if (number < 0 && units) strbuf_add_char(out, '-');
  add_units(out, units, scale);
}

double figure_cut(double number, unsigned decimals) {
  int64_t scale = scale_of(decimals);
  return copysign((double)units_of(fabs(number), scale) / (double)scale, number);
}

double figure_share_cut(double share, unsigned digits) {
  int64_t whole = scale_of(digits);
  return copysign((double)share_units_of(fabs(share), whole) / (double)whole, share);
}

void figure_share(struct strbuf *out, double share) {
  if (!isfinite(share)) {
    strbuf_add_char(out, '-');
    return;
  }
  int64_t tenths = share_units_of(fabs(share), 1000);
  if (share < 0) strbuf_add_char(out, '-');
  if (tenths == 0 && share != 0)
    strbuf_add_text(out, "<0.1");
  else
    add_units(out, tenths, 10);
  strbuf_add_text(out, " %");
}

void figure_share_of(struct strbuf *out, int64_t part, int64_t whole) {
  figure_share(out, whole > 0 ? (double)part / (double)whole : NAN);
}

double figure_per_day(double messages, double days) {
  double hundredths = 100 * messages / days;
  return hundredths > 0 && hundredths < 1 ? 0.01 : round(hundredths) / 100;
}
