/* SPDX-License-Identifier: Apache-2.0 */
/* dmarcctl show: what is in files, without a database. They are imported into one that nobody else sees and that is
 * gone in the end, so that they are read and judged as any report is. */
#include "base/cleanup.h"
#include "base/utc.h"
#include "cmd/ask.h"
#include "cmd/basis.h"
#include "cmd/import_box.h"
#include "cmd/import_options.h"
#include "cmd/interrupt.h"
#include "cmd/output.h"
#include "cmd/talk.h"
#include "cmd/verb.h"
#include "report/pages.h"

#define ROWS_USUAL 20 /* of a table, unless --limit says otherwise: the rest are hosts of one or two messages */

struct show_options {
  struct options shared;
  enum table_format format;
};

/* Programs import. */
static const struct option_word FORMATS[] = {
    {.word = "text", .value = FORMAT_TEXT, .is_default = true}, {.word = "markdown", .value = FORMAT_MARKDOWN}, {0}};
static const struct option OWN[] = {
    {"format", 'f', OPTION_KEYWORD, "FORMAT", "%s", OPTION_AT(struct show_options, format), .words = FORMATS},
};

static void on_document(void *user, enum document_outcome outcome, const char *origin, const char *reason) {
  (void)user;
  talk("%s%s%s: %s", origin, *origin ? ": " : "", document_outcome_word(outcome), reason);
}

static void on_remark(void *user, const char *sentence) {
  (void)user;
  talk("%s", sentence);
}

static void on_ended(void *user, const struct settle_counts *counts, int code, double seconds, const struct err *e) {
  (void)seconds;
  *(uint64_t *)user = counts->rejected_anew;
  if (code < 0) talk("%s", e->text);
}

static void on_begun(void *user) { (void)user; }

/* A pager is started behind it, which nobody can foresee: it may read what it likes, and writes nothing. */
static int enter_sandbox(const struct options *o, const struct import_sources *sources, struct err *e) {
  _cleanup_(cleanup_sandbox_rules) struct sandbox_rules rules = {.network = o->judgement.dns,
                                                                 .programs = output_is_paged(o)};
  if (o->sandbox == SANDBOX_OFF) return 0;
  import_box_keep_files(&rules, sources);
  sandbox_keep(&rules, o->judgement.sender_map, SANDBOX_READ);
  sandbox_keep(&rules, o->judgement.asn_db, SANDBOX_READ);
  if (!output_is_stdout(o)) sandbox_keep_folder_of(&rules, o->output.path, SANDBOX_WRITE);
  return sandbox_enter(o->sandbox, &rules, e);
}

static int read_files(const struct options *o, const struct database *db, uint64_t *ret_rejected) {
  struct import_verb_options defaults = {0};
  struct err e;
  const struct import_sources sources = {.paths = (const char **)o->args, .path_count = o->arg_count};
  int entered = enter_sandbox(o, &sources, &e);
  if (entered < 0) return talk_failure(entered, "%s", e.text);
  import_options_init(&defaults.shared);
  struct import_options options = defaults.import;
  options.interrupted = interrupt_catch();
  options.sandbox = o->sandbox;
  options.nursery = import_box_nursery(o->sandbox);
  const struct import_events events = {
      .begun = on_begun, .document = on_document, .remark = on_remark, .ended = on_ended, .user = ret_rejected};
  int code = import_run(db->local, db->store, &sources, &options, &events, &e);
  import_options_clear(&defaults.shared);
  import_box_clear();
  return code;
}

struct stored {
  uint64_t reports;
  int64_t newest_s; /* end of the newest one; 0: none has a period */
};

static int on_report(void *user, const struct store_report *r, struct err *e) {
  (void)e;
  struct stored *x = user;
  x->reports++;
  if (r->header.end_s != FEEDBACK_TIME_UNKNOWN) x->newest_s = utc_later(x->newest_s, r->header.end_s);
  return 0;
}

static int ask_page(const struct database *db, const struct options *o, struct document *page, struct row_choice rows,
                    struct err *e) {
  _cleanup_(basis_clear) struct basis b;
  struct options asked = *o; /* of all domains: its arguments are files */
  asked.arg_count = 0;
  struct stored stored = {0};
  int code = store_each_report(db->store, &o->filter, on_report, &stored, e);
  if (code < 0) return code;
  /* Old reports are not stale: asked is what they said when they were new. */
  if (!asked.judgement.as_of_s) asked.judgement.as_of_s = stored.newest_s;
  code = basis_open(&b, &asked, db, e);
  if (code < 0) return code;
  b.judgement.dns = b.lookups.dns;
  b.judgement.counted = &o->filter;
  if (o->rows.limit == OPTIONS_LIMIT_UNSET) rows.most = ROWS_USUAL;
  return show_pages(&(struct question){.of = b.inquiry, .rows = rows}, page, e);
}

static int show(const struct options *o, const struct database *db) {
  uint64_t rejected = 0;
  int code = read_files(o, db, &rejected);
  if (code == ERR_INTERRUPTED) return EXIT_INTERRUPTED;
  if (code < 0) return EXIT_FAILED;
  struct stored stored = {0};
  struct err e;
  code = store_each_report(db->store, &o->filter, on_report, &stored, &e);
  if (code < 0) return ask_failed(code, &e);
  if (!stored.reports) return talk_failure(EXIT_FAILED, "there is no report in it");
  int exit_code = ask_pages_of(o, db, ask_page);
  return exit_code == EXIT_DONE && rejected ? EXIT_REJECTED : exit_code;
}

static int run(const struct options *o) {
  struct database db;
  struct err e;
  struct options drawn = *o;
  drawn.output.format = ((const struct show_options *)o)->format;
  int code = database_open(&db, "what is shown", LOCAL_SCRATCH, &e);
  if (code < 0) return ask_failed(code, &e);
  int exit_code = show(&drawn, &db);
  database_close(&db);
  return exit_code;
}

const struct verb VERB_SHOW = {
    .name = "show",
    .summary = "what is in a few files, without keeping it: reports, sources, the verdict",
    .details =
        "Files, directories and - as import takes them. Nothing is stored. What is wrong with a document is told, and old\n"
        "reports are judged as of the newest one's end.\n"
        "Exit code: 0 done, 1 nothing could be read, 3 some of it was rejected.\n",
    .examples =
        "  dmarcctl show report.xml.gz\n"
        "  dmarcctl show mail.eml --format json\n",
    .arguments = ARGUMENTS_FILES,
    .usage = "FILE...",
    .least_args = 1,
    .most_args = ANY_NUMBER_OF_ARGUMENTS,
    .groups = OPTIONS_OUTPUT | OPTIONS_ROWS | OPTIONS_JUDGEMENT | OPTIONS_SANDBOX,
    .own = OPTION_TABLE(OWN),
    .size = sizeof(struct show_options),
    .first = import_box_first,
    .run = run,
};
