/* SPDX-License-Identifier: Apache-2.0 */
/* Grades how close the passing identifiers of a record come to its header_from. */
#include "alignment.h"

#include <string.h>

#include "domain.h"

static bool passes(const struct auth_result *r) { return r->result.text && !strcmp(r->result.text, "pass"); }

static enum alignment grade_of(const char *domain, const char *from, const char *from_organizational) {
  if (!strcmp(domain, from)) return ALIGNMENT_STRICT;
  return !strcmp(domain_organizational(domain), from_organizational) ? ALIGNMENT_RELAXED : ALIGNMENT_NONE;
}

/* DMARC takes SPF's MAIL FROM identity; for a null reverse-path that is postmaster@HELO (RFC 7208 2.4), which some
 * reporters give the scope "helo". So a helo result counts only where there is no mfrom identity to count. */
static bool helo_counts(const struct feedback_record *record) {
  if (record->envelope_from) return false;
  for (uint32_t i = 0; i < record->result_count; i++) {
    const struct auth_result *r = &record->results[i];
    if (r->method == AUTH_SPF && (!r->scope || strcmp(r->scope, "helo") != 0)) return false;
  }
  return true;
}

void alignment_grade_record(struct feedback_record *record) {
  enum alignment grade[2] = {ALIGNMENT_UNKNOWN, ALIGNMENT_UNKNOWN};
  record->dkim_alignment = record->spf_alignment = ALIGNMENT_UNKNOWN;
  if (!record->header_from) return;
  const char *from = domain_of_address(record->header_from);
  /* A record without any result says nothing of either mechanism; one with some says that the rest did not happen. */
  if (!domain_is_plausible(from) || !record->result_count) return;
  const char *from_organizational = domain_organizational(from);
  grade[AUTH_DKIM] = grade[AUTH_SPF] = ALIGNMENT_NONE;
  bool unnamed[2] = {false, false};
  bool helo = helo_counts(record);
  for (uint32_t i = 0; i < record->result_count; i++) {
    const struct auth_result *r = &record->results[i];
    if (!passes(r)) continue;
    if (r->method == AUTH_SPF && r->scope && !strcmp(r->scope, "helo") && !helo) continue;
    if (!r->domain) {
      unnamed[r->method] = true;
      continue;
    }
    enum alignment g = grade_of(domain_of_address(r->domain), from, from_organizational);
    if (g > grade[r->method]) grade[r->method] = g;
  }
  /* Something passed, but the reporter did not say for whom. */
  for (int m = 0; m < 2; m++)
    if (unnamed[m] && grade[m] == ALIGNMENT_NONE) grade[m] = ALIGNMENT_UNKNOWN;
  record->dkim_alignment = grade[AUTH_DKIM];
  record->spf_alignment = grade[AUTH_SPF];
}
