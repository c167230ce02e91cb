/* SPDX-License-Identifier: Apache-2.0 */
/* From a question to its output. */
#include "cmd/ask.h"

#include <unistd.h>

#include "base/cleanup.h"
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
  struct document page = document_text(out.file, &out.render);
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

int ask_pages(const struct options *o, ask_page_fn *pages) {
  struct database db = {0};
  struct err e;
  int code = ask_open(o, &db, &e);
  if (!code) code = run_pages(o, pages, &db, &e);
  database_close(&db);
  return code < 0 ? ask_failed(code, &e) : EXIT_DONE;
}
