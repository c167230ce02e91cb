/* SPDX-License-Identifier: Apache-2.0 */
/* One table a vocabulary: what may stand in a report, and the word it means. */
#include "base/vocabulary.h"

#include <string.h>

#include "base/ascii.h"

struct spelling {
  const char *spelled; /* as reports have it, any case */
  const char *word;    /* the RFC's word; NULL: the same as spelled */
};

static const struct spelling POLICY[] = {{"none", NULL}, {"quarantine", NULL}, {"reject", NULL}, {NULL, NULL}};
static const struct spelling DISPOSITION[] = {
    {"none", NULL}, {"quarantine", NULL}, {"reject", NULL}, {"pass", NULL}, {NULL, NULL}};
/* RFC 7489 allows pass and fail only; some reporters write the mechanism's own result. What is not a pass fails. */
static const struct spelling EVALUATION[] = {{"pass", NULL},        {"fail", NULL},      {"none", "fail"},
                                             {"softfail", "fail"},  {"neutral", "fail"}, {"temperror", "fail"},
                                             {"permerror", "fail"}, {"policy", "fail"},  {"hardfail", "fail"},
                                             {"error", "fail"},     {NULL, NULL}};
static const struct spelling ALIGNMENT[] = {{"r", NULL}, {"s", NULL}, {"relaxed", "r"}, {"strict", "s"}, {NULL, NULL}};
/* RFC 7489 Appendix C itself notes that "unknown" and "error" are common for temperror and permerror. "invalid" is what
 * Mail::DKIM calls a signature that cannot be verified for good. */
static const struct spelling DKIM_RESULT[] = {
    {"pass", NULL},           {"fail", NULL},           {"none", NULL},       {"neutral", NULL},
    {"policy", NULL},         {"temperror", NULL},      {"permerror", NULL},  {"error", "permerror"},
    {"unknown", "temperror"}, {"invalid", "permerror"}, {"hardfail", "fail"}, {NULL, NULL}};
static const struct spelling SPF_RESULT[] = {{"pass", NULL},           {"fail", NULL},       {"softfail", NULL},
                                             {"none", NULL},           {"neutral", NULL},    {"temperror", NULL},
                                             {"permerror", NULL},      {"hardfail", "fail"}, {"error", "permerror"},
                                             {"unknown", "temperror"}, {"policy", NULL},     {NULL, NULL}};
static const struct spelling SPF_SCOPE[] = {{"mfrom", NULL}, {"helo", NULL}, {"mailfrom", "mfrom"}, {NULL, NULL}};
static const struct spelling REASON[] = {
    {"forwarded", NULL},    {"sampled_out", NULL}, {"trusted_forwarder", NULL}, {"mailing_list", NULL},
    {"local_policy", NULL}, {"other", NULL},       {"policy_test_mode", NULL},  {NULL, NULL}};
static const struct spelling DISCOVERY[] = {{"psl", NULL}, {"treewalk", NULL}, {NULL, NULL}};
static const struct spelling TESTING[] = {{"n", NULL}, {"y", NULL}, {NULL, NULL}};

static const struct spelling *const VOCABULARIES[] = {
    [VOCABULARY_POLICY] = POLICY,       [VOCABULARY_DISPOSITION] = DISPOSITION, [VOCABULARY_EVALUATION] = EVALUATION,
    [VOCABULARY_ALIGNMENT] = ALIGNMENT, [VOCABULARY_DKIM_RESULT] = DKIM_RESULT, [VOCABULARY_SPF_RESULT] = SPF_RESULT,
    [VOCABULARY_SPF_SCOPE] = SPF_SCOPE, [VOCABULARY_REASON] = REASON,           [VOCABULARY_DISCOVERY] = DISCOVERY,
    [VOCABULARY_TESTING] = TESTING,
};

struct word vocabulary_word(enum vocabulary v, const char *raw) {
  if (!raw || !*raw) return (struct word){0};
  for (const struct spelling *s = VOCABULARIES[v]; s->spelled; s++) {
    if ((raw[0] | 0x20) != s->spelled[0] || !ascii_same(raw, s->spelled)) continue;
    if (s->word) return (struct word){s->word, raw};
    return (struct word){s->spelled, NULL};
  }
  /* A result word that nobody defined is no pass and no fail: where the evaluation is asked for, unknown stays unknown.
   */
  if (v == VOCABULARY_EVALUATION) return (struct word){NULL, raw};
  return (struct word){raw, NULL};
}
