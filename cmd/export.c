/* SPDX-License-Identifier: Apache-2.0 */
/* dmarcctl export: every record, as a table or in the shape of another program. */
#include "report/export/export.h"

#include "base/cleanup.h"
#include "cmd/ask.h"
#include "cmd/basis.h"
#include "cmd/output.h"
#include "cmd/talk.h"
#include "cmd/verb.h"
#include "report/question.h"

static int ask_rows(struct store *store, const struct options *o, struct table_sink *sink, struct err *e) {
  if (o->shape == EXPORT_PARSEDMARC_CSV) return export_parsedmarc_rows(store, &o->filter, sink, e);
  return question_export(store, &o->filter, sink, e);
}

/* --- what is no table --------------------------------------------------------------------------------------------- */

static int write_metrics(struct store *store, const struct options *o, FILE *file, struct err *e) {
  _cleanup_(basis_clear) struct basis b;
  int code = basis_open(&b, o, store, e);
  return code < 0 ? code : export_openmetrics(&b.inquiry, file, e);
}

static int write_document(struct store *store, const struct options *o, struct err *e) {
  _cleanup_(output_close) struct output out;
  int code = output_open(&out, o, e);
  if (code < 0) return code;
  code = o->shape == EXPORT_OPENMETRICS ? write_metrics(store, o, out.file, e)
                                        : export_parsedmarc_json(store, &o->filter, out.file, e);
  return code < 0 ? code : output_commit(&out, e);
}

/* --- which options go together ------------------------------------------------------------------------------------ */

/* The first option on the command line out of these groups; NULL: none. */
static const char *given_of(const struct options *o, unsigned groups) {
  for (unsigned i = 0; i < o->given_count; i++)
    if (o->given[i].option->groups & groups) return o->given[i].option->name;
  return NULL;
}

static int check_options(const struct options *o, struct err *e) {
  const char *rows = given_of(o, OPTIONS_ROWS), *judgement = given_of(o, OPTIONS_JUDGEMENT);
  const char *narrower = given_of(o, OPTIONS_ROWS | OPTIONS_PERIOD | OPTIONS_RECORDS);
  if (o->filter.reporter) narrower = "reporter";
  if (o->filter.report_id) narrower = "id";
  if (o->shape == EXPORT_OPENMETRICS && narrower)
    return err_set(e, ERR_USAGE,
                   "--%s does not go with --format openmetrics, which tells of each domain's judged window", narrower);
  if (o->shape == EXPORT_PARSEDMARC_JSON && rows)
    return err_set(e, ERR_USAGE, "--%s does not go with --format parsedmarc-json, which has whole reports", rows);
  if (o->shape != EXPORT_OPENMETRICS && judgement)
    return err_set(e, ERR_USAGE, "--%s goes with --format openmetrics alone", judgement);
  return 0;
}

int verb_export(struct options *o) {
  struct err e;
  struct store *store = NULL;
  int code = check_options(o, &e);
  if (code < 0) return ask_failed(code, &e);
  if (o->shape == EXPORT_TABLE || o->shape == EXPORT_PARSEDMARC_CSV) return ask(o, NULL, ask_rows);
  code = ask_open_store(o, &store, &e);
  if (!code) code = write_document(store, o, &e);
  store_close(store);
  return code < 0 ? ask_failed(code, &e) : EXIT_DONE;
}
