/* SPDX-License-Identifier: Apache-2.0 */
/* Adds the days of several streams up to those of one sender. */
#include "verdict/run_of_days.h"

#include <stdlib.h>
#include <string.h>

static void add(struct run_of_days *to, const struct stream_day *days, uint32_t count) {
  if (!count) return;
  MEM_GROW(to->days, to->capacity, to->count + count - 1);
  memcpy(to->days + to->count, days, count * sizeof *days);
  to->count += count;
}

void run_add_days(struct run_of_days *to, const struct stream *s) { add(to, s->days, s->day_count); }

void run_add_days_of_key(struct run_of_days *to, const struct stream *s, const struct selector_use *key) {
  uint32_t from = 0, end = s->day_count;
  while (from < end && s->days[from].day < key->first_day) from++;
  while (end > from && s->days[end - 1].day > key->last_day) end--;
  add(to, s->days + from, end - from);
}

static int by_day(const void *a, const void *b) {
  int32_t x = ((const struct stream_day *)a)->day, y = ((const struct stream_day *)b)->day;
  return (x > y) - (x < y);
}

void run_sort(struct run_of_days *x) {
  uint32_t kept = 0;
  if (x->is_sorted) return;
  x->is_sorted = true;
  if (x->count) qsort(x->days, x->count, sizeof *x->days, by_day);
  for (uint32_t i = 1; i < x->count; i++) {
    if (x->days[i].day == x->days[kept].day)
      x->days[kept].messages += x->days[i].messages;
    else
      x->days[++kept] = x->days[i];
  }
  if (x->count) x->count = kept + 1;
}

int32_t run_last_day(const struct run_of_days *x) { return x->count ? x->days[x->count - 1].day : INT32_MIN; }

int64_t run_fullest(const struct stream_day *days, uint32_t count, int32_t length) {
  int64_t run = 0, most = 0;
  for (uint32_t from = 0, to = 0; to < count; to++) {
    run += days[to].messages;
    while (days[to].day - days[from].day >= length) run -= days[from++].messages;
    if (run > most) most = run;
  }
  return most;
}

int32_t run_longest_gap(const struct run_of_days *x) {
  int32_t longest = 0;
  for (uint32_t i = 1; i < x->count; i++)
    if (x->days[i].day - x->days[i - 1].day > longest) longest = x->days[i].day - x->days[i - 1].day;
  return longest;
}

bool run_has_rhythm(const struct run_of_days *x, const struct thresholds *t) {
  return (double)x->count >= t->rhythm_least_days && run_last_day(x) - x->days[0].day + 1 >= (int32_t)t->long_span_days;
}
