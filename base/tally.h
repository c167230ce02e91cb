/* SPDX-License-Identifier: Apache-2.0 */
/* Adding records up. What a record adds to a sum is defined here, for every engine and every question. Sums of messages
 * stop at INT64_MAX instead of overflowing. */
#ifndef BASE_TALLY_H
#define BASE_TALLY_H

#include "base/outcome.h"

/* How many messages a judgement takes a record or a report for: 0 if `messages` is unknown, and never more than
 * MESSAGES_MOST. No receiver sees so many from one sender in a day, and the sum of a hundred million records cannot
 * overflow, whatever number a stranger wrote. */
#define MESSAGES_MOST (INT64_C(1) << 36)
int64_t countable_messages(int64_t messages);

/* Messages by what became of them. */
struct tally {
  uint64_t records;
  int64_t messages;
  int64_t outcomes[RECORD_OUTCOMES]; /* by the receivers' evaluation; NOT_EVALUATED never counts as a pass */
  int64_t dispositions[RECORD_DISPOSITIONS];
  int64_t first_s, last_s; /* earliest begin and latest end of their reports; FEEDBACK_TIME_UNKNOWN: none is known */
};

/* The same for a group of records, and how far their reporters can be taken at their word. */
struct group_tally {
  struct tally mail;
  uint64_t reports;                    /* with such a record */
  uint64_t uncounted;                  /* records whose count could not be read: they are in no sum of messages */
  int64_t dkim_disagree, spf_disagree; /* messages whose evaluation is not what our alignment says, both being known */
};

#define TALLY_EMPTY \
  { .first_s = FEEDBACK_TIME_UNKNOWN, .last_s = FEEDBACK_TIME_UNKNOWN }
#define GROUP_TALLY_EMPTY \
  { .mail = TALLY_EMPTY }

/* What decides where the messages of a record are counted. */
struct tally_terms {
  uint8_t outcome;                          /* enum outcome */
  uint8_t disposition;                      /* enum disposition */
  bool dkim_disagrees[2], spf_disagrees[2]; /* under relaxed, under strict alignment */
};
struct tally_terms tally_terms_of(const struct feedback_record *record);

/* The period of a report with a record in the sum; either may be FEEDBACK_TIME_UNKNOWN. */
void tally_add_period(struct tally *t, int64_t begin_s, int64_t end_s);
/* `records` records with `messages` messages in all, which is not negative. */
void tally_add(struct tally *t, const struct tally_terms *terms, uint64_t records, int64_t messages);
int64_t tally_passed(const struct tally *t);    /* messages that pass DMARC */
int64_t tally_evaluated(const struct tally *t); /* messages of which their receivers say whether they do */

/* To be called once a report, before its first record is added. */
void group_tally_add_report(struct group_tally *t, int64_t begin_s, int64_t end_s);
/* One record of a report with this alignment; `count` may be FEEDBACK_COUNT_UNKNOWN. */
void group_tally_add_record(struct group_tally *t, const struct tally_terms *terms, bool strict_dkim, bool strict_spf,
                            int64_t count);
/* Adds `other` to `t`. They must have no report in common: it would count twice. */
void group_tally_merge(struct group_tally *t, const struct group_tally *other);

#endif
