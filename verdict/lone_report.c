/* SPDX-License-Identifier: Apache-2.0 */
/* Bad news that one report alone brings, of a reporter that was heard on no other day: it counts, but the owner has to
 * know on whose word it does. */
#include <stdlib.h>

#include "base/cleanup.h"
#include "verdict/judging.h"

/* The days on which a reporter told of mail. */
struct heard_days {
  int32_t first, last;
};

static struct heard_days *find_heard_days(const struct history *h) {
  struct heard_days *days = mem_alloc((h->reporter_count + 1) * sizeof *days);
  for (uint32_t i = 0; i < h->reporter_count; i++) days[i] = (struct heard_days){INT32_MAX, INT32_MIN};
  for (uint32_t i = 0; i < h->report_count; i++) {
    const struct seen_report *r = &h->reports[i];
    struct heard_days *x = &days[r->reporter];
    if (r->messages <= 0) continue;
    if (r->day < x->first) x->first = r->day;
    if (r->day > x->last) x->last = r->day;
  }
  return days;
}

/* What the report tells of each finding. */
static void add_report(const struct history *h, const struct seen_report *r, const uint64_t *by_stream, int64_t *told) {
  for (size_t i = r->first_record; i < r->end_record; i++) {
    bool passes;
    const uint64_t findings = by_stream[history_record_stream(h, i, &passes) - h->streams];
    if (!findings || !history_record_fails(h, i)) continue;
    for (uint64_t rest = findings; rest; rest &= rest - 1) told[first_finding(rest)] += h->records[i].count;
  }
}

static void name_report(struct history *h, const struct seen_report *r, struct findings *list, const int64_t *told) {
  for (unsigned k = 0; k < list->count; k++) {
    struct finding *f = &list->items[k];
    if (f->passes || f->cause == CAUSE_RECEIVER_DNS || f->report || 2 * told[k] <= f->messages) continue;
    char id[IDENTITY_ID_DIGITS + 1];
    f->report = arena_strdup(h->arena, identity_id(&r->identity, id));
    f->report_messages = told[k];
    f->reporter = h->reporters[r->reporter];
  }
}

void find_lone_reports(struct history *h, struct findings *list, const uint64_t *by_stream, int32_t begin_day) {
  if (!h->record_count) return;
  _cleanup_free_ struct heard_days *days = find_heard_days(h);
  for (uint32_t i = 0; i < h->report_count; i++) {
    const struct seen_report *r = &h->reports[i];
    if (r->day < begin_day || r->trusted || days[r->reporter].first != days[r->reporter].last) continue;
    int64_t told[MOST_FINDINGS] = {0};
    add_report(h, r, by_stream, told);
    name_report(h, r, list, told);
  }
}
