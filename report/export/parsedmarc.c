/* SPDX-License-Identifier: Apache-2.0 */
/* The habits of parsedmarc 10.4: its defaults, its abbreviations, its days. */
#include "report/export/parsedmarc.h"

#include <stdlib.h>
#include <string.h>

#include "base/domain.h"

void parsedmarc_clear(struct parsedmarc *p) {
  strbuf_clear(&p->org_name);
  strbuf_clear(&p->report_id);
}

const char *parsedmarc_time(int64_t s, char buffer[UTC_TEXT_BYTES]) {
  static const char LAYOUT[] = "2025-03-01T00:00:00Z"; /* years of four digits: no others are imported */
  if (s == FEEDBACK_TIME_UNKNOWN || strlen(utc_format(s, buffer)) != sizeof LAYOUT - 1) return NULL;
  buffer[strlen("2025-03-01")] = ' ';
  buffer[sizeof LAYOUT - 2] = '\0';
  return buffer;
}

/* --- a report ----------------------------------------------------------------------------------------------------- */

/* What may be a domain becomes the organizational one: "mx.google.com" and "google.com" are one reporter. */
static void set_org_name(struct strbuf *out, const char *name) {
  strbuf_reset(out);
  if (!name) return;
  strbuf_add_text(out, name);
  if (strchr(name, ' ') || !strchr(name, '.')) return;
  domain_normalise(out->data);
  const char *organization = domain_organizational(out->data);
  memmove(out->data, organization, strlen(organization) + 1);
  out->length = strlen(out->data);
}

/* Without its brackets, and of what looks like a Message-ID the part in front of the "@". */
static void set_report_id(struct strbuf *out, const char *id) {
  strbuf_reset(out);
  for (; id && *id && *id != '@'; id++)
    if (*id != '<' && *id != '>') strbuf_add_char(out, *id);
}

#define LAST_S INT64_C(253402300799) /* 9999-12-31: nothing later is imported; a damaged database may hold it */

/* The days that [begin, end) touches, cut to it. Unknown times are negative. */
static void set_days(struct parsedmarc *p) {
  int64_t begin = p->begin_s, end = p->end_s;
  p->spread = false;
  p->day_count = 0;
  if (begin < 0 || begin > end || end > LAST_S || end - begin <= UTC_DAY_S) return;
  if ((end - 1 - utc_day_begin(begin)) / UTC_DAY_S >= PARSEDMARC_MOST_DAYS) return;
  p->spread = true;
  for (int64_t at = begin; at < end; at = p->days[p->day_count++].end_s) {
    int64_t next = utc_day_begin(at) + UTC_DAY_S;
    p->days[p->day_count] = (struct parsedmarc_part){.begin_s = at, .end_s = next < end ? next : end};
  }
}

void parsedmarc_set_report(struct parsedmarc *p, const struct store_report *report) {
  const struct feedback_header *h = &report->header;
  p->report = report->number;
  p->begin_s = h->begin_s;
  p->end_s = h->end_s;
  p->schema = h->version ? h->version : "draft";
  p->adkim = h->adkim ? h->adkim : "r";
  p->aspf = h->aspf ? h->aspf : "r";
  p->sp = h->sp ? h->sp : h->p;
  set_org_name(&p->org_name, h->org_name);
  set_report_id(&p->report_id, h->report_id);
  set_days(p);
}

/* --- its days ----------------------------------------------------------------------------------------------------- */

static int by_fraction(const void *a, const void *b) {
  const struct parsedmarc_part *x = *(const struct parsedmarc_part *const *)a;
  const struct parsedmarc_part *y = *(const struct parsedmarc_part *const *)b;
  if (x->fraction != y->fraction) return x->fraction < y->fraction ? 1 : -1;
  return x->begin_s < y->begin_s ? -1 : 1;
}

/* By largest remainder: each day gets the whole messages of its share of the time, and those left over go to the days
 * with the largest fractions. Doubles in this order of operations, so that ties fall as they do there. */
static void share_out(struct parsedmarc *p, int64_t count) {
  double span = (double)(p->end_s - p->begin_s);
  struct parsedmarc_part *ranked[PARSEDMARC_MOST_DAYS];
  int64_t left = count;
  for (unsigned i = 0; i < p->day_count; i++) {
    struct parsedmarc_part *day = &p->days[i];
    double exact = (double)(day->end_s - day->begin_s) / span * (double)count;
    day->count = (int64_t)exact;
    day->fraction = exact - (double)day->count;
    left -= day->count;
    ranked[i] = day;
  }
  qsort(ranked, p->day_count, sizeof *ranked, by_fraction);
  for (unsigned i = 0; i < p->day_count && left > 0; i++, left--) ranked[i]->count++;
}

unsigned parsedmarc_split(struct parsedmarc *p, int64_t count) {
  unsigned parts = 0;
  if (!p->spread || count == FEEDBACK_COUNT_UNKNOWN) {
    p->parts[0] = (struct parsedmarc_part){.begin_s = p->begin_s, .end_s = p->end_s, .count = count};
    return 1;
  }
  share_out(p, count);
  for (unsigned i = 0; i < p->day_count; i++)
    if (p->days[i].count) p->parts[parts++] = p->days[i];
  return parts;
}

/* --- a record ----------------------------------------------------------------------------------------------------- */

const char *parsedmarc_word(struct strbuf *buffer, const struct word *w, const char *missing) {
  const char *text = w->raw ? w->raw : w->text;
  if (!text) return missing;
  strbuf_reset(buffer);
  for (; *text; text++) strbuf_add_char(buffer, *text >= 'A' && *text <= 'Z' ? (char)(*text + 32) : *text);
  return strbuf_text(buffer);
}

const char *parsedmarc_envelope_from(const struct feedback_record *r) {
  if (r->envelope_from && *r->envelope_from) return r->envelope_from;
  if (!r->result_count) return NULL;
  const struct auth_result *last = &r->results[r->result_count - 1]; /* SPF comes last */
  return last->method == AUTH_SPF ? last->domain : NULL;
}

/* A service that the mail names goes before the name of its address; both hold for the stream. */
struct parsedmarc_source parsedmarc_source_of(const struct stream *s) {
  struct parsedmarc_source ret = {0};
  if (!s) return ret;
  const struct origin *o = &s->origin;
  ret.country = *o->country ? o->country : NULL;
  ret.reverse_dns = o->ptr;
  ret.base_domain = o->ptr ? domain_organizational(o->ptr) : NULL;
  ret.name = s->service ? s->service->name : NULL;
  ret.type = s->service && *s->service->kind ? s->service->kind : NULL;
  ret.asn = o->asn;
  ret.as_name = o->organization;
  return ret;
}
