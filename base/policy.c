/* SPDX-License-Identifier: Apache-2.0 */
/* The words of the policies. */
#include "base/policy.h"

#include "base/ascii.h"

static const char *const WORDS[] = {
    [POLICY_NONE] = "none", [POLICY_QUARANTINE] = "quarantine", [POLICY_REJECT] = "reject"};

enum policy policy_of(const char *word) {
  for (int p = POLICY_NONE; word && p <= POLICY_REJECT; p++)
    if (ascii_same(word, WORDS[p])) return (enum policy)p;
  return POLICY_UNKNOWN;
}

const char *policy_word(enum policy p) { return WORDS[p]; }
