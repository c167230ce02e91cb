/* SPDX-License-Identifier: Apache-2.0 */
/* Charges a mail or a file with what its reports bring. */
#include "import/caps.h"

#define XXH_INLINE_ALL
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "base/mem.h"
#include "base/seed.h"

/* A packed record has ten bytes or more, five where addresses follow each other; in a mail a third is added. What its
 * records say differently is packed to a fiftieth at best. */
static const struct caps OF_FILE = {.records = {.most = UINT64_MAX},
                                    .names = {.most = 2000000},
                                    .text_bytes = {.most = UINT64_C(512) << 20},
                                    .most_reports = 1000000,
                                    .most_domains = 100000};
static const struct caps OF_MAIL = {.of_mails = true,
                                    .records = {.most = 1000000, .free = 25000, .each = 4},
                                    .names = {.most = 200000, .free = 10000, .each = 4},
                                    .text_bytes = {.most = UINT64_C(4) << 20, .free = 256 << 10, .times = 10},
                                    .most_reports = 250,
                                    .most_domains = 100};

/* --- sets --------------------------------------------------------------------------------------------------------- */

#define FIRST_SLOTS 64

static void set_clear(struct caps_set *s) {
  free(s->slots);
  *s = (struct caps_set){0};
}

/* A large one is given back: the next report is mostly small. */
static void set_reset(struct caps_set *s) {
  if (s->size > 64 * FIRST_SLOTS)
    set_clear(s);
  else if (s->count)
    memset(s->slots, 0, s->size * sizeof *s->slots);
  s->count = 0;
}

static size_t place_of(const struct caps_set *s, uint64_t hash) {
  size_t at = hash & (s->size - 1);
  while (s->slots[at] && s->slots[at] != hash) at = (at + 1) & (s->size - 1);
  return at;
}

static bool set_has(const struct caps_set *s, uint64_t hash) { return s->count && s->slots[place_of(s, hash)]; }

static void set_grow(struct caps_set *s) {
  struct caps_set grown = {.size = s->size ? 2 * s->size : FIRST_SLOTS, .count = s->count};
  grown.slots = mem_zalloc(grown.size * sizeof *grown.slots);
  for (size_t i = 0; i < s->size; i++)
    if (s->slots[i]) grown.slots[place_of(&grown, s->slots[i])] = s->slots[i];
  free(s->slots);
  *s = grown;
}

/* False: it was there. */
static bool set_add(struct caps_set *s, uint64_t hash) {
  if (2 * (s->count + 1) > s->size) set_grow(s);
  size_t at = place_of(s, hash);
  if (s->slots[at]) return false;
  s->slots[at] = hash;
  s->count++;
  return true;
}

/* What `from` has is in `into` from now on. */
static void set_move(struct caps_set *into, struct caps_set *from) {
  if (!into->count) {
    const struct caps_set empty = *into;
    *into = *from;
    *from = empty;
  }
  for (size_t i = 0; from->count && i < from->size; i++)
    if (from->slots[i]) set_add(into, from->slots[i]);
}

static uint64_t hash_of(const void *bytes, size_t size) {
  uint64_t hash = XXH3_64bits_withSeed(bytes, size, hash_seed());
  return hash ? hash : 1;
}

/* --- what was brought --------------------------------------------------------------------------------------------- */

static void sum_reset(struct caps_sum *s) {
  set_reset(&s->names);
  set_reset(&s->patterns);
  s->text_bytes = s->records = 0;
}

static void sum_clear(struct caps_sum *s) {
  set_clear(&s->names);
  set_clear(&s->patterns);
}

static void settle(struct caps *c) {
  set_move(&c->settled.names, &c->report.names);
  set_move(&c->settled.patterns, &c->report.patterns);
  c->settled.text_bytes += c->report.text_bytes;
  c->settled.records += c->report.records;
  sum_reset(&c->report);
}

static struct cap cap_of(uint64_t said, struct cap standard) { return said ? (struct cap){.most = said} : standard; }

void caps_init(struct caps *c, const struct import_limits *limits, bool of_mails) {
  *c = of_mails ? OF_MAIL : OF_FILE;
  c->names = cap_of(limits->names, c->names);
  c->text_bytes = cap_of(limits->text_bytes, c->text_bytes);
  if (of_mails) c->records = cap_of(limits->records, c->records);
  if (limits->reports) c->most_reports = limits->reports;
  if (limits->domains) c->most_domains = limits->domains;
}

void caps_clear(struct caps *c) {
  set_clear(&c->domains);
  sum_clear(&c->settled);
  sum_clear(&c->report);
}

void caps_begin(struct caps *c, const struct intake_document *d) {
  sum_reset(&c->report);
  c->unit_bytes = d->unit_bytes;
  if (c->unit == d->unit) return;
  c->unit = d->unit;
  c->reports = 0;
  set_reset(&c->domains);
  sum_reset(&c->settled);
}

static int refuse(const struct caps *c, uint64_t most, const char *of_what, const char *option, struct err *e) {
  return err_set(e, ERR_LIMIT, "its reports have more than %llu %s in one %s (see --%s)", (unsigned long long)most,
                 of_what, c->of_mails ? "mail" : "file", option);
}

/* 0, or how many there may be. */
static uint64_t exceeded(const struct caps *c, const struct cap *cap, uint64_t count) {
  if (count > cap->most) return cap->most;
  if (!(cap->each || cap->times) || count <= cap->free) return 0;
  const uint64_t more = cap->each ? *c->unit_bytes / cap->each : *c->unit_bytes * cap->times;
  return count > cap->free + more ? cap->free + more : 0;
}

static void take_name(struct caps *c, const void *text, size_t size) {
  const uint64_t hash = hash_of(text, size);
  if (!set_has(&c->settled.names, hash)) set_add(&c->report.names, hash);
}

static void take_text(struct caps *c, const char *text) {
  if (text) take_name(c, text, strlen(text));
}

/* Of a text that is kept beside the records, its bytes too. */
static void take_long_text(struct caps *c, const char *text) {
  if (!text) return;
  const uint64_t before = c->report.names.count;
  take_text(c, text);
  if (c->report.names.count > before) c->report.text_bytes += strlen(text);
}

/* What is said for the first time. */
static void take_pattern(struct caps *c, const struct feedback_record *r) {
  const uint64_t hash = hash_of(r->spelled, r->spelled_bytes);
  if (set_has(&c->settled.patterns, hash) || !set_add(&c->report.patterns, hash)) return;
  c->report.text_bytes += r->spelled_bytes;
  take_text(c, r->header_from);
  take_text(c, r->envelope_from);
  for (uint32_t i = 0; i < r->result_count; i++) {
    take_text(c, r->results[i].domain);
    take_text(c, r->results[i].selector);
    take_text(c, r->results[i].human_result);
  }
  for (uint32_t i = 0; i < r->reason_count; i++) take_text(c, r->reasons[i].comment);
}

static int check_sum(const struct caps *c, struct err *e) {
  const struct caps_sum *old = &c->settled, *new = &c->report;
  uint64_t most;
  if ((most = exceeded(c, &c->names, old->names.count + new->names.count)))
    return refuse(c, most, "different names and addresses", "max-names", e);
  if ((most = exceeded(c, &c->text_bytes, old->text_bytes + new->text_bytes)))
    return refuse(c, most, "bytes of different texts", "max-texts", e);
  if ((most = exceeded(c, &c->records, old->records + new->records)))
    return refuse(c, most, "records", "max-records", e);
  return 0;
}

int caps_take_record(struct caps *c, const struct feedback_record *r, struct err *e) {
  c->report.records++;
  if (r->source_ip.size)
    take_name(c, r->source_ip.bytes, r->source_ip.size);
  else
    take_long_text(c, r->source_text);
  take_long_text(c, r->envelope_to);
  take_pattern(c, r);
  return check_sum(c, e);
}

static int check_report(struct caps *c, const struct feedback_header *h, struct err *e) {
  int code = check_sum(c, e);
  if (code < 0) return code;
  if (c->reports >= c->most_reports)
    return err_set(e, ERR_LIMIT, "more than %llu reports in one %s (see --max-reports)",
                   (unsigned long long)c->most_reports, c->of_mails ? "mail" : "file");
  if (!h->policy_domain) return 0;
  const uint64_t domain = hash_of(h->policy_domain, strlen(h->policy_domain));
  if (set_has(&c->domains, domain)) return 0;
  if (c->domains.count >= c->most_domains) return refuse(c, c->most_domains, "policy domains", "max-domains", e);
  set_add(&c->domains, domain);
  return 0;
}

/* Texts that are kept with each report. */
static void take_own_text(struct caps *c, const char *text) {
  if (text) c->report.text_bytes += strlen(text);
}

int caps_take_report(struct caps *c, const struct feedback_header *h, struct err *e) {
  const char *const names[] = {h->schema,    h->org_name,      h->email,   h->extra_contact_info,
                               h->generator, h->policy_domain, h->carrier, h->submitter};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) take_long_text(c, names[i]);
  take_own_text(c, h->report_id);
  take_own_text(c, h->version);
  for (uint32_t i = 0; i < h->error_count; i++) take_own_text(c, h->errors[i]);
  for (uint32_t i = 0; i < h->foreign_count; i++) take_own_text(c, h->foreign[i].uri);
  int code = check_report(c, h, e);
  if (code < 0) return code;
  c->reports++;
  settle(c);
  return 0;
}
