/* SPDX-License-Identifier: Apache-2.0 */
/* What a pattern of records (all of a record but its source and count) says about a policy domain. Worked out once a
 * pattern, however many records have it. Private to verdict/. */
#ifndef VERDICT_PATTERN_H
#define VERDICT_PATTERN_H

#include "verdict/stream.h"

#define MOST_SELECTORS 8 /* own signatures of one record that are looked at */

/* What a pattern says about a policy domain. */
struct pattern_facts {
  struct tally_terms terms;
  struct stream_mark mark;
  bool counted; /* the tallies' filter admits it, whatever its source */
  bool evaluated, passes, dkim_passes;
  bool spf_own_passed, spf_own_failed, spf_own_refused, spf_own_silent, forwarded, unproven, permerror;
  enum alignment unchecked[2];        /* of DKIM and SPF: how close the best identity comes that ended in a temperror */
  bool contradicted[ALIGNMENT_MODES]; /* it fails as evaluated, and passes by the results */
  bool signature_fails;               /* the owner's is there and does not verify: not for the receiver's own trouble */
  struct interned identity;
  bool identity_signs; /* by DKIM */
  const char *evidence;
  const struct sender_service *service;
  uint32_t selectors[MOST_SELECTORS];
  bool selector_passed[MOST_SELECTORS];
  uint32_t selector_count;
};

/* In the history's arena. `walked`: alignment_walked of the pattern's reports. `counted` is the caller's to set. */
struct pattern_facts *pattern_read(struct history *h, const struct sender_catalogue *catalogue,
                                   const struct feedback_record *pattern, const char *walked);
/* It does not pass, but an identity that would align under an alignment_mode ended in a temperror: the receiver could
 * not tell (RFC 9989 5.3.6). */
bool pattern_is_unchecked(const struct pattern_facts *f, unsigned mode);
/* Why mail of a pattern neither passes nor fails. */
struct missing_verdict {
  bool any;          /* for one of the reasons: unchecked, contradicted or unevaluated of struct stream_day */
  bool is_unchecked; /* the receiver could not look it up */
};
/* By alignment_mode. */
void pattern_without_verdict(const struct history *h, const struct feedback_record *pattern, const char *walked,
                             struct missing_verdict ret[ALIGNMENT_MODES]);
/* What the receiver evaluated and what we recompute of its results differ, of either mechanism. */
bool pattern_disagrees(const struct pattern_facts *f, unsigned mode);

#endif
