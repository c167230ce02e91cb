/* SPDX-License-Identifier: Apache-2.0 */
/* What an import came to: a sentence for people, an object, or a table of one row. */
#include "cmd/import_summary.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "base/figure.h"
#include "base/utc.h"
#include "cmd/output.h"
#include "table/escape.h"

/* --- mailboxes ---------------------------------------------------------------------------------------------------- */

void import_outcome_add(struct import_outcome *o, unsigned place, const char *url, enum mailbox_end end,
                        const char *error) {
  MEM_GROW(o->mailboxes, o->mailbox_capacity, o->mailbox_count);
  unsigned at = o->mailbox_count++;
  for (; at && o->mailboxes[at - 1].place > place; at--) o->mailboxes[at] = o->mailboxes[at - 1];
  o->mailboxes[at] =
      (struct import_mailbox){.place = place, .url = mem_strdup(url), .end = end, .error = mem_strdup(error)};
}

bool import_outcome_has(const struct import_outcome *o, enum mailbox_end end) {
  for (unsigned i = 0; i < o->mailbox_count; i++)
    if (o->mailboxes[i].end == end) return true;
  return false;
}

void import_outcome_clear(struct import_outcome *o) {
  for (unsigned i = 0; i < o->mailbox_count; i++) {
    free(o->mailboxes[i].url);
    free(o->mailboxes[i].error);
  }
  free(o->mailboxes);
  *o = (struct import_outcome){0};
}

/* --- forms -------------------------------------------------------------------------------------------------------- */

static void print_mailboxes(FILE *out, const struct import_outcome *o) {
  static const char *const WORDS[] = {
      [MAILBOX_DONE] = "done", [MAILBOX_TAKEN] = "taken", [MAILBOX_FAILED] = "failed", [MAILBOX_STOP] = "stopped"};
  _cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
  for (unsigned i = 0; i < o->mailbox_count; i++) {
    const struct import_mailbox *m = &o->mailboxes[i];
    strbuf_add_text(&text, i ? ",{\"mailbox\":" : "{\"mailbox\":");
    escape_json(&text, m->url);
    strbuf_printf(&text, ",\"outcome\":\"%s\",\"error\":", WORDS[m->end]);
    if (m->error)
      escape_json(&text, m->error);
    else
      strbuf_add_text(&text, "null");
    strbuf_add_char(&text, '}');
  }
  fprintf(out, ",\"mailboxes\":[%s]", strbuf_text(&text));
}

static const char *key_of(enum document_outcome outcome) {
  if (outcome == DOCUMENT_NO_REPORT) return "no_report";
  return outcome == DOCUMENT_NOT_OURS ? "not_ours" : document_outcome_word(outcome);
}

static const char *word_of(enum document_outcome outcome) {
  if (outcome == DOCUMENT_NO_REPORT) return "without a report";
  return outcome == DOCUMENT_NOT_OURS ? "not about your domains" : document_outcome_word(outcome);
}

static void print_json(FILE *out, const struct import_outcome *o, bool dry_run) {
  const struct settle_counts *c = o->counts;
  fprintf(out,
          "{\"schema\":\"dmarcctl.import\",\"version\":1,\"dry_run\":%s,\"files\":%llu,\"mails\":%llu,"
          "\"documents\":{\"total\":%llu",
          dry_run ? "true" : "false", (unsigned long long)c->files, (unsigned long long)c->mails,
          (unsigned long long)c->documents);
  for (int i = 0; i < DOCUMENT_OUTCOMES; i++)
    fprintf(out, ",\"%s\":%llu", key_of((enum document_outcome)i), (unsigned long long)c->outcomes[i]);
  fprintf(
      out,
      "},\"reports\":%llu,\"records\":%llu,\"messages\":%lld,\"bytes\":%llu,\"duration_s\":%.3f,\"told_before\":%llu",
      (unsigned long long)c->reports, (unsigned long long)c->records, (long long)c->messages,
      (unsigned long long)c->bytes, o->seconds, (unsigned long long)c->told_before);
  print_mailboxes(out, o);
  fputs("}\n", out);
}

/* A one-row table, for CSV. */
static int print_csv(struct output *out, const struct settle_counts *c, double seconds, struct err *e) {
  static const struct column COLUMNS[] = {
      {"files", NULL, COLUMN_COUNT, 0},       {"documents", NULL, COLUMN_COUNT, 0},
      {"new", NULL, COLUMN_COUNT, 0},         {"damaged", NULL, COLUMN_COUNT, 0},
      {"duplicate", NULL, COLUMN_COUNT, 0},   {"conflicting", NULL, COLUMN_COUNT, 0},
      {"rejected", NULL, COLUMN_COUNT, 0},    {"no_report", NULL, COLUMN_COUNT, 0},
      {"reports", NULL, COLUMN_COUNT, 0},     {"records", NULL, COLUMN_COUNT, 0},
      {"messages", NULL, COLUMN_COUNT, 0},    {"bytes", NULL, COLUMN_COUNT, 0},
      {"duration_s", NULL, COLUMN_NUMBER, 0}, {"mails", NULL, COLUMN_COUNT, 0},
      {"told_before", NULL, COLUMN_COUNT, 0}, {"not_ours", NULL, COLUMN_COUNT, 0},
  };
  static const struct table TABLE = {"dmarcctl.import", 1, NULL, NULL, COLUMNS, ARRAY_SIZE(COLUMNS)};
  struct cell cells[ARRAY_SIZE(COLUMNS)] = {cell_count((int64_t)c->files), cell_count((int64_t)c->documents)};
  for (int i = 0; i <= DOCUMENT_NO_REPORT; i++) cells[2 + i] = cell_count((int64_t)c->outcomes[i]);
  cells[8] = cell_count((int64_t)c->reports);
  cells[9] = cell_count((int64_t)c->records);
  cells[10] = cell_count(c->messages);
  cells[11] = cell_count((int64_t)c->bytes);
  cells[12] = cell_number(seconds);
  cells[13] = cell_count((int64_t)c->mails);
  cells[14] = cell_count((int64_t)c->told_before);
  cells[15] = cell_count((int64_t)c->outcomes[DOCUMENT_NOT_OURS]);
  struct table_sink *sink = renderer_new(out->file, &out->render);
  int code = sink->begin(sink, &TABLE, e);
  if (!code) code = sink->row(sink, cells, e);
  if (!code) code = sink->end(sink, e);
  table_sink_free(sink);
  return code;
}

static void add_counted(struct strbuf *text, uint64_t n, const char *thing, const char *after) {
  figure_count(text, (int64_t)n, thing);
  strbuf_add_text(text, after);
}

/* A mailbox that was not read may hold anything, and so may files behind a signal. */
static const char *word_for_nothing(const struct import_outcome *o) {
  if (o->interrupted) return " nothing read";
  for (unsigned i = 0; i < o->mailbox_count; i++)
    if (o->mailboxes[i].end != MAILBOX_DONE) return " nothing read";
  return o->mails_alone ? " nothing new" : " nothing found";
}

static void print_text(FILE *out, const struct import_outcome *o, bool dry_run, bool with_time) {
  _cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
  const struct settle_counts *c = o->counts;
  bool mails_alone = o->mails_alone;
  char now[UTC_TEXT_BYTES];
  if (with_time) strbuf_printf(&text, "%s ", utc_format(utc_now(), now));
  strbuf_add_text(&text, dry_run ? "Would import " : "Imported ");
  add_counted(&text, c->reports, "report", " with ");
  add_counted(&text, c->records, "record", " and ");
  add_counted(&text, (uint64_t)c->messages, "message", "");
  strbuf_printf(&text, " in %.2f s.\n", o->seconds);
  add_counted(&text, c->documents, "document", " in ");
  if (!mails_alone) add_counted(&text, c->files, "file", c->mails ? " and " : ":");
  if (mails_alone || c->mails) add_counted(&text, c->mails, "mail", ":");
  const char *separator = " ";
  for (int i = 0; i < DOCUMENT_OUTCOMES; i++) {
    if (!c->outcomes[i]) continue;
    strbuf_add_text(&text, separator);
    figure_integer(&text, (int64_t)c->outcomes[i], true);
    strbuf_printf(&text, " %s", word_of((enum document_outcome)i));
    separator = ", ";
  }
  if (c->told_before) {
    strbuf_add_text(&text, " (");
    figure_integer(&text, (int64_t)c->told_before, true);
    strbuf_add_text(&text, " told before)");
  }
  fprintf(out, "%s%s.\n", strbuf_text(&text), c->documents ? "" : word_for_nothing(o));
}

int import_summary_print(const struct import_verb_options *o, const struct import_outcome *outcome, struct err *e) {
  _cleanup_(output_close) struct output out;
  int code = output_open(&out, &o->shared, e);
  if (code < 0) return code;
  if (o->shared.output.format == FORMAT_TEXT)
    print_text(out.file, outcome, o->import.dry_run, o->import.watch);
  else if (o->shared.output.format != FORMAT_JSON && o->shared.output.format != FORMAT_NDJSON)
    code = print_csv(&out, outcome->counts, outcome->seconds, e);
  else
    print_json(out.file, outcome, o->import.dry_run);
  return code < 0 ? code : output_commit(&out, e);
}
