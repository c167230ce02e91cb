/* SPDX-License-Identifier: Apache-2.0 */
/* Feeds parsed values to xxHash, each field with its length so that no two contents read the same. */
#include "base/digest.h"

#define XXH_INLINE_ALL
#include <endian.h>
#include <string.h>
#include <xxhash.h>

#include "base/ascii.h"
#include "base/domain.h"

/* xxHash wants 64 bytes aligned, which neither malloc nor a member of another struct promises. */
#define STATE_ALIGNMENT 64
_Static_assert(sizeof(XXH3_state_t) + STATE_ALIGNMENT <= sizeof((struct digest){0}.room),
               "the state and its alignment have room");

static XXH3_state_t *state_of(const struct digest *d) {
  uintptr_t room = (uintptr_t)d->room;
  return (XXH3_state_t *)((room + STATE_ALIGNMENT - 1) & ~(uintptr_t)(STATE_ALIGNMENT - 1));
}

void digest_init(struct digest *d) {
  XXH3_INITSTATE(state_of(d));
  XXH3_128bits_reset(state_of(d));
  d->records[0] = d->records[1] = 0;
}

void digest_bytes(struct digest *d, const void *bytes, size_t size) { XXH3_128bits_update(state_of(d), bytes, size); }

/* Digests are stored: a database means the same on a machine of the other byte order. */
void digest_number(struct digest *d, int64_t n) {
  uint64_t little = htole64((uint64_t)n);
  digest_bytes(d, &little, sizeof little);
}

/* With its NUL, which no text contains; a lone 0x01 is "absent", which XML 1.0 cannot contain. */
void digest_text(struct digest *d, const char *text) {
  if (text)
    digest_bytes(d, text, strlen(text) + 1);
  else
    digest_bytes(d, "\1", 2);
}

static void add_to_sum(struct digest *d, const struct feedback_record *r) {
  struct {
    uint64_t pattern[2], count, source_text, envelope_to;
    struct ip_addr ip;
    uint8_t rest[8 - sizeof(struct ip_addr) % 8]; /* no byte is left to chance */
  } all = {.ip = r->source_ip};
  XXH128_hash_t pattern = XXH3_128bits(r->spelled, r->spelled_bytes);
  all.pattern[0] = htole64(pattern.low64);
  all.pattern[1] = htole64(pattern.high64);
  all.count = htole64((uint64_t)r->count);
  if (r->source_text) all.source_text = htole64(XXH3_64bits(r->source_text, strlen(r->source_text)));
  if (r->envelope_to) all.envelope_to = htole64(XXH3_64bits(r->envelope_to, strlen(r->envelope_to)));
  XXH128_hash_t hash = XXH3_128bits(&all, sizeof all);
  d->records[0] += hash.low64;
  d->records[1] += hash.high64;
}

void digest_record(struct digest *d, const struct feedback_record *r) {
  add_to_sum(d, r);
  digest_bytes(d, r->spelled, r->spelled_bytes);
  digest_bytes(d, &r->source_ip, sizeof r->source_ip); /* one byte of size and 16 of address: no padding */
  if (r->source_text) digest_text(d, r->source_text);
  digest_number(d, r->count);
  digest_text(d, r->envelope_to);
}

/* As digest_text, in lower case. */
static void digest_folded(struct digest *d, const char *text) {
  char folded[128];
  size_t n = 0;
  for (; text && *text; text++) {
    folded[n++] = ascii_lower(*text);
    if (n < sizeof folded - 1) continue;
    digest_bytes(d, folded, n);
    n = 0;
  }
  folded[n] = '\0';
  if (text)
    digest_bytes(d, folded, n + 1);
  else
    digest_text(d, NULL);
}

void digest_reporter(struct digest *d, const struct feedback_header *h) {
  digest_folded(d, h->org_name);
  digest_folded(d, h->email ? domain_of_address(h->email) : NULL);
}

void digest_header(struct digest *d, const struct feedback_header *h) {
  const char *const texts[] = {h->org_name,  h->email,     h->extra_contact_info,
                               h->report_id, h->generator, h->policy_domain,
                               h->p,         h->sp,        h->np,
                               h->adkim,     h->aspf,      h->pct,
                               h->fo,        h->testing,   h->discovery_method};
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) digest_text(d, texts[i]);
  for (uint32_t i = 0; i < h->error_count; i++) digest_text(d, h->errors[i]);
  digest_number(d, h->begin_s);
  digest_number(d, h->end_s);
}

void digest_content(const struct digest *d, const struct feedback_header *h, uint8_t ret[FEEDBACK_DIGEST_BYTES]) {
  const char *const texts[] = {h->policy_domain, h->p,   h->sp, h->np,      h->adkim,
                               h->aspf,          h->pct, h->fo, h->testing, h->discovery_method};
  struct digest content;
  digest_init(&content);
  digest_reporter(&content, h);
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) digest_text(&content, texts[i]);
  digest_number(&content, (int64_t)d->records[0]);
  digest_number(&content, (int64_t)d->records[1]);
  digest_finish(&content, ret);
}

void digest_finish(const struct digest *d, uint8_t ret[FEEDBACK_DIGEST_BYTES]) {
  XXH128_canonical_t canonical;
  XXH128_canonicalFromHash(&canonical, XXH3_128bits_digest(state_of(d)));
  memcpy(ret, canonical.digest, FEEDBACK_DIGEST_BYTES);
}

bool digest_is_none(const uint8_t digest[FEEDBACK_DIGEST_BYTES]) {
  static const uint8_t NONE[FEEDBACK_DIGEST_BYTES];
  return !memcmp(digest, NONE, sizeof NONE);
}
