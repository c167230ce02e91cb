/* SPDX-License-Identifier: Apache-2.0 */
/* Which stored documents are parts of one report, and the sources each of them has. */
#include "import/parts.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/digest.h"

/* Of all parts together: 20 MiB. The largest reports that were seen have some thousand. */
#define MOST_SOURCES 262144

void parts_init(struct report_parts *p) {
  *p = (struct report_parts){0};
  hashmap_init(&p->sources, sizeof(part_bits));
}

void parts_clear(struct report_parts *p) {
  free(p->items);
  hashmap_clear(&p->sources);
}

/* --- sources ------------------------------------------------------------------------------------------------------ */

struct source_key {
  uint8_t bytes[FEEDBACK_DIGEST_BYTES];
};

/* Who sent, as whom and to whom; not how it was judged, which is what a correction changes. */
static struct source_key key_of(const struct feedback_record *r) {
  struct source_key key;
  struct digest d;
  digest_init(&d);
  digest_bytes(&d, &r->source_ip, sizeof r->source_ip); /* one byte of size and 16 of address: no padding */
  digest_text(&d, r->source_text);
  digest_text(&d, r->header_from);
  digest_text(&d, r->envelope_from);
  digest_text(&d, r->envelope_to);
  digest_finish(&d, key.bytes);
  return key;
}

static void put_source(struct report_parts *p, unsigned part, const struct feedback_record *r) {
  const struct source_key key = key_of(r);
  if (p->sources.count >= MOST_SOURCES) p->is_full = true;
  if (!p->is_full) *(part_bits *)hashmap_put(&p->sources, &key, sizeof key, NULL) |= (part_bits)1 << part;
}

void parts_put_sources(struct report_parts *p, unsigned part, struct feedback_record *const *records, uint32_t count) {
  for (uint32_t i = 0; i < count; i++) put_source(p, part, records[i]);
}

/* Of most reports nothing is known, so that their sources need no digest. */
part_bits parts_sharing(const struct report_parts *p, struct feedback_record *const *records, uint32_t count) {
  part_bits sharing = 0;
  if (!p->sources.count) return 0;
  for (uint32_t i = 0; i < count; i++) {
    const struct source_key key = key_of(records[i]);
    const part_bits *bits = hashmap_get(&p->sources, &key, sizeof key);
    if (bits) sharing |= *bits;
  }
  return sharing & ~((part_bits)1 << COMING_PART);
}

static void move_sources(struct report_parts *p, unsigned part, part_bits to) {
  for (uint32_t i = 0; i < p->sources.count; i++) {
    part_bits *bits = hashmap_value_at(&p->sources, i);
    if (!(*bits & (part_bits)1 << part)) continue;
    *bits = (*bits & ~((part_bits)1 << part)) | to;
  }
}

void parts_settle_sources(struct report_parts *p, unsigned part) {
  move_sources(p, COMING_PART, part < MOST_PARTS ? (part_bits)1 << part : 0);
}

void parts_drop(struct report_parts *p, unsigned part) {
  p->items[part].known = (struct store_known){0};
  move_sources(p, part, 0);
}

/* --- parts -------------------------------------------------------------------------------------------------------- */

unsigned parts_put(struct report_parts *p, const struct identity *identity, const struct store_known *known) {
  unsigned at = 0;
  while (at < p->count && memcmp(&p->items[at].identity, identity, sizeof *identity) != 0) at++;
  if (at == MOST_PARTS) {
    p->is_full = true;
    return MOST_PARTS - 1;
  }
  if (at < p->count) {
    parts_drop(p, at);
  } else {
    MEM_GROW(p->items, p->capacity, p->count);
    p->count++;
  }
  p->items[at] = (struct part){*identity, *known};
  return at;
}

struct reading {
  struct report_parts *parts;
  const struct identity *whole;
  uint64_t number; /* of the report that was looked at last */
  int part;        /* that it is; -1: none */
  struct store *store;
};

/* Another reporter may use the same report_id. */
static int find_part(struct reading *r, const struct store_report *report, struct err *e) {
  const struct identity whole = identity_of_report(&report->header, NULL);
  struct store_known known;
  r->number = report->number;
  r->part = -1;
  if (!identity_is_in_header(&report->header) || memcmp(&whole, r->whole, sizeof whole) != 0) return 0;
  int code = store_ask_known(r->store, &report->identity, 1, &known, e);
  if (code < 0) return code;
  if (!known.is_known) return 0;
  const bool is_whole = !memcmp(&report->identity, r->whole, sizeof *r->whole);
  r->part = is_whole ? 0 : (int)parts_put(r->parts, &report->identity, &known);
  return 0;
}

static int on_record(void *user, const struct store_report *report, const struct feedback_record *record,
                     struct err *e) {
  struct reading *r = user;
  int code = report->number != r->number ? find_part(r, report, e) : 0;
  if (!code && r->part >= 0) put_source(r->parts, (unsigned)r->part, record);
  return code;
}

int parts_read(struct report_parts *p, struct store *s, const struct feedback_header *header,
               const struct identity *whole, struct err *e) {
  struct report_filter filter = REPORT_FILTER_ALL;
  struct reading r = {.parts = p, .whole = whole, .part = -1, .store = s};
  struct store_known known;
  int code = store_ask_known(s, whole, 1, &known, e);
  if (code < 0 || !known.is_known) return code;
  parts_put(p, whole, &known);
  if (!identity_is_in_header(header)) return 0;
  filter.policy_domain = header->policy_domain;
  filter.report_id = header->report_id;
  filter.since_s = header->begin_s;
  filter.until_s = header->begin_s + 1;
  return store_each_record(s, &filter, on_record, &r, e);
}
