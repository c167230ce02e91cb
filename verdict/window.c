/* SPDX-License-Identifier: Apache-2.0 */
/* Which days are judged: a month to the newest plausible report, more where there is little mail. */
#include "base/cleanup.h"
#include "verdict/judging.h"

/* The last day with data by a clock that can be believed. */
static int32_t newest_day(const struct judging *g) {
  int64_t latest = g->as_of_s + (int64_t)(g->t->clock_ahead_days * UTC_DAY_S), newest = 0;
  for (uint32_t i = 0; i < g->h->report_count; i++) {
    const struct seen_report *r = &g->h->reports[i];
    int64_t end = r->end_s > r->begin_s ? r->end_s - 1 : r->end_s;
    if (r->end_s <= latest && end > newest) newest = end;
  }
  return utc_day_of(newest);
}

unsigned days_with_data(const struct judging *g, int32_t begin, int32_t end) {
  int32_t last = -1;
  unsigned days = 0;
  for (uint32_t i = 0; i < g->h->report_count; i++) {
    int32_t day = utc_day_of(g->h->reports[i].begin_s);
    if (day < begin || day > end || day == last) continue;
    last = day;
    days++;
  }
  return days;
}

/* From one day with data to the next, in days. */
static double rhythm_of(const struct judging *g) {
  int32_t first = 0, last = 0;
  unsigned days = 0;
  for (uint32_t i = 0; i < g->h->report_count; i++) {
    int32_t day = utc_day_of(g->h->reports[i].begin_s);
    if (day < g->begin_day || day > g->end_day || (days && day == last)) continue;
    if (!days++) first = day;
    last = day;
  }
  double rhythm_days = days > 1 ? (double)(last - first) / (days - 1) : 1;
  return rhythm_days < g->t->daily_gap_days ? 1 : rhythm_days; /* working weeks are daily mail too */
}

static int64_t own_in_window(const struct history *h) {
  int64_t n = 0;
  for (uint32_t i = 0; i < h->stream_count; i++)
    if (stream_is_own(&h->streams[i]) && !h->streams[i].dormant) n += h->streams[i].window_messages;
  return n;
}

static bool is_enough(const struct judging *g) {
  return (double)own_in_window(g->h) >= g->t->window_messages &&
         days_with_data(g, g->begin_day, g->end_day) >= g->t->window_data_days;
}

/* Little mail makes the window longer, never the bar lower. */
void choose_window(struct judging *g, const struct labels *labels) {
  const double lengths[] = {g->t->window_days, 3 * g->t->window_days, g->t->longest_window_days};
  int32_t first = g->h->report_count ? utc_day_of(g->h->reports[0].begin_s) : 0;
  g->end_day = newest_day(g);
  for (unsigned i = 0; i < ARRAY_SIZE(lengths); i++) {
    g->begin_day = g->end_day - (int32_t)lengths[i] + 1;
    classify(g->h, labels, g->t, g->as_of_s, g->end_day, g->begin_day);
    if (g->begin_day <= first || is_enough(g)) break;
  }
  g->rhythm_days = rhythm_of(g);
}
