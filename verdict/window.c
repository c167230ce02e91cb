/* SPDX-License-Identifier: Apache-2.0 */
/* Which days are judged: a month to the newest plausible report, more where there is little mail. */
#include "base/cleanup.h"
#include "verdict/judging.h"

bool is_clock_ahead(const struct judging *g, const struct seen_report *r) {
  return r->end_s > g->as_of_s + (int64_t)(g->t->clock_ahead_days * UTC_DAY_S);
}

/* The last day with data by a clock that can be believed. */
static int32_t newest_day(const struct judging *g) {
  int64_t newest = 0;
  for (uint32_t i = 0; i < g->h->report_count; i++) {
    const struct seen_report *r = &g->h->reports[i];
    int64_t end = r->end_s > r->begin_s ? r->end_s - 1 : r->end_s;
    if (!is_clock_ahead(g, r) && end > newest) newest = end;
  }
  return utc_day_of(newest);
}

/* A report without mail tells of no mail, so it speaks for a domain of whose owner's there never was any; else it is
 * neither a day with data nor a reporter. */
bool has_data(const struct judging *g, const struct seen_report *r) { return r->messages > 0 || !g->has_own_mail; }

struct data_days days_with_data(const struct judging *g) {
  int32_t length = g->end_day - g->begin_day + 1;
  _cleanup_free_ bool *seen = mem_zalloc((size_t)length);
  struct data_days found = {0};
  for (uint32_t i = 0; i < g->h->report_count; i++) {
    const struct seen_report *r = &g->h->reports[i];
    if (r->day >= g->begin_day && r->day <= g->end_day && has_data(g, r)) seen[r->day - g->begin_day] = true;
  }
  for (int32_t i = 0; i < length; i++) {
    if (!seen[i]) continue;
    if (!found.count++) found.first = i;
    found.last = i;
  }
  return found;
}

/* From one day with data to the next, in days. */
static double rhythm_of(const struct judging *g) {
  struct data_days d = days_with_data(g);
  double rhythm_days = d.count > 1 ? (double)(d.last - d.first) / (d.count - 1) : 1;
  return rhythm_days < g->t->daily_gap_days ? 1 : rhythm_days; /* working weeks are daily mail too */
}

static int64_t own_in_window(const struct history *h) {
  int64_t n = 0;
  for (uint32_t i = 0; i < h->stream_count; i++)
    if (stream_is_own(&h->streams[i]) && !h->streams[i].dormant) n += stream_judged(&h->streams[i]);
  return n;
}

static bool has_own_mail(const struct history *h) {
  for (uint32_t i = 0; i < h->stream_count; i++)
    if (stream_is_own(&h->streams[i]) && h->streams[i].messages > 0) return true;
  return false;
}

int32_t window_length(const struct thresholds *t, unsigned i) {
  const double lengths[WINDOW_LENGTHS] = {t->window_days, 3 * t->window_days, t->longest_window_days};
  return (int32_t)lengths[i];
}

bool window_suffices(const struct thresholds *t, int64_t own_messages, int64_t days_with_data) {
  return (double)own_messages >= t->window_messages && (double)days_with_data >= t->window_data_days;
}

/* Little mail makes the window longer, never the bar lower. */
void choose_window(struct judging *g, const struct labels *labels) {
  int32_t first = g->h->report_count ? utc_day_of(g->h->reports[0].begin_s) : 0;
  g->end_day = newest_day(g);
  for (unsigned i = 0; i < WINDOW_LENGTHS; i++) {
    g->begin_day = g->end_day - window_length(g->t, i) + 1;
    classify(g->h, labels, g->t, g->as_of_s, g->end_day, g->begin_day);
    g->has_own_mail = has_own_mail(g->h);
    if (g->begin_day <= first || window_suffices(g->t, own_in_window(g->h), days_with_data(g).count)) break;
  }
  g->rhythm_days = rhythm_of(g);
}
