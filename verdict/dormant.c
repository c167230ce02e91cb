/* SPDX-License-Identifier: Apache-2.0 */
/* What of a stream counts: its mail inside the window, or the fullest run of one that is silent since, for quarterly
 * invoices come back, and what came after them in small is no measure of them. */
#include "verdict/classifying.h"

static int32_t last_day(const struct stream *s) { return s->day_count ? s->days[s->day_count - 1].day : INT32_MIN; }

static bool has_passed(const struct stream *s, uint32_t selector) {
  for (uint32_t i = 0; i < s->selector_count; i++)
    if (s->selectors[i].selector == selector) return s->selectors[i].passed > 0;
  return false;
}

static bool all_selectors_pass_in(const struct stream *broken, const struct stream *intact) {
  for (uint32_t i = 0; i < broken->selector_count; i++)
    if (!has_passed(intact, broken->selectors[i].selector)) return false;
  return true;
}

/* Was the other stream there on most days of the last run of `broken`? */
static bool ran_side_by_side(const struct stream *broken, const struct stream *intact, const struct thresholds *t) {
  unsigned shared = 0, days = 0;
  uint32_t at = 0;
  for (uint32_t i = 0; i < broken->day_count; i++) {
    int32_t day = broken->days[i].day;
    if (day <= last_day(broken) - (int32_t)t->run_days) continue;
    days++;
    while (at < intact->day_count && intact->days[at].day < day) at++;
    if (at < intact->day_count && intact->days[at].day == day) shared++;
  }
  return shared >= t->mended_overlap_share * days;
}

/* The same host, the same selectors: broken then and intact since. Where intact mail ran beside it, the broken mail was
 * another program's, and nothing tells that it was repaired. */
static bool is_repaired(const struct stream *s, const struct own_mail *own, const struct thresholds *t) {
  if (s->class != CLASS_OWN_BROKEN) return false;
  const struct stream *intact = own_mail_signed(own, s);
  return intact && last_day(intact) > last_day(s) && all_selectors_pass_in(s, intact) &&
         !ran_side_by_side(s, intact, t);
}

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

void measure_window(struct stream *s, const struct own_mail *own, const struct thresholds *t, int32_t begin_day,
                    int32_t end_day) {
  int32_t last = last_day(s);
  bool counts = stream_is_own(s) || s->class == CLASS_UNDECIDED;
  s->dormant = counts && last < begin_day && (double)last >= end_day - t->memory_days && !is_repaired(s, own, t);
  int32_t to = s->dormant ? end_of_fullest_run(s, t, end_day) : end_day;
  int32_t from = s->dormant ? to - (int32_t)t->run_days + 1 : begin_day;
  s->window_messages = s->window_passed = s->window_unchecked = s->window_contradicted = 0;
  for (uint32_t i = 0; i < s->day_count; i++) {
    if (s->days[i].day < from || s->days[i].day > to) continue;
    s->window_messages += s->days[i].messages;
    s->window_passed += s->days[i].passed;
    s->window_unchecked += s->days[i].unchecked;
    s->window_contradicted += s->days[i].contradicted;
  }
}
