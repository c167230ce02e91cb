/* SPDX-License-Identifier: Apache-2.0 */
/* Identifier alignment (RFC 7489 3.1, RFC 9989 4.4), recomputed from what a report says passed. */
#ifndef BASE_ALIGNMENT_H
#define BASE_ALIGNMENT_H

#include "feedback.h"

/* Remembers organizational domains between records: the same few hundred names come again and again. One thread's. */
struct organization_cache;
struct organization_cache *organization_cache_new(void);
void organization_cache_free(struct organization_cache *c); /* accepts NULL */

/* Fills dkim_alignment and spf_alignment of a record from its results and header_from. */
void alignment_grade_record(struct feedback_record *record, struct organization_cache *cache);

/* Is a grade enough under a mode? `mode` is "r", "s" or anything else, which means the default, relaxed.
 * 1 yes, 0 no, -1 unknown. */
static inline int alignment_holds(enum alignment grade, bool strict) {
  if (grade == ALIGNMENT_UNKNOWN) return -1;
  return grade == ALIGNMENT_STRICT || (grade == ALIGNMENT_RELAXED && !strict);
}
static inline bool alignment_is_strict(const char *mode) { return mode && mode[0] == 's' && !mode[1]; }

#endif
