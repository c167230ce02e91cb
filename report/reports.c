/* SPDX-License-Identifier: Apache-2.0 */
/* reports: what is stored, one row a report. */
#include "base/cleanup.h"
#include "base/provenance.h"
#include "report/question.h"

/* clang-format off */
enum {
  BEGIN, END, POLICY_DOMAIN, ORG_NAME, REPORT_ID, RECORDS, MESSAGES, P, SP, NP, ADKIM, ASPF, PCT, FO, TESTING,
  DISCOVERY_METHOD, FLAGS, EMAIL, CONTACT, GENERATOR, VERSION, NAMESPACE, ERRORS, IMPORTED, ORIGIN,
  FOREIGN_NAMESPACES, FOREIGN_ELEMENTS, PROVENANCE, CARRIER, SUBMITTER, ID, WORD, COLUMNS_OF_REPORTS
};
/* clang-format on */

static const struct column REPORT_COLUMNS[COLUMNS_OF_REPORTS] = {
    [BEGIN] = {"begin", NULL, COLUMN_TIME, 0},
    [END] = {"end", NULL, COLUMN_TIME, COLUMN_DETAIL},
    [POLICY_DOMAIN] = {"policy_domain", "domain", COLUMN_TEXT, COLUMN_KEY},
    [ORG_NAME] = {"org_name", "reporter", COLUMN_TEXT, COLUMN_WRAP},
    [REPORT_ID] = {"report_id", "report id", COLUMN_TEXT, COLUMN_WRAP},
    [RECORDS] = {"records", NULL, COLUMN_COUNT, COLUMN_DETAIL},
    [MESSAGES] = {"messages", NULL, COLUMN_COUNT, 0},
    [P] = {"p", NULL, COLUMN_TEXT, COLUMN_DETAIL},
    [SP] = {"sp", NULL, COLUMN_TEXT, COLUMN_DETAIL},
    [NP] = {"np", NULL, COLUMN_TEXT, COLUMN_DATA},
    [ADKIM] = {"adkim", NULL, COLUMN_TEXT, COLUMN_DATA},
    [ASPF] = {"aspf", NULL, COLUMN_TEXT, COLUMN_DATA},
    [PCT] = {"pct", NULL, COLUMN_TEXT, COLUMN_DATA | COLUMN_MIXED},
    [FO] = {"fo", NULL, COLUMN_TEXT, COLUMN_DATA},
    [TESTING] = {"testing", NULL, COLUMN_TEXT, COLUMN_DATA},
    [DISCOVERY_METHOD] = {"discovery_method", NULL, COLUMN_TEXT, COLUMN_DATA},
    [FLAGS] = {"flags", "remarks", COLUMN_TEXT, COLUMN_DETAIL},
    [EMAIL] = {"email", NULL, COLUMN_TEXT, COLUMN_DATA},
    [CONTACT] = {"extra_contact_info", NULL, COLUMN_TEXT, COLUMN_DATA},
    [GENERATOR] = {"generator", NULL, COLUMN_TEXT, COLUMN_DATA},
    [VERSION] = {"version", NULL, COLUMN_TEXT, COLUMN_DATA},
    [NAMESPACE] = {"namespace", NULL, COLUMN_TEXT, COLUMN_DATA},
    [ERRORS] = {"errors", NULL, COLUMN_WORDS, COLUMN_DATA},
    [IMPORTED] = {"imported", NULL, COLUMN_TIME, COLUMN_DATA},
    [ORIGIN] = {"origin", NULL, COLUMN_TEXT, COLUMN_DETAIL},
    [FOREIGN_NAMESPACES] = {"foreign_namespaces", NULL, COLUMN_WORDS, COLUMN_DATA},
    [FOREIGN_ELEMENTS] = {"foreign_elements", NULL, COLUMN_COUNT, COLUMN_DATA},
    [PROVENANCE] = {"provenance", NULL, COLUMN_TEXT, COLUMN_DETAIL},
    [CARRIER] = {"carrier", NULL, COLUMN_TEXT, COLUMN_DETAIL},
    [SUBMITTER] = {"submitter", NULL, COLUMN_TEXT, COLUMN_DATA},
    [ID] = {"id", NULL, COLUMN_TEXT, COLUMN_DETAIL},
    [WORD] = {"word", "you said", COLUMN_TEXT, COLUMN_DETAIL},
};
static const struct table REPORTS = {
    "dmarcctl.reports", 1, NULL, "No report matches. 'dmarcctl import' brings them in.", REPORT_COLUMNS,
    COLUMNS_OF_REPORTS};

#define FOREIGN_MOST 64 /* a header has fewer; a database from elsewhere may have any number */

static struct cell foreign_cell(const struct feedback_header *h, const char *room[FOREIGN_MOST],
                                int64_t *ret_elements) {
  uint32_t count = h->foreign_count < FOREIGN_MOST ? h->foreign_count : FOREIGN_MOST;
  *ret_elements = 0;
  for (uint32_t i = 0; i < count; i++) {
    room[i] = h->foreign[i].uri;
    if (__builtin_add_overflow(*ret_elements, (int64_t)h->foreign[i].elements, ret_elements)) *ret_elements = INT64_MAX;
  }
  return (struct cell){.present = true, .words = {room, count}};
}
/* Reports are asked for by what is in them too: those with a record that the filter admits. */
struct listing {
  const struct question *q;
  struct table_sink *sink;
  uint64_t last; /* number of the one listed last */
};

static int on_report(void *user, const struct store_report *r, struct err *e) {
  const struct listing *l = user;
  const struct feedback_header *h = &r->header;
  const char *foreign[FOREIGN_MOST];
  int64_t foreign_elements;
  char flags[256], id[IDENTITY_ID_DIGITS + 1];
  const enum report_word word = report_word_of(l->q->words, &r->identity);
  if (l->q->decided_alone && word == REPORT_UNDECIDED) return 0;
  /* What the owner said of a pruned report counts as before, and can be taken back. */
  if (r->pruned && !l->q->decided_alone) return 0;
  feedback_flags_text(h->flags, flags, sizeof flags);
  const struct cell namespaces = foreign_cell(h, foreign, &foreign_elements);
  const struct cell cells[COLUMNS_OF_REPORTS] = {
      [BEGIN] = cell_time(h->begin_s),
      [END] = cell_time(h->end_s),
      [POLICY_DOMAIN] = cell_text(h->policy_domain),
      [ORG_NAME] = cell_text(h->org_name),
      [REPORT_ID] = cell_text(h->report_id),
      [RECORDS] = cell_count((int64_t)r->record_count),
      [MESSAGES] = cell_count(r->message_count),
      [P] = cell_text(h->p),
      [SP] = cell_text(h->sp),
      [NP] = cell_text(h->np),
      [ADKIM] = cell_text(h->adkim),
      [ASPF] = cell_text(h->aspf),
      [PCT] = cell_text(h->pct),
      [FO] = cell_text(h->fo),
      [TESTING] = cell_text(h->testing),
      [DISCOVERY_METHOD] = cell_text(h->discovery_method),
      [FLAGS] = cell_text(*flags ? flags : NULL),
      [EMAIL] = cell_text(h->email),
      [CONTACT] = cell_text(h->extra_contact_info),
      [GENERATOR] = cell_text(h->generator),
      [VERSION] = cell_text(h->version),
      [NAMESPACE] = cell_text(h->schema),
      [ERRORS] = {.present = true, .words = {h->errors, h->error_count}},
      [IMPORTED] = cell_time(r->imported_s),
      [ORIGIN] = cell_text(r->origin),
      [FOREIGN_NAMESPACES] = namespaces,
      [FOREIGN_ELEMENTS] = cell_count(foreign_elements),
      [PROVENANCE] =
          cell_text(provenance_word(carriers_judge(l->q->carriers, h->provenance, h->org_name, h->email, h->carrier))),
      [CARRIER] = cell_text(h->carrier),
      [SUBMITTER] = cell_text(h->submitter),
      [ID] = cell_text(identity_id(&r->identity, id)),
      [WORD] = cell_text(report_word_text(word)),
  };
  return l->sink->row(l->sink, cells, e);
}

static int on_record(void *user, const struct store_report *r, const struct feedback_record *record, struct err *e) {
  (void)record;
  struct listing *l = user;
  if (l->last == r->number) return 0;
  l->last = r->number;
  return on_report(l, r, e);
}

int question_reports(const struct question *q, struct table_sink *sink, struct err *e) {
  struct listing l = {.q = q, .sink = sink};
  bool by_records = filter_narrows_records(q->of.filter);
  int code = sink->begin(sink, &REPORTS, e);
  if (!code && by_records) code = store_each_record(q->of.store, q->of.filter, on_record, &l, e);
  if (!code && !by_records) code = store_each_report(q->of.store, q->of.filter, on_report, &l, e);
  if (!code) code = sink->end(sink, e);
  return code;
}
