/* SPDX-License-Identifier: Apache-2.0 */
/* export: every record, whole, one a row; the keys are a promise to programs (docs/json.md). */
#include "base/alignment.h"
#include "base/cleanup.h"
#include "base/figure.h"
#include "base/hex.h"
#include "base/mem.h"
#include "report/export/export.h"
#include "report/export/judged_records.h"
#include "report/export/sinks.h"
#include "report/question.h"

static const struct column REASON_COLUMNS[] = {
    {"type", NULL, COLUMN_TEXT, 0},
    {"comment", NULL, COLUMN_TEXT, 0},
};
static const struct column DKIM_COLUMNS[] = {
    {"domain", NULL, COLUMN_TEXT, 0},
    {"selector", NULL, COLUMN_TEXT, 0},
    {"result", NULL, COLUMN_TEXT, 0},
    {"human_result", NULL, COLUMN_TEXT, 0},
};
static const struct column SPF_COLUMNS[] = {
    {"domain", NULL, COLUMN_TEXT, 0},
    {"scope", NULL, COLUMN_TEXT, 0},
    {"result", NULL, COLUMN_TEXT, 0},
    {"human_result", NULL, COLUMN_TEXT, 0},
};
static const struct table REASON_ROWS = NESTED_ROWS(REASON_COLUMNS), DKIM_ROWS = NESTED_ROWS(DKIM_COLUMNS),
                          SPF_ROWS = NESTED_ROWS(SPF_COLUMNS);

/* clang-format off */
enum {
  ORG_NAME, EMAIL, REPORT_ID, BEGIN, END, POLICY_DOMAIN, P, SP, NP, ADKIM, ASPF, PCT, FO, TESTING, DISCOVERY_METHOD,
  SOURCE_IP, COUNT, DISPOSITION, DKIM, SPF, DKIM_ALIGNED, SPF_ALIGNED, HEADER_FROM, ENVELOPE_FROM, ENVELOPE_TO, REASONS,
  AUTH_DKIM_CELL, AUTH_SPF_CELL, DAMAGED, ORIGIN, ID, CLASS, SERVICE, EVIDENCE, CAUSE, VERDICT, COLUMNS_OF_EXPORT
};
/* clang-format on */

#define DETAIL COLUMN_DETAIL

static const struct column COLUMNS[COLUMNS_OF_EXPORT] = {
    [ORG_NAME] = {"org_name", NULL, COLUMN_TEXT, 0},
    [EMAIL] = {"email", NULL, COLUMN_TEXT, DETAIL},
    [REPORT_ID] = {"report_id", NULL, COLUMN_TEXT, DETAIL},
    [BEGIN] = {"begin", NULL, COLUMN_TIME, 0},
    [END] = {"end", NULL, COLUMN_TIME, DETAIL},
    [POLICY_DOMAIN] = {"policy_domain", NULL, COLUMN_TEXT, 0},
    [P] = {"p", NULL, COLUMN_TEXT, 0},
    [SP] = {"sp", NULL, COLUMN_TEXT, DETAIL},
    [NP] = {"np", NULL, COLUMN_TEXT, DETAIL},
    [ADKIM] = {"adkim", NULL, COLUMN_TEXT, DETAIL},
    [ASPF] = {"aspf", NULL, COLUMN_TEXT, DETAIL},
    [PCT] = {"pct", NULL, COLUMN_TEXT, DETAIL | COLUMN_MIXED},
    [FO] = {"fo", NULL, COLUMN_TEXT, DETAIL},
    [TESTING] = {"testing", NULL, COLUMN_TEXT, DETAIL},
    [DISCOVERY_METHOD] = {"discovery_method", NULL, COLUMN_TEXT, DETAIL},
    [SOURCE_IP] = {"source_ip", NULL, COLUMN_TEXT, COLUMN_KEY},
    [COUNT] = {"count", NULL, COLUMN_COUNT, 0},
    [DISPOSITION] = {"disposition", NULL, COLUMN_TEXT, 0},
    [DKIM] = {"dkim", NULL, COLUMN_TEXT, 0},
    [SPF] = {"spf", NULL, COLUMN_TEXT, 0},
    [DKIM_ALIGNED] = {"dkim_aligned", NULL, COLUMN_YES_NO, DETAIL},
    [SPF_ALIGNED] = {"spf_aligned", NULL, COLUMN_YES_NO, DETAIL},
    [HEADER_FROM] = {"header_from", NULL, COLUMN_TEXT, 0},
    [ENVELOPE_FROM] = {"envelope_from", NULL, COLUMN_TEXT, DETAIL | COLUMN_EMPTY},
    [ENVELOPE_TO] = {"envelope_to", NULL, COLUMN_TEXT, DETAIL},
    [REASONS] = {"reasons", NULL, COLUMN_ROWS, DETAIL, &REASON_ROWS},
    [AUTH_DKIM_CELL] = {"auth_dkim", NULL, COLUMN_ROWS, DETAIL, &DKIM_ROWS},
    [AUTH_SPF_CELL] = {"auth_spf", NULL, COLUMN_ROWS, DETAIL, &SPF_ROWS},
    [DAMAGED] = {"damaged", NULL, COLUMN_YES_NO, DETAIL},
    [ORIGIN] = {"origin", NULL, COLUMN_TEXT, DETAIL},
    [ID] = {"id", NULL, COLUMN_TEXT, DETAIL},
    [CLASS] = {"class", NULL, COLUMN_TEXT, DETAIL},
    [SERVICE] = {"service", NULL, COLUMN_TEXT, DETAIL},
    [EVIDENCE] = {"evidence", NULL, COLUMN_TEXT, DETAIL},
    [CAUSE] = {"cause", NULL, COLUMN_TEXT, DETAIL},
    [VERDICT] = {"verdict", NULL, COLUMN_TEXT, DETAIL},
};

static const struct table TABLE = {
    "dmarcctl.export", 1, NULL, "No record matches. 'dmarcctl summary' shows what is stored.", COLUMNS,
    COLUMNS_OF_EXPORT};

struct export {
  struct table_sink *sink;
  uint64_t report; /* number of the one whose cells stand in `cells` already */
  struct cell cells[COLUMNS_OF_EXPORT];
  struct strbuf id;    /* of the record */
  struct cell *nested; /* of the record's lists */
  unsigned nested_capacity;
};

static struct cell cell_three(int holds) { return holds < 0 ? cell_absent() : cell_yes(holds); }

/* The same in each export: the report's identity, and the record's place in it. */
static void spell_report(const struct store_report *report, struct strbuf *out) {
  char digits[HEX_TEXT_BYTES(IDENTITY_BYTES)];
  strbuf_reset(out);
  strbuf_printf(out, "%s-", hex_text(report->identity.bytes, IDENTITY_BYTES, digits));
}

static const char *spell_record(struct export *x, const struct store_report *report) {
  x->id.length = 2 * IDENTITY_BYTES + 1; /* behind the report's */
  figure_integer(&x->id, (int64_t)report->record, false);
  return strbuf_text(&x->id);
}

/* The cells that all records of a report share. */
static void set_report(struct export *x, const struct store_report *r) {
  const struct feedback_header *h = &r->header;
  struct cell *c = x->cells;
  c[ORG_NAME] = cell_text(h->org_name);
  c[EMAIL] = cell_text(h->email);
  c[REPORT_ID] = cell_text(h->report_id);
  c[BEGIN] = cell_time(h->begin_s);
  c[END] = cell_time(h->end_s);
  c[POLICY_DOMAIN] = cell_text(h->policy_domain);
  c[P] = cell_text(h->p);
  c[SP] = cell_text(h->sp);
  c[NP] = cell_text(h->np);
  c[ADKIM] = cell_text(h->adkim);
  c[ASPF] = cell_text(h->aspf);
  c[PCT] = cell_text(h->pct);
  c[FO] = cell_text(h->fo);
  c[TESTING] = cell_text(h->testing);
  c[DISCOVERY_METHOD] = cell_text(h->discovery_method);
  c[DAMAGED] = cell_yes(h->flags & FEEDBACK_DAMAGED);
  c[ORIGIN] = cell_text(r->origin);
  spell_report(r, &x->id);
  if (!x->sink->hold) return;
  x->sink->hold(x->sink, ORG_NAME, DISCOVERY_METHOD - ORG_NAME + 1, c);
  x->sink->hold(x->sink, DAMAGED, ORIGIN - DAMAGED + 1, c);
}

/* Reasons, DKIM and SPF results as nested rows, one behind the other in x->nested. */
static void set_lists(struct export *x, const struct feedback_record *r) {
  unsigned needed = r->reason_count * 2 + r->result_count * 4;
  MEM_GROW(x->nested, x->nested_capacity, needed);
  struct cell *at = x->nested;
  x->cells[REASONS] = (struct cell){.present = true, .rows = {at, r->reason_count}};
  for (uint32_t i = 0; i < r->reason_count; i++) {
    *at++ = cell_text(r->reasons[i].type);
    *at++ = cell_text(r->reasons[i].comment);
  }
  for (int method = AUTH_DKIM; method <= AUTH_SPF; method++) {
    struct cell *begin = at;
    unsigned count = 0;
    for (uint32_t i = 0; i < r->result_count; i++) {
      const struct auth_result *a = &r->results[i];
      if ((int)a->method != method) continue;
      *at++ = cell_text(a->domain);
      *at++ = cell_text(method == AUTH_DKIM ? a->selector : a->scope);
      *at++ = cell_text(a->result.text);
      *at++ = cell_text(a->human_result);
      count++;
    }
    x->cells[method == AUTH_DKIM ? AUTH_DKIM_CELL : AUTH_SPF_CELL] =
        (struct cell){.present = true, .rows = {begin, count}};
  }
}

/* Who sends, and what the domain's mail comes to: as `sources` and `readiness` have it. */
static void set_judgement(struct cell *c, const struct judged_record *r) {
  const struct stream *s = r->stream;
  c[CLASS] = cell_text(s ? stream_class_word(s->class) : NULL);
  c[SERVICE] = cell_text(s && s->service ? s->service->name : NULL);
  c[EVIDENCE] = cell_text(s ? s->evidence : NULL);
  c[CAUSE] = cell_text(s ? failure_cause_word(s->cause) : NULL);
  c[VERDICT] = cell_text(r->judgement ? verdict_word(r->judgement->verdict) : NULL);
}

static int on_record(void *user, const struct judged_record *judged, struct err *e) {
  struct export *x = user;
  const struct store_report *report = judged->report;
  const struct feedback_record *r = judged->record;
  char source[IP_TEXT_BYTES];
  struct cell *c = x->cells;
  if (x->report != report->number) set_report(x, report);
  x->report = report->number;
  c[SOURCE_IP] = cell_text(r->source_ip.size ? ip_format(&r->source_ip, source) : r->source_text);
  c[COUNT] = r->count == FEEDBACK_COUNT_UNKNOWN ? cell_absent() : cell_count(r->count);
  c[DISPOSITION] = cell_text(r->disposition.text);
  c[DKIM] = cell_text(r->dkim.text);
  c[SPF] = cell_text(r->spf.text);
  c[DKIM_ALIGNED] = cell_three(alignment_holds(r->dkim_alignment, alignment_is_strict(report->header.adkim)));
  c[SPF_ALIGNED] = cell_three(alignment_holds(r->spf_alignment, alignment_is_strict(report->header.aspf)));
  c[HEADER_FROM] = cell_text(r->header_from);
  c[ENVELOPE_FROM] = cell_text(r->envelope_from);
  c[ENVELOPE_TO] = cell_text(r->envelope_to);
  set_lists(x, r);
  set_judgement(c, judged);
  c[ID] = cell_text(spell_record(x, report));
  return x->sink->row(x->sink, c, e);
}

int question_export(const struct question *q, struct table_sink *sink, struct err *e) {
  struct export x = {.sink = sink};
  int code = sink->begin(sink, &TABLE, e);
  if (!code) code = judged_records_each(&q->of, on_record, &x, e);
  if (!code) code = sink->end(sink, e);
  free(x.nested);
  strbuf_clear(&x.id);
  return code;
}

/* --- in the frames of collectors ---------------------------------------------------------------------------------- */

static void frame(void *user, const struct cell *cells, bool behind, struct strbuf *out) {
  const enum export_sink *sink = user;
  const struct sink_event event = {cells[ID].text, cells[BEGIN].present ? cells[BEGIN].count : FEEDBACK_TIME_UNKNOWN};
  if (behind)
    sink_close(*sink, out);
  else
    sink_open(*sink, &event, out);
}

int export_to_sink(const struct inquiry *q, enum export_sink sink, FILE *file, struct err *e) {
  struct table_sink *lines = framed_renderer_new(file, frame, &sink);
  int code = question_export(&(struct question){.of = *q}, lines, e);
  table_sink_free(lines);
  return code;
}
