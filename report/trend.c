/* SPDX-License-Identifier: Apache-2.0 */
/* trend: messages and pass rate over time, with a bar for the eye. */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/feedback.h"
#include "base/mem.h"
#include "base/utc.h"
#include "report/pass_share.h"
#include "report/question.h"

/* Periods without a report are shown up to this many rows; a wrong date must not make a million. */
#define MOST_FILLED_ROWS 3660

/* clang-format off */
enum {
  PERIOD, MESSAGES, PASS, FAIL, UNEVALUATED, PASS_SHARE, BAR, REPORTS, LET_THROUGH, QUARANTINED, REJECTED, PASSED, OTHER,
  COLUMNS_OF_TREND
};

static const struct column COLUMNS[COLUMNS_OF_TREND] = {
    [PERIOD] = {"day", NULL, COLUMN_DAY, COLUMN_KEY},
    [MESSAGES] = {"messages", NULL, COLUMN_COUNT, 0},
    [PASS] = {"pass", NULL, COLUMN_COUNT, 0},
    [FAIL] = {"fail", NULL, COLUMN_COUNT, 0},
    [UNEVALUATED] = {"unevaluated", "not evaluated", COLUMN_COUNT, COLUMN_DETAIL},
    [PASS_SHARE] = {"pass_share", "pass rate", COLUMN_SHARE, COLUMN_GOOD},
    [BAR] = {"bar", "messages", COLUMN_BAR, 0},
    [REPORTS] = {"reports", NULL, COLUMN_COUNT, COLUMN_DETAIL},
    [LET_THROUGH] = {"disposition_none", "let through", COLUMN_COUNT, COLUMN_DATA},
    [QUARANTINED] = {"disposition_quarantine", "quarantined", COLUMN_COUNT, COLUMN_DATA},
    [REJECTED] = {"disposition_reject", "rejected", COLUMN_COUNT, COLUMN_DATA},
    [PASSED] = {"disposition_pass", "passed", COLUMN_COUNT, COLUMN_DATA},
    [OTHER] = {"disposition_other", "not told", COLUMN_COUNT, COLUMN_DATA},
};
/* clang-format on */

#define EMPTY "No report matches. 'dmarcctl summary' shows what is stored."

/* A row is a period of this kind. */
static const struct step {
  const char *schema, *key, *title; /* title NULL: the key */
  unsigned dimension;
  int64_t longest_s;
} STEPS[] = {
    [TREND_BY_DAY] = {"dmarcctl.trend", "day", NULL, STORE_BY_DAY, UTC_DAY_S},
    [TREND_BY_WEEK] = {"dmarcctl.trend-weeks", "week", "week from", STORE_BY_WEEK, UTC_WEEK_S},
    [TREND_BY_MONTH] = {"dmarcctl.trend-months", "month", "month from", STORE_BY_MONTH, 31 * UTC_DAY_S},
    [TREND_BY_DISPOSITION] = {"dmarcctl.trend", "day", NULL, STORE_BY_DAY, UTC_DAY_S},
};

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
      [PASS_SHARE] = pass_share(t),
      [BAR] = cell_share((double)t->messages, (double)most),
      [REPORTS] = cell_count((int64_t)tally->reports),
      [LET_THROUGH] = cell_count(t->dispositions[DISPOSED_NONE]),
      [QUARANTINED] = cell_count(t->dispositions[DISPOSED_QUARANTINE]),
      [REJECTED] = cell_count(t->dispositions[DISPOSED_REJECT]),
      [PASSED] = cell_count(t->dispositions[DISPOSED_PASS]),
      [OTHER] = cell_count(t->dispositions[DISPOSED_OTHER]),
  };
  return sink->row(sink, cells, e);
}

/* The period that follows one. */
static int64_t next_s(const struct step *step, int64_t begin_s) {
  const int64_t end_s = begin_s + step->longest_s;
  return step->dimension == STORE_BY_MONTH ? utc_month_begin(end_s) : end_s;
}

static int push_all(struct trend *t, const struct step *step, struct table_sink *sink, struct err *e) {
  static const struct group_tally NOTHING = {0};
  int64_t most = 0;
  unsigned filled = 0;
  qsort(t->periods, t->count, sizeof *t->periods, by_begin);
  for (unsigned i = 0; i < t->count; i++)
    if (t->periods[i].tally.mail.messages > most) most = t->periods[i].tally.mail.messages;
  for (unsigned i = 0; i < t->count; i++) {
    const struct trend_period *p = &t->periods[i], *before = i ? p - 1 : NULL;
    if (before && before->begin_s != FEEDBACK_TIME_UNKNOWN &&
        p->begin_s - before->begin_s <= MOST_FILLED_ROWS * step->longest_s)
      for (int64_t s = next_s(step, before->begin_s); s < p->begin_s && filled < MOST_FILLED_ROWS;
           s = next_s(step, s), filled++) {
        int code = push(sink, s, &NOTHING, most, e);
        if (code < 0) return code;
      }
    int code = push(sink, p->begin_s, &p->tally, most, e);
    if (code < 0) return code;
  }
  return 0;
}

/* In text what was let through, quarantined and rejected stands where the pass rate and its bar do else. */
static void show_dispositions(struct column columns[COLUMNS_OF_TREND]) {
  for (int i = LET_THROUGH; i < COLUMNS_OF_TREND; i++) columns[i].flags = i == OTHER ? COLUMN_DETAIL : 0;
  columns[PASS].flags |= COLUMN_DATA;
  columns[PASS_SHARE].flags |= COLUMN_DATA;
  columns[BAR].flags |= COLUMN_DATA;
}

int question_trend(const struct question *q, struct table_sink *sink, struct err *e) {
  const struct step *step = &STEPS[q->trend_by];
  struct column columns[COLUMNS_OF_TREND];
  memcpy(columns, COLUMNS, sizeof COLUMNS);
  columns[PERIOD].key = step->key;
  columns[PERIOD].title = step->title;
  if (q->trend_by == TREND_BY_DISPOSITION) show_dispositions(columns);
  const struct table table = {step->schema, 1, NULL, EMPTY, columns, COLUMNS_OF_TREND};
  struct trend t = {0};
  int code = sink->begin(sink, &table, e);
  if (!code) code = store_aggregate(q->of.store, q->of.filter, step->dimension, on_group, &t, e);
  if (!code && t.count) code = push_all(&t, step, sink, e);
  if (!code) code = sink->end(sink, e);
  free(t.periods);
  return code;
}
