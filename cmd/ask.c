/* SPDX-License-Identifier: Apache-2.0 */
/* From a question to its output. */
#include "cmd/ask.h"

#include <unistd.h>

#include "base/cleanup.h"
#include "base/figure.h"
#include "base/report_days.h"
#include "base/utc.h"
#include "cmd/output.h"
#include "cmd/talk.h"

/* On a terminal nobody reads more rows at once; a file or a pipe gets all. */
#define TERMINAL_ROWS 100

int ask_open(const struct options *o, struct database *ret, struct err *e) {
  int code = database_open(ret, o->common.db, LOCAL_READ, e);
  if (code == ERR_NOT_FOUND)
    return err_set(e, code, "there is no database %s yet: 'dmarcctl import SOURCE...' makes it, --db names another",
                   o->common.db);
  return code;
}

int ask_open_for_change(const struct options *o, struct database *ret, struct err *e) {
  int code = ask_open(o, ret, e);
  database_close(ret);
  return code < 0 ? code : database_open(ret, o->common.db, LOCAL_WRITE, e);
}

int ask_failed(int code, const struct err *e) {
  return talk_failure(code == ERR_USAGE ? EXIT_USAGE : EXIT_FAILED, "%s", e->text);
}

/* How many rows are printed: --limit, else so many as a terminal's reader takes in; 0: all. */
static uint64_t limit_of(const struct options *o, const struct output *out) {
  if (o->rows.limit != OPTIONS_LIMIT_UNSET) return o->rows.limit;
  return o->output.format == FORMAT_TEXT && isatty(fileno(out->file)) ? TERMINAL_ROWS : 0;
}

static int run(const struct options *o, const char *default_sort, ask_fn *question, const struct database *db,
               struct err *e) {
  _cleanup_(output_close) struct output out;
  int code = output_open_paged(&out, o, e);
  if (code < 0) return code;
  struct table_sink *renderer = renderer_new(out.file, &out.render);
  struct table_sink *collector = collector_new(renderer, o->rows.sort ? o->rows.sort : default_sort, limit_of(o, &out));
  code = question(db, o, collector, e);
  table_sink_free(collector);
  table_sink_free(renderer);
  return code < 0 ? code : output_commit(&out, e);
}

static int run_pages(const struct options *o, ask_page_fn *pages, const struct database *db, struct err *e) {
  _cleanup_(output_close) struct output out;
  int code = output_open_paged(&out, o, e);
  if (code < 0) return code;
  struct document page =
      o->output.format == FORMAT_MARKDOWN ? document_markdown(out.file) : document_text(out.file, &out.render);
  code = pages(db, o, &page, (struct row_choice){o->rows.sort, limit_of(o, &out)}, e);
  return code < 0 ? code : output_commit(&out, e);
}

int ask_without_database(const struct options *o, const char *default_sort, ask_fn *question) {
  struct err e;
  int code = run(o, default_sort, question, NULL, &e);
  return code < 0 ? ask_failed(code, &e) : EXIT_DONE;
}

int ask(const struct options *o, const char *default_sort, ask_fn *question) {
  struct database db = {0};
  struct err e;
  int code = ask_open(o, &db, &e);
  if (!code) code = run(o, default_sort, question, &db, &e);
  database_close(&db);
  return code < 0 ? ask_failed(code, &e) : EXIT_DONE;
}

bool ask_is_for_pages(const struct options *o) {
  return o->output.format == FORMAT_TEXT || o->output.format == FORMAT_MARKDOWN;
}

int ask_pages_of(const struct options *o, const struct database *db, ask_page_fn *pages) {
  struct err e;
  int code = run_pages(o, pages, db, &e);
  return code < 0 ? ask_failed(code, &e) : EXIT_DONE;
}

int ask_pages(const struct options *o, ask_page_fn *pages) {
  struct database db = {0};
  struct err e;
  int code = ask_open(o, &db, &e);
  int exit_code = code < 0 ? ask_failed(code, &e) : ask_pages_of(o, &db, pages);
  database_close(&db);
  return exit_code;
}

static int run_file(const struct options *o, ask_file_fn *write, const struct database *db, struct err *e) {
  _cleanup_(output_close) struct output out;
  int code = output_open(&out, o, e);
  if (!code) code = write(db, o, out.file, e);
  return code < 0 ? code : output_commit(&out, e);
}

int ask_file(const struct options *o, ask_file_fn *write) {
  struct database db = {0};
  struct err e;
  int code = ask_open(o, &db, &e);
  if (!code) code = run_file(o, write, &db, &e);
  database_close(&db);
  return code < 0 ? ask_failed(code, &e) : EXIT_DONE;
}

/* --- sums of a period --------------------------------------------------------------------------------------------- */

/* Reports that have days on both sides of a moment. */
struct crossing {
  int64_t moment_s, other_s; /* those that cross the other one too were counted there */
  uint64_t reports;
};

static bool crosses(const struct report_days *d, int64_t moment_s) {
  return d->begin_s < moment_s && report_days_begin(d, d->count - 1) >= moment_s;
}

static int count_crossing(void *user, const struct store_report *r, struct err *e) {
  (void)e;
  struct crossing *c = user;
  struct report_days d = report_days_of(r->header.begin_s, r->header.end_s);
  c->reports += crosses(&d, c->moment_s) && !crosses(&d, c->other_s);
  return 0;
}

/* Asks for those alone that have a day right before the moment. */
static int find_crossing(struct store *store, const struct report_filter *f, struct crossing *c, struct err *e) {
  struct report_filter before = *f;
  before.since_s = c->moment_s - UTC_DAY_S;
  before.until_s = c->moment_s;
  return store_each_report(store, &before, count_crossing, c, e);
}

static int tell_shared_reports(struct store *store, const struct report_filter *f, struct err *e) {
  struct crossing c = {.moment_s = f->since_s, .other_s = FILTER_OPEN_BEGIN};
  int code = f->since_s > FILTER_OPEN_BEGIN + UTC_DAY_S ? find_crossing(store, f, &c, e) : 0;
  c.other_s = f->since_s;
  c.moment_s = f->until_s;
  if (!code && f->until_s != FILTER_OPEN_END) code = find_crossing(store, f, &c, e);
  if (code < 0 || !c.reports) return code;
  _cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
  figure_count(&text, (int64_t)c.reports, "report");
  talk("%s of several days: what falls on the days inside of the period is counted", strbuf_text(&text));
  return 0;
}

int ask_sums(const struct options *o, const char *default_sort, ask_fn *question) {
  struct database db = {0};
  struct err e;
  int code = ask_open(o, &db, &e);
  if (!code) code = run(o, default_sort, question, &db, &e);
  if (!code) code = tell_shared_reports(db.store, &o->filter, &e);
  database_close(&db);
  return code < 0 ? ask_failed(code, &e) : EXIT_DONE;
}
