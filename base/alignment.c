/* SPDX-License-Identifier: Apache-2.0 */
/* Grades how close the passing identifiers of a record come to its header_from. */
#include "base/alignment.h"

#define XXH_INLINE_ALL
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "base/domain.h"
#include "base/mem.h"
#include "base/seed.h"

#define CACHE_SLOTS 4096
#define CACHED_NAME_BYTES 120 /* longer names are looked up each time */

/* A direct-mapped cache: a name that meets another one in its slot takes the place. */
struct organization_cache {
  struct {
    uint8_t size, offset; /* of the name; where its organizational domain begins in it */
    char name[CACHED_NAME_BYTES];
  } slots[CACHE_SLOTS];
};

struct organization_cache *organization_cache_new(void) {
  return mem_zalloc(sizeof(struct organization_cache));
}
void organization_cache_free(struct organization_cache *c) { free(c); }

static const char *organizational(struct organization_cache *c, const char *name) {
  size_t size = strlen(name);
  if (!size || size > CACHED_NAME_BYTES) return domain_organizational(name);
  size_t i = XXH3_64bits_withSeed(name, size, hash_seed()) % CACHE_SLOTS;
  if (c->slots[i].size == size && !memcmp(c->slots[i].name, name, size)) return name + c->slots[i].offset;
  const char *found = domain_organizational(name);
  c->slots[i].size = (uint8_t)size;
  c->slots[i].offset = (uint8_t)(found - name);
  memcpy(c->slots[i].name, name, size);
  return found;
}

bool alignment_same_organization(struct organization_cache *c, const char *identifier, const char *from,
                                 const char *walked) {
  if (!strcmp(identifier, from)) return true;
  if (walked && domain_is_within(from, walked) && !domain_is_public_suffix(walked)) {
    if (domain_is_within(identifier, walked)) return true;
    if (strcmp(from, walked) != 0) return false;
  }
  return !strcmp(organizational(c, identifier), organizational(c, from));
}

enum alignment alignment_grade(struct organization_cache *cache, const char *identifier, const char *from,
                               const char *walked) {
  if (!strcmp(identifier, from)) return ALIGNMENT_STRICT;
  return alignment_same_organization(cache, identifier, from, walked) ? ALIGNMENT_RELAXED : ALIGNMENT_NONE;
}

bool alignment_helo_counts(const struct feedback_record *record) {
  if ((record->envelope_from && *record->envelope_from) || (record->flags & RECORD_SPF_CUT)) return false;
  for (uint32_t i = 0; i < record->result_count; i++)
    if (record->results[i].method == AUTH_SPF && !alignment_is_helo(&record->results[i])) return false;
  return true;
}

void alignment_grade_record(struct feedback_record *record, struct organization_cache *cache, const char *walked) {
  enum alignment grade[2] = {ALIGNMENT_UNKNOWN, ALIGNMENT_UNKNOWN};
  record->dkim_alignment = record->spf_alignment = ALIGNMENT_UNKNOWN;
  if (!record->header_from) return;
  const char *from = domain_of_address(record->header_from);
  /* A record without any result says nothing of either mechanism; one with some says that the rest did not happen. */
  if (!domain_is_plausible(from) || !record->result_count) return;
  grade[AUTH_DKIM] = grade[AUTH_SPF] = ALIGNMENT_NONE;
  bool unnamed[2] = {false, false};
  bool helo = alignment_helo_counts(record);
  for (uint32_t i = 0; i < record->result_count; i++) {
    const struct auth_result *r = &record->results[i];
    if (!is_word(r->result.text, "pass")) continue;
    if (!helo && alignment_is_helo(r)) continue;
    if (!r->domain) {
      unnamed[r->method] = true;
      continue;
    }
    enum alignment g = alignment_grade(cache, domain_of_address(r->domain), from, walked);
    if (g > grade[r->method]) grade[r->method] = g;
  }
  static const uint32_t CUT[] = {[AUTH_DKIM] = RECORD_DKIM_CUT, [AUTH_SPF] = RECORD_SPF_CUT};
  /* Something passed, but the reporter did not say for whom; or it may have, in what was cut. */
  for (int m = 0; m < 2; m++)
    if ((unnamed[m] || (record->flags & CUT[m])) && grade[m] == ALIGNMENT_NONE) grade[m] = ALIGNMENT_UNKNOWN;
  record->dkim_alignment = grade[AUTH_DKIM];
  record->spf_alignment = grade[AUTH_SPF];
}
