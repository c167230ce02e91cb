/* SPDX-License-Identifier: Apache-2.0 */
/* Asks each question for its sheet of the workbook. */
#include "report/report_book.h"

#include "base/cleanup.h"
#include "report/question.h"
#include "table/render_xlsx.h"

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

static int ask_streams(const struct question *q, const struct report_filter *filter, struct table_sink *sink,
                       struct err *e) {
  struct judgement_basis basis = *q->of.basis;
  basis.counted = filter;
  basis.dns = NULL; /* published records are readiness's */
  const struct question streams = {.of = {.store = q->of.store, .filter = filter, .basis = &basis},
                                   .streams.new_since_s = FILTER_OPEN_BEGIN};
  return question_streams(&streams, sink, e);
}

static int ask_sources(const struct question *q, struct table_sink *sink, struct err *e) {
  struct joined joined = {.sink = {.begin = join_begin, .row = join_row, .end = join_end}, .next = sink};
  struct report_filter narrowed = *q->of.filter;
  int code = q->of.domain_count ? 0 : ask_streams(q, &narrowed, &joined.sink, e);
  for (unsigned i = 0; i < q->of.domain_count && !code; i++) {
    narrowed.policy_domain = q->of.domains[i];
    code = ask_streams(q, &narrowed, &joined.sink, e);
  }
  return code < 0 ? code : sink->end(sink, e);
}

/* --- the others --------------------------------------------------------------------------------------------------- */

/* Questions that look at the filter alone; of one domain at most. */
static int ask_of_one(question_fn *question, const struct question *q, struct table_sink *sink, struct err *e) {
  struct report_filter filter = *q->of.filter;
  if (q->of.domain_count) filter.policy_domain = q->of.domains[0];
  return question(&(struct question){.of = {q->of.store, &filter}}, sink, e);
}

static int ask_reporters(const struct question *q, struct table_sink *sink, struct err *e) {
  return ask_of_one(question_reporters, q, sink, e);
}
static int ask_trend(const struct question *q, struct table_sink *sink, struct err *e) {
  return ask_of_one(question_trend, q, sink, e);
}

static const struct {
  question_fn *ask;
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

static int write_sheets(const struct question *q, struct xlsx_book *book, struct err *e) {
  int code = 0;
  for (unsigned i = 0; i < ARRAY_SIZE(SHEETS) && !code; i++) {
    if (SHEETS[i].of_one && q->of.domain_count > 1) continue;
    struct table_sink *collector = collector_new(xlsx_book_sink(book), SHEETS[i].sort, 0);
    code = SHEETS[i].ask(q, collector, e);
    table_sink_free(collector);
  }
  return code;
}

int report_book_write(const struct inquiry *q, FILE *file, struct err *e) {
  _cleanup_xlsx_book_ struct xlsx_book *book = xlsx_book_new();
  int code = write_sheets(&(struct question){.of = *q}, book, e);
  return code < 0 ? code : xlsx_book_write(book, file, e);
}
