/* SPDX-License-Identifier: Apache-2.0 */
/* Lays out the days of a history's streams one behind the other: every question walks all of them, and memory that is
 * read in its order costs a fraction of what a block of its own for each stream does. */
#include <stdlib.h>

#include "base/cleanup.h"
#include "verdict/cell.h"

static int by_day(const void *a, const void *b) {
  int32_t x = ((const struct cell_day *)a)->day, y = ((const struct cell_day *)b)->day;
  return (x > y) - (x < y);
}

/* Most streams have a day or two. */
static void sort_days(struct cell_day *days, size_t count) {
  size_t sorted = 1;
  while (sorted < count && days[sorted - 1].day <= days[sorted].day) sorted++;
  if (sorted < count) qsort(days, count, sizeof *days, by_day);
}

static size_t count_days(const struct cell_day *sorted, size_t count) {
  size_t days = count > 0;
  for (size_t i = 1; i < count; i++) days += sorted[i].day != sorted[i - 1].day;
  return days;
}

static void add_to_day(struct stream_day *day, const struct cell_day *of) {
  day->is_vague |= of->is_vague;
  day->messages += of->messages;
  if (of->passes) day->passed += of->messages;
  if (of->is_saved) day->saved += of->messages;
  if (of->is_unchecked) day->unchecked += of->messages;
  if (of->is_contradicted) day->contradicted += of->messages;
  if (of->is_unevaluated) day->unevaluated += of->messages;
  if (of->spf_asked) day->spf_asked += of->messages;
  if (of->spf_refused) day->spf_refused += of->messages;
}

static void fill(struct stream *s, struct stream_day *days, const struct cell_day *sorted, size_t count) {
  for (size_t i = 0; i < count; i++) {
    if (!i || sorted[i].day != sorted[i - 1].day) days[s->day_count++] = (struct stream_day){.day = sorted[i].day};
    add_to_day(&days[s->day_count - 1], &sorted[i]);
  }
  if (count) s->days = days;
}

/* Into `ret`, in the order of their streams, and of each by day. Those of stream i end before ret_ends[i]. */
static void sort_by_stream(const struct history *h, struct cell_day *ret, size_t *ret_ends) {
  size_t begin = 0;
  for (size_t i = 0; i < h->cell_day_count; i++) ret_ends[h->cell_days[i].stream]++;
  for (uint32_t i = 0; i < h->stream_count; i++) {
    const size_t count = ret_ends[i];
    ret_ends[i] = begin;
    begin += count;
  }
  for (size_t i = 0; i < h->cell_day_count; i++) ret[ret_ends[h->cell_days[i].stream]++] = h->cell_days[i];
  for (uint32_t i = 0; i < h->stream_count; i++) {
    begin = i ? ret_ends[i - 1] : 0;
    sort_days(ret + begin, ret_ends[i] - begin);
  }
}

void history_lay_out_days(struct history *h) {
  _cleanup_free_ struct cell_day *sorted = mem_alloc((h->cell_day_count + 1) * sizeof *sorted);
  _cleanup_free_ size_t *ends = mem_zalloc((h->stream_count + 1) * sizeof *ends);
  size_t total = 0;
  sort_by_stream(h, sorted, ends);
  free(TAKE_PTR(h->cell_days));
  h->cell_day_count = h->cell_day_capacity = 0;
  for (uint32_t i = 0; i < h->stream_count; i++) {
    const size_t begin = i ? ends[i - 1] : 0;
    total += count_days(sorted + begin, ends[i] - begin);
  }
  h->days = mem_alloc((total + 1) * sizeof *h->days);
  struct stream_day *next = h->days;
  for (uint32_t i = 0; i < h->stream_count; i++) {
    const size_t begin = i ? ends[i - 1] : 0;
    fill(&h->streams[i], next, sorted + begin, ends[i] - begin);
    next += h->streams[i].day_count;
  }
}
