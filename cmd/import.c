/* SPDX-License-Identifier: Apache-2.0 */
/* dmarcctl import: the options' sources, handed to the import, and what people see of it. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/shell.h"
#include "base/utc.h"
#include "cmd/database.h"
#include "cmd/import_box.h"
#include "cmd/import_options.h"
#include "cmd/import_sources.h"
#include "cmd/import_summary.h"
#include "cmd/interrupt.h"
#include "cmd/own_domains.h"
#include "cmd/progress.h"
#include "cmd/talk.h"
#include "cmd/verb.h"

/* Troubles told one by one on standard error; the rest is counted, and listed by `dmarcctl errors`. */
#define TROUBLES_TOLD 25

struct import {
  const struct import_verb_options *options;
  struct import_sources sources;
  struct own_domains own; /* where has_own */
  bool has_own;
  /* the round */
  struct progress progress;
  uint64_t troubles;
  struct import_outcome outcome;
  int exit_code;
};

/* --- what people see ---------------------------------------------------------------------------------------------- */

/* What --watch says is read later, in a log that may have no times of its own. */
static void __attribute__((format(printf, 2, 3))) say(const struct import *i, const char *format, ...) {
  _cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
  char now[UTC_TEXT_BYTES];
  if (i->options->import.watch) strbuf_printf(&text, "%s ", utc_format(utc_now(), now));
  va_list args;
  va_start(args, format);
  strbuf_vprintf(&text, format, args);
  va_end(args);
  talk("%s", strbuf_text(&text));
}

static void begin_round(struct import *i) {
  i->troubles = 0;
  import_outcome_clear(&i->outcome);
}

static void on_begun(void *user) {
  struct import *i = user;
  begin_round(i);
  progress_begin(&i->progress, !i->options->shared.common.quiet);
}

static void on_document(void *user, enum document_outcome outcome, const char *origin, const char *reason) {
  struct import *i = user;
  /* Pictures, .DS_Store and the like are no trouble, and neither is what was to be left out. */
  if (outcome == DOCUMENT_NO_REPORT || outcome == DOCUMENT_NOT_OURS) return;
  if (++i->troubles > TROUBLES_TOLD) return;
  progress_wipe(&i->progress);
  if (*origin)
    say(i, "%s: %s: %s", origin, document_outcome_word(outcome), reason);
  else
    say(i, "%s", reason);
}

static void on_progress(void *user, const struct import_progress *now) {
  struct import *i = user;
  i->progress.total_files = now->of_inputs;
  progress_update(&i->progress, now->inputs, now->documents, now->records);
}

static void on_remark(void *user, const char *sentence) {
  struct import *i = user;
  progress_wipe(&i->progress);
  say(i, "%s", sentence);
}

/* Accounts end as they do; they are listed as they were named. */
static unsigned place_of(const struct import_sources *s, const char *url) {
  unsigned place = 0;
  for (unsigned a = 0; a < s->account_count; a++)
    for (unsigned f = 0; f < s->accounts[a].folder_count; f++, place++) {
      _cleanup_free_ char *of_folder = mail_account_url(&s->accounts[a], s->accounts[a].folders[f]);
      if (!strcmp(of_folder, url)) return place;
    }
  return place;
}

static void on_mailbox(void *user, const char *url, enum mailbox_end end, const struct err *e) {
  struct import *i = user;
  if (end == MAILBOX_FAILED || end == MAILBOX_TAKEN) progress_wipe(&i->progress);
  if (end == MAILBOX_FAILED) say(i, "%s", e->text);
  if (end == MAILBOX_TAKEN) say(i, "%s: another import reads it at the moment", url);
  import_outcome_add(&i->outcome, place_of(&i->sources, url), url, end, end == MAILBOX_FAILED ? e->text : NULL);
}

static int exit_code_of(const struct import *i, const struct settle_counts *c, int code) {
  if (code == ERR_INTERRUPTED) return EXIT_INTERRUPTED;
  if (code < 0 || import_outcome_has(&i->outcome, MAILBOX_FAILED)) return EXIT_FAILED;
  if (c->unopened && c->unopened == c->documents) return EXIT_FAILED;
  return c->rejected_anew ? EXIT_REJECTED : EXIT_DONE;
}

static int tell_outcome(struct import *i, const struct settle_counts *c, int code, double seconds,
                        const struct err *e) {
  const struct options *o = &i->options->shared;
  progress_wipe(&i->progress);
  if (i->troubles > TROUBLES_TOLD)
    say(i, "... and %llu more: see 'dmarcctl errors'", (unsigned long long)(i->troubles - TROUBLES_TOLD));
  if (code < 0) say(i, "%s", e->text);
  if (code < 0 && code != ERR_INTERRUPTED) return EXIT_FAILED;
  struct err print_e;
  bool silent = o->common.quiet && o->output.format == FORMAT_TEXT && !o->output.path;
  i->outcome.counts = c;
  i->outcome.seconds = seconds;
  i->outcome.interrupted = code == ERR_INTERRUPTED;
  i->outcome.mails_alone = i->sources.account_count && !i->sources.path_count;
  int printed = silent ? 0 : import_summary_print(i->options, &i->outcome, &print_e);
  return printed < 0 ? talk_failure(EXIT_FAILED, "%s", print_e.text) : exit_code_of(i, c, code);
}

static void on_ended(void *user, const struct settle_counts *counts, int code, double seconds, const struct err *e) {
  struct import *i = user;
  i->exit_code = tell_outcome(i, counts, code, seconds, e);
}

/* A turn of --watch is told where something came; not where the store failed, for then it is not there. */
static void on_turn_ended(void *user, const struct settle_counts *counts, int code, double seconds,
                          const struct err *e) {
  struct import *i = user;
  progress_wipe(&i->progress);
  bool failed = code < 0 && code != ERR_INTERRUPTED;
  if (failed) say(i, "%s", e->text);
  if (counts->mails && !failed) tell_outcome(i, counts, 0, seconds, NULL);
  begin_round(i);
  fflush(stdout);
}

/* --- the verb ----------------------------------------------------------------------------------------------------- */

static int open_database(const struct import_verb_options *o, struct database *ret, struct err *e) {
  int code = database_open(ret, o->shared.common.db, o->import.dry_run ? LOCAL_REHEARSE : LOCAL_WRITE, e);
  if (o->import.dry_run && code == ERR_NOT_FOUND) return 0; /* nothing is known yet */
  return code;
}

static int import_sources(struct import *i) {
  const struct import_verb_options *o = i->options;
  struct database db;
  struct err e;
  int code = open_database(o, &db, &e);
  if (code < 0) return talk_failure(EXIT_FAILED, "%s", e.text);
  code = import_box_enter(o, &i->sources, &e);
  if (code < 0) {
    database_close(&db);
    return talk_failure(EXIT_FAILED, "%s", e.text);
  }
  struct import_options options = o->import;
  options.interrupted = interrupt_catch();
  options.sandbox = o->shared.sandbox;
  options.nursery = import_box_nursery(options.sandbox);
  if (i->has_own) {
    options.is_ours = own_domains_have;
    options.ours = &i->own;
  }
  if (options.limits.records) options.parser.records = options.limits.records;
  const struct import_events events = {.begun = on_begun,
                                       .document = on_document,
                                       .progress = progress_is_seen(!o->shared.common.quiet) ? on_progress : NULL,
                                       .remark = on_remark,
                                       .mailbox = on_mailbox,
                                       .ended = options.watch ? on_turn_ended : on_ended,
                                       .user = i};
  code = import_run(db.local, db.store, &i->sources, &options, &events, &e);
  database_close(&db);
  /* A signal is how a watch ends: that is no failure. */
  return !options.watch ? i->exit_code : code < 0 ? EXIT_FAILED : EXIT_DONE;
}

/* The commands first: that process is to know nothing of what is read here. */
static int import_apart(struct import *i) {
  struct err e;
  int code = import_box_leave_commands(i->options->shared.sandbox, &i->sources, &e);
  int exit_code = code < 0 ? talk_failure(EXIT_FAILED, "%s", e.text) : import_sources(i);
  shell_release();
  return exit_code;
}

static int run(const struct options *o) {
  struct import i = {.options = (const struct import_verb_options *)o};
  struct err e;
  int code = own_domains_find(&i.own, i.options, &e);
  i.has_own = code > 0;
  if (code >= 0) code = import_sources_collect(i.options, &i.sources, &e);
  int exit_code = code < 0 ? talk_failure(EXIT_USAGE, "import: %s", e.text) : import_apart(&i);
  import_box_clear();
  import_sources_clear(&i.sources);
  own_domains_clear(&i.own);
  import_outcome_clear(&i.outcome);
  return exit_code;
}

const struct verb VERB_IMPORT = {
    .name = "import",
    .summary = "take reports into the database",
    .details =
        "SOURCE is a file, a directory (searched recursively) or - for standard input: XML, gzip, zlib, zip, mails,\n"
        "mbox, Maildir, and these in each other, recognised by content. Importing the same report again changes nothing.\n"
        "It is also a folder of a mail server: imaps://user@host/FOLDER, pop3s://user@host, graph://user@tenant/FOLDER; see\n"
        "MAILBOXES in man dmarcctl.\n"
        "Without a SOURCE the mailboxes of the configuration are read (man 5 dmarcctl-config).\n"
        "What could not be read is listed by 'dmarcctl errors'.\n"
        "Exit code: 0 done, 1 failed, 3 done but some input was rejected that was not before, 130 interrupted.\n",
    .examples =
        "  dmarcctl import ~/dmarc-reports\n"
        "  dmarcctl import --dry-run reports.zip\n"
        "  dmarcctl import imaps://dmarc@imap.example.com/INBOX --password-file ~/.dmarc-password\n",
    .arguments = ARGUMENTS_FILES,
    .usage = "[SOURCE...]",
    .most_args = ANY_NUMBER_OF_ARGUMENTS,
    .groups = OPTIONS_OUTPUT | OPTIONS_SANDBOX,
    .own = &IMPORT_OPTIONS,
    .size = sizeof(struct import_verb_options),
    .init = import_options_init,
    .clear = import_options_clear,
    .first = import_box_first,
    .run = run,
};
