/* SPDX-License-Identifier: Apache-2.0 */
/* readiness --list-thresholds: every number that a verdict turns on, with what it is now and why. */
#include "base/cleanup.h"
#include "report/question.h"

/* clang-format off */
static const struct column COLUMNS[] = {
    {"name", NULL, COLUMN_TEXT, COLUMN_KEY},
    {"value", NULL, COLUMN_NUMBER, 0},
    {"unit", NULL, COLUMN_TEXT, 0},
    {"default", NULL, COLUMN_NUMBER, COLUMN_DETAIL},
    {"least", NULL, COLUMN_NUMBER, COLUMN_DATA},
    {"most", NULL, COLUMN_NUMBER, COLUMN_DATA},
    {"origin", NULL, COLUMN_TEXT, 0},
    {"reason", NULL, COLUMN_TEXT, COLUMN_WRAP},
};
/* clang-format on */
static const struct table TABLE = {"dmarcctl.thresholds", 1, NULL, NULL, COLUMNS, ARRAY_SIZE(COLUMNS)};

int question_thresholds(const struct question *q, struct table_sink *sink, struct err *e) {
  const struct thresholds *t = q->of.basis->thresholds;
  int code = sink->begin(sink, &TABLE, e);
  const struct threshold *row;
  for (unsigned i = 0; (row = threshold_at(i)) && !code; i++) {
    const struct cell cells[] = {cell_text(row->name),    cell_number(threshold_value(t, i)),
                                 cell_text(row->unit),    cell_number(threshold_value(&THRESHOLDS_DEFAULT, i)),
                                 cell_number(row->least), cell_number(row->most),
                                 cell_text(row->origin),  cell_text(row->reason)};
    code = sink->row(sink, cells, e);
  }
  return code < 0 ? code : sink->end(sink, e);
}
