/* SPDX-License-Identifier: Apache-2.0 */
/* parsedmarc's aggregate CSV as a table: one row a record, lists joined, everything text as Python prints it. */
#include <stdlib.h>

#include "base/cleanup.h"
#include "report/export/export.h"
#include "report/export/parsedmarc.h"

#define TEXT(name) \
  { name, NULL, COLUMN_TEXT, 0 }

/* clang-format off */
enum {
  XML_SCHEMA, ORG_NAME, ORG_EMAIL, ORG_EXTRA_CONTACT_INFO, REPORT_ID, BEGIN_DATE, END_DATE,
  NORMALIZED_TIMESPAN, ERRORS, DOMAIN, ADKIM, ASPF, P, SP, NP, PCT, FO, TESTING, DISCOVERY_METHOD,
  SOURCE_IP_ADDRESS, SOURCE_COUNTRY, SOURCE_REVERSE_DNS, SOURCE_BASE_DOMAIN, SOURCE_NAME, SOURCE_TYPE,
  SOURCE_ASN, SOURCE_AS_NAME, SOURCE_AS_DOMAIN, COUNT, SPF_ALIGNED, DKIM_ALIGNED, DMARC_ALIGNED, DISPOSITION,
  POLICY_OVERRIDE_REASONS, POLICY_OVERRIDE_COMMENTS, ENVELOPE_FROM, HEADER_FROM, ENVELOPE_TO, DKIM_DOMAINS,
  DKIM_SELECTORS, DKIM_RESULTS, SPF_DOMAINS, SPF_SCOPES, SPF_RESULTS, COLUMNS_OF_PARSEDMARC
};

static const struct column COLUMNS[COLUMNS_OF_PARSEDMARC] = {
    TEXT("xml_schema"), TEXT("org_name"), TEXT("org_email"), TEXT("org_extra_contact_info"), TEXT("report_id"),
    TEXT("begin_date"), TEXT("end_date"), TEXT("normalized_timespan"), TEXT("errors"), TEXT("domain"), TEXT("adkim"),
    TEXT("aspf"), TEXT("p"), TEXT("sp"), TEXT("np"), TEXT("pct"), TEXT("fo"), TEXT("testing"), TEXT("discovery_method"),
    TEXT("source_ip_address"), TEXT("source_country"), TEXT("source_reverse_dns"), TEXT("source_base_domain"),
    TEXT("source_name"), TEXT("source_type"), TEXT("source_asn"), TEXT("source_as_name"), TEXT("source_as_domain"),
    {"count", NULL, COLUMN_COUNT, 0}, TEXT("spf_aligned"), TEXT("dkim_aligned"), TEXT("dmarc_aligned"),
    TEXT("disposition"), TEXT("policy_override_reasons"), TEXT("policy_override_comments"), TEXT("envelope_from"),
    TEXT("header_from"), TEXT("envelope_to"), TEXT("dkim_domains"), TEXT("dkim_selectors"), TEXT("dkim_results"),
    TEXT("spf_domains"), TEXT("spf_scopes"), TEXT("spf_results"),
};
/* clang-format on */

static const struct table TABLE = {"dmarcctl.parsedmarc", 1, NULL, NULL, COLUMNS, COLUMNS_OF_PARSEDMARC};

struct export {
  struct table_sink *sink;
  struct parsedmarc p;
  struct cell cells[COLUMNS_OF_PARSEDMARC];
  struct strbuf errors, word, reasons, comments, asn;
  struct strbuf lists[2][3]; /* of DKIM and SPF: domains, selectors or scopes, results */
};

static void export_clear(struct export *x) {
  parsedmarc_clear(&x->p);
  strbuf_clear(&x->errors);
  strbuf_clear(&x->word);
  strbuf_clear(&x->reasons);
  strbuf_clear(&x->comments);
  strbuf_clear(&x->asn);
  for (unsigned i = 0; i < 6; i++) strbuf_clear(&x->lists[i / 3][i % 3]);
}

static struct cell truth(bool yes) { return cell_text(yes ? "True" : "False"); }

static void join(struct strbuf *list, bool first, char separator, const char *text) {
  if (!first) strbuf_add_char(list, separator);
  strbuf_add_text(list, text);
}

static void set_report(struct export *x, const struct store_report *r) {
  const struct feedback_header *h = &r->header;
  struct cell *c = x->cells;
  parsedmarc_set_report(&x->p, r);
  strbuf_reset(&x->errors);
  for (uint32_t i = 0; i < h->error_count; i++) join(&x->errors, !i, '|', h->errors[i]);
  c[XML_SCHEMA] = cell_text(x->p.schema);
  c[ORG_NAME] = cell_text(strbuf_text(&x->p.org_name));
  c[ORG_EMAIL] = cell_text(h->email);
  c[ORG_EXTRA_CONTACT_INFO] = cell_text(h->extra_contact_info);
  c[REPORT_ID] = cell_text(strbuf_text(&x->p.report_id));
  c[NORMALIZED_TIMESPAN] = truth(x->p.spread);
  c[ERRORS] = cell_text(strbuf_text(&x->errors));
  c[DOMAIN] = cell_text(h->policy_domain);
  c[ADKIM] = cell_text(x->p.adkim);
  c[ASPF] = cell_text(x->p.aspf);
  c[P] = cell_text(h->p);
  c[SP] = cell_text(x->p.sp);
  c[NP] = cell_text(h->np);
  c[PCT] = cell_text(h->pct);
  c[FO] = cell_text(h->fo);
  c[TESTING] = cell_text(h->testing);
  c[DISCOVERY_METHOD] = cell_text(h->discovery_method);
  if (!x->sink->hold) return;
  x->sink->hold(x->sink, XML_SCHEMA, REPORT_ID - XML_SCHEMA + 1, c);
  x->sink->hold(x->sink, NORMALIZED_TIMESPAN, DISCOVERY_METHOD - NORMALIZED_TIMESPAN + 1, c);
}

static void set_reasons(struct export *x, const struct feedback_record *r) {
  strbuf_reset(&x->reasons);
  strbuf_reset(&x->comments);
  for (uint32_t i = 0; i < r->reason_count; i++) {
    const struct override_reason *reason = &r->reasons[i];
    join(&x->reasons, !i, ',', reason->type ? reason->type : "none");
    join(&x->comments, !i, '|', reason->comment ? reason->comment : "none");
  }
  x->cells[POLICY_OVERRIDE_REASONS] = cell_text(strbuf_text(&x->reasons));
  x->cells[POLICY_OVERRIDE_COMMENTS] = cell_text(strbuf_text(&x->comments));
}

/* Results that name no domain are left out. */
static void set_results(struct export *x, const struct feedback_record *r) {
  bool first[2] = {true, true};
  for (unsigned i = 0; i < 6; i++) strbuf_reset(&x->lists[i / 3][i % 3]);
  for (uint32_t i = 0; i < r->result_count; i++) {
    const struct auth_result *a = &r->results[i];
    bool spf = a->method == AUTH_SPF;
    if (!a->domain) continue;
    const struct word domain = {a->domain, NULL}, detail = {spf ? a->scope : a->selector, NULL};
    join(&x->lists[spf][0], first[spf], ',', parsedmarc_word(&x->word, &domain, NULL));
    join(&x->lists[spf][1], first[spf], ',', parsedmarc_word(&x->word, &detail, spf ? "mfrom" : "none"));
    join(&x->lists[spf][2], first[spf], ',', parsedmarc_word(&x->word, &a->result, "none"));
    first[spf] = false;
  }
  for (unsigned i = 0; i < 6; i++) x->cells[DKIM_DOMAINS + i] = cell_text(strbuf_text(&x->lists[i / 3][i % 3]));
}

static int push_parts(struct export *x, int64_t count, struct err *e) {
  char begin[UTC_TEXT_BYTES], end[UTC_TEXT_BYTES];
  unsigned parts = parsedmarc_split(&x->p, count);
  for (unsigned i = 0; i < parts; i++) {
    const struct parsedmarc_part *part = &x->p.parts[i];
    x->cells[BEGIN_DATE] = cell_text(parsedmarc_time(part->begin_s, begin));
    x->cells[END_DATE] = cell_text(parsedmarc_time(part->end_s, end));
    x->cells[COUNT] = part->count == FEEDBACK_COUNT_UNKNOWN ? cell_absent() : cell_count(part->count);
    int code = x->sink->row(x->sink, x->cells, e);
    if (code < 0) return code;
  }
  return 0;
}

static void set_source(struct export *x, const struct stream *stream) {
  const struct parsedmarc_source s = parsedmarc_source_of(stream);
  struct cell *c = x->cells;
  strbuf_reset(&x->asn);
  if (s.asn) strbuf_printf(&x->asn, "%u", s.asn);
  c[SOURCE_COUNTRY] = cell_text(s.country);
  c[SOURCE_REVERSE_DNS] = cell_text(s.reverse_dns);
  c[SOURCE_BASE_DOMAIN] = cell_text(s.base_domain);
  c[SOURCE_NAME] = cell_text(s.name);
  c[SOURCE_TYPE] = cell_text(s.type);
  c[SOURCE_ASN] = cell_text(s.asn ? strbuf_text(&x->asn) : NULL);
  c[SOURCE_AS_NAME] = cell_text(s.as_name);
}

static int on_record(void *user, const struct judged_record *judged, struct err *e) {
  struct export *x = user;
  const struct store_report *report = judged->report;
  const struct feedback_record *r = judged->record;
  char source[IP_TEXT_BYTES];
  struct cell *c = x->cells;
  bool dkim = parsedmarc_passes(&r->dkim), spf = parsedmarc_passes(&r->spf);
  if (x->p.report != report->number) set_report(x, report);
  set_reasons(x, r);
  set_results(x, r);
  set_source(x, judged->stream);
  c[SOURCE_IP_ADDRESS] = cell_text(r->source_ip.size ? ip_format(&r->source_ip, source) : r->source_text);
  c[SPF_ALIGNED] = truth(spf);
  c[DKIM_ALIGNED] = truth(dkim);
  c[DMARC_ALIGNED] = truth(spf || dkim);
  c[DISPOSITION] = cell_text(parsedmarc_word(&x->word, &r->disposition, "none"));
  c[ENVELOPE_FROM] = cell_text(parsedmarc_envelope_from(r));
  c[HEADER_FROM] = cell_text(r->header_from);
  c[ENVELOPE_TO] = cell_text(r->envelope_to);
  return push_parts(x, r->count, e);
}

int export_parsedmarc_rows(const struct inquiry *q, struct table_sink *sink, struct err *e) {
  struct export *x = mem_zalloc(sizeof *x); /* some KiB of days */
  x->sink = sink;
  int code = sink->begin(sink, &TABLE, e);
  if (!code) code = judged_records_each(q, on_record, x, e);
  if (!code) code = sink->end(sink, e);
  export_clear(x);
  free(x);
  return code;
}
