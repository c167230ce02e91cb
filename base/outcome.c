/* SPDX-License-Identifier: Apache-2.0 */
/* Reads the words of policy_evaluated. */
#include "base/outcome.h"

static const char *const DISPOSITION_WORDS[RECORD_DISPOSITIONS] = {[DISPOSED_NONE] = "none",
                                                                   [DISPOSED_QUARANTINE] = "quarantine",
                                                                   [DISPOSED_REJECT] = "reject",
                                                                   [DISPOSED_PASS] = "pass",
                                                                   [DISPOSED_OTHER] = "other"};

enum outcome record_outcome(const struct feedback_record *record) {
  if (!record->dkim.text && !record->spf.text) return NOT_EVALUATED;
  bool dkim = is_word(record->dkim.text, "pass"), spf = is_word(record->spf.text, "pass");
  return dkim && spf ? PASSED_BOTH : dkim ? PASSED_DKIM : spf ? PASSED_SPF : PASSED_NEITHER;
}

enum disposition record_disposition(const struct feedback_record *record) {
  for (int i = 0; i < DISPOSED_OTHER; i++)
    if (is_word(record->disposition.text, DISPOSITION_WORDS[i])) return (enum disposition)i;
  return DISPOSED_OTHER;
}

const char *disposition_word(enum disposition d) { return DISPOSITION_WORDS[d]; }
