/* SPDX-License-Identifier: Apache-2.0 */
/* dmarcctl import: from the user's sources into the database, and what came of it. Files come first, then mailboxes. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "cmd/config.h"
#include "cmd/output.h"
#include "cmd/progress.h"
#include "cmd/talk.h"
#include "cmd/verb.h"
#include "import/files.h"
#include "import/mailbox.h"
#include "import/pipeline.h"
#include "import/settle.h"
#include "import/watch.h"
#include "table/render.h"

/* Troubles told one by one on standard error; the rest is counted, and listed by `dmarcctl errors`. */
#define TROUBLES_TOLD 25

struct import {
  const struct options *options;
  struct store *store;
  struct settler *settler;
  struct progress progress;
  uint64_t troubles;
  /* what the sources are */
  const char **paths;
  unsigned path_count;
  struct imap_account *accounts;
  unsigned account_count;
  /* the mailboxes of all accounts */
  struct mailbox_context context;
  struct mailbox **mailboxes;
  unsigned mailbox_count;
  bool mailbox_failed;
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
  double begun = parcel->file_ends ? 0 : parcel->file_share;
  progress_update(&i->progress, (double)(c->files + c->mails) + begun, c->documents, c->records);
  return code;
}

static int idle(void *user, struct err *e) {
  struct import *i = user;
  return settler_idle(i->settler, e);
}

static void print_json(FILE *out, const struct settle_counts *c, double seconds, bool dry_run) {
  fprintf(out,
          "{\"schema\":\"dmarcctl.import\",\"version\":1,\"dry_run\":%s,\"files\":%llu,\"mails\":%llu,"
          "\"documents\":{\"total\":%llu",
          dry_run ? "true" : "false", (unsigned long long)c->files, (unsigned long long)c->mails,
          (unsigned long long)c->documents);
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
      {"duration_s", NULL, COLUMN_NUMBER, 0, NULL, 0}, {"mails", NULL, COLUMN_COUNT, 0, NULL, 0},
  };
  static const struct table TABLE = {"dmarcctl.import", 1, NULL, NULL, COLUMNS, ARRAY_SIZE(COLUMNS)};
  struct cell cells[ARRAY_SIZE(COLUMNS)] = {cell_count((int64_t)c->files), cell_count((int64_t)c->documents)};
  for (int i = 0; i < DOCUMENT_OUTCOMES; i++) cells[2 + i] = cell_count((int64_t)c->outcomes[i]);
  cells[8] = cell_count((int64_t)c->reports);
  cells[9] = cell_count((int64_t)c->records);
  cells[10] = cell_count(c->messages);
  cells[11] = cell_count((int64_t)c->bytes);
  cells[12] = cell_number(seconds);
  cells[13] = cell_count((int64_t)c->mails);
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

static void print_text(FILE *out, const struct settle_counts *c, double seconds, const struct options *o,
                       bool mails_alone) {
  _cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
  strbuf_add_text(&text, o->dry_run ? "Would import " : "Imported ");
  add_counted(&text, c->reports, "report", " with ");
  add_counted(&text, c->records, "record", " and ");
  add_counted(&text, (uint64_t)c->messages, "message", "");
  strbuf_printf(&text, " in %.2f s.\n", seconds);
  add_counted(&text, c->documents, "document", " in ");
  if (!mails_alone) add_counted(&text, c->files, "file", c->mails ? " and " : ":");
  if (mails_alone || c->mails) add_counted(&text, c->mails, "mail", ":");
  const char *separator = " ";
  for (int i = 0; i < DOCUMENT_OUTCOMES; i++) {
    if (!c->outcomes[i]) continue;
    strbuf_add_text(&text, separator);
    format_integer(&text, (int64_t)c->outcomes[i], true);
    const char *word = i == DOCUMENT_NO_REPORT ? "without a report" : document_outcome_word((enum document_outcome)i);
    strbuf_printf(&text, " %s", word);
    separator = ", ";
  }
  const char *nothing = mails_alone ? " nothing new" : " nothing found";
  fprintf(out, "%s%s.\n", strbuf_text(&text), c->documents ? "" : nothing);
}

static int print_summary(const struct import *i, double seconds, struct err *e) {
  const struct options *o = i->options;
  const struct settle_counts *c = settler_counts(i->settler);
  if (o->quiet && o->format == FORMAT_TEXT && !o->output) return 0;
  _cleanup_(output_close) struct output out;
  int code = output_open(&out, o, e);
  if (code < 0) return code;
  if (o->format == FORMAT_TEXT)
    print_text(out.file, c, seconds, o, i->account_count && !i->path_count);
  else if (o->format != FORMAT_JSON && o->format != FORMAT_NDJSON)
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

static int exit_code_of(const struct import *i, int code) {
  const struct settle_counts *c = settler_counts(i->settler);
  if (code == ERR_INTERRUPTED) return EXIT_INTERRUPTED;
  if (code < 0 || i->mailbox_failed) return EXIT_FAILED;
  if (c->unopened && c->unopened == c->documents) return EXIT_FAILED;
  return c->outcomes[DOCUMENT_REJECTED] ? EXIT_REJECTED : EXIT_DONE;
}

/* --- the sources -------------------------------------------------------------------------------------------------- */

static int add_account(struct import *i, const struct config_section *section, struct err *e) {
  i->accounts = mem_realloc(i->accounts, (i->account_count + 1) * sizeof *i->accounts);
  int code = config_make_account(i->options->config, section, i->options, &i->accounts[i->account_count], e);
  if (!code) i->account_count++;
  return code;
}

/* Of the configuration: those that --account names; where nothing is named at all, every one. */
static int add_accounts(struct import *i, const struct options *o, struct err *e) {
  const struct config_section *section;
  int code = 0;
  for (unsigned n = 0; n < o->account_count && !code; n++) {
    section = config_account_find(o->config, o->accounts[n]);
    if (!section)
      return err_set(e, ERR_USAGE, "--account: there is no [account %s] in the configuration", o->accounts[n]);
    code = add_account(i, section, e);
  }
  if (code < 0 || o->account_count || o->arg_count) return code;
  for (unsigned n = 0; (section = config_account_at(o->config, n)) && !code; n++) code = add_account(i, section, e);
  if (code < 0 || i->account_count) return code;
  return err_set(
      e, ERR_USAGE,
      "nothing to import: name a SOURCE (see 'dmarcctl import --help'), or mailboxes as [account NAME] in the "
      "configuration (man 5 dmarcctl-config)");
}

/* The URLs among the arguments are mailboxes, each with what the options say of all. */
static int sort_sources(struct import *i, const struct options *o, struct err *e) {
  i->paths = mem_alloc((o->arg_count + 1) * sizeof *i->paths);
  i->accounts = mem_zalloc((o->arg_count + 1) * sizeof *i->accounts);
  for (unsigned n = 0; n < o->arg_count; n++) {
    if (!imap_url_is_one(o->args[n])) {
      i->paths[i->path_count++] = o->args[n];
      continue;
    }
    struct imap_account *a = &i->accounts[i->account_count++];
    imap_account_copy(a, &o->mailbox);
    int code = imap_account_set_url(a, o->args[n], e);
    if (!code) code = imap_account_finish(a, e);
    if (code < 0) return code;
  }
  int code = add_accounts(i, o, e);
  if (code < 0) return code;
  if (o->watch && (i->path_count || o->output))
    return err_set(e, ERR_USAGE, "--watch goes with mailboxes alone, and not with --output");
  return 0;
}

static void on_remark(void *user, const char *remark) {
  struct import *i = user;
  progress_wipe(&i->progress);
  talk("%s", remark);
}

static void on_found(void *user, uint64_t mails) {
  struct import *i = user;
  const struct settle_counts *c = settler_counts(i->settler);
  if (i->progress.shown) i->progress.total_files = c->files + c->mails + mails;
}

static void add_mailboxes(struct import *i) {
  const struct options *o = i->options;
  i->context = (struct mailbox_context){
      .store = i->store,
      .settler = i->settler,
      .dry_run = o->dry_run,
      .pipeline = {.jobs = (unsigned)o->jobs, .intake = o->intake, .parser = o->parser, .interrupted = &interrupted},
      .take = take,
      .idle = idle,
      .found = on_found,
      .tell = on_remark,
      .user = i};
  for (unsigned n = 0; n < i->account_count; n++)
    for (unsigned f = 0; f < i->accounts[n].folder_count; f++) {
      i->mailboxes = mem_realloc(i->mailboxes, (i->mailbox_count + 1) * sizeof *i->mailboxes);
      i->mailboxes[i->mailbox_count++] = mailbox_new(&i->accounts[n], i->accounts[n].folders[f], &i->context);
    }
}

static void clear_sources(struct import *i) {
  for (unsigned n = 0; n < i->mailbox_count; n++) mailbox_free(i->mailboxes[n]);
  for (unsigned n = 0; n < i->account_count; n++) imap_account_clear(&i->accounts[n]);
  free(i->mailboxes);
  free(i->accounts);
  free(i->paths);
}

/* --- reading them ------------------------------------------------------------------------------------------------- */

static int import_files(struct import *i, struct err *e) {
  if (!i->path_count) return 0;
  struct file_source files;
  file_source_init(&files, i->paths, i->path_count);
  struct pipeline_options pipeline = i->context.pipeline;
  pipeline.source = &files.source;
  uint64_t bytes;
  if (i->progress.shown) intake_walk_measure(i->paths, i->path_count, &i->progress.total_files, &bytes);
  struct err finish_e = {""};
  int code = pipeline_run(&pipeline, take, idle, i, e);
  file_source_clear(&files);
  /* What is complete stays, whatever ended the run, unless it was the database itself. */
  int finished = code == ERR_STORE || code == ERR_BUSY ? 0 : settler_finish(i->settler, &finish_e);
  if (finished < 0 && code < 0) talk("%s", e->text);
  if (finished < 0) *e = finish_e;
  return code < 0 ? code : finished;
}

/* One that fails is told and does not keep the others from their turn. */
static enum mailbox_end import_mailbox(struct import *i, struct mailbox *m, int *ret_code, struct err *e) {
  enum mailbox_end end = mailbox_import(m, ret_code, e);
  if (end == MAILBOX_FAILED || end == MAILBOX_TAKEN) progress_wipe(&i->progress);
  if (end == MAILBOX_FAILED) talk("%s", e->text);
  if (end == MAILBOX_TAKEN) talk("%s: another import reads it at the moment", mailbox_url(m));
  i->mailbox_failed = i->mailbox_failed || end == MAILBOX_FAILED;
  return end;
}

static int import_mailboxes(struct import *i, struct err *e) {
  struct mailbox **next = i->mailboxes;
  for (unsigned n = 0; n < i->account_count; n++)
    for (unsigned f = 0; f < i->accounts[n].folder_count; f++, next++) {
      int code;
      if (f) mailbox_inherit(next[0], next[-1]);
      if (import_mailbox(i, *next, &code, e) == MAILBOX_STOP) return code;
    }
  return 0;
}

/* --- telling ------------------------------------------------------------------------------------------------------ */

static int tell_outcome(struct import *i, int code, const struct err *e) {
  double seconds = clock_now_s() - i->progress.begun;
  progress_wipe(&i->progress);
  if (i->troubles > TROUBLES_TOLD)
    talk("... and %llu more: see 'dmarcctl errors'", (unsigned long long)(i->troubles - TROUBLES_TOLD));
  if (code < 0) talk("%s", e->text);
  if (code < 0 && code != ERR_INTERRUPTED) return EXIT_FAILED;
  struct err print_e;
  int printed = print_summary(i, seconds, &print_e);
  return printed < 0 ? talk_failure(EXIT_FAILED, "%s", print_e.text) : exit_code_of(i, code);
}

static int import_once(struct import *i) {
  struct err e = {""};
  progress_begin(&i->progress, !i->options->quiet);
  int code = import_files(i, &e);
  if (!code) code = import_mailboxes(i, &e);
  return tell_outcome(i, code, &e);
}

/* A round of --watch: counts begin anew, and are told where something came. */
static enum mailbox_end import_round(void *user, struct mailbox *m) {
  struct import *i = user;
  struct err e = {""};
  int code = 0;
  settler_free(i->settler);
  i->context.settler = i->settler = settler_new(i->store, i->options->dry_run, tell, i);
  i->troubles = 0;
  progress_begin(&i->progress, !i->options->quiet);
  enum mailbox_end end = import_mailbox(i, m, &code, &e);
  progress_wipe(&i->progress);
  bool interrupted_now = end == MAILBOX_STOP && code == ERR_INTERRUPTED;
  if (end == MAILBOX_STOP && !interrupted_now) talk("%s", e.text);
  if (settler_counts(i->settler)->mails) tell_outcome(i, 0, NULL);
  fflush(stdout);
  return end;
}

/* A signal is how a service ends: that is no failure. */
static int import_on_and_on(struct import *i) {
  return watch_mailboxes(i->mailboxes, i->mailbox_count, &interrupted, import_round, i) < 0 ? EXIT_FAILED : EXIT_DONE;
}

/* --- the verb ----------------------------------------------------------------------------------------------------- */

static int run(struct import *i) {
  const struct options *o = i->options;
  struct err e;
  int code = open_store(o, &i->store, &e);
  if (code < 0) return talk_failure(EXIT_FAILED, "%s", e.text);
  catch_signals();
  if (i->account_count) imap_library_init();
  i->settler = settler_new(i->store, o->dry_run, tell, i);
  add_mailboxes(i);
  return o->watch ? import_on_and_on(i) : import_once(i);
}

int verb_import(struct options *o) {
  struct import i = {.options = o};
  struct err e;
  int code = sort_sources(&i, o, &e);
  int exit_code = code < 0 ? talk_failure(EXIT_USAGE, "import: %s", e.text) : run(&i);
  bool connected = i.mailbox_count;
  clear_sources(&i);
  if (connected) imap_library_clear();
  settler_free(i.settler);
  store_close(i.store);
  return exit_code;
}
