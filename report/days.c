/* SPDX-License-Identifier: Apache-2.0 */
/* days: the mail of a judged domain over time, one row a day or a week. */
#include <string.h>

#include "analysis/domain_mail.h"
#include "base/cleanup.h"
#include "base/utc.h"
#include "report/sections.h"
#include "table/chart.h"

_Static_assert(DOMAIN_MAIL_MOST_STEPS == CHART_MOST_BARS, "a chart draws each step");

/* clang-format off */
enum { DAY, BOTH, DKIM, SPF, NEITHER, UNEVALUATED, PASS_SHARE, COLUMNS_OF_DAYS };
static const struct column COLUMNS[COLUMNS_OF_DAYS] = {
    [DAY] = {"day", NULL, COLUMN_DAY, COLUMN_KEY},
    [BOTH] = {"pass_both", "DKIM and SPF pass", COLUMN_COUNT, 0},
    [DKIM] = {"pass_dkim_only", "DKIM alone", COLUMN_COUNT, 0},
    [SPF] = {"pass_spf_only", "SPF alone", COLUMN_COUNT, 0},
    [NEITHER] = {"pass_none", "fails", COLUMN_COUNT, 0},
    [UNEVALUATED] = {"unevaluated", "not evaluated", COLUMN_COUNT, 0},
    [PASS_SHARE] = {"pass_share", "pass rate", COLUMN_SHARE, COLUMN_GOOD},
};
/* clang-format on */

struct step {
  int64_t begin_s, counts[RECORD_OUTCOMES];
};

static int push_step(const struct step *s, struct table_sink *sink, struct err *e) {
  const int64_t *n = s->counts;
  double passed = (double)n[PASSED_BOTH] + (double)n[PASSED_DKIM] + (double)n[PASSED_SPF];
  const struct cell cells[COLUMNS_OF_DAYS] = {
      [DAY] = cell_time(s->begin_s),
      [BOTH] = cell_count(n[PASSED_BOTH]),
      [DKIM] = cell_count(n[PASSED_DKIM]),
      [SPF] = cell_count(n[PASSED_SPF]),
      [NEITHER] = cell_count(n[PASSED_NEITHER]),
      [UNEVALUATED] = cell_count(n[NOT_EVALUATED]),
      [PASS_SHARE] = cell_share(passed, passed + (double)n[PASSED_NEITHER] + (double)n[NOT_EVALUATED]),
  };
  return sink->row(sink, cells, e);
}

static int64_t step_of(const struct domain_mail *m, int32_t day) {
  int64_t begin_s = utc_from_day(day);
  return m->step_s == UTC_WEEK_S ? utc_week_begin(begin_s) : begin_s;
}

static int push_steps(const struct domain_mail *m, bool own, struct table_sink *sink, struct err *e) {
  struct step step = {0};
  for (uint32_t i = 0; i < m->day_count; i++) {
    const struct mail_day *day = &m->days[i];
    int64_t begin_s = step_of(m, day->day);
    int code = i && begin_s != step.begin_s ? push_step(&step, sink, e) : 0;
    if (code < 0) return code;
    if (!i || begin_s != step.begin_s) step = (struct step){.begin_s = begin_s};
    for (int k = 0; k < RECORD_OUTCOMES; k++) step.counts[k] += own ? day->own[k] : day->all[k];
  }
  return m->day_count ? push_step(&step, sink, e) : 0;
}

int days_push(const struct domain_mail *m, bool own, struct table_sink *sink, struct err *e) {
  struct column columns[COLUMNS_OF_DAYS];
  memcpy(columns, COLUMNS, sizeof COLUMNS);
  if (m->step_s == UTC_WEEK_S) {
    columns[DAY].key = "week";
    columns[DAY].title = "week from";
  }
  bool unevaluated = false; /* rare: a column that is 0 everywhere says nothing */
  for (uint32_t i = 0; i < m->day_count; i++) unevaluated |= (own ? m->days[i].own : m->days[i].all)[NOT_EVALUATED] > 0;
  if (!unevaluated) columns[UNEVALUATED].flags |= COLUMN_DATA;
  const struct table table = {"dmarcctl.days", 1, NULL, "No mail in this period.", columns, COLUMNS_OF_DAYS};
  int code = sink->begin(sink, &table, e);
  if (!code) code = push_steps(m, own, sink, e);
  return code < 0 ? code : sink->end(sink, e);
}
