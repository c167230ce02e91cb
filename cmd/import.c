/* SPDX-License-Identifier: Apache-2.0 */
/* dmarcctl import: from the user's sources into the database, and what came of it. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cleanup.h"
#include "output.h"
#include "pipeline.h"
#include "progress.h"
#include "render.h"
#include "settle.h"
#include "talk.h"
#include "verb.h"

/* Troubles told one by one on standard error; the rest is counted, and listed by `dmarcctl errors`. */
#define TROUBLES_TOLD 25

struct import {
  const struct options *options;
  struct settler *settler;
  struct progress progress;
  uint64_t troubles;
};

static volatile sig_atomic_t interrupted;

static void on_signal(int number) {
  (void)number;
  interrupted = 1;
}

/* The first signal ends the import cleanly; a second one ends it at once. */
static void catch_signals(void) {
  struct sigaction action = {.sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND};
  sigemptyset(&action.sa_mask);
  sigaction(SIGINT, &action, NULL);
  sigaction(SIGTERM, &action, NULL);
  struct sigaction before;
  if (!sigaction(SIGHUP, NULL, &before) && before.sa_handler != SIG_IGN) /* ignored: run by nohup */
    sigaction(SIGHUP, &action, NULL);
}

static void tell(void *user, enum document_outcome outcome, const char *origin, const char *reason) {
  struct import *i = user;
  if (outcome == DOCUMENT_NO_REPORT) return; /* pictures, .DS_Store and the like are no trouble */
  if (++i->troubles > TROUBLES_TOLD) return;
  progress_wipe(&i->progress);
  if (*origin)
    talk("%s: %s: %s", origin, document_outcome_word(outcome), reason);
  else
    talk("%s", reason);
}

static int take(void *user, struct parcel *parcel, struct err *e) {
  struct import *i = user;
  int code = settler_take(i->settler, parcel, e);
  const struct settle_counts *c = settler_counts(i->settler);
  progress_update(&i->progress, c->files, c->documents, c->records);
  return code;
}

static int idle(void *user, struct err *e) {
  struct import *i = user;
  return settler_idle(i->settler, e);
}

static void print_json(FILE *out, const struct settle_counts *c, double seconds, bool dry_run) {
  fprintf(out,
          "{\"schema\":\"dmarcctl.import\",\"version\":1,\"dry_run\":%s,\"files\":%llu,\"documents\":{\"total\":%llu",
          dry_run ? "true" : "false", (unsigned long long)c->files, (unsigned long long)c->documents);
  for (int i = 0; i < DOCUMENT_OUTCOMES; i++)
    fprintf(out, ",\"%s\":%llu",
            i == DOCUMENT_NO_REPORT ? "no_report" : document_outcome_word((enum document_outcome)i),
            (unsigned long long)c->outcomes[i]);
  fprintf(out, "},\"reports\":%llu,\"records\":%llu,\"messages\":%lld,\"bytes\":%llu,\"duration_s\":%.3f}\n",
          (unsigned long long)c->reports, (unsigned long long)c->records, (long long)c->messages,
          (unsigned long long)c->bytes, seconds);
}

/* A one-row table, for CSV. */
static int print_csv(struct output *out, const struct settle_counts *c, double seconds, struct err *e) {
  static const struct column COLUMNS[] = {
      {"files", NULL, COLUMN_COUNT, 0, NULL, 0},       {"documents", NULL, COLUMN_COUNT, 0, NULL, 0},
      {"new", NULL, COLUMN_COUNT, 0, NULL, 0},         {"damaged", NULL, COLUMN_COUNT, 0, NULL, 0},
      {"duplicate", NULL, COLUMN_COUNT, 0, NULL, 0},   {"conflicting", NULL, COLUMN_COUNT, 0, NULL, 0},
      {"rejected", NULL, COLUMN_COUNT, 0, NULL, 0},    {"no_report", NULL, COLUMN_COUNT, 0, NULL, 0},
      {"reports", NULL, COLUMN_COUNT, 0, NULL, 0},     {"records", NULL, COLUMN_COUNT, 0, NULL, 0},
      {"messages", NULL, COLUMN_COUNT, 0, NULL, 0},    {"bytes", NULL, COLUMN_COUNT, 0, NULL, 0},
      {"duration_s", NULL, COLUMN_NUMBER, 0, NULL, 0},
  };
  static const struct table TABLE = {"dmarcctl.import", 1, NULL, NULL, COLUMNS, ARRAY_SIZE(COLUMNS)};
  struct cell cells[ARRAY_SIZE(COLUMNS)] = {cell_count((int64_t)c->files), cell_count((int64_t)c->documents)};
  for (int i = 0; i < DOCUMENT_OUTCOMES; i++) cells[2 + i] = cell_count((int64_t)c->outcomes[i]);
  cells[8] = cell_count((int64_t)c->reports);
  cells[9] = cell_count((int64_t)c->records);
  cells[10] = cell_count(c->messages);
  cells[11] = cell_count((int64_t)c->bytes);
  cells[12] = cell_number(seconds);
  struct table_sink *sink = renderer_new(out->file, &out->render);
  int code = sink->begin(sink, &TABLE, e);
  if (!code) code = sink->row(sink, cells, e);
  if (!code) code = sink->end(sink, e);
  table_sink_free(sink);
  return code;
}

/* "1 report", "2 reports". */
static void add_counted(struct strbuf *text, uint64_t n, const char *thing, const char *after) {
  format_integer(text, (int64_t)n, true);
  strbuf_printf(text, " %s%s%s", thing, n == 1 ? "" : "s", after);
}

static void print_text(FILE *out, const struct settle_counts *c, double seconds, const struct options *o) {
  _cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
  strbuf_add_text(&text, o->dry_run ? "Would import " : "Imported ");
  add_counted(&text, c->reports, "report", " with ");
  add_counted(&text, c->records, "record", " and ");
  add_counted(&text, (uint64_t)c->messages, "message", "");
  strbuf_printf(&text, " in %.2f s.\n", seconds);
  add_counted(&text, c->documents, "document", " in ");
  add_counted(&text, c->files, "file", ":");
  const char *separator = " ";
  for (int i = 0; i < DOCUMENT_OUTCOMES; i++) {
    if (!c->outcomes[i]) continue;
    strbuf_add_text(&text, separator);
    format_integer(&text, (int64_t)c->outcomes[i], true);
    const char *word = i == DOCUMENT_NO_REPORT ? "without a report" : document_outcome_word((enum document_outcome)i);
    strbuf_printf(&text, " %s", word);
    separator = ", ";
  }
  fprintf(out, "%s%s.\n", strbuf_text(&text), c->documents ? "" : " nothing found");
}

static int print_summary(const struct options *o, const struct settle_counts *c, double seconds, struct err *e) {
  if (o->quiet && o->format == FORMAT_TEXT && !o->output) return 0;
  _cleanup_(output_close) struct output out;
  int code = output_open(&out, o, e);
  if (code < 0) return code;
  if (o->format == FORMAT_TEXT)
    print_text(out.file, c, seconds, o);
  else if (o->format == FORMAT_CSV)
    code = print_csv(&out, c, seconds, e);
  else
    print_json(out.file, c, seconds, o->dry_run);
  return code < 0 ? code : output_commit(&out, e);
}

static int open_store(const struct options *o, struct store **ret, struct err *e) {
  int code = store_open(o->db, o->dry_run ? STORE_READ : STORE_WRITE, ret, e);
  if (o->dry_run && code == ERR_NOT_FOUND) return 0; /* nothing is known yet */
  return code;
}

static int exit_code_of(int code, const struct settle_counts *c) {
  if (code == ERR_INTERRUPTED) return EXIT_INTERRUPTED;
  if (code < 0) return EXIT_FAILED;
  if (c->unopened && c->unopened == c->documents) return EXIT_FAILED;
  return c->outcomes[DOCUMENT_REJECTED] ? EXIT_REJECTED : EXIT_DONE;
}

static int run(struct import *i, const struct options *o) {
  const struct pipeline_options pipeline = {.sources = o->args,
                                            .source_count = o->arg_count,
                                            .jobs = (unsigned)o->jobs,
                                            .intake = o->intake,
                                            .parser = o->parser,
                                            .interrupted = &interrupted};
  progress_begin(&i->progress, !o->quiet);
  uint64_t bytes;
  if (i->progress.shown) intake_walk_measure(o->args, o->arg_count, &i->progress.total_files, &bytes);
  struct err e = {""}, finish_e = {""};
  int code = pipeline_run(&pipeline, take, idle, i, &e);
  double seconds = progress_clock() - i->progress.begun;
  progress_wipe(&i->progress);
  /* What is complete stays, whatever ended the run, unless it was the database itself. */
  int finished = code == ERR_STORE || code == ERR_BUSY ? 0 : settler_finish(i->settler, &finish_e);
  const struct settle_counts *c = settler_counts(i->settler);
  if (i->troubles > TROUBLES_TOLD)
    talk("... and %llu more: see 'dmarcctl errors'", (unsigned long long)(i->troubles - TROUBLES_TOLD));
  if (code < 0) talk("%s", e.text);
  if (finished < 0) talk("%s", finish_e.text);
  if (!code) code = finished;
  if (!code || code == ERR_INTERRUPTED) {
    int printed = print_summary(o, c, seconds, &e);
    if (printed < 0) return talk_failure(EXIT_FAILED, "%s", e.text);
  }
  return exit_code_of(code, c);
}

int verb_import(struct options *o) {
  struct store *store = NULL;
  struct err e;
  int code = open_store(o, &store, &e);
  if (code < 0) return talk_failure(EXIT_FAILED, "%s", e.text);
  catch_signals();
  struct import i = {.options = o};
  i.settler = settler_new(store, o->dry_run, tell, &i);
  int exit_code = run(&i, o);
  settler_free(i.settler);
  store_close(store);
  return exit_code;
}
