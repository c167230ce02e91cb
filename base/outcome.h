/* SPDX-License-Identifier: Apache-2.0 */
/* What became of the mail of a record: how the receiver evaluated it (policy_evaluated/dkim and spf) and what it did
 * with it (policy_evaluated/disposition). RFC 7489 Appendix C, RFC 9990. */
#ifndef BASE_OUTCOME_H
#define BASE_OUTCOME_H

#include "base/feedback.h"

/* If a receiver mentions only one mechanism, the other did not pass. If it mentions neither, it evaluated nothing: that
 * is no pass, and no fail either. */
enum outcome { PASSED_BOTH, PASSED_DKIM, PASSED_SPF, PASSED_NEITHER, NOT_EVALUATED };
#define RECORD_OUTCOMES 5

/* DISPOSED_OTHER: a word that the RFCs do not have, or none. */
enum disposition { DISPOSED_NONE, DISPOSED_QUARANTINE, DISPOSED_REJECT, DISPOSED_PASS, DISPOSED_OTHER };
#define RECORD_DISPOSITIONS 5

enum outcome record_outcome(const struct feedback_record *record);
enum disposition record_disposition(const struct feedback_record *record);
const char *disposition_word(enum disposition d); /* "none", "quarantine", "reject", "pass", "other" */

/* Does mail of this outcome pass DMARC, as its receiver evaluated it? */
static inline bool outcome_passes(enum outcome o) { return o <= PASSED_SPF; }

#endif
