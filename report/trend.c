/* SPDX-License-Identifier: Apache-2.0 */
/* trend: messages and pass rate over time, with a bar for the eye. */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/feedback.h"
#include "base/mem.h"
#include "base/utc.h"
#include "report/question.h"

/* Periods without a report are shown up to this many rows; a wrong date must not make a million. */
#define MOST_FILLED_ROWS 3660

enum { PERIOD, MESSAGES, PASS, FAIL, UNEVALUATED, PASS_SHARE, BAR, REPORTS, COLUMNS_OF_TREND };

/* clang-format off */
static const struct column COLUMNS[COLUMNS_OF_TREND] = {
    [PERIOD] = {"day", NULL, COLUMN_DAY, COLUMN_KEY},
    [MESSAGES] = {"messages", NULL, COLUMN_COUNT, 0},
    [PASS] = {"pass", NULL, COLUMN_COUNT, 0},
    [FAIL] = {"fail", NULL, COLUMN_COUNT, 0},
    [UNEVALUATED] = {"unevaluated", "not evaluated", COLUMN_COUNT, COLUMN_DETAIL},
    [PASS_SHARE] = {"pass_share", "pass rate", COLUMN_SHARE, COLUMN_GOOD},
    [BAR] = {"bar", "messages", COLUMN_BAR, 0},
    [REPORTS] = {"reports", NULL, COLUMN_COUNT, COLUMN_DETAIL},
};
/* clang-format on */

#define EMPTY "No report matches. 'dmarcctl summary' shows what is stored."
static const struct table BY_DAY = {"dmarcctl.trend", 1, NULL, EMPTY, COLUMNS, COLUMNS_OF_TREND};

struct trend_period {
  int64_t begin_s;
  struct group_tally tally;
};

struct trend {
  struct trend_period *periods;
  unsigned count, capacity;
};

static int on_group(void *user, const struct store_group *g, struct err *e) {
  (void)e;
  struct trend *t = user;
  MEM_GROW(t->periods, t->capacity, t->count);
  t->periods[t->count++] = (struct trend_period){g->period_s, g->tally};
  return 0;
}

static int by_begin(const void *a, const void *b) {
  int64_t x = ((const struct trend_period *)a)->begin_s, y = ((const struct trend_period *)b)->begin_s;
  return x < y ? -1 : x > y;
}

static int push(struct table_sink *sink, int64_t begin_s, const struct group_tally *tally, int64_t most,
                struct err *e) {
  const struct tally *t = &tally->mail;
  int64_t passed = tally_passed(t);
  const struct cell cells[COLUMNS_OF_TREND] = {
      [PERIOD] = cell_time(begin_s),
      [MESSAGES] = cell_count(t->messages),
      [PASS] = cell_count(passed),
      [FAIL] = cell_count(t->outcomes[PASSED_NEITHER]),
      [UNEVALUATED] = cell_count(t->outcomes[NOT_EVALUATED]),
      [PASS_SHARE] = cell_share((double)passed, (double)t->messages),
      [BAR] = cell_share((double)t->messages, (double)most),
      [REPORTS] = cell_count((int64_t)tally->reports),
  };
  return sink->row(sink, cells, e);
}

static int push_all(struct trend *t, int64_t step_s, struct table_sink *sink, struct err *e) {
  static const struct group_tally NOTHING = {0};
  int64_t most = 0;
  unsigned filled = 0;
  qsort(t->periods, t->count, sizeof *t->periods, by_begin);
  for (unsigned i = 0; i < t->count; i++)
    if (t->periods[i].tally.mail.messages > most) most = t->periods[i].tally.mail.messages;
  for (unsigned i = 0; i < t->count; i++) {
    const struct trend_period *p = &t->periods[i], *before = i ? p - 1 : NULL;
    if (before && before->begin_s != FEEDBACK_TIME_UNKNOWN && p->begin_s - before->begin_s <= MOST_FILLED_ROWS * step_s)
      for (int64_t s = before->begin_s + step_s; s < p->begin_s && filled < MOST_FILLED_ROWS; s += step_s, filled++) {
        int code = push(sink, s, &NOTHING, most, e);
        if (code < 0) return code;
      }
    int code = push(sink, p->begin_s, &p->tally, most, e);
    if (code < 0) return code;
  }
  return 0;
}

int question_trend(const struct question *q, struct table_sink *sink, struct err *e) {
  struct column week_columns[COLUMNS_OF_TREND];
  memcpy(week_columns, COLUMNS, sizeof COLUMNS);
  week_columns[PERIOD].key = "week";
  week_columns[PERIOD].title = "week from";
  const struct table by_weeks = {"dmarcctl.trend-weeks", 1, NULL, EMPTY, week_columns, COLUMNS_OF_TREND};
  struct trend t = {0};
  int code = sink->begin(sink, q->by_week ? &by_weeks : &BY_DAY, e);
  if (!code)
    code = store_aggregate(q->of.store, q->of.filter, q->by_week ? STORE_BY_WEEK : STORE_BY_DAY, on_group, &t, e);
  if (!code && t.count) code = push_all(&t, q->by_week ? UTC_WEEK_S : UTC_DAY_S, sink, e);
  if (!code) code = sink->end(sink, e);
  free(t.periods);
  return code;
}
