/* SPDX-License-Identifier: Apache-2.0 */
/* Judges a part of a history. */
#include "analysis/past.h"

#include "base/utc.h"

/* Where none was proven by then, none was doubted for not being so. */
static uint32_t count_proven(const struct history *h) {
  uint32_t n = 0;
  for (uint32_t i = 0; i < h->report_count; i++) {
    const struct seen_report *r = &h->reports[i];
    n += r->messages > 0 && (r->trusted || r->provenance == PROVENANCE_PROVEN);
  }
  return n;
}

bool past_judge(struct history *h, const struct judgement_basis *basis, const bool *left_out, int32_t day,
                struct judgement *ret) {
  uint32_t kept = 0;
  struct history then;
  for (uint32_t i = 0; i < h->report_count; i++) kept += !left_out[i];
  if (!kept) return false;
  history_part(h, left_out, &then);
  then.proven_reports = count_proven(&then);
  judge_robustly(&then, basis->labels, basis->thresholds, utc_from_day(day + 1) - 1, NULL, ret);
  history_rejoin(h, &then);
  return true;
}

void past_leave_out(const struct history *h, int32_t day, bool *left_out) {
  const int64_t as_of_s = utc_from_day(day + 1) - 1;
  for (uint32_t i = 0; i < h->report_count; i++)
    left_out[i] = h->reports[i].begin_s > as_of_s || h->reports[i].end_s > as_of_s;
}

int32_t past_first_day(const struct history *h, const struct thresholds *t, int32_t last_day) {
  const int32_t oldest = last_day - (int32_t)t->memory_days;
  int32_t first = last_day;
  for (uint32_t i = 0; i < h->report_count; i++)
    if (h->reports[i].day >= oldest && h->reports[i].day < first) first = h->reports[i].day;
  return first;
}
