/* SPDX-License-Identifier: Apache-2.0 */
/* Sums of records. */
#include "base/tally.h"

#include "base/alignment.h"

static void add(int64_t *sum, int64_t count) {
  if (__builtin_add_overflow(*sum, count, sum)) *sum = INT64_MAX;
}

int64_t countable_messages(int64_t messages) {
  if (messages < 0) return 0;
  return messages < MESSAGES_MOST ? messages : MESSAGES_MOST;
}

static bool disagrees(const char *evaluated, enum alignment grade, bool strict) {
  int ours = alignment_holds(grade, strict);
  return evaluated && ours >= 0 && is_word(evaluated, "pass") != ours;
}

struct tally_terms tally_terms_of(const struct feedback_record *record) {
  struct tally_terms terms = {.outcome = (uint8_t)record_outcome(record),
                              .disposition = (uint8_t)record_disposition(record)};
  for (int strict = 0; strict < 2; strict++) {
    terms.dkim_disagrees[strict] = disagrees(record->dkim.text, record->dkim_alignment, strict);
    terms.spf_disagrees[strict] = disagrees(record->spf.text, record->spf_alignment, strict);
  }
  return terms;
}

void tally_add_period(struct tally *t, int64_t begin_s, int64_t end_s) {
  if (begin_s != FEEDBACK_TIME_UNKNOWN && (t->first_s == FEEDBACK_TIME_UNKNOWN || begin_s < t->first_s))
    t->first_s = begin_s;
  if (end_s > t->last_s) t->last_s = end_s; /* unknown is the least of all */
}

void tally_add(struct tally *t, const struct tally_terms *terms, uint64_t records, int64_t messages) {
  t->records += records;
  add(&t->messages, messages);
  add(&t->outcomes[terms->outcome], messages);
  add(&t->dispositions[terms->disposition], messages);
}

int64_t tally_passed(const struct tally *t) {
  int64_t passed = 0;
  for (enum outcome o = 0; o < RECORD_OUTCOMES; o++)
    if (outcome_passes(o)) add(&passed, t->outcomes[o]);
  return passed;
}

int64_t tally_evaluated(const struct tally *t) { return t->messages - t->outcomes[NOT_EVALUATED]; }

void group_tally_add_report(struct group_tally *t, int64_t begin_s, int64_t end_s) {
  t->reports++;
  tally_add_period(&t->mail, begin_s, end_s);
}

void group_tally_add_record(struct group_tally *t, const struct tally_terms *terms, bool strict_dkim, bool strict_spf,
                            int64_t count) {
  if (count < 0) {
    t->mail.records++;
    t->uncounted++;
    return;
  }
  tally_add(&t->mail, terms, 1, count);
  if (terms->dkim_disagrees[strict_dkim]) add(&t->dkim_disagree, count);
  if (terms->spf_disagrees[strict_spf]) add(&t->spf_disagree, count);
}

void group_tally_merge(struct group_tally *t, const struct group_tally *other) {
  t->mail.records += other->mail.records;
  add(&t->mail.messages, other->mail.messages);
  for (int i = 0; i < RECORD_OUTCOMES; i++) add(&t->mail.outcomes[i], other->mail.outcomes[i]);
  for (int i = 0; i < RECORD_DISPOSITIONS; i++) add(&t->mail.dispositions[i], other->mail.dispositions[i]);
  tally_add_period(&t->mail, other->mail.first_s, other->mail.last_s);
  t->reports += other->reports;
  t->uncounted += other->uncounted;
  add(&t->dkim_disagree, other->dkim_disagree);
  add(&t->spf_disagree, other->spf_disagree);
}
