/* SPDX-License-Identifier: Apache-2.0 */
/* dmarcctl export: every record, as a table or in the shape of another program. */
#include "report/export/export.h"

#include "base/cleanup.h"
#include "cmd/ask.h"
#include "cmd/basis.h"
#include "cmd/export_feed.h"
#include "cmd/talk.h"
#include "cmd/verb.h"
#include "report/question.h"

/* What it knows beside tables; behind enum table_format. */
enum export_shape {
  EXPORT_PARSEDMARC_CSV = TABLE_FORMATS,
  EXPORT_PARSEDMARC_JSON,
  EXPORT_OPENMETRICS,
  EXPORT_SINKS, /* + enum export_sink */
};

struct export_options {
  struct options shared;
  unsigned shape; /* or an enum table_format */
  bool judged;
  struct feed_options feed;
};

static const struct option_word FORMATS[] = {OPTIONS_TABLE_FORMATS,
                                             {.word = "parsedmarc-csv", .value = EXPORT_PARSEDMARC_CSV},
                                             {.word = "parsedmarc-json", .value = EXPORT_PARSEDMARC_JSON},
                                             {.word = "openmetrics", .value = EXPORT_OPENMETRICS},
                                             {.word = "elastic-bulk", .value = EXPORT_SINKS + SINK_ELASTIC},
                                             {.word = "splunk-hec", .value = EXPORT_SINKS + SINK_SPLUNK},
                                             {.word = "syslog", .value = EXPORT_SINKS + SINK_SYSLOG},
                                             {0}};
static const struct option OWN[] = {
    {"format", 'f', OPTION_KEYWORD, "FORMAT", "%s", OPTION_AT(struct export_options, shape), .words = FORMATS},
    {"judged", 0, OPTION_FLAG, NULL, "with whose mail each record is, why it fails, and the verdict on its domain",
     OPTION_AT(struct export_options, judged)},
    {"new", 0, OPTION_TEXT, "NAME", "only what came since the feed of that name took something last",
     OPTION_AT(struct export_options, feed.name)},
    {"to", 0, OPTION_TEXT, "COMMAND", "have this command read it; the feed moves on where it ends with 0",
     OPTION_AT(struct export_options, feed.command)},
    {"rewind", 0, OPTION_FLAG, NULL, "the feed begins anew, with the first report",
     OPTION_AT(struct export_options, feed.rewind)},
    {"feeds", 0, OPTION_FLAG, NULL, "list the feeds, and how much waits for each",
     OPTION_AT(struct export_options, feed.list)},
};

static unsigned shape_of(const struct options *o) { return ((const struct export_options *)o)->shape; }

/* --- tables ------------------------------------------------------------------------------------------------------- */

/* Options of the judgement ask for it; metrics are nothing else. */
static bool is_judged(const struct options *o) {
  return shape_of(o) == EXPORT_OPENMETRICS || ((const struct export_options *)o)->judged ||
         options_given_of(o, OPTIONS_JUDGEMENT);
}

/* `b` is cleared by the caller in any case. */
static int open_inquiry(struct basis *b, const struct options *o, const struct database *db, struct inquiry *ret,
                        struct err *e) {
  *ret = (struct inquiry){.store = db->store, .filter = &o->filter, .local = db->local};
  if (!is_judged(o)) return 0;
  int code = basis_open(b, o, db, e);
  *ret = b->inquiry;
  return code;
}

static int ask_rows(const struct database *db, const struct options *o, struct table_sink *sink, struct err *e) {
  _cleanup_(basis_clear) struct basis b = {0};
  struct inquiry q;
  int code = open_inquiry(&b, o, db, &q, e);
  if (code < 0) return code;
  return shape_of(o) == EXPORT_PARSEDMARC_CSV ? export_parsedmarc_rows(&q, sink, e)
                                              : question_export(&(struct question){.of = q}, sink, e);
}

/* --- what is no table --------------------------------------------------------------------------------------------- */

static int write_document(const struct database *db, const struct options *o, FILE *file, struct err *e) {
  _cleanup_(basis_clear) struct basis b = {0};
  struct inquiry q;
  int code = open_inquiry(&b, o, db, &q, e);
  if (code < 0) return code;
  switch (shape_of(o)) {
    case EXPORT_PARSEDMARC_JSON:
      return export_parsedmarc_json(&q, file, e);
    case EXPORT_OPENMETRICS:
      return export_openmetrics(&q, file, e);
    default:
      return export_to_sink(&q, (enum export_sink)(shape_of(o) - EXPORT_SINKS), file, e);
  }
}

/* --- which options go together ------------------------------------------------------------------------------------ */

static int check_feed(const struct options *o, struct err *e) {
  const struct feed_options *f = &((const struct export_options *)o)->feed;
  if (f->name && !*f->name) return err_set(e, ERR_USAGE, "--new wants the name of a feed");
  if (f->list && shape_of(o) >= TABLE_FORMATS)
    return err_set(e, ERR_USAGE, "--feeds is a table, and goes with formats of tables");
  if (f->name && f->list)
    return err_set(e, ERR_USAGE, "--feeds lists them, and --new takes from one: say one of the two");
  if (!f->name && (f->command || f->rewind))
    return err_set(e, ERR_USAGE, "--%s goes with --new NAME", f->command ? "to" : "rewind");
  if (f->name && o->rows.limit != OPTIONS_LIMIT_UNSET)
    return err_set(e, ERR_USAGE, "--limit does not go with --new: what it leaves out would never be taken");
  if (f->name && shape_of(o) == EXPORT_OPENMETRICS)
    return err_set(e, ERR_USAGE, "--new does not go with --format openmetrics, which tells how things stand");
  if (f->command && o->output.path)
    return err_set(e, ERR_USAGE, "--to does not go with --output: the command reads it");
  return 0;
}

static int check_options(const struct options *o, struct err *e) {
  const char *rows = options_given_of(o, OPTIONS_ROWS);
  const char *narrower = options_given_of(o, OPTIONS_ROWS | OPTIONS_NARROWING);
  if (shape_of(o) == EXPORT_OPENMETRICS && narrower)
    return err_set(e, ERR_USAGE,
                   "--%s does not go with --format openmetrics, which tells of each domain's judged window", narrower);
  if (shape_of(o) == EXPORT_PARSEDMARC_JSON && rows)
    return err_set(e, ERR_USAGE, "--%s does not go with --format parsedmarc-json, which has whole reports", rows);
  if (shape_of(o) >= EXPORT_SINKS && rows)
    return err_set(e, ERR_USAGE, "--%s does not go with formats of collectors, which put records in their own order",
                   rows);
  if (shape_of(o) == EXPORT_OPENMETRICS && ((const struct export_options *)o)->judged)
    return err_set(e, ERR_USAGE, "--judged does not go with --format openmetrics, which is");
  return check_feed(o, e);
}

/* --- the verb ----------------------------------------------------------------------------------------------------- */

static int write_all(const struct options *o) {
  struct export_options drawn = *(const struct export_options *)o; /* with the renderer that draws it */
  if (drawn.shape > EXPORT_PARSEDMARC_CSV) return ask_file(o, write_document);
  drawn.shared.output.format = drawn.shape == EXPORT_PARSEDMARC_CSV ? FORMAT_CSV : (enum table_format)drawn.shape;
  return ask(&drawn.shared, NULL, ask_rows);
}

static int run(const struct options *o) {
  struct err e;
  struct export_options own = *(const struct export_options *)o;
  if (check_options(o, &e) < 0) return ask_failed(ERR_USAGE, &e);
  own.shared.output.format = (enum table_format)own.shape;
  if (own.feed.list) return feed_list(&own.shared);
  return own.feed.name ? feed_export(&own.feed, &own.shared, write_all) : write_all(o);
}

const struct verb VERB_EXPORT = {
    .name = "export",
    .summary = "every record, for spreadsheets and programs; metrics for Prometheus",
    .details =
        "--format parsedmarc-csv and parsedmarc-json write the records as parsedmarc does, openmetrics the verdict on each\n"
        "domain for node_exporter's textfile collector; elastic-bulk, splunk-hec and syslog are for collectors of events.\n"
        "Options of the judgement mean --judged.\n",
    .examples =
        "  dmarcctl export --last 30d --format ndjson --output records.ndjson\n"
        "  dmarcctl export --new siem --format ndjson --to ./load-into-siem\n",
    .arguments = ARGUMENTS_CHOICE,
    .usage = "[DOMAIN...]",
    .most_args = ANY_NUMBER_OF_ARGUMENTS,
    .groups = OPTIONS_ASKING | OPTIONS_JUDGEMENT,
    .own = OPTION_TABLE(OWN),
    .size = sizeof(struct export_options),
    .run = run,
};
