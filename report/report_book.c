/* SPDX-License-Identifier: Apache-2.0 */
/* Asks each question for its sheet of the workbook. */
#include "report/report_book.h"

#include "base/cleanup.h"
#include "report/question.h"
#include "report/question_compliance.h"
#include "report/question_selectors.h"
#include "report/question_streams.h"
#include "table/render_xlsx.h"

typedef int sheet_fn(const struct inquiry *q, struct table_sink *sink, struct err *e);

/* --- sources: the question knows a filter, but no list of domains ------------------------------------------------- */

/* One table out of several. */
struct joined {
  struct table_sink sink;
  struct table_sink *next;
  bool begun;
};

static int join_begin(struct table_sink *s, const struct table *table, struct err *e) {
  struct joined *j = (struct joined *)s;
  if (j->begun) return 0;
  j->begun = true;
  return j->next->begin(j->next, table, e);
}
static int join_row(struct table_sink *s, const struct cell *cells, struct err *e) {
  struct joined *j = (struct joined *)s;
  return j->next->row(j->next, cells, e);
}
static int join_end(struct table_sink *s, struct err *e) {
  (void)s, (void)e;
  return 0;
}

static int ask_streams(const struct inquiry *q, const struct report_filter *filter, struct table_sink *sink,
                       struct err *e) {
  static const struct stream_choice ALL = {.new_since_s = FILTER_OPEN_BEGIN};
  struct judgement_basis basis = *q->basis;
  basis.counted = filter;
  basis.dns = NULL; /* published records are readiness's */
  const struct inquiry streams = {.store = q->store, .filter = filter, .basis = &basis};
  return question_streams(&streams, &ALL, sink, e);
}

static int ask_sources(const struct inquiry *q, struct table_sink *sink, struct err *e) {
  struct joined joined = {.sink = {.begin = join_begin, .row = join_row, .end = join_end}, .next = sink};
  int code = q->domain_count ? 0 : ask_streams(q, q->filter, &joined.sink, e);
  for (unsigned i = 0; i < q->domain_count && !code; i++) {
    struct report_filter narrowed = *q->filter;
    narrowed.policy_domain = q->domains[i];
    code = ask_streams(q, &narrowed, &joined.sink, e);
  }
  return code < 0 ? code : sink->end(sink, e);
}

/* --- the others --------------------------------------------------------------------------------------------------- */

static struct report_filter filter_of(const struct inquiry *q) {
  struct report_filter filter = *q->filter;
  if (q->domain_count) filter.policy_domain = q->domains[0];
  return filter;
}

static int ask_reporters(const struct inquiry *q, struct table_sink *sink, struct err *e) {
  const struct report_filter filter = filter_of(q);
  return question_reporters(q->store, &filter, sink, e);
}
static int ask_trend(const struct inquiry *q, struct table_sink *sink, struct err *e) {
  const struct report_filter filter = filter_of(q);
  return question_trend(q->store, &filter, false, sink, e);
}

static const struct {
  sheet_fn *ask;
  const char *sort; /* NULL: as it comes */
  bool of_one;      /* its rows name no domain */
} SHEETS[] = {
    {question_readiness, READINESS_SORT, false},
    {ask_sources, QUESTION_SORT_MESSAGES, false},
    {ask_reporters, QUESTION_SORT_MESSAGES, true},
    {question_selectors, NULL, false},
    {question_compliance, NULL, false},
    {ask_trend, NULL, true},
};

static int write_sheets(const struct inquiry *q, struct xlsx_book *book, struct err *e) {
  int code = 0;
  for (unsigned i = 0; i < ARRAY_SIZE(SHEETS) && !code; i++) {
    if (SHEETS[i].of_one && q->domain_count > 1) continue;
    struct table_sink *collector = collector_new(xlsx_book_sink(book), SHEETS[i].sort, 0);
    code = SHEETS[i].ask(q, collector, e);
    table_sink_free(collector);
  }
  return code;
}

int report_book_write(const struct inquiry *q, FILE *file, struct err *e) {
  _cleanup_xlsx_book_ struct xlsx_book *book = xlsx_book_new();
  int code = write_sheets(q, book, e);
  return code < 0 ? code : xlsx_book_write(book, file, e);
}
