/* SPDX-License-Identifier: Apache-2.0 */
/* Reads a record's results against the bar for bulk senders. */
#include "analysis/bar.h"

#include "base/alignment.h"
#include "base/outcome.h"

static void read_spf(const struct feedback_record *r, struct bar *b, const char **ret_failed) {
  bool said = false, unchecked = false, helo = alignment_helo_counts(r);
  b->spf = is_word(r->spf.text, "pass"); /* aligned SPF is SPF, also where the result itself is left out */
  *ret_failed = NULL;
  for (uint32_t i = 0; i < r->result_count; i++) {
    const struct auth_result *a = &r->results[i];
    if (a->method != AUTH_SPF || (!helo && alignment_is_helo(a))) continue;
    if (is_word(a->result.text, "pass")) b->spf = true;
    if (!a->result.text || is_word(a->result.text, "none")) continue;
    said = true;
    unchecked |= is_word(a->result.text, "temperror");
    if (!*ret_failed) *ret_failed = a->domain;
  }
  b->unchecked |= !b->spf && unchecked;
  b->misses[MISS_SPF] = !b->spf && said;
  b->misses[MISS_SPF_SAID] = !b->spf && !said;
  if (b->spf) *ret_failed = NULL;
}

static void read_dkim(const struct feedback_record *r, struct bar *b) {
  bool is_signed = false, unchecked = false;
  b->dkim = is_word(r->dkim.text, "pass");
  for (uint32_t i = 0; i < r->result_count; i++) {
    const struct auth_result *a = &r->results[i];
    if (a->method != AUTH_DKIM || is_word(a->result.text, "none")) continue;
    is_signed = true;
    unchecked |= is_word(a->result.text, "temperror");
    if (is_word(a->result.text, "pass")) b->dkim = true;
  }
  b->unchecked |= !b->dkim && unchecked;
  b->misses[MISS_SIGNATURE] = !b->dkim && !is_signed;
  b->misses[MISS_DKIM] = !b->dkim && is_signed;
}

void bar_read(const struct feedback_record *r, struct bar *ret) {
  *ret = (struct bar){.aligned = outcome_passes(record_outcome(r))};
  read_spf(r, ret, &ret->spf_domain);
  read_dkim(r, ret);
  ret->misses[MISS_ALIGNMENT] = !ret->aligned;
}
