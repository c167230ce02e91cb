/* SPDX-License-Identifier: Apache-2.0 */
/* The fixed vocabularies of RFC 7489 Appendix C and RFC 9990, and how real reporters misspell them. */
#ifndef BASE_VOCABULARY_H
#define BASE_VOCABULARY_H

#include <stdbool.h>

#include "base/feedback.h"

enum vocabulary {
  VOCABULARY_POLICY,      /* p, sp, np: none quarantine reject */
  VOCABULARY_DISPOSITION, /* the same and pass */
  VOCABULARY_EVALUATION,  /* policy_evaluated dkim, spf: pass fail; another result word means fail */
  VOCABULARY_ALIGNMENT,   /* adkim, aspf: r s */
  VOCABULARY_DKIM_RESULT, /* none pass fail policy neutral temperror permerror */
  VOCABULARY_SPF_RESULT,  /* none neutral pass fail softfail temperror permerror policy */
  VOCABULARY_SPF_SCOPE,   /* helo mfrom */
  VOCABULARY_REASON,      /* override types of both RFCs */
  VOCABULARY_DISCOVERY,   /* psl treewalk */
  VOCABULARY_TESTING,     /* y n */
};

/* The word that a trimmed text stands for; the absent word for NULL and "". A text that is no word and no known
 * spelling of one stays as it is. The result may point to `raw`, which must live as long. */
struct word vocabulary_word(enum vocabulary v, const char *raw);

#endif
