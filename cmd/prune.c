/* SPDX-License-Identifier: Apache-2.0 */
/* dmarcctl prune: old reports go, and what was known by them stays. */
#include "import/prune.h"

#include <errno.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/figure.h"
#include "base/utc.h"
#include "cmd/ask.h"
#include "cmd/interrupt.h"
#include "cmd/output.h"
#include "cmd/talk.h"
#include "cmd/verb.h"

struct prune_options {
  struct options shared;
  int64_t older_s; /* 0: not said */
  bool all, dry_run;
};

#define AT(field) OPTION_AT(struct prune_options, field)
static const struct option_word LENGTHS[] = {{.word = "400d"}, {.word = "104w"}, {0}};
static const struct option OWN[] = {
    {"older", 0, OPTION_AGE, "TIME", "reports that ended longer ago: %s; default: keep of the configuration",
     AT(older_s), .words = LENGTHS},
    {"all", 0, OPTION_FLAG, NULL, "all of --domain goes, labels included, as if nothing had ever come", AT(all)},
    {"dry-run", 'n', OPTION_FLAG, NULL, "say what would go, and change nothing", AT(dry_run)},
};

static const struct prune_options *own_of(const struct options *o) { return (const struct prune_options *)o; }

/* --- what it did -------------------------------------------------------------------------------------------------- */

/* clang-format off */
enum {
  BEFORE, REPORTS, RECORDS, MESSAGES, DOCUMENTS, LABELS, BYTES_BEFORE, BYTES_AFTER, DRY_RUN, COLUMNS_OF_PRUNE
};
static const struct column COLUMNS[COLUMNS_OF_PRUNE] = {
    [BEFORE] = {"before", NULL, COLUMN_TIME, 0},
    [REPORTS] = {"reports", NULL, COLUMN_COUNT, 0},
    [RECORDS] = {"records", NULL, COLUMN_COUNT, 0},
    [MESSAGES] = {"messages", NULL, COLUMN_COUNT, 0},
    [DOCUMENTS] = {"documents", NULL, COLUMN_COUNT, 0},
    [LABELS] = {"labels", NULL, COLUMN_COUNT, 0},
    [BYTES_BEFORE] = {"bytes_before", NULL, COLUMN_COUNT, 0},
    [BYTES_AFTER] = {"bytes_after", NULL, COLUMN_COUNT, 0},
    [DRY_RUN] = {"dry_run", NULL, COLUMN_YES_NO, 0},
};
/* clang-format on */
static const struct table TABLE = {"dmarcctl.prune", 1, NULL, "Nothing was pruned.", COLUMNS, COLUMNS_OF_PRUNE};

struct pruned {
  const struct options *o;
  struct prune_wish wish;
  struct prune_counts counts;
  int64_t bytes_before, bytes_after;
};

static int fill_row(void *user, struct table_sink *sink, struct err *e) {
  const struct pruned *x = user;
  const struct prune_counts *c = &x->counts;
  const struct cell cells[COLUMNS_OF_PRUNE] = {
      [BEFORE] = x->wish.all ? cell_absent() : cell_time(x->wish.before_s),
      [REPORTS] = cell_count((int64_t)c->reports),
      [RECORDS] = cell_count((int64_t)c->records),
      [MESSAGES] = cell_count(c->messages),
      [DOCUMENTS] = x->wish.dry_run ? cell_absent() : cell_count((int64_t)c->documents),
      [LABELS] = cell_count((int64_t)c->labels),
      [BYTES_BEFORE] = cell_count(x->bytes_before),
      [BYTES_AFTER] = x->wish.dry_run ? cell_absent() : cell_count(x->bytes_after),
      [DRY_RUN] = cell_yes(x->wish.dry_run),
  };
  int code = sink->begin(sink, &TABLE, e);
  if (!code) code = sink->row(sink, cells, e);
  return code < 0 ? code : sink->end(sink, e);
}

static void add_mib(struct strbuf *out, int64_t bytes) {
  figure_decimal(out, (double)bytes / (1 << 20), 1);
  strbuf_add_text(out, " MiB");
}

static void describe(const struct pruned *x, struct strbuf *text) {
  const struct prune_counts *c = &x->counts;
  char day[UTC_TEXT_BYTES];
  const char *done = x->wish.all ? "Removed" : "Pruned";
  strbuf_printf(text, "%s ", !x->wish.dry_run ? done : x->wish.all ? "Would remove" : "Would prune");
  figure_count(text, (int64_t)c->reports, "report");
  strbuf_add_text(text, " with ");
  figure_count(text, (int64_t)c->records, "record");
  strbuf_add_text(text, " and ");
  figure_count(text, c->messages, "message");
  if (x->wish.all) {
    strbuf_add_text(text, ", and ");
    figure_count(text, (int64_t)c->labels, "label");
  } else {
    strbuf_printf(text, " that ended before %s", utc_format_day(x->wish.before_s, day));
  }
  if (!x->wish.dry_run) {
    strbuf_add_text(text, "; the database takes ");
    add_mib(text, x->bytes_after);
    strbuf_add_text(text, ", before: ");
    add_mib(text, x->bytes_before);
  }
}

static int print(struct pruned *x, struct output *out, struct err *e) {
  _cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
  int code = 0;
  describe(x, &text);
  if (x->o->output.format == FORMAT_TEXT)
    fprintf(out->file, "%s.\n", strbuf_text(&text));
  else
    code = output_table(out, x->o, fill_row, x, e);
  if (!code) code = output_commit(out, e);
  /* What was done is done: whoever cannot read it there reads it here. */
  if (code < 0 && !x->wish.dry_run) talk("%s", strbuf_text(&text));
  return code;
}

/* --- the verb ----------------------------------------------------------------------------------------------------- */

static int64_t size_of(const char *path) {
  struct stat st;
  return stat(path, &st) < 0 ? 0 : (int64_t)st.st_size;
}

/* The log beside it takes space too. */
static int64_t bytes_of(const struct options *o) {
  _cleanup_free_ char *log = mem_printf("%s-wal", o->common.db);
  return size_of(o->common.db) + size_of(log);
}

static int open_database(const struct options *o, struct database *db, struct err *e) {
  struct stat st;
  if (own_of(o)->dry_run || !*o->common.db || (stat(o->common.db, &st) < 0 && errno == ENOENT))
    return ask_open(o, db, e);
  return database_open(db, o->common.db, LOCAL_WRITE, e);
}

static int prune(struct pruned *x, struct err *e) {
  struct database db = {0};
  int code = open_database(x->o, &db, e);
  x->bytes_before = bytes_of(x->o);
  if (!code && !x->wish.dry_run) {
    x->wish.interrupted = interrupt_catch();
    local_while_waiting(db.local, x->wish.interrupted, talk_sentence, NULL);
  }
  if (!code) code = prune_run(db.local, db.store, &x->wish, &x->counts, e);
  database_close(&db);
  x->bytes_after = bytes_of(x->o);
  return code;
}

/* A place that cannot be written to is found before anything goes. */
static int prune_and_print(struct pruned *x, struct err *e) {
  const struct options *o = x->o;
  if (o->common.quiet && o->output.format == FORMAT_TEXT && !o->output.path) return prune(x, e);
  _cleanup_(output_close) struct output out;
  int code = output_open(&out, o, e);
  if (!code) code = prune(x, e);
  return code < 0 ? code : print(x, &out, e);
}

/* Whole days, as everything that is judged is. */
static int64_t moment_of(int64_t older_s) {
  const int64_t now_s = utc_now();
  return older_s < now_s ? utc_day_begin(now_s - older_s) : 0;
}

static int check_options(const struct options *o, int64_t older_s, struct err *e) {
  const struct prune_options *own = own_of(o);
  if (own->all && own->older_s)
    return err_set(e, ERR_USAGE, "--all does not go with --older: whatever its age, it goes");
  if (own->all && !o->filter.domains)
    return err_set(e, ERR_USAGE, "--all goes with --domain; to forget everything, delete the database");
  if (own->all || older_s >= UTC_DAY_S) return 0;
  if (older_s) return err_set(e, ERR_USAGE, "less than a day is not kept: say at least 1d");
  return err_set(e, ERR_USAGE, "say how old: --older 400d, or keep = 400d in [defaults] of the configuration");
}

static int run(const struct options *o) {
  const struct prune_options *own = own_of(o);
  const int64_t older_s = own->older_s || own->all ? own->older_s : o->common.keep_s;
  struct pruned x = {.o = o, .wish = {.filter = &o->filter, .all = own->all, .dry_run = own->dry_run}};
  struct err e;
  if (check_options(o, older_s, &e) < 0) return talk_failure(EXIT_USAGE, "%s", e.text);
  x.wish.before_s = moment_of(older_s);
  int code = prune_and_print(&x, &e);
  if (code == ERR_INTERRUPTED) return EXIT_INTERRUPTED;
  if (code < 0) return ask_failed(code, &e);
  if (!x.counts.lingers) return EXIT_DONE;
  return talk_failure(
      EXIT_FAILED,
      "%s is being read by another process: what was removed can be read in %s-wal until that has ended "
      "and 'dmarcctl prune' has run again",
      o->common.db, o->common.db);
}

const struct verb VERB_PRUNE = {
    .name = "prune",
    .summary = "forget old reports, and give their space back",
    .details = "What was known by them stays: verdicts, sources, sums by day are the same as before.\n",
    .examples =
        "  dmarcctl prune --older 400d --dry-run\n"
        "  dmarcctl prune --all --domain example.net\n",
    .groups = OPTIONS_OUTPUT | OPTIONS_DOMAINS,
    .own = OPTION_TABLE(OWN),
    .size = sizeof(struct prune_options),
    .run = run,
};
