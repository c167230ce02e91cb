/* SPDX-License-Identifier: Apache-2.0 */
/* errors: what went wrong on the way into the store, one row a document. */
#include "local/ledger.h"
#include "report/question.h"

enum { SEEN, OUTCOME, DOCUMENT, REASON, BYTES, DOCUMENT_RECORDS, COLUMNS_OF_ERRORS };

static const struct column ERROR_COLUMNS[COLUMNS_OF_ERRORS] = {
    [SEEN] = {"seen", NULL, COLUMN_TIME, COLUMN_DETAIL},
    [OUTCOME] = {"outcome", NULL, COLUMN_TEXT, 0},
    [DOCUMENT] = {"origin", "document", COLUMN_TEXT, COLUMN_KEY | COLUMN_WRAP},
    [REASON] = {"reason", NULL, COLUMN_TEXT, COLUMN_WRAP},
    [BYTES] = {"bytes", NULL, COLUMN_COUNT, COLUMN_DATA},
    [DOCUMENT_RECORDS] = {"records", NULL, COLUMN_COUNT, COLUMN_DATA},
};
static const struct table ERRORS_TABLE = {"dmarcctl.errors", 1, NULL, "No document made trouble.", ERROR_COLUMNS,
                                          COLUMNS_OF_ERRORS};

static int on_document(void *user, const struct ledger_line *d, struct err *e) {
  struct table_sink *sink = user;
  const struct cell cells[COLUMNS_OF_ERRORS] = {
      [SEEN] = cell_time(d->seen_s),           [OUTCOME] = cell_text(document_outcome_word(d->outcome)),
      [DOCUMENT] = cell_text(d->origin),       [REASON] = cell_text(d->reason),
      [BYTES] = cell_count((int64_t)d->bytes), [DOCUMENT_RECORDS] = cell_count((int64_t)d->records),
  };
  return sink->row(sink, cells, e);
}

int question_errors(const struct question *q, struct table_sink *sink, struct err *e) {
  unsigned outcomes =
      1u << DOCUMENT_DAMAGED | 1u << DOCUMENT_CONFLICTING | 1u << DOCUMENT_REJECTED | 1u << DOCUMENT_NO_REPORT;
  int code = sink->begin(sink, &ERRORS_TABLE, e);
  if (!code) code = ledger_each(q->of.local, q->of.filter, outcomes, true, on_document, sink, e);
  if (!code) code = sink->end(sink, e);
  return code;
}
