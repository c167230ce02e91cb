/* SPDX-License-Identifier: Apache-2.0 */
/* Reports: those that are doubted, and those that no longer come. */
#include <stdlib.h>
#include <string.h>

#include "analysis/baseline.h"
#include "analysis/concerning.h"
#include "base/cleanup.h"
#include "base/utc.h"

/* Of the mail of its last weeks, that a reporter must have told of to be missed. */
#define MISSED_SHARE 0.05

/* What is known of one reporter. */
struct reporter {
  int32_t first_day, last_day; /* of its doubtful reports */
  int64_t messages;
  const struct suspect *suspect; /* the largest */
  int32_t days_heard;            /* in the weeks before its last report, ... */
  int32_t last_heard;
  int32_t longest_gap; /* ... and the longest time between two of these */
  int64_t told;        /* messages in them */
  bool is_doubted;
};

/* --- doubtful reports --------------------------------------------------------------------------------------------- */

static void doubt(struct reporter *r, int32_t day, int64_t messages) {
  if (!r->is_doubted || day < r->first_day) r->first_day = day;
  if (!r->is_doubted || day > r->last_day) r->last_day = day;
  r->messages += messages;
  r->is_doubted = true;
}

static uint32_t number_of(const struct history *h, const char *name) {
  uint32_t i = 0;
  while (i < h->reporter_count && strcmp(h->reporters[i], name) != 0) i++;
  return i;
}

/* Suspect by their size, or contradicted by the mail that brought them. */
static void find_doubtful(struct concerning *x, struct reporter *reporters) {
  const struct history *h = x->h;
  for (unsigned i = 0; i < x->j->suspect_count; i++) {
    const struct suspect *s = &x->j->suspects[i];
    if (utc_day_of(s->day_s) > x->as_of_day) continue; /* of several days: those of others are not here yet */
    struct reporter *r = &reporters[number_of(h, s->reporter)];
    doubt(r, utc_day_of(s->day_s), s->messages);
    if (!r->suspect || s->messages > r->suspect->messages) r->suspect = s;
  }
  for (uint32_t i = 0; i < h->report_count; i++) {
    const struct seen_report *r = &h->reports[i];
    if (r->provenance == PROVENANCE_CONTRADICTED && !r->trusted && r->day >= x->begin_day && r->day <= x->end_day)
      doubt(&reporters[r->reporter], r->day, r->messages);
  }
  for (uint32_t i = 0; i <= h->reporter_count; i++) {
    const struct reporter *r = &reporters[i];
    if (!r->is_doubted) continue;
    concern_add(x, &(struct concern){.kind = CONCERN_FORGED_REPORT,
                                     .subject = i < h->reporter_count ? h->reporters[i] : "",
                                     .first_day = r->first_day,
                                     .last_day = r->last_day,
                                     .found_day = r->first_day,
                                     .gone_day = concern_clean_day(x, r->last_day),
                                     .messages = r->messages,
                                     .suspect = r->suspect});
  }
}

/* --- silent reporters --------------------------------------------------------------------------------------------- */

static bool was_heard_lately(const struct reporter *r, const struct seen_report *report) {
  return report->day > r->last_heard - BASELINE_DAYS;
}

static int64_t listen(const struct concerning *x, struct reporter *reporters) {
  const struct history *h = x->h;
  int64_t all = 0;
  _cleanup_free_ int32_t *previous = mem_alloc((h->reporter_count + 1) * sizeof *previous);
  for (uint32_t i = 0; i <= h->reporter_count; i++) reporters[i].last_heard = previous[i] = INT32_MIN;
  for (uint32_t i = 0; i < h->report_count; i++) {
    const struct seen_report *r = &h->reports[i];
    if (r->day <= x->end_day && r->day > reporters[r->reporter].last_heard) reporters[r->reporter].last_heard = r->day;
  }
  for (uint32_t i = 0; i < h->report_count; i++) {
    const struct seen_report *r = &h->reports[i];
    struct reporter *from = &reporters[r->reporter];
    if (r->day > x->end_day || r->day <= x->end_day - 2 * BASELINE_DAYS) continue;
    all += r->messages;
    if (!was_heard_lately(from, r)) continue;
    from->told += r->messages;
    int32_t *last = &previous[r->reporter];
    if (*last >= r->day) continue; /* reports come by begin, and so mostly by day */
    if (*last != INT32_MIN && r->day - *last > from->longest_gap) from->longest_gap = r->day - *last;
    from->days_heard++;
    *last = r->day;
  }
  return all;
}

/* Without it too few are left who tell of the domain's mail: the verdict is STALE. */
static bool is_missed(const struct concerning *x, const char *reporter) {
  const struct silent_reporters *silent = &x->j->silent;
  for (unsigned i = 0; i < silent->count && x->j->verdict == VERDICT_STALE; i++)
    if (!strcmp(silent->items[i].name, reporter)) return true;
  return false;
}

/* While others are heard: where nobody is, no reports come at all. */
static void find_silent(struct concerning *x, struct reporter *reporters) {
  const struct history *h = x->h;
  const int64_t all = listen(x, reporters);
  for (uint32_t i = 0; i < h->reporter_count; i++) {
    const struct reporter *r = &reporters[i];
    const int32_t times = CEASED_TIMES * r->longest_gap;
    const int32_t found = r->last_heard + (times > CEASED_DAYS ? times : CEASED_DAYS);
    if (r->days_heard < CEASED_LEAST_DAYS || found > x->end_day || (double)r->told < MISSED_SHARE * (double)all)
      continue;
    const bool missed = is_missed(x, h->reporters[i]);
    /* Of a silence that is missed is told as long as it lasts. */
    const int32_t told_from = x->as_of_day - (int32_t)x->basis->thresholds->finding_told_days + 1;
    concern_add(x, &(struct concern){.kind = CONCERN_REPORTER_SILENT,
                                     .subject = h->reporters[i],
                                     .first_day = r->last_heard + 1,
                                     .last_day = x->end_day,
                                     .found_day = missed && found < told_from ? told_from : found,
                                     .gone_day = INT32_MAX,
                                     .is_graver = missed});
  }
}

/* --- no reports at all -------------------------------------------------------------------------------------------- */

static void find_stale(struct concerning *x) {
  const int32_t last = x->end_day, found = last + 1 + (int32_t)x->j->gates[GATE_REPORT_AGE].limit;
  concern_add(x, &(struct concern){.kind = CONCERN_REPORTS_STALE,
                                   .subject = x->h->domain,
                                   .first_day = last + 1,
                                   .last_day = x->as_of_day,
                                   .found_day = found < x->as_of_day ? found : x->as_of_day,
                                   .gone_day = INT32_MAX});
}

void concerns_of_reporters(struct concerning *x) {
  _cleanup_free_ struct reporter *reporters = mem_zalloc((x->h->reporter_count + 1) * sizeof *reporters);
  if (concern_is_unheard(x)) {
    find_stale(x);
    return;
  }
  find_doubtful(x, reporters);
  find_silent(x, reporters);
}
