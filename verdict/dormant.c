/* SPDX-License-Identifier: Apache-2.0 */
/* What of a stream counts: its mail inside the window, or the fullest run of one that is silent since, for quarterly
 * invoices come back, and what came after them in small is no measure of them. */
#include "verdict/classifying.h"

static int32_t last_day(const struct stream *s) { return s->day_count ? s->days[s->day_count - 1].day : INT32_MIN; }

/* The day that ends the fullest run of those that are remembered, the last of equal ones. */
static int32_t end_of_fullest_run(const struct stream *s, const struct thresholds *t, int32_t end_day) {
  int64_t run = 0, most = 0;
  int32_t end = last_day(s);
  for (uint32_t from = 0, to = 0; to < s->day_count; to++) {
    run += s->days[to].messages;
    while (s->days[from].day <= s->days[to].day - (int32_t)t->run_days) run -= s->days[from++].messages;
    if (run < most || (double)s->days[to].day < end_day - t->memory_days) continue;
    most = run;
    end = s->days[to].day;
  }
  return end;
}

/* Nothing where `from` lies behind `to`. */
static void measure(struct stream *s, int32_t from, int32_t to) {
  s->window_messages = s->window_passed = s->window_unchecked = s->window_contradicted = 0;
  s->window_unevaluated = s->window_by_receiver = 0;
  for (uint32_t i = 0; i < s->day_count; i++) {
    if (s->days[i].day < from || s->days[i].day > to) continue;
    s->window_messages += s->days[i].messages;
    s->window_passed += s->days[i].passed;
    s->window_unchecked += s->days[i].unchecked;
    s->window_contradicted += s->days[i].contradicted;
    s->window_unevaluated += s->days[i].unevaluated;
    s->window_by_receiver += s->days[i].by_receiver;
  }
}

/* A window that grew, because there is little mail, reaches behind repairs: what was repaired before the last month is
 * over there too. */
void measure_window(struct stream *s, struct mended *mended, struct ended *ended, int32_t begin_day) {
  const struct thresholds *t = mended->t;
  const int32_t end_day = mended->end_day, last = last_day(s);
  const bool counts = stream_is_own(s) || s->class == CLASS_UNDECIDED;
  const int32_t month = end_day - (int32_t)t->window_days + 1;
  s->was_mended = counts && s->day_count && s->days[0].day < month && is_mended(mended, s, month);
  const enum sender_end end = counts && last < month && !s->was_mended ? end_of_sender(ended, s) : SENDER_GOES_ON;
  const bool is_over = (s->was_mended && last < month) || end == SENDER_TAKEN_OVER;
  s->fell_silent = end == SENDER_FELL_SILENT;
  s->dormant = counts && !is_over && (last < begin_day || s->fell_silent) && (double)last >= end_day - t->memory_days;
  if (is_over) {
    measure(s, 1, 0);
  } else if (s->dormant) {
    const int32_t to = end_of_fullest_run(s, t, end_day);
    measure(s, to - (int32_t)t->run_days + 1, to);
  } else {
    measure(s, begin_day, end_day);
  }
}
