/* SPDX-License-Identifier: Apache-2.0 */
/* Identifier alignment (RFC 7489 3.1, RFC 9989 4.4), recomputed from what a report says passed. */
#ifndef BASE_ALIGNMENT_H
#define BASE_ALIGNMENT_H

#include "base/feedback.h"

/* Remembers organizational domains between records, since the same few hundred names come again and again. Belongs to
 * one thread. */
struct organization_cache;
struct organization_cache *organization_cache_new(void);
void organization_cache_free(struct organization_cache *c); /* accepts NULL */

/* Do an identifier and the From: domain belong to one organization? Everybody asks here: relaxed alignment, and whoever
 * wants to know whose a signature is. Both names are normalised domains.
 *
 * The answer is the Public Suffix List's (RFC 7489 3.2) unless `walked` is given: the policy domain of a report whose
 * receiver walked the tree (RFC 9989 4.10, discovery_method treewalk). A walk that began below that domain and ended
 * there found the organizational domain, whatever the list says. Of a walk that began there we know only that the names
 * below it belong to the organization; for names above it we ask the list. A public suffix with a record of its own
 * (psd=y) is nobody's organizational domain. */
bool alignment_same_organization(struct organization_cache *cache, const char *identifier, const char *from,
                                 const char *walked);

/* The policy domain of a report that says treewalk; else NULL. */
static inline const char *alignment_walked(const char *discovery_method, const char *policy_domain) {
  return is_word(discovery_method, "treewalk") ? policy_domain : NULL;
}

/* DMARC uses SPF's MAIL FROM identity. For a null reverse-path that is postmaster@HELO (RFC 7208 2.4), and some
 * reporters then write the scope "helo". So a helo result counts only if the record has no mfrom identity. Does it
 * count in this one? */
bool alignment_helo_counts(const struct feedback_record *record);
static inline bool alignment_is_helo(const struct auth_result *r) {
  return r->method == AUTH_SPF && is_word(r->scope, "helo");
}

/* How close an identifier comes to the From: domain. Both are normalised domains; never ALIGNMENT_UNKNOWN. */
enum alignment alignment_grade(struct organization_cache *cache, const char *identifier, const char *from,
                               const char *walked);

/* Fills dkim_alignment and spf_alignment of a record from its results and header_from; `walked` as above. If results
 * were cut and none that is left is aligned, the alignment is unknown: the aligned one may be among those cut. */
void alignment_grade_record(struct feedback_record *record, struct organization_cache *cache, const char *walked);

/* Is a grade enough, under strict or relaxed alignment? 1 yes, 0 no, -1 unknown. */
static inline int alignment_holds(enum alignment grade, bool strict) {
  if (grade == ALIGNMENT_UNKNOWN) return -1;
  return grade == ALIGNMENT_STRICT || (grade == ALIGNMENT_RELAXED && !strict);
}
/* `mode`: "r", "s", or anything else, NULL too, which means the default: relaxed. */
static inline bool alignment_is_strict(const char *mode) { return is_word(mode, "s"); }

#endif
