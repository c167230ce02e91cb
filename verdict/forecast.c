/* SPDX-License-Identifier: Apache-2.0 */
/* When will gates that wait for time hold? The window is moved on day by day: what is bad in it leaves, and what comes
 * is what came lately once more. */
#include <math.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "verdict/judging.h"
#include "verdict/proportion.h"

/* One day, and in the sums all days up to it. */
struct day_sum {
  int64_t own;                       /* messages of own mail, whatever the scope: they choose the window */
  int64_t judged, passed, unchecked; /* of the scope: see struct stream_day */
  int64_t with_data;                 /* 1 or 0 */
};

struct forecast {
  const struct judging *g;
  struct day_sum *days; /* after begin_forecast: sums */
  int32_t first, count; /* the first of them, and how many */
};

static int32_t horizon(const struct judging *g) { return (int32_t)g->t->longest_window_days; }

static struct day_sum *day_at(const struct forecast *x, int32_t day) {
  return day >= x->first && day < x->first + x->count ? &x->days[day - x->first] : NULL;
}

static void add_stream(struct forecast *x, const struct stream *s) {
  for (uint32_t i = 0; i < s->day_count; i++) {
    const struct stream_day *d = &s->days[i];
    struct day_sum *sum = day_at(x, d->day);
    if (!sum || d->day > x->g->end_day) continue;
    sum->own += d->messages;
    if (!in_scope(x->g, s)) continue;
    sum->judged += stream_day_judged(d);
    sum->passed += d->passed;
    sum->unchecked += d->unchecked;
  }
}

static void add_past(struct forecast *x) {
  const struct history *h = x->g->h;
  for (uint32_t i = 0; i < h->stream_count; i++)
    if (stream_is_own(&h->streams[i])) add_stream(x, &h->streams[i]);
  for (uint32_t i = 0; i < h->report_count; i++) {
    struct day_sum *sum = day_at(x, h->reports[i].day);
    if (sum && h->reports[i].day <= x->g->end_day && has_data(x->g, &h->reports[i])) sum->with_data = 1;
  }
}

/* Whole weeks, as many as hold two times with data. */
static int32_t period_days(const struct judging *g) {
  return 7 * (int32_t)fmin(fmax(1, ceil(2 * g->rhythm_days / 7)), floor(g->t->longest_window_days / 7));
}

static void begin_forecast(struct forecast *x, const struct judging *g) {
  *x = (struct forecast){.g = g, .first = g->end_day - horizon(g) + 1, .count = 2 * horizon(g)};
  x->days = mem_zalloc((size_t)x->count * sizeof *x->days);
  add_past(x);
  for (int32_t day = g->end_day + 1; day < x->first + x->count; day++)
    *day_at(x, day) = *day_at(x, day - period_days(g));
  for (int32_t i = 1; i < x->count; i++) {
    const struct day_sum *before = &x->days[i - 1];
    struct day_sum *sum = &x->days[i];
    sum->own += before->own;
    sum->judged += before->judged;
    sum->passed += before->passed;
    sum->unchecked += before->unchecked;
    sum->with_data += before->with_data;
  }
}

static struct day_sum window_of(const struct forecast *x, int32_t end, int32_t length) {
  struct day_sum sum = *day_at(x, end);
  const struct day_sum *before = day_at(x, end - length);
  if (!before) return sum;
  sum.own -= before->own;
  sum.judged -= before->judged;
  sum.passed -= before->passed;
  sum.unchecked -= before->unchecked;
  sum.with_data -= before->with_data;
  return sum;
}

/* As judge would find it with the window that ends on `end`. */
static bool holds_on(const struct forecast *x, int32_t end) {
  const struct judging *g = x->g;
  const int32_t first = utc_day_of(g->h->reports[0].begin_s);
  int32_t length = 0;
  struct day_sum sum = {0};
  for (unsigned i = 0; i < WINDOW_LENGTHS; i++) {
    length = window_length(g->t, i);
    sum = window_of(x, end, length);
    if (end - length + 1 <= first || window_suffices(g->t, sum.own, sum.with_data)) break;
  }
  if (failed(g, GATE_DATA_DAYS) && (double)sum.with_data < wanted_data_days(g, length)) return false;
  const int64_t beyond = beyond_trouble(g->t, sum.judged, sum.unchecked);
  return !failed(g, GATE_OWN_LOWER) || wilson_lower(sum.passed, sum.judged + beyond) >= g->t->own_lower[g->to];
}

int32_t days_until_mail_suffices(const struct judging *g, int32_t least) {
  struct forecast x;
  int32_t days = least > 1 ? least : 1;
  if (!g->h->report_count) return 0;
  begin_forecast(&x, g);
  while (days <= horizon(g) && !holds_on(&x, g->end_day + days)) days++;
  free(x.days);
  return days <= horizon(g) ? days : 0;
}
