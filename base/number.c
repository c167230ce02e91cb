/* SPDX-License-Identifier: Apache-2.0 */
/* Strict number parsing. */
#include "base/number.h"

#include <string.h>

#include "base/ascii.h"

/* Reads digits from *text and moves it behind them. */
static bool take_digits(const char **text, int64_t max, int64_t *ret) {
  const char *p = *text;
  int64_t value = 0;
  if (!ascii_is_digit(*p)) return false;
  for (; ascii_is_digit(*p); p++) {
    int digit = *p - '0';
    if (digit > max || value > (max - digit) / 10) return false;
    value = value * 10 + digit;
  }
  *text = p;
  *ret = value;
  return true;
}

bool number_parse(const char *text, int64_t max, int64_t *ret) {
  int64_t value;
  if (!text || !take_digits(&text, max, &value) || *text) return false;
  *ret = value;
  return true;
}

bool number_parse_size(const char *text, int64_t *ret) {
  static const struct {
    const char *unit;
    int shift;
  } UNITS[] = {{"", 0}, {"K", 10}, {"KiB", 10}, {"M", 20}, {"MiB", 20}, {"G", 30}, {"GiB", 30}, {"T", 40}, {"TiB", 40}};
  int64_t value;
  if (!text || !take_digits(&text, INT64_MAX, &value)) return false;
  for (size_t i = 0; i < sizeof UNITS / sizeof *UNITS; i++) {
    if (!ascii_same(text, UNITS[i].unit)) continue;
    if (value > INT64_MAX >> UNITS[i].shift) return false;
    *ret = value << UNITS[i].shift;
    return true;
  }
  return false;
}
