/* SPDX-License-Identifier: Apache-2.0 */
/* parsedmarc's aggregate JSON: a list of reports, each with its records, laid out as json.dumps(indent=2) does. */
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/figure.h"
#include "report/export/export.h"
#include "report/export/parsedmarc.h"
#include "table/escape.h"
#include "table/render.h"

/* --- layout ------------------------------------------------------------------------------------------------------- */

struct layout {
  struct strbuf out;
  unsigned depth;
  bool empty; /* the list or object that is open has no member yet */
};

static void begin_line(struct layout *l) {
  strbuf_add_char(&l->out, '\n');
  for (unsigned i = 0; i < l->depth; i++) strbuf_add(&l->out, "  ", 2);
}

static void begin_member(struct layout *l) {
  if (!l->empty) strbuf_add_char(&l->out, ',');
  l->empty = false;
  begin_line(l);
}

static void open_level(struct layout *l, char bracket) {
  strbuf_add_char(&l->out, bracket);
  l->depth++;
  l->empty = true;
}

static void close_level(struct layout *l, char bracket) {
  l->depth--;
  if (!l->empty) begin_line(l);
  strbuf_add_char(&l->out, bracket);
  l->empty = false;
}

static void add_key(struct layout *l, const char *key) {
  begin_member(l);
  escape_json(&l->out, key);
  strbuf_add(&l->out, ": ", 2);
}

static void open_key(struct layout *l, const char *key, char bracket) {
  add_key(l, key);
  open_level(l, bracket);
}

static void open_member(struct layout *l) {
  begin_member(l);
  open_level(l, '{');
}

static void add_text(struct layout *l, const char *key, const char *text) {
  add_key(l, key);
  if (text)
    escape_json(&l->out, text);
  else
    strbuf_add_text(&l->out, "null");
}

static void add_integer(struct layout *l, const char *key, bool known, int64_t n) {
  add_key(l, key);
  if (known)
    figure_integer(&l->out, n, false);
  else
    strbuf_add_text(&l->out, "null");
}

static void add_truth(struct layout *l, const char *key, bool yes) {
  add_key(l, key);
  strbuf_add_text(&l->out, yes ? "true" : "false");
}

static void add_time(struct layout *l, const char *key, int64_t s) {
  char text[UTC_TEXT_BYTES];
  add_text(l, key, parsedmarc_time(s, text));
}

/* --- a report ----------------------------------------------------------------------------------------------------- */

struct export {
  FILE *file;
  struct parsedmarc p;
  struct layout l;
  struct strbuf word;
};

static const char *text_or_null(const struct strbuf *text) { return text->length ? text->data : NULL; }

static void add_metadata(struct layout *l, const struct parsedmarc *p, const struct feedback_header *h) {
  bool known = h->begin_s != FEEDBACK_TIME_UNKNOWN && h->end_s != FEEDBACK_TIME_UNKNOWN;
  open_key(l, "report_metadata", '{');
  add_text(l, "org_name", text_or_null(&p->org_name));
  add_text(l, "org_email", h->email);
  add_text(l, "org_extra_contact_info", h->extra_contact_info);
  add_text(l, "report_id", text_or_null(&p->report_id));
  add_time(l, "begin_date", h->begin_s);
  add_time(l, "end_date", h->end_s);
  add_truth(l, "timespan_requires_normalization", p->spread);
  add_integer(l, "original_timespan_seconds", known, known ? h->end_s - h->begin_s : 0);
  open_key(l, "errors", '[');
  for (uint32_t i = 0; i < h->error_count; i++) {
    begin_member(l);
    escape_json(&l->out, h->errors[i]);
  }
  close_level(l, ']');
  add_text(l, "generator", h->generator);
  close_level(l, '}');
}

static void add_policy(struct layout *l, const struct parsedmarc *p, const struct feedback_header *h) {
  open_key(l, "policy_published", '{');
  add_text(l, "domain", h->policy_domain);
  add_text(l, "adkim", p->adkim);
  add_text(l, "aspf", p->aspf);
  add_text(l, "p", h->p);
  add_text(l, "sp", p->sp);
  add_text(l, "pct", h->pct);
  add_text(l, "fo", h->fo);
  add_text(l, "np", h->np);
  add_text(l, "testing", h->testing);
  add_text(l, "discovery_method", h->discovery_method);
  close_level(l, '}');
}

static void end_report(struct export *x) {
  if (!x->p.report) return;
  close_level(&x->l, ']');
  close_level(&x->l, '}');
}

static void begin_report(struct export *x, const struct store_report *r) {
  struct layout *l = &x->l;
  end_report(x);
  parsedmarc_set_report(&x->p, r);
  open_member(l);
  add_text(l, "xml_schema", x->p.schema);
  add_text(l, "xml_namespace", r->header.schema);
  add_metadata(l, &x->p, &r->header);
  add_policy(l, &x->p, &r->header);
  open_key(l, "records", '[');
}

/* --- a record ----------------------------------------------------------------------------------------------------- */

static void add_source(struct layout *l, const struct judged_record *judged) {
  const struct parsedmarc_source s = parsedmarc_source_of(judged->stream);
  const struct feedback_record *r = judged->record;
  char source[IP_TEXT_BYTES];
  open_key(l, "source", '{');
  add_text(l, "ip_address", r->source_ip.size ? ip_format(&r->source_ip, source) : r->source_text);
  add_text(l, "country", s.country);
  add_text(l, "reverse_dns", s.reverse_dns);
  add_text(l, "base_domain", s.base_domain);
  add_text(l, "name", s.name);
  add_text(l, "type", s.type);
  add_integer(l, "asn", s.asn != 0, s.asn);
  add_text(l, "as_name", s.as_name);
  add_text(l, "as_domain", NULL);
  close_level(l, '}');
}

static void add_alignment(struct layout *l, const struct feedback_record *r) {
  bool spf = parsedmarc_passes(&r->spf), dkim = parsedmarc_passes(&r->dkim);
  open_key(l, "alignment", '{');
  add_truth(l, "spf", spf);
  add_truth(l, "dkim", dkim);
  add_truth(l, "dmarc", spf || dkim);
  close_level(l, '}');
}

static void add_evaluation(struct export *x, const struct feedback_record *r) {
  struct layout *l = &x->l;
  open_key(l, "policy_evaluated", '{');
  add_text(l, "disposition", parsedmarc_word(&x->word, &r->disposition, "none"));
  add_text(l, "dkim", parsedmarc_word(&x->word, &r->dkim, NULL));
  add_text(l, "spf", parsedmarc_word(&x->word, &r->spf, NULL));
  open_key(l, "policy_override_reasons", '[');
  for (uint32_t i = 0; i < r->reason_count; i++) {
    open_member(l);
    add_text(l, "type", r->reasons[i].type);
    add_text(l, "comment", r->reasons[i].comment);
    close_level(l, '}');
  }
  close_level(l, ']');
  close_level(l, '}');
}

static void add_identifiers(struct layout *l, const struct feedback_record *r) {
  open_key(l, "identifiers", '{');
  add_text(l, "header_from", r->header_from ? r->header_from : "");
  add_text(l, "envelope_from", parsedmarc_envelope_from(r));
  add_text(l, "envelope_to", r->envelope_to);
  close_level(l, '}');
}

/* Results that name no domain are left out. */
static void add_results(struct export *x, const struct feedback_record *r, enum auth_method method) {
  struct layout *l = &x->l;
  bool spf = method == AUTH_SPF;
  open_key(l, spf ? "spf" : "dkim", '[');
  for (uint32_t i = 0; i < r->result_count; i++) {
    const struct auth_result *a = &r->results[i];
    if (a->method != method || !a->domain) continue;
    const char *detail = spf ? a->scope : a->selector;
    open_member(l);
    add_text(l, "domain", a->domain);
    add_text(l, spf ? "scope" : "selector", detail ? detail : spf ? "mfrom" : "none");
    add_text(l, "result", parsedmarc_word(&x->word, &a->result, "none"));
    add_text(l, "human_result", a->human_result);
    close_level(l, '}');
  }
  close_level(l, ']');
}

static void add_part(struct export *x, const struct judged_record *judged, const struct parsedmarc_part *part) {
  struct layout *l = &x->l;
  const struct feedback_record *r = judged->record;
  open_member(l);
  add_source(l, judged);
  add_integer(l, "count", part->count != FEEDBACK_COUNT_UNKNOWN, part->count);
  add_alignment(l, r);
  add_evaluation(x, r);
  add_identifiers(l, r);
  open_key(l, "auth_results", '{');
  add_results(x, r, AUTH_DKIM);
  add_results(x, r, AUTH_SPF);
  close_level(l, '}');
  add_truth(l, "normalized_timespan", x->p.spread && part->count != FEEDBACK_COUNT_UNKNOWN);
  add_time(l, "interval_begin", part->begin_s);
  add_time(l, "interval_end", part->end_s);
  close_level(l, '}');
}

static int write_out(struct export *x, struct err *e) {
  int code = output_write(x->file, strbuf_text(&x->l.out), x->l.out.length, e);
  strbuf_reset(&x->l.out);
  return code;
}

static int on_record(void *user, const struct judged_record *r, struct err *e) {
  struct export *x = user;
  if (x->p.report != r->report->number) begin_report(x, r->report);
  unsigned parts = parsedmarc_split(&x->p, r->record->count);
  for (unsigned i = 0; i < parts; i++) add_part(x, r, &x->p.parts[i]);
  return write_out(x, e);
}

int export_parsedmarc_json(const struct inquiry *q, FILE *file, struct err *e) {
  struct export *x = mem_zalloc(sizeof *x); /* some KiB of days */
  x->file = file;
  open_level(&x->l, '[');
  int code = judged_records_each(q, on_record, x, e);
  end_report(x);
  close_level(&x->l, ']');
  strbuf_add_char(&x->l.out, '\n');
  if (!code) code = write_out(x, e);
  if (!code) code = output_flush(file, e);
  parsedmarc_clear(&x->p);
  strbuf_clear(&x->l.out);
  strbuf_clear(&x->word);
  free(x);
  return code;
}
