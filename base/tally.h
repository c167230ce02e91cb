/* SPDX-License-Identifier: Apache-2.0 */
/* Adding records up: what one says to a sum is said here alone, and every engine and every question adds by it. Sums of
 * messages stay at INT64_MAX instead of overflowing. */
#ifndef BASE_TALLY_H
#define BASE_TALLY_H

#include "base/outcome.h"

/* What a judgement adds up of a record or a report that counts `messages`: nothing where that is unknown, and never
 * more than MESSAGES_MOST. No receiver has seen so many of one sender in a day, and the sums of a hundred million
 * records stay far from overflowing, whatever number a stranger wrote. */
#define MESSAGES_MOST (INT64_C(1) << 36)
int64_t countable_messages(int64_t messages);

/* Messages by what became of them. */
struct tally {
  uint64_t records;
  int64_t messages;
  int64_t outcomes[RECORD_OUTCOMES]; /* the receivers' evaluation; what was not evaluated is never counted as pass */
  int64_t dispositions[RECORD_DISPOSITIONS];
  int64_t first_s, last_s; /* earliest begin, latest end of their reports; FEEDBACK_TIME_UNKNOWN where none is known */
};

/* The same of a group of records, and how far their reporters can be taken at their word. */
struct group_tally {
  struct tally mail;
  uint64_t reports;                    /* with such a record */
  uint64_t uncounted;                  /* records whose count could not be read: in no sum of messages */
  int64_t dkim_disagree, spf_disagree; /* messages: evaluation and our recomputed alignment differ, both known */
};

#define TALLY_EMPTY \
  { .first_s = FEEDBACK_TIME_UNKNOWN, .last_s = FEEDBACK_TIME_UNKNOWN }
#define GROUP_TALLY_EMPTY \
  { .mail = TALLY_EMPTY }

/* What of a record decides where its messages are counted: all but their number. */
struct tally_terms {
  uint8_t outcome;                          /* enum outcome */
  uint8_t disposition;                      /* enum disposition */
  bool dkim_disagrees[2], spf_disagrees[2]; /* under relaxed, under strict alignment */
};
struct tally_terms tally_terms_of(const struct feedback_record *record);

/* A report that has a record of the sum: FEEDBACK_TIME_UNKNOWN where unknown. */
void tally_add_period(struct tally *t, int64_t begin_s, int64_t end_s);
/* `records` records with `messages` messages together, which is not negative. */
void tally_add(struct tally *t, const struct tally_terms *terms, uint64_t records, int64_t messages);
int64_t tally_passed(const struct tally *t); /* messages that pass DMARC */

/* Each report once, with the first of its records. */
void group_tally_add_report(struct group_tally *t, int64_t begin_s, int64_t end_s);
/* One record of a report with this alignment; `count` may be FEEDBACK_COUNT_UNKNOWN. */
void group_tally_add_record(struct group_tally *t, const struct tally_terms *terms, bool strict_dkim, bool strict_spf,
                            int64_t count);
/* Two groups that have no report in common become one. */
void group_tally_merge(struct group_tally *t, const struct group_tally *other);

#endif
