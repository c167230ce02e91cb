/* SPDX-License-Identifier: Apache-2.0 */
/* Gathers the last weeks of a domain, and sets them as a table. */
#include "report/domain_past.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "base/utc.h"
#include "report/page_rows.h"

/* As many as are drawn of a domain's mail. */
#define PAST_DAYS 90

/* What a reader goes through. */
#define MOST_ROWS 30

struct gathering {
  struct domain_past *past;
  struct arena *arena;
};

/* concerns_fn */
static int take(void *user, const struct concerned_domain *d, struct err *e) {
  (void)e;
  const struct gathering *g = user;
  struct domain_past *p = g->past;
  for (unsigned i = 0; i < d->count; i++) {
    if (!history_has(&d->concerns[i])) continue;
    MEM_GROW(p->items, p->capacity, p->count);
    finding_list_keep(g->arena, &d->concerns[i], &p->items[p->count++]);
  }
  return 0;
}

static int by_first_day(const void *left, const void *right) {
  const struct listed_finding *a = *(const struct listed_finding *const *)left;
  const struct listed_finding *b = *(const struct listed_finding *const *)right;
  if (a->concern.first_day != b->concern.first_day) return a->concern.first_day < b->concern.first_day ? -1 : 1;
  return (a > b) - (a < b);
}

int domain_past_gather(struct arena *arena, const struct judgement_basis *basis, struct history *h,
                       const struct judgement *j, struct domain_past *ret, struct err *e) {
  struct gathering g = {ret, arena};
  *ret = (struct domain_past){0};
  int code = concerns_of(basis, NULL, h, j, take, &g, e);
  if (code < 0) return code;
  ret->by_day = mem_alloc((ret->count + 1) * sizeof *ret->by_day);
  for (unsigned i = 0; i < ret->count; i++) ret->by_day[i] = &ret->items[i];
  if (ret->count) qsort(ret->by_day, ret->count, sizeof *ret->by_day, by_first_day);
  timeline_of_weeks(basis, h, j, utc_day_of(j->window_end_s - 1) - PAST_DAYS + 1, &ret->line);
  return 0;
}

void domain_past_clear(struct domain_past *p) {
  timeline_clear(&p->line);
  free(p->by_day);
  free(p->items);
  *p = (struct domain_past){0};
}

bool domain_past_has_any(const struct domain_past *p) {
  for (uint32_t i = 0; i < p->line.count; i++)
    if (!p->line.events[i].is_first) return true;
  return p->count > 0;
}

int section_history(struct document *d, const struct domain_past *p, struct err *e) {
  const struct told_history told = {&p->line, p->by_day, p->count};
  const struct page_table table = {
      .caption = "Policy and verdict as they were, how they changed, and what is found now",
      .rest = "'dmarcctl readiness --history' lists them all",
      .hidden = "domain before own_messages own_pass_rate undecided finding"};
  d->note(d, "A verdict that came and went within a week is left out; 'dmarcctl readiness --history' judges each day.");
  return page_rows_draw(d, &table, &(struct row_choice){NULL, MOST_ROWS}, history_push, &told, e);
}
