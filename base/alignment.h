/* SPDX-License-Identifier: Apache-2.0 */
/* Identifier alignment (RFC 7489 3.1, RFC 9989 4.4), recomputed from what a report says passed. */
#ifndef BASE_ALIGNMENT_H
#define BASE_ALIGNMENT_H

#include "base/feedback.h"

/* Remembers organizational domains between records: the same few hundred names come again and again. One thread's. */
struct organization_cache;
struct organization_cache *organization_cache_new(void);
void organization_cache_free(struct organization_cache *c); /* accepts NULL */

/* Do an identifier and the From: domain belong to one organization? The one place that decides it: relaxed alignment
 * here, whose signature it is elsewhere. By the Public Suffix List (RFC 7489 3.2), unless `walked` is given: the policy
 * domain of a report whose receiver walked the tree (RFC 9989 4.10, discovery_method treewalk). A walk that began below
 * that domain and ended there found the organizational domain, whatever the list says; of one that began there, the
 * names below are known to be of the organization, and for those above the list has to do. A public suffix with a
 * record of its own (psd=y) is nobody's organizational domain. Names are normalised domains. */
bool alignment_same_organization(struct organization_cache *cache, const char *identifier, const char *from,
                                 const char *walked);

/* Where a report says treewalk, its policy domain; else NULL. */
static inline const char *alignment_walked(const char *discovery_method, const char *policy_domain) {
  return is_word(discovery_method, "treewalk") ? policy_domain : NULL;
}

/* DMARC takes SPF's MAIL FROM identity; for a null reverse-path that is postmaster@HELO (RFC 7208 2.4), which some
 * reporters give the scope "helo". So a helo result counts only where there is no mfrom identity to count: does it in
 * this record? */
bool alignment_helo_counts(const struct feedback_record *record);
static inline bool alignment_is_helo(const struct auth_result *r) {
  return r->method == AUTH_SPF && is_word(r->scope, "helo");
}

/* How close an identity comes to the From: domain, both names of normalised domains; never unknown. */
enum alignment alignment_grade(struct organization_cache *cache, const char *identifier, const char *from,
                               const char *walked);

/* Fills dkim_alignment and spf_alignment of a record from its results and header_from. `walked` as above. What is not
 * aligned by the results that are there is unknown where results were cut: the one that is may be among them. */
void alignment_grade_record(struct feedback_record *record, struct organization_cache *cache, const char *walked);

/* Is a grade enough under a mode? `mode` is "r", "s" or anything else, which means the default, relaxed.
 * 1 yes, 0 no, -1 unknown. */
static inline int alignment_holds(enum alignment grade, bool strict) {
  if (grade == ALIGNMENT_UNKNOWN) return -1;
  return grade == ALIGNMENT_STRICT || (grade == ALIGNMENT_RELAXED && !strict);
}
static inline bool alignment_is_strict(const char *mode) { return is_word(mode, "s"); }

#endif
